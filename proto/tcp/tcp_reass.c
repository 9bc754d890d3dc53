/* RFC 9293 section 3.10.7.4, "seventh, process the segment text": in order to the user, early
 * segments kept (SHLD-31).
 *
 * Where segments overlap, the octets that came first are kept. */
#include "tcp_reass.h"
#include "tcp_delack.h"
#include "tcp_rcvbuf.h"
#include "tcp_rules.h"
#include "tcp_sack.h"
#include "tcp_segment.h"
#include "tcp_state.h"
#include "tcp_tune.h"

/* Part of a packet's payload as a segment, sharing the bytes. */
static dw_segment take_text(dw_tcp *tcp, const dw_seg *s)
{
    dw_segment out = {.seq = s->seq, .flags = s->flags & DW_TCP_FIN};
    uint32_t skip = s->text_at, left = s->text_len;
    for (int i = 0; i < s->packet->slice_count && left > 0; i++) {
        dw_slice part = s->packet->slice[i];
        if (skip >= part.len) {
            skip -= part.len;
            continue;
        }
        part.offset += skip;
        part.len -= skip;
        skip = 0;
        if (part.len > left) part.len = left;
        left -= part.len;
        dw_buf_ref(part.buf);
        if (!dw_segment_append(&out, part)) break;
    }
    if (out.len < s->text_len) dw_tcp_no_memory(tcp);
    return out;
}

static void deliver(dw_tcb *t, dw_segment *segment)
{
    if (t->tcp->checked) dw_tcp_rule_delivered(t, segment);
    t->empty_replies = 0;
    t->data_at = dw_tcp_now(t);
    t->rcv_nxt += segment->len;
    t->rcv_wnd = t->rcv_wnd > segment->len ? t->rcv_wnd - segment->len : 0;
    for (int i = 0; i < segment->slice_count; i++) {
        if (dw_tcp_discards(t))
            dw_buf_unref(segment->slice[i].buf);
        else if (!dw_slice_push(&t->received, segment->slice[i]))
            dw_tcp_no_memory(t->tcp);
    }
    if (segment->flags & DW_TCP_FIN) t->fin_reached = true;
    if (segment->len > 0 && t->received.bytes >= t->set->receive_lowat)
        dw_tcp_tell(t, DW_SOCKET_READABLE);
}

/* The first part of `fresh` that is kept takes the buffer along. */
static bool insert(dw_tcb *t, uint32_t index, dw_segment *fresh, dw_segment part)
{
    dw_segment *before = index > 0 ? dw_segment_at(&t->out_of_order, index - 1) : NULL;
    bool whole = part.seq + part.len == fresh->seq + fresh->len;
    if (!whole) part.tail_room = 0;
    dw_tcp_rcvbuf_keep_out_of_order(t, before, &part);
    fresh->true_size = 0;
    if (dw_segment_insert(&t->out_of_order, index, part)) return true;
    dw_tcp_no_memory(t->tcp);
    return false;
}

/* Keep the part of `fresh` that lies before `limit` at position `index`; true if any was left. */
static bool keep_part(dw_tcb *t, uint32_t index, dw_segment *fresh, uint32_t limit)
{
    dw_segment part = *fresh;
    for (int i = 0; i < part.slice_count; i++)
        dw_buf_ref(part.slice[i].buf);
    uint32_t end = part.seq + part.len;
    if (seq_lt(limit, end)) dw_segment_trim_back(&part, end - limit);
    if (part.len == 0 && !(part.flags & DW_TCP_FIN)) {
        dw_segment_release(&part);
        return false;
    }
    return insert(t, index, fresh, part);
}

