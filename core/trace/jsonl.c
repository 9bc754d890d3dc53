/* Traces as JSON lines: writing.
 *
 * The first line says what the file is, each further line is an event, the last holds the digest.
 * Everything that the digest covers is in the lines, so a reader can tell a whole file from one
 * that was cut or edited.  A packet is told once: what an event does not say of it is as the last
 * event of the same packet had it, and data that another packet has had refers to that. */
#include "jsonl.h"

#include "base/escape.h"
#include "base/gzip.h"
#include "base/output.h"
#include "packet/dissect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets that grow. */
typedef struct octets {
    uint8_t *data;
    size_t cap;
} octets;

typedef struct writer {
    const dw_trace *trace;
    dw_output *out;
    dw_gzip *gzip; /* or NULL */
    dw_text line;
    dw_jsonl_causes causes;
    dw_jsonl_packets packets;
    dw_map contents; /* packets of the list, from 1, under their data's hash */
    octets here, there;
    bool no_memory;
} writer;

static void quoted(dw_text *t, const char *s)
{
    dw_text_add(t, "\"");
    dw_text_escape(t, DW_IN_JSON, s);
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

/* Of a node or a link; -1: of none. */
static void number(dw_text *t, const char *name, uint32_t index)
{
    integer(t, name, index == UINT32_MAX ? -1 : (int64_t)index);
}

static void octets_as_hex(dw_text *t, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char out[128];
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        out[n++] = digits[bytes[i] >> 4];
        out[n++] = digits[bytes[i] & 15];
        if (n < sizeof out && i + 1 < len) continue;
        dw_text_add_n(t, out, n);
        n = 0;
    }
}

static void addr_field(dw_text *t, const char *name, const dw_addr *a)
{
    char text[DW_ADDR_TEXT];
    field(t, name, dw_addr_format(a, text, sizeof text));
}

/* For people and scripts: the header, read.  Loading uses "head" alone. */
static void segment(dw_text *t, const dw_trace *trace, const dw_trace_event *e)
{
    dw_dissection d;
    char flags[64];
    dw_dissect(trace->plugins, e->u.packet.head, e->u.packet.head_len,
               (size_t)e->u.packet.head_len + e->u.packet.payload_len, &d);
    if (d.malformed || !d.protocol) return;
    dw_text_add(t, ",\"seg\":{\"protocol\":");
    quoted(t, d.protocol);
    dw_text_format(t, ",\"sport\":%u,\"dport\":%u", d.sport, d.dport);
    if (d.flag_names) {
        field(t, "flags", dw_flags_text(&d, flags, sizeof flags));
        integer(t, "seq", d.seq);
        integer(t, "ack", d.ack);
        integer(t, "window", d.window);
    }
    integer(t, "len", d.len);
    dw_text_add(t, "}");
}

static void data_of(dw_text *t, const dw_trace_event *e)
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
        octets_as_hex(t, s->buf->bytes + s->offset, s->len);
        dw_text_add(t, "\"");
    }
    dw_text_add(t, "]");
}

/* Real octets alone, which may be long; 0: there are none.  Returns how many. */
static size_t gather(writer *w, const dw_trace_event *e, octets *out)
{
    size_t len = 0, at = 0;
    for (int i = 0; i < e->u.packet.slice_count; i++) {
        if (e->u.packet.slices[i].buf->generated) return 0;
        len += e->u.packet.slices[i].len;
    }
    if (len > out->cap) {
        uint8_t *grown = realloc(out->data, len);
        w->no_memory |= !grown;
        if (!grown) return 0;
        *out = (octets){grown, len};
    }
    for (int i = 0; i < e->u.packet.slice_count; i++) {
        dw_slice_copy(&e->u.packet.slices[i], out->data + at);
        at += e->u.packet.slices[i].len;
    }
    return len;
}

/* The packet whose data is the same, sent again or written again; else the event's own is kept for
 * those to come, if others can find it: where it begins its packet. */
