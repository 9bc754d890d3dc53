/* Traces as JSON lines: reading.  What is read is judged where it is added (trace_check.c). */
#include "jsonl.h"

#include "base/gzip.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    dw_trace *trace;
    int64_t version;
    dw_jsonl_causes causes;
    dw_jsonl_packets packets;
    bool no_memory;
    char wrong[160]; /* what is the matter with this line; "": nothing */
} reader;

static void complain(reader *r, const char *name)
{
    if (!*r->wrong)
        snprintf(r->wrong, sizeof r->wrong, "field \"%s\" is missing or out of range", name);
}

/* A number of [min, max]; where there is none, `missing`. */
static int64_t get_int(reader *r, const json_t *o, const char *name, int64_t min, int64_t max,
                       int64_t missing)
{
    const json_t *v = json_object_get(o, name);
    int64_t value = v ? (int64_t)json_integer_value(v) : missing;
    bool is_right = !v || (json_is_integer(v) && value >= min && value <= max);
    if (is_right) return value;
    complain(r, name);
    return missing;
}

/* The two numbers of an array. */
static bool get_pair(reader *r, const json_t *o, const char *name, int64_t max, int64_t out[2])
{
    const json_t *v = json_object_get(o, name);
    bool is_right = json_array_size(v) == 2;
    for (size_t i = 0; is_right && i < 2; i++) {
        const json_t *number = json_array_get(v, i);
        out[i] = json_integer_value(number);
        is_right = json_is_integer(number) && out[i] >= 0 && out[i] <= max;
    }
    if (!is_right) complain(r, name);
    return is_right;
}

static const char *intern(reader *r, const char *text)
{
    const char *kept = text ? dw_trace_intern(r->trace, text) : NULL;
    r->no_memory |= text && !kept;
    return kept;
}

static const char *get_text(reader *r, const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    if (!s) complain(r, name);
    return intern(r, s);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode hexadecimal into out (at most size bytes); -1 when it is none or too long. */
static int64_t unhex(const char *s, uint8_t *out, size_t size)
{
    size_t n = strlen(s);
    if (n % 2 || n / 2 > size) return -1;
    for (size_t i = 0; i < n / 2; i++) {
        int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);
        if (high < 0 || low < 0) return -1;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return (int64_t)(n / 2);
}

static uint64_t get_hex64(reader *r, const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    uint8_t bytes[8];
    if (!s || unhex(s, bytes, sizeof bytes) != sizeof bytes) {
        complain(r, name);
        return 0;
    }
    return (uint64_t)dw_get32(bytes) << 32 | dw_get32(bytes + 4);
}

/* "-" is no address, as dw_addr_format writes it. */
static dw_addr get_addr(reader *r, const json_t *o, const char *name)
{
    dw_addr a = {0};
    const char *s = json_string_value(json_object_get(o, name));
    if (!s || (strcmp(s, "-") != 0 && dw_addr_parse(s, &a) != DW_OK)) complain(r, name);
    return a;
}

static dw_buf *get_buf(reader *r, const json_t *v, uint64_t *offset, int64_t *len)
{
    const char *text = json_string_value(v);
    if (!text) {
        *offset = (uint64_t)get_int(r, v, "offset", 0, INT64_MAX, 0);
        *len = get_int(r, v, "len", 0, UINT16_MAX, 0);
        return dw_buf_generated(get_hex64(r, v, "seed"), UINT64_MAX);
    }
    size_t size = strlen(text) / 2;
    dw_buf *buf = dw_buf_new(NULL, size);
    *offset = 0;
    *len = buf ? unhex(text, buf->bytes, size) : 0;
    if (*len < 0) complain(r, "payload");
    return buf;
}

typedef struct packet_room {
    uint8_t head[DW_PACKET_HEAD];
    dw_slice slices[DW_PACKET_SLICES];
} packet_room;

static void add_slice(dw_trace_event *e, packet_room *room, dw_slice s)
{
    room->slices[e->u.packet.slice_count++] = s;
}

/* The data of an event that was read before. */
static void take_data(const dw_trace_event *from, dw_trace_event *e, packet_room *room)
{
    for (int i = 0; from && i < from->u.packet.slice_count; i++) {
        dw_buf_ref(from->u.packet.slices[i].buf);
        add_slice(e, room, from->u.packet.slices[i]);
    }
}

/* As an event of packet number `payload` has it first. */
static void read_reference(reader *r, const json_t *payload, dw_trace_event *e, packet_room *room)
{
    const dw_jsonl_packet *p = dw_jsonl_find(&r->packets, (uint64_t)json_integer_value(payload));
    if (!p || !p->first)
        complain(r, "payload");
    else
        take_data(p->first, e, room);
}

/* What is read of it has references, also of a line that is wrong. */
static void read_payload(reader *r, const json_t *o, const dw_jsonl_packet *p, dw_trace_event *e,
                         packet_room *room)
{
    const json_t *slices = json_object_get(o, "payload");
    e->u.packet.slices = room->slices;
    if (!slices && p && dw_jsonl_has_data(e->type)) take_data(p->body, e, room);
    if (json_is_integer(slices)) read_reference(r, slices, e, room);
    if (json_array_size(slices) > DW_PACKET_SLICES) complain(r, "payload");
    for (size_t i = 0; i < json_array_size(slices) && !*r->wrong; i++) {
        uint64_t offset;
        int64_t len;
        dw_buf *buf = get_buf(r, json_array_get(slices, i), &offset, &len);
        r->no_memory |= !buf;
        if (!buf) return;
        add_slice(e, room,
                  (dw_slice){.buf = buf, .offset = offset, .len = len < 0 ? 0 : (uint32_t)len});
    }
}

/* [[8,"3f"],[10,"26c8"]]: octets that are not as they were; false: it is not that, or goes too far.
 */
static bool change_head(const json_t *changes, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *pair = json_array_get(changes, i);
        const json_t *offset = json_array_get(pair, 0);
        const char *text = json_string_value(json_array_get(pair, 1));
        json_int_t at = json_integer_value(offset);
        if (!json_is_integer(offset) || !text || at < 0 || (uint64_t)at > len) return false;
        if (unhex(text, bytes + at, len - (size_t)at) < 0) return false;
    }
    return true;
}

