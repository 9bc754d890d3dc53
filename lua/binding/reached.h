/* What was reached of TCP, by runs of which only a set is kept.
 *
 *   arrows        state changes that figure 5 of RFC 9293 has
 *   causes        of all that TCP may give for what it does (proto/tcp/tcp_cause.h)
 *   passages      sections of RFC 9293 that these causes name, and steps of 3.10.7
 *   requirements  of its ids (MUST-40), those that these causes name
 *   pairs         a state, and a cause that was given while a connection was in it
 *
 * How many pairs there could be nobody knows, so these are counted alone. */
#ifndef DWL_REACHED_H
#define DWL_REACHED_H

#include "base/state.h"

enum dwl_reached_kind { DWL_ARROWS, DWL_PASSAGES, DWL_REQUIREMENTS, DWL_CAUSES_GIVEN, DWL_PAIRS };

typedef struct dwl_reached_count {
    uint32_t reached, of; /* of 0: not known */
} dwl_reached_count;

/* The empty set. */
void dwl_reached_begin(dwl_reached *r);

/* Items of the set, below DWL_REACHED.  States and causes are indices into the protocol's lists;
 * the state behind the last one is that of no connection. */
uint32_t dwl_reached_arrow(uint32_t from, uint32_t to);
uint32_t dwl_reached_pair(uint32_t state, uint32_t cause);
static inline bool dwl_reached_has(const dwl_reached *r, uint32_t item)
{
    return r->bits[item / 64] >> item % 64 & 1;
}
static inline void dwl_reached_add(dwl_reached *r, uint32_t item)
{
    r->bits[item / 64] |= (uint64_t)1 << item % 64;
}

dwl_reached_count dwl_reached_count_of(const dwl_reached *r, enum dwl_reached_kind kind);
/* Each of a kind by its name, reached or not; of pairs, those that were. */
void dwl_reached_each(const dwl_reached *r, enum dwl_reached_kind kind,
                      void (*fn)(const char *name, bool reached, void *arg), void *arg);
/* As a table: { arrows = 14, ..., of = { arrows = 20, ... }, left = { arrows = { names }, ... } }
 */
void dwl_push_reached(lua_State *L, const dwl_reached *r);

#endif
