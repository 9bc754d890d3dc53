/* Undoing what a loss has cost when it was none: RFC 3522 (Eifel detection), RFC 4015 (the
 * response), RFC 3708 (by reports of what came twice), RFC 5682 (F-RTO; tcp_recovery.c knows when).
 */
#include "tcp_undo.h"
#include "tcp_congestion.h"
#include "tcp_cwnd.h"
#include "tcp_scoreboard.h"
#include "tcp_state.h"

/* RFC 3522: the ACK echoes a timestamp from before the first retransmission. */
static bool first_copy_came(const dw_tcb *t, const dw_seg *s)
{
    const dw_tcp_recovery *r = t->rec;
    if (!r->timestamp_set) return t->sack_ok || seq_lt(t->snd_una, r->high_seq);
    return t->ts_ok && s && s->has_timestamp && s->ts_ecr &&
           seq_lt(s->ts_ecr, r->retransmitted_timestamp);
}

static bool may_undo(const dw_tcb *t, const dw_seg *s)
{
    const dw_tcp_recovery *r = t->rec;
    if (!t->tcp->profile.undo) return false;
    return r->undo && (r->undo_retransmitted == 0 || first_copy_came(t, s));
}

static void undo(dw_tcb *t, bool unmark, const dw_cause *cause)
{
    dw_tcp_recovery *r = t->rec;
    if (unmark) dw_tcp_score_forget_losses(t);
    if (r->prior_ssthresh) {
        uint64_t before = r->prior_cwnd * dw_tcp_unit(t);
        if (t->cc.cwnd < before && !dw_tcp_rules_window(t)) t->cc.cwnd = before;
        if (r->prior_ssthresh > t->cc.ssthresh) {
            t->cc.ssthresh = r->prior_ssthresh;
            t->ecn_reduced = false;
        }
        dw_tcp_note(t->tcp, t->socket.conn, cause);
    }
    r->undo = false;
    r->rack_advanced = true;
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, on_undo)) t->cc.ops->on_undo(&t->cc);
}

bool dw_tcp_undo_by_dsack(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (!t->tcp->profile.undo || !r->undo || r->undo_retransmitted != 0) return false;
    if (r->rack_persist < 16) r->rack_persist++;
    undo(t, false, CAUSE(UNDO_DSACK));
    return true;
}

/* Recovery is over, and may have been for nothing.  Returns true to stay until something above is
 * acknowledged: without SACK, duplicate ACKs of what was sent twice must not start another. */
bool dw_tcp_undo_recovery(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_recovery *r = t->rec;
    if (may_undo(t, s))
        undo(t, false, CAUSE(UNDO_TIMESTAMP));
    else if (r->rack_persist > 0)
        r->rack_persist--;
    if (t->snd_una == r->high_seq && !t->sack_ok) {
        if (!dw_tcp_any_retransmitted(t)) r->timestamp_set = false;
        return true;
    }
    dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, CAUSE(RECOVERED));
    r->reneged = false;
    return false;
}

/* In the middle of recovery: the first copy came, so what was to be sent again was only late. */
bool dw_tcp_undo_partial(dw_tcb *t, const dw_seg *s, const dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    if (!t->tcp->profile.undo || !r->undo || !first_copy_came(t, s)) return false;
    dw_tcp_score_reordering(t, n->una, r->any_sacked ? r->sacked_end : t->snd_una);
    if (r->retransmitted > 0) return true;
    if (!dw_tcp_any_retransmitted(t)) r->timestamp_set = false;
    undo(t, true, CAUSE(UNDO_TIMESTAMP));
    dw_tcp_recovery_open(t);
    return false;
}

bool dw_tcp_undo_loss(dw_tcb *t, const dw_seg *s, bool by_frto)
{
    dw_tcp_recovery *r = t->rec;
    if (!by_frto && !may_undo(t, s)) return false;
    if (!t->tcp->profile.undo) return false;
    undo(t, true, by_frto ? CAUSE(UNDO_FRTO) : CAUSE(UNDO_TIMESTAMP));
    t->retransmits = 0;
    if (by_frto || t->sack_ok) {
        dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, CAUSE(RECOVERED));
        r->reneged = false;
    }
    return true;
}