static uint64_t same_data(writer *w, const dw_trace_event *e, bool begins)
{
    size_t len = gather(w, e, &w->here);
    uint32_t at = 0, i;
    if (len == 0) return 0;
    uint64_t hash = XXH3_64bits(w->here.data, len);
    while ((i = dw_map_next(&w->contents, hash, &at)) != 0) {
        const dw_jsonl_packet *p = &w->packets.list[i - 1];
        if (gather(w, p->first, &w->there) == len && memcmp(w->here.data, w->there.data, len) == 0)
            return p->number;
    }
    if (!begins) return 0;
    if (dw_map_room(&w->contents))
        dw_map_add(&w->contents, hash, w->packets.count + 1); /* where it will be listed */
    else
        w->no_memory = true;
    return 0;
}

static bool same_slices(const dw_trace_event *a, const dw_trace_event *b)
{
    int count = a ? a->u.packet.slice_count : 0;
    if (count != b->u.packet.slice_count) return false;
    for (int i = 0; i < count; i++) {
        const dw_slice *x = &a->u.packet.slices[i], *y = &b->u.packet.slices[i];
        if (x->buf != y->buf || x->offset != y->offset || x->len != y->len) return false;
    }
    return true;
}

static void payload(writer *w, const dw_trace_event *e, const dw_jsonl_packet *p)
{
    const dw_trace_event *before = p && dw_jsonl_has_data(e->type) ? p->body : NULL;
    if (same_slices(before, e)) return;
    uint64_t other = same_data(w, e, !p && dw_jsonl_has_data(e->type));
    if (other)
        integer(&w->line, "payload", (int64_t)other);
    else
        data_of(&w->line, e);
}

/* What of a header is another than before, as [[offset, octets], ...]; false: hardly shorter than
 * the header. */
static bool head_changes(dw_text *t, const dw_trace_event *before, const dw_trace_event *e)
{
    enum { MAX_CHANGES = 4, JOINED = 3 };
    size_t len = e->u.packet.head_len, from[MAX_CHANGES], to[MAX_CHANGES], count = 0;
    const uint8_t *old = before->u.packet.head, *new = e->u.packet.head;
    if (len != before->u.packet.head_len) return false;
    for (size_t i = 0; i < len; i++) {
        if (old[i] == new[i]) continue;
        if (count == 0 || i - to[count - 1] > JOINED) {
            if (count == MAX_CHANGES) return false;
            from[count++] = i;
        }
        to[count - 1] = i + 1;
    }
    dw_text_add(t, ",\"head\":[");
    for (size_t i = 0; i < count; i++) {
        dw_text_format(t, "%s[%zu,\"", i ? "," : "", from[i]);
        octets_as_hex(t, new + from[i], to[i] - from[i]);
        dw_text_add(t, "\"]");
    }
    dw_text_add(t, "]");
    return true;
}

static bool same_head(const dw_trace_event *before, const dw_trace_event *e)
{
    uint16_t len = before ? before->u.packet.head_len : 0;
    return len == e->u.packet.head_len &&
           (len == 0 || memcmp(before->u.packet.head, e->u.packet.head, len) == 0);
}

/* Where the header's checksum is to be filled in, if that is not as it was; null: nowhere any more.
 */
static void checksum(dw_text *t, const dw_trace_event *before, const dw_trace_event *e)
{
    bool is_partial = e->u.packet.checksum == DW_CHECKSUM_PARTIAL;
    bool was_partial = before && before->u.packet.checksum == DW_CHECKSUM_PARTIAL;
    uint8_t start = e->u.packet.checksum_start, at = e->u.packet.checksum_at;
    if (was_partial && !is_partial) dw_text_add(t, ",\"checksum\":null");
    if (!is_partial) return;
    if (was_partial && before->u.packet.checksum_start == start &&
        before->u.packet.checksum_at == at)
        return;
    dw_text_format(t, ",\"checksum\":[%u,%u]", start, at);
}

/* The header, whole where what has changed would be as long; its fields with a packet's first
 * event, and where they may be others. */
