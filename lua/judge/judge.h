/* drywire behind packetdrill: what the files of this folder share.
 *
 *   packetdrill.c     the table that packetdrill fills, and the simulation behind it
 *   judge_time.c      time, and the two threads that call
 *   judge_commands.c  shell commands, through their stand-ins
 *   judge_sockets.c   calls that open, connect and close
 *   judge_data.c      calls that send and receive
 *   judge_options.c   getsockopt, setsockopt
 *   judge_poll.c      poll, epoll
 *   judge_wire.c      packets
 *   judge.c           the state of it all, and its end */
#ifndef DW_JUDGE_H
#define DW_JUDGE_H

#include "drill/run/command.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

enum {
    DW_JUDGE_FDS = 1024,
    DW_JUDGE_EPOCH = 1000000, /* seconds on the clock when the simulation begins */
};
/* How long to wait for a packet or a call before giving up. */
#define DW_JUDGE_PATIENCE (1000 * DW_SECOND)

/* A packet of the host's that packetdrill has not asked for yet. */
typedef struct dw_outgoing {
    struct dw_outgoing *next;
    dw_time at;
    size_t len;
    uint8_t bytes[];
} dw_outgoing;

/* A call being tried. */
typedef struct dw_attempt {
    int64_t (*once)(struct dw_attempt *a); /* one try: the result, -errno, or DW_SYS_WAIT */
    int fd, level, flags;
    const void *out;
    void *in;
    size_t len, done;
    dw_addr addr;
    uint16_t port;
    struct pollfd *polled;
    uint32_t events;
    uint64_t data;
    dw_time deadline; /* after which `late` is the result; 0: never */
    int64_t late;
} dw_attempt;

/* One host at a time in a process: what a program asks the C library brings no pointer of ours.  It
 * is used under its lock; the numbers of descriptors are read without, as they change between
 * calls. */
extern struct dw_judge {
    pthread_mutex_t lock;
    pthread_cond_t wake, rest; /* for the thread that sleeps in a call; for the other one */
    pthread_t reader;          /* the thread that reads the script */
    dw_attempt *sleeping;      /* the call that sleeps, or NULL */
    long sleeper;              /* its thread, as the kernel numbers it */
    bool poked, resting;
    bool ended; /* a call that slept is over, since packetdrill slept last */
    bool owed;  /* a call that slept is over, and its thread has not read the clock yet */
    dw_sim *sim;
    dw_node *host, *wire;
    dw_sys *sys;
    dw_command_env env;
    dw_drill_outcome outcome; /* of commands */
    dw_drill_counts counts;
    dw_outgoing *first, *last;
    bool stop_at_packet;
    char commands[64]; /* the file that stand-ins write; "": none */
    long commands_read;
    uint64_t calls;          /* so far */
    int inner[DW_JUDGE_FDS]; /* by real descriptor: ours + 1 */
    bool news;               /* a socket has another state */
} dw_judge;

/* judge.c.  End the process with a message. */
_Noreturn void DW_PRINTF(1, 2) dw_judge_give_up(const char *format, ...);
void dw_judge_forget_files(void);
/* packetdrill itself closes what is left in the end, so each of our descriptors has a real one,
 * whose number it knows.  The real one of a new descriptor, or -errno, as it is given. */
int64_t dw_judge_outer(int64_t fd);
int dw_judge_inner(int fd); /* -1: it is none of ours */

/* judge_time.c */
dw_time dw_judge_now(void);
/* Let time go on until then, or a packet comes that is waited for. */
void dw_judge_advance(dw_time until);
/* Something has happened: the call that sleeps is tried again, by its own thread. */
int dw_judge_poke(void *arg);
/* Around each call that does not wait: with the lock, and without it.  Returns the result as the C
 * library has it. */
void dw_judge_enter(void);
int64_t dw_judge_leave(int64_t result);
/* A call that may wait, with all of it. */
int64_t dw_judge_call(dw_attempt *a);

/* judge_commands.c */
void dw_judge_read_commands(void);
void dw_judge_listen_to_commands(void);
void dw_judge_write_sockets(void);

/* judge_sockets.c.  The script's address is the host's from then on. */
void dw_judge_own(const dw_addr *addr);
/* false: an address of no family we know. */
bool dw_judge_read_address(const struct sockaddr *sa, socklen_t len, dw_addr *addr, uint16_t *port);
/* Whether a socket is one of IPv6, whatever its packets are. */
bool dw_judge_is_v6(int inner_fd);

/* judge_wire.c */
void dw_judge_packet_leaves(dw_node *node, const uint8_t *bytes, size_t len, void *arg);

/* packetdrill's calls (struct packetdrill_interface). */
int dw_judge_socket(void *u, int domain, int type, int protocol);
int dw_judge_bind(void *u, int fd, const struct sockaddr *sa, socklen_t len);
int dw_judge_listen(void *u, int fd, int backlog);
int dw_judge_accept(void *u, int fd, struct sockaddr *sa, socklen_t *len);
int dw_judge_connect(void *u, int fd, const struct sockaddr *sa, socklen_t len);
ssize_t dw_judge_recv(void *u, int fd, void *buf, size_t len, int flags);
ssize_t dw_judge_recvfrom(void *u, int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
                          socklen_t *addr_len);
ssize_t dw_judge_read(void *u, int fd, void *buf, size_t count);
ssize_t dw_judge_readv(void *u, int fd, const struct iovec *iov, int count);
ssize_t dw_judge_recvmsg(void *u, int fd, struct msghdr *msg, int flags);
ssize_t dw_judge_sendto(void *u, int fd, const void *buf, size_t len, int flags,
                        const struct sockaddr *sa, socklen_t sa_len);
ssize_t dw_judge_send(void *u, int fd, const void *buf, size_t len, int flags);
ssize_t dw_judge_write(void *u, int fd, const void *buf, size_t count);
ssize_t dw_judge_writev(void *u, int fd, const struct iovec *iov, int count);
ssize_t dw_judge_sendmsg(void *u, int fd, const struct msghdr *msg, int flags);
int dw_judge_fcntl(void *u, int fd, int command, ...);
int dw_judge_ioctl(void *u, int fd, unsigned long request, ...);
int dw_judge_close(void *u, int fd);
int dw_judge_shutdown(void *u, int fd, int how);
int dw_judge_getsockopt(void *u, int fd, int level, int option, void *value, socklen_t *len);
int dw_judge_setsockopt(void *u, int fd, int level, int option, const void *value, socklen_t len);
int dw_judge_poll(void *u, struct pollfd *fds, nfds_t count, int timeout);
int dw_judge_epoll_create(void *u, int size);
int dw_judge_epoll_ctl(void *u, int epoll, int op, int fd, struct epoll_event *event);
int dw_judge_epoll_wait(void *u, int epoll, struct epoll_event *events, int max, int timeout);
int dw_judge_pipe(void *u, int fds[2]);
int dw_judge_splice(void *u, int in, loff_t *in_offset, int out, loff_t *out_offset, size_t len,
                    unsigned flags);
int dw_judge_netdev_send(void *u, const void *buf, size_t count);
int dw_judge_netdev_receive(void *u, void *buf, size_t *count, long long *time_usecs);
int dw_judge_usleep(void *u, useconds_t usec);
int dw_judge_gettimeofday(void *u, struct timeval *tv, struct timezone *tz);

#endif
