/* Traces as JSON lines.
 *
 * The first line says what the file is, each further line is an event, the last holds the digest.
 * Everything that the digest covers is in the lines, so a reader can tell a whole file from one
 * that was cut or edited. */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_VERSION = 1 };

/* Writing. */

static void quoted(dw_text *t, const char *s)
{
    dw_text_add(t, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            dw_text_format(t, "\\%c", c);
        else if (c < 0x20)
            dw_text_format(t, "\\u%04x", c);
        else
            dw_text_add_n(t, s, 1);
    }
    dw_text_add(t, "\"");
}

static void field(dw_text *t, const char *name, const char *value)
{
    dw_text_format(t, ",\"%s\":", name);
    quoted(t, value);
}

static void integer(dw_text *t, const char *name, int64_t value)
{
    dw_text_format(t, ",\"%s\":%" PRId64, name, value);
}

static void hex(dw_text *t, const char *name, const uint8_t *bytes, size_t len)
{
    dw_text_format(t, ",\"%s\":\"", name);
    for (size_t i = 0; i < len; i++)
        dw_text_format(t, "%02x", bytes[i]);
    dw_text_add(t, "\"");
}

static void addr_field(dw_text *t, const char *name, const dw_addr *a)
{
    char text[DW_ADDR_TEXT];
    field(t, name, dw_addr_format(a, text, sizeof text));
}

/* For people and scripts: the header, read.  Loading uses "head" alone. */
static void segment(dw_text *t, const dw_trace_event *e)
{
    dw_dissection d;
    char flags[64];
    dw_dissect(dw_builtin_plugins, e->u.packet.head, e->u.packet.head_len,
               (size_t)e->u.packet.head_len + e->u.packet.payload_len, &d);
    if (d.malformed || !d.protocol) return;
    dw_text_format(t, ",\"seg\":{\"protocol\":\"%s\",\"sport\":%u,\"dport\":%u", d.protocol,
                   d.sport, d.dport);
    if (d.flag_names) {
        field(t, "flags", dw_flags_text(&d, flags, sizeof flags));
        integer(t, "seq", d.seq);
        integer(t, "ack", d.ack);
        integer(t, "window", d.window);
    }
    integer(t, "len", d.len);
    dw_text_add(t, "}");
}

static void payload(dw_text *t, const dw_trace_event *e)
{
    dw_text_add(t, ",\"payload\":[");
    for (int i = 0; i < e->u.packet.slice_count; i++) {
        const dw_slice *s = &e->u.packet.slices[i];
        if (i) dw_text_add(t, ",");
        if (s->buf->generated) {
            dw_text_format(
                t, "{\"seed\":\"%016" PRIx64 "\",\"offset\":%" PRIu64 ",\"len\":%" PRIu32 "}",
                s->buf->seed, s->offset, s->len);
            continue;
        }
        dw_text_add(t, "\"");
        for (uint32_t k = 0; k < s->len; k++)
            dw_text_format(t, "%02x", s->buf->bytes[s->offset + k]);
        dw_text_add(t, "\"");
    }
    dw_text_add(t, "]");
}

static void write_packet(dw_text *t, const dw_trace_event *e)
{
    integer(t, "packet", (int64_t)e->packet);
    integer(t, "link", e->link == UINT32_MAX ? -1 : (int64_t)e->link);
    integer(t, "direction", e->direction);
    integer(t, "len", e->u.packet.payload_len);
    if (e->u.packet.other) integer(t, "other", (int64_t)e->u.packet.other);
    hex(t, "head", e->u.packet.head, e->u.packet.head_len);
    if (e->u.packet.checksum == DW_CHECKSUM_PARTIAL)
        dw_text_format(t, ",\"checksum\":[%u,%u]", e->u.packet.checksum_start,
                       e->u.packet.checksum_at);
    if (e->u.packet.slice_count) payload(t, e);
    segment(t, e);
}

