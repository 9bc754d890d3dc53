/* The send queue as Linux has it: a chain of buffers, each of many segments, that a network card
 * cuts (TSO).  Three things that the wire shows follow from it, which RFC 9293 leaves open:
 *
 * How much a call takes: room is asked for only when a buffer is begun, and each costs more than
 * what is in it (tcp_sendmsg_locked, sk_stream_memory_free).
 *
 * Where PSH is: on a buffer in which a call ended, on one with which half of the largest window was
 * written since the last PSH, and on what leaves as several segments at once (tcp_mark_push,
 * forced_push).
 *
 * What leaves together: the head of the chain, as far as the windows and the burst go
 * (tcp_write_xmit, tcp_mss_split_point).
 *
 * Sent data stays in buffers, too: DW_MARK_BURST_END is on the last segment of each. */
#include "tcp.h"

/* What a network card is given at most: 64 KiB less room for headers (sk_gso_max_size). */
enum { MOST_GSO = 65535 - 256 };

typedef struct dw_tcp_chain {
    uint32_t head, count, capacity; /* a power of two */
    dw_tcp_buffer buffer[];
} dw_tcp_chain;

static size_t size_of(uint32_t capacity)
{
    return sizeof(dw_tcp_chain) + capacity * sizeof(dw_tcp_buffer);
}

static dw_tcp_buffer *at(const dw_tcp_chain *c, uint32_t index)
{
    dw_tcp_chain *chain = (dw_tcp_chain *)(uintptr_t)c;
    return &chain->buffer[(c->head + index) & (c->capacity - 1)];
}

static dw_tcp_buffer *first(const dw_tcb *t)
{
    return t->chain && t->chain->count > 0 ? at(t->chain, 0) : NULL;
}

static dw_tcp_buffer *last(const dw_tcb *t)
{
    return t->chain && t->chain->count > 0 ? at(t->chain, t->chain->count - 1) : NULL;
}

static uint32_t write_seq(const dw_tcb *t)
{
    return t->snd_nxt + t->unsent.bytes;
}

static void remove_first(dw_tcp_chain *c)
{
    c->head = (c->head + 1) & (c->capacity - 1);
    c->count--;
}

void dw_tcp_chain_forget(dw_tcb *t)
{
    if (t->chain) t->tcp->host->free(t->tcp->node, t->chain, size_of(t->chain->capacity));
    t->chain = NULL;
}

static bool grow(dw_tcb *t)
{
    enum { LEAST = 4 };
    dw_tcp_chain *old = t->chain;
    uint32_t capacity = old ? 2 * old->capacity : LEAST;
    dw_tcp_chain *c = t->tcp->host->alloc(t->tcp->node, size_of(capacity));
    if (!c) return false;
    *c = (dw_tcp_chain){.capacity = capacity, .count = old ? old->count : 0};
    for (uint32_t i = 0; i < c->count; i++)
        c->buffer[i] = *at(old, i);
    dw_tcp_chain_forget(t);
    t->chain = c;
    return true;
}

/* One more buffer, empty; NULL: there was no memory for it. */
static dw_tcp_buffer *begin(dw_tcb *t)
{
    if ((!t->chain || t->chain->count == t->chain->capacity) && !grow(t)) return NULL;
    t->chain->count++;
    *last(t) = (dw_tcp_buffer){.end = write_seq(t)};
    return last(t);
}

/* What came to be unsent in another way (data with the OPEN, data that a SYN did not bring over) is
 * in a buffer of its own. */
static void fit(dw_tcb *t)
{
    uint32_t end = write_seq(t);
    while (first(t) && seq_leq(first(t)->end, t->snd_nxt))
        remove_first(t->chain);
    while (last(t) && seq_lt(end, last(t)->end)) {
        if (t->chain->count == 1 || seq_lt(at(t->chain, t->chain->count - 2)->end, end))
            last(t)->end = end;
        else
            t->chain->count--;
    }
    if (t->unsent.bytes == 0 || (last(t) && last(t)->end == end)) return;
    dw_tcp_buffer *b = begin(t);
    if (!b) {
        dw_tcp_no_memory(t->tcp);
        return;
    }
    b->push = true;
    t->push_seq = end;
}

