/* packetdrill scripts, for those who run them: the command, Lua, the tests.
 *
 *   language/  a script's text, and its packets as bytes
 *   system/    the sockets of one process, as an operating system gives them
 *   run/       one script, event by event, on a simulated host; and a trace as a script
 *   live/      the same on this machine's kernel, in real time
 *
 * live stands on run, and run on language and system. */
#ifndef DW_DRILL_H
#define DW_DRILL_H

#include "drill/language/script.h"

#include <stdio.h>

/* -------------------------------------------------------------------------- *
 * Running
 * -------------------------------------------------------------------------- */

enum dw_drill_verdict {
    DW_DRILL_PASSED,
    DW_DRILL_FAILED,
    DW_DRILL_UNSUPPORTED, /* the script asks for something that is not there */
    DW_DRILL_WRONG,       /* the script itself is wrong */
    DW_DRILL_NO_MEMORY,   /* it was not run to its end */
};

typedef struct dw_drill_config {
    const char *profile;            /* of TCP; NULL: guessed from what the script sets */
    const char *stack;              /* a foreign stack's adapter that the host has; or NULL */
    const char *ip_version;         /* "ipv4", "ipv6", "ipv4-mapped-ipv6"; NULL: the script's own */
    const char *const *defines;     /* as for dw_drill_parse, besides those of the profile */
    const dw_drill_option *options; /* as on packetdrill's command line: over the script's own */
    bool strict;                    /* packets left over at the end fail the script */
    bool keep;                      /* keep the trace */
    bool detail;                    /* ... in detail (dw_sim_config) */
    unsigned ignore;                /* bits of enum dw_drill_field: not compared */
    dw_time tolerance;              /* the least, over the script's own; 0: not given */
    FILE *record;  /* the script is written here, with what the host sent; NULL: it is checked */
    FILE *printed; /* where print() of %{ }% goes; NULL: nowhere */
    int (*ended)(void); /* asked again and again: the signal that is to end the script, or 0; NULL:
                         * there will be none */
    const struct dw_drill_world *world; /* where it runs; NULL: on a simulated host */
    bool verbose;                       /* on a real kernel: print each event as it happens */
} dw_drill_config;

typedef struct dw_drill_result {
    enum dw_drill_verdict verdict;
    char why[1200];  /* a sentence; "" when the script passed */
    char event[400]; /* the script's text there */
    char came[600];  /* the packet that came instead, as a script would write it; or "" */
    int line;        /* in the script */
    const char *profile;
    dw_time at;      /* simulated, when it ended */
    uint64_t packet; /* on the ladder: the one that was wrong; 0: none */
    uint64_t packets, events;
    dw_sim *sim;        /* with config.keep; freed by dw_drill_result_free */
    bool ended;         /* by a signal, in the middle: the verdict says nothing */
    bool unable;        /* live: this machine or this user cannot */
    char columns[8000]; /* of a live run: the last events, the script beside the kernel */
} dw_drill_result;

/* packetdrill's own name of an option that begins like that (len octets of name, without dashes),
 * and whether it takes no value; NULL: it has none of that name. */
const char *dw_drill_option_name(const char *name, size_t len, bool *flag);
/* The names of all of them by number; NULL past the last. */
const char *dw_drill_option_at(size_t i);

/* Run a script's text in virtual time. */
void dw_drill_text(const char *path, const char *text, size_t len, const dw_drill_config *config,
                   dw_drill_result *out);
/* The same with a file. */
void dw_drill_file(const char *path, const dw_drill_config *config, dw_drill_result *out);
void dw_drill_result_free(dw_drill_result *result);
/* Run a script on this machine's kernel, in real time: in a child process with a network namespace
 * of its own, in which a TUN device is the wire.  DW_OK with what became of the script in out; a
 * sentence in out->why with DW_E_IO, when this machine or this user cannot, or DW_E_INTERRUPT,
 * when config->ended said so.  Nothing is left behind in any case. */
int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out);

/* "passed", "failed", "not supported", "wrong". */
const char *dw_drill_verdict_name(enum dw_drill_verdict verdict);
/* The exchange, all of it or what was near the packet that was wrong.  The caller frees it
 * (dw_free); NULL when there is none, or the script was not run with config.keep. */
char *dw_drill_ladder(const dw_drill_result *result, const dw_ladder_config *style, bool whole);
/* Why a script did not pass: the reason with its line, what the script says there, what came, and
 * the ladder. */
void dw_drill_explain(const char *path, const dw_drill_result *result,
                      const dw_ladder_config *style, FILE *f);

/* Write one host's part of an experiment as a script: its calls, what it received and what it sent.
 * nth counts the host's connections from 1; 0 is the first one, or without any the first segments.
 * sim may be NULL; with it the script says how the host's TCP was set.  title is for the script's
 * first line.  DW_E_NOENT with a sentence in why when there is no such host or connection;
 * DW_E_NOMEM. */
int dw_drill_export(const dw_trace *trace, dw_sim *sim, const char *host, uint32_t nth,
                    const char *title, FILE *f, char *why, size_t why_size);

/* Which sysctls scripts may set and what becomes of them, as a table in Markdown. */
void dw_drill_list_sysctls(FILE *f);

#endif
