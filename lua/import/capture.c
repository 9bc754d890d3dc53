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

/* Texts.  A file may hold anything; what is no UTF-8, and what would steer a terminal, becomes
 * U+FFFD here, so that names and comments can go wherever text goes. */

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

/* A copy, up to a NUL, of one line or of several; NULL: out of memory. */
static char *copy_text(const uint8_t *bytes, size_t len, bool lines)
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
    size_t addresses = four ? 12 : 8, addresses_len = four ? 8 : 32;
    uint64_t sum = dw_checksum_add(0, p->bytes + addresses, addresses_len, false);
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
    *p = (captured){.frame = c->count};
    return p;
}

static int read_packet(capture *c, captured *p, const uint8_t *b, uint32_t have)
{
    p->len = ip_length(b, have);
    if (p->len == 0) {
        c->not_ip++;
        return DW_OK;
    }
    p->have = have < p->len ? have : p->len; /* Ethernet pads */
    p->bytes = malloc(p->have);
    if (!p->bytes) return DW_E_NOMEM;
    memcpy(p->bytes, b, p->have);
    p->has_id = b[0] >> 4 == 4;
    if (p->has_id) p->id = dw_get16(b + 4);
    if (is_fragment(b)) {
        c->fragments++;
        return DW_OK;
    }
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
    c->cut += p->have < p->len;
    c->malformed += p->d.malformed != NULL;
    bool tcp = p->d.transport == 6 && p->d.flag_names && !p->d.malformed;
    if (!tcp) p->d.flag_names = NULL;
    if (tcp && p->have == p->len) c->wrong_checksums += !checksum_is_right(p);
    return DW_OK;
}

/* The bytes of a packet as captured on a link of a type. */
static int add_frame(capture *c, uint32_t link, dw_time at, const uint8_t *b, uint32_t have)
{
    captured *p = add_packet(c);
    if (!p) return DW_E_NOMEM;
    p->at = at;
    int32_t header = header_of_link(link, b, have);
    if (header >= 0 && (uint32_t)header < have)
        return read_packet(c, p, b + header, have - (uint32_t)header);
    c->not_ip++;
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

/* pcap: a header, then packets.  A file that was cut short or damaged is read as far as it goes. */
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
    interface *interfaces; /* of the section */
    uint32_t interface_count, interface_capacity;
    bool any; /* block was read */
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

/* DW_E_NOENT: there is no further block, or not a whole one.  The first four octets of the file
 * have been read before, to see what it is; a pipe cannot be rewound. */
static int next_block(blocks *b, capture *c)
{
    uint8_t head[12];
    size_t known = b->any ? 0 : 4;
    dw_put32(head, BLOCK_SECTION);
    size_t n = known + fread(head + known, 1, 8 - known, b->in.file);
    b->any = true;
    if (n == 0) return DW_E_NOENT;
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
        if (!body) return DW_E_NOMEM;
        b->body = body;
        if (fread(body, 1, b->len + 4, b->in.file) == b->len + 4) return DW_OK;
    }
    damaged(c, b->in.path, "ends in the middle of a block, or has a damaged one");
    return DW_E_NOENT;
}

/* pcapng's IDB.  Its units of time are a power of ten or, with the highest bit, of two; one that
 * does not fit in 64 bits is taken for a microsecond, as where none is said (if_tsresol). */
static int read_interface(blocks *b)
{
    uint16_t len;
    if (b->interface_count == b->interface_capacity) {
        uint32_t capacity = b->interface_capacity ? 2 * b->interface_capacity : 8;
        interface *grown = realloc(b->interfaces, capacity * sizeof *grown);
        if (!grown) return DW_E_NOMEM;
        b->interfaces = grown;
        b->interface_capacity = capacity;
    }
    interface *i = &b->interfaces[b->interface_count++];
    *i = (interface){.link = b->len >= 8 ? get16(&b->in, b->body) : UINT32_MAX, .units = 1000000};
    const uint8_t *resolution = find_option(b, 8, OPT_IF_TSRESOL, &len);
    if (resolution && len == 1 && (*resolution & 0x7f) <= (*resolution & 0x80 ? 40 : 12)) {
        i->units = 1;
        for (int k = 0; k < (*resolution & 0x7f); k++)
            i->units *= *resolution & 0x80 ? 2 : 10;
    }
    const uint8_t *offset = find_option(b, 8, OPT_IF_TSOFFSET, &len);
    if (offset && len == 8) {
        const uint8_t *high = b->in.big ? offset : offset + 4;
        const uint8_t *low = b->in.big ? offset + 4 : offset;
        i->offset = (int64_t)((uint64_t)get32(&b->in, high) << 32 | get32(&b->in, low));
    }
    return DW_OK;
}

/* Later, or earlier than the epoch, no packet can have been captured: half the range of dw_time, so
 * that the time between any two can be told. */
#define LATEST (DW_TIME_NEVER / 2)