/* Where the last buffer begins. */
static uint32_t tail_start(const dw_tcb *t)
{
    return t->chain->count > 1 ? at(t->chain, t->chain->count - 2)->end : t->snd_nxt;
}

/* Room. */

/* The send buffer that is in use: octets, and what each buffer costs besides (sk_wmem_queued). */
uint64_t dw_tcp_chain_used(const dw_tcb *t)
{
    uint64_t buffers = (t->chain ? t->chain->count : 0) + t->sent_buffers;
    uint64_t cost = t->tcp->profile.send_buffer_cost;
    return (uint64_t)t->unsent.bytes + dw_tcp_flight(t) + buffers * cost;
}

/* May a buffer be begun? (sk_stream_memory_free) */
static bool has_room(const dw_tcb *t)
{
    uint32_t low = t->set->notsent_lowat;
    if (low > 0 && t->unsent.bytes >= low) return false;
    return dw_tcp_chain_used(t) < t->set->send_buffer;
}

/* Is there room worth telling of: a third of what is in use, and half of what may wait unsent?
 * (__sk_stream_is_writeable, tcp_stream_memory_free) */
bool dw_tcp_chain_writable(const dw_tcb *t)
{
    uint64_t used = dw_tcp_chain_used(t), buffer = t->set->send_buffer, low = t->set->notsent_lowat;
    if (low > 0 && 2 * (uint64_t)t->unsent.bytes >= low) return false;
    return used < buffer && buffer - used >= used / 2;
}

/* How large a buffer becomes: whole segments, in half of the largest window (tcp_xmit_size_goal,
 * tcp_bound_to_half_wnd).  With urgent data one segment. */
static uint32_t size_goal(const dw_tcb *t, bool urgent)
{
    uint32_t mss = dw_tcp_current_mss(t), most = MOST_GSO, window = t->max_snd_wnd;
    uint32_t half = window > DW_TCP_DEFAULT_MSS ? window / 2 : window;
    if (urgent) return mss;
    if (half > 0 && most > half) most = half;
    return most > mss ? most / mss * mss : mss;
}

/* Writing. */

static void mark_push(dw_tcb *t)
{
    if (last(t)) last(t)->push = true;
    t->push_seq = write_seq(t);
}

static bool must_push(const dw_tcb *t)
{
    return seq_lt(t->push_seq + t->max_snd_wnd / 2, write_seq(t));
}

/* Nagle's flags as Linux has them: TCP_NODELAY or not, corked, and "now". */
enum nagle { OFF = 1, CORK = 2, PUSH = 4 };

static uint32_t nagle_of(const dw_tcb *t)
{
    return (t->set->nagle ? 0u : OFF) | (t->set->cork ? CORK : 0u) | (t->sws_override ? PUSH : 0u);
}

static bool may_output(const dw_tcb *t)
{
    return dw_tcp_synchronized(t) || (t->state == DW_TCP_SYN_RECEIVED && t->fast);
}

/* tcp_push: the end of a call, or it has to wait. */
static void push(dw_tcb *t, bool more, uint32_t nagle)
{
    if (last(t) && (!more || must_push(t))) mark_push(t);
    t->nagle_now = (uint8_t)(more ? CORK : nagle);
    t->nagle_given = true;
    dw_tcp_output(t);
    t->nagle_given = false;
}

/* The buffer for the next octets, begun if need be; NULL: the call has to wait. */
static dw_tcp_buffer *buffer_for(dw_tcb *t, uint32_t goal)
{
    dw_tcp_buffer *b = last(t);
    if (b && !b->record && write_seq(t) - tail_start(t) < goal) return b;
    if (!has_room(t)) return NULL;
    b = begin(t);
    if (!b) {
        dw_tcp_no_memory(t->tcp);
        return NULL;
    }
    t->sws_override = false; /* tcp_skb_entail */
    return b;
}

/* A buffer is full: what was written may be enough to be pushed, or it is the first and goes on its
 * way, one burst. */
static void filled(dw_tcb *t)
{
    bool pushes = must_push(t), head = t->chain->count == 1;
    if (!pushes && !head) return;
    if (pushes) mark_push(t);
    if (!may_output(t)) return;
    t->nagle_now = PUSH;
    t->nagle_given = true;
    t->push_one = !pushes;
    dw_tcp_send_new(t);
    t->nagle_given = t->push_one = false;
}