/* `early` is sorted and without overlaps: fill its gaps with what is new in `fresh`. */
static void insert_out_of_order(dw_tcb *t, dw_segment fresh)
{
    uint32_t i = t->out_of_order.count, from = fresh.seq, to = fresh.seq + fresh.len;
    /* A stream ends once: a FIN that is kept already is no news. */
    if (i > 0 && dw_segment_at(&t->out_of_order, i - 1)->flags & DW_TCP_FIN)
        fresh.flags &= (uint8_t)~DW_TCP_FIN;
    i = dw_segment_find(&t->out_of_order, fresh.seq);
    for (; fresh.len > 0 && i < t->out_of_order.count; i++) {
        dw_segment *kept = dw_segment_at(&t->out_of_order, i);
        uint32_t kept_seq = kept->seq, kept_end = kept->seq + kept->len;
        bool last_word = kept->flags & DW_TCP_FIN;
        if (seq_lt(fresh.seq, kept_seq)) {
            if (seq_leq(fresh.seq + fresh.len, kept_seq)) break;
            if (keep_part(t, i, &fresh, kept_seq)) i++;
            dw_segment_at(&t->out_of_order, i)->whole = UINT32_MAX; /* its front has come again */
        }
        bool covered = seq_leq(from, kept_seq) && seq_leq(kept_end, to);
        if (covered && kept_end - kept_seq < to - from) {
            dw_segment *next =
                i + 1 < t->out_of_order.count ? dw_segment_at(&t->out_of_order, i + 1) : NULL;
            dw_tcp_rcvbuf_replace(t, dw_segment_at(&t->out_of_order, i), next, &fresh);
        }
        uint32_t end = fresh.seq + fresh.len;
        if (last_word || seq_leq(end, kept_end)) {
            /* Its FIN, if it has one at the very end, is still news. */
            bool fin_is_new = fresh.flags & DW_TCP_FIN && end == kept_end && !last_word &&
                              i + 1 == t->out_of_order.count;
            if (fin_is_new) dw_segment_at(&t->out_of_order, i)->flags |= DW_TCP_FIN;
            dw_segment_release(&fresh);
            return;
        }
        if (seq_lt(fresh.seq, kept_end)) dw_segment_trim_front(&fresh, kept_end - fresh.seq);
    }
    /* A FIN with data behind it is a lie. */
    if (i < t->out_of_order.count) fresh.flags &= (uint8_t)~DW_TCP_FIN;
    bool fin = fresh.flags & DW_TCP_FIN;
    if (fresh.len == 0 && !fin)
        dw_segment_release(&fresh);
    else
        insert(t, i, &fresh, fresh);
}

void dw_tcp_keep_out_of_order(dw_tcb *t, const dw_seg *s)
{
    if (s->text_len == 0 && !(s->flags & DW_TCP_FIN)) return;
    insert_out_of_order(t, take_text(t->tcp, s));
}

/* It is kept in a buffer of its own, and the window may grow with it, unless there is nothing new
 * in it. */
static void keep_with_buffer(dw_tcb *t, const dw_seg *s)
{
    dw_segment fresh = take_text(t->tcp, s);
    dw_tcp_rcvbuf_came_out_of_order(t, s, &fresh);
    uint32_t before = t->rmem_out_of_order, count = t->out_of_order.count,
             true_size = fresh.true_size;
    insert_out_of_order(t, fresh);
    bool shared = t->rmem_out_of_order == before && t->out_of_order.count > count;
    if (t->rmem_out_of_order != before || t->out_of_order.count != count)
        dw_tcp_rcvbuf_grow_out_of_order(t, s, shared ? 0 : true_size);
}

bool dw_tcp_deliver_out_of_order(dw_tcb *t)
{
    bool any = false;
    while (t->out_of_order.count > 0 &&
           seq_leq(dw_segment_at(&t->out_of_order, 0)->seq, t->rcv_nxt)) {
        dw_segment first = dw_segment_pop(&t->out_of_order);
        uint32_t old = t->rcv_nxt - first.seq;
        if (old > first.len || (old == first.len && !(first.flags & DW_TCP_FIN))) {
            dw_tcp_rcvbuf_settled(t, &first, true);
            dw_segment_release(&first);
            continue;
        }
        dw_tcp_rcvbuf_settled(t, &first, false);
        if (old > 0) dw_segment_trim_front(&first, old);
        deliver(t, &first);
        any = true;
    }
    return any;
}

/* Where the data of a segment ends, and its FIN, which has a number of its own. */
static uint32_t end_of(const dw_tcb *t, const dw_seg *s)
{
    return s->seq + s->text_len + (t->tcp->profile.sack_fin && s->flags & DW_TCP_FIN);
}

/* The first part of a segment that is there already, as far as it goes without a gap (RFC 2883 4).
 */
