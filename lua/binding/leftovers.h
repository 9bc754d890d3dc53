/* Pieces of a script's work that may be done in other processes.
 *
 * Each piece begins alike, whoever does it and whatever was done before: without a last simulation,
 * with the same creation numbers.  What it changes in the record of the Lua state beside its result
 * (digests, notes, what it asked for ...) goes with that, and is added in the order of pieces; what
 * it changes in Lua stays where it was done, and must not matter. */
#ifndef DWL_LEFTOVERS_H
#define DWL_LEFTOVERS_H

#include "base/state.h"
#include "deal/deal.h"

/* What there was when a piece began. */
typedef struct dwl_piece {
    dwl_sim *last;
    uint64_t next_object, mix;
    lua_Integer mentioned;
    uint32_t sims_made, asserts;
    int expectations;
    bool forgotten;
    size_t covers, notes, names;
    char absent_at[sizeof((dwl_state *)0)->absent_at], absent[sizeof((dwl_state *)0)->absent];
} dwl_piece;

/* What it has changed; in octets, the requirements, the notes and the names of parameters follow.
 */
typedef struct dwl_leftovers {
    int ending, exit_code;
    char ending_at[sizeof((dwl_state *)0)->ending_at];
    uint64_t mix, params_asked, faults_struck;
    uint32_t sims, asserts, drop_asked, drop_hit, stacks_used;
    int expectations;
    bool out_of_memory, forgotten, forgotten_ran;
    char forgotten_at[sizeof((dwl_state *)0)->forgotten_at];
    size_t covers, notes, names;
} dwl_leftovers;

/* In a process that has begun as a worker. */
void dwl_worker_begins(dwl_state *s);
/* Begin one.  The simulation that was the last one is on the stack until dwl_piece_end, where it
 * has to be on top again. */
dwl_piece dwl_piece_begin(lua_State *L, dwl_state *s);
void dwl_piece_end(lua_State *L, dwl_state *s, const dwl_piece *b);

/* Since it began. */
dwl_leftovers dwl_leftovers_of(const dwl_state *s, const dwl_piece *b);
void dwl_leftovers_write(const dwl_state *s, const dwl_piece *b, const dwl_leftovers *l,
                         dw_octets *out);
/* What was written.  Those of another process are added to what this one has.  How many octets they
 * were. */
size_t dwl_leftovers_read(dwl_state *s, const char *data, bool others);

#endif