/* As much of a slice as the last buffer has room for; returns how much. */
static uint32_t fill(dw_tcb *t, dw_tcp_buffer *b, uint32_t goal, dw_slice part, bool first_of_call)
{
    uint32_t room = goal - (b->end - tail_start(t));
    if (part.len > room) part.len = room;
    if (dw_tcp_traced(t->tcp, DW_TRACE_CALL))
        t->tcp->host->trace_call(t->tcp->node, t->socket.conn, "send", part.len,
                                 first_of_call ? NULL : DW_TCP_GOES_ON, &part, 1);
    if (first_of_call) b->push = false;
    b->end += part.len;
    if (!dw_slice_push(&t->unsent, part)) dw_tcp_no_memory(t->tcp);
    return part.len;
}

/* All of a slice, or as much as there is room for; returns how much.  before: octets of the call
 * that went before, left: what remains of it, with this. */
static uint32_t write_slice(dw_tcb *t, dw_slice slice, uint32_t goal, int64_t before, int64_t left)
{
    uint32_t taken = 0;
    while (taken < slice.len) {
        dw_tcp_buffer *b = buffer_for(t, goal);
        if (!b) break;
        dw_slice part = {slice.buf, slice.offset + taken, slice.len - taken};
        if (taken > 0) dw_buf_ref(part.buf);
        taken += fill(t, b, goal, part, before + taken == 0);
        bool whole = write_seq(t) - tail_start(t) >= goal;
        if (whole && taken < left) filled(t);
    }
    return taken;
}

/* SEND: as much as there is room for; returns how much. */
int64_t dw_tcp_chain_take(dw_tcb *t, const dw_slice *slices, size_t count, uint32_t flags)
{
    bool waits = false;
    int64_t asked = 0, total = 0;
    dw_tcp_mtu_look(t);
    uint32_t goal = size_goal(t, flags & DW_SEND_URGENT);
    for (size_t i = 0; i < count; i++)
        asked += slices[i].len;
    fit(t);
    for (size_t i = 0; i < count && !waits; i++) {
        uint32_t taken = write_slice(t, slices[i], goal, total, asked - total);
        total += taken;
        waits = taken < slices[i].len;
    }
    if (waits) t->writable_wanted = true;
    if (total == 0) return 0;
    if (flags & DW_SEND_URGENT) dw_tcp_urgent_send(t);
    if (flags & DW_SEND_EOR && total == asked && last(t)) last(t)->record = true;
    if (waits) push(t, false, nagle_of(t) | PUSH);
    t->writable_wanted |= waits; /* what left may have cleared it */
    push(t, flags & DW_SEND_MORE, nagle_of(t));
    return total;
}

/* Sending. */

/* Segments that the congestion window allows, at most half of it at once (tcp_cwnd_test). */
static uint32_t quota_of(const dw_tcb *t)
{
    uint64_t mss = t->snd_mss, cwnd = t->cc.cwnd / mss, half = cwnd > 1 ? cwnd / 2 : 1, room;
    if (t->rec) {
        room = dw_tcp_recovery_room(t) / dw_tcp_segment_units(t);
    } else {
        uint64_t most = t->cc.cwnd + t->inflation + dw_tcp_limited_transmit(t);
        uint64_t flight = dw_tcp_flight(t);
        room = most > flight ? (most - flight) / mss : 0;
    }
    return (uint32_t)(room < half ? room : half);
}

/* The head takes over what follows it, as far as the burst goes (tcp_grow_skb). */
static void grow_head(dw_tcb *t, uint32_t most)
{
    dw_tcp_chain *c = t->chain;
    while (c->count > 1 && !at(c, 0)->record) {
        dw_tcp_buffer *head = at(c, 0), *next = at(c, 1);
        uint32_t len = head->end - t->snd_nxt, more = next->end - head->end;
        if (len >= most) return;
        if (more > most - len) {
            head->end += most - len;
            return;
        }
        next->push |= head->push;
        remove_first(c);
        return; /* one step in each round, as there */
    }
}