/* Whole, or what has changed, or as it was; before: the last event with a header, or NULL. */
static void read_head(reader *r, const json_t *o, const dw_trace_event *before, dw_trace_event *e,
                      packet_room *room)
{
    const json_t *v = json_object_get(o, "head");
    int64_t len = -1;
    if (json_is_string(v)) {
        len = unhex(json_string_value(v), room->head, sizeof room->head);
    } else if (before && (!v || json_is_array(v))) {
        len = before->u.packet.head_len;
        memcpy(room->head, before->u.packet.head, (size_t)len);
        if (!change_head(v, room->head, (size_t)len)) len = -1;
    } else if (!v && r->version > DW_JSONL_FIRST && !dw_jsonl_has_head(e->type)) {
        len = 0;
    }
    if (len < 0) complain(r, "head");
    e->u.packet.head = room->head;
    e->u.packet.head_len = len < 0 ? 0 : (uint16_t)len;
}

static void read_checksum(reader *r, const json_t *o, const dw_trace_event *before,
                          dw_trace_event *e)
{
    int64_t checksum[2];
    const json_t *v = json_object_get(o, "checksum");
    if (!v && before) {
        e->u.packet.checksum = before->u.packet.checksum;
        e->u.packet.checksum_start = before->u.packet.checksum_start;
        e->u.packet.checksum_at = before->u.packet.checksum_at;
    }
    if (!v || json_is_null(v) || !get_pair(r, o, "checksum", DW_PACKET_HEAD, checksum)) return;
    e->u.packet.checksum = DW_CHECKSUM_PARTIAL;
    e->u.packet.checksum_start = (uint8_t)checksum[0];
    e->u.packet.checksum_at = (uint8_t)checksum[1];
}

/* -1: at a host, on no link. */
static uint32_t get_link(reader *r, const json_t *o, uint32_t missing)
{
    return (uint32_t)get_int(r, o, "link", -1, UINT32_MAX - 1,
                             missing == UINT32_MAX ? -1 : (int64_t)missing);
}

static void read_packet(reader *r, const json_t *o, dw_trace_event *e, packet_room *room,
                        const dw_jsonl_packet *p)
{
    const dw_trace_event *last = p ? p->last : NULL, *before = NULL;
    if (r->version > DW_JSONL_FIRST) before = dw_jsonl_before(&r->packets, p, e);
    e->link = get_link(r, o, last ? last->link : UINT32_MAX);
    e->direction = (uint8_t)get_int(r, o, "direction", 0, 1, last ? last->direction : 0);
    e->u.packet.payload_len =
        (uint32_t)get_int(r, o, "len", 0, DW_TRACE_PAYLOAD, last ? last->u.packet.payload_len : 0);
    e->u.packet.other = (uint64_t)get_int(r, o, "other", 0, INT64_MAX, 0);
    read_head(r, o, before, e, room);
    read_checksum(r, o, before, e);
    read_payload(r, o, p, e, room);
}

