/* Pipes and files: they hold zeros, so a count is all there is to keep. */
#include "descriptor.h"

#include <stdlib.h>

/* Pipes and files: they hold zeros, so a count is all there is to keep. */

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

/* The end of a pipe that is read holds what is in it. */
static dw_descriptor *pipe_end(dw_sys *sys, dw_descriptor *d, bool written)
{
    if (!d || d->kind != DW_FD_PIPE || !written) return d;
    return dw_fd_find(sys, d->pair);
}

int64_t dw_sys_splice(dw_sys *sys, int from, int to, size_t len)
{
    enum { CHUNK = 65536 };
    dw_descriptor *in = pipe_end(sys, dw_fd_find(sys, from), false), *out = dw_fd_find(sys, to);
    if (!in || !out) return -DW_EBADF;
    uint8_t *bytes = calloc(1, CHUNK);
    if (!bytes) return dw_fd_no_memory(sys);
    size_t most = len < CHUNK ? len : CHUNK, done = 0;
    int64_t n, urgent = in->kind == DW_FD_STREAM ? dw_fd_info(in, "urgent") : 0;
    /* It stops in front of the octet that ends urgent data. */
    if (urgent > 0 && (uint64_t)urgent - 1 < most) most = (size_t)urgent - 1;
    if (len == 0) {
        n = 0;
    } else if (in->kind == DW_FD_STREAM) {
        n = most > 0 ? dw_sys_recv(sys, from, bytes, most, 0) : 0;
    } else {
        n = (int64_t)(in->held < most ? in->held : most);
        if (n == 0 && in->kind == DW_FD_PIPE) n = in->nonblocking ? -DW_EAGAIN : DW_SYS_WAIT;
    }
    if (n > 0 && out->kind == DW_FD_STREAM) {
        n = dw_sys_send(sys, to, bytes, (size_t)n, 0, NULL, 0, &done);
        if (n > 0 && in->kind != DW_FD_STREAM) in->held -= (uint64_t)n;
    } else if (n > 0) {
        if (in->kind != DW_FD_STREAM) in->held -= (uint64_t)n;
        dw_descriptor *end = pipe_end(sys, out, true);
        if (end) end->held += (uint64_t)n;
    }
    free(bytes);
    return n;
}
