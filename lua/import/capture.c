/* A capture's packets: pcap, and pcapng with its names and comments.
 *
 * libpcap is not used here because it passes over names and comments, and refuses files whose
 * interfaces differ in kind, as those of Wireshark's "any" do. */
#include "import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPT_COMMENT = 1,
    OPT_IF_TSRESOL = 9,
    OPT_IF_TSOFFSET = 14,
    RECORD_IPV4 = 1,
    RECORD_IPV6 = 2,
    LARGEST_BLOCK = 16 << 20,
    LARGEST_PACKET = 256 << 10,
};

/* https://www.tcpdump.org/linktypes.html */
enum link_type {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_LINUX_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_LINUX_SLL2 = 276,
};

/* Link layers: where the IP header begins; -1: this is no IP packet. */

static int32_t after_ethernet(const uint8_t *b, uint32_t n)
{
    uint32_t at = 12;
    while (at + 2 <= n && (dw_get16(b + at) == 0x8100 || dw_get16(b + at) == 0x88a8))
        at += 4; /* VLAN tags */
    if (at + 2 > n) return -1;
    uint16_t type = dw_get16(b + at);
    return type == 0x0800 || type == 0x86dd ? (int32_t)at + 2 : -1;
}

static int32_t header_of_link(uint32_t type, const uint8_t *b, uint32_t n)
{
    switch (type) {
    case LINK_ETHERNET: return after_ethernet(b, n);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6: return 0;
    case LINK_NULL:
    case LINK_LOOP: return 4;
    case LINK_LINUX_SLL: return 16;
    case LINK_LINUX_SLL2: return 20;
    default: return -1;
    }
}

/* Packets. */

static uint32_t ip_length(const uint8_t *b, uint32_t have)
{
    if (have >= 20 && b[0] >> 4 == 4) return dw_get16(b + 2);
    if (have >= 40 && b[0] >> 4 == 6) return dw_get16(b + 4) + 40u;
    return 0;
}

static bool is_fragment(const uint8_t *b)
{
    return b[0] >> 4 == 4 && (dw_get16(b + 6) & 0x3fff) != 0;
}

/* RFC 9293 3.1: over the segment and its pseudo-header, the sum is all ones. */
static bool checksum_is_right(const captured *p)
{
    const dw_dissection *d = &p->d;
    bool four = p->bytes[0] >> 4 == 4;
    uint8_t rest[4] = {0, 6}; /* of the pseudo-header: the protocol, and the length */
    dw_put16(rest + 2, (uint16_t)(p->len - d->transport_at));
    uint64_t sum = dw_checksum_add(0, p->bytes + (four ? 12 : 8), four ? 8 : 32, false);
    sum = dw_checksum_add(sum, rest, sizeof rest, false);
    sum = dw_checksum_add(sum, p->bytes + d->transport_at, p->len - d->transport_at, false);
    return dw_checksum_fold(sum) == 0xffff;
}

static captured *add_packet(capture *c)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 256;
        captured *grown = realloc(c->packets, capacity * sizeof *grown);
        if (!grown) return NULL;
        c->packets = grown;
        c->capacity = capacity;
    }
    captured *p = &c->packets[c->count++];
    *p = (captured){0};
    return p;
}

static void read_packet(capture *c, captured *p, const uint8_t *b, uint32_t have)
{
    p->len = ip_length(b, have);
    if (p->len == 0) {
        c->not_ip++;
        return;
    }
    p->have = have < p->len ? have : p->len; /* Ethernet pads */
    p->bytes = malloc(p->have);
    c->no_memory |= !p->bytes;
    if (!p->bytes) return;
    memcpy(p->bytes, b, p->have);
    if (is_fragment(b)) {
        c->fragments++;
        return;
    }
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
    c->cut += p->have < p->len;
    c->malformed += p->d.malformed != NULL;
    bool tcp = p->d.transport == 6 && p->d.flag_names && !p->d.malformed;
    if (!tcp) p->d.flag_names = NULL;
    if (tcp && p->have == p->len) c->wrong_checksums += !checksum_is_right(p);
}

