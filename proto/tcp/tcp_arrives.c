/* RFC 9293 section 3.10.7: SEGMENT ARRIVES. */
#include "tcp.h"

static bool has(const dw_seg *s, uint8_t flags)
{
    return (s->flags & flags) != 0;
}

/* 3.10.7.1, CLOSED STATE. */
static void closed(dw_tcp *tcp, dw_seg *s)
{
    if (has(s, DW_TCP_RST)) {
        s->drop = CAUSE(DROP_RST_TO_CLOSED);
        return;
    }
    dw_tcp_reset_reply(tcp, s, NULL, CAUSE(RESET_CLOSED));
    s->drop = CAUSE(RESET_CLOSED);
}

/* 3.10.7.3, SYN-SENT STATE.  Each step returns DROP when the RFC says "return". */

/* Linux: whoever answered may have dropped an earlier answer of ours
 * (tcp_rcv_synsent_state_process; TCP_TIMEOUT_MIN). */
static void retry_soon(dw_tcb *t)
{
    const dw_time two_ticks = 8 * DW_MILLISECOND;
    if (t->tcp->profile.syn_retry == DW_TCP_SYN_RETRY_SOON && t->retransmits == 0)
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, two_ticks, CAUSE(SYN_RETRY));
}

static int syn_sent_first_check_ack(dw_tcb *t, dw_seg *s)
{
    if (!has(s, DW_TCP_ACK)) return PROCEED;
    if (t->syn_data > 0 && has(s, DW_TCP_SYN)) dw_tcp_fast_reinstate(t, s->ack);
    bool in_range = !seq_leq(s->ack, t->iss) && seq_leq(s->ack, t->snd_nxt);
    if (in_range && !dw_tcp_stamp_foreign(t, s)) return PROCEED;
    s->drop = CAUSE(DROP_RST_BAD_ACK);
    if (!in_range) retry_soon(t);
    if (has(s, DW_TCP_RST)) return DROP;
    dw_tcp_reset_reply(t->tcp, s, t, CAUSE(RESET_BAD_ACK));
    s->drop = CAUSE(DROP_ACK_RANGE);
    if (!in_range && t->tcp->profile.syn_retry == DW_TCP_SYN_RETRY_NOW)
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(SYN_RETRY));
    return DROP;
}

static int syn_sent_second_check_rst(dw_tcb *t, dw_seg *s)
{
    if (!has(s, DW_TCP_RST)) return PROCEED;
    if (has(s, DW_TCP_ACK))
        dw_tcp_delete(t, DW_E_REFUSED, CAUSE(REFUSED));
    else
        s->drop = CAUSE(DROP_RST_BAD_ACK);
    return DROP;
}

static void simultaneous_open(dw_tcb *t, dw_seg *s)
{
    dw_tcp_set_state(t, DW_TCP_SYN_RECEIVED, CAUSE(SIMULTANEOUS_OPEN));
    t->snd_wnd = s->wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
    if (t->snd_wnd > t->max_snd_wnd) t->max_snd_wnd = t->snd_wnd;
    dw_tcp_fast_withdraw(t);
    s->flags &= (uint8_t)~DW_TCP_SYN;
    s->seq++;
    if (t->tcp->profile.syn_fin == DW_TCP_EARLY_DISCARD) s->flags &= (uint8_t)~DW_TCP_FIN;
    if (t->tcp->profile.syn_data == DW_TCP_EARLY_DISCARD) dw_seg_drop_text(s);
    dw_tcp_keep_early(t, s); /* text and FIN wait for ESTABLISHED */
    dw_time due = t->deadline[DW_TCP_TIMER_RETRANSMIT], since = t->progress_at;
    dw_tcp_send_control(t, DW_TCP_SYN | DW_TCP_ACK, CAUSE(SIMULTANEOUS_OPEN));
    if (t->tcp->profile.simultaneous_offers) { /* it is the SYN once more, to Linux's timer too */
        t->progress_at = since;
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, due - dw_tcp_now(t), CAUSE(SIMULTANEOUS_OPEN));
    }
    /* Its number went out before, with the SYN: what acknowledges it is no sample (MUST-18).  Linux
     * takes one, unless the SYN was sent again. */
    dw_segment_at(&t->rtx, 0)->retransmits =
        t->tcp->profile.simultaneous_offers ? t->syn_retransmits : 1;
}

