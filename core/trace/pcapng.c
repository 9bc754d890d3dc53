/* Captures for Wireshark: pcapng with nanosecond times, one interface for each end of a link, and
 * comments that carry the causes.  Checksums are filled in as a network card would. */
#include "base/output.h"
#include "packets.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    LINKTYPE_RAW = 101, /* the packet begins with its IP header */
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    SNAPLEN = 262144,
    OPT_END = 0,
    OPT_COMMENT = 1,
    OPT_IF_NAME = 2,
    OPT_IF_TSRESOL = 9,
    OPT_SHB_APPLICATION = 4,
    OPT_EPB_FLAGS = 2,
    RECORD_IPV4 = 1,
    RECORD_IPV6 = 2
};

typedef struct block {
    uint8_t *data;
    size_t len, cap;
    bool failed;
} block;

static void put(block *b, const void *data, size_t len)
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

/* Little-endian on every machine: the file is the same everywhere. */
static void put32(block *b, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    put(b, bytes, 4);
}

static void put16(block *b, uint16_t v)
{
    uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    put(b, bytes, 2);
}

static void pad(block *b)
{
    static const uint8_t zero[4];
    put(b, zero, (4 - b->len % 4) % 4);
}

static void option(block *b, uint16_t code, const void *value, size_t len)
{
    put16(b, code);
    put16(b, (uint16_t)len);
    put(b, value, len);
    pad(b);
}

static void begin(block *b, uint32_t type)
{
    b->len = 0;
    put32(b, type);
    put32(b, 0); /* the length, filled in at the end */
}

static void finish(block *b, dw_output *out)
{
    uint32_t len = (uint32_t)b->len + 4;
    put32(b, len);
    if (b->failed) return;
    for (int i = 0; i < 4; i++)
        b->data[4 + i] = (uint8_t)(len >> (8 * i));
    dw_output_write(out, b->data, b->len);
}

static void section(block *b, dw_output *out)
{
    static const char application[] = "drywire " DW_VERSION;
    begin(b, BLOCK_SECTION);
    put32(b, 0x1a2b3c4d);
    put16(b, 1);
    put16(b, 0);
    put32(b, UINT32_MAX);
    put32(b, UINT32_MAX);
    option(b, OPT_SHB_APPLICATION, application, sizeof application - 1);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}

/* Where all packets are of one version, its own type: libpcap reads RAW from one interface only. */
static uint16_t link_type(const dw_trace *trace)
{
    bool four = false, six = false;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_SENT || e->u.packet.head_len == 0) continue;
        four |= e->u.packet.head[0] >> 4 == 4;
        six |= e->u.packet.head[0] >> 4 != 4;
    }
    if (four && six) return LINKTYPE_RAW;
    return six ? LINKTYPE_IPV6 : LINKTYPE_IPV4;
}

static void interface(block *b, dw_output *out, const dw_trace *trace, const dw_trace_event *link,
                      uint16_t type, int end)
{
    char name[200];
    uint32_t here = end ? link->u.link.b : link->u.link.a;
    uint32_t there = end ? link->u.link.a : link->u.link.b;
    snprintf(name, sizeof name, "%s to %s", dw_trace_node_name(trace, here),
             dw_trace_node_name(trace, there));
    uint8_t nanoseconds = 9;
    begin(b, BLOCK_INTERFACE);
    put16(b, type);
    put16(b, 0);
    put32(b, SNAPLEN);
    option(b, OPT_IF_NAME, name, strlen(name));
    option(b, OPT_IF_TSRESOL, &nanoseconds, 1);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}

static void names(block *b, dw_output *out, const dw_trace *trace)
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
        put16(b, a->family == 6 ? RECORD_IPV6 : RECORD_IPV4);
        put16(b, (uint16_t)(size + strlen(name) + 1));
        put(b, addr, size);
        put(b, name, strlen(name) + 1);
        pad(b);
    }
    put32(b, 0); /* end of records */
    finish(b, out);
}

/* The packets of the trace, and what each carried when it last changed. */
typedef struct contents {
    dw_packet_view *views;
    size_t count;
    const dw_trace_event **last; /* of each: with head, slices and checksum */
} contents;

void dw_trace_fill_checksum(uint8_t *bytes, size_t len, const dw_trace_event *e)
{
    if (e->u.packet.checksum != DW_CHECKSUM_PARTIAL) return;
    size_t start = e->u.packet.checksum_start, at = e->u.packet.checksum_at;
    if (start > len || at + 2 > len) return;
    uint64_t sum = dw_checksum_add(0, bytes + start, len - start, false);
    dw_put16(bytes + at, dw_checksum_field(sum, at - start));
}

/* An enhanced packet block.  The header is that of this event, the data of `body`: the last event
 * of the packet that had any. */
static void packet(block *b, dw_output *out, const dw_trace_event *e, const dw_trace_event *body,
                   uint32_t interface_id, bool inbound, const char *comment)
{
    uint32_t payload = 0;
    for (int i = 0; i < body->u.packet.slice_count; i++)
        payload += body->u.packet.slices[i].len;
    uint32_t len = e->u.packet.head_len + payload;
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) {
        b->failed = true;
        return;
    }
    memcpy(bytes, e->u.packet.head, e->u.packet.head_len);
    uint8_t *at = bytes + e->u.packet.head_len;
    for (int i = 0; i < body->u.packet.slice_count; i++) {
        dw_slice_copy(&body->u.packet.slices[i], at);
        at += body->u.packet.slices[i].len;
    }
    dw_trace_fill_checksum(bytes, len, e);
    begin(b, BLOCK_PACKET);
    put32(b, interface_id);
    put32(b, (uint32_t)((uint64_t)e->at >> 32));
    put32(b, (uint32_t)e->at);
    put32(b, len);
    put32(b, len);
    put(b, bytes, len);
    pad(b);
    free(bytes);
    if (*comment) option(b, OPT_COMMENT, comment, strlen(comment));
    uint8_t flags[4] = {inbound ? 1 : 2, 0, 0, 0};
    option(b, OPT_EPB_FLAGS, flags, 4);
    option(b, OPT_END, NULL, 0);
    finish(b, out);
}

