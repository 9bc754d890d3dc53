/* The descriptors of a process: finding, making and freeing them, and what stands behind them. */
#include "descriptor.h"

#include <stdlib.h>
#include <string.h>

static void traced(const dw_trace_event *e, void *arg)
{
    dw_sys *sys = arg;
    if (dw_connections_note(&sys->connections, e) != DW_OK)
        dw_sim_no_memory(dw_node_sim(sys->host));
}

int dw_sys_new(dw_node *host, enum dw_sys_kind kind, dw_sys **out)
{
    dw_sim *sim = dw_node_sim(host);
    dw_sys *sys = calloc(1, sizeof *sys);
    if (!sys) return dw_sim_no_memory(sim);
    sys->host = host;
    sys->kind = kind;
    sys->fast_clients = sys->fast_servers = true;
    int status = dw_trace_subscribe(sim, DW_CONNECTIONS_MASK, dw_node_index(host), 0, traced, sys);
    if (status != DW_OK) {
        free(sys);
        return status;
    }
    *out = sys;
    return DW_OK;
}

const dw_connections *dw_sys_connections(const dw_sys *sys)
{
    return &sys->connections;
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

void dw_fd_free(dw_sys *sys, int fd)
{
    dw_descriptor *d = sys->fds[fd];
    DW_ASSERT(d);
    sys->fds[fd] = NULL;
    for (dw_watch *w = d->watches, *next; w; w = next) {
        next = w->next;
        free(w);
    }
    free(d->errors);
    free(d);
}

void dw_sys_free(dw_sys *sys)
{
    if (!sys) return;
    for (int fd = 0; fd < DW_MAX_FDS; fd++) {
        if (!sys->fds[fd]) continue;
        if (sys->fds[fd]->socket) dw_socket_set_notify(sys->fds[fd]->socket, NULL, NULL);
        dw_fd_free(sys, fd);
    }
    dw_connections_free(&sys->connections);
    free(sys);
}

/* Descriptors. */

/* The simulation is over then; that the call fails is of no account. */
int64_t dw_fd_no_memory(dw_sys *sys)
{
    dw_sim_no_memory(dw_node_sim(sys->host));
    return -DW_ENOBUFS;
}

int64_t dw_fd_new(dw_sys *sys, enum dw_fd_kind kind, dw_descriptor **out)
{
    for (int fd = DW_FIRST_FD; fd < DW_MAX_FDS; fd++) {
        if (sys->fds[fd]) continue;
        dw_descriptor *d = calloc(1, sizeof *d);
        if (!d) return dw_fd_no_memory(sys);
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

dw_descriptor *dw_fd_find(dw_sys *sys, int fd)
{
    return fd >= 0 && fd < DW_MAX_FDS ? sys->fds[fd] : NULL;
}

/* The stream socket behind a descriptor, or -errno in *wrong. */
dw_descriptor *dw_fd_stream(dw_sys *sys, int fd, int64_t *wrong)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    *wrong = !d ? -DW_EBADF : -DW_ENOTSOCK;
    return d && d->kind == DW_FD_STREAM ? d : NULL;
}

typedef struct number {
    const char *name;
    int64_t value;
} number;

static void pick(void *ctx, const char *name, int64_t value)
{
    number *n = ctx;
    if (strcmp(n->name, name) == 0) n->value = value;
}

int64_t dw_fd_info(const dw_descriptor *d, const char *name)
{
    number n = {name, 0};
    if (d->socket) dw_socket_info(d->socket, pick, &n);
    return n.value;
}

int64_t dw_fd_default(const dw_descriptor *d, const char *name)
{
    if (d->socket && d->phase != DW_PHASE_LISTENING) return dw_fd_info(d, name);
    return dw_node_query(d->sys->host, "tcp", name, &d->remote);
}

bool dw_fd_in_state(const dw_descriptor *d, const char *state)
{
    return d->socket && strcmp(dw_socket_state(d->socket), state) == 0;
}

int64_t dw_fd_receive_lowat(const dw_descriptor *d)
{
    return d->receive_lowat > 0 ? d->receive_lowat : 1;
}

int64_t dw_sys_getfl(dw_sys *sys, int fd)
{
    const dw_descriptor *d = dw_fd_find(sys, fd);
    if (!d) return -DW_EBADF;
    return d->nonblocking ? DW_O_RDWR | DW_O_NONBLOCK : DW_O_RDWR;
}

int64_t dw_sys_setfl(dw_sys *sys, int fd, int flags)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    if (!d) return -DW_EBADF;
    d->nonblocking = (flags & DW_O_NONBLOCK) != 0;
    return 0;
}

uint32_t dw_sys_conn(dw_sys *sys, int fd)
{
    const dw_descriptor *d = dw_fd_find(sys, fd);
    return d && d->kind == DW_FD_STREAM && d->socket ? dw_socket_conn(d->socket) : 0;
}

int dw_sys_count(dw_sys *sys, const char *state)
{
    int count = 0;
    for (int fd = 0; fd < DW_MAX_FDS; fd++) {
        const dw_descriptor *d = sys->fds[fd];
        if (!d || d->kind != DW_FD_STREAM) continue;
        count += strcmp(d->socket ? dw_socket_state(d->socket) : "CLOSED", state) == 0;
    }
    return count;
}