/* Data on our SYN that the peer did not take: in segments of the size that it has told now. */
static void resend_syn_data(dw_tcb *t)
{
    for (uint32_t i = 0; i < t->rtx.count; i++)
        if (dw_segment_at(&t->rtx, i)->len > t->snd_mss &&
            !dw_segment_split(&t->rtx, i, t->snd_mss))
            dw_tcp_no_memory(t->tcp);
    if (t->rec) dw_tcp_score_rebuild(t);
    dw_tcp_resend_all(t);
}

static void syn_sent_fourth_check_syn(dw_tcb *t, dw_seg *s)
{
    if (!has(s, DW_TCP_SYN)) {
        s->drop = CAUSE(DROP_NO_SYN);
        return;
    }
    if (has(s, DW_TCP_FIN) && t->tcp->profile.synsent_synfin == DW_TCP_SYNFIN_DROP) {
        s->drop = CAUSE(DROP_SYNFIN);
        return;
    }
    dw_tcp_negotiate(t, s);
    if (!has(s, DW_TCP_ACK)) {
        simultaneous_open(t, s);
        return;
    }
    dw_tcp_fast_remember(t, s);
    t->syn_data_acked = s->ack != t->iss + 1;
    dw_tcp_advance_una(t, s, s->ack);
    if (t->rtx.count == 0) dw_segment_clear(&t->rtx);
    dw_tcp_rtt_after_syn(t);
    dw_tcp_set_state(t, DW_TCP_ESTABLISHED, CAUSE(SYN_ACKED));
    t->snd_wl1 = s->seq - 1;
    dw_tcp_update_window(t, s);
    t->ack_now = true;
    t->ack_cause = CAUSE(HANDSHAKE_ACK);
    dw_tcp_rcvbuf_begin(t);
    dw_tcp_delack_opened(t);
    if (t->rtx.count > 0) resend_syn_data(t);
    dw_tcp_tune_space(t);
    dw_tcp_keepalive_start(t);
    dw_tcp_tell(t, DW_SOCKET_CONNECTED | DW_SOCKET_WRITABLE);
    if (t->fin_queued) dw_tcp_set_state(t, DW_TCP_FIN_WAIT_1, CAUSE(USER_CLOSE));
    s->flags &= (uint8_t)~DW_TCP_SYN;
    s->seq++;
    if (t->tcp->profile.syn_ack_data == DW_TCP_EARLY_DISCARD && !t->syn_data_acked)
        dw_seg_drop_text(s);
    dw_tcp_sixth_and_on(t, s);
}

static void syn_sent(dw_tcb *t, dw_seg *s)
{
    if (syn_sent_first_check_ack(t, s) == DROP) return;
    if (syn_sent_second_check_rst(t, s) == DROP) return;
    /* Third, check security: drywire carries no compartments, so all match. */
    syn_sent_fourth_check_syn(t, s);
}

/* 3.10.7.4, Other States: first, check sequence number. */

/* RCV.WND, or what there is room for. */
static uint32_t window_of(const dw_tcb *t)
{
    uint32_t buffer = t->set->receive_buffer, used = t->received.bytes;
    if (DW_LIKELY(!t->tcp->profile.accept_to_buffer) || t->folded ||
        t->place == DW_TCP_PLACE_HALF_OPEN)
        return t->rcv_wnd;
    uint32_t room = buffer > used ? buffer - used : 0;
    return room > t->rcv_wnd ? room : t->rcv_wnd;
}

/* Table 6. */
static bool acceptable(const dw_tcb *t, const dw_seg *s)
{
    uint32_t len = dw_seg_len(s), wnd = window_of(t);
    if (len == 0 && wnd == 0) return s->seq == t->rcv_nxt;
    if (wnd == 0) return false;
    uint32_t first = s->seq - t->rcv_nxt;
    if (first < wnd) return true;
    return len > 0 && s->seq + len - 1 - t->rcv_nxt < wnd;
}

/* A SYN that came before comes again while we are in SYN-RECEIVED.  With ACK it is the peer's half
 * of a simultaneous open (figure 7, line 6): its SYN is old, its ACK is not.  Without, our SYN,ACK
 * was lost: the same one goes out again. */
static int repeated_syn(dw_tcb *t, dw_seg *s)
{
    if (has(s, DW_TCP_ACK)) {
        dw_tcp_ecn_syn_again(t, s);
        if (t->syn_data > 0) dw_tcp_fast_reinstate(t, s->ack);
        if (t->tcp->profile.simultaneous_ack) {
            if (t->sack_ok) dw_tcp_sack_duplicate(t, s->seq, s->seq + 1);
            t->ack_now = true;
            t->ack_cause = CAUSE(NOT_ACCEPTABLE);
        }
        s->flags &= (uint8_t)~DW_TCP_SYN;
        s->seq++;
        return PROCEED;
    }
    if (t->rtx.count > 0) {
        dw_tcp_syn_repeated(t);
        dw_tcp_ecn_syn_again(t, s);
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(PASSIVE_OPEN));
        t->syn_came_again = false;
    }
    s->drop = CAUSE(DROP_NOT_IN_WINDOW);
    return DROP;
}

