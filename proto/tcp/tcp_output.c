/* RFC 9293 sections 3.7 and 3.8: what to send, and when. */
#include "tcp.h"

/* The header's options.  Each profile has its layout; an option is padded in front with NOPs. */

static uint8_t *put_option(dw_tcp_header *h, uint8_t kind, uint8_t len, uint8_t padding)
{
    if ((size_t)h->options_len + padding + len > sizeof h->options) return NULL;
    memset(h->options + h->options_len, DW_TCP_OPT_NOP, padding);
    uint8_t *o = h->options + h->options_len + padding;
    o[0] = kind;
    o[1] = len;
    h->options_len = (uint8_t)(h->options_len + padding + len);
    return o + 2;
}

/* So that it ends on a word. */
static uint8_t *add_option(dw_tcp_header *h, uint8_t kind, uint8_t len)
{
    return put_option(h, kind, len, (uint8_t)((4 - (h->options_len + len) % 4) % 4));
}

static void fill_timestamp(const dw_tcb *t, const dw_tcp_header *h, uint8_t *o)
{
    if (!o) return;
    dw_put32(o, DW_UNLIKELY(t->cookie) ? dw_tcp_cookie_stamp(t) : dw_tcp_stamp_now(t));
    bool echo = h->flags & DW_TCP_ACK || t->tcp->profile.time_wait_reuse_echo;
    dw_put32(o + 4, echo ? t->ts_recent : 0);
}

/* RFC 5482 section 3: minutes when seconds do not fit into 15 bits. */
static void add_user_timeout(dw_tcb *t, dw_tcp_header *h)
{
    dw_time timeout = t->set->user_timeout;
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
    uint8_t fresh[DW_TCP_COOKIE], len = 0, extra = t->fast_experiment ? 2 : 0;
    const uint8_t *cookie = fresh;
    if (h->flags & DW_TCP_ACK) {
        dw_tcp_fast_cookie(t->tcp, t->listener, &t->link.flow, fresh);
        len = DW_TCP_COOKIE;
    } else if ((known = dw_tcp_fast_recall(t->tcp, &t->link.flow.remote)) != NULL) {
        cookie = known->cookie;
        len = known->len;
    }
    bool plain = t->tcp->profile.option_layout == DW_TCP_LAYOUT_PLAIN;
    uint8_t kind = extra ? DW_TCP_OPT_EXPERIMENT : DW_TCP_OPT_FAST_OPEN;
    uint8_t size = (uint8_t)(2 + extra + len);
    uint8_t *o = plain ? add_option(h, kind, size) : put_option(h, kind, size, 0);
    if (!o) return;
    if (extra) dw_put16(o, DW_TCP_FAST_MAGIC);
    memcpy(o + extra, cookie, len);
}

/* RFC 9768 3.2.3: the octets of each codepoint. */
static void add_accurate(dw_tcb *t, dw_tcp_header *h, bool syn, int fields)
{
    bool duplicate = t->duplicate.from != t->duplicate.to;
    uint8_t *out = h->options + h->options_len;
    h->options_len += dw_tcp_accurate_option(t, syn, fields, duplicate, out);
}

/* ... in a SYN,ACK, as many as there is room for; SYNs have none.  The options that follow take so
 * much, some of it padding that may be had. */
static void add_accurate_syn(dw_tcb *t, dw_tcp_header *h, uint32_t following, uint32_t spare)
{
    uint32_t none = 0, used = h->options_len + following;
    if (!t->accurate || !(h->flags & DW_TCP_ACK) || used >= sizeof h->options) return;
    uint32_t room = (uint32_t)sizeof h->options - used;
    add_accurate(t, h, true, dw_tcp_accurate_fit(t, true, room, spare, &none));
}

/* Which options a SYN or SYN,ACK carries. */
typedef struct syn_offer {
    bool wscale, sack, timestamp;
} syn_offer;

static void add_wscale(const dw_tcb *t, dw_tcp_header *h)
{
    bool refused = h->flags & DW_TCP_ACK && !t->wscale_ok; /* and offered all the same */
    *add_option(h, DW_TCP_OPT_WSCALE, 3) = refused ? dw_tcp_offered_scale(t) : t->rcv_wscale;
}

