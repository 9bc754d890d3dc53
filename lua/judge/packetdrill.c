/* drywire's TCP as a system under test of packetdrill:
 *
 *   packetdrill --so_filename=drywire-packetdrill.so --so_flags=profile=linux script.pkt
 *
 * packetdrill hands a table to packetdrill_interface_init, which is filled with functions for every
 * socket call, packets in both directions, sleeping and the clock.  Behind them are the sockets of
 * drill/sockets.h on a simulated host, so time is virtual: it goes on only while packetdrill
 * sleeps, waits for a packet or reads the clock, which moves it by a microsecond.
 *
 * Two threads call: the one that reads the script, and one for calls that block.  The first moves
 * time; the second sleeps until something has happened and tries its call again.  They never run
 * at once, so runs are repeatable.
 *
 * Shell commands of a script go to the stand-ins beside this object (stand-ins/), which are put in
 * front of PATH.  Each writes its words to a file that is read before the next call.  With
 * LD_PRELOAD of this object, the TCP_INFO that %{ }% asks the C library for is drywire's too. */
#define _GNU_SOURCE
#include "packetdrill.h"

#include "drill/run/drill_run.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_FDS = 1024,
    EPOCH = 1000000, /* seconds on the clock when the simulation begins */
    MOST_QUEUED = 4096,
};
/* How long to wait for a packet or a call before giving up. */
#define PATIENCE (1000 * DW_SECOND)

typedef struct outgoing {
    struct outgoing *next;
    dw_time at;
    size_t len;
    uint8_t bytes[];
} outgoing;

/* A call being tried. */
typedef struct attempt {
    int64_t (*once)(struct attempt *a);
    int fd, level, flags;
    const void *out;
    void *in;
    size_t len, done;
    dw_addr addr;
    uint16_t port;
    struct pollfd *polled;
    uint32_t events;
    uint64_t data;
    dw_time deadline; /* after which `late` is the result */
    int64_t late;
} attempt;

static struct judge {
    pthread_mutex_t lock;
    pthread_cond_t wake, rest; /* for the thread that sleeps in a call; for the other one */
    pthread_t reader;          /* the thread that reads the script */
    attempt *sleeping;         /* the call that sleeps, or NULL */
    long sleeper;              /* its thread, as the kernel numbers it */
    bool poked, resting;
    bool ended; /* a call that slept is over, since packetdrill slept last */
    bool owed;  /* a call that slept is over, and its thread has not read the clock yet */
    dw_drill_run run;
    outgoing *first, *last;
    bool stop_at_packet;
    char commands[64]; /* the file that stand-ins write */
    long commands_read;
    uint64_t calls;      /* so far */
    int inner[MOST_FDS]; /* by real descriptor: ours + 1 */
    dw_flow *flows;      /* of the host's connections, by number */
    const char **states;
    bool news; /* a socket has another state */
    uint32_t flow_count;
} judge = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .wake = PTHREAD_COND_INITIALIZER,
           .rest = PTHREAD_COND_INITIALIZER};

static void forget_files(void)
{
    char sockets[sizeof judge.commands + 8];
    if (!judge.commands[0]) return;
    snprintf(sockets, sizeof sockets, "%s.sockets", judge.commands);
    unlink(judge.commands);
    unlink(sockets);
}

static _Noreturn void DW_PRINTF(1, 2) give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("drywire: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    forget_files();
    _exit(EXIT_FAILURE);
}

static dw_time now(void)
{
    return dw_sim_now(judge.run.sim);
}

/* Time. */

/* The thread has written down how its call ended, and sleeps until it gets another. */
static void wait_asleep(long thread)
{
    enum { MOST_LOOKS = 20000 };
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", thread);
    for (int i = 0; i < MOST_LOOKS; i++) {
        FILE *f = fopen(path, "r");
        const char *state = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
        bool asleep = !state || state[2] == 'S';
        if (f) fclose(f);
        if (asleep) return;
        sched_yield();
    }
}

/* Something has happened: the call that sleeps is tried again, by its own thread. */
static int poke(void *arg)
{
    (void)arg;
    dw_sys_look(judge.run.sys);
    if (!judge.sleeping) return DW_OK;
    judge.poked = true;
    judge.resting = false;
    pthread_cond_broadcast(&judge.wake);
    while (!judge.resting)
        pthread_cond_wait(&judge.rest, &judge.lock);
    if (judge.sleeping) return DW_OK;
    pthread_mutex_unlock(&judge.lock);
    wait_asleep(judge.sleeper);
    pthread_mutex_lock(&judge.lock);
    return DW_OK;
}

static void advance(dw_time until)
{
    while (!(judge.stop_at_packet && judge.first)) {
        const attempt *a = judge.sleeping;
        dw_time stop = a && a->deadline < until ? a->deadline : until;
        if (stop < now()) stop = now();
        if (dw_sim_run(judge.run.sim, stop) != DW_OK) give_up("%s", dw_sim_message(judge.run.sim));
        if (judge.sleeping && now() >= judge.sleeping->deadline) poke(NULL);
        if (now() >= until) break;
    }
}

