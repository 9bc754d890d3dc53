/* RFC 6675 section 4: what is known of each outstanding segment.
 *
 * Each operation costs O(log n) in the number of segments, or less on average: a SACK block is
 * found by bisection, SACKed stretches are stepped over by links that shorten themselves, segments
 * to be sent again are a heap, and those that time may show to be lost are a list in order of their
 * last transmission. */
#include "tcp_scoreboard.h"
#include "tcp_congestion.h"
#include "tcp_rack.h"
#include "tcp_rate.h"
#include "tcp_timestamp.h"
#include "tcp_state.h"

#include <stdlib.h>

enum { HIGHEST_REORDERING = 300 };

uint32_t dw_tcp_number_of(const dw_tcb *t, const dw_segment *s)
{
    return t->rec->first + dw_segment_index(&t->rtx, s);
}

static bool is_there(const dw_tcb *t, uint32_t number)
{
    return number - t->rec->first < t->rtx.count;
}

/* The list of segments by time. */

static void unlink_segment(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    if (!(s->marks & DW_MARK_LISTED)) return;
    if (s->older == DW_SEGMENT_NONE)
        r->oldest = s->newer;
    else
        dw_tcp_numbered(t, s->older)->newer = s->newer;
    if (s->newer == DW_SEGMENT_NONE)
        r->newest = s->older;
    else
        dw_tcp_numbered(t, s->newer)->older = s->older;
    s->marks &= (uint8_t)~DW_MARK_LISTED;
}

static void link_last(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    s->older = r->newest;
    s->newer = DW_SEGMENT_NONE;
    if (r->newest == DW_SEGMENT_NONE)
        r->oldest = number;
    else
        dw_tcp_numbered(t, r->newest)->newer = number;
    r->newest = number;
    s->marks |= DW_MARK_LISTED;
}

/* The heap of those to be sent again. */

static bool heap_grow(dw_tcp_recovery *r)
{
    enum { MIN_SIZE = 16 };
    uint32_t capacity = r->again_capacity ? 2 * r->again_capacity : MIN_SIZE;
    uint32_t *again = realloc(r->again, capacity * sizeof *again);
    if (!again) return false;
    r->again = again;
    r->again_capacity = capacity;
    return true;
}

static void heap_add(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    if (r->again_count == r->again_capacity && !heap_grow(r)) {
        dw_tcp_no_memory(t->tcp);
        return;
    }
    uint32_t at = r->again_count++;
    while (at > 0 && seq_lt(number, r->again[(at - 1) / 2])) {
        r->again[at] = r->again[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    r->again[at] = number;
}

static void heap_remove_first(dw_tcp_recovery *r)
{
    uint32_t last = r->again[--r->again_count], at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= r->again_count) break;
        if (child + 1 < r->again_count && seq_lt(r->again[child + 1], r->again[child])) child++;
        if (!seq_lt(r->again[child], last)) break;
        r->again[at] = r->again[child];
        at = child;
    }
    if (r->again_count > 0) r->again[at] = last;
}

static bool is_waiting(const dw_segment *s)
{
    return (s->marks & (DW_MARK_LOST | DW_MARK_RETRANSMITTED | DW_MARK_SACKED)) == DW_MARK_LOST;
}

dw_segment *dw_tcp_score_next_lost(dw_tcb *t, uint32_t *number)
{
    dw_tcp_recovery *r = t->rec;
    while (r->again_count > 0) {
        *number = r->again[0];
        if (is_there(t, *number) && is_waiting(dw_tcp_numbered(t, *number)))
            return dw_tcp_numbered(t, *number);
        heap_remove_first(r);
    }
    return NULL;
}

/* Marks. */

void dw_tcp_score_sent(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    if (r->out == 0) r->edge = number;
    s->marks &= DW_MARK_BURST_END | DW_MARK_RECORD_END;
    dw_tcp_rate_sent(t, s);
    r->out += dw_tcp_units(r, s);
    link_last(t, number);
}

/* It repairs a loss: it is in the network twice, and there may be need to undo it. */
static void count_retransmitted(dw_tcb *t, dw_segment *s)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t units = dw_tcp_units(r, s);
    if (!(s->marks & DW_MARK_RETRANSMITTED)) r->retransmitted += units;
    s->marks |= DW_MARK_RETRANSMITTED;
    if (r->undo_retransmitted < 0) r->undo_retransmitted = 0;
    r->undo_retransmitted += (int64_t)units;
    if (r->timestamp_set) return;
    r->timestamp_set = true;
    r->retransmitted_timestamp = dw_tcp_timestamp_now(t);
}

