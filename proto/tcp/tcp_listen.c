/* RFC 9293 section 3.10.7.2, LISTEN STATE, and the listener's queues.
 *
 * A listener is no TCB: each SYN makes one that begins in LISTEN.  One that returns to LISTEN
 * (a reset in SYN-RECEIVED) is kept for the next SYN, so that its history reads as the RFC's. */
#include "tcp_listen.h"
#include "tcp_accecn.h"
#include "tcp_arrives.h"
#include "tcp_cookie.h"
#include "tcp_ecn.h"
#include "tcp_fastopen.h"
#include "tcp_negotiate.h"
#include "tcp_reass.h"
#include "tcp_rtt.h"
#include "tcp_rules.h"
#include "tcp_sack.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_send.h"
#include "tcp_set.h"
#include "tcp_settings.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_tcb.h"
#include "tcp_timer.h"
#include "tcp_timewait.h"
#include "tcp_trace.h"
#include "tcp_user.h"
#include "tcp_window.h"

#include <stdio.h>

enum { DEFAULT_BACKLOG = 128 };

static bool overlap(const dw_addr *a, const dw_addr *b)
{
    return a->family == 0 || b->family == 0 || dw_addr_equal(a, b);
}

static bool port_in_table(const dw_tcp_table *table, uint16_t port)
{
    for (uint32_t b = 0; b < table->size; b++)
        for (const dw_tcp_link *link = table->buckets[b]; link; link = link->next)
            if (link->flow.local_port == port) return true;
    return false;
}

/* MUST-41: a passive OPEN makes a new record or fails, and touches no other.  MUST-42: connections
 * of the port are no obstacle, unless the profile behaves like an operating system without
 * SO_REUSEADDR. */
static int check_port(const dw_tcp *tcp, const dw_flow *flow)
{
    if (flow->local_port == 0) return DW_E_INVAL;
    if (flow->local.family && !tcp->host->is_local(tcp->node, &flow->local))
        return DW_E_ADDRNOTAVAIL;
    for (dw_tcp_listener *l = tcp->listeners; l; l = l->next)
        if (l->flow.local_port == flow->local_port && !l->crashed &&
            overlap(&l->flow.local, &flow->local) && overlap(&l->flow.remote, &flow->remote))
            return DW_E_ADDRINUSE;
    if (tcp->profile.reuse_address) return DW_OK;
    bool taken = port_in_table(&tcp->table, flow->local_port) ||
                 port_in_table(&tcp->time_wait, flow->local_port);
    return taken ? DW_E_ADDRINUSE : DW_OK;
}

int dw_tcp_listener_new(dw_tcp *tcp, const dw_flow *flow, int backlog, dw_socket **out)
{
    int status = check_port(tcp, flow);
    if (status != DW_OK) return status;
    dw_tcp_listener *l = tcp->host->alloc(tcp->node, sizeof *l);
    if (!l) return DW_E_NOMEM;
    l->socket = (dw_socket){.ops = &dw_tcp_sockets, .node = tcp->node, .listening = true};
    l->tcp = tcp;
    l->flow = *flow;
    l->backlog = backlog > 0 ? (uint32_t)backlog : DEFAULT_BACKLOG;
    if (backlog < 0) l->backlog = tcp->profile.accept_queue == DW_TCP_QUEUE_BACKLOG;
    uint32_t max = tcp->profile.backlog_most;
    if (max > 0 && l->backlog > max) l->backlog = max;
    l->next = tcp->listeners;
    tcp->listeners = l;
    char detail[32];
    snprintf(detail, sizeof detail, "port %u", flow->local_port);
    tcp->host->trace_call(tcp->node, 0, "listen", flow->local_port, detail, NULL, 0);
    *out = &l->socket;
    return DW_OK;
}

/* The most particular listener: one that names its address or its peer comes before one that does
 * not. */
