/* The receive buffer as Linux counts it.
 *
 * What arrives costs more than its octets: each segment lies in a buffer of its own.  Of the memory
 * that a connection may use (twice receive_buffer), scaling_ratio / 256 is taken to become data;
 * the ratio is estimated anew from segments as they come.  The window is what is free of that, but
 * never more than rcv_ssthresh, which begins as the first window offered and grows with segments
 * that fill their buffers well. */
#include "tcp_rcvbuf.h"
#include "tcp_sack.h"
#include "tcp_settings.h"
#include "tcp_tune.h"

#include <stdlib.h>

/* A buffer as a network device without pages hands it up: room in front, the packet, a trailer, and
 * what describes it.  Small ones have a size of their own (SKB_SMALL_HEAD_CACHE_SIZE), larger ones
 * are a power of two. */
enum {
    IN_FRONT = 64,
    TRAILER = 320,
    DESCRIPTION = 256,
    SMALL_BUCKET = 576,
    MIN_BUCKET = 1024,
    PAGE = 4096,
    HALF = 128,        /* of 256 */
    WORTH_WHILE = 128, /* octets: smaller segments do not let the window grow */
    INITIAL_SEGMENTS = 10
};

/* The buffers in which lies what waits to be read, in order. */
typedef struct dw_tcp_held {
    uint32_t octets;    /* that are still to be read */
    uint32_t len;       /* all of its segments'; UINT32_MAX: the first ones had come before */
    uint32_t true_size; /* what it takes of the memory */
} dw_tcp_held;
typedef struct dw_tcp_held_ring {
    dw_tcp_held *items;
    uint32_t first, count, capacity; /* items[first .. first + count) */
    uint32_t end;                    /* the number after the last octet in them */
} dw_tcp_held_ring;

static bool counts_memory(const dw_tcb *t)
{
    return t->tcp->profile.receive_memory;
}

typedef struct cost {
    uint32_t true_size, tail_room;
} cost;

static uint32_t bucket_of(uint32_t linear)
{
    uint32_t need = (linear + 63) / 64 * 64 + TRAILER;
    uint32_t bucket = need <= SMALL_BUCKET ? SMALL_BUCKET : MIN_BUCKET;
    while (bucket < need)
        bucket *= 2;
    return bucket;
}

/* What does not fit into a page is in pages of its own (tun_alloc_skb). */
static cost cost_of(const dw_tcb *t, const dw_seg *s)
{
    enum { LINEAR = PAGE - TRAILER };
    uint32_t packet =
        dw_tcp_headers(&t->link.flow.remote) + s->options_len + s->text_first + IN_FRONT;
    uint32_t linear = packet < LINEAR ? packet : LINEAR, bucket = bucket_of(linear);
    uint32_t pages = (packet - linear + PAGE - 1) / PAGE * PAGE;
    return (cost){.true_size = bucket + DESCRIPTION + pages,
                  .tail_room = pages > 0 ? 0 : bucket - TRAILER - packet};
}

static uint32_t as_window(const dw_tcb *t, uint64_t memory)
{
    return (uint32_t)(memory * t->scaling_ratio >> 8);
}

static uint64_t memory_of(const dw_tcb *t)
{
    return 2 * (uint64_t)t->set->receive_buffer + t->odd_memory;
}

uint64_t dw_tcp_rcvbuf_memory(const dw_tcb *t)
{
    return counts_memory(t) ? memory_of(t) : t->set->receive_buffer;
}

static void set_memory(dw_tcb *t, uint64_t memory)
{
    dw_tcp_settings_own(t)->receive_buffer = (uint32_t)(memory / 2);
    t->odd_memory = memory & 1;
}

static uint64_t max_memory(const dw_tcb *t)
{
    return 2 * (uint64_t)t->tcp->profile.receive_buffer_most;
}

/* What the header can tell. */
static uint32_t widest(const dw_tcb *t)
{
    return (uint32_t)65535 << t->rcv_wscale;
}

/* tcp_full_space */
static uint32_t full_space(const dw_tcb *t)
{
    uint32_t buffer = t->set->receive_buffer, max = widest(t);
    if (counts_memory(t)) return as_window(t, memory_of(t));
    return buffer < max ? buffer : max;
}

