/* The sockets of one process, as an operating system gives them. */
#include "sockets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_FD = 3, MOST_FDS = 1024, MOST_SETTINGS = 24, SETTING_TEXT = 40 };

enum kind { FREE, STREAM, EPOLL, PIPE, FILE_OF_ZEROS };

/* Where a stream socket stands for its owner, whatever TCP's state is. */
/* DEFERRED: TCP_FASTOPEN_CONNECT, the SYN goes with the first data. */
enum phase { FRESH, LISTENING, DEFERRED, CONNECTING, CONNECTED, FAILED };

typedef struct watch {
    struct watch *next;
    int fd;
    uint32_t events, seen; /* seen: what an edge-triggered watch has told */
    uint64_t data;
    uint64_t told_at; /* the descriptor's count of happenings when it was told */
    bool spent;       /* EPOLLONESHOT */
} watch;

typedef struct descriptor {
    uint8_t kind, phase;
    bool nonblocking;
    uint8_t family; /* as given to socket() */
    dw_sys *sys;
    dw_socket *socket; /* NULL before connect or listen, and after the end */
    dw_addr local, remote;
    uint16_t local_port, remote_port;
    int error;      /* pending, positive */
    int soft_error; /* Linux: what SO_ERROR tells of trouble on the way, as long as no ACK comes */
    bool was_connected, told_connected, shut_read, shut_write, reset;
    bool reuse_address, freebind, fast_connect, fast_client, fast_waiting, zero_copy;
    bool send_waits;                                    /* a blocking send found no room */
    dw_error_queue *errors;                             /* made when it is first needed */
    size_t read_so_far;                                 /* by a call that waits for more */
    uint64_t sent;                                      /* octets given to TCP so far */
    int32_t linger;                                     /* seconds; -1: off */
    int64_t send_buffer, receive_buffer, notsent_lowat; /* as asked for; 0: never */
    uint64_t happenings; /* events so far, for edge-triggered watches */
    dw_setting settings[MOST_SETTINGS];
    char texts[MOST_SETTINGS][SETTING_TEXT];
    size_t setting_count;
    int64_t receive_lowat; /* 0: not set, which is 1 */
    /* Options that are kept to be read back. */
    struct {
        int level, option;
        int64_t value;
    } kept[16];
    size_t kept_count;
    dw_time linger_until;
    watch *watches; /* EPOLL */
    uint64_t held;  /* PIPE, FILE_OF_ZEROS: octets in it */
    int pair;       /* PIPE: the other end */
} descriptor;

struct dw_sys {
    dw_node *host;
    enum dw_sys_kind kind;
    bool fast_clients, fast_servers; /* Linux: fast open is allowed */
    bool stamps;                     /* a descriptor wants time stamps of what it sends */
    descriptor *fds[MOST_FDS];
};

int dw_sys_new(dw_node *host, enum dw_sys_kind kind, dw_sys **out)
{
    dw_sys *sys = calloc(1, sizeof *sys);
    if (!sys) return dw_sim_no_memory(dw_node_sim(host));
    sys->host = host;
    sys->kind = kind;
    sys->fast_clients = sys->fast_servers = true;
    *out = sys;
    return DW_OK;
}

void dw_sys_allow_fast_open(dw_sys *sys, bool clients, bool servers)
{
    sys->fast_clients = clients;
    sys->fast_servers = servers;
}

dw_node *dw_sys_node(const dw_sys *sys)
{
    return sys->host;
}

static void free_descriptor(dw_sys *sys, int fd)
{
    descriptor *d = sys->fds[fd];
    sys->fds[fd] = NULL;
    for (watch *w = d->watches, *next; w; w = next) {
        next = w->next;
        free(w);
    }
    free(d->errors);
    free(d);
}

void dw_sys_free(dw_sys *sys)
{
    if (!sys) return;
    for (int fd = 0; fd < MOST_FDS; fd++) {
        if (!sys->fds[fd]) continue;
        if (sys->fds[fd]->socket) dw_socket_set_notify(sys->fds[fd]->socket, NULL, NULL);
        free_descriptor(sys, fd);
    }
    free(sys);
}

/* Descriptors. */

/* The simulation is over then; that the call fails is of no account. */
static int64_t no_memory(dw_sys *sys)
{
    dw_sim_no_memory(dw_node_sim(sys->host));
    return -DW_ENOBUFS;
}

static int64_t new_fd(dw_sys *sys, enum kind kind, descriptor **out)
{
    for (int fd = FIRST_FD; fd < MOST_FDS; fd++) {
        if (sys->fds[fd]) continue;
        descriptor *d = calloc(1, sizeof *d);
        if (!d) return no_memory(sys);
        d->kind = (uint8_t)kind;
        d->sys = sys;
        d->linger = -1;
        d->pair = -1;
        sys->fds[fd] = d;
        *out = d;
        return fd;
    }
    return -DW_EMFILE;
}

static descriptor *find(dw_sys *sys, int fd)
{
    return fd >= 0 && fd < MOST_FDS ? sys->fds[fd] : NULL;
}

/* The stream socket behind a descriptor, or -errno in *wrong. */
static descriptor *stream(dw_sys *sys, int fd, int64_t *wrong)
{
    descriptor *d = find(sys, fd);
    *wrong = !d ? -DW_EBADF : -DW_ENOTSOCK;
    return d && d->kind == STREAM ? d : NULL;
}

static int errno_of(int error)
{
    switch (error) {
    case DW_OK: return 0;
    case DW_E_AGAIN: return DW_EAGAIN;
    case DW_E_REFUSED: return DW_ECONNREFUSED;
    case DW_E_RESET: return DW_ECONNRESET;
    case DW_E_TIMEOUT: return DW_ETIMEDOUT;
    case DW_E_UNREACH: return DW_EHOSTUNREACH;
    case DW_E_CLOSING: return DW_EPIPE;
    case DW_E_NOTCONN: return DW_ENOTCONN;
    case DW_E_ISCONN: return DW_EADDRNOTAVAIL;
    case DW_E_ADDRINUSE: return DW_EADDRINUSE;
    case DW_E_CRASHED: return DW_ENETUNREACH;
    case DW_E_ADDRNOTAVAIL: return DW_EADDRNOTAVAIL;
    case DW_E_NOMEM: return DW_ENOBUFS;
    case DW_E_NOENT: return DW_ENOPROTOOPT;
    default: return DW_EINVAL;
    }
}

static int64_t info_of(const descriptor *d, const char *name)
{
    int64_t value = 0;
    if (d->socket) dw_socket_value(d->socket, name, &value);
    return value;
}

/* Of the connection, or what one would begin with. */
static int64_t default_of(const descriptor *d, const char *name)
{
    if (d->socket && d->phase != LISTENING) return info_of(d, name);
    return dw_node_query(d->sys->host, "tcp", name, &d->remote);
}

static bool in_state(const descriptor *d, const char *state)
{
    return d->socket && strcmp(dw_socket_state(d->socket), state) == 0;
}

/* Linux: what an ICMP error means to a program (RFC 1122 4.2.3.9 has three classes). */
static int errno_of_icmp(int64_t type_and_code)
{
    static const int unreachable[16] = {
        DW_ENETUNREACH,  DW_EHOSTUNREACH, DW_ENOPROTOOPT,  DW_ECONNREFUSED,
        DW_EMSGSIZE,     DW_EOPNOTSUPP,   DW_ENETUNREACH,  DW_EHOSTDOWN,
        DW_ENONET,       DW_ENETUNREACH,  DW_EHOSTUNREACH, DW_ENETUNREACH,
        DW_EHOSTUNREACH, DW_EHOSTUNREACH, DW_EHOSTUNREACH, DW_EHOSTUNREACH};
    int type = (int)(type_and_code >> 8), code = (int)(type_and_code & 255);
    return type == 3 && code < 16 ? unreachable[code] : DW_EHOSTUNREACH;
}

