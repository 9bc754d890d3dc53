/* What the command line said, and how it is read. */
#ifndef DWL_COMMAND_OPTIONS_H
#define DWL_COMMAND_OPTIONS_H

#include <drywire/drywire.h>
#include <stdio.h>

enum { MAX_SETS = 64, MAX_PLUGINS = 32, MAX_STACKS = 16, MAX_DEFINES = 32, MAX_OTHERS = 96 };
enum { MAX_EXCLUDES = 32, MAX_RANGES = 64, MOST_SEEDS = 1000000 };
enum { MAX_DRILL_OPTIONS = 32, MAX_GIVEN = 128 };

struct dwl_explored;
struct dwl_differed;
struct dwl_swarmed;

/* Where a part of a trace begins or ends. */
typedef struct moment {
    uint64_t packet; /* 0: not there */
    dw_time time;    /* 0: not there */
} moment;

typedef struct options {
    const struct option_row *given[MAX_GIVEN]; /* each that was, once, in their order */
    size_t given_count;
    uint64_t seed;
    bool seed_given;
    const char *sets[MAX_SETS];
    size_t set_count;
    const char *plugins[MAX_PLUGINS];
    size_t plugin_count;
    const char *stacks[MAX_STACKS]; /* "host=file" */
    size_t stack_count;
    const char *profile;
    const char *stack;                    /* of drill: an adapter */
    const char *defines[MAX_DEFINES + 1]; /* of drill; ends with NULL */
    size_t define_count;
    struct {
        const char *name, *value; /* of packetdrill's own; value: NULL where it takes none */
    } drill_options[MAX_DRILL_OPTIONS];
    size_t drill_option_count;
    const char *ip_version;
    bool strict, sysctls, live;
    unsigned ignore;   /* bits of enum dw_drill_field */
    dw_time tolerance; /* of drill; 0: not given */
    const char *record;
    bool packetdrill;              /* the form of an export */
    const char *host;              /* whose part is exported */
    uint32_t nth;                  /* its connection, from 1; 0: the first thing it exchanged */
    const char *export_file, *out; /* for exports and for other text; NULL: standard output */
    FILE *exported;                /* where run_script writes the export; NULL: nowhere */
    dw_time until;
    uint64_t drop[DW_MATCH_NTH];
    uint32_t drop_count;
    dw_fault faults[DW_FAULTS_MOST]; /* --faults of a run */
    size_t fault_count;
    bool leaks_fail; /* a run with a plan is judged as when it was explored */
    uint64_t most[DW_FAULT_KINDS], most_faults, most_app; /* of explore, each + 1; 0: not given */
    const char *graph;                                    /* --graph of explore; or NULL */
    const char *crash_hosts;                              /* "server,router"; or NULL */
    uint64_t max_runs;                                    /* 0: any number */
    dw_time time_budget;                                  /* of real time; 0: any */
    bool no_leaks, no_merging;
    bool coverage;                 /* what the runs did not reach is told, too */
    uint64_t flat;                 /* after so many runs that reach nothing new; 0: never */
    const char *resume;            /* the record of an exploration, or NULL */
    struct dwl_differed *differed; /* what two profiles differ in is told; or NULL */
    struct dwl_swarmed *swarmed;   /* the script is swarmed, not run, and this is told; or NULL */
    bool why;                      /* of swarm: where it was decided */
    const char *failing;           /* where the script that fails is written; or NULL */
    bool explores;                 /* the script is explored, not run, and this is told of it */
    int (*exploring)(const struct dwl_explored *so_far, void *arg);
    void *exploring_arg;
    bool ladder;
    const char *ladder_style;         /* NULL: chosen by the terminal */
    const char *numbers, *numbers_by; /* and the option that says it */
    const char *letters, *language;
    const char *part, *left, *right, *title;
    moment from, to;
    enum dw_choice packets, calls;
    bool windows, no_times, no_states;
    bool if_any;       /* of watch: that there is nothing to draw is no error */
    size_t ladder_max; /* a longer one is not drawn; 0: any */
    const char *pcap, *jsonl, *junit;
    const char *pcap_at; /* the host on which the capture is made; NULL: see pcap_all */
    bool pcap_all;       /* every packet once, as it leaves its sender */
    const char *link_type;
    dw_time pcap_start;
    bool pcap_start_given;
    const char *svg, *html, *tikz; /* of each simulation that has a name, or the last one */
    unsigned pixels;               /* how wide pictures are; 0: as they are by themselves */
    bool animate, large, mono;     /* how they are drawn */
    const char *moving;            /* as svg, another one that moves; NULL: none */
    uint64_t bytefield;            /* the packet whose header is printed; 0: none */
    const char *lua;               /* of import: the script */
    bool list;
    const char *filter; /* of test: names of scripts and cases; or NULL */
    const char *excludes[MAX_EXCLUDES];
    size_t exclude_count;
    bool fail_fast;
    const char *ci; /* of init: github, gitlab, both or none; NULL: not given */
    struct {
        uint64_t low, high;
    } seeds[MAX_RANGES]; /* --seeds of test and swarm */
    size_t seed_ranges;
    bool explain;       /* run, import */
    uint64_t explained; /* the packet to explain; 0: none */
    bool again;         /* explain those that went again */
    const char
        *sort;   /* of import --list: trouble, packets, octets, time or conn; NULL: not given */
    bool detail; /* what dw_sim_config.detail says */
    const char *csv, *gnuplot, *series;
    FILE *mermaid;        /* where run_script draws the exchange as Mermaid; NULL: nowhere */
    uint64_t mermaid_max; /* packets */
    FILE *terms;          /* where run_script lists what its simulations are about; NULL: nowhere */
    const char *plots;    /* directory for what dw.plot draws, NULL: none */
    const struct dwl_sweep_files *sweep; /* of drywire sweep; NULL: another command */
    const char *against;                 /* results of an earlier sweep; of explore, a profile */
    bool exact;                          /* they are to be the same */
    const char *keep; /* directory for the trace of each simulation, NULL: none */
    unsigned watchdog_ms;
    size_t memory;
    unsigned width;
    unsigned jobs;       /* 0: not given, which is 1 */
    unsigned sweep_jobs; /* of a worker of drywire check; 0: not given */
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
    } repeats[MAX_SETS + MAX_PLUGINS + MAX_DEFINES + MAX_EXCLUDES +
              MAX_OTHERS]; /* options that matter */
    size_t repeat_count;
    const char *source; /* the script's text, when it is not in a file */
    size_t source_len;
} options;

