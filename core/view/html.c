/* The player: a page that shows a trace at every moment.
 *
 * The page is the files of core/view/player, the plots' library and the trace, in one file that
 * loads nothing.  The trace is a JSON object of tables; events are one array of integers, so that a
 * browser reads a hundred thousand of them in a tenth of a second:
 *
 *   nodes    [name, [address ...]] ...
 *   order    of nodes, from left to right
 *   links    [end, end, delay, delay, rate, rate] ...        nodes; ns; bit/s
 *   conns    [node, protocol, local, port, remote, port] ... from connection 1 on
 *   causes   [name, rfc, sentence] ...                       from 1 on
 *   strings  names of states, variables, timers, calls
 *   states   by protocol, how each of its states is drawn
 *   heads    header bytes, hexadecimal                       from 1 on
 *   packets  PACKET_FIELDS integers each, by rising number: see write_packets
 *   picture  what the page opens with: see html_picture.c; words: in its language
 *   payloads the beginning of each packet's data, hexadecimal, by number
 *   events   type + CERTAINTY * how sure it is, time since the last one, node + 1, connection,
 *            cause, and what the type has: see write_event */
#include "base/config.h"
#include "base/escape.h"
#include "base/list.h"
#include "base/map.h"
#include "html_picture.h"
#include "packet/dissect.h"
#include "packet/protocols.h"
#include "picture.h"
#include "player.h"
#include "svg_model.h"
#include "trace/packets.h"
#include "trace/trace.h"
#include "windows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_FIELDS = 16, CERTAINTY = 32, MAX_PAYLOAD_BYTES = 4 << 20 };

/* Texts, or pointers, in the order of their first appearance; equal ones are one. */
typedef struct table {
    const void **items;
    size_t count;
    dw_map numbers;     /* of items, from 1 */
    bool texts, failed; /* texts: compared and copied */
} table;

static uint64_t hash_of(const table *t, const void *item)
{
    return t->texts ? XXH3_64bits(item, strlen(item)) : XXH3_64bits(&item, sizeof item);
}

static bool has_room(table *t)
{
    const void **items = dw_list_room(t->items, t->count, sizeof *items);
    if (items) t->items = items;
    return items && dw_map_room(&t->numbers);
}

/* From 1; the same for the same item.  0: out of memory. */
static int64_t number_of(table *t, const void *item)
{
    uint64_t hash = hash_of(t, item);
    uint32_t at = 0, number;
    while ((number = dw_map_next(&t->numbers, hash, &at)) != 0) {
        const void *there = t->items[number - 1];
        if (t->texts ? strcmp(there, item) == 0 : there == item) return number;
    }
    const void *kept = NULL;
    if (!t->failed && has_room(t)) kept = t->texts ? dw_copy_text(item) : item;
    t->failed |= !kept;
    if (!kept) return 0;
    t->items[t->count++] = kept;
    dw_map_add(&t->numbers, hash, (uint32_t)t->count);
    return (int64_t)t->count;
}

static void table_free(table *t)
{
    for (size_t i = 0; t->texts && i < t->count; i++)
        free((void *)t->items[i]);
    free(t->items);
    dw_map_free(&t->numbers);
}

typedef struct writer {
    const dw_trace *trace;
    const dw_html_config *config;
    dw_picture picture;
    dw_cut cut; /* what the page opens with */
    dw_text out;
    table strings, causes;
    dw_packet_view *packets;
    size_t packet_count;
    size_t *head;                 /* of each of packets: its present header's number in heads */
    const dw_trace_event **shown; /* heads, from 1: the event that has the bytes ... */
    const dw_trace_event **body;  /* ... and of each of packets the one that has the payload */
    size_t head_count, head_capacity;
    size_t *head_packet; /* of a head: the index of its packet */
} writer;

static void put(writer *w, const char *s)
{
    dw_text_add(&w->out, s);
}

