/* Internet checksums (RFC 1071), of bytes and of packets. */
#include "drywire/plugin.h"

uint64_t dw_checksum_add(uint64_t sum, const uint8_t *bytes, size_t len, bool odd)
{
    uint64_t part = 0;
    size_t i = 0;
    for (; i + 1 < len; i += 2)
        part += dw_get16(bytes + i);
    if (i < len) part += (uint64_t)bytes[i] << 8;
    if (odd) {
        uint16_t folded = dw_checksum_fold(part);
        part = (uint16_t)(folded << 8 | folded >> 8);
    }
    return sum + part;
}

uint16_t dw_checksum_fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static uint64_t payload_sum(const dw_packet *p, uint64_t sum, bool odd)
{
    uint8_t block[2048];
    for (uint32_t at = 0; at < p->payload_len; at += sizeof block) {
        uint32_t len = p->payload_len - at;
        if (len > sizeof block) len = sizeof block;
        dw_packet_copy_payload(p, at, len, block);
        sum = dw_checksum_add(sum, block, len, odd);
    }
    return sum;
}

/* RFC 768: a zero means that there is no checksum, so one that comes out as zero is sent as all
 * ones.  That is only so where the field is at octet 6 of its header. */
uint16_t dw_checksum_field(uint64_t sum, size_t offset)
{
    enum { WHERE_ZERO_MEANS_NONE = 6 };
    uint16_t value = (uint16_t)~dw_checksum_fold(sum);
    return value || offset != WHERE_ZERO_MEANS_NONE ? value : 0xffff;
}

void dw_packet_complete_checksum(dw_packet *p)
{
    if (p->checksum != DW_CHECKSUM_PARTIAL) return;
    uint32_t head = (uint32_t)p->head_end - p->checksum_start;
    uint64_t sum = dw_checksum_add(0, p->head + p->checksum_start, head, false);
    sum = payload_sum(p, sum, head & 1);
    dw_put16(p->head + p->checksum_at, dw_checksum_field(sum, p->checksum_at - p->checksum_start));
    p->checksum = DW_CHECKSUM_COMPLETE;
}

bool dw_packet_verify_checksum(const dw_packet *p, uint64_t pseudo, uint32_t start)
{
    if (p->checksum == DW_CHECKSUM_PARTIAL) return true;
    uint32_t head = (uint32_t)p->head_end - start;
    uint64_t sum = dw_checksum_add(pseudo, p->head + start, head, false);
    return dw_checksum_fold(payload_sum(p, sum, head & 1)) == 0xffff;
}
