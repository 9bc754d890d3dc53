/* RFC 9293 section 3.10.7.2, LISTEN STATE, and the listener's queues.
 *
 * A listener is no TCB: each SYN makes one that begins in LISTEN.  One that returns to LISTEN
 * (a reset in SYN-RECEIVED) is kept for the next SYN, so that its history reads as the RFC's. */
#include "tcp.h"

#include <stdio.h>

enum { DEFAULT_BACKLOG = 128 };

int dw_tcp_listener_new(dw_tcp *tcp, const dw_flow *flow, int backlog, dw_socket **out)
{
    if (flow->local_port == 0) return DW_E_INVAL;
    for (dw_tcp_listener *l = tcp->listeners; l; l = l->next)
        if (l->flow.local_port == flow->local_port && !l->crashed) return DW_E_ADDRINUSE;
    dw_tcp_listener *l = tcp->host->alloc(tcp->node, sizeof *l);
    if (!l) return DW_E_NOMEM;
    l->socket = (dw_socket){.ops = &dw_tcp_sockets, .node = tcp->node, .listening = true};
    l->tcp = tcp;
    l->flow = *flow;
    l->backlog = backlog > 0 ? (uint32_t)backlog : DEFAULT_BACKLOG;
    l->next = tcp->listeners;
    tcp->listeners = l;
    char detail[32];
    snprintf(detail, sizeof detail, "port %u", flow->local_port);
    tcp->host->trace_call(tcp->node, 0, "listen", flow->local_port, detail, NULL, 0);
    *out = &l->socket;
    return DW_OK;
}

dw_tcp_listener *dw_tcp_find_listener(dw_tcp *tcp, const dw_flow *flow)
{
    for (dw_tcp_listener *l = tcp->listeners; l; l = l->next) {
        if (l->flow.local_port != flow->local_port || l->crashed) continue;
        /* A listener that names its peer hears no other (RFC 9293 3.9.1.1). */
        if (l->flow.remote.family && !dw_addr_equal(&l->flow.remote, &flow->remote)) continue;
        if (l->flow.remote_port && l->flow.remote_port != flow->remote_port) continue;
        return l;
    }
    return NULL;
}

/* What the peer's SYN tells: RFC 6691 for MSS, RFC 7323 for scaling, RFC 5681 for the window. */
void dw_tcp_negotiate(dw_tcb *t, const dw_seg *syn)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint32_t mss = syn->mss ? syn->mss : DW_TCP_DEFAULT_MSS;
    dw_iface *iface = t->tcp->host->route(t->tcp->node, &t->link.flow.remote);
    uint32_t mtu = iface ? t->tcp->host->iface_mtu(iface) : 576;
    if (mss > mtu - 40) mss = mtu - 40; /* MUST-16 */
    t->snd_mss = mss;
    t->wscale_ok = p->window_scale && syn->wscale >= 0 && (t->rcv_wscale > 0 || t->passive);
    if (t->wscale_ok)
        t->snd_wscale = (uint8_t)syn->wscale;
    else
        t->rcv_wscale = 0;
    t->cc.mss = mss;
    uint64_t window = (uint64_t)p->initial_window * mss;
    if (p->initial_window <= 4) { /* RFC 5681 3.1: min(4*SMSS, max(2*SMSS, 4380)) */
        uint64_t bound = 2 * mss > 4380 ? 2 * mss : 4380;
        if (window > bound) window = bound;
    }
    if (t->syn_retransmitted) window = mss;
    t->cc.initial = window;
    t->cc_ops->init(&t->cc);
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
    *t->queue_link = t->queue_next;
    if (t->queue_next) t->queue_next->queue_link = t->queue_link;
    t->queue_next = NULL;
    t->queue_link = NULL;
}

static dw_tcb *new_half_open(dw_tcp_listener *l, const dw_flow *flow)
{
    dw_tcp *tcp = l->tcp;
    dw_tcb *t = l->spare;
    if (t) {
        dw_tcp_list_remove(t);
        t->link.flow = *flow;
        dw_tcp_rtt_init(t);
        dw_tcp_choose_iss(t);
        dw_tcp_table_add(&tcp->table, &t->link);
        t->in_table = true;
    } else {
        t = dw_tcp_new(tcp, flow);
        if (!t) return NULL;
        t->state = DW_TCP_LISTEN; /* where a passive open begins; nothing to trace yet */
        t->passive = true;
    }
    t->listener = l;
    list_add(&l->half_open, t);
    l->embryonic++;
    return t;
}

