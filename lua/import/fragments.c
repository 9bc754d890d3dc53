/* IP packets put together from their fragments.
 *
 * A packet is kept in units of 8 octets, as fragment offsets count.  Of overlapping fragments
 * IPv4's first ones win, whose receivers differ in that; a packet of IPv6 is given up (RFC 5722).
 */
#include "fragments.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_HELD = 1024,
    MAX_MEMORY = 64 << 20,
    UNIT = 8,
    MAX_DATA = 65535,
    UNITS = MAX_DATA / UNIT + 1,
    BUCKETS = 256,
};
#define HELD_FOR (60 * DW_SECOND) /* RFC 8200 4.5 */

/* A packet of which fragments came. */
typedef struct held {
    ip_header key; /* of its first fragment here: addresses, id and so on */
    uint32_t source;
    uint8_t transport;
    dw_time first;
    uint8_t *header; /* of the fragment at offset 0, up to what is split; NULL: it has not come */
    uint32_t header_len, before_fragment;
    uint8_t *data;
    uint32_t capacity, end;  /* octets of data: room, and behind the last one */
    uint32_t total;          /* how many there will be; 0: not known yet */
    uint32_t units;          /* that are there */
    uint32_t cut_at;         /* what stands from here on was cut off by the snapshot length */
    uint32_t count;          /* fragments */
    bool overlaps, given_up; /* octets came twice; no more of it is taken */
    uint8_t there[(UNITS + 7) / 8]; /* a bit for each unit */
    struct held *next;              /* in its bucket */
    struct held *older, *newer;
} held;

struct fragments {
    held *buckets[BUCKETS];
    held *oldest, *newest;
    uint32_t count;
    size_t memory;  /* of data and headers */
    uint8_t *whole; /* the packet that was handed out last */
    uint64_t unused, overlapping;
    bool failed;
};

fragments *fragments_new(void)
{
    return calloc(1, sizeof(fragments));
}

static uint32_t bucket_of(const ip_header *h, uint32_t source)
{
    uint32_t sum = h->id * 0x9e3779b1u + source;
    for (int i = 0; i < 4; i++)
        sum = (sum ^ h->src.word[i] ^ (h->dst.word[i] << 7)) * 0x85ebca6bu;
    return sum >> 24;
}

static void forget(fragments *f, held *h)
{
    held **at = &f->buckets[bucket_of(&h->key, h->source)];
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    *(h->older ? &h->older->newer : &f->oldest) = h->newer;
    *(h->newer ? &h->newer->older : &f->newest) = h->older;
    f->memory -= h->capacity + h->header_len;
    f->count--;
    free(h->header);
    free(h->data);
    free(h);
}

static void give_up(fragments *f, held *h)
{
    f->unused += h->count;
    forget(f, h);
}

void fragments_free(fragments *f)
{
    if (!f) return;
    while (f->oldest)
        forget(f, f->oldest);
    free(f->whole);
    free(f);
}

/* Those of IPv4 are told apart by the protocol, too (RFC 791 3.2). */
static bool is_of(const held *h, const ip_header *k, uint32_t source)
{
    return h->key.id == k->id && h->source == source && h->key.version == k->version &&
           (k->version == 6 || h->transport == k->transport) &&
           dw_addr_equal(&h->key.src, &k->src) && dw_addr_equal(&h->key.dst, &k->dst);
}

static held *find(fragments *f, const ip_header *k, dw_time at, uint32_t source)
{
    while (f->oldest &&
           (at - f->oldest->first > HELD_FOR || f->count >= MAX_HELD || f->memory > MAX_MEMORY))
        give_up(f, f->oldest);
    held *h = f->buckets[bucket_of(k, source)];
    while (h && !is_of(h, k, source))
        h = h->next;
    return h;
}

static held *hold(fragments *f, const ip_header *k, dw_time at, uint32_t source)
{
    held *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->key = *k;
    h->source = source;
    h->transport = k->transport;
    h->first = at;
    h->cut_at = UINT32_MAX;
    held **bucket = &f->buckets[bucket_of(k, source)];
    h->next = *bucket;
    *bucket = h;
    h->older = f->newest;
    *(f->newest ? &f->newest->newer : &f->oldest) = h;
    f->newest = h;
    f->count++;
    return h;
}

static bool make_room(fragments *f, held *h, uint32_t end)
{
    if (end <= h->capacity) return true;
    uint32_t capacity = h->capacity ? h->capacity : 2048;
    while (capacity < end)
        capacity *= 2;
    uint8_t *grown = realloc(h->data, capacity);
    if (!grown) return false;
    f->memory += capacity - h->capacity;
    h->data = grown;
    h->capacity = capacity;
    return true;
}

