/* RFC 9293 sections 3.7 and 3.8: what to send, and when. */
#include "tcp.h"

/* The receive window (3.8.6.2.2, MUST-39).  Its right edge moves only when it can move by a full
 * segment or half the buffer, and never to the left. */
uint32_t dw_tcp_receive_window(const dw_tcb *t)
{
    uint32_t buffer = t->tcp->profile.receive_buffer;
    uint32_t room = buffer > t->received.bytes ? buffer - t->received.bytes : 0;
    uint32_t most = (uint32_t)65535 << t->rcv_wscale;
    if (room > most) room = most;
    if (DW_UNLIKELY(t->tcp->profile.shrink_window)) {
        room = room > t->received.bytes ? room - t->received.bytes : 0;
        if (room < t->rcv_wnd) return room;
    }
    if (room <= t->rcv_wnd) return t->rcv_wnd;
    uint32_t step = buffer / 2 < t->rcv_mss ? buffer / 2 : t->rcv_mss;
    return room - t->rcv_wnd >= step ? room : t->rcv_wnd;
}

/* The window field, and rcv_wnd to fit: scaling rounds, and must not take back what was offered. */
static uint16_t window_field(dw_tcb *t, uint8_t flags)
{
    uint32_t window = dw_tcp_receive_window(t);
    if (DW_UNLIKELY(window < t->rcv_wnd)) t->rcv_wnd = window; /* shrink_window */
    if (flags & DW_TCP_SYN) {                                  /* never scaled, RFC 7323 2.2 */
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

/* The header's options, filled from the front and padded in front of what must be aligned. */

static uint8_t *add_option(dw_tcp_header *h, uint8_t kind, uint8_t len)
{
    uint8_t padding = (uint8_t)((4 - len % 4) % 4);
    if ((size_t)h->options_len + padding + len > sizeof h->options) return NULL;
    memset(h->options + h->options_len, DW_TCP_OPT_NOP, padding);
    uint8_t *o = h->options + h->options_len + padding;
    o[0] = kind;
    o[1] = len;
    h->options_len = (uint8_t)(h->options_len + padding + len);
    return o + 2;
}

static void add_timestamp(const dw_tcb *t, dw_tcp_header *h)
{
    uint8_t *o = add_option(h, DW_TCP_OPT_TIMESTAMP, 10);
    dw_put32(o, dw_tcp_stamp_now(t));
    dw_put32(o + 4, h->flags & DW_TCP_ACK ? t->ts_recent : 0);
}

/* RFC 5482 section 3: minutes when seconds do not fit into 15 bits. */
static void add_user_timeout(dw_tcb *t, dw_tcp_header *h)
{
    dw_time timeout = t->set.user_timeout;
    uint8_t *o = timeout ? add_option(h, DW_TCP_OPT_USER_TIMEOUT, 4) : NULL;
    t->user_timeout_due = false;
    if (!o) return;
    bool minutes = timeout / DW_SECOND > 0x7fff;
    dw_put16(o, (uint16_t)(timeout / (minutes ? DW_MINUTE : DW_SECOND) | (minutes ? 0x8000 : 0)));
}

/* RFC 7413 section 4.1.1: a client shows its cookie or asks for one, a server gives one. */
static void add_cookie(const dw_tcb *t, dw_tcp_header *h)
{
    const dw_tcp_cookie_entry *known = NULL;
    uint8_t fresh[DW_TCP_COOKIE], len = 0;
    const uint8_t *cookie = fresh;
    if (h->flags & DW_TCP_ACK) {
        dw_tcp_fast_cookie_for(t->tcp, &t->link.flow.remote, fresh);
        len = DW_TCP_COOKIE;
    } else if ((known = dw_tcp_fast_recall(t->tcp, &t->link.flow.remote)) != NULL) {
        cookie = known->cookie;
        len = known->len;
    }
    uint8_t *o = add_option(h, DW_TCP_OPT_FAST_OPEN, (uint8_t)(2 + len));
    if (o) memcpy(o, cookie, len);
}

static void syn_options(dw_tcb *t, dw_tcp_header *h)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool answer = h->flags & DW_TCP_ACK && t->state != DW_TCP_SYN_SENT;
    dw_put16(add_option(h, DW_TCP_OPT_MSS, 4), /* MUST-14, SHLD-5, MAY-3 */
             (uint16_t)(t->rcv_mss < 65535 ? t->rcv_mss : 65535));
    /* A SYN,ACK answers the offer; a SYN makes one where our buffer needs it. */
    if (p->syn_plain_after > 0 && t->retransmits >= p->syn_plain_after) return;
    if (answer ? t->wscale_ok : p->window_scale && t->rcv_wscale > 0)
        *add_option(h, DW_TCP_OPT_WSCALE, 3) = t->rcv_wscale;
    if (answer ? t->ts_ok : p->timestamps) add_timestamp(t, h);
    if (t->fast_asked) add_cookie(t, h);
    if (p->user_timeout_option) add_user_timeout(t, h);
}

static void options(dw_tcb *t, dw_tcp_header *h, uint32_t len)
{
    if (h->flags & DW_TCP_SYN) {
        syn_options(t, h);
        return;
    }
    if (t->ts_ok && !(h->flags & DW_TCP_RST)) add_timestamp(t, h);
    if (t->user_timeout_due && len + 4 <= t->snd_mss) add_user_timeout(t, h);
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

/* The peer now knows our window. */
static void told_window(dw_tcb *t)
{
    uint32_t edge = t->rcv_nxt + t->rcv_wnd;
    if (DEFECT(t, ECHO_CHALLENGE)) return; /* its numbers are not ours */
    if (t->tcp->checked && !t->folded) dw_tcp_rule_window(t, edge);
    if (seq_lt(t->told_edge, edge) || t->tcp->profile.shrink_window) t->told_edge = edge;
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
    options(t, &h, data ? data->len : 0);
    h.window = flags & DW_TCP_RST ? 0 : window_field(t, flags);
    if (DW_UNLIKELY(t->snd_urgent) && !(flags & (DW_TCP_SYN | DW_TCP_RST)) &&
        dw_tcp_urgent_field(t, seq, &h.urgent))
        h.flags |= DW_TCP_URG;
    dw_tcp_write_header(p, &t->link.flow, &h);
    if (flags & DW_TCP_ACK && !(flags & DW_TCP_RST)) told_window(t);
    p->conn = t->socket.conn;
    p->cause = cause;
    if (flags & DW_TCP_ACK) acknowledged(t);
    /* SHLD-22: the field goes to IP as it is. */
    t->link.flow.tos = (uint8_t)t->set.tos;
    t->link.flow.ttl = (uint8_t)t->set.ttl;
    tcp->host->send_down(tcp->node, p, &t->link.flow);
}

/* Acknowledgments. */

void dw_tcp_send_ack(dw_tcb *t, const dw_cause *cause)
{
    if (t->answering_empty && t->tcp->checked && !t->folded) dw_tcp_rule_empty_reply(t);
    t->answering_empty = false;
    transmit(t, t->snd_nxt, DW_TCP_ACK, NULL, cause);
}

/* 3.8.4: an old sequence number, so that the peer answers (SHLD-12, MAY-6). */
void dw_tcp_send_keepalive(dw_tcb *t)
{
    dw_segment garbage = {0};
    if (t->tcp->profile.keepalive_octet)
        dw_segment_append(&garbage, (dw_slice){.buf = dw_buf_new("", 1), .len = 1});
    transmit(t, t->snd_nxt - 1, DW_TCP_ACK, &garbage, CAUSE(KEEPALIVE));
    dw_segment_release(&garbage);
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
    bool for_syn_ack = (s->flags & (DW_TCP_SYN | DW_TCP_ACK)) == (DW_TCP_SYN | DW_TCP_ACK);
    if (for_syn_ack && HAS_DEFECT(&tcp->profile, KEEPS_OLD_SYN)) return;
    dw_packet *p = tcp->host->packet_new(tcp->node);
    DW_ASSERT(p);
    dw_tcp_header h = {.seq = s->ack, .flags = DW_TCP_RST};
    if (!(s->flags & DW_TCP_ACK))
        h = (dw_tcp_header){.ack = s->seq + dw_seg_len(s), .flags = DW_TCP_RST | DW_TCP_ACK};
    dw_flow flow = *s->flow;
    dw_tcp_write_header(p, &flow, &h);
    p->conn = conn;
    p->cause = cause;
    tcp->host->send_down(tcp->node, p, &flow);
}

/* SYN and SYN,ACK take part in retransmission like data. */

void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause)
{
    dw_segment_clear(&t->rtx);
    dw_segment_push(&t->rtx, (dw_segment){.seq = t->iss, .flags = flags, .sent_at = dw_tcp_now(t)});
    dw_segment *syn = dw_segment_at(&t->rtx, 0);
    /* RFC 7413: as much of the data as the server's last SYN,ACK allows. */
    const dw_tcp_cookie_entry *known = t->fast_asked && flags == DW_TCP_SYN
                                           ? dw_tcp_fast_recall(t->tcp, &t->link.flow.remote)
                                           : NULL;
    enum { MOST_OPTIONS = 40 };
    uint32_t mss = known && known->mss ? known->mss : DW_TCP_DEFAULT_MSS;
    uint32_t most = known && mss > MOST_OPTIONS ? mss - MOST_OPTIONS : 0;
    while (syn->len < most && t->unsent.bytes > 0)
        dw_segment_append(syn, dw_slice_take(&t->unsent, most - syn->len));
    t->pushed = t->unsent.bytes;
    t->snd_nxt = t->iss + 1 + syn->len;
    t->progress_at = dw_tcp_now(t);
    transmit(t, t->iss, flags, syn, cause);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

/* Mistakes that RFC 2525 and others describe, where they were asked for. */
static bool retransmit_wrongly(dw_tcb *t, const dw_segment *segment, const dw_cause *cause)
{
    bool only_fin = segment->len == 0 && segment->flags & DW_TCP_FIN;
    if (only_fin && DEFECT(t, FIN_SEQ_PLUS_ONE)) {
        transmit(t, segment->seq + 1, segment->flags, segment, cause);
        return true;
    }
    if (segment->len > 0 && DEFECT(t, P2525_4)) {
        dw_segment other = {.seq = segment->seq, .len = segment->len, .flags = segment->flags};
        dw_buf *buf = dw_buf_new(NULL, segment->len);
        DW_ASSERT(buf);
        memset(buf->bytes, '?', segment->len);
        other.slice[0] = (dw_slice){.buf = buf, .len = segment->len};
        other.slice_count = 1;
        transmit(t, other.seq, other.flags, &other, cause);
        dw_segment_release(&other);
        return true;
    }
    return false;
}

void dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause)
{
    bool only_fin = segment->len == 0 && segment->flags & DW_TCP_FIN;
    if (only_fin && !t->tcp->profile.retransmit_fin) return;
    segment->retransmits++;
    segment->sent_at = dw_tcp_now(t);
    if (DW_UNLIKELY(t->tcp->profile.defects) && retransmit_wrongly(t, segment, cause)) return;
    transmit(t, segment->seq, segment->flags, segment, cause);
}

/* Smaller segments: those under way that are too big are cut and, as they were lost, sent again. */
void dw_tcp_reduce_mss(dw_tcb *t, uint32_t mss, const dw_cause *cause)
{
    if (mss < t->tcp->profile.mss_least) mss = t->tcp->profile.mss_least;
    if (mss >= t->snd_mss) return;
    t->snd_mss = mss;
    t->cc.mss = mss;
    dw_tcp_note(t->tcp, t->socket.conn, cause);
    dw_tcp_trace(t, "snd_mss", mss);
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        dw_segment *s = dw_segment_at(&t->rtx, i);
        if (s->len > mss && !(s->flags & DW_TCP_SYN)) dw_segment_split(&t->rtx, i, mss);
    }
    if (!dw_tcp_synchronized(t)) return;
    dw_tcp_resend_all(t);
    dw_tcp_settle_later(t);
}

