/* The story of a connection's end: who closed, who reset and why, or how far it came. */
#include "limits.h"

#include <inttypes.h>

/* What the story is made of. */
typedef struct ending {
    const segment *fin[2],
        *acked[2];          /* each end's first FIN, and the peer's acknowledgment of it */
    const segment *reset;   /* the first RST that counts */
    const segment *last[2]; /* of each end */
    unsigned again[2];      /* how often the last octets of each end were sent again in vain */
    bool crossed; /* each sent its FIN before it had the other's: closing at the same time */
} ending;

/* Whether either end sent something else than a RST long after one: then that ended nothing. */
static bool goes_on_after(const inference *m, const segment *reset)
{
    for (const segment *s = m->segments + m->count - 1; s > reset; s--) {
        if (flags_of(s) & FLAG_RST || s->kind == SEGMENT_FOREIGN) continue;
        return s->from == reset->from || s->at > import_due(&m->to[s->from], reset->at);
    }
    return false;
}

/* In the order of the capture.  A RST after which the connection went on ended nothing, and FINs
 * cross where neither acknowledges the other (RFC 9293 3.6, figure 13). */
static void look_through(const inference *m, ending *x)
{
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        int from = s->from;
        if (s->kind == SEGMENT_FOREIGN || s->kind == SEGMENT_COPY) continue;
        if (flags_of(s) & FLAG_RST) {
            if (!x->reset || goes_on_after(m, x->reset)) x->reset = s;
            continue;
        }
        x->last[from] = s;
        if (flags_of(s) & FLAG_FIN && !x->fin[from]) x->fin[from] = s;
        if (x->fin[!from] && !x->acked[!from] && s->has_ack && s->ack >= x->fin[!from]->end)
            x->acked[!from] = s;
        if (s->kind == SEGMENT_AGAIN && s->end > m->ends[from].acked) x->again[from]++;
    }
    if (x->reset && goes_on_after(m, x->reset)) x->reset = NULL;
    const segment *a = x->fin[0], *b = x->fin[1];
    x->crossed = a && b && !(a->ack >= b->end) && !(b->ack >= a->end);
}

static uint64_t number(const inference *m, const segment *s)
{
    return import_number(m, s - m->segments);
}

/* RFC 9293 3.10.7.1: to a SYN that nobody listens for. */
static bool is_refusal(const inference *m, const segment *reset)
{
    const sender *peer = &m->ends[!reset->from];
    return reset->has_ack && peer->syn != INT64_MIN && reset->ack == peer->syn + 1 &&
           m->ends[reset->from].syn == INT64_MIN;
}

/* How often an end had sent something again, or asked whether the other was there, in vain before
 * its RST. */
static unsigned in_vain(const inference *m, const segment *reset, enum kind kind)
{
    unsigned times = 0;
    for (const segment *s = reset; s-- > m->segments;) {
        if (s->from != reset->from && flags_of(s) != 0 && s->kind != SEGMENT_FOREIGN) break;
        times += s->from == reset->from && s->kind == kind;
    }
    return times;
}

static const char *how_often(unsigned n, char *out, size_t size)
{
    snprintf(out, size, n == 1 ? "once" : "%u times", n);
    return out;
}

/* A RST says nothing of its reason; what came before it does, mostly. */
static void tell_reset(const inference *m, const ending *x, FILE *f)
{
    char text[24];
    const segment *r = x->reset;
    int by = r->from;
    const char *who = import_end_name(by), *other = import_end_name(!by);
    unsigned again = in_vain(m, r, SEGMENT_AGAIN), asked = in_vain(m, r, SEGMENT_KEEPALIVE);
    fprintf(f, "  %.6f s  #%" PRIu64 ": ", seconds(r->sent), number(m, r));
    if (r->p->d.ttl != m->ends[by].ttl)
        fprintf(f, "a RST in the name of the %s (its TTL is another: a firewall, perhaps)", who);
    else
        fprintf(f, "the %s reset the connection", who);
    if (is_refusal(m, r))
        fprintf(f, ": nothing listened on port %u, or a firewall said so (RFC 9293 3.10.7.1)",
                m->k->port[by]);
    else if (x->fin[0] && x->fin[1] && x->fin[0] < r && x->fin[1] < r)
        fprintf(f, ", which both ends had closed: something came that had no place in it any more");
    else if (asked > 0)
        fprintf(f, " after %u keepalive%s without an answer (RFC 9293 3.8.4)", asked,
                asked == 1 ? "" : "s");
    else if (again > 0)
        fprintf(f, " after sending again %s in vain: it gave up (RFC 9293 3.10.8)",
                how_often(again, text, sizeof text));
    else if (x->fin[by] && x->fin[by] < r)
        fprintf(f,
                " after it had closed; likely because the %s still sent, or its program had not "
                "read all (RFC 1122 4.2.2.13)",
                other);
    else if (!r->has_ack)
        fprintf(f, "; likely it knew nothing of the connection, or answered a segment that had no "
                   "place in it (RFC 9293 3.5.2)");
    else
        fprintf(f, "; likely its program aborted, ended, or closed without reading all (RFC 9293 "
                   "3.10.5, RFC 1122 4.2.2.13)");
    fputc('\n', f);
}

static void tell_close(const inference *m, const ending *x, int who, const char *how, FILE *f)
{
    const segment *fin = x->fin[who], *ack = x->acked[who];
    fprintf(f, "  %.6f s  #%" PRIu64 ": the %s closed%s", seconds(fin->sent), number(m, fin),
            import_end_name(who), how);
    if (ack)
        fprintf(f, "; acknowledged by #%" PRIu64 "\n", number(m, ack));
    else
        fprintf(f, "; that was never acknowledged\n");
}

static void tell_closes(const inference *m, const ending *x, FILE *f)
{
    int first = x->fin[0] && (!x->fin[1] || x->fin[0] < x->fin[1]) ? 0 : 1;
    tell_close(m, x, first, " first", f);
    if (x->fin[!first])
        tell_close(m, x, !first,
                   x->crossed ? " at the same time (RFC 9293 3.6, figure 13)" : " then", f);
}

static void tell_silence(const inference *m, const ending *x, FILE *f)
{
    char text[24];
    const segment *l = &m->segments[m->count - 1];
    for (int e = 0; e < 2; e++)
        if (x->again[e])
            fprintf(f, "  the %s sent again %s what was never acknowledged\n", import_end_name(e),
                    how_often(x->again[e], text, sizeof text));
    fprintf(f, "  %.6f s  #%" PRIu64 ": the capture ends before the connection does\n",
            seconds(l->at), number(m, l));
}

/* From the first FIN to the last RST; where neither is there, how far it came. */
void import_explain_end(const inference *m, FILE *f)
{
    char text[24];
    ending x = {0};
    look_through(m, &x);
    fprintf(f, "How it ended:\n");
    bool answered = (x.last[0] || m->ends[0].numbered) && (x.last[1] || m->ends[1].numbered);
    if (!answered && !x.reset) {
        int who = x.last[1] != NULL;
        fprintf(f, "  the %s was never answered", import_end_name(who));
        if (x.again[who])
            fprintf(f, "; it sent again %s", how_often(x.again[who], text, sizeof text));
        fputc('\n', f);
        return;
    }
    if (x.fin[0] || x.fin[1]) tell_closes(m, &x, f);
    if (x.reset) tell_reset(m, &x, f);
    bool over = x.reset || (x.acked[0] && x.acked[1]);
    if (!over) tell_silence(m, &x, f);
}