/* One unit of a fragment's data, or what its last one has. */
static void put_unit(held *h, uint32_t at, const uint8_t *from, uint32_t n, bool *again,
                     bool *other)
{
    uint8_t bit = (uint8_t)(1u << (at / UNIT % 8)), *map = &h->there[at / UNIT / 8];
    if (*map & bit) {
        *again = true;
        *other |= memcmp(h->data + at, from, n) != 0;
        return;
    }
    *map |= bit;
    h->units++;
    memcpy(h->data + at, from, n);
}

/* A copy of a fragment that was there before is no overlap: the same packet was captured twice. */
static void put_data(held *h, uint32_t offset, const piece *data)
{
    static const uint8_t nothing[UNIT];
    uint32_t before = h->units, units = (data->len + UNIT - 1) / UNIT;
    bool again = false, other = false;
    for (uint32_t at = 0; at < data->len; at += UNIT) {
        uint32_t n = data->len - at < UNIT ? data->len - at : UNIT;
        bool there = at + n <= data->have;
        put_unit(h, offset + at, there ? data->bytes + at : nothing, n, &again, &other);
    }
    bool copy = h->units == before && !other;
    h->overlaps |= again && !copy && (other || h->units - before < units);
    if (data->have < data->len && offset + data->have < h->cut_at)
        h->cut_at = offset + data->have / UNIT * UNIT;
}

/* The header in front of the data, without anything that speaks of fragments. */
static bool keep_header(fragments *f, held *h, const piece *ip, const ip_header *k)
{
    uint32_t len = k->version == 6 ? k->fragment_at : k->transport_at;
    if (h->header) return true;
    h->header = malloc(len);
    if (!h->header) return false;
    memcpy(h->header, ip->bytes, len);
    h->header_len = len;
    h->before_fragment = k->before_fragment;
    h->transport = k->transport;
    f->memory += len;
    return true;
}

/* false: no memory. */
static bool take(fragments *f, held *h, const piece *ip, const ip_header *k)
{
    piece data = {ip->bytes + k->transport_at, ip->have - k->transport_at,
                  ip->len - k->transport_at};
    uint32_t end = k->offset + data.len;
    bool sized = !k->more || data.len % UNIT == 0;
    if (end > MAX_DATA || !sized || data.len == 0 || (h->total && end > h->total) ||
        (!k->more && end < h->end)) {
        h->given_up = true; /* no packet is so: RFC 8200 4.5 */
        return true;
    }
    if (!make_room(f, h, (end + UNIT - 1) / UNIT * UNIT)) return false;
    if (k->offset == 0 && !keep_header(f, h, ip, k)) return false;
    if (end > h->end) h->end = end;
    if (!k->more) h->total = end;
    bool overlapped = h->overlaps;
    put_data(h, k->offset, &data);
    f->overlapping += h->overlaps && !overlapped;
    h->given_up |= h->overlaps && k->version == 6;
    return true;
}

static bool is_whole(const held *h)
{
    return !h->given_up && h->header && h->total && h->units == (h->total + UNIT - 1) / UNIT &&
           h->header_len + h->total <= MAX_DATA + (h->key.version == 6 ? 40 : 0);
}

static bool build(fragments *f, const held *h, piece *whole)
{
    uint8_t *bytes = malloc(h->header_len + h->total);
    uint32_t have = h->cut_at < h->total ? h->cut_at : h->total;
    if (!bytes) return false;
    memcpy(bytes, h->header, h->header_len);
    memcpy(bytes + h->header_len, h->data, h->total);
    if (h->key.version == 4) {
        dw_put16(bytes + 2, (uint16_t)(h->header_len + h->total));
        dw_put16(bytes + 6, dw_get16(bytes + 6) & 0x4000);
        ip_set_checksum(bytes, h->header_len);
    } else {
        dw_put16(bytes + 4, (uint16_t)(h->header_len + h->total - 40));
        bytes[h->before_fragment] = h->transport;
    }
    *whole = (piece){bytes, h->header_len + have, h->header_len + h->total};
    free(f->whole);
    f->whole = bytes;
    return true;
}

bool fragments_add(fragments *f, const piece *ip, const ip_header *k, dw_time at, uint32_t source,
                   piece *whole)
{
    held *h = find(f, k, at, source);
    if (!h) h = hold(f, k, at, source);
    if (h) h->count++;
    if (!h || (!h->given_up && !take(f, h, ip, k))) {
        f->failed = true;
        return false;
    }
    if (!is_whole(h)) return false;
    bool built = build(f, h, whole);
    f->failed |= !built;
    forget(f, h);
    return built;
}

uint64_t fragments_unused(const fragments *f)
{
    uint64_t unused = f->unused;
    for (const held *h = f->oldest; h; h = h->newer)
        unused += h->count;
    return unused;
}

uint64_t fragments_overlapping(const fragments *f)
{
    return f->overlapping;
}

bool fragments_failed(const fragments *f)
{
    return f->failed;
}
