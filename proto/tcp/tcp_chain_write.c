/* SEND into a chain of buffers (tcp_chain.h), as Linux has it (tcp_sendmsg_locked). */
#include "tcp_chain.h"
#include "tcp_accecn.h"
#include "tcp_output.h"
#include "tcp_pmtu.h"
#include "tcp_urgent.h"

/* What a network card is given at most: 64 KiB less room for headers (sk_gso_max_size). */
enum { MAX_GSO = 65535 - 256 };

/* Where the last buffer begins; the chain is not empty. */
static uint32_t tail_start(const dw_tcb *t)
{
    return t->chain->count > 1 ? dw_tcp_chain_at(t->chain, t->chain->count - 2)->end : t->snd_nxt;
}

/* May a buffer be begun? (sk_stream_memory_free) */
static bool has_room(const dw_tcb *t)
{
    uint32_t low = t->set->notsent_lowat;
    if (low > 0 && t->unsent.bytes >= low) return false;
    return dw_tcp_chain_used(t) < t->set->send_buffer;
}

/* How large a buffer becomes: whole segments, in half of the largest window (tcp_xmit_size_goal,
 * tcp_bound_to_half_wnd).  With urgent data one segment. */
static uint32_t size_goal(const dw_tcb *t, bool urgent)
{
    uint32_t mss = dw_tcp_current_mss(t), max = MAX_GSO, window = t->max_snd_wnd;
    uint32_t half = window > DW_TCP_DEFAULT_MSS ? window / 2 : window;
    if (urgent) return mss;
    if (half > 0 && max > half) max = half;
    return max > mss ? max / mss * mss : mss;
}

static void mark_push(dw_tcb *t)
{
    if (dw_tcp_chain_last(t)) dw_tcp_chain_last(t)->push = true;
    t->push_seq = dw_tcp_write_seq(t);
}

static bool must_push(const dw_tcb *t)
{
    return seq_lt(t->push_seq + t->max_snd_wnd / 2, dw_tcp_write_seq(t));
}

static bool may_output(const dw_tcb *t)
{
    return dw_tcp_synchronized(t) || (t->state == DW_TCP_SYN_RECEIVED && t->fast);
}

/* tcp_push: the end of a call, or it has to wait. */
static void push(dw_tcb *t, bool more, uint32_t nagle)
{
    if (dw_tcp_chain_last(t) && (!more || must_push(t))) mark_push(t);
    t->nagle_now = (uint8_t)(more ? DW_TCP_NAGLE_CORK : nagle);
    t->nagle_given = true;
    dw_tcp_output(t);
    t->nagle_given = false;
}

/* The buffer for the next octets, begun if need be; NULL: the call has to wait. */
static dw_tcp_buffer *buffer_for(dw_tcb *t, uint32_t goal)
{
    dw_tcp_buffer *b = dw_tcp_chain_last(t);
    if (b && !b->record && dw_tcp_write_seq(t) - tail_start(t) < goal) return b;
    if (!has_room(t)) return NULL;
    b = dw_tcp_chain_begin(t);
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
    t->nagle_now = DW_TCP_NAGLE_PUSH;
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
        bool whole = dw_tcp_write_seq(t) - tail_start(t) >= goal;
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
    dw_tcp_chain_fit(t);
    for (size_t i = 0; i < count && !waits; i++) {
        uint32_t taken = write_slice(t, slices[i], goal, total, asked - total);
        total += taken;
        waits = taken < slices[i].len;
    }
    if (waits) t->writable_wanted = true;
    if (total == 0) return 0;
    if (flags & DW_SEND_URGENT) dw_tcp_urgent_send(t);
    if (flags & DW_SEND_EOR && total == asked && dw_tcp_chain_last(t))
        dw_tcp_chain_last(t)->record = true;
    if (waits) push(t, false, dw_tcp_chain_nagle(t) | DW_TCP_NAGLE_PUSH);
    t->writable_wanted |= waits; /* what left may have cleared it */
    push(t, flags & DW_SEND_MORE, dw_tcp_chain_nagle(t));
    return total;
}
