/* RFC 9293 sections 3.10.1 to 3.10.6: the user's calls. */
#include "tcp_user.h"
#include "tcp_chain.h"
#include "tcp_check.h"
#include "tcp_delack.h"
#include "tcp_fastopen.h"
#include "tcp_giveup.h"
#include "tcp_info.h"
#include "tcp_keepalive.h"
#include "tcp_listen.h"
#include "tcp_output.h"
#include "tcp_rate.h"
#include "tcp_rcvbuf.h"
#include "tcp_record.h"
#include "tcp_segment.h"
#include "tcp_send.h"
#include "tcp_sendbuf.h"
#include "tcp_set.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_tcb.h"
#include "tcp_timewait.h"
#include "tcp_trace.h"
#include "tcp_tune.h"
#include "tcp_urgent.h"
#include "tcp_window.h"

#include <stdio.h>

static dw_tcb *of(dw_socket *socket)
{
    return (dw_tcb *)(void *)socket;
}

static void trace_call(const dw_tcb *t, const char *call, int64_t value, const dw_slice *data,
                       size_t count)
{
    if (dw_tcp_traced(t->tcp, DW_TRACE_CALL))
        t->tcp->host->trace_call(t->tcp->node, t->socket.conn, call, value, NULL, data, count);
}

/* OPEN. */

static bool flow_taken(const dw_tcp *tcp, const dw_flow *flow)
{
    return dw_tcp_table_find(&tcp->table, flow) || dw_tcp_table_find(&tcp->time_wait, flow);
}

/* An old connection of the same flow, which is in TIME-WAIT, and what of it a new one goes by. */
typedef struct predecessor {
    dw_tcb *t;
    dw_tcp_time_wait *w;
    dw_time since;
    uint32_t snd_nxt, ts_recent;
    dw_time ts_recent_at;
} predecessor;

/* False: there is none, or it agreed on no time stamps, without which nothing tells a late segment
 * of the one connection from the other's. */
static bool find_predecessor(dw_tcp *tcp, const dw_flow *flow, predecessor *out)
{
    dw_tcb *t = dw_tcp_find(tcp, flow);
    dw_tcp_time_wait *w = dw_tcp_time_wait_of(dw_tcp_table_find(&tcp->time_wait, flow));
    if (t && t->state == DW_TCP_TIME_WAIT && t->ts_ok) {
        *out = (predecessor){.t = t,
                             .since = t->deadline[DW_TCP_TIMER_TIME_WAIT],
                             .snd_nxt = t->snd_nxt,
                             .ts_recent = t->ts_recent,
                             .ts_recent_at = t->ts_recent_at};
    } else if (!t && w && w->ts_ok) {
        *out = (predecessor){.w = w,
                             .since = w->timer.expires,
                             .snd_nxt = w->snd_nxt,
                             .ts_recent = w->ts_recent,
                             .ts_recent_at = w->ts_recent_at};
    } else {
        return false;
    }
    out->since -= dw_tcp_time_wait_length(tcp);
    return true;
}

static bool is_loopback(const dw_flow *flow)
{
    return dw_addr_is_loopback(&flow->local) || dw_addr_is_loopback(&flow->remote);
}

/* Whether OPEN may end a TIME-WAIT and have its ports: RFC 6191 for the side that opens, as Linux
 * has it (tcp_twsk_unique). */
static bool may_reuse(dw_tcp *tcp, const dw_flow *flow, bool named, predecessor *out)
{
    const dw_tcp_profile *p = &tcp->profile;
    if (!find_predecessor(tcp, flow, out)) return false;
    if (named) return p->time_wait_reuse_named;
    if (p->time_wait_reuse == DW_TCP_REUSE_OFF) return false;
    if (p->time_wait_reuse == DW_TCP_REUSE_LOOPBACK && !is_loopback(flow)) return false;
    return tcp->host->now(tcp->node) > dw_time_add(out->since, p->time_wait_reuse_delay);
}

/* A port that is free, or to be had from *old, whose snd_nxt is told by a true *reuse. */
static int choose_port(dw_tcp *tcp, dw_flow *flow, predecessor *old, bool *reuse)
{
    uint32_t first = tcp->profile.port_first, last = tcp->profile.port_last;
    if (flow->local_port) {
        if (!flow_taken(tcp, flow)) return DW_OK;
        *reuse = may_reuse(tcp, flow, true, old);
        return *reuse ? DW_OK : DW_E_ISCONN;
    }
    for (uint32_t tries = first; tries <= last; tries++) {
        if (tcp->next_port < first || tcp->next_port > last) tcp->next_port = (uint16_t)first;
        flow->local_port = tcp->next_port;
        tcp->next_port = tcp->next_port == last ? (uint16_t)first : (uint16_t)(tcp->next_port + 1);
        if (!flow_taken(tcp, flow)) return DW_OK;
        *reuse = may_reuse(tcp, flow, false, old);
        if (*reuse) return DW_OK;
    }
    return DW_E_ADDRINUSE;
}

