/* pcapng: blocks (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng).  Those that are not
 * known are passed over. */
#include "names.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_OLD_PACKET = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPT_COMMENT = 1,
    OPT_IF_TSRESOL = 9,
    OPT_IF_TSOFFSET = 14,
    RECORD_IPV4 = 1,
    RECORD_IPV6 = 2,
    LARGEST_BLOCK = 16 << 20,
};

/* An option's value, or NULL; the options begin at `at`. */
static const uint8_t *find_option(const reader *r, size_t at, uint16_t wanted, uint16_t *len)
{
    while (at + 4 <= r->body_len) {
        uint16_t code = reader_get16(r, r->body + at);
        *len = reader_get16(r, r->body + at + 2);
        if (code == 0 || at + 4 + *len > r->body_len) return NULL;
        if (code == wanted) return r->body + at + 4;
        at += 4u + ((*len + 3u) & ~3u);
    }
    return NULL;
}

/* A section says which way round its numbers are, and has interfaces of its own. */
static void begin_section(reader *r, const uint8_t *head)
{
    r->big = dw_get32(head + 8) == BYTE_ORDER_MAGIC;
    r->interface_count = 0;
}

/* DW_E_NOENT: there is no further block, or not a whole one. */
static int next_block(reader *r)
{
    size_t n;
    const uint8_t *head = input_peek(r->in, 12, &n);
    if (n == 0 && !input_damage(r->in) && input_status(r->in) == DW_OK) return DW_E_NOENT;
    bool section = n >= 4 && dw_get32(head) == BLOCK_SECTION;
    if (section && n == 12) begin_section(r, head);
    uint32_t total = n >= 8 ? reader_get32(r, head + 4) : 0;
    uint32_t front = section ? 12 : 8;
    if (n >= 8) r->type = reader_get32(r, head);
    if (n >= front && total >= front + 4 && total <= LARGEST_BLOCK) {
        const uint8_t *block = input_take(r->in, total);
        if (!block) return reader_damaged(r, "ends in the middle of a block");
        r->body = block + front;
        r->body_len = total - front - 4;
        return DW_OK;
    }
    const char *what = n < front ? "ends in the middle of a block" : "has a damaged block";
    return reader_damaged(r, what);
}

/* pcapng's IDB.  Its units of time are a power of ten or, with the highest bit, of two; one that
 * does not fit in 64 bits is taken for a microsecond, as where none is said (if_tsresol). */
static int read_interface(reader *r)
{
    uint16_t len;
    if (r->interface_count == r->interface_capacity) {
        uint32_t capacity = r->interface_capacity ? 2 * r->interface_capacity : 8;
        reader_interface *grown = realloc(r->interfaces, capacity * sizeof *grown);
        if (!grown) return DW_E_NOMEM;
        r->interfaces = grown;
        r->interface_capacity = capacity;
    }
    reader_interface *i = &r->interfaces[r->interface_count++];
    *i = (reader_interface){.link = UINT32_MAX, .units = 1000000};
    if (r->body_len >= 8) {
        i->link = reader_get16(r, r->body);
        i->snap = reader_get32(r, r->body + 4);
    }
    const uint8_t *resolution = find_option(r, 8, OPT_IF_TSRESOL, &len);
    if (resolution && len == 1 && (*resolution & 0x7f) <= (*resolution & 0x80 ? 40 : 12)) {
        i->units = 1;
        for (int k = 0; k < (*resolution & 0x7f); k++)
            i->units *= *resolution & 0x80 ? 2 : 10;
    }
    const uint8_t *offset = find_option(r, 8, OPT_IF_TSOFFSET, &len);
    if (offset && len == 8) {
        const uint8_t *high = r->big ? offset : offset + 4;
        const uint8_t *low = r->big ? offset + 4 : offset;
        i->offset = (int64_t)((uint64_t)reader_get32(r, high) << 32 | reader_get32(r, low));
    }
    return DW_OK;
}

/* Later, or earlier than the epoch, no packet can have been captured: half the range of dw_time, so
 * that the time between any two can be told. */
