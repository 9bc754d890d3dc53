/* Events as sentences: who did what, why, and by which rule. */
#include "sentence.h"

#include "base/escape.h"
#include "packet/dissect.h"
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

char *dw_segment_text(dw_trace *trace, const dw_dissection *d, uint64_t packet, bool absolute,
                      char *buf, size_t size)
{
    char flags[96];
    int64_t seq = d->seq, ack = d->ack;
    uint32_t isn;
    if (!absolute && dw_trace_isn(trace, d, false, packet, &isn)) seq = (int32_t)(d->seq - isn);
    if (!absolute && dw_trace_isn(trace, d, true, packet, &isn)) ack = (int32_t)(d->ack - isn);
    dw_flags_text(d, flags, sizeof flags);
    const char *kind = d->flag_names ? "no flags" : "datagram";
    int n = snprintf(buf, size, "%s", flags[0] ? flags : kind);
    if (d->flag_names) n += snprintf(buf + n, size - (size_t)n, " seq=%" PRId64, seq);
    if (dw_flags_that(d, DW_FLAG_ACKS))
        n += snprintf(buf + n, size - (size_t)n, " ack=%" PRId64, ack);
    if (d->len)
        snprintf(buf + n, size - (size_t)n, ", %" PRIu32 " octet%s", d->len, d->len > 1 ? "s" : "");
    return buf;
}

char *dw_cause_text(const dw_cause *c, char *buf, size_t size)
{
    const char *text = c->text ? c->text : c->name;
    if (c->rfc)
        snprintf(buf, size, "%s (%s; %s)", text, c->name, c->rfc);
    else
        snprintf(buf, size, "%s (%s)", text, c->name);
    return buf;
}

/* "tcp #3 (SYN,ACK seq=0 ack=1)". */
static void segment_words(dw_trace *trace, const dw_trace_event *e, const dw_sentence *how,
                          char *buf, size_t size)
{
    dw_dissection d;
    char segment[200];
    dw_dissect(trace->plugins, e->u.packet.head, e->u.packet.head_len,
               (size_t)e->u.packet.head_len + e->u.packet.payload_len, &d);
    dw_segment_text(trace, &d, e->packet, how->absolute, segment, sizeof segment);
    snprintf(buf, size, "%s #%" PRIu64 " (%s)", d.protocol ? d.protocol : "packet", e->packet,
             segment);
}

/* Before a verb. */
static const char *surely(const dw_trace_event *e)
{
    switch ((enum dw_certainty)e->certainty) {
    case DW_CERTAIN: return "certainly ";
    case DW_LIKELY: return "likely ";
    case DW_OBSERVED:
    case DW_CERTAINTIES: break;
    }
    return "";
}

/* The middle of a sentence that begins with the host; false: the event needs no explanation, as an
 * arrival that was observed. */
static bool what_happened(dw_trace *trace, const dw_trace_event *e, const dw_sentence *how,
                          char *buf, size_t size)
{
    char words[160], again[48] = "", time[DW_TIME_TEXT];
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_SENT:
        segment_words(trace, e, how, words, sizeof words);
        if (how->again) snprintf(again, sizeof again, ", which is #%" PRIu64 " again", how->again);
        snprintf(buf, size, "%ssends %s%s", surely(e), words, again);
        return true;
    case DW_TRACE_DROPPED:
        segment_words(trace, e, how, words, sizeof words);
        snprintf(buf, size, "%s%s %s", surely(e), e->link == UINT32_MAX ? "discards" : "loses",
                 words);
        return true;
    case DW_TRACE_DELIVERED:
        segment_words(trace, e, how, words, sizeof words);
        snprintf(buf, size, "%sreceives %s", surely(e), words);
        return e->certainty != DW_OBSERVED;
    case DW_TRACE_UNKNOWN:
        segment_words(trace, e, how, words, sizeof words);
        snprintf(buf, size, "whether %s arrives is unknown", words);
        return true;
    case DW_TRACE_DUPLICATED:
    case DW_TRACE_DAMAGED:
        segment_words(trace, e, how, words, sizeof words);
        snprintf(buf, size, "%s: %s", dw_trace_type_name(e->type), words);
        return true;
    case DW_TRACE_STATE:
        snprintf(buf, size, "%sgoes from %s to %s", surely(e), e->u.state.from, e->u.state.to);
        return true;
    case DW_TRACE_TIMER_SET:
        snprintf(buf, size, "sets the %s timer for %s s", e->u.timer.name,
                 dw_time_format(e->u.timer.at, 6, time, sizeof time));
        return true;
    case DW_TRACE_TIMER_FIRED:
        snprintf(buf, size, "finds that the %s timer has expired", e->u.timer.name);
        return true;
    case DW_TRACE_NOTE: snprintf(buf, size, "notes: %s", e->u.note.text); return true;
    case DW_TRACE_NODE:
    case DW_TRACE_LINK:
    case DW_TRACE_CONN:
    case DW_TRACE_QUEUED:
    case DW_TRACE_MARKED:
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
    case DW_TRACE_TIMER_CANCELLED:
    case DW_TRACE_CALL:
    case DW_TRACE_TYPES: break;
    }
    return false;
}

/* How it is known: "sent again in #9", which need not be a clause as a reason is. */
static void shown_how(const dw_trace_event *e, char *buf, size_t size)
{
    const dw_cause *c = e->cause;
    char where[32] = "";
    if (dw_trace_is_fate(e) && e->u.packet.other)
        snprintf(where, sizeof where, " in #%" PRIu64, e->u.packet.other);
    if (c)
        snprintf(buf, size, ": %s%s (%s)", c->text ? c->text : c->name, where, c->name);
    else if (*where)
        snprintf(buf, size, ": shown%s", where);
}

char *dw_trace_sentence(dw_trace *trace, const dw_trace_event *e, const dw_sentence *how, char *buf,
                        size_t size)
{
    char time[DW_TIME_TEXT], what[300], why[400] = "", line[800];
    const char *node = e->node == UINT32_MAX ? "the network" : dw_trace_node_name(trace, e->node);
    const dw_cause *c = e->cause;
    buf[0] = 0;
    if (!what_happened(trace, e, how, what, sizeof what)) return buf;
    const char *blank = " ", *because = "";
    if (e->certainty != DW_OBSERVED || e->type == DW_TRACE_UNKNOWN) {
        shown_how(e, why, sizeof why);
    } else if (c) {
        because = ", because ";
        dw_cause_text(c, why, sizeof why);
    }
    if (e->type == DW_TRACE_UNKNOWN) node = blank = ""; /* no host knows of it */
    if (e->type == DW_TRACE_DROPPED && e->link != UINT32_MAX) node = "the link";
    snprintf(line, sizeof line, "%s s: %s%s%s%s%s.", dw_time_format(e->at, 6, time, sizeof time),
             node, blank, what, because, why);
    return dw_escape_into(DW_IN_LINE, line, buf, size);
}

char *dw_trace_explain(dw_trace *trace, const dw_trace_event *e, char *buf, size_t size)
{
    return dw_trace_sentence(trace, e, &(dw_sentence){0}, buf, size);
}