/* RFC 2018 and 7323 in the order in which they came. */
static void plain_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    uint32_t words = offer.wscale + offer.sack + 3u * offer.timestamp;
    add_accurate_syn(t, h, 4 * words, offer.wscale);
    if (offer.wscale) add_wscale(t, h);
    if (offer.sack) add_option(h, DW_TCP_OPT_SACK_PERMITTED, 2);
    if (offer.timestamp) fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
}

/* Linux puts SACK-permitted and the timestamp together into three words. */
static void linux_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    bool together = offer.sack && offer.timestamp;
    if (together) put_option(h, DW_TCP_OPT_SACK_PERMITTED, 2, 0);
    if (offer.timestamp)
        fill_timestamp(t, h, put_option(h, DW_TCP_OPT_TIMESTAMP, 10, together ? 0 : 2));
    bool alone = offer.sack && !together;
    add_accurate_syn(t, h, 4u * (alone + offer.wscale), alone ? 2 : offer.wscale);
    if (alone) add_option(h, DW_TCP_OPT_SACK_PERMITTED, 2);
    if (offer.wscale) add_wscale(t, h);
}

/* FreeBSD aligns only what must be, and fills up with zeros behind. */
static void freebsd_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    if (offer.wscale) add_wscale(t, h);
    if (offer.sack) put_option(h, DW_TCP_OPT_SACK_PERMITTED, 2, 0);
    if (offer.timestamp) fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
}

static void syn_options(dw_tcb *t, dw_tcp_header *h)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool repeats = p->simultaneous_offers && !t->passive;
    bool answer = h->flags & DW_TCP_ACK && t->state != DW_TCP_SYN_SENT && !repeats;
    dw_put16(add_option(h, DW_TCP_OPT_MSS, 4), /* MUST-14, SHLD-5, MAY-3 */
             (uint16_t)(t->rcv_mss < 65535 ? t->rcv_mss : 65535));
    /* A SYN,ACK answers the offer; a SYN makes one where our buffer needs it. */
    if (dw_tcp_syn_is_plain(t)) return;
    bool scale = p->window_scale && (t->rcv_wscale > 0 || p->window_scale_always);
    syn_offer offer = {.wscale = answer ? t->wscale_ok : scale,
                       .sack = answer ? t->sack_ok : p->sack,
                       .timestamp = answer ? t->ts_ok : p->timestamps};
    switch ((enum dw_tcp_option_layout)p->option_layout) {
    case DW_TCP_LAYOUT_PLAIN: plain_layout(t, h, offer); break;
    case DW_TCP_LAYOUT_LINUX: linux_layout(t, h, offer); break;
    case DW_TCP_LAYOUT_FREEBSD: freebsd_layout(t, h, offer); break;
    }
    /* RFC 7413 4.1.3: not when it has to be sent again; and an answer is for who has asked. */
    bool cookie = t->fast_asked && t->retransmits == 0 && (t->passive || !(h->flags & DW_TCP_ACK));
    if (cookie) add_cookie(t, h);
    if (p->user_timeout_option) add_user_timeout(t, h);
}

/* RFC 2018 section 3: as many blocks as there is room for, and RFC 9768's option before them. */
static void add_sack(dw_tcb *t, dw_tcp_header *h, uint32_t len)
{
    enum { SACK_HEAD = 4, SACK_BLOCK = 8, BLOCKS = 4 };
    dw_tcp_range blocks[BLOCKS];
    uint32_t room = (uint32_t)sizeof h->options - h->options_len;
    if (len > 0 && len + room > t->snd_mss) room = t->snd_mss > len ? t->snd_mss - len : 0;
    uint32_t most = room >= SACK_HEAD + SACK_BLOCK ? (room - SACK_HEAD) / SACK_BLOCK : 0;
    if (!most && !t->tcp->profile.dsack_waits) t->duplicate = (dw_tcp_range){0, 0};
    if (most > BLOCKS) most = BLOCKS;
    uint32_t n = t->sack_ok ? dw_tcp_sack_count(t, most) : 0;
    if (t->accurate) {
        if (n > 0) room -= SACK_HEAD + SACK_BLOCK * n;
        add_accurate(t, h, false, dw_tcp_accurate_fit(t, false, room, n > 0 ? 2 : 0, &n));
    }
    if (n == 0) return;
    n = dw_tcp_sack_blocks(t, blocks, n);
    uint8_t *o = add_option(h, DW_TCP_OPT_SACK, (uint8_t)(2 + SACK_BLOCK * n));
    for (uint32_t i = 0; o && i < n; i++) {
        dw_put32(o + SACK_BLOCK * i, blocks[i].from);
        dw_put32(o + SACK_BLOCK * i + 4, blocks[i].to);
    }
}

