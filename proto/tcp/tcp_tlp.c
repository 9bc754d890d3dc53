/* RFC 8985 section 7: the tail loss probe. */
#include "tcp_tlp.h"
#include "tcp_cwnd.h"
#include "tcp_output.h"
#include "tcp_retransmit.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"

/* 7.3: new data if there is any, else the last segment again. */
void dw_tcp_probe_timeout(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    bool sent = false;
    if (!r->probing) {
        r->probe_retransmitted = false;
        uint32_t before = t->snd_nxt;
        dw_tcp_output_probe(t);
        sent = t->snd_nxt != before;
        bool waits = t->unsent.bytes > 0 && t->snd_una + t->snd_wnd != t->snd_nxt;
        if (!sent && !waits && t->rtx.count > 0) {
            dw_segment *last = dw_segment_at(&t->rtx, t->rtx.count - 1);
            r->probe_retransmitted = sent = dw_tcp_retransmit(t, last, CAUSE(TAIL_LOSS_PROBE));
        }
        if (sent) {
            r->probing = true;
            r->probe_end = t->snd_nxt;
        }
    }
    if (sent) {
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, CAUSE(TAIL_LOSS_PROBE));
    } else {
        dw_tcp_recovery_rearm(t);
    }
}

/* 7.4: was what the probe replaced lost? */
void dw_tcp_probe_acked(dw_tcb *t, const dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    enum { NOT_DUPLICATE = DW_NEWS_ADVANCED | DW_NEWS_DATA | DW_NEWS_WINDOW | DW_NEWS_SACKED };
    if (!r->probing || seq_lt(n->ack, r->probe_end)) return;
    if (!r->probe_retransmitted || n->what & DW_NEWS_DSACK_PROBE)
        r->probing = false;
    else if (seq_lt(r->probe_end, n->ack))
        dw_tcp_recovery_reduce_once(t);
    else if (!(n->what & NOT_DUPLICATE))
        r->probing = false;
}
