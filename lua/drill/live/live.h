/* Scripts on this machine's own kernel: what the files live_*.c share.
 *
 *   live_run.c     a child process for each script, and what it tells its parent
 *   live_net.c     the network namespace, its TUN device, addresses, routes and sysctls
 *   live_world.c   real time, and packets to and from the device
 *   live_calls.c   the system calls
 *   live_worker.c  a thread for those that may block
 *   live_command.c commands that set up the namespace
 *   live_error.c   a socket's error queue
 *   live_info.c    tcp_info
 *   live_log.c     the script and the kernel side by side */
#ifndef DW_LIVE_H
#define DW_LIVE_H

#include "drill/run/drill_run.h"

#include <pthread.h>

/* One call for the worker.  What a call reads is not kept: scripts say how much, never what. */
typedef struct dw_live_request {
    enum {
        DW_LIVE_ACCEPT,
        DW_LIVE_CONNECT,
        DW_LIVE_SEND,
        DW_LIVE_RECV,
        DW_LIVE_CLOSE,
        DW_LIVE_SPLICE,
        DW_LIVE_SENDFILE
    } kind;
    int fd, to, flags;
    size_t len;
    bool null;         /* send: no buffer, for EFAULT */
    bool has_addr;     /* send: with it */
    uint8_t addr[128]; /* a struct sockaddr_storage */
    uint32_t addr_len;
} dw_live_request;

typedef struct dw_live_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t posted;
    enum { DW_LIVE_IDLE, DW_LIVE_BUSY, DW_LIVE_DONE } state;
    int done; /* an eventfd: readable when a call has ended */
    dw_live_request request;
    int64_t result;
} dw_live_worker;

/* An event that has happened, in words. */
typedef struct dw_live_entry {
    dw_time at;
    char script[300], came[300];
} dw_live_entry;
enum { DW_LIVE_ENTRIES = 8 };

typedef struct dw_live {
    dw_drill_run *run;
    bool unable;    /* this machine, or this user, cannot do it */
    int tun;        /* -1: none */
    bool merges;    /* it is told of what segments a packet has been put together */
    dw_time begun;  /* by the monotonic clock */
    dw_time epoch;  /* the same instant by the clock of time stamps */
    uint8_t *bytes; /* one packet */
    dw_live_worker worker;
    bool working;        /* the thread is there */
    char congestion[16]; /* what each socket is given; "": the namespace's own */
    dw_live_entry entries[DW_LIVE_ENTRIES];
    uint64_t entry_count; /* all that happened; the last ones are kept */
} dw_live;

/* live_net.c.  Enter a network namespace of one's own with a TUN device in it; false with a
 * sentence.  It ends with the process.  Packets to and from a device that merges have a struct
 * virtio_net_hdr in front. */
bool dw_live_enter(int *tun, bool merges, char *why, size_t size);
/* Give the device its addresses and the route to the script's other end. */
bool dw_live_configure(uint32_t family, const dw_addr *local, int64_t mtu, char *why, size_t size);
/* A new namespace takes some settings over from the machine: make them those that a kernel has when
 * nobody has set any. */
void dw_live_stock(dw_live *live);
bool dw_live_sysctl(dw_command_env *env, const char *name, const char *value);

/* live_command.c.  Run one of the commands that are allowed; words ends with NULL. */
bool dw_live_execute(dw_command_env *env, char *const *words);

/* live_worker.c. */
bool dw_live_start_worker(dw_live_worker *worker);
/* There was no memory for a call's data. */
#define DW_LIVE_NO_MEMORY (DW_SYS_WAIT - 1)
/* Do a call; or, when it waits, ask whether it has returned.  Returns its result, -errno,
 * DW_LIVE_NO_MEMORY, or DW_SYS_WAIT after patience_ms. */
int64_t dw_live_perform(dw_live_worker *worker, const dw_live_request *request, int patience_ms);
bool dw_live_idle(dw_live_worker *worker);
int64_t dw_live_do(const dw_live_request *request);

/* live_world.c */
extern const dw_drill_world dw_drill_live_world;

extern const dw_sys_calls dw_live_calls;
int64_t dw_live_notice(dw_sys *sys, int fd, dw_notice *out);
bool dw_live_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx);

/* live_log.c. */
void dw_live_happened(dw_drill_run *run, const dw_drill_event *e, const dw_drill_seen *came);
/* The last events in two columns, and the one that was wrong. */
void dw_live_columns(const dw_live *live, char *out, size_t size);

#endif