static void read_link(reader *r, const json_t *o, dw_trace_event *e)
{
    int64_t ends[2] = {0}, rate[2] = {0}, delay[2] = {0};
    e->link = get_link(r, o, UINT32_MAX);
    get_pair(r, o, "ends", UINT32_MAX - 1, ends);
    get_pair(r, o, "delay", INT64_MAX, delay);
    get_pair(r, o, "rate", INT64_MAX, rate);
    e->u.link.a = (uint32_t)ends[0];
    e->u.link.b = (uint32_t)ends[1];
    for (size_t i = 0; i < 2; i++) {
        e->u.link.delay[i] = delay[i];
        e->u.link.rate[i] = (uint64_t)rate[i];
    }
}

static void read_conn(reader *r, const json_t *o, dw_trace_event *e)
{
    e->u.conn.protocol = get_text(r, o, "protocol");
    e->u.conn.flow.local = get_addr(r, o, "local");
    e->u.conn.flow.remote = get_addr(r, o, "remote");
    e->u.conn.flow.local_port = (uint16_t)get_int(r, o, "local_port", 0, UINT16_MAX, 0);
    e->u.conn.flow.remote_port = (uint16_t)get_int(r, o, "remote_port", 0, UINT16_MAX, 0);
    e->u.conn.flow.transport = (uint8_t)get_int(r, o, "transport", 0, UINT8_MAX, 0);
}

static int64_t get_value(reader *r, const json_t *o, const char *name)
{
    return get_int(r, o, name, INT64_MIN, INT64_MAX, 0);
}

/* Wrong fields are told in r->wrong, and add_event then adds nothing. */
static void read_details(reader *r, const json_t *o, dw_trace_event *e, packet_room *room,
                         const dw_jsonl_packet *p)
{
    const json_t *state = json_object_get(o, "state");
    switch (dw_trace_part(e)) {
    case DW_PART_NODE:
        e->u.node.name = get_text(r, o, "name");
        e->u.node.addr = get_addr(r, o, "addr");
        return;
    case DW_PART_LINK: read_link(r, o, e); return;
    case DW_PART_CONN: read_conn(r, o, e); return;
    case DW_PART_PACKET: read_packet(r, o, e, room, p); return;
    case DW_PART_STATE:
        e->u.state.from = get_text(r, state, "from");
        e->u.state.to = get_text(r, state, "to");
        return;
    case DW_PART_VARIABLE:
        e->u.variable.name = get_text(r, o, "name");
        e->u.variable.value = get_value(r, o, "value");
        return;
    case DW_PART_TIMER:
        e->u.timer.name = get_text(r, o, "name");
        e->u.timer.at = get_value(r, o, "at");
        return;
    case DW_PART_CALL:
        e->u.call.name = get_text(r, o, "name");
        e->u.call.detail = json_object_get(o, "detail") ? get_text(r, o, "detail") : "";
        e->u.call.value = get_value(r, o, "value");
        e->u.call.data_hash = json_object_get(o, "data") ? get_hex64(r, o, "data") : 0;
        return;
    case DW_PART_NOTE: e->u.note.text = get_text(r, o, "text"); return;
    case DW_PART_NONE: return;
    }
}

static enum dw_trace_type type_named(const char *name)
{
    for (int i = 0; name && i < DW_TRACE_TYPES; i++)
        if (strcmp(dw_trace_type_name(i), name) == 0) return i;
    return DW_TRACE_TYPES;
}

static const dw_cause *read_cause(reader *r, const json_t *o, const char *name)
{
    dw_jsonl_causes *known = &r->causes;
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->list[i]->name, name) == 0) return known->list[i];
    const dw_cause *cause =
        dw_trace_intern_cause(r->trace, name, json_string_value(json_object_get(o, "rfc")),
                              json_string_value(json_object_get(o, "because")));
    r->no_memory |= !cause;
    if (cause && known->count < DW_JSONL_CAUSES) known->list[known->count++] = cause;
    return cause;
}

