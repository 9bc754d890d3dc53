/* Hosts. */
#ifndef DW_NODE_H
#define DW_NODE_H

#include "drywire/plugin.h"
#include "link.h"

/* A protocol on a host. */
typedef struct dw_attached {
    const dw_protocol_ops *ops;
    const dw_plugin *plugin;
    void *instance;
} dw_attached;

enum { DW_NODE_PROTOCOLS = 12, DW_NODE_MORE_ADDRESSES = 4 };

struct dw_node {
    dw_sim *sim;
    char *name;
    uint32_t index;
    uint64_t moments; /* so far, of a plan of faults */
    uint64_t order;   /* next event key: (index + 1) << 40 | counter */
    dw_addr addr;     /* the first */
    dw_addr more_addrs[DW_NODE_MORE_ADDRESSES];
    uint32_t more_count;
    dw_attached attached[DW_NODE_PROTOCOLS];
    uint32_t attached_count;
    dw_iface **ifaces;
    uint32_t iface_count;
    dw_link *loopback;         /* NULL until it is needed; no interface of the list leads there */
    dw_iface **next_hop;       /* by node index; NULL until computed */
    uint32_t next_hop_version; /* dw_sim.topology then; another one: they are stale */
    dw_addr route_addr;        /* the last route looked up ... */
    dw_iface *route_iface;     /* ... and its answer */
    uint32_t route_version;    /* likewise */
    dw_rule_list rules;
    void (*on_state)(dw_node *node, uint32_t conn, const char *state, void *arg);
    void *on_state_arg;
    dw_stack_receive foreign; /* speaks for the host; NULL: its protocols do */
    void *foreign_arg;
    const dw_plugin *own; /* takes the place of the registered one of its name; or NULL */
};

void dw_node_free(dw_node *node);

static inline bool dw_node_has_address(const dw_node *node, const dw_addr *addr)
{
    if (DW_LIKELY(dw_addr_equal(&node->addr, addr))) return true;
    for (uint32_t i = 0; i < node->more_count; i++)
        if (dw_addr_equal(&node->more_addrs[i], addr)) return true;
    return false;
}

#endif
