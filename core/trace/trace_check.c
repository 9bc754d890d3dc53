/* What an event of a trace that comes from outside may say.
 *
 * Whoever shows a trace looks things up by the numbers in its events, without asking again: hosts,
 * links and connections are numbered without gaps as they come to be, nothing is named before it is
 * there, and time does not go back.  A simulation's own events are so by construction;
 * those of files and of programs are asked here. */
#include "trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

typedef struct check {
    const dw_trace *trace;
    const dw_trace_event *e;
    char *why;
    size_t size;
} check;

/* Returns false, so that a rule is one line. */
static bool wrong(const check *c, const char *format, ...) DW_PRINTF(2, 3);
static bool wrong(const check *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->why, c->size, format, args);
    va_end(args);
    return false;
}

static bool node_is_there(const check *c, uint32_t node)
{
    return node < c->trace->node_count || wrong(c, "there is no host %" PRIu32 " yet", node);
}

static bool text_is_there(const check *c, const char *text)
{
    return text || wrong(c, "a text is missing");
}

/* What a file cannot say. */
static bool address_is_right(const check *c, const dw_addr *a)
{
    bool none = a->word[0] == 0 && a->word[1] == 0 && a->word[2] == 0 && a->word[3] == 0;
    bool v4 = a->word[1] == 0 && a->word[2] == 0 && a->word[3] == 0;
    bool right = a->family == 6 || (a->family == 4 && v4) || (a->family == 0 && none);
    return right || wrong(c, "an address of no known family");
}

static bool time_is_right(const check *c)
{
    size_t count = c->trace->count;
    if (c->e->at < 0) return wrong(c, "a time before the beginning");
    return count == 0 || c->e->at >= c->trace->events[count - 1]->at ||
           wrong(c, "a time before that of the event in front of it");
}

/* The numbers that every event has. */
static bool names_are_right(const check *c)
{
    const dw_trace_event *e = c->e;
    const dw_trace *t = c->trace;
    bool new_node = e->type == DW_TRACE_NODE && e->node == t->node_count;
    bool new_link = e->type == DW_TRACE_LINK && e->link == t->link_count;
    bool new_conn = e->type == DW_TRACE_CONN && e->conn == t->conn_count + 1;
    if (e->cause && !e->cause->name) return wrong(c, "a cause without its name");
    if (e->direction > 1) return wrong(c, "a link has no direction %u", e->direction);
    if (e->certainty >= DW_CERTAINTIES) return wrong(c, "there is no certainty %u", e->certainty);
    if (!new_node && e->node != UINT32_MAX && !node_is_there(c, e->node)) return false;
    if (!new_link && e->link != UINT32_MAX && e->link >= t->link_count)
        return wrong(c, "there is no link %" PRIu32 " yet", e->link);
    if (e->type == DW_TRACE_CONN)
        return new_conn || wrong(c, "the next connection has number %" PRIu32 ", not %" PRIu32,
                                 t->conn_count + 1, e->conn);
    return e->conn <= t->conn_count || wrong(c, "there is no connection %" PRIu32 " yet", e->conn);
}

/* Whoever looks at data reads as much of its buffers as the slices say. */
static bool slices_are_right(const check *c)
{
    const dw_trace_event *e = c->e;
    uint64_t len = 0;
    if (e->u.packet.head_len > DW_PACKET_HEAD) return wrong(c, "a header that is too long");
    if (e->u.packet.slice_count > DW_PACKET_SLICES) return wrong(c, "data in too many parts");
    if (e->u.packet.head_len && !e->u.packet.head) return wrong(c, "a header without its octets");
    if (e->u.packet.slice_count && !e->u.packet.slices) return wrong(c, "data without its octets");
    for (int i = 0; i < e->u.packet.slice_count; i++) {
        const dw_slice *s = &e->u.packet.slices[i];
        if (!s->buf) return wrong(c, "data without its buffer");
        if (s->offset > s->buf->size || s->len > s->buf->size - s->offset)
            return wrong(c, "data from outside of its buffer");
        if (s->buf->generated && s->offset > INT64_MAX)
            return wrong(c, "data from too far into its buffer");
        len += s->len;
    }
    return len <= e->u.packet.payload_len || wrong(c, "more data than the packet is long");
}

