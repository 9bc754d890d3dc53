/* What kinds of events have in common. */
#ifndef DW_EVENT_H
#define DW_EVENT_H

#include "drywire/drywire.h"

/* Which member of its union an event has. */
enum dw_trace_part {
    DW_PART_NONE, /* the type is none of ours */
    DW_PART_NODE,
    DW_PART_LINK,
    DW_PART_CONN,
    DW_PART_PACKET,
    DW_PART_STATE,
    DW_PART_VARIABLE,
    DW_PART_TIMER,
    DW_PART_CALL,
    DW_PART_NOTE
};

static inline enum dw_trace_part dw_trace_part(const dw_trace_event *e)
{
    static const uint8_t part[DW_TRACE_TYPES] = {
        [DW_TRACE_NODE] = DW_PART_NODE,         [DW_TRACE_LINK] = DW_PART_LINK,
        [DW_TRACE_CONN] = DW_PART_CONN,         [DW_TRACE_SENT] = DW_PART_PACKET,
        [DW_TRACE_QUEUED] = DW_PART_PACKET,     [DW_TRACE_DELIVERED] = DW_PART_PACKET,
        [DW_TRACE_DROPPED] = DW_PART_PACKET,    [DW_TRACE_DUPLICATED] = DW_PART_PACKET,
        [DW_TRACE_DAMAGED] = DW_PART_PACKET,    [DW_TRACE_MARKED] = DW_PART_PACKET,
        [DW_TRACE_STATE] = DW_PART_STATE,       [DW_TRACE_VARIABLE] = DW_PART_VARIABLE,
        [DW_TRACE_DETAIL] = DW_PART_VARIABLE,   [DW_TRACE_TIMER_SET] = DW_PART_TIMER,
        [DW_TRACE_TIMER_FIRED] = DW_PART_TIMER, [DW_TRACE_TIMER_CANCELLED] = DW_PART_TIMER,
        [DW_TRACE_CALL] = DW_PART_CALL,         [DW_TRACE_NOTE] = DW_PART_NOTE,
        [DW_TRACE_UNKNOWN] = DW_PART_PACKET,
    };
    return e->type < DW_TRACE_TYPES ? (enum dw_trace_part)part[e->type] : DW_PART_NONE;
}

/* Whether it says what became of a packet, on a link or at its end. */
static inline bool dw_trace_is_fate(const dw_trace_event *e)
{
    return e->type == DW_TRACE_DELIVERED || e->type == DW_TRACE_DROPPED ||
           e->type == DW_TRACE_UNKNOWN;
}

static inline bool dw_trace_is_packet(const dw_trace_event *e)
{
    return dw_trace_part(e) == DW_PART_PACKET;
}

#endif