/* What the host does at this instant. */
static void settle(void)
{
    advance(now());
}

static void packet_leaves(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    (void)node;
    (void)arg;
    outgoing *o = malloc(sizeof *o + len);
    if (!o) give_up("out of memory");
    *o = (outgoing){.at = now(), .len = len};
    memcpy(o->bytes, bytes, len);
    if (judge.last)
        judge.last->next = o;
    else
        judge.first = o;
    judge.last = o;
    if (judge.stop_at_packet) dw_sim_stop(judge.run.sim, DW_OK);
}

/* Commands. */

/* A stand-in wrote "sysctl -w net.ipv4.tcp_sack=0". */
static void read_commands(void)
{
    char line[4096];
    FILE *f = fopen(judge.commands, "r");
    if (!f) return;
    fseek(f, judge.commands_read, SEEK_SET);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        dw_drill_do_command(&judge.run, line);
        if (judge.run.verdict != DW_DRILL_PASSED) give_up("%s", judge.run.why);
    }
    judge.commands_read = ftell(f);
    fclose(f);
}

/* Calls. */

static void enter(void)
{
    pthread_mutex_lock(&judge.lock);
    judge.calls++;
    read_commands();
}

/* What sockstat would say, for its stand-in: this process's sockets, then all connections. */
static void write_sockets(void)
{
    static const char *const freebsd[][2] = {
        {"SYN-RECEIVED", "SYN_RCVD"}, {"SYN-SENT", "SYN_SENT"},     {"TIME-WAIT", "TIME_WAIT"},
        {"FIN-WAIT-1", "FIN_WAIT_1"}, {"FIN-WAIT-2", "FIN_WAIT_2"}, {"CLOSE-WAIT", "CLOSE_WAIT"},
        {"LAST-ACK", "LAST_ACK"}};
    char path[sizeof judge.commands + 8];
    snprintf(path, sizeof path, "%s.sockets", judge.commands);
    FILE *f = fopen(path, "w");
    if (!f) return;
    static const char *const all[] = {"LISTEN",     "SYN-SENT",   "SYN-RECEIVED", "ESTABLISHED",
                                      "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",   "CLOSING",
                                      "LAST-ACK",   "TIME-WAIT",  "CLOSED"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *name = all[i];
        for (size_t k = 0; k < sizeof freebsd / sizeof freebsd[0]; k++)
            if (strcmp(freebsd[k][0], name) == 0) name = freebsd[k][1];
        for (int n = dw_sys_count(judge.run.sys, all[i]); n > 0; n--)
            fprintf(f, "root packetdril %ld tcp %s\n", (long)getpid(), name);
        for (uint32_t c = 0; c < judge.flow_count; c++)
            if (judge.states[c] && strcmp(judge.states[c], all[i]) == 0)
                fprintf(f, "- tcp %u %u %s\n", judge.flows[c].local_port,
                        judge.flows[c].remote_port, name);
    }
    fclose(f);
}

static int64_t leave(int64_t result)
{
    settle();
    if (judge.news) write_sockets();
    judge.news = false;
    pthread_mutex_unlock(&judge.lock);
    if (result >= 0) return result;
    errno = (int)-result;
    return -1;
}

/* packetdrill itself closes what is left in the end, so each of our descriptors has a real one,
 * whose number it knows. */
static int64_t outer(int64_t fd)
{
    if (fd < 0) return fd;
    int real = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (real < 0 || real >= MOST_FDS) return -DW_EMFILE;
    judge.inner[real] = (int)fd + 1;
    return real;
}

static int inner(int fd)
{
    return fd >= 0 && fd < MOST_FDS ? judge.inner[fd] - 1 : -1;
}

static int64_t try(attempt *a)
{
    int64_t r = a->once(a);
    return r == DW_SYS_WAIT && now() >= a->deadline ? a->late : r;
}

/* Sleep until something has happened; false when the reader has not called for so long that it
 * must be waiting for this call to end. */
static bool woken(void)
{
    enum { LONG_MS = 200 };
    static bool alone;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (alone ? 0 : LONG_MS) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    uint64_t calls = judge.calls;
    int status = 0;
    while (!judge.poked && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&judge.wake, &judge.lock, &until);
    alone = !judge.poked && judge.calls == calls;
    return !alone;
}

/* The thread for calls that block: it sleeps until a try succeeds. */
static int64_t sleep_in(attempt *a)
{
    int64_t r = DW_SYS_WAIT;
    judge.sleeping = a;
    judge.sleeper = syscall(SYS_gettid);
    while (r == DW_SYS_WAIT) {
        bool alone = !judge.poked && !woken();
        if (alone) { /* the script has ended: time goes on for this call */
            judge.sleeping = NULL;
            advance(now() + DW_MILLISECOND);
            judge.sleeping = a;
        }
        judge.poked = false;
        r = try(a);
        if (r != DW_SYS_WAIT) break;
        judge.resting = true;
        pthread_cond_broadcast(&judge.rest);
    }
    judge.sleeping = NULL;
    judge.ended = true;
    judge.owed = true; /* it rests when it has read the clock */
    pthread_mutex_unlock(&judge.lock);
    if (r >= 0) return r;
    errno = (int)-r;
    return -1;
}