static void head(writer *w, const dw_trace_event *e, const dw_jsonl_packet *p)
{
    bool has = dw_jsonl_has_head(e->type), begins = has && !(p && p->head);
    const dw_trace_event *before = dw_jsonl_before(&w->packets, p, e);
    bool same = (before || !has) && same_head(before, e);
    if (!same && !(before && head_changes(&w->line, before, e))) {
        dw_text_add(&w->line, ",\"head\":\"");
        octets_as_hex(&w->line, e->u.packet.head, e->u.packet.head_len);
        dw_text_add(&w->line, "\"");
    }
    checksum(&w->line, before, e);
    payload(w, e, p);
    if (begins || (!same && e->type == DW_TRACE_DAMAGED)) segment(&w->line, w->trace, e);
}

static void write_packet(writer *w, const dw_trace_event *e, const dw_jsonl_packet *p)
{
    const dw_trace_event *last = p ? p->last : NULL;
    integer(&w->line, "packet", (int64_t)e->packet);
    if (!last || last->link != e->link) number(&w->line, "link", e->link);
    if (!last || last->direction != e->direction) integer(&w->line, "direction", e->direction);
    if (!last || last->u.packet.payload_len != e->u.packet.payload_len)
        integer(&w->line, "len", e->u.packet.payload_len);
    if (e->u.packet.other) integer(&w->line, "other", (int64_t)e->u.packet.other);
    head(w, e, p);
    w->no_memory |= !dw_jsonl_note(&w->packets, e);
}

/* What the type has; names are those that read_details takes. */
static void write_details(writer *w, const dw_trace_event *e, const dw_jsonl_packet *p)
{
    dw_text *t = &w->line;
    switch (dw_trace_part(e)) {
    case DW_PART_NODE:
        field(t, "name", e->u.node.name);
        addr_field(t, "addr", &e->u.node.addr);
        return;
    case DW_PART_LINK:
        integer(t, "link", e->link);
        dw_text_format(t, ",\"ends\":[%u,%u]", e->u.link.a, e->u.link.b);
        dw_text_format(t, ",\"delay\":[%" PRId64 ",%" PRId64 "]", e->u.link.delay[0],
                       e->u.link.delay[1]);
        dw_text_format(t, ",\"rate\":[%" PRIu64 ",%" PRIu64 "]", e->u.link.rate[0],
                       e->u.link.rate[1]);
        return;
    case DW_PART_CONN:
        field(t, "protocol", e->u.conn.protocol);
        addr_field(t, "local", &e->u.conn.flow.local);
        integer(t, "local_port", e->u.conn.flow.local_port);
        addr_field(t, "remote", &e->u.conn.flow.remote);
        integer(t, "remote_port", e->u.conn.flow.remote_port);
        integer(t, "transport", e->u.conn.flow.transport);
        return;
    case DW_PART_PACKET: write_packet(w, e, p); return;
    case DW_PART_STATE:
        dw_text_add(t, ",\"state\":{\"from\":");
        quoted(t, e->u.state.from);
        dw_text_add(t, ",\"to\":");
        quoted(t, e->u.state.to);
        dw_text_add(t, "}");
        return;
    case DW_PART_VARIABLE:
        field(t, "name", e->u.variable.name);
        integer(t, "value", e->u.variable.value);
        return;
    case DW_PART_TIMER:
        field(t, "name", e->u.timer.name);
        integer(t, "at", e->u.timer.at);
        return;
    case DW_PART_CALL:
        field(t, "name", e->u.call.name);
        if (e->u.call.detail[0]) field(t, "detail", e->u.call.detail);
        integer(t, "value", e->u.call.value);
        if (e->u.call.data_hash)
            dw_text_format(t, ",\"data\":\"%016" PRIx64 "\"", e->u.call.data_hash);
        return;
    case DW_PART_NOTE: field(t, "text", e->u.note.text); return;
    case DW_PART_NONE: return;
    }
}

static void write_cause(writer *w, const dw_cause *cause)
{
    dw_jsonl_causes *known = &w->causes;
    field(&w->line, "why", cause->name);
    for (size_t i = 0; i < known->count; i++)
        if (known->list[i] == cause) return;
    if (cause->rfc) field(&w->line, "rfc", cause->rfc);
    if (cause->text) field(&w->line, "because", cause->text);
    if (known->count < DW_JSONL_CAUSES) known->list[known->count++] = cause;
}

