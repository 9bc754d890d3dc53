/* The table of functions that plugins reach the simulation through.  A trace is read by those who
 * rely on what is in it, so what a plugin says is looked at here. */
#include "host.h"

#include "base/escape.h"
#include "attach.h"
#include "defer.h"
#include "emit.h"
#include "host_index.h"
#include "link.h"
#include "node.h"
#include "packet/cause.h"
#include "packet/buffer.h"
#include "packet/dissect.h"
#include "packet_pool.h"
#include "registry.h"
#include "resources.h"
#include "route.h"
#include "sim.h"
#include "status.h"
#include "timer.h"
#include "transmit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_name(const char *text)
{
    bool ascii = true;
    if (!text) return false;
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) return false;
        ascii &= (unsigned char)*c < 0x7f;
    }
    return ascii || dw_is_utf8(text);
}

static bool named(dw_node *node, const char *name, const char *what)
{
    return DW_LIKELY(is_name(name)) || dw_plugin_fault(node, what);
}

static bool has_cause(dw_node *node, const dw_cause *cause)
{
    return !cause || named(node, cause->name, "the name of a cause is no text of printable UTF-8");
}

static bool has_conn(dw_node *node, uint32_t conn)
{
    return DW_LIKELY(conn <= node->sim->conn_count) ||
           dw_plugin_fault(node, "it names a connection that is not there");
}

static dw_time host_now(const dw_node *node)
{
    return node->sim->now;
}

static dw_rng *host_random_stream(dw_node *node, const char *purpose)
{
    if (!purpose) {
        dw_plugin_fault(node, "a random stream without a purpose");
        purpose = "";
    }
    return dw_sim_stream(node->sim, node->name, purpose);
}

static void *host_alloc(dw_node *node, size_t size)
{
    return dw_sim_alloc(node->sim, size);
}

static void host_free(dw_node *node, void *block, size_t size)
{
    dw_sim_block_free(node->sim, block, size);
}

static dw_packet *host_packet_new(dw_node *node)
{
    return dw_packet_new(node->sim);
}

static dw_packet *host_packet_clone(dw_node *node, const dw_packet *packet)
{
    return dw_packet_clone(node->sim, packet);
}

static void host_packet_free(dw_node *node, dw_packet *packet)
{
    dw_packet_free(node->sim, packet);
}

static bool packet_fits(dw_node *node, const dw_packet *packet)
{
    return DW_LIKELY(packet->payload_len <= UINT16_MAX) ||
           dw_plugin_fault(node, "a packet of more than 65535 octets");
}

static void host_packet_drop(dw_node *node, dw_packet *packet, const dw_cause *cause)
{
    if (dw_traced(node->sim, DW_TRACE_DROPPED) && has_cause(node, cause) &&
        packet_fits(node, packet))
        dw_trace_packet(node->sim, DW_TRACE_DROPPED, NULL, node, packet, cause, 0);
    dw_packet_free(node->sim, packet);
}

static int host_send_down(dw_node *node, dw_packet *packet, const dw_flow *flow)
{
    uint16_t number = flow->remote.family == 6 ? DW_ETHERTYPE_IPV6 : DW_ETHERTYPE_IPV4;
    bool fits = packet_fits(node, packet);
    dw_attached *network = fits ? dw_node_attached(node, DW_LAYER_NETWORK, number) : NULL;
    if (!network) {
        dw_packet_free(node->sim, packet);
        return fits ? DW_E_UNREACH : DW_E_INVAL;
    }
    return network->ops->output(network->instance, packet, flow);
}

static int host_deliver_up(dw_node *node, dw_packet *packet, const dw_flow *flow)
{
    enum { DEEPEST = 64 }; /* transports that hand a packet on to each other */
    dw_sim *sim = node->sim;
    dw_attached *transport = dw_node_attached(node, DW_LAYER_TRANSPORT, flow->transport);
    if (DW_UNLIKELY(transport && sim->delivering == DEEPEST)) {
        dw_plugin_fault(node, "a packet is handed up for ever");
        dw_packet_free(sim, packet);
        return DW_E_INVAL;
    }
    if (!transport) {
        host_packet_drop(node, packet, &dw_cause_no_transport);
        return DW_E_NOENT;
    }
    sim->delivering++;
    transport->ops->input(transport->instance, packet, flow, NULL);
    sim->delivering--;
    return DW_OK;
}