/* tcp_space */
static uint32_t free_space(const dw_tcb *t)
{
    if (!counts_memory(t)) {
        uint32_t buffer = t->set->receive_buffer, used = t->received.bytes;
        return buffer > used ? buffer - used : 0;
    }
    uint64_t memory = memory_of(t);
    return memory > t->rmem_alloc ? as_window(t, memory - t->rmem_alloc) : 0;
}

/* __tcp_select_window.  Less than half of the buffer free: no more ACKs than needed.  Less than a
 * sixteenth of it, or than a segment: nothing, rather than to make the sender silly. */
uint32_t dw_tcp_rcvbuf_window(dw_tcb *t)
{
    uint32_t allowed = full_space(t), full = allowed, free = free_space(t), mss = t->delack.rcv_mss;
    uint32_t unit = (uint32_t)1 << t->rcv_wscale,
             window = t->rcv_wnd + (t->rcv_nxt - t->last_ack_sent);
    if (full > t->window_clamp) full = t->window_clamp;
    if (mss > full) mss = full;
    if (mss == 0) return 0;
    if (free < full / 2) {
        t->quick = 0;
        free -= free % unit;
        if (free < allowed / 16 || free < mss) return 0;
    }
    if (counts_memory(t) && free > t->rcv_ssthresh) free = t->rcv_ssthresh;
    if (t->rcv_wscale > 0) return (free + unit - 1) / unit * unit;
    if (window + mss <= free || window > free) return free / mss * mss;
    return mss == full && free > window + full / 2 ? free : window;
}

