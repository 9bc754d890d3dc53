/* drywire drill: packetdrill scripts, in virtual time or on this machine's kernel. */
#include "drywire/plugin.h"
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "drill/drill.h"
#include "failure.h"
#include "progress.h"
#include "report.h"
#include "scripts.h"
#include "signals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The table by directory. */

typedef struct directory {
    char *path;
    size_t counts[DW_DRILL_NO_MEMORY + 1]; /* by enum dw_drill_verdict */
} directory;

typedef struct table {
    directory *rows;
    size_t count;
} table;

static void count_result(table *t, const char *path, enum dw_drill_verdict verdict)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 1;
    const char *name = slash ? path : ".";
    directory *last = NULL;
    for (size_t i = 0; i < t->count && !last; i++)
        if (strlen(t->rows[i].path) == len && strncmp(t->rows[i].path, name, len) == 0)
            last = &t->rows[i];
    if (!last) {
        t->rows = needed(realloc(t->rows, (t->count + 1) * sizeof *t->rows));
        last = &t->rows[t->count++];
        *last = (directory){.path = needed(strndup(name, len))};
    }
    last->counts[verdict]++;
}

static void print_row(const char *path, int width, const size_t *counts)
{
    size_t total = 0;
    for (int i = 0; i <= DW_DRILL_NO_MEMORY; i++)
        total += counts[i];
    fputs("# ", stdout);
    print_escaped(stdout, DW_IN_LINE, path);
    printf("%*s %6zu %6zu %13zu %6zu %6zu\n", width - (int)strlen(path), "",
           counts[DW_DRILL_PASSED], counts[DW_DRILL_FAILED], counts[DW_DRILL_UNSUPPORTED],
           counts[DW_DRILL_WRONG], total);
}

static void print_table(const table *t)
{
    size_t sums[DW_DRILL_NO_MEMORY + 1] = {0};
    int width = 9;
    for (size_t i = 0; i < t->count; i++)
        if ((int)strlen(t->rows[i].path) > width) width = (int)strlen(t->rows[i].path);
    printf("# %-*s %6s %6s %13s %6s %6s\n", width, "directory", "passed", "failed", "not supported",
           "wrong", "total");
    for (size_t i = 0; i < t->count; i++) {
        print_row(t->rows[i].path, width, t->rows[i].counts);
        for (int v = 0; v <= DW_DRILL_NO_MEMORY; v++)
            sums[v] += t->rows[i].counts[v];
    }
    if (t->count > 1) print_row("total", width, sums);
}

static void free_table(table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->rows[i].path);
    free(t->rows);
}

/* One script. */

/* Every host of a drill is asked for by dw_drill_ladder. */
static dw_picture picture_of(const options *o)
{
    dw_picture picture;
    picture_options("drill", o, NULL, &picture);
    picture.calls = DW_YES;
    return picture;
}

/* Why it did not pass, and how to see it again. */
static char *problem_text(const options *o, const char *path, const dw_drill_result *r)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = needed(open_memstream(&text, &size));
    dw_ladder_config style;
    const dw_picture picture = picture_of(o);
    ladder_config(o, &style);
    style.picture = &picture;
    dw_drill_explain(path, r, &style, f);
    if (r->profile && r->profile[0]) print_replay(f, "drill", o->live ? NULL : r->profile, o, path);
    return needed(close_text(f) ? text : NULL);
}

/* What --pcap, --jsonl, --html and --ladder ask for; they are for one script. */
static int write_outputs(const options *o, const char *path, const dw_drill_result *r)
{
    char why[300];
    int status = DW_OK;
    if (!r->sim) return EXIT_PASS;
    const dw_trace *trace = dw_sim_trace(r->sim);
    if (o->ladder) {
        dw_ladder_config style;
        const dw_picture picture = picture_of(o);
        ladder_config(o, &style);
        style.picture = &picture;
        char *ladder = dw_drill_ladder(r, &style, true);
        if (r->packets > 0) fputs(needed(ladder), stdout);
        dw_free(ladder);
    }
    if (o->pcap) status = write_capture(trace, o, why, sizeof why);
    if (status == DW_OK && o->jsonl) status = dw_trace_save(trace, o->jsonl, why, sizeof why);
    if (status == DW_OK && o->html) {
        dw_picture picture = picture_of(o);
        picture.title = o->title ? o->title : path;
        status = write_html(o, o->html, trace, &picture, why, sizeof why);
    }
    return status == DW_OK ? EXIT_PASS : failure("drill", status, why);
}