/* New data. */

static uint32_t send_window(const dw_tcb *t)
{
    uint64_t cwnd = t->cc.cwnd + t->inflation;
    return cwnd < t->snd_wnd ? (uint32_t)cwnd : t->snd_wnd;
}

/* 3.8.6.2.1, the sender's silly window avoidance, with Nagle's bracketed conditions (3.7.4).  D is
 * what waits, U what the window takes.  Data that was not pushed (MAY-15, MAY-16) waits for a full
 * segment, though not for ever (MUST-60). */
static bool worth_sending(const dw_tcb *t, uint32_t d, uint32_t u)
{
    uint32_t most = d < u ? d : u;
    bool idle = t->snd_nxt == t->snd_una || !t->set.nagle;
    if (most == 0) return false;
    if (most >= t->snd_mss) return true;
    /* A FIN completes the stream: nothing will come to fill this segment up. */
    if (d <= u && ((idle && t->pushed >= d) || t->fin_queued || t->snd_urgent)) return true;
    if (idle && most >= t->max_snd_wnd / 2) return true;
    return t->sws_override;
}

/* Nothing may be sent and nothing is outstanding: who will wake us? */
static void wait_for_window(dw_tcb *t)
{
    if (t->rtx.count > 0) return; /* its acknowledgment or the retransmission timer will */
    if (t->snd_wnd == 0) {
        if (dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST) || DEFECT(t, NO_WINDOW_PROBE)) return;
        const dw_tcp_profile *p = &t->tcp->profile;
        t->persist_interval = t->rto > p->persist_min ? t->rto : p->persist_min;
        t->progress_at = dw_tcp_now(t);
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
    dw_segment s = {.seq = t->snd_nxt, .flags = DW_TCP_ACK, .sent_at = dw_tcp_now(t)};
    while (s.len < len)
        dw_segment_append(&s, dw_slice_take(&t->unsent, len - s.len));
    t->pushed = t->pushed > len ? t->pushed - len : 0;
    if (len > 0 && t->unsent.bytes == 0) s.flags |= DW_TCP_PSH; /* MUST-61, SHLD-27 */
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
            if (DEFECT(t, P2525_15) && !t->sws_override) break;
            send_next(t, 0, true);
            return;
        }
        if (!worth_sending(t, waiting, usable)) break;
        uint32_t len = waiting < usable ? waiting : usable;
        if (len > t->snd_mss) len = t->snd_mss;
        bool fin_too = fin_waits && len == waiting && usable > len && !DEFECT(t, P2525_15);
        send_next(t, len, fin_too);
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
    if (t->tcp->profile.zero_window_probe == DW_TCP_PROBE_EMPTY && t->rtx.count == 0) {
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
    bool open = t->state != DW_TCP_SYN_SENT && (t->state != DW_TCP_SYN_RECEIVED || t->fast);
    if (open && !t->probing && !resend(t)) send_new(t);
    if (t->ack_now && t->state != DW_TCP_SYN_SENT) dw_tcp_send_ack(t, t->ack_cause);
    dw_tcp_trace_variables(t);
}
