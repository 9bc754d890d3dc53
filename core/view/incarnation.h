/* Connections that had the same addresses and ports, one after the other, told apart: an
 * incarnation is a connection as both its ends have it. */
#ifndef DW_INCARNATION_H
#define DW_INCARNATION_H

#include "base/map.h"
#include "drywire/drywire.h"

typedef struct dw_incarnations {
    struct dw_incarnation {
        const dw_flow *flow;   /* as the end has it that was there first */
        uint64_t first_packet; /* it has no packet with a lower number */
        uint32_t before;       /* the incarnation before, 0: none */
        bool end[2];           /* there is a connection at that end, at the other */
    } * list;                  /* from index 1 */
    uint32_t count;
    uint32_t *of_conn;     /* by connection */
    uint64_t *first, *end; /* a connection's packets: numbers in [first, end) */
    dw_map by_flow;
} dw_incarnations;

/* DW_OK or DW_E_NOMEM; either way dw_incarnations_free frees it. */
int dw_incarnations_build(const dw_trace *trace, dw_incarnations *out);
void dw_incarnations_free(dw_incarnations *incarnations);
/* That of a packet; 0: it belongs to no connection. */
uint32_t dw_incarnation_of(const dw_incarnations *incarnations, const dw_dissection *d,
                           uint64_t packet);
/* Whether a packet belongs to a connection at either end. */
bool dw_incarnation_has(const dw_trace *trace, const dw_incarnations *incarnations, uint32_t conn,
                        const dw_dissection *d, uint64_t packet);
/* Whether one is a later incarnation of another. */
bool dw_incarnation_follows(const dw_incarnations *incarnations, uint32_t later, uint32_t earlier);
/* Whether two connections are the two ends of one, at some time. */
bool dw_incarnation_shares(const dw_trace *trace, const dw_incarnations *incarnations, uint32_t a,
                           uint32_t b);

#endif