/* The reader's own call takes what time it takes. */
static int64_t wait_in(attempt *a)
{
    dw_time end = now() + PATIENCE;
    int64_t r = DW_SYS_WAIT;
    while (r == DW_SYS_WAIT) {
        if (now() >= end) give_up("a call does not return");
        advance(now() + DW_MILLISECOND);
        r = try(a);
    }
    return leave(r);
}

static int64_t call(attempt *a)
{
    enter();
    if (a->deadline == 0) a->deadline = DW_TIME_NEVER;
    int64_t r = try(a);
    if (r != DW_SYS_WAIT) return leave(r);
    if (pthread_equal(pthread_self(), judge.reader)) return wait_in(a);
    return sleep_in(a);
}

static bool read_address(const struct sockaddr *sa, socklen_t len, dw_addr *addr, uint16_t *port)
{
    *addr = (dw_addr){0};
    *port = 0;
    if (!sa || len < sizeof sa->sa_family) return true;
    if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *in = (const void *)sa;
        *addr = dw_addr_v4(ntohl(in->sin_addr.s_addr));
        *port = ntohs(in->sin_port);
        return true;
    }
    if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *in = (const void *)sa;
        const uint8_t *b = in->sin6_addr.s6_addr;
        addr->family = 6;
        for (int i = 0; i < 4; i++)
            addr->word[i] = dw_get32(b + 4 * i);
        if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr)) *addr = dw_addr_v4(addr->word[3]);
        *port = ntohs(in->sin6_port);
        return true;
    }
    return sa->sa_family == AF_UNSPEC;
}

static int judge_socket(void *u, int domain, int type, int protocol)
{
    (void)u;
    enter();
    int family = domain == AF_INET6 ? 6 : domain == AF_INET ? 4 : 0;
    int64_t fd = dw_sys_socket(judge.run.sys, family, type, protocol);
    if (fd >= 0) judge.run.current_fd = (int)fd;
    return (int)leave(outer(fd));
}

/* The script's address is the host's from then on. */
static void own(const dw_addr *addr)
{
    if (dw_addr_is_unicast(addr)) dw_node_add_address(judge.run.host, addr);
}

static int judge_bind(void *u, int fd, const struct sockaddr *sa, socklen_t len)
{
    (void)u;
    dw_addr addr;
    uint16_t port;
    enter();
    if (!read_address(sa, len, &addr, &port)) return (int)leave(-DW_EINVAL);
    own(&addr);
    return (int)leave(dw_sys_bind(judge.run.sys, inner(fd), &addr, port));
}

static int judge_listen(void *u, int fd, int backlog)
{
    (void)u;
    enter();
    return (int)leave(dw_sys_listen(judge.run.sys, inner(fd), backlog));
}

static int64_t once_accept(attempt *a)
{
    int64_t fd = dw_sys_accept(judge.run.sys, a->fd, a->flags, &a->addr, &a->port);
    if (fd >= 0) judge.run.current_fd = (int)fd;
    return fd == DW_SYS_WAIT ? fd : outer(fd);
}

/* Whom an accepted connection is with. */
static void write_peer(int fd, struct sockaddr *sa, socklen_t *len)
{
    int32_t domain = AF_INET;
    size_t size = sizeof domain;
    uint32_t conn = dw_sys_conn(judge.run.sys, fd);
    if (conn == 0 || conn >= judge.flow_count) return;
    const dw_flow *flow = &judge.flows[conn];
    dw_sys_getsockopt(judge.run.sys, fd, DW_SOL_SOCKET, DW_SO_DOMAIN, &domain, &size);
    if (domain == AF_INET && *len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(flow->remote_port)};
        in.sin_addr.s_addr = htonl(flow->remote.word[0]);
        memcpy(sa, &in, *len = sizeof in);
    } else if (*len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(flow->remote_port)};
        uint8_t *b = in.sin6_addr.s6_addr;
        bool mapped = flow->remote.family == 4;
        for (int i = 0; i < 4; i++)
            dw_put32(b + 4 * i, !mapped  ? flow->remote.word[i]
                                : i == 3 ? flow->remote.word[0]
                                : i == 2 ? 0xffff
                                         : 0);
        memcpy(sa, &in, *len = sizeof in);
    }
}

static int judge_accept(void *u, int fd, struct sockaddr *sa, socklen_t *len)
{
    (void)u;
    attempt a = {.once = once_accept, .fd = inner(fd)};
    int made = (int)call(&a);
    if (made >= 0 && sa && len) write_peer(inner(made), sa, len);
    return made;
}

static int64_t once_connect(attempt *a)
{
    return dw_sys_connect(judge.run.sys, a->fd, &a->addr, a->port);
}

