/* RFC 9293 section 3.10.7: SEGMENT ARRIVES. */
#include "tcp_arrives.h"
#include "tcp_accecn.h"
#include "tcp_ack.h"
#include "tcp_challenge.h"
#include "tcp_delack.h"
#include "tcp_ecn_echo.h"
#include "tcp_keepalive.h"
#include "tcp_listen.h"
#include "tcp_negotiate.h"
#include "tcp_reass.h"
#include "tcp_retransmit.h"
#include "tcp_sack.h"
#include "tcp_segment.h"
#include "tcp_sequence.h"
#include "tcp_settings.h"
#include "tcp_timestamp.h"
#include "tcp_state.h"
#include "tcp_syn_sent.h"
#include "tcp_table.h"
#include "tcp_tcb.h"
#include "tcp_timewait.h"
#include "tcp_urgent.h"
#include "tcp_wire.h"

/* 3.10.7.1, CLOSED STATE. */
static void closed(dw_tcp *tcp, dw_seg *s)
{
    if (dw_seg_has(s, DW_TCP_RST)) {
        s->drop = CAUSE(DROP_RST_TO_CLOSED);
        return;
    }
    dw_tcp_reset_reply(tcp, s, NULL, CAUSE(RESET_CLOSED));
    s->drop = CAUSE(RESET_CLOSED);
}

/* Second, check the RST bit.  A passive OPEN goes back to LISTEN, and its user hears nothing; an
 * active one was refused.  Later the user is told that the connection was reset, unless both ends
 * have closed already, and only the last acknowledgments are missing. */
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
    if (!dw_seg_has(s, DW_TCP_RST)) return PROCEED;
    if (t->state == DW_TCP_TIME_WAIT && t->tcp->profile.time_wait_rst == DW_TCP_TW_RST_IGNORE) {
        s->drop = CAUSE(DROP_RST_TIME_WAIT);
        return DROP;
    }
    bool strict = t->tcp->profile.rst_check == DW_TCP_RULE_RFC5961 && !dw_tcp_rst_one_below(t, s);
    if (strict && s->seq - t->rcv_nxt >= dw_tcp_window_of(t) && s->seq != t->rcv_nxt) {
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
    if (!dw_seg_has(s, DW_TCP_SYN)) return PROCEED;
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
        if (dw_seg_has(s, DW_TCP_URG)) dw_tcp_urgent_arrives(t, s);
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
            if (t->tcp->profile.reset_acknowledges &&
                dw_seg_has(s, DW_TCP_ACK)) /* as if t were gone */
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

static void sixth_and_on(dw_tcb *t, dw_seg *s)
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
    bool fin = dw_seg_has(s, DW_TCP_FIN);
    if (!fin && s->text_len == 0 && s->seq_first == t->rcv_nxt) return;
    if (fin) dw_tcp_restart_time_wait(t);
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
    dw_time min = 100 * DW_SECOND; /* L_LIMIT; U_LIMIT is what the option can say */
    if (told < min) told = min;
    if (told > t->set->user_timeout) dw_tcp_settings_own(t)->user_timeout = told;
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
    if (!dw_seg_has(s, DW_TCP_SYN)) s->wnd <<= t->snd_wscale;
    heard(t, s);
    if (t->ts_ok && dw_tcp_paws(t, s) == DROP) return;
    if (dw_tcp_first_check_sequence(t, s) == DROP) return;
    if (t->ts_ok && dw_tcp_tells_the_time(t, s)) dw_tcp_timestamp_update(t, s);
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
    sixth_and_on(t, s);
}

void dw_tcp_segment_for_tcb(dw_tcb *t, dw_seg *s)
{
    bool alone = t->answers_alone || !t->settling;
    t->answers_alone = false;
    if (t->state == DW_TCP_SYN_SENT) {
        heard(t, s);
        if (dw_tcp_syn_sent(t, s) == PROCEED) sixth_and_on(t, s);
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
    if (dw_seg_has(s, DW_TCP_FIN) && tcp->profile.listen_synfin == DW_TCP_SYNFIN_DROP) {
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

/* To the connection, to a record of TIME-WAIT, to a listener, or to nobody.  A SYN in TIME-WAIT may
 * open the next incarnation before it is looked at otherwise.  A segment that came through another
 * tunnel (TCP in UDP) is not the connection's, and is answered as if there were none. */
static void dispatch(dw_tcp *tcp, dw_seg *s)
{
    dw_tcb *t = dw_tcp_find(tcp, s->flow);
    if (t && DW_UNLIKELY(other_tunnel(&t->link.flow, s->flow))) {
        bool waits = t->state == DW_TCP_TIME_WAIT && dw_seg_has(s, DW_TCP_SYN);
        if (!waits || !reopen(tcp, t, NULL, s)) closed_for(tcp, s, t->set->tos, t->set->ttl);
        return;
    }
    if (t) {
        bool waits = t->state == DW_TCP_TIME_WAIT && dw_seg_has(s, DW_TCP_SYN);
        if (!waits || !reopen(tcp, t, NULL, s)) dw_tcp_segment_for_tcb(t, s);
        return;
    }
    dw_tcp_time_wait *w = dw_tcp_time_wait_of(dw_tcp_table_find(&tcp->time_wait, s->flow));
    if (w && DW_UNLIKELY(other_tunnel(&w->link.flow, s->flow))) {
        if (!dw_seg_has(s, DW_TCP_SYN) || !reopen(tcp, NULL, w, s))
            closed_for(tcp, s, w->tos, w->ttl);
        return;
    }
    if (w) {
        if (!dw_seg_has(s, DW_TCP_SYN) || !reopen(tcp, NULL, w, s)) dw_tcp_time_wait_arrives(w, s);
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
