/* System calls on this machine's kernel.  Descriptors are real ones, and so are the numbers of
 * errors, options and flags: those of sockets.h are Linux's. */
#define _GNU_SOURCE
#include "live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a call may take that the script does not say blocks. */
enum { AT_ONCE_MS = 100 };

static int64_t result_of(int64_t result)
{
    return result < 0 ? -errno : result;
}

static dw_live *live_of(dw_sys *sys)
{
    return (dw_live *)(void *)sys;
}

/* That drywire itself may open no more says nothing about the kernel's TCP. */
static int64_t descriptor(dw_live *live, int64_t result)
{
    if (result != -EMFILE && result != -ENFILE) return result;
    live->unable = true;
    dw_drill_stop(&live->run->outcome, DW_DRILL_WRONG,
                  "too many open files: ulimit -n allows too few");
    return result;
}

static int64_t start(dw_live *live, const dw_live_request *request)
{
    bool may_block = live->run->pending.event != NULL;
    if (!dw_live_idle(&live->worker)) return dw_live_perform(&live->worker, request, 0);
    int flags = fcntl(request->fd, F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK && !may_block)) return dw_live_do(request);
    return dw_live_perform(&live->worker, request, may_block ? 0 : AT_ONCE_MS);
}

static int64_t perform(dw_sys *sys, const dw_live_request *request)
{
    dw_live *live = live_of(sys);
    int64_t result = start(live, request);
    if (result != DW_LIVE_NO_MEMORY) return descriptor(live, result);
    dw_drill_no_memory(&live->run->outcome);
    return -ENOMEM;
}

/* Addresses, in the family of the socket that they are for. */

static uint32_t put_v6(const dw_addr *addr, uint16_t port, uint8_t *out)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    uint8_t *b = a.sin6_addr.s6_addr;
    if (addr->family == 4) { /* ::ffff:a.b.c.d */
        b[10] = b[11] = 0xff;
        dw_put32(b + 12, addr->word[0]);
    }
    for (int i = 0; addr->family == 6 && i < 4; i++)
        dw_put32(b + 4 * i, addr->word[i]);
    memcpy(out, &a, sizeof a);
    return sizeof a;
}

static uint32_t put_v4(const dw_addr *addr, uint16_t port, uint8_t *out)
{
    struct sockaddr_in a = {.sin_family = addr->family == 4 ? AF_INET : AF_UNSPEC,
                            .sin_port = htons(port),
                            .sin_addr.s_addr = htonl(addr->word[0])};
    memcpy(out, &a, sizeof a);
    return sizeof a;
}

static uint32_t put_address(int fd, const dw_addr *addr, uint16_t port, uint8_t *out)
{
    int domain = AF_INET;
    socklen_t len = sizeof domain;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
    bool v6 = domain == AF_INET6 && addr->family != 0;
    return v6 ? put_v6(addr, port, out) : put_v4(addr, port, out);
}

/* The calls. */

static int64_t call_socket(dw_sys *sys, int family, int type, int protocol)
{
    dw_live *live = live_of(sys);
    if (family == 6) family = AF_INET6;
    if (family == 4) family = AF_INET;
    int fd = socket(family, type, protocol);
    if (fd >= 0 && live->congestion[0])
        setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, live->congestion,
                   (socklen_t)strlen(live->congestion));
    return fd >= 0 ? fd : descriptor(live, -errno);
}

static int64_t call_bind(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    uint8_t bytes[sizeof(struct sockaddr_in6)];
    (void)sys;
    uint32_t len = put_address(fd, addr, port, bytes);
    return result_of(bind(fd, (const void *)bytes, len));
}

static int64_t call_listen(dw_sys *sys, int fd, int backlog)
{
    (void)sys;
    return result_of(listen(fd, backlog));
}

/* Scripts do not ask whom a connection is with. */
static int64_t call_accept(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port)
{
    DW_ASSERT(!addr);
    DW_ASSERT(!port);
    return perform(sys, &(dw_live_request){.kind = DW_LIVE_ACCEPT, .fd = fd, .flags = flags});
}

static int64_t call_connect(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    dw_live_request r = {.kind = DW_LIVE_CONNECT, .fd = fd};
    r.addr_len = put_address(fd, addr, port, r.addr);
    return perform(sys, &r);
}

static int64_t call_send(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                         const dw_addr *addr, uint16_t port, size_t *done)
{
    (void)done;
    dw_live_request r = {
        .kind = DW_LIVE_SEND, .fd = fd, .len = len, .flags = flags, .null = bytes == NULL};
    r.has_addr = addr != NULL && (addr->family || flags & MSG_FASTOPEN);
    if (r.has_addr) r.addr_len = put_address(fd, addr, port, r.addr);
    return perform(sys, &r);
}

