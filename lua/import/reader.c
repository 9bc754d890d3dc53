/* The frames of a file, in whichever of both formats.
 *
 * libpcap is not used because it passes over names and comments, and refuses files whose interfaces
 * differ in kind, as those of Wireshark's "any" do. */
#include "reader.h"

#include <stdlib.h>

enum { SECTION = 0x0a0d0d0a };

/* A pipe is copied only when it is known to hold a capture: what else comes out of one may have no
 * end. */
int reader_open(reader *r, input *in, capture *names, char *why, size_t size)
{
    enum { LOOKED_AT = 4096 };
    size_t n;
    *r = (reader){.in = in, .names = names};
    const uint8_t *b = input_peek(in, LOOKED_AT, &n);
    uint32_t magic = n >= 4 ? dw_get32(b) : 0;
    r->ng = magic == SECTION;
    const char *damage = input_damage(in);
    int status = input_status(in);
    if (status == DW_OK && n == 0 && damage) {
        snprintf(why, size, "%s %s", input_path(in), damage);
        return DW_E_FORMAT;
    }
    if (status == DW_OK && !r->ng && !pcap_knows(magic)) return reader_not_ours(r, b, n, why, size);
    if (status == DW_OK) status = input_spool(in, why, size);
    if (status == DW_OK && !r->ng) status = pcap_open(r, magic);
    return status == DW_E_NOENT ? DW_OK : status;
}

int reader_next(reader *r, frame *out)
{
    if (*r->damage) return DW_E_NOENT;
    *out = (frame){0};
    int status = r->ng ? pcapng_next(r, out) : pcap_next(r, out);
    if (status != DW_OK) return status;
    out->number = ++r->frames;
    r->last = out->at;
    return DW_OK;
}

void reader_close(reader *r)
{
    free(r->interfaces);
    r->interfaces = NULL;
}
