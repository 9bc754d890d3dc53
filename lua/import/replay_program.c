/* What the programs at both ends did, worked out from sequence numbers: an octet was written no
 * later than any octet behind it left, whatever the order in the capture; and what an end had read
 * is bounded by what it had received. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

/* Longer than this without a packet of its own or of its peer, a sender that has more to say and
 * nothing outstanding was waiting for its program, not for the network. */
static const dw_time PAUSE = 20 * DW_MILLISECOND;

/* More than so many steps of one end are joined, whatever they were. */
enum { MOST_STEPS = 2000 };

/* What is not in order is acknowledged at once, and tells nothing of delayed acknowledgments. */
enum { OUT_OF_ORDER = 2 };

/* One end, as far as the trace has been followed. */
typedef struct follower {
    replay *r;
    side *s;
    int64_t next;        /* all before it is written, by the steps so far */
    int64_t rcv_next;    /* all before it has come */
    int64_t acked, edge; /* what the peer said: acknowledged, and the window's right edge */
    bool full, limited;  /* of the last segment with new data: it was full, or fitted the window */
    bool window_closed;
    int64_t small_end;             /* behind the last segment that was not full */
    dw_time last_sent, last_heard; /* anything */
    uint32_t unacked;              /* segments with data that came since it last sent an ACK */
    dw_time unacked_since;         /* ... the last of which came then */
    dw_time progress;              /* when an ACK of new data came */
    dw_time data_heard;            /* what moved rcv_next */
    bool probing;                  /* of a closed window: data waits ... */
    dw_time probing_since;         /* ... from then on */
    bool was_open;
    const passage *last; /* that it sent */
} follower;

static step *add_step(follower *w, enum step_kind kind, dw_time at)
{
    side *s = w->s;
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 32;
        step *grown = realloc(s->steps, capacity * sizeof *grown);
        w->r->no_memory |= !grown;
        if (!grown) return NULL;
        s->steps = grown;
        s->capacity = capacity;
    }
    const step *before = s->count ? &s->steps[s->count - 1] : NULL;
    if (before && at < before->at) at = before->at;
    step *t = &s->steps[s->count++];
    *t = (step){.kind = kind,
                .at = at,
                .received = s->received,
                .heard = w->data_heard,
                .peer_done = s->peer_done};
    return t;
}

/* Everything before a number of the peer's stream has come, and perhaps its FIN. */
static void has_all_before(follower *w, int64_t next, dw_time at)
{
    int64_t fin = w->r->ends[w->s == &w->r->ends[CLIENT]].fin;
    bool done = fin != NO_NUMBER && next > fin;
    int64_t data = done ? fin : next;
    if (data > w->rcv_next) {
        w->s->received = w->rcv_next = data;
        w->data_heard = at;
    }
    if (done && !w->s->peer_done) w->data_heard = at;
    w->s->peer_done |= done;
}

/* Whether octets that leave now belong to the call before: it filled whole segments, or the window,
 * and nothing came in that the program might have answered. */
static bool goes_on(const follower *w, dw_time at)
{
    const step *last = w->s->count ? &w->s->steps[w->s->count - 1] : NULL;
    if (!last || last->kind != STEP_SEND) return false;
    if (last->received != w->s->received || last->peer_done != w->s->peer_done) return false;
    if (!w->full && !w->limited) return false;
    dw_time since = w->last_heard > w->last_sent ? w->last_heard : w->last_sent;
    bool outstanding = w->next > w->acked; /* the window may be full until an ACK comes */
    return at - since <= PAUSE + (outstanding ? 2 * w->r->delay : 0);
}

/* All octets up to `end` are written. */
static void writes(follower *w, int64_t end, dw_time at)
{
    if (end <= w->next) return;
    if (w->probing && w->probing_since < at) at = w->probing_since;
    bool on = goes_on(w, at);
    w->probing = false;
    step *last = w->s->count ? &w->s->steps[w->s->count - 1] : NULL;
    if (!on) last = add_step(w, STEP_SEND, at);
    if (last) last->octets += end - w->next;
    w->next = end;
}