/* -1: out of that range. */
static dw_time time_of(const interface *i, uint64_t ticks)
{
    __extension__ typedef __int128 wide;
    wide ns = (wide)i->offset * DW_SECOND + (wide)ticks * DW_SECOND / (wide)i->units;
    return ns < 0 || ns > LATEST ? -1 : (dw_time)ns;
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
    dw_time at = time_of(i, (uint64_t)get32(&b->in, h + 4) << 32 | get32(&b->in, h + 8));
    if (at < 0) {
        damaged(c, b->in.path, "has a packet from before 1970 or after 2116");
        return DW_OK;
    }
    int status = add_frame(c, i->link, at, h + 20, have);
    const uint8_t *comment =
        find_option(b, 20 + ((have + (size_t)3) & ~(size_t)3), OPT_COMMENT, &len);
    if (status != DW_OK || !comment) return status;
    captured *p = &c->packets[c->count - 1];
    p->comment = copy_text(comment, len, true);
    if (!p->comment) return DW_E_NOMEM;
    /* "#3 fast-retransmit; dropped: queue-full" in captures of drywire's. */
    p->numbered = p->comment[0] == '#';
    p->noted_lost = strstr(p->comment, "; dropped: ") != NULL;
    return DW_OK;
}

/* Without a time of its own: as late as the one before. */
static int read_simple_packet(blocks *b, capture *c)
{
    if (b->len < 4 || b->interface_count == 0) return DW_OK;
    dw_time at = c->count ? c->packets[c->count - 1].at : 0;
    uint32_t len = get32(&b->in, b->body), have = (uint32_t)b->len - 4;
    return add_frame(c, b->interfaces[0].link, at, b->body + 4, len < have ? len : have);
}

static int add_name(capture *c, const uint8_t *record, size_t len, bool six)
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
                         .name = copy_text(text, len - size, false)};
    for (size_t i = 0; i < size / 4; i++)
        n->addr.word[i] = dw_get32(record + 4 * i);
    if (!n->name) return DW_E_NOMEM;
    c->name_count++;
    return DW_OK;
}

static int read_names(capture *c, const blocks *b)
{
    int status = DW_OK;
    for (size_t at = 0; status == DW_OK && at + 4 <= b->len;) {
        uint16_t type = get16(&b->in, b->body + at), len = get16(&b->in, b->body + at + 2);
        if (type == 0 || at + 4 + len > b->len) break;
        if (type == RECORD_IPV4 || type == RECORD_IPV6)
            status = add_name(c, b->body + at + 4, len, type == RECORD_IPV6);
        at += 4u + ((len + 3u) & ~3u);
    }
    return status;
}

/* A new major version means that what follows cannot be read by those who know the old one. */
static int read_section(const blocks *b, capture *c)
{
    unsigned major = b->len >= 12 ? get16(&b->in, b->body) : 0;
    char what[80];
    if (major == 1) return DW_OK;
    snprintf(what, sizeof what, "has a section of pcapng version %u, which is unknown", major);
    damaged(c, b->in.path, what);
    return DW_OK;
}

static int read_block(blocks *b, capture *c)
{
    switch (b->type) {
    case BLOCK_SECTION: return read_section(b, c);
    case BLOCK_INTERFACE: return read_interface(b);
    case BLOCK_PACKET: return read_block_packet(b, c);
    case BLOCK_SIMPLE: return read_simple_packet(b, c);
    case BLOCK_NAMES: return read_names(c, b);
    default: return DW_OK; /* readers pass over blocks that they do not know */
    }
}

static int read_pcapng(const input *in, capture *c)
{
    blocks b = {.in = *in};
    int status = DW_OK;
    while (status == DW_OK && !*c->damage) {
        status = next_block(&b, c);
        if (status == DW_OK) status = read_block(&b, c);
    }
    free(b.body);
    free(b.interfaces);
    return status == DW_E_NOENT ? DW_OK : status;
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

/* The whole. */

static int by_address(const void *a, const void *b)
{
    const captured_name *x = a, *y = b;
    int order = memcmp(&x->addr, &y->addr, sizeof x->addr);
    if (order != 0) return order;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Of several names that an address has, the first one is kept. */
static void sort_names(capture *c)
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

int capture_read_stream(FILE *f, const char *path, capture *c, char *why, size_t size)
{
    *c = (capture){0};
    input in = {.file = f, .path = path};
    int status = read_file(&in, c, why, size);
    if (ferror(f)) {
        snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
        status = DW_E_IO;
    }
    sort_names(c);
    if (status == DW_OK) status = capture_find_conns(c);
    if (status == DW_E_NOMEM) snprintf(why, size, "out of memory while reading %s", path);
    if (status != DW_OK || c->conn_count > 0) return status;
    bool none_ip = c->not_ip && c->not_ip == c->count;
    snprintf(why, size, "%s has no TCP connection (%zu packets%s)%s%s", path, c->count,
             none_ip ? ", none of them IP" : "", *c->damage ? "; " : "", c->damage);
    return DW_E_FORMAT;
}

int capture_read(const char *path, capture *c, char *why, size_t size)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        int error = errno;
        *c = (capture){0};
        snprintf(why, size, "cannot read %s: %s", path,
                 error == ENOMEM ? dw_strerror(DW_E_NOMEM) : strerror(error));
        return error == ENOMEM ? DW_E_NOMEM : DW_E_IO;
    }
    int status = capture_read_stream(f, path, c, why, size);
    fclose(f);
    return status;
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
