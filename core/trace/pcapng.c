/* pcapng, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng: nanosecond times, names of
 * hosts, comments that carry the causes.
 *
 * Of Ethernet frames, an interface for each end of a link.  Packets without a link header have one
 * interface alone, since libpcap takes a second one of type RAW for another type than the first. */
#include "capture.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    OPT_END = 0,
    OPT_COMMENT = 1,
    OPT_IF_NAME = 2,
    OPT_IF_MACADDR = 6,
    OPT_IF_TSRESOL = 9,
    OPT_SHB_APPLICATION = 4,
    OPT_EPB_FLAGS = 2,
    RECORD_IPV4 = 1,
    RECORD_IPV6 = 2
};

static void pad(dw_capture_block *b)
{
    static const uint8_t zero[4];
    dw_capture_put(b, zero, (4 - b->len % 4) % 4);
}

static void option(dw_capture_block *b, uint16_t code, const void *value, size_t len)
{
    dw_capture_put16(b, code);
    dw_capture_put16(b, (uint16_t)len);
    dw_capture_put(b, value, len);
    pad(b);
}

static void begin(dw_capture_block *b, uint32_t type)
{
    b->len = 0;
    dw_capture_put32(b, type);
    dw_capture_put32(b, 0); /* the length, filled in at the end */
}

static void finish(dw_capture_block *b, dw_output *out)
{
    uint32_t len = (uint32_t)b->len + 4;
    dw_capture_put32(b, len);
    if (b->failed) return;
    for (int i = 0; i < 4; i++)
        b->data[4 + i] = (uint8_t)(len >> (8 * i));
    dw_output_write(out, b->data, b->len);
}

static void section(dw_capture_block *b, dw_output *out)
{
    static const char application[] = "drywire " DW_VERSION;
    begin(b, BLOCK_SECTION);
    dw_capture_put32(b, 0x1a2b3c4d);
    dw_capture_put16(b, 1);
    dw_capture_put16(b, 0);
    dw_capture_put32(b, UINT32_MAX);
    dw_capture_put32(b, UINT32_MAX);
    option(b, OPT_SHB_APPLICATION, application, sizeof application - 1);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}

static void interface(dw_capture_block *b, dw_output *out, uint16_t linktype, const char *name,
                      const uint8_t *mac)
{
    uint8_t nanoseconds = 9;
    begin(b, BLOCK_INTERFACE);
    dw_capture_put16(b, linktype);
    dw_capture_put16(b, 0);
    dw_capture_put32(b, DW_CAPTURE_SNAPLEN);
    option(b, OPT_IF_NAME, name, strlen(name));
    if (mac) option(b, OPT_IF_MACADDR, mac, DW_MAC);
    option(b, OPT_IF_TSRESOL, &nanoseconds, 1);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}

static void end_of_link(dw_capture_block *b, dw_output *out, const dw_trace *trace, uint32_t link,
                        int end)
{
    char name[200];
    uint8_t mac[DW_MAC];
    const dw_trace_event *made = trace->links[link];
    uint32_t here = end ? made->u.link.b : made->u.link.a;
    uint32_t there = end ? made->u.link.a : made->u.link.b;
    snprintf(name, sizeof name, "%s to %s", dw_trace_node_name(trace, here),
             dw_trace_node_name(trace, there));
    dw_capture_mac(link, here, mac);
    interface(b, out, DW_LINKTYPE_ETHERNET, name, mac);
}

static void names(dw_capture_block *b, dw_output *out, const dw_trace *trace)
{
    begin(b, BLOCK_NAMES);
    for (uint32_t i = 0; i < trace->node_count; i++) {
        if (!trace->nodes[i] || trace->nodes[i]->u.node.addr.family == 0) continue;
        const char *name = trace->nodes[i]->u.node.name;
        const dw_addr *a = &trace->nodes[i]->u.node.addr;
        uint16_t size = a->family == 6 ? 16 : 4;
        uint8_t addr[16];
        for (int w = 0; w < size / 4; w++)
            dw_put32(addr + 4 * w, a->word[w]);
        dw_capture_put16(b, a->family == 6 ? RECORD_IPV6 : RECORD_IPV4);
        dw_capture_put16(b, (uint16_t)(size + strlen(name) + 1));
        dw_capture_put(b, addr, size);
        dw_capture_put(b, name, strlen(name) + 1);
        pad(b);
    }
    dw_capture_put32(b, 0); /* end of records */
    finish(b, out);
}

void dw_pcapng_begin(dw_capture_block *b, dw_output *out, const dw_trace *trace, uint16_t linktype)
{
    bool one = linktype == DW_LINKTYPE_RAW || trace->link_count == 0;
    section(b, out);
    if (one) interface(b, out, linktype, "every link", NULL);
    for (uint32_t i = 0; i < trace->link_count && !one; i++)
        for (int end = 0; end < 2; end++)
            end_of_link(b, out, trace, i, end);
    names(b, out, trace);
}

/* An enhanced packet block. */
void dw_pcapng_frame(dw_capture_block *b, dw_output *out, const dw_capture_frame *f,
                     uint16_t linktype)
{
    uint8_t flags[4] = {f->inbound ? 1 : 2, 0, 0, 0};
    begin(b, BLOCK_PACKET);
    dw_capture_put32(b, linktype == DW_LINKTYPE_RAW ? 0 : f->link * 2 + f->end);
    dw_capture_put32(b, (uint32_t)(f->at_ns >> 32));
    dw_capture_put32(b, (uint32_t)f->at_ns);
    dw_capture_put32(b, f->captured);
    dw_capture_put32(b, f->len);
    dw_capture_put(b, f->bytes, f->captured);
    pad(b);
    if (*f->comment) option(b, OPT_COMMENT, f->comment, strlen(f->comment));
    option(b, OPT_EPB_FLAGS, flags, 4);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}
