/* Reading the command line by the rows of option_rows.c, and saying it again. */
#include "options.h"
#include "printing.h"
#include "drill/drill.h"
#include "failure.h"
#include "option_rows.h"
#include "uses.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finding a row. */

/* packetdrill writes some of the names that it shares with us with underscores. */
static bool same_name(const char *ours, const char *given, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (ours[i] != given[i] && !(ours[i] == '-' && given[i] == '_')) return false;
    return ours[len] == 0;
}

/* The row of a word, and the value that is written in the same word, or NULL. */
static const option_row *find_option(const char *arg, unsigned takers, const char **value)
{
    size_t len = strcspn(arg, "=");
    for (const option_row *r = option_rows; r->name; r++) {
        if (!((r->of | r->also) & takers)) continue;
        if (same_name(r->name, arg, len)) {
            *value = arg[len] ? arg + len + 1 : NULL;
            return r;
        }
        if (r->letter && strncmp(r->letter, arg, 2) == 0 && (r->form != NO_VALUE || !arg[2])) {
            *value = arg[2] ? arg + 2 : NULL;
            return r;
        }
    }
    return NULL;
}

/* A long name behind a single dash, as packetdrill takes it. */
static const option_row *find_single(const char *arg, unsigned takers, const char **value)
{
    char name[80];
    if (arg[1] == '-' || strlen(arg) + 2 > sizeof name) return NULL;
    snprintf(name, sizeof name, "-%s", arg);
    const option_row *r = find_option(name, takers, value);
    if (r && *value) *value = strchr(arg, '=') + 1;
    return r;
}

/* The commands that take an option which another one does not: "run, watch, check" */
static void list_takers(const option_row *r, char *out, size_t size)
{
    const char *command, *before = "";
    unsigned bits;
    size_t len = 0;
    *out = 0;
    for (size_t i = 0; (command = option_taker(i, &bits)) != NULL && len < size; i++) {
        if (!(r->of & bits)) continue;
        len += (size_t)snprintf(out + len, size - len, "%s%s", before, command);
        before = ", ";
    }
}

static int unknown_option(const char *command, const char *arg, unsigned takers, bool drill)
{
    enum { MAX_NAMES = 128 };
    const char *names[MAX_NAMES + 1] = {0};
    char word[40], theirs[MAX_NAMES][40];
    size_t n = 0;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(arg, "="), arg);
    for (const option_row *r = option_rows; r->name; r++) {
        char list[200];
        if (strcmp(r->name, word) != 0 || !r->of) continue;
        list_takers(r, list, sizeof list);
        return usage_error(command, "unknown option %s; it is one of drywire %s", word, list);
    }
    for (const option_row *r = option_rows; r->name && n < MAX_NAMES; r++)
        if (r->of & takers) names[n++] = r->name;
    const char *name;
    for (size_t i = 0; drill && n < MAX_NAMES && (name = dw_drill_option_at(i)) != NULL; i++) {
        snprintf(theirs[i], sizeof theirs[i], "--%s", name);
        names[n++] = theirs[i];
    }
    const char *near = dw_nearest(word, names);
    if (near) return usage_error(command, "unknown option %s; did you mean %s?", word, near);
    return usage_error(command, "unknown option %s (see drywire %s --help)", word, command);
}

/* What repeats a run. */

/* There is always room: how many there may be of a list its setter has checked, and of everything
 * else the last one counts. */
static void remember(options *o, const option_row *r, unsigned takers, const char *value)
{
    size_t i = 0;
    const char *name = r->name, *unused;
    if (r->replay == NOT_REPLAYED) return;
    if (r->replayed_as) {
        name = r->replayed_as;
        value = NULL;
    }
    if (!find_option(name, takers, &unused)) return;
    if (r->replay == REPLAYED_EACH) i = o->repeat_count;
    while (i < o->repeat_count && strcmp(o->repeats[i].name, name) != 0)
        i++;
    if (i == o->repeat_count) o->repeat_count++;
    o->repeats[i].name = name;
    o->repeats[i].value = value;
}

void replay_without(options *o, const char *name)
{
    size_t left = 0;
    for (size_t i = 0; i < o->repeat_count; i++)
        if (strcmp(o->repeats[i].name, name) != 0) o->repeats[left++] = o->repeats[i];
    o->repeat_count = left;
}