static uint32_t host_iface_mtu(const dw_iface *iface)
{
    return iface->out->config.mtu;
}

static bool host_iface_is_loopback(const dw_iface *iface)
{
    return iface->node->loopback && iface->out->link == iface->node->loopback;
}

static bool host_refuses(const dw_node *node, const dw_addr *to)
{
    if (DW_LIKELY(node->sim->refusing == 0)) return false;
    const dw_iface *iface = dw_node_route((dw_node *)(uintptr_t)node, to);
    return iface && iface->out->config.refuses;
}

static bool host_is_local(const dw_node *node, const dw_addr *addr)
{
    return dw_node_has_address(node, addr) || dw_addr_is_loopback(addr);
}

static dw_addr host_address(const dw_node *node)
{
    return node->addr;
}

static dw_addr host_source(const dw_node *node, const dw_addr *to)
{
    if (dw_addr_is_loopback(to))
        return to->family == 4 ? dw_addr_v4(0x7f000001) : *to; /* not 127.0.0.2, if that is meant */
    if (dw_node_has_address(node, to)) return *to;
    for (uint32_t i = 0; i < node->more_count && node->addr.family != to->family; i++)
        if (node->more_addrs[i].family == to->family) return node->more_addrs[i];
    return node->addr;
}

static void ready_remove(dw_sim *sim, dw_socket *socket)
{
    dw_socket *before = NULL;
    for (dw_socket *s = sim->ready_first; s; before = s, s = s->ready_next) {
        if (s != socket) continue;
        if (before)
            before->ready_next = s->ready_next;
        else
            sim->ready_first = s->ready_next;
        if (sim->ready_last == s) sim->ready_last = before;
        break;
    }
    socket->ready = false;
    socket->ready_next = NULL;
}

/* events 0: forget what was to be told; a transport says so before it frees a socket. */
static void host_notify(dw_socket *socket, uint32_t events)
{
    dw_sim *sim = socket->node->sim;
    if (events == 0) {
        if (socket->ready) ready_remove(sim, socket);
        dw_deferred_forget(sim, socket);
        socket->events = 0;
        return;
    }
    socket->events |= events;
    if (socket->ready || !socket->notify) return;
    socket->ready = true;
    socket->ready_next = NULL;
    if (sim->ready_last)
        sim->ready_last->ready_next = socket;
    else
        sim->ready_first = socket;
    sim->ready_last = socket;
}

static void host_settle(dw_node *node, void *instance, void (*fn)(void *instance))
{
    dw_sim *sim = node->sim;
    if (sim->settle_count == sim->settle_capacity) {
        uint32_t capacity = sim->settle_capacity ? sim->settle_capacity * 2 : 8;
        dw_settle *settling = realloc(sim->settling, capacity * sizeof *settling);
        if (!settling) {
            dw_sim_no_memory(sim);
            return;
        }
        sim->settling = settling;
        sim->settle_capacity = capacity;
    }
    sim->settling[sim->settle_count++] = (dw_settle){instance, fn};
}

static uint32_t host_conn_new(dw_node *node, const char *protocol, const dw_flow *flow)
{
    dw_sim *sim = node->sim;
    uint32_t conn = ++sim->conn_count;
    if (!dw_traced(sim, DW_TRACE_CONN)) return conn;
    bool right = named(node, protocol, "the name of a protocol is no text of printable UTF-8");
    if (!right) protocol = "?"; /* later events name the connection */
    dw_trace_emit(sim, &(dw_trace_event){.at = sim->now,
                                         .type = DW_TRACE_CONN,
                                         .node = node->index,
                                         .link = UINT32_MAX,
                                         .conn = conn,
                                         .u.conn = {.protocol = protocol, .flow = *flow}});
    return conn;
}

