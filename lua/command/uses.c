/* Each output says which options it uses (see uses.h). */
#include "uses.h"
#include "failure.h"
#include "option_rows.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What a command may do, of which a command line asks for some. */
enum use {
    TEXT = 1 << 0,  /* a ladder of characters */
    RFC = 1 << 1,   /* in the style of RFCs */
    CHART = 1 << 2, /* the text of a diagram, for another program */
    SVG = 1 << 3,
    TIKZ = 1 << 4,
    PAGE = 1 << 5,
    EVENTS = 1 << 6, /* all of them explained */
    PACKET = 1 << 7, /* one of them */
    LIMITS = 1 << 8, /* what limited the ends of a captured connection */
    HEADER = 1 << 9,
    CAPTURE = 1 << 10,
    SUMMARY = 1 << 11, /* the last line of a run */
    RUNS = 1 << 12,    /* of scripts; no list, and no saved trace */
    ONE = 1 << 13,     /* of what may be listed instead */
    LIST = 1 << 14,
    PLOT = 1 << 15,
    DIFFERENCE = 1 << 16,
    GALLERY = 1 << 17, /* of all figures */
    /* Groups. */
    LADDERS = TEXT | RFC | CHART,
    EXPLAINED = EVENTS | PACKET,
    DRAWN = LADDERS | SVG | TIKZ | PAGE,
    WORDED = DRAWN | GALLERY, /* what has labels and states in words */
    WITH_ROWS = DRAWN & ~RFC  /* RFCs print neither times nor calls nor numbers of packets */
};

/* Options that are not here are always used. */
static const struct {
    const char *option;
    unsigned by;
} used[] = {
    {"--conn", DRAWN},
    {"--numbers", WORDED | EXPLAINED},
    {"--absolute", WORDED | EXPLAINED},
    {"--symbolic", WORDED},
    {"--letters", WORDED},
    {"--lang", WORDED},
    {"--from", DRAWN},
    {"--to", DRAWN},
    {"--part", DRAWN},
    {"--left", DRAWN},
    {"--right", DRAWN},
    {"--title", DRAWN},
    {"--packets", WITH_ROWS | GALLERY},
    {"--no-packets", WITH_ROWS | GALLERY},
    {"--calls", WITH_ROWS | GALLERY},
    {"--no-calls", WITH_ROWS | GALLERY},
    {"--windows", DRAWN},
    {"--no-times", WITH_ROWS | GALLERY},
    {"--no-states", WORDED},
    {"--width", TEXT | EXPLAINED | PLOT | DIFFERENCE},
    {"--color", TEXT | SUMMARY},
    {"--output", LADDERS | EXPLAINED | LIMITS | HEADER},
    {"--animate", SVG},
    {"--large", SVG | PAGE},
    {"--mono", SVG | TIKZ | PAGE | GALLERY},
    {"--pcap-at", CAPTURE},
    {"--pcap-all", CAPTURE},
    {"--pcap-start", CAPTURE},
    {"--link-type", CAPTURE},
};

/* Of single commands; 0: always, as what is neither here nor there. */
static const struct {
    const char *command, *option;
    unsigned by;
} used_of[] = {
    {"test", "--seeds", RUNS},
    {"test", "--fail-fast", RUNS},
    {"test", "--update", RUNS},
    {"test", "--junit", RUNS},
    {"test", "--quiet", RUNS},
    {"test", "--verbose", RUNS},
    {"test", "--style", RUNS},
    {"export", "--seed", RUNS},
    {"export", "--set", RUNS},
    {"export", "--until", RUNS},
    {"export", "--profile", RUNS},
    {"export", "--drop", RUNS},
    {"export", "--faults", RUNS},
    {"export", "--watchdog", RUNS},
    {"export", "--memory", RUNS},
    {"export", "--output", 0},
    {"export", "--conn", 0},
    {"import", "--sort", LIST},
    {"import", "--all", LIST},
    {"import", "--json", LIST},
    {"import", "--plugin", ONE},
    {"import", "--conn", ONE},
    {"import", "--explain", ONE},
    {"import", "--packet", ONE},
    {"import", "--repeats", ONE},
    {"import", "--ladder", ONE},
    {"import", "--style", ONE},
    {"import", "--svg", ONE},
    {"import", "--tikz", ONE},
    {"import", "--html", ONE},
    {"import", "--jsonl", ONE},
    {"import", "--lua", ONE},
    {"import", "--quiet", ONE},
    {"figures", "--json", LIST},
    {"figures", "--plugin", ONE},
    {"figures", "--bytefield", ONE},
    {"figures", "--style", ONE},
    {"figures", "--svg", ONE},
    {"figures", "--tikz", ONE},
    {"figures", "--html", ONE},
    {"explain", "--numbers", 0},
    {"explain", "--absolute", 0},
    {"explain", "--width", 0},
    {"explain", "--all", EVENTS},
    {"plot", "--conn", 0},
    {"drill", "--sysctls", 0},
    {"drill", "--list", RUNS | LIST},
    {"drill", "--filter", RUNS | LIST},
    {"drill", "--exclude", RUNS | LIST},
};

