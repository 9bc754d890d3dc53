/* The letters of textbooks (see letters.h).  Each stands for a number of one direction, from the
 * packet on that has it; what comes later counts from the latest letter before it. */
#include "letters.h"

#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"
#include "trace/packets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sides of an incarnation: 0 is the end that its flow is at. */
struct dw_lettered {
    bool begun;
    uint8_t opener; /* the side that opened, or spoke first */
    uint32_t rank;  /* among the trace's, from 1; among --conn's own where one was chosen */
    struct letter {
        bool known;
        uint8_t side;
        uint32_t value;
        uint64_t packet; /* the first that has it */
    } at[DW_LETTERS];
    uint32_t fin_end; /* what acknowledges the first FIN */
    struct opening {
        bool known, real; /* real: not injected */
        uint32_t isn;
        uint64_t packet;
    } opens[2]; /* by side */
    struct stray {
        bool known;
        uint32_t ack;
        uint64_t packet;
    } stray;        /* the latest of the incarnation before, that came after this one began */
    uint32_t as;    /* behind a NAT: the incarnation that this is the other half of; 0: none */
    bool as_turned; /* the other's side 0 is our side 1 */
};

/* Whose numbers a packet has. */
typedef struct place {
    uint32_t in; /* 0: no connection's */
    int side;    /* of the sender */
} place;

static int side_in(const dw_labels *l, uint32_t in, const dw_dissection *d)
{
    dw_flow_end e = dw_sender_end(d);
    return !dw_flow_at_end(l->cut->incarnations.list[in].flow, &e);
}

/* A SYN that nobody's connection sent, an injected one, makes the other end's first: it belongs to
 * that. */
static place place_of_flow(const dw_labels *l, const dw_dissection *d, uint64_t packet)
{
    const dw_incarnations *all = &l->cut->incarnations;
    uint32_t in = dw_incarnation_of(all, d, packet);
    if (!in) in = dw_incarnation_of(all, d, UINT64_MAX);
    while (in && all->list[in].first_packet > packet && all->list[in].before)
        in = all->list[in].before;
    if (!in) return (place){0};
    const struct dw_lettered *t = &l->lettered[in];
    int side = side_in(l, in, d);
    return t->as ? (place){t->as, side != t->as_turned} : (place){in, side};
}

/* The same side in the incarnation before; in: 0 if there is none. */
static place place_before(const dw_labels *l, place p)
{
    const struct dw_incarnation *list = l->cut->incarnations.list;
    uint32_t before = list[p.in].before;
    if (!before) return (place){0};
    dw_flow_end e = dw_own_end(list[p.in].flow);
    bool turned = !dw_flow_at_end(list[before].flow, &e);
    return (place){before, p.side != turned};
}

/* What an end says that still has the connection before: it acknowledges something else than the
 * SYN that it got, before it has sent one.  The RST that answers takes its number from there. */
static bool is_stray(const struct dw_lettered *t, const dw_packet_view *v, int side)
{
    const struct opening *own = &t->opens[side], *other = &t->opens[!side];
    const dw_dissection *d = &v->d;
    if (dw_flags_that(d, DW_FLAG_OPENS)) return false;
    if (dw_flags_that(d, DW_FLAG_RESETS) && t->stray.known && t->stray.packet < v->number &&
        d->seq == t->stray.ack)
        return true;
    bool opened = own->known && own->packet <= v->number;
    bool challenged = other->known && other->packet < v->number;
    return !opened && challenged && dw_flags_that(d, DW_FLAG_ACKS) && d->ack != other->isn + 1;
}

static place place_of(const dw_labels *l, const dw_packet_view *v)
{
    place p = place_of_flow(l, &v->d, v->number);
    if (!p.in || !is_stray(&l->lettered[p.in], v, p.side)) return p;
    place before = place_before(l, p);
    return before.in ? before : p;
}

static void set(struct dw_lettered *t, enum dw_letter which, int side, uint32_t value,
                const dw_packet_view *v)
{
    if (t->at[which].known) return;
    t->at[which] = (struct letter){true, (uint8_t)side, value, v->number};
}

static void close_letters(struct dw_lettered *t, const dw_packet_view *v, int side)
{
    const dw_dissection *d = &v->d;
    bool fin = dw_flags_that(d, DW_FLAG_CLOSES);
    const struct letter *u = &t->at[DW_LETTER_U];
    if (fin && !u->known) {
        set(t, DW_LETTER_U, side, d->seq, v);
        t->fin_end = d->seq + d->len + 1;
    } else if (fin && u->side != side) {
        set(t, DW_LETTER_W, side, d->seq, v);
    }
    bool acks = u->known && u->side != side && dw_flags_that(d, DW_FLAG_ACKS);
    if (acks && d->ack == t->fin_end && !t->at[DW_LETTER_W].known)
        set(t, DW_LETTER_V, side, d->seq, v);
}