static int failure(const descriptor *d)
{
    int error = dw_socket_error(d->socket);
    int64_t icmp = info_of(d, "icmp");
    if (icmp && d->sys->kind == DW_SYS_LINUX && error != DW_E_RESET) return errno_of_icmp(icmp);
    /* After the peer's FIN Linux calls a reset a broken pipe. */
    if (error == DW_E_RESET && d->sys->kind == DW_SYS_LINUX && info_of(d, "fin_received"))
        return DW_EPIPE;
    return errno_of(error);
}

static void happened(dw_socket *socket, uint32_t events, void *user)
{
    descriptor *d = user;
    (void)socket;
    if (events == DW_SOCKET_DRAINED) return; /* nothing that a program can ask for */
    d->happenings++;
    if (events & DW_SOCKET_CONNECTED && d->phase == CONNECTING) {
        d->phase = CONNECTED;
        d->was_connected = true;
    }
    if (events & DW_SOCKET_REPORT && d->sys->kind == DW_SYS_LINUX && info_of(d, "icmp"))
        d->soft_error = errno_of_icmp(info_of(d, "icmp"));
    if (!(events & DW_SOCKET_ERROR) || d->phase == LISTENING) return;
    d->error = failure(d);
    d->phase = FAILED;
}

/* Settings are kept as text, for the socket that is made when the program connects or listens. */
static void remember(descriptor *d, const char *name, const char *text)
{
    size_t i = 0;
    while (i < d->setting_count && strcmp(d->settings[i].name, name) != 0)
        i++;
    if (i == MOST_SETTINGS) return;
    snprintf(d->texts[i], SETTING_TEXT, "%s", text);
    d->settings[i] = (dw_setting){.name = name, .text = d->texts[i]};
    if (i == d->setting_count) d->setting_count++;
}

static int64_t set(descriptor *d, const char *name, const char *format, int64_t value)
{
    char text[SETTING_TEXT], why[200];
    snprintf(text, sizeof text, format, value);
    if (d->socket) {
        int status = dw_socket_set(d->socket, name, text, why, sizeof why);
        if (status != DW_OK) return -errno_of(status);
    }
    remember(d, name, text);
    return 0;
}

int64_t dw_sys_socket(dw_sys *sys, int family, int type, int protocol)
{
    descriptor *d;
    if (family != 4 && family != 6) return -DW_EAFNOSUPPORT;
    if ((type & 0xf) != DW_SOCK_STREAM || (protocol != 6 && protocol != 0))
        return -DW_EPROTONOSUPPORT;
    int64_t fd = new_fd(sys, STREAM, &d);
    if (fd < 0) return fd;
    d->family = (uint8_t)family;
    d->nonblocking = (type & DW_O_NONBLOCK) != 0;
    return fd;
}

static bool port_in_use(const dw_sys *sys, const descriptor *wants, uint16_t port)
{
    for (int fd = 0; fd < MOST_FDS; fd++) {
        const descriptor *d = sys->fds[fd];
        if (d && d != wants && d->kind == STREAM && d->local_port == port &&
            !(d->reuse_address && wants->reuse_address && d->phase != LISTENING))
            return true;
    }
    return false;
}

/* What was asked for, as text, or otherwise. */
static const char *setting(const descriptor *d, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < d->setting_count; i++)
        if (strcmp(d->settings[i].name, name) == 0) return d->settings[i].text;
    return otherwise;
}

/* FreeBSD answers what comes to a port that is bound, but where nobody listens, as that socket
 * would. */
static void tell_bound(const descriptor *d)
{
    char text[64];
    if (d->sys->kind != DW_SYS_FREEBSD || d->phase != FRESH || !d->local_port) return;
    snprintf(text, sizeof text, "%u %s %s", d->local_port, setting(d, "tos", "0"),
             setting(d, "ttl", "64"));
    dw_node_option(d->sys->host, "tcp", "bound", text);
}

int64_t dw_sys_bind(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase != FRESH || d->local_port) return -DW_EINVAL;
    if (port && port_in_use(sys, d, port)) return -DW_EADDRINUSE;
    d->local = *addr;
    if (!dw_addr_is_unicast(addr)) d->local = (dw_addr){0};
    d->local_port = port;
    tell_bound(d);
    return 0;
}

int64_t dw_sys_listen(dw_sys *sys, int fd, int backlog)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase == LISTENING) return 0;
    if (d->phase != FRESH) return -DW_EINVAL;
    dw_flow flow = {.local = d->local, .local_port = d->local_port ? d->local_port : 49152};
    /* TCP has this for a host, a program for a socket. */
    if (d->reuse_address) dw_node_option(sys->host, "tcp", "reuse_address", "true");
    int status = dw_socket_listen(sys->host, "tcp", &flow, backlog > 0 ? backlog : -1, happened, d,
                                  &d->socket);
    if (status != DW_OK) return -errno_of(status);
    d->phase = LISTENING;
    char why[200];
    for (size_t i = 0; i < d->setting_count; i++)
        dw_socket_set(d->socket, d->settings[i].name, d->settings[i].text, why, sizeof why);
    return 0;
}

int64_t dw_sys_accept(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port)
{
    int64_t wrong;
    descriptor *l = stream(sys, fd, &wrong), *d;
    if (!l) return wrong;
    if (l->phase != LISTENING) return -DW_EINVAL;
    dw_socket *socket;
    int status = dw_socket_accept(l->socket, NULL, NULL, &socket);
    if (status == DW_E_AGAIN)
        return l->nonblocking || flags & DW_MSG_DONTWAIT ? -DW_EAGAIN : DW_SYS_WAIT;
    if (status != DW_OK) return -errno_of(status);
    int64_t made = new_fd(sys, STREAM, &d);
    if (made < 0) {
        dw_socket_abort(socket);
        return made;
    }
    d->family = l->family;
    d->nonblocking = (flags & DW_O_NONBLOCK) != 0;
    d->socket = socket;
    d->phase = CONNECTED;
    d->was_connected = d->told_connected = true;
    d->linger = l->linger;
    d->send_buffer = l->send_buffer;
    d->receive_buffer = l->receive_buffer;
    d->notsent_lowat = l->notsent_lowat;
    d->receive_lowat = l->receive_lowat;
    d->zero_copy = l->zero_copy;
    memcpy(d->kept, l->kept, sizeof d->kept);
    d->kept_count = l->kept_count;
    dw_socket_set_notify(socket, happened, d);
    if (dw_socket_error(socket) != DW_OK) {
        d->error = failure(d);
        d->phase = FAILED;
    }
    if (addr) *addr = (dw_addr){0};
    if (port) *port = 0;
    return made;
}

/* Connecting. */

static dw_open opening(descriptor *d)
{
    return (dw_open){.flow = {.local = d->local,
                              .remote = d->remote,
                              .local_port = d->local_port,
                              .remote_port = d->remote_port},
                     .settings = d->settings,
                     .setting_count = d->setting_count};
}

static int64_t start(descriptor *d, const dw_open *how)
{
    int status = dw_socket_open(d->sys->host, "tcp", how, happened, d, &d->socket);
    if (status != DW_OK) return -(status == DW_E_UNREACH ? DW_ENETUNREACH : errno_of(status));
    d->phase = CONNECTING;
    d->error = 0;
    return 0;
}

static bool knows_cookie(const descriptor *d)
{
    return dw_node_query(d->sys->host, "tcp", "fast_open_cookie", &d->remote) > 0;
}

/* The socket is as new, and may connect again. */
static int64_t dissolve(descriptor *d)
{
    if (d->socket) dw_socket_abort(d->socket);
    d->socket = NULL;
    d->phase = FRESH;
    d->error = 0;
    d->told_connected = d->shut_write = d->shut_read = false;
    return 0;
}

static int64_t take_error(descriptor *d)
{
    int error = d->error;
    d->error = 0;
    return -error;
}

/* SO_ERROR. */
static int64_t ask_error(descriptor *d)
{
    if (d->error == 0 && info_of(d, "icmp")) {
        int error = d->soft_error;
        d->soft_error = 0;
        return error;
    }
    return -take_error(d);
}

