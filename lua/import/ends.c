/* The states of both ends, RFC 9293 figure 5, by what each sent and by what reached it.
 *
 * What an end sends tells most: its own flags and numbers say in which state it must have been and
 * what it had received.  A RST closes who sends it if that is silent afterwards, and who receives
 * it if its number is the one expected there (RFC 9293 3.10.7.4, RFC 5961 3.2). */
#include "ends.h"

#include <string.h>

static const dw_cause inferred = {.name = "inferred",
                                  .rfc = "RFC 9293 3.3.2",
                                  .text = "worked out from the segments of a capture"},
                      mid_way = {.name = "inferred",
                                 .text = "the capture begins in the middle of the connection"},
                      rebooted = {.name = "inferred",
                                  .rfc = "RFC 9293 3.5.1",
                                  .text = "it begins anew, and knows nothing of the connection"};

static const dw_cause older = {.name = "older-connection",
                               .rfc = "RFC 9293 3.5.1",
                               .text = "it answers the SYN as a connection that it still has"};

static bool is(const end *e, const char *state)
{
    return strcmp(e->state, state) == 0;
}

static void enter(states *t, int side, dw_time at, const char *state, const dw_cause *cause,
                  enum dw_certainty certainty)
{
    end *e = &t->ends[side];
    if (is(e, state)) return;
    import_add(t->m, &(dw_trace_event){.at = at,
                                       .type = DW_TRACE_STATE,
                                       .node = (uint32_t)side,
                                       .link = UINT32_MAX,
                                       .conn = (uint32_t)side + 1,
                                       .certainty = (uint8_t)certainty,
                                       .cause = cause,
                                       .u.state = {e->state, state}});
    e->state = state;
}

/* The peer's FIN, and everything before it. */
static void peer_may_have_finished(states *t, int side, dw_time at, enum dw_certainty certainty)
{
    end *e = &t->ends[side];
    if (!e->fin_seen || e->rcv_nxt <= e->peer_fin) return;
    /* An end that has more to send may have closed before: then it is CLOSING (RFC 9293 3.10.4). */
    if (e->data_until > at) {
        certainty = DW_LIKELY;
        e->unsure = true;
    }
    if (is(e, "ESTABLISHED") || is(e, "SYN-RECEIVED"))
        enter(t, side, at, "CLOSE-WAIT", &inferred, certainty);
    else if (is(e, "FIN-WAIT-1"))
        enter(t, side, at, "CLOSING", &inferred, certainty);
    else if (is(e, "FIN-WAIT-2"))
        enter(t, side, at, "TIME-WAIT", &inferred, certainty);
}

/* Only an end whose SYN was acknowledged sends anything but SYNs, RSTs and, before that, bare
 * acknowledgments of what it could not use. */
static bool shows_established(const inference *m, const segment *s)
{
    const sender *peer = &m->ends[!s->from];
    if (flags_of(s) & (FLAG_SYN | FLAG_RST) || s->kind == SEGMENT_FOREIGN) return false;
    if (peer->data_in_syn)
        return false; /* it may answer that before its own SYN is acknowledged (RFC 7413 4.2) */
    return has_octets(s) || (s->has_ack && peer->syn != INT64_MIN && s->ack > peer->syn + 1);
}

static void must_be_established(states *t, const segment *s)
{
    end *e = &t->ends[s->from];
    if (is(e, "LISTEN")) enter(t, s->from, s->sent, "SYN-RECEIVED", &inferred, DW_CERTAIN);
    if (is(e, "SYN-SENT") || (is(e, "SYN-RECEIVED") && shows_established(t->m, s)))
        enter(t, s->from, s->sent, "ESTABLISHED", &inferred, DW_CERTAIN);
}

static void sends_syn(states *t, const segment *s)
{
    end *e = &t->ends[s->from];
    bool acknowledges = s->has_ack, opening = is(e, "CLOSED") || is(e, "LISTEN");
    if (s->kind == SEGMENT_FOREIGN) {
        bool goes_on = t->m->ends[s->from].last >
                       s - t->m->segments; /* with the old numbers: it was somebody else's */
        if (!acknowledges && !opening && !goes_on) {
            enter(t, s->from, s->sent, "CLOSED", &rebooted, DW_LIKELY);
            enter(t, s->from, s->sent, "SYN-SENT", &inferred, DW_LIKELY);
        }
        return;
    }
    if (is(e, "ESTABLISHED") && t->older[s->from] && acknowledges) {
        enter(t, s->from, s->sent, "LISTEN", &older, DW_LIKELY);
        t->older[s->from] = false;
        opening = true;
    }
    if ((opening || is(e, "SYN-SENT")) && acknowledges)
        enter(t, s->from, s->sent, "SYN-RECEIVED", &inferred, DW_CERTAIN);
    else if (opening && !acknowledges)
        enter(t, s->from, s->sent, "SYN-SENT", &inferred, DW_CERTAIN);
}