static dw_trace_event event_of(dw_node *node, uint32_t conn, enum dw_trace_type type,
                               const dw_cause *cause)
{
    return (dw_trace_event){.at = node->sim->now,
                            .type = (uint8_t)type,
                            .node = node->index,
                            .link = UINT32_MAX,
                            .conn = conn,
                            .cause = cause};
}

static const char no_state[] = "the name of a state is no text of printable UTF-8";

static void host_trace_state(dw_node *node, uint32_t conn, const char *from, const char *to,
                             const dw_cause *cause)
{
    if (!dw_traced(node->sim, DW_TRACE_STATE)) return;
    if (conn == 0) dw_plugin_fault(node, "a state of no connection");
    if (conn == 0 || !has_conn(node, conn) || !has_cause(node, cause)) return;
    if (!named(node, from, no_state) || !named(node, to, no_state)) return;
    dw_trace_event e = event_of(node, conn, DW_TRACE_STATE, cause);
    e.u.state.from = from;
    e.u.state.to = to;
    dw_trace_emit(node->sim, &e);
}

static void trace_value(dw_node *node, uint32_t conn, enum dw_trace_type type, const char *name,
                        int64_t value)
{
    if (!dw_traced(node->sim, type) || !has_conn(node, conn)) return;
    if (!named(node, name, "the name of a variable is no text of printable UTF-8")) return;
    dw_trace_event e = event_of(node, conn, type, NULL);
    e.u.variable.name = name;
    e.u.variable.value = value;
    dw_trace_emit(node->sim, &e);
}

static void host_trace_variable(dw_node *node, uint32_t conn, const char *name, int64_t value)
{
    trace_value(node, conn, DW_TRACE_VARIABLE, name, value);
}

static void host_no_memory(dw_node *node)
{
    dw_sim_no_memory(node->sim);
}

static void host_trace_detail(dw_node *node, uint32_t conn, const char *name, int64_t value)
{
    trace_value(node, conn, DW_TRACE_DETAIL, name, value);
}

static void host_trace_timer(dw_node *node, uint32_t conn, enum dw_trace_type what,
                             const char *name, dw_time at, const dw_cause *cause)
{
    if (what < DW_TRACE_TIMER_SET || what > DW_TRACE_TIMER_CANCELLED) {
        dw_plugin_fault(node, "an event of a timer that is none");
        return;
    }
    if (!dw_traced(node->sim, what) || !has_conn(node, conn) || !has_cause(node, cause)) return;
    if (!named(node, name, "the name of a timer is no text of printable UTF-8")) return;
    dw_trace_event e = event_of(node, conn, what, cause);
    e.u.timer.name = name;
    e.u.timer.at = at;
    dw_trace_emit(node->sim, &e);
}

static void host_trace_call(dw_node *node, uint32_t conn, const char *call, int64_t value,
                            const char *detail, const dw_slice *data, size_t count)
{
    if (!dw_traced(node->sim, DW_TRACE_CALL) || !has_conn(node, conn)) return;
    if (!named(node, call, "the name of a call is no text of printable UTF-8")) return;
    dw_trace_event e = event_of(node, conn, DW_TRACE_CALL, NULL);
    e.u.call.name = call;
    e.u.call.value = value;
    e.u.call.detail = detail ? detail : "";
    e.u.call.data_hash = count ? dw_slices_hash(data, count) : 0;
    dw_trace_emit(node->sim, &e);
}

static void host_trace_note(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text)
{
    if (!dw_traced(node->sim, DW_TRACE_NOTE) || !has_conn(node, conn)) return;
    if (!has_cause(node, cause)) return;
    if (!text) {
        dw_plugin_fault(node, "a note without a text");
        return;
    }
    dw_trace_event e = event_of(node, conn, DW_TRACE_NOTE, cause);
    e.u.note.text = text;
    dw_trace_emit(node->sim, &e);
}