/* An observed event has none. */
static uint8_t read_certainty(reader *r, const json_t *o)
{
    const json_t *v = json_object_get(o, "certainty");
    const char *name = json_string_value(v);
    for (int i = DW_OBSERVED; name && i < DW_CERTAINTIES; i++)
        if (strcmp(dw_certainty_name(i), name) == 0) return (uint8_t)i;
    if (v) complain(r, "certainty");
    return DW_OBSERVED;
}

static void add_event(reader *r, const dw_trace_event *e)
{
    if (*r->wrong || r->no_memory) return;
    r->no_memory = dw_trace_add_or_say(r->trace, e, r->wrong, sizeof r->wrong) == DW_E_NOMEM;
    if (*r->wrong || r->no_memory || !dw_trace_is_packet(e)) return;
    r->no_memory = !dw_jsonl_note(&r->packets, dw_trace_at(r->trace, dw_trace_count(r->trace) - 1));
}

/* The packet that a line tells more of; NULL: a new one, or none. */
static const dw_jsonl_packet *known_packet(reader *r, const json_t *o, dw_trace_event *e)
{
    if (!dw_trace_is_packet(e)) return NULL;
    e->packet = (uint64_t)get_int(r, o, "packet", 0, INT64_MAX, 0);
    return r->version > DW_JSONL_FIRST ? dw_jsonl_find(&r->packets, e->packet) : NULL;
}

/* What every event has.  Of a packet that is known, what is not said is as it was. */
static void read_common(reader *r, const json_t *o, dw_trace_event *e, const dw_jsonl_packet *p)
{
    const json_t *why = json_object_get(o, "why");
    int64_t node = p && p->last->node != UINT32_MAX ? (int64_t)p->last->node : -1;
    e->at = get_int(r, o, "t", 0, INT64_MAX, -1);
    e->node = (uint32_t)get_int(r, o, "node", -1, UINT32_MAX - 1, node);
    e->conn = (uint32_t)get_int(r, o, "conn", 0, UINT32_MAX, p ? p->last->conn : 0);
    e->certainty = read_certainty(r, o);
    if (json_is_string(why)) e->cause = read_cause(r, o, json_string_value(why));
    if (!why && p && p->body && dw_jsonl_has_data(e->type)) e->cause = p->body->cause;
}

static void read_event(reader *r, const json_t *o)
{
    enum dw_trace_type type = type_named(json_string_value(json_object_get(o, "ev")));
    if (type == DW_TRACE_TYPES) {
        complain(r, "ev");
        return;
    }
    dw_trace_event e = {.type = (uint8_t)type, .link = UINT32_MAX};
    const dw_jsonl_packet *p = known_packet(r, o, &e);
    packet_room room;
    read_common(r, o, &e, p);
    read_details(r, o, &e, &room, p);
    add_event(r, &e);
    for (int i = 0; dw_trace_is_packet(&e) && i < e.u.packet.slice_count; i++)
        dw_buf_unref(room.slices[i].buf);
}

/* A file that is being read, a line at a time. */
typedef struct lines {
    FILE *file;
    const char *path;
    char *line;
    size_t len, capacity;
    size_t number;
    bool check_digest;
    char *why;
    size_t why_size;
} lines;

/* Whether a line can be parsed with what memory there is.  jansson drops characters that its buffer
 * cannot grow for, a closing quote too, so it should not come to that. */
static bool enough_memory(size_t len)
{
    enum { A_CHARACTER = 32, AT_LEAST = 4096 }; /* "0:0," makes a key, a value and a bucket */
    void *volatile block = malloc(len * A_CHARACTER + AT_LEAST); /* not optimised away */
    free(block);
    return block != NULL;
}

/* NULL for what is not JSON, and with *no_memory for what could not be read: jansson calls some of
 * that bad syntax. */
static json_t *parse(const char *text, size_t len, bool *no_memory)
{
    *no_memory = !enough_memory(len);
    if (*no_memory) return NULL;
    errno = 0;
    json_t *o = json_loadb(text, len, 0, NULL);
    *no_memory = errno == ENOMEM;
    if (o && *no_memory) json_decref(o);
    return *no_memory ? NULL : o;
}

static int out_of_memory(lines *in)
{
    snprintf(in->why, in->why_size, "out of memory while reading %s", in->path);
    return DW_E_NOMEM;
}