/* "The only thing that can arrive in this state is a retransmission of the remote FIN.
 * Acknowledge it, and restart the 2 MSL timeout." */
static void restart_time_wait(dw_tcb *t)
{
    if (t->tcp->profile.time_wait_restart) dw_tcp_start_time_wait(t, CAUSE(TIME_WAIT_RESTART));
}

/* Keep only what lies in the window (the "idealized segment" of the RFC).  In front, old data and
 * an old SYN; behind, data beyond the window and with it the FIN. */
void dw_tcp_trim(dw_tcb *t, dw_seg *s)
{
    uint32_t old = t->rcv_nxt - s->seq;
    if (seq_lt(s->seq, t->rcv_nxt)) {
        if (has(s, DW_TCP_SYN)) {
            s->flags &= (uint8_t)~DW_TCP_SYN;
            s->seq++;
            old--;
        }
        uint32_t cut = old < s->text_len ? old : s->text_len;
        if (old > s->text_len) s->flags &= (uint8_t)~DW_TCP_FIN;
        s->text_at += cut;
        s->text_len -= cut;
        s->seq = t->rcv_nxt;
    }
    if (t->tcp->profile.sequence_check == DW_TCP_SEQUENCE_LINUX) return; /* whole, or not at all */
    uint32_t room = t->rcv_nxt + window_of(t) - s->seq;
    if (s->text_len + !!has(s, DW_TCP_FIN) <= room) return;
    s->flags &= (uint8_t)~DW_TCP_FIN;
    if (s->text_len > room) s->text_len = room;
}

/* The peer's FIN has been taken, but its sender may not count it (Linux). */
static bool rst_one_below(const dw_tcb *t, const dw_seg *s)
{
    bool after_fin =
        t->state == DW_TCP_CLOSE_WAIT || t->state == DW_TCP_LAST_ACK || t->state == DW_TCP_CLOSING;
    return t->tcp->profile.rst_one_below && after_fin && s->seq == t->rcv_nxt - 1;
}

/* RFC 2883 4.1: what lies before RCV.NXT has come twice.  TIME-WAIT keeps no such account. */
static void report_old(dw_tcb *t, const dw_seg *s)
{
    bool fin = t->tcp->profile.sack_fin && has(s, DW_TCP_FIN);
    uint32_t end = s->seq + s->text_len + fin;
    if (t->accurate && seq_lt(s->seq, end) && seq_leq(end, t->rcv_nxt))
        dw_tcp_accurate_came_again(t, s->seq);
    if (seq_lt(s->seq, end) && seq_lt(s->seq, t->rcv_nxt))
        dw_tcp_sack_duplicate(t, s->seq, seq_lt(end, t->rcv_nxt) ? end : t->rcv_nxt);
}

/* Both windows are closed, and the peer's last probe left an octet with us that we could not take:
 * its ACKs stand behind that octet.  They are valid, and may open the window on which this end
 * waits ("special allowance should be made to accept valid ACKs"). */
static bool beside_a_probe(const dw_tcb *t, const dw_seg *s)
{
    if (!has(s, DW_TCP_ACK) || has(s, DW_TCP_SYN | DW_TCP_RST) || dw_seg_len(s) > 0) return false;
    return s->seq == t->rcv_nxt + 1 && window_of(t) == 0;
}

/* It ends where our last ACK stands, or behind it.  Linux finds that acceptable, and counts its
 * mark or takes its SYN (tcp_sequence). */
static bool last_once_more(const dw_tcb *t, const dw_seg *s)
{
    uint32_t len = dw_seg_len(s), end = s->seq + len;
    return t->accurate && len > 0 && seq_leq(t->ack_sent, end) && seq_leq(end, t->rcv_nxt);
}

/* tcp_sequence */
static bool acceptable_to_linux(const dw_tcb *t, const dw_seg *s)
{
    uint32_t end = s->seq + dw_seg_len(s), edge = t->rcv_mwnd_seq;
    if (seq_lt(edge, t->rcv_nxt)) edge = t->rcv_nxt;
    if (seq_lt(end, t->ack_sent) || seq_lt(edge, s->seq)) return false;
    if (has(s, DW_TCP_FIN)) end--;
    return seq_leq(end, edge) || t->received.count == 0;
}

