/* The receive buffer as Linux counts it.
 *
 * What arrives costs more than its octets: each segment lies in a buffer of its own.  Of the memory
 * that a connection may use (twice receive_buffer), scaling_ratio / 256 is taken to become data;
 * the ratio is estimated anew from segments as they come.  The window is what is free of that, but
 * never more than rcv_ssthresh, which begins as the first window offered and grows with segments
 * that fill their buffers well. */
#include "tcp.h"

/* A buffer as a network device without pages hands it up: room in front, the packet, a trailer, a
 * power of two in all, and what describes it. */
enum {
    IN_FRONT = 64,
    TRAILER = 320,
    DESCRIPTION = 256,
    LEAST_BUCKET = 512,
    PAGE = 4096,
    HALF = 128,       /* of 256 */
    WORTH_WHILE = 128 /* octets: smaller segments do not let the window grow */
};

static bool counts_memory(const dw_tcb *t)
{
    return t->tcp->profile.receive_memory;
}

typedef struct cost {
    uint32_t true_size, tail_room;
} cost;

static cost cost_of(const dw_tcb *t, const dw_seg *s)
{
    uint32_t packet =
        dw_tcp_headers(&t->link.flow.remote) + s->options_len + s->text_first + IN_FRONT;
    uint32_t need = (packet + 63) / 64 * 64 + TRAILER, bucket = LEAST_BUCKET;
    if (need > PAGE) { /* what does not fit is in pages */
        uint32_t over = packet - (PAGE - TRAILER);
        return (cost){.true_size = PAGE + DESCRIPTION + (over + PAGE - 1) / PAGE * PAGE};
    }
    while (bucket < need)
        bucket *= 2;
    return (cost){.true_size = bucket + DESCRIPTION, .tail_room = bucket - TRAILER - packet};
}

static uint32_t as_window(const dw_tcb *t, uint64_t memory)
{
    return (uint32_t)(memory * t->scaling_ratio >> 8);
}

static uint64_t memory_of(const dw_tcb *t)
{
    return 2 * (uint64_t)t->set->receive_buffer;
}

static uint64_t most_memory(const dw_tcb *t)
{
    return 2 * (uint64_t)t->tcp->profile.receive_buffer_most;
}

