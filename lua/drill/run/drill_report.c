/* What became of a script, in words and with the ladder of the last exchanges. */
#include "drill/drill.h"

#include <stdlib.h>

static const char *const verdicts[] = {"passed", "failed", "not supported", "wrong",
                                       "out of memory"};

const char *dw_drill_verdict_name(enum dw_drill_verdict verdict)
{
    DW_ASSERT((size_t)verdict < sizeof verdicts / sizeof verdicts[0]);
    return verdicts[verdict];
}

char *dw_drill_ladder(const dw_drill_result *r, const dw_ladder_config *style, bool whole)
{
    enum { BEFORE = 6, AFTER = 2 };
    if (!r->sim || r->packets == 0) return NULL;
    dw_ladder_config c = *style;
    dw_picture picture = {.size = 0};
    if (style->picture) picture = *style->picture;
    c.picture = &picture;
    picture.left_given = picture.right_given = true;
    picture.left = 0; /* the host, and the wire */
    picture.right = 1;
    c.mark_packet = r->packet;
    uint64_t last = r->packet ? r->packet : r->packets;
    if (!whole && last > BEFORE) picture.from_packet = last - BEFORE;
    if (!whole && r->packet) picture.to_packet = r->packet + AFTER;
    return dw_ladder(dw_sim_trace(r->sim), &c);
}

void dw_drill_explain(const char *path, const dw_drill_result *r, const dw_ladder_config *style,
                      FILE *f)
{
    if (r->line)
        fprintf(f, "%s:%d: %s\n", path, r->line, r->why);
    else
        fprintf(f, "%s\n", r->why);
    if (r->event[0]) fprintf(f, "  script  %s\n", r->event);
    if (r->came[0]) fprintf(f, "  came    %s\n", r->came);
    fputs(r->columns, f);
    char *ladder = r->verdict == DW_DRILL_FAILED ? dw_drill_ladder(r, style, false) : NULL;
    if (ladder) fprintf(f, "%s", ladder);
    dw_free(ladder);
}
