/* What the formats of captures are written with: octets that grow, and hosts' link addresses. */
#include "capture.h"

#include <stdlib.h>
#include <string.h>

void dw_capture_put(dw_capture_block *b, const void *data, size_t len)
{
    if (b->len + len > b->cap) {
        size_t cap = b->cap ? b->cap : 4096;
        while (cap < b->len + len)
            cap *= 2;
        uint8_t *grown = realloc(b->data, cap);
        if (!grown) {
            b->failed = true;
            return;
        }
        b->data = grown;
        b->cap = cap;
    }
    if (len) memcpy(b->data + b->len, data, len);
    b->len += len;
}

void dw_capture_put32(dw_capture_block *b, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    dw_capture_put(b, bytes, 4);
}

void dw_capture_put16(dw_capture_block *b, uint16_t v)
{
    uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    dw_capture_put(b, bytes, 2);
}

void dw_capture_mac(uint32_t link, uint32_t node, uint8_t mac[DW_MAC])
{
    uint8_t number[4];
    dw_put32(number, node + 1);
    mac[0] = 2;
    dw_put16(mac + 1, (uint16_t)link);
    memcpy(mac + 3, number + 1, 3);
}
