/* Buffers that grow with the path, as Linux and FreeBSD have them: the receiver's so that the
 * window never holds a sender back (dynamic right-sizing, Fisk and Feng 2001), the sender's so that
 * it holds what the congestion window lets out.  The window scale has allowed for that since the
 * SYN (RFC 7323 section 2).  A size that the user has set for a connection stays. */
#include "tcp_tune.h"
#include "tcp_rcvbuf.h"
#include "tcp_scoreboard.h"
#include "tcp_settings.h"
#include "tcp_timestamp.h"

/* The receiver's idea of the round trip.  Without timestamps it is the time in which a whole window
 * arrives, which is too long where the sender does not fill it: the least of these counts. */
static void measured(dw_tcp_tuning *g, dw_time rtt, bool exact, bool min)
{
    if (rtt <= 0) rtt = 1;
    if (g->rtt == 0 || ((min || !exact) && rtt < g->rtt))
        g->rtt = rtt;
    else if (exact)
        g->rtt += (rtt - g->rtt) / 8;
}

/* Data shows that the peer's segments are worth their buffers: the window may have what there is
 * room for, by two segments at a time (tcp_grow_window). */
static void grow_window(dw_tcb *t, const dw_seg *s)
{
    uint32_t more = 2 * (s->text_len > t->rcv_mss ? s->text_len : t->rcv_mss);
    if (t->rcv_ssthresh >= t->set->receive_buffer) return;
    t->rcv_ssthresh += more;
    if (t->rcv_ssthresh > t->set->receive_buffer) t->rcv_ssthresh = t->set->receive_buffer;
}

/* False when there is no memory for it.  What counts as read in a round trip begins with what the
 * peer may send in the first one (tcp_init_buffer_space). */
static bool begin_tuning(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    if (t->tuning) return true;
    t->tuning = tcp->host->alloc(tcp->node, sizeof *t->tuning);
    if (!t->tuning) return false;
    dw_tcp_tuning *g = t->tuning;
    uint32_t initial = t->cc.initial < t->rcv_wnd ? (uint32_t)t->cc.initial : t->rcv_wnd;
    if (initial < t->rcv_mss) initial = t->rcv_mss;
    g->copied = tcp->profile.receive_memory ? t->rcvq_space : initial;
    return true;
}

void dw_tcp_tune_received(dw_tcb *t, const dw_seg *s)
{
    if (s->text_len > 0 && !t->tcp->profile.receive_memory) grow_window(t, s);
    if (!t->tcp->profile.receive_autotune || s->text_len == 0) return;
    if (!begin_tuning(t)) return;
    dw_tcp_tuning *g = t->tuning;
    dw_time now = dw_tcp_now(t), sample = dw_tcp_timestamp_sample(t, s);
    bool linux = t->tcp->profile.receive_memory;
    if (g->rtt == 0 && t->srtt > 0 && !linux) g->rtt = t->srtt; /* the handshake's */
    if (g->started_at == 0) {
        g->started_at = linux ? t->opened_at : now;
        g->window_at = now;
        g->read_before = t->rcv_nxt - s->text_len - t->irs;
        g->window_end = t->rcv_nxt + (linux ? t->offered_wnd : t->rcv_wnd);
        if (linux) return;
    }
    if (sample >= 0 && s->text_len >= t->largest_text && s->ts_ecr != g->echo) {
        g->echo = s->ts_ecr;
        measured(g, sample, true, linux);
    } else if (!t->ts_ok && seq_leq(g->window_end, t->rcv_nxt)) {
        measured(g, now - g->window_at, false, linux);
        g->window_at = now;
        g->window_end = t->rcv_nxt + (linux ? t->offered_wnd : t->rcv_wnd);
    }
}

void dw_tcp_tune_free(dw_tcb *t)
{
    if (t->tuning) t->tcp->host->free(t->tcp->node, t->tuning, sizeof *t->tuning);
    t->tuning = NULL;
}

/* The next round trip may bring twice what this one did, and more while the sender is still finding
 * its speed; and what lies early must not be dropped for want of room (tcp_rcvbuf_grow). */
