/* Real time, and packets to and from the TUN device. */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static dw_time clock_at(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * DW_SECOND + t.tv_nsec;
}

static dw_live *of(const dw_drill_run *run)
{
    return run->owner;
}

static dw_time now(const dw_drill_run *run)
{
    return of(run)->begun ? clock_at(CLOCK_MONOTONIC) - of(run)->begun : 0;
}

/* TCP's timers go by the kernel's tick: short ones are up to two of them late, and one of two ticks
 * stands for "at once". */
enum { TICKS = 4 };
static dw_time tick(void)
{
    struct timespec t = {0};
    clock_getres(CLOCK_MONOTONIC_COARSE, &t);
    return t.tv_nsec;
}

/* The script's times matter more than other work; it sleeps most of the time. */
static void hurry(void)
{
    struct sched_param p = {.sched_priority = 1};
    prctl(PR_SET_TIMERSLACK, 1);
    if (sched_setscheduler(0, SCHED_FIFO, &p) != 0) setpriority(PRIO_PROCESS, 0, -20);
}

static bool unable(dw_drill_run *run, const char *why)
{
    of(run)->unable = true;
    return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", why);
}

/* Whether there are descriptors for what drywire itself opens, and for a few of the script's. */
static bool has_descriptors(void)
{
    enum { NEEDED = 12 };
    int fds[NEEDED], n = 0;
    while (n < NEEDED && (fds[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
        n++;
    for (int i = 0; i < n; i++)
        close(fds[i]);
    return n == NEEDED;
}

enum { MAX_FRAME = sizeof(struct virtio_net_hdr) + DW_DRILL_MAX_BYTES };

static bool open_world(dw_drill_run *run, const char *profile)
{
    int64_t mtu = run->options.mtu;
    char why[300];
    (void)profile;
    dw_live *live = calloc(1, sizeof *live);
    if (!live) return dw_drill_no_memory(&run->outcome);
    live->run = run;
    live->tun = -1;
    run->owner = live;
    run->sys = (dw_sys *)(void *)live;
    run->env.sys = run->sys;
    run->env.sysctl = dw_live_sysctl;
    run->env.execute = dw_live_execute;
    if (!(live->bytes = malloc(MAX_FRAME))) return dw_drill_no_memory(&run->outcome);
    if (mtu == 0)
        mtu = run->options.family == 6 ? 1520 : 1500; /* as the suites are run: MSS 1460 */
    live->merges = run->options.mss > 0;
    if (!has_descriptors()) return unable(run, "too many open files: ulimit -n allows too few");
    if (!dw_live_enter(&live->tun, live->merges, why, sizeof why)) return unable(run, why);
    if (!dw_live_configure(run->options.family, &run->options.local, mtu, why, sizeof why))
        return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", why);
    dw_live_stock(live);
    hurry(); /* the worker likewise */
    if (!(live->working = dw_live_start_worker(&live->worker)))
        return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "no thread for system calls");
    signal(SIGPIPE, SIG_IGN);
    if (!run->config->tolerance && run->options.tolerance < TICKS * tick())
        run->options.tolerance = TICKS * tick();
    live->epoch = clock_at(CLOCK_REALTIME);
    live->begun = clock_at(CLOCK_MONOTONIC);
    return true;
}

/* The process ends after this, with its worker, which may still wait in a call. */
static void close_world(dw_drill_run *run, dw_drill_result *out)
{
    dw_live *live = of(run);
    if (!live) return;
    out->unable = live->unable;
    dw_live_columns(live, out->columns, sizeof out->columns);
    if (live->tun >= 0) close(live->tun);
    free(live->bytes);
    if (!live->working) free(live);
}

/* What the kernel says to nobody in particular (router and group messages of IPv6) is not the
 * script's business. */
static bool for_script(const dw_drill_run *run, const uint8_t *bytes, size_t len)
{
    uint8_t v = len >= 20 ? bytes[0] >> 4 : 0;
    const dw_addr *to = &run->options.remote;
    if (v != to->family) return run->tested.has_flow && v == run->tested.flow.remote.family;
    return v == 4 || (len >= 40 && bytes[24] != 0xff);
}

static void read_packets(dw_drill_run *run)
{
    dw_live *live = of(run);
    for (;;) {
        size_t front = live->merges ? sizeof(struct virtio_net_hdr) : 0;
        ssize_t n = read(live->tun, live->bytes, MAX_FRAME);
        if (n <= 0 || (size_t)n < front) return;
        const uint8_t *packet = live->bytes + front;
        size_t len = (size_t)n - front;
        run->came.sent++;
        if (for_script(run, packet, len) &&
            !dw_queue_add(&run->came, packet, len, now(run), run->came.sent)) {
            dw_drill_no_memory(&run->outcome);
            return;
        }
    }
}

/* Until a packet comes, a call returns, or it is time.  poll and epoll_wait are asked again every
 * millisecond: the worker does not do them. */
static void wait(dw_drill_run *run, dw_time until)
{
    dw_live *live = of(run);
    struct pollfd fds[] = {{.fd = live->tun, .events = POLLIN},
                           {.fd = live->worker.done, .events = POLLIN}};
    dw_time left = until - now(run);
    bool asks = run->pending.event && dw_live_idle(&live->worker);
    if (asks && left > DW_MILLISECOND) left = DW_MILLISECOND;
    if (left < 0) left = 0;
    struct timespec t = {.tv_sec = left / DW_SECOND, .tv_nsec = left % DW_SECOND};
    ppoll(fds, 2, &t, NULL);
}

static bool run_until(dw_drill_run *run, dw_time until)
{
    while (dw_drill_going(&run->outcome)) {
        read_packets(run);
        dw_drill_try_pending(run);
        if ((run->waiting && run->came.first) || (run->finishing && !run->pending.event)) break;
        if (now(run) >= until) break;
        wait(run, until);
    }
    return dw_drill_going(&run->outcome);
}

static bool send_packet(dw_drill_run *run, const uint8_t *bytes, size_t len, uint16_t gso_size)
{
    uint8_t type = bytes[0] >> 4 == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    struct virtio_net_hdr h = {.gso_type = gso_size > 0 ? type : VIRTIO_NET_HDR_GSO_NONE,
                               .gso_size = gso_size};
    struct iovec parts[] = {{&h, sizeof h}, {(void *)(uintptr_t)bytes, len}};
    int from = of(run)->merges ? 0 : 1;
    if (writev(of(run)->tun, parts + from, 2 - from) > 0) return true;
    return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "the TUN device does not take a packet: %s",
                         strerror(errno));
}

const dw_drill_world dw_drill_live_world = {
    .calls = &dw_live_calls,
    .profile = "linux",
    .patience = 2 * DW_SECOND,
    .any_time = 60 * DW_SECOND,
    .max_late = 250 * DW_MILLISECOND,
    .open = open_world,
    .close = close_world,
    .now = now,
    .run_until = run_until,
    .send = send_packet,
    .happened = dw_live_happened,
};
