/* The payload of a packet: slices of buffers, put behind its headers, read, and made its own. */
#include "drywire/plugin.h"

#include <stdlib.h>
#include <string.h>

bool dw_packet_append(dw_packet *p, dw_slice slice)
{
    if (slice.len == 0) {
        dw_buf_unref(slice.buf);
        return true;
    }
    if (slice.len > UINT32_MAX - p->payload_len) { /* no memory holds it */
        dw_buf_unref(slice.buf);
        return false;
    }
    dw_slice *last = p->slice_count ? &p->slice[p->slice_count - 1] : NULL;
    if (last && last->buf == slice.buf && last->offset + last->len == slice.offset) {
        last->len += slice.len;
        dw_buf_unref(slice.buf);
    } else {
        if (p->slice_count == DW_PACKET_SLICES && !dw_packet_own_payload(p)) {
            dw_buf_unref(slice.buf);
            return false;
        }
        p->slice[p->slice_count++] = slice;
    }
    p->payload_len += slice.len;
    return true;
}

void dw_packet_copy_payload(const dw_packet *p, uint32_t offset, uint32_t len, uint8_t *out)
{
    for (int i = 0; i < p->slice_count && len > 0; i++) {
        dw_slice part = p->slice[i];
        if (offset >= part.len) {
            offset -= part.len;
            continue;
        }
        part.offset += offset;
        part.len -= offset;
        offset = 0;
        if (part.len > len) part.len = len;
        dw_slice_copy(&part, out);
        out += part.len;
        len -= part.len;
    }
}

uint8_t *dw_packet_own_payload(dw_packet *p)
{
    dw_buf *buf = dw_buf_new(NULL, p->payload_len);
    if (!buf) return NULL;
    dw_packet_copy_payload(p, 0, p->payload_len, buf->bytes);
    for (int i = 0; i < p->slice_count; i++)
        dw_buf_unref(p->slice[i].buf);
    p->slice[0] = (dw_slice){.buf = buf, .len = p->payload_len};
    p->slice_count = 1;
    return buf->bytes;
}

/* Header bytes stand at the end of their room, so they make place by moving forward. */
bool dw_packet_gather(dw_packet *p, uint32_t len)
{
    if (len > p->payload_len || len > p->head_start || len > p->network_at) return false;
    memmove(p->head + p->network_at - len, p->head + p->network_at, p->head_end - p->network_at);
    dw_packet_copy_payload(p, 0, len, p->head + p->head_end - len);
    p->head_start = (uint8_t)(p->head_start - len);
    p->network_at = (uint8_t)(p->network_at - len);
    p->checksum_start = (uint8_t)(p->checksum_start - len);
    p->checksum_at = (uint8_t)(p->checksum_at - len);
    p->payload_len -= len;
    while (len > 0) {
        dw_slice *first = &p->slice[0];
        uint32_t part = first->len < len ? first->len : len;
        first->offset += part;
        first->len -= part;
        len -= part;
        if (first->len > 0) break;
        dw_buf_unref(first->buf);
        p->slice_count--;
        memmove(p->slice, p->slice + 1, p->slice_count * sizeof p->slice[0]);
    }
    return true;
}
