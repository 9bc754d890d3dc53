/* Other segments than those that were sent: what is sent again is cut to the size that fits the
 * path now, or put together with what follows it. */
#include "tcp_repacketize.h"
#include "tcp_accecn.h"
#include "tcp_scoreboard.h"

enum { KIND = DW_MARK_SACKED | DW_MARK_LOST | DW_MARK_RETRANSMITTED };

static bool may_join(const dw_segment *s, const dw_segment *next)
{
    bool apart = s->marks & DW_MARK_RECORD_END || (s->flags | next->flags) & DW_TCP_SYN;
    return !apart && (s->marks & KIND) == (next->marks & KIND);
}

/* The segment takes octets over from the next one; false: there is no room, or nothing to take. */
static bool fill(dw_tcb *t, uint32_t index)
{
    dw_segment_ring *r = &t->rtx;
    const dw_segment *s = dw_segment_at(r, index);
    if (s->len >= t->snd_mss || index + 1 >= r->count) return false;
    if (!may_join(s, dw_segment_at(r, index + 1))) return false;
    uint32_t room = t->snd_mss - s->len;
    uint8_t ends = s->marks & DW_MARK_BURST_END;
    bool whole = dw_segment_at(r, index + 1)->len <= room;
    if (!whole && !dw_segment_split(r, index + 1, room)) return false;
    dw_segment next = *dw_segment_at(r, index + 1);
    if (!dw_segment_remove(r, index + 1)) return false;
    if (ends & next.marks) t->sent_buffers--;
    if (!dw_segment_join(dw_segment_at(r, index), &next)) dw_tcp_no_memory(t->tcp);
    return true;
}

static void cut_one(dw_tcb *t, uint32_t index)
{
    while (dw_segment_at(&t->rtx, index)->len > t->snd_mss) {
        if (!dw_segment_split(&t->rtx, index, t->snd_mss)) {
            dw_tcp_no_memory(t->tcp);
            return;
        }
        index++;
    }
}

/* The rest of a buffer was sent with it, and is cut with it. */
static void take_buffer(dw_tcb *t, uint32_t index)
{
    while (index + 1 < t->rtx.count) {
        const dw_segment *s = dw_segment_at(&t->rtx, index);
        dw_segment next = *dw_segment_at(&t->rtx, index + 1);
        if (s->marks & DW_MARK_BURST_END || !may_join(s, &next)) return;
        if (!dw_segment_remove(&t->rtx, index + 1)) return;
        if (!dw_segment_join(dw_segment_at(&t->rtx, index), &next)) dw_tcp_no_memory(t->tcp);
    }
}

void dw_tcp_cut(dw_tcb *t, uint32_t index)
{
    DW_ASSERT(index < t->rtx.count);
    const dw_segment *s = dw_segment_at(&t->rtx, index);
    if (DW_LIKELY(s->len <= t->snd_mss) || s->flags & DW_TCP_SYN) return;
    if (t->tcp->profile.send_whole_buffers) take_buffer(t, index);
    cut_one(t, index);
    if (t->rec) dw_tcp_score_rebuild(t);
}

void dw_tcp_recut(dw_tcb *t)
{
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        if (dw_segment_at(&t->rtx, i)->flags & DW_TCP_SYN) continue;
        while (fill(t, i))
            continue;
        cut_one(t, i);
    }
    if (t->rec) dw_tcp_score_rebuild(t);
}

enum { STATE = DW_MARK_SACKED | DW_MARK_LOST | DW_MARK_RETRANSMITTED };

static bool belong_together(const dw_segment *a, const dw_segment *b)
{
    bool ends = a->marks & DW_MARK_BURST_END || (a->flags | b->flags) & DW_TCP_SYN;
    return !ends && (a->marks & STATE) == (b->marks & STATE);
}

void dw_tcp_chain_join(dw_tcb *t)
{
    dw_segment_ring old = t->rtx, joined = {0};
    bool all = true;
    while (old.count > 0) {
        dw_segment s = dw_segment_pop(&old);
        dw_segment *before = joined.count > 0 ? dw_segment_at(&joined, joined.count - 1) : NULL;
        if (before && belong_together(before, &s))
            all &= dw_segment_join(before, &s);
        else
            all &= dw_segment_push(&joined, s);
    }
    dw_segment_clear(&old);
    t->rtx = joined;
    if (!all) dw_tcp_no_memory(t->tcp);
}

/* tcp_can_collapse: one segment in a buffer of its own, which the peer does not have. */
static bool can_collapse(const dw_segment *s)
{
    return !(s->flags & DW_TCP_SYN) && !(s->marks & DW_MARK_SACKED) && s->marks & DW_MARK_BURST_END;
}

/* tcp_retrans_try_collapse. */
dw_segment *dw_tcp_chain_collapse(dw_tcb *t, dw_segment *s)
{
    uint32_t index = dw_segment_index(&t->rtx, s), edge = t->snd_una + t->snd_wnd;
    bool any = false;
    while (index + 1 < t->rtx.count) {
        dw_segment next = *dw_segment_at(&t->rtx, index + 1);
        if (!can_collapse(s) || !can_collapse(&next) || s->marks & DW_MARK_RECORD_END) break;
        if (index > 0 && !(dw_segment_at(&t->rtx, index - 1)->marks & DW_MARK_BURST_END)) break;
        if (s->len + next.len > dw_tcp_current_mss(t)) break;
        if (seq_lt(edge, dw_segment_end(&next))) break;
        if (!dw_segment_remove(&t->rtx, index + 1)) break;
        s = dw_segment_at(&t->rtx, index);
        t->sent_buffers--;
        if (!dw_segment_join(s, &next)) dw_tcp_no_memory(t->tcp);
        any = true;
    }
    if (any && t->rec) dw_tcp_score_rebuild(t);
    return s;
}