static int judge_connect(void *u, int fd, const struct sockaddr *sa, socklen_t len)
{
    (void)u;
    attempt a = {.once = once_connect, .fd = inner(fd)};
    if (!read_address(sa, len, &a.addr, &a.port)) {
        errno = EINVAL;
        return -1;
    }
    return (int)call(&a);
}

static int64_t once_recv(attempt *a)
{
    return dw_sys_recv(judge.run.sys, a->fd, a->in, a->len, a->flags);
}

static ssize_t judge_recv(void *u, int fd, void *buf, size_t len, int flags)
{
    (void)u;
    attempt a = {.once = once_recv, .fd = inner(fd), .in = buf, .len = len, .flags = flags};
    return (ssize_t)call(&a);
}

static ssize_t judge_recvfrom(void *u, int fd, void *buf, size_t len, int flags,
                              struct sockaddr *addr, socklen_t *addr_len)
{
    (void)addr;
    if (addr_len) *addr_len = 0;
    return judge_recv(u, fd, buf, len, flags);
}

static ssize_t judge_read(void *u, int fd, void *buf, size_t count)
{
    return judge_recv(u, fd, buf, count, 0);
}

static size_t total(const struct iovec *iov, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += iov[i].iov_len;
    return sum;
}

static ssize_t recv_vector(void *u, int fd, const struct iovec *iov, size_t count, int flags)
{
    size_t len = total(iov, count), at = 0;
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return -1;
    ssize_t n = judge_recv(u, fd, bytes, len, flags);
    for (size_t i = 0; n > 0 && i < count && at < (size_t)n; i++) {
        size_t part = iov[i].iov_len < (size_t)n - at ? iov[i].iov_len : (size_t)n - at;
        memcpy(iov[i].iov_base, bytes + at, part);
        at += part;
    }
    int error = errno;
    free(bytes);
    errno = error;
    return n;
}

static ssize_t judge_readv(void *u, int fd, const struct iovec *iov, int count)
{
    return recv_vector(u, fd, iov, (size_t)count, 0);
}

/* One more item of ancillary data, if there is room for it. */
static void put_control(struct msghdr *msg, size_t room, int level, int type, const void *data,
                        size_t len)
{
    size_t used = msg->msg_controllen;
    if (!msg->msg_control || room < used + CMSG_SPACE(len)) return;
    struct cmsghdr *c = (struct cmsghdr *)(void *)((char *)msg->msg_control + used);
    memset(c, 0, CMSG_SPACE(len));
    msg->msg_controllen = used + CMSG_SPACE(len);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(c), data, len);
}

static void put_error(int fd, struct msghdr *msg, size_t room, const dw_notice *n)
{
    /* As Linux has it, the address of an offender follows, of which there is none here. */
    struct {
        struct sock_extended_err e;
        union {
            struct sockaddr_in v4;
            struct sockaddr_in6 v6;
        } offender;
    } data = {.e = {.ee_origin = n->origin, .ee_info = n->info, .ee_data = n->data}};
    bool copy = n->origin == DW_NOTICE_ZEROCOPY;
    data.e.ee_code = copy ? SO_EE_CODE_ZEROCOPY_COPIED : 0;
    data.e.ee_errno = copy ? 0 : ENOMSG;
    int32_t domain = AF_INET;
    size_t size = sizeof domain;
    dw_sys_getsockopt(judge.run.sys, inner(fd), DW_SOL_SOCKET, DW_SO_DOMAIN, &domain, &size);
    bool v6 = domain == AF_INET6;
    size_t len = sizeof data.e + (v6 ? sizeof data.offender.v6 : sizeof data.offender.v4);
    put_control(msg, room, v6 ? DW_SOL_IPV6 : DW_SOL_IP, v6 ? DW_IPV6_RECVERR : DW_IP_RECVERR,
                &data, len);
}

/* SCM_TIMESTAMPING: software's, one that is no longer used, hardware's. */
static void put_stamp(struct msghdr *msg, size_t room, dw_time at)
{
    struct timespec stamps[3] = {
        {.tv_sec = EPOCH + at / DW_SECOND, .tv_nsec = (long)(at % DW_SECOND)}};
    put_control(msg, room, DW_SOL_SOCKET, DW_SO_TIMESTAMPING, stamps, sizeof stamps);
}

static ssize_t recv_errors(int fd, struct msghdr *msg, size_t room)
{
    dw_notice n;
    enter();
    int64_t r = dw_sys_notice(judge.run.sys, inner(fd), &n);
    if (r == 0) {
        if (n.origin == DW_NOTICE_TIMESTAMP) put_stamp(msg, room, n.at);
        put_error(fd, msg, room, &n);
        msg->msg_flags = MSG_ERRQUEUE | (n.truncated ? MSG_TRUNC : 0);
    }
    return (ssize_t)leave(r);
}

