/* The command's options, and running one script. */
#include "command.h"
#include "binding/base/state.h"
#include "drill/drill.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int usage_error(const char *command, const char *format, ...)
{
    va_list args;
    char text[2000];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(stderr, "drywire%s%s: ", command ? " " : "", command ? command : "");
    print_escaped(stderr, DW_IN_LINES, text);
    fprintf(stderr, "\n");
    return EXIT_USAGE;
}

int lua_failure(lua_State *L, const char *command, int status)
{
    const dwl_state *s = dwl_state_of(L);
    if (status == LUA_ERRMEM || (s && s->out_of_memory)) return no_memory(command);
    return usage_error(command, "%s", lua_tostring(L, -1));
}

int no_memory(const char *command)
{
    return failure(command, DW_E_NOMEM, "out of memory");
}

void *needed(void *block)
{
    if (!block) exit(no_memory(NULL));
    return block;
}

bool close_text(FILE *f)
{
    bool failed = ferror(f);
    return fclose(f) == 0 && !failed;
}

int failure(const char *command, int status, const char *why)
{
    usage_error(command, "%s", why);
    return status == DW_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

/* Options. */

enum option_id {
    O_SEED,
    O_SET,
    O_UNTIL,
    O_PROFILE,
    O_PLUGIN,
    O_DROP,
    O_LADDER,
    O_NUMBERS,
    O_PCAP,
    O_PLOTS,
    O_SVG,
    O_CSV,
    O_SERIES,
    O_JSONL,
    O_WATCHDOG,
    O_MEMORY,
    O_WIDTH,
    O_JOBS,
    O_QUIET,
    O_VERBOSE,
    O_UPDATE,
    O_JUNIT,
    O_COLOR,
    O_JSON,
    O_ALL_EVENTS,
    O_ABSOLUTE,
    O_SYMBOLIC,
    O_STYLE,
    O_DEFINE,
    O_IP_VERSION,
    O_STRICT,
    O_SYSCTLS,
    O_LIVE,
    O_IGNORE,
    O_TOLERANCE,
    O_RECORD,
    O_EVENT,
    O_MARKDOWN,
    O_PACKETDRILL,
    O_HOST,
    O_CONN,
    O_OUT,
    O_HTML,
    O_LUA,
    O_GNUPLOT,
    O_LIST,
    O_DETAIL
};

/* In a row's sets: the option changes how a run goes, so the replay line has it. */
enum { OUTCOME = 1 << 30 };

static const struct option {
    const char *name, *letter;
    enum option_id id;
    unsigned sets;
    int value; /* 0: none, 1: needed, 2: after "=" only */
} table[] = {
    {"--seed", NULL, O_SEED, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OUTCOME, 1},
    {"--set", NULL, O_SET, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OUTCOME, 1},
    {"--until", NULL, O_UNTIL, OPT_RUN | OPT_REPL | OPT_EXPORT | OUTCOME, 1},
    {"--profile", NULL, O_PROFILE, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OPT_DRILL | OUTCOME,
     1},
    {"--define", "-D", O_DEFINE, OPT_DRILL | OUTCOME, 1},
    {"--ip-version", NULL, O_IP_VERSION, OPT_DRILL | OUTCOME, 1},
    {"--strict", NULL, O_STRICT, OPT_DRILL | OUTCOME, 0},
    {"--sysctls", NULL, O_SYSCTLS, OPT_DRILL, 0},
    {"--live", NULL, O_LIVE, OPT_DRILL | OUTCOME, 0},
    {"--ignore", NULL, O_IGNORE, OPT_DRILL | OUTCOME, 1},
    {"--tolerance", NULL, O_TOLERANCE, OPT_DRILL | OUTCOME, 1},
    {"--record", NULL, O_RECORD, OPT_DRILL, 1},
    {"--plugin", NULL, O_PLUGIN, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OUTCOME, 1},
    {"--drop", NULL, O_DROP, OPT_RUN | OPT_REPL | OPT_EXPORT | OUTCOME, 1},
    {"--ladder", NULL, O_LADDER, OPT_RUN | OPT_DRILL | OPT_IMPORT, 2},
    {"--style", NULL, O_STYLE, OPT_VIEW | OPT_REPORT, 1},
    {"--packetdrill", NULL, O_PACKETDRILL, OPT_EXPORT, 0},
    {"--host", NULL, O_HOST, OPT_EXPORT, 1},
    {"--conn", NULL, O_CONN, OPT_EXPORT | OPT_RUN | OPT_LADDER | OPT_STATS | OPT_PLOT | OPT_IMPORT,
     1},
    {"--output", "-o", O_OUT, OPT_EXPORT, 1},
    {"--event", NULL, O_EVENT, OPT_EVENT, 1},
    {"--markdown", NULL, O_MARKDOWN, OPT_REPORT, 0},
    {"--absolute", NULL, O_ABSOLUTE, OPT_RUN | OPT_VIEW | OPT_DRILL, 0},
    {"--symbolic", NULL, O_SYMBOLIC, OPT_RUN | OPT_VIEW, 0},
    {"--numbers", NULL, O_NUMBERS, OPT_RUN | OPT_VIEW | OPT_DRILL, 1},
    {"--width", NULL, O_WIDTH, OPT_RUN | OPT_REPL | OPT_VIEW | OPT_DRILL | OPT_PLOT, 1},
    {"--color", NULL, O_COLOR, OPT_RUN | OPT_VIEW | OPT_DRILL, 1},
    {"--pcap", NULL, O_PCAP, OPT_RUN | OPT_DRILL, 1},
    {"--svg", NULL, O_SVG, OPT_RUN | OPT_LADDER | OPT_PLOT | OPT_IMPORT, 1},
    {"--html", NULL, O_HTML, OPT_RUN | OPT_LADDER | OPT_DRILL | OPT_IMPORT | OUTCOME, 1},
    {"--lua", NULL, O_LUA, OPT_IMPORT, 1},
    {"--list", NULL, O_LIST, OPT_IMPORT, 0},
    {"--detail", NULL, O_DETAIL, OPT_RUN | OUTCOME, 0},
    {"--csv", NULL, O_CSV, OPT_PLOT, 1},
    {"--gnuplot", NULL, O_GNUPLOT, OPT_PLOT, 1},
    {"--series", NULL, O_SERIES, OPT_PLOT, 1},
    {"--plots", NULL, O_PLOTS, OPT_RUN, 1},
    {"--jsonl", NULL, O_JSONL, OPT_RUN | OPT_DRILL | OPT_IMPORT, 1},
    {"--trace", NULL, O_JSONL, OPT_RUN | OPT_DRILL, 1},
    {"--watchdog", NULL, O_WATCHDOG, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OUTCOME, 1},
    {"--memory", NULL, O_MEMORY, OPT_RUN | OPT_REPL | OPT_TEST | OPT_EXPORT | OUTCOME, 1},
    {"--update", NULL, O_UPDATE, OPT_RUN | OPT_TEST | OUTCOME, 0},
    {"--junit", NULL, O_JUNIT, OPT_TEST | OPT_DRILL, 1},
    {"--jobs", "-j", O_JOBS, OPT_TEST | OPT_REPORT, 1},
    {"--json", NULL, O_JSON, OPT_JSON | OPT_REPORT, 0},
    {"--all", NULL, O_ALL_EVENTS, OPT_ALL, 0},
    {"--quiet", "-q", O_QUIET, OPT_RUN | OPT_REPL | OPT_TEST | OPT_VIEW | OPT_DRILL, 0},
    {"--verbose", "-v", O_VERBOSE, OPT_RUN | OPT_TEST | OPT_VIEW | OPT_DRILL, 0},
    {NULL, NULL, 0, 0, 0},
};

static bool parse_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false; /* neither a sign nor blanks */
    unsigned long long n = strtoull(text, &end, 0);
    if (*end || errno || n > most) return false;
    *out = n;
    return true;
}

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, text) == 0) return true;
    return false;
}

