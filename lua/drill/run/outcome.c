/* Why a script does not pass. */
#include "outcome.h"

#include "drill/language/drill_packet.h"

#include <stdarg.h>

bool dw_drill_stop(dw_drill_outcome *outcome, enum dw_drill_verdict verdict, const char *format,
                   ...)
{
    DW_ASSERT(verdict != DW_DRILL_PASSED);
    if (!dw_drill_going(outcome)) return false;
    outcome->verdict = verdict;
    va_list args;
    va_start(args, format);
    vsnprintf(outcome->why, sizeof outcome->why, format, args);
    va_end(args);
    return false;
}

bool dw_drill_no_memory(dw_drill_outcome *outcome)
{
    return dw_drill_stop(outcome, DW_DRILL_NO_MEMORY, "out of memory");
}

bool dw_drill_unsupported(dw_drill_outcome *outcome, const char *format, ...)
{
    char what[300];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return dw_drill_stop(outcome, DW_DRILL_UNSUPPORTED, "not supported: %s", what);
}

void dw_drill_forgive(dw_drill_outcome *outcome, bool may_differ)
{
    if (!may_differ || outcome->verdict != DW_DRILL_FAILED) return;
    outcome->verdict = DW_DRILL_PASSED;
    outcome->why[0] = 0;
    dw_drill_seen_free(outcome->culprit);
    outcome->culprit = NULL;
}

bool dw_drill_ends(dw_drill_outcome *outcome, const dw_drill_config *config)
{
    bool asks = dw_drill_going(outcome) && config->ended;
    if (!asks || config->ended() == 0) return outcome->ended;
    outcome->ended = true;
    dw_drill_stop(outcome, DW_DRILL_FAILED, "ended by a signal");
    return true;
}
