/* The descriptors of one process: what the files of this folder share.
 *
 *   descriptor.c    the table of them
 *   stream_open.c   socket, bind, listen, accept, connect
 *   stream_send.c   send, also with the SYN
 *   stream_recv.c   recv; SIOCINQ and SIOCOUTQ
 *   stream_close.c  shutdown, close
 *   setsockopt.c, getsockopt.c
 *   setting.c       settings that wait for a connection
 *   poll.c, epoll.c
 *   splice.c        pipes and files
 *   tcp_info.c
 *   notice.c        what fills the error queue; error_queue.c is the queue
 *   connections.c   the host's connections
 *   sys_errno.c     what went wrong as a number; symbol.c has names for numbers
 *   sys_calls.c     the calls as a table */
#ifndef DW_DESCRIPTOR_H
#define DW_DESCRIPTOR_H

#include "connections.h"
#include "sockets.h"

enum {
    DW_FIRST_FD = 3,
    DW_MAX_FDS = 1024,
    DW_MAX_SETTINGS = 32,
    DW_SETTING_TEXT = 40,
    DW_MAX_KEPT = 40
};

enum dw_fd_kind { DW_FD_STREAM = 1, DW_FD_EPOLL, DW_FD_PIPE, DW_FD_FILE };

/* Where a stream socket stands for its owner, whatever TCP's state is. */
enum dw_phase {
    DW_PHASE_FRESH,
    DW_PHASE_LISTENING,
    DW_PHASE_DEFERRED, /* TCP_FASTOPEN_CONNECT: the SYN goes with the first data */
    DW_PHASE_CONNECTING,
    DW_PHASE_CONNECTED,
    DW_PHASE_FAILED
};

typedef struct dw_watch {
    struct dw_watch *next;
    int fd;
    uint32_t events, seen; /* seen: what an edge-triggered watch has told */
    uint64_t data;
    uint64_t told_at; /* the descriptor's count of happenings when it was told */
    bool spent;       /* EPOLLONESHOT */
} dw_watch;

typedef struct dw_descriptor {
    uint8_t kind;  /* enum dw_fd_kind */
    uint8_t phase; /* enum dw_phase */
    bool nonblocking;
    uint8_t family; /* as given to socket() */
    dw_sys *sys;
    dw_socket *socket; /* NULL before connect or listen, and after the end */
    dw_addr local, remote;
    uint16_t local_port, remote_port;
    int error;      /* pending, positive */
    int soft_error; /* Linux: what SO_ERROR tells of trouble on the way, as long as no ACK comes */
    bool was_connected, told_connected, shut_read, shut_write;
    bool reuse_address, freebind, fast_connect, fast_client, fast_waiting, zero_copy;
    bool send_waits;                                    /* a blocking send found no room */
    dw_error_queue *errors;                             /* made when it is first needed */
    size_t read_so_far;                                 /* by a call that waits for more */
    uint64_t sent;                                      /* octets given to TCP so far */
    int32_t linger;                                     /* seconds; -1: off */
    int64_t send_buffer, receive_buffer, notsent_lowat; /* as asked for; 0: never */
    uint64_t happenings; /* events so far, for edge-triggered watches */
    dw_setting settings[DW_MAX_SETTINGS];
    char texts[DW_MAX_SETTINGS][DW_SETTING_TEXT];
    size_t setting_count;
    int64_t receive_lowat; /* 0: not set, which is 1 */
    /* Options that are kept to be read back. */
    struct {
        int level, option;
        int64_t value;
    } kept[DW_MAX_KEPT];
    size_t kept_count;
    dw_time linger_until;
    dw_watch *watches; /* of an epoll */
    uint64_t held;     /* pipe, file: octets in it */
    int pair;          /* pipe: the other end */
} dw_descriptor;

