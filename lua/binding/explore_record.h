/* The record of an exploration, so that it can be gone on with: lines that say of which one it is,
 * then what it had to assume, then the results of pieces of its rounds in their order, each written
 * as soon as it is known.  A piece that was torn when the process ended does not count. */
#ifndef DWL_EXPLORE_RECORD_H
#define DWL_EXPLORE_RECORD_H

#include "deal/deal.h"

#include <lua.h>
#include <stdint.h>

/* What had been found out of the function when the exploration was begun for the last time. */
typedef struct dwl_assumed {
    uint32_t connects;
    uint8_t past;
    char past_call[200];
} dwl_assumed;

typedef struct dwl_explore_record {
    int fd;
    char name[256];
    bool reading;      /* there may be another piece in it */
    uint64_t good;     /* octets that have been read or written */
    uint64_t begin;    /* where what was assumed stands */
    char problem[700]; /* a sentence without an end, after a call that failed */
} dwl_explore_record;

/* Open it, or make it: `kinds` says in words what is explored.  *there: it has an assumption, which
 * is in *out.  false: it is refused, or cannot be read or written.  Raises errors of memory alone.
 */
bool dwl_explore_record_open(lua_State *L, dwl_explore_record *r, const char *path,
                             const char *kinds, dwl_assumed *out, bool *there);
/* Begin anew: what is behind the lines is lost. */
bool dwl_explore_record_begin(dwl_explore_record *r, const dwl_assumed *assumed);
/* The next piece; false: there is none, *out is empty, and from now on they are added, or `problem`
 * says why not. */
bool dwl_explore_record_next(dwl_explore_record *r, dw_octets *out);
bool dwl_explore_record_add(dwl_explore_record *r, const dw_octets *piece);
void dwl_explore_record_close(dwl_explore_record *r);

#endif
