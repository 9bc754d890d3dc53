/* One script being run: what the files that run it share.
 *
 *   drill_run.c       the script's events, one after the other
 *   drill_option.c    its options, and those of the command line
 *   drill_define.c    what it leaves to how it is started
 *   drill_timing.c    whether what happens is in time
 *   drill_exchange.c  its packets: those it sends, those it expects
 *   drill_pending.c   its calls, and the one that waits
 *   drill_call.c      system calls: arguments in, results compared (call.h lists its files)
 *   drill_code.c      the assertions in %{ }%
 *   drill_shell.c     its shell commands (command.h lists its files)
 *   drill_record.c    the script with what the host really sent
 *   drill_sim.c       a simulated host, in virtual time
 *   queue.c           packets that came
 *   outcome.c         why it does not pass
 *   drill_report.c    what became of it, for people
 *   drill_export.c    the other way: a trace as a script */
#ifndef DW_DRILL_RUN_H
#define DW_DRILL_RUN_H

#include "command.h"
#include "drill/language/drill_packet.h"
#include "drill/system/sockets.h"
#include "drill/system/symbol.h"
#include "outcome.h"
#include "queue.h"

enum { DW_DRILL_MAX_FDS = 64, DW_DRILL_MAX_VARIABLES = 64 };

struct dw_drill_run;

/* Where a script runs: what its events need of the surroundings.  On a simulated host
 * (drill_sim.c) or on this machine's kernel (live_world.c). */
typedef struct dw_drill_world {
    const dw_sys_calls *calls;
    const char *profile; /* the only one there is; NULL: any */
    dw_time patience;    /* how long to look for a packet that is late, to say how late */
    dw_time any_time;    /* how long a packet that may come at any time may take */
    dw_time max_late;    /* real time: how late an event of the script may be; 0: virtual time */
    /* Make it, when the script's options are known: run->owner, run->sys and what run->env is to
     * have.  false: the outcome has the reason, or there was no memory. */
    bool (*open)(struct dw_drill_run *run, const char *profile);
    /* After an open, also one that failed. */
    void (*close)(struct dw_drill_run *run, dw_drill_result *out);
    dw_time (*now)(const struct dw_drill_run *run);
    /* Let time go on until then; packets are handed to dw_queue_add, calls that wait are tried
     * again (dw_drill_try_pending).  With run->waiting it ends when a packet has come. */
    bool (*run_until)(struct dw_drill_run *run, dw_time until);
    /* Hand the host a packet, which its device has put together of segments of gso_size octets; 0:
     * which came as it is. */
    bool (*send)(struct dw_drill_run *run, const uint8_t *bytes, size_t len, uint16_t gso_size);
    /* Whether it ended for lack of memory; NULL: it does not. */
    bool (*out_of_memory)(const struct dw_drill_run *run);
    /* An event has happened; came is what the host sent, NULL for others.  May be NULL. */
    void (*happened)(struct dw_drill_run *run, const dw_drill_event *e, const dw_drill_seen *came);
} dw_drill_world;

/* What options say, of the script and of the command line (drill_option.c). */
typedef struct dw_drill_options {
    uint32_t family; /* of the packets */
    bool mapped;     /* sockets of IPv6 over packets of IPv4 */
    dw_addr local, remote;
    uint16_t bind_port, connect_port;
    uint16_t mss; /* --mss: larger inbound segments are put together of such; 0: of nothing */
    int64_t mtu;  /* 0: not given */
    dw_drill_strictness strictness;
    dw_time tolerance;          /* at least */
    int64_t tolerance_permille; /* of the time since the last event */
    bool strict_segments;
    bool packets_may_differ, calls_may_differ; /* --non_fatal */
    bool dry;                                  /* --dry_run: parse only */
    const char *init_scripts;                  /* files of commands to begin with; or NULL */
    bool together; /* events of one instant happen before the host answers */
} dw_drill_options;

/* When the script's events were to happen, and did (drill_timing.c). */
typedef struct dw_drill_clock {
    dw_time late; /* the most that an event of the script was late, in real time */
    dw_time last_event;
    bool last_inbound;
    dw_time inbound_at; /* when the last inbound packet was to be sent */
} dw_drill_clock;

/* The connection under test: which packets are its, and what its numbers mean. */
typedef struct dw_drill_tested {
    dw_drill_flow flow;
    bool has_flow;
    enum { DW_DRILL_IDLE, DW_DRILL_LISTENS, DW_DRILL_CONNECTS, DW_DRILL_OPEN } stage;
    uint16_t next_port; /* of the next connection that the script opens */
} dw_drill_tested;

