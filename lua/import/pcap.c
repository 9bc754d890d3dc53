/* pcap: a header, then packets (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap).  A file
 * that was cut short or damaged is read as far as it goes. */
#include "reader.h"

/* As they stand in a big-endian file. */
static const uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d,
                      modified = 0xa1b2cd34; /* Kuznetsov's: eight octets more a packet */

static uint32_t turned(uint32_t n)
{
    return n >> 24 | (n >> 8 & 0xff00) | (n << 8 & 0xff0000) | n << 24;
}

static bool is_magic(uint32_t n)
{
    return n == microseconds || n == nanoseconds || n == modified;
}

bool pcap_knows(uint32_t magic)
{
    return is_magic(magic) || is_magic(turned(magic));
}

int pcap_open(reader *r, uint32_t magic)
{
    enum { HEADER = 24, LINK_AT = 20, RECORD = 16, MODIFIED_RECORD = 24 };
    const uint8_t *head = input_take(r->in, HEADER);
    r->big = is_magic(magic);
    if (!r->big) magic = turned(magic);
    if (!head) return reader_damaged(r, "ends in the middle of its header");
    r->nanoseconds = magic == nanoseconds;
    r->record = magic == modified ? MODIFIED_RECORD : RECORD;
    /* The upper bits tell the length of a checksum behind each frame; IP's own length does, too. */
    r->link = reader_get32(r, head + LINK_AT) & 0x0fffffff;
    return DW_OK;
}

int pcap_next(reader *r, frame *out)
{
    size_t n;
    const uint8_t *record = input_take(r->in, r->record);
    if (!record) {
        input_peek(r->in, 1, &n);
        if (n == 0 && !input_damage(r->in) && input_status(r->in) == DW_OK) return DW_E_NOENT;
        return reader_damaged(r, "ends in the middle of a packet");
    }
    dw_time part = reader_get32(r, record + 4);
    out->at = (dw_time)reader_get32(r, record) * DW_SECOND + (r->nanoseconds ? part : part * 1000);
    out->link = r->link;
    out->have = reader_get32(r, record + 8);
    out->len = reader_get32(r, record + 12);
    if (r->record > 16) out->interface = (uint16_t)reader_get32(r, record + 16);
    if (out->have > LARGEST_PACKET)
        return reader_damaged(r, "has a packet of an impossible length");
    out->bytes = input_take(r->in, out->have);
    if (!out->bytes) return reader_damaged(r, "ends in the middle of a packet");
    if (out->len < out->have) out->len = out->have;
    return DW_OK;
}