static uint32_t advertised_mss(const dw_tcb *t)
{
    return t->rcv_mss - (t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
}

/* TCP_WINDOW_CLAMP */
static void obey_user(dw_tcb *t)
{
    uint32_t clamp = t->set->window_clamp;
    if (clamp > 0 && clamp < t->window_clamp) t->window_clamp = clamp;
}

/* The handshake is over, and the first window has been offered.  One segment is set aside
 * (tcp_init_buffer_space). */
void dw_tcp_rcvbuf_begin(dw_tcb *t)
{
    uint32_t full, mss = advertised_mss(t);
    if (t->scaling_ratio == 0) t->scaling_ratio = HALF;
    full = full_space(t) < widest(t) ? full_space(t) : widest(t);
    t->window_clamp = full;
    if (full > 2 * mss) t->window_clamp = full > 3 * mss ? full - mss : 2 * mss;
    t->opened_at = dw_tcp_now(t);
    obey_user(t);
    if (!counts_memory(t)) return;
    t->rcv_ssthresh = t->rcv_wnd < t->window_clamp ? t->rcv_wnd : t->window_clamp;
    t->rcvq_space = t->rcv_ssthresh;
    if (t->rcvq_space > INITIAL_SEGMENTS * mss) t->rcvq_space = INITIAL_SEGMENTS * mss;
}

/* tcp_set_window_clamp */
void dw_tcp_rcvbuf_resized(dw_tcb *t)
{
    uint32_t full = full_space(t), offered = t->offered_wnd;
    if (full < t->window_clamp) {
        if (t->rcv_ssthresh > full) t->rcv_ssthresh = full;
    } else {
        if (offered > full) offered = full;
        if (t->rcv_ssthresh < offered) t->rcv_ssthresh = offered;
    }
    t->window_clamp = full;
    obey_user(t);
}

bool dw_tcp_rcvbuf_resize(dw_tcb *t, uint64_t window)
{
    DW_ASSERT(t->scaling_ratio > 0);
    uint64_t memory = (window << 8) / t->scaling_ratio, max = max_memory(t);
    if (memory > max) memory = max;
    if (memory <= memory_of(t)) return false;
    set_memory(t, memory);
    t->window_clamp = full_space(t); /* the window may become so large, and is not yet */
    obey_user(t);
    return true;
}

/* tcp_measure_rcv_mss, its other half; a full segment came. */
static void estimate_ratio(dw_tcb *t, const dw_seg *s)
{
    uint64_t ratio = ((uint64_t)s->text_first << 8) / cost_of(t, s).true_size;
    uint8_t before = t->scaling_ratio;
    if (ratio == 0) ratio = 1;
    if (ratio > UINT8_MAX) ratio = UINT8_MAX;
    t->scaling_ratio = (uint8_t)ratio;
    if (t->scaling_ratio == before) return;
    dw_tcp_rcvbuf_resized(t);
    if (t->rcvq_space > t->window_clamp) t->rcvq_space = t->window_clamp;
    if (t->tuning && t->tuning->copied > t->window_clamp) t->tuning->copied = t->window_clamp;
}

/* __tcp_grow_window: a segment that fills its buffer badly is welcome while the window is small. */
static uint32_t growth(const dw_tcb *t, const dw_seg *s, uint32_t true_size)
{
    uint32_t room = as_window(t, true_size) / 2;
    uint32_t window = as_window(t, max_memory(t)) / 2;
    for (; t->rcv_ssthresh <= window; room /= 2, window /= 2)
        if (room <= s->text_first) return 2 * t->delack.rcv_mss;
    return 0;
}

/* tcp_grow_window */
static void grow(dw_tcb *t, const dw_seg *s)
{
    uint32_t true_size = cost_of(t, s).true_size, max = free_space(t);
    if (max > t->window_clamp) max = t->window_clamp;
    if (max <= t->rcv_ssthresh) return;
    bool fits = as_window(t, true_size) <= s->text_first;
    uint32_t step = fits ? 2 * advertised_mss(t) : growth(t, s, true_size);
    if (step == 0) return;
    if (step < 2 * s->text_first) step = 2 * s->text_first;
    if (step > max - t->rcv_ssthresh) step = max - t->rcv_ssthresh;
    t->rcv_ssthresh += step;
    t->quick |= 1; /* the peer should hear of it */
}

/* The buffers of what waits to be read. */

static dw_tcp_held *last_buffer(dw_tcb *t)
{
    dw_tcp_held_ring *b = t->held;
    return b && b->count > 0 ? &b->items[b->first + b->count - 1] : NULL;
}

static bool room_for_buffer(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    if (!t->held) t->held = tcp->host->alloc(tcp->node, sizeof *t->held);
    dw_tcp_held_ring *b = t->held;
    if (!b) return false;
    void *items = dw_fifo_room(b->items, &b->first, b->count, &b->capacity, sizeof *b->items);
    if (items) b->items = items;
    return items != NULL;
}

static void push_buffer(dw_tcb *t, dw_tcp_held buffer)
{
    if (room_for_buffer(t))
        t->held->items[t->held->first + t->held->count++] = buffer;
    else
        dw_tcp_no_memory(t->tcp);
}

void dw_tcp_rcvbuf_free(dw_tcb *t)
{
    if (!t->held) return;
    free(t->held->items);
    t->tcp->host->free(t->tcp->node, t->held, sizeof *t->held);
    t->held = NULL;
}

/* Octets in order, in a buffer of their own or, if all of the segment follows the last one and fits
 * behind it, in that (tcp_try_coalesce).  What has no buffer belongs to the last segment. */
static void queue(dw_tcb *t, dw_tcp_held segment, uint32_t tail_room)
{
    dw_tcp_held *last = last_buffer(t);
    bool fits = last && segment.len <= t->tail_room;
    if (fits) t->tail_room -= segment.len;
    if (fits && segment.true_size > 0) last->len += segment.len;
    if (last && (fits || segment.true_size == 0)) {
        last->octets += segment.octets;
        return;
    }
    t->rmem_alloc += segment.true_size;
    t->tail_room = tail_room;
    push_buffer(t, segment);
}

/* When there is too little memory. */

/* A buffer that may grow does; else the peer should send less for a while (tcp_clamp_window). */
static void clamp_window(dw_tcb *t)
{
    uint64_t max = max_memory(t), memory = t->rmem_alloc < max ? t->rmem_alloc : max;
    uint32_t few = 2 * advertised_mss(t);
    t->quick = 0;
    if (!t->receive_fixed && memory_of(t) < max) set_memory(t, memory);
    if (t->rmem_alloc > memory_of(t))
        t->rcv_ssthresh = t->window_clamp < few ? t->window_clamp : few;
}

/* Whether buffers from this one on would take less if they were copied together: there is more
 * buffer than data, or some of the data is old. */
static bool collapsible(const dw_tcb *t, const dw_tcp_held_ring *b, uint32_t i)
{
    const dw_tcp_held *x = &b->items[b->first + i];
    bool overlapped = i + 1 < b->count && x[1].len == UINT32_MAX;
    return as_window(t, x->true_size) > x->len || x->octets < x->len || overlapped;
}

/* Copied into buffers of a page, from the first that is worth it on (tcp_collapse). */
static void collapse(dw_tcb *t)
{
    enum { PIECE = PAGE - TRAILER };
    dw_tcp_held_ring *b = t->held;
    uint32_t i = 0, octets = 0;
    while (b && i < b->count && !collapsible(t, b, i))
        i++;
    if (!b || i == b->count) return;
    for (uint32_t k = i; k < b->count; k++) {
        octets += b->items[b->first + k].octets;
        t->rmem_alloc -= b->items[b->first + k].true_size;
    }
    b->count = i;
    while (octets > 0) {
        uint32_t len = octets < PIECE ? octets : PIECE, bucket = bucket_of(len);
        octets -= len;
        t->rmem_alloc += bucket + DESCRIPTION;
        t->tail_room = bucket - TRAILER - len;
        push_buffer(t, (dw_tcp_held){len, len, bucket + DESCRIPTION});
    }
}

static void give_back(dw_tcb *t, const dw_segment *out_of_order)
{
    t->rmem_out_of_order -= out_of_order->true_size;
    t->rmem_alloc -= out_of_order->true_size;
}

/* What lies early behind this segment makes room for it, the last one first; the peer will have to
 * send it again, though it was told that it is there (tcp_prune_ofo_queue, RFC 2018 section 8). */
static void prune_out_of_order(dw_tcb *t, const dw_seg *s)
{
    uint32_t goal = (uint32_t)(memory_of(t) / 8), freed = 0;
    bool any = false;
    while (t->out_of_order.count > 0 && (freed <= goal || t->rmem_alloc > memory_of(t))) {
        dw_segment last = *dw_segment_at(&t->out_of_order, t->out_of_order.count - 1);
        if (seq_lt(last.seq, s->seq)) break;
        if (!dw_segment_remove(&t->out_of_order, t->out_of_order.count - 1)) {
            dw_tcp_no_memory(t->tcp);
            break;
        }
        freed += last.true_size;
        give_back(t, &last);
        dw_segment_release(&last);
        any = true;
    }
    if (any && t->sack_ok) dw_tcp_sack_forget(t);
}

/* tcp_try_rmem_schedule */
static bool make_room(dw_tcb *t, const dw_seg *s)
{
    clamp_window(t);
    if (t->rmem_alloc > memory_of(t)) collapse(t);
    if (t->rmem_alloc > memory_of(t)) prune_out_of_order(t, s);
    return t->rmem_alloc <= memory_of(t);
}

bool dw_tcp_rcvbuf_takes_out_of_order(dw_tcb *t, const dw_seg *s)
{
    return !counts_memory(t) || t->rmem_alloc <= memory_of(t) || make_room(t, s);
}

bool dw_tcp_rcvbuf_takes(dw_tcb *t, const dw_seg *s)
{
    if (dw_tcp_rcvbuf_takes_out_of_order(t, s)) return true;
    t->squeezed = true;
    t->ack_now = t->delack.scheduled = true;
    t->ack_cause = CAUSE(DROP_NO_MEMORY);
    return t->received.count == 0 || s->text_len == 0;
}

/* The octets of a segment, for its buffer to be shared: none can be when its first have come
 * before.
 */
static uint32_t whole_of(const dw_seg *s)
{
    return s->seq == s->seq_first ? s->text_first : UINT32_MAX;
}

void dw_tcp_rcvbuf_queued(dw_tcb *t, const dw_seg *s)
{
    if (!counts_memory(t) || dw_tcp_discards(t)) return;
    cost c = cost_of(t, s);
    queue(t, (dw_tcp_held){s->text_len, whole_of(s), c.true_size}, c.tail_room);
    if (t->held) t->held->end = s->seq + s->text_len;
}

void dw_tcp_rcvbuf_came_out_of_order(dw_tcb *t, const dw_seg *s, dw_segment *out_of_order)
{
    cost c = cost_of(t, s);
    if (!counts_memory(t)) return;
    out_of_order->true_size = c.true_size;
    out_of_order->tail_room = c.tail_room;
    out_of_order->whole = whole_of(s);
}

/* It may fit into the buffer of the one before (tcp_ooo_try_coalesce). */
void dw_tcp_rcvbuf_keep_out_of_order(dw_tcb *t, dw_segment *before, dw_segment *part)
{
    if (!counts_memory(t)) return;
    if (before && before->seq + before->len == part->seq && part->true_size > 0 &&
        part->whole <= before->tail_room) {
        part->true_size = 0;
        part->tail_room = before->tail_room - part->whole;
        before->tail_room = 0;
    }
    t->rmem_alloc += part->true_size;
    t->rmem_out_of_order += part->true_size;
}

/* The buffer of one that is covered goes; unless it is that of the next one, too. */
void dw_tcp_rcvbuf_replace(dw_tcb *t, dw_segment *kept, dw_segment *next, dw_segment *fresh)
{
    bool last = kept->seq + kept->len == fresh->seq + fresh->len;
    if (!counts_memory(t)) return;
    if (next && next->true_size == 0 && kept->seq + kept->len == next->seq)
        next->true_size = kept->true_size;
    else
        give_back(t, kept);
    kept->true_size = fresh->true_size;
    kept->tail_room = last ? fresh->tail_room : 0;
    kept->whole = fresh->whole;
    t->rmem_alloc += fresh->true_size;
    t->rmem_out_of_order += fresh->true_size;
    fresh->true_size = 0;
}

void dw_tcp_rcvbuf_settled(dw_tcb *t, const dw_segment *out_of_order, bool dropped)
{
    if (!counts_memory(t)) return;
    uint32_t end = out_of_order->seq + out_of_order->len,
             from = t->held ? t->held->end : t->rcv_nxt;
    uint32_t whole = seq_lt(out_of_order->seq, from) ? UINT32_MAX : out_of_order->whole;
    give_back(t, out_of_order);
    if (dropped || dw_tcp_discards(t)) return;
    uint32_t octets = seq_lt(from, end) ? end - from : 0;
    queue(t, (dw_tcp_held){octets, whole, out_of_order->true_size}, out_of_order->tail_room);
    if (octets > 0 && t->held) t->held->end = end;
}

void dw_tcp_rcvbuf_measure(dw_tcb *t, const dw_seg *s)
{
    if (counts_memory(t)) estimate_ratio(t, s);
}

void dw_tcp_rcvbuf_grow(dw_tcb *t, const dw_seg *s)
{
    if (counts_memory(t) && s->text_first >= WORTH_WHILE) grow(t, s);
}

/* Before its buffer counts.  Without SACK the sender needs equal ACKs to see what is missing. */
void dw_tcp_rcvbuf_grow_out_of_order(dw_tcb *t, const dw_seg *s, uint32_t true_size)
{
    if (!counts_memory(t) || !t->sack_ok) return;
    t->rmem_alloc -= true_size;
    grow(t, s);
    t->rmem_alloc += true_size;
}

/* A buffer becomes free when all of it has been read. */
void dw_tcp_rcvbuf_read(dw_tcb *t, uint32_t octets)
{
    dw_tcp_held_ring *b = t->held;
    while (b && b->count > 0 && octets > 0) {
        dw_tcp_held *x = &b->items[b->first];
        uint32_t part = octets < x->octets ? octets : x->octets;
        octets -= part;
        x->octets -= part;
        if (x->octets > 0) return;
        t->rmem_alloc -= x->true_size;
        b->first++;
        b->count--;
    }
    if (b && b->count == 0) b->first = t->tail_room = 0;
}

void dw_tcp_rcvbuf_fingerprint(const dw_tcb *t, dw_fingerprint *into)
{
    const dw_tcp_held_ring *r = t->held;
    dw_fp_u64(into, r ? (uint64_t)r->count << 32 | r->end : UINT64_MAX);
    if (r) dw_fp_bytes(into, r->items + r->first, r->count * sizeof *r->items);
}
