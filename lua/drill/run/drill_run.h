/* One script being run: what the files that run it share. */
#ifndef DW_DRILL_RUN_H
#define DW_DRILL_RUN_H

#include "drill/language/drill_packet.h"
#include "drill/system/sockets.h"

enum { DW_DRILL_MOST_FDS = 64, DW_DRILL_MOST_VARIABLES = 64, DW_DRILL_MOST_FILES = 16 };

/* A call that waits, beside the events that go on. */
typedef struct dw_drill_pending {
    const dw_drill_event *event; /* NULL: none */
    dw_time started, deadline;   /* deadline: of the call's own timeout, DW_TIME_NEVER: none */
    size_t done;
} dw_drill_pending;

typedef struct dw_drill_variable {
    const char *name;
    int64_t value;
} dw_drill_variable;

/* The host's connections, as far as shell commands ask for them. */
typedef struct dw_drill_conn {
    uint32_t conn;
    uint16_t local_port, remote_port;
    const char *state;
} dw_drill_conn;

/* What the host has counted, as nstat shows it, now and when nstat last looked. */
enum { DW_DRILL_COUNTERS = 32 };
typedef struct dw_drill_counts {
    uint64_t now[DW_DRILL_COUNTERS], before[DW_DRILL_COUNTERS];
} dw_drill_counts;

struct dw_drill_run;

/* Where a script runs: what its events need of the surroundings.  On a simulated host
 * (drill_sim.c) or on this machine's kernel (live_world.c). */
typedef struct dw_drill_world {
    const dw_sys_calls *calls;
    dw_time patience;  /* how long to look for a packet that is late, to say how late */
    dw_time any_time;  /* how long a packet that may come at any time may take */
    dw_time most_late; /* how late an event of the script may be; 0: as its tolerance says */
    /* Make it, when the script's options are known; false: dw_drill_stop has said why. */
    bool (*open)(struct dw_drill_run *run, const char *profile, int64_t mtu);
    void (*close)(struct dw_drill_run *run, dw_drill_result *out);
    dw_time (*now)(const struct dw_drill_run *run);
    /* Let time go on until then; packets are handed to dw_drill_came, calls that wait are tried
     * again.  With run->waiting it ends when a packet has come. */
    bool (*run_until)(struct dw_drill_run *run, dw_time until);
    /* Hand the host a packet, which its device has put together of segments of gso_size octets; 0:
     * which came as it is. */
    bool (*send)(struct dw_drill_run *run, const uint8_t *bytes, size_t len, uint16_t gso_size);
    bool (*sysctl)(struct dw_drill_run *run, const char *name, const char *value);
    /* Run a program of the machine's; NULL: there is none. */
    bool (*execute)(struct dw_drill_run *run, char *const *words);
    /* An event has happened; came is what the host sent, NULL for others.  May be NULL. */
    void (*happened)(struct dw_drill_run *run, const dw_drill_event *e, const dw_drill_seen *came);
} dw_drill_world;

typedef struct dw_drill_run {
    const dw_drill_script *script;
    const dw_drill_world *world;
    dw_arena arena;
    enum dw_drill_verdict verdict;
    char why[1200];
    int line; /* of the event that is being run */

    /* The world: of the simulated one, and of the other. */
    dw_sim *sim;
    dw_node *host, *wire;
    struct dw_live *live;
    dw_sys *sys;
    enum dw_sys_kind kind;
    uint32_t family; /* of the packets */
    bool mapped;     /* sockets of IPv6 over packets of IPv4 */
    dw_addr local, remote;
    uint16_t bind_port, connect_port, next_port;
    dw_drill_strictness strictness;
    int64_t tolerance_permille; /* of the time since the last event */
    bool strict_segments;
    bool packets_may_differ, calls_may_differ; /* --non_fatal */
    bool dry;                                  /* --dry_run: parse only */
    const char *init_scripts;                  /* files of commands to begin with; or NULL */
    bool ended;                                /* by a signal */
    bool together;  /* events of one instant happen before the host answers */
    uint16_t mss;   /* --mss: larger inbound segments are put together of such; 0: of nothing */
    bool waiting;   /* for a packet: stop when one comes */
    bool finishing; /* for the call that waits: real time stops when it returns */
    const dw_drill_config *config;
    dw_time tolerance; /* at least */
    dw_time late;      /* the most that an event of the script was late, in real time */
    dw_time last_event;
    bool last_inbound;
    dw_time inbound_at; /* when the last inbound packet was to be sent */

    /* The connection under test. */
    dw_drill_flow flow;
    bool has_flow;
    enum { DW_DRILL_IDLE, DW_DRILL_LISTENS, DW_DRILL_CONNECTS, DW_DRILL_OPEN } stage;
    int current_fd;              /* live; -1: none */
    dw_drill_seen *first, *last; /* packets that came and were not expected yet */
    uint64_t sent;               /* packets on the ladder so far */
    struct {
        uint64_t number[256]; /* of those that the host sent and that have not arrived yet */
        unsigned head, tail;
    } under_way;
    dw_drill_seen *culprit; /* the packet that was wrong */

    struct {
        int64_t script;
        int live;
    } fds[DW_DRILL_MOST_FDS];
    size_t fd_count;
    dw_drill_pending pending;

    struct {
        const char *name;
        uint64_t size;
    } files[DW_DRILL_MOST_FILES]; /* of zeros, that the script has made */
    size_t file_count;

    dw_drill_conn *conns;
    size_t conn_count;
    dw_drill_counts counts;

    dw_drill_variable variables[DW_DRILL_MOST_VARIABLES];
    size_t variable_count;
} dw_drill_run;

