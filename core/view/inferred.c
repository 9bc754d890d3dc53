/* What was inferred, in the words of pictures (see inferred.h). */
#include "inferred.h"

#include "base/escape.h"

#include <inttypes.h>
#include <stdio.h>

bool dw_inferred_ends(const dw_packet_view *v)
{
    return v->unknown_at >= 0 || (v->lost_at >= 0 && v->fate_certainty != DW_OBSERVED);
}

const char *dw_inferred_fate(const dw_packet_view *v)
{
    bool likely = v->fate_certainty == DW_LIKELY;
    if (v->unknown_at >= 0) return "unknown";
    if (v->lost_at >= 0) return likely ? "likely lost" : "lost";
    return likely ? "likely arrived" : "arrived";
}

char *dw_inferred_shown(const dw_labels *labels, const dw_packet_view *v, char *buf, size_t size)
{
    const dw_cause *c = v->fate_cause;
    char number[24], line[400];
    if (size) buf[0] = 0;
    if (!c) return buf;
    const char *how = dw_label_word(labels, c->text ? c->text : c->name);
    snprintf(number, sizeof number, "%" PRIu64, v->shown_by);
    if (v->shown_by)
        dw_label_phrase(labels, "%s in #%s", how, number, line, sizeof line);
    else
        snprintf(line, sizeof line, "%s", how);
    return dw_escape_into(DW_IN_LINE, line, buf, size);
}

char *dw_inferred_remark(const dw_labels *labels, const dw_packet_view *v, char *buf, size_t size)
{
    char shown[160];
    if (size) buf[0] = 0;
    if (v->fate_certainty == DW_OBSERVED && v->unknown_at < 0) return buf;
    dw_inferred_shown(labels, v, shown, sizeof shown);
    snprintf(buf, size, "%s%s%s", dw_label_word(labels, dw_inferred_fate(v)), *shown ? ": " : "",
             shown);
    return buf;
}

bool dw_inferred_why(const dw_labels *labels, const dw_packet_view *v, int step, char *buf,
                     size_t size)
{
    char shown[160] = "";
    const char *fate = dw_label_word(labels, dw_inferred_fate(v));
    DW_ASSERT(dw_inferred_ends(v));
    if (step > 2) return false;
    if (step == 0) dw_inferred_shown(labels, v, shown, sizeof shown);
    if (step == 1 && v->shown_by) snprintf(shown, sizeof shown, "#%" PRIu64, v->shown_by);
    if (*shown)
        snprintf(buf, size, "%s (%s)", fate, shown);
    else
        snprintf(buf, size, "%s", fate);
    return true;
}

void dw_inferred_note(dw_inferred *marks, const dw_packet_view *v)
{
    bool unknown = v->unknown_at >= 0, lost = v->lost_at >= 0;
    marks->unknown |= unknown;
    if (unknown) return;
    marks->certain |= v->fate_certainty == DW_CERTAIN && !lost;
    marks->likely_lost |= v->fate_certainty == DW_LIKELY && lost;
    marks->likely |= v->fate_certainty == DW_LIKELY && !lost;
}

bool dw_inferred_any(const dw_inferred *marks)
{
    return marks->certain || marks->likely || marks->likely_lost || marks->unknown || marks->state;
}