/* What is asked for. */

static unsigned ladder_of(const options *o)
{
    const char *style = o->ladder_style;
    if (!style || strcmp(style, "unicode") == 0 || strcmp(style, "ascii") == 0) return TEXT;
    return strcmp(style, "rfc") == 0 ? RFC : CHART;
}

static unsigned when(bool asked, unsigned use)
{
    return asked ? use : 0;
}

static unsigned pictures_of(const options *o)
{
    return when(o->svg, SVG) | when(o->tikz, TIKZ) | when(o->html, PAGE);
}

static unsigned of_run(const options *o)
{
    return pictures_of(o) | when(o->ladder, ladder_of(o)) | when(o->explain, EVENTS) |
           when(tells_packets(o), PACKET) | when(o->bytefield, HEADER) | when(o->pcap, CAPTURE) |
           when(!o->quiet, SUMMARY);
}

static unsigned of_watch(const options *o)
{
    return of_run(o) | ladder_of(o);
}

static unsigned of_test(const options *o)
{
    return o->list ? LIST : RUNS;
}

/* Whatever fails is drawn. */
static unsigned of_drill(const options *o)
{
    if (o->sysctls) return 0;
    if (o->list) return LIST;
    if (o->live) return RUNS;
    return RUNS | ladder_of(o) | pictures_of(o) | when(o->pcap, CAPTURE);
}

static unsigned of_export(const options *o)
{
    const char *end = o->rest_count ? strrchr(o->rest[0], '.') : NULL;
    return end && strcmp(end, ".jsonl") == 0 ? ONE : RUNS;
}

static unsigned of_figures(const options *o)
{
    bool shows = o->rest_count > 0 && strcmp(o->rest[0], "show") == 0;
    bool lists = o->rest_count == 0 || strcmp(o->rest[0], "list") == 0;
    unsigned ladder = o->ladder_style ? ladder_of(o) : RFC;
    if (o->bytefield && !o->ladder) ladder = 0;
    if (shows) return ONE | pictures_of(o) | when(o->bytefield, HEADER) | ladder;
    return lists ? LIST : GALLERY;
}

static unsigned of_ladder(const options *o)
{
    unsigned others = pictures_of(o) | when(o->bytefield, HEADER);
    return others | when(o->ladder || !others, ladder_of(o));
}

static unsigned of_import(const options *o)
{
    unsigned others = pictures_of(o) | when(o->explain, LIMITS) | when(tells_packets(o), PACKET);
    if (o->list) return LIST;
    bool text = o->ladder || !(others || o->jsonl || o->lua);
    return ONE | others | when(text, ladder_of(o));
}

static unsigned of_explain(const options *o)
{
    if (tells_packets(o)) return PACKET;
    return o->event ? 0 : EVENTS;
}

static unsigned of_plot(const options *o)
{
    return o->svg || o->csv || o->gnuplot ? 0 : PLOT;
}

static unsigned of_diff(const options *o)
{
    return o->quiet ? 0 : DIFFERENCE;
}

enum { PICTURES = SVG | TIKZ | PAGE };

/* Commands that are not here use each of their options always. */
typedef struct job {
    const char *command;
    unsigned can; /* do at all */
    unsigned (*asked)(const options *o);
    unsigned by; /* what options are for that are in neither list */
} job;

static const job jobs[] = {
    {"run", LADDERS | PICTURES | EXPLAINED | HEADER | CAPTURE | SUMMARY, of_run, 0},
    {"watch", LADDERS | PICTURES | EXPLAINED | HEADER | CAPTURE | SUMMARY, of_watch, 0},
    {"test", RUNS | LIST, of_test, 0},
    {"drill", RUNS | LIST | LADDERS | PAGE | CAPTURE, of_drill, RUNS},
    {"export", RUNS, of_export, 0},
    {"figures", LADDERS | PICTURES | HEADER | ONE | LIST | GALLERY, of_figures, 0},
    {"ladder", LADDERS | PICTURES | HEADER, of_ladder, 0},
    {"import", LADDERS | PICTURES | PACKET | LIMITS | ONE | LIST, of_import, 0},
    {"explain", EXPLAINED, of_explain, 0},
    {"plot", PLOT, of_plot, 0},
    {"diff", DIFFERENCE, of_diff, 0},
};