static int bad_choice(const char *command, const char *option, const char *text,
                      const char *const *words)
{
    const char *near = dw_nearest(text, words);
    if (near)
        return usage_error(command, "%s: unknown \"%s\"; did you mean \"%s\"?", option, text, near);
    return usage_error(command, "%s: unknown \"%s\"", option, text);
}

/* A number from 1, in digits alone: what follows it, or NULL. */
static const char *packet_number(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (n == 0 || errno) return NULL;
    *out = n;
    return end;
}

static int parse_drop(const char *given, options *o, const char *command)
{
    const char *at = given;
    for (o->drop_count = 0; o->drop_count < DW_MATCH_NTH; at++) {
        at = packet_number(at, &o->drop[o->drop_count++]);
        if (at && !*at) return EXIT_PASS;
        if (!at || *at != ',') break;
    }
    return usage_error(command,
                       "--drop: expected up to %d numbers of packets, as in --drop 1,9, got \"%s\"",
                       DW_MATCH_NTH, given);
}

static const char *const styles[] = {"unicode",  "ascii",  "rfc", "mermaid",
                                     "plantuml", "mscgen", NULL};
static const char *const report_styles[] = {"text", "svg", "dot", NULL};
static const char *const number_styles[] = {"relative", "absolute", "symbolic", NULL};
static const char *const ip_versions[] = {"ipv4", "ipv6", "ipv4-mapped-ipv6", NULL};
static const char *const color_choices[] = {"auto", "always", "never", NULL};