/* Who asks for a closed window has data that waits, for an interval before the first probe (the
 * profiles' persist_min). */
static void probes(follower *w, const passage *p)
{
    dw_time interval = DW_SECOND;
    if (w->probing) return;
    if (strcmp(w->s->set.profile, "linux") == 0) interval = 200 * DW_MILLISECOND;
    if (strcmp(w->s->set.profile, "freebsd") == 0) interval = 5 * DW_SECOND;
    w->probing = true;
    w->probing_since = p->v->sent_at - interval;
    if (w->probing_since < w->last_heard) w->probing_since = w->last_heard;
}

/* New octets, and whether the segment would have been held back by Nagle's rule (RFC 9293 3.7.4):
 * not full, while data, or another one that was not full, was outstanding. */
static void sends_data(follower *w, const passage *p)
{
    replay *r = w->r;
    int64_t len = p->end - p->seq, mss = r->eff_mss[p->from];
    bool new_data = p->end > w->next && len > 0, small = mss && len % mss;
    bool outstanding = w->next > w->acked;
    int64_t fin = w->s->fin, end = fin != NO_NUMBER && p->end > fin ? fin : p->end;
    if (p->kind == PASSAGE_PROBE) probes(w, p);
    if (p->kind == PASSAGE_PROBE || p->kind == PASSAGE_KEEPALIVE) return;
    writes(w, end, p->v->sent_at);
    if (!new_data) return;
    w->full = !small;
    w->limited = p->end >= w->edge;
    bool held = small && !w->limited && !(p->v->d.flags & FLAG_FIN);
    if (held && outstanding) w->s->set.ignores_data = true;
    if (held && w->small_end > w->acked) w->s->set.ignores_small = true;
    if (small) w->small_end = p->end;
}

/* A window that closes: the program has read so little that the buffer is full, and reads on when
 * it opens again. */
static void announces(follower *w, const passage *p)
{
    side *s = w->s;
    if (!p->has_ack || p->v->d.flags & (FLAG_SYN | FLAG_RST | FLAG_FIN)) return;
    if (!s->buffer) s->buffer = s->set.max_window;
    if (p->window == 0 && p->ack > 0 && p->ack < s->buffer) s->buffer = (uint32_t)p->ack;
    int64_t read = p->ack + p->window - s->buffer;
    if (read > s->received) read = s->received;
    bool stops = p->window == 0 && !w->window_closed && !s->peer_done;
    bool goes_on = p->window > 0 && w->window_closed;
    if (!stops && !goes_on) return;
    step *t = add_step(w, stops ? STEP_HOLD : STEP_READ, p->v->sent_at);
    if (t) t->received = read > 0 ? read : 0;
    w->window_closed = stops;
    s->closes_window |= stops;
}

/* The time of the retransmission timer, from a first timeout: after a silence in which nothing came
 * that could have asked for the retransmission.  The timer was started by the segment, or by the
 * last ACK of new data (RFC 6298 5.1 and 5.3), and is longer than a round trip. */
static void measure_timeout(follower *w, const passage *p)
{
    enum { LOOKED_BACK = 1000 };
    const passage *original = NULL;
    settings *set = &w->s->set;
    if (p->nth != 2) return;
    for (size_t i = (size_t)(p - w->r->passages), n = 0; i-- > 0 && n < LOOKED_BACK && !original;
         n++)
        if (w->r->passages[i].from == p->from && w->r->passages[i].seq == p->seq &&
            passage_has_octets(&w->r->passages[i]))
            original = &w->r->passages[i];
    if (!original) return;
    dw_time since = original->v->sent_at > w->progress ? original->v->sent_at : w->progress;
    dw_time gap = p->v->sent_at - since;
    dw_time quiet = w->last_sent > w->last_heard ? w->last_sent : w->last_heard;
    bool syn = p->v->d.flags & FLAG_SYN;
    if (gap < 2 * w->r->delay + DW_MILLISECOND || p->v->sent_at - quiet < gap / 2) return;
    if (syn && !set->rto_initial) set->rto_initial = gap;
    if (!syn && (!set->rto_min || gap < set->rto_min)) set->rto_min = gap;
}

