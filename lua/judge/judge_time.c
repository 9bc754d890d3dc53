/* Time, and the two threads that call.
 *
 * One reads the script and moves time; the other, for calls that block, sleeps until something has
 * happened and tries its call again.  Whoever moves time waits until the other rests. */
#define _GNU_SOURCE
#include "judge.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

dw_time dw_judge_now(void)
{
    return dw_sim_now(dw_judge.sim);
}

/* The thread has written down how its call ended, and sleeps until it gets another. */
static void wait_asleep(long thread)
{
    enum { MAX_LOOKS = 20000 };
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", thread);
    for (int i = 0; i < MAX_LOOKS; i++) {
        FILE *f = fopen(path, "r");
        const char *state = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
        bool asleep = !state || state[2] == 'S';
        if (f) fclose(f);
        if (asleep) return;
        sched_yield();
    }
}

int dw_judge_poke(void *arg)
{
    (void)arg;
    dw_sys_look(dw_judge.sys);
    if (!dw_judge.sleeping) return DW_OK;
    dw_judge.poked = true;
    dw_judge.resting = false;
    pthread_cond_broadcast(&dw_judge.wake);
    while (!dw_judge.resting)
        pthread_cond_wait(&dw_judge.rest, &dw_judge.lock);
    if (dw_judge.sleeping) return DW_OK;
    pthread_mutex_unlock(&dw_judge.lock);
    wait_asleep(dw_judge.sleeper);
    pthread_mutex_lock(&dw_judge.lock);
    return DW_OK;
}

void dw_judge_advance(dw_time until)
{
    while (!(dw_judge.stop_at_packet && dw_judge.first)) {
        const dw_attempt *a = dw_judge.sleeping;
        dw_time stop = a && a->deadline < until ? a->deadline : until;
        if (stop < dw_judge_now()) stop = dw_judge_now();
        if (dw_sim_run(dw_judge.sim, stop) != DW_OK)
            dw_judge_give_up("%s", dw_sim_message(dw_judge.sim));
        if (dw_judge.sleeping && dw_judge_now() >= dw_judge.sleeping->deadline) dw_judge_poke(NULL);
        if (dw_judge_now() >= until) break;
    }
}

/* What the host does at this instant. */
static void settle(void)
{
    dw_judge_advance(dw_judge_now());
}

void dw_judge_enter(void)
{
    pthread_mutex_lock(&dw_judge.lock);
    dw_judge.calls++;
    dw_judge_read_commands();
}

int64_t dw_judge_leave(int64_t result)
{
    settle();
    if (dw_judge.news) dw_judge_write_sockets();
    dw_judge.news = false;
    pthread_mutex_unlock(&dw_judge.lock);
    if (result >= 0) return result;
    errno = (int)-result;
    return -1;
}

static int64_t try(dw_attempt *a)
{
    int64_t r = a->once(a);
    return r == DW_SYS_WAIT && dw_judge_now() >= a->deadline ? a->late : r;
}

/* Sleep until something has happened; false when the reader has not called for so long that it
 * must be waiting for this call to end. */
static bool woken(void)
{
    enum { LONG_MS = 200 };
    static bool alone;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (alone ? 0 : LONG_MS) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    uint64_t calls = dw_judge.calls;
    int status = 0;
    while (!dw_judge.poked && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&dw_judge.wake, &dw_judge.lock, &until);
    alone = !dw_judge.poked && dw_judge.calls == calls;
    return !alone;
}

/* The thread for calls that block: it sleeps until a try succeeds. */
static int64_t sleep_in(dw_attempt *a)
{
    int64_t r = DW_SYS_WAIT;
    dw_judge.sleeping = a;
    dw_judge.sleeper = syscall(SYS_gettid);
    while (r == DW_SYS_WAIT) {
        bool alone = !dw_judge.poked && !woken();
        if (alone) { /* the script has ended: time goes on for this call */
            dw_judge.sleeping = NULL;
            dw_judge_advance(dw_judge_now() + DW_MILLISECOND);
            dw_judge.sleeping = a;
        }
        dw_judge.poked = false;
        r = try(a);
        if (r != DW_SYS_WAIT) break;
        dw_judge.resting = true;
        pthread_cond_broadcast(&dw_judge.rest);
    }
    dw_judge.sleeping = NULL;
    dw_judge.ended = true;
    dw_judge.owed = true; /* it rests when it has read the clock */
    pthread_mutex_unlock(&dw_judge.lock);
    if (r >= 0) return r;
    errno = (int)-r;
    return -1;
}

/* The reader's own call takes what time it takes. */
static int64_t wait_in(dw_attempt *a)
{
    dw_time end = dw_judge_now() + DW_JUDGE_PATIENCE;
    int64_t r = DW_SYS_WAIT;
    while (r == DW_SYS_WAIT) {
        if (dw_judge_now() >= end) dw_judge_give_up("a call does not return");
        dw_judge_advance(dw_judge_now() + DW_MILLISECOND);
        r = try(a);
    }
    return dw_judge_leave(r);
}

int64_t dw_judge_call(dw_attempt *a)
{
    dw_judge_enter();
    if (a->deadline == 0) a->deadline = DW_TIME_NEVER;
    int64_t r = try(a);
    if (r != DW_SYS_WAIT) return dw_judge_leave(r);
    if (pthread_equal(pthread_self(), dw_judge.reader)) return wait_in(a);
    return sleep_in(a);
}

int dw_judge_usleep(void *u, useconds_t usec)
{
    (void)u;
    dw_judge_enter();
    dw_judge_advance(dw_judge_now() + usec * DW_MICROSECOND);
    bool ended = dw_judge.ended;
    dw_judge.ended = false;
    dw_judge_leave(0);
    /* packetdrill lets go of its own lock while it sleeps, and no longer: the other thread needs it
     * to write down how its call ended. */
    if (ended) nanosleep(&(struct timespec){.tv_nsec = 2 * DW_MILLISECOND}, NULL);
    return 0;
}

int dw_judge_gettimeofday(void *u, struct timeval *tv, struct timezone *tz)
{
    (void)u;
    (void)tz;
    dw_judge_enter();
    /* The first reading after a call that slept: whoever moved the time waits for it. */
    bool owed = dw_judge.owed && !pthread_equal(pthread_self(), dw_judge.reader);
    if (!owed) dw_judge_advance(dw_judge_now() + DW_MICROSECOND);
    int64_t usecs = dw_judge_now() / DW_MICROSECOND;
    tv->tv_sec = (time_t)(DW_JUDGE_EPOCH + usecs / 1000000);
    tv->tv_usec = (suseconds_t)(usecs % 1000000);
    if (!owed) return (int)dw_judge_leave(0);
    dw_judge.owed = false;
    dw_judge.resting = true;
    pthread_cond_broadcast(&dw_judge.rest);
    pthread_mutex_unlock(&dw_judge.lock);
    return 0;
}