/* The arrows of figure 5 that end in "snd".  A RST from another distance than all else (its TTL) is
 * not its own, but somebody's on the way; in SYN-SENT it answers what has no place there (RFC
 * 9293 3.10.7.3).  An acknowledgment shows what had been received by then, whatever of that the
 * capture has. */
void import_sends(states *t, const segment *s)
{
    end *e = &t->ends[s->from];
    uint32_t flags = flags_of(s);
    if (flags & FLAG_RST) {
        bool over = t->m->ends[s->from].last <= s - t->m->segments &&
                    s->p->d.ttl == t->m->ends[s->from].ttl;
        bool sure = s->kind != SEGMENT_FOREIGN && !is(e, "TIME-WAIT");
        if (over && !is(e, "SYN-SENT"))
            enter(t, s->from, s->sent, "CLOSED", &inferred, sure ? DW_CERTAIN : DW_LIKELY);
        return;
    }
    if (flags & FLAG_SYN) sends_syn(t, s);
    if (s->kind == SEGMENT_FOREIGN) return;
    if (!(flags & FLAG_SYN)) must_be_established(t, s);
    if (s->has_ack && (!e->rcv_known || e->rcv_nxt < s->ack)) {
        e->rcv_nxt = s->ack;
        e->rcv_known = true;
        peer_may_have_finished(t, s->from, s->sent, DW_CERTAIN);
    }
    if (!(flags & FLAG_FIN)) return;
    e->fin_sent = true;
    e->fin = s->end - 1;
    if (is(e, "ESTABLISHED") || is(e, "SYN-RECEIVED"))
        enter(t, s->from, s->sent, "FIN-WAIT-1", &inferred, DW_CERTAIN);
    else if (is(e, "CLOSE-WAIT"))
        enter(t, s->from, s->sent, "LAST-ACK", &inferred, e->unsure ? DW_LIKELY : DW_CERTAIN);
}

static void receives_ack(states *t, const segment *s)
{
    int side = !s->from;
    end *e = &t->ends[side];
    enum dw_certainty certainty = s->certainty;
    const sender *own = &t->m->ends[side];
    bool ours = own->syn == INT64_MIN || s->ack > own->syn;
    if (is(e, "LISTEN") && t->accepts[side])
        enter(t, side, s->arrives, "SYN-RECEIVED", &inferred, DW_LIKELY);
    if (is(e, "SYN-RECEIVED") && ours)
        enter(t, side, s->arrives, "ESTABLISHED", &inferred,
              e->was_established ? DW_CERTAIN : certainty);
    if (!e->fin_sent || s->ack <= e->fin) return;
    if (is(e, "FIN-WAIT-1"))
        enter(t, side, s->arrives, "FIN-WAIT-2", &inferred, certainty);
    else if (is(e, "CLOSING"))
        enter(t, side, s->arrives, "TIME-WAIT", &inferred, certainty);
    else if (is(e, "LAST-ACK"))
        enter(t, side, s->arrives, "CLOSED", &inferred, certainty);
}

/* RFC 9293 3.10.7.3 and 3.10.7.4: in SYN-SENT it has to acknowledge the SYN, later to have the
 * expected number.  What this is can be uncertain: octets may have arrived that nobody
 * acknowledged.  So a RST in the window counts, too, if its receiver was silent ever after. */
static void receives_reset(states *t, const segment *s)
{
    int side = !s->from;
    end *e = &t->ends[side];
    const sender *own = &t->m->ends[side];
    enum { LARGEST_WINDOW = 1 << 30 };
    bool silent = t->m->ends[side].last < s - t->m->segments, closes;
    if (is(e, "LISTEN") || is(e, "TIME-WAIT")) return;
    if (is(e, "SYN-SENT"))
        closes = s->has_ack && s->ack > own->syn && s->ack <= own->top;
    else if (!e->rcv_known || s->seq == e->rcv_nxt)
        closes = silent || s->certainty == DW_CERTAIN;
    else
        closes = silent && s->seq > e->rcv_nxt && s->seq < e->rcv_nxt + LARGEST_WINDOW;
    bool back = is(e, "SYN-RECEIVED") && t->listened[side]; /* fourth check */
    if (closes) enter(t, side, s->arrives, back ? "LISTEN" : "CLOSED", &inferred, s->certainty);
}