static void end_predecessor(const predecessor *old)
{
    if (old->w) {
        dw_tcp_time_wait_end(old->w, CAUSE(TIME_WAIT_REUSED));
        return;
    }
    dw_tcp_delete(old->t, DW_OK, CAUSE(TIME_WAIT_REUSED));
    dw_tcp_reap(old->t);
}

/* The ISS is above all that the old connection sent, and what it has seen of the peer's clock goes
 * on being a guard against its segments. */
static dw_tcb *new_from(dw_tcp *tcp, const dw_flow *flow, const predecessor *old, bool reuse)
{
    if (!reuse) return dw_tcp_new(tcp, flow);
    end_predecessor(old);
    tcp->reopening = true;
    tcp->reopen_above = old->snd_nxt;
    dw_tcb *t = dw_tcp_new(tcp, flow);
    tcp->reopening = false;
    if (!t) return NULL;
    t->ts_recent = old->ts_recent;
    t->ts_recent_at = old->ts_recent_at;
    return t;
}

/* Data given with the OPEN: all of it, or what the SYN has room for. */
static void take_early_data(dw_tcb *t, const dw_open *how)
{
    uint64_t room = how->taken ? dw_tcp_fast_room(t) : UINT64_MAX, taken = 0;
    for (size_t i = 0; i < how->count; i++) {
        dw_slice part = how->data[i];
        if (part.len > room) part.len = (uint32_t)room;
        if (part.len == 0) break;
        trace_call(t, "send", part.len, &part, 1);
        if (!dw_slice_push(&t->unsent, part)) dw_tcp_no_memory(t->tcp);
        taken += part.len;
        room -= part.len;
    }
    if (how->taken) *how->taken = taken; /* the references, even where there was no memory */
    t->pushed = t->unsent.bytes;
}

static uint64_t octets_of(const dw_open *how)
{
    uint64_t total = 0;
    for (size_t i = 0; i < how->count; i++)
        total += how->data[i].len;
    return total;
}

static int user_open(void *instance, const dw_open *how, dw_socket **out)
{
    dw_tcp *tcp = instance;
    dw_flow flow = how->flow;
    flow.transport = DW_TCP_PROTOCOL;
    if (flow.remote_port == 0) return DW_E_INVAL;
    if (!dw_addr_is_unicast(&flow.remote)) return DW_E_ADDRNOTAVAIL; /* MUST-46 */
    /* MUST-44: IP knows which of our addresses to use, unless the user says (MUST-43). */
    if (flow.local.family == 0) flow.local = tcp->host->source(tcp->node, &flow.remote);
    if (!tcp->host->is_local(tcp->node, &flow.local)) return DW_E_ADDRNOTAVAIL;
    if (!tcp->host->route(tcp->node, &flow.remote)) return DW_E_UNREACH;
    predecessor old = {0};
    bool reuse = false;
    int status = choose_port(tcp, &flow, &old, &reuse);
    if (status != DW_OK) return status;
    dw_tcb *t = new_from(tcp, &flow, &old, reuse);
    if (!t) return DW_E_NOMEM;
    t->user = DW_TCP_USER_HERE;
    for (size_t i = 0; i < how->setting_count; i++) {
        char why[200];
        status = dw_tcp_set(t, how->settings[i].name, how->settings[i].text, why, sizeof why);
        if (status == DW_OK) continue;
        dw_tcp_delete(t, DW_OK, CAUSE(USER_CLOSE));
        dw_tcp_free(t);
        return status;
    }
    t->link.flow.tos = (uint8_t)t->set->tos;
    t->link.flow.ttl = (uint8_t)t->set->ttl;
    if (t->set->udp_port) {
        t->link.flow.udp_local = (uint16_t)tcp->profile.udp_port;
        t->link.flow.udp_remote = (uint16_t)t->set->udp_port;
    }
    trace_call(t, "connect", flow.remote_port, NULL, 0);
    const dw_tcp_cookie_entry *known = dw_tcp_fast_recall(tcp, &flow.remote);
    bool wanted = t->set->fast_open && (how->fast || how->count > 0);
    t->fast_asked = wanted && !(known && known->refused) && !tcp->profile.fast_open_bare_client;
    t->fast_bare = wanted && tcp->profile.fast_open_bare_client;
    t->fast_experiment = known && known->experimental;
    take_early_data(t, how);
    uint32_t had = t->unsent.bytes;
    dw_tcp_set_state(t, DW_TCP_SYN_SENT, CAUSE(ACTIVE_OPEN));
    dw_tcp_send_control(t, DW_TCP_SYN, CAUSE(ACTIVE_OPEN));
    bool all = had > 0 && t->unsent.bytes == 0 && had == octets_of(how); /* went with the SYN */
    t->write_pending = how->waits && !all;
    *out = &t->socket;
    return DW_OK;
}