/* A partial segment is held back (tcp_nagle_check). */
static bool holds(const dw_tcb *t, bool partial, uint32_t nagle)
{
    if (!partial) return false;
    return nagle & CORK || (nagle == 0 && t->rtx.count > 0 && dw_tcp_held_by_nagle(t));
}

/* Wait for the ACK that is about to come, so that more can go at once? (tcp_tso_should_defer) */
static bool defers(dw_tcb *t, uint32_t len, uint32_t window, uint32_t quota, uint32_t burst,
                   bool alone)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint64_t room =
        (t->rec ? dw_tcp_recovery_room(t) / dw_tcp_segment_units(t) : quota) * (uint64_t)t->snd_mss;
    uint64_t limit = window < room ? window : room;
    if (p->tso_win_divisor == 0 || t->rtx.count == 0) return false;
    if (t->rec && t->cc.state >= DW_CONGESTION_RECOVERY) return false;
    dw_time now = dw_tcp_now(t);
    if (now - t->burst_at >= DW_MILLISECOND) return false;
    if (limit >= (uint64_t)burst * t->snd_mss || (!alone && limit >= len)) return false;
    uint64_t all = t->cc.cwnd < t->snd_wnd ? t->cc.cwnd : t->snd_wnd;
    if (limit >= all / p->tso_win_divisor) return false;
    dw_time near = t->srtt / 2 < DW_MILLISECOND ? t->srtt / 2 : DW_MILLISECOND;
    if (dw_segment_at(&t->rtx, 0)->sent_at + t->srtt - now > near) return false;
    if (room < window && room <= len)
        t->cwnd_limited = true;
    else if (room < window || window > len)
        return !(alone && t->fin_queued) && !first(t)->record;
    return true;
}

/* How much of the head leaves now (tcp_mss_split_point). */
static uint32_t split_point(const dw_tcb *t, uint32_t len, uint32_t window, uint32_t quota,
                            bool alone, uint32_t nagle)
{
    uint32_t mss = dw_tcp_current_mss(t);
    if (len <= mss || t->snd_urgent) return mss;
    uint64_t most = (uint64_t)mss * quota;
    if (most <= window && !alone) return (uint32_t)most;
    uint32_t needed = len < window ? len : window, partial = needed % mss;
    if (most <= needed) return (uint32_t)most;
    return holds(t, partial > 0, nagle) ? needed - partial : needed;
}

/* The first octets of the head leave as one buffer. */
static bool send_buffer(dw_tcb *t, uint32_t len, bool fin)
{
    dw_tcp_buffer head = *first(t);
    uint32_t mss = dw_tcp_current_mss(t), count = (len + mss - 1) / mss, left = len;
    bool whole = t->snd_nxt + len == head.end;
    if (dw_tcp_refused(t)) return false;
    if (whole) remove_first(t->chain);
    while (left > 0) {
        uint32_t part = left < mss ? left : mss;
        left -= part;
        uint8_t flags = left == 0 && whole && head.push ? DW_TCP_PSH : 0;
        if (left == 0 && fin) flags |= DW_TCP_FIN;
        uint8_t marks = left > 0 ? 0 : DW_MARK_BURST_END;
        if (left == 0 && whole && head.record) marks |= DW_MARK_RECORD_END;
        t->push_next = left == 0 && count > 1; /* each time that several go at once */
        if (!dw_tcp_send_data(t, part, flags, marks)) return false;
    }
    dw_tcp_burst_sent(t, len, count);
    if (t->writable_wanted) dw_tcp_tell_space(t); /* tcp_event_new_data_sent */
    return true;
}

static bool fin_waits(const dw_tcb *t)
{
    return t->fin_queued && !t->fin_sent;
}