/* What there is may be the start of something without end and without lines, such as /dev/zero. */
static int read_header(lines *in, int64_t *number)
{
    char line[512];
    bool no_memory = false;
    json_t *o = fgets(line, sizeof line, in->file) ? parse(line, strlen(line), &no_memory) : NULL;
    if (no_memory) return out_of_memory(in);
    const json_t *version = json_object_get(o, "trace");
    bool ours = json_is_string(json_object_get(o, "drywire")) && json_is_integer(version);
    *number = ours ? json_integer_value(version) : 0;
    json_decref(o);
    in->number = 1;
    if (ferror(in->file)) {
        snprintf(in->why, in->why_size, "cannot read %s: %s", in->path, strerror(errno));
        return DW_E_IO;
    }
    if (ours && *number >= DW_JSONL_FIRST && *number <= DW_JSONL_VERSION) return DW_OK;
    if (ours)
        snprintf(in->why, in->why_size,
                 "%s has trace format %" PRId64 "; this drywire reads formats %d to %d", in->path,
                 *number, DW_JSONL_FIRST, DW_JSONL_VERSION);
    else
        snprintf(in->why, in->why_size,
                 "%s is not a drywire trace (its first line is no trace header)", in->path);
    return DW_E_FORMAT;
}

static int next_line(lines *in)
{
    errno = 0;
    ssize_t len = getline(&in->line, &in->capacity, in->file);
    if (len >= 0) {
        in->len = (size_t)len;
        in->number++;
        return DW_OK;
    }
    if (errno == ENOMEM) return out_of_memory(in);
    if (ferror(in->file)) {
        snprintf(in->why, in->why_size, "cannot read %s: %s", in->path, strerror(errno));
        return DW_E_IO;
    }
    snprintf(in->why, in->why_size, "%s ends after line %zu without its digest: it was cut short",
             in->path, in->number);
    return DW_E_FORMAT;
}

static int read_end(reader *r, const json_t *o, lines *in)
{
    char digest[DW_DIGEST_TEXT];
    const char *said = json_string_value(json_object_get(o, "digest"));
    const json_t *end = json_object_get(o, "end");
    if (json_is_integer(end)) r->trace->until = json_integer_value(end);
    dw_trace_digest(r->trace, digest);
    if (*r->wrong || !in->check_digest || (said && strcmp(said, digest) == 0)) return DW_OK;
    snprintf(in->why, in->why_size,
             "%s: the events do not match the digest at the end: the file was edited or damaged",
             in->path);
    return DW_E_FORMAT;
}

/* `ended`: it was the digest's. */
static int read_line(reader *r, lines *in, bool *ended)
{
    bool no_memory;
    int status = DW_OK;
    json_t *o = parse(in->line, in->len, &no_memory);
    if (no_memory) return out_of_memory(in);
    *ended = json_is_object(o) && json_object_get(o, "digest");
    if (!json_is_object(o))
        snprintf(r->wrong, sizeof r->wrong, "not a JSON object (was the file cut short?)");
    else if (*ended)
        status = read_end(r, o, in);
    else
        read_event(r, o);
    json_decref(o);
    if (r->no_memory) return out_of_memory(in);
    if (!*r->wrong) return status;
    snprintf(in->why, in->why_size, "%s:%zu: %s", in->path, in->number, r->wrong);
    return DW_E_FORMAT;
}

int dw_trace_read(FILE *f, const char *path, bool check_digest, dw_trace **out, char *why,
                  size_t why_size)
{
    reader r = {.no_memory = false};
    lines in = {
        .file = f, .path = path, .check_digest = check_digest, .why = why, .why_size = why_size};
    if (dw_trace_new(&r.trace, true) != DW_OK) return out_of_memory(&in);
    bool ended = false;
    int status = read_header(&in, &r.version);
    while (status == DW_OK && !ended) {
        status = next_line(&in);
        if (status == DW_OK) status = read_line(&r, &in, &ended);
    }
    free(in.line);
    dw_jsonl_forget(&r.packets);
    if (status == DW_OK)
        *out = r.trace;
    else
        dw_trace_free(r.trace);
    return status;
}

int dw_trace_load(const char *path, dw_trace **out, char *why, size_t why_size)
{
    FILE *f = fopen(path, "rb");
    if (!f && errno == ENOMEM)
        return out_of_memory(&(lines){.path = path, .why = why, .why_size = why_size});
    if (!f) {
        snprintf(why, why_size, "cannot read %s: %s", path, strerror(errno));
        return DW_E_IO;
    }
    int status = dw_gzip_open(&f, path, why, why_size);
    if (status == DW_OK) status = dw_trace_read(f, path, true, out, why, why_size);
    fclose(f);
    return status;
}
