/* Outcomes of runs as octets: numbers in groups of seven bits, the lowest first; a point's state as
 * it is. */
#include "base/list.h"
#include "round.h"

#include <string.h>

/* Writing: what has no room is counted alone. */
typedef struct writer {
    uint8_t *out;
    size_t room, len;
} writer;

static void put_octets(writer *w, const void *data, size_t len)
{
    if (w->len <= w->room && w->room - w->len >= len) memcpy(w->out + w->len, data, len);
    w->len += len;
}

static void put(writer *w, uint64_t n)
{
    uint8_t octets[10];
    size_t len = 0;
    for (; n > 127; n >>= 7)
        octets[len++] = (uint8_t)(n | 128);
    octets[len++] = (uint8_t)n;
    put_octets(w, octets, len);
}

static void put_outcome(writer *w, const dw_book_outcome *o)
{
    put(w, (uint64_t) - (int64_t)o->status);
    put(w, (uint64_t)o->fate << 1 | o->unkeyed);
    put(w, o->target);
    put(w, o->label);
    put(w, o->count);
    for (size_t i = 0; i < o->count; i++) {
        const dw_book_point *p = &o->points[i];
        put(w, p->number << 1 | p->keyed);
        put(w, p->host);
        put(w, p->kinds);
        put(w, p->waited);
        put(w, p->label);
        if (p->keyed) put_octets(w, &p->key, sizeof p->key);
    }
}

size_t dw_explore_write_outcome(const dw_explore_round *round, size_t number, void *out,
                                size_t room)
{
    if (number >= round->count || !round->outcomes[number].known) return 0;
    writer all = {0}, w = {.out = out, .room = room};
    put_outcome(&all, &round->outcomes[number]);
    if (all.len <= room) put_outcome(&w, &round->outcomes[number]);
    return all.len;
}

/* Reading. */
typedef struct reader {
    const uint8_t *at, *end;
    bool bad;
} reader;

static void get_octets(reader *r, void *out, size_t len)
{
    r->bad |= (size_t)(r->end - r->at) < len;
    if (r->bad) return;
    memcpy(out, r->at, len);
    r->at += len;
}

static uint64_t get(reader *r)
{
    uint64_t n = 0;
    uint8_t octet = 128;
    for (unsigned shift = 0; octet & 128; shift += 7) {
        r->bad |= shift > 63;
        get_octets(r, &octet, 1);
        if (r->bad) return 0;
        n |= (uint64_t)(octet & 127) << shift;
    }
    return n;
}

static bool get_point(reader *r, dw_book_outcome *o)
{
    dw_book_point *points = dw_list_room(o->points, o->count, sizeof *points);
    if (!points) return false;
    o->points = points;
    uint64_t n = get(r);
    dw_book_point *p = &points[o->count++];
    *p = (dw_book_point){.number = n >> 1, .keyed = n & 1};
    p->host = (uint32_t)get(r);
    p->kinds = (uint32_t)get(r);
    p->waited = (uint32_t)get(r);
    p->label = get(r);
    if (p->keyed) get_octets(r, &p->key, sizeof p->key);
    return true;
}

int dw_explore_read_outcome(dw_explore_round *round, size_t number, const void *octets, size_t len)
{
    if (number >= round->count) return DW_E_INVAL;
    dw_book_outcome *o = &round->outcomes[number];
    reader r = {.at = octets, .end = (const uint8_t *)octets + len};
    o->status = (int)-(int64_t)get(&r);
    uint64_t fate = get(&r);
    o->fate = (uint8_t)(fate >> 1);
    o->unkeyed = fate & 1;
    o->target = (uint32_t)get(&r);
    o->label = get(&r);
    o->known = false;
    o->count = 0;
    for (uint64_t count = get(&r); count > 0 && !r.bad; count--)
        if (!get_point(&r, o)) return DW_E_NOMEM;
    if (r.bad || r.at != r.end) return DW_E_FORMAT;
    o->known = true;
    return DW_OK;
}
