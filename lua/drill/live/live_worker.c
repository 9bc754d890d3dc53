/* A thread for calls that may block: the script goes on beside them. */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

/* Data that a script sends is zeros.  What is sent without a copy is read later: it stays. */
static int64_t do_send(const dw_live_request *r)
{
    const void *addr = r->has_addr ? r->addr : NULL;
    void *bytes = NULL;
    if (!r->null && !(bytes = calloc(1, r->len ? r->len : 1))) return DW_LIVE_NO_MEMORY;
    ssize_t n = sendto(r->fd, bytes, r->len, r->flags, addr, r->has_addr ? r->addr_len : 0);
    int error = errno;
    if (!(r->flags & MSG_ZEROCOPY)) free(bytes);
    errno = error;
    return n;
}

static int64_t do_recv(const dw_live_request *r)
{
    void *bytes = malloc(r->len ? r->len : 1);
    if (!bytes) return DW_LIVE_NO_MEMORY;
    ssize_t n = recv(r->fd, bytes, r->len, r->flags);
    int error = errno;
    free(bytes);
    errno = error;
    return n;
}

static int64_t do_request(const dw_live_request *r)
{
    switch (r->kind) {
    case DW_LIVE_ACCEPT: return accept4(r->fd, NULL, NULL, r->flags);
    case DW_LIVE_CONNECT: return connect(r->fd, (const void *)r->addr, r->addr_len);
    case DW_LIVE_SEND: return do_send(r);
    case DW_LIVE_RECV: return do_recv(r);
    case DW_LIVE_CLOSE: return close(r->fd);
    case DW_LIVE_SPLICE: return splice(r->fd, NULL, r->to, NULL, r->len, 0);
    case DW_LIVE_SENDFILE: return sendfile(r->to, r->fd, NULL, r->len);
    }
    return -1;
}

int64_t dw_live_do(const dw_live_request *request)
{
    int64_t result = do_request(request);
    return result == -1 ? -errno : result;
}

static void *work(void *arg)
{
    dw_live_worker *w = arg;
    uint64_t one = 1;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->state != DW_LIVE_BUSY)
            pthread_cond_wait(&w->posted, &w->lock);
        dw_live_request request = w->request;
        pthread_mutex_unlock(&w->lock);
        int64_t result = dw_live_do(&request);
        pthread_mutex_lock(&w->lock);
        w->result = result;
        w->state = DW_LIVE_DONE;
        if (write(w->done, &one, sizeof one) < 0) abort();
    }
    return NULL;
}

bool dw_live_start_worker(dw_live_worker *w)
{
    w->done = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->posted, NULL);
    return w->done >= 0 && pthread_create(&w->thread, NULL, work, w) == 0;
}

static bool post(dw_live_worker *w, const dw_live_request *request)
{
    pthread_mutex_lock(&w->lock);
    bool idle = w->state == DW_LIVE_IDLE;
    if (idle) {
        w->request = *request;
        w->state = DW_LIVE_BUSY;
        pthread_cond_signal(&w->posted);
    }
    pthread_mutex_unlock(&w->lock);
    return idle;
}

static int64_t result_of(dw_live_worker *w)
{
    uint64_t count;
    int64_t result = DW_SYS_WAIT;
    pthread_mutex_lock(&w->lock);
    if (w->state == DW_LIVE_DONE) {
        result = w->result;
        w->state = DW_LIVE_IDLE;
        if (read(w->done, &count, sizeof count) < 0) abort();
    }
    pthread_mutex_unlock(&w->lock);
    return result;
}

bool dw_live_idle(dw_live_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool idle = w->state == DW_LIVE_IDLE;
    pthread_mutex_unlock(&w->lock);
    return idle;
}

int64_t dw_live_perform(dw_live_worker *w, const dw_live_request *request, int patience_ms)
{
    if (post(w, request) && patience_ms > 0) {
        struct pollfd p = {.fd = w->done, .events = POLLIN};
        while (poll(&p, 1, patience_ms) < 0 && errno == EINTR)
            continue;
    }
    return result_of(w);
}
