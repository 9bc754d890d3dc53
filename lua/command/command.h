/* The drywire command: what its subcommands share. */
#ifndef DWL_COMMAND_H
#define DWL_COMMAND_H

#include "base/printing.h"
#include "binding/embedded.h"

#include <lua.h>

/* Exit codes, documented in drywire(1). */
enum dwl_exit {
    EXIT_PASS = 0,
    EXIT_FAILED = 1, /* an assertion or expectation failed */
    EXIT_USAGE = 2,  /* wrong usage, or an error in the script */
    EXIT_LIMIT = 3,  /* a limit on time, events or memory, or the watchdog's */
    EXIT_PLUGIN = 4, /* a plugin could not be used */
    EXIT_NONDETERMINISM = 5,
    EXIT_SIGNAL =
        128, /* and the signal's number: 129 SIGHUP, 130 SIGINT, 141 SIGPIPE, 143 SIGTERM */
    EXIT_INTERRUPTED = 130
};

enum { MOST_SETS = 64, MOST_PLUGINS = 32, MOST_DEFINES = 32, MOST_OTHERS = 96 };
enum { MOST_DRILL_OPTIONS = 32 };

typedef struct options {
    uint64_t seed;
    bool seed_given;
    const char *sets[MOST_SETS];
    size_t set_count;
    const char *plugins[MOST_PLUGINS];
    size_t plugin_count;
    const char *profile;
    const char *defines[MOST_DEFINES + 1]; /* of drill; ends with NULL */
    size_t define_count;
    struct {
        const char *name, *value; /* of packetdrill's own; value: NULL where it takes none */
    } drill_options[MOST_DRILL_OPTIONS];
    size_t drill_option_count;
    const char *ip_version;
    bool strict, sysctls, live;
    unsigned ignore;   /* bits of enum dw_drill_field */
    dw_time tolerance; /* of drill; 0: not given */
    const char *record;
    bool packetdrill; /* the form of an export */
    const char *host; /* whose part is exported */
    uint32_t nth;     /* its connection, from 1; 0: the first thing it exchanged */
    const char *out;  /* a file, NULL: standard output */
    FILE *exported;   /* where run_script writes the export; NULL: nowhere */
    dw_time until;
    uint64_t drop[DW_MATCH_NTH];
    uint32_t drop_count;
    bool ladder;
    const char *ladder_style; /* NULL: chosen by the terminal */
    const char *numbers;
    size_t ladder_most; /* a longer one is not drawn; 0: any */
    const char *pcap, *jsonl, *junit;
    const char *svg, *html; /* of each simulation that has a name, or the last one */
    const char *lua;        /* of import: the script */
    bool list;
    bool detail; /* what dw_sim_config.detail says */
    const char *csv, *gnuplot, *series;
    FILE *mermaid;         /* where run_script draws the exchange as Mermaid; NULL: nowhere */
    uint64_t mermaid_most; /* packets */
    const char *plots;     /* directory for what dw.plot draws, NULL: none */
    const char *keep;      /* directory for the trace of each simulation, NULL: none */
    unsigned watchdog_ms;
    size_t memory;
    unsigned width;
    unsigned jobs;
    bool quiet, verbose, update, json, all;
    size_t event; /* --event N, from 1; 0: all */
    bool markdown;
    const char *color; /* auto, always, never */
    char **rest;       /* what is no option */
    int rest_count;
    char **script_args; /* after "--" */
    int script_arg_count;
    struct {
        const char *name, *value; /* value: NULL where it has none */
    } repeats[MOST_SETS + MOST_PLUGINS + MOST_DEFINES + MOST_OTHERS]; /* options that matter */
    size_t repeat_count;
    const char *source; /* the script's text, when it is not in a file */
    size_t source_len;
} options;

/* Which options a subcommand takes: bits for the table in command.c. */
enum option_set {
    OPT_RUN = 1,
    OPT_VIEW = 2,
    OPT_TEST = 4,
    OPT_ALL = 8,
    OPT_JSON = 16,
    OPT_EVENT = 32,
    OPT_DRILL = 128,
    OPT_EXPORT = 256,
    OPT_STATS = 512,
    OPT_PLOT = 1024,
    OPT_LADDER = 2048,
    OPT_IMPORT = 4096,
    OPT_REPL = 8192,
    OPT_REPORT = 64, /* of reports over scripts: -j, --json, --markdown, --style */
};