static int user_connect(void *instance, const dw_flow *wanted, dw_socket **out)
{
    return user_open(instance, &(dw_open){.flow = *wanted}, out);
}

static int user_listen(void *instance, const dw_flow *flow, int backlog, dw_socket **out)
{
    return dw_tcp_listener_new(instance, flow, backlog, out);
}

static int user_accept(dw_socket *socket, dw_socket **out)
{
    dw_tcp_listener *l = (dw_tcp_listener *)(void *)socket;
    if (l->crashed) return DW_E_CRASHED;
    dw_tcb *t = l->first;
    if (!t) return DW_E_AGAIN;
    dw_tcp_list_remove(t);
    if (!l->first) l->last = NULL;
    l->waiting--;
    t->listener = NULL;
    t->place = DW_TCP_PLACE_NONE;
    t->user = DW_TCP_USER_HERE;
    trace_call(t, "accept", 0, NULL, 0);
    *out = &t->socket;
    return DW_OK;
}

/* SEND. */

/* 3.10.2 by states.  In SYN-SENT and SYN-RECEIVED data is queued, "for transmission after entering
 * ESTABLISHED"; behind our own FIN none can follow. */
static int may_send(const dw_tcb *t)
{
    if (t->error) return t->error;
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_SYN_SENT:
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_ESTABLISHED:
    case DW_TCP_CLOSE_WAIT: return t->fin_queued ? DW_E_CLOSING : DW_OK;
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT: return DW_E_CLOSING;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_STATES: return DW_E_NOTCONN;
    }
    return DW_E_NOTCONN;
}

/* How much the send buffer takes now. */
static uint32_t send_room(const dw_tcb *t)
{
    uint32_t used = t->unsent.bytes + dw_tcp_flight(t);
    return dw_tcp_writable(t) ? t->set->send_buffer - used : 0;
}

/* As much of a slice as there is room for; returns how much. */
static uint32_t take_slice(dw_tcb *t, dw_slice slice, uint32_t flags)
{
    uint32_t room = send_room(t);
    if (slice.len > room) slice.len = room;
    if (slice.len == 0) return 0;
    if (dw_tcp_traced(t->tcp, DW_TRACE_CALL)) trace_call(t, "send", slice.len, &slice, 1);
    if (!dw_slice_push(&t->unsent, slice)) dw_tcp_no_memory(t->tcp);
    if (!(flags & DW_SEND_MORE)) t->pushed = t->unsent.bytes;
    return slice.len;
}

static int64_t user_send_flagged(dw_socket *socket, const dw_slice *slices, size_t count,
                                 uint32_t flags)
{
    dw_tcb *t = of(socket);
    int status = may_send(t);
    if (status != DW_OK) return status;
    int64_t total = 0, asked = 0;
    if (t->rec) dw_tcp_rate_check_limited(t);
    if (t->tcp->profile.send_whole_buffers) return dw_tcp_chain_take(t, slices, count, flags);
    for (size_t i = 0; i < count; i++)
        asked += slices[i].len;
    for (size_t i = 0; i < count; i++) {
        uint32_t taken = take_slice(t, slices[i], flags);
        total += taken;
        if (taken < slices[i].len) break;
    }
    if (total < asked) t->writable_wanted = true;
    if (total == 0) return 0;
    if (flags & DW_SEND_URGENT) dw_tcp_urgent_send(t);
    if (flags & DW_SEND_EOR && total == asked) dw_tcp_record_ends(t);
    dw_tcp_output(t);
    return total;
}

static int64_t user_send(dw_socket *socket, const dw_slice *slices, size_t count)
{
    return user_send_flagged(socket, slices, count, 0);
}

/* RECEIVE. */

/* Reading makes room.  The peer is told when the window at least doubles, so that a fast reader
 * costs no extra segments and a slow one cannot keep it shut (3.8.6.2.2). */
