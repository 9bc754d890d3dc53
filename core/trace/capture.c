/* Captures of a trace: which packets, at which place and time, with which octets around them.
 *
 * A sniffer sits at one place.  Were each packet taken where it leaves its sender, acknowledgments
 * would stand in the file long before their receiver can answer them, and an analyser, which judges
 * a retransmission by the time since what asked for it, would call it out of order.  So a pair of
 * hosts is captured at one of them: where the data goes.  Where it comes from, lost segments stand
 * beside their retransmissions, and Wireshark takes that for damage as soon as a dissector waits
 * for the end of something that long (HTTP's, of any data on port 80). */
#include "capture.h"

#include "base/config.h"
#include "base/list.h"
#include "base/map.h"
#include "base/text.h"
#include "packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAC_HEADER = 14,
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_LOCAL = 0x88b5
};

/* Two hosts that have exchanged packets; first: the one that began. */
typedef struct host_pair {
    uint32_t first, second;
    uint64_t octets[2]; /* of data, from the first and from the second */
} host_pair;

/* The packets of the trace, and what each carried when it last changed. */
typedef struct capture {
    const dw_trace *trace;
    dw_capture_config config;
    dw_packet_view *views;
    size_t count;
    const dw_trace_event **last; /* of each: with head, slices and checksum */
    host_pair *pairs;
    uint32_t pair_count;
    dw_map pair_numbers; /* from 1 */
    uint16_t linktype;
    bool ng;
    uint64_t start_ns;
    dw_capture_block block;
    dw_output *out;
} capture;

/* Octets. */

void dw_trace_fill_checksum(uint8_t *bytes, size_t len, const dw_trace_event *e)
{
    if (e->u.packet.checksum != DW_CHECKSUM_PARTIAL) return;
    size_t start = e->u.packet.checksum_start, at = e->u.packet.checksum_at;
    if (start > len || at + 2 > len) return;
    uint64_t sum = dw_checksum_add(0, bytes + start, len - start, false);
    dw_put16(bytes + at, dw_checksum_field(sum, at - start));
}

static void mac_header(const dw_trace *trace, const dw_trace_event *e, uint8_t *out)
{
    const dw_trace_event *link = trace->links[e->link];
    uint32_t from = e->direction ? link->u.link.b : link->u.link.a;
    uint32_t to = e->direction ? link->u.link.a : link->u.link.b;
    uint16_t type = ETHERTYPE_LOCAL;
    if (e->u.packet.head_len && e->u.packet.head[0] >> 4 == 4) type = ETHERTYPE_IPV4;
    if (e->u.packet.head_len && e->u.packet.head[0] >> 4 == 6) type = ETHERTYPE_IPV6;
    dw_capture_mac(e->link, to, out);
    dw_capture_mac(e->link, from, out + DW_MAC);
    dw_put16(out + 2 * DW_MAC, type);
}

/* The header is that of this event, the data of `body`: the last event of the packet that had any.
 * Returns what the caller frees; NULL: no memory. */
static uint8_t *make_frame(const capture *c, const dw_trace_event *e, const dw_trace_event *body,
                           uint32_t *len)
{
    uint32_t front = c->linktype == DW_LINKTYPE_ETHERNET ? MAC_HEADER : 0;
    *len = front + e->u.packet.head_len;
    for (int i = 0; i < body->u.packet.slice_count; i++)
        *len += body->u.packet.slices[i].len;
    uint8_t *bytes = malloc(*len ? *len : 1);
    if (!bytes) return NULL;
    if (front) mac_header(c->trace, e, bytes);
    if (e->u.packet.head_len) memcpy(bytes + front, e->u.packet.head, e->u.packet.head_len);
    uint8_t *at = bytes + front + e->u.packet.head_len;
    for (int i = 0; i < body->u.packet.slice_count; i++) {
        dw_slice_copy(&body->u.packet.slices[i], at);
        at += body->u.packet.slices[i].len;
    }
    dw_trace_fill_checksum(bytes + front, *len - front, e);
    return bytes;
}

/* Comments. */

/* "; likely lost: sent again in #9", of what was inferred, "; dropped: fault-drop" of what is
 * known.  Returns its length. */
