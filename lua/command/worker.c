/* The process that runs one script for drywire test and check, and what it tells the one that
 * started it. */
#include "printing.h"
#include "draw.h"
#include "failure.h"
#include "process.h"
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_FD = 3, MAX_ARGS = 2 * (MAX_SETS + MAX_PLUGINS + MAX_EXCLUDES) + 40 };

/* It writes what happened to descriptor 3: a line of numbers, then texts, each as "LENGTH:BYTES,",
 * so that nothing in them can be taken for the end of one.  Its exit code is EXIT_LIMIT when it ran
 * out of memory, whatever it wrote. */

enum { BY_CHANCE = 1, MADE = 2, ASSERTED = 4, CHECKED = 8 }; /* bits of its second number */

static void write_part(FILE *f, const char *text)
{
    if (!text) text = "";
    fprintf(f, "%zu:%s,", strlen(text), text);
}

/* The descriptor is not there where a user has typed the worker's words. */
static void write_result(const outcome *r)
{
    FILE *f = fdopen(RESULT_FD, "w");
    if (!f && errno == ENOMEM) needed(NULL);
    if (!f) return;
    int bits =
        r->by_chance * BY_CHANCE + r->made * MADE + r->asserts * ASSERTED + r->checks * CHECKED;
    fprintf(f, "%d %d %zu %016" PRIx64 "\n", r->code, bits, r->case_count, r->mix);
    const char *const parts[] = {r->hash[0] ? r->hash : "-",
                                 problem_of(r),
                                 r->notes,
                                 r->covers,
                                 r->arrows,
                                 r->exchange,
                                 r->unasked};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        write_part(f, parts[i]);
    for (size_t i = 0; i < r->case_count; i++) {
        const test_case *c = &r->cases[i];
        fprintf(f, "%d %d %.0f\n", c->code, c->checks, c->seconds * 1e9);
        write_part(f, c->name);
        write_part(f, c->problem);
        write_part(f, c->exchange);
    }
    fclose(f);
}

int run_worker(const options *o)
{
    outcome r;
    run_script(o->rest[0], o, true, &r);
    write_result(&r);
    int code = r.out_of_memory ? no_memory("test") : EXIT_PASS;
    free_outcome(&r);
    return code;
}

/* What a worker wrote. */

/* A number and the character behind it; false: there is none. */
static bool take_number(char **at, char end, uint64_t *out)
{
    char *after;
    if (**at < '0' || **at > '9') return false;
    *out = strtoull(*at, &after, 10);
    if (*after != end) return false;
    *at = after + 1;
    return true;
}

static bool take_part(char **at, const char *end, const char **out)
{
    uint64_t len;
    if (!take_number(at, ':', &len) || len >= (uint64_t)(end - *at) || (*at)[len] != ',')
        return false;
    *out = *at;
    (*at)[len] = 0;
    *at += len + 1;
    return true;
}

static bool take_case(char **at, const char *end, test_case *c)
{
    const char *name, *problem, *exchange;
    uint64_t code, checks, nanoseconds;
    if (!take_number(at, ' ', &code) || !take_number(at, ' ', &checks) ||
        !take_number(at, '\n', &nanoseconds) || !take_part(at, end, &name) ||
        !take_part(at, end, &problem) || !take_part(at, end, &exchange))
        return false;
    *c = (test_case){.name = (char *)name,
                     .code = (int)code,
                     .checks = checks > 0,
                     .seconds = (double)nanoseconds / 1e9};
    if (code != EXIT_PASS) c->problem = (char *)problem;
    if (*exchange) c->exchange = (char *)exchange;
    return true;
}

/* All of it, or nothing is believed.  The texts stay in body, the cases are for free in any case.
 */
static bool parse_result(char *body, size_t len, script_result *r)
{
    const char *hash;
    const char **const parts[] = {&hash,      &r->problem,  &r->notes,  &r->covers,
                                  &r->arrows, &r->exchange, &r->unasked};
    char *at = body, *end = body + len;
    uint64_t code, bits, count;
    if (!body || !take_number(&at, ' ', &code) || !take_number(&at, ' ', &bits) ||
        !take_number(&at, ' ', &count))
        return false;
    r->mix = strtoull(at, &at, 16);
    if (*at++ != '\n' || count > len) return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!take_part(&at, end, parts[i])) return false;
    snprintf(r->hash, sizeof r->hash, "%s", hash);
    r->cases = needed(calloc(count ? count : 1, sizeof *r->cases));
    for (uint64_t i = 0; i < count; i++)
        if (!take_case(&at, end, &r->cases[i])) return false;
    r->code = (int)code;
    r->by_chance = bits & BY_CHANCE;
    r->made = bits & MADE;
    r->asserts = bits & ASSERTED;
    r->checks = bits & CHECKED;
    r->case_count = count;
    return at == end;
}