static void receives_syn(states *t, const segment *s)
{
    int side = !s->from;
    end *e = &t->ends[side];
    bool acknowledges = s->has_ack;
    if (is(e, "SYN-SENT"))
        enter(t, side, s->arrives, acknowledges ? "ESTABLISHED" : "SYN-RECEIVED", &inferred,
              s->certainty);
    else if (is(e, "LISTEN") && !acknowledges && t->accepts[side] && s == t->opening[side])
        enter(t, side, s->arrives, "SYN-RECEIVED", &inferred, s->certainty);
}

void import_receives(states *t, const segment *s)
{
    int side = !s->from;
    end *e = &t->ends[side];
    uint32_t flags = flags_of(s);
    if (flags & FLAG_RST) {
        receives_reset(t, s);
        return;
    }
    if (s->kind == SEGMENT_FOREIGN) return;
    if (!e->rcv_known) e->rcv_nxt = s->seq;
    e->rcv_known = true;
    if (s->seq <= e->rcv_nxt && s->end > e->rcv_nxt) e->rcv_nxt = s->end;
    if (flags & FLAG_SYN) receives_syn(t, s);
    if (s->has_ack && !(flags & FLAG_SYN && is(e, "ESTABLISHED"))) receives_ack(t, s);
    if (flags & FLAG_FIN) {
        e->fin_seen = true;
        e->peer_fin = s->end - 1;
    }
    peer_may_have_finished(t, side, s->arrives, s->certainty);
}

/* The SYN that a listener answers is the last one that reaches it before its SYN,ACK leaves: it may
 * have dropped others, for a full queue. */
static const segment *opening_syn(const inference *m, int listener)
{
    const segment *answer = NULL, *syn = NULL;
    for (size_t i = 0; i < m->count && !answer; i++) {
        const segment *s = &m->segments[i];
        if (s->from == listener && flags_of(s) & FLAG_SYN && s->kind != SEGMENT_FOREIGN) answer = s;
    }
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        bool opens = s->from != listener && (flags_of(s) & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN &&
                     s->kind != SEGMENT_FOREIGN;
        if (opens && s->fate != FATE_LOST && (!answer || s->arrives <= answer->sent)) syn = s;
    }
    return syn;
}

/* Whether an end took part: it sent something else than RSTs, or its peer acknowledged something of
 * it. */
static bool takes_part(const inference *m, int side)
{
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        bool reset = flags_of(s) & FLAG_RST;
        if (s->kind == SEGMENT_FOREIGN || reset) continue;
        if (s->from == side || s->has_ack) return true;
    }
    return false;
}

/* RFC 9293 figure 9: before it opens this connection, it answers as another one. */
static bool has_older(const inference *m, int side)
{
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        if (s->from == side && !(flags_of(s) & FLAG_RST))
            return s->kind == SEGMENT_FOREIGN && !(flags_of(s) & FLAG_SYN) && !s->fate;
    }
    return false;
}

/* RFC 9293 figure 8: both began. */
static bool opens_from_both_ends(const inference *m)
{
    bool began[2] = {false};
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        began[s->from] |=
            (flags_of(s) & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN && s->kind != SEGMENT_FOREIGN;
    }
    return began[0] && began[1];
}

/* Without a SYN the connection was there before the capture; with its answer alone it was being
 * opened. */
void import_begin_states(states *t, inference *m)
{
    const segment *first = &m->segments[0];
    bool syn = flags_of(first) & FLAG_SYN;
    *t = (states){.m = m};
    for (int i = 0; i < 2; i++) {
        t->accepts[i] = takes_part(m, i);
        t->opening[i] = opening_syn(m, i);
        t->ends[i] = (end){.state = "CLOSED"};
    }
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        end *e = &t->ends[s->from];
        e->was_established |= shows_established(m, s);
        if (s->p->d.len > 0 && s->kind != SEGMENT_FOREIGN) e->data_until = s->sent;
    }
    if (syn && !first->has_ack) {
        int server = !first->from;
        t->older[server] = has_older(m, server);
        if (t->older[server]) t->ends[server].state = "ESTABLISHED";
        bool listens = !t->older[server] && t->accepts[server] && !opens_from_both_ends(m);
        if (!listens) return;
        t->ends[server].state = "LISTEN";
        t->listened[server] = true;
        import_add(m, &(dw_trace_event){.type = DW_TRACE_CALL,
                                        .node = (uint32_t)server,
                                        .link = UINT32_MAX,
                                        .certainty = DW_LIKELY,
                                        .u.call = {"listen", "", m->k->port[server], 0}});
        return;
    }
    for (int i = 0; i < 2; i++) {
        bool answers = syn && i == first->from;
        const char *state = "ESTABLISHED";
        if (syn) state = answers ? "SYN-RECEIVED" : "SYN-SENT";
        enter(t, i, 0, state, &mid_way, answers ? DW_CERTAIN : DW_LIKELY);
    }
}
