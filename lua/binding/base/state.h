/* What the command says to the binding, and what the binding knows of a whole Lua state. */
#ifndef DWL_STATE_H
#define DWL_STATE_H

#include <drywire/drywire.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>

typedef struct dwl_sim dwl_sim;
typedef struct dwl_conn dwl_conn;
typedef struct dwl_program dwl_program;

/* Why a script has to end before its last line. */
enum dwl_ending {
    DWL_GOES_ON,
    DWL_ENDS_BY_WATCHDOG, /* it does not get on */
    DWL_ENDS_BY_SIGNAL,   /* somebody wants the process to end */
    DWL_ENDS_BY_EXIT,     /* os.exit */
    DWL_ENDS_BY_MEMORY    /* --memory */
};

/* A case of dw.test. */
typedef struct dwl_case {
    char *name, *problem; /* problem: NULL where it passed, or was not run to its end */
    char *ladder;         /* for dw_free: the last exchange, where it failed; or NULL */
    bool passed;
    int meaning;     /* of the problem, as dwl_meaning has it */
    int64_t took_ns; /* of real time, since the case before */
    /* How many simulations there had been when it began and when it ended, and how many events in
     * the last one when it began. */
    uint32_t sims_before, sims_after;
    uint32_t checks; /* when it began; then how many it made */
    size_t events_before;
} dwl_case;

/* Outputs of drywire sweep, and the results that it compares with; NULL: not wanted. */
typedef struct dwl_sweep_files {
    const char *csv, *jsonl, *against;
    bool exact; /* --against: equal values are wanted */
    bool quiet; /* without tables */
} dwl_sweep_files;

/* What was reached of TCP, a bit each (see reached.h). */
enum { DWL_STATES = 16, DWL_CAUSES = 256, DWL_REACHED = DWL_STATES * (DWL_STATES + DWL_CAUSES) };
typedef struct dwl_reached {
    const struct dw_protocol_ops *tcp; /* NULL: nobody looked */
    uint64_t bits[DWL_REACHED / 64];
} dwl_reached;

/* What the last dw.explore came to, for the command. */
typedef struct dwl_explored {
    bool any;       /* there was one */
    bool under_way; /* it has not ended yet */
    bool complete, failed;
    uint64_t runs, merged, states, schedules;
    uint64_t tried, untried;       /* of the plans tried last; and, about, those like them */
    uint32_t size;                 /* of the plans tried last */
    uint32_t faults;               /* at most so many in one plan, and ... */
    uint32_t most[DW_FAULT_KINDS]; /* ... of each kind */
    char plan[DW_FAULTS_MOST * DW_FAULT_TEXT]; /* that failed, as it is written */
    char past_call[200]; /* why runs were not merged: where and what it asks; or "" */
    dwl_reached reached;
    uint64_t flat; /* it ended because the last so many runs reached nothing new; 0: it did not */
} dwl_explored;

/* What dw.explore found between two profiles, for the command, which owns it. */
typedef struct dwl_differed {
    char *report; /* lines; for free, or NULL */
    bool differs;
} dwl_differed;

/* What dw.swarm came to, for the command, which owns it; texts are for free, or NULL. */
typedef struct dwl_swarmed {
    char *report; /* lines */
    bool failed;  /* a run did; then this one is shown: */
    uint64_t seed;
    char *plan, *sets;          /* its faults; its parameters, "name=value" in lines */
    char *small;                /* a script that fails by itself */
    bool (*is_over)(void *arg); /* whether no time is left; or NULL */
    void *arg;
} dwl_swarmed;