static void grow_buffer(dw_tcb *t, uint32_t copied)
{
    enum { SLACK_SEGMENTS = 16 };
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_tcp_tuning *g = t->tuning;
    uint64_t widest = (uint64_t)65535 << t->rcv_wscale, max = p->receive_buffer_most;
    uint64_t want = 2 * (uint64_t)copied;
    if (!p->receive_memory) want += SLACK_SEGMENTS * t->rcv_mss;
    want += 2 * (want * (copied - g->copied) / g->copied);
    g->copied = copied;
    if (t->out_of_order.count > 0) {
        const dw_segment *last = dw_segment_at(&t->out_of_order, t->out_of_order.count - 1);
        want += dw_segment_end(last) - t->rcv_nxt;
    }
    if (!p->receive_memory && want > widest) want = widest;
    if (p->receive_memory) {
        if (!dw_tcp_rcvbuf_resize(t, want)) return;
    } else {
        if (want > max) want = max;
        if (want <= t->set->receive_buffer) return;
        dw_tcp_settings_own(t)->receive_buffer = (uint32_t)want;
        dw_tcp_rcvbuf_resized(t);
    }
    dw_tcp_trace(t, "receive_buffer", t->set->receive_buffer);
}

/* Once in a round trip: what the user has read since the last time, less what waits still
 * (tcp_rcv_space_adjust). */
void dw_tcp_tune_read(dw_tcb *t)
{
    dw_tcp_tuning *g = t->tuning;
    dw_time now = dw_tcp_now(t);
    if (!g || t->receive_fixed) return;
    if (g->rtt == 0 || now - g->started_at < g->rtt) return;
    uint32_t unread = t->received.bytes, read = t->rcv_nxt - unread - t->irs;
    int64_t copied = read - g->read_before;
    if (t->tcp->profile.receive_memory) copied -= unread;
    g->read_before = read;
    g->started_at = now;
    if (copied > g->copied) grow_buffer(t, (uint32_t)copied);
}

/* Linux does not let the buffer of a connection grow that nobody has accepted, or that nobody reads
 * any more (tcp_data_queue_ofo). */
void dw_tcp_tune_out_of_order(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool held = t->user == DW_TCP_USER_HERE;
    if (p->receive_memory && p->receive_autotune && held && !t->receive_fixed && begin_tuning(t))
        grow_buffer(t, t->tuning->copied);
}

/* The window is what holds the sender back, not the user: room for twice of it. */
void dw_tcp_tune_acked(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (!p->send_autotune || t->send_fixed || p->send_whole_buffers) return;
    uint64_t want = 2 * t->cc.cwnd;
    if (want > p->send_buffer_most) want = p->send_buffer_most;
    if (want <= t->set->send_buffer) return;
    dw_tcp_settings_own(t)->send_buffer = (uint32_t)want;
    dw_tcp_trace(t, "send_buffer", want);
}

/* As Linux has it: room for twice the window, with what each segment costs at most.  Only where the
 * user waits for it while the window has room, and when the connection opens (tcp_sndbuf_expand,
 * tcp_should_expand_sndbuf). */
void dw_tcp_tune_space(dw_tcb *t)
{
    enum { HEADERS = 512, COST = 256, MIN_SEGMENTS = 10 };
    const dw_tcp_profile *p = &t->tcp->profile;
    uint64_t segments = t->cc.cwnd / t->snd_mss, each = 1;
    bool full = t->rec && dw_tcp_recovery_room(t) < dw_tcp_segment_units(t);
    if (!p->send_whole_buffers || !p->send_autotune || t->send_fixed || full) return;
    while (each < t->snd_mss + HEADERS)
        each *= 2;
    if (segments < MIN_SEGMENTS) segments = MIN_SEGMENTS;
    if (t->rec && segments < t->rec->reordering + 1) segments = t->rec->reordering + 1;
    uint64_t want = 2 * segments * (each + COST);
    if (want > p->send_buffer_most) want = p->send_buffer_most;
    if (want <= t->set->send_buffer) return;
    dw_tcp_settings_own(t)->send_buffer = (uint32_t)want;
    dw_tcp_trace(t, "send_buffer", (int64_t)want);
}
