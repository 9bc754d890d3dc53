/* Two runs of one script: do they agree, and where do they part? */
#include "printing.h"
#include "draw.h"
#include "failure.h"
#include "process.h"
#include "run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* Surroundings. */

static bool names_variable(const char *entry, const char *setting)
{
    size_t n = strcspn(setting, "=") + 1;
    return strncmp(entry, setting, n) == 0;
}

char **changed_environment(const surroundings *s)
{
    size_t n = 0, out = 0;
    while (environ[n])
        n++;
    char **env = calloc(n + 8, sizeof *env);
    if (!env) return NULL;
    for (size_t i = 0; i < n; i++) {
        bool replaced = false;
        for (int k = 0; s->env[k]; k++)
            replaced |= names_variable(environ[i], s->env[k]);
        if (!replaced) env[out++] = environ[i];
    }
    for (int k = 0; s->env[k]; k++)
        env[out++] = (char *)s->env[k];
    return env;
}

/* Texts. */

enum { MAX_SHOWN = 160 }; /* octets of a line */

/* The first line in which two texts differ. */
static bool lines_differ(const char *what, const char *a, const char *b, char *why, size_t size)
{
    if (!a) a = "";
    if (!b) b = "";
    for (int line = 1; *a || *b; line++) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || strncmp(a, b, n) != 0 || a[n] != b[m]) {
            if (n > MAX_SHOWN) n = MAX_SHOWN;
            if (m > MAX_SHOWN) m = MAX_SHOWN;
            snprintf(why, size, "line %d of %s is \"%.*s\", and then \"%.*s\"", line, what, (int)n,
                     a, (int)m, b);
            return true;
        }
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
    return false;
}

static const char *ending_of(const test_case *c)
{
    return c->problem ? "fails" : "passes";
}

/* The first of dw.test's cases that ended otherwise. */
static bool cases_differ(const script_result *a, const script_result *b, char *why, size_t size)
{
    for (size_t i = 0; i < a->case_count && i < b->case_count; i++) {
        const test_case *x = &a->cases[i], *y = &b->cases[i];
        if (strcmp(x->name, y->name) == 0 && !x->problem == !y->problem &&
            !(x->problem && strcmp(x->problem, y->problem) != 0))
            continue;
        snprintf(why, size, "case \"%.*s\" %s, and then \"%.*s\" %s", MAX_SHOWN, x->name,
                 ending_of(x), MAX_SHOWN, y->name, ending_of(y));
        return true;
    }
    if (a->case_count == b->case_count) return false;
    snprintf(why, size, "it has %zu case%s, and then %zu", a->case_count,
             a->case_count == 1 ? "" : "s", b->case_count);
    return true;
}

bool texts_differ(const script_result *a, const script_result *b, char *why, size_t size)
{
    if (a->code != b->code) {
        snprintf(why, size, "it ends with code %d, and then with %d%s%.*s", a->code, b->code,
                 *b->problem ? ": " : "", (int)strcspn(b->problem, "\n"), b->problem);
        return true;
    }
    return lines_differ("its output", a->output, b->output, why, size) ||
           lines_differ("its standard error", a->errors, b->errors, why, size) ||
           lines_differ("its error", a->problem, b->problem, why, size) ||
           cases_differ(a, b, why, size) ||
           lines_differ("the requirements that it covers", a->covers, b->covers, why, size);
}

/* Where the machine's speed or the user ended both runs, they were not to end at the same place. */
static bool both_were_stopped(const script_result *a, const script_result *b)
{
    return a->code == b->code && a->by_chance && b->by_chance;
}

bool one_was_stopped(const script_result *a, const script_result *b)
{
    return a->by_chance != b->by_chance;
}

bool runs_differ(const script_result *a, const script_result *b, char *why, size_t size)
{
    if (both_were_stopped(a, b)) return false;
    if (texts_differ(a, b, why, size)) return true;
    if (a->mix == b->mix) return false;
    snprintf(why, size, "the digest of its traces is %016llx, and then %016llx",
             (unsigned long long)a->mix, (unsigned long long)b->mix);
    return true;
}

/* Traces. */

