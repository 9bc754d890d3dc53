/* New data becomes a segment: cut off what the user has sent, kept until it is acknowledged, and
 * transmitted. */
#include "tcp_send.h"
#include "tcp_accecn.h"
#include "tcp_chain.h"
#include "tcp_fastopen.h"
#include "tcp_local_drop.h"
#include "tcp_loss.h"
#include "tcp_record.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_state.h"
#include "tcp_timer.h"

/* The first len octets of `unsent`. */
static void take_unsent(dw_tcb *t, dw_segment *to, uint32_t len)
{
    while (to->len < len)
        if (!dw_segment_append(to, dw_slice_take(&t->unsent, len - to->len))) {
            dw_tcp_no_memory(t->tcp);
            return;
        }
}

void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause)
{
    DW_ASSERT(flags & DW_TCP_SYN);
    dw_segment_clear(&t->rtx);
    t->sent_buffers = 0;
    if (!dw_segment_push(&t->rtx,
                         (dw_segment){.seq = t->iss, .flags = flags, .sent_at = dw_tcp_now(t)})) {
        dw_tcp_no_memory(t->tcp);
        return;
    }
    dw_segment *syn = dw_segment_at(&t->rtx, 0);
    /* RFC 7413: as much of the data as the server's last SYN,ACK allows. */
    bool may = (t->fast_asked || t->fast_bare) && flags == DW_TCP_SYN;
    uint32_t max = may ? dw_tcp_fast_room(t) : 0;
    take_unsent(t, syn, max < t->unsent.bytes ? max : t->unsent.bytes);
    t->pushed = t->unsent.bytes;
    t->snd_nxt = t->iss + 1 + syn->len;
    t->progress_at = dw_tcp_now(t);
    dw_tcp_transmit(t, t->iss, flags, syn, cause);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

/* PSH, where the next len octets end with what the user has sent so far, or with a record of it
 * (MUST-61, SHLD-27). */
static uint8_t push_of(dw_tcb *t, uint32_t len)
{
    /* Linux leaves it out behind data that the user said is not all. */
    bool pushes = t->pushed >= len || t->tcp->profile.push_every == 0;
    bool all = t->unsent.bytes == len && pushes;
    return len > 0 && (all || dw_tcp_record_left(t) == len) ? DW_TCP_PSH : 0;
}

/* Cut len octets off `unsent`, with PSH and the FIN behind them as flags has it, and remember them
 * until they are acknowledged.  NULL: there was no memory for it. */
static dw_segment *next_segment(dw_tcb *t, uint32_t len, uint8_t flags)
{
    dw_segment s = {.seq = t->snd_nxt, .flags = DW_TCP_ACK | flags, .sent_at = dw_tcp_now(t)};
    take_unsent(t, &s, len);
    t->pushed = t->pushed > len ? t->pushed - len : 0;
    if (len > 0 && len + dw_tcp_accurate_space(t) < t->snd_mss) t->snd_small = s.seq + len;
    if (t->rtx.count == 0) t->progress_at = s.sent_at;
    if (!dw_segment_push(&t->rtx, s)) {
        dw_tcp_no_memory(t->tcp);
        return NULL;
    }
    t->snd_nxt = dw_segment_end(&s);
    if (t->rec) dw_tcp_score_sent(t, t->rec->first + t->rtx.count - 1);
    return dw_segment_at(&t->rtx, t->rtx.count - 1);
}

/* The FIN leaves: in CLOSE-WAIT that is the moment of the transition (3.10.4). */
static void fin_leaves(dw_tcb *t)
{
    t->fin_sent = true;
    if (t->state == DW_TCP_CLOSE_WAIT) dw_tcp_set_state(t, DW_TCP_LAST_ACK, CAUSE(FIN));
}

/* Without a scoreboard: data that only a duplicate ACK lets go. */
static const dw_cause *why_data(const dw_tcb *t, uint32_t len)
{
    bool limited = !t->rec && dw_tcp_limited_transmit(t) > 0 &&
                   dw_tcp_flight(t) + (uint64_t)len > t->cc.cwnd + t->inflation;
    return limited ? CAUSE(LIMITED_TRANSMIT) : CAUSE(DATA);
}

bool dw_tcp_send_next(dw_tcb *t, uint32_t len, bool fin)
{
    DW_ASSERT(len <= t->unsent.bytes);
    const dw_cause *cause = len ? why_data(t, len) : CAUSE(FIN);
    if (dw_tcp_new_data_refused(t)) return false;
    if (fin) fin_leaves(t);
    dw_segment *s = next_segment(t, len, push_of(t, len) | (fin ? DW_TCP_FIN : 0));
    if (!s) return false;
    t->sws_override = false;
    dw_tcp_transmit(t, s->seq, s->flags | (t->push_next ? DW_TCP_PSH : 0), s, cause);
    t->push_next = false;
    dw_tcp_rtx_timer_start(t, cause);
    return true;
}

bool dw_tcp_send_data(dw_tcb *t, uint32_t len, uint8_t flags, uint8_t marks)
{
    DW_ASSERT(len <= t->unsent.bytes);
    const dw_cause *cause = len ? CAUSE(DATA) : CAUSE(FIN);
    if (dw_tcp_new_data_refused(t)) return false;
    if (flags & DW_TCP_FIN) fin_leaves(t);
    dw_segment *s = next_segment(t, len, flags);
    if (!s) return false;
    s->marks |= marks & DW_MARK_RECORD_END;
    if (marks & DW_MARK_BURST_END) dw_tcp_end_buffer(t, s);
    dw_tcp_transmit(t, s->seq, s->flags | (t->push_next ? DW_TCP_PSH : 0), s, cause);
    t->push_next = false;
    dw_tcp_rtx_timer_start(t, cause);
    return true;
}

bool dw_tcp_send_long(dw_tcb *t, uint32_t len)
{
    DW_ASSERT(len <= t->unsent.bytes);
    uint8_t flags = push_of(t, len), marks = DW_MARK_BURST_END;
    if (t->tcp->profile.send_whole_buffers) {
        if (!dw_tcp_chain_across(t, len, &flags, &marks)) return false;
    } else if (t->records && dw_tcp_record_left(t) < len) {
        return false;
    }
    uint32_t small = t->snd_small; /* Nagle's rule does not look at probes */
    if (!dw_tcp_send_data(t, len, flags, marks)) return false;
    t->snd_small = small;
    return true;
}

/* The octet that a closed window's probe carries, or the FIN, which takes a number too. */
void dw_tcp_send_probe(dw_tcb *t)
{
    dw_segment *s;
    if (t->unsent.bytes > 0) {
        s = next_segment(t, 1, push_of(t, 1));
    } else {
        if (!t->fin_queued || t->fin_sent) return;
        fin_leaves(t);
        s = next_segment(t, 0, DW_TCP_FIN);
    }
    if (!s) return;
    t->probing = true;
    dw_tcp_transmit(t, s->seq, s->flags, s, CAUSE(ZERO_WINDOW_PROBE));
}

/* A FIN, urgent data and records bound segments elsewhere: then the octet stays alone. */
void dw_tcp_fill_probe(dw_tcb *t)
{
    uint32_t room = t->snd_mss < t->snd_wnd ? t->snd_mss : t->snd_wnd;
    if (t->rtx.count != 1 || dw_segment_at(&t->rtx, 0)->len != 1 || room <= 1) return;
    if (t->tcp->profile.send_whole_buffers || t->snd_urgent || t->fin_sent) return;
    uint32_t len = t->unsent.bytes < room - 1 ? (uint32_t)t->unsent.bytes : room - 1;
    bool fin = t->fin_queued && len == t->unsent.bytes;
    if ((len == 0 && !fin) || (t->records && dw_tcp_record_left(t) < len)) return;
    if (fin) fin_leaves(t);
    dw_segment *s = dw_segment_at(&t->rtx, 0);
    s->flags |= push_of(t, len) | (fin ? DW_TCP_FIN : 0);
    take_unsent(t, s, s->len + len);
    t->pushed = t->pushed > len ? t->pushed - len : 0;
    t->snd_nxt = dw_segment_end(s);
    if (t->rec) dw_tcp_score_rebuild(t);
}

/* Nagle's algorithm (RFC 9293 3.7.4): a small segment waits while data is outstanding. */
bool dw_tcp_held_by_nagle(const dw_tcb *t)
{
    if (!t->set->nagle || t->snd_nxt == t->snd_una) return false;
    switch ((enum dw_tcp_nagle_rule)t->tcp->profile.nagle_rule) {
    case DW_TCP_NAGLE_RFC9293: return true;
    case DW_TCP_NAGLE_MINSHALL: return seq_lt(t->snd_una, t->snd_small);
    case DW_TCP_NAGLE_BSD: return !t->was_idle;
    }
    return true;
}