/* How long acknowledgments wait: of a single segment with nothing missing before it.  Two of them,
 * or anything to send, are acknowledged at once (RFC 9293 3.8.6.3). */
static void measure_ack(follower *w, const passage *p)
{
    settings *set = &w->s->set;
    bool bare = p->v->d.len == 0 && !(p->v->d.flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));
    dw_time waited = p->v->sent_at - w->unacked_since;
    if (bare && w->unacked == 1 && p->ack >= w->rcv_next && waited >= 0 && !w->s->peer_done) {
        if (!set->acks || waited > set->ack_delay) set->ack_delay = waited;
        set->acks++;
    }
    w->unacked = 0;
}

static void sends(follower *w, const passage *p)
{
    const dw_dissection *d = &p->v->d;
    bool new_syn = d->flags & FLAG_SYN && !p->has_ack && p->kind == PASSAGE_FOREIGN;
    w->last = p;
    if (w->s->rebooted && new_syn && !w->s->second_isn) w->s->second_isn = d->seq;
    if (p->kind == PASSAGE_FOREIGN || p->kind == PASSAGE_COPY) return;
    if (p->kind == PASSAGE_AGAIN) measure_timeout(w, p);
    if (p->has_ack) has_all_before(w, p->ack, w->last_heard);
    if (p->has_ack) measure_ack(w, p);
    announces(w, p);
    if (!(d->flags & FLAG_RST)) {
        if (d->flags & FLAG_SYN) w->limited = true; /* data on a SYN: more of the same may follow */
        sends_data(w, p);
    }
    if (d->flags & FLAG_FIN && !w->s->fin_sent) {
        writes(w, p->end, p->v->sent_at);
        add_step(w, STEP_FIN, p->v->sent_at);
        w->s->fin_sent = true;
    }
    w->last_sent = p->v->sent_at;
}

/* The peer acknowledges what the capture does not have: it was sent in time. */
static void must_have_sent(follower *w, const passage *p)
{
    int64_t fin = w->s->fin, end = p->ack;
    dw_time at = p->v->sent_at - w->r->delay;
    if (p->kind == PASSAGE_FOREIGN || !p->has_ack || p->v->d.flags & FLAG_RST) return;
    if (fin != NO_NUMBER && end > fin) end = fin;
    writes(w, end, at > 0 ? at : 0);
}

static void receives(follower *w, const passage *p)
{
    if (p->kind == PASSAGE_FOREIGN) return;
    w->last_heard = p->v->arrived_at;
    if (p->has_ack && p->ack >= w->acked) {
        if (p->ack > w->acked) w->progress = p->v->arrived_at;
        w->acked = p->ack;
        w->edge = p->ack + p->window;
    }
    if (p->v->d.len > 0) {
        bool in_order = p->seq == w->rcv_next;
        w->unacked += in_order && p->kind == PASSAGE_PLAIN ? 1 : OUT_OF_ORDER;
        w->unacked_since = p->v->arrived_at;
    }
    if (!(p->v->d.flags & FLAG_RST) && p->seq <= w->rcv_next)
        has_all_before(w, passage_next(p), p->v->arrived_at);
}

static bool was_reset_by(const follower *w, const dw_trace_event *e)
{
    const passage *p = w->last;
    return p && p->v->d.flags & FLAG_RST && p->v->sent_at == e->at;
}

/* A RST that ended its sender's connection is the program's; one in any other state answers a
 * segment, and comes by itself. */