/* NULL: there is none; or *no_memory for it. */
static dw_trace *load_kept(const char *directory, unsigned number, bool *no_memory)
{
    char path[KEPT_PATH + 100], why[300];
    dw_trace *trace = NULL;
    snprintf(path, sizeof path, "%s/%u.jsonl", directory, number);
    int status = dw_trace_load(path, &trace, why, sizeof why);
    *no_memory |= status == DW_E_NOMEM;
    return status == DW_OK ? trace : NULL;
}

static void say_event(FILE *f, const char *run, const dw_trace *trace, size_t i)
{
    char line[600];
    if (!trace || i >= dw_trace_count(trace)) {
        fprintf(f, "  %s: nothing more\n", run);
        return;
    }
    const dw_trace_event *e = dw_trace_at(trace, i);
    fprintf(f, "  %s: ", run);
    print_escaped(f, DW_IN_LINE, dw_trace_event_text(trace, e, line, sizeof line));
    if (e->packet) fprintf(f, " (packet %llu)", (unsigned long long)e->packet);
    fputc('\n', f);
}

static bool same_event(const dw_trace *a, const dw_trace *b, size_t i)
{
    char one[600], other[600];
    if (i >= dw_trace_count(a) || i >= dw_trace_count(b)) return false;
    return strcmp(dw_trace_event_text(a, dw_trace_at(a, i), one, sizeof one),
                  dw_trace_event_text(b, dw_trace_at(b, i), other, sizeof other)) == 0;
}

/* The next event of a packet from *i on; false: there is none. */
static bool next_of_packet(const dw_trace *trace, size_t *i)
{
    while (*i < dw_trace_count(trace) && dw_trace_at(trace, *i)->packet == 0)
        (*i)++;
    return *i < dw_trace_count(trace);
}

/* The packets at the first event of one, from here on, that differs: what differs here may be a
 * call, of which they are the first consequence.  0: a run has no more. */
static void packets_that_differ(const dw_trace *a, const dw_trace *b, size_t at, uint64_t packet[2])
{
    size_t i = at, j = at;
    char one[600], other[600];
    for (;; i++, j++) {
        bool in_a = next_of_packet(a, &i), in_b = next_of_packet(b, &j);
        packet[0] = in_a ? dw_trace_at(a, i)->packet : 0;
        packet[1] = in_b ? dw_trace_at(b, j)->packet : 0;
        if (!in_a || !in_b) return;
        dw_trace_event_text(a, dw_trace_at(a, i), one, sizeof one);
        dw_trace_event_text(b, dw_trace_at(b, j), other, sizeof other);
        if (packet[0] != packet[1] || strcmp(one, other) != 0) return;
    }
}

/* The exchange around a packet, as a run had it; 0: its end. */
static void say_exchange(FILE *f, const options *o, const char *run, const dw_trace *trace,
                         uint64_t marked)
{
    enum { BEFORE = 3, AFTER = 2 };
    uint64_t packet = marked;
    for (size_t i = dw_trace_count(trace); i > 0 && !packet; i--)
        packet = dw_trace_at(trace, i - 1)->packet;
    if (!packet || dw_trace_conns(trace) == 0) return;
    const dw_picture picture = {.calls = DW_YES,
                                .from_packet = packet > BEFORE ? packet - BEFORE : 1,
                                .to_packet = packet + AFTER};
    dw_ladder_config c = {.mark_packet = marked, .picture = &picture};
    if (plain_characters(o)) c.style = DW_LADDER_ASCII;
    char *text = dw_ladder(trace, &c);
    if (text) fprintf(f, "%s:\n%s", run, text);
    dw_free(text);
}

