/* Octets that grow. */
#include "deal.h"

#include <stdlib.h>
#include <string.h>

static bool grow(dw_octets *o, size_t len)
{
    if (o->room - o->len >= len) return true;
    size_t room = o->room ? o->room : 256;
    while (room - o->len < len) {
        if (room > SIZE_MAX / 2) return false;
        room *= 2;
    }
    char *data = realloc(o->data, room);
    if (!data) return false;
    o->data = data;
    o->room = room;
    return true;
}

char *dw_octets_more(dw_octets *o, size_t len)
{
    o->no_memory |= !grow(o, len);
    if (o->no_memory) return NULL;
    o->len += len;
    return o->data + o->len - len;
}

void dw_octets_add(dw_octets *o, const void *data, size_t len)
{
    char *at = len > 0 ? dw_octets_more(o, len) : NULL;
    if (at) memcpy(at, data, len);
}

void dw_octets_free(dw_octets *o)
{
    free(o->data);
    *o = (dw_octets){0};
}