/* The segment is acceptable, and its ACK counts; what of its text will not be taken is said to have
 * come in vain (tcp_data_queue). */
static void text_for_linux(dw_tcb *t, dw_seg *s)
{
    bool bare_fin = s->text_len == 0 && has(s, DW_TCP_FIN) && s->seq == t->rcv_nxt;
    bool old = seq_leq(s->seq + dw_seg_len(s), t->rcv_nxt);
    bool beyond = t->rcv_wnd == 0 ? !bare_fin : !seq_lt(s->seq, t->rcv_nxt + t->rcv_wnd);
    if (dw_seg_len(s) == 0) return;
    if (!old && !beyond) {
        dw_tcp_trim(t, s);
        return;
    }
    bool closed_window = !old && t->rcv_wnd == 0 && seq_leq(s->seq, t->rcv_nxt);
    dw_tcp_delack_old(t, CAUSE(NOT_ACCEPTABLE));
    dw_seg_drop_text(s);
    s->drop = closed_window ? CAUSE(DROP_ZERO_WINDOW) : CAUSE(DROP_NOT_IN_WINDOW);
}

static int check_sequence_of_linux(dw_tcb *t, dw_seg *s)
{
    if (acceptable_to_linux(t, s)) {
        if (!has(s, DW_TCP_SYN | DW_TCP_RST)) text_for_linux(t, s);
        return PROCEED;
    }
    if (has(s, DW_TCP_RST)) {
        if (rst_one_below(t, s)) return PROCEED;
        s->drop = CAUSE(DROP_RST_OUTSIDE);
        return DROP;
    }
    if (has(s, DW_TCP_SYN))
        return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_NOT_IN_WINDOW), CAUSE(CHALLENGE_ACK));
    bool old = seq_lt(s->seq + dw_seg_len(s), t->ack_sent);
    if (dw_seg_len(s) > 0 && seq_lt(s->seq, t->rcv_nxt)) dw_tcp_delack_trouble(t);
    return dw_tcp_ack_and_drop(t, s, old ? CAUSE(DROP_NOT_IN_WINDOW) : CAUSE(DROP_BEYOND_WINDOW),
                               CAUSE(NOT_ACCEPTABLE));
}

static int first_check_sequence(dw_tcb *t, dw_seg *s)
{
    bool linux = t->tcp->profile.sequence_check == DW_TCP_SEQUENCE_LINUX &&
                 t->state != DW_TCP_SYN_RECEIVED && t->state != DW_TCP_TIME_WAIT;
    if (linux && dw_seg_len(s) > 0) t->duplicate = (dw_tcp_range){0, 0}; /* told, or never */
    if (t->sack_ok && t->state != DW_TCP_TIME_WAIT) report_old(t, s);
    if (beside_a_probe(t, s)) s->seq = t->rcv_nxt;
    if (t->state == DW_TCP_SYN_RECEIVED && has(s, DW_TCP_SYN) && s->seq == t->irs &&
        repeated_syn(t, s) == DROP)
        return DROP;
    if (linux) return check_sequence_of_linux(t, s);
    if (acceptable(t, s)) {
        if (!has(s, DW_TCP_SYN | DW_TCP_RST)) dw_tcp_trim(t, s);
        return PROCEED;
    }
    if (has(s, DW_TCP_RST)) {
        if (rst_one_below(t, s)) return PROCEED;
        s->drop = CAUSE(DROP_RST_OUTSIDE);
        return DROP;
    }
    const dw_cause *why = CAUSE(NOT_ACCEPTABLE);
    if (t->state == DW_TCP_TIME_WAIT && has(s, DW_TCP_FIN) &&
        s->seq + dw_seg_len(s) == t->rcv_nxt) {
        restart_time_wait(t);
        why = CAUSE(TIME_WAIT_RESTART);
    }
    if (last_once_more(t, s)) {
        if (has(s, DW_TCP_SYN))
            dw_tcp_ecn_syn_again(t, s);
        else
            dw_tcp_ecn_acceptable(t, s);
    }
    if (t->tcp->profile.old_segment_ack && dw_tcp_synchronized(t) && has(s, DW_TCP_ACK) &&
        !has(s, DW_TCP_SYN) && dw_seg_len(s) > 0 && seq_leq(s->seq + dw_seg_len(s), t->rcv_nxt)) {
        dw_seg_drop_text(s);
        t->ack_now = true;
        t->ack_cause = why;
        s->drop = CAUSE(DROP_NOT_IN_WINDOW);
        return PROCEED;
    }
    if (t->rcv_wnd == 0 && has(s, DW_TCP_URG)) dw_tcp_urgent_arrives(t, s); /* MUST-66 */
    /* "If the RCV.WND is zero ... special allowance should be made to accept valid ACKs" (MUST-66).
     */
    if (t->rcv_wnd == 0 && s->seq == t->rcv_nxt && !has(s, DW_TCP_SYN)) {
        dw_seg_drop_text(s);
        t->ack_now = true;
        t->ack_cause = why;
        s->drop = CAUSE(DROP_NOT_IN_WINDOW);
        return PROCEED;
    }
    if (dw_seg_len(s) > 0) dw_tcp_delack_trouble(t);
    dw_tcp_ack_and_drop(t, s, CAUSE(DROP_NOT_IN_WINDOW), why);
    dw_tcp_ecn_challenged(t);
    return DROP;
}