static ssize_t judge_recvmsg(void *u, int fd, struct msghdr *msg, int flags)
{
    size_t room = msg->msg_controllen;
    msg->msg_controllen = 0;
    if (flags & MSG_ERRQUEUE) return recv_errors(fd, msg, room);
    ssize_t n = recv_vector(u, fd, msg->msg_iov, msg->msg_iovlen, flags);
    if (n >= 0) msg->msg_flags = 0;
    int32_t asked = 0;
    size_t size = sizeof asked;
    enter();
    dw_sys_getsockopt(judge.run.sys, inner(fd), DW_SOL_TCP, DW_TCP_INQ, &asked, &size);
    int32_t unread = (int32_t)dw_sys_inq(judge.run.sys, inner(fd));
    pthread_mutex_unlock(&judge.lock);
    if (n >= 0 && asked) put_control(msg, room, DW_SOL_TCP, DW_TCP_INQ, &unread, sizeof unread);
    return n;
}

static int64_t once_send(attempt *a)
{
    return dw_sys_send(judge.run.sys, a->fd, a->out, a->len, a->flags, &a->addr, a->port, &a->done);
}

static ssize_t judge_sendto(void *u, int fd, const void *buf, size_t len, int flags,
                            const struct sockaddr *sa, socklen_t sa_len)
{
    (void)u;
    attempt a = {.once = once_send, .fd = inner(fd), .out = buf, .len = len, .flags = flags};
    if (!read_address(sa, sa_len, &a.addr, &a.port)) {
        errno = EINVAL;
        return -1;
    }
    return (ssize_t)call(&a);
}

static ssize_t judge_send(void *u, int fd, const void *buf, size_t len, int flags)
{
    return judge_sendto(u, fd, buf, len, flags, NULL, 0);
}

static ssize_t judge_write(void *u, int fd, const void *buf, size_t count)
{
    return judge_sendto(u, fd, buf, count, 0, NULL, 0);
}

static ssize_t send_vector(void *u, int fd, const struct iovec *iov, size_t count, int flags,
                           const struct sockaddr *sa, socklen_t sa_len)
{
    size_t len = total(iov, count), at = 0;
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return -1;
    for (size_t i = 0; i < count; i++) {
        if (iov[i].iov_len) memcpy(bytes + at, iov[i].iov_base, iov[i].iov_len);
        at += iov[i].iov_len;
    }
    ssize_t n = judge_sendto(u, fd, bytes, len, flags, sa, sa_len);
    int error = errno;
    free(bytes);
    errno = error;
    return n;
}

static ssize_t judge_writev(void *u, int fd, const struct iovec *iov, int count)
{
    return send_vector(u, fd, iov, (size_t)count, 0, NULL, 0);
}

static ssize_t judge_sendmsg(void *u, int fd, const struct msghdr *msg, int flags)
{
    return send_vector(u, fd, msg->msg_iov, msg->msg_iovlen, flags, msg->msg_name,
                       msg->msg_name ? msg->msg_namelen : 0);
}

static int judge_fcntl(void *u, int fd, int command, ...)
{
    (void)u;
    va_list args;
    va_start(args, command);
    int flags = command == F_SETFL ? va_arg(args, int) : 0;
    va_end(args);
    enter();
    if (command == F_GETFL) return (int)leave(dw_sys_getfl(judge.run.sys, inner(fd)));
    if (command != F_SETFL) return (int)leave(-DW_EINVAL);
    return (int)leave(dw_sys_setfl(judge.run.sys, inner(fd), flags));
}

static int judge_ioctl(void *u, int fd, unsigned long request, ...)
{
    enum { INQ = 0x541B, OUTQ = 0x5411, OUTQNSD = 0x894B };
    (void)u;
    va_list args;
    va_start(args, request);
    int *value = va_arg(args, int *);
    va_end(args);
    enter();
    fd = inner(fd);
    if (request != INQ && request != OUTQ && request != OUTQNSD) return (int)leave(-DW_EINVAL);
    int64_t n = request == INQ ? dw_sys_inq(judge.run.sys, fd)
                               : dw_sys_outq(judge.run.sys, fd, request == OUTQNSD);
    if (n < 0) return (int)leave(n);
    if (value) *value = (int)n;
    return (int)leave(0);
}

static int64_t once_close(attempt *a)
{
    return dw_sys_close(judge.run.sys, a->fd);
}

static int judge_close(void *u, int fd)
{
    (void)u;
    attempt a = {.once = once_close, .fd = inner(fd)};
    int r = (int)call(&a);
    if (r < 0) return r;
    judge.inner[fd] = 0;
    return close(fd);
}

static int judge_shutdown(void *u, int fd, int how)
{
    (void)u;
    enter();
    return (int)leave(dw_sys_shutdown(judge.run.sys, inner(fd), how));
}