static int take(enum option_id id, const char *name, const char *v, options *o, const char *command)
{
    char why[300];
    uint64_t n;
    dw_time time;
    switch (id) {
    case O_SEED:
        if (!parse_number(v, UINT64_MAX, &o->seed))
            return usage_error(command, "--seed: \"%s\" is not a whole number", v);
        o->seed_given = true;
        return EXIT_PASS;
    case O_SET:
        if (!strchr(v, '=') || *v == '=')
            return usage_error(command, "--set: write name=value, not \"%s\"", v);
        if (o->set_count == MOST_SETS) return usage_error(command, "--set: too many");
        o->sets[o->set_count++] = v;
        return EXIT_PASS;
    case O_UNTIL:
        if (dw_parse_time(v, &o->until, why, sizeof why) != DW_OK)
            return usage_error(command, "--until: %s", why);
        return EXIT_PASS;
    case O_PROFILE: o->profile = v; return EXIT_PASS;
    case O_PLUGIN:
        if (o->plugin_count == MOST_PLUGINS) return usage_error(command, "--plugin: too many");
        o->plugins[o->plugin_count++] = v;
        return EXIT_PASS;
    case O_DROP: return parse_drop(v, o, command);
    case O_LADDER:
    case O_STYLE:
        o->ladder = true;
        o->ladder_style = v;
        if (v && strcmp(command, "states") == 0) {
            if (!one_of(v, report_styles)) return bad_choice(command, name, v, report_styles);
        } else if (v && !one_of(v, styles)) {
            return bad_choice(command, name, v, styles);
        }
        return EXIT_PASS;
    case O_DEFINE:
        if (o->define_count == MOST_DEFINES) return usage_error(command, "--define: too many");
        o->defines[o->define_count++] = v;
        return EXIT_PASS;
    case O_IP_VERSION:
        o->ip_version = v;
        if (!one_of(v, ip_versions)) return bad_choice(command, name, v, ip_versions);
        return EXIT_PASS;
    case O_STRICT: o->strict = true; return EXIT_PASS;
    case O_SYSCTLS: o->sysctls = true; return EXIT_PASS;
    case O_RECORD: o->record = v; return EXIT_PASS;
    case O_LIVE: o->live = true; return EXIT_PASS;
    case O_IGNORE:
        if (!dw_drill_fields(v, &o->ignore, why, sizeof why))
            return usage_error(command, "--ignore: %s", why);
        return EXIT_PASS;
    case O_TOLERANCE:
        if (dw_parse_time(v, &o->tolerance, why, sizeof why) != DW_OK)
            return usage_error(command, "--tolerance: %s", why);
        return EXIT_PASS;
    case O_EVENT:
        if (!parse_number(v, SIZE_MAX, &n) || n == 0)
            return usage_error(command, "--event: expected the number of an event, got \"%s\"", v);
        o->event = (size_t)n;
        return EXIT_PASS;
    case O_PACKETDRILL: o->packetdrill = true; return EXIT_PASS;
    case O_HOST: o->host = v; return EXIT_PASS;
    case O_CONN:
        if (!parse_number(v, UINT32_MAX, &n) || n == 0)
            return usage_error(command, "--conn: expected a number from 1, got \"%s\"", v);
        o->nth = (uint32_t)n;
        return EXIT_PASS;
    case O_OUT: o->out = v; return EXIT_PASS;
    case O_MARKDOWN: o->markdown = true; return EXIT_PASS;
    case O_ABSOLUTE: o->numbers = "absolute"; return EXIT_PASS;
    case O_SYMBOLIC: o->numbers = "symbolic"; return EXIT_PASS;
    case O_NUMBERS:
        o->numbers = v;
        if (!one_of(v, number_styles)) return bad_choice(command, name, v, number_styles);
        return EXIT_PASS;
    case O_WIDTH:
        if (!parse_number(v, 400, &n) || n < 60)
            return usage_error(command, "--width: expected 60 to 400 columns, got \"%s\"", v);
        o->width = (unsigned)n;
        return EXIT_PASS;
    case O_COLOR:
        o->color = v;
        if (!one_of(v, color_choices)) return bad_choice(command, name, v, color_choices);
        return EXIT_PASS;
    case O_PCAP: o->pcap = v; return EXIT_PASS;
    case O_SVG: o->svg = v; return EXIT_PASS;
    case O_HTML:
        o->html = v;
        o->detail = true;
        return EXIT_PASS;
    case O_LUA: o->lua = v; return EXIT_PASS;
    case O_LIST: o->list = true; return EXIT_PASS;
    case O_DETAIL: o->detail = true; return EXIT_PASS;
    case O_GNUPLOT: o->gnuplot = v; return EXIT_PASS;
    case O_CSV: o->csv = v; return EXIT_PASS;
    case O_SERIES: o->series = v; return EXIT_PASS;
    case O_PLOTS: o->plots = v; return EXIT_PASS;
    case O_JSONL: o->jsonl = v; return EXIT_PASS;
    case O_JUNIT: o->junit = v; return EXIT_PASS;
    case O_WATCHDOG:
        if (dw_parse_time(v, &time, why, sizeof why) != DW_OK)
            return usage_error(command, "--watchdog: %s", why);
        if (time < 100 * DW_MILLISECOND || time > DW_HOUR)
            return usage_error(command, "--watchdog: expected 100ms to 1h");
        o->watchdog_ms = (unsigned)(time / DW_MILLISECOND);
        return EXIT_PASS;
    case O_MEMORY:
        if (dw_parse_size(v, &n, why, sizeof why) != DW_OK)
            return usage_error(command, "--memory: %s", why);
        o->memory = n;
        return EXIT_PASS;
    case O_JOBS:
        if (!parse_number(v, 256, &n) || n == 0)
            return usage_error(command, "-j: expected 1 to 256, got \"%s\"", v);
        o->jobs = (unsigned)n;
        return EXIT_PASS;
    case O_QUIET: o->quiet = true; return EXIT_PASS;
    case O_VERBOSE: o->verbose = true; return EXIT_PASS;
    case O_UPDATE: o->update = true; return EXIT_PASS;
    case O_JSON: o->json = true; return EXIT_PASS;
    case O_ALL_EVENTS: o->all = true; return EXIT_PASS;
    }
    return EXIT_PASS;
}