static void write_event(dw_text *t, const dw_trace_event *e)
{
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_NODE:
        field(t, "name", e->u.node.name);
        addr_field(t, "addr", &e->u.node.addr);
        return;
    case DW_TRACE_LINK:
        integer(t, "link", e->link);
        dw_text_format(t, ",\"ends\":[%u,%u]", e->u.link.a, e->u.link.b);
        dw_text_format(t, ",\"delay\":[%" PRId64 ",%" PRId64 "]", e->u.link.delay[0],
                       e->u.link.delay[1]);
        dw_text_format(t, ",\"rate\":[%" PRIu64 ",%" PRIu64 "]", e->u.link.rate[0],
                       e->u.link.rate[1]);
        return;
    case DW_TRACE_CONN:
        field(t, "protocol", e->u.conn.protocol);
        addr_field(t, "local", &e->u.conn.flow.local);
        integer(t, "local_port", e->u.conn.flow.local_port);
        addr_field(t, "remote", &e->u.conn.flow.remote);
        integer(t, "remote_port", e->u.conn.flow.remote_port);
        integer(t, "transport", e->u.conn.flow.transport);
        return;
    case DW_TRACE_SENT:
    case DW_TRACE_QUEUED:
    case DW_TRACE_DELIVERED:
    case DW_TRACE_DROPPED:
    case DW_TRACE_DUPLICATED:
    case DW_TRACE_DAMAGED:
    case DW_TRACE_MARKED: write_packet(t, e); return;
    case DW_TRACE_STATE:
        dw_text_add(t, ",\"state\":{\"from\":");
        quoted(t, e->u.state.from);
        dw_text_add(t, ",\"to\":");
        quoted(t, e->u.state.to);
        dw_text_add(t, "}");
        return;
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
        field(t, "name", e->u.variable.name);
        integer(t, "value", e->u.variable.value);
        return;
    case DW_TRACE_TIMER_SET:
    case DW_TRACE_TIMER_FIRED:
    case DW_TRACE_TIMER_CANCELLED:
        field(t, "name", e->u.timer.name);
        integer(t, "at", e->u.timer.at);
        return;
    case DW_TRACE_CALL:
        field(t, "name", e->u.call.name);
        field(t, "detail", e->u.call.detail);
        integer(t, "value", e->u.call.value);
        dw_text_format(t, ",\"data\":\"%016" PRIx64 "\"", e->u.call.data_hash);
        return;
    case DW_TRACE_NOTE: field(t, "text", e->u.note.text); return;
    case DW_TRACE_TYPES: return;
    }
}

/* Causes that have been written: the sentence stands with the first event of each. */
enum { MOST_CAUSES = 512 };
typedef struct known_causes {
    const dw_cause *list[MOST_CAUSES];
    size_t count;
} known_causes;

static void write_cause(dw_text *t, const dw_cause *cause, known_causes *known)
{
    field(t, "why", cause->name);
    if (cause->rfc) field(t, "rfc", cause->rfc);
    for (size_t i = 0; i < known->count; i++)
        if (known->list[i] == cause) return;
    if (cause->text) field(t, "because", cause->text);
    if (known->count < MOST_CAUSES) known->list[known->count++] = cause;
}

int dw_trace_save(const dw_trace *trace, const char *path, char *why, size_t why_size)
{
    dw_output *out;
    int status = dw_output_open(path, &out, why, why_size);
    if (status != DW_OK) return status;
    dw_text line = {0};
    known_causes known = {.count = 0};
    dw_text_format(&line, "{\"drywire\":\"%s\",\"trace\":%d,\"time\":\"ns\"}\n", DW_VERSION,
                   FORMAT_VERSION);
    for (size_t i = 0; i < dw_trace_count(trace) && !line.failed; i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        dw_text_format(&line, "{\"t\":%" PRId64 ",\"ev\":\"%s\"", e->at,
                       dw_trace_type_name(e->type));
        if (e->node != UINT32_MAX) integer(&line, "node", e->node);
        if (e->conn) integer(&line, "conn", e->conn);
        if (e->cause) write_cause(&line, e->cause, &known);
        write_event(&line, e);
        dw_text_add(&line, "}\n");
        if (!line.failed) dw_output_write(out, line.data, line.len);
        line.len = 0;
    }
    char digest[DW_DIGEST_TEXT];
    dw_trace_digest(trace, digest);
    dw_text_format(&line, "{\"digest\":\"%s\",\"events\":%zu}\n", digest, dw_trace_count(trace));
    if (line.failed)
        dw_output_no_memory(out);
    else
        dw_output_write(out, line.data, line.len);
    dw_text_free(&line);
    return dw_output_close(out, why, why_size);
}

/* Reading. */

typedef struct reader {
    dw_trace *trace;
    known_causes causes;
    const char *wrong; /* what is the matter with this line */
    bool no_memory;
} reader;

static int64_t get_int(const json_t *o, const char *name, int64_t missing)
{
    const json_t *v = json_object_get(o, name);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : missing;
}