static int64_t finish_connect(descriptor *d)
{
    if (d->phase == CONNECTED) {
        if (d->told_connected) return -DW_EISCONN;
        d->told_connected = true;
        return 0;
    }
    if (d->phase == FAILED) {
        int64_t error = take_error(d);
        if (d->socket) dw_socket_close(d->socket);
        d->socket = NULL;
        d->phase = FRESH;
        return error ? error : -DW_ECONNABORTED;
    }
    return 1;
}

int64_t dw_sys_connect(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (addr->family == 0) return dissolve(d);
    if (d->phase == LISTENING) return -DW_EISCONN;
    if (d->phase == FRESH) {
        d->remote = *addr;
        d->remote_port = port;
        dw_open how = opening(d);
        if (d->fast_connect && knows_cookie(d)) {
            d->phase = DEFERRED; /* connected as far as the program can tell */
            return 0;
        }
        how.fast = d->fast_connect;
        int64_t status = start(d, &how);
        if (status < 0) return status;
        return d->nonblocking ? -DW_EINPROGRESS : DW_SYS_WAIT;
    }
    if (d->phase == DEFERRED) return -DW_EISCONN;
    int64_t done = finish_connect(d);
    if (done <= 0) return done;
    return d->nonblocking ? -DW_EALREADY : DW_SYS_WAIT;
}

/* Sending. */

static int64_t broken_pipe(descriptor *d)
{
    return d->error ? take_error(d) : -DW_EPIPE;
}

/* Data with the SYN: RFC 7413, as MSG_FASTOPEN or as FreeBSD's option asks for it. */
static int64_t send_fast(descriptor *d, const void *bytes, size_t len, int flags,
                         const dw_addr *addr, uint16_t port, size_t *done)
{
    d->remote = *addr;
    d->remote_port = port;
    remember(d, "fast_open", "true");
    dw_open how = opening(d);
    bool bare = dw_node_query(d->sys->host, "tcp", "fast_open_bare_client", addr) > 0;
    bool known = knows_cookie(d) || bare;
    how.waits = len > 0 && !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    /* Linux takes data for the SYN only, and asks for a cookie without any. */
    if (d->sys->kind == DW_SYS_LINUX && !known) len = 0;
    if (!bytes && len > 0) return -DW_EFAULT;
    dw_buf *buf = dw_buf_new(bytes, len);
    if (!buf) return no_memory(d->sys);
    dw_slice slice = {.buf = dw_buf_ref(buf), .len = (uint32_t)len};
    uint64_t taken = 0;
    how.fast = true;
    how.data = &slice;
    how.count = len > 0;
    if (d->sys->kind == DW_SYS_LINUX) how.taken = &taken;
    int64_t status = start(d, &how);
    bool queued = status == 0 && len > 0 && (!how.taken || taken > 0);
    if (!queued) dw_buf_unref(buf);
    dw_buf_unref(buf);
    if (status < 0) return status;
    if (!how.taken) return (int64_t)len;
    *done = (size_t)taken;
    d->sent = taken;
    bool wait = !(d->nonblocking || flags & DW_MSG_DONTWAIT);
    d->fast_waiting = wait; /* for the connection, as connect() would */
    if (taken > 0 && !wait) return (int64_t)taken;
    return wait ? DW_SYS_WAIT : -DW_EINPROGRESS;
}

static int64_t may_send(descriptor *d, int flags)
{
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (d->phase == FRESH || d->phase == LISTENING)
        return d->sys->kind == DW_SYS_FREEBSD ? -DW_ENOTCONN : broken_pipe(d);
    if (d->phase == FAILED || d->shut_write || d->error) return broken_pipe(d);
    if (d->phase == CONNECTING && (d->fast_waiting || !info_of(d, "fast")))
        return wait ? DW_SYS_WAIT : -DW_EAGAIN;
    return 0;
}

static uint32_t send_flags(int flags)
{
    return (flags & DW_MSG_OOB ? DW_SEND_URGENT : 0u) | (flags & DW_MSG_MORE ? DW_SEND_MORE : 0u) |
           (flags & DW_MSG_EOR ? DW_SEND_EOR : 0u);
}

static int64_t send_stream(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                           const dw_addr *addr, uint16_t port, size_t *done)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    bool fast = flags & DW_MSG_FASTOPEN || d->fast_client;
    if (flags & DW_MSG_FASTOPEN && !sys->fast_clients) return -DW_EOPNOTSUPP;
    if (d->phase == DEFERRED && *done == 0)
        return send_fast(d, bytes, len, flags, &d->remote, d->remote_port, done);
    if (fast && addr && addr->family && d->phase == FRESH && *done == 0)
        return send_fast(d, bytes, len, flags, addr, port, done);
    if (flags & DW_MSG_FASTOPEN && addr && !addr->family) return -DW_EOPNOTSUPP;
    if (flags & DW_MSG_FASTOPEN && *done == 0 && !d->fast_waiting) {
        if (d->phase == CONNECTING) return -DW_EALREADY;
        if (d->phase == CONNECTED && d->told_connected) return -DW_EISCONN;
    }
    /* As connect() would: the program knows now. */
    if (d->phase == CONNECTED && (d->fast_waiting || flags & DW_MSG_FASTOPEN))
        d->told_connected = true;
    int64_t status = may_send(d, flags);
    if (status == DW_SYS_WAIT) return status;
    /* What went with a SYN that came to nothing does not count. */
    bool lost = d->phase == FAILED && !d->was_connected;
    if (status < 0) return *done > 0 && !lost ? (int64_t)*done : status;
    if (!bytes && len > 0) return -DW_EFAULT;
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    /* Who waits for room is woken when there is enough of it. */
    if (wait && d->send_waits && !info_of(d, "writable")) return DW_SYS_WAIT;
    d->send_waits = false;
    while (*done < len) {
        int64_t n = dw_socket_send_flagged(d->socket, (const uint8_t *)bytes + *done, len - *done,
                                           send_flags(flags));
        if (n < 0)
            return *done ? (int64_t)*done : n == DW_E_CLOSING ? broken_pipe(d) : -errno_of((int)n);
        if (n == 0 && wait) {
            d->send_waits = true;
            return DW_SYS_WAIT;
        }
        if (n == 0) return *done ? (int64_t)*done : -DW_EAGAIN;
        *done += (size_t)n;
        d->sent += (uint64_t)n;
    }
    return (int64_t)len;
}

/* The error queue. */

static dw_error_queue *errors_of(descriptor *d)
{
    if (!d->errors) d->errors = calloc(1, sizeof *d->errors);
    if (!d->errors) no_memory(d->sys);
    return d->errors;
}

static uint64_t octets_acked(const descriptor *d)
{
    return d->socket ? d->sent - (uint64_t)info_of(d, "unacknowledged") : d->sent;
}

static void look_at_errors(descriptor *d)
{
    if (!d->errors) return;
    uint64_t sent = d->socket ? d->sent - (uint64_t)info_of(d, "unsent") : d->sent;
    dw_time now = dw_sim_now(dw_node_sim(d->sys->host));
    if (dw_error_queue_progress(d->errors, sent, octets_acked(d), now)) d->happenings++;
}

void dw_sys_look(dw_sys *sys)
{
    for (int i = FIRST_FD; sys->stamps && i < MOST_FDS; i++)
        if (sys->fds[i] && sys->fds[i]->kind == STREAM) look_at_errors(sys->fds[i]);
}

int64_t dw_sys_send(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done)
{
    descriptor *d = find(sys, fd);
    bool copies = d && d->kind == STREAM && d->zero_copy && flags & DW_MSG_ZEROCOPY;
    if (copies && d->errors && !dw_error_queue_room(d->errors)) return -DW_ENOBUFS;
    int64_t n = send_stream(sys, fd, bytes, len, flags, addr, port, done);
    if (n > 0 && (copies || d->errors) && errors_of(d)) {
        dw_error_queue_send(d->errors, d->sent, copies);
        look_at_errors(d);
    }
    return n;
}

