/* Names and numbers of what a trace tells of. */
#include "base/escape.h"
#include "packet/protocols.h"
#include "trace.h"

#include <string.h>

bool dw_trace_keeps(const dw_trace *trace)
{
    return trace->keep;
}

size_t dw_trace_count(const dw_trace *trace)
{
    return trace->count;
}

const dw_trace_event *dw_trace_at(const dw_trace *trace, size_t index)
{
    return index < trace->count ? trace->events[index] : NULL;
}

uint32_t dw_trace_nodes(const dw_trace *trace)
{
    return trace->node_count;
}

const char *dw_trace_node_name(const dw_trace *trace, uint32_t node)
{
    return node < trace->node_count && trace->nodes[node] ? trace->nodes[node]->u.node.name : "?";
}

static int32_t node_named(const dw_trace *trace, const char *name)
{
    for (uint32_t i = 0; i < trace->node_count; i++)
        if (strcmp(dw_trace_node_name(trace, i), name) == 0) return (int32_t)i;
    return -1;
}

int32_t dw_trace_node_find(const dw_trace *trace, const char *name)
{
    dw_text clean = {0};
    if (dw_is_utf8(name)) return node_named(trace, name);
    dw_text_escape(&clean, DW_IN_UTF8, name); /* as it is in the trace */
    int32_t node = clean.failed ? -1 : node_named(trace, clean.data);
    dw_text_free(&clean);
    return node;
}

int32_t dw_trace_node_of(const dw_trace *trace, const dw_addr *addr)
{
    for (uint32_t i = 0; i < trace->node_count; i++)
        if (trace->nodes[i] && dw_addr_equal(&trace->nodes[i]->u.node.addr, addr))
            return (int32_t)i;
    for (uint32_t i = trace->address_count; i-- > 0;)
        if (dw_addr_equal(&trace->addresses[i]->u.node.addr, addr))
            return (int32_t)trace->addresses[i]->node;
    return -1;
}

uint32_t dw_trace_conns(const dw_trace *trace)
{
    return trace->conn_count;
}

const dw_trace_event *dw_trace_conn(const dw_trace *trace, uint32_t conn)
{
    return conn && conn <= trace->conn_count ? trace->conns[conn - 1] : NULL;
}

const dw_trace_event *dw_trace_link(const dw_trace *trace, uint32_t link)
{
    return link < trace->link_count ? trace->links[link] : NULL;
}

uint32_t dw_trace_conn_of(const dw_trace *trace, uint32_t node, uint32_t nth)
{
    for (uint32_t i = 0; i < trace->conn_count; i++)
        if (trace->conns[i] && trace->conns[i]->node == node && --nth == 0) return i + 1;
    return 0;
}

int32_t dw_trace_node_seen(const dw_trace *trace, uint32_t node, const dw_addr *addr)
{
    int32_t owner = dw_trace_node_of(trace, addr); /* in a capture it may be the name of one */
    return owner < 0 && dw_addr_is_loopback(addr) ? (int32_t)node : owner;
}

int32_t dw_trace_conn_peer(const dw_trace *trace, uint32_t conn)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    return e ? dw_trace_node_seen(trace, e->node, &e->u.conn.flow.remote) : -1;
}

bool dw_trace_is_minor(const dw_trace_event *e)
{
    return e->type == DW_TRACE_VARIABLE || e->type == DW_TRACE_DETAIL ||
           e->type == DW_TRACE_TIMER_SET || e->type == DW_TRACE_TIMER_CANCELLED ||
           e->type == DW_TRACE_QUEUED;
}

dw_time dw_trace_end(const dw_trace *trace)
{
    dw_time last = trace->count ? trace->events[trace->count - 1]->at : 0;
    return trace->until > last ? trace->until : last;
}

/* The protocols that read its packets. */

const dw_plugin *const *dw_trace_plugins(const dw_trace *trace)
{
    return trace->plugins;
}

void dw_trace_set_plugins(dw_trace *trace, const dw_plugin *const *plugins,
                          void (*release)(void *arg), void *arg)
{
    if (trace->release) trace->release(trace->release_arg);
    trace->plugins = plugins ? plugins : dw_protocols_builtin();
    trace->release = release;
    trace->release_arg = arg;
}

const dw_protocol_ops *dw_trace_protocol(const dw_trace *trace, uint32_t conn)
{
    const dw_trace_event *made = dw_trace_conn(trace, conn);
    const dw_protocol_ops *own =
        made ? dw_protocol_named(trace->plugins, made->u.conn.protocol) : NULL;
    return own && own->states ? own : dw_protocol_with_states(trace->plugins);
}

int dw_trace_state_class(const dw_trace *trace, uint32_t conn, const char *state)
{
    return dw_state_class(dw_trace_protocol(trace, conn), state);
}