static void third_check_syn(dw_tcp_listener *l, dw_seg *s)
{
    if (l->embryonic + l->waiting >= l->backlog) {
        s->drop = CAUSE(DROP_BACKLOG_FULL); /* in silence: the peer will try again */
        return;
    }
    dw_tcb *t = new_half_open(l, s->flow);
    if (!t) {
        s->drop = CAUSE(DROP_BACKLOG_FULL);
        return;
    }
    t->irs = s->seq;
    t->rcv_nxt = s->seq + 1;
    dw_tcp_negotiate(t, s);
    t->snd_wnd = t->max_snd_wnd = s->wnd;
    t->snd_wl1 = s->seq;
    dw_tcp_set_state(t, DW_TCP_SYN_RECEIVED, CAUSE(PASSIVE_OPEN));
    s->flags &= (uint8_t)~DW_TCP_SYN;
    s->seq++;
    dw_tcp_keep_early(t, s); /* other control and text is processed in ESTABLISHED */
    dw_tcp_send_control(t, DW_TCP_SYN | DW_TCP_ACK, CAUSE(PASSIVE_OPEN));
    dw_tcp_trace_variables(t);
}

void dw_tcp_listen_arrives(dw_tcp_listener *l, dw_seg *s)
{
    if (s->flags & DW_TCP_RST) { /* first */
        s->drop = CAUSE(DROP_RST_TO_LISTEN);
    } else if (s->flags & DW_TCP_ACK) { /* second */
        dw_tcp_reset_reply(l->tcp, s, 0, CAUSE(RESET_LISTEN));
        s->drop = CAUSE(RESET_LISTEN);
    } else if (s->flags & DW_TCP_SYN) {
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
    l->embryonic--;
    dw_tcp_table_remove(&t->tcp->table, &t->link);
    t->in_table = false;
    t->retransmits = 0;
    t->syn_retransmitted = false;
    t->fin_reached = false;
    dw_tcp_set_state(t, DW_TCP_LISTEN, cause);
    list_add(&l->spare, t);
}

void dw_tcp_listener_completed(dw_tcb *t)
{
    dw_tcp_listener *l = t->listener;
    dw_tcp_list_remove(t);
    l->embryonic--;
    l->waiting++;
    list_add(l->last ? &l->last->queue_next : &l->first, t);
    l->last = t;
    t->tcp->host->notify(&l->socket, DW_SOCKET_READABLE);
}

/* A connection that nobody has accepted ends. */
void dw_tcp_listener_forget(dw_tcb *t)
{
    dw_tcp_listener *l = t->listener;
    t->listener = NULL;
    if (t->state == DW_TCP_SYN_RECEIVED) {
        dw_tcp_list_remove(t);
        l->embryonic--;
        return;
    }
    dw_tcp_list_remove(t);
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
        dw_tcp_reset(t, CAUSE(LISTENER_CLOSED));
        dw_tcp_delete(t, DW_E_RESET, CAUSE(LISTENER_CLOSED));
        dw_tcp_free(t);
    }
    for (dw_tcb *t; (t = l->spare);) {
        dw_tcp_list_remove(t);
        dw_tcp_set_state(t, DW_TCP_CLOSED, CAUSE(LISTENER_CLOSED));
        dw_tcp_free(t);
    }
    dw_tcp_listener_free(l);
}

void dw_tcp_listener_free(dw_tcp_listener *l)
{
    dw_tcp *tcp = l->tcp;
    for (dw_tcb *t; (t = l->first ? l->first : l->half_open ? l->half_open : l->spare);) {
        dw_tcp_list_remove(t);
        dw_tcp_free(t);
    }
    for (dw_tcp_listener **at = &tcp->listeners; *at; at = &(*at)->next) {
        if (*at != l) continue;
        *at = l->next;
        break;
    }
    tcp->host->notify(&l->socket, 0);
    tcp->host->free(tcp->node, l, sizeof *l);
}