static void offer_window(dw_tcb *t)
{
    if (t->fin_received || !dw_tcp_synchronized(t)) return;
    uint32_t window = dw_tcp_receive_window(t);
    if (window == t->rcv_wnd || window / 2 < t->rcv_wnd) return;
    dw_tcp_send_ack(t, CAUSE(WINDOW_UPDATE));
    dw_tcp_trace_variables(t);
}

static int64_t user_recv(dw_socket *socket, uint64_t max, dw_slice *out)
{
    dw_tcb *t = of(socket);
    if (t->received.count > 0) {
        *out = dw_slice_take(&t->received, max < UINT32_MAX ? (uint32_t)max : UINT32_MAX);
        if (dw_tcp_traced(t->tcp, DW_TRACE_CALL)) trace_call(t, "recv", out->len, out, 1);
        dw_tcp_rcvbuf_read(t, out->len);
        dw_tcp_tune_read(t);
        if (t->received.count == 0 || out->len == max) { /* once for the whole call */
            dw_tcp_delack_read(t);
            offer_window(t);
        }
        return out->len;
    }
    if (t->error) return t->error;
    if (t->fin_received) return DW_E_CLOSED;
    return t->state == DW_TCP_CLOSED ? DW_E_NOTCONN : DW_E_AGAIN;
}

static int64_t user_peek(const dw_socket *socket, uint64_t max, uint8_t *out)
{
    const dw_tcb *t = (const dw_tcb *)(const void *)socket;
    int64_t total = 0;
    for (uint32_t i = 0; i < t->received.count && max > 0; i++) {
        dw_slice slice = t->received.items[(t->received.head + i) & (t->received.capacity - 1)];
        if (slice.len > max) slice.len = (uint32_t)max;
        dw_slice_copy(&slice, out + total);
        total += slice.len;
        max -= slice.len;
    }
    if (total > 0 || t->received.bytes > 0) return total;
    if (t->error) return t->error;
    if (t->fin_received) return DW_E_CLOSED;
    return t->state == DW_TCP_CLOSED ? DW_E_NOTCONN : DW_E_AGAIN;
}

/* CLOSE. */

/* The states from which our FIN is still to come. */
static int send_fin(dw_tcb *t)
{
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_SYN_SENT: t->fin_queued = true; return DW_OK;
    case DW_TCP_SYN_RECEIVED:
        t->fin_queued = true;
        if (t->unsent.bytes > 0) return DW_OK; /* goes on in ESTABLISHED */
        dw_tcp_set_state(t, DW_TCP_FIN_WAIT_1, CAUSE(USER_CLOSE));
        break;
    case DW_TCP_ESTABLISHED:
        t->fin_queued = true;
        dw_tcp_set_state(t, DW_TCP_FIN_WAIT_1, CAUSE(USER_CLOSE));
        break;
    case DW_TCP_CLOSE_WAIT: t->fin_queued = true; break;
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT: return DW_E_CLOSING; /* no second FIN */
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_STATES: return t->error ? t->error : DW_E_NOTCONN;
    }
    dw_tcp_output(t);
    return DW_OK;
}

static int user_shutdown(dw_socket *socket)
{
    dw_tcb *t = of(socket);
    trace_call(t, "shutdown", 0, NULL, 0);
    if (t->fin_queued) return DW_E_CLOSING;
    if (t->state == DW_TCP_SYN_RECEIVED && !t->fast && t->tcp->profile.shutdown_waits_for_syn) {
        t->fin_queued = true;
        return DW_OK;
    }
    return send_fin(t);
}

/* RFC 9293 has no such call; systems differ on what becomes of the data. */
static int user_shutdown_read(dw_socket *socket)
{
    dw_tcb *t = of(socket);
    trace_call(t, "shutdown_read", 0, NULL, 0);
    if (!dw_tcp_discards(t)) return DW_OK;
    uint32_t unread = t->received.bytes;
    dw_slice_clear(&t->received);
    dw_tcp_rcvbuf_read(t, unread);
    offer_window(t);
    return DW_OK;
}

static void reset_and_delete(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_reset(t, cause);
    dw_tcp_delete(t, DW_E_RESET, cause);
}

/* The user lets go of a socket.  A listener ends at once, and NULL is returned; a connection may
 * have to live on by itself. */
static dw_tcb *let_go(dw_socket *socket, const char *call)
{
    if (socket->listening) {
        dw_tcp_listener_close((dw_tcp_listener *)(void *)socket);
        return NULL;
    }
    dw_tcb *t = of(socket);
    trace_call(t, call, 0, NULL, 0);
    t->user = DW_TCP_USER_GONE;
    t->tcp->host->notify(socket, 0);
    return t;
}

