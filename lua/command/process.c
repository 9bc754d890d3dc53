/* Other processes (see process.h). */
#include "process.h"
#include "failure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

typedef struct running {
    uv_process_t process;
    uv_pipe_t pipe[JOB_PIPES];
    struct pool *pool;
    job *job;
    uint64_t began; /* ns */
    int open;       /* handles that are not closed yet */
    bool used, finished;
} running;

enum { ENDING_SIGNALS = 3 };

typedef struct pool {
    uv_loop_t loop;
    uv_signal_t signals[ENDING_SIGNALS];
    int caught; /* one of them, or 0 */
    job *jobs;
    size_t count, next, reported;
    unsigned active, at_once;
    bool no_memory, stopped; /* stopped: whoever is told wants no more */
    running *slots;          /* one a job */
    bool (*done)(job *j, size_t index, void *arg);
    void *arg;
} pool;

static void start_more(pool *p);
static void start(running *r, job *j);

const char *own_path(void)
{
    static char path[4096];
    size_t size = sizeof path;
    if (!path[0] && uv_exepath(path, &size) != 0) snprintf(path, sizeof path, "drywire");
    return path;
}

static void end_those_that_run(pool *p, int number)
{
    for (size_t i = 0; i < p->next; i++)
        if (p->slots[i].used && !p->slots[i].finished)
            uv_process_kill(&p->slots[i].process, number);
}

static void report_in_order(pool *p)
{
    while (!p->stopped && p->reported < p->count && p->slots[p->reported].finished) {
        job *j = &p->jobs[p->reported];
        if (p->done && !p->done(j, p->reported, p->arg)) p->stopped = true;
        if (p->stopped) end_those_that_run(p, SIGTERM);
        p->reported++;
    }
}

static void handle_closed(uv_handle_t *handle)
{
    running *r = handle->data;
    if (--r->open > 0) return;
    r->pool->active--;
    if (r->pool->caught || r->pool->stopped) r->job->then = NULL; /* there will be none */
    if (r->job->then && r->job->settled && r->job->settled(r->job)) r->job->then = NULL;
    if (r->job->then) {
        start(r, r->job->then);
        return;
    }
    r->finished = true;
    report_in_order(r->pool);
    start_more(r->pool);
}

static void exited(uv_process_t *process, int64_t status, int signal_number)
{
    running *r = process->data;
    r->job->seconds = (double)(uv_hrtime() - r->began) / 1e9;
    r->job->exit_code = signal_number ? 128 + signal_number : (int)status;
    uv_close((uv_handle_t *)process, handle_closed);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    char *room = malloc(suggested);
    *buf = uv_buf_init(room, room ? (unsigned)suggested : 0);
}

static void got_text(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    running *r = stream->data;
    size_t i = (size_t)((uv_pipe_t *)stream - r->pipe);
    if (n > 0) {
        char *grown = realloc(r->job->text[i], r->job->len[i] + (size_t)n + 1);
        if (grown) {
            memcpy(grown + r->job->len[i], buf->base, (size_t)n);
            r->job->len[i] += (size_t)n;
            grown[r->job->len[i]] = 0;
            r->job->text[i] = grown;
        }
        r->pool->no_memory |= !grown;
    }
    if (n == UV_ENOBUFS) r->pool->no_memory = true;
    free(buf->base);
    if (n < 0) uv_close((uv_handle_t *)stream, handle_closed);
}

/* A slot is done when all its handles are closed, the pipes and the process; so those of a process
 * that could not be started are closed like the others. */
static void start(running *r, job *j)
{
    pool *p = r->pool;
    uv_stdio_container_t stdio[JOB_PIPES + 1] = {{.flags = UV_IGNORE}};
    *r = (running){.pool = p, .job = j, .used = true, .open = JOB_PIPES + 1, .began = uv_hrtime()};
    for (int i = 0; i < JOB_PIPES; i++) {
        uv_pipe_init(&p->loop, &r->pipe[i], 0);
        r->pipe[i].data = r;
        stdio[i + 1].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
        stdio[i + 1].data.stream = (uv_stream_t *)&r->pipe[i];
    }
    uv_process_options_t how = {.exit_cb = exited,
                                .file = j->args[0],
                                .args = j->args,
                                .env = j->env,
                                .cwd = j->directory,
                                .stdio = stdio,
                                .stdio_count = JOB_PIPES + 1};
    r->process.data = r;
    p->active++;
    int status = uv_spawn(&p->loop, &r->process, &how);
    r->pool->no_memory |= status == UV_ENOMEM;
    if (status != 0) {
        j->error = uv_strerror(status);
        j->exit_code = 2;
        uv_close((uv_handle_t *)&r->process, handle_closed);
        for (int i = 0; i < JOB_PIPES; i++)
            uv_close((uv_handle_t *)&r->pipe[i], handle_closed);
        return;
    }
    for (int i = 0; i < JOB_PIPES; i++)
        uv_read_start((uv_stream_t *)&r->pipe[i], give_room, got_text);
}