/* What the command says to the binding; one for each Lua state, zeroed in a stock lua5.4. */
typedef struct dwl_state {
    lua_State *main;
    bool command; /* the drywire command: the whole script is the deterministic zone */
    bool seed_given;
    uint64_t seed;
    bool script_seed;    /* seed is the script's, from dw.seed */
    bool own_seed_given; /* the script's own, of its first simulation that had one, and where */
    int64_t own_seed;
    char own_seed_at[160];
    const char *const *params; /* "name=value" */
    size_t param_count;
    uint64_t params_asked; /* bits of params that dw.param was asked for */
    struct {
        char name[40];
    } params_known[32]; /* what it was asked for, the first ones */
    size_t params_known_count;
    const char *profile; /* --profile */
    const char *const *plugins;
    size_t plugin_count;
    const char *const *stacks; /* "host=file" */
    size_t stack_count;
    uint32_t stacks_used;        /* bits of stacks whose host was made */
    dw_time until;               /* --until; 0: none */
    bool detail;                 /* --detail */
    uint64_t drop[DW_MATCH_NTH]; /* --drop: packets lost on every link */
    uint32_t drop_count;
    uint32_t drop_asked, drop_hit; /* bits of drop: a link knew it, lost such a packet */
    /* --faults, or those of a run of dw.explore that is repeated; and whether each has struck. */
    const struct dw_fault *faults;
    size_t fault_count;
    bool own_faults;                  /* the script's, from dw.faults */
    bool leaks_fail;                  /* with a plan of faults a run is judged as dw.explore does */
    uint64_t faults_struck;           /* bits */
    struct dw_explore_run *exploring; /* the run of dw.explore that goes on, or NULL */
    struct dwl_coverage *coverage;    /* what its runs reach; NULL: nobody wants to know */
    bool choices_wrapped;             /* choices.h */
    bool explores_hosts;              /* and hosts and programs have faults in it */
    uint64_t history;                 /* history.h */
    uint32_t connects, connects_most; /* calls of connect in the run, and in those before */
    uint8_t past, past_known;         /* enum dwl_past: what it asked for; what history has */
    char past_call[200];              /* where and what */
    dwl_explored explored;
    /* Called now and then; anything but DW_OK ends an exploration.  Or NULL. */
    int (*explores)(const dwl_explored *so_far, void *arg);
    void *explores_arg;
    const char *resume;        /* the record of an exploration; or NULL */
    struct dw_swarm *swarming; /* the run of dw.swarm that goes on, or NULL */
    dwl_swarmed *swarmed;      /* NULL: nobody wants to know */
    bool untraced;             /* simulations keep no trace, whatever the script says */
    bool observes;             /* they keep one, and calls tell what they return: observed.h */
    const char *tuned[2];      /* a switch of TCP and its value, over the profile's; NULL: none */
    dwl_differed *differed;    /* NULL: nobody wants to know */
    int running;               /* depth of sim:run */
    dw_time goal;              /* until when it runs */
    dwl_sim *sims;             /* in order of creation */
    dwl_sim *last_sim;
    dwl_program *current; /* the program that is running, or NULL */
    bool pinned;          /* a coroutine of its cannot yield, so it cannot wait */
    unsigned wakes;       /* how deep programs wake others, outside a run */
    uint64_t next_object; /* creation numbers, for ordering and for printing */
    int expectations;     /* how many were checked */
    int error_meaning;    /* of the last error that had one, see dwl_set_meaning */
    dwl_sim *touched;     /* the last one that a method of an object was called on; or NULL */
    /* cases.c: what dw.test and dw.covers were told, for drywire test. */
    int64_t (*real_time)(void); /* ns; NULL: nobody wants to know */
    int64_t case_ended;         /* when the last one did, or the script began */
    dwl_case *cases;
    size_t case_count;
    bool ascii;      /* ladders of failed cases are in plain characters */
    bool names_once; /* a second case of one name is refused: the script runs as a whole */
    size_t cases_met, cases_taken; /* by dw.test; and of those, not left out */
    const char *filter;            /* only cases whose names match; NULL: all */
    const char *const *excludes;
    size_t exclude_count;
    bool lists;                       /* cases are named, not run */
    uint32_t asserts;                 /* how often assert was called */
    char absent_at[160], absent[400]; /* where a call last answered nil, and why; or "" */
    char *notes;                      /* notes.c: what calls had to say, in lines; NULL: nothing */
    char *covers;                     /* each with a space behind it; NULL: none */
    /* lua_deal.c: work for several processes. */
    unsigned jobs;         /* how many the command wants; 0: it did not say */
    bool in_piece;         /* a piece of it is being done */
    bool piece_seed_given; /* the seed of that piece's simulations, where they set none */
    uint64_t piece_seed;
    void (*forked)(struct dwl_state *s); /* called in a process that does pieces; or NULL */
    bool shows_progress;                 /* somebody looks at these: */
    volatile size_t parts_done, parts_count;
    uint64_t code_digest;                /* of all code that the script's process has read */
    const struct dwl_sweep_files *sweep; /* what drywire sweep wants besides; or NULL */
    unsigned sweeps;                     /* how many there were */
    char *late_problem;                  /* told when the script has ended well; or NULL */
    int late_meaning;                    /* as dwl_meaning has it */
    bool out_of_memory;                  /* the script's outcome is worth nothing */
    bool shows_last; /* the command reports on the last simulation after the script has ended ... */
    bool shows_named;    /* ... and draws those with names, even if the script has closed them */
    uint64_t closed_mix; /* sum over the digests of simulations that were closed */
    uint32_t sims_made;
    uint32_t sims_aside;      /* of them: by runs of dw.explore and dw.sweep, and closed */
    uint32_t forgotten;       /* the first simulation that was to do something and did not; 0 */
    bool forgotten_ran;       /* it did before */
    char forgotten_at[160];   /* the line that made it */
    char directory[PATH_MAX]; /* of the script, with its '/'; "": the current one */
    /* Called with each simulation that is about to be closed; or NULL. */
    void (*closing)(const dwl_sim *s, void *arg);
    void *closing_arg;
    /* ending.c; signal handlers read and write these. */
    lua_State *volatile thread;      /* the coroutine that is running */
    dw_sim *volatile run;            /* the simulation that is running, or NULL */
    volatile sig_atomic_t ending;    /* enum dwl_ending */
    volatile sig_atomic_t signal;    /* of DWL_ENDS_BY_SIGNAL */
    volatile uint64_t events;        /* of all the runs that are over */
    volatile uint64_t events_before; /* of the one that is not: where it began */
    volatile sig_atomic_t at_work;   /* in C of ours that ends by itself, however long it takes */
    volatile unsigned works, asked;  /* how often that began; how often it called the script */
    int asking;                      /* how deep it is calling the script */
    volatile sig_atomic_t in_malloc; /* the allocator of the C library must not be left */
    char ending_at[160];             /* "script.lua:7: ", once it has been told; or "" */
    int exit_code;                   /* of DWL_ENDS_BY_EXIT */
    char headline[200];              /* what the script's first line says it shows, or "" */
    unsigned watchdog_ms;
    /* guard.c */
    lua_Alloc plain_alloc;
    void *plain_alloc_ud;
    size_t memory_used, memory_limit;
    dw_account account; /* of the simulations' memory, which counts as the script's */
    volatile sig_atomic_t memory_over; /* past the limit, unless a collection helps */
    unsigned memory_refused;           /* times in a row */
    bool memory_denied;                /* at any time */
} dwl_state;

dwl_state *dwl_state_of(lua_State *L);
/* Make it; close is its finalizer, called when the Lua state closes. */
dwl_state *dwl_new_state(lua_State *L, lua_CFunction close);
/* A table in the registry that keeps nothing alive by its keys ("k") or its values ("v"). */
void dwl_new_weak_table(lua_State *L, const char *name, const char *mode);
/* In the zone anything that would let the outside in is an error. */
static inline bool dwl_in_zone(const dwl_state *s)
{
    return s->command || s->running > 0;
}

#endif