struct dw_sys {
    dw_node *host;
    enum dw_sys_kind kind;
    bool fast_clients, fast_servers; /* Linux: fast open is allowed */
    bool timestamps;                 /* a descriptor wants time stamps of what it sends */
    dw_connections connections;      /* of the host */
    dw_descriptor *fds[DW_MAX_FDS];
};

/* descriptor.c.  The simulation is over then, and that the call fails is of no account: returns
 * -ENOBUFS. */
int64_t dw_fd_no_memory(dw_sys *sys);
/* The new descriptor's number, or -errno. */
int64_t dw_fd_new(dw_sys *sys, enum dw_fd_kind kind, dw_descriptor **out);
/* fd is one that there is; its socket has been let go of. */
void dw_fd_free(dw_sys *sys, int fd);
dw_descriptor *dw_fd_find(dw_sys *sys, int fd); /* NULL: there is none */
/* The stream socket behind a descriptor; NULL with -errno in *wrong. */
dw_descriptor *dw_fd_stream(dw_sys *sys, int fd, int64_t *wrong);
/* What TCP tells of the socket under a name (dw_socket_info); 0: nothing. */
int64_t dw_fd_info(const dw_descriptor *d, const char *name);
/* Of the connection, or what one would begin with. */
int64_t dw_fd_default(const dw_descriptor *d, const char *name);
bool dw_fd_in_state(const dw_descriptor *d, const char *state);
/* Octets that make it readable. */
int64_t dw_fd_receive_lowat(const dw_descriptor *d);

/* sys_errno.c.  Positive numbers. */
int dw_errno_of(int error);
/* What an ICMP error means to a program, its type in the bits from 8 on, its code below. */
int dw_errno_of_icmp(int64_t type_and_code);
/* What ended the connection. */
int dw_fd_failure(const dw_descriptor *d);
/* -errno of the error that is pending, which it is no more; 0: none. */
int64_t dw_fd_take_error(dw_descriptor *d);
/* The value of SO_ERROR. */
int64_t dw_fd_ask_error(dw_descriptor *d);

/* setting.c.  Keep a setting of TCP's for the socket to be. */
void dw_fd_remember(dw_descriptor *d, const char *name, const char *text);
/* The same, and set it of the socket that there is; the value with its unit.  0 or -errno. */
int64_t dw_fd_set_text(dw_descriptor *d, const char *name, const char *text);
int64_t dw_fd_set(dw_descriptor *d, const char *name, int64_t value, const char *unit);
int64_t dw_fd_set_flag(dw_descriptor *d, const char *name, bool value);
/* What was asked for, as text, or otherwise. */
const char *dw_fd_setting(const dw_descriptor *d, const char *name, const char *otherwise);
/* FreeBSD answers what comes to a port that is bound, but where nobody listens, as that socket
 * would. */
void dw_fd_tell_bound(const dw_descriptor *d);

/* stream_open.c.  How the socket is to be opened; then open it: 0 or -errno. */
dw_open dw_fd_opening(dw_descriptor *d);
int64_t dw_fd_start(dw_descriptor *d, const dw_open *how);
/* Whether the peer's cookie for data with a SYN is known (RFC 7413). */
bool dw_fd_knows_cookie(const dw_descriptor *d);
/* The socket is as new, and may connect again. */
int64_t dw_fd_dissolve(dw_descriptor *d);

/* notice.c.  The error queue, made when it is first needed; NULL: dw_fd_no_memory. */
dw_error_queue *dw_fd_errors(dw_descriptor *d);
uint64_t dw_fd_acked(const dw_descriptor *d); /* octets that the peer has acknowledged */
void dw_fd_look(dw_descriptor *d);            /* take notice of what was sent and acknowledged */

/* getsockopt.c: as they are read back. */
int64_t dw_fd_receive_buffer(const dw_descriptor *d);
int64_t dw_fd_send_buffer(const dw_descriptor *d);

/* epoll.c.  Nobody watches a descriptor any more. */
void dw_epoll_forget(dw_sys *sys, int fd);

#endif