/* Second, check the RST bit. */

static void reset_by_peer(dw_tcb *t)
{
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_SYN_RECEIVED:
        if (t->passive && t->place == DW_TCP_PLACE_HALF_OPEN)
            dw_tcp_back_to_listen(t, CAUSE(RST_BACK_TO_LISTEN));
        else if (t->passive)
            dw_tcp_delete(t, DW_E_RESET, CAUSE(RST_RECEIVED));
        else if (t->tcp->profile.simultaneous_rst == DW_TCP_OPEN_RESET)
            dw_tcp_delete(t, DW_E_RESET, CAUSE(RST_RECEIVED));
        else
            dw_tcp_delete(t, DW_E_REFUSED, CAUSE(REFUSED));
        return;
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSE_WAIT: dw_tcp_delete(t, DW_E_RESET, CAUSE(RST_RECEIVED)); return;
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
        dw_tcp_delete(t, t->tcp->profile.late_rst_error ? DW_E_RESET : DW_OK, CAUSE(RST_RECEIVED));
        return;
    case DW_TCP_TIME_WAIT: dw_tcp_delete(t, DW_OK, CAUSE(RST_RECEIVED)); return;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_SYN_SENT:
    case DW_TCP_STATES: return;
    }
}

static int second_check_rst(dw_tcb *t, dw_seg *s)
{
    if (!has(s, DW_TCP_RST)) return PROCEED;
    if (t->state == DW_TCP_TIME_WAIT && t->tcp->profile.time_wait_rst == DW_TCP_TW_RST_IGNORE) {
        s->drop = CAUSE(DROP_RST_TIME_WAIT);
        return DROP;
    }
    bool strict = t->tcp->profile.rst_check == DW_TCP_RULE_RFC5961 && !rst_one_below(t, s);
    if (strict && s->seq - t->rcv_nxt >= window_of(t) && s->seq != t->rcv_nxt) {
        s->drop = CAUSE(DROP_RST_OUTSIDE); /* only its data reaches into the window */
        return DROP;
    }
    if (strict && s->seq != t->rcv_nxt) {
        s->drop = CAUSE(DROP_RST_NOT_EXACT);
        if (t->state == DW_TCP_TIME_WAIT && !t->tcp->profile.time_wait_challenge) return DROP;
        return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_RST_NOT_EXACT), CAUSE(CHALLENGE_ACK));
    }
    reset_by_peer(t);
    return DROP;
}

/* Fourth, check the SYN bit. */
static int fourth_check_syn(dw_tcb *t, dw_seg *s)
{
    if (!has(s, DW_TCP_SYN)) return PROCEED;
    if (t->state == DW_TCP_SYN_RECEIVED && t->place == DW_TCP_PLACE_HALF_OPEN) {
        dw_tcp_back_to_listen(t, CAUSE(SYN_BACK_TO_LISTEN));
        return DROP;
    }
    if (t->tcp->profile.syn_check == DW_TCP_SYN_RFC5961) {
        dw_tcp_ecn_syn_again(t, s);
        dw_tcp_ack_and_drop(t, s, CAUSE(DROP_SYN_CHALLENGED), CAUSE(CHALLENGE_ACK));
        dw_tcp_ecn_challenged(t);
        return DROP;
    }
    if (t->tcp->profile.syn_check == DW_TCP_SYN_RESET)
        dw_tcp_reset_and_ack(t, CAUSE(SYN_IN_WINDOW));
    else
        dw_tcp_reset_reply(t->tcp, s, t, CAUSE(SYN_IN_WINDOW));
    dw_tcp_delete(t, DW_E_RESET, CAUSE(SYN_IN_WINDOW));
    return DROP;
}