static int unknown_option(const char *command, const char *arg, unsigned sets)
{
    const char *names[sizeof table / sizeof table[0]] = {0};
    int n = 0;
    char word[40];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(arg, "="), arg);
    for (const struct option *t = table; t->name; t++)
        if (t->sets & sets) names[n++] = t->name;
    const char *near = dw_nearest(word, names);
    if (near) return usage_error(command, "unknown option %s; did you mean %s?", word, near);
    return usage_error(command, "unknown option %s (see drywire %s --help)", word, command);
}

/* packetdrill writes some of the names that it shares with us with underscores. */
static bool same_name(const char *ours, const char *given, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (ours[i] != given[i] && !(ours[i] == '-' && given[i] == '_')) return false;
    return ours[len] == 0;
}

static const struct option *find_option(const char *arg, unsigned sets, const char **value)
{
    size_t len = strcspn(arg, "=");
    for (const struct option *t = table; t->name; t++) {
        if (!(t->sets & sets)) continue;
        if (same_name(t->name, arg, len)) {
            *value = arg[len] ? arg + len + 1 : NULL;
            return t;
        }
        if (t->letter && strncmp(t->letter, arg, 2) == 0 && (t->value || !arg[2])) {
            *value = arg[2] ? arg + 2 : NULL;
            return t;
        }
    }
    return NULL;
}

