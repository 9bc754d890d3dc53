/* Workers as children of this process, each at the other end of a socket. */
#include "transport.h"

#include <drywire/base.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it */
#endif

enum { WHILE_MS = 250, READ_AT_ONCE = 65536 };

typedef struct worker {
    pid_t pid; /* 0: none */
    int fd;
    dw_octets out, in; /* what is under way; of `in` up to `taken` has been handed on */
    size_t sent, taken;
    dw_deal_words words;
} worker;

typedef struct fork_transport {
    const dw_deal_work *work;
    unsigned count, last; /* last: whose message was handed on */
    worker *workers;
    struct pollfd *polls;
    dw_octets last_words;
} fork_transport;

/* The child. */

static bool read_all(int fd, void *data, size_t len)
{
    char *at = data;
    while (len > 0) {
        ssize_t n = read(fd, at, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static size_t octets_of(const dw_deal_message *m)
{
    return m->printed + m->complained + m->len;
}

/* Until whoever deals has gone, or wants no more.  Nothing of this process but its answers is to be
 * seen outside: it does not run what others have registered for its end. */
static _Noreturn void serve(const dw_deal_work *work, const dw_deal_words *words, int fd)
{
    dw_deal_message m, reply;
    dw_octets body = {0}, room = {0};
    if (work->begins) work->begins(work->arg);
    while (read_all(fd, &m, sizeof m)) {
        body.len = 0;
        char *at = dw_octets_more(&body, octets_of(&m));
        if (!at || !read_all(fd, at, body.len)) break;
        m.octets = body.data;
        if (!dw_deal_answer(work, words, &m, &room, &reply)) continue;
        if (room.no_memory || !write_all(fd, &reply, sizeof reply) ||
            !write_all(fd, room.data, room.len) || reply.kind == DW_DEAL_LAST_RESULT)
            break;
    }
    _exit(room.no_memory || body.no_memory ? 3 : 0);
}

/* It ends with its parent, even in the middle of a piece.  It must not keep open what the others'
 * parent reads, or they would not hear of its end. */
static _Noreturn void become_worker(fork_transport *t, unsigned number, int fd, pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent) _exit(0);
    for (unsigned i = 0; i < t->count; i++)
        if (t->workers[i].fd >= 0) close(t->workers[i].fd);
    dw_deal_words_use(&t->workers[number].words);
    serve(t->work, &t->workers[number].words, fd);
}

/* The parent. */

static void close_worker(worker *w)
{
    if (w->fd >= 0) close(w->fd);
    w->fd = -1;
    w->pid = 0;
    dw_octets_free(&w->out);
    dw_octets_free(&w->in);
    w->sent = w->taken = 0;
    dw_deal_words_close(&w->words);
}

static void set_up(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
}

/* The child has all that this process has, so what is buffered here is written first. */
static int begin(void *arg, unsigned number)
{
    fork_transport *t = arg;
    worker *w = &t->workers[number];
    int ends[2];
    pid_t parent = getpid();
    DW_ASSERT(w->pid == 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return DW_E_IO;
    if (dw_deal_words_open(&w->words) != DW_OK) {
        close(ends[0]);
        close(ends[1]);
        return DW_E_IO;
    }
    set_up(ends[0]);
    set_up(ends[1]);
    fflush(NULL);
    w->fd = ends[0];
    w->pid = fork();
    if (w->pid == 0) become_worker(t, number, ends[1], parent);
    close(ends[1]);
    if (w->pid > 0) {
        fcntl(w->fd, F_SETFL, O_NONBLOCK);
        return DW_OK;
    }
    close_worker(w);
    return DW_E_IO;
}

static void close_all(void *arg);

static int open_all(dw_deal *d, const dw_deal_work *work, unsigned count, void **out)
{
    (void)d;
    fork_transport *t = calloc(1, sizeof *t);
    if (!t) return DW_E_NOMEM;
    t->work = work;
    t->workers = calloc(count, sizeof *t->workers);
    t->polls = calloc(count, sizeof *t->polls);
    t->last = count;
    if (!t->workers || !t->polls) {
        close_all(t);
        return DW_E_NOMEM;
    }
    t->count = count;
    for (unsigned i = 0; i < count; i++) {
        t->workers[i].fd = -1;
        t->workers[i].words = (dw_deal_words){{-1, -1}};
    }
    *out = t;
    return DW_OK;
}

/* As much as there is room for; of one that has gone the next read tells. */
static void push(worker *w)
{
    while (w->sent < w->out.len) {
        ssize_t n = send(w->fd, w->out.data + w->sent, w->out.len - w->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        w->sent += (size_t)n;
    }
    if (w->sent < w->out.len) return;
    w->out.len = w->sent = 0;
}

static int send_message(void *arg, unsigned number, const dw_deal_message *m)
{
    fork_transport *t = arg;
    worker *w = &t->workers[number];
    dw_octets_add(&w->out, m, sizeof *m);
    dw_octets_add(&w->out, m->octets, octets_of(m));
    if (w->out.no_memory) return DW_E_NOMEM;
    push(w);
    return DW_OK;
}

/* Whether what has come and was not handed on begins with a whole message; its head is copied. */
static bool has_whole(const worker *w, dw_deal_message *out)
{
    size_t left = w->in.len - w->taken;
    if (left < sizeof *out) return false;
    memcpy(out, w->in.data + w->taken, sizeof *out);
    return left - sizeof *out >= octets_of(out);
}

/* The next whole message; false: there is none. */
static bool hand_on(worker *w, dw_deal_message *out)
{
    if (!has_whole(w, out)) return false;
    out->octets = w->in.data + w->taken + sizeof *out;
    w->taken += sizeof *out + octets_of(out);
    return true;
}

/* What has been handed on makes room, once that is most of it or all. */
static void make_room(worker *w)
{
    if (w->taken == 0 || w->taken < w->in.len / 2) return;
    memmove(w->in.data, w->in.data + w->taken, w->in.len - w->taken);
    w->in.len -= w->taken;
    w->taken = 0;
}

/* How it ended, and what it had to say. */
static void say_death(fork_transport *t, worker *w, dw_deal_arrival *out)
{
    int status = 0;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        snprintf(out->why, sizeof out->why, "by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(out->why, sizeof out->why, "with exit code %d", WEXITSTATUS(status));
    t->last_words.len = 0;
    out->message = (dw_deal_message){.kind = DW_DEAL_LAST_RESULT};
    out->message.complained = dw_deal_words_take(&w->words, 1, &t->last_words);
    out->message.octets = t->last_words.data;
}

/* false: it has gone. */
static bool pull(worker *w)
{
    char buffer[READ_AT_ONCE];
    make_room(w);
    for (;;) {
        ssize_t n = read(w->fd, buffer, sizeof buffer);
        if (n > 0) dw_octets_add(&w->in, buffer, (size_t)n);
        if (n > 0 && !w->in.no_memory) continue;
        if (n < 0 && errno == EINTR) continue;
        return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    }
}

/* Beginning behind the one whose message was the last. */
static bool something_whole(fork_transport *t, dw_deal_arrival *out)
{
    for (unsigned k = 1; k <= t->count; k++) {
        unsigned i = (t->last + k) % t->count;
        if (t->workers[i].pid == 0 || !hand_on(&t->workers[i], &out->message)) continue;
        t->last = out->worker = i;
        return true;
    }
    return false;
}

/* What a worker sent before it died comes before its death. */
static int wait_for(void *arg, dw_deal_arrival *out)
{
    fork_transport *t = arg;
    out->gone = false;
    if (something_whole(t, out)) return DW_OK;
    for (unsigned i = 0; i < t->count; i++) {
        const worker *w = &t->workers[i];
        short events = (short)(w->out.len > 0 ? POLLIN | POLLOUT : POLLIN);
        t->polls[i] = (struct pollfd){.fd = w->fd, .events = events};
    }
    if (poll(t->polls, t->count, WHILE_MS) <= 0) return DW_E_AGAIN;
    for (unsigned i = 0; i < t->count; i++) {
        worker *w = &t->workers[i];
        if (t->polls[i].revents & POLLOUT) push(w);
        if (!(t->polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
        bool there = pull(w);
        if (w->in.no_memory) return DW_E_NOMEM;
        if (there || has_whole(w, &out->message)) continue;
        out->worker = i;
        out->gone = true;
        say_death(t, w, out);
        close_worker(w);
        return DW_OK;
    }
    return something_whole(t, out) ? DW_OK : DW_E_AGAIN;
}

static void end(void *arg, unsigned number)
{
    fork_transport *t = arg;
    worker *w = &t->workers[number];
    if (w->pid == 0) return;
    kill(w->pid, SIGKILL);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close_worker(w);
}

static void close_all(void *arg)
{
    fork_transport *t = arg;
    for (unsigned i = 0; i < t->count; i++)
        end(t, i);
    free(t->workers);
    free(t->polls);
    dw_octets_free(&t->last_words);
    free(t);
}

const dw_deal_transport dw_deal_fork = {open_all, begin, send_message, wait_for, end, close_all};