static const char *get_text(reader *r, const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    if (!s) {
        r->wrong = name;
        return "";
    }
    const char *kept = dw_trace_intern(r->trace, s);
    r->no_memory |= !kept;
    return kept ? kept : "";
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

static uint64_t get_hex64(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? strtoull(s, NULL, 16) : 0;
}

static dw_addr get_addr(const json_t *o, const char *name)
{
    dw_addr a = {0};
    const char *s = json_string_value(json_object_get(o, name));
    if (s) dw_addr_parse(s, &a);
    return a;
}

static bool read_slice(reader *r, const json_t *v, dw_slice *out)
{
    const char *text = json_string_value(v);
    if (!text) {
        int64_t len = get_int(v, "len", -1), offset = get_int(v, "offset", -1);
        if (len < 0 || len > UINT32_MAX || offset < 0) return false;
        *out = (dw_slice){.buf = dw_buf_generated(get_hex64(v, "seed"), UINT64_MAX),
                          .offset = (uint64_t)offset,
                          .len = (uint32_t)len};
        r->no_memory |= !out->buf;
        return out->buf != NULL;
    }
    size_t len = strlen(text) / 2;
    dw_buf *buf = dw_buf_new(NULL, len);
    r->no_memory |= !buf;
    if (!buf) return false;
    if (unhex(text, buf->bytes, len) != (int64_t)len) {
        dw_buf_unref(buf);
        return false;
    }
    *out = (dw_slice){.buf = buf, .len = (uint32_t)len};
    return true;
}

typedef struct packet_room {
    uint8_t head[DW_PACKET_HEAD];
    dw_slice slices[DW_PACKET_SLICES];
} packet_room;

static void read_packet(reader *r, const json_t *o, dw_trace_event *e, packet_room *room)
{
    int64_t link = get_int(o, "link", -1), len = get_int(o, "len", -1);
    const char *head = json_string_value(json_object_get(o, "head"));
    int64_t head_len = head ? unhex(head, room->head, sizeof room->head) : -1;
    e->packet = (uint64_t)get_int(o, "packet", 0);
    if (head_len < 0 || len < 0 || len > 65535 || e->packet > (uint64_t)1 << 32) {
        r->wrong = "packet";
        return;
    }
    e->link = link < 0 ? UINT32_MAX : (uint32_t)link;
    e->direction = (uint8_t)(get_int(o, "direction", 0) & 1);
    e->u.packet.payload_len = (uint32_t)len;
    e->u.packet.other = (uint64_t)get_int(o, "other", 0);
    e->u.packet.head = room->head;
    e->u.packet.head_len = (uint16_t)head_len;
    const json_t *checksum = json_object_get(o, "checksum");
    if (json_array_size(checksum) == 2) {
        e->u.packet.checksum = DW_CHECKSUM_PARTIAL;
        e->u.packet.checksum_start = (uint8_t)json_integer_value(json_array_get(checksum, 0));
        e->u.packet.checksum_at = (uint8_t)json_integer_value(json_array_get(checksum, 1));
        if (e->u.packet.checksum_at + 2 > head_len || e->u.packet.checksum_start > head_len)
            r->wrong = "checksum";
    }
    const json_t *slices = json_object_get(o, "payload");
    for (size_t i = 0; i < json_array_size(slices) && i < DW_PACKET_SLICES; i++) {
        if (!read_slice(r, json_array_get(slices, i), &room->slices[i])) {
            r->wrong = "payload";
            break;
        }
        e->u.packet.slice_count++;
    }
    e->u.packet.slices = room->slices;
}

static void read_link(reader *r, const json_t *o, dw_trace_event *e)
{
    const json_t *ends = json_object_get(o, "ends"), *delay = json_object_get(o, "delay"),
                 *rate = json_object_get(o, "rate");
    int64_t link = get_int(o, "link", -1);
    if (json_array_size(ends) != 2 || json_array_size(delay) != 2 || json_array_size(rate) != 2 ||
        link < 0 || link > 1 << 24) {
        r->wrong = "link";
        return;
    }
    e->link = (uint32_t)link;
    e->u.link.a = (uint32_t)json_integer_value(json_array_get(ends, 0));
    e->u.link.b = (uint32_t)json_integer_value(json_array_get(ends, 1));
    for (size_t i = 0; i < 2; i++) {
        e->u.link.delay[i] = json_integer_value(json_array_get(delay, i));
        e->u.link.rate[i] = (uint64_t)json_integer_value(json_array_get(rate, i));
    }
}

static void read_conn(reader *r, const json_t *o, dw_trace_event *e)
{
    e->u.conn.protocol = get_text(r, o, "protocol");
    e->u.conn.flow.local = get_addr(o, "local");
    e->u.conn.flow.remote = get_addr(o, "remote");
    e->u.conn.flow.local_port = (uint16_t)get_int(o, "local_port", 0);
    e->u.conn.flow.remote_port = (uint16_t)get_int(o, "remote_port", 0);
    e->u.conn.flow.transport = (uint8_t)get_int(o, "transport", 0);
    if (e->conn == 0) r->wrong = "conn";
}

static void read_details(reader *r, const json_t *o, dw_trace_event *e, packet_room *room)
{
    const json_t *state = json_object_get(o, "state");
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_NODE:
        e->u.node.name = get_text(r, o, "name");
        e->u.node.addr = get_addr(o, "addr");
        return;
    case DW_TRACE_LINK: read_link(r, o, e); return;
    case DW_TRACE_CONN: read_conn(r, o, e); return;
    case DW_TRACE_SENT:
    case DW_TRACE_QUEUED:
    case DW_TRACE_DELIVERED:
    case DW_TRACE_DROPPED:
    case DW_TRACE_DUPLICATED:
    case DW_TRACE_DAMAGED:
    case DW_TRACE_MARKED: read_packet(r, o, e, room); return;
    case DW_TRACE_STATE:
        e->u.state.from = get_text(r, state, "from");
        e->u.state.to = get_text(r, state, "to");
        return;
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
        e->u.variable.name = get_text(r, o, "name");
        e->u.variable.value = get_int(o, "value", 0);
        return;
    case DW_TRACE_TIMER_SET:
    case DW_TRACE_TIMER_FIRED:
    case DW_TRACE_TIMER_CANCELLED:
        e->u.timer.name = get_text(r, o, "name");
        e->u.timer.at = get_int(o, "at", 0);
        return;
    case DW_TRACE_CALL:
        e->u.call.name = get_text(r, o, "name");
        e->u.call.detail = get_text(r, o, "detail");
        e->u.call.value = get_int(o, "value", 0);
        e->u.call.data_hash = get_hex64(o, "data");
        return;
    case DW_TRACE_NOTE: e->u.note.text = get_text(r, o, "text"); return;
    case DW_TRACE_TYPES: return;
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
    known_causes *known = &r->causes;
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->list[i]->name, name) == 0) return known->list[i];
    const dw_cause *cause =
        dw_trace_intern_cause(r->trace, name, json_string_value(json_object_get(o, "rfc")),
                              json_string_value(json_object_get(o, "because")));
    r->no_memory |= !cause;
    if (cause && known->count < MOST_CAUSES) known->list[known->count++] = cause;
    return cause;
}