void dw_tcp_score_retransmitted(dw_tcb *t, uint32_t number, bool probe)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    s->marks |= DW_MARK_EVER_RETRANSMITTED;
    s->marks &= (uint8_t)~DW_MARK_UNDONE;
    r->retransmitted_total += dw_tcp_units(r, s);
    if (!probe || t->tcp->profile.tail_probe_counts) count_retransmitted(t, s);
    unlink_segment(t, number);
    if (s->marks & DW_MARK_SACKED) return;
    link_last(t, number);
    dw_tcp_rate_sent(t, s);
}

/* Its first transmission is lost, or its retransmission: then it is not under way any more, and
 * waits for its turn once more.  What is SACKed is not lost, and a SYN is not on the score. */
void dw_tcp_score_mark_lost(dw_tcb *t, uint32_t number)
{
    DW_ASSERT(number - t->rec->first < t->rtx.count);
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    uint64_t units = dw_tcp_units(r, s);
    if (s->marks & DW_MARK_SACKED || s->flags & DW_TCP_SYN) return;
    bool again = s->marks & DW_MARK_LOST && s->marks & DW_MARK_RETRANSMITTED;
    if (s->marks & DW_MARK_LOST && !again) return;
    if (!(s->marks & DW_MARK_LOST)) r->lost += units;
    if (s->marks & DW_MARK_RETRANSMITTED) {
        s->marks &= (uint8_t)~DW_MARK_RETRANSMITTED;
        r->retransmitted -= units;
    }
    r->lost_total += units;
    s->marks |= DW_MARK_LOST;
    unlink_segment(t, number);
    heap_add(t, number);
    if (!DW_OFFERS(dw_congestion_ops, t->cc.ops, on_loss)) return;
    uint64_t unit = r->segments ? t->snd_mss : 1;
    const dw_congestion_loss loss = {.now = dw_tcp_now(t),
                                     .octets = units * unit,
                                     .lost = ((uint32_t)r->lost_total - s->lost_before) * unit,
                                     .sent_flight = s->flight * unit,
                                     .delivered_total = r->delivered_total * unit,
                                     .rate_limited = s->limited};
    t->cc.ops->on_loss(&t->cc, &loss);
}

bool dw_tcp_score_sacked_at(const dw_tcb *t, uint32_t number)
{
    return is_there(t, number) && dw_tcp_numbered(t, number)->marks & DW_MARK_SACKED;
}

/* Stretches of SACKed segments are counted by their last one. */
static void count_run_end(dw_tcp_recovery *r, uint32_t number, int change)
{
    r->runs += (uint32_t)change;
    if (seq_lt(number, r->edge)) r->runs_below += (uint32_t)change;
}

static void mark_sacked(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    s->marks |= DW_MARK_SACKED;
    s->skip = number + 1;
    r->sacked += dw_tcp_units(r, s);
    r->sacked_octets += s->len;
    if (seq_lt(number, r->edge)) r->octets_below += s->len;
    if (!dw_tcp_score_sacked_at(t, number + 1)) count_run_end(r, number, 1);
    if (number != r->first && dw_tcp_score_sacked_at(t, number - 1))
        count_run_end(r, number - 1, -1);
    if (!r->any_sacked || seq_lt(r->sacked_end, dw_segment_end(s))) {
        r->any_sacked = true;
        r->sacked_end = dw_segment_end(s);
        r->sacked_top = number;
    }
    unlink_segment(t, number);
}

/* The first segment from number on that is not SACKed; the links on the way then lead there. */
static uint32_t after_run(dw_tcb *t, uint32_t number)
{
    uint32_t end = number;
    while (dw_tcp_score_sacked_at(t, end))
        end = dw_tcp_numbered(t, end)->skip;
    while (number != end) {
        dw_segment *s = dw_tcp_numbered(t, number);
        number = s->skip;
        s->skip = end;
    }
    return end;
}

/* A segment came late, that is, after one sent later: a hole was no loss. */
static void note_hole(dw_tcp_news *n, uint32_t seq)
{
    if (n->has_hole && !seq_lt(seq, n->hole_seq)) return;
    n->has_hole = true;
    n->hole_seq = seq;
}

