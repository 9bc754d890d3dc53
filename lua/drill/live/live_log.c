/* The script and the kernel side by side: what a line says, and what came. */
#include "live.h"

#include <inttypes.h>
#include <string.h>

/* One line, without what would not fit in it. */
static void copy_line(char *out, size_t size, const char *text)
{
    size_t n = strcspn(text, "\n");
    const char *rest = text[n] ? " ..." : "";
    if (n >= size) n = size - 1;
    snprintf(out, size, "%.*s%s", (int)n, text, rest);
}

static void print_entry(const dw_live_entry *e, int width, char mark, char *out, size_t size)
{
    snprintf(out, size, "%c %5" PRId64 ".%06" PRId64 "  %-*s │ %s\n", mark, e->at / DW_SECOND,
             e->at % DW_SECOND / DW_MICROSECOND, width, e->script, e->came);
}

void dw_live_happened(dw_drill_run *run, const dw_drill_event *e, const dw_drill_seen *came)
{
    dw_live *live = run->owner;
    char line[700];
    dw_live_entry *entry = &live->entries[live->entry_count++ % DW_LIVE_ENTRIES];
    entry->at = came ? came->at : run->world->now(run);
    copy_line(entry->script, sizeof entry->script, e->text);
    entry->came[0] = 0;
    if (came) dw_drill_seen_text(came, &run->tested.flow, entry->came, sizeof entry->came);
    if (!run->config->verbose) return;
    print_entry(entry, 70, '#', line, sizeof line);
    dw_escape_file(stdout, DW_IN_LINES, line, strlen(line));
    fflush(stdout);
}

static const dw_drill_event *event_at(const dw_drill_run *run)
{
    const dw_drill_event *e = run->script->events;
    while (e && e->line != run->outcome.line)
        e = e->next;
    return e;
}

/* The line that was wrong, and what came instead: a packet, or the reason. */
static bool last_entry(const dw_live *live, dw_live_entry *out)
{
    const dw_drill_run *run = live->run;
    const dw_drill_event *e = run->outcome.verdict == DW_DRILL_FAILED ? event_at(run) : NULL;
    if (!e) return false;
    copy_line(out->script, sizeof out->script, e->text);
    out->at = run->outcome.culprit ? run->outcome.culprit->at : run->world->now(run);
    if (run->outcome.culprit)
        dw_drill_seen_text(run->outcome.culprit, &run->tested.flow, out->came, sizeof out->came);
    else
        copy_line(out->came, sizeof out->came, run->outcome.why);
    return true;
}

static int width_of(const char *text, int min)
{
    enum { MAX_SIZE = 76 };
    int n = (int)strlen(text);
    if (n < min) n = min;
    return n < MAX_SIZE ? n : MAX_SIZE;
}

void dw_live_columns(const dw_live *live, char *out, size_t size)
{
    dw_live_entry last = {0};
    uint64_t end = live->entry_count;
    uint64_t first = end > DW_LIVE_ENTRIES ? end - DW_LIVE_ENTRIES : 0;
    if (!last_entry(live, &last)) return;
    int width = width_of(last.script, 24);
    for (uint64_t i = first; i < end; i++)
        width = width_of(live->entries[i % DW_LIVE_ENTRIES].script, width);
    size_t used =
        (size_t)snprintf(out, size, "  %12s  %-*s │ %s\n", "", width, "the script", "the kernel");
    for (uint64_t i = first; i < end && used + 700 < size; i++) {
        print_entry(&live->entries[i % DW_LIVE_ENTRIES], width, ' ', out + used, size - used);
        used += strlen(out + used);
    }
    print_entry(&last, width, '*', out + used, size - used);
}