/* The first event of a packet is that it was sent, or that it is a copy.  In an import packets have
 * the order in which they were captured, and may have been sent in another one. */
static bool packet_is_right(const check *c, bool begins)
{
    const dw_trace_event *e = c->e;
    if (e->node == UINT32_MAX) return wrong(c, "a packet at no host");
    if (begins && (e->packet == 0 || e->packet >= UINT32_MAX))
        return wrong(c, "no packet can have number %" PRIu64, e->packet);
    if (!begins && e->packet > c->trace->packets)
        return wrong(c, "there is no packet %" PRIu64 " yet", e->packet);
    if (e->type == DW_TRACE_DUPLICATED && e->u.packet.other > c->trace->packets)
        return wrong(c, "a copy of packet %" PRIu64 ", which is not there", e->u.packet.other);
    /* What shows the fate of a packet comes later than it, mostly. */
    if (dw_trace_is_fate(e) && e->u.packet.other >= UINT32_MAX)
        return wrong(c, "no packet can have number %" PRIu64, e->u.packet.other);
    if (e->u.packet.other > INT64_MAX) return wrong(c, "more packets in front than there can be");
    if (e->u.packet.payload_len > DW_TRACE_PAYLOAD)
        return wrong(c, "a packet of %" PRIu32 " octets", e->u.packet.payload_len);
    if (e->u.packet.checksum == DW_CHECKSUM_PARTIAL &&
        (e->u.packet.checksum_at + 2 > e->u.packet.head_len ||
         e->u.packet.checksum_start > e->u.packet.head_len))
        return wrong(c, "a checksum outside of the header");
    return slices_are_right(c);
}

static bool link_is_right(const check *c)
{
    const dw_trace_event *e = c->e;
    if (e->link == UINT32_MAX) return wrong(c, "a link without its number");
    if (e->u.link.delay[0] < 0 || e->u.link.delay[1] < 0) return wrong(c, "a negative delay");
    if (e->u.link.rate[0] > INT64_MAX || e->u.link.rate[1] > INT64_MAX)
        return wrong(c, "a rate that is too high");
    return node_is_there(c, e->u.link.a) && node_is_there(c, e->u.link.b);
}

static bool belongs_to_conn(const check *c)
{
    if (c->e->node == UINT32_MAX) return wrong(c, "a connection at no host");
    return c->e->conn || wrong(c, "a state of no connection");
}

/* What the type has. */
static bool details_are_right(const check *c)
{
    const dw_trace_event *e = c->e;
    switch (dw_trace_part(e)) {
    case DW_PART_NODE:
        if (e->node == UINT32_MAX) return wrong(c, "a host without its number");
        return text_is_there(c, e->u.node.name) && address_is_right(c, &e->u.node.addr);
    case DW_PART_LINK: return link_is_right(c);
    case DW_PART_CONN:
        return belongs_to_conn(c) && text_is_there(c, e->u.conn.protocol) &&
               address_is_right(c, &e->u.conn.flow.local) &&
               address_is_right(c, &e->u.conn.flow.remote);
    case DW_PART_PACKET:
        return packet_is_right(c, e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED);
    case DW_PART_STATE:
        return belongs_to_conn(c) && text_is_there(c, e->u.state.from) &&
               text_is_there(c, e->u.state.to);
    case DW_PART_VARIABLE: return text_is_there(c, e->u.variable.name);
    case DW_PART_TIMER: return text_is_there(c, e->u.timer.name);
    case DW_PART_CALL:
        return text_is_there(c, e->u.call.name) && text_is_there(c, e->u.call.detail);
    case DW_PART_NOTE: return text_is_there(c, e->u.note.text);
    case DW_PART_NONE: break;
    }
    return wrong(c, "an event of no known type");
}

bool dw_trace_allows(const dw_trace *trace, const dw_trace_event *event, char *why, size_t size)
{
    const check c = {trace, event, why, size};
    return time_is_right(&c) && names_are_right(&c) && details_are_right(&c);
}
