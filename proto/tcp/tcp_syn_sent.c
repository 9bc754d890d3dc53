/* RFC 9293 section 3.10.7.3: SEGMENT ARRIVES in SYN-SENT. */
#include "tcp_syn_sent.h"
#include "tcp_ack.h"
#include "tcp_delack.h"
#include "tcp_fastopen.h"
#include "tcp_keepalive.h"
#include "tcp_negotiate.h"
#include "tcp_rcvbuf.h"
#include "tcp_reass.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_retransmit.h"
#include "tcp_rtt.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_send.h"
#include "tcp_timestamp.h"
#include "tcp_state.h"
#include "tcp_tcb.h"
#include "tcp_timer.h"
#include "tcp_tune.h"

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
    if (!dw_seg_has(s, DW_TCP_ACK)) return PROCEED;
    if (t->syn_data > 0 && dw_seg_has(s, DW_TCP_SYN)) dw_tcp_fast_reinstate(t, s->ack);
    bool in_range = !seq_leq(s->ack, t->iss) && seq_leq(s->ack, t->snd_nxt);
    if (in_range && !dw_tcp_timestamp_foreign(t, s)) return PROCEED;
    s->drop = CAUSE(DROP_RST_BAD_ACK);
    if (!in_range) retry_soon(t);
    if (dw_seg_has(s, DW_TCP_RST)) return DROP;
    dw_tcp_reset_reply(t->tcp, s, t, CAUSE(RESET_BAD_ACK));
    s->drop = CAUSE(DROP_ACK_RANGE);
    if (!in_range && t->tcp->profile.syn_retry == DW_TCP_SYN_RETRY_NOW)
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(SYN_RETRY));
    return DROP;
}

static int syn_sent_second_check_rst(dw_tcb *t, dw_seg *s)
{
    if (!dw_seg_has(s, DW_TCP_RST)) return PROCEED;
    if (dw_seg_has(s, DW_TCP_ACK))
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
    dw_tcp_keep_out_of_order(t, s); /* text and FIN wait for ESTABLISHED */
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
static void retransmit_syn_data(dw_tcb *t)
{
    for (uint32_t i = 0; i < t->rtx.count; i++)
        if (dw_segment_at(&t->rtx, i)->len > t->snd_mss &&
            !dw_segment_split(&t->rtx, i, t->snd_mss))
            dw_tcp_no_memory(t->tcp);
    if (t->rec) dw_tcp_score_rebuild(t);
    dw_tcp_retransmit_all(t, DW_TCP_RESEND_SYN_DATA);
}

static int syn_sent_fourth_check_syn(dw_tcb *t, dw_seg *s)
{
    if (!dw_seg_has(s, DW_TCP_SYN)) {
        s->drop = CAUSE(DROP_NO_SYN);
        return DROP;
    }
    if (dw_seg_has(s, DW_TCP_FIN) && t->tcp->profile.synsent_synfin == DW_TCP_SYNFIN_DROP) {
        s->drop = CAUSE(DROP_SYNFIN);
        return DROP;
    }
    dw_tcp_negotiate(t, s);
    if (!dw_seg_has(s, DW_TCP_ACK)) {
        simultaneous_open(t, s);
        return DROP;
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
    if (t->rtx.count > 0) retransmit_syn_data(t);
    dw_tcp_tune_space(t);
    dw_tcp_keepalive_start(t);
    dw_tcp_tell(t, DW_SOCKET_CONNECTED | DW_SOCKET_WRITABLE);
    if (t->fin_queued) dw_tcp_set_state(t, DW_TCP_FIN_WAIT_1, CAUSE(USER_CLOSE));
    s->flags &= (uint8_t)~DW_TCP_SYN;
    s->seq++;
    if (t->tcp->profile.syn_ack_data == DW_TCP_EARLY_DISCARD && !t->syn_data_acked)
        dw_seg_drop_text(s);
    return PROCEED; /* "other controls or text": at the sixth step */
}

int dw_tcp_syn_sent(dw_tcb *t, dw_seg *s)
{
    if (syn_sent_first_check_ack(t, s) == DROP) return DROP;
    if (syn_sent_second_check_rst(t, s) == DROP) return DROP;
    /* Third, check security: drywire carries no compartments, so all match. */
    return syn_sent_fourth_check_syn(t, s);
}