static void read_event(reader *r, const json_t *o)
{
    enum dw_trace_type type = type_named(json_string_value(json_object_get(o, "ev")));
    if (type == DW_TRACE_TYPES) {
        r->wrong = "ev";
        return;
    }
    int64_t node = get_int(o, "node", -1), conn = get_int(o, "conn", 0);
    if (node > 1 << 24 || conn < 0 || conn > 1 << 26 || (type == DW_TRACE_NODE && node < 0)) {
        r->wrong = "node";
        return;
    }
    dw_trace_event e = {.at = get_int(o, "t", 0),
                        .type = (uint8_t)type,
                        .link = UINT32_MAX,
                        .node = node < 0 ? UINT32_MAX : (uint32_t)node,
                        .conn = (uint32_t)conn};
    packet_room room;
    const char *why = json_string_value(json_object_get(o, "why"));
    if (why) e.cause = read_cause(r, o, why);
    read_details(r, o, &e, &room);
    bool packet = type >= DW_TRACE_SENT && type <= DW_TRACE_MARKED;
    if (!r->wrong && dw_trace_append(r->trace, &e) != DW_OK) r->no_memory = true;
    for (int i = 0; packet && i < e.u.packet.slice_count; i++)
        dw_buf_unref(room.slices[i].buf);
}

static int no_memory(const char *path, char *why, size_t size)
{
    snprintf(why, size, "cannot read %s: out of memory", path);
    return DW_E_NOMEM;
}

/* Whether a line can be parsed with what memory there is.  jansson drops characters that its buffer
 * cannot grow for, a closing quote too, so it should not come to that. */