static void newly_sacked(dw_tcb *t, uint32_t number, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    uint64_t units = dw_tcp_units(r, s);
    dw_tcp_rack_advance(t, s);
    dw_tcp_rate_delivered(t, s, n);
    if (s->marks & DW_MARK_RETRANSMITTED) {
        /* Not lost by what is known now: its retransmission may still be under way. */
        if (s->marks & DW_MARK_LOST || !r->rack) {
            if (s->marks & DW_MARK_LOST) r->lost -= units;
            r->retransmitted -= units;
            s->marks &= (uint8_t) ~(DW_MARK_LOST | DW_MARK_RETRANSMITTED);
        }
    } else {
        if (!(s->marks & DW_MARK_EVER_RETRANSMITTED)) {
            if (r->any_sacked && seq_lt(s->seq, r->sacked_end)) note_hole(n, s->seq);
            if (seq_leq(dw_segment_end(s), r->high_seq)) n->what |= DW_NEWS_ORIGINAL;
            if (n->sacked_sent_at < 0) n->sacked_sent_at = s->sent_at;
        }
        if (s->marks & DW_MARK_LOST) {
            s->marks &= (uint8_t)~DW_MARK_LOST;
            r->lost -= units;
        }
    }
    mark_sacked(t, number);
    r->delivered_total += units;
    n->delivered += units;
    n->sacked += units;
    n->octets += s->len;
    n->what |= DW_NEWS_SACKED;
}

/* The first segment that begins at seq or later, as a number; one past the last if there is none.
 */
static uint32_t find_from(const dw_tcb *t, uint32_t seq)
{
    uint32_t low = 0, high = t->rtx.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (seq_lt(dw_segment_at(&t->rtx, middle)->seq, seq))
            low = middle + 1;
        else
            high = middle;
    }
    return t->rec->first + low;
}

/* Segments count that the block covers whole. */
static void take_block(dw_tcb *t, dw_tcp_range block, dw_tcp_news *n)
{
    for (uint32_t i = find_from(t, block.from); is_there(t, i);) {
        uint32_t next = after_run(t, i);
        if (next != i) {
            i = next;
            continue;
        }
        const dw_segment *s = dw_tcp_numbered(t, i);
        if (seq_lt(block.to, dw_segment_end(s))) break;
        if (s->flags & DW_TCP_SYN) return;
        newly_sacked(t, i, n);
        i++;
    }
}

/* RFC 2883 section 4: the first block reports what came twice when it lies below the ACK, or
 * within the second one. */
static bool reports_duplicate(const dw_seg *s)
{
    dw_tcp_range a = s->sack[0];
    if (seq_lt(a.from, s->ack)) return true;
    return s->sack_count > 1 && seq_leq(s->sack[1].from, a.from) && seq_leq(a.to, s->sack[1].to);
}

/* What came twice was sent twice, and once for nothing: enough of that undoes a recovery. */

static void superfluous(dw_tcp_recovery *r, uint32_t end, uint64_t units)
{
    if (!r->undo || r->undo_retransmitted <= 0 || !seq_lt(r->undo_seq, end)) return;
    r->undo_retransmitted -= (int64_t)units;
    if (r->undo_retransmitted < 0) r->undo_retransmitted = 0;
}

/* Segments that are still outstanding came twice: what was sent again is not under way any more. */
static void take_duplicate_outstanding(dw_tcb *t, dw_tcp_range d)
{
    dw_tcp_recovery *r = t->rec;
    for (uint32_t i = find_from(t, d.from); is_there(t, i); i++) {
        dw_segment *s = dw_tcp_numbered(t, i);
        if (seq_lt(d.to, dw_segment_end(s))) return;
        uint64_t units = dw_tcp_units(r, s);
        if (s->marks & DW_MARK_EVER_RETRANSMITTED) superfluous(r, dw_segment_end(s), units);
        if (!(s->marks & DW_MARK_RETRANSMITTED)) continue;
        s->marks &= (uint8_t)~DW_MARK_RETRANSMITTED;
        r->retransmitted -= units;
        if (is_waiting(s)) heap_add(t, i);
    }
}

static void take_duplicate(dw_tcb *t, dw_tcp_range d, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t octets = d.to - d.from;
    uint64_t units = r->segments ? (octets + t->snd_mss - 1) / t->snd_mss : octets;
    if (octets <= t->snd_mss && r->probing && d.to == r->probe_end) n->what |= DW_NEWS_DSACK_PROBE;
    r->duplicates += units;
    if (r->duplicates > r->retransmitted_total) return; /* the network doubled it, not we */
    if (r->reorderings > 0 && !(n->what & DW_NEWS_DSACK_PROBE)) r->rack_dsack = true;
    n->what |= DW_NEWS_DSACK;
    r->delivered_total += units;
    n->delivered += units;
    n->sacked += units;
    if (seq_leq(d.to, t->snd_una))
        superfluous(r, d.to, units);
    else
        take_duplicate_outstanding(t, d);
}