static void find_duplicate(dw_tcb *t, const dw_seg *s)
{
    uint32_t from = s->seq, to = end_of(t, s);
    dw_tcp_range found = {0, 0};
    if (t->duplicate.from != t->duplicate.to) return; /* what is older comes first */
    for (uint32_t i = dw_segment_find(&t->out_of_order, from); i < t->out_of_order.count; i++) {
        const dw_segment *e = dw_segment_at(&t->out_of_order, i);
        uint32_t end = t->tcp->profile.sack_fin ? dw_segment_end(e) : e->seq + e->len;
        if (seq_leq(to, e->seq)) break;
        if (seq_leq(end, from)) continue; /* it ends with a FIN that does not count */
        if (found.from == found.to)
            found.from = seq_lt(from, e->seq) ? e->seq : from;
        else if (e->seq != found.to)
            break;
        found.to = seq_lt(end, to) ? end : to;
    }
    dw_tcp_sack_duplicate(t, found.from, found.to);
}

/* Whether the segment's FIN is the end of what has come early. */
static bool kept_fin(const dw_tcb *t, const dw_seg *s)
{
    if (!t->tcp->profile.sack_fin || !(s->flags & DW_TCP_FIN) || t->out_of_order.count == 0)
        return false;
    const dw_segment *last = dw_segment_at(&t->out_of_order, t->out_of_order.count - 1);
    return last->flags & DW_TCP_FIN && dw_segment_end(last) == end_of(t, s);
}

static void keep_and_tell(dw_tcb *t, const dw_seg *s)
{
    if (t->sack_ok) find_duplicate(t, s);
    keep_with_buffer(t, s);
    if (dw_tcp_sack_is_far(t, s->seq, s->seq + s->text_len)) dw_tcp_delack_far(t);
    dw_tcp_sack_out_of_order(t, s->seq, s->seq + s->text_len + kept_fin(t, s));
}

static void came_out_of_order(dw_tcb *t, dw_seg *s)
{
    uint32_t limit = t->tcp->profile.reassembly_limit;
    if (!dw_tcp_rcvbuf_takes_out_of_order(t, s)) {
        s->drop = CAUSE(DROP_EARLY_NO_MEMORY);
        return;
    }
    dw_tcp_delack_out_of_order(t, s);
    if (DEFECT(t, P2525_5))
        s->drop = CAUSE(DROP_DEFECT);
    else if (limit > 0 && t->out_of_order.count >= limit)
        s->drop = CAUSE(DROP_REASSEMBLY_FULL);
    else
        keep_and_tell(t, s);
    dw_tcp_tune_out_of_order(t);
}

void dw_tcp_process_text(dw_tcb *t, dw_seg *s)
{
    if (s->text_len == 0 && !(s->flags & DW_TCP_FIN)) return;
    if (t->fin_reached) return; /* the stream is whole */
    bool late = s->seq != t->rcv_nxt;
    /* Each segment out of order draws an ACK of its own (RFC 5681 4.2), though several come at
     * once. */
    bool counts = t->tcp->profile.delayed_ack_rule == DW_TCP_DELACK_COUNTS;
    if (counts && t->ack_now && (late || t->ack_cause == CAUSE(ACK_OUT_OF_ORDER)))
        dw_tcp_send_ack(t, t->ack_cause);
    if (late) {
        came_out_of_order(t, s);
        return;
    }
    if (!dw_tcp_rcvbuf_takes(t, s)) {
        s->drop = CAUSE(DROP_NO_MEMORY);
        return;
    }
    bool gap = t->out_of_order.count > 0;
    dw_tcp_rcvbuf_queued(t, s);
    if (gap && !counts && s->text_len > 0) dw_tcp_delack_data(t, s);
    if (gap) { /* what came first has precedence */
        if (t->sack_ok) find_duplicate(t, s);
        dw_tcp_keep_out_of_order(t, s);
        dw_tcp_deliver_out_of_order(t);
        dw_tcp_sack_delivered(t);
    } else {
        dw_segment segment = take_text(t->tcp, s);
        deliver(t, &segment);
    }
    bool at_once =
        counts ? gap || t->duplicate.from != t->duplicate.to : gap && !t->out_of_order.count;
    if (s->text_len > 0 && !(counts ? at_once : gap)) dw_tcp_delack_data(t, s);
    if (at_once) {
        t->ack_now = true;
        t->ack_cause = CAUSE(ACK_GAP_FILLED);
    }
    dw_tcp_tune_received(t, s);
}