static bool may_be_repeated(enum option_id id)
{
    return id == O_SET || id == O_PLUGIN || id == O_DEFINE;
}

/* What repeats this run: options that change what happens, not where it is written.  There is
 * always room: how many --set, --plugin and --define there may be take() has checked, and of
 * everything else the last one counts. */
static void remember(options *o, const struct option *t, unsigned sets, const char *value)
{
    size_t i = 0;
    const char *name = t->name, *unused;
    if (!(t->sets & OUTCOME)) return;
    if (t->id == O_HTML) { /* it asks for details, and the trace has a limit */
        name = "--detail";
        value = NULL;
    }
    if (!find_option(name, sets, &unused)) return;
    while (i < o->repeat_count && (may_be_repeated(t->id) || strcmp(o->repeats[i].name, name) != 0))
        i++;
    if (i == o->repeat_count) o->repeat_count++;
    o->repeats[i].name = name;
    o->repeats[i].value = value;
}

static void print_word(FILE *f, const char *word)
{
    fputc(' ', f);
    print_escaped(f, DW_IN_SHELL, word);
}

void print_replay(FILE *f, const char *command, const char *profile, const options *o,
                  const char *path)
{
    fprintf(f, "replay: drywire %s", command);
    if (profile) fputs(" --profile", f);
    if (profile) print_word(f, profile);
    for (size_t i = 0; i < o->repeat_count; i++) {
        if (profile && strcmp(o->repeats[i].name, "--profile") == 0) continue;
        print_word(f, o->repeats[i].name);
        if (o->repeats[i].value) print_word(f, o->repeats[i].value);
    }
    print_word(f, path);
    if (o->script_arg_count > 0) fputs(" --", f);
    for (int i = 0; i < o->script_arg_count; i++)
        print_word(f, o->script_args[i]);
    fputc('\n', f);
}

/* Whether two names lead to one regular file, or would make one. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    bool there = stat(a, &x) == 0;
    if (stat(b, &y) == 0)
        return there && x.st_dev == y.st_dev && x.st_ino == y.st_ino && S_ISREG(x.st_mode);
    return !there && strcmp(a, b) == 0;
}

/* Each output is written whole at the end, so of two to one file the first would be lost, and so
 * would a script or a trace that is written over. */

typedef struct named_output {
    const char *option, *path; /* NULL: not asked for */
} named_output;
enum { OUTPUTS = 10 };

