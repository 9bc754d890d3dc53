/* RFC 9293 section 3.7: one segment is built and handed to the network layer. */
#include "tcp_segment.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_options.h"
#include "tcp_rules.h"
#include "tcp_timer.h"
#include "tcp_trace.h"
#include "tcp_udp.h"
#include "tcp_urgent.h"
#include "tcp_window.h"
#include "tcp_wire.h"

/* What every segment with ACK does: the acknowledgment has been given. */
static void acknowledged(dw_tcb *t)
{
    dw_tcp_delack_acknowledged(t);
    t->ack_now = t->squeezed = false;
    t->ack_cause = NULL;
    t->last_ack_sent = t->rcv_nxt;
    t->unacked_segments = 0;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_DELAYED_ACK);
}

/* The peer now knows our window. */
static void told_window(dw_tcb *t, uint8_t flags)
{
    uint32_t edge = t->rcv_nxt + t->rcv_wnd;
    if (DEFECT(t, ECHO_CHALLENGE)) return; /* its numbers are not ours */
    t->offered_wnd = t->rcv_wnd;
    /* The field of a SYN,ACK cannot say all that a scaled one before it may have said. */
    bool exact = !(flags & DW_TCP_SYN) && !t->squeezed;
    if (exact && t->tcp->checked && !t->folded) dw_tcp_rule_window(t, edge);
    if (seq_lt(t->rcv_adv, edge) || t->tcp->profile.shrink_window) t->rcv_adv = edge;
    if (seq_lt(t->rcv_mwnd_seq, edge)) t->rcv_mwnd_seq = edge;
}

enum { ECT_0 = 2, UDP_PROTOCOL = 17 };

void dw_tcp_send_down(dw_tcp *tcp, dw_packet *packet, const dw_flow *flow)
{
    if (DW_LIKELY(!flow->udp_remote)) {
        tcp->host->send_down(tcp->node, packet, flow);
        return;
    }
    dw_flow in_udp = *flow;
    in_udp.transport = UDP_PROTOCOL;
    dw_tcp_encapsulate(packet, flow);
    tcp->host->send_down(tcp->node, packet, &in_udp);
}

void dw_tcp_transmit(dw_tcb *t, uint32_t seq, uint8_t flags, const dw_segment *data,
                     const dw_cause *cause)
{
    dw_tcp *tcp = t->tcp;
    dw_packet *p = tcp->host->packet_new(tcp->node);
    if (!p) return;
    if (data)
        for (int i = 0; i < data->slice_count; i++) {
            dw_buf_ref(data->slice[i].buf);
            dw_packet_append(p, data->slice[i]);
        }
    dw_tcp_header h = {.seq = seq, .flags = flags, .ack = flags & DW_TCP_ACK ? t->rcv_nxt : 0};
    dw_tcp_write_options(t, &h, data ? data->len : 0);
    bool windowless = flags & DW_TCP_RST && !tcp->profile.reset_has_window;
    h.window = windowless ? 0 : dw_tcp_window_field(t, flags);
    if (DW_UNLIKELY(t->snd_urgent) && !(flags & (DW_TCP_SYN | DW_TCP_RST)) &&
        dw_tcp_urgent_field(t, seq, &h.urgent))
        h.flags |= DW_TCP_URG;
    uint32_t len = data ? data->len : 0;
    bool plain = data && (data->retransmits > 0 || t->snd_wnd == 0);
    uint16_t ecn = dw_tcp_ecn_flags(t, flags, len, plain);
    h.flags |= (uint8_t)ecn;
    h.ae = ecn & DW_TCP_AE;
    dw_tcp_write_header(p, &t->link.flow, &h);
    if (flags & DW_TCP_ACK && !(flags & DW_TCP_RST)) told_window(t, flags);
    p->conn = t->socket.conn;
    p->cause = cause;
    if (flags & DW_TCP_ACK) acknowledged(t);
    if (len > 0) dw_tcp_delack_sent_data(t);
    /* SHLD-22: the field goes to IP as it is, but for the two bits of ECN where that is spoken. */
    bool marks = dw_tcp_ecn_marks(t, flags, len, plain);
    t->link.flow.tos = (uint8_t)(marks ? (t->set->tos & ~3u) | ECT_0 : t->set->tos);
    t->link.flow.ttl = (uint8_t)t->set->ttl;
    dw_tcp_trace_details(t);
    dw_tcp_send_down(tcp, p, &t->link.flow);
}

