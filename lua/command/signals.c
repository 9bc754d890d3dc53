/* What signals do (see signals.h).  Handlers call nothing of Lua but lua_sethook, by dwl_end, and
 * nothing of the C library that is not safe in one. */
#include "signals.h"
#include "binding/base/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    LONGEST_TICK = 250,      /* ms between alarms */
    LONGEST_PATIENCE = 2000, /* ms of processor time that the end of a script may take */
    LAST_WORDS = 2000,       /* ms for what is printed after a signal */
    SAME_PRESS = 500,        /* ms; timeout(1) and terminals may send a signal twice */
    LONG_WORK = 10 /* so much slower the watchdog counts in one call of ours that takes long */
};

static struct {
    dwl_state *volatile script; /* that runs; or NULL */
    signal_exit *volatile out;
    void (*show)(const dwl_state *s); /* or NULL */
    int64_t since;   /* ms of processor time: the last look; of a script that ends, the first */
    int64_t idle;    /* LONG_WORKths of ms in which it did not get on */
    uint64_t events; /* what there was at the last look: of simulations, */
    unsigned works, asked;        /* and of dwl_work */
    volatile sig_atomic_t dying;  /* its end has been asked for, at `since` */
    volatile sig_atomic_t caught; /* the first signal, or 0 */
    int64_t caught_at;            /* ms of the monotonic clock */
    bool catching;
    unsigned tick; /* ms between alarms */
} watch;           /* signals are the process's */

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* The watchdog.  It counts processor time: a process that was stopped, that waits for its turn or
 * for a reader of its output is in no loop.  Only the events of simulations are progress; whatever
 * else is called again and again (a query, a picture, a predicate) may be called for ever. */

static uint64_t events_so_far(const dwl_state *s)
{
    dw_sim *run = s->run;
    return s->events + (run ? dw_sim_events(run) - s->events_before : 0);
}

/* One call since the last look, which has not left C since, or asked the script about more. */
static bool in_long_work(const dwl_state *s)
{
    bool in_c = s->at_work && !s->asking;
    return s->works == watch.works && (in_c || s->asked != watch.asked);
}

static void look_for_progress(const dwl_state *s, int64_t now)
{
    uint64_t events = events_so_far(s);
    if (events != watch.events)
        watch.idle = 0;
    else
        watch.idle += (now - watch.since) * (in_long_work(s) ? 1 : LONG_WORK);
    watch.since = now;
    watch.events = events;
    watch.works = s->works;
    watch.asked = s->asked;
}

static int64_t patience(const dwl_state *s)
{
    return s->watchdog_ms < LONGEST_PATIENCE ? s->watchdog_ms : LONGEST_PATIENCE;
}

/* The script has to end, but no hook is called: a C function of Lua does not return (a pattern can
 * take for ever), or hooks are off (an error handler that loops).  It is left as it is, unless the
 * C library might be in the middle of something. */
static void leave(const dwl_state *s, int64_t waited)
{
    if (!s->at_work && !s->in_malloc && watch.out) siglongjmp(watch.out->where, 1);
    if (waited < 10 * patience(s)) return;
    say("drywire: the script does not react; what was traced is not written\n");
    _exit(dwl_ending_code(s));
}

static void look_after(dwl_state *s)
{
    int64_t now = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    if (watch.show) watch.show(s);
    if (s->ending && !watch.dying) {
        watch.dying = 1;
        watch.since = now;
    } else if (s->ending) {
        if (now - watch.since >= patience(s)) leave(s, now - watch.since);
    } else {
        look_for_progress(s, now);
        if (watch.idle >= (int64_t)s->watchdog_ms * LONG_WORK) dwl_end(s, DWL_ENDS_BY_WATCHDOG);
    }
}

static void on_alarm(int number)
{
    int kept = errno;
    (void)number;
    dwl_state *s = watch.script;
    if (s) look_after(s);
    errno = kept;
}

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