/* Where nobody saw a SYN, the first number is taken for the one behind it, as relative ones are.
 * Who answers a SYN that is not in the trace did not open. */
static void learn(struct dw_lettered *t, const dw_packet_view *v, int side)
{
    bool opens = dw_flags_that(&v->d, DW_FLAG_OPENS);
    bool answers = opens && dw_flags_that(&v->d, DW_FLAG_ACKS);
    if (!t->begun) t->opener = (uint8_t)(answers ? !side : side);
    t->begun = true;
    enum dw_letter first = side == t->opener ? DW_LETTER_X : DW_LETTER_Y;
    if (!dw_flags_that(&v->d, DW_FLAG_RESETS) || t->at[first].known)
        set(t, first, side, opens ? v->d.seq : v->d.seq - 1, v);
    close_letters(t, v, side);
}

/* The two halves of a connection that a NAT readdresses are one. */
static void join_halves(dw_labels *l, const dw_packet_view *v)
{
    dw_dissection d;
    if (!dw_view_readdressed(l->cut->trace, v, &d)) return;
    place p = place_of_flow(l, &v->d, v->number);
    uint32_t other = dw_incarnation_of(&l->cut->incarnations, &d, UINT64_MAX);
    if (!p.in || !other || other == p.in || l->lettered[other].as || l->lettered[p.in].as) return;
    l->lettered[other].as = p.in;
    l->lettered[other].as_turned = side_in(l, other, &d) != p.side;
}

static bool is_injected(const dw_packet_view *v)
{
    return dw_cause_is(v->cause, &dw_cause_inject);
}

/* Where each side begins: what the script injected counts if nobody else sent a SYN. */
static void find_openings(dw_labels *l)
{
    for (size_t i = 0; i < l->cut->count; i++)
        join_halves(l, &l->cut->packets[i]);
    for (int real = 1; real >= 0; real--)
        for (size_t i = 0; i < l->cut->count; i++) {
            const dw_packet_view *v = &l->cut->packets[i];
            if (is_injected(v) == real || !dw_flags_that(&v->d, DW_FLAG_OPENS)) continue;
            place p = place_of_flow(l, &v->d, v->number);
            struct opening *o = &l->lettered[p.in].opens[p.side];
            if (p.in && !o->known) *o = (struct opening){true, real, v->d.seq, v->number};
        }
}

/* Injected packets teach nothing but where a side begins that never did. */
static void learn_from(dw_labels *l, const dw_packet_view *v)
{
    place p = place_of(l, v), flow = place_of_flow(l, &v->d, v->number);
    if (!p.in || !v->d.flag_names) return;
    struct dw_lettered *t = &l->lettered[flow.in];
    bool acks = dw_flags_that(&v->d, DW_FLAG_ACKS);
    if (p.in != flow.in && acks) t->stray = (struct stray){true, v->d.ack, v->number};
    if (p.in != flow.in) return;
    const struct opening *o = &t->opens[p.side];
    bool begins = is_injected(v) && o->known && !o->real && o->packet == v->number;
    if (!v->copy_of && (begins || !is_injected(v))) learn(t, v, p.side);
}

static bool same_hosts(const dw_packet_view *a, const dw_packet_view *b)
{
    return (a->from == b->from && a->to == b->to) || (a->from == b->to && a->to == b->from);
}

/* Whether connections of the same two hosts are told apart by a port of either end. */
static void choose_ports(dw_labels *l, const dw_packet_view *const *example)
{
    for (uint32_t a = 1; a <= l->cut->incarnations.count; a++)
        for (uint32_t b = a + 1; example[a] && b <= l->cut->incarnations.count; b++) {
            uint16_t x[2], y[2];
            if (!example[b] || !same_hosts(example[a], example[b])) continue;
            dw_lettered_ports(l, example[a], x);
            dw_lettered_ports(l, example[b], y);
            l->ports[0] |= x[0] != y[0];
            l->ports[1] |= x[1] != y[1];
            if (l->ports[0] && l->ports[1]) return;
        }
}

/* The whole trace is walked: what a part of it shows counts from where things began, and has the
 * letters that it has in the whole. */
