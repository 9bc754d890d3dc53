/* One script being run: what the files that run it share. */
#ifndef DW_DRILL_RUN_H
#define DW_DRILL_RUN_H

#include "drill_packet.h"
#include "sockets.h"

enum { DW_DRILL_MOST_FDS = 64, DW_DRILL_MOST_VARIABLES = 64 };

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

typedef struct dw_drill_run {
    const dw_drill_script *script;
    dw_arena arena;
    enum dw_drill_verdict verdict;
    char why[1200];
    int line; /* of the event that is being run */

    /* The world. */
    dw_sim *sim;
    dw_node *host, *wire;
    dw_sys *sys;
    enum dw_sys_kind kind;
    uint32_t family; /* of the packets */
    bool mapped;     /* sockets of IPv6 over packets of IPv4 */
    dw_addr local, remote;
    uint16_t bind_port, connect_port, next_port;
    dw_drill_strictness strictness;
    int64_t tolerance_permille; /* of the time since the last event */
    bool strict_segments;
    bool together; /* events of one instant happen before the host answers */
    uint32_t mss;  /* --mss; 0: inbound segments come as they are written */
    bool waiting;  /* for a packet: stop when one comes */
    const dw_drill_config *config;
    dw_time tolerance; /* at least */
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

    dw_drill_conn *conns;
    size_t conn_count;

    dw_drill_variable variables[DW_DRILL_MOST_VARIABLES];
    size_t variable_count;
} dw_drill_run;

/* How many connections with this port at either end are in a state. */
int dw_drill_count_conns(const dw_drill_run *run, uint16_t port, const char *state);

/* Record why a script does not pass; the first reason stays.  Returns false. */
bool dw_drill_stop(dw_drill_run *run, enum dw_drill_verdict verdict, const char *format, ...)
    DW_PRINTF(3, 4);

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

/* drill_code.c.  Evaluate what stands in %{ }%. */
bool dw_drill_evaluate(dw_drill_run *run, const char *code);

/* drill_command.c.  Do what a shell command would have done. */
bool dw_drill_do_command(dw_drill_run *run, const char *command);
/* The other way: the sysctl of a profile's system that sets an option, as "name=value" in buf. */
bool dw_drill_sysctl_of(const char *profile, const char *option, const char *text, char *buf,
                        size_t size);

#endif
