/* IEEE 802.11 frames, as monitor mode captures them. */
#include "layers.h"

/* IEEE 802.11 9.2.3: the length of a data frame's header. */
static uint32_t header_length(const uint8_t *b)
{
    enum { TO_AND_FROM = 3, QOS = 0x80, ORDER = 0x80 };
    uint32_t len = 24;
    if ((b[1] & TO_AND_FROM) == TO_AND_FROM) len += 6; /* a fourth address */
    if (!(b[0] & QOS)) return len;
    len += 2;
    return b[1] & ORDER ? len + 4 : len; /* HT control */
}

/* Of an aggregate the first frame alone is read: it has a header of its own, two addresses and a
 * length. */
enum captured_kind wifi_content(piece *p, bool padded)
{
    enum { TYPE = 0x0c, DATA = 0x08, NO_DATA = 0x40, QOS = 0x80, PROTECTED = 0x40, AMSDU = 0x80 };
    if (p->have < 2) return KIND_CUT;
    const uint8_t *b = p->bytes;
    uint32_t len = header_length(b);
    bool to_and_from = (b[1] & 3) == 3;
    if ((b[0] & TYPE) != DATA || b[0] & NO_DATA) return KIND_CONTROL;
    if (b[1] & PROTECTED) return KIND_ENCRYPTED;
    if (p->have < len) return KIND_CUT;
    bool aggregate = b[0] & QOS && b[to_and_from ? 30 : 24] & AMSDU;
    if (padded) len = (len + 3) & ~3u;
    if (!piece_skip(p, len) || (aggregate && !piece_skip(p, 14))) return KIND_CUT;
    return llc_content(p);
}

/* http://www.radiotap.org: version, pad, length, then words of what is present, the last of which
 * has no bit 31; the first fields are a time of 8 octets, aligned so, and flags. */
enum captured_kind radiotap_content(piece *p)
{
    enum { TIME = 1, FLAGS = 2, DATA_PADDED = 0x20 };
    if (p->have < 8) return KIND_CUT;
    const uint8_t *b = p->bytes;
    uint32_t len = (uint32_t)b[3] << 8 | b[2], at = 4;
    if (b[0] != 0 || len < 8) return KIND_DAMAGED;
    if (len > p->have) return KIND_CUT;
    while (at + 8 <= len && b[at + 3] & 0x80)
        at += 4;
    at += 4;
    if (b[4] & TIME) at = ((at + 7) & ~7u) + 8;
    bool padded = b[4] & FLAGS && at < len && b[at] & DATA_PADDED;
    piece_skip(p, len);
    return wifi_content(p, padded);
}

/* AVS tells its length behind its magic, big-endian; Prism's is little-endian or, on the machines
 * that made it, the other way round. */
enum captured_kind prism_content(piece *p)
{
    enum { LARGEST = 1024 };
    if (p->have < 8) return KIND_CUT;
    const uint8_t *b = p->bytes;
    uint32_t len = dw_get32(b + 4);
    if (len > LARGEST)
        len = (uint32_t)b[7] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[5] << 8 | b[4];
    if (len < 8 || len > LARGEST) return KIND_DAMAGED;
    return piece_skip(p, len) ? wifi_content(p, false) : KIND_CUT;
}
