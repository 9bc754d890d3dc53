/* Pipes and files: they hold zeros, so a count is all there is to keep. */
#include "descriptor.h"

#include <stdlib.h>

int64_t dw_sys_pipe(dw_sys *sys, int fds[2])
{
    dw_descriptor *a, *b;
    int64_t first = dw_fd_new(sys, DW_FD_PIPE, &a),
            second = first < 0 ? first : dw_fd_new(sys, DW_FD_PIPE, &b);
    if (second < 0) {
        if (first >= 0) dw_fd_free(sys, (int)first);
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
    dw_descriptor *d;
    int64_t fd = dw_fd_new(sys, DW_FD_FILE, &d);
    if (fd >= 0) d->held = size;
    return fd;
}

/* The end of a pipe that is read holds what is in it; NULL: it is closed. */
static dw_descriptor *read_end(dw_sys *sys, dw_descriptor *d)
{
    return d->kind == DW_FD_PIPE ? dw_fd_find(sys, d->pair) : d;
}

/* Take at most len octets: -errno, DW_SYS_WAIT, or how many.  A socket's stop in front of the octet
 * that ends urgent data; a file's and a pipe's are counted off once they have arrived somewhere. */
static int64_t take(dw_sys *sys, int from, dw_descriptor *in, uint8_t *bytes, size_t len)
{
    if (in->kind != DW_FD_STREAM) {
        int64_t n = (int64_t)(in->held < len ? in->held : len);
        if (n > 0 || in->kind != DW_FD_PIPE) return n;
        return in->nonblocking ? -DW_EAGAIN : DW_SYS_WAIT;
    }
    int64_t urgent = dw_fd_info(in, "urgent");
    if (urgent > 0 && (uint64_t)urgent - 1 < len) len = (size_t)urgent - 1;
    return len > 0 ? dw_sys_recv(sys, from, bytes, len, 0) : 0;
}

/* What a socket gave is gone, also where the other one has no room for it; what a file or a pipe
 * gave stays there then. */
int64_t dw_sys_splice(dw_sys *sys, int from, int to, size_t len)
{
    enum { CHUNK = 65536 };
    dw_descriptor *in = dw_fd_find(sys, from), *out = dw_fd_find(sys, to);
    if (!in || !out) return -DW_EBADF;
    if (len == 0) return 0;
    uint8_t *bytes = calloc(1, CHUNK);
    if (!bytes) return dw_fd_no_memory(sys);
    size_t done = 0;
    int64_t n = take(sys, from, in, bytes, len < CHUNK ? len : CHUNK);
    if (n > 0 && out->kind == DW_FD_STREAM)
        n = dw_sys_send(sys, to, bytes, (size_t)n, 0, NULL, 0, &done);
    if (n > 0 && in->kind != DW_FD_STREAM) in->held -= (uint64_t)n;
    dw_descriptor *end = out->kind == DW_FD_STREAM ? NULL : read_end(sys, out);
    if (n > 0 && end) end->held += (uint64_t)n;
    free(bytes);
    return n;
}
