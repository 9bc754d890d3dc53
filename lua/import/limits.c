/* What limited each end in each interval.
 *
 * An end's clock stands still between two of its events: a segment that it sends, one that comes
 * in.  What it waited for in between shows at the end of the interval.  What comes in and is
 * followed by data at once is what was waited for; data that leaves without anything coming in was
 * written by the program then. */
#include "limits.h"

#include <inttypes.h>
#include <stdlib.h>

enum limit {
    LIMIT_OPENING,
    LIMIT_APPLICATION,
    LIMIT_CONGESTION,
    LIMIT_RECEIVER,
    LIMIT_ZERO_WINDOW,
    LIMIT_RECOVERY,
    LIMIT_RTO,
    LIMIT_NAGLE,
    LIMIT_DELAYED_ACK,
    LIMIT_PEER,
    LIMIT_LAST_ACK,
    LIMIT_CLOSED,
    LIMITS
};

static const struct words {
    const char *name, *text;
} words[LIMITS] = {
    [LIMIT_OPENING] = {"opening", "the handshake"},
    [LIMIT_APPLICATION] = {"application", "the program had written nothing more"},
    [LIMIT_CONGESTION] = {"congestion window",
                          "waited for an acknowledgment though the receiver had room"},
    [LIMIT_RECEIVER] = {"receiver window", "sent all that the receiver had room for"},
    [LIMIT_ZERO_WINDOW] = {"zero window", "the receiver had closed its window"},
    [LIMIT_RECOVERY] = {"loss recovery", "what was lost had to be sent again first"},
    [LIMIT_RTO] = {"retransmission timeout", "nothing came in until the timer sent again"},
    [LIMIT_NAGLE] =
        {"Nagle",
         "a small segment waited for the acknowledgment of the one before (RFC 1122 4.2.3.4)"},
    [LIMIT_DELAYED_ACK] =
        {"Nagle and delayed ACK",
         "a small segment waited for an acknowledgment that its receiver delayed"},
    [LIMIT_PEER] = {"the other end", "waited for what the other program sent"},
    [LIMIT_LAST_ACK] = {"last acknowledgment", "all was sent, and not acknowledged yet"},
    [LIMIT_CLOSED] = {"closed", "it had sent its FIN, and that was acknowledged"},
};

/* An interval, or several that follow each other and have one cause. */
typedef struct interval {
    dw_time from, to;
    enum limit limit;
    uint64_t first, last; /* packets at its two ends */
} interval;

/* A segment that leaves an end, or one that reaches it. */
typedef struct happening {
    dw_time at;
    const segment *s;
    bool comes;
} happening;

/* One end as a sender, as its own host knows it. */
typedef struct progress {
    const inference *m;
    int side;
    happening *list;
    size_t count;
    interval *intervals;
    size_t interval_count;
    int64_t snd_una, snd_nxt,
        recover; /* recover: behind what was sent when something was sent again */
    int64_t fin;
    int64_t window;   /* octets from snd_una on that the receiver has room for */
    uint32_t largest; /* segment, octets of data */
    uint32_t last_len;
    bool established, recovering;
    bool scale_unknown; /* of the receiver's window: its SYN is not in the capture */
} progress;

/* What follows within this is caused by it; and so much longer than usual is an acknowledgment on
 * purpose. */
static const dw_time AT_ONCE = 2 * DW_MILLISECOND, DELAYED = 25 * DW_MILLISECOND;

static int by_time(const void *a, const void *b)
{
    const happening *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->comes != y->comes) return x->comes ? -1 : 1;
    return x->s < y->s ? -1 : x->s > y->s;
}

static bool list_happenings(progress *p)
{
    p->list = calloc(p->m->count + 1, sizeof *p->list);
    p->intervals = calloc(p->m->count + 1, sizeof *p->intervals);
    if (!p->list || !p->intervals) return false;
    for (size_t i = 0; i < p->m->count; i++) {
        const segment *s = &p->m->segments[i];
        if (s->kind == SEGMENT_FOREIGN || s->kind == SEGMENT_COPY) continue;
        if (s->from == p->side)
            p->list[p->count++] = (happening){s->sent, s, false};
        else if (s->fate == FATE_ARRIVED)
            p->list[p->count++] = (happening){s->arrives, s, true};
        if (s->from == p->side && s->p->d.len > p->largest && !s->p->offloaded)
            p->largest = s->p->d.len;
    }
    qsort(p->list, p->count, sizeof *p->list, by_time);
    return true;
}