/* What an option is for, in words. */

static const struct {
    const char *command; /* NULL: any */
    unsigned use;
    const char *words;
} named[] = {
    {"figures", ONE, "drywire figures show NAME"},
    {"figures", LIST, "drywire figures list"},
    {"figures", GALLERY, "drywire figures export DIRECTORY"},
    {"figures", TEXT, "--style unicode"},
    {"figures", RFC, "--style rfc"},
    {"figures", CHART, "--style mermaid"},
    {"ladder", TEXT, "--style unicode"},
    {"ladder", RFC, "--style rfc"},
    {"ladder", CHART, "--style mermaid"},
    {"figures", LADDERS, "a ladder"},
    {"ladder", LADDERS, "a ladder"},
    {"explain", EVENTS, "all events together"},
    {"import", ONE, "one connection, not for --list"},
    {"export", RUNS, "a script, not for a saved trace"},
    {NULL, LADDERS, "--ladder"},
    {NULL, TEXT, "--ladder=unicode"},
    {NULL, RFC, "--ladder=rfc"},
    {NULL, CHART, "--ladder=mermaid"},
    {NULL, SVG, "--svg FILE"},
    {NULL, TIKZ, "--tikz FILE"},
    {NULL, PAGE, "--html FILE"},
    {NULL, EVENTS, "--explain"},
    {NULL, LIMITS, "--explain"},
    {NULL, PACKET, "--packet N"},
    {NULL, HEADER, "--bytefield N"},
    {NULL, CAPTURE, "--pcap FILE"},
    {NULL, SUMMARY, "the line at the end, which --quiet leaves out"},
    {NULL, RUNS, "scripts that are run"},
    {NULL, LIST, "--list"},
    {NULL, PLOT, "a plot on the terminal"},
    {NULL, DIFFERENCE, "what --quiet leaves out"},
};

static const char *words_of(const char *command, unsigned use)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (named[i].use == use && (!named[i].command || strcmp(named[i].command, command) == 0))
            return named[i].words;
    return "something else";
}

/* "--svg FILE, --tikz FILE or --html FILE" */
static void list_uses(const char *command, unsigned uses, char *out, size_t size)
{
    const char *words[8 * sizeof uses];
    size_t count = 0, len = 0;
    if ((uses & LADDERS) == LADDERS) {
        words[count++] = words_of(command, LADDERS);
        uses &= ~(unsigned)LADDERS;
    }
    for (unsigned use = 1; use && use <= uses; use <<= 1)
        if (uses & use) words[count++] = words_of(command, use);
    for (size_t i = 0; i < count && len < size; i++) {
        const char *before = i + 1 == count ? " or " : ", ";
        len += (size_t)snprintf(out + len, size - len, "%s%s", i ? before : "", words[i]);
    }
}

/* What is not listed is asked for as a whole. */
static int refuse(const job *j, const char *option, unsigned asked, unsigned by)
{
    char list[400] = "";
    if ((asked & LIST) && (j->can & ONE) && by != LIST) by = ONE;
    list_uses(j->command, by & j->can, list, sizeof list);
    return usage_error(j->command, "%s is not used here; it is for %s", option, list);
}

static unsigned users_of(const job *j, const option_row *r)
{
    for (size_t i = 0; i < sizeof used_of / sizeof used_of[0]; i++)
        if (strcmp(used_of[i].command, j->command) == 0 && strcmp(used_of[i].option, r->name) == 0)
            return used_of[i].by;
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++)
        if (strcmp(used[i].option, r->name) == 0) return used[i].by;
    return j->by;
}

int check_uses(const options *o, const char *command)
{
    const job *j = NULL;
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        if (strcmp(jobs[i].command, command) == 0) j = &jobs[i];
    if (!j) return EXIT_PASS;
    unsigned asked = j->asked(o);
    for (size_t i = 0; i < o->given_count; i++) {
        unsigned by = users_of(j, o->given[i]);
        bool in_pixels = o->given[i]->offset == offsetof(options, width) && !o->width;
        if (by && !in_pixels && !(by & asked)) return refuse(j, o->given[i]->name, asked, by);
    }
    if (o->pixels && !(asked & (SVG | TIKZ)))
        return refuse(j, "--width in pixels", asked, SVG | TIKZ);
    return EXIT_PASS;
}
