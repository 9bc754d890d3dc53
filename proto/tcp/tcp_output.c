/* RFC 9293 sections 3.7 and 3.8: what to send, and when. */
#include "tcp.h"

enum { OPT_NOP = 1, OPT_MSS = 2, OPT_WSCALE = 3 };

static dw_time now(const dw_tcb *t)
{
    return t->tcp->host->now(t->tcp->node);
}

/* The receive window (3.8.6.2.2, MUST-39).  Its right edge moves only when it can move by a full
 * segment or half the buffer, and never to the left. */
uint32_t dw_tcp_receive_window(const dw_tcb *t)
{
    uint32_t buffer = t->tcp->profile.receive_buffer;
    uint32_t room = buffer > t->received.bytes ? buffer - t->received.bytes : 0;
    uint32_t most = (uint32_t)65535 << t->rcv_wscale;
    if (room > most) room = most;
    if (room <= t->rcv_wnd) return t->rcv_wnd;
    uint32_t step = buffer / 2 < t->rcv_mss ? buffer / 2 : t->rcv_mss;
    return room - t->rcv_wnd >= step ? room : t->rcv_wnd;
}

/* The window field, and rcv_wnd to fit: scaling rounds, and must not take back what was offered. */
static uint16_t window_field(dw_tcb *t, uint8_t flags)
{
    uint32_t window = dw_tcp_receive_window(t);
    if (flags & DW_TCP_SYN) { /* never scaled, RFC 7323 2.2 */
        if (window > 65535) window = 65535;
        if (t->rcv_wnd > 65535) t->rcv_wnd = 65535;
        return (uint16_t)window;
    }
    uint32_t field = window >> t->rcv_wscale;
    if (field << t->rcv_wscale < t->rcv_wnd) field++;
    if (field > 65535) field = 65535;
    t->rcv_wnd = field << t->rcv_wscale;
    return (uint16_t)field;
}

static void syn_options(const dw_tcb *t, dw_tcp_header *h)
{
    uint8_t *o = h->options;
    o[0] = OPT_MSS;
    o[1] = 4;
    dw_put16(o + 2, (uint16_t)(t->rcv_mss < 65535 ? t->rcv_mss : 65535));
    h->options_len = 4;
    /* A SYN,ACK answers the offer; a SYN makes one where our buffer needs it. */
    bool offer = t->tcp->profile.window_scale && t->rcv_wscale > 0;
    if (t->state == DW_TCP_SYN_SENT ? !offer : !t->wscale_ok) return;
    o[4] = OPT_NOP;
    o[5] = OPT_WSCALE;
    o[6] = 3;
    o[7] = t->rcv_wscale;
    h->options_len = 8;
}

/* What every segment with ACK does: the acknowledgment has been given. */
static void acknowledged(dw_tcb *t)
{
    t->ack_now = false;
    t->ack_cause = NULL;
    t->ack_sent = t->rcv_nxt;
    t->unacked_segments = 0;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_DELAYED_ACK);
}

static void transmit(dw_tcb *t, uint32_t seq, uint8_t flags, const dw_segment *data,
                     const dw_cause *cause)
{
    dw_tcp *tcp = t->tcp;
    dw_packet *p = tcp->host->packet_new(tcp->node);
    DW_ASSERT(p);
    if (data)
        for (int i = 0; i < data->slice_count; i++) {
            dw_buf_ref(data->slice[i].buf);
            dw_packet_append(p, data->slice[i]);
        }
    dw_tcp_header h = {.seq = seq, .flags = flags, .ack = flags & DW_TCP_ACK ? t->rcv_nxt : 0};
    if (flags & DW_TCP_SYN) syn_options(t, &h);
    h.window = flags & DW_TCP_RST ? 0 : window_field(t, flags);
    dw_tcp_write_header(p, &t->link.flow, &h);
    p->conn = t->socket.conn;
    p->cause = cause;
    if (flags & DW_TCP_ACK) acknowledged(t);
    tcp->host->send_down(tcp->node, p, &t->link.flow);
}

/* Acknowledgments. */

void dw_tcp_send_ack(dw_tcb *t, const dw_cause *cause)
{
    transmit(t, t->snd_nxt, DW_TCP_ACK, NULL, cause);
}

