/* What no acknowledgment and no timestamp tells: the usual explanation, if there is one.
 *
 * An acknowledgment that should have been heeded and was not is likely to have been lost; one that
 * nothing speaks against, to have arrived; and what passes the capture beside its receiver has
 * arrived.  Octets that were never acknowledged, and anything to an end that was never heard of
 * again, stay unknown. */
#include "inference.h"

static const dw_cause
    not_echoed = {.name = "not-echoed",
                  .rfc = "RFC 7323 4.3",
                  .text = "its timestamp did not come back in time"},
    unopposed = {.name = "unopposed", .text = "nothing speaks against it"},
    beside = {.name = "captured-beside", .text = "captured beside its receiver"},
    silenced = {.name = "silenced",
                .rfc = "RFC 9293 3.10.7.4",
                .text = "its receiver sent nothing after it"},
    ignored = {.name = "ignored", .rfc = "RFC 5961 3.2", .text = "its receiver went on"},
    not_heeded = {.name = "not-heeded",
                  .rfc = "RFC 6298 5",
                  .text = "its receiver sent again what it acknowledges"},
    heard_of = {.name = "opened", .rfc = "RFC 9293 3.5", .text = "its sender could go on"},
    no_effect = {.name = "no-effect",
                 .rfc = "RFC 9293 3.10.7.4",
                 .text = "it ended nothing: its number was not the one expected"},
    one_way = {.name = "not-sent-again", .text = "not sent again"},
    noted = {.name = "noted-lost", .text = "the capture's comment says so"},
    refused = {.name = "answered", .rfc = "RFC 9293 3.10.7.1", .text = "answered by a RST"};

/* Of one end: whether it was heard at all, and the last segment that it sent again. */
typedef struct voice {
    int64_t last_again;
    bool heard;
} voice;

static void listen_to(inference *m, voice ends[2])
{
    for (int e = 0; e < 2; e++) {
        ends[e] = (voice){.last_again = NONE};
        m->ends[e].last = NONE;
    }
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        if (s->kind == SEGMENT_FOREIGN) continue;
        ends[s->from].heard = true;
        if (!(flags_of(s) & FLAG_RST)) m->ends[s->from].last = (int64_t)i;
        if (s->kind == SEGMENT_AGAIN) ends[s->from].last_again = (int64_t)i;
    }
}

/* Whether something before number i should have been answered after the receiver's last segment,
 * and was not: then its silence after number i says nothing. */
static bool was_silent_before(const inference *m, size_t i, int64_t last)
{
    const segment *s = &m->segments[i];
    for (int64_t k = last + 1; k < (int64_t)i; k++) {
        const segment *o = &m->segments[k];
        bool asks = has_octets(o) || o->kind == SEGMENT_KEEPALIVE || o->kind == SEGMENT_PROBE;
        if (o->from == s->from && asks && import_due(&m->to[!s->from], o->at) < s->at) return true;
    }
    return false;
}

/* A RST ends its receiver if its number is the one expected there (RFC 9293 3.10.7.4), so it
 * arrived if that was silent ever after.  If that went on, the RST was lost, or had another number:
 * nobody knows which came first of what was under way. */
static void weigh_reset(inference *m, size_t i, bool heard)
{
    segment *s = &m->segments[i];
    dw_time due = import_due(&m->to[!s->from], s->at) + 100 * DW_MILLISECOND;
    int64_t last = m->ends[!s->from].last;
    bool went_on = last > (int64_t)i && m->segments[last].at > due;
    if (!heard || (!went_on && was_silent_before(m, i, last))) return;
    if (!went_on)
        import_arrived(s, DW_LIKELY, &silenced, NONE);
    else if (s->seq == s->expected && s->kind != SEGMENT_FOREIGN)
        import_lost(s, DW_LIKELY, &ignored, last);
    else
        s->how = &no_effect;
}

/* Octets that nobody acknowledged. */
static void weigh_octets(inference *m, size_t i, const voice ends[2])
{
    segment *s = &m->segments[i];
    bool again = ends[s->from].last_again > (int64_t)i;
    if (s->end <= m->ends[s->from].acked && ends[!s->from].heard)
        import_arrived(s, DW_LIKELY, &unopposed, NONE);
    else if (!ends[!s->from].heard && !again && s->has_ack)
        import_arrived(s, DW_LIKELY, &one_way, NONE);
}

static void weigh(inference *m, size_t i, const voice ends[2])
{
    segment *s = &m->segments[i];
    bool near = m->ends[!s->from].near;
    if (s->p->noted_lost) import_lost(s, DW_CERTAIN, &noted, NONE);
    if (s->fate == FATE_ARRIVED && s->certainty == DW_CERTAIN) return;
    bool dead = has_octets(s) && s->end > m->ends[s->from].acked &&
                m->ends[!s->from].last < (int64_t)i && !(flags_of(s) & FLAG_FIN);
    if (near && !dead) {
        import_arrived(s, DW_LIKELY, &beside, NONE);
        return;
    }
    if (s->fate != FATE_UNKNOWN) return;
    if (flags_of(s) & FLAG_RST)
        weigh_reset(m, i, ends[!s->from].heard);
    else if (s->kind == SEGMENT_FOREIGN)
        return;
    else if (s->ignored && !s->heard && !has_octets(s))
        import_lost(s, DW_LIKELY, &not_heeded, s->overdue_by);
    else if (s->overdue_by != NONE && !s->heard && !has_octets(s))
        s->how = &not_echoed; /* it was lost, or late: there are more of these */
    else if (has_octets(s))
        weigh_octets(m, i, ends);
    else if (s->kind == SEGMENT_NEW || s->kind == SEGMENT_COPY)
        import_arrived(s, DW_LIKELY, &unopposed, NONE);
}

/* Who sends anything but SYNs and RSTs has had an answer to its SYN.  If it sent that once, that
 * came. */
static void weigh_handshake(inference *m, int end)
{
    segment *syn = NULL;
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        uint32_t flags = flags_of(s);
        if (s->from != end || s->kind == SEGMENT_FOREIGN || flags & FLAG_RST) continue;
        if (!(flags & FLAG_SYN)) {
            if (syn) import_arrived(syn, DW_CERTAIN, &heard_of, (int64_t)i);
            return;
        }
        if (syn) return;
        syn = s;
    }
}

/* What the other capture does not have and was acknowledged nevertheless shows that it misses
 * packets: then the rest of what it does not have is only likely to have been lost. */
static void doubt_other_capture(inference *m)
{
    bool misses = false;
    for (size_t i = 0; i < m->count; i++)
        misses |= m->segments[i].absent && m->segments[i].fate == FATE_ARRIVED;
    for (size_t i = 0; i < m->count && misses; i++)
        if (m->segments[i].absent && m->segments[i].fate == FATE_LOST)
            m->segments[i].certainty = DW_LIKELY;
}

/* A SYN that a RST acknowledges has been there, though nobody listened. */
static void weigh_refusals(inference *m)
{
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        if (s->fate == FATE_ARRIVED && s->shown_by != NONE &&
            flags_of(&m->segments[s->shown_by]) & FLAG_RST)
            s->how = &refused;
    }
}

void import_weigh_remains(inference *m)
{
    voice ends[2];
    listen_to(m, ends);
    for (int e = 0; e < 2; e++)
        weigh_handshake(m, e);
    for (size_t i = 0; i < m->count; i++)
        weigh(m, i, ends);
    doubt_other_capture(m);
    weigh_refusals(m);
}
