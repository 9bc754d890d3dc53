/* Calls that open, connect and close descriptors, or move data between them. */
#define _GNU_SOURCE
#include "judge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

bool dw_judge_read_address(const struct sockaddr *sa, socklen_t len, dw_addr *addr, uint16_t *port)
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

int dw_judge_socket(void *u, int domain, int type, int protocol)
{
    (void)u;
    dw_judge_enter();
    int family = domain == AF_INET6 ? 6 : 0;
    if (domain == AF_INET) family = 4;
    int64_t fd = dw_sys_socket(dw_judge.sys, family, type, protocol);
    return (int)dw_judge_leave(dw_judge_outer(fd));
}

void dw_judge_own(const dw_addr *addr)
{
    if (dw_addr_is_unicast(addr)) dw_node_add_address(dw_judge.host, addr);
}

int dw_judge_bind(void *u, int fd, const struct sockaddr *sa, socklen_t len)
{
    (void)u;
    dw_addr addr;
    uint16_t port;
    dw_judge_enter();
    if (!dw_judge_read_address(sa, len, &addr, &port)) return (int)dw_judge_leave(-DW_EINVAL);
    dw_judge_own(&addr);
    return (int)dw_judge_leave(dw_sys_bind(dw_judge.sys, dw_judge_inner(fd), &addr, port));
}

int dw_judge_listen(void *u, int fd, int backlog)
{
    (void)u;
    dw_judge_enter();
    return (int)dw_judge_leave(dw_sys_listen(dw_judge.sys, dw_judge_inner(fd), backlog));
}

static int64_t once_accept(dw_attempt *a)
{
    int64_t fd = dw_sys_accept(dw_judge.sys, a->fd, a->flags, &a->addr, &a->port);
    return fd == DW_SYS_WAIT ? fd : dw_judge_outer(fd);
}

bool dw_judge_is_v6(int fd)
{
    int32_t domain = AF_INET;
    size_t size = sizeof domain;
    dw_sys_getsockopt(dw_judge.sys, fd, DW_SOL_SOCKET, DW_SO_DOMAIN, &domain, &size);
    return domain == AF_INET6;
}

/* IPv4 as IPv6 has it: ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
static struct in6_addr as_v6(const dw_addr *addr)
{
    struct in6_addr out;
    dw_addr mapped = {.family = 6, .word = {0, 0, 0xffff, addr->word[0]}};
    const dw_addr *from = addr->family == 4 ? &mapped : addr;
    for (int i = 0; i < 4; i++)
        dw_put32(out.s6_addr + 4 * i, from->word[i]);
    return out;
}

/* Whom an accepted connection is with, where there is room for it. */
static void write_peer(bool v6, const dw_attempt *a, struct sockaddr *sa, socklen_t *len)
{
    if (!v6 && *len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        in.sin_addr.s_addr = htonl(a->addr.word[0]);
        memcpy(sa, &in, *len = sizeof in);
    } else if (*len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
        in.sin6_addr = as_v6(&a->addr);
        memcpy(sa, &in, *len = sizeof in);
    }
}

int dw_judge_accept(void *u, int fd, struct sockaddr *sa, socklen_t *len)
{
    (void)u;
    dw_attempt a = {.once = once_accept, .fd = dw_judge_inner(fd)};
    int made = (int)dw_judge_call(&a);
    if (made >= 0 && sa && len) write_peer(dw_judge_is_v6(dw_judge_inner(made)), &a, sa, len);
    return made;
}

static int64_t once_connect(dw_attempt *a)
{
    return dw_sys_connect(dw_judge.sys, a->fd, &a->addr, a->port);
}

int dw_judge_connect(void *u, int fd, const struct sockaddr *sa, socklen_t len)
{
    (void)u;
    dw_attempt a = {.once = once_connect, .fd = dw_judge_inner(fd)};
    if (!dw_judge_read_address(sa, len, &a.addr, &a.port)) {
        errno = EINVAL;
        return -1;
    }
    return (int)dw_judge_call(&a);
}

int dw_judge_fcntl(void *u, int fd, int command, ...)
{
    (void)u;
    va_list args;
    va_start(args, command);
    int flags = command == F_SETFL ? va_arg(args, int) : 0;
    va_end(args);
    dw_judge_enter();
    if (command == F_GETFL)
        return (int)dw_judge_leave(dw_sys_getfl(dw_judge.sys, dw_judge_inner(fd)));
    if (command != F_SETFL) return (int)dw_judge_leave(-DW_EINVAL);
    return (int)dw_judge_leave(dw_sys_setfl(dw_judge.sys, dw_judge_inner(fd), flags));
}

int dw_judge_ioctl(void *u, int fd, unsigned long request, ...)
{
    enum { INQ = 0x541B, OUTQ = 0x5411, OUTQNSD = 0x894B };
    (void)u;
    va_list args;
    va_start(args, request);
    int *value = va_arg(args, int *);
    va_end(args);
    dw_judge_enter();
    fd = dw_judge_inner(fd);
    if (request != INQ && request != OUTQ && request != OUTQNSD)
        return (int)dw_judge_leave(-DW_EINVAL);
    int64_t n = request == INQ ? dw_sys_inq(dw_judge.sys, fd)
                               : dw_sys_outq(dw_judge.sys, fd, request == OUTQNSD);
    if (n < 0) return (int)dw_judge_leave(n);
    if (value) *value = (int)n;
    return (int)dw_judge_leave(0);
}

static int64_t once_close(dw_attempt *a)
{
    return dw_sys_close(dw_judge.sys, a->fd);
}

int dw_judge_close(void *u, int fd)
{
    (void)u;
    dw_attempt a = {.once = once_close, .fd = dw_judge_inner(fd)};
    int r = (int)dw_judge_call(&a);
    if (r < 0) return r;
    dw_judge.inner[fd] = 0;
    return close(fd);
}

int dw_judge_shutdown(void *u, int fd, int how)
{
    (void)u;
    dw_judge_enter();
    return (int)dw_judge_leave(dw_sys_shutdown(dw_judge.sys, dw_judge_inner(fd), how));
}

int dw_judge_pipe(void *u, int fds[2])
{
    (void)u;
    dw_judge_enter();
    int64_t r = dw_sys_pipe(dw_judge.sys, fds);
    for (int i = 0; r == 0 && i < 2; i++)
        fds[i] = (int)dw_judge_outer(fds[i]);
    return (int)dw_judge_leave(r);
}

static int64_t once_splice(dw_attempt *a)
{
    return dw_sys_splice(dw_judge.sys, a->fd, a->flags, a->len);
}

int dw_judge_splice(void *u, int in, loff_t *in_offset, int out, loff_t *out_offset, size_t len,
                    unsigned flags)
{
    (void)u;
    (void)in_offset;
    (void)out_offset;
    (void)flags;
    dw_attempt a = {
        .once = once_splice, .fd = dw_judge_inner(in), .flags = dw_judge_inner(out), .len = len};
    return (int)dw_judge_call(&a);
}