/* RFC 9293 3.10.7.4, fifth check, as the sender's host knows it: what came in moves SND.UNA and the
 * window, what goes out SND.NXT.  A probe of a closed window is no progress. */
static void happens(progress *p, const happening *h)
{
    const segment *s = h->s;
    if (flags_of(s) & FLAG_RST) return;
    if (h->comes) {
        p->established |= s->has_ack && s->ack > p->m->ends[p->side].syn;
        if (!s->has_ack) return;
        if (s->ack > p->snd_una) p->snd_una = s->ack;
        p->window =
            s->ack + (p->scale_unknown && s->window ? INT32_MAX : (int64_t)s->window) - p->snd_una;
        if (p->snd_una >= p->recover) p->recovering = false;
        return;
    }
    if (flags_of(s) & FLAG_FIN) p->fin = s->end;
    if (s->kind == SEGMENT_AGAIN) {
        p->recovering = true;
        p->recover = p->snd_nxt;
    }
    if (s->kind == SEGMENT_PROBE) return;
    if (s->end > p->snd_nxt) p->snd_nxt = s->end;
    if (s->p->d.len > 0) p->last_len = s->p->d.len;
}

/* New data that leaves as soon as number i has come in; NULL: none does. */
static const segment *let_out(const progress *p, size_t i)
{
    for (size_t k = i + 1; k < p->count && p->list[k].at - p->list[i].at <= AT_ONCE; k++) {
        const segment *s = p->list[k].s;
        if (!p->list[k].comes && s->end > p->snd_nxt && s->p->d.len > 0) return s;
    }
    return NULL;
}

/* A sender that has more sends full segments; a smaller one ends what its program has written. */
static bool has_more(const progress *p)
{
    return p->last_len > 0 && p->last_len >= p->largest;
}

/* What was waited for until the acknowledgment that number i is. */
static enum limit waited_for(const progress *p, size_t i)
{
    const segment *data = let_out(p, i), *a = p->list[i].s;
    int64_t flight = p->snd_nxt - p->snd_una;
    bool all = a->has_ack && a->ack >= p->snd_nxt;
    if (!data && (all || p->fin)) return LIMIT_LAST_ACK;
    if (!data) return has_more(p) ? LIMIT_CONGESTION : LIMIT_APPLICATION;
    if (a->p->d.len > 0 && a->ack >= p->snd_nxt) return LIMIT_PEER;
    if (flight + data->p->d.len > p->window) return LIMIT_RECEIVER;
    if (p->last_len > 0 && p->last_len < p->largest && flight < p->largest) {
        dw_time usual = import_round_trip(&p->m->to[!p->side], p->list[i].at) +
                        import_round_trip(&p->m->to[p->side], p->list[i].at);
        bool late = i > 0 && p->list[i].at - p->list[i - 1].at > usual + DELAYED;
        return late ? LIMIT_DELAYED_ACK : LIMIT_NAGLE;
    }
    return LIMIT_CONGESTION;
}

/* What limited the end in front of number i. */
static enum limit limit_before(const progress *p, size_t i)
{
    const happening *h = &p->list[i], *last = &p->list[i - 1];
    bool outstanding = p->snd_nxt > p->snd_una;
    bool by_itself = !h->comes && !(last->comes && h->at - last->at <= AT_ONCE);
    if (!p->established) return LIMIT_OPENING;
    if (p->fin && p->snd_una >= p->fin) return LIMIT_CLOSED;
    if (p->window <= 0 && !outstanding && !p->fin) return LIMIT_ZERO_WINDOW;
    if (!h->comes && h->s->kind == SEGMENT_AGAIN && by_itself && outstanding) return LIMIT_RTO;
    if (p->recovering) return LIMIT_RECOVERY;
    if (!outstanding) return LIMIT_APPLICATION;
    if (h->comes) return waited_for(p, i);
    if (h->s->p->d.len == 0 || !by_itself) return LIMIT_LAST_ACK;
    return has_more(p) ? LIMIT_CONGESTION : LIMIT_APPLICATION;
}

static uint64_t number_of(const progress *p, size_t i)
{
    return import_number(p->m, p->list[i].s - p->m->segments);
}

