/* Calls that send and receive, and the ancillary data of recvmsg. */
#define _GNU_SOURCE
#include "judge.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static int64_t once_recv(dw_attempt *a)
{
    return dw_sys_recv(dw_judge.sys, a->fd, a->in, a->len, a->flags);
}

ssize_t dw_judge_recv(void *u, int fd, void *buf, size_t len, int flags)
{
    (void)u;
    dw_attempt a = {
        .once = once_recv, .fd = dw_judge_inner(fd), .in = buf, .len = len, .flags = flags};
    return (ssize_t)dw_judge_call(&a);
}

ssize_t dw_judge_recvfrom(void *u, int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
                          socklen_t *addr_len)
{
    (void)addr;
    if (addr_len) *addr_len = 0;
    return dw_judge_recv(u, fd, buf, len, flags);
}

ssize_t dw_judge_read(void *u, int fd, void *buf, size_t count)
{
    return dw_judge_recv(u, fd, buf, count, 0);
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
    ssize_t n = dw_judge_recv(u, fd, bytes, len, flags);
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

ssize_t dw_judge_readv(void *u, int fd, const struct iovec *iov, int count)
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
    bool v6 = dw_judge_is_v6(dw_judge_inner(fd));
    if (v6)
        put_control(msg, room, DW_SOL_IPV6, DW_IPV6_RECVERR, &data,
                    sizeof data.e + sizeof data.offender.v6);
    else
        put_control(msg, room, DW_SOL_IP, DW_IP_RECVERR, &data,
                    sizeof data.e + sizeof data.offender.v4);
}

/* SCM_TIMESTAMPING: software's, one that is no longer used, hardware's. */
static void put_timestamp(struct msghdr *msg, size_t room, dw_time at)
{
    struct timespec timestamps[3] = {
        {.tv_sec = DW_JUDGE_EPOCH + at / DW_SECOND, .tv_nsec = (long)(at % DW_SECOND)}};
    put_control(msg, room, DW_SOL_SOCKET, DW_SO_TIMESTAMPING, timestamps, sizeof timestamps);
}

static ssize_t recv_errors(int fd, struct msghdr *msg, size_t room)
{
    dw_notice n;
    dw_judge_enter();
    int64_t r = dw_sys_notice(dw_judge.sys, dw_judge_inner(fd), &n);
    if (r == 0) {
        if (n.origin == DW_NOTICE_TIMESTAMP) put_timestamp(msg, room, n.at);
        put_error(fd, msg, room, &n);
        msg->msg_flags = MSG_ERRQUEUE | (n.truncated ? MSG_TRUNC : 0);
    }
    return (ssize_t)dw_judge_leave(r);
}

ssize_t dw_judge_recvmsg(void *u, int fd, struct msghdr *msg, int flags)
{
    size_t room = msg->msg_controllen;
    msg->msg_controllen = 0;
    if (flags & MSG_ERRQUEUE) return recv_errors(fd, msg, room);
    ssize_t n = recv_vector(u, fd, msg->msg_iov, msg->msg_iovlen, flags);
    if (n >= 0) msg->msg_flags = 0;
    int32_t asked = 0;
    size_t size = sizeof asked;
    dw_judge_enter();
    dw_sys_getsockopt(dw_judge.sys, dw_judge_inner(fd), DW_SOL_TCP, DW_TCP_INQ, &asked, &size);
    int32_t unread = (int32_t)dw_sys_inq(dw_judge.sys, dw_judge_inner(fd));
    pthread_mutex_unlock(&dw_judge.lock);
    if (n >= 0 && asked) put_control(msg, room, DW_SOL_TCP, DW_TCP_INQ, &unread, sizeof unread);
    return n;
}

static int64_t once_send(dw_attempt *a)
{
    return dw_sys_send(dw_judge.sys, a->fd, a->out, a->len, a->flags, &a->addr, a->port, &a->done);
}

ssize_t dw_judge_sendto(void *u, int fd, const void *buf, size_t len, int flags,
                        const struct sockaddr *sa, socklen_t sa_len)
{
    (void)u;
    dw_attempt a = {
        .once = once_send, .fd = dw_judge_inner(fd), .out = buf, .len = len, .flags = flags};
    if (!dw_judge_read_address(sa, sa_len, &a.addr, &a.port)) {
        errno = EINVAL;
        return -1;
    }
    return (ssize_t)dw_judge_call(&a);
}

ssize_t dw_judge_send(void *u, int fd, const void *buf, size_t len, int flags)
{
    return dw_judge_sendto(u, fd, buf, len, flags, NULL, 0);
}

ssize_t dw_judge_write(void *u, int fd, const void *buf, size_t count)
{
    return dw_judge_sendto(u, fd, buf, count, 0, NULL, 0);
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
    ssize_t n = dw_judge_sendto(u, fd, bytes, len, flags, sa, sa_len);
    int error = errno;
    free(bytes);
    errno = error;
    return n;
}

ssize_t dw_judge_writev(void *u, int fd, const struct iovec *iov, int count)
{
    return send_vector(u, fd, iov, (size_t)count, 0, NULL, 0);
}

ssize_t dw_judge_sendmsg(void *u, int fd, const struct msghdr *msg, int flags)
{
    return send_vector(u, fd, msg->msg_iov, msg->msg_iovlen, flags, msg->msg_name,
                       msg->msg_name ? msg->msg_namelen : 0);
}