typedef struct drill {
    const options *o;
    report report;
    table table;
    FILE *record; /* in memory; or NULL */
    char *record_text;
    size_t record_len;
    int worst;
    dw_drill_option given[MAX_DRILL_OPTIONS]; /* on the command line */
} drill;

/* packetdrill's own options, as scripts have them. */
static void take_given(drill *d)
{
    size_t n = d->o->drill_option_count;
    for (size_t i = 0; i < n; i++)
        d->given[i] = (dw_drill_option){.name = d->o->drill_options[i].name,
                                        .value = d->o->drill_options[i].value,
                                        .next = i + 1 < n ? &d->given[i + 1] : NULL};
}

static double seconds_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static int code_of(enum dw_drill_verdict verdict)
{
    switch (verdict) {
    case DW_DRILL_PASSED: return EXIT_PASS;
    case DW_DRILL_FAILED:
    case DW_DRILL_UNSUPPORTED: return EXIT_FAILED;
    case DW_DRILL_WRONG: return EXIT_USAGE;
    case DW_DRILL_NO_MEMORY: return EXIT_LIMIT;
    }
    return EXIT_FAILED;
}

static void report_one(drill *d, const char *path, const dw_drill_result *r, double seconds)
{
    bool ok = r->verdict == DW_DRILL_PASSED;
    int code = code_of(r->verdict);
    if (code == EXIT_LIMIT) no_memory("drill");
    char *problem = ok ? NULL : problem_text(d->o, path, r);
    report_script(&d->report,
                  &(report_entry){.path = path,
                                  .name = path,
                                  .code = code,
                                  .problem = problem ? problem : "",
                                  .seconds = seconds},
                  NULL, 0);
    free(problem);
    count_result(&d->table, path, r->verdict);
    if (code > d->worst) d->worst = code;
}

/* A signal came before it had a verdict; returns what the command ends with. */
static int report_ended(drill *d, const char *path, double seconds)
{
    int code = EXIT_SIGNAL + signals_caught();
    report_script(&d->report,
                  &(report_entry){.path = path,
                                  .name = path,
                                  .code = code,
                                  .problem = "a signal ended it before it was through",
                                  .seconds = seconds},
                  NULL, 0);
    return code;
}

/* On this machine's kernel.  EXIT_PASS, or what ends the command, after a message or a signal. */
static int run_live(drill *d, const char *path, const dw_drill_config *config)
{
    struct timespec began;
    clock_gettime(CLOCK_MONOTONIC, &began);
    dw_drill_result r;
    int status = dw_drill_live(path, config, &r);
    if (status == DW_E_INTERRUPT) return report_ended(d, path, seconds_since(&began));
    if (status == DW_E_NOMEM) return no_memory("drill");
    if (status != DW_OK) return usage_error("drill", "--live: %s", r.why);
    report_one(d, path, &r, seconds_since(&began));
    fflush(stdout);
    return EXIT_PASS;
}

/* Likewise.  The outputs of a script that a signal ended are written, too. */
static int run_one(drill *d, const char *path)
{
    struct timespec began;
    clock_gettime(CLOCK_MONOTONIC, &began);
    const options *o = d->o;
    dw_drill_result r;
    bool wanted = o->ladder || o->pcap || o->jsonl || o->html || o->record;
    dw_drill_config config = {.profile = o->profile,
                              .stack = o->stack,
                              .ip_version = o->ip_version,
                              .defines = o->defines,
                              .options = o->drill_option_count > 0 ? d->given : NULL,
                              .strict = o->strict,
                              .keep = wanted,
                              .detail = o->detail,
                              .ignore = o->ignore,
                              .tolerance = o->tolerance,
                              .record = d->record,
                              .ended = signals_caught,
                              .printed = stdout,
                              .verbose = o->verbose};
    if (o->live) return run_live(d, path, &config);
    dw_drill_file(path, &config, &r);
    if (r.verdict == DW_DRILL_FAILED && !wanted) { /* once more, for the ladder */
        dw_drill_result_free(&r);
        config.keep = true;
        config.printed = NULL;
        dw_drill_file(path, &config, &r);
    }
    int code = EXIT_PASS;
    if (r.ended)
        code = report_ended(d, path, seconds_since(&began));
    else
        report_one(d, path, &r, seconds_since(&began));
    int written = wanted ? write_outputs(o, path, &r) : EXIT_PASS;
    if (written > d->worst) d->worst = written;
    dw_drill_result_free(&r);
    fflush(stdout);
    return code;
}