/* One round of tcp_write_xmit; false: no more can leave now. */
static bool send_head(dw_tcb *t, uint32_t nagle, bool one)
{
    uint32_t quota = quota_of(t), burst = dw_tcp_burst_most(t), mss = dw_tcp_current_mss(t);
    uint32_t edge = t->snd_una + t->snd_wnd;
    uint32_t window = seq_lt(t->snd_nxt, edge) ? edge - t->snd_nxt : 0;
    if (!first(t) && !fin_waits(t)) return false;
    if (dw_tcp_pace_waits(t)) return false;
    if (quota == 0) return false;
    if (!first(t)) {
        if (window == 0)
            t->rwnd_limited = true;
        else
            dw_tcp_send_data(t, 0, DW_TCP_FIN, DW_MARK_BURST_END);
        return false;
    }
    if (burst == 0) burst = 1;
    if (quota > burst) quota = burst;
    grow_head(t, quota * mss);
    bool alone = t->chain->count == 1, fin = alone && fin_waits(t);
    uint32_t len = first(t)->end - t->snd_nxt;
    if (window < (len < mss ? len : mss)) {
        t->rwnd_limited = true;
        return false;
    }
    uint32_t now = alone ? nagle : PUSH;
    if (len <= mss) {
        if (!(now & PUSH) && !fin && !t->snd_urgent && holds(t, len < mss, now)) return false;
    } else if (!one && defers(t, len, window, quota, burst, alone)) {
        t->rwnd_limited |= !t->cwnd_limited && window <= len;
        return false;
    }
    uint32_t most = split_point(t, len, window, quota, alone, now);
    if (most < len) len = most;
    fin &= t->snd_nxt + len == first(t)->end && window > len;
    return send_buffer(t, len, fin) && !one;
}

void dw_tcp_chain_output(dw_tcb *t)
{
    uint32_t nagle = t->nagle_given ? t->nagle_now : nagle_of(t);
    fit(t);
    t->rwnd_limited = t->cwnd_limited = false;
    while (send_head(t, nagle, t->push_one)) {
    }
    if (t->unsent.bytes == 0) t->sws_override = false;
}

/* Whole buffers that are taken over bring their PSH (tcp_mtu_probe). */
bool dw_tcp_chain_across(dw_tcb *t, uint32_t len, uint8_t *flags, uint8_t *marks)
{
    uint32_t end = t->snd_nxt + len;
    fit(t);
    *flags = 0;
    for (uint32_t i = 0; i < t->chain->count; i++) {
        const dw_tcp_buffer *b = at(t->chain, i);
        if (seq_lt(end, b->end)) break;
        if (b->push) *flags = DW_TCP_PSH;
        if (b->record && b->end != end) return false;
        if (b->record) *marks |= DW_MARK_RECORD_END;
        if (b->end == end) break;
    }
    return true;
}

/* RFC 8985 7.3: one segment of new data, whatever the congestion window says. */
void dw_tcp_chain_probe(dw_tcb *t)
{
    fit(t);
    if (!first(t)) {
        if (fin_waits(t) && dw_tcp_flight(t) < t->snd_wnd)
            dw_tcp_send_data(t, 0, DW_TCP_FIN, DW_MARK_BURST_END);
        return;
    }
    uint32_t mss = dw_tcp_current_mss(t), len = first(t)->end - t->snd_nxt;
    if (len > mss) len = mss;
    if (dw_tcp_flight(t) + len > t->snd_wnd) return;
    bool whole = t->snd_nxt + len == write_seq(t);
    send_buffer(t, len, whole && fin_waits(t) && dw_tcp_flight(t) + len < t->snd_wnd);
}

/* The probe timer expired, and the window is not closed: what was held back leaves, with PSH
 * (tcp_write_wakeup).  False: there is nothing that may. */
bool dw_tcp_chain_wakeup(dw_tcb *t)
{
    fit(t);
    uint32_t window = t->snd_wnd > dw_tcp_flight(t) ? t->snd_wnd - dw_tcp_flight(t) : 0;
    if (!first(t) || window == 0) return false;
    uint32_t mss = dw_tcp_current_mss(t), len = first(t)->end - t->snd_nxt, most = len;
    if (seq_lt(t->push_seq, first(t)->end)) t->push_seq = first(t)->end;
    first(t)->push = true;
    if (most > window) most = window;
    if (most > mss) most = mss;
    if (most < len) { /* the rest keeps its PSH, this part has one, too */
        dw_tcp_send_data(t, most, DW_TCP_PSH, DW_MARK_BURST_END);
        dw_tcp_burst_sent(t, most, 1);
        return true;
    }
    bool fin = t->chain->count == 1 && fin_waits(t) && window > len;
    return send_buffer(t, len, fin);
}

/* What is sent again. */

enum { STATE = DW_MARK_SACKED | DW_MARK_LOST | DW_MARK_RESENT };

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