/* Parse argv[first..], which is put in order: what is no option first, then the options, then "--"
 * and what follows it.  Returns EXIT_PASS or, after a message, EXIT_USAGE. */
int parse_options(int argc, char **argv, int first, const char *command, unsigned sets, options *o);
/* Whether an output would be written over one of these files, which are read; what stands on the
 * command line parse_options has looked at.  EXIT_PASS or, after a message, EXIT_USAGE. */
int check_inputs(const options *o, const char *command, const char *const *paths, size_t count);
/* "drywire run: " and a sentence on stderr; returns EXIT_USAGE. */
int usage_error(const char *command, const char *format, ...) DW_PRINTF(2, 3);
/* What an error of the library means for a command: "drywire run: " and why on stderr; EXIT_LIMIT
 * when it is DW_E_NOMEM, else EXIT_USAGE. */
int failure(const char *command, int status, const char *why);
/* The same for the error of a lua_pcall, on top of the stack. */
int lua_failure(lua_State *L, const char *command, int status);
/* The same for lack of memory. */
int no_memory(const char *command);
/* Memory that a command cannot do without, before there is anything that would have to be undone:
 * the block, or the end of the process as no_memory() has it. */
void *needed(void *block);
/* Close a stream that open_memstream made; false: not all that was written to it is there. */
bool close_text(FILE *f);
/* "replay: drywire run --seed 9 ... FILE", a line that a shell takes as it stands: the options that
 * change what happens, and this profile, where it is not NULL, over the one among them. */
void print_replay(FILE *f, const char *command, const char *profile, const options *o,
                  const char *path);
/* A trace that was written as JSON Lines: EXIT_PASS; EXIT_USAGE or EXIT_LIMIT after a message. */
int load_trace(const char *command, const char *path, dw_trace **out);
/* cmd_stats.c: a trace in numbers, on standard output. */
void show_stats(const dw_trace *trace, const options *o);
/* Packets, states and calls: what a list of events shows, but for --all. */
bool event_is_shown(const dw_trace_event *event);
/* How to draw on this terminal, from --ladder, --width and --color. */
void ladder_config(const options *o, dw_ladder_config *c);
/* The picture of a trace into a file, at most of so many packets (0: all); DW_OK, or an error with
 * a sentence. */
int write_svg(const options *o, const char *path, const dw_trace *trace, uint64_t most,
              const char *title, char *why, size_t size);
/* Likewise the page that plays it. */
int write_html(const char *path, const dw_trace *trace, const char *title, char *why, size_t size);
bool use_color(const options *o, int fd);

/* Run one script.  The result says what happened; outputs that the options name are written, even
 * after a failure.  problem is for dw_free; hash is "" without a simulation. */
typedef struct test_case {
    char *name, *problem; /* problem: NULL where it passed */
    double seconds;       /* of real time, since the case before */
} test_case;
typedef struct outcome {
    int code;
    char *problem;             /* the error with its traceback, or NULL */
    bool exited;               /* it called os.exit */
    bool by_chance;            /* the watchdog, a signal or lack of memory ended it */
    bool out_of_memory;        /* also for what it should hold: code is EXIT_LIMIT then */
    char hash[DW_DIGEST_TEXT]; /* of the script's last simulation */
    uint64_t mix;              /* over the digests of all simulations */
    double seconds;            /* simulated, of the last one */
    size_t packets, events;
    int expectations;
    char *notes;      /* lines, or NULL */
    char *covers;     /* what dw.covers was told, separated by spaces, or NULL */
    char *arrows;     /* state changes that occurred, "CLOSED>SYN-SENT ...", or NULL */
    test_case *cases; /* of dw.test */
    size_t case_count;
} outcome;
/* The comment in a script's first line says what it shows; "" without one.  Of a text, and of a
 * regular file; false: out of memory. */
void headline_of(const char *text, size_t len, char *out, size_t size);
bool script_headline(const char *path, char *out, size_t size);
/* A Lua state in which the script at path may run; NULL after a failure, with why in problem, which
 * is NULL when there is no memory. */