dw_tcp_listener *dw_tcp_find_listener(dw_tcp *tcp, const dw_flow *flow)
{
    dw_tcp_listener *best = NULL;
    int best_names = -1;
    for (dw_tcp_listener *l = tcp->listeners; l; l = l->next) {
        if (l->flow.local_port != flow->local_port || l->crashed) continue;
        if (l->flow.local.family && !dw_addr_equal(&l->flow.local, &flow->local)) continue;
        /* A listener that names its peer hears no other (RFC 9293 3.9.1.1). */
        if (l->flow.remote.family && !dw_addr_equal(&l->flow.remote, &flow->remote)) continue;
        if (l->flow.remote_port && l->flow.remote_port != flow->remote_port) continue;
        int names = !!l->flow.local.family + !!l->flow.remote.family + !!l->flow.remote_port;
        if (names <= best_names) continue;
        best = l;
        best_names = names;
    }
    return best;
}

static void list_add(dw_tcb **at, dw_tcb *t)
{
    t->queue_next = *at;
    t->queue_link = at;
    if (*at) (*at)->queue_link = &t->queue_next;
    *at = t;
}

void dw_tcp_list_remove(dw_tcb *t)
{
    DW_ASSERT(t->queue_link);
    *t->queue_link = t->queue_next;
    if (t->queue_next) t->queue_next->queue_link = t->queue_link;
    t->queue_next = NULL;
    t->queue_link = NULL;
}

static void place_half_open(dw_tcp_listener *l, dw_tcb *t)
{
    t->listener = l;
    t->place = DW_TCP_PLACE_HALF_OPEN;
    list_add(&l->half_open, t);
    l->half_open_count++;
}

static dw_tcb *new_half_open(dw_tcp_listener *l, const dw_flow *flow)
{
    dw_tcp *tcp = l->tcp;
    dw_tcb *t = l->spare;
    if (t) {
        dw_tcp_list_remove(t);
        t->link.flow = *flow;
        t->link.flow.route = NULL;
        dw_tcp_size_receiver(t); /* the SYN before may have had no use for a scale */
        dw_tcp_rtt_init(t);
        dw_tcp_choose_iss(t);
        dw_tcp_table_add(tcp, &tcp->table, &t->link);
        t->in_table = true;
    } else {
        dw_flow own = *flow;
        own.tos = 0; /* what the peer uses is its affair */
        own.route = NULL;
        t = dw_tcp_new(tcp, &own);
        if (!t) return NULL;
        t->state = DW_TCP_LISTEN; /* where a passive open begins; nothing to trace yet */
        t->passive = true;
    }
    for (const dw_tcp_inherited *i = l->inherited; i; i = i->next) {
        char why[8];
        dw_tcp_inherit(t, i->name, i->text, why, sizeof why);
    }
    place_half_open(l, t);
    return t;
}

/* What the listener's user has set, without a word in the trace. */
static void inherit(dw_tcp_listener *l, dw_tcb *t)
{
    for (const dw_tcp_inherited *i = l->inherited; i; i = i->next) {
        char why[8];
        dw_option_set(dw_tcp_setting_options, dw_tcp_settings_own(t), i->name, i->text, why,
                      sizeof why);
        t->receive_fixed |= strcmp(i->name, "receive_buffer") == 0;
    }
}

/* The SYN,ACK of RFC 4987 section 3.6: nothing is kept, so the connection lasts as long as this
 * call. */
