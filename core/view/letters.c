/* The letters of textbooks (see letters.h).  Each stands for a number of one direction, from the
 * packet on that has it; what comes later counts from the latest letter before it. */
#include "letters.h"

#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"

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
};

static int side_of(const dw_labels *l, uint32_t in, const dw_packet_view *v)
{
    dw_flow_end e = dw_sender_end(&v->d);
    return !dw_flow_at_end(l->cut->incarnations.list[in].flow, &e);
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

/* Where nobody saw a SYN, the first number is taken for the one behind it, as relative ones are. */
static void learn(struct dw_lettered *t, const dw_packet_view *v, int side)
{
    bool opens = dw_flags_that(&v->d, DW_FLAG_OPENS);
    if (!t->begun) t->opener = (uint8_t)side;
    t->begun = true;
    enum dw_letter first = side == t->opener ? DW_LETTER_X : DW_LETTER_Y;
    if (!dw_flags_that(&v->d, DW_FLAG_RESETS) || t->at[first].known)
        set(t, first, side, opens ? v->d.seq : v->d.seq - 1, v);
    close_letters(t, v, side);
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
    for (size_t i = 0; example && l->lettered && i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t in = dw_cut_incarnation(cut, v);
        struct dw_lettered *t = &l->lettered[in];
        if (!in) continue;
        if (!t->rank && dw_cut_chosen_conn(cut, v)) t->rank = ++rank;
        if (!example[in] && dw_cut_shows(cut, v)) example[in] = v;
        bool own = !dw_cause_is(v->cause, &dw_cause_inject) && !v->copy_of && v->d.flag_names;
        if (own) learn(t, v, side_of(l, in, v));
    }
    bool fine = example && l->lettered;
    if (fine && rank > 1) choose_ports(l, example);
    free(example);
    return fine ? DW_OK : DW_E_NOMEM;
}

/* What the number counts from: the latest letter that it is not below.  What the first FIN
 * acknowledges may be the letter that only its answer makes known. */
static const struct letter *letter_for(const struct dw_lettered *t, int side, uint64_t packet,
                                       uint32_t value)
{
    bool first_fin = t->at[DW_LETTER_U].known && packet == t->at[DW_LETTER_U].packet;
    const struct letter *found = NULL;
    for (int i = 0; i < DW_LETTERS; i++) {
        const struct letter *at = &t->at[i];
        if (!at->known || at->side != side) continue;
        bool there = at->packet <= packet;
        if (first_fin && i == DW_LETTER_V) there = at->value == value;
        if (there && (!found || !dw_seq_before(value, at->value))) found = at;
    }
    return found;
}

bool dw_lettered_number(const dw_labels *l, const dw_packet_view *v, bool ack, char *buf,
                        size_t size)
{
    uint32_t in = dw_cut_incarnation(l->cut, v), value = ack ? v->d.ack : v->d.seq;
    const struct dw_lettered *t = &l->lettered[in];
    if (!in || !t->begun) return false;
    const struct letter *at = letter_for(t, side_of(l, in, v) != ack, v->number, value);
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

bool dw_lettered_first_fin(const dw_labels *l, const dw_packet_view *v)
{
    uint32_t in = dw_cut_incarnation(l->cut, v);
    const struct dw_lettered *t = &l->lettered[in];
    const struct letter *u = &t->at[DW_LETTER_U];
    return in && u->known && dw_flags_that(&v->d, DW_FLAG_CLOSES) && side_of(l, in, v) == u->side &&
           v->d.seq == u->value;
}

bool dw_lettered_ports(const dw_labels *l, const dw_packet_view *v, uint16_t port[2])
{
    uint32_t in = dw_cut_incarnation(l->cut, v);
    if (!in) return false;
    bool opener = side_of(l, in, v) == l->lettered[in].opener;
    port[0] = opener ? v->d.sport : v->d.dport;
    port[1] = opener ? v->d.dport : v->d.sport;
    return true;
}