/* The header is a whole number of words: by NOPs where all else is aligned, by the end of the list
 * elsewhere. */
static void fill_up(const dw_tcb *t, dw_tcp_header *h)
{
    bool linux = t->tcp->profile.option_layout == DW_TCP_LAYOUT_LINUX;
    while (h->options_len % 4)
        h->options[h->options_len++] = linux ? DW_TCP_OPT_NOP : DW_TCP_OPT_END;
}

static void options(dw_tcb *t, dw_tcp_header *h, uint32_t len)
{
    if (DW_UNLIKELY(!t->set->options)) return;
    if (h->flags & DW_TCP_SYN) {
        syn_options(t, h);
    } else {
        if (t->ts_ok && (!(h->flags & DW_TCP_RST) || t->tcp->profile.reset_acknowledges))
            fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
        if (t->user_timeout_due && len + 4 <= t->snd_mss) add_user_timeout(t, h);
        bool spoken =
            !(h->flags & DW_TCP_RST) || (t->accurate && t->tcp->profile.reset_acknowledges);
        if ((t->sack_ok || t->accurate) && spoken) add_sack(t, h, len);
    }
    fill_up(t, h);
}

/* What every segment with ACK does: the acknowledgment has been given. */
static void acknowledged(dw_tcb *t)
{
    dw_tcp_delack_acknowledged(t);
    t->ack_now = t->squeezed = false;
    t->ack_cause = NULL;
    t->ack_sent = t->rcv_nxt;
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
    if (seq_lt(t->told_edge, edge) || t->tcp->profile.shrink_window) t->told_edge = edge;
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

static void transmit(dw_tcb *t, uint32_t seq, uint8_t flags, const dw_segment *data,
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
    options(t, &h, data ? data->len : 0);
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

/* Acknowledgments. */

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
    transmit(t, acceptable_seq(t), DW_TCP_ACK, NULL, cause);
}

/* 3.8.4: an old sequence number, so that the peer answers (SHLD-12, MAY-6). */
void dw_tcp_send_keepalive(dw_tcb *t)
{
    dw_segment garbage = {.retransmits = 1}; /* no new data: RFC 3168 6.1.5 */
    bool octet = t->tcp->profile.keepalive_octet;
    if (octet && !dw_segment_append(&garbage, (dw_slice){.buf = dw_buf_new("", 1), .len = 1}))
        dw_tcp_no_memory(t->tcp);
    transmit(t, t->snd_nxt - 1, DW_TCP_ACK, &garbage, CAUSE(KEEPALIVE));
    dw_segment_release(&garbage);
}

/* Resets. */

void dw_tcp_reset(dw_tcb *t, const dw_cause *cause)
{
    if (t->tcp->profile.reset_acknowledges)
        dw_tcp_reset_and_ack(t, cause);
    else
        transmit(t, t->snd_nxt, DW_TCP_RST, NULL, cause);
}

void dw_tcp_reset_and_ack(dw_tcb *t, const dw_cause *cause)
{
    transmit(t, t->snd_nxt, DW_TCP_RST | DW_TCP_ACK, NULL, cause);
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

/* The first len octets of `unsent`. */
static void take_unsent(dw_tcb *t, dw_segment *to, uint32_t len)
{
    while (to->len < len)
        if (!dw_segment_append(to, dw_slice_take(&t->unsent, len - to->len))) {
            dw_tcp_no_memory(t->tcp);
            return;
        }
}

/* SYN and SYN,ACK take part in retransmission like data. */

void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause)
{
    dw_segment_clear(&t->rtx);
    t->sent_buffers = 0;
    if (!dw_segment_push(&t->rtx,
                         (dw_segment){.seq = t->iss, .flags = flags, .sent_at = dw_tcp_now(t)})) {
        dw_tcp_no_memory(t->tcp);
        return;
    }
    dw_segment *syn = dw_segment_at(&t->rtx, 0);
    /* RFC 7413: as much of the data as the server's last SYN,ACK allows. */
    bool may = (t->fast_asked || t->fast_bare) && flags == DW_TCP_SYN;
    uint32_t most = may ? dw_tcp_fast_room(t) : 0;
    take_unsent(t, syn, most < t->unsent.bytes ? most : t->unsent.bytes);
    t->pushed = t->unsent.bytes;
    t->snd_nxt = t->iss + 1 + syn->len;
    t->progress_at = dw_tcp_now(t);
    transmit(t, t->iss, flags, syn, cause);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

void dw_tcp_send_cookie(dw_tcb *t)
{
    transmit(t, t->iss, DW_TCP_SYN | DW_TCP_ACK, NULL, CAUSE(SYN_COOKIE));
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
        dw_segment other = {
            .seq = segment->seq, .len = segment->len, .flags = segment->flags, .retransmits = 1};
        dw_buf *buf = dw_buf_new(NULL, segment->len);
        if (!buf) {
            dw_tcp_no_memory(t->tcp);
            return true;
        }
        memset(buf->bytes, '?', segment->len);
        other.slice[0] = (dw_slice){.buf = buf, .len = segment->len};
        other.slice_count = 1;
        transmit(t, other.seq, other.flags, &other, cause);
        dw_segment_release(&other);
        return true;
    }
    return false;
}

bool dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause)
{
    if (dw_tcp_resend_refused(t)) return false;
    dw_tcp_mtu_look(t);
    t->mtu.probe_size = 0; /* a probe of the path's MTU is inconclusive now */
    if (DW_UNLIKELY(segment->len > t->snd_mss) && !(segment->flags & DW_TCP_SYN)) {
        uint32_t index = dw_segment_index(&t->rtx, segment);
        dw_tcp_cut(t, index);
        segment = dw_segment_at(&t->rtx, index);
    }
    if (t->tcp->profile.retransmit_collapse) segment = dw_tcp_chain_collapse(t, segment);
    bool only_fin = segment->len == 0 && segment->flags & DW_TCP_FIN;
    bool withheld = only_fin && !t->tcp->profile.retransmit_fin;
    if (!withheld) segment->retransmits++;
    segment->sent_at = dw_tcp_now(t);
    if (t->rec && !(segment->flags & DW_TCP_SYN))
        dw_tcp_score_resent(t, dw_tcp_number_of(t, segment), cause == CAUSE(TAIL_LOSS_PROBE));
    if (withheld) return true; /* it counts as sent, or recovery would try for ever */
    uint8_t push = t->push_next ? DW_TCP_PSH : 0;
    bool wrong = DW_UNLIKELY(t->tcp->profile.defects) && retransmit_wrongly(t, segment, cause);
    if (!wrong) transmit(t, segment->seq, segment->flags | push, segment, cause);
    return true;
}