void replay_with(options *o, const char *name, const char *value)
{
    size_t i = 0;
    while (i < o->repeat_count && strcmp(o->repeats[i].name, name) != 0)
        i++;
    if (i == o->repeat_count) o->repeat_count++;
    o->repeats[i].name = name;
    o->repeats[i].value = value;
}

void replay_also(options *o, const char *name, const char *value)
{
    if (o->repeat_count == sizeof o->repeats / sizeof *o->repeats) return;
    o->repeats[o->repeat_count].name = name;
    o->repeats[o->repeat_count++].value = value;
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

/* Files.  Each output is written whole at the end, so of two to one file the first would be lost,
 * and so would a script or a trace that is written over. */

/* Whether two names lead to one regular file, or would make one. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    bool there = stat(a, &x) == 0;
    if (stat(b, &y) == 0)
        return there && x.st_dev == y.st_dev && x.st_ino == y.st_ino && S_ISREG(x.st_mode);
    return !there && strcmp(a, b) == 0;
}

/* The file that a row's option names; NULL: the option is none that writes, was not given, or
 * writes the standard output. */
static const char *output_of(const option_row *r, const options *o)
{
    if (!r->writes) return NULL;
    const char *path = *(const char *const *)(const void *)((const char *)o + r->offset);
    return path && strcmp(path, "-") != 0 ? path : NULL;
}

static const char *shown_name(const option_row *r)
{
    return r->letter ? r->letter : r->name;
}

int check_inputs(const options *o, const char *command, const char *const *paths, size_t count)
{
    for (const option_row *r = option_rows; r->name; r++) {
        const char *path = output_of(r, o);
        for (size_t i = 0; path && i < count; i++)
            if (same_file(path, paths[i]))
                return usage_error(command, "%s would write over %s, which is read", shown_name(r),
                                   paths[i]);
    }
    return EXIT_PASS;
}

/* Rows that store to the same field are one output. */
static int check_outputs(const options *o, const char *command)
{
    const char *const files[] = {o->svg, o->tikz, o->html, o->junit};
    const char *const names[] = {"--svg", "--tikz", "--html", "--junit"};
    for (size_t i = 0; i < 4; i++)
        if (files[i] && strcmp(files[i], "-") == 0)
            return usage_error(command, "%s: it goes into a file; - is none", names[i]);
    for (const option_row *r = option_rows; r->name; r++) {
        const char *path = output_of(r, o);
        for (const option_row *before = option_rows; path && before < r; before++) {
            const char *other = before->offset == r->offset ? NULL : output_of(before, o);
            if (other && same_file(path, other))
                return usage_error(command, "%s and %s are one file: %s", shown_name(before),
                                   shown_name(r), path);
        }
    }
    int code = check_inputs(o, command, (const char *const *)o->rest, (size_t)o->rest_count);
    return code == EXIT_PASS ? check_inputs(o, command, o->plugins, o->plugin_count) : code;
}

/* Parsing. */

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
    for (size_t k = 0; k < o->drill_option_count; k++) {
        if (strcmp(o->drill_options[k].name, name) != 0) continue;
        usage_error("drill", "--%s is given twice; write it once", name);
        return -1;
    }
    if (o->drill_option_count == MAX_DRILL_OPTIONS) {
        usage_error("drill", "--%s: too many options of packetdrill", name);
        return -1;
    }
    o->drill_options[o->drill_option_count].name = name;
    o->drill_options[o->drill_option_count++].value = value;
    o->repeats[o->repeat_count].name = argv[i];
    o->repeats[o->repeat_count++].value = next ? value : NULL;
    return next ? 2 : 1;
}

/* The word at argv[i] among those in front of the options: argv stays a command line that means the
 * same. */
static void collect(char **argv, int i, options *o)
{
    char *word = argv[i], **at = o->rest + o->rest_count++;
    memmove(at + 1, at, (size_t)(argv + i - at) * sizeof *at);
    *at = word;
}

typedef struct parser {
    int argc;
    char **argv;
    const char *command;
    unsigned takers;
    bool drill;  /* packetdrill's own options, too */
    bool worker; /* the words are ours: what is not used is no mistake */
    options *o;
} parser;

/* Of two that say the same thing one would be lost. */
static int check_again(const option_row *r, const options *o, const char *command)
{
    for (size_t i = 0; i < o->given_count && !r->repeats; i++) {
        const option_row *before = o->given[i];
        if (before == r) return usage_error(command, "%s is given twice; write it once", r->name);
        if (before->offset == r->offset)
            return usage_error(command, "%s and %s: write one of them", before->name, r->name);
    }
    return EXIT_PASS;
}

