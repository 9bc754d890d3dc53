/* RFC 9293 section 3.10.7.4, "first, check sequence number", and before it the check of the
 * timestamp (PAWS, RFC 7323 section 5.3): whether a segment is acceptable, and what of it is in the
 * window. */
#include "tcp_sequence.h"
#include "tcp_accecn.h"
#include "tcp_challenge.h"
#include "tcp_delack.h"
#include "tcp_ecn_echo.h"
#include "tcp_fastopen.h"
#include "tcp_giveup.h"
#include "tcp_negotiate.h"
#include "tcp_retransmit.h"
#include "tcp_sack.h"
#include "tcp_timestamp.h"
#include "tcp_urgent.h"

/* RCV.WND, or what there is room for. */
uint32_t dw_tcp_window_of(const dw_tcb *t)
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
    uint32_t len = dw_seg_len(s), wnd = dw_tcp_window_of(t);
    if (len == 0 && wnd == 0) return s->seq == t->rcv_nxt;
    if (wnd == 0) return false;
    uint32_t first = s->seq - t->rcv_nxt;
    if (first < wnd) return true;
    return len > 0 && s->seq + len - 1 - t->rcv_nxt < wnd;
}

const dw_cause *dw_tcp_why_unacceptable(const dw_tcb *t, const dw_seg *s)
{
    uint32_t len = dw_seg_len(s);
    bool received = len > 0 && seq_leq(s->seq + len, t->rcv_nxt);
    return received ? CAUSE(DROP_RECEIVED) : CAUSE(DROP_NOT_IN_WINDOW);
}

/* A SYN that came before comes again while we are in SYN-RECEIVED.  With ACK it is the peer's half
 * of a simultaneous open (figure 7, line 6): its SYN is old, its ACK is not.  Without, our SYN,ACK
 * was lost: the same one goes out again. */