/* New data. */

/* How far new data may go beyond SND.UNA. */
static uint32_t send_window(const dw_tcb *t)
{
    if (t->rec) {
        uint64_t room = dw_tcp_recovery_room(t) * (t->rec->segments ? t->snd_mss : 1);
        uint64_t most = dw_tcp_flight(t) + room;
        return most < t->snd_wnd ? (uint32_t)most : t->snd_wnd;
    }
    uint64_t cwnd = t->cc.cwnd + t->inflation + dw_tcp_limited_transmit(t);
    return cwnd < t->snd_wnd ? (uint32_t)cwnd : t->snd_wnd;
}

uint32_t dw_tcp_current_mss(const dw_tcb *t)
{
    if (DW_LIKELY(!t->accurate)) return t->snd_mss;
    return t->snd_mss - dw_tcp_accurate_space(t);
}

/* Nagle's algorithm (RFC 9293 3.7.4): a small segment waits while data is outstanding. */
bool dw_tcp_held_by_nagle(const dw_tcb *t)
{
    if (!t->set->nagle || t->snd_nxt == t->snd_una) return false;
    switch ((enum dw_tcp_nagle_rule)t->tcp->profile.nagle_rule) {
    case DW_TCP_NAGLE_RFC9293: return true;
    case DW_TCP_NAGLE_MINSHALL: return seq_lt(t->snd_una, t->snd_small);
    case DW_TCP_NAGLE_BSD: return !t->was_idle;
    }
    return true;
}

/* 3.8.6.2.1, the sender's silly window avoidance, with Nagle's bracketed conditions (3.7.4).  D is
 * what waits, U what the window takes.  Data that was not pushed (MAY-15, MAY-16) waits for a full
 * segment, though not for ever (MUST-60). */
