/* The rows of all options, and how each kind of value is read (see option_rows.h). */
#include "option_rows.h"
#include "drill/drill.h"
#include "failure.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Subcommands by the options that they take: watch takes those of run. */
enum {
    RUN = 1 << 0,
    TEST = 1 << 1,
    REPL = 1 << 2,
    DRILL = 1 << 3,
    EXPORT = 1 << 4,
    IMPORT = 1 << 5,
    FIGURES = 1 << 6,
    LADDER = 1 << 7,
    TRACE = 1 << 8,
    EXPLAIN = 1 << 9,
    STATS = 1 << 10,
    PLOT = 1 << 11,
    DIFF = 1 << 12,
    PROFILES = 1 << 13,
    DEFECTS = 1 << 14,
    COVERAGE = 1 << 15,
    CATALOGUE = 1 << 16,
    STATES = 1 << 17,
    CHECK = 1 << 18,
    /* Groups. */
    SCRIPTS = RUN | TEST | REPL | EXPORT | CHECK, /* run a script of Lua */
    DRAWS = RUN | DRILL | IMPORT,                 /* draw what they did, if they are asked */
    LINES = FIGURES | LADDER | IMPORT,            /* draw all the time */
    OVER_SCRIPTS = COVERAGE | CATALOGUE | STATES, /* reports that run scripts */
    LISTS = PROFILES | DEFECTS
};

static const struct taker {
    const char *command;
    unsigned bits;
} takers[] = {
    {"run", RUN},         {"test", TEST},         {"watch", RUN},           {"repl", REPL},
    {"drill", DRILL},     {"export", EXPORT},     {"figures", FIGURES},     {"ladder", LADDER},
    {"import", IMPORT},   {"trace", TRACE},       {"explain", EXPLAIN},     {"stats", STATS},
    {"plot", PLOT},       {"diff", DIFF},         {"check", CHECK},         {"profiles", PROFILES},
    {"defects", DEFECTS}, {"coverage", COVERAGE}, {"catalogue", CATALOGUE}, {"states", STATES}};

unsigned option_takers(const char *command)
{
    unsigned bits;
    const char *name;
    for (size_t i = 0; (name = option_taker(i, &bits)) != NULL; i++)
        if (strcmp(name, command) == 0) return bits;
    return 0;
}

const char *option_taker(size_t i, unsigned *bits)
{
    if (i >= sizeof takers / sizeof takers[0]) return NULL;
    *bits = takers[i].bits;
    return takers[i].command;
}

const char *const ladder_styles[] = {"unicode",  "ascii",  "rfc", "mermaid",
                                     "plantuml", "mscgen", NULL};
const char *const number_styles[] = {"relative", "absolute", "symbolic", NULL};
static const char *const state_styles[] = {"text", "svg", "dot", NULL};
static const char *const ip_versions[] = {"ipv4", "ipv6", "ipv4-mapped-ipv6", NULL};
static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const profiles[] = {"rfc9293", "linux", "freebsd", "rfc793", "embedded", NULL};
static const char *const list_orders[] = {"trouble", "packets", "octets", "time", "conn", NULL};
static const char *const packet_fields[] = {"window", "mss",  "wscale", "options",
                                            "push",   "sack", "time",   NULL};

/* Setters. */

/* The field of a row.  Its type is what the row's setter writes. */
static void *field(options *o, const option_row *r)
{
    return (char *)o + r->offset;
}

static int set_flag(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    (void)command;
    *(bool *)field(o, r) = true;
    return EXIT_PASS;
}

static int set_text(const option_row *r, const char *v, options *o, const char *command)
{
    (void)command;
    *(const char **)field(o, r) = v;
    return EXIT_PASS;
}

/* "a, b or c" */
static void list_words(const char *const *words, char *out, size_t size)
{
    size_t used = 0;
    *out = 0;
    for (int i = 0; words[i] && used < size; i++) {
        const char *before = ", ";
        if (i == 0) before = "";
        if (i > 0 && !words[i + 1]) before = " or ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", before, words[i]);
    }
}

static int set_choice(const option_row *r, const char *v, options *o, const char *command)
{
    char list[200];
    for (const char *const *word = r->words; v && *word; word++)
        if (strcmp(*word, v) == 0) return set_text(r, v, o, command);
    if (!v) return set_text(r, v, o, command); /* after "=" only, and not given */
    const char *near = dw_nearest(v, r->words);
    if (near)
        return usage_error(command, "%s: unknown \"%s\"; did you mean \"%s\"?", r->name, v, near);
    list_words(r->words, list, sizeof list);
    return usage_error(command, "%s: unknown \"%s\"; expected %s", r->name, v, list);
}