/* Of a packet that has been told of, what has changed: `last` is its last event, `sent` the last
 * that says why it was sent. */
static void write_common(writer *w, const dw_trace_event *e, const dw_trace_event *last,
                         const dw_trace_event *sent)
{
    dw_text *t = &w->line;
    bool same_cause = sent && dw_jsonl_has_data(e->type) && sent->cause == e->cause;
    static const dw_trace_event nobody = {.node = UINT32_MAX};
    if (!last) last = &nobody;
    if (last->node != e->node) number(t, "node", e->node);
    if (last->conn != e->conn) integer(t, "conn", e->conn);
    if (e->cause && !same_cause) write_cause(w, e->cause);
    if (!e->cause && sent && sent->cause && dw_jsonl_has_data(e->type))
        dw_text_add(t, ",\"why\":null");
    if (e->certainty) field(t, "certainty", dw_certainty_name(e->certainty));
}

static void write_event(writer *w, const dw_trace_event *e)
{
    const dw_jsonl_packet *p = dw_trace_is_packet(e) ? dw_jsonl_find(&w->packets, e->packet) : NULL;
    dw_text_format(&w->line, "{\"t\":%" PRId64 ",\"ev\":\"%s\"", e->at,
                   dw_trace_type_name(e->type));
    static const dw_jsonl_packet none;
    const dw_jsonl_packet *told = p ? p : &none;
    write_common(w, e, told->last, told->body);
    write_details(w, e, p);
    dw_text_add(&w->line, "}\n");
}

static void write_end(writer *w)
{
    char digest[DW_DIGEST_TEXT];
    dw_trace_digest(w->trace, digest);
    dw_text_format(&w->line, "{\"digest\":\"%s\",\"events\":%zu", digest, dw_trace_count(w->trace));
    if (w->trace->until && dw_trace_end(w->trace) == w->trace->until)
        integer(&w->line, "end", w->trace->until);
    dw_text_add(&w->line, "}\n");
}

/* A line is written as soon as it is made, so a trace takes no second copy of itself. */
static void end_line(writer *w)
{
    if (w->line.failed || w->no_memory) return;
    if (w->gzip)
        dw_gzip_write(w->gzip, w->line.data, w->line.len);
    else
        dw_output_write(w->out, w->line.data, w->line.len);
    w->line.len = 0;
}

static void write_lines(writer *w)
{
    dw_text_format(&w->line, "{\"drywire\":\"%s\",\"trace\":%d,\"time\":\"ns\"}\n", DW_VERSION,
                   DW_JSONL_VERSION);
    end_line(w);
    for (size_t i = 0; i < dw_trace_count(w->trace) && !w->line.failed && !w->no_memory; i++) {
        write_event(w, dw_trace_at(w->trace, i));
        end_line(w);
    }
    write_end(w);
    end_line(w);
}

static void writer_free(writer *w)
{
    dw_text_free(&w->line);
    dw_jsonl_forget(&w->packets);
    dw_map_free(&w->contents);
    free(w->here.data);
    free(w->there.data);
}

int dw_trace_save(const dw_trace *trace, const char *path, char *why, size_t why_size)
{
    writer w = {.trace = trace};
    int status = dw_output_open(path, &w.out, why, why_size);
    if (status != DW_OK) return status;
    if (dw_gzip_named(path)) status = dw_gzip_begin(w.out, &w.gzip);
    if (status == DW_OK) write_lines(&w);
    dw_gzip_end(w.gzip);
    if (w.line.failed || w.no_memory || status != DW_OK) dw_output_no_memory(w.out);
    writer_free(&w);
    int closed = dw_output_close(w.out, why, why_size);
    if (status != DW_E_INVAL) return closed;
    snprintf(why, why_size, "cannot write %s: this drywire was built without zlib", path);
    return DW_E_INVAL;
}