/* 3.8.6.3: delay an acknowledgment in the hope of a segment to carry it. */
void dw_tcp_ack_later(dw_tcb *t, const dw_cause *cause)
{
    dw_time delay = t->tcp->profile.delayed_ack;
    if (t->ack_now) return;
    if (delay == 0) {
        t->ack_now = true;
        t->ack_cause = cause;
    } else if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK)) {
        t->ack_cause = cause;
        dw_tcp_timer_set(t, DW_TCP_TIMER_DELAYED_ACK, delay, cause);
    }
}

/* Resets. */

void dw_tcp_reset(dw_tcb *t, const dw_cause *cause)
{
    transmit(t, t->snd_nxt, DW_TCP_RST, NULL, cause);
}

/* 3.10.7.1: a reset that the sender of s will accept. */
void dw_tcp_reset_reply(dw_tcp *tcp, const dw_seg *s, uint32_t conn, const dw_cause *cause)
{
    dw_packet *p = tcp->host->packet_new(tcp->node);
    DW_ASSERT(p);
    dw_tcp_header h = {.seq = s->ack, .flags = DW_TCP_RST};
    if (!(s->flags & DW_TCP_ACK))
        h = (dw_tcp_header){.ack = s->seq + dw_seg_len(s), .flags = DW_TCP_RST | DW_TCP_ACK};
    dw_flow flow = *s->flow;
    flow.ttl = 0;
    flow.tos = 0;
    dw_tcp_write_header(p, &flow, &h);
    p->conn = conn;
    p->cause = cause;
    tcp->host->send_down(tcp->node, p, &flow);
}

/* SYN and SYN,ACK take part in retransmission like data. */

void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause)
{
    dw_segment_clear(&t->rtx);
    dw_segment_push(&t->rtx, (dw_segment){.seq = t->iss, .flags = flags, .sent_at = now(t)});
    t->snd_nxt = t->iss + 1;
    t->progress_at = now(t);
    transmit(t, t->iss, flags, NULL, cause);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

void dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause)
{
    bool only_fin = segment->len == 0 && segment->flags & DW_TCP_FIN;
    if (only_fin && !t->tcp->profile.retransmit_fin) return;
    segment->retransmits++;
    segment->sent_at = now(t);
    transmit(t, segment->seq, segment->flags, segment, cause);
}

/* New data. */

static uint32_t send_window(const dw_tcb *t)
{
    uint64_t cwnd = t->cc.cwnd + t->inflation;
    return cwnd < t->snd_wnd ? (uint32_t)cwnd : t->snd_wnd;
}

/* 3.8.6.2.1, the sender's silly window avoidance, with Nagle's bracketed conditions (3.7.4).  D is
 * what waits, U what the window takes.  All data counts as pushed. */
static bool worth_sending(const dw_tcb *t, uint32_t d, uint32_t u)
{
    uint32_t most = d < u ? d : u;
    bool idle = t->snd_nxt == t->snd_una || !t->tcp->profile.nagle;
    if (most == 0) return false;
    if (most >= t->snd_mss) return true;
    /* A FIN completes the stream: nothing will come to fill this segment up. */
    if (d <= u && (idle || t->fin_queued)) return true;
    if (idle && most >= t->max_snd_wnd / 2) return true;
    return t->sws_override;
}

/* Nothing may be sent and nothing is outstanding: who will wake us? */
static void wait_for_window(dw_tcb *t)
{
    if (t->rtx.count > 0) return; /* its acknowledgment or the retransmission timer will */
    if (t->snd_wnd == 0) {
        if (dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST)) return;
        const dw_tcp_profile *p = &t->tcp->profile;
        t->persist_interval = t->rto > p->persist_min ? t->rto : p->persist_min;
        t->progress_at = now(t);
        dw_tcp_timer_set(t, DW_TCP_TIMER_PERSIST, t->persist_interval, CAUSE(ZERO_WINDOW_PROBE));
    } else if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_OVERRIDE)) {
        dw_tcp_timer_set(t, DW_TCP_TIMER_OVERRIDE, t->tcp->profile.sws_override,
                         CAUSE(SWS_OVERRIDE));
    }
}

static void start_retransmission_timer(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PERSIST);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_OVERRIDE);
    if (dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT)) return;
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

/* Cut len octets off `unsent`, with the FIN behind them if fin, and remember them until they are
 * acknowledged. */