/* Nothing is freed when the worker died. */
bool read_worker(const job *j, script_result *r, char *why, size_t size)
{
    const char *output = j->len[0] ? j->text[0] : NULL, *errors = NULL;
    if (j->len[1]) errors = j->text[1];
    const script_result nothing = {.path = r->path,
                                   .title = r->title,
                                   .seconds = j->seconds,
                                   .problem = "",
                                   .notes = "",
                                   .covers = "",
                                   .arrows = "",
                                   .exchange = "",
                                   .unasked = "",
                                   .output = output,
                                   .errors = errors,
                                   .made = true};
    replace_zeros(j->text[0], j->len[0]);
    *r = nothing;
    bool whole = parse_result(j->text[2], j->len[2], r), no_memory = j->exit_code == EXIT_LIMIT;
    if (whole && j->exit_code == EXIT_PASS) return true;
    int n = snprintf(why, size, "the script's process ended with code %d%s", j->exit_code,
                     no_memory ? ": out of memory" : "");
    if (j->error && (size_t)n < size) snprintf(why + n, size - (size_t)n, ": %s", j->error);
    if (whole && no_memory) return false;
    free(r->cases);
    *r = nothing;
    r->problem = why;
    r->code = no_memory ? EXIT_LIMIT : EXIT_USAGE;
    return false;
}

bool worker_was_stopped(const job *j)
{
    uint64_t code, bits = 0;
    char *at = j->text[2];
    if (j->exit_code != EXIT_PASS || !at) return true;
    return take_number(&at, ' ', &code) && take_number(&at, ' ', &bits) && (bits & BY_CHANCE);
}

/* Its command line. */

typedef struct words {
    char **list; /* and room for the texts of numbers behind it */
    size_t count;
    char *room;
} words;

static void add_word(words *w, const char *option, const char *value)
{
    if (!value) return;
    if (option) w->list[w->count++] = (char *)option;
    w->list[w->count++] = (char *)value;
}

/* The text that the last sprintf has put into the room. */
static const char *kept(words *w, int len)
{
    const char *text = w->room;
    w->room += len + 1;
    return text;
}

static void add_list(words *w, const char *option, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_word(w, option, values[i]);
}

enum { FAULTS_TEXT = DW_FAULTS_MOST * DW_FAULT_TEXT };

static void add_numbers(words *w, const options *o)
{
    if (o->seed_given) add_word(w, "--seed", kept(w, sprintf(w->room, "%" PRIu64, o->seed)));
    if (o->until) add_word(w, "--until", kept(w, sprintf(w->room, "%" PRId64 "ns", o->until)));
    int len = 0;
    for (uint32_t i = 0; i < o->drop_count; i++)
        len += sprintf(w->room + len, "%s%" PRIu64, i ? "," : "", o->drop[i]);
    if (o->drop_count) add_word(w, "--drop", kept(w, len));
    char plan[FAULTS_TEXT];
    dw_faults_format(o->faults, o->fault_count, plan, sizeof plan);
    if (o->fault_count) add_word(w, "--faults", kept(w, sprintf(w->room, "%s", plan)));
    add_word(w, "--memory", kept(w, sprintf(w->room, "%zuB", o->memory)));
    if (o->sweep_jobs) add_word(w, "--jobs", kept(w, sprintf(w->room, "%u", o->sweep_jobs)));
    add_word(w, "--watchdog", kept(w, sprintf(w->room, "%ums", o->watchdog_ms)));
}

/* Whatever changes how the script runs, and what a worker alone has. */
char **worker_args(const options *o, const char *const *front, const char *keep, const char *path)
{
    enum { NUMBERS = 6 * 32 + DW_MATCH_NTH * 21 + FAULTS_TEXT };
    size_t count = MAX_ARGS + (size_t)o->script_arg_count;
    words w = {.list = calloc(1, count * sizeof *w.list + NUMBERS)};
    if (!w.list) return NULL;
    w.room = (char *)(w.list + count);
    for (size_t i = 0; front && front[i]; i++)
        add_word(&w, NULL, front[i]);
    add_word(&w, NULL, own_path());
    add_word(&w, "test", "--worker");
    add_word(&w, "--keep", keep);
    add_list(&w, "--set", o->sets, o->set_count);
    add_list(&w, "--plugin", o->plugins, o->plugin_count);
    add_list(&w, "--stack", o->stacks, o->stack_count);
    add_list(&w, "--exclude", o->excludes, o->exclude_count);
    add_word(&w, "--filter", o->filter);
    add_word(&w, "--profile", o->profile);
    add_word(&w, "--style", plain_characters(o) ? "ascii" : "unicode"); /* it sees a pipe */
    add_numbers(&w, o);
    if (o->list) add_word(&w, NULL, "--list");
    if (o->update) add_word(&w, NULL, "--update");
    add_word(&w, NULL, path);
    if (o->script_arg_count) add_word(&w, NULL, "--");
    for (int i = 0; i < o->script_arg_count; i++)
        add_word(&w, NULL, o->script_args[i]);
    return w.list;
}