static int64_t call_recv(dw_sys *sys, int fd, void *bytes, size_t len, int flags)
{
    (void)bytes;
    return perform(sys,
                   &(dw_live_request){.kind = DW_LIVE_RECV, .fd = fd, .len = len, .flags = flags});
}

static int64_t call_shutdown(dw_sys *sys, int fd, int how)
{
    (void)sys;
    return result_of(shutdown(fd, how));
}

static int64_t call_close(dw_sys *sys, int fd)
{
    return perform(sys, &(dw_live_request){.kind = DW_LIVE_CLOSE, .fd = fd});
}

static int64_t call_setsockopt(dw_sys *sys, int fd, int level, int option, const void *value,
                               size_t len)
{
    (void)sys;
    return result_of(setsockopt(fd, level, option, value, (socklen_t)len));
}

static int64_t call_getsockopt(dw_sys *sys, int fd, int level, int option, void *value, size_t *len)
{
    (void)sys;
    socklen_t size = (socklen_t)*len;
    int64_t result = result_of(getsockopt(fd, level, option, value, &size));
    *len = size;
    return result;
}

static int64_t call_getfl(dw_sys *sys, int fd)
{
    (void)sys;
    return result_of(fcntl(fd, F_GETFL));
}

static int64_t call_setfl(dw_sys *sys, int fd, int flags)
{
    (void)sys;
    return result_of(fcntl(fd, F_SETFL, flags));
}

static int64_t ask(int fd, unsigned long request)
{
    int n = 0;
    int64_t result = result_of(ioctl(fd, request, &n));
    return result < 0 ? result : n;
}

static int64_t call_inq(dw_sys *sys, int fd)
{
    (void)sys;
    return ask(fd, SIOCINQ);
}

static int64_t call_outq(dw_sys *sys, int fd, bool unsent_only)
{
    (void)sys;
    return ask(fd, unsent_only ? SIOCOUTQNSD : SIOCOUTQ);
}

static uint32_t call_poll(dw_sys *sys, int fd)
{
    (void)sys;
    struct pollfd p = {.fd = fd,
                       .events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDHUP};
    if (fd < 0) return POLLNVAL;
    return poll(&p, 1, 0) > 0 ? (uint32_t)(uint16_t)p.revents : 0;
}

static int64_t call_epoll_create(dw_sys *sys)
{
    return descriptor(live_of(sys), result_of(epoll_create1(EPOLL_CLOEXEC)));
}

static int64_t call_epoll_ctl(dw_sys *sys, int epoll, int op, int fd, uint32_t events,
                              uint64_t data)
{
    (void)sys;
    struct epoll_event e = {.events = events, .data.u64 = data};
    return result_of(epoll_ctl(epoll, op, fd, &e));
}

static int64_t call_epoll_wait(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data)
{
    (void)sys;
    struct epoll_event e = {0};
    int64_t result = result_of(epoll_wait(epoll, &e, 1, 0));
    *events = e.events;
    *data = e.data.u64;
    return result;
}

static int64_t call_pipe(dw_sys *sys, int fds[2])
{
    return descriptor(live_of(sys), result_of(pipe(fds)));
}

static bool is_pipe(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static int64_t call_splice(dw_sys *sys, int from, int to, size_t len)
{
    bool pipes = is_pipe(from) || is_pipe(to);
    dw_live_request r = {.fd = from, .to = to, .len = len};
    r.kind = pipes ? DW_LIVE_SPLICE : DW_LIVE_SENDFILE;
    return perform(sys, &r);
}

static int64_t call_file(dw_sys *sys, uint64_t size)
{
    int fd = memfd_create("zeros", MFD_CLOEXEC);
    bool ok = fd >= 0 && ftruncate(fd, (off_t)size) == 0;
    return ok ? fd : descriptor(live_of(sys), -errno);
}

const dw_sys_calls dw_live_calls = {
    .socket = call_socket,
    .bind = call_bind,
    .listen = call_listen,
    .accept = call_accept,
    .connect = call_connect,
    .send = call_send,
    .notice = dw_live_notice,
    .recv = call_recv,
    .shutdown = call_shutdown,
    .close = call_close,
    .setsockopt = call_setsockopt,
    .getsockopt = call_getsockopt,
    .getfl = call_getfl,
    .setfl = call_setfl,
    .inq = call_inq,
    .outq = call_outq,
    .poll = call_poll,
    .epoll_create = call_epoll_create,
    .epoll_ctl = call_epoll_ctl,
    .epoll_wait = call_epoll_wait,
    .pipe = call_pipe,
    .splice = call_splice,
    .file = call_file,
    .tcp_info = dw_live_tcp_info,
};
