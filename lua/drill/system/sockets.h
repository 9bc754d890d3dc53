/* The sockets of one process on a simulated host, as POSIX, Linux and FreeBSD have them: numbered
 * descriptors, options, errno values, poll and epoll.  On top of the core's sockets, which know
 * events and no waiting.
 *
 * Every call returns at once: a result of 0 or more, -errno, or DW_SYS_WAIT when a blocking
 * descriptor would have to wait.  The caller then lets simulated time go on and calls again with
 * the same arguments. */
#ifndef DW_SOCKETS_H
#define DW_SOCKETS_H

#include "drywire/drywire.h"

#include "connections.h"
#include "constants.h"
#include "error_queue.h"

#define DW_SYS_WAIT (-100000)

typedef struct dw_sys dw_sys;

/* Where operating systems differ beyond what TCP's profile says. */
enum dw_sys_kind { DW_SYS_LINUX, DW_SYS_FREEBSD, DW_SYS_PLAIN };

/* The host is the simulation's.  The calls are freed with dw_sys_free, before the simulation, which
 * must not run after that. */
int dw_sys_new(dw_node *host, enum dw_sys_kind kind, dw_sys **out);
void dw_sys_free(dw_sys *sys);
/* Whether programs may open connections with data, and take such (Linux's tcp_fastopen). */
void dw_sys_allow_fast_open(dw_sys *sys, bool clients, bool servers);

int64_t dw_sys_socket(dw_sys *sys, int family, int type, int protocol);
int64_t dw_sys_bind(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
int64_t dw_sys_listen(dw_sys *sys, int fd, int backlog);
/* The new descriptor; addr and port, where not NULL, get the peer's. */
int64_t dw_sys_accept(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port);
/* addr->family 0: AF_UNSPEC, which dissolves the association. */
int64_t dw_sys_connect(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
/* `done` counts what earlier calls of the same write took, when it had to wait; begin with 0.
 * bytes NULL: EFAULT, once the checks of state have passed.  addr may be NULL. */
int64_t dw_sys_send(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done);
/* Take a message off the error queue; 0, or -EAGAIN when there is none. */
int64_t dw_sys_notice(dw_sys *sys, int fd, dw_notice *out);
/* To be called after each event of the simulation: time stamps are taken. */
void dw_sys_look(dw_sys *sys);
int64_t dw_sys_recv(dw_sys *sys, int fd, void *bytes, size_t len, int flags);
int64_t dw_sys_shutdown(dw_sys *sys, int fd, int how);
int64_t dw_sys_close(dw_sys *sys, int fd);
/* Options with a number for a value; others (keys, names) as bytes. */
int64_t dw_sys_setsockopt(dw_sys *sys, int fd, int level, int option, const void *value,
                          size_t len);
/* *len says how much there is room for, and becomes how much there is. */
int64_t dw_sys_getsockopt(dw_sys *sys, int fd, int level, int option, void *value, size_t *len);
int64_t dw_sys_getfl(dw_sys *sys, int fd);
int64_t dw_sys_setfl(dw_sys *sys, int fd, int flags);
/* SIOCINQ and SIOCOUTQ: octets to be read, octets not acknowledged. */
int64_t dw_sys_inq(dw_sys *sys, int fd);
int64_t dw_sys_outq(dw_sys *sys, int fd, bool unsent_only);

/* The events that are true of a descriptor now, of DW_POLL*. */
uint32_t dw_sys_poll(dw_sys *sys, int fd);
int64_t dw_sys_epoll_create(dw_sys *sys);
/* op 1: add, 2: delete, 3: modify, as Linux numbers them. */
int64_t dw_sys_epoll_ctl(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data);
/* One event, or 0 when there is none. */
int64_t dw_sys_epoll_wait(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data);
int64_t dw_sys_pipe(dw_sys *sys, int fds[2]);
/* Move at most len octets between a pipe, a file of zeros and a socket. */
int64_t dw_sys_splice(dw_sys *sys, int from, int to, size_t len);
/* A file that holds size zeros. */
int64_t dw_sys_file(dw_sys *sys, uint64_t size);

/* The connection's number in the trace; 0: none. */
uint32_t dw_sys_conn(dw_sys *sys, int fd);
/* The connection's variables under the names of Linux's tcp_info, and what they were in bits and
 * units there.  false when the descriptor is no TCP socket. */
bool dw_sys_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx);
/* How many of this process's sockets are in a state ("TIME-WAIT"). */
int dw_sys_count(dw_sys *sys, const char *state);
/* End those connections at once and tell the peer what an abort tells it (tcpdrop). */
void dw_sys_drop(dw_sys *sys, const char *state);
/* The calls as a table: of a simulated host, or (live_calls.c) of this machine's kernel, where sys
 * is that module's own. */
typedef struct dw_sys_calls {
    int64_t (*socket)(dw_sys *sys, int family, int type, int protocol);
    int64_t (*bind)(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
    int64_t (*listen)(dw_sys *sys, int fd, int backlog);
    int64_t (*accept)(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port);
    int64_t (*connect)(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
    int64_t (*send)(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done);
    int64_t (*notice)(dw_sys *sys, int fd, dw_notice *out);
    int64_t (*recv)(dw_sys *sys, int fd, void *bytes, size_t len, int flags);
    int64_t (*shutdown)(dw_sys *sys, int fd, int how);
    int64_t (*close)(dw_sys *sys, int fd);
    int64_t (*setsockopt)(dw_sys *sys, int fd, int level, int option, const void *value,
                          size_t len);
    int64_t (*getsockopt)(dw_sys *sys, int fd, int level, int option, void *value, size_t *len);
    int64_t (*getfl)(dw_sys *sys, int fd);
    int64_t (*setfl)(dw_sys *sys, int fd, int flags);
    int64_t (*inq)(dw_sys *sys, int fd);
    int64_t (*outq)(dw_sys *sys, int fd, bool unsent_only);
    uint32_t (*poll)(dw_sys *sys, int fd);
    int64_t (*epoll_create)(dw_sys *sys);
    int64_t (*epoll_ctl)(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data);
    int64_t (*epoll_wait)(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data);
    int64_t (*pipe)(dw_sys *sys, int fds[2]);
    int64_t (*splice)(dw_sys *sys, int from, int to, size_t len);
    int64_t (*file)(dw_sys *sys, uint64_t size);
    bool (*tcp_info)(dw_sys *sys, int fd, dw_info_fn each, void *ctx);
} dw_sys_calls;
extern const dw_sys_calls dw_sys_simulated;

/* The host's connections, this process's and others. */
const dw_connections *dw_sys_connections(const dw_sys *sys);
/* The host this is on. */
dw_node *dw_sys_node(const dw_sys *sys);

#endif
