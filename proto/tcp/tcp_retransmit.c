/* One segment is sent again; and without a scoreboard all of them, after a timeout. */
#include "tcp_retransmit.h"
#include "tcp_cwnd.h"
#include "tcp_local_drop.h"
#include "tcp_pmtu.h"
#include "tcp_repacketize.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"

/* Mistakes that RFC 2525 and others describe, where they were asked for. */
static bool retransmit_wrongly(dw_tcb *t, const dw_segment *segment, const dw_cause *cause)
{
    bool only_fin = segment->len == 0 && segment->flags & DW_TCP_FIN;
    if (only_fin && DEFECT(t, FIN_SEQ_PLUS_ONE)) {
        dw_tcp_transmit(t, segment->seq + 1, segment->flags, segment, cause);
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
        dw_tcp_transmit(t, other.seq, other.flags, &other, cause);
        dw_segment_release(&other);
        return true;
    }
    return false;
}

bool dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause)
{
    DW_ASSERT(t->rtx.count > 0);
    if (dw_tcp_retransmit_refused(t)) return false;
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
        dw_tcp_score_retransmitted(t, dw_tcp_number_of(t, segment),
                                   cause == CAUSE(TAIL_LOSS_PROBE));
    if (withheld) return true; /* it counts as sent, or recovery would try for ever */
    uint8_t push = t->push_next ? DW_TCP_PSH : 0;
    bool wrong = DW_UNLIKELY(t->tcp->profile.defects) && retransmit_wrongly(t, segment, cause);
    if (!wrong) dw_tcp_transmit(t, segment->seq, segment->flags | push, segment, cause);
    return true;
}

const dw_cause *dw_tcp_resend_cause(const dw_tcb *t)
{
    switch ((enum dw_tcp_resend)t->resend_why) {
    case DW_TCP_RESEND_LATE: return CAUSE(RESEND);
    case DW_TCP_RESEND_SMALLER: return CAUSE(RESEND_SMALLER);
    case DW_TCP_RESEND_OPENED: return CAUSE(RESEND_OPENED);
    case DW_TCP_RESEND_SYN_DATA: return CAUSE(RESEND_SYN_DATA);
    }
    return CAUSE(RESEND);
}

/* After a timeout, what was outstanding is sent again as the window allows, skipping what the
 * peer turns out to have (RFC 5681 3.1, go-back-N that follows SND.UNA). */
static uint32_t first_to_retransmit(const dw_tcb *t)
{
    uint32_t low = 0, high = t->rtx.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (seq_lt(dw_segment_at(&t->rtx, middle)->seq, t->retransmit_nxt))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool dw_tcp_retransmit_after_timeout(dw_tcb *t)
{
    if (seq_lt(t->retransmit_nxt, t->snd_una)) t->retransmit_nxt = t->snd_una;
    while (seq_lt(t->retransmit_nxt, t->retransmit_end)) {
        uint32_t index = first_to_retransmit(t);
        if (index == t->rtx.count) break;
        dw_tcp_cut(t, index);
        dw_segment *s = dw_segment_at(&t->rtx, index);
        uint32_t end = dw_segment_end(s);
        if (end - t->snd_una > dw_tcp_send_window(t)) return true;
        t->retransmit_nxt = end;
        const dw_cause *why = dw_tcp_resend_cause(t);
        dw_tcp_retransmit(t, s, why);
        dw_tcp_rtx_timer_start(t, why);
    }
    t->resend_why = DW_TCP_RESEND_LATE;
    t->retransmit_nxt = t->retransmit_end = t->snd_una;
    return false;
}