int dw_lettered_begin(dw_labels *l)
{
    const dw_cut *cut = l->cut;
    size_t n = (size_t)cut->incarnations.count + 1;
    const dw_packet_view **example = calloc(n, sizeof *example);
    uint32_t rank = 0;
    l->lettered = calloc(n, sizeof *l->lettered);
    if (l->lettered) find_openings(l);
    for (size_t i = 0; example && l->lettered && i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t in = place_of_flow(l, &v->d, v->number).in;
        struct dw_lettered *t = &l->lettered[in];
        if (!in) continue;
        if (!t->rank && dw_cut_chosen_conn(cut, v)) t->rank = ++rank;
        if (!example[in] && dw_cut_shows(cut, v)) example[in] = v;
        learn_from(l, v);
    }
    bool fine = example && l->lettered;
    if (fine && rank > 1) choose_ports(l, example);
    free(example);
    return fine ? DW_OK : DW_E_NOMEM;
}

/* What the number counts from: the latest letter that it is not below.  What the first FIN
 * acknowledges may be the letter that only its answer makes known; and what comes before its side
 * begins, which only an injected packet does, counts from there all the same. */
static const struct letter *letter_for(const struct dw_lettered *t, int letters, int side,
                                       uint64_t packet, uint32_t value)
{
    bool first_fin = t->at[DW_LETTER_U].known && packet == t->at[DW_LETTER_U].packet;
    const struct letter *found = NULL;
    for (int i = 0; i < letters; i++) {
        const struct letter *at = &t->at[i];
        if (!at->known || at->side != side) continue;
        bool there = at->packet <= packet || i == DW_LETTER_X || i == DW_LETTER_Y;
        if (first_fin && i == DW_LETTER_V) there = at->value == value;
        if (there && (!found || !dw_seq_before(value, at->value))) found = at;
    }
    return found;
}

bool dw_lettered_number(const dw_labels *l, const dw_packet_view *v, bool ack, char *buf,
                        size_t size)
{
    uint32_t value = ack ? v->d.ack : v->d.seq;
    const struct letter *at = NULL;
    const struct dw_lettered *t = NULL;
    int letters = DW_LETTERS; /* a SYN that comes late is answered as it was when it was sent */
    for (place p = place_of(l, v); !at && p.in; p = place_before(l, p)) {
        t = &l->lettered[p.in];
        at = letter_for(t, letters, (p.side == 1) != ack, v->number, value);
        letters = DW_LETTER_Y + 1;
        /* Who has no connection answers with a number of none (RFC 9293 3.10.7.1). */
        if (!ack && dw_flags_that(&v->d, DW_FLAG_RESETS) && dw_flags_that(&v->d, DW_FLAG_ACKS))
            break;
    }
    if (!at) return false;
    char several[12] = "";
    if (t->rank > 1) snprintf(several, sizeof several, "%" PRIu32, t->rank);
    int32_t offset = (int32_t)(value - at->value);
    const char *name = l->letters.name[at - t->at];
    if (offset == 0)
        snprintf(buf, size, "%s%s", name, several);
    else
        snprintf(buf, size, "%s%s%+" PRId32, name, several, offset);
    return true;
}

bool dw_lettered_bare_fin(const dw_labels *l, const dw_packet_view *v)
{
    place p = place_of(l, v);
    const struct dw_lettered *t = &l->lettered[p.in];
    const struct letter *u = &t->at[DW_LETTER_U];
    if (!p.in || !u->known || !dw_flags_that(&v->d, DW_FLAG_CLOSES)) return false;
    return p.side == u->side ? v->d.seq == u->value : dw_seq_before(v->d.ack, t->fin_end);
}

/* Behind a NAT, as the end has them that was there first. */
static bool ports_of(const dw_labels *l, uint32_t in, uint16_t port[2])
{
    if (!in) return false;
    const dw_flow *f = l->cut->incarnations.list[in].flow;
    uint8_t opener = l->lettered[in].opener;
    port[opener] = f->local_port;
    port[!opener] = f->remote_port;
    return true;
}

bool dw_lettered_ports(const dw_labels *l, const dw_packet_view *v, uint16_t port[2])
{
    return ports_of(l, place_of_flow(l, &v->d, v->number).in, port);
}

static uint32_t incarnation_of(const dw_labels *l, uint32_t conn)
{
    uint32_t in = conn <= dw_trace_conns(l->cut->trace) ? l->cut->incarnations.of_conn[conn] : 0;
    return in && l->lettered[in].as ? l->lettered[in].as : in;
}

bool dw_lettered_conn_ports(const dw_labels *l, uint32_t conn, uint16_t port[2])
{
    return ports_of(l, incarnation_of(l, conn), port);
}

uint32_t dw_lettered_rank(const dw_labels *l, uint32_t conn)
{
    uint32_t in = incarnation_of(l, conn);
    return in ? l->lettered[in].rank : 0;
}