/* --absolute is --numbers absolute: the one word of the row. */
static int set_word(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    return set_text(r, r->words[0], o, command);
}

static int set_style(const option_row *r, const char *v, options *o, const char *command)
{
    o->ladder = true;
    return set_choice(r, v, o, command);
}

/* A page shows what only a detailed trace has. */
static int set_page(const option_row *r, const char *v, options *o, const char *command)
{
    o->detail = true;
    return set_text(r, v, o, command);
}

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false; /* neither a sign nor blanks */
    unsigned long long n = strtoull(text, &end, 0);
    if (*end || errno || n > max) return false;
    *out = n;
    return true;
}

static int set_number(const option_row *r, const char *v, options *o, const char *command)
{
    uint64_t n;
    const char *name = r->letter ? r->letter : r->name;
    if (!parse_number(v, r->max, &n) || n < r->min)
        return usage_error(command, "%s: expected %s, got \"%s\"", name, r->expected, v);
    DW_ASSERT(r->size == sizeof(unsigned) || r->size == sizeof(uint64_t));
    if (r->size == sizeof(unsigned))
        *(unsigned *)field(o, r) = (unsigned)n;
    else
        *(uint64_t *)field(o, r) = n;
    return EXIT_PASS;
}

static int set_seed(const option_row *r, const char *v, options *o, const char *command)
{
    if (!parse_number(v, UINT64_MAX, &o->seed))
        return usage_error(command, "%s: \"%s\" is not a whole number", r->name, v);
    o->seed_given = true;
    return EXIT_PASS;
}

