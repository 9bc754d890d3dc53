/* Names and texts of a capture.  A file may hold anything; what is no UTF-8, and what would steer a
 * terminal, becomes U+FFFD here, so that names and comments can go wherever text goes. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

/* The octets of a character as its first one has it (RFC 3629 section 3); 0: none begins so. */
static size_t announced(uint8_t first)
{
    if (first < 0x80) return 1;
    if (first >> 5 == 6) return 2;
    if (first >> 4 == 14) return 3;
    return first >> 3 == 30 ? 4 : 0;
}

/* How many octets the character at the front has (RFC 3629), or 0: there is none. */
static size_t character(const uint8_t *b, size_t n, bool lines)
{
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = announced(b[0]);
    if (len == 0 || len > n) return 0;
    if (len == 1) return (b[0] >= ' ' && b[0] != 0x7f) || (lines && b[0] == '\n');
    uint32_t code = b[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (b[i] >> 6 != 2) return 0;
        code = code << 6 | (b[i] & 0x3fu);
    }
    bool surrogate = code >= 0xd800 && code < 0xe000, control = code < 0xa0;
    return code < min[len] || code > 0x10ffff || surrogate || control ? 0 : len;
}

char *text_copy(const uint8_t *bytes, size_t len, bool lines)
{
    static const char unknown[] = "\xef\xbf\xbd";
    char *out = malloc(3 * len + 1);
    size_t used = 0;
    for (size_t at = 0; out && at < len && bytes[at];) {
        size_t n = character(bytes + at, len - at, lines);
        const char *from = n > 0 ? (const char *)bytes + at : unknown;
        size_t len_out = n > 0 ? n : sizeof unknown - 1;
        memcpy(out + used, from, len_out);
        used += len_out;
        at += n > 0 ? n : 1;
    }
    if (out) out[used] = 0;
    return out;
}

int names_add(capture *c, const uint8_t *record, size_t len, bool six)
{
    size_t size = six ? 16 : 4;
    const uint8_t *text = record + size;
    if (len <= size || !memchr(text, 0, len - size) || !*text) return DW_OK;
    if (c->name_count == c->name_capacity) {
        size_t capacity = c->name_capacity ? 2 * c->name_capacity : 16;
        captured_name *grown = realloc(c->names, capacity * sizeof *grown);
        if (!grown) return DW_E_NOMEM;
        c->names = grown;
        c->name_capacity = capacity;
    }
    captured_name *n = &c->names[c->name_count];
    *n = (captured_name){.addr.family = six ? 6 : 4,
                         .order = c->name_count,
                         .name = text_copy(text, len - size, false)};
    for (size_t i = 0; i < size / 4; i++)
        n->addr.word[i] = dw_get32(record + 4 * i);
    if (!n->name) return DW_E_NOMEM;
    c->name_count++;
    return DW_OK;
}

static int by_address(const void *a, const void *b)
{
    const captured_name *x = a, *y = b;
    int order = memcmp(&x->addr, &y->addr, sizeof x->addr);
    if (order != 0) return order;
    return x->order < y->order ? -1 : x->order > y->order;
}

void names_sort(capture *c)
{
    size_t kept = 0;
    if (c->name_count > 0) qsort(c->names, c->name_count, sizeof *c->names, by_address);
    for (size_t i = 0; i < c->name_count; i++) {
        if (kept > 0 && dw_addr_equal(&c->names[kept - 1].addr, &c->names[i].addr))
            free(c->names[i].name);
        else
            c->names[kept++] = c->names[i];
    }
    c->name_count = kept;
}

const char *capture_name(const capture *c, const dw_addr *addr)
{
    size_t low = 0, high = c->name_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(&c->names[middle].addr, addr, sizeof *addr);
        if (order == 0) return c->names[middle].name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