/* Sixth, check the URG bit.  After the peer's FIN there is nothing it could point at. */
static void sixth_check_urg(dw_tcb *t, const dw_seg *s)
{
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
        if (has(s, DW_TCP_URG)) dw_tcp_urgent_arrives(t, s);
        return;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_SYN_SENT:
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_CLOSE_WAIT:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT:
    case DW_TCP_STATES: return;
    }
}

/* Seventh, process the segment text. */
static int seventh_process_text(dw_tcb *t, dw_seg *s)
{
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
        if (t->user == DW_TCP_USER_GONE && s->text_len > 0) {
            /* SHLD-3: nobody will read it, and the sender should know. */
            if (DEFECT(t, P2525_16)) {
                t->rcv_nxt += s->seq == t->rcv_nxt ? s->text_len : 0;
                t->ack_now = true;
                t->ack_cause = CAUSE(ACK_OF_DATA);
                s->drop = CAUSE(DROP_DEFECT);
                return DROP;
            }
            if (t->tcp->profile.reset_acknowledges && has(s, DW_TCP_ACK)) /* as if t were gone */
                dw_tcp_reset_reply(t->tcp, s, t, CAUSE(DATA_AFTER_CLOSE));
            else
                dw_tcp_reset(t, CAUSE(DATA_AFTER_CLOSE));
            dw_tcp_delete(t, DW_E_RESET, CAUSE(DATA_AFTER_CLOSE));
            s->drop = CAUSE(DROP_CLOSED_BY_USER);
            return DROP;
        }
        dw_tcp_process_text(t, s);
        return PROCEED;
    case DW_TCP_CLOSE_WAIT:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT:
        /* "This should not occur since a FIN has been received.  Ignore the segment text." */
        if (s->text_len > 0) s->drop = CAUSE(DROP_AFTER_FIN);
        return PROCEED;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_SYN_SENT:
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_STATES: return PROCEED;
    }
    return PROCEED;
}

/* Eighth, check the FIN bit: it counts once everything before it has come. */

static void eighth_check_fin(dw_tcb *t)
{
    if (!t->fin_reached || t->fin_received) return;
    t->fin_received = true;
    t->rcv_nxt++;
    if (t->rcv_wnd > 0) t->rcv_wnd--;
    if (t->tcp->profile.fin_clears_sack) {
        t->duplicate = (dw_tcp_range){0, 0};
        dw_tcp_sack_forget(t);
    }
    dw_tcp_delack_fin(t);
    dw_tcp_tell(t, DW_SOCKET_READABLE);
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_ESTABLISHED: dw_tcp_set_state(t, DW_TCP_CLOSE_WAIT, CAUSE(PEER_FIN)); return;
    case DW_TCP_FIN_WAIT_1:
        /* Had our FIN been acknowledged, the fifth check would have left this state. */
        dw_tcp_set_state(t, DW_TCP_CLOSING, CAUSE(PEER_FIN));
        if (t->fin_sent && t->tcp->profile.simultaneous_close == DW_TCP_CLOSE_REPLY_FIN) {
            dw_tcp_retransmit(t, dw_segment_at(&t->rtx, t->rtx.count - 1), CAUSE(ACK_OF_FIN));
            t->ack_now = false;
        }
        return;
    case DW_TCP_FIN_WAIT_2: dw_tcp_enter_time_wait(t, CAUSE(TIME_WAIT)); return;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_SYN_SENT:
    case DW_TCP_CLOSE_WAIT:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT:
    case DW_TCP_STATES: return;
    }
}

void dw_tcp_sixth_and_on(dw_tcb *t, dw_seg *s)
{
    dw_tcp_ecn_arrives(t, s);
    sixth_check_urg(t, s);
    if (seventh_process_text(t, s) == DROP) return;
    eighth_check_fin(t);
    dw_tcp_ecn_taken(t, s);
}

/* "Acknowledge it, and restart the 2 MSL timeout" is for whatever is no plain ACK in sequence: two
 * ends in TIME-WAIT must not answer each other's. */
static void time_wait_segment(dw_tcb *t, const dw_seg *s)
{
    bool fin = has(s, DW_TCP_FIN);
    if (!fin && s->text_len == 0 && s->seq_first == t->rcv_nxt) return;
    if (fin) restart_time_wait(t);
    t->ack_now = true;
    t->ack_cause = fin ? CAUSE(TIME_WAIT_RESTART) : CAUSE(NOT_ACCEPTABLE);
}