/* What nobody will read makes room: a peer that waits for the window finds it open, sends, and
 * learns by a RST that it does so in vain (SHLD-3). */
static void close_in_order(dw_tcb *t)
{
    dw_slice_clear(&t->received);
    send_fin(t);
    if (t->state == DW_TCP_FIN_WAIT_2) dw_tcp_start_finwait2_timeout(t);
}

static void user_close(dw_socket *socket)
{
    dw_tcb *t = let_go(socket, "close");
    if (!t) return;
    if (t->state == DW_TCP_CLOSED) {
        dw_tcp_reap(t);
        return;
    }
    bool open = dw_tcp_synchronized(t) || t->fast; /* data of a SYN is data */
    bool unread = t->received.bytes > 0 && open && t->state != DW_TCP_TIME_WAIT;
    if (t->state == DW_TCP_SYN_SENT)
        dw_tcp_delete(t, DW_OK, CAUSE(USER_CLOSE));
    else if (unread && t->tcp->profile.close_unread == DW_TCP_UNREAD_RST)
        reset_and_delete(t, CAUSE(UNREAD_DATA));
    else
        close_in_order(t);
    dw_tcp_check(t);
    dw_tcp_reap(t);
}

/* ABORT. */

/* 3.10.5: a RST goes where the peer has a connection that it could reset; what waits for the last
 * acknowledgments is just forgotten. */
static void user_abort(dw_socket *socket)
{
    dw_tcb *t = let_go(socket, "abort");
    if (!t) return;
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSE_WAIT: reset_and_delete(t, CAUSE(USER_ABORT)); break;
    case DW_TCP_SYN_SENT:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT: dw_tcp_delete(t, DW_E_RESET, CAUSE(USER_ABORT)); break;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_STATES: break;
    }
    dw_tcp_reap(t);
}

/* STATUS. */

static int user_error(const dw_socket *socket)
{
    if (socket->listening)
        return ((const dw_tcp_listener *)(const void *)socket)->crashed ? DW_E_CRASHED : DW_OK;
    return ((const dw_tcb *)(const void *)socket)->error;
}

static const char *user_state(const dw_socket *socket)
{
    if (socket->listening) return user_error(socket) ? "CLOSED" : "LISTEN";
    return dw_tcp_state_names[((const dw_tcb *)(const void *)socket)->state];
}

/* What an open connection does at once when one of its options has changed. */
static void was_set(dw_tcb *t, const char *name)
{
    if (strncmp(name, "keepalive", 9) == 0) dw_tcp_keepalive_start(t);
    if (strcmp(name, "user_timeout") == 0)
        t->user_timeout_due = t->tcp->profile.user_timeout_option;
    bool pushes = strcmp(name, "nagle") == 0 || strcmp(name, "cork") == 0;
    if (pushes && t->unsent.bytes > 0) {
        if (!t->set->nagle) t->sws_override = true; /* also what is corked */
        dw_tcp_output(t);
    }
}

static int user_set(dw_socket *socket, const char *name, const char *text, char *why,
                    size_t why_size)
{
    if (socket->listening)
        return dw_tcp_set_listener((dw_tcp_listener *)(void *)socket, name, text, why, why_size);
    dw_tcb *t = of(socket);
    int status = dw_tcp_set(t, name, text, why, why_size);
    if (status == DW_OK) was_set(t, name);
    return status;
}

static int user_set_value(dw_socket *socket, const char *name, int64_t value, char *why,
                          size_t why_size)
{
    if (socket->listening)
        return dw_tcp_set_listener_value((dw_tcp_listener *)(void *)socket, name, value, why,
                                         why_size);
    dw_tcb *t = of(socket);
    int status = dw_tcp_set_value(t, name, value, why, why_size);
    if (status == DW_OK) was_set(t, name);
    return status;
}

const dw_socket_ops dw_tcp_sockets = {
    .size = sizeof dw_tcp_sockets,
    .connect = user_connect,
    .listen = user_listen,
    .accept = user_accept,
    .send = user_send,
    .recv = user_recv,
    .shutdown = user_shutdown,
    .shutdown_read = user_shutdown_read,
    .close = user_close,
    .abort = user_abort,
    .error = user_error,
    .state = user_state,
    .info = dw_tcp_info,
    .open = user_open,
    .send_flagged = user_send_flagged,
    .set = user_set,
    .set_value = user_set_value,
    .options = dw_tcp_setting_options,
    .peek = user_peek,
};