/* The blocks that can be, by rising number, whatever their order: what one ACK reports did not come
 * after something else that it reports (tcp_sacktag_write_queue).  Returns how many. */
static uint32_t usable_blocks(dw_tcb *t, const dw_seg *s, dw_tcp_range *out, dw_tcp_news *n)
{
    uint32_t count = 0;
    bool told = false;
    for (uint32_t i = 0; i < s->sack_count; i++) {
        dw_tcp_range b = s->sack[i];
        if (!seq_lt(b.from, b.to) || seq_lt(t->snd_nxt, b.to)) { /* reversed, never sent */
            if (!told) dw_tcp_note(t->tcp, t->socket.conn, CAUSE(SACK_IGNORED));
            told = true;
            continue;
        }
        if (i == 0 && reports_duplicate(s)) {
            if (seq_leq(t->snd_una - t->max_snd_wnd, b.from)) take_duplicate(t, b, n);
            continue;
        }
        if (seq_lt(b.from, t->snd_una)) continue;
        uint32_t at = count++;
        for (; at > 0 && seq_lt(b.from, out[at - 1].from); at--)
            out[at] = out[at - 1];
        out[at] = b;
    }
    return count;
}

void dw_tcp_score_sack(dw_tcb *t, const dw_seg *s, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    dw_tcp_range blocks[sizeof s->sack / sizeof s->sack[0]];
    n->fack_before = r->any_sacked ? r->sacked_end : t->snd_una;
    uint32_t count = usable_blocks(t, s, blocks, n);
    for (uint32_t i = 0; i < count; i++)
        take_block(t, blocks[i], n);
    if (n->has_hole) dw_tcp_score_reordering(t, n->hole_seq, r->sacked_end);
    n->has_hole = false;
}

void dw_tcp_score_reordering(dw_tcb *t, uint32_t low, uint32_t high)
{
    dw_tcp_recovery *r = t->rec;
    if (!seq_lt(low, high)) return;
    uint32_t segments = (high - low + t->snd_mss - 1) / t->snd_mss;
    if (high - low > r->reordering * t->snd_mss)
        r->reordering = segments < HIGHEST_REORDERING ? segments : HIGHEST_REORDERING;
    r->reorderings++;
}

void dw_tcp_score_set_reordering(dw_tcb *t, uint64_t segments)
{
    t->rec->reordering = segments < HIGHEST_REORDERING ? (uint32_t)segments : HIGHEST_REORDERING;
    t->rec->reorderings++;
}

void dw_tcp_score_acked(dw_tcb *t, dw_tcp_news *n)
{
    DW_ASSERT(t->rtx.count > 0);
    dw_tcp_recovery *r = t->rec;
    uint32_t number = r->first;
    dw_segment *s = dw_tcp_numbered(t, number);
    uint64_t units = dw_tcp_units(r, s);
    if (s->flags & DW_TCP_SYN && !(s->marks & DW_MARK_LISTED)) { /* it was never on the score */
        if (s->retransmits == 0) n->acked_sent_at = s->sent_at;
        return;
    }
    if (s->marks & DW_MARK_EVER_RETRANSMITTED) {
        if (s->marks & DW_MARK_RETRANSMITTED) r->retransmitted -= units;
        n->what |= DW_NEWS_RETRANSMITTED_ACKED;
    } else if (!(s->marks & DW_MARK_SACKED)) {
        if (n->acked_sent_at < 0) n->acked_sent_at = s->sent_at;
        note_hole(n, s->seq);
        if (seq_leq(dw_segment_end(s), r->high_seq)) n->what |= DW_NEWS_ORIGINAL;
    }
    if (s->marks & DW_MARK_SACKED) {
        n->settled += units;
        r->sacked -= units;
        r->sacked_octets -= s->len;
        if (seq_lt(number, r->edge)) r->octets_below -= s->len;
        if (!dw_tcp_score_sacked_at(t, number + 1)) count_run_end(r, number, -1);
    } else {
        r->delivered_total += units;
        n->delivered += units;
        n->octets += s->len;
        dw_tcp_rack_advance(t, s);
        dw_tcp_rate_delivered(t, s, n);
    }
    if (s->marks & DW_MARK_LOST) r->lost -= units;
    r->out -= units;
    if (r->any_sacked && number == r->sacked_top) r->any_sacked = false;
    unlink_segment(t, number);
    n->what |= DW_NEWS_DATA_ACKED;
    if (r->edge == number) r->edge++;
}