static void note_given(const option_row *r, options *o)
{
    size_t i = 0;
    while (i < o->given_count && o->given[i] != r)
        i++;
    DW_ASSERT(i < MAX_GIVEN);
    if (i == o->given_count) o->given[o->given_count++] = r;
}

/* The option at argv[i].  Returns how many words it took, or -1 after a message. */
static int parse_option(const parser *p, int i)
{
    const char *value = NULL, *arg = p->argv[i];
    const option_row *r = find_option(arg, p->takers, &value);
    if (!r && p->drill) r = find_single(arg, p->takers, &value);
    if (!r) {
        int words = p->drill ? drill_option(p->argc, p->argv, i, p->o) : 0;
        if (words == 0) unknown_option(p->command, arg, p->takers, p->drill);
        return words == 0 ? -1 : words;
    }
    int words = 1;
    if (r->form == NO_VALUE && value) {
        usage_error(p->command, "%s takes no value", r->name);
        return -1;
    }
    if (r->form == ONE_VALUE && !value) {
        if (i + 1 == p->argc) {
            usage_error(p->command, "%s needs a value", r->name);
            return -1;
        }
        value = p->argv[i + 1];
        words = 2;
    }
    if (check_again(r, p->o, p->command) != EXIT_PASS) return -1;
    if (r->set(r, value, p->o, p->command) != EXIT_PASS) return -1;
    note_given(r, p->o);
    remember(p->o, r, p->takers, value);
    return words;
}

/* "--letters a,b", whose value stands after "=" alone: what would be one, and is no file. */
static int check_loose(const parser *p, int i)
{
    const char *value, *arg = p->argv[i], *word = i + 1 < p->argc ? p->argv[i + 1] : "-";
    const option_row *r = find_option(arg, p->takers, &value);
    if (!r || r->form != EQUALS_VALUE || value || *word == '-' || access(word, F_OK) == 0)
        return EXIT_PASS;
    bool fits = strchr(word, ',') != NULL;
    for (const char *const *known = r->words; known && *known; known++)
        fits |= strcmp(*known, word) == 0;
    if (!fits) return EXIT_PASS;
    return usage_error(p->command, "%s has its value behind \"=\": write %s=%s", r->name, r->name,
                       word);
}

static int parse(const parser *p, int first)
{
    options *o = p->o;
    *o = (options){.watchdog_ms = 10000, .memory = (size_t)512 << 20, .color = "auto"};
    o->rest = p->argv + first;
    for (int i = first; i < p->argc;) {
        const char *arg = p->argv[i];
        if (strcmp(arg, "--") == 0) {
            o->script_args = p->argv + i + 1;
            o->script_arg_count = p->argc - i - 1;
            break;
        }
        if (arg[0] != '-' || !arg[1]) { /* "-" is the standard input */
            collect(p->argv, i++, o);
            continue;
        }
        int words = parse_option(p, i);
        if (words < 0 || check_loose(p, i) != EXIT_PASS) return EXIT_USAGE;
        i += words;
    }
    /* What -o is for: other text that is asked for, or the ladder. */
    if (o->out && !o->explain && !tells_packets(o) && !o->bytefield) o->ladder = true;
    if (o->pcap_at && o->pcap_all)
        return usage_error(p->command, "--pcap-at and --pcap-all: a capture is made at one place, "
                                       "or has every packet");
    int code = p->worker ? EXIT_PASS : check_uses(o, p->command);
    return code == EXIT_PASS ? check_outputs(o, p->command) : code;
}

int parse_options(int argc, char **argv, int first, const char *command, options *o)
{
    const parser p = {.argc = argc,
                      .argv = argv,
                      .command = command,
                      .takers = option_takers(command),
                      .drill = strcmp(command, "drill") == 0,
                      .o = o};
    return parse(&p, first);
}

int parse_worker_options(int argc, char **argv, int first, options *o)
{
    const parser p = {.argc = argc,
                      .argv = argv,
                      .command = "test",
                      .takers = option_takers("test") | option_takers("run"),
                      .worker = true,
                      .o = o};
    return parse(&p, first);
}

int check_one_script(const options *o, const char *command, const char *several)
{
    if (o->rest_count == 1) return EXIT_PASS;
    if (o->rest_count > 1) return usage_error(command, "%s", several);
    return usage_error(command, "which script? drywire %s FILE.lua", command);
}