/* Linux's struct, from the names of its fields. */
static void fill_info(void *ctx, const char *name, int64_t value)
{
#define FIELD(f)                                                                                   \
    {                                                                                              \
        "tcpi_" #f, offsetof(struct tcp_info, tcpi_##f), sizeof((struct tcp_info *)0)->tcpi_##f    \
    }
    static const struct {
        const char *name;
        size_t at, size;
    } fields[] = {
        FIELD(state),          FIELD(retransmits), FIELD(options),       FIELD(rto),
        FIELD(snd_mss),        FIELD(rcv_mss),     FIELD(unacked),       FIELD(rtt),
        FIELD(rttvar),         FIELD(advmss),      FIELD(snd_ssthresh),  FIELD(snd_cwnd),
        FIELD(last_data_recv), FIELD(delivered),   FIELD(notsent_bytes), FIELD(snd_wnd),
    };
#undef FIELD
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) != 0) continue;
        uint8_t *to = (uint8_t *)ctx + fields[i].at;
        uint32_t wide = (uint32_t)value;
        if (fields[i].size == 1) *to = (uint8_t)value;
        if (fields[i].size == 4) memcpy(to, &wide, 4);
    }
}

static int get_option(int fd, int level, int option, void *value, socklen_t *len)
{
    size_t size = *len;
    enter();
    fd = inner(fd);
    if (level == DW_SOL_TCP && option == TCP_INFO) {
        struct tcp_info info = {0};
        if (!dw_sys_tcp_info(judge.run.sys, fd, fill_info, &info)) return (int)leave(-DW_EBADF);
        memset(value, 0, size);
        if (size > sizeof info) size = sizeof info;
        memcpy(value, &info, size);
        return (int)leave(0);
    }
    int64_t r = dw_sys_getsockopt(judge.run.sys, fd, level, option, value, &size);
    *len = (socklen_t)size;
    return (int)leave(r);
}

static int judge_getsockopt(void *u, int fd, int level, int option, void *value, socklen_t *len)
{
    (void)u;
    return get_option(fd, level, option, value, len);
}

/* With LD_PRELOAD: what the program asks the C library about our descriptors. */
DW_API int getsockopt(int fd, int level, int option, void *value, socklen_t *len);
int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
    enum { CC_INFO = 26, MEMINFO = 55 };
    static int (*real)(int, int, int, void *, socklen_t *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "getsockopt");
    if (!judge.run.sys || inner(fd) < 0) return real(fd, level, option, value, len);
    bool zeros =
        (level == DW_SOL_TCP && option == CC_INFO) || (level == DW_SOL_SOCKET && option == MEMINFO);
    if (!zeros) return get_option(fd, level, option, value, len);
    memset(value, 0, *len);
    return 0;
}

static int judge_setsockopt(void *u, int fd, int level, int option, const void *value,
                            socklen_t len)
{
    (void)u;
    enter();
    return (int)leave(dw_sys_setsockopt(judge.run.sys, inner(fd), level, option, value, len));
}

static int64_t once_poll(attempt *a)
{
    int64_t ready = 0;
    for (size_t i = 0; i < a->len; i++) {
        struct pollfd *p = &a->polled[i];
        uint32_t events = dw_sys_poll(judge.run.sys, inner(p->fd));
        p->revents =
            (short)(events & ((uint32_t)p->events | DW_POLLERR | DW_POLLHUP | DW_POLLNVAL));
        ready += p->revents != 0;
    }
    return ready ? ready : DW_SYS_WAIT;
}

/* Milliseconds from now on; less than none: for ever. */
static dw_time deadline_after(int timeout)
{
    if (timeout < 0) return DW_TIME_NEVER;
    pthread_mutex_lock(&judge.lock);
    dw_time at = now() + timeout * DW_MILLISECOND;
    pthread_mutex_unlock(&judge.lock);
    return at > 0 ? at : 1;
}

static int judge_poll(void *u, struct pollfd *fds, nfds_t count, int timeout)
{
    (void)u;
    attempt a = {.once = once_poll, .polled = fds, .len = count};
    a.deadline = deadline_after(timeout);
    return (int)call(&a);
}

static int judge_epoll_create(void *u, int size)
{
    (void)u;
    (void)size;
    enter();
    return (int)leave(outer(dw_sys_epoll_create(judge.run.sys)));
}

static int judge_epoll_ctl(void *u, int epoll, int op, int fd, struct epoll_event *event)
{
    (void)u;
    enter();
    return (int)leave(dw_sys_epoll_ctl(judge.run.sys, inner(epoll), op, inner(fd),
                                       event ? event->events : 0, event ? event->data.u64 : 0));
}

static int64_t once_epoll_wait(attempt *a)
{
    int64_t n = dw_sys_epoll_wait(judge.run.sys, a->fd, &a->events, &a->data);
    return n == 0 ? DW_SYS_WAIT : n;
}

static int judge_epoll_wait(void *u, int epoll, struct epoll_event *events, int most, int timeout)
{
    (void)u;
    attempt a = {.once = once_epoll_wait, .fd = inner(epoll)};
    a.deadline = deadline_after(timeout);
    int n = (int)call(&a);
    if (n > 0 && most > 0) {
        events[0].events = a.events;
        events[0].data.u64 = a.data;
    }
    return n;
}

static int judge_pipe(void *u, int fds[2])
{
    (void)u;
    enter();
    int64_t r = dw_sys_pipe(judge.run.sys, fds);
    for (int i = 0; r == 0 && i < 2; i++)
        fds[i] = (int)outer(fds[i]);
    return (int)leave(r);
}

