/* Events as lines that people read. */
#include "base/escape.h"
#include "packet/dissect.h"
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in the files of traces, where they must stay what they are. */
const char *dw_trace_type_name(enum dw_trace_type type)
{
    switch (type) {
    case DW_TRACE_NODE: return "node";
    case DW_TRACE_LINK: return "link";
    case DW_TRACE_CONN: return "conn";
    case DW_TRACE_SENT: return "sent";
    case DW_TRACE_QUEUED: return "queued";
    case DW_TRACE_DELIVERED: return "delivered";
    case DW_TRACE_DROPPED: return "dropped";
    case DW_TRACE_DUPLICATED: return "duplicated";
    case DW_TRACE_DAMAGED: return "damaged";
    case DW_TRACE_MARKED: return "marked";
    case DW_TRACE_STATE: return "state";
    case DW_TRACE_VARIABLE: return "variable";
    case DW_TRACE_TIMER_SET: return "timer-set";
    case DW_TRACE_TIMER_FIRED: return "timer-fired";
    case DW_TRACE_TIMER_CANCELLED: return "timer-cancelled";
    case DW_TRACE_CALL: return "call";
    case DW_TRACE_NOTE: return "note";
    case DW_TRACE_DETAIL: return "detail";
    case DW_TRACE_UNKNOWN: return "unknown";
    case DW_TRACE_TYPES: break;
    }
    return "?";
}

static const char *name_of(const dw_trace *trace, int32_t node, const dw_addr *addr, char *buf,
                           size_t size)
{
    if (node >= 0) return dw_trace_node_name(trace, (uint32_t)node);
    return dw_addr_format(addr, buf, size);
}

static void packet_text(const dw_trace *trace, const dw_trace_event *e, char *buf, size_t size)
{
    dw_dissection d;
    char flags[64], a[DW_ADDR_TEXT], b[DW_ADDR_TEXT];
    if (e->type == DW_TRACE_QUEUED) {
        snprintf(buf, size, "#%" PRIu64 " behind %" PRIu64 " others", e->packet, e->u.packet.other);
        return;
    }
    dw_dissect(trace->plugins, e->u.packet.head, e->u.packet.head_len,
               (size_t)e->u.packet.head_len + e->u.packet.payload_len, &d);
    const char *src =
        name_of(trace, dw_trace_node_seen(trace, e->node, &d.src), &d.src, a, sizeof a);
    const char *dst =
        name_of(trace, dw_trace_node_seen(trace, e->node, &d.dst), &d.dst, b, sizeof b);
    dw_flags_text(&d, flags, sizeof flags);
    char header[128] = "";
    if (d.flag_names)
        snprintf(header, sizeof header, " %s seq=%" PRIu32 " ack=%" PRIu32 " win=%" PRIu32,
                 flags[0] ? flags : "-", d.seq, d.ack, d.window);
    snprintf(buf, size, "#%" PRIu64 " %s:%u > %s:%u%s len=%" PRIu32, e->packet, src, d.sport, dst,
             d.dport, header, d.len);
}

/* What an event's type has, in a few words; without times and causes, which every event may have.
 */
static void details(const dw_trace *trace, const dw_trace_event *e, char *buf, size_t size)
{
    char text[DW_ADDR_TEXT];
    switch (dw_trace_part(e)) {
    case DW_PART_NODE:
        snprintf(buf, size, "address %s", dw_addr_format(&e->u.node.addr, text, sizeof text));
        return;
    case DW_PART_LINK:
        snprintf(buf, size, "%s - %s", dw_trace_node_name(trace, e->u.link.a),
                 dw_trace_node_name(trace, e->u.link.b));
        return;
    case DW_PART_CONN: {
        const dw_flow *f = &e->u.conn.flow;
        snprintf(buf, size, "%s port %u to %s port %u", e->u.conn.protocol, f->local_port,
                 name_of(trace, dw_trace_node_seen(trace, e->node, &f->remote), &f->remote, text,
                         sizeof text),
                 f->remote_port);
        return;
    }
    case DW_PART_PACKET: packet_text(trace, e, buf, size); return;
    case DW_PART_STATE: snprintf(buf, size, "%s -> %s", e->u.state.from, e->u.state.to); return;
    case DW_PART_VARIABLE:
        snprintf(buf, size, "%s = %" PRId64, e->u.variable.name, e->u.variable.value);
        return;
    case DW_PART_TIMER:
        snprintf(buf, size, "%s for %s", e->u.timer.name,
                 dw_time_format(e->u.timer.at, 6, text, sizeof text));
        return;
    case DW_PART_CALL:
        snprintf(buf, size, "%s %" PRId64 "%s%s", e->u.call.name, e->u.call.value,
                 e->u.call.detail[0] ? " " : "", e->u.call.detail);
        return;
    case DW_PART_NOTE: snprintf(buf, size, "%s", e->u.note.text); return;
    case DW_PART_NONE: break;
    }
    buf[0] = 0;
}

/* "  (likely: sent-again, #9)": how sure, the cause, and the packet that shows it. */
static void reason(const dw_trace_event *e, char *buf, size_t size)
{
    const char *sure = e->certainty ? dw_certainty_name(e->certainty) : "";
    const char *name = e->cause ? e->cause->name : "";
    char shown_by[32] = "";
    buf[0] = 0;
    if (dw_trace_is_fate(e) && e->u.packet.other)
        snprintf(shown_by, sizeof shown_by, "%s#%" PRIu64, *name ? ", " : "", e->u.packet.other);
    if (!*sure && !*name && !*shown_by) return;
    bool colon = *sure && (*name || *shown_by);
    snprintf(buf, size, "  (%s%s%s%s)", sure, colon ? ": " : "", name, shown_by);
}

char *dw_trace_event_text(const dw_trace *trace, const dw_trace_event *e, char *buf, size_t size)
{
    char time[DW_TIME_TEXT], what[320], line[512];
    const char *node = e->node == UINT32_MAX ? "-" : dw_trace_node_name(trace, e->node);
    details(trace, e, what, sizeof what);
    int n = snprintf(line, sizeof line, "%14s  %-10s  %-15s  %s",
                     dw_time_format(e->at, 9, time, sizeof time), node, dw_trace_type_name(e->type),
                     what);
    if (n > 0 && (size_t)n < sizeof line) reason(e, line + n, sizeof line - (size_t)n);
    return dw_escape_into(DW_IN_LINE, line, buf, size);
}

char *dw_trace_text(const dw_trace *trace)
{
    dw_text out = {0};
    char line[512];
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        dw_text_add(&out, dw_trace_event_text(trace, dw_trace_at(trace, i), line, sizeof line));
        dw_text_add(&out, "\n");
    }
    return dw_text_take(&out);
}