static void list_outputs(const options *o, named_output out[OUTPUTS])
{
    const named_output all[OUTPUTS] = {{"--pcap", o->pcap},     {"--jsonl", o->jsonl},
                                       {"--junit", o->junit},   {"--svg", o->svg},
                                       {"--html", o->html},     {"--lua", o->lua},
                                       {"--csv", o->csv},       {"--gnuplot", o->gnuplot},
                                       {"--record", o->record}, {"-o", o->out}};
    for (int i = 0; i < OUTPUTS; i++) {
        out[i] = all[i];
        if (out[i].path && strcmp(out[i].path, "-") == 0) out[i].path = NULL;
    }
}

int check_inputs(const options *o, const char *command, const char *const *paths, size_t count)
{
    named_output outputs[OUTPUTS];
    list_outputs(o, outputs);
    for (int i = 0; i < OUTPUTS; i++)
        for (size_t j = 0; outputs[i].path && j < count; j++)
            if (same_file(outputs[i].path, paths[j]))
                return usage_error(command, "%s would write over %s, which is read",
                                   outputs[i].option, paths[j]);
    return EXIT_PASS;
}

static int check_outputs(const options *o, const char *command)
{
    named_output outputs[OUTPUTS];
    list_outputs(o, outputs);
    for (int i = 0; i < OUTPUTS; i++)
        for (int j = 0; outputs[i].path && j < i; j++)
            if (outputs[j].path && same_file(outputs[i].path, outputs[j].path))
                return usage_error(command, "%s and %s are one file: %s", outputs[j].option,
                                   outputs[i].option, outputs[i].path);
    int code = check_inputs(o, command, (const char *const *)o->rest, (size_t)o->rest_count);
    return code == EXIT_PASS ? check_inputs(o, command, o->plugins, o->plugin_count) : code;
}

/* One of packetdrill's own options, with one dash or two: a suite's runner calls drywire drill as
 * it calls packetdrill.  Returns how many words it took; 0: it is none of them; -1: after a
 * message. */
static int drill_option(int argc, char **argv, int i, options *o)
{
    bool flag;
    const char *arg = argv[i] + 1 + (argv[i][1] == '-');
    size_t len = strcspn(arg, "=");
    const char *name = dw_drill_option_name(arg, len, &flag);
    if (!name) return 0;
    const char *value = arg[len] ? arg + len + 1 : NULL;
    bool next = !flag && !value;
    if (next && i + 1 == argc) {
        usage_error("drill", "--%s needs a value", name);
        return -1;
    }
    if (next) value = argv[i + 1];
    if (o->drill_option_count == MOST_DRILL_OPTIONS) {
        usage_error("drill", "--%s: too many options of packetdrill", name);
        return -1;
    }
    o->drill_options[o->drill_option_count].name = name;
    o->drill_options[o->drill_option_count++].value = value;
    o->repeats[o->repeat_count].name = argv[i];
    o->repeats[o->repeat_count++].value = next ? value : NULL;
    return next ? 2 : 1;
}

/* A long name behind a single dash, as packetdrill takes it. */
static const struct option *find_single(const char *arg, unsigned sets, const char **value)
{
    char name[80];
    if (arg[1] == '-' || strlen(arg) + 2 > sizeof name) return NULL;
    snprintf(name, sizeof name, "-%s", arg);
    const struct option *t = find_option(name, sets, value);
    if (t && *value) *value = strchr(arg, '=') + 1;
    return t;
}

/* The word at argv[i] among those in front of the options: argv stays a command line that means the
 * same. */
static void collect(char **argv, int i, options *o)
{
    char *word = argv[i], **at = o->rest + o->rest_count++;
    memmove(at + 1, at, (size_t)(argv + i - at) * sizeof *at);
    *at = word;
}