/* The bytes of a packet as captured on a link of a type. */
static int add_frame(capture *c, uint32_t link, dw_time at, const uint8_t *b, uint32_t have)
{
    captured *p = add_packet(c);
    if (!p) return DW_E_NOMEM;
    p->at = at;
    int32_t header = header_of_link(link, b, have);
    if (header < 0 || (uint32_t)header >= have)
        c->not_ip++;
    else
        read_packet(c, p, b + header, have - (uint32_t)header);
    return DW_OK;
}

static void damaged(capture *c, const char *path, const char *what)
{
    snprintf(c->damage, sizeof c->damage, "%s %s (after %zu packets)", path, what, c->count);
}

/* Numbers in a file, whichever way round they are. */
typedef struct input {
    FILE *file;
    const char *path;
    bool big; /* big-endian */
} input;

static uint32_t get32(const input *in, const uint8_t *at)
{
    if (in->big) return dw_get32(at);
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static uint16_t get16(const input *in, const uint8_t *at)
{
    return (uint16_t)(in->big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

/* pcap: a header, then packets. */

static int read_pcap(input *in, bool nanoseconds, capture *c)
{
    uint8_t head[24], record[16], *bytes = malloc(LARGEST_PACKET);
    int status = bytes ? DW_OK : DW_E_NOMEM;
    if (fread(head + 4, 1, sizeof head - 4, in->file) != sizeof head - 4) {
        damaged(c, in->path, "ends in the middle of its header");
        free(bytes);
        return status;
    }
    uint32_t link = get32(in, head + 20) & 0x0fffffff;
    while (status == DW_OK) {
        size_t n = fread(record, 1, sizeof record, in->file);
        if (n == 0) break;
        uint32_t have = n == sizeof record ? get32(in, record + 8) : 0;
        if (n < sizeof record || have > LARGEST_PACKET || fread(bytes, 1, have, in->file) != have) {
            damaged(c, in->path,
                    have > LARGEST_PACKET ? "has a packet of an impossible length"
                                          : "ends in the middle of a packet");
            break;
        }
        dw_time part = get32(in, record + 4);
        dw_time at = (dw_time)get32(in, record) * DW_SECOND + (nanoseconds ? part : part * 1000);
        status = add_frame(c, link, at, bytes, have);
    }
    free(bytes);
    return status;
}

/* pcapng: blocks. */

typedef struct interface {
    uint32_t link;
    uint64_t units; /* of time, a second */
    int64_t offset; /* seconds */
} interface;

typedef struct blocks {
    input in;
    uint8_t *body;
    size_t len; /* of the body */
    uint32_t type;
    interface *interfaces;
    uint32_t interface_count;
} blocks;

/* An option's value, or NULL; the options begin at `at`. */
static const uint8_t *find_option(const blocks *b, size_t at, uint16_t wanted, uint16_t *len)
{
    while (at + 4 <= b->len) {
        uint16_t code = get16(&b->in, b->body + at);
        *len = get16(&b->in, b->body + at + 2);
        if (code == 0 || at + 4 + *len > b->len) return NULL;
        if (code == wanted) return b->body + at + 4;
        at += 4u + ((*len + 3u) & ~3u);
    }
    return NULL;
}

/* false: there is no further block, or not a whole one. */
static bool next_block(blocks *b, capture *c)
{
    uint8_t head[12];
    size_t n = fread(head, 1, 8, b->in.file);
    if (n == 0) return false;
    if (n == 8 && dw_get32(head) == BLOCK_SECTION) { /* says which way round its numbers are */
        n = fread(head + 8, 1, 4, b->in.file) == 4 ? 8 : 0;
        b->in.big = dw_get32(head + 8) == BYTE_ORDER_MAGIC;
        b->interface_count = 0;
    }
    b->type = get32(&b->in, head);
    uint32_t total = get32(&b->in, head + 4), got = b->type == BLOCK_SECTION ? 12 : 8;
    if (n == 8 && total >= got + 4 && total <= LARGEST_BLOCK) {
        b->len = total - got - 4;
        uint8_t *body = realloc(b->body, b->len + 4);
        if (body) b->body = body;
        c->no_memory |= !body;
        if (body && fread(body, 1, b->len + 4, b->in.file) == b->len + 4) return true;
    }
    damaged(c, b->in.path, "ends in the middle of a block, or has a damaged one");
    return false;
}

static int read_interface(blocks *b)
{
    enum { MOST_INTERFACES = 4096 };
    uint16_t len;
    interface *grown = realloc(b->interfaces, (b->interface_count + 1) * sizeof *grown);
    if (!grown || b->interface_count == MOST_INTERFACES) return DW_E_NOMEM;
    b->interfaces = grown;
    interface *i = &grown[b->interface_count++];
    *i = (interface){.link = b->len >= 8 ? get16(&b->in, b->body) : UINT32_MAX, .units = 1000000};
    const uint8_t *resolution = find_option(b, 8, OPT_IF_TSRESOL, &len);
    if (resolution && len == 1 && (*resolution & 0x7f) <= (*resolution & 0x80 ? 40 : 12)) {
        i->units = 1;
        for (int k = 0; k < (*resolution & 0x7f); k++)
            i->units *= *resolution & 0x80 ? 2 : 10;
    }
    const uint8_t *offset = find_option(b, 8, OPT_IF_TSOFFSET, &len);
    if (offset && len == 8)
        i->offset = (int64_t)((uint64_t)get32(&b->in, offset + (b->in.big ? 0 : 4)) << 32 |
                              get32(&b->in, offset + (b->in.big ? 4 : 0)));
    return DW_OK;
}

static dw_time time_of(const interface *i, uint64_t ticks)
{
    enum { MOST_SECONDS = 1 << 30 };
    uint64_t seconds = ticks / i->units, rest = ticks % i->units;
    uint64_t ns = i->units > 1000000000 ? (uint64_t)((double)rest * 1e9 / (double)i->units)
                                        : rest * 1000000000 / i->units;
    int64_t whole = (int64_t)(seconds > MOST_SECONDS * 8ll ? MOST_SECONDS * 8ll : seconds);
    int64_t offset = i->offset < -MOST_SECONDS || i->offset > MOST_SECONDS ? 0 : i->offset;
    return (whole + offset) * DW_SECOND + (dw_time)ns;
}

static int read_block_packet(blocks *b, capture *c)
{
    uint16_t len;
    const uint8_t *h = b->body;
    uint32_t id = b->len >= 20 ? get32(&b->in, h) : UINT32_MAX;
    uint32_t have = b->len >= 20 ? get32(&b->in, h + 12) : 0;
    if (id >= b->interface_count || have > b->len - 20) {
        damaged(c, b->in.path, "has a damaged packet");
        return DW_OK;
    }
    const interface *i = &b->interfaces[id];
    uint64_t ticks = (uint64_t)get32(&b->in, h + 4) << 32 | get32(&b->in, h + 8);
    int status = add_frame(c, i->link, time_of(i, ticks), h + 20, have);
    const uint8_t *comment =
        find_option(b, 20 + ((have + (size_t)3) & ~(size_t)3), OPT_COMMENT, &len);
    if (status == DW_OK && comment)
        c->no_memory |= !(c->packets[c->count - 1].comment = strndup((const char *)comment, len));
    return status;
}

/* Without a time of its own: as late as the one before. */
static int read_simple_packet(blocks *b, capture *c)
{
    if (b->len < 4 || b->interface_count == 0) return DW_OK;
    dw_time at = c->count ? c->packets[c->count - 1].at : 0;
    uint32_t len = get32(&b->in, b->body), have = (uint32_t)b->len - 4;
    return add_frame(c, b->interfaces[0].link, at, b->body + 4, len < have ? len : have);
}

static void add_name(capture *c, const uint8_t *record, size_t len, bool six)
{
    size_t size = six ? 16 : 4;
    const char *text = (const char *)record + size;
    if (len <= size || !memchr(text, 0, len - size) || !*text) return;
    captured_name *grown = realloc(c->names, (c->name_count + 1) * sizeof *grown);
    c->no_memory |= !grown;
    if (!grown) return;
    c->names = grown;
    captured_name *n = &c->names[c->name_count];
    *n = (captured_name){.addr.family = six ? 6 : 4, .name = strdup(text)};
    for (size_t i = 0; i < size / 4; i++)
        n->addr.word[i] = dw_get32(record + 4 * i);
    c->no_memory |= !n->name;
    if (n->name) c->name_count++;
}

static void read_names(capture *c, const blocks *b)
{
    for (size_t at = 0; at + 4 <= b->len;) {
        uint16_t type = get16(&b->in, b->body + at), len = get16(&b->in, b->body + at + 2);
        if (type == 0 || at + 4 + len > b->len) return;
        if (type == RECORD_IPV4 || type == RECORD_IPV6)
            add_name(c, b->body + at + 4, len, type == RECORD_IPV6);
        at += 4u + ((len + 3u) & ~3u);
    }
}

static int read_pcapng(const input *in, capture *c)
{
    blocks b = {.in = *in};
    int status = DW_OK;
    rewind(in->file);
    while (status == DW_OK && !*c->damage && next_block(&b, c)) {
        if (b.type == BLOCK_INTERFACE) status = read_interface(&b);
        if (b.type == BLOCK_PACKET) status = read_block_packet(&b, c);
        if (b.type == BLOCK_SIMPLE) status = read_simple_packet(&b, c);
        if (b.type == BLOCK_NAMES) read_names(c, &b);
    }
    free(b.body);
    free(b.interfaces);
    return status;
}

static int read_file(input *in, capture *c, char *why, size_t size)
{
    const uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d;
    uint8_t magic[4] = {0};
    if (fread(magic, 1, 4, in->file) == 4 && dw_get32(magic) == BLOCK_SECTION)
        return read_pcapng(in, c);
    for (int big = 0; big < 2; big++) {
        in->big = big;
        uint32_t number = get32(in, magic);
        if (number == microseconds || number == nanoseconds)
            return read_pcap(in, number == nanoseconds, c);
    }
    snprintf(why, size, "%s is neither a pcap nor a pcapng file", in->path);
    return DW_E_FORMAT;
}

/* Connections. */

static int side_of(const captured_conn *k, const dw_dissection *d)
{
    for (int i = 0; i < 2; i++)
        if (k->port[i] == d->sport && k->port[!i] == d->dport &&
            dw_addr_equal(&k->addr[i], &d->src) && dw_addr_equal(&k->addr[!i], &d->dst))
            return i;
    return -1;
}

static captured_conn *conn_of(capture *c, const captured *p)
{
    const dw_dissection *d = &p->d;
    bool opens = (d->flags & FLAG_SYN) && !(d->flags & FLAG_ACK);
    for (size_t i = c->conn_count; i-- > 0;) {
        captured_conn *k = &c->conns[i];
        if (side_of(k, d) < 0) continue;
        if (opens && k->ended && (!k->syn || k->isn != d->seq)) break; /* the same ports again */
        return k;
    }
    captured_conn *grown = realloc(c->conns, (c->conn_count + 1) * sizeof *grown);
    if (!grown) return NULL;
    c->conns = grown;
    /* Without its SYN, the end with the smaller port is taken for the server. */
    bool answer = (d->flags & FLAG_SYN) && !opens;
    bool server = answer || (!opens && d->sport < d->dport);
    captured_conn *k = &c->conns[c->conn_count++];
    *k = (captured_conn){.addr = {server ? d->dst : d->src, server ? d->src : d->dst},
                         .port = {server ? d->dport : d->sport, server ? d->sport : d->dport},
                         .syn = opens,
                         .isn = d->seq,
                         .first = p->at};
    return k;
}

static int find_conns(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        captured *p = &c->packets[i];
        if (!p->d.flag_names) continue;
        captured_conn *k = conn_of(c, p);
        if (!k) return DW_E_NOMEM;
        int side = side_of(k, &p->d);
        p->conn = (uint32_t)(k - c->conns) + 1;
        k->packets++;
        k->octets[side] += p->d.len;
        k->last = p->at;
        k->fin[side] |= (p->d.flags & FLAG_FIN) != 0;
        k->ended |= (p->d.flags & FLAG_RST) || (k->fin[0] && k->fin[1]);
    }
    return DW_OK;
}

/* On a loopback interface both ends may have one address.  The server's becomes the next one, in
 * the packets too; checksums change by as much, so that a wrong one stays wrong (RFC 1624). */

static void adjust_checksum(uint8_t *field, uint16_t before, uint16_t after)
{
    uint32_t sum = (uint16_t)~dw_get16(field) + (uint32_t)(uint16_t)~before + after;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    dw_put16(field, (uint16_t)~sum);
}

static void rename_server(captured *p, bool sends)
{
    bool four = p->bytes[0] >> 4 == 4;
    uint8_t *addr = p->bytes + (four ? (sends ? 12 : 16) : (sends ? 8 : 24)) + (four ? 2 : 14);
    uint16_t before = dw_get16(addr), after = (uint16_t)(before + 1);
    dw_put16(addr, after);
    if (four) adjust_checksum(p->bytes + 10, before, after);
    if (p->d.transport_at + 18 <= p->have)
        adjust_checksum(p->bytes + p->d.transport_at + 16, before, after);
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
}

static void tell_ends_apart(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        captured *p = &c->packets[i];
        captured_conn *k = p->conn ? &c->conns[p->conn - 1] : NULL;
        if (k && dw_addr_equal(&k->addr[0], &k->addr[1]))
            rename_server(p, p->d.sport == k->port[1]);
    }
    for (size_t i = 0; i < c->conn_count; i++) {
        captured_conn *k = &c->conns[i];
        k->one_address = dw_addr_equal(&k->addr[0], &k->addr[1]);
        if (k->one_address) k->addr[1].word[k->addr[1].family == 6 ? 3 : 0]++;
    }
}

int capture_read(const char *path, capture *c, char *why, size_t size)
{
    *c = (capture){0};
    input in = {.file = fopen(path, "rb"), .path = path};
    if (!in.file && errno != ENOMEM) {
        snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
        return DW_E_IO;
    }
    int status = in.file ? read_file(&in, c, why, size) : DW_E_NOMEM;
    if (in.file) fclose(in.file);
    if (status == DW_OK) status = find_conns(c);
    if (c->no_memory) status = DW_E_NOMEM;
    if (status == DW_E_NOMEM) snprintf(why, size, "cannot read %s: out of memory", path);
    if (status == DW_OK) tell_ends_apart(c);
    if (status != DW_OK || c->conn_count > 0) return status;
    snprintf(why, size, "%s has no TCP connection (%zu packets%s)%s%s", path, c->count,
             c->not_ip && c->not_ip == c->count ? ", none of them IP" : "", *c->damage ? "; " : "",
             c->damage);
    return DW_E_FORMAT;
}

void capture_free(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->packets[i].bytes);
        free(c->packets[i].comment);
    }
    for (size_t i = 0; i < c->name_count; i++)
        free(c->names[i].name);
    free(c->packets);
    free(c->names);
    free(c->conns);
    *c = (capture){0};
}

const char *capture_name(const capture *c, const dw_addr *addr)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (dw_addr_equal(&c->names[i].addr, addr)) return c->names[i].name;
    return NULL;
}