/* false: they do not part. */
static bool say_where(FILE *f, const options *o, const dw_trace *a, const dw_trace *b,
                      unsigned number)
{
    char first[DW_DIGEST_TEXT], other[DW_DIGEST_TEXT];
    dw_trace_digest(a, first);
    dw_trace_digest(b, other);
    if (strcmp(first, other) == 0) return false;
    size_t i = 0;
    while (i < dw_trace_count(a) && same_event(a, b, i))
        i++;
    if (i == dw_trace_count(a) && i == dw_trace_count(b)) {
        fprintf(f, "simulation %u has the same events, with other data in the packets\n", number);
        return true;
    }
    fprintf(f, "simulation %u parts at event %zu:\n", number, i + 1);
    say_event(f, "first", a, i);
    say_event(f, "other", b, i);
    uint64_t packet[2];
    packets_that_differ(a, b, i, packet);
    say_exchange(f, o, "first", a, packet[0]);
    say_exchange(f, o, "other", b, packet[1]);
    return true;
}

/* Of one simulation; false: there they do not part. */
static bool say_where_one_parts(FILE *f, const options *o, const char *kept_a, const char *kept_b,
                                unsigned number, bool *no_memory)
{
    dw_trace *a = load_kept(kept_a, number, no_memory);
    dw_trace *b = load_kept(kept_b, number, no_memory);
    bool part = *no_memory || !a != !b;
    if (*no_memory)
        fprintf(f, "their traces differ; there is no memory to say where\n");
    else if (part)
        fprintf(f, "simulation %u is there only in the %s run\n", number, a ? "first" : "other");
    else if (a)
        part = say_where(f, o, a, b, number);
    dw_trace_free(a);
    dw_trace_free(b);
    return part;
}

void say_where_traces_part(FILE *f, const options *o, const char *kept_a, const char *kept_b)
{
    bool no_memory = false;
    for (unsigned number = 1; number <= MAX_KEPT; number++)
        if (say_where_one_parts(f, o, kept_a, kept_b, number, &no_memory)) return;
    fprintf(f, "their traces differ, in a simulation that keeps none\n");
}

/* Directories for traces. */

void make_kept(char path[KEPT_PATH])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, KEPT_PATH, "%s/drywire-check-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(path)) *path = 0;
}

void make_kept_below(const char *path, int number, char out[KEPT_PATH])
{
    *out = 0;
    if (!*path) return;
    if (snprintf(out, KEPT_PATH, "%s/%d", path, number) >= KEPT_PATH || mkdir(out, 0700) != 0)
        *out = 0;
}

void remove_kept(const char *path)
{
    char file[KEPT_PATH + 300];
    DIR *dir = *path ? opendir(path) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.') unlink(file);
    }
    if (dir) closedir(dir);
    if (*path) rmdir(path);
}

/* Again. */

const surroundings surroundings_again = {
    "again",
    {"DRYWIRE_AGAIN=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1", "TZ=Asia/Kolkata", NULL},
    NULL,
    false};

/* Two runs that keep their traces; whether these differ. */
static bool run_and_compare(const options *o, const char *path, char kept[2][KEPT_PATH])
{
    job jobs[2] = {0};
    char died[300];
    script_result results[2] = {{.path = path}, {.path = path}};
    char **env = needed(changed_environment(&surroundings_again));
    for (int i = 0; i < 2; i++)
        jobs[i].args = needed(worker_args(o, NULL, kept[i], path));
    jobs[1].env = env;
    bool whole = jobs_run(jobs, 2, 1, NULL, NULL) == 0;
    for (int i = 0; i < 2 && whole; i++)
        whole = read_worker(&jobs[i], &results[i], died, sizeof died);
    bool differ = whole && results[0].mix != results[1].mix;
    for (int i = 0; i < 2; i++) {
        free(results[i].cases);
        free(jobs[i].args);
    }
    jobs_free(jobs, 2);
    free(env);
    return differ;
}

void say_where_runs_part(FILE *f, const options *o, const char *path)
{
    enum { TRIES = 4 };
    char base[KEPT_PATH], kept[2][KEPT_PATH];
    make_kept(base);
    for (int try = 0, found = 0; *base && try < TRIES && !found; try++) {
        for (int i = 0; i < 2; i++)
            make_kept_below(base, i, kept[i]);
        if (!*kept[0] || !*kept[1]) break;
        found = run_and_compare(o, path, kept);
        if (found) say_where_traces_part(f, o, kept[0], kept[1]);
        for (int i = 0; i < 2; i++)
            remove_kept(kept[i]);
    }
    if (*base) rmdir(base);
}