/* "; likely lost: sent again in #9", of what was inferred.  Returns its length. */
static int comment_on_fate(const dw_packet_view *v, char *buf, size_t size)
{
    char shown[200];
    bool unknown = v->unknown_at >= 0;
    if (v->fate_certainty == DW_OBSERVED && !unknown) return 0;
    dw_view_shown(v, shown, sizeof shown);
    const char *colon = *shown ? ": " : "", *sure = "certainly";
    if (unknown) return snprintf(buf, size, "; unknown whether it arrived%s%s", colon, shown);
    if (v->fate_certainty == DW_LIKELY) sure = "likely";
    return snprintf(buf, size, "; %s %s%s%s", sure, dw_view_fate(v), colon, shown);
}

/* The comment of a packet: why it was sent, what became of it, and the state changes that follow
 * it at once on the same host. */
static void comment_on(const dw_trace *trace, size_t index, const dw_packet_view *v, char *buf,
                       size_t size)
{
    const dw_trace_event *e = dw_trace_at(trace, index);
    const char *cause = e->cause && !dw_trace_is_fate(e) ? e->cause->name : "";
    int n =
        snprintf(buf, size, "#%llu%s%s", (unsigned long long)e->packet, *cause ? " " : "", cause);
    if (n > 0 && (size_t)n < size) n += comment_on_fate(v, buf + n, size - (size_t)n);
    for (size_t i = index + 1; i < dw_trace_count(trace) && n > 0 && (size_t)n < size; i++) {
        const dw_trace_event *next = dw_trace_at(trace, i);
        if (next->at != e->at) return;
        if (next->type == DW_TRACE_DROPPED && next->packet == e->packet && !next->certainty)
            n += snprintf(buf + n, size - (size_t)n, "; dropped: %s",
                          next->cause ? next->cause->name : "lost");
        else if (next->type == DW_TRACE_STATE && next->node == e->node &&
                 e->type == DW_TRACE_DELIVERED)
            n += snprintf(buf + n, size - (size_t)n, "; %s -> %s", next->u.state.from,
                          next->u.state.to);
        else if (next->type == DW_TRACE_SENT || next->type == DW_TRACE_DELIVERED ||
                 next->type == DW_TRACE_CALL)
            return;
    }
}

/* Without a node, every packet appears once, on the interface through which it left its sender: so
 * an analyser sees one copy of each and calls none of them a retransmission that is none.  With a
 * node, the file is what a capture on that host would hold. */
static bool captured(const dw_trace_event *e, const dw_trace_event *last, int32_t node)
{
    if (e->link == UINT32_MAX) return false;
    if (node >= 0)
        return (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DELIVERED) &&
               e->node == (uint32_t)node;
    return (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED) && !last;
}

static void write_packets(block *b, dw_output *out, const dw_trace *trace, const contents *all,
                          int32_t node)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        const dw_packet_view *v =
            dw_trace_is_packet(e) ? dw_view_numbered(all->views, all->count, e->packet) : NULL;
        if (!v) continue;
        const dw_trace_event **last = &all->last[v - all->views];
        bool wanted = captured(e, *last, node);
        if (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DAMAGED ||
            e->type == DW_TRACE_DUPLICATED)
            *last = e;
        const dw_trace_event *body = *last;
        if (!wanted || !body) continue;
        char comment[256];
        comment_on(trace, i, v, comment, sizeof comment);
        bool inbound = e->type == DW_TRACE_DELIVERED;
        uint32_t end = inbound ? 1u - e->direction : e->direction;
        packet(b, out, e, body, e->link * 2 + end, inbound, comment);
    }
}

/* Interfaces come first, two for each link, so that packets can name them by number; then names,
 * then packets in order of time. */
int dw_trace_pcapng(const dw_trace *trace, const char *path, int32_t node, char *why,
                    size_t why_size)
{
    contents all = {0};
    if (node < -1 || (node >= 0 && (uint32_t)node >= dw_trace_nodes(trace))) {
        snprintf(why, why_size, "cannot write %s: there is no host number %d", path, node);
        return DW_E_INVAL;
    }
    dw_output *out;
    int status = dw_trace_packets(trace, NULL, &all.views, &all.count);
    if (status == DW_OK) all.last = calloc(all.count + 1, sizeof *all.last);
    if (!all.last) {
        free(all.views);
        snprintf(why, why_size, "cannot write %s: out of memory", path);
        return DW_E_NOMEM;
    }
    status = dw_output_open(path, &out, why, why_size);
    if (status != DW_OK) {
        free(all.last);
        free(all.views);
        return status;
    }
    block b = {0};
    uint16_t type = link_type(trace);
    section(&b, out);
    for (uint32_t i = 0; i < trace->link_count; i++)
        for (int end = 0; end < 2; end++)
            interface(&b, out, trace, trace->links[i], type, end);
    names(&b, out, trace);
    write_packets(&b, out, trace, &all, node);
    free(all.last);
    free(all.views);
    free(b.data);
    if (b.failed) dw_output_no_memory(out);
    return dw_output_close(out, why, why_size);
}
