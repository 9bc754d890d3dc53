/* The ends of packets, compared with connections. */
#ifndef DW_FLOW_H
#define DW_FLOW_H

#include "drywire/plugin.h"

/* One end of a packet as that end sees it: its sender's, or its receiver's; or that of a
 * connection. */
typedef struct dw_flow_end {
    const dw_addr *local, *remote;
    uint16_t local_port, remote_port;
} dw_flow_end;

static inline dw_flow_end dw_sender_end(const dw_dissection *d)
{
    return (dw_flow_end){&d->src, &d->dst, d->sport, d->dport};
}

static inline dw_flow_end dw_other_end(dw_flow_end e)
{
    return (dw_flow_end){e.remote, e.local, e.remote_port, e.local_port};
}

static inline dw_flow_end dw_packet_end(const dw_dissection *d, bool receiver)
{
    return receiver ? dw_other_end(dw_sender_end(d)) : dw_sender_end(d);
}

static inline dw_flow_end dw_own_end(const dw_flow *f)
{
    return (dw_flow_end){&f->local, &f->remote, f->local_port, f->remote_port};
}

static inline bool dw_same_end(const dw_flow_end *a, const dw_flow_end *b)
{
    return a->local_port == b->local_port && a->remote_port == b->remote_port &&
           dw_addr_equal(a->local, b->local) && dw_addr_equal(a->remote, b->remote);
}

/* Whether a connection is at that end. */
static inline bool dw_flow_at_end(const dw_flow *f, const dw_flow_end *e)
{
    dw_flow_end own = dw_own_end(f);
    return dw_same_end(&own, e);
}

#endif