static dw_segment *next_segment(dw_tcb *t, uint32_t len, bool fin)
{
    dw_segment s = {.seq = t->snd_nxt, .flags = DW_TCP_ACK, .sent_at = now(t)};
    while (s.len < len)
        dw_segment_append(&s, dw_slice_take(&t->unsent, len - s.len));
    if (len > 0 && t->unsent.bytes == 0) s.flags |= DW_TCP_PSH; /* MUST-60, SHLD-27 */
    if (fin) s.flags |= DW_TCP_FIN;
    if (t->rtx.count == 0) t->progress_at = s.sent_at;
    dw_segment_push(&t->rtx, s);
    t->snd_nxt = dw_segment_end(&s);
    return dw_segment_at(&t->rtx, t->rtx.count - 1);
}

/* The FIN leaves: in CLOSE-WAIT that is the moment of the transition (3.10.4). */
static void fin_leaves(dw_tcb *t)
{
    t->fin_sent = true;
    if (t->state == DW_TCP_CLOSE_WAIT) dw_tcp_set_state(t, DW_TCP_LAST_ACK, CAUSE(FIN));
}

static void send_next(dw_tcb *t, uint32_t len, bool fin)
{
    const dw_cause *cause = len ? CAUSE(DATA) : CAUSE(FIN);
    if (fin) fin_leaves(t);
    dw_segment *s = next_segment(t, len, fin);
    t->sws_override = false;
    transmit(t, s->seq, s->flags, s, cause);
    start_retransmission_timer(t, cause);
}

static void send_new(dw_tcb *t)
{
    for (;;) {
        uint32_t window = send_window(t), flight = dw_tcp_flight(t);
        uint32_t usable = window > flight ? window - flight : 0;
        uint32_t waiting = t->unsent.bytes;
        bool fin_waits = t->fin_queued && !t->fin_sent;
        if (waiting == 0) {
            if (!fin_waits) return;
            if (usable == 0) break;
            send_next(t, 0, true);
            return;
        }
        if (!worth_sending(t, waiting, usable)) break;
        uint32_t len = waiting < usable ? waiting : usable;
        if (len > t->snd_mss) len = t->snd_mss;
        send_next(t, len, fin_waits && len == waiting && usable > len);
    }
    wait_for_window(t);
}

/* After a timeout, what was outstanding is sent again as the window allows, skipping what the
 * peer turns out to have (RFC 5681 3.1, go-back-N that follows SND.UNA). */
static uint32_t first_to_resend(const dw_tcb *t)
{
    uint32_t low = 0, high = t->rtx.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (seq_lt(dw_segment_at(&t->rtx, middle)->seq, t->resend_nxt))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool resend(dw_tcb *t)
{
    if (seq_lt(t->resend_nxt, t->snd_una)) t->resend_nxt = t->snd_una;
    while (seq_lt(t->resend_nxt, t->resend_end)) {
        uint32_t index = first_to_resend(t);
        if (index == t->rtx.count) break;
        dw_segment *s = dw_segment_at(&t->rtx, index);
        uint32_t end = dw_segment_end(s);
        if (end - t->snd_una > send_window(t)) return true;
        t->resend_nxt = end;
        dw_tcp_retransmit(t, s, CAUSE(RESEND));
        start_retransmission_timer(t, CAUSE(RESEND));
    }
    t->resend_nxt = t->resend_end = t->snd_una;
    return false;
}

/* 3.8.6.1: at least one octet of new data, or the FIN, which takes a number too. */
void dw_tcp_probe(dw_tcb *t)
{
    if (t->tcp->profile.zero_window_probe == DW_TCP_PROBE_EMPTY) {
        transmit(t, t->snd_una - 1, DW_TCP_ACK, NULL, CAUSE(ZERO_WINDOW_PROBE));
        return;
    }
    if (t->rtx.count > 0) {
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(ZERO_WINDOW_PROBE));
        return;
    }
    bool fin = t->unsent.bytes == 0;
    if (fin && !(t->fin_queued && !t->fin_sent)) return;
    if (fin) fin_leaves(t);
    dw_segment *s = next_segment(t, fin ? 0 : 1, fin);
    t->probing = true;
    transmit(t, s->seq, s->flags, s, CAUSE(ZERO_WINDOW_PROBE));
}

void dw_tcp_output(dw_tcb *t)
{
    if (t->state == DW_TCP_CLOSED || t->state == DW_TCP_LISTEN) return;
    bool open = t->state != DW_TCP_SYN_SENT && t->state != DW_TCP_SYN_RECEIVED;
    if (open && !t->probing && !resend(t)) send_new(t);
    if (t->ack_now && t->state != DW_TCP_SYN_SENT) dw_tcp_send_ack(t, t->ack_cause);
    dw_tcp_trace_variables(t);
}