int64_t dw_sys_notice(dw_sys *sys, int fd, dw_notice *out)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    look_at_errors(d);
    return d->errors && dw_error_queue_take(d->errors, out) ? 0 : -DW_EAGAIN;
}

/* Receiving. */

static int64_t nothing_to_read(descriptor *d, int flags)
{
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (d->error) return take_error(d);
    if (d->shut_read || d->phase == FAILED) return 0;
    return wait ? DW_SYS_WAIT : -DW_EAGAIN;
}

static int64_t receive_lowat(const descriptor *d)
{
    return d->receive_lowat > 0 ? d->receive_lowat : 1;
}

/* A blocking call takes what comes, and ends once that is enough (SO_RCVLOWAT, MSG_WAITALL) or
 * nothing more will come. */
static int64_t read_enough(descriptor *d, uint8_t *bytes, size_t len, int flags)
{
    size_t least = flags & DW_MSG_WAITALL ? len : (size_t)receive_lowat(d), total = d->read_so_far;
    int64_t n = 0;
    if (least > len) least = len;
    do {
        n = dw_socket_recv(d->socket, bytes + total, len - total);
        if (n > 0) total += (size_t)n;
    } while (n > 0 && total < least);
    bool enough = total >= least || (n != DW_E_AGAIN && n <= 0);
    d->read_so_far = enough ? 0 : total;
    if (enough && total > 0) return (int64_t)total;
    return total > 0 ? DW_SYS_WAIT : n;
}

int64_t dw_sys_recv(dw_sys *sys, int fd, void *bytes, size_t len, int flags)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (flags & DW_MSG_ERRQUEUE) return -DW_EAGAIN;
    if (d->phase == FRESH || d->phase == LISTENING) return d->error ? take_error(d) : -DW_ENOTCONN;
    if (!d->socket) return nothing_to_read(d, flags);
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    int64_t n = flags & DW_MSG_PEEK ? dw_socket_peek(d->socket, bytes, len)
                : wait              ? read_enough(d, bytes, len, flags)
                                    : dw_socket_recv(d->socket, bytes, len);
    if (n >= 0 || n == DW_SYS_WAIT) return n;
    if (n == DW_E_CLOSED) return 0;
    return nothing_to_read(d, flags);
}

/* Closing. */

int64_t dw_sys_shutdown(dw_sys *sys, int fd, int how)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (how < 0 || how > 2) return -DW_EINVAL;
    if (d->phase == FRESH || d->phase == FAILED) return -DW_ENOTCONN;
    if (d->phase == LISTENING) {
        dw_socket_close(d->socket);
        d->socket = NULL;
        d->phase = FRESH;
        return 0;
    }
    if (d->phase == CONNECTING && sys->kind == DW_SYS_LINUX && in_state(d, "SYN-SENT")) {
        /* Linux takes the connection apart. */
        dissolve(d);
        return 0;
    }
    if (how != 1) {
        d->shut_read = true;
        dw_socket_shutdown_how(d->socket, DW_SHUT_RD);
    }
    if (how == 0 || d->shut_write) return 0;
    d->shut_write = true;
    int status = dw_socket_shutdown(d->socket);
    return status == DW_OK || status == DW_E_CLOSING ? 0 : -errno_of(status);
}

static void forget_watches(dw_sys *sys, int fd)
{
    for (int e = 0; e < MOST_FDS; e++) {
        watch **at = sys->fds[e] ? &sys->fds[e]->watches : NULL;
        while (at && *at) {
            watch *w = *at;
            if (w->fd != fd) {
                at = &w->next;
                continue;
            }
            *at = w->next;
            free(w);
        }
    }
}

/* SO_LINGER with a time: wait for the peer to have everything. */
static bool lingers(descriptor *d)
{
    dw_time now = dw_sim_now(dw_node_sim(d->sys->host));
    if (d->linger <= 0 || d->nonblocking || d->phase != CONNECTED || !d->socket) return false;
    if (d->linger_until == 0) {
        d->linger_until = dw_time_add(now, d->linger * DW_SECOND);
        dw_socket_shutdown(d->socket);
    }
    return now < d->linger_until && info_of(d, "unacknowledged") > 0;
}

int64_t dw_sys_close(dw_sys *sys, int fd)
{
    descriptor *d = find(sys, fd);
    if (!d) return -DW_EBADF;
    if (lingers(d)) return DW_SYS_WAIT;
    if (sys->kind == DW_SYS_FREEBSD && d->kind == STREAM && d->phase == FRESH && d->local_port)
        dw_node_option(sys->host, "tcp", "bound", "0 0 0");
    if (d->socket && d->linger == 0 && d->phase != LISTENING)
        dw_socket_abort(d->socket);
    else if (d->socket)
        dw_socket_close(d->socket);
    forget_watches(sys, fd);
    free_descriptor(sys, fd);
    return 0;
}

/* Options. */

static int64_t keep(descriptor *d, int level, int option, int64_t value)
{
    size_t i = 0;
    while (i < d->kept_count && (d->kept[i].level != level || d->kept[i].option != option))
        i++;
    if (i == sizeof d->kept / sizeof d->kept[0]) return 0;
    d->kept[i].level = level;
    d->kept[i].option = option;
    d->kept[i].value = value;
    if (i == d->kept_count) d->kept_count++;
    return 0;
}

static int64_t set_socket(descriptor *d, int option, int64_t v)
{
    enum { LEAST_BUFFER = 2304 };
    bool linux = d->sys->kind == DW_SYS_LINUX;
    switch (option) {
    case DW_SO_REUSEADDR: d->reuse_address = v != 0; return 0;
    case DW_SO_REUSEPORT:
        d->reuse_address = d->reuse_address || v != 0;
        return keep(d, DW_SOL_SOCKET, option, v != 0);
    case DW_SO_SNDBUF:
        if (linux && v < LEAST_BUFFER) v = LEAST_BUFFER;
        d->send_buffer = linux ? 2 * v : v;
        return set(d, "send_buffer", "%" PRId64 "B", d->send_buffer);
    case DW_SO_RCVBUF:
        if (linux && v < LEAST_BUFFER / 2) v = LEAST_BUFFER / 2;
        d->receive_buffer = linux ? 2 * v : v;
        return set(d, "receive_buffer", "%" PRId64 "B", v);
    case DW_SO_ZEROCOPY: d->zero_copy = v != 0; return keep(d, DW_SOL_SOCKET, option, v != 0);
    case DW_SO_TIMESTAMPING:
        if (!linux) return -DW_ENOPROTOOPT;
        if (errors_of(d)) dw_error_queue_stamping(d->errors, (uint32_t)v, octets_acked(d), d->sent);
        d->sys->stamps = true;
        return keep(d, DW_SOL_SOCKET, option, v);
    case DW_SO_KEEPALIVE:
        keep(d, DW_SOL_SOCKET, option, v != 0);
        return set(d, "keepalive", v ? "true" : "false", 0);
    case DW_SO_PRIORITY:
    case DW_SO_MARK: return keep(d, DW_SOL_SOCKET, option, v);
    case DW_SO_RCVLOWAT:
        d->receive_lowat = v > 0 ? v : 1;
        return set(d, "receive_lowat", "%" PRId64 "B", d->receive_lowat);
    default: return -DW_ENOPROTOOPT;
    }
}

/* TCP in UDP (FreeBSD), where the host's tunnel is open. */
static int64_t set_encapsulation(descriptor *d, int64_t v)
{
    if (v < 0 || v > 65535 || d->phase != FRESH) return -DW_EINVAL;
    if (v > 0 && default_of(d, "udp_port") <= 0) return -DW_EINVAL;
    return set(d, "udp_port", "%" PRId64, v);
}

/* How many timeouts of a SYN,ACK, 1 s that doubles, so many seconds are (secs_to_retrans). */
static int64_t timeouts_of(int64_t seconds)
{
    enum { LONGEST = 120, MOST = 255 };
    int64_t timeouts = seconds > 0, timeout = 1;
    for (int64_t over = 1; over < seconds && timeouts < MOST; timeouts++) {
        timeout = timeout < LONGEST / 2 ? 2 * timeout : LONGEST;
        over += timeout;
    }
    return timeouts;
}