lua_State *open_script_state(const char *path, const options *o, bool testing, char **problem);
/* Its text as a function on the stack; LUA_OK, or what luaL_load returns. */
int load_script(lua_State *L, const char *path, const options *o);
/* lua_pcall, which signals and the watchdog end.  SCRIPT_LEFT: it had to be left in the middle of
 * something, and the Lua state must not be used any more, nor closed. */
enum { SCRIPT_LEFT = -1 };
int call_interruptibly(lua_State *L, const options *o, int arguments, int results, int handler);
void run_script(const char *path, const options *o, bool testing, outcome *result);
/* The same; what the script prints is not seen. */
void run_silently(const char *path, const options *o, bool testing, outcome *result);
void free_outcome(outcome *result);
/* Why it did not pass; NULL: it did, or there is no more to say. */
const char *problem_of(const outcome *result);

/* progress.c: how far it is, on a terminal.  false: nothing will be shown. */
bool progress_begin(const options *o);
/* Of a run, until a time (DW_TIME_NEVER: unknown); of so many things. */
void progress_run(dw_time now, dw_time until, uint64_t events);
void progress_count(size_t done, size_t count, const char *what);
/* Before anything else is written. */
void progress_clear(void);

/* What the worker process of one script said. */
typedef struct script_result {
    const char *path, *title;
    int code;
    bool by_chance; /* as outcome's */
    uint64_t mix;
    char hash[DW_DIGEST_TEXT];                     /* of the last simulation, or "-" */
    double seconds;                                /* of real time, both runs */
    const char *problem, *notes, *covers, *arrows; /* never NULL */
    test_case *cases;                              /* for free */
    size_t case_count;
    const char *output; /* what the script printed, or NULL */
    const char *errors; /* and on standard error, or NULL */
} script_result;
/* The command line of a worker.  It begins with the words of front, if that is not NULL; the
 * worker keeps its traces in a directory, if keep is not NULL.  For free. */
char **worker_args(const options *o, const char *const *front, const char *keep, const char *path);
/* What the worker wrote: r points into the job's texts.  false: it died, and why says how. */
struct job;
bool read_worker(const struct job *j, script_result *r, char *why, size_t size);

/* runs.c: do two runs of a script agree? */
enum { MOST_KEPT = 1000 }; /* simulations of a run whose traces are kept, the first ones */
/* What may change around a run: up to six variables, where it starts. */
typedef struct surroundings {
    const char *name;
    const char *env[7];
    const char *directory; /* NULL: ours */
    bool fixed_addresses;
} surroundings;
/* Our environment with these variables; for free. */
char **changed_environment(const surroundings *s);
/* How two runs differ in what they printed, in how they ended and in what they noted, as a phrase
 * with both; false: they do not. */
bool texts_differ(const script_result *a, const script_result *b, char *why, size_t size);
/* Likewise in their traces; false also for two that were ended by chance. */
bool runs_differ(const script_result *a, const script_result *b, char *why, size_t size);
/* Only one was ended by chance: the rest of it is not known. */
bool one_was_stopped(const script_result *a, const script_result *b);
/* Print where the traces that two workers kept part: the first event that differs. */
void say_where_traces_part(const char *kept_a, const char *kept_b);
/* github.c: annotations and the summary; NULL where GITHUB_ACTIONS does not say true. */
typedef struct github github;
github *github_open(const options *o);
void github_script(github *g, const script_result *r);
void github_close(github *g);

/* The scripts among the arguments and in directories among them, run twice each; done is called for
 * each in order.  Returns EXIT_PASS, EXIT_USAGE after a message when there are none, or EXIT_SIGNAL
 * and the signal that ended it early. */
int run_scripts(const char *command, const options *o,
                void (*done)(const script_result *r, void *arg), void *arg);

/* Figures: a longer exchange than this is shown by what the script plots of it. */
enum { LONGEST_LADDER = 150 };
/* A page of all of them. */
int export_gallery(const dwl_source *figures, const char *directory);

int cmd_run(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_coverage(int argc, char **argv);
int cmd_catalogue(int argc, char **argv);
int cmd_states(int argc, char **argv);
int cmd_profiles(int argc, char **argv);
int cmd_defects(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_figures(int argc, char **argv);
int cmd_ladder(int argc, char **argv);
int cmd_repl(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_check(int argc, char **argv);

#endif