#define LATEST (DW_TIME_NEVER / 2)

/* -1: out of that range. */
static dw_time time_of(const reader_interface *i, uint64_t ticks)
{
    __extension__ typedef __int128 wide;
    wide ns = (wide)i->offset * DW_SECOND + (wide)ticks * DW_SECOND / (wide)i->units;
    return ns < 0 || ns > LATEST ? -1 : (dw_time)ns;
}

/* Enhanced Packet Block and the Packet Block before it, whose interface has 16 bits and shares its
 * word with a count of drops. */
static int read_packet(reader *r, frame *out)
{
    enum { FRONT = 20 };
    const uint8_t *h = r->body;
    if (r->body_len < FRONT) return reader_damaged(r, "has a damaged packet");
    uint32_t id = r->type == BLOCK_PACKET ? reader_get32(r, h) : reader_get16(r, h);
    uint32_t have = reader_get32(r, h + 12);
    if (id >= r->interface_count || have > r->body_len - FRONT)
        return reader_damaged(r, "has a damaged packet");
    const reader_interface *i = &r->interfaces[id];
    out->at = time_of(i, (uint64_t)reader_get32(r, h + 4) << 32 | reader_get32(r, h + 8));
    if (out->at < 0) return reader_damaged(r, "has a packet from before 1970 or after 2116");
    out->link = i->link;
    out->interface = (uint16_t)id;
    out->bytes = h + FRONT;
    out->have = have;
    out->len = reader_get32(r, h + 16);
    if (out->len < have) out->len = have;
    out->comment =
        find_option(r, FRONT + ((have + (size_t)3) & ~(size_t)3), OPT_COMMENT, &out->comment_len);
    return DW_OK;
}

/* Without a time of its own: as late as the one before. */
static int read_simple_packet(reader *r, frame *out)
{
    if (r->body_len < 4 || r->interface_count == 0)
        return reader_damaged(r, "has a damaged packet");
    uint32_t len = reader_get32(r, r->body), have = (uint32_t)r->body_len - 4;
    uint32_t snap = r->interfaces[0].snap;
    if (have > len) have = len;
    if (snap && have > snap) have = snap;
    *out = (frame){.at = r->last,
                   .link = r->interfaces[0].link,
                   .bytes = r->body + 4,
                   .have = have,
                   .len = len};
    return DW_OK;
}

static int read_names(const reader *r)
{
    int status = DW_OK;
    for (size_t at = 0; r->names && status == DW_OK && at + 4 <= r->body_len;) {
        uint16_t type = reader_get16(r, r->body + at), len = reader_get16(r, r->body + at + 2);
        if (type == 0 || at + 4 + len > r->body_len) break;
        if (type == RECORD_IPV4 || type == RECORD_IPV6)
            status = names_add(r->names, r->body + at + 4, len, type == RECORD_IPV6);
        at += 4u + ((len + 3u) & ~3u);
    }
    return status;
}

/* A new major version means that what follows cannot be read by those who know the old one. */
static int read_section(reader *r)
{
    unsigned major = r->body_len >= 12 ? reader_get16(r, r->body) : 0;
    char what[80];
    if (major == 1) return DW_OK;
    snprintf(what, sizeof what, "has a section of pcapng version %u, which is unknown", major);
    return reader_damaged(r, what);
}

int pcapng_next(reader *r, frame *out)
{
    for (;;) {
        int status = next_block(r);
        if (status != DW_OK) return status;
        switch (r->type) {
        case BLOCK_SECTION: status = read_section(r); break;
        case BLOCK_INTERFACE: status = read_interface(r); break;
        case BLOCK_OLD_PACKET:
        case BLOCK_PACKET: return read_packet(r, out);
        case BLOCK_SIMPLE: return read_simple_packet(r, out);
        case BLOCK_NAMES: status = read_names(r); break;
        default: break; /* readers pass over blocks that they do not know */
        }
        if (status != DW_OK) return status;
    }
}
