/* Remarks on a run of many scripts (see remarks.h). */
#include "remarks.h"
#include "failure.h"
#include "printing.h"

#include <stdlib.h>
#include <string.h>

static void note_unasked(remarks *m, const script_result *r)
{
    for (const char *at = r->unasked; *at; at += strcspn(at, "\n") + 1) {
        char *end;
        size_t i = strtoul(at, &end, 10), n = strcspn(end + 1, "\n");
        if (i >= MAX_SETS) return;
        m->unasked[i]++;
        if (!m->near[i][0]) snprintf(m->near[i], sizeof m->near[i], "%.*s", (int)n, end + 1);
    }
}

static void note_silent(remarks *m, const char *path, const char *name)
{
    if (m->silent_count++ >= SHOWN_SILENT) return;
    size_t size = strlen(path) + strlen(name) + 3;
    char *text = needed(malloc(size));
    snprintf(text, size, "%s%s%s", path, *name ? ": " : "", name);
    m->silent[m->silent_count - 1] = text;
}

void remarks_script(remarks *m, const script_result *r, bool skipped)
{
    m->scripts++;
    note_unasked(m, r);
    for (size_t i = 0; i < r->case_count; i++)
        if (r->cases[i].code == EXIT_PASS && !r->cases[i].checks)
            note_silent(m, r->path, r->cases[i].name);
    if (r->case_count == 0 && r->code == EXIT_PASS && !r->checks && !skipped)
        note_silent(m, r->path, "");
}

void remarks_print_silent(const remarks *m, FILE *f, const char *front)
{
    if (m->silent_count == 0) return;
    fprintf(f, "%s%zu %s without an assert, an expectation or an invariant: ", front,
            m->silent_count, m->silent_count == 1 ? "passes" : "pass");
    for (size_t i = 0; i < m->silent_count && i < SHOWN_SILENT; i++) {
        if (i > 0) fputs(", ", f);
        print_escaped(f, DW_IN_LINE, m->silent[i]);
    }
    fputs(m->silent_count > SHOWN_SILENT ? " ...\n" : "\n", f);
}

/* A script that was left out might have asked. */
void remarks_print_unasked(const remarks *m, FILE *f, const char *front)
{
    for (size_t i = 0; i < m->o->set_count; i++) {
        char line[400];
        if (m->scripts == 0 || m->unasked[i] < m->scripts) continue;
        unasked_text(m->o->sets[i], m->scripts > 1, m->near[i], line, sizeof line);
        fputs(front, f);
        print_escaped(f, DW_IN_LINE, line);
        fputc('\n', f);
    }
}

void remarks_free(remarks *m)
{
    for (size_t i = 0; i < m->silent_count && i < SHOWN_SILENT; i++)
        free(m->silent[i]);
}