/* Negative: not at all; the connection is gone as soon as its FIN is acknowledged. */
static int64_t set_linger2(descriptor *d, int64_t v)
{
    enum { MOST = 120 };
    if (d->sys->kind != DW_SYS_LINUX) return 0;
    if (v > MOST) v = MOST;
    return set(d, "finwait2_timeout", v < 0 ? "1ns" : "%" PRId64 "s", v);
}

static int64_t do_tcp_option(descriptor *d, int option, int64_t v)
{
    dw_sys *sys = d->sys;
    switch (option) {
    case DW_TCP_NODELAY: return set(d, "nagle", v ? "false" : "true", 0);
    case DW_TCP_CORK: return set(d, "cork", v ? "true" : "false", 0);
    case DW_TCP_MAXSEG:
        if (v < (sys->kind == DW_SYS_LINUX ? 88 : 1) || v > 32767) return -DW_EINVAL;
        return set(d, "mss", "%" PRId64 "B", v);
    case DW_TCP_KEEPIDLE:
        if (v < 1) return -DW_EINVAL;
        return set(d, "keepalive_idle", "%" PRId64 "s", v);
    case DW_TCP_KEEPINTVL:
        if (v < 1) return -DW_EINVAL;
        return set(d, "keepalive_interval", "%" PRId64 "s", v);
    case DW_TCP_KEEPCNT:
        if (v < 1) return -DW_EINVAL;
        return set(d, "keepalive_probes", "%" PRId64, v);
    case DW_TCP_SYNCNT:
        if (v < 1 || v > 127) return -DW_EINVAL;
        return set(d, "syn_retries", "%" PRId64, v);
    case DW_TCP_KEEPINIT:
        if (v < 1) return -DW_EINVAL;
        return set(d, "syn_r2", "%" PRId64 "s", v);
    case DW_TCP_USER_TIMEOUT: return set(d, "user_timeout", "%" PRId64 "ms", v);
    case DW_TCP_NOTSENT_LOWAT:
        d->notsent_lowat = v;
        return set(d, "notsent_lowat", "%" PRId64 "B", v < 1 << 30 ? v : 0);
    case DW_TCP_NOOPT: return set(d, "options", v ? "false" : "true", 0);
    case DW_TCP_REMOTE_UDP_ENCAPS_PORT: return set_encapsulation(d, v);
    case DW_TCP_FASTOPEN:
        /* On FreeBSD a client asks with it too. */
        if (sys->kind == DW_SYS_FREEBSD) d->fast_client = v != 0;
        if (!sys->fast_servers) v = 0;
        return set(d, "fast_open", v ? "true" : "false", 0);
    case DW_TCP_FASTOPEN_CONNECT:
        if (!sys->fast_clients) return -DW_EOPNOTSUPP;
        if (d->phase != FRESH) return -DW_EINVAL;
        d->fast_connect = v != 0;
        return set(d, "fast_open", v ? "true" : "false", 0);
    case DW_TCP_INQ:
        if (v < 0 || v > 1) return -DW_EINVAL;
        return sys->kind == DW_SYS_LINUX ? 0 : -DW_ENOPROTOOPT;
    case DW_TCP_QUICKACK: return set(d, "quick_ack", v ? "true" : "false", 0);
    case DW_TCP_LINGER2: return set_linger2(d, v);
    case DW_TCP_DEFER_ACCEPT:
        return set(d, "defer_accept", "%" PRId64, sys->kind == DW_SYS_LINUX ? timeouts_of(v) : 0);
    default: return -DW_ENOPROTOOPT;
    }
}

static int64_t set_tcp(descriptor *d, int option, int64_t v)
{
    int64_t status = do_tcp_option(d, option, v);
    return status == 0 ? keep(d, DW_SOL_TCP, option, v) : status;
}

/* Linux: with DONT (0), INTERFACE (4) and OMIT (5) what ICMP tells of the path is remembered, but
 * nothing is sent again for it. */
static int64_t set_mtu_discovery(descriptor *d, int64_t v)
{
    enum { DONT = 0, INTERFACE = 4, OMIT = 5 };
    if (d->sys->kind != DW_SYS_LINUX) return -DW_ENOPROTOOPT;
    if (v < DONT || v > OMIT) return -DW_EINVAL;
    return set(d, "pmtu_discovery", v == DONT || v >= INTERFACE ? "false" : "true", 0);
}

static int64_t do_ip_option(descriptor *d, int level, int option, int64_t v)
{
    enum { LEAST_MTU = 1280, HEADERS = 60 };
    bool v6 = level == DW_SOL_IPV6;
    if (option == (v6 ? DW_IPV6_TCLASS : DW_IP_TOS)) return set(d, "tos", "%" PRId64, v & 255);
    if (option == (v6 ? DW_IPV6_UNICAST_HOPS : DW_IP_TTL))
        return v < 1 || v > 255 ? -DW_EINVAL : set(d, "ttl", "%" PRId64, v);
    if (v6 && option == DW_IPV6_USE_MIN_MTU)
        return set(d, "mss", v ? "%" PRId64 "B" : "0B", LEAST_MTU - HEADERS);
    if (option == (v6 ? DW_IPV6_MTU_DISCOVER : DW_IP_MTU_DISCOVER)) return set_mtu_discovery(d, v);
    if (v6) return option == DW_IPV6_V6ONLY ? 0 : -DW_ENOPROTOOPT;
    if (option == DW_IP_FREEBIND) d->freebind = v != 0;
    return option == DW_IP_FREEBIND ? 0 : -DW_ENOPROTOOPT;
}

static int64_t set_ip(descriptor *d, int level, int option, int64_t v)
{
    int64_t status = do_ip_option(d, level, option, v);
    if (status != 0) return status;
    status = keep(d, level, option, v);
    tell_bound(d);
    return status;
}

static int64_t number_of(const void *value, size_t len)
{
    int32_t v = 0;
    memcpy(&v, value, len < sizeof v ? len : sizeof v);
    return v;
}

static int64_t set_linger(descriptor *d, const void *value, size_t len)
{
    int32_t v[2];
    if (len < sizeof v) return -DW_EINVAL;
    memcpy(v, value, sizeof v);
    d->linger = v[0] ? v[1] : -1;
    return 0;
}

/* FreeBSD calls Reno otherwise; what it has besides, drywire has not, and goes on as it was. */
static int64_t set_congestion(descriptor *d, const void *value, size_t len)
{
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1),
             (const char *)value);
    if (strcmp(name, "newreno") == 0) snprintf(name, sizeof name, "reno");
    char why[200];
    bool known = false;
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_builtin(i)) != NULL; i++)
        if (p->congestion && strcmp(p->name, name) == 0) known = true;
    if (!known) return d->sys->kind == DW_SYS_LINUX ? -DW_ENOENT : 0;
    if (d->socket) dw_socket_set(d->socket, "congestion_control", name, why, sizeof why);
    remember(d, "congestion_control", name);
    return 0;
}

static int64_t set_bytes(descriptor *d, int option, const void *value, size_t len)
{
    if (option == DW_TCP_FASTOPEN_KEY) {
        char text[SETTING_TEXT] = "";
        if (len != 16 && len != 32) return -DW_EINVAL;
        for (size_t i = 0; i < 16; i++)
            snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)value)[i]);
        char why[200];
        int status =
            d->socket ? dw_socket_set(d->socket, "fast_open_key", text, why, sizeof why) : DW_OK;
        if (status != DW_OK) return -errno_of(status);
        remember(d, "fast_open_key", text);
        return 0;
    }
    if (option == DW_TCP_CONGESTION) return set_congestion(d, value, len);
    /* Of FreeBSD's stacks there is but the first. */
    static const char stack[] = "freebsd";
    bool first = len >= sizeof stack - 1 && memcmp(value, stack, sizeof stack - 1) == 0;
    return option == DW_TCP_FUNCTION_BLK && first ? 0 : -DW_ENOPROTOOPT;
}