static bool worth_sending(const dw_tcb *t, uint32_t d, uint32_t u, uint32_t mss)
{
    uint32_t most = d < u ? d : u;
    if (t->set->cork && most < mss) return t->sws_override;
    bool idle = !dw_tcp_held_by_nagle(t);
    if (most == 0) return false;
    if (most >= mss) return true;
    /* A FIN completes the stream: nothing will come to fill this segment up. */
    if (d <= u && ((idle && t->pushed >= d) || t->fin_queued || t->snd_urgent)) return true;
    if (idle && most >= t->max_snd_wnd / 2) return true;
    return t->sws_override;
}

/* Nothing may be sent and nothing is outstanding: who will wake us? */
static void wait_for_window(dw_tcb *t)
{
    bool waits = t->unsent.bytes > 0 || (t->fin_queued && !t->fin_sent);
    bool chained = t->tcp->profile.send_whole_buffers;
    if (t->rtx.count > 0) return; /* its acknowledgment or the retransmission timer will */
    if (chained && (!waits || t->pace_at > dw_tcp_now(t))) return;
    if (t->snd_wnd == 0 || chained) { /* tcp_check_probe_timer: whatever it is that holds it back */
        if (dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST) || DEFECT(t, NO_WINDOW_PROBE)) return;
        const dw_tcp_profile *p = &t->tcp->profile;
        t->persist_interval = t->rto > p->persist_min ? t->rto : p->persist_min;
        t->progress_at = dw_tcp_now(t);
        t->window_probes = t->window_backoff = 0;
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
    if (t->rec) {
        bool first = t->rtx.count == 1, probe = dw_tcp_timer_runs(t, DW_TCP_TIMER_PROBE);
        if (first || probe) dw_tcp_recovery_rearm(t);
        return;
    }
    if (dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT)) return;
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

/* PSH, where the next len octets end with what the user has sent so far, or with a record of it
 * (MUST-61, SHLD-27). */
static uint8_t push_of(dw_tcb *t, uint32_t len)
{
    /* Linux leaves it out behind data that the user said is not all. */
    bool pushes = t->pushed >= len || t->tcp->profile.push_every == 0;
    bool all = t->unsent.bytes == len && pushes;
    return len > 0 && (all || dw_tcp_record_left(t) == len) ? DW_TCP_PSH : 0;
}

/* Cut len octets off `unsent`, with PSH and the FIN behind them as flags has it, and remember them
 * until they are acknowledged.  NULL: there was no memory for it. */
static dw_segment *next_segment(dw_tcb *t, uint32_t len, uint8_t flags)
{
    dw_segment s = {.seq = t->snd_nxt, .flags = DW_TCP_ACK | flags, .sent_at = dw_tcp_now(t)};
    take_unsent(t, &s, len);
    t->pushed = t->pushed > len ? t->pushed - len : 0;
    if (len > 0 && len + dw_tcp_accurate_space(t) < t->snd_mss) t->snd_small = s.seq + len;
    if (t->rtx.count == 0) t->progress_at = s.sent_at;
    if (!dw_segment_push(&t->rtx, s)) {
        dw_tcp_no_memory(t->tcp);
        return NULL;
    }
    t->snd_nxt = dw_segment_end(&s);
    if (t->rec) dw_tcp_score_sent(t, t->rec->first + t->rtx.count - 1);
    return dw_segment_at(&t->rtx, t->rtx.count - 1);
}

/* The FIN leaves: in CLOSE-WAIT that is the moment of the transition (3.10.4). */
static void fin_leaves(dw_tcb *t)
{
    t->fin_sent = true;
    if (t->state == DW_TCP_CLOSE_WAIT) dw_tcp_set_state(t, DW_TCP_LAST_ACK, CAUSE(FIN));
}

static bool send_next(dw_tcb *t, uint32_t len, bool fin)
{
    const dw_cause *cause = len ? CAUSE(DATA) : CAUSE(FIN);
    if (dw_tcp_new_data_refused(t)) return false;
    if (fin) fin_leaves(t);
    dw_segment *s = next_segment(t, len, push_of(t, len) | (fin ? DW_TCP_FIN : 0));
    if (!s) return false;
    t->sws_override = false;
    transmit(t, s->seq, s->flags | (t->push_next ? DW_TCP_PSH : 0), s, cause);
    t->push_next = false;
    start_retransmission_timer(t, cause);
    return true;
}