static int set_time(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    if (dw_parse_time(v, field(o, r), why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    return EXIT_PASS;
}

static int set_watchdog(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    dw_time time;
    if (dw_parse_time(v, &time, why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    if (time < 100 * DW_MILLISECOND || time > DW_HOUR)
        return usage_error(command, "%s: expected 100ms to 1h", r->name);
    o->watchdog_ms = (unsigned)(time / DW_MILLISECOND);
    return EXIT_PASS;
}

static int set_memory(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    uint64_t n;
    if (dw_parse_size(v, &n, why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    o->memory = n;
    return EXIT_PASS;
}

/* One more of a list, whose room is the row's max. */
static int add_text(const option_row *r, const char *v, options *o, const char *command)
{
    const char **list = field(o, r);
    size_t *count = (size_t *)(void *)((char *)o + r->count);
    if (!*v) return usage_error(command, "%s needs a value", r->name);
    if (*count == r->max) return usage_error(command, "%s: too many", r->name);
    list[(*count)++] = v;
    return EXIT_PASS;
}

static int add_parameter(const option_row *r, const char *v, options *o, const char *command)
{
    if (!strchr(v, '=') || *v == '=')
        return usage_error(command, "%s: write name=value, not \"%s\"", r->name, v);
    return add_text(r, v, o, command);
}

static int set_ignored(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    if (!dw_drill_fields(v, &o->ignore, why, sizeof why))
        return usage_error(command, "%s: %s", r->name, why);
    return EXIT_PASS;
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

static int set_drop(const option_row *r, const char *v, options *o, const char *command)
{
    const char *at = v;
    for (o->drop_count = 0; o->drop_count < DW_MATCH_NTH; at++) {
        at = packet_number(at, &o->drop[o->drop_count++]);
        if (at && !*at) return EXIT_PASS;
        if (!at || *at != ',') break;
    }
    return usage_error(command,
                       "%s: expected up to %d numbers of packets, as in --drop 1,9, got \"%s\"",
                       r->name, DW_MATCH_NTH, v);
}

/* Rows.  A flag, a text and a file are written shortly; all else by its fields. */

#define FIELD(f) .offset = offsetof(options, f), .size = sizeof((options *)0)->f
#define FLAG(f) .form = NO_VALUE, .set = set_flag, FIELD(f)
#define TEXT(f) .form = ONE_VALUE, .set = set_text, FIELD(f)
#define OUTPUT(f) TEXT(f), .writes = true, .placeholder = "FILE"
#define LIST(f, n, limit)                                                                          \
    .form = ONE_VALUE, .replay = REPLAYED_EACH, FIELD(f), .count = offsetof(options, n),           \
    .max = limit

const option_row option_rows[] = {
    {.name = "--seed",
     .of = SCRIPTS,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_seed,
     FIELD(seed),
     .placeholder = "N",
     .help = "The seed of every simulation, over the script's own."},
    {.name = "--set",
     .of = SCRIPTS,
     LIST(sets, set_count, MAX_SETS),
     .set = add_parameter,
     .placeholder = "NAME=VALUE",
     .help = "A parameter, read by dw.param(name, default)."},
    {.name = "--until",
     .of = RUN | REPL | EXPORT | CHECK,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_time,
     FIELD(until),
     .placeholder = "TIME",
     .help = "Stop each run at this simulated time, such as 10s."},
    {.name = "--profile",
     .of = SCRIPTS,
     TEXT(profile),
     .replay = REPLAYED_LAST,
     .words = profiles,
     .placeholder = "NAME",
     .help = "The TCP profile of every host (see drywire profiles)."},
    {.name = "--profile",
     .of = DRILL,
     TEXT(profile),
     .replay = REPLAYED_LAST,
     .words = profiles,
     .placeholder = "NAME",
     .help = "TCP as linux, freebsd, rfc9293 ...; guessed from what a script sets."},
    {.name = "--ip-version",
     .of = DRILL,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_choice,
     FIELD(ip_version),
     .words = ip_versions,
     .placeholder = "V",
     .help = "ipv4, ipv6 or ipv4-mapped-ipv6, over the script's own."},
    {.name = "--define",
     .letter = "-D",
     .of = DRILL,
     LIST(defines, define_count, MAX_DEFINES),
     .set = add_text,
     .placeholder = "NAME[=VALUE]",
     .help = "What a name stands for in the scripts; without a value, a name for #ifdef."},
    {.name = "--strict",
     .of = DRILL,
     FLAG(strict),
     .replay = REPLAYED_LAST,
     .help = "Packets that no line of the script expects fail it, at the end too."},
    {.name = "--live",
     .of = DRILL,
     FLAG(live),
     .replay = REPLAYED_LAST,
     .help = "On this machine's kernel, in real time, in a network namespace of its own with a TUN "
             "device; needs root and /dev/net/tun."},
    {.name = "--tolerance",
     .of = DRILL,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_time,
     FIELD(tolerance),
     .placeholder = "TIME",
     .help = "How late or early a packet may be, at least, over the script's own."},
    {.name = "--ignore",
     .of = DRILL,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_ignored,
     FIELD(ignore),
     .words = packet_fields,
     .placeholder = "FIELDS",
     .help = "What is not compared of packets: window, mss, wscale, options, push, sack, time, "
             "separated by commas."},
    {.name = "--record",
     .of = DRILL,
     OUTPUT(record),
     .help = "Do not compare what is sent: write one script with what came instead.",
     .detail = "It is written whole or not at all."},
    {.name = "--sysctls",
     .of = DRILL,
     FLAG(sysctls),
     .help = "List the sysctls that scripts may set, and do nothing else."},
    {.name = "--plugin",
     .of = SCRIPTS | FIGURES | LADDER | TRACE | EXPLAIN | STATS | PLOT | DIFF | IMPORT,
     LIST(plugins, plugin_count, MAX_PLUGINS),
     .set = add_text,
     .placeholder = "FILE",
     .help = "Load a plugin; may be repeated.  Saved traces are read with its protocol, too."},
    {.name = "--drop",
     .of = RUN | REPL | EXPORT | CHECK,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_drop,
     FIELD(drop),
     .placeholder = "N,N",
     .help = "Lose the packets with these numbers on the ladder, up to 16."},
    {.name = "--packetdrill",
     .of = EXPORT,
     FLAG(packetdrill),
     .help = "The form to write: a packetdrill script."},
    {.name = "--host", .of = EXPORT, TEXT(host), .placeholder = "NAME", .help = "Whose part."},
    {.name = "--explain",
     .of = IMPORT,
     FLAG(explain),
     .help = "Say what limited each end in each interval (program, receiver's window, congestion "
             "window, loss recovery, timeouts ...), and how the connection ended."},
    {.name = "--list",
     .of = IMPORT,
     FLAG(list),
     .help = "The capture's connections, and what went wrong in each."},
    {.name = "--sort",
     .of = IMPORT,
     .form = ONE_VALUE,
     .set = set_choice,
     FIELD(sort),
     .words = list_orders,
     .placeholder = "ORDER",
     .help = "The list by trouble (when there are more than 20), packets, octets, time or conn."},
    {.name = "--conn",
     .of = RUN | FIGURES | LADDER | STATS,
     .also = CHECK,
     .form = ONE_VALUE,
     .set = set_number,
     FIELD(nth),
     .min = 1,
     .max = UINT32_MAX,
     .placeholder = "N",
     .expected = "a number from 1",
     .help = "The Nth connection of the trace alone."},
    {.name = "--conn",
     .of = EXPORT | IMPORT | PLOT,
     .form = ONE_VALUE,
     .set = set_number,
     FIELD(nth),
     .min = 1,
     .max = UINT32_MAX,
     .placeholder = "N",
     .expected = "a number from 1",
     .help = "The Nth connection; otherwise the first."},
    {.name = "--output",
     .letter = "-o",
     .of = EXPORT,
     OUTPUT(out),
     .help = "Write there, not to the standard output."},
    {.name = "--ladder",
     .of = DRAWS,
     .also = CHECK,
     .form = EQUALS_VALUE,
     .set = set_style,
     FIELD(ladder_style),
     .words = ladder_styles,
     .placeholder = "STYLE",
     .help = "Draw the exchange: unicode, ascii or rfc; or as text for mermaid, plantuml or "
             "mscgen."},
    {.name = "--style",
     .of = LADDER | FIGURES,
     .also = IMPORT,
     .form = ONE_VALUE,
     .set = set_style,
     FIELD(ladder_style),
     .words = ladder_styles,
     .placeholder = "STYLE",
     .help = "How it is drawn: unicode, ascii or rfc; or as text for mermaid, plantuml or mscgen."},
    {.name = "--style",
     .of = STATES,
     .form = ONE_VALUE,
     .set = set_style,
     FIELD(ladder_style),
     .words = state_styles,
     .placeholder = "STYLE",
     .help = "How the diagram is drawn: text, svg or dot."},
    {.name = "--numbers",
     .of = DRAWS | LINES,
     .also = CHECK,
     .form = ONE_VALUE,
     .set = set_choice,
     FIELD(numbers),
     .words = number_styles,
     .placeholder = "HOW",
     .help = "Sequence numbers relative, absolute or symbolic."},
    {.name = "--absolute",
     .of = DRAWS | LINES,
     .also = CHECK,
     .form = NO_VALUE,
     .set = set_word,
     FIELD(numbers),
     .words = number_styles + DW_NUMBERS_ABSOLUTE,
     .help = "The same as --numbers absolute."},
    {.name = "--symbolic",
     .of = RUN | LINES,
     .also = CHECK,
     .form = NO_VALUE,
     .set = set_word,
     FIELD(numbers),
     .words = number_styles + DW_NUMBERS_SYMBOLIC,
     .help = "The same as --numbers symbolic."},
    {.name = "--width",
     .of = DRAWS | LINES | REPL | PLOT | DIFF,
     .also = CHECK,
     .form = ONE_VALUE,
     .set = set_number,
     FIELD(width),
     .min = 60,
     .max = 400,
     .placeholder = "N",
     .expected = "60 to 400 columns",
     .help = "Columns of what is drawn, 60 to 400; otherwise the terminal's."},
    {.name = "--color",
     .of = DRAWS | LINES,
     .also = CHECK,
     .form = ONE_VALUE,
     .set = set_choice,
     FIELD(color),
     .words = color_choices,
     .placeholder = "WHEN",
     .help = "auto, always or never; NO_COLOR is honoured."},
    {.name = "--pcap",
     .of = RUN | DRILL,
     .also = CHECK,
     OUTPUT(pcap),
     .help = "Write a capture for Wireshark (pcapng)."},
    {.name = "--jsonl",
     .of = DRAWS,
     .also = CHECK,
     OUTPUT(jsonl),
     .help = "Save the trace as JSON lines, for drywire stats, plot, explain and diff."},
    {.name = "--trace",
     .of = RUN | DRILL,
     .also = CHECK,
     OUTPUT(jsonl),
     .help = "The same as --jsonl."},
    {.name = "--svg",
     .of = RUN | FIGURES | LADDER | IMPORT,
     .also = CHECK,
     OUTPUT(svg),
     .help = "Draw the exchange as a picture (SVG), self-contained, for print and pages.",
     .detail = "A script that names several simulations gets FILE, FILE-2 and so on."},
    {.name = "--svg",
     .of = PLOT,
     OUTPUT(svg),
     .help = "Draw into a picture (SVG) instead of the terminal."},
    {.name = "--html",
     .of = RUN | FIGURES | LADDER | DRILL | IMPORT,
     .also = CHECK,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .replayed_as = "--detail", /* the trace has a limit, which details reach sooner */
     .set = set_page,
     FIELD(html),
     .writes = true,
     .placeholder = "FILE",
     .help = "Write a page that plays the run: states, variables, segments, plots.",
     .detail = "It is one file that loads nothing. A script that names several simulations gets "
               "FILE, FILE-2 and so on."},
    {.name = "--detail",
     .of = RUN,
     .also = CHECK,
     FLAG(detail),
     .replay = REPLAYED_LAST,
     .help = "Trace sequence numbers and buffers too, as --html does.",
     .detail = "The digest stays the same."},
    {.name = "--lua",
     .of = IMPORT,
     OUTPUT(lua),
     .help = "Write a script in which two drywire hosts do the same; - prints it."},
    {.name = "--series",
     .of = PLOT,
     TEXT(series),
     .placeholder = "NAMES",
     .help = "cwnd, ssthresh, flight, srtt, rto ..., separated by commas; otherwise cwnd."},
    {.name = "--csv", .of = PLOT, OUTPUT(csv), .help = "Write rows of series,time,value instead."},
    {.name = "--gnuplot",
     .of = PLOT,
     OUTPUT(gnuplot),
     .help = "Write a script for gnuplot instead, with its data."},
    {.name = "--plots",
     .of = RUN,
     .also = CHECK,
     TEXT(plots),
     .placeholder = "DIR",
     .help = "Write what dw.plot draws as SVG: DIR/SCRIPT.svg, DIR/SCRIPT-2.svg and so on."},
    {.name = "--watchdog",
     .of = SCRIPTS,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_watchdog,
     FIELD(watchdog_ms),
     .placeholder = "TIME",
     .help = "Stop a script that computes for so long without getting on; otherwise 10s.",
     .detail = "It is processor time. A script gets on while its simulations have events; one "
               "query or picture that takes long counts a tenth."},
    {.name = "--memory",
     .of = SCRIPTS,
     .form = ONE_VALUE,
     .replay = REPLAYED_LAST,
     .set = set_memory,
     FIELD(memory),
     .placeholder = "SIZE",
     .help = "The most memory that a script and its simulations may use; otherwise 512MiB.",
     .detail = "What counts is what the script holds, and what the simulation holds for it: hosts, "
               "connections, packets and data under way. The trace has a limit of its own, "
               "trace_limit."},
    {.name = "--update",
     .of = RUN | TEST,
     .also = CHECK,
     FLAG(update),
     .replay = REPLAYED_LAST,
     .help = "Write golden files instead of comparing with them."},
    {.name = "--junit",
     .of = TEST | DRILL,
     OUTPUT(junit),
     .help = "Write a JUnit report too, whole or not at all."},
    {.name = "--jobs",
     .letter = "-j",
     .of = TEST | OVER_SCRIPTS,
     .form = ONE_VALUE,
     .set = set_number,
     FIELD(jobs),
     .min = 1,
     .max = 256,
     .placeholder = "N",
     .expected = "1 to 256",
     .help = "Run so many scripts at once; the output's order does not change."},
    {.name = "--json",
     .of = FIGURES | STATS | LISTS | COVERAGE | CATALOGUE | IMPORT,
     FLAG(json),
     .help = "Print JSON, for programs."},
    {.name = "--markdown", .of = COVERAGE | CATALOGUE, FLAG(markdown), .help = "Print Markdown."},
    {.name = "--event",
     .of = EXPLAIN,
     .form = ONE_VALUE,
     .set = set_number,
     FIELD(event),
     .min = 1,
     .max = SIZE_MAX,
     .placeholder = "N",
     .expected = "the number of an event",
     .help = "The Nth event alone."},
    {.name = "--all", .of = IMPORT, FLAG(all), .help = "The list without an end."},
    {.name = "--all", .of = TRACE, FLAG(all), .help = "Variables, timers and queues too."},
    {.name = "--all", .of = EXPLAIN, FLAG(all), .help = "Timers and queues too."},
    {.name = "--quiet",
     .letter = "-q",
     .of = RUN | DIFF,
     .also = CHECK,
     FLAG(quiet),
     .help = "Say less."},
    {.name = "--quiet",
     .letter = "-q",
     .of = TEST | DRILL,
     FLAG(quiet),
     .help = "Only failures and the summary."},
    {.name = "--quiet", .letter = "-q", .of = REPL, FLAG(quiet), .help = "Without a greeting."},
    {.name = "--quiet", .letter = "-q", .of = IMPORT, FLAG(quiet), .help = "Without notes."},
    {.name = "--quiet", .letter = "-q", .of = TRACE, FLAG(quiet), .help = "Without the digest."},
    {.name = "--verbose",
     .letter = "-v",
     .of = RUN,
     .also = CHECK,
     FLAG(verbose),
     .help = "Say more."},
    {.name = "--verbose",
     .letter = "-v",
     .of = TEST,
     FLAG(verbose),
     .help = "Each script's digest too."},
    {.name = "--verbose",
     .letter = "-v",
     .of = DRILL,
     FLAG(verbose),
     .help = "With --live: each event as it happens."},
    {.name = NULL},
};