/* The script's descriptors: its numbers are its own (drill_call.c). */
typedef struct dw_drill_descriptors {
    struct {
        int64_t script;
        int live;
    } map[DW_DRILL_MAX_FDS];
    size_t count;
    int current; /* live: whose tcp_info is asked for; -1: none */
} dw_drill_descriptors;

/* The script's variables (drill_code.c). */
typedef struct dw_drill_variable {
    const char *name;
    int64_t value;
} dw_drill_variable;
typedef struct dw_drill_variables {
    dw_drill_variable list[DW_DRILL_MAX_VARIABLES];
    size_t count;
} dw_drill_variables;

/* A call that waits, beside the events that go on (drill_pending.c). */
typedef struct dw_drill_pending {
    const dw_drill_event *event; /* NULL: none */
    dw_time started, deadline;   /* deadline: of the call's own timeout, DW_TIME_NEVER: none */
    size_t done;                 /* octets that it has taken so far (dw_sys_send) */
} dw_drill_pending;

typedef struct dw_drill_run {
    const dw_drill_script *script;
    const dw_drill_config *config;
    const dw_drill_world *world;
    void *owner; /* the world's own; NULL: there is none yet */
    dw_sys *sys; /* for world->calls */
    dw_arena arena;
    dw_drill_outcome outcome;
    dw_drill_options options;
    dw_drill_clock clock;
    dw_drill_tested tested;
    dw_queue came;
    bool waiting;   /* for a packet: time stops when one comes */
    bool finishing; /* for the call that waits: real time stops when it returns */
    dw_drill_pending pending;
    dw_drill_descriptors fds;
    dw_drill_variables variables;
    dw_command_env env;
} dw_drill_run;

/* Functions that return bool return false when the outcome has the reason. */

/* drill_option.c.  What there is before options say otherwise. */
void dw_drill_default_options(dw_drill_options *options, const dw_drill_config *config);
/* Do the script's options and the command line's. */
bool dw_drill_do_options(dw_drill_options *options, const dw_drill_script *script,
                         const dw_drill_config *config, dw_drill_outcome *outcome);

/* drill_define.c.  What a script is written for shows in the names that it sets. */
const char *dw_drill_guess_profile(const char *text, size_t len);

enum { DW_DRILL_MAX_NAMES = 64 };
typedef struct dw_drill_names {
    const char *list[DW_DRILL_MAX_NAMES]; /* as dw_drill_parse takes them */
    char cookie[40], zero[40];
} dw_drill_names;
/* Names that scripts of the public suites take from how they are started, and config's own; false:
 * out of memory. */
bool dw_drill_predefine(const char *profile, const char *path, const char *text, size_t len,
                        const dw_drill_config *config, dw_drill_names *out);

/* drill_timing.c */
dw_time dw_drill_now(const dw_drill_run *run);
/* A part of the time since the script began, as much as may be off. */
dw_time dw_drill_share(const dw_drill_run *run, dw_time t);
/* How far from its time something may be that the script expects then. */
dw_time dw_drill_tolerance(const dw_drill_run *run, dw_time expected);
/* Whether what came at a time came between two others, or near enough. */
bool dw_drill_in_time(dw_drill_run *run, const char *what, dw_time from, dw_time to, dw_time came);
/* Let time go on. */
bool dw_drill_run_until(dw_drill_run *run, dw_time until);
/* Let the host do what it does in answer to a call or a packet, at this instant. */
bool dw_drill_settle(dw_drill_run *run);

/* drill_exchange.c.  Send a packet of the script. */
void dw_drill_inbound(dw_drill_run *run, const dw_drill_packet *k);
/* The next packet of the connection must be the event's, and come between two times. */
void dw_drill_outbound(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to);
/* The script is over: no packet may have come that it does not have. */
void dw_drill_surplus(dw_drill_run *run);
/* Write down the packets that came. */
void dw_drill_record_came(dw_drill_run *run);

/* drill_pending.c.  Something has happened: try the call that waits again. */
void dw_drill_try_pending(dw_drill_run *run);
/* Do the call of an event. */
void dw_drill_do_call(dw_drill_run *run, const dw_drill_event *e);
/* When the script has the call that waits return; there is one. */
dw_time dw_drill_pending_end(const dw_drill_run *run);
/* The call that waits, if there is one, must return. */
void dw_drill_finish_pending(dw_drill_run *run);

/* drill_record.c: what config.record asks for. */
void dw_drill_record_head(const dw_drill_run *run);
void dw_drill_record_packet(dw_drill_run *run, dw_drill_seen *came);
void dw_drill_record_event(const dw_drill_run *run, const dw_drill_event *e, dw_time at);

/* drill_code.c.  Evaluate what stands in %{ }%. */
bool dw_drill_evaluate(dw_drill_run *run, const char *code);

#endif