int64_t dw_sys_setsockopt(dw_sys *sys, int fd, int level, int option, const void *value, size_t len)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (!value) return -DW_EFAULT;
    if (level == DW_SOL_SOCKET && option == DW_SO_LINGER) return set_linger(d, value, len);
    if (level == DW_SOL_TCP && (option == DW_TCP_CONGESTION || option == DW_TCP_FUNCTION_BLK ||
                                option == DW_TCP_FASTOPEN_KEY))
        return set_bytes(d, option, value, len);
    if (len < sizeof(int32_t) && (level == DW_SOL_SOCKET || level == DW_SOL_TCP || len < 1))
        return -DW_EINVAL;
    int64_t v = number_of(value, len);
    switch (level) {
    case DW_SOL_SOCKET: return set_socket(d, option, v);
    case DW_SOL_TCP: return set_tcp(d, option, option == DW_TCP_NOTSENT_LOWAT ? (uint32_t)v : v);
    case DW_SOL_IP:
    case DW_SOL_IPV6: return set_ip(d, level, option, v);
    default: return -DW_ENOPROTOOPT;
    }
}

/* What Linux reads back is what it counts, twice what it was asked for. */
static int64_t receive_buffer(const descriptor *d)
{
    bool connected = d->socket && d->phase != LISTENING;
    if (d->sys->kind != DW_SYS_LINUX) return default_of(d, "receive_buffer");
    if (d->receive_buffer && !connected) return d->receive_buffer;
    return connected ? info_of(d, "receive_memory") : 2 * default_of(d, "receive_buffer");
}

static int64_t send_buffer(const descriptor *d)
{
    return d->send_buffer ? d->send_buffer : default_of(d, "send_buffer");
}

/* What an option reads before it is set; false: there is no such option. */
static bool default_option(int level, int option, int64_t *value)
{
    static const struct {
        int level, option;
        int64_t value;
    } defaults[] = {
        {DW_SOL_SOCKET, DW_SO_KEEPALIVE, 0},
        {DW_SOL_SOCKET, DW_SO_MARK, 0},
        {DW_SOL_SOCKET, DW_SO_PRIORITY, 0},
        {DW_SOL_SOCKET, DW_SO_REUSEPORT, 0},
        {DW_SOL_SOCKET, DW_SO_TIMESTAMPING, 0},
        {DW_SOL_SOCKET, DW_SO_ZEROCOPY, 0},
        {DW_SOL_TCP, DW_TCP_NODELAY, 0},
        {DW_SOL_TCP, DW_TCP_CORK, 0},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 0},
        {DW_SOL_TCP, DW_TCP_FASTOPEN, 0},
        {DW_SOL_TCP, DW_TCP_FASTOPEN_CONNECT, 0},
        {DW_SOL_TCP, DW_TCP_INQ, 0},
        {DW_SOL_TCP, DW_TCP_LINGER2, 60},
        {DW_SOL_TCP, DW_TCP_NOOPT, 0},
        {DW_SOL_TCP, DW_TCP_NOTSENT_LOWAT, 0},
        {DW_SOL_TCP, DW_TCP_USER_TIMEOUT, 0},
        {DW_SOL_IP, DW_IP_FREEBIND, 0},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 1},
        {DW_SOL_IP, DW_IP_TOS, 0},
        {DW_SOL_IP, DW_IP_TTL, 64},
        {DW_SOL_IPV6, DW_IPV6_MTU_DISCOVER, 1},
        {DW_SOL_IPV6, DW_IPV6_TCLASS, 0},
        {DW_SOL_IPV6, DW_IPV6_UNICAST_HOPS, 64},
        {DW_SOL_IPV6, DW_IPV6_USE_MIN_MTU, -1},
        {DW_SOL_IPV6, DW_IPV6_V6ONLY, 0},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (defaults[i].level != level || defaults[i].option != option) continue;
        *value = defaults[i].value;
        return true;
    }
    return false;
}

static bool get_socket(descriptor *d, int option, int64_t *out)
{
    switch (option) {
    case DW_SO_ERROR: *out = ask_error(d); return true;
    case DW_SO_TYPE: *out = DW_SOCK_STREAM; return true;
    case DW_SO_PROTOCOL: *out = 6; return true;
    case DW_SO_DOMAIN: *out = d->family == 6 ? 10 : 2; return true;
    case DW_SO_ACCEPTCONN: *out = d->phase == LISTENING; return true;
    case DW_SO_REUSEADDR: *out = d->reuse_address; return true;
    case DW_SO_SNDBUF: *out = send_buffer(d); return true;
    case DW_SO_RCVBUF: *out = receive_buffer(d); return true;
    case DW_SO_RCVLOWAT: *out = receive_lowat(d); return true;
    default: return default_option(DW_SOL_SOCKET, option, out);
    }
}

static bool get_tcp(descriptor *d, int option, int64_t *out)
{
    bool linux = d->sys->kind == DW_SYS_LINUX;
    const char *name = option == DW_TCP_KEEPIDLE    ? "keepalive_idle_s"
                       : option == DW_TCP_KEEPINTVL ? "keepalive_interval_s"
                       : option == DW_TCP_KEEPCNT   ? "keepalive_probes"
                       : option == DW_TCP_KEEPINIT  ? "syn_r2_s"
                       : option == DW_TCP_SYNCNT    ? "syn_retries"
                                                    : NULL;
    if (name && !(linux && option == DW_TCP_KEEPINIT)) {
        *out = default_of(d, name);
        return true;
    }
    if (option == DW_TCP_MAXSEG) {
        bool opened = d->phase == CONNECTED || d->phase == CONNECTING;
        *out = opened ? info_of(d, "snd_mss") : 536;
        return true;
    }
    if (option == DW_TCP_QUICKACK) {
        *out = d->phase == CONNECTED ? info_of(d, "quick_ack") : 1;
        return linux;
    }
    if (option == DW_TCP_REMOTE_UDP_ENCAPS_PORT) {
        *out = info_of(d, "udp_remote");
        return !linux;
    }
    return default_option(DW_SOL_TCP, option, out);
}

static bool get_option(descriptor *d, int level, int option, int64_t *out)
{
    bool lives = (option == DW_TCP_MAXSEG || option == DW_TCP_REMOTE_UDP_ENCAPS_PORT ||
                  option == DW_TCP_QUICKACK) &&
                 d->phase != FRESH && d->phase != LISTENING;
    bool counted = level == DW_SOL_SOCKET && (option == DW_SO_SNDBUF || option == DW_SO_RCVBUF);
    for (size_t i = 0; i < d->kept_count; i++)
        if (d->kept[i].level == level && d->kept[i].option == option && !counted &&
            !(level == DW_SOL_TCP && lives)) {
            *out = d->kept[i].value;
            return true;
        }
    switch (level) {
    case DW_SOL_SOCKET: return get_socket(d, option, out);
    case DW_SOL_TCP: return get_tcp(d, option, out);
    default: return default_option(level, option, out);
    }
}

/* The path MTU, of a connection alone. */
static bool asks_mtu(const descriptor *d, int level, int option)
{
    bool mtu = level == DW_SOL_IP ? option == DW_IP_MTU : option == DW_IPV6_MTU;
    return mtu && (level == DW_SOL_IP || level == DW_SOL_IPV6) && d->sys->kind == DW_SYS_LINUX;
}

int64_t dw_sys_getsockopt(dw_sys *sys, int fd, int level, int option, void *value, size_t *len)
{
    int64_t wrong, v = 0;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    int32_t values[2] = {d->linger >= 0, d->linger >= 0 ? d->linger : 0};
    bool linger = level == DW_SOL_SOCKET && option == DW_SO_LINGER;
    bool mtu = asks_mtu(d, level, option), opened = d->phase == CONNECTED || d->phase == CONNECTING;
    if (mtu && !opened) return -DW_ENOTCONN;
    if (mtu) v = info_of(d, "pmtu");
    if (!linger && !mtu && !get_option(d, level, option, &v)) return -DW_ENOPROTOOPT;
    if (!linger) values[0] = (int32_t)v;
    size_t size = linger ? sizeof values : sizeof values[0];
    if (*len > size) *len = size;
    memcpy(value, values, *len);
    return 0;
}