static int comment_on_fate(const dw_packet_view *v, char *buf, size_t size)
{
    char shown[200];
    bool unknown = v->unknown_at >= 0;
    if (v->fate_certainty == DW_OBSERVED && !unknown) {
        if (v->lost_at < 0) return 0;
        return snprintf(buf, size, "; dropped: %s", v->drop_cause ? v->drop_cause->name : "lost");
    }
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
    const char *cause = v->cause ? v->cause->name : "";
    int n =
        snprintf(buf, size, "#%llu%s%s", (unsigned long long)e->packet, *cause ? " " : "", cause);
    if (n > 0 && (size_t)n < size) n += comment_on_fate(v, buf + n, size - (size_t)n);
    if (e->type != DW_TRACE_DELIVERED) return;
    for (size_t i = index + 1; i < dw_trace_count(trace) && n > 0 && (size_t)n < size; i++) {
        const dw_trace_event *next = dw_trace_at(trace, i);
        if (next->at != e->at) return;
        if (next->type == DW_TRACE_STATE && next->node == e->node)
            n += snprintf(buf + n, size - (size_t)n, "; %s -> %s", next->u.state.from,
                          next->u.state.to);
        else if (next->type == DW_TRACE_SENT || next->type == DW_TRACE_DELIVERED ||
                 next->type == DW_TRACE_CALL)
            return;
    }
}

/* Which packets. */

static uint64_t pair_hash(const dw_packet_view *v)
{
    uint32_t a = (uint32_t)v->sender, b = (uint32_t)v->to;
    uint64_t key = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    return (key ^ key >> 29) * 0x9e3779b97f4a7c15u;
}

static host_pair *pair_of(const capture *c, const dw_packet_view *v)
{
    uint32_t at = 0, number, a = (uint32_t)v->sender, b = (uint32_t)v->to;
    while ((number = dw_map_next(&c->pair_numbers, pair_hash(v), &at)) != 0) {
        host_pair *p = &c->pairs[number - 1];
        if ((p->first == a && p->second == b) || (p->first == b && p->second == a)) return p;
    }
    return NULL;
}

/* Who sent how much to whom.  false: no memory. */
static bool count_data(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const dw_packet_view *v = &c->views[i];
        if (v->sender < 0 || v->to < 0 || v->copy_of) continue;
        host_pair *p = pair_of(c, v);
        if (!p) {
            host_pair *grown = dw_list_room(c->pairs, c->pair_count, sizeof *grown);
            if (grown) c->pairs = grown;
            if (!grown || !dw_map_room(&c->pair_numbers)) return false;
            p = &c->pairs[c->pair_count++];
            *p = (host_pair){.first = (uint32_t)v->sender, .second = (uint32_t)v->to};
            dw_map_add(&c->pair_numbers, pair_hash(v), c->pair_count);
        }
        p->octets[p->first != (uint32_t)v->sender] += v->d.len;
    }
    return true;
}

static uint32_t place_of(const capture *c, const dw_packet_view *v)
{
    const host_pair *p = v->to >= 0 ? pair_of(c, v) : NULL;
    if (!p) return (uint32_t)v->sender;
    return p->octets[0] > p->octets[1] ? p->second : p->first;
}

/* Both ends of a loopback are one place. */
static bool comes_back(const capture *c, const dw_trace_event *e)
{
    const dw_trace_event *link = c->trace->links[e->link];
    return e->type == DW_TRACE_DELIVERED && link->u.link.a == link->u.link.b;
}

/* At its sender once, before it has been on any link; elsewhere whenever it passes, but at the
 * place of a pair as one of the two only: what a router there forwards belongs to others. */
static bool captured(const capture *c, const dw_trace_event *e, const dw_trace_event *last,
                     const dw_packet_view *v)
{
    uint32_t place = c->config.node;
    if (e->link == UINT32_MAX || comes_back(c, e)) return false;
    switch (c->config.point) {
    case DW_CAPTURE_AT_SENDERS:
        return (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED) && !last;
    case DW_CAPTURE_AT_RECEIVER:
        place = place_of(c, v);
        if (e->type == DW_TRACE_DELIVERED && (int32_t)e->node != v->to) return false;
        if (e->type == DW_TRACE_SENT && (int32_t)e->node != v->sender) return false;
        break;
    case DW_CAPTURE_AT_NODE:
    case DW_CAPTURE_POINTS: break;
    }
    return (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DELIVERED) && e->node == place;
}