/* tcp_full_space */
static uint32_t full_space(const dw_tcb *t)
{
    uint32_t most = (uint32_t)65535 << t->rcv_wscale, buffer = t->set->receive_buffer;
    uint32_t full = counts_memory(t) ? as_window(t, memory_of(t)) : buffer;
    return full < most ? full : most;
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
uint32_t dw_tcp_select_window(dw_tcb *t)
{
    if (t->tcp->profile.window_step != DW_TCP_STEP_FREE) return dw_tcp_receive_window(t);
    uint32_t allowed = full_space(t), full = allowed, free = free_space(t), mss = t->delack.rcv_mss;
    uint32_t unit = (uint32_t)1 << t->rcv_wscale, window = t->rcv_wnd + (t->rcv_nxt - t->ack_sent);
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
    uint32_t full, mss = t->passive ? t->rcv_mss : advertised_mss(t);
    if (t->scaling_ratio == 0) t->scaling_ratio = HALF;
    full = full_space(t);
    t->window_clamp = full;
    if (full > 2 * mss) t->window_clamp = full > 3 * mss ? full - mss : 2 * mss;
    t->opened_at = dw_tcp_now(t);
    obey_user(t);
    if (counts_memory(t))
        t->rcv_ssthresh = t->rcv_wnd < t->window_clamp ? t->rcv_wnd : t->window_clamp;
}

/* tcp_set_window_clamp */
void dw_tcp_rcvbuf_resized(dw_tcb *t)
{
    uint32_t full = full_space(t), offered = t->rcv_wnd + (t->rcv_nxt - t->ack_sent);
    if (full < t->window_clamp) {
        if (t->rcv_ssthresh > full) t->rcv_ssthresh = full;
    } else {
        if (offered > full) offered = full;
        if (t->rcv_ssthresh < offered) t->rcv_ssthresh = offered;
    }
    t->window_clamp = full;
    obey_user(t);
}

/* tcp_measure_rcv_mss, its other half; a full segment came. */
static void estimate_ratio(dw_tcb *t, const dw_seg *s)
{
    uint64_t ratio = ((uint64_t)s->text_first << 8) / cost_of(t, s).true_size;
    uint8_t before = t->scaling_ratio;
    t->scaling_ratio = (uint8_t)(ratio == 0 ? 1 : ratio > 255 ? 255 : ratio);
    if (t->scaling_ratio != before) dw_tcp_rcvbuf_resized(t);
}

/* __tcp_grow_window: a segment that fills its buffer badly is welcome while the window is small. */
static uint32_t growth(const dw_tcb *t, const dw_seg *s, uint32_t true_size)
{
    uint32_t room = as_window(t, true_size) / 2;
    uint32_t window = as_window(t, most_memory(t)) / 2;
    for (; t->rcv_ssthresh <= window; room /= 2, window /= 2)
        if (room <= s->text_first) return 2 * t->delack.rcv_mss;
    return 0;
}

/* tcp_grow_window */
static void grow(dw_tcb *t, const dw_seg *s)
{
    uint32_t true_size = cost_of(t, s).true_size, most = free_space(t);
    if (most > t->window_clamp) most = t->window_clamp;
    if (most <= t->rcv_ssthresh) return;
    bool fits = as_window(t, true_size) <= s->text_first;
    uint32_t step = fits ? 2 * advertised_mss(t) : growth(t, s, true_size);
    if (step == 0) return;
    if (step < 2 * s->text_first) step = 2 * s->text_first;
    if (step > most - t->rcv_ssthresh) step = most - t->rcv_ssthresh;
    t->rcv_ssthresh += step;
    t->quick |= 1; /* the peer should hear of it */
}

/* tcp_try_rmem_schedule: a buffer that may grow does (tcp_clamp_window), and small pieces are
 * copied together (tcp_collapse). */
static bool make_room(dw_tcb *t)
{
    enum { PIECE = PAGE - TRAILER };
    uint64_t most = most_memory(t), octets = t->received.bytes;
    if (!t->receive_fixed && memory_of(t) < most) {
        uint64_t memory = t->rmem_alloc < most ? t->rmem_alloc : most;
        dw_tcp_settings_own(t)->receive_buffer = (uint32_t)((memory + 1) / 2);
    }
    if (t->rmem_alloc <= memory_of(t)) return true;
    uint64_t copied = (octets + PIECE - 1) / PIECE * (PAGE + DESCRIPTION);
    if (t->early.count == 0) t->rmem_early = 0;
    if (t->early.count == 0 && copied < t->rmem_alloc) t->rmem_alloc = (uint32_t)copied;
    return t->rmem_alloc <= memory_of(t);
}

bool dw_tcp_rcvbuf_takes(dw_tcb *t, const dw_seg *s)
{
    if (!counts_memory(t) || t->rmem_alloc <= memory_of(t) || make_room(t)) return true;
    t->squeezed = true;
    t->ack_now = t->delack.scheduled = true;
    t->ack_cause = CAUSE(DROP_NO_MEMORY);
    return t->received.count == 0 || s->text_len == 0;
}

void dw_tcp_rcvbuf_queued(dw_tcb *t, const dw_seg *s, bool early)
{
    if (!counts_memory(t)) return;
    cost c = cost_of(t, s);
    if (!early && s->text_first <= t->tail_room) { /* it fits behind the one before */
        t->tail_room -= s->text_first;
    } else {
        t->rmem_alloc += c.true_size;
        if (early)
            t->rmem_early += c.true_size;
        else
            t->tail_room = c.tail_room;
    }
}

/* A segment of so many octets of text that came early is so no longer: it is in sequence now, or
 * all of it came otherwise, too. */
void dw_tcp_rcvbuf_settled(dw_tcb *t, uint32_t len, bool dropped)
{
    if (!counts_memory(t)) return;
    dw_seg like = {.text_first = len, .options_len = t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0};
    uint32_t size = cost_of(t, &like).true_size;
    if (size > t->rmem_early || t->early.count == 0) size = t->rmem_early;
    t->rmem_early -= size;
    if (dropped) t->rmem_alloc -= size;
}

void dw_tcp_rcvbuf_measure(dw_tcb *t, const dw_seg *s)
{
    if (counts_memory(t) && s->text_first > t->delack.rcv_mss) estimate_ratio(t, s);
}

void dw_tcp_rcvbuf_grow(dw_tcb *t, const dw_seg *s, bool early)
{
    if (counts_memory(t) && (early ? t->sack_ok : s->text_first >= WORTH_WHILE)) grow(t, s);
}

/* Buffers of what was read become free: as many as in proportion. */
void dw_tcp_rcvbuf_read(dw_tcb *t, uint32_t octets)
{
    uint32_t before = t->received.bytes + octets, memory = t->rmem_alloc - t->rmem_early;
    if (t->received.bytes == 0) t->tail_room = 0;
    if (t->received.bytes == 0 && t->early.count == 0)
        t->rmem_alloc = t->rmem_early = 0;
    else if (before > 0)
        t->rmem_alloc -= (uint32_t)((uint64_t)memory * octets / before);
}