static void find_intervals(progress *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (i > 0 && p->list[i].at > p->list[i - 1].at) {
            enum limit limit = limit_before(p, i);
            interval *last = p->interval_count ? &p->intervals[p->interval_count - 1] : NULL;
            if (last && last->limit == limit && last->to == p->list[i - 1].at) {
                last->to = p->list[i].at;
                last->last = number_of(p, i);
            } else {
                p->intervals[p->interval_count++] = (interval){
                    p->list[i - 1].at, p->list[i].at, limit, number_of(p, i - 1), number_of(p, i)};
            }
        }
        happens(p, &p->list[i]);
    }
}

typedef struct share {
    enum limit limit;
    dw_time time, longest;
    uint64_t first, last; /* packets of the longest */
    size_t count;
} share;

static int by_share(const void *a, const void *b)
{
    const share *x = a, *y = b;
    if (x->time != y->time) return x->time > y->time ? -1 : 1;
    return (int)x->limit - (int)y->limit;
}

static void add_up(const progress *p, share shares[LIMITS])
{
    for (int l = 0; l < LIMITS; l++)
        shares[l] = (share){.limit = (enum limit)l};
    for (size_t i = 0; i < p->interval_count; i++) {
        const interval *v = &p->intervals[i];
        share *s = &shares[v->limit];
        s->time += v->to - v->from;
        s->count++;
        if (v->to - v->from <= s->longest) continue;
        s->longest = v->to - v->from;
        s->first = v->first;
        s->last = v->last;
    }
    qsort(shares, LIMITS, sizeof *shares, by_share);
}

static void write_shares(const progress *p, dw_time whole, FILE *f)
{
    share shares[LIMITS];
    add_up(p, shares);
    for (int i = 0; i < LIMITS && shares[i].time > 0; i++) {
        const share *s = &shares[i];
        fprintf(f,
                "  %5.1f %%  %11.6f s  %s: %s; longest %.6f s, from #%" PRIu64 " to #%" PRIu64 "\n",
                100 * seconds(s->time) / seconds(whole), seconds(s->time), words[s->limit].name,
                words[s->limit].text, seconds(s->longest), s->first, s->last);
    }
}

/* The longest ones, in order of time: so many that a reader has an overview. */
static void write_intervals(const progress *p, FILE *f)
{
    enum { MOST = 40 };
    dw_time least = 0;
    size_t longer = p->interval_count;
    while (longer > MOST) { /* twice as long each time: a few rounds are enough */
        least = least ? 2 * least : DW_MICROSECOND;
        longer = 0;
        for (size_t i = 0; i < p->interval_count; i++)
            longer += p->intervals[i].to - p->intervals[i].from >= least;
    }
    if (least) fprintf(f, "  intervals of %.6f s and more:\n", seconds(least));
    for (size_t i = 0; i < p->interval_count; i++) {
        const interval *v = &p->intervals[i];
        if (v->to - v->from < least) continue;
        fprintf(f, "    %11.6f .. %11.6f  #%" PRIu64 " .. #%" PRIu64 "  %s\n", seconds(v->from),
                seconds(v->to), v->first, v->last, words[v->limit].name);
    }
}

static void write_side(const progress *p, FILE *f)
{
    dw_time whole = p->list[p->count - 1].at - p->list[0].at;
    if (whole == 0) return;
    fprintf(f, "What limited the %s (%" PRIu64 " octets of data in %.6f s):\n",
            import_end_name(p->side), p->m->k->octets[p->side], seconds(whole));
    write_shares(p, whole, f);
    write_intervals(p, f);
}

/* Without a SYN the connection was there, and the first segments tell where its numbers stand. */
static void explain_side(const inference *m, int side, FILE *f)
{
    progress p = {
        .m = m, .side = side, .window = INT32_MAX, .established = m->ends[side].syn == INT64_MIN};
    p.scale_unknown = m->ends[!side].syn == INT64_MIN || p.established;
    if (!p.established) p.snd_una = p.snd_nxt = m->ends[side].syn;
    if (list_happenings(&p) && p.count > 0) {
        find_intervals(&p);
        write_side(&p, f);
    }
    free(p.list);
    free(p.intervals);
}

void import_explain_limits(const inference *m, FILE *f)
{
    if (m->ends[0].packets == 0 || m->ends[1].packets == 0) {
        fprintf(f, "What limited it cannot be told: only one direction is in the capture.\n");
        return;
    }
    for (int side = 0; side < 2; side++)
        explain_side(m, side, f);
}
