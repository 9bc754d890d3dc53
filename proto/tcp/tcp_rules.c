/* Rules that no TCP may break, looked after while a simulation runs.  They see both ends, which no
 * real implementation can. */
#include "tcp_rules.h"
#include "tcp_table.h"
#include "tcp_timer.h"

#include <stdio.h>

enum { STORM = 100 };                       /* empty answers in a row ... */
static const dw_time storm_gap = DW_SECOND; /* ... each no later than this after the one before */

static void violated(dw_tcb *t, const dw_cause *rule, const char *text)
{
    t->tcp->host->violation(t->tcp->node, t->socket.conn, rule, text);
}

/* An ACK that carries nothing answers a segment that carried nothing.  A few are right; a hundred
 * are two ends that talk past each other. */
void dw_tcp_rule_empty_reply(dw_tcb *t)
{
    dw_time now = dw_tcp_now(t);
    uint32_t limit = t->tcp->profile.challenge_limit;
    if (limit > 0 && limit < STORM) return; /* they come in measure (RFC 5961 7) */
    if (now - t->empty_reply_at > storm_gap) t->empty_replies = 0;
    t->empty_reply_at = now;
    if (++t->empty_replies == STORM)
        violated(t, CAUSE(RULE_ACK_STORM), "100 empty ACKs in a row, and nothing moves");
}

/* The other end of the connection, as the simulation knows it. */
static dw_tcb *find_peer(dw_tcb *t)
{
    if (t->peer) return t->peer;
    const dw_flow *f = &t->link.flow;
    dw_tcp *other = t->tcp->host->peer_instance(t->tcp->node, &f->remote, "tcp");
    if (!other) return NULL;
    dw_flow flow = {.local = f->remote,
                    .remote = f->local,
                    .local_port = f->remote_port,
                    .remote_port = f->local_port};
    dw_tcb *peer = dw_tcp_find(other, &flow);
    if (!peer || peer->iss != t->irs || peer->folded || peer->peer) return NULL;
    t->peer = peer;
    peer->peer = t;
    return peer;
}

void dw_tcp_forget_peer(dw_tcb *t)
{
    if (t->peer) t->peer->peer = NULL;
    t->peer = NULL;
}

static bool same_octets(const dw_slice *a, uint32_t a_at, const dw_slice *b, uint32_t b_at,
                        uint32_t len)
{
    uint8_t x[256], y[256];
    if (a->buf == b->buf && a->offset + a_at == b->offset + b_at) return true;
    for (uint32_t done = 0; done < len;) {
        uint32_t n = len - done < sizeof x ? len - done : (uint32_t)sizeof x;
        dw_slice_copy(&(dw_slice){a->buf, a->offset + a_at + done, n}, x);
        dw_slice_copy(&(dw_slice){b->buf, b->offset + b_at + done, n}, y);
        if (memcmp(x, y, n) != 0) return false;
        done += n;
    }
    return true;
}

/* Where in a segment's slices its octet `at` lies; its slice, with *at made relative to that. */
static const dw_slice *slice_with(const dw_segment *s, uint32_t *at)
{
    for (int i = 0; i < s->slice_count; i++) {
        if (*at < s->slice[i].len) return &s->slice[i];
        *at -= s->slice[i].len;
    }
    return NULL;
}

static uint32_t min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The sender's segment that holds seq.  In a bulk transfer all have the same size. */
static uint32_t index_of(const dw_tcb *peer, uint32_t seq)
{
    uint32_t low = 0, high = peer->rtx.count, guess = (seq - peer->snd_una) / peer->snd_mss;
    if (guess < high && dw_segment_at(&peer->rtx, guess)->seq == seq) return guess;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const dw_segment *s = dw_segment_at(&peer->rtx, middle);
        if (seq_leq(dw_segment_end(s), seq))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The octets from seq on, `got`, are those that the sender keeps until they are acknowledged. */
static bool matches_sender(const dw_tcb *peer, uint32_t seq, const dw_slice *got)
{
    uint32_t done = 0;
    for (uint32_t i = index_of(peer, seq); done < got->len; i++) {
        if (i >= peer->rtx.count) return false;
        const dw_segment *s = dw_segment_at(&peer->rtx, i);
        uint32_t first = s->seq + !!(s->flags & DW_TCP_SYN);
        uint32_t in = seq + done - first;
        while (in < s->len && done < got->len) {
            uint32_t at = in;
            const dw_slice *sent = slice_with(s, &at);
            uint32_t n = min(sent->len - at, got->len - done);
            if (!same_octets(got, done, sent, at, n)) return false;
            done += n;
            in += n;
        }
        if (in > s->len) return false;
    }
    return true;
}

/* Data is about to be delivered: it is what the peer sent, and within what we offered. */
void dw_tcp_rule_delivered(dw_tcb *t, const dw_segment *segment)
{
    if (segment->len == 0) return;
    const dw_tcp_profile *p = &t->tcp->profile; /* which may take what it has not offered */
    bool told = !p->accept_to_buffer && p->sequence_check == DW_TCP_SEQUENCE_RFC9293;
    if (told && seq_lt(t->rcv_adv, segment->seq + segment->len))
        violated(t, CAUSE(RULE_BEYOND), "data was accepted beyond the window that was offered");
    const dw_tcb *peer = find_peer(t);
    if (!peer || peer->state == DW_TCP_CLOSED || seq_lt(segment->seq, peer->snd_una)) return;
    uint32_t seq = segment->seq;
    for (int i = 0; i < segment->slice_count; i++) {
        if (!matches_sender(peer, seq, &segment->slice[i])) {
            char text[120];
            snprintf(text, sizeof text,
                     "%u octets from sequence number %u on are not what the peer sent",
                     segment->slice[i].len, seq);
            violated(t, CAUSE(RULE_STREAM), text);
            return;
        }
        seq += segment->slice[i].len;
    }
}

/* A segment tells the peer the right edge of our window. */
void dw_tcp_rule_window(dw_tcb *t, uint32_t edge)
{
    if (seq_lt(edge, t->rcv_adv) && !t->tcp->profile.shrink_window)
        violated(t, CAUSE(RULE_SHRUNK), "the right edge of the receive window moved back");
}

void dw_tcp_rule_closed(dw_tcb *t)
{
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        if (dw_tcp_timer_runs(t, i))
            violated(t, CAUSE(RULE_TIMER), "a timer still runs on a connection that is closed");
}