/* One packet, or those that went again. */
static inline bool tells_packets(const options *o)
{
    return o->explained || o->again;
}

/* Parse argv[first..], which is put in order: what is no option first, then the options, then "--"
 * and what follows it.  Returns EXIT_PASS or, after a message, EXIT_USAGE. */
int parse_options(int argc, char **argv, int first, const char *command, options *o);
/* The same for a process that runs one script for drywire test, which may have the options of run
 * as well. */
int parse_worker_options(int argc, char **argv, int first, options *o);
/* Whether an output would be written over one of these files, which are read; what stands on the
 * command line parse_options has looked at.  EXIT_PASS or, after a message, EXIT_USAGE. */
int check_inputs(const options *o, const char *command, const char *const *paths, size_t count);
/* That one script was named; `several` is what is said where there are more. */
int check_one_script(const options *o, const char *command, const char *several);
/* From now on its replay lines have this value of an option, which is there once; no option of this
 * name. */
void replay_with(options *o, const char *name, const char *value);
/* The same for an option that may be there several times. */
void replay_also(options *o, const char *name, const char *value);
void replay_without(options *o, const char *name);
/* "replay: drywire run --seed 9 ... FILE", a line that a shell takes as it stands: the options that
 * change what happens, and this profile, where it is not NULL, over the one among them. */
void print_replay(FILE *f, const char *command, const char *profile, const options *o,
                  const char *path);

#endif