bool dw_tcp_send_data(dw_tcb *t, uint32_t len, uint8_t flags, uint8_t marks)
{
    const dw_cause *cause = len ? CAUSE(DATA) : CAUSE(FIN);
    if (dw_tcp_new_data_refused(t)) return false;
    if (flags & DW_TCP_FIN) fin_leaves(t);
    dw_segment *s = next_segment(t, len, flags);
    if (!s) return false;
    s->marks |= marks & DW_MARK_RECORD_END;
    if (marks & DW_MARK_BURST_END) dw_tcp_end_buffer(t, s);
    transmit(t, s->seq, s->flags | (t->push_next ? DW_TCP_PSH : 0), s, cause);
    t->push_next = false;
    start_retransmission_timer(t, cause);
    return true;
}

bool dw_tcp_send_long(dw_tcb *t, uint32_t len)
{
    uint8_t flags = push_of(t, len), marks = DW_MARK_BURST_END;
    if (t->tcp->profile.send_whole_buffers) {
        if (!dw_tcp_chain_across(t, len, &flags, &marks)) return false;
    } else if (t->records && dw_tcp_record_left(t) < len) {
        return false;
    }
    uint32_t small = t->snd_small; /* Nagle's rule does not look at probes */
    if (!dw_tcp_send_data(t, len, flags, marks)) return false;
    t->snd_small = small;
    return true;
}

void dw_tcp_end_buffer(dw_tcb *t, dw_segment *s)
{
    if (s->marks & DW_MARK_BURST_END) return;
    s->marks |= DW_MARK_BURST_END;
    t->sent_buffers++;
}

/* New data as the windows allow, in bursts where several segments go out at once. */
static void send_segments(dw_tcb *t)
{
    uint32_t every = dw_tcp_burst_segments(t), place = 0, octets = 0;
    t->rwnd_limited = false;
    t->was_idle = t->snd_nxt == t->snd_una;
    for (;;) {
        uint32_t window = send_window(t), flight = dw_tcp_flight(t);
        uint32_t usable = window > flight ? window - flight : 0;
        uint32_t waiting = t->unsent.bytes, mss = dw_tcp_current_mss(t);
        bool fin_waits = t->fin_queued && !t->fin_sent;
        if (waiting == 0) {
            if (!fin_waits) return;
            if (usable == 0) break;
            if (DEFECT(t, P2525_15) && !t->sws_override) break;
            send_next(t, 0, true);
            return;
        }
        if (place == 0 && dw_tcp_pace_waits(t)) return;
        if (place == 0 && waiting > mss && dw_tcp_burst_waits(t, usable)) return;
        /* What ends with a record, and is not the last, will not become a larger segment. */
        uint32_t record = DW_UNLIKELY(t->records != NULL) ? dw_tcp_record_left(t) : waiting;
        bool final = record < waiting && record <= usable;
        if (!final && !worth_sending(t, waiting, usable, mss)) {
            t->rwnd_limited = waiting > usable && window == t->snd_wnd;
            break;
        }
        uint32_t len = waiting < usable ? waiting : usable;
        if (len > mss) len = mss;
        if (len > record) len = record;
        bool fin_too = fin_waits && len == waiting && usable > len && !DEFECT(t, P2525_15);
        place++;
        octets += len;
        bool last = every <= 1 || place == every || usable - len < mss;
        t->push_next = place > 1 && last && len == mss;
        if (!send_next(t, len, fin_too)) return;
        if (!last && len == mss && t->unsent.bytes > 0) continue;
        dw_tcp_end_buffer(t, dw_segment_at(&t->rtx, t->rtx.count - 1));
        dw_tcp_burst_sent(t, octets, place);
        place = octets = 0;
    }
    wait_for_window(t);
}

