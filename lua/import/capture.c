/* The whole of a capture: two passes over its files, and sentences on what is not there.
 *
 * The first pass finds the connections and counts.  The second one does the same with the packets
 * between the wanted connection's ends alone, so that it comes to the same connections, and keeps
 * the packets of one of them. */
#include "connections.h"
#include "names.h"
#include "packet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct capture_source {
    input *in;
};

typedef struct pass {
    capture *c;
    fragments *fragments;
    conn_table table;
    const captured_conn *wanted; /* NULL: the first pass */
    uint64_t done, whole;        /* octets of the files before this one, and of all; 0: unknown */
} pass;

static uint64_t size_of_all(const capture *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->source_count; i++) {
        uint64_t size = input_size(c->sources[i].in);
        if (size == 0) return 0;
        sum += size;
    }
    return sum;
}

/* A frame. */

static void count_frame(capture *c, const frame *f, enum captured_kind kind)
{
    if (c->frames == 0 || (kind == KIND_NO_READER && c->kinds[KIND_NO_READER] == 0))
        c->link = f->link;
    if (c->frames == 0 || f->at < c->first) c->first = f->at;
    if (c->frames == 0 || f->at > c->last) c->last = f->at;
    c->frames++;
    c->kinds[kind]++;
    c->malformed += kind == KIND_TCP_MALFORMED;
}

static int take_packet(pass *p, captured *packet, const frame *f, bool reassembled)
{
    if (p->wanted && !conn_has_ends(p->wanted, packet)) return DW_OK;
    if (!conn_take(&p->table, packet)) return DW_E_NOMEM;
    uint32_t nth = packet->conn ? p->table.conns[packet->conn - 1].nth : 0;
    if (!p->wanted || !packet->conn || nth != p->wanted->nth) return DW_OK;
    packet->conn = (uint32_t)(p->wanted - p->c->conns) + 1;
    p->c->reassembled += reassembled;
    return packet_keep(p->c, packet, f);
}

static int take_frame(pass *p, frame *f, uint16_t file)
{
    piece frame_piece = {f->bytes, f->have, f->len};
    innermost in;
    captured packet;
    enum captured_kind kind = link_content(f->link, &frame_piece, &f->interface);
    uint32_t source = (uint32_t)file << 16 | f->interface;
    if (!find_innermost(kind, &frame_piece, p->fragments, f->at, source, &in)) return DW_E_NOMEM;
    enum packet_is is = packet_read(f, file, &in, &packet);
    if (is == PACKET_CUT) in.kind = KIND_CUT;
    if (is == PACKET_MALFORMED) in.kind = KIND_TCP_MALFORMED;
    if (!p->wanted) count_frame(p->c, f, in.kind);
    if (is != PACKET_TCP && is != PACKET_ICMP_ERROR) return DW_OK;
    return take_packet(p, &packet, f, in.reassembled);
}

/* A file. */

static int read_frames(pass *p, reader *r, uint16_t file)
{
    enum { TOLD_EVERY = 4096 };
    frame f;
    int status;
    while ((status = reader_next(r, &f)) == DW_OK) {
        status = take_frame(p, &f, file);
        if (status != DW_OK) break;
        if (p->c->progress && f.number % TOLD_EVERY == 0)
            p->c->progress(p->done + input_done(r->in), p->whole);
    }
    return status == DW_E_NOENT ? DW_OK : status;
}

/* The first pass begins where the input stands, at its front, since a pipe has no other. */
static int read_source(pass *p, uint16_t file, char *why, size_t size)
{
    capture *c = p->c;
    input *in = c->sources[file].in;
    reader r;
    int status = p->wanted ? input_rewind(in, why, size) : DW_OK;
    if (status != DW_OK) return status;
    status = reader_open(&r, in, p->wanted ? NULL : c, why, size);
    if (status != DW_OK && status != DW_E_FORMAT && status == input_status(in) && !*why)
        snprintf(why, size, "cannot read %s: %s", input_path(in), strerror(errno));
    if (status == DW_OK) {
        status = read_frames(p, &r, file);
        if (status == DW_E_IO)
            snprintf(why, size, "cannot read %s: %s", input_path(in), strerror(errno));
    }
    if (status == DW_OK && !p->wanted && *r.damage && !*c->damage)
        snprintf(c->damage, sizeof c->damage, "%s", r.damage);
    if (status == DW_E_NOMEM) snprintf(why, size, "out of memory while reading %s", input_path(in));
    reader_close(&r);
    p->done += input_done(in);
    return status;
}

static int read_all(pass *p, char *why, size_t size)
{
    *why = 0;
    p->fragments = fragments_new();
    p->whole = size_of_all(p->c);
    int status = p->fragments ? DW_OK : DW_E_NOMEM;
    if (status != DW_OK) snprintf(why, size, "out of memory");
    for (size_t i = 0; i < p->c->source_count && status == DW_OK; i++)
        status = read_source(p, (uint16_t)i, why, size);
    if (status == DW_OK && !p->wanted) {
        p->c->fragments = fragments_unused(p->fragments);
        p->c->overlapping = fragments_overlapping(p->fragments);
    }
    fragments_free(p->fragments);
    return status;
}

/* Sentences. */

