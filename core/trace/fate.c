/* What became of a packet, and how that is known. */
#include "drywire/trace.h"

#include "base/escape.h"

#include <inttypes.h>
#include <stdio.h>

/* As in the files of traces, where they must stay what they are. */
const char *dw_certainty_name(enum dw_certainty certainty)
{
    switch (certainty) {
    case DW_OBSERVED: return "observed";
    case DW_CERTAIN: return "certain";
    case DW_LIKELY: return "likely";
    case DW_CERTAINTIES: break;
    }
    return "?";
}

const char *dw_view_fate(const dw_packet_view *v)
{
    if (v->lost_at >= 0) return "lost";
    if (v->unknown_at >= 0) return "unknown";
    return v->arrived_at >= 0 ? "arrived" : "under way";
}

char *dw_view_shown(const dw_packet_view *v, char *buf, size_t size)
{
    const dw_cause *c = v->fate_cause;
    char where[32] = "", line[400];
    if (size) buf[0] = 0;
    if (!c) return buf;
    if (v->shown_by) snprintf(where, sizeof where, " in #%" PRIu64, v->shown_by);
    snprintf(line, sizeof line, "%s%s", c->text ? c->text : c->name, where);
    return dw_escape_into(DW_IN_LINE, line, buf, size);
}