static void answer_with_cookie(dw_tcp_listener *l, const dw_seg *s)
{
    dw_tcb t = {.tcp = l->tcp,
                .link.flow = *s->flow,
                .state = DW_TCP_SYN_RECEIVED,
                .passive = true,
                .cookie = true,
                .iss = dw_tcp_cookie_make(l->tcp, s),
                .irs = s->seq,
                .rcv_nxt = s->seq + 1,
                .ts_recent = s->ts_val,
                .snd_mss = DW_TCP_DEFAULT_MSS};
    dw_flow flow = *s->flow;
    l->tcp->made_cookies = true;
    flow.tos = 0;
    t.link.flow.route = NULL;
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        t.deadline[i] = DW_TIME_NEVER;
    if (!dw_tcp_settings_begin(&t, &flow)) return;
    inherit(l, &t);
    dw_tcp_size_receiver(&t);
    if (dw_tcp_cookie_offers(&t, s)) dw_tcp_ecn_negotiate_plain(&t, s);
    if (!t.wscale_ok) t.rcv_wscale = 0;
    dw_tcp_first_window(&t, t.ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
    dw_tcp_send_cookie(&t);
    dw_tcp_settings_end(&t);
}

/* How many may wait to be accepted. */
static uint32_t accept_max(const dw_tcp_listener *l)
{
    switch ((enum dw_tcp_queue_rule)l->tcp->profile.accept_queue) {
    case DW_TCP_QUEUE_BACKLOG: break;
    case DW_TCP_QUEUE_LINUX: return l->backlog + 1;       /* sk_acceptq_is_full */
    case DW_TCP_QUEUE_BSD: return 3 * l->backlog / 2 + 1; /* sonewconn */
    }
    return l->backlog;
}

/* An ACK brings a cookie back: the connection comes to be, as if it had been half open. */
static bool open_from_cookie(dw_tcp_listener *l, dw_seg *s)
{
    const dw_tcp_profile *p = &l->tcp->profile;
    dw_seg syn;
    if (p->syn_full != DW_TCP_FULL_COOKIES && !p->syn_cookies_always) return false;
    if (s->flags & DW_TCP_SYN || !dw_tcp_cookie_check(l->tcp, s, &syn)) return false;
    dw_tcb *t = l->waiting < accept_max(l) ? new_half_open(l, s->flow) : NULL;
    if (!t) {
        s->drop = CAUSE(DROP_ACCEPT_FULL);
        return true;
    }
    t->iss = s->ack - 1;
    t->snd_una = t->iss;
    t->snd_nxt = t->snd_up = t->push_seq = s->ack;
    t->ecn_recover = t->recover = t->iss;
    t->retransmit_nxt = t->retransmit_end = t->snd_nxt;
    dw_tcp_negotiate(t, &syn);
    t->last_ack_sent = t->rcv_nxt;
    dw_tcp_set_state(t, DW_TCP_SYN_RECEIVED, CAUSE(SYN_COOKIE_VALID));
    dw_tcp_segment_for_tcb(t, s);
    return true;
}

static bool half_open_full(const dw_tcp_listener *l)
{
    const dw_tcp_profile *p = &l->tcp->profile;
    uint32_t max = p->syn_backlog ? p->syn_backlog : accept_max(l);
    uint32_t places = p->syn_backlog_unproven;
    bool alone = p->syn_backlog || p->accept_queue != DW_TCP_QUEUE_BACKLOG;
    if (l->half_open_count >= max || (!alone && l->half_open_count + l->waiting >= max))
        return true;
    /* tcp_conn_request */
    return p->syn_full == DW_TCP_FULL_DROP && places > 0 &&
           (l->half_open_count > places || places - l->half_open_count < places / 4);
}

/* Half-open connections are full: what then, is a choice (RFC 4987). */
static bool make_half_open_room(dw_tcp_listener *l, dw_seg *s)
{
    const dw_tcp_profile *p = &l->tcp->profile;
    bool accept_full = l->waiting >= accept_max(l), full = half_open_full(l);
    bool cookie = p->syn_cookies_always || (full && p->syn_full == DW_TCP_FULL_COOKIES);
    if (!full && !accept_full && !cookie) return true;
    if (cookie && !accept_full) {
        answer_with_cookie(l, s);
        return false;
    }
    if (p->syn_full == DW_TCP_FULL_CACHE && !accept_full && l->half_open) {
        dw_tcb *oldest = l->half_open;
        while (oldest->queue_next)
            oldest = oldest->queue_next;
        dw_tcp_delete(oldest, DW_E_TIMEOUT, CAUSE(SYN_CACHE_EVICTED));
        dw_tcp_reap(oldest);
        return true;
    }
    s->drop = CAUSE(DROP_BACKLOG_FULL); /* in silence: the peer will try again */
    return false;
}

/* RFC 7413 section 4.2.2: the cookie is good, so the data is the user's, and the user's are we. */
static void open_fast(dw_tcb *t, dw_seg *s)
{
    t->fast = true;
    dw_tcp_listener_completed(t);
    if (dw_tcp_deliver_out_of_order(t)) t->tcp->host->notify(&t->socket, DW_SOCKET_READABLE);
    s->drop = NULL;
}

static void third_check_syn(dw_tcp_listener *l, dw_seg *s)
{
    const dw_tcp_profile *p = &l->tcp->profile;
    if (s->flags & DW_TCP_FIN && p->listen_synfin == DW_TCP_SYNFIN_DROP) {
        s->drop = CAUSE(DROP_SYNFIN);
        return;
    }
    if (!make_half_open_room(l, s)) return;
    dw_tcb *t = new_half_open(l, s->flow);
    if (!t) {
        s->drop = CAUSE(DROP_NO_ROOM);
        return;
    }
    dw_tcp_negotiate(t, s);
    t->snd_wnd = t->max_snd_wnd = s->wnd;
    t->snd_wl1 = s->seq;
    bool open = t->set->fast_open || p->fast_open_listeners;
    bool fast = open && dw_tcp_fast_accepts(l, s);
    t->fast_asked = open && s->cookie_len >= 0 && !fast; /* a cookie for next time */
    t->fast_experiment = s->cookie_experimental;
    t->syn_data_acked = fast && s->text_len > 0;
    dw_tcp_set_state(t, DW_TCP_SYN_RECEIVED, fast ? CAUSE(FAST_OPEN) : CAUSE(PASSIVE_OPEN));
    s->flags &= (uint8_t)~DW_TCP_SYN;
    s->seq++;
    if (!fast && p->syn_data == DW_TCP_EARLY_DISCARD) dw_seg_drop_text(s);
    dw_tcp_keep_out_of_order(t, s); /* other control and text is processed in ESTABLISHED */
    if (fast) open_fast(t, s);
    /* The SYN's data leaves the window as it is (tcp_fastopen_create_child). */
    if (fast && p->window_whole_segments)
        dw_tcp_first_window(t, t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
    dw_tcp_send_control(t, DW_TCP_SYN | DW_TCP_ACK, CAUSE(PASSIVE_OPEN));
    if (DEFECT(t, TWO_WAY_HANDSHAKE)) {
        dw_segment_clear(&t->rtx);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
        t->snd_una = t->snd_nxt;
        dw_tcp_set_state(t, DW_TCP_ESTABLISHED, CAUSE(DEFECT_TWO_WAY));
        dw_tcp_listener_completed(t);
    }
    dw_tcp_trace_variables(t);
}

void dw_tcp_listen_arrives(dw_tcp_listener *l, dw_seg *s)
{
    bool syn = s->flags & DW_TCP_SYN;
    if (s->flags & DW_TCP_RST) { /* first */
        s->drop = CAUSE(DROP_RST_TO_LISTEN);
    } else if (s->flags & DW_TCP_ACK) { /* second */
        if (open_from_cookie(l, s)) return;
        s->drop = CAUSE(RESET_LISTEN);
        if (syn && l->tcp->profile.listen_synack == DW_TCP_LISTEN_DROP)
            s->drop = CAUSE(DROP_SYNACK_TO_LISTEN);
        else
            dw_tcp_reset_reply(l->tcp, s, NULL, CAUSE(RESET_LISTEN));
    } else if (syn) {
        third_check_syn(l, s);
    } else { /* fourth */
        s->drop = CAUSE(DROP_NO_SYN);
    }
}

void dw_tcp_back_to_listen(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_listener *l = t->listener;
    if (!l) { /* the listener is gone meanwhile */
        dw_tcp_delete(t, DW_E_RESET, cause);
        return;
    }
    dw_tcp_flush(t);
    dw_tcp_list_remove(t);
    l->half_open_count--;
    dw_tcp_table_remove(&t->tcp->table, &t->link);
    t->in_table = false;
    dw_tcp_time_wait_unpark(t);
    dw_tcp_forget_peer(t);
    t->place = DW_TCP_PLACE_SPARE;
    t->ts_ok = t->wscale_ok = t->sack_ok = t->ecn_ok = t->fast_asked = false;
    dw_tcp_sack_forget(t);
    dw_tcp_recovery_free(t);
    dw_tcp_accurate_free(t);
    t->challenges = 0;
    t->retransmits = 0;
    t->acked_early = false;
    t->syn_retransmits = 0;
    t->fin_reached = false;
    dw_tcp_set_state(t, DW_TCP_LISTEN, cause);
    list_add(&l->spare, t);
}

bool dw_tcp_listener_has_room(const dw_tcb *t)
{
    return t->listener->waiting < accept_max(t->listener);
}

/* Linux's TCP_DEFER_ACCEPT (tcp_check_req, syn_ack_recalc): the SYN,ACK's timer goes on, and only
 * its last expiry repeats it, to ask for data or for one more ACK. */
bool dw_tcp_accept_deferred(dw_tcb *t, const dw_seg *s)
{
    if (t->retransmits >= t->set->defer_accept || dw_seg_len(s) > 0) return false;
    t->acked_early = true;
    return true;
}

bool dw_tcp_waits_for_data(const dw_tcb *t)
{
    return t->acked_early && t->retransmits < t->set->defer_accept;
}

void dw_tcp_listener_completed(dw_tcb *t)
{
    DW_ASSERT(t->place == DW_TCP_PLACE_HALF_OPEN);
    dw_tcp_listener *l = t->listener;
    dw_tcp_list_remove(t);
    t->place = DW_TCP_PLACE_ACCEPT;
    l->half_open_count--;
    l->waiting++;
    list_add(l->last ? &l->last->queue_next : &l->first, t);
    l->last = t;
    t->tcp->host->notify(&l->socket, DW_SOCKET_READABLE);
}

/* A connection that nobody has accepted ends. */
void dw_tcp_listener_forget(dw_tcb *t)
{
    dw_tcp_listener *l = t->listener;
    uint8_t place = t->place;
    t->listener = NULL;
    t->place = DW_TCP_PLACE_NONE;
    dw_tcp_list_remove(t);
    if (place == DW_TCP_PLACE_HALF_OPEN) {
        l->half_open_count--;
        return;
    }
    l->waiting--;
    if (l->last != t) return;
    l->last = l->first;
    while (l->last && l->last->queue_next)
        l->last = l->last->queue_next;
}

/* CLOSE on a listener: connections that nobody accepted are reset. */
void dw_tcp_listener_close(dw_tcp_listener *l)
{
    for (dw_tcb *t; (t = l->first ? l->first : l->half_open);) {
        dw_tcp_listener_forget(t);
        if (t->state != DW_TCP_CLOSED) { /* not lost before */
            dw_tcp_reset(t, CAUSE(LISTENER_CLOSED));
            dw_tcp_delete(t, DW_E_RESET, CAUSE(LISTENER_CLOSED));
        }
        dw_tcp_free(t);
    }
    for (dw_tcb *t; (t = l->spare);) {
        dw_tcp_list_remove(t);
        dw_tcp_set_state(t, DW_TCP_CLOSED, CAUSE(LISTENER_CLOSED));
        dw_tcp_free(t);
    }
    dw_tcp_listener_free(l);
}

static void free_list(dw_tcb **list)
{
    while (*list) {
        dw_tcb *t = *list;
        dw_tcp_list_remove(t);
        dw_tcp_free(t);
    }
}

void dw_tcp_listener_free(dw_tcp_listener *l)
{
    dw_tcp *tcp = l->tcp;
    free_list(&l->first);
    free_list(&l->half_open);
    free_list(&l->spare);
    for (dw_tcp_listener **at = &tcp->listeners; *at; at = &(*at)->next) {
        if (*at != l) continue;
        *at = l->next;
        break;
    }
    for (dw_tcp_inherited *i = l->inherited, *after; i; i = after) {
        after = i->next;
        tcp->host->free(tcp->node, i, sizeof *i);
    }
    tcp->host->notify(&l->socket, 0);
    tcp->host->free(tcp->node, l, sizeof *l);
}