extern const dw_drill_world dw_drill_simulated, dw_drill_live_world;

/* A packet of the host, with its number on the ladder; false: dw_drill_no_memory. */
bool dw_drill_came(dw_drill_run *run, const uint8_t *bytes, size_t len, uint64_t number);
/* The oldest packet that came, of which there is one; the caller frees it. */
dw_drill_seen *dw_drill_take_first(dw_drill_run *run);
/* Something has happened: try the call that waits again. */
void dw_drill_try_pending(dw_drill_run *run);

/* What a run has before its script's options say otherwise; run is zeroed. */
void dw_drill_defaults(dw_drill_run *run, const dw_drill_script *script,
                       const dw_drill_config *config);

/* drill_define.c.  What a script is written for shows in the names that it sets. */
const char *dw_drill_guess_profile(const char *text, size_t len);

enum { DW_DRILL_MOST_NAMES = 64 };
typedef struct dw_drill_names {
    const char *list[DW_DRILL_MOST_NAMES]; /* as dw_drill_parse takes them */
    char cookie[40], zero[40];
} dw_drill_names;
/* Names that scripts of the public suites take from how they are started, and config's own. */
bool dw_drill_predefine(const char *profile, const char *path, const char *text, size_t len,
                        const dw_drill_config *config, dw_drill_names *out);

/* drill_option.c.  Do the script's options and the command line's; *mtu becomes 0 where none is
 * given. */
bool dw_drill_do_options(dw_drill_run *run, int64_t *mtu);

/* drill_record.c: what config.record asks for. */
void dw_drill_record_head(const dw_drill_run *run);
void dw_drill_record_packet(dw_drill_run *run, dw_drill_seen *came);
void dw_drill_record_event(const dw_drill_run *run, const dw_drill_event *e, dw_time at);

/* How many connections with this port at either end are in a state. */
int dw_drill_count_conns(const dw_drill_run *run, uint16_t port, const char *state);

/* Record why a script does not pass; the first reason stays.  Returns false. */
bool dw_drill_stop(dw_drill_run *run, enum dw_drill_verdict verdict, const char *format, ...)
    DW_PRINTF(3, 4);
/* Whether a signal ends the script, which dw_drill_stop then knows. */
bool dw_drill_ends(dw_drill_run *run);

/* Likewise, for lack of memory. */
bool dw_drill_no_memory(dw_drill_run *run);

/* drill_symbol.c.  The value of a constant; false when it is unknown. */
bool dw_drill_symbol(const char *name, int64_t *value);
/* The constant that one may have meant, or NULL. */
const char *dw_drill_symbol_near(const char *name);
/* The name of an error number, "EAGAIN", or its digits in buf. */
const char *dw_drill_errno_name(int64_t number, char buf[24]);
bool dw_drill_errno(const char *name, int64_t *number);

/* drill_call.c.  Run one system call.  Returns false when it must wait; then call again. */
bool dw_drill_do_call(dw_drill_run *run, const dw_drill_call *call, dw_drill_pending *pending);

/* " (its socket is in CLOSE-WAIT)", in which state what a call works on is; "" where it has none.
 */
const char *dw_drill_call_state(dw_drill_run *run, const dw_drill_call *call, char buf[40]);

/* drill_code.c.  Evaluate what stands in %{ }%. */
bool dw_drill_evaluate(dw_drill_run *run, const char *code);

/* drill_count.c.  Something has happened on the host. */
void dw_drill_count(dw_drill_run *run, const dw_trace_event *e);

/* drill_shell.c.  Do what a shell command would have done. */
bool dw_drill_do_command(dw_drill_run *run, const char *command);
/* Do what is in these files, with commas between their paths. */
bool dw_drill_do_files(dw_drill_run *run, const char *paths);
/* "not supported: " and a sentence of which a and b are parts; returns false. */
bool dw_drill_unsupported(dw_drill_run *run, const char *format, const char *a, const char *b);

/* drill_sysctl.c.  Set an option of the host's TCP ("udp.": of its UDP); name is the sysctl's, for
 * messages. */
bool dw_drill_set_option(dw_drill_run *run, const char *name, const char *option, const char *text);
/* Set on a simulated host what the sysctl would have set. */
bool dw_drill_set_sysctl(dw_drill_run *run, const char *name, const char *value);
/* The other way: the sysctl of a profile's system that sets an option, as "name=value" in buf. */
bool dw_drill_sysctl_of(const char *profile, const char *option, const char *text, char *buf,
                        size_t size);

#endif