static void number(writer *w, int64_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        digits[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (n < 0) digits[--at] = '-';
    dw_text_add_n(&w->out, digits + at, sizeof digits - at);
}

static void next(writer *w, int64_t n)
{
    put(w, ",");
    number(w, n);
}

/* The page shows it as it is here: nothing in it is unseen. */
static void quoted(writer *w, const char *s)
{
    dw_text shown = {0};
    dw_text_escape(&shown, DW_IN_LINES, s);
    w->out.failed |= shown.failed;
    put(w, "\"");
    if (shown.data) dw_text_escape(&w->out, DW_IN_HTML_JSON, shown.data);
    put(w, "\"");
    dw_text_free(&shown);
}

static void hex(writer *w, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        char two[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        dw_text_add_n(&w->out, two, 2);
    }
}

static void quoted_addr(writer *w, const dw_addr *a)
{
    char text[DW_ADDR_TEXT];
    quoted(w, dw_addr_format(a, text, sizeof text));
}

/* Headers. */

/* The packet of an event that has its header; NULL: there is none. */
static const dw_packet_view *with_head(const writer *w, const dw_trace_event *e)
{
    if (!dw_trace_is_packet(e) || e->type == DW_TRACE_QUEUED) return NULL;
    return dw_view_numbered(w->packets, w->packet_count, e->packet);
}

static bool carries_payload(const dw_trace_event *e)
{
    return e->type == DW_TRACE_SENT || e->type == DW_TRACE_DAMAGED ||
           e->type == DW_TRACE_DUPLICATED;
}

static bool same_head(const dw_trace_event *a, const dw_trace_event *b)
{
    return a->u.packet.head_len == b->u.packet.head_len &&
           memcmp(a->u.packet.head, b->u.packet.head, a->u.packet.head_len) == 0;
}

/* The number of the bytes that a packet has in this event. */
static size_t head_of(writer *w, const dw_trace_event *e)
{
    const dw_packet_view *v = with_head(w, e);
    if (!v) return 0;
    size_t i = (size_t)(v - w->packets), present = w->head[i];
    bool changed = !present || e->type == DW_TRACE_DAMAGED || !same_head(w->shown[present], e);
    if (carries_payload(e) && (changed || !w->body[i])) w->body[i] = e;
    if (!changed) return present;
    w->shown[++w->head_count] = e;
    w->head_packet[w->head_count] = i;
    return w->head[i] = w->head_count;
}

static uint32_t payload_octets(const dw_trace_event *body)
{
    uint32_t n = 0;
    for (int i = 0; body && i < body->u.packet.slice_count; i++)
        n += body->u.packet.slices[i].len;
    return n;
}

static uint8_t *whole_packet(const dw_trace_event *head, const dw_trace_event *body, size_t *len)
{
    *len = head->u.packet.head_len + payload_octets(body);
    uint8_t *bytes = malloc(*len ? *len : 1), *at = bytes;
    if (!bytes) return NULL;
    memcpy(at, head->u.packet.head, head->u.packet.head_len);
    at += head->u.packet.head_len;
    for (int i = 0; body && i < body->u.packet.slice_count; i++) {
        dw_slice_copy(&body->u.packet.slices[i], at);
        at += body->u.packet.slices[i].len;
    }
    dw_trace_fill_checksum(bytes, *len, head);
    return bytes;
}

static void write_heads(writer *w)
{
    put(w, ",\n\"heads\":[");
    for (size_t i = 1; i <= w->head_count; i++) {
        size_t len;
        uint8_t *bytes = whole_packet(w->shown[i], w->body[w->head_packet[i]], &len);
        put(w, i > 1 ? ",\"" : "\"");
        w->out.failed |= !bytes;
        if (bytes) hex(w, bytes, w->shown[i]->u.packet.head_len);
        put(w, "\"");
        free(bytes);
    }
    put(w, "]");
}

/* As much of each packet's data as keeps the page small. */
static void write_payloads(writer *w)
{
    size_t max = w->packet_count ? MAX_PAYLOAD_BYTES / w->packet_count : 0;
    bool first = true;
    put(w, ",\n\"payloads\":{");
    for (size_t i = 0; i < w->packet_count; i++) {
        size_t left = payload_octets(w->body[i]);
        if (left == 0) continue;
        if (left > max) left = max;
        dw_text_format(&w->out, "%s\"%" PRIu64 "\":\"", first ? "" : ",", w->packets[i].number);
        for (int k = 0; left > 0 && k < w->body[i]->u.packet.slice_count; k++) {
            const dw_slice *s = &w->body[i]->u.packet.slices[k];
            uint8_t *bytes = malloc(s->len ? s->len : 1);
            w->out.failed |= !bytes;
            if (!bytes) break;
            dw_slice_copy(s, bytes);
            hex(w, bytes, s->len < left ? s->len : left);
            left -= s->len < left ? s->len : left;
            free(bytes);
        }
        put(w, "\"");
        first = false;
    }
    put(w, "}");
}

/* Tables. */

static void write_addresses(writer *w, uint32_t node)
{
    bool first = true;
    for (uint32_t k = 0; k < w->trace->address_count; k++) {
        const dw_trace_event *e = w->trace->addresses[k];
        if (e->node != node || e->u.node.addr.family == 0) continue;
        if (!first) put(w, ",");
        quoted_addr(w, &e->u.node.addr);
        first = false;
    }
}

static void write_nodes(writer *w)
{
    put(w, ",\n\"nodes\":[");
    for (uint32_t i = 0; i < dw_trace_nodes(w->trace); i++) {
        put(w, i ? ",[" : "[");
        quoted(w, dw_trace_node_name(w->trace, i));
        put(w, ",[");
        write_addresses(w, i);
        put(w, "]]");
    }
    put(w, "]");
}

/* Nodes from left to right. */
static void write_order(writer *w)
{
    uint32_t *order = dw_svg_order(&w->cut);
    w->out.failed |= !order;
    put(w, ",\n\"order\":[");
    for (uint32_t i = 0; order && i < dw_trace_nodes(w->trace); i++) {
        if (i) put(w, ",");
        number(w, order[i]);
    }
    put(w, "]");
    free(order);
}

/* Numbers are places in the array, so one that was not told of is there all the same. */
static void write_links(writer *w)
{
    static const dw_trace_event untold;
    put(w, ",\n\"links\":[");
    for (uint32_t i = 0; i < w->trace->link_count; i++) {
        const dw_trace_event *e = w->trace->links[i] ? w->trace->links[i] : &untold;
        put(w, i ? ",[" : "[");
        number(w, e->u.link.a);
        next(w, e->u.link.b);
        for (int k = 0; k < 2; k++)
            next(w, e->u.link.delay[k]);
        for (int k = 0; k < 2; k++)
            next(w, (int64_t)e->u.link.rate[k]);
        put(w, "]");
    }
    put(w, "]");
}

static void write_conns(writer *w)
{
    put(w, ",\n\"conns\":[");
    for (uint32_t i = 1; i <= dw_trace_conns(w->trace); i++) {
        const dw_trace_event *e = dw_trace_conn(w->trace, i);
        put(w, i > 1 ? "," : "");
        if (!e) {
            put(w, "null");
            continue;
        }
        put(w, "[");
        number(w, e->node);
        put(w, ",");
        quoted(w, e->u.conn.protocol);
        put(w, ",");
        quoted_addr(w, &e->u.conn.flow.local);
        next(w, e->u.conn.flow.local_port);
        put(w, ",");
        quoted_addr(w, &e->u.conn.flow.remote);
        next(w, e->u.conn.flow.remote_port);
        put(w, "]");
    }
    put(w, "]");
}

static void write_causes(writer *w)
{
    put(w, ",\n\"causes\":[");
    for (size_t i = 0; i < w->causes.count; i++) {
        const dw_cause *c = w->causes.items[i];
        put(w, i ? ",[" : "[");
        quoted(w, c->name);
        put(w, ",");
        quoted(w, c->rfc ? c->rfc : "");
        put(w, ",");
        quoted(w, c->text ? c->text : "");
        put(w, "]");
    }
    put(w, "],\n\"strings\":[");
    for (size_t i = 0; i < w->strings.count; i++) {
        if (i) put(w, ",");
        quoted(w, w->strings.items[i]);
    }
    put(w, "]");
}

static int64_t flags_do(const dw_dissection *d)
{
    static const uint8_t classes[] = {DW_FLAG_OPENS, DW_FLAG_CLOSES, DW_FLAG_RESETS, DW_FLAG_ACKS};
    int64_t found = 0;
    for (size_t i = 0; i < sizeof classes; i++)
        if (dw_flags_that(d, classes[i])) found |= classes[i];
    return found;
}

/* number, protocol, flags (strings), conn, from, to (nodes + 1, by its addresses), sport, dport,
 * seq, ack and where those two begin for the connection (-1: unknown), window, len, the packet this
 * is a copy of, what its flags do (enum dw_flag_class), and whether its label has its window. */
static void write_packets(writer *w)
{
    enum { TELLS_WINDOW = 1 << 8 };
    dw_isn_table isn = {0};
    char flags[64];
    bool *windows = NULL;
    w->out.failed |= dw_windows_find(&w->cut, w->picture.windows, &windows) != DW_OK;
    put(w, ",\n\"packets\":[");
    for (size_t i = 0; i < w->packet_count; i++) {
        const dw_packet_view *v = &w->packets[i];
        const dw_dissection *d = &v->d;
        uint32_t seq_isn, ack_isn;
        dw_isn_learn(&isn, w->trace, v);
        bool seq_known = d->flag_names && dw_isn_find(&isn, d, false, v->number, &seq_isn);
        bool ack_known = d->flag_names && dw_isn_find(&isn, d, true, v->number, &ack_isn);
        const char *names = d->flag_names ? dw_flags_text(d, flags, sizeof flags) : "";
        if (i > 0) put(w, ",");
        number(w, (int64_t)v->number);
        next(w, number_of(&w->strings, d->protocol ? d->protocol : ""));
        next(w, number_of(&w->strings, names));
        next(w, v->conn);
        next(w, v->from + 1);
        next(w, v->to + 1);
        next(w, d->sport);
        next(w, d->dport);
        next(w, d->seq);
        next(w, d->ack);
        next(w, seq_known ? (int64_t)seq_isn : -1);
        next(w, ack_known ? (int64_t)ack_isn : -1);
        next(w, d->window);
        next(w, d->len);
        next(w, (int64_t)v->copy_of);
        next(w, flags_do(d) | (windows && windows[i] ? TELLS_WINDOW : 0));
    }
    put(w, "]");
    free(windows);
    w->out.failed |= isn.failed;
    free(isn.rows);
}

/* {"tcp":{"CLOSED":"closed", ...}}, of every protocol that says so. */
static void write_states(writer *w)
{
    bool first = true;
    put(w, ",\n\"states\":{");
    for (const dw_plugin *const *p = w->trace->plugins; *p; p++) {
        const dw_protocol_ops *ops = (*p)->protocol;
        const char *const *states = dw_protocol_states(ops);
        if (!*states) continue;
        put(w, first ? "" : ",");
        quoted(w, (*p)->name);
        put(w, ":{");
        for (size_t i = 0; states[i]; i++) {
            put(w, i ? "," : "");
            quoted(w, states[i]);
            put(w, ":");
            quoted(w, dw_svg_state_style(dw_state_class(ops, states[i])));
        }
        put(w, "}");
        first = false;
    }
    put(w, "}");
}

/* How long a timer has from its event on; -1: it does not run. */
static int64_t left(const dw_trace_event *e)
{
    int64_t out;
    if (e->u.timer.at == DW_TIME_NEVER) return -1;
    if (__builtin_sub_overflow(e->u.timer.at, e->at, &out))
        return INT64_MIN; /* both ends of time */
    return out;
}

/* What follows the five integers that every event has. */
static void write_event(writer *w, const dw_trace_event *e)
{
    switch (dw_trace_part(e)) {
    /* packet, link + 1, direction, head, octets, QUEUED: packets in front, fates: shown by packet
     */
    case DW_PART_PACKET:
        next(w, (int64_t)e->packet);
        next(w, e->link == UINT32_MAX ? 0 : (int64_t)e->link + 1);
        next(w, e->direction);
        next(w, (int64_t)head_of(w, e));
        next(w, (int64_t)e->u.packet.head_len + e->u.packet.payload_len);
        next(w, (int64_t)e->u.packet.other);
        return;
    case DW_PART_STATE: /* from, to */
        next(w, number_of(&w->strings, e->u.state.from));
        next(w, number_of(&w->strings, e->u.state.to));
        return;
    case DW_PART_VARIABLE: /* name, value */
        next(w, number_of(&w->strings, e->u.variable.name));
        next(w, e->u.variable.value);
        return;
    case DW_PART_TIMER: /* name, when it expires, from now */
        next(w, number_of(&w->strings, e->u.timer.name));
        next(w, left(e));
        return;
    case DW_PART_CALL: /* name, detail, value */
        next(w, number_of(&w->strings, e->u.call.name));
        next(w, number_of(&w->strings, e->u.call.detail));
        next(w, e->u.call.value);
        return;
    case DW_PART_NOTE: next(w, number_of(&w->strings, e->u.note.text)); return;
    case DW_PART_NODE:
    case DW_PART_LINK:
    case DW_PART_CONN:
    case DW_PART_NONE: return;
    }
}

static void write_events(writer *w)
{
    dw_time last = 0;
    put(w, ",\n\"events\":[");
    for (size_t i = 0; i < dw_trace_count(w->trace); i++) {
        const dw_trace_event *e = dw_trace_at(w->trace, i);
        put(w, i ? ",\n" : "\n");
        number(w, e->type + CERTAINTY * e->certainty);
        next(w, e->at - last);
        next(w, e->node == UINT32_MAX ? 0 : (int64_t)e->node + 1);
        next(w, e->conn);
        next(w, e->cause ? number_of(&w->causes, e->cause) : 0);
        write_event(w, e);
        last = e->at;
    }
    put(w, "]");
}

static bool prepare(writer *w)
{
    size_t events = dw_trace_count(w->trace);
    if (dw_trace_packets(w->trace, NULL, &w->packets, &w->packet_count) != DW_OK) return false;
    int status = dw_svg_cut(w->trace, &w->picture, &w->cut);
    if (status == DW_E_NOENT) status = dw_cut_build(w->trace, &w->picture, -1, -1, &w->cut);
    if (status != DW_OK) return false;
    w->head = calloc(w->packet_count + 1, sizeof *w->head);
    w->body = calloc(w->packet_count + 1, sizeof *w->body);
    w->shown = calloc(events + 1, sizeof *w->shown);
    w->head_packet = calloc(events + 1, sizeof *w->head_packet);
    return w->head && w->body && w->shown && w->head_packet;
}

static void write_trace(writer *w, const char *title)
{
    char digest[DW_DIGEST_TEXT];
    dw_trace_digest(w->trace, digest);
    dw_text_format(&w->out, "{\"version\":\"%s\",\"digest\":\"%s\",\"title\":", DW_VERSION, digest);
    quoted(w, title ? title : "");
    write_nodes(w);
    write_order(w);
    write_links(w);
    write_conns(w);
    write_states(w);
    write_packets(w);
    write_events(w);
    write_heads(w);
    write_payloads(w);
    if (dw_html_picture(&w->cut, w->config, &w->out) != DW_OK) w->out.failed = true;
    write_causes(w); /* last: the others number them */
    dw_html_words(w->trace, &w->picture, (const char *const *)w->strings.items, w->strings.count,
                  (const dw_cause *const *)w->causes.items, w->causes.count, &w->out);
    put(w, "}");
}

/* The page. */

/* The files of one kind, one after the other; without the reference to a source map at the end. */
static void write_assets(writer *w, const char *suffix)
{
    for (const dw_asset *a = dw_player_assets; a->name; a++) {
        if (!dw_text_ends(a->name, suffix)) continue;
        const char *map = strstr(a->text, "\n//# sourceMappingURL");
        dw_text_add_n(&w->out, a->text, map ? (size_t)(map - a->text) : a->len);
        put(w, "\n");
    }
}

static void write_title(writer *w, const char *title)
{
    put(w, "<title>");
    dw_text_escape(&w->out, DW_IN_XML, title ? title : "drywire");
    put(w, "</title>\n");
}

char *dw_html(const dw_trace *trace, const dw_html_config *config)
{
    writer w = {.trace = trace, .strings.texts = true};
    dw_html_config c;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return NULL;
    if (dw_picture_read(c.picture, &w.picture) != DW_OK) return NULL;
    const char *title = c.title ? c.title : w.picture.title;
    w.config = &c;
    put(&w, "<!doctype html>\n<html lang=\"en\"");
    if (c.large) put(&w, c.mono ? " class=\"large mono\"" : " class=\"large\"");
    if (c.mono && !c.large) put(&w, " class=\"mono\"");
    put(&w, ">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n");
    write_title(&w, title);
    put(&w, "<style>\n");
    write_assets(&w, ".css");
    put(&w, "</style>\n</head>\n<body>\n");
    write_assets(&w, ".html");
    /* A script of no language that a browser runs: it may hold anything but its own end. */
    put(&w, "<script type=\"application/json\" id=\"trace\">\n");
    if (prepare(&w))
        write_trace(&w, title);
    else
        w.out.failed = true;
    put(&w, "\n</script>\n<script type=\"text/plain\" id=\"dygraphs-licence\">\n");
    write_assets(&w, "copyright");
    write_assets(&w, "LICENSE.txt");
    put(&w, "</script>\n<script>\n");
    write_assets(&w, ".js");
    put(&w, "</script>\n</body>\n</html>\n");
    bool failed = w.strings.failed || w.causes.failed;
    table_free(&w.strings);
    table_free(&w.causes);
    free(w.packets);
    dw_cut_free(&w.cut);
    free(w.head);
    free(w.body);
    free(w.shown);
    free(w.head_packet);
    if (!failed) return dw_text_take(&w.out);
    dw_text_free(&w.out);
    return NULL;
}