/* What does not go with the machine's own kernel. */
static int check_live(const options *o)
{
    if (!o->live) return EXIT_PASS;
    if (o->profile)
        return usage_error("drill", "--profile is for drywire's TCP; --live runs this kernel's");
    if (o->stack)
        return usage_error("drill",
                           "--stack is for a simulated host; --live runs this machine's kernel");
    if (o->ladder || o->pcap || o->jsonl || o->html)
        return usage_error("drill", "--ladder, --pcap, --jsonl and --html are for simulated hosts, "
                                    "not for --live; --verbose shows each event");
    return EXIT_PASS;
}

static int check_profile(const char *profile)
{
    const char *const *names = dw_protocol_builtin("tcp")->profiles;
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], profile) == 0) return EXIT_PASS;
    const char *near = dw_nearest(profile, names);
    if (near)
        return usage_error("drill", "--profile: there is no profile \"%s\"; did you mean \"%s\"?",
                           profile, near);
    char list[200] = "";
    for (size_t i = 0, used = 0; names[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return usage_error("drill", "--profile: there is no profile \"%s\"; there are %s", profile,
                       list);
}

/* What was recorded: whole, or not at all.  A script that did not run left nothing. */
static int write_record(drill *d, bool ran)
{
    char why[600] = "out of memory";
    int status = DW_OK;
    if (!d->record) return EXIT_PASS;
    if (!close_text(d->record))
        status = DW_E_NOMEM;
    else if (ran && d->record_len > 0)
        status = dw_file_write(d->o->record, d->record_text, d->record_len, why, sizeof why);
    free(d->record_text);
    if (status == DW_OK) return EXIT_PASS;
    usage_error("drill", "--record: %s", why);
    return status == DW_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

/* All of them, or those before a signal or what else ends the command. */
static int run_list(drill *d, const script_list *list)
{
    int code = EXIT_PASS;
    for (size_t i = 0; i < list->count && code == EXIT_PASS; i++) {
        progress_clear();
        code = run_one(d, list->items[i].path);
        if (code == EXIT_PASS && signals_caught()) code = EXIT_SIGNAL + signals_caught();
        if (code == EXIT_PASS) progress_count(i + 1, list->count, "scripts");
        bool enough = code != EXIT_PASS || (d->o->fail_fast && d->worst != EXIT_PASS);
        if (enough && i + 1 < list->count) printf("# not begun: %zu\n", list->count - i - 1);
        if (enough) break;
    }
    progress_clear();
    return code;
}

/* Run them and report; whatever ends it, what was done so far is written. */
static int run_all(const options *o, const script_list *list)
{
    drill d = {.o = o};
    take_given(&d);
    if (o->record && !can_be_written(o->record))
        return usage_error("drill", "--record: cannot write %s: %s", o->record, strerror(errno));
    progress_begin(o);
    if (!report_open(&d.report, "drill", o->junit, o->quiet)) return EXIT_USAGE;
    if (o->record) d.record = needed(open_memstream(&d.record_text, &d.record_len));
    signals_catch();
    int code = run_list(&d, list);
    int recorded = write_record(&d, code == EXIT_PASS);
    if (recorded > d.worst) d.worst = recorded;
    int reported = report_close(&d.report, "drill");
    if (reported != EXIT_PASS) d.worst = reported;
    if (d.table.count > 0 && list->count > 1) print_table(&d.table);
    free_table(&d.table);
    return code == EXIT_PASS ? d.worst : code;
}

static void list_all(const script_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        print_escaped(stdout, DW_IN_LINE, list->items[i].path);
        putchar('\n');
    }
}

/* All that may be wrong with the command line is said before the first script runs. */
int cmd_drill(int argc, char **argv)
{
    options o;
    script_list list = {0};
    int code = parse_options(argc, argv, 0, "drill", &o);
    if (code == EXIT_PASS && o.sysctls) {
        dw_drill_list_sysctls(stdout);
        return EXIT_PASS;
    }
    if (code == EXIT_PASS && o.rest_count == 0)
        code = usage_error("drill", "which scripts? drywire drill DIRECTORY|FILE.pkt");
    if (code == EXIT_PASS) code = check_live(&o);
    if (code == EXIT_PASS && o.profile) code = check_profile(o.profile);
    if (code == EXIT_PASS) code = find_scripts("drill", &o, ".pkt", &list);
    if (code == EXIT_PASS && list.count > 1 && (o.pcap || o.jsonl || o.html))
        code = usage_error("drill", "--pcap, --jsonl and --html are for one script");
    if (code == EXIT_PASS && list.count > 1 && o.record)
        code = usage_error("drill", "--record is for one script");
    if (code == EXIT_PASS && o.list)
        list_all(&list);
    else if (code == EXIT_PASS)
        code = run_all(&o, &list);
    free_scripts(&list);
    return code;
}