int64_t dw_sys_getfl(dw_sys *sys, int fd)
{
    const descriptor *d = find(sys, fd);
    return d ? DW_O_RDWR | (d->nonblocking ? DW_O_NONBLOCK : 0) : -DW_EBADF;
}

int64_t dw_sys_setfl(dw_sys *sys, int fd, int flags)
{
    descriptor *d = find(sys, fd);
    if (!d) return -DW_EBADF;
    d->nonblocking = (flags & DW_O_NONBLOCK) != 0;
    return 0;
}

int64_t dw_sys_inq(dw_sys *sys, int fd)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase == LISTENING) return -DW_EINVAL;
    int64_t unread = info_of(d, "unread");
    /* Linux counts the peer's FIN as one octet when there is nothing else. */
    if (unread == 0 && sys->kind == DW_SYS_LINUX && info_of(d, "fin_received")) return 1;
    return unread;
}

int64_t dw_sys_outq(dw_sys *sys, int fd, bool unsent_only)
{
    int64_t wrong;
    descriptor *d = stream(sys, fd, &wrong);
    if (!d) return wrong;
    return info_of(d, unsent_only ? "unsent" : "unacknowledged");
}

/* poll and epoll. */

static uint32_t poll_stream(descriptor *d)
{
    look_at_errors(d);
    bool waits = d->errors && dw_error_queue_waits(d->errors);
    uint32_t events = d->error || waits ? DW_POLLERR : 0;
    if (d->phase == LISTENING)
        return events | (info_of(d, "waiting") > 0 ? DW_POLLIN | DW_POLLRDNORM : 0u);
    if (d->phase == DEFERRED) return events | DW_POLLOUT | DW_POLLWRNORM;
    bool linux = d->sys->kind == DW_SYS_LINUX;
    bool ended = d->phase == FRESH || d->phase == FAILED || in_state(d, "CLOSED");
    bool fin = info_of(d, "fin_received") || d->shut_read || (linux && d->phase == FAILED);
    if (ended || (fin && d->shut_write)) events |= DW_POLLHUP;
    if (fin) events |= DW_POLLIN | DW_POLLRDNORM | DW_POLLRDHUP;
    if (d->phase == CONNECTING && !info_of(d, "fast")) return events;
    if (info_of(d, "unread") >= receive_lowat(d)) events |= DW_POLLIN | DW_POLLRDNORM;
    if (ended || d->shut_write || info_of(d, "writable")) events |= DW_POLLOUT | DW_POLLWRNORM;
    return events;
}

uint32_t dw_sys_poll(dw_sys *sys, int fd)
{
    descriptor *d = find(sys, fd);
    if (!d) return DW_POLLNVAL;
    switch ((enum kind)d->kind) {
    case STREAM: return poll_stream(d);
    case PIPE: return DW_POLLOUT | (d->held > 0 ? DW_POLLIN : 0);
    case FILE_OF_ZEROS: return DW_POLLIN | DW_POLLOUT;
    case EPOLL:
    case FREE: return 0;
    }
    return 0;
}

int64_t dw_sys_epoll_create(dw_sys *sys)
{
    descriptor *d;
    return new_fd(sys, EPOLL, &d);
}

int64_t dw_sys_epoll_ctl(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data)
{
    enum { ADD = 1, DELETE = 2, MODIFY = 3 };
    descriptor *e = find(sys, epoll);
    if (!e || !find(sys, fd)) return -DW_EBADF;
    if (e->kind != EPOLL || epoll == fd) return -DW_EINVAL;
    watch **at = &e->watches;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    if (op == ADD && *at) return -DW_EEXIST;
    if (op != ADD && !*at) return -DW_ENOENT;
    if (op == DELETE) {
        watch *w = *at;
        *at = w->next;
        free(w);
        return 0;
    }
    if (op != ADD && op != MODIFY) return -DW_EINVAL;
    if (op == ADD && !(*at = calloc(1, sizeof(watch)))) return no_memory(sys);
    watch *next = (*at)->next;
    **at = (watch){.next = next, .fd = fd, .events = events, .data = data, .told_at = UINT64_MAX};
    return 0;
}

int64_t dw_sys_epoll_wait(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data)
{
    descriptor *e = find(sys, epoll);
    if (!e) return -DW_EBADF;
    if (e->kind != EPOLL) return -DW_EINVAL;
    for (watch *w = e->watches; w; w = w->next) {
        descriptor *d = find(sys, w->fd);
        uint32_t now = dw_sys_poll(sys, w->fd) & (w->events | DW_POLLERR | DW_POLLHUP);
        if (w->spent || !now) {
            w->seen &= now;
            continue;
        }
        /* Edge-triggered: only when something has happened since it was last told. */
        if (w->events & DW_EPOLLET && w->told_at == d->happenings && !(now & ~w->seen)) continue;
        w->told_at = d->happenings;
        w->seen = now;
        if (w->events & (uint32_t)DW_EPOLLONESHOT) w->spent = true;
        *events = now;
        *data = w->data;
        return 1;
    }
    return 0;
}

/* Pipes and files: they hold zeros, so a count is all there is to keep. */

int64_t dw_sys_pipe(dw_sys *sys, int fds[2])
{
    descriptor *a, *b;
    int64_t first = new_fd(sys, PIPE, &a), second = first < 0 ? first : new_fd(sys, PIPE, &b);
    if (second < 0) {
        if (first >= 0) free_descriptor(sys, (int)first);
        return second;
    }
    fds[0] = (int)first;
    fds[1] = (int)second;
    a->pair = fds[1];
    b->pair = fds[0];
    return 0;
}

int64_t dw_sys_file(dw_sys *sys, uint64_t size)
{
    descriptor *d;
    int64_t fd = new_fd(sys, FILE_OF_ZEROS, &d);
    if (fd >= 0) d->held = size;
    return fd;
}

/* The end of a pipe that is read holds what is in it. */
static descriptor *pipe_end(dw_sys *sys, descriptor *d, bool written)
{
    if (!d || d->kind != PIPE || !written) return d;
    return find(sys, d->pair);
}

int64_t dw_sys_splice(dw_sys *sys, int from, int to, size_t len)
{
    enum { CHUNK = 65536 };
    descriptor *in = pipe_end(sys, find(sys, from), false), *out = find(sys, to);
    if (!in || !out) return -DW_EBADF;
    uint8_t *bytes = calloc(1, CHUNK);
    if (!bytes) return no_memory(sys);
    size_t most = len < CHUNK ? len : CHUNK, done = 0;
    int64_t n, urgent = in->kind == STREAM ? info_of(in, "urgent") : 0;
    /* It stops in front of the octet that ends urgent data. */
    if (urgent > 0 && (uint64_t)urgent - 1 < most) most = (size_t)urgent - 1;
    if (len == 0) {
        n = 0;
    } else if (in->kind == STREAM) {
        n = most > 0 ? dw_sys_recv(sys, from, bytes, most, 0) : 0;
    } else {
        n = (int64_t)(in->held < most ? in->held : most);
        if (n == 0 && in->kind == PIPE) n = in->nonblocking ? -DW_EAGAIN : DW_SYS_WAIT;
    }
    if (n > 0 && out->kind == STREAM) {
        n = dw_sys_send(sys, to, bytes, (size_t)n, 0, NULL, 0, &done);
        if (n > 0 && in->kind != STREAM) in->held -= (uint64_t)n;
    } else if (n > 0) {
        if (in->kind != STREAM) in->held -= (uint64_t)n;
        descriptor *end = pipe_end(sys, out, true);
        if (end) end->held += (uint64_t)n;
    }
    free(bytes);
    return n;
}

/* tcp_info. */

typedef struct translation {
    dw_info_fn each;
    void *ctx;
    int64_t srtt, rttvar, rto, mss, timestamps, wscale, sack, ecn, syn_data;
} translation;