static bool enough_memory(const char *line)
{
    enum { A_CHARACTER = 32, AT_LEAST = 4096 }; /* "0:0," makes a key, a value and a bucket */
    void *volatile block = malloc(strlen(line) * A_CHARACTER + AT_LEAST); /* not optimised away */
    free(block);
    return block != NULL;
}

/* NULL for what is not JSON, and with *no_memory for what could not be read: jansson calls some of
 * that bad syntax. */
static json_t *parse(const char *line, bool *no_memory)
{
    *no_memory = !enough_memory(line);
    if (*no_memory) return NULL;
    errno = 0;
    json_t *o = json_loads(line, 0, NULL);
    *no_memory = errno == ENOMEM;
    if (o && *no_memory) json_decref(o);
    return *no_memory ? NULL : o;
}

static int foreign(const char *path, char *why, size_t size)
{
    snprintf(why, size, "%s is not a drywire trace (its first line is no trace header)", path);
    return DW_E_FORMAT;
}

static int read_header(const char *path, const char *line, char *why, size_t size)
{
    bool failed;
    json_t *o = parse(line, &failed);
    if (failed) return no_memory(path, why, size);
    const json_t *version = json_object_get(o, "trace");
    if (!json_is_string(json_object_get(o, "drywire")) || !json_is_integer(version)) {
        json_decref(o);
        return foreign(path, why, size);
    }
    int64_t number = json_integer_value(version);
    json_decref(o);
    if (number == FORMAT_VERSION) return DW_OK;
    snprintf(why, size, "%s has trace format %" PRId64 "; this drywire reads format %d", path,
             number, FORMAT_VERSION);
    return DW_E_FORMAT;
}

/* Returns DW_OK to go on, 1 at the digest line. */
static int read_line(reader *r, const char *path, size_t number, const char *line, char *why,
                     size_t size)
{
    bool failed;
    json_t *o = parse(line, &failed);
    int status = DW_OK;
    if (failed) return no_memory(path, why, size);
    if (!json_is_object(o)) {
        snprintf(why, size, "%s:%zu: not a JSON object (was the file cut short?)", path, number);
        status = DW_E_FORMAT;
    } else if (json_object_get(o, "digest")) {
        char digest[DW_DIGEST_TEXT];
        dw_trace_digest(r->trace, digest);
        const char *said = json_string_value(json_object_get(o, "digest"));
        status = 1;
        if (!said || strcmp(said, digest) != 0) {
            snprintf(why, size,
                     "%s: the events do not match the digest at the end: the file was "
                     "edited or damaged",
                     path);
            status = DW_E_FORMAT;
        }
    } else {
        read_event(r, o);
        if (r->no_memory) {
            status = no_memory(path, why, size);
        } else if (r->wrong) {
            snprintf(why, size, "%s:%zu: field \"%s\" is missing or out of range", path, number,
                     r->wrong);
            status = DW_E_FORMAT;
        }
    }
    json_decref(o);
    return status;
}

static int read_all(reader *r, FILE *f, const char *path, char *why, size_t size)
{
    char *line = NULL;
    size_t capacity = 0, number = 1;
    int status = DW_E_FORMAT;
    errno = 0;
    if (getline(&line, &capacity, f) < 0) {
        status = errno == ENOMEM ? no_memory(path, why, size) : foreign(path, why, size);
    } else {
        status = read_header(path, line, why, size);
        while (status == DW_OK && (errno = 0, getline(&line, &capacity, f) >= 0))
            status = read_line(r, path, ++number, line, why, size);
        if (status == DW_OK && errno == ENOMEM) {
            status = no_memory(path, why, size);
        } else if (status == DW_OK) {
            snprintf(why, size, "%s ends after line %zu without its digest: it was cut short", path,
                     number);
            status = DW_E_FORMAT;
        } else if (status == 1) {
            status = DW_OK;
        }
    }
    free(line);
    return status;
}

int dw_trace_load(const char *path, dw_trace **out, char *why, size_t why_size)
{
    FILE *f = fopen(path, "rb");
    if (!f && errno == ENOMEM) return no_memory(path, why, why_size);
    if (!f) {
        snprintf(why, why_size, "cannot read %s: %s", path, strerror(errno));
        return DW_E_IO;
    }
    reader r = {0};
    int status = dw_trace_new(&r.trace, true);
    if (status == DW_OK)
        status = read_all(&r, f, path, why, why_size);
    else
        no_memory(path, why, why_size);
    fclose(f);
    if (status == DW_OK)
        *out = r.trace;
    else
        dw_trace_free(r.trace);
    return status;
}