static void handle(int number, void (*handler)(int), int flags)
{
    const struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(number, &action, NULL);
}

/* Those that ask for an end. */

/* Should it be about to wait for input, the next alarm wakes it. */
static void end_script(dwl_state *s, int number)
{
    s->signal = number;
    dwl_end(s, DWL_ENDS_BY_SIGNAL);
    handle(SIGALRM, on_alarm, 0);
}

static void on_signal(int number)
{
    int kept = errno;
    int64_t now = clock_ms(CLOCK_MONOTONIC);
    dwl_state *s = watch.script;
    if (!watch.caught) {
        watch.caught = number;
        watch.caught_at = now;
        if (s) end_script(s, number);
    } else if (now - watch.caught_at >= SAME_PRESS) {
        say("drywire: ended at once; what was traced is not written\n");
        _exit(128 + number);
    }
    errno = kept;
}

/* nohup has it ignored, and means us. */
static bool left_alone(int number)
{
    struct sigaction before;
    return number == SIGHUP && sigaction(number, NULL, &before) == 0 &&
           before.sa_handler == SIG_IGN;
}

/* A broken pipe ends a script, which may print for ever; to everything else it is an error. */
static void handle_all(void (*handler)(int), void (*broken_pipe)(int))
{
    for (int i = 0; i < ENDING_SIGNALS; i++)
        if (!left_alone(ending_signals[i])) handle(ending_signals[i], handler, 0);
    handle(SIGPIPE, broken_pipe, 0);
}

void signals_prepare(void)
{
    /* Open the wrong way round, so that using them is an error. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) abort();
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0);
}

void signals_catch(void)
{
    if (watch.catching) return;
    watch.catching = true;
    watch.caught = 0;
    handle_all(on_signal, SIG_IGN);
}

void signals_release(void)
{
    handle_all(SIG_DFL, SIG_IGN);
    watch.catching = false;
}

int signals_caught(void)
{
    return watch.caught;
}

static void set_alarm(unsigned ms)
{
    const struct timeval tick = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    setitimer(ITIMER_REAL, &(struct itimerval){.it_interval = tick, .it_value = tick}, NULL);
}

void signals_enter(dwl_state *s, signal_exit *out, void (*show)(const dwl_state *s))
{
    watch.tick = s->watchdog_ms / 4 < LONGEST_TICK ? s->watchdog_ms / 4 : LONGEST_TICK;
    s->ending = DWL_GOES_ON;
    s->ending_at[0] = 0;
    watch.out = out;
    watch.show = show;
    watch.dying = 0;
    watch.idle = 0;
    watch.events = events_so_far(s);
    watch.works = s->works;
    watch.asked = s->asked;
    watch.since = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    watch.script = s;
    handle_all(on_signal, on_signal); /* input and output that wait are woken */
    handle(SIGALRM, on_alarm, SA_RESTART);
    set_alarm(watch.tick);
    if (watch.caught) end_script(s, watch.caught);
}

/* Its timers are not inherited, and its clock begins anew. */
void signals_forked(dwl_state *s)
{
    watch.show = NULL;
    watch.out = NULL; /* what is to be done there is the first process's */
    watch.since = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    watch.idle = 0;
    if (watch.script == s) set_alarm(watch.tick);
}

void signals_leave(void)
{
    set_alarm(0);
    watch.script = NULL;
    watch.out = NULL;
    handle_all(on_signal, SIG_IGN);
}

static void on_no_reader(int number)
{
    (void)number;
    _exit(128 + watch.caught);
}

void signals_before_printing(void)
{
    if (!watch.catching) return;
    handle_all(SIG_DFL, SIG_IGN);
    if (!watch.caught) return;
    handle(SIGALRM, on_no_reader, 0);
    set_alarm(LAST_WORDS);
}

void signals_after_printing(void)
{
    if (!watch.catching) return;
    set_alarm(0);
    handle_all(on_signal, SIG_IGN);
}