static void changes(follower *w, const dw_trace_event *e)
{
    bool closed = strcmp(e->u.state.to, "CLOSED") == 0;
    bool opens = strcmp(e->u.state.to, "SYN-SENT") == 0;
    bool aborts = strcmp(e->u.state.from, "SYN-SENT") != 0 &&
                  strcmp(e->u.state.from, "LISTEN") != 0 &&
                  strcmp(e->u.state.from, "SYN-RECEIVED") != 0;
    if (closed && was_reset_by(w, e) && aborts) add_step(w, STEP_RST, e->at);
    if (opens && w->was_open) {
        add_step(w, STEP_CRASH, e->at);
        w->s->rebooted = true;
    }
    w->was_open |= strcmp(e->u.state.to, "ESTABLISHED") == 0;
}

/* A reader that stops had not read more before, and reads no more until it goes on. */
static void bound_by_holds(side *s)
{
    int64_t held = INT64_MAX;
    for (size_t i = 0; i < s->count; i++) {
        step *t = &s->steps[i];
        if (t->kind == STEP_HOLD) held = t->received;
        if (t->kind == STEP_READ) held = INT64_MAX;
        if (t->received > held) t->received = held;
    }
    int64_t most = INT64_MAX;
    for (size_t i = s->count; i-- > 0;) {
        step *t = &s->steps[i];
        if (t->kind == STEP_HOLD && t->received < most) most = t->received;
        if (t->received > most) t->received = most;
        if (most < s->received) t->peer_done = false;
    }
}

/* Of two steps in a row that send, the second one goes with the first, until there are few enough.
 */
static void join_steps(side *s)
{
    while (s->count > MOST_STEPS) {
        size_t kept = 0;
        bool joined = false;
        for (size_t i = 0; i < s->count; i++) {
            step *last = kept ? &s->steps[kept - 1] : NULL;
            bool both = last && last->kind == STEP_SEND && s->steps[i].kind == STEP_SEND;
            if (both && !joined) {
                last->octets += s->steps[i].octets;
                joined = true;
                continue;
            }
            joined = false;
            s->steps[kept++] = s->steps[i];
        }
        if (kept == s->count) return;
        s->count = kept;
    }
}

/* Passages by number, as events name them. */
typedef struct index_entry {
    uint64_t number;
    const passage *p;
} index_entry;

static int by_number(const void *a, const void *b)
{
    const index_entry *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static const passage *find(const index_entry *entries, size_t count, uint64_t number)
{
    index_entry key = {.number = number};
    const index_entry *e = bsearch(&key, entries, count, sizeof key, by_number);
    return e ? e->p : NULL;
}

/* Every event of the trace goes to whom it concerns. */
static void follow(replay *r, follower ends[2], const index_entry *entries)
{
    for (size_t i = 0; i < dw_trace_count(r->trace) && !r->no_memory; i++) {
        const dw_trace_event *e = dw_trace_at(r->trace, i);
        if (e->node > SERVER) continue;
        const passage *p = e->packet ? find(entries, r->count, e->packet) : NULL;
        if (e->type == DW_TRACE_STATE) changes(&ends[e->node], e);
        if (e->type == DW_TRACE_SENT && p) {
            sends(&ends[e->node], p);
            must_have_sent(&ends[!e->node], p);
        }
        if (e->type == DW_TRACE_DELIVERED && p) receives(&ends[e->node], p);
    }
}

void replay_find_steps(replay *r)
{
    index_entry *entries = calloc(r->count + 1, sizeof *entries);
    follower ends[2];
    r->no_memory |= !entries;
    if (!entries) return;
    for (int e = 0; e < 2; e++)
        ends[e] = (follower){.r = r, .s = &r->ends[e], .edge = INT64_MAX, .last_heard = -1};
    for (size_t i = 0; i < r->count; i++)
        entries[i] = (index_entry){r->passages[i].v->number, &r->passages[i]};
    qsort(entries, r->count, sizeof *entries, by_number);
    follow(r, ends, entries);
    for (int e = 0; e < 2; e++) {
        bound_by_holds(&r->ends[e]);
        join_steps(&r->ends[e]);
    }
    free(entries);
}