static void start_more(pool *p)
{
    while (!p->caught && !p->stopped && p->next < p->count && p->active < p->at_once) {
        running *r = &p->slots[p->next];
        r->pool = p;
        start(r, &p->jobs[p->next++]);
    }
}

/* Whoever wants us to end means what we started, too; what has run is still reported. */
static void pass_on(uv_signal_t *handle, int number)
{
    pool *p = handle->data;
    p->caught = number;
    end_those_that_run(p, number);
}

static bool ignored(int number)
{
    struct sigaction before;
    return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

static void catch_signals(pool *p)
{
    static const int numbers[ENDING_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        uv_signal_init(&p->loop, &p->signals[i]);
        p->signals[i].data = p;
        if (numbers[i] != SIGHUP || !ignored(SIGHUP)) /* nohup */
            uv_signal_start(&p->signals[i], pass_on, numbers[i]);
        uv_unref((uv_handle_t *)&p->signals[i]); /* the loop ends with the last job */
    }
}

static void release_signals(pool *p)
{
    for (int i = 0; i < ENDING_SIGNALS; i++)
        uv_close((uv_handle_t *)&p->signals[i], NULL);
    uv_run(&p->loop, UV_RUN_DEFAULT);
}

/* libuv aborts when some of its tables cannot grow; so that the command says that it has no memory,
 * its allocator does. */

static void *uv_malloc(size_t size)
{
    return needed(malloc(size));
}

static void *uv_realloc(void *block, size_t size)
{
    return needed(realloc(block, size));
}

static void *uv_calloc(size_t count, size_t size)
{
    return needed(calloc(count, size));
}

/* libuv also aborts when it cannot open what it takes for granted.  So that is tried first: how
 * many descriptors there are, of those that so many processes need at once. */
enum {
    FOR_LOOP = 10,               /* epoll, io_uring, and pipes for signals and for waking up */
    FOR_ONE = 2 * JOB_PIPES + 2, /* both ends of its pipes, and of one that says how exec went */
    FOR_ANOTHER = JOB_PIPES      /* our ends of those that run beside it */
};

static unsigned descriptors_left(unsigned wanted)
{
    int *fds = needed(calloc(wanted, sizeof *fds));
    unsigned n = 0;
    while (n < wanted && (fds[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
        n++;
    for (unsigned i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
    return n;
}

/* How many of them can run at once; 0: none. */
static unsigned allowed_at_once(unsigned wanted, size_t count)
{
    unsigned max = count < wanted ? (unsigned)count : wanted;
    if (max == 0) return 1;
    unsigned left = descriptors_left(FOR_LOOP + FOR_ONE + (max - 1) * FOR_ANOTHER);
    return left < FOR_LOOP + FOR_ONE ? 0 : 1 + (left - FOR_LOOP - FOR_ONE) / FOR_ANOTHER;
}

int jobs_failure(const char *command, int status)
{
    if (status == JOBS_NO_MEMORY) return no_memory(command);
    if (status == JOBS_NO_DESCRIPTORS)
        return usage_error(command, "too many open files: ulimit -n allows too few");
    return EXIT_SIGNAL + status;
}

int jobs_run(job *jobs, size_t count, unsigned at_once,
             bool (*done)(job *j, size_t index, void *arg), void *arg)
{
    pool p = {.jobs = jobs, .count = count, .done = done, .arg = arg};
    p.at_once = allowed_at_once(at_once ? at_once : 1, count);
    if (p.at_once == 0) return JOBS_NO_DESCRIPTORS;
    p.slots = calloc(count ? count : 1, sizeof *p.slots);
    uv_replace_allocator(uv_malloc, uv_realloc, uv_calloc, free);
    int status = p.slots ? uv_loop_init(&p.loop) : UV_ENOMEM;
    if (status != 0) {
        free(p.slots);
        return status == UV_EMFILE || status == UV_ENFILE ? JOBS_NO_DESCRIPTORS : JOBS_NO_MEMORY;
    }
    catch_signals(&p);
    start_more(&p);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    release_signals(&p);
    uv_loop_close(&p.loop);
    free(p.slots);
    if (p.caught) return p.caught;
    return p.no_memory ? JOBS_NO_MEMORY : 0;
}

void jobs_free(job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < JOB_PIPES; k++)
            free(jobs[i].text[k]);
}
