/* What a run of many scripts is told besides their results: what shows nothing although it passes.
 */
#ifndef DWL_REMARKS_H
#define DWL_REMARKS_H

#include "run.h"

enum { SHOWN_SILENT = 5 };

typedef struct remarks {
    const options *o;
    size_t scripts;
    size_t unasked[MAX_SETS];   /* by how many of them each --set was not asked for */
    char near[MAX_SETS][100];   /* the name that may be meant, by the first that knows one */
    char *silent[SHOWN_SILENT]; /* the first scripts and cases that pass and assert nothing */
    size_t silent_count;
} remarks;

/* Each script, in order; skipped: it is no test. */
void remarks_script(remarks *m, const script_result *r, bool skipped);
/* Lines with something in front of them: what asserts nothing; each --set that no script asked for,
 * which is known where none was left out. */
void remarks_print_silent(const remarks *m, FILE *f, const char *front);
void remarks_print_unasked(const remarks *m, FILE *f, const char *front);
void remarks_free(remarks *m);

#endif