static int repeated_syn(dw_tcb *t, dw_seg *s)
{
    if (dw_seg_has(s, DW_TCP_ACK)) {
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
    s->drop = CAUSE(DROP_RECEIVED);
    return DROP;
}

/* "The only thing that can arrive in this state is a retransmission of the remote FIN.
 * Acknowledge it, and restart the 2 MSL timeout." */
void dw_tcp_restart_time_wait(dw_tcb *t)
{
    if (t->tcp->profile.time_wait_restart) dw_tcp_start_time_wait(t, CAUSE(TIME_WAIT_RESTART));
}

/* Keep only what lies in the window (the "idealized segment" of the RFC).  In front, old data and
 * an old SYN; behind, data beyond the window and with it the FIN. */
void dw_tcp_trim(dw_tcb *t, dw_seg *s)
{
    uint32_t old = t->rcv_nxt - s->seq;
    if (seq_lt(s->seq, t->rcv_nxt)) {
        if (dw_seg_has(s, DW_TCP_SYN)) {
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
    uint32_t room = t->rcv_nxt + dw_tcp_window_of(t) - s->seq;
    if (s->text_len + !!dw_seg_has(s, DW_TCP_FIN) <= room) return;
    s->flags &= (uint8_t)~DW_TCP_FIN;
    if (s->text_len > room) s->text_len = room;
}

/* The peer's FIN has been taken, but its sender may not count it (Linux). */
bool dw_tcp_rst_one_below(const dw_tcb *t, const dw_seg *s)
{
    bool after_fin =
        t->state == DW_TCP_CLOSE_WAIT || t->state == DW_TCP_LAST_ACK || t->state == DW_TCP_CLOSING;
    return t->tcp->profile.rst_one_below && after_fin && s->seq == t->rcv_nxt - 1;
}

/* RFC 2883 4.1: what lies before RCV.NXT has come twice.  TIME-WAIT keeps no such account. */
static void report_old(dw_tcb *t, const dw_seg *s)
{
    bool fin = t->tcp->profile.sack_fin && dw_seg_has(s, DW_TCP_FIN);
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
    if (!dw_seg_has(s, DW_TCP_ACK) || dw_seg_has(s, DW_TCP_SYN | DW_TCP_RST) || dw_seg_len(s) > 0)
        return false;
    return s->seq == t->rcv_nxt + 1 && dw_tcp_window_of(t) == 0;
}

/* It ends where our last ACK stands, or behind it.  Linux finds that acceptable, and counts its
 * mark or takes its SYN (tcp_sequence). */
static bool last_once_more(const dw_tcb *t, const dw_seg *s)
{
    uint32_t len = dw_seg_len(s), end = s->seq + len;
    return t->accurate && len > 0 && seq_leq(t->last_ack_sent, end) && seq_leq(end, t->rcv_nxt);
}

/* tcp_sequence */
static bool acceptable_to_linux(const dw_tcb *t, const dw_seg *s)
{
    uint32_t end = s->seq + dw_seg_len(s), edge = t->rcv_mwnd_seq;
    if (seq_lt(edge, t->rcv_nxt)) edge = t->rcv_nxt;
    if (seq_lt(end, t->last_ack_sent) || seq_lt(edge, s->seq)) return false;
    if (dw_seg_has(s, DW_TCP_FIN)) end--;
    return seq_leq(end, edge) || t->received.count == 0;
}

/* The segment is acceptable, and its ACK counts; what of its text will not be taken is said to have
 * come in vain (tcp_data_queue). */
static void text_for_linux(dw_tcb *t, dw_seg *s)
{
    bool bare_fin = s->text_len == 0 && dw_seg_has(s, DW_TCP_FIN) && s->seq == t->rcv_nxt;
    bool old = seq_leq(s->seq + dw_seg_len(s), t->rcv_nxt);
    bool beyond = t->rcv_wnd == 0 ? !bare_fin : !seq_lt(s->seq, t->rcv_nxt + t->rcv_wnd);
    if (dw_seg_len(s) == 0) return;
    if (!old && !beyond) {
        dw_tcp_trim(t, s);
        return;
    }
    bool closed_window = !old && t->rcv_wnd == 0 && seq_leq(s->seq, t->rcv_nxt);
    dw_tcp_delack_old(t, CAUSE(NOT_ACCEPTABLE));
    s->drop = closed_window ? CAUSE(DROP_ZERO_WINDOW) : dw_tcp_why_unacceptable(t, s);
    dw_seg_drop_text(s);
}

static int check_sequence_of_linux(dw_tcb *t, dw_seg *s)
{
    if (acceptable_to_linux(t, s)) {
        if (!dw_seg_has(s, DW_TCP_SYN | DW_TCP_RST)) text_for_linux(t, s);
        return PROCEED;
    }
    if (dw_seg_has(s, DW_TCP_RST)) {
        if (dw_tcp_rst_one_below(t, s)) return PROCEED;
        s->drop = CAUSE(DROP_RST_OUTSIDE);
        return DROP;
    }
    if (dw_seg_has(s, DW_TCP_SYN))
        return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_NOT_IN_WINDOW), CAUSE(CHALLENGE_ACK));
    bool old = seq_lt(s->seq + dw_seg_len(s), t->last_ack_sent);
    if (dw_seg_len(s) > 0 && seq_lt(s->seq, t->rcv_nxt)) dw_tcp_delack_trouble(t);
    return dw_tcp_ack_and_drop(t, s,
                               old ? dw_tcp_why_unacceptable(t, s) : CAUSE(DROP_BEYOND_WINDOW),
                               CAUSE(NOT_ACCEPTABLE));
}

/* Text and FIN are not taken, but the segment's ACK counts, and ours goes out. */
static int take_ack_alone(dw_tcb *t, dw_seg *s, const dw_cause *why)
{
    s->drop = dw_tcp_why_unacceptable(t, s);
    dw_seg_drop_text(s);
    t->ack_now = true;
    t->ack_cause = why;
    return PROCEED;
}

/* All of it has come before, and the profile heeds its ACK nevertheless. */
static bool old_with_ack(const dw_tcb *t, const dw_seg *s)
{
    if (!t->tcp->profile.old_segment_ack || !dw_tcp_synchronized(t)) return false;
    if (!dw_seg_has(s, DW_TCP_ACK) || dw_seg_has(s, DW_TCP_SYN) || dw_seg_len(s) == 0) return false;
    return seq_leq(s->seq + dw_seg_len(s), t->rcv_nxt);
}

/* "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless the
 * RST bit is set)"; and what counts of it all the same. */
static int not_acceptable(dw_tcb *t, dw_seg *s)
{
    const dw_cause *why = CAUSE(NOT_ACCEPTABLE);
    bool fin_again = dw_seg_has(s, DW_TCP_FIN) && s->seq + dw_seg_len(s) == t->rcv_nxt;
    if (dw_seg_has(s, DW_TCP_RST)) {
        if (dw_tcp_rst_one_below(t, s)) return PROCEED;
        s->drop = CAUSE(DROP_RST_OUTSIDE);
        return DROP;
    }
    if (t->state == DW_TCP_TIME_WAIT && fin_again) {
        dw_tcp_restart_time_wait(t);
        why = CAUSE(TIME_WAIT_RESTART);
    }
    if (last_once_more(t, s)) {
        if (dw_seg_has(s, DW_TCP_SYN))
            dw_tcp_ecn_syn_again(t, s);
        else
            dw_tcp_ecn_acceptable(t, s);
    }
    if (old_with_ack(t, s)) return take_ack_alone(t, s, why);
    if (t->rcv_wnd == 0 && dw_seg_has(s, DW_TCP_URG)) dw_tcp_urgent_arrives(t, s); /* MUST-66 */
    /* "If the RCV.WND is zero ... special allowance should be made to accept valid ACKs" (MUST-66).
     */
    if (t->rcv_wnd == 0 && s->seq == t->rcv_nxt && !dw_seg_has(s, DW_TCP_SYN))
        return take_ack_alone(t, s, why);
    if (dw_seg_len(s) > 0) dw_tcp_delack_trouble(t);
    dw_tcp_ack_and_drop(t, s, dw_tcp_why_unacceptable(t, s), why);
    dw_tcp_ecn_challenged(t);
    return DROP;
}

int dw_tcp_first_check_sequence(dw_tcb *t, dw_seg *s)
{
    bool linux = t->tcp->profile.sequence_check == DW_TCP_SEQUENCE_LINUX &&
                 t->state != DW_TCP_SYN_RECEIVED && t->state != DW_TCP_TIME_WAIT;
    if (linux && dw_seg_len(s) > 0) t->duplicate = (dw_tcp_range){0, 0}; /* told, or never */
    if (t->sack_ok && t->state != DW_TCP_TIME_WAIT) report_old(t, s);
    if (beside_a_probe(t, s)) s->seq = t->rcv_nxt;
    if (t->state == DW_TCP_SYN_RECEIVED && dw_seg_has(s, DW_TCP_SYN) && s->seq == t->irs &&
        repeated_syn(t, s) == DROP)
        return DROP;
    if (linux) return check_sequence_of_linux(t, s);
    if (!acceptable(t, s)) return not_acceptable(t, s);
    if (!dw_seg_has(s, DW_TCP_SYN | DW_TCP_RST)) dw_tcp_trim(t, s);
    return PROCEED;
}

/* Whether TS.Recent may be taken from a segment that is in the window. */
bool dw_tcp_tells_the_time(const dw_tcb *t, const dw_seg *s)
{
    if (!t->tcp->profile.ts_recent_acked || t->state == DW_TCP_SYN_RECEIVED) return true;
    return dw_seg_has(s, DW_TCP_ACK) && seq_leq(t->snd_una, s->ack) && seq_leq(s->ack, t->snd_nxt);
}

/* RFC 7323 5.3, R1: an old duplicate.  A RST is exempt. */
int dw_tcp_paws(dw_tcb *t, dw_seg *s)
{
    if (s->flags & DW_TCP_RST) return PROCEED;
    if (!s->has_timestamp) {
        if (t->tcp->profile.missing_timestamp == DW_TCP_MISSING_ACCEPT) return PROCEED;
        s->drop = CAUSE(DROP_NO_TIMESTAMP);
        return DROP;
    }
    if (!seq_lt(s->ts_val, t->ts_recent)) return PROCEED;
    if (dw_tcp_now(t) - t->ts_recent_at > DW_TCP_LONGEST_IDLE) return PROCEED; /* 5.5 */
    return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_PAWS), CAUSE(NOT_ACCEPTABLE));
}
