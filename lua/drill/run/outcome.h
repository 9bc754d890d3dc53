/* What becomes of a script: the first reason why it does not pass stays. */
#ifndef DW_DRILL_OUTCOME_H
#define DW_DRILL_OUTCOME_H

#include "drill/drill.h"

struct dw_drill_seen;

typedef struct dw_drill_outcome {
    enum dw_drill_verdict verdict;
    char why[1200];
    int line;                      /* of the event that is being run, or that was wrong */
    struct dw_drill_seen *culprit; /* the packet that was wrong, owned; or NULL */
    bool ended;                    /* by a signal */
} dw_drill_outcome;

/* Record why a script does not pass; returns false. */
bool dw_drill_stop(dw_drill_outcome *outcome, enum dw_drill_verdict verdict, const char *format,
                   ...) DW_PRINTF(3, 4);
/* Likewise, for lack of memory. */
bool dw_drill_no_memory(dw_drill_outcome *outcome);
/* Likewise, "not supported: " and a sentence. */
bool dw_drill_unsupported(dw_drill_outcome *outcome, const char *format, ...) DW_PRINTF(2, 3);
/* With may_differ (--non_fatal) a difference does not count. */
void dw_drill_forgive(dw_drill_outcome *outcome, bool may_differ);

/* Whether a signal ends the script, which is its outcome then. */
bool dw_drill_ends(dw_drill_outcome *outcome, const dw_drill_config *config);

static inline bool dw_drill_going(const dw_drill_outcome *outcome)
{
    return outcome->verdict == DW_DRILL_PASSED;
}

#endif