static int64_t once_splice(attempt *a)
{
    return dw_sys_splice(judge.run.sys, a->fd, a->flags, a->len);
}

static int judge_splice(void *u, int in, loff_t *in_offset, int out, loff_t *out_offset, size_t len,
                        unsigned flags)
{
    (void)u;
    (void)in_offset;
    (void)out_offset;
    (void)flags;
    attempt a = {.once = once_splice, .fd = inner(in), .flags = inner(out), .len = len};
    return (int)call(&a);
}

/* The wire and the clock. */

/* Where a script sends is the host, bound or not. */
static void own_destination(const uint8_t *b, size_t len)
{
    dw_addr addr = {.family = 6};
    if (len >= 20 && b[0] >> 4 == 4) {
        addr = dw_addr_v4(dw_get32(b + 16));
    } else if (len >= 40 && b[0] >> 4 == 6) {
        for (int i = 0; i < 4; i++)
            addr.word[i] = dw_get32(b + 24 + 4 * i);
    } else {
        return;
    }
    own(&addr);
}

static int judge_netdev_send(void *u, const void *buf, size_t count)
{
    (void)u;
    enter();
    own_destination(buf, count);
    int status = dw_node_send_raw(judge.run.wire, buf, count);
    if (status != DW_OK) give_up("%s", dw_sim_message(judge.run.sim));
    return (int)leave(0);
}

static int judge_netdev_receive(void *u, void *buf, size_t *count, long long *time_usecs)
{
    (void)u;
    enter();
    dw_time end = now() + PATIENCE;
    judge.stop_at_packet = true;
    advance(end);
    judge.stop_at_packet = false;
    outgoing *o = judge.first;
    if (!o) give_up("no packet comes");
    judge.first = o->next;
    if (!judge.first) judge.last = NULL;
    if (*count > o->len) *count = o->len;
    memcpy(buf, o->bytes, *count);
    *time_usecs = EPOCH * 1000000LL + o->at / DW_MICROSECOND;
    free(o);
    return (int)leave(0);
}

static int judge_usleep(void *u, useconds_t usec)
{
    (void)u;
    enter();
    advance(now() + usec * DW_MICROSECOND);
    bool ended = judge.ended;
    judge.ended = false;
    leave(0);
    /* packetdrill lets go of its own lock while it sleeps, and no longer: the other thread needs it
     * to write down how its call ended. */
    if (ended) nanosleep(&(struct timespec){.tv_nsec = 2 * DW_MILLISECOND}, NULL);
    return 0;
}

static int judge_gettimeofday(void *u, struct timeval *tv, struct timezone *tz)
{
    (void)u;
    (void)tz;
    enter();
    /* The first reading after a call that slept: whoever moved the time waits for it. */
    bool owed = judge.owed && !pthread_equal(pthread_self(), judge.reader);
    if (!owed) advance(now() + DW_MICROSECOND);
    int64_t usecs = now() / DW_MICROSECOND;
    tv->tv_sec = (time_t)(EPOCH + usecs / 1000000);
    tv->tv_usec = (suseconds_t)(usecs % 1000000);
    if (!owed) return (int)leave(0);
    judge.owed = false;
    judge.resting = true;
    pthread_cond_broadcast(&judge.rest);
    pthread_mutex_unlock(&judge.lock);
    return 0;
}

static void judge_free(void *u)
{
    (void)u;
    forget_files();
    dw_sim_after_event(judge.run.sim, NULL, NULL);
    dw_sys_free(judge.run.sys);
    while (judge.first) {
        outgoing *next = judge.first->next;
        free(judge.first);
        judge.first = next;
    }
    dw_sim_free(judge.run.sim);
    free(judge.flows);
    free(judge.states);
    judge = (struct judge){.lock = judge.lock, .wake = judge.wake, .rest = judge.rest};
}

static void traced(const dw_trace_event *e, void *arg)
{
    (void)arg;
    judge.news = true;
    if (e->conn >= judge.flow_count) {
        uint32_t count = e->conn + 16, added = count - judge.flow_count;
        judge.flows = realloc(judge.flows, count * sizeof *judge.flows);
        judge.states = realloc(judge.states, count * sizeof *judge.states);
        if (!judge.flows || !judge.states) give_up("out of memory");
        memset(judge.flows + judge.flow_count, 0, added * sizeof *judge.flows);
        memset(judge.states + judge.flow_count, 0, added * sizeof *judge.states);
        judge.flow_count = count;
    }
    if (e->type == DW_TRACE_CONN)
        judge.flows[e->conn] = e->u.conn.flow;
    else
        judge.states[e->conn] = e->u.state.to;
}

