/* Running scripts: one of them here, or many in processes of their own. */
#ifndef DWL_RUN_H
#define DWL_RUN_H

#include "options.h"

#include <lua.h>

/* Run one script.  The result says what happened; outputs that the options name are written, even
 * after a failure.  problem is for dw_free; hash is "" without a simulation. */
typedef struct test_case {
    char *name, *problem; /* problem: NULL where it passed */
    char *exchange;       /* as a ladder, where it did not pass; or NULL */
    int code;             /* enum dwl_exit */
    bool checks;          /* it asserted or expected something */
    double seconds;       /* of real time, since the case before */
    const char *seed;     /* with which it does not pass, or NULL: see seeds.c */
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
    char *earlier;             /* a line for each one before it that has a name, or NULL */
    uint32_t sims;             /* how many there were */
    size_t packets, events;
    int expectations;
    unsigned sweeps; /* calls of dw.sweep */
    char *notes;     /* lines, or NULL */
    char *unasked;   /* see script_result */
    char *covers;    /* what dw.covers was told, separated by spaces, or NULL */
    char *arrows;    /* state changes that occurred, "CLOSED>SYN-SENT ...", or NULL */
    char *exchange;  /* of the last simulation, where the script failed as a whole; or NULL */
    bool made;       /* a simulation, a case, a drill or an expectation: it is a test */
    bool asserts;    /* it called assert */
    bool checks;     /* or had an expectation, or an invariant */
    struct dwl_explored *explored; /* what dw.explore came to, or NULL */
    test_case *cases;              /* of dw.test */
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
/* Real time, for reports and budgets; no script sees it. */
int64_t clock_ns(void);
/* "--set nn: the script asks for no parameter "nn"; did you mean "n"?", of "nn=7"; or of
 * many scripts.  near may be "". */
void unasked_text(const char *set, bool many, const char *near, char *out, size_t size);
/* Why it did not pass; NULL: it did, or there is no more to say. */
const char *problem_of(const outcome *result);

/* What the worker process of one script said. */
typedef struct script_result {
    const char *path, *title;
    int code;
    bool by_chance, made, asserts, checks; /* as outcome's */
    uint64_t mix;
    char hash[DW_DIGEST_TEXT];                     /* of the last simulation, or "-" */
    double seconds;                                /* of real time, both runs */
    const char *problem, *notes, *covers, *arrows; /* never NULL */
    const char *unasked;  /* a line for each --set that it did not ask for: its number, and behind a
                           * blank the name that may be meant */
    const char *exchange; /* likewise; "": there is none */
    const char *seed;     /* as a case's */
    test_case *cases;     /* for free */
    size_t case_count;
    const char *output; /* what the script printed, or NULL */
    const char *errors; /* and on standard error, or NULL */
} script_result;
/* A test in a process that was started with such a command line; its exit code. */
int run_worker(const options *o);
/* The command line of a worker.  It begins with the words of front, if that is not NULL; the
 * worker keeps its traces in a directory, if keep is not NULL.  For free. */
char **worker_args(const options *o, const char *const *front, const char *keep, const char *path);
/* What the worker wrote: r points into the job's texts.  false: it died, and why says how. */
struct job;
bool read_worker(const struct job *j, script_result *r, char *why, size_t size);
/* Whether another run would say no more: this one was ended by chance, or its process died. */
bool worker_was_stopped(const struct job *j);

/* runs.c: do two runs of a script agree? */
enum { MAX_KEPT = 1000 }; /* simulations of a run whose traces are kept, the first ones */
/* What may change around a run: up to six variables, where it starts. */
typedef struct surroundings {
    const char *name;
    const char *env[7];
    const char *directory; /* NULL: ours */
    bool fixed_addresses;
} surroundings;
/* What is changed for the second run of a test, besides what two processes never share: the stack
 * is elsewhere, fresh memory is not zero. */
extern const surroundings surroundings_again;
/* Our environment with these variables; for free. */
char **changed_environment(const surroundings *s);
/* How two runs differ in what they printed, in how they ended and in what they noted, as a phrase
 * with both; false: they do not. */
bool texts_differ(const script_result *a, const script_result *b, char *why, size_t size);
/* Likewise in their traces; false also for two that were ended by chance. */
bool runs_differ(const script_result *a, const script_result *b, char *why, size_t size);
/* Only one was ended by chance: the rest of it is not known. */
bool one_was_stopped(const script_result *a, const script_result *b);
/* Write where the traces that two workers kept part: the first event that differs. */
void say_where_traces_part(FILE *f, const options *o, const char *kept_a, const char *kept_b);
/* The same for a script whose runs have just differed, by running it again, some times; nothing
 * where they then agree. */
void say_where_runs_part(FILE *f, const options *o, const char *path);
/* A directory for what is kept, and those in it; *path is "" where none can be made. */
enum { KEPT_PATH = 4096 };
void make_kept(char path[KEPT_PATH]);
void make_kept_below(const char *path, int number, char out[KEPT_PATH]);
void remove_kept(const char *path);

/* seeds.c: what became of a script with all seeds, of which each result has one; and what belongs
 * to that. */
void merge_seeds(const script_result *results, size_t count, script_result *out);
void free_merged(script_result *r);

/* The scripts among the arguments and in directories among them (see scripts.h), run twice each;
 * done is called for each in order, and answers whether to go on.  Returns EXIT_PASS, EXIT_USAGE
 * after a message when there are none, or EXIT_SIGNAL and the signal that ended it early. */
int run_scripts(const char *command, const options *o,
                bool (*done)(const script_result *r, void *arg), void *arg);

/* github.c: annotations and the summary; NULL where GITHUB_ACTIONS does not say true. */
typedef struct github github;
github *github_open(const options *o);
void github_script(github *g, const script_result *r);
void github_close(github *g);

#endif