static void write_frame(capture *c, size_t index, const dw_packet_view *v,
                        const dw_trace_event *body)
{
    char comment[256];
    const dw_trace_event *e = dw_trace_at(c->trace, index);
    dw_capture_frame f = {.at_ns = c->start_ns + (uint64_t)e->at, .link = e->link};
    uint8_t *bytes = make_frame(c, e, body, &f.len);
    c->block.failed |= !bytes;
    if (!bytes) return;
    comment_on(c->trace, index, v, comment, sizeof comment);
    f.bytes = bytes;
    f.captured = f.len < DW_CAPTURE_SNAPLEN ? f.len : DW_CAPTURE_SNAPLEN;
    f.inbound = e->type == DW_TRACE_DELIVERED;
    f.end = f.inbound ? 1u - e->direction : e->direction;
    f.comment = comment;
    if (c->ng)
        dw_pcapng_frame(&c->block, c->out, &f, c->linktype);
    else
        dw_pcap_frame(&c->block, c->out, &f);
    free(bytes);
}

static void write_frames(capture *c)
{
    for (size_t i = 0; i < dw_trace_count(c->trace); i++) {
        const dw_trace_event *e = dw_trace_at(c->trace, i);
        const dw_packet_view *v =
            dw_trace_is_packet(e) ? dw_view_numbered(c->views, c->count, e->packet) : NULL;
        if (!v) continue;
        const dw_trace_event **last = &c->last[v - c->views];
        bool wanted = captured(c, e, *last, v);
        if (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DAMAGED ||
            e->type == DW_TRACE_DUPLICATED)
            *last = e;
        if (wanted && *last) write_frame(c, i, v, *last);
    }
}

/* What was asked for. */

/* What cannot be asked for is refused before a file is made. */
static int read_config(capture *c, const char *path, const dw_capture_config *config, char *why,
                       size_t why_size)
{
    dw_capture_config *own = &c->config;
    int status = DW_CONFIG_READ(own, config);
    if (status != DW_OK || own->point >= DW_CAPTURE_POINTS || own->format >= DW_CAPTURE_FORMATS ||
        own->link_type >= DW_LINK_TYPES || own->start < 0) {
        snprintf(why, why_size, "cannot write %s: a capture of a kind that is not known", path);
        return DW_E_INVAL;
    }
    if (own->point == DW_CAPTURE_AT_NODE && own->node >= dw_trace_nodes(c->trace)) {
        snprintf(why, why_size, "cannot write %s: there is no host number %u", path, own->node);
        return DW_E_INVAL;
    }
    c->linktype = own->link_type == DW_LINK_RAW ? DW_LINKTYPE_RAW : DW_LINKTYPE_ETHERNET;
    c->ng = own->format == DW_CAPTURE_PCAPNG ||
            (own->format == DW_CAPTURE_BY_NAME && !dw_text_ends(path, ".pcap"));
    c->start_ns = own->start_given ? (uint64_t)own->start : (uint64_t)DW_CAPTURE_START;
    size_t count = dw_trace_count(c->trace);
    uint64_t end = count ? c->start_ns + (uint64_t)dw_trace_at(c->trace, count - 1)->at : 0;
    if (!c->ng && end / DW_SECOND > UINT32_MAX) {
        snprintf(why, why_size,
                 "cannot write %s: a pcap file has no times after February 2106; write pcapng",
                 path);
        return DW_E_INVAL;
    }
    return DW_OK;
}

static bool prepare(capture *c)
{
    if (dw_trace_packets(c->trace, NULL, &c->views, &c->count) != DW_OK) return false;
    c->last = calloc(c->count + 1, sizeof *c->last);
    return c->last && count_data(c);
}

static int write_file(capture *c, const char *path, char *why, size_t why_size)
{
    int status = dw_output_open(path, &c->out, why, why_size);
    if (status != DW_OK) return status;
    if (c->ng)
        dw_pcapng_begin(&c->block, c->out, c->trace, c->linktype);
    else
        dw_pcap_begin(&c->block, c->out, c->linktype);
    write_frames(c);
    if (c->block.failed) dw_output_no_memory(c->out);
    return dw_output_close(c->out, why, why_size);
}

int dw_trace_capture(const dw_trace *trace, const char *path, const dw_capture_config *config,
                     char *why, size_t why_size)
{
    capture c = {.trace = trace};
    int status = read_config(&c, path, config, why, why_size);
    if (status != DW_OK) return status;
    if (prepare(&c)) {
        status = write_file(&c, path, why, why_size);
    } else {
        snprintf(why, why_size, "cannot write %s: out of memory", path);
        status = DW_E_NOMEM;
    }
    free(c.pairs);
    dw_map_free(&c.pair_numbers);
    free(c.last);
    free(c.views);
    free(c.block.data);
    return status;
}