/* Stand-ins stand beside this object; what they write comes back by a file. */
static void listen_to_commands(void)
{
    Dl_info self;
    char path[8192];
    snprintf(judge.commands, sizeof judge.commands, "/tmp/drywire-commands-%ld", (long)getpid());
    setenv("DRYWIRE_COMMANDS", judge.commands, 1);
    snprintf(path, sizeof path, "%ld", (long)getpid());
    setenv("DRYWIRE_PACKETDRILL", path, 1);
    if (!dladdr(judge.commands, &self)) return;
    const char *slash = strrchr(self.dli_fname, '/'), *old = getenv("PATH");
    int dir = slash ? (int)(slash - self.dli_fname) : 1;
    snprintf(path, sizeof path, "%.*s/stand-ins:%s", dir, slash ? self.dli_fname : ".",
             old ? old : "");
    setenv("PATH", path, 1);
}

/* "profile=linux,delayed_ack=40ms,mtu=9000" */
static void read_flags(const char *flags, dw_link_config *link)
{
    char word[200];
    while (flags && *flags) {
        size_t len = strcspn(flags, ",");
        snprintf(word, sizeof word, "%.*s", (int)len, flags);
        char *value = strchr(word, '=');
        if (!value) give_up("--so_flags: write name=value, not \"%s\"", word);
        *value++ = 0;
        if (strcmp(word, "mtu") == 0)
            link->direction[0].mtu = (uint32_t)strtoul(value, NULL, 10);
        else if (dw_node_option(judge.run.host, "tcp", word, value) != DW_OK)
            give_up("--so_flags: %s", dw_sim_message(judge.run.sim));
        if (strcmp(word, "profile") == 0 && strcmp(value, "linux") != 0)
            judge.run.kind = strcmp(value, "freebsd") == 0 ? DW_SYS_FREEBSD : DW_SYS_PLAIN;
        flags += len + (flags[len] == ',');
    }
}

static void add_addresses(dw_node *node, const char *v4, const char *v6)
{
    dw_addr addr;
    dw_addr_parse(v4, &addr);
    dw_node_set_address(node, &addr);
    dw_addr_parse(v6, &addr);
    dw_node_add_address(node, &addr);
}

static void make_world(const char *flags)
{
    const dw_sim_config config = {.seed = 1, .trace = false, .checks = DW_CHECKS_OFF};
    dw_drill_run *run = &judge.run;
    if (dw_sim_new(&config, &run->sim) != DW_OK || dw_node_new(run->sim, "host", &run->host) ||
        dw_node_new(run->sim, "wire", &run->wire))
        give_up("out of memory");
    add_addresses(run->host, "192.168.0.1", "fd3d:fa7b:d17d::1");
    add_addresses(run->wire, "192.0.2.1", "2001:db8::1");
    dw_link_config link = {0};
    link.direction[1].mtu = 65535; /* the script may send what a receiver has put together */
    dw_node_option(run->host, "tcp", "profile", "linux");
    run->kind = DW_SYS_LINUX;
    run->world = &dw_drill_simulated;
    run->current_fd = -1;
    read_flags(flags, &link);
    if (dw_link_new(run->host, run->wire, &link, NULL) != DW_OK)
        give_up("%s", dw_sim_message(run->sim));
    if (dw_sys_new(run->host, run->kind, &run->sys) != DW_OK) give_up("out of memory");
    dw_node_set_stack(run->wire, packet_leaves, NULL);
    dw_trace_subscribe(run->sim, DW_TRACE_BIT(DW_TRACE_CONN) | DW_TRACE_BIT(DW_TRACE_STATE),
                       dw_node_index(run->host), 0, traced, NULL);
    dw_sim_after_event(run->sim, poke, NULL);
}

void packetdrill_interface_init(const char *flags, struct packetdrill_interface *table)
{
    judge.reader = pthread_self();
    make_world(flags);
    listen_to_commands();
    *table = (struct packetdrill_interface){.free = judge_free,
                                            .socket = judge_socket,
                                            .bind = judge_bind,
                                            .listen = judge_listen,
                                            .accept = judge_accept,
                                            .connect = judge_connect,
                                            .read = judge_read,
                                            .readv = judge_readv,
                                            .recv = judge_recv,
                                            .recvfrom = judge_recvfrom,
                                            .recvmsg = judge_recvmsg,
                                            .write = judge_write,
                                            .writev = judge_writev,
                                            .send = judge_send,
                                            .sendto = judge_sendto,
                                            .sendmsg = judge_sendmsg,
                                            .fcntl = judge_fcntl,
                                            .ioctl = judge_ioctl,
                                            .close = judge_close,
                                            .shutdown = judge_shutdown,
                                            .getsockopt = judge_getsockopt,
                                            .setsockopt = judge_setsockopt,
                                            .poll = judge_poll,
                                            .netdev_send = judge_netdev_send,
                                            .netdev_receive = judge_netdev_receive,
                                            .usleep = judge_usleep,
                                            .gettimeofday = judge_gettimeofday,
                                            .epoll_create = judge_epoll_create,
                                            .epoll_ctl = judge_epoll_ctl,
                                            .epoll_wait = judge_epoll_wait,
                                            .pipe = judge_pipe,
                                            .splice = judge_splice};
}