int parse_options(int argc, char **argv, int first, const char *command, unsigned sets, options *o)
{
    *o = (options){.watchdog_ms = 10000, .memory = (size_t)512 << 20, .jobs = 1, .color = "auto"};
    o->rest = argv + first;
    for (int i = first; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            o->script_args = argv + i + 1;
            o->script_arg_count = argc - i - 1;
            break;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            collect(argv, i, o);
            continue;
        }
        const char *value = NULL;
        const struct option *t = find_option(argv[i], sets, &value);
        if (!t && sets & OPT_DRILL) t = find_single(argv[i], sets, &value);
        int words = !t && sets & OPT_DRILL ? drill_option(argc, argv, i, o) : 0;
        if (words < 0) return EXIT_USAGE;
        if (words > 0) {
            i += words - 1;
            continue;
        }
        if (!t) return unknown_option(command, argv[i], sets);
        if (t->value == 0 && value) return usage_error(command, "%s takes no value", t->name);
        if (t->value == 1 && !value) {
            if (i + 1 == argc) return usage_error(command, "%s needs a value", t->name);
            value = argv[++i];
        }
        int code = take(t->id, t->name, value, o, command);
        if (code != EXIT_PASS) return code;
        remember(o, t, sets, value);
    }
    return check_outputs(o, command);
}

/* The terminal. */

bool use_color(const options *o, int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (strcmp(o->color, "always") == 0) return true;
    if (strcmp(o->color, "never") == 0 || (no && *no)) return false;
    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < 60 ? 60 : size.ws_col > 140 ? 140 : size.ws_col;
    return 0;
}

/* Unicode when the terminal says so; in a file, always, because files are read later. */
static bool terminal_is_utf8(void)
{
    const char *term = getenv("TERM"), *charset;
    if (!isatty(STDOUT_FILENO)) {
        const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
        for (int i = 0; i < 3; i++) {
            const char *v = getenv(names[i]);
            if (v && *v) return strstr(v, "UTF-8") || strstr(v, "utf8") || strcmp(v, "C") == 0;
        }
        return true;
    }
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale) return false;
    charset = nl_langinfo_l(CODESET, locale);
    bool utf8 = strcmp(charset, "UTF-8") == 0;
    freelocale(locale);
    return utf8 && !(term && strcmp(term, "linux") == 0);
}

static enum dw_ladder_numbers numbers_of(const options *o)
{
    for (int i = 0; o->numbers && number_styles[i]; i++)
        if (strcmp(number_styles[i], o->numbers) == 0) return (enum dw_ladder_numbers)i;
    return DW_NUMBERS_RELATIVE;
}

/* Takes the text. */
static int write_text(const char *option, const char *path, char *text, char *why, size_t size)
{
    if (!text) {
        snprintf(why, size, "%s: out of memory", option);
        return DW_E_NOMEM;
    }
    int status = dw_file_write(path, text, strlen(text), why, size);
    dw_free(text);
    return status;
}

int write_svg(const options *o, const char *path, const dw_trace *trace, uint64_t most,
              const char *title, char *why, size_t size)
{
    dw_svg_config c = {
        .conn = o->nth, .calls = true, .title = title, .to_packet = most, .numbers = numbers_of(o)};
    return write_text("--svg", path, dw_svg(trace, &c), why, size);
}

int write_html(const char *path, const dw_trace *trace, const char *title, char *why, size_t size)
{
    return write_text("--html", path, dw_html(trace, &(dw_html_config){.title = title}), why, size);
}

void ladder_config(const options *o, dw_ladder_config *c)
{
    *c = (dw_ladder_config){.width = o->width ? o->width : terminal_width(),
                            .numbers = numbers_of(o),
                            .color = use_color(o, STDOUT_FILENO)};
    c->style = terminal_is_utf8() ? DW_LADDER_UNICODE : DW_LADDER_ASCII;
    for (int i = 0; o->ladder_style && styles[i]; i++)
        if (strcmp(styles[i], o->ladder_style) == 0) c->style = (enum dw_ladder_style)i;
    if (c->style >= DW_LADDER_RFC) c->color = false;
}

int load_trace(const char *command, const char *path, dw_trace **out)
{
    char why[600];
    int status = dw_trace_load(path, out, why, sizeof why);
    return status == DW_OK ? EXIT_PASS : failure(command, status, why);
}