static void unmark_all(dw_tcb *t, enum dw_segment_mark mark)
{
    for (uint32_t i = 0; i < t->rtx.count; i++)
        dw_segment_at(&t->rtx, i)->marks &= (uint8_t)~mark;
    dw_tcp_score_rebuild(t);
}

void dw_tcp_score_forget_sacks(dw_tcb *t)
{
    unmark_all(t, DW_MARK_SACKED);
}

void dw_tcp_score_forget_losses(dw_tcb *t)
{
    for (uint32_t i = 0; t->tcp->profile.undo_forgets && i < t->rtx.count; i++) {
        dw_segment *s = dw_segment_at(&t->rtx, i);
        if (is_waiting(s)) s->marks |= DW_MARK_UNDONE;
    }
    unmark_all(t, DW_MARK_LOST);
}

/* The segments of rtx in order of their last transmission. */
static int by_time(const void *a, const void *b)
{
    const dw_segment *x = *(dw_segment *const *)a, *y = *(dw_segment *const *)b;
    if (x->sent_at != y->sent_at) return x->sent_at < y->sent_at ? -1 : 1;
    return seq_lt(x->seq, y->seq) ? -1 : 1;
}

void dw_tcp_score_rebuild(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment **order = t->rtx.count > 0 ? malloc(t->rtx.count * sizeof *order) : NULL;
    uint32_t count = 0;
    if (!order && t->rtx.count > 0) dw_tcp_no_memory(t->tcp); /* then none is in the list */
    r->out = r->sacked = r->lost = r->retransmitted = r->sacked_octets = r->octets_below = 0;
    r->runs = r->runs_below = r->again_count = 0;
    r->any_sacked = false;
    r->oldest = r->newest = DW_SEGMENT_NONE;
    r->edge = r->first;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        dw_segment *s = dw_segment_at(&t->rtx, i);
        s->older = i; /* its place, until it is in the list */
        s->skip =
            s->flags & DW_TCP_SYN && !(s->marks & DW_MARK_LISTED) ? DW_SEGMENT_NONE : s->marks;
        s->marks &= (uint8_t) ~(DW_MARK_LISTED | DW_MARK_SACKED);
    }
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        dw_segment *s = dw_segment_at(&t->rtx, i);
        uint64_t units = dw_tcp_units(r, s);
        if (s->skip == DW_SEGMENT_NONE) continue; /* a SYN is not on the score */
        uint8_t marks = (uint8_t)s->skip;
        r->out += units;
        if (marks & DW_MARK_RETRANSMITTED) r->retransmitted += units;
        if (marks & DW_MARK_SACKED) mark_sacked(t, r->first + i);
        if (marks & DW_MARK_LOST) r->lost += units;
        if (is_waiting(s))
            heap_add(t, r->first + i);
        else if (order && !(marks & (DW_MARK_SACKED | DW_MARK_UNDONE)))
            order[count++] = s;
    }
    if (order) qsort(order, count, sizeof(dw_segment *), by_time);
    for (uint32_t i = 0; i < count; i++)
        link_last(t, r->first + order[i]->older);
    free(order);
}

void dw_tcp_recovery_begin(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool wanted = p->recovery == DW_TCP_RECOVERY_RACK ||
                  (p->recovery == DW_TCP_RECOVERY_SACK && t->sack_ok) || dw_tcp_rules_window(t);
    if (t->rec || !wanted) return;
    dw_tcp_recovery *r = t->tcp->host->alloc(t->tcp->node, sizeof *r);
    if (!r) return;
    *r = (dw_tcp_recovery){.segments = p->cwnd_in_segments,
                           .rack = p->recovery == DW_TCP_RECOVERY_RACK && t->sack_ok,
                           .oldest = DW_SEGMENT_NONE,
                           .newest = DW_SEGMENT_NONE,
                           .reordering = p->duplicate_ack_threshold,
                           .rack_steps = 1,
                           .undo_retransmitted = -1,
                           .rack_sent_at = -1,
                           .high_seq = t->snd_una,
                           .window_end = t->snd_una};
    t->rec = r;
    if (t->rtx.count > 0) dw_tcp_score_rebuild(t);
}

void dw_tcp_recovery_free(dw_tcb *t)
{
    if (!t->rec) return;
    free(t->rec->again);
    t->tcp->host->free(t->tcp->node, t->rec, sizeof *t->rec);
    t->rec = NULL;
}