/* What any segment of the connection tells, whatever becomes of it. */
static void heard(dw_tcb *t, const dw_seg *s)
{
    if (DW_UNLIKELY(t->set->keepalive)) dw_tcp_keepalive_heard(t);
    t->rcv_tos = s->flow->tos;
}

/* RFC 5482 section 3.1: the peer's timeout counts when we speak of ours too, within bounds. */
static void heed_user_timeout(dw_tcb *t, const dw_seg *s)
{
    if (!s->has_user_timeout || !t->tcp->profile.user_timeout_option) return;
    dw_time told =
        (s->user_timeout & 0x7fff) * (s->user_timeout & 0x8000 ? DW_MINUTE : (dw_time)DW_SECOND);
    dw_time least = 100 * DW_SECOND; /* L_LIMIT; U_LIMIT is what the option can say */
    if (told < least) told = least;
    if (told > t->set->user_timeout) dw_tcp_settings_own(t)->user_timeout = told;
}

/* Whether TS.Recent may be taken from a segment that is in the window. */
static bool tells_the_time(const dw_tcb *t, const dw_seg *s)
{
    if (!t->tcp->profile.ts_recent_acked || t->state == DW_TCP_SYN_RECEIVED) return true;
    return has(s, DW_TCP_ACK) && seq_leq(t->snd_una, s->ack) && seq_leq(s->ack, t->snd_nxt);
}

/* The RFC runs eight checks in a fixed order and so do we.  DROP means the RFC said "drop the
 * segment and return".  Nothing here builds an acknowledgment: checks set ack_now, and output runs
 * once when all segments of this instant have been processed (MUST-58, MUST-59). */
void dw_tcp_other_states(dw_tcb *t, dw_seg *s)
{
    if (t->state == DW_TCP_TIME_WAIT && t->tcp->profile.time_wait_rules == DW_TCP_TW_RULES_BSD) {
        dw_tcp_time_wait_bsd(t, s);
        return;
    }
    if (DW_UNLIKELY(t->state == DW_TCP_SYN_RECEIVED)) dw_tcp_options_settled(t, s);
    if (DW_UNLIKELY(t->accurate != NULL)) dw_tcp_accurate_state(t);
    if (!has(s, DW_TCP_SYN)) s->wnd <<= t->snd_wscale;
    heard(t, s);
    if (t->ts_ok && dw_tcp_paws(t, s) == DROP) return;
    if (first_check_sequence(t, s) == DROP) return;
    if (t->ts_ok && tells_the_time(t, s)) dw_tcp_stamp_update(t, s);
    /* A different source route overrides the earlier one (SHLD-24), not one of ours (MUST-52). */
    if (DW_UNLIKELY(s->flow->route) && t->passive && !t->folded)
        dw_tcp_set_route(t, s->flow->route);
    if (second_check_rst(t, s) == DROP) return;
    /* Third, check security: drywire carries no compartments, so all match. */
    if (fourth_check_syn(t, s) == DROP) return;
    bool waited = t->state == DW_TCP_TIME_WAIT;
    bool counts = !s->drop || t->tcp->profile.sequence_check == DW_TCP_SEQUENCE_LINUX;
    if (t->state != DW_TCP_SYN_RECEIVED && counts) dw_tcp_ecn_acceptable(t, s);
    if (dw_tcp_fifth_check_ack(t, s) == DROP) return;
    if (DW_UNLIKELY(s->has_user_timeout)) heed_user_timeout(t, s);
    if (waited) time_wait_segment(t, s);
    dw_tcp_sixth_and_on(t, s);
}

void dw_tcp_segment_for_tcb(dw_tcb *t, dw_seg *s)
{
    bool alone = t->answers_alone || !t->settling;
    t->answers_alone = false;
    if (t->state == DW_TCP_SYN_SENT) {
        heard(t, s);
        syn_sent(t, s);
    } else {
        dw_tcp_other_states(t, s);
    }
    t->answers_alone = t->answers_alone && alone;
    if (t->state == DW_TCP_CLOSED)
        dw_tcp_reap(t);
    else if (t->state != DW_TCP_LISTEN)
        dw_tcp_settle_later(t);
}

/* "Fourth, check the SYN bit, TIME-WAIT": the next incarnation may begin, for a listener.  True
 * when it has. */
