/* What kind of segment each is: new octets, old ones again, overtaken ones, keepalives, probes. */
#include "inference.h"

/* What has passed the capture so far, of one end. */
typedef struct passed {
    int64_t top;                   /* behind the last octet */
    int64_t acked;                 /* by the peer */
    uint32_t window;               /* that it last announced */
    dw_time announced_at, sent_at; /* that; the last segment of it */
    bool announced, any;
    const segment *newest; /* that moved top */
    const segment *last;   /* of all, for its identification */
    uint64_t steps, counted;
} passed;

enum { LARGEST_STEP = 64, COUNTED_PERCENT = 75, FEWEST_STEPS = 3 };

/* The least time after which timers of keepalives and closed windows send (RFC 9293 3.8.6.1: a
 * retransmission timeout; stacks have 200 ms), and how long a connection with keepalives is idle at
 * least. */
static const dw_time SHORTLY = 150 * DW_MILLISECOND, IDLE = 10 * DW_SECOND;

/* Whether most identifications are a little more than the one before: then they tell in which order
 * packets left.  Some systems draw them at random. */
static void look_at_ids(inference *m)
{
    for (int e = 0; e < 2; e++) {
        const segment *last = NULL;
        uint64_t steps = 0, counted = 0;
        for (size_t i = 0; i < m->count; i++) {
            const segment *s = &m->segments[i];
            if (s->from != e || s->kind == SEGMENT_COPY || !s->p->has_id || s->p->id == 0) continue;
            uint16_t step = last ? (uint16_t)(s->p->id - last->p->id) : 0;
            steps += last != NULL;
            counted += step > 0 && step <= LARGEST_STEP;
            last = s;
        }
        m->ends[e].counts_ids = steps >= FEWEST_STEPS && counted * 100 >= steps * COUNTED_PERCENT;
    }
}

/* Whether its sender sent it before the other one, by the marks of either. */
static bool was_sent_before(const inference *m, const segment *s, const segment *other)
{
    if (s->has_ts && other->has_ts && s->ts_val != other->ts_val) return s->ts_val < other->ts_val;
    if (!m->ends[s->from].counts_ids || s->p->id == 0 || other->p->id == 0) return false;
    return (int16_t)(s->p->id - other->p->id) < 0;
}

/* RFC 9293 3.8.4: one octet that is acknowledged, or none, in front of all that is expected, after
 * a silence.  One octet that was a segment of its own may be sent again, too. */
static bool is_keepalive(const passed *own, const segment *s)
{
    const segment *last = own->newest;
    bool alike = last && last->seq == s->seq && last->end == s->end;
    dw_time silence = alike ? IDLE : SHORTLY;
    if (!own->announced || s->seq != own->acked - 1 || s->end > own->acked) return false;
    return s->at - own->sent_at >= (has_octets(s) ? silence : SHORTLY);
}

static enum kind kind_of(const inference *m, const passed *own, const segment *s)
{
    bool old = own->any && s->seq < own->top,
         plain = !(flags_of(s) & (FLAG_SYN | FLAG_FIN | FLAG_RST));
    /* What was under way when the window closed is no probe: a timer waits longer than that. */
    bool closed = own->announced && own->window == 0 && s->at - own->announced_at >= SHORTLY;
    bool small = s->end - s->seq <= 1;
    if (flags_of(s) & FLAG_RST) return SEGMENT_NEW;
    if (plain && small && is_keepalive(own, s)) return closed ? SEGMENT_PROBE : SEGMENT_KEEPALIVE;
    if (plain && s->end - s->seq == 1 && closed && s->seq == own->acked) return SEGMENT_PROBE;
    if (!has_octets(s) || !old) return SEGMENT_NEW;
    return own->newest && was_sent_before(m, s, own->newest) ? SEGMENT_OVERTAKEN : SEGMENT_AGAIN;
}

static void pass(passed *own, passed *peer, const segment *s)
{
    if (flags_of(s) & FLAG_RST) return;
    if (s->has_ack && (!peer->announced || s->ack >= peer->acked)) {
        peer->acked = s->ack;
        if (peer->window != s->window || !peer->announced) peer->announced_at = s->at;
        peer->window = s->window;
        peer->announced = true;
    }
    own->sent_at = s->at;
    if ((own->any && s->end <= own->top) || s->kind == SEGMENT_PROBE) return;
    own->any = true;
    own->top = s->end;
    own->newest = s;
}

void import_kinds_of(inference *m, size_t from, size_t to)
{
    passed ends[2] = {0};
    for (size_t i = from; i < to; i++) {
        segment *s = &m->segments[i];
        if (s->kind == SEGMENT_FOREIGN) continue;
        s->expected = ends[s->from].announced ? ends[s->from].acked : INT64_MIN;
        if (s->kind != SEGMENT_COPY) s->kind = (uint8_t)kind_of(m, &ends[s->from], s);
        pass(&ends[s->from], &ends[!s->from], s);
    }
}

void import_find_kinds(inference *m)
{
    look_at_ids(m);
    import_kinds_of(m, 0, m->count);
}