static const char *const kind_texts[CAPTURED_KINDS] = {
    [KIND_TCP4] = "TCP",
    [KIND_TCP6] = "IPv6 TCP",
    [KIND_TCP_MALFORMED] = "TCP with a header that cannot be",
    [KIND_UDP4] = "UDP",
    [KIND_UDP6] = "IPv6 UDP",
    [KIND_ICMP4] = "ICMP",
    [KIND_ICMP6] = "ICMPv6",
    [KIND_OTHER4] = "other protocols on IP",
    [KIND_OTHER6] = "other protocols on IPv6",
    [KIND_FRAGMENT] = "fragments without the rest",
    [KIND_ARP] = "ARP",
    [KIND_COMPRESSED] = "compressed",
    [KIND_ENCRYPTED] = "encrypted",
    [KIND_CONTROL] = "without IP",
    [KIND_CUT] = "cut off before their TCP or IP header ends",
    [KIND_DAMAGED] = "without the IP header that ought to be there",
    [KIND_NO_READER] = "of a link type that is not read",
};

static void append(char *text, size_t size, const char *format, ...) DW_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
    va_list args;
    size_t used = strlen(text);
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

/* "12 ARP, 24 IPv6 UDP", the most frequent first. */
static void list_kinds(const capture *c, char *text, size_t size)
{
    bool told[CAPTURED_KINDS] = {false};
    for (int n = 0; n < CAPTURED_KINDS; n++) {
        int most = -1;
        for (int i = 0; i < CAPTURED_KINDS; i++)
            if (!told[i] && c->kinds[i] && (most < 0 || c->kinds[i] > c->kinds[most])) most = i;
        if (most < 0) return;
        told[most] = true;
        append(text, size, "%s", n ? ", " : "");
        if (c->kinds[most] < c->frames) append(text, size, "%" PRIu64 " ", c->kinds[most]);
        append(text, size, "%s", kind_texts[most]);
    }
}

/* Where the link layer may be the reason, it is named. */
static bool link_matters(const capture *c)
{
    return c->kinds[KIND_NO_READER] || c->kinds[KIND_ENCRYPTED] || c->kinds[KIND_DAMAGED] ||
           c->kinds[KIND_CONTROL];
}

static int no_connection(const capture *c, const char *path, char *why, size_t size)
{
    const char *name = link_name(c->link);
    *why = 0;
    append(why, size, "%s has no ", path);
    if (c->frames == 0)
        append(why, size, "packets");
    else {
        append(why, size, "TCP connection: its %" PRIu64 " packet%s ", c->frames,
               c->frames == 1 ? " is" : "s are");
        list_kinds(c, why, size);
    }
    if (c->frames && link_matters(c)) {
        append(why, size, "; link type %" PRIu32 " is ", c->link);
        append(why, size, "%s", name ? name : "unknown");
    }
    if (*c->damage) append(why, size, "; %s", c->damage);
    return DW_E_FORMAT;
}

/* Both passes. */

static int open_source(capture *c, FILE *f, const char *path, char *why, size_t size)
{
    capture_source *s = &c->sources[c->source_count];
    int status = f ? input_of(f, path, &s->in, why, size) : input_open(path, &s->in, why, size);
    c->source_count += status == DW_OK;
    return status;
}

static int first_pass(capture *c, char *why, size_t size)
{
    pass p = {.c = c};
    int status = read_all(&p, why, size);
    c->conns = p.table.conns;
    c->conn_count = p.table.count;
    c->conn_capacity = p.table.capacity;
    p.table.conns = NULL;
    conn_table_free(&p.table);
    names_sort(c);
    return status;
}

static int open_all(FILE *const *files, const char *const *paths, size_t count, capture *c,
                    char *why, size_t size)
{
    DW_ASSERT(count >= 1);
    DW_ASSERT(count <= 32); /* bits of in_files */
    *c = (capture){.progress = c->progress};
    c->sources = calloc(count, sizeof *c->sources);
    if (!c->sources) {
        snprintf(why, size, "out of memory");
        return DW_E_NOMEM;
    }
    int status = DW_OK;
    for (size_t i = 0; i < count && status == DW_OK; i++)
        status = open_source(c, files ? files[i] : NULL, paths[i], why, size);
    if (status == DW_OK) status = first_pass(c, why, size);
    if (status == DW_OK && c->conn_count == 0) return no_connection(c, paths[0], why, size);
    return status;
}

int capture_open(const char *const *paths, size_t count, capture *out, char *why, size_t size)
{
    return open_all(NULL, paths, count, out, why, size);
}

int capture_open_streams(FILE *const *files, const char *const *paths, size_t count, capture *out,
                         char *why, size_t size)
{
    return open_all(files, paths, count, out, why, size);
}

static void free_packets(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->packets[i].bytes);
        free(c->packets[i].comment);
    }
    free(c->packets);
    c->packets = NULL;
    c->count = c->capacity = 0;
    c->cut = c->wrong_checksums = c->reassembled = c->offloaded = 0;
}

int capture_load(capture *c, uint32_t conn, char *why, size_t size)
{
    DW_ASSERT(conn >= 1);
    DW_ASSERT(conn <= c->conn_count);
    captured_conn *k = &c->conns[conn - 1];
    pass p = {.c = c, .wanted = k};
    free_packets(c);
    int status = read_all(&p, why, size);
    conn_table_free(&p.table);
    if (status == DW_OK) conn_tell_ends_apart(k, c->packets, c->count);
    return status;
}

void capture_free(capture *c)
{
    free_packets(c);
    for (size_t i = 0; i < c->name_count; i++)
        free(c->names[i].name);
    for (size_t i = 0; i < c->source_count; i++)
        input_close(c->sources[i].in);
    free(c->names);
    free(c->conns);
    free(c->sources);
    *c = (capture){0};
}