static bool reopen(dw_tcp *tcp, dw_tcb *t, dw_tcp_time_wait *w, dw_seg *s)
{
    uint32_t rcv_nxt = t ? t->rcv_nxt : w->rcv_nxt;
    uint32_t ts_recent = t ? t->ts_recent : w->ts_recent;
    bool ts_ok = t ? t->ts_ok : w->ts_ok;
    dw_tcp_listener *l = dw_tcp_find_listener(tcp, s->flow);
    if (!l || !dw_tcp_syn_may_reopen(tcp, s, rcv_nxt, ts_ok, ts_recent)) return false;
    if (has(s, DW_TCP_FIN) && tcp->profile.listen_synfin == DW_TCP_SYNFIN_DROP) {
        s->drop = CAUSE(DROP_SYNFIN);
        return true;
    }
    tcp->reopening = true; /* MAY-2 (1): the ISS is above all that was sent before */
    tcp->reopen_above = t ? t->snd_nxt : w->snd_nxt;
    if (t) {
        dw_tcp_delete(t, DW_OK, CAUSE(TIME_WAIT_REOPENED));
        dw_tcp_reap(t);
        dw_tcp_listen_arrives(l, s);
    } else {
        dw_tcp_time_wait_park(w);
        dw_tcp_listen_arrives(l, s);
        dw_tcp_time_wait_parked_by(w, dw_tcp_find(tcp, s->flow));
    }
    tcp->reopening = false;
    return true;
}

/* The connection is in UDP, and the segment is not, or came from another port. */
static bool other_tunnel(const dw_flow *a, const dw_flow *b)
{
    return a->udp_remote != b->udp_remote || a->udp_local != b->udp_local;
}

/* CLOSED, but for a socket that says what answers look like. */
static void closed_for(dw_tcp *tcp, dw_seg *s, uint32_t tos, uint32_t ttl)
{
    const dw_flow *flow = s->flow;
    dw_flow answer = *flow;
    answer.tos = (uint8_t)tos;
    answer.ttl = (uint8_t)ttl;
    s->flow = &answer;
    closed(tcp, s);
    s->flow = flow;
}

static void dispatch(dw_tcp *tcp, dw_seg *s)
{
    dw_tcb *t = dw_tcp_find(tcp, s->flow);
    if (t && DW_UNLIKELY(other_tunnel(&t->link.flow, s->flow))) {
        bool waits = t->state == DW_TCP_TIME_WAIT && has(s, DW_TCP_SYN);
        if (!waits || !reopen(tcp, t, NULL, s)) closed_for(tcp, s, t->set->tos, t->set->ttl);
        return;
    }
    if (t) {
        bool waits = t->state == DW_TCP_TIME_WAIT && has(s, DW_TCP_SYN);
        if (!waits || !reopen(tcp, t, NULL, s)) dw_tcp_segment_for_tcb(t, s);
        return;
    }
    dw_tcp_time_wait *w = (dw_tcp_time_wait *)(void *)dw_tcp_table_find(&tcp->time_wait, s->flow);
    if (w && DW_UNLIKELY(other_tunnel(&w->link.flow, s->flow))) {
        if (!has(s, DW_TCP_SYN) || !reopen(tcp, NULL, w, s)) closed_for(tcp, s, w->tos, w->ttl);
        return;
    }
    if (w) {
        if (!has(s, DW_TCP_SYN) || !reopen(tcp, NULL, w, s)) dw_tcp_time_wait_arrives(w, s);
        return;
    }
    dw_tcp_listener *listener = dw_tcp_find_listener(tcp, s->flow);
    if (listener)
        dw_tcp_listen_arrives(listener, s);
    else if (tcp->bound_port && tcp->bound_port == s->flow->local_port)
        closed_for(tcp, s, tcp->bound_tos, tcp->bound_ttl);
    else
        closed(tcp, s);
}

static void drop(dw_tcp *tcp, dw_packet *packet, const dw_cause *cause)
{
    tcp->host->packet_drop(tcp->node, packet, cause);
}

void dw_tcp_arrives(dw_tcp *tcp, dw_packet *packet, const dw_flow *ip_flow)
{
    dw_flow flow;
    dw_seg s;
    const dw_cause *wrong = dw_tcp_parse(packet, ip_flow, &flow, &s);
    if (!wrong && DW_UNLIKELY(s.is_signed) && tcp->profile.drop_signed) wrong = CAUSE(DROP_SIGNED);
    if (wrong) {
        drop(tcp, packet, wrong);
        return;
    }
    flow.ttl = 0; /* answers go out with our own */
    dispatch(tcp, &s);
    if (s.drop)
        drop(tcp, packet, s.drop);
    else
        tcp->host->packet_free(tcp->node, packet);
}