/* RFC 5681 section 4.1: after a pause the window says nothing about the path any more. */
static void restart_after_idle(dw_tcb *t)
{
    dw_time idle = dw_tcp_now(t) - t->burst_at;
    if (t->rtx.count > 0 || t->burst_at == 0 || idle <= t->rto || t->unsent.bytes == 0) return;
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, on_restart)) t->cc.ops->on_restart(&t->cc, idle);
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, control)) return;
    uint64_t least = t->cc.initial < t->cc.cwnd ? t->cc.initial : t->cc.cwnd;
    switch ((enum dw_tcp_idle_restart)t->tcp->profile.idle_restart) {
    case DW_TCP_IDLE_KEEP: return;
    case DW_TCP_IDLE_RFC5681: t->cc.cwnd = least; return;
    case DW_TCP_IDLE_HALVE:
        if (t->cc.ssthresh < t->cc.cwnd / 4 * 3) t->cc.ssthresh = t->cc.cwnd / 4 * 3;
        while ((idle -= t->rto) > 0 && t->cc.cwnd > least)
            t->cc.cwnd /= 2;
        if (t->cc.cwnd < least) t->cc.cwnd = least;
    }
}

void dw_tcp_send_new(dw_tcb *t)
{
    uint32_t before = t->snd_nxt;
    bool chained = t->tcp->profile.send_whole_buffers;
    if (t->unsent.bytes > 0) dw_tcp_mtu_look(t);
    restart_after_idle(t);
    if (!t->push_one && dw_tcp_mtu_probe(t)) {
        /* The rest waits with it, until it may leave. */
    } else if (chained) {
        dw_tcp_chain_output(t);
        wait_for_window(t);
    } else {
        send_segments(t);
    }
    if (!t->rec) return;
    bool sent = t->snd_nxt != before;
    bool full = dw_tcp_recovery_room(t) < dw_tcp_segment_units(t) || (chained && t->cwnd_limited);
    if (sent) {
        if (t->cc.state == DW_CONGESTION_CWR || t->cc.state == DW_CONGESTION_RECOVERY)
            dw_tcp_recovery_count_sent(t, before);
        dw_tcp_probe_later(t, false);
    }
    if (sent || full) dw_tcp_recovery_validate(t, full);
    dw_tcp_recovery_rescue(t);
}

/* 7.3 of RFC 8985: one segment of new data, whatever the window of congestion and Nagle say. */
void dw_tcp_output_probe(dw_tcb *t)
{
    if (t->tcp->profile.send_whole_buffers) {
        dw_tcp_chain_probe(t);
        return;
    }
    uint32_t window = t->snd_wnd, flight = dw_tcp_flight(t);
    uint32_t len = t->unsent.bytes < t->snd_mss ? t->unsent.bytes : t->snd_mss;
    if (len == 0 || flight + len > window) return;
    send_next(t, len, t->fin_queued && !t->fin_sent && len == t->unsent.bytes);
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
        dw_tcp_cut(t, index);
        dw_segment *s = dw_segment_at(&t->rtx, index);
        uint32_t end = dw_segment_end(s);
        if (end - t->snd_una > send_window(t)) return true;
        t->resend_nxt = end;
        const dw_cause *why = t->resend_smaller ? CAUSE(RESEND_SMALLER) : CAUSE(RESEND);
        dw_tcp_retransmit(t, s, why);
        start_retransmission_timer(t, why);
    }
    t->resend_smaller = false;
    t->resend_nxt = t->resend_end = t->snd_una;
    return false;
}

/* 3.8.6.1: at least one octet of new data, or the FIN, which takes a number too. */
void dw_tcp_probe(dw_tcb *t)
{
    bool chained = t->tcp->profile.send_whole_buffers;
    if (chained && t->rtx.count == 0 && dw_tcp_chain_wakeup(t)) return;
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
    dw_segment *s = next_segment(t, fin ? 0 : 1, fin ? DW_TCP_FIN : push_of(t, 1));
    if (!s) return;
    t->probing = true;
    transmit(t, s->seq, s->flags, s, CAUSE(ZERO_WINDOW_PROBE));
}

void dw_tcp_output(dw_tcb *t)
{
    if (t->state == DW_TCP_CLOSED || t->state == DW_TCP_LISTEN) return;
    bool alone = t->answers_alone;
    t->answers_alone = false;
    bool open =
        !alone && t->state != DW_TCP_SYN_SENT && (t->state != DW_TCP_SYN_RECEIVED || t->fast);
    if (open && !t->probing && (t->rec || !resend(t))) dw_tcp_send_new(t);
    dw_tcp_delack_check(t);
    if (t->ack_now && t->state != DW_TCP_SYN_SENT) dw_tcp_send_ack(t, t->ack_cause);
    if (t->space_due) dw_tcp_tell_space(t);
    dw_tcp_chrono_look(t);
    dw_tcp_trace_variables(t);
}