static void host_violation(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text)
{
    dw_sim *sim = node->sim;
    if (sim->config.checks == DW_CHECKS_OFF) return;
    if (!cause || !text || !has_cause(node, cause)) {
        dw_plugin_fault(node, "a violation without a cause or a text");
        return;
    }
    host_trace_note(node, conn, cause, text);
    if (sim->config.checks != DW_CHECKS_FAIL) return;
    char time[DW_TIME_TEXT];
    const char *rfc = cause->rfc ? cause->rfc : "";
    dw_sim_fail(sim, DW_E_MISMATCH, "%s: host \"%s\" at %s s: %s (%s%s%s)", cause->name, node->name,
                dw_time_format(sim->now, 6, time, sizeof time), text, cause->text, *rfc ? ", " : "",
                rfc);
    dw_sim_stop(sim, DW_E_MISMATCH);
}

static bool host_checked(const dw_node *node)
{
    return node->sim->config.checks != DW_CHECKS_OFF;
}

static void *host_peer_instance(const dw_node *node, const dw_addr *addr, const char *protocol)
{
    int32_t owner = dw_sim_node_of(node->sim, addr);
    if (dw_addr_is_loopback(addr)) owner = (int32_t)node->index;
    if (owner < 0) return NULL;
    const dw_node *peer = node->sim->nodes[owner];
    const dw_plugin *ours = dw_node_plugin(node, protocol);
    for (uint32_t i = 0; i < peer->attached_count; i++)
        if (peer->attached[i].plugin == ours) return peer->attached[i].instance;
    return NULL;
}

static void host_deliver_error(dw_node *node, const dw_flow *flow, const dw_net_error *error)
{
    dw_attached *transport = dw_node_attached(node, DW_LAYER_TRANSPORT, flow->transport);
    if (transport && DW_OFFERS(dw_protocol_ops, transport->ops, error))
        transport->ops->error(transport->instance, flow, error);
}

static void host_state_hook(dw_node *node, uint32_t conn, const char *state)
{
    if (node->on_state && named(node, state, no_state))
        node->on_state(node, conn, state, node->on_state_arg);
}

static const dw_congestion_ops *host_congestion(dw_node *node, const char *name)
{
    const dw_plugin *plugin = dw_plugin_find(node->sim, name);
    return plugin ? plugin->congestion : NULL;
}

/* A line for each member of dw_host: what stands above, or what the engine has under that name. */
void dw_host_fill(dw_sim *sim)
{
    sim->host = (dw_host){
        .size = sizeof(dw_host),
        .trace_mask = &sim->trace_mask,
        .now = host_now,
        .timer_set = dw_protocol_timer_set,
        .timer_cancel = dw_timer_cancel,
        .random_stream = host_random_stream,
        .random = dw_rng_next,
        .alloc = host_alloc,
        .free = host_free,
        .packet_new = host_packet_new,
        .packet_clone = host_packet_clone,
        .packet_free = host_packet_free,
        .packet_drop = host_packet_drop,
        .send_down = host_send_down,
        .transmit = dw_iface_transmit,
        .deliver_up = host_deliver_up,
        .route = dw_node_route,
        .iface_mtu = host_iface_mtu,
        .is_local = host_is_local,
        .address = host_address,
        .notify = host_notify,
        .settle = host_settle,
        .conn_new = host_conn_new,
        .trace_state = host_trace_state,
        .trace_variable = host_trace_variable,
        .trace_timer = host_trace_timer,
        .trace_call = host_trace_call,
        .trace_note = host_trace_note,
        .violation = host_violation,
        .checked = host_checked,
        .peer_instance = host_peer_instance,
        .deliver_error = host_deliver_error,
        .source = host_source,
        .trace_detail = host_trace_detail,
        .no_memory = host_no_memory,
        .state_hook = host_state_hook,
        .congestion = host_congestion,
        .iface_is_loopback = host_iface_is_loopback,
        .refuses = host_refuses,
    };
}