/* tcp_acceptable_seq */
static uint32_t acceptable_seq(const dw_tcb *t)
{
    uint32_t edge = t->snd_una + t->snd_wnd, unit = (uint32_t)1 << t->rcv_wscale;
    if (!t->tcp->profile.ack_seq_in_window || !dw_tcp_synchronized(t)) return t->snd_nxt;
    if (!seq_lt(edge, t->snd_nxt)) return t->snd_nxt;
    return t->wscale_ok && t->snd_nxt - edge < unit ? t->snd_nxt : edge;
}

void dw_tcp_send_ack(dw_tcb *t, const dw_cause *cause)
{
    if (t->answering_empty && t->tcp->checked && !t->folded) dw_tcp_rule_empty_reply(t);
    t->answering_empty = false;
    dw_tcp_transmit(t, acceptable_seq(t), DW_TCP_ACK, NULL, cause);
}

/* 3.8.4: an old sequence number, so that the peer answers (SHLD-12, MAY-6). */
void dw_tcp_send_keepalive(dw_tcb *t)
{
    dw_segment garbage = {.retransmits = 1}; /* no new data: RFC 3168 6.1.5 */
    bool octet = t->tcp->profile.keepalive_octet;
    if (octet && !dw_segment_append(&garbage, (dw_slice){.buf = dw_buf_new("", 1), .len = 1}))
        dw_tcp_no_memory(t->tcp);
    dw_tcp_transmit(t, t->snd_nxt - 1, DW_TCP_ACK, &garbage, CAUSE(KEEPALIVE));
    dw_segment_release(&garbage);
}

void dw_tcp_reset(dw_tcb *t, const dw_cause *cause)
{
    if (t->tcp->profile.reset_acknowledges)
        dw_tcp_reset_and_ack(t, cause);
    else
        dw_tcp_transmit(t, t->snd_nxt, DW_TCP_RST, NULL, cause);
}

void dw_tcp_reset_and_ack(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_transmit(t, t->snd_nxt, DW_TCP_RST | DW_TCP_ACK, NULL, cause);
}

/* 3.10.7.1: a reset that the sender of s will accept. */
void dw_tcp_reset_reply(dw_tcp *tcp, const dw_seg *s, const dw_tcb *t, const dw_cause *cause)
{
    bool for_syn_ack = (s->flags & (DW_TCP_SYN | DW_TCP_ACK)) == (DW_TCP_SYN | DW_TCP_ACK);
    if (for_syn_ack && HAS_DEFECT(&tcp->profile, KEEPS_OLD_SYN)) return;
    dw_packet *p = tcp->host->packet_new(tcp->node);
    if (!p) return;
    dw_tcp_header h = {.seq = s->ack, .flags = DW_TCP_RST};
    if (!(s->flags & DW_TCP_ACK))
        h = (dw_tcp_header){.ack = s->seq + dw_seg_len(s), .flags = DW_TCP_RST | DW_TCP_ACK};
    dw_flow flow = *s->flow;
    flow.tos &= (uint8_t)~3u; /* of the segment that it answers, but not its marks (RFC 3168 6.1) */
    if (t) {
        flow.tos = (uint8_t)t->set->tos;
        flow.ttl = (uint8_t)t->set->ttl;
    }
    dw_tcp_write_header(p, &flow, &h);
    p->conn = t ? t->socket.conn : 0;
    p->cause = cause;
    dw_tcp_send_down(tcp, p, &flow);
}

void dw_tcp_send_cookie(dw_tcb *t)
{
    dw_tcp_transmit(t, t->iss, DW_TCP_SYN | DW_TCP_ACK, NULL, CAUSE(SYN_COOKIE));
}
