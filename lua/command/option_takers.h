/* The bits by which rows of options say whose they are. */
#ifndef DWL_OPTION_TAKERS_H
#define DWL_OPTION_TAKERS_H

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
    INIT = 1 << 19,
    EXPLORE = 1 << 20,
    SWEEP = 1 << 21,
    SWARM = 1 << 22,
    /* Groups. */
    SCRIPTS =
        RUN | TEST | REPL | EXPORT | CHECK | EXPLORE | SWEEP | SWARM, /* run a script of Lua */
    DRAWS = RUN | DRILL | IMPORT,                 /* draw what they did, if they are asked */
    LINES = FIGURES | LADDER | IMPORT,            /* draw all the time */
    OVER_SCRIPTS = COVERAGE | CATALOGUE | STATES, /* reports that run scripts */
    LISTS = PROFILES | DEFECTS,
    PICTURES = RUN | LINES /* what --from, --part and others choose from */
};

#endif