static void translate(void *ctx, const char *name, int64_t value)
{
    static const struct {
        const char *ours, *theirs;
        int64_t unit;
    } names[] = {
        {"snd_mss", "tcpi_snd_mss", 1},
        {"advmss", "tcpi_advmss", 1},
        {"ack_mss", "tcpi_rcv_mss", 1},
        {"pmtu", "tcpi_pmtu", 1},
        {"retransmits", "tcpi_retransmits", 1},
        {"snd_wscale", "tcpi_snd_wscale", 1},
        {"rcv_wscale", "tcpi_rcv_wscale", 1},
        {"srtt_ns", "tcpi_rtt", 1000},
        {"rttvar_ns", "tcpi_rttvar", 1000},
        {"rto_ns", "tcpi_rto", 1000},
        {"segments_out", "tcpi_unacked", 1},
        {"offered_wnd", "tcpi_rcv_wnd", 1},
        {"rcv_ssthresh", "tcpi_rcv_ssthresh", 1},
        {"snd_wnd", "tcpi_snd_wnd", 1},
        {"unsent", "tcpi_notsent_bytes", 1},
        {"delivered", "tcpi_delivered", 1},
        {"received_ce", "tcpi_received_ce", 1},
        {"delivered_ce", "tcpi_delivered_ce", 1},
        {"received_ce_octets", "tcpi_received_ce_bytes", 1},
        {"received_e0_octets", "tcpi_received_e0_bytes", 1},
        {"received_e1_octets", "tcpi_received_e1_bytes", 1},
        {"delivered_ce_octets", "tcpi_delivered_ce_bytes", 1},
        {"delivered_e0_octets", "tcpi_delivered_e0_bytes", 1},
        {"delivered_e1_octets", "tcpi_delivered_e1_bytes", 1},
        {"ecn_mode", "tcpi_ecn_mode", 1},
        {"ecn_option_seen", "tcpi_accecn_opt_seen", 1},
        {"ecn_failed", "tcpi_accecn_fail_mode", 1},
        {"ca_state", "tcpi_ca_state", 1},
        {"sacked_out", "tcpi_sacked", 1},
        {"lost_out", "tcpi_lost", 1},
        {"resent_out", "tcpi_retrans", 1},
        {"resent_total", "tcpi_total_retrans", 1},
        {"reordering", "tcpi_reordering", 1},
        {"reordering_seen", "tcpi_reord_seen", 1},
        {"duplicates", "tcpi_dsack_dups", 1},
        {"min_rtt_ns", "tcpi_min_rtt", 1000},
        {"last_data_recv_ns", "tcpi_last_data_recv", 1000000},
        {"last_data_sent_ns", "tcpi_last_data_sent", 1000000},
        {"bytes_received", "tcpi_bytes_received", 1},
        {"probes", "tcpi_probes", 1},
        {"backoff", "tcpi_backoff", 1},
        {"busy_time_ns", "tcpi_busy_time", 1000},
        {"rwnd_limited_ns", "tcpi_rwnd_limited", 1000},
        {"sndbuf_limited_ns", "tcpi_sndbuf_limited", 1000},
        {NULL, NULL, 0},
    };
    translation *t = ctx;
    for (int i = 0; names[i].ours; i++)
        if (strcmp(names[i].ours, name) == 0)
            t->each(t->ctx, names[i].theirs, value / names[i].unit);
    if (strcmp(name, "cwnd") == 0 && t->mss) t->each(t->ctx, "tcpi_snd_cwnd", value / t->mss);
    if (strcmp(name, "ssthresh") == 0 && t->mss)
        t->each(t->ctx, "tcpi_snd_ssthresh", value > INT32_MAX ? INT32_MAX : value / t->mss);
}

static int64_t linux_state(const char *state)
{
    static const char *const states[] = {"",           "ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED",
                                         "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
                                         "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING"};
    for (int i = 1; i < 12; i++)
        if (strcmp(states[i], state) == 0) return i;
    return 7;
}

uint32_t dw_sys_conn(dw_sys *sys, int fd)
{
    const descriptor *d = find(sys, fd);
    return d && d->kind == STREAM && d->socket ? d->socket->conn : 0;
}

bool dw_sys_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx)
{
    enum { TIMESTAMPS = 1, SACK = 2, WSCALE = 4, ECN = 8, ECN_SEEN = 16, SYN_DATA = 32 };
    descriptor *d = find(sys, fd);
    if (!d || d->kind != STREAM) return false;
    each(ctx, "tcpi_state", d->socket ? linux_state(dw_socket_state(d->socket)) : 7);
    int64_t options = (info_of(d, "timestamps") ? TIMESTAMPS : 0) |
                      (info_of(d, "sack") ? SACK : 0) | (info_of(d, "wscale_ok") ? WSCALE : 0) |
                      (info_of(d, "ecn") ? ECN : 0) | (info_of(d, "ecn_seen") ? ECN_SEEN : 0) |
                      (info_of(d, "syn_data_acked") ? SYN_DATA : 0);
    each(ctx, "tcpi_options", options);
    static const char *const accurate_only[] = {
        "tcpi_received_ce",        "tcpi_received_ce_bytes",  "tcpi_received_e0_bytes",
        "tcpi_received_e1_bytes",  "tcpi_delivered_ce_bytes", "tcpi_delivered_e0_bytes",
        "tcpi_delivered_e1_bytes", "tcpi_accecn_opt_seen",    "tcpi_accecn_fail_mode"};
    enum { ACCURATE = 2, COUNT = sizeof accurate_only / sizeof accurate_only[0] };
    for (int i = 0; info_of(d, "ecn_mode") != ACCURATE && i < COUNT; i++)
        each(ctx, accurate_only[i], 0);
    each(ctx, "SK_MEMINFO_RMEM_ALLOC", info_of(d, "receive_memory_used"));
    each(ctx, "SK_MEMINFO_RCVBUF", receive_buffer(d));
    each(ctx, "SK_MEMINFO_SNDBUF", send_buffer(d));
    translation t = {.each = each, .ctx = ctx, .mss = info_of(d, "snd_mss")};
    if (d->socket) dw_socket_info(d->socket, translate, &t);
    return true;
}

void dw_sys_drop(dw_sys *sys, const char *state)
{
    for (int fd = 0; fd < MOST_FDS; fd++) {
        descriptor *d = sys->fds[fd];
        if (!d || d->kind != STREAM || d->phase == LISTENING || !in_state(d, state)) continue;
        dw_socket_abort(d->socket);
        d->socket = NULL;
        d->phase = FAILED;
        d->error = DW_ECONNABORTED;
    }
}

int dw_sys_count(dw_sys *sys, const char *state)
{
    int count = 0;
    for (int fd = 0; fd < MOST_FDS; fd++) {
        const descriptor *d = sys->fds[fd];
        if (!d || d->kind != STREAM) continue;
        count += strcmp(d->socket ? dw_socket_state(d->socket) : "CLOSED", state) == 0;
    }
    return count;
}

const dw_sys_calls dw_sys_simulated = {
    .socket = dw_sys_socket,
    .bind = dw_sys_bind,
    .listen = dw_sys_listen,
    .accept = dw_sys_accept,
    .connect = dw_sys_connect,
    .send = dw_sys_send,
    .notice = dw_sys_notice,
    .recv = dw_sys_recv,
    .shutdown = dw_sys_shutdown,
    .close = dw_sys_close,
    .setsockopt = dw_sys_setsockopt,
    .getsockopt = dw_sys_getsockopt,
    .getfl = dw_sys_getfl,
    .setfl = dw_sys_setfl,
    .inq = dw_sys_inq,
    .outq = dw_sys_outq,
    .poll = dw_sys_poll,
    .epoll_create = dw_sys_epoll_create,
    .epoll_ctl = dw_sys_epoll_ctl,
    .epoll_wait = dw_sys_epoll_wait,
    .pipe = dw_sys_pipe,
    .splice = dw_sys_splice,
    .file = dw_sys_file,
    .tcp_info = dw_sys_tcp_info,
};
