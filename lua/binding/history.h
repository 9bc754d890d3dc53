/* What a script that is explored has been told (dw.explore).
 *
 * Two runs may be taken for one from a moment on only if the script, too, is in the same state in
 * both.  It is, where it was told the same things in the same order: all that calls returned, and
 * all that callbacks were given.  So these are mixed into one number, the history.  What cannot be
 * known from the simulation's state, because it is about what went before (the trace, the time that
 * has passed), must not be asked by scripts whose runs are merged; it is noted that they did. */
#ifndef DWL_HISTORY_H
#define DWL_HISTORY_H

#include "base/records.h"

/* How much of what went before a script asks for. */
enum dwl_past {
    DWL_PAST_NOTHING,
    DWL_PAST_STATES, /* which states connections have been in: it can be made part of the history */
    DWL_PAST_ALL
};

/* A script that is explored asks; `call` is "dw.expect():packets". */
void dwl_looks_back(lua_State *L, enum dwl_past how_far, const char *call);
/* Mix a number, or the n values on top of the stack. */
void dwl_history_mix(dwl_state *state, uint64_t value);
void dwl_history_values(lua_State *L, dwl_state *state, int n);
/* A function, which lies below its arguments, is about to be called back by `in`. */
void dwl_history_callback(lua_State *L, dwl_state *state, int nargs, const char *in);
/* The word for what happened: the state that a hook was waiting for. */
void dwl_history_word(dwl_state *state, const char *word);
static inline bool dwl_explores(const dwl_state *state)
{
    return DW_UNLIKELY(state->exploring != NULL);
}

/* It opens a connection: not the last one, as far as it is known from the runs before. */
void dwl_history_connects(dwl_state *state);

/* While a script is explored, its objects' methods note what they tell. */
void dwl_history_begin(lua_State *L);
void dwl_history_end(lua_State *L);

#endif
