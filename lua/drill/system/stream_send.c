/* Sending, also with the SYN. */
#include "descriptor.h"

/* Sending. */

static int64_t broken_pipe(dw_descriptor *d)
{
    return d->error ? dw_fd_take_error(d) : -DW_EPIPE;
}

/* Data with the SYN: RFC 7413, as MSG_FASTOPEN or as FreeBSD's option asks for it. */
static int64_t send_fast(dw_descriptor *d, const void *bytes, size_t len, int flags,
                         const dw_addr *addr, uint16_t port, size_t *done)
{
    d->remote = *addr;
    d->remote_port = port;
    dw_fd_remember(d, "fast_open", "true");
    dw_open how = dw_fd_opening(d);
    bool bare = dw_node_query(d->sys->host, "tcp", "fast_open_bare_client", addr) > 0;
    bool known = dw_fd_knows_cookie(d) || bare;
    how.waits = len > 0 && !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    /* Linux takes data for the SYN only, and asks for a cookie without any. */
    if (d->sys->kind == DW_SYS_LINUX && !known) len = 0;
    if (!bytes && len > 0) return -DW_EFAULT;
    dw_buf *buf = dw_buf_new(bytes, len);
    if (!buf) return dw_fd_no_memory(d->sys);
    dw_slice slice = {.buf = dw_buf_ref(buf), .len = (uint32_t)len};
    uint64_t taken = 0;
    how.fast = true;
    how.data = &slice;
    how.count = len > 0;
    if (d->sys->kind == DW_SYS_LINUX) how.taken = &taken;
    int64_t status = dw_fd_start(d, &how);
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

static int64_t may_send(dw_descriptor *d, int flags)
{
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (d->phase == DW_PHASE_FRESH || d->phase == DW_PHASE_LISTENING)
        return d->sys->kind == DW_SYS_FREEBSD ? -DW_ENOTCONN : broken_pipe(d);
    if (d->phase == DW_PHASE_FAILED || d->shut_write || d->error) return broken_pipe(d);
    if (d->phase == DW_PHASE_CONNECTING && (d->fast_waiting || !dw_fd_info(d, "fast")))
        return wait ? DW_SYS_WAIT : -DW_EAGAIN;
    return 0;
}

static uint32_t send_flags(int flags)
{
    uint32_t out = 0;
    if (flags & DW_MSG_OOB) out |= DW_SEND_URGENT;
    if (flags & DW_MSG_MORE) out |= DW_SEND_MORE;
    if (flags & DW_MSG_EOR) out |= DW_SEND_EOR;
    return out;
}

/* Whether a send is to open the connection itself. */
static bool opens(const dw_descriptor *d, int flags, const dw_addr *addr)
{
    if (d->phase == DW_PHASE_DEFERRED) return true;
    bool fast = flags & DW_MSG_FASTOPEN || d->fast_client;
    return fast && addr && addr->family && d->phase == DW_PHASE_FRESH;
}

/* Why MSG_FASTOPEN comes too late, or goes nowhere; 0: it does not matter.  A call that waits, or
 * has sent some, has asked before. */
static int64_t refuses_fast_open(const dw_descriptor *d, const dw_addr *addr, size_t done)
{
    if (addr && !addr->family) return -DW_EOPNOTSUPP;
    if (done > 0 || d->fast_waiting) return 0;
    if (d->phase == DW_PHASE_CONNECTING) return -DW_EALREADY;
    return d->phase == DW_PHASE_CONNECTED && d->told_connected ? -DW_EISCONN : 0;
}

/* Hand TCP what it has room for; a blocking call waits for room for all of it.  Who waits is woken
 * when there is enough of it, not for the first octet. */
static int64_t queue(dw_descriptor *d, const uint8_t *bytes, size_t len, int flags, size_t *done)
{
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (wait && d->send_waits && !dw_fd_info(d, "writable")) return DW_SYS_WAIT;
    d->send_waits = false;
    while (*done < len) {
        int64_t n =
            dw_socket_send_flagged(d->socket, bytes + *done, len - *done, send_flags(flags));
        if (n == 0 && wait) {
            d->send_waits = true;
            return DW_SYS_WAIT;
        }
        if (n <= 0 && *done > 0) return (int64_t)*done;
        if (n == 0) return -DW_EAGAIN;
        if (n == DW_E_CLOSING) return broken_pipe(d);
        if (n < 0) return -dw_errno_of((int)n);
        *done += (size_t)n;
        d->sent += (uint64_t)n;
    }
    return (int64_t)len;
}

static int64_t send_stream(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                           const dw_addr *addr, uint16_t port, size_t *done)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    bool fast = flags & DW_MSG_FASTOPEN, deferred = d->phase == DW_PHASE_DEFERRED;
    if (fast && !sys->fast_clients) return -DW_EOPNOTSUPP;
    if (*done == 0 && opens(d, flags, addr)) {
        if (deferred) port = d->remote_port;
        return send_fast(d, bytes, len, flags, deferred ? &d->remote : addr, port, done);
    }
    int64_t status = fast ? refuses_fast_open(d, addr, *done) : 0;
    if (status < 0) return status;
    /* As connect() would: the program knows now. */
    if (d->phase == DW_PHASE_CONNECTED && (d->fast_waiting || fast)) d->told_connected = true;
    status = may_send(d, flags);
    if (status == DW_SYS_WAIT) return status;
    /* What went with a SYN that came to nothing does not count. */
    bool lost = d->phase == DW_PHASE_FAILED && !d->was_connected;
    if (status < 0) return *done > 0 && !lost ? (int64_t)*done : status;
    if (!bytes && len > 0) return -DW_EFAULT;
    return queue(d, bytes, len, flags, done);
}

int64_t dw_sys_send(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    bool copies = d && d->kind == DW_FD_STREAM && d->zero_copy && flags & DW_MSG_ZEROCOPY;
    if (copies && d->errors && !dw_error_queue_room(d->errors)) return -DW_ENOBUFS;
    int64_t n = send_stream(sys, fd, bytes, len, flags, addr, port, done);
    if (n > 0 && (copies || d->errors) && dw_fd_errors(d)) {
        dw_error_queue_send(d->errors, d->sent, copies);
        dw_fd_look(d);
    }
    return n;
}
