/* A line on the terminal while something takes long: after a second, on standard error, and only
 * where that is a terminal.  It is gone when there is something else to read. */
#include "progress.h"
#include "printing.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_AFTER_MS = 1000, AGAIN_AFTER_MS = 100 };

static struct {
    bool wanted, drawn;
    int64_t began, last; /* ms of the monotonic clock */
} line;

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool progress_begin(const options *o)
{
    const char *term = getenv("TERM");
    line.wanted = !o->quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    line.drawn = false;
    line.began = line.last = clock_ms();
    return line.wanted;
}

/* Also from a signal handler: write(2) alone. */
static void draw(const char *text, size_t len)
{
    ssize_t ignored = write(STDERR_FILENO, "\r\x1b[K", 4);
    ignored = write(STDERR_FILENO, text, len);
    ignored = write(STDERR_FILENO, "\r", 1);
    (void)ignored;
    line.drawn = true;
}

static bool due(int64_t now)
{
    if (!line.wanted || now - line.began < FIRST_AFTER_MS || now - line.last < AGAIN_AFTER_MS)
        return false;
    line.last = now;
    return true;
}

static size_t add_left(char *text, size_t size, int64_t ms)
{
    long long seconds = ms / 1000;
    int n;
    if (seconds < 100)
        n = snprintf(text, size, ", %lld s left", seconds);
    else if (seconds < 6000)
        n = snprintf(text, size, ", %lld min left", seconds / 60);
    else
        n = snprintf(text, size, ", %lld h left", seconds / 3600);
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* In integers: printing a double may allocate, which a signal handler must not. */
void progress_run(dw_time now, dw_time until, uint64_t events)
{
    char text[200];
    int64_t clock = clock_ms(), wall = clock - line.began, simulated = now / DW_MILLISECOND;
    if (!due(clock)) return;
    long long rate = simulated * 100 / wall, tenths = (long long)(events / 100000);
    int n =
        snprintf(text, sizeof text, "%lld.%03d s simulated, %lld.%02d s a second, %lld.%d M events",
                 (long long)(simulated / 1000), (int)(simulated % 1000), rate / 100,
                 (int)(rate % 100), tenths / 10, (int)(tenths % 10));
    if (n < 0 || (size_t)n >= sizeof text) return;
    size_t len = (size_t)n;
    if (until != DW_TIME_NEVER && simulated > 0)
        len += add_left(text + len, sizeof text - len,
                        (until / DW_MILLISECOND - simulated) * wall / simulated);
    draw(text, len);
}

void progress_count(size_t done, size_t count, const char *what)
{
    char text[200];
    int64_t clock = clock_ms(), wall = clock - line.began;
    if (!due(clock) || done == 0 || done >= count) return;
    int n = snprintf(text, sizeof text, "%zu of %zu %s", done, count, what);
    if (n < 0 || (size_t)n >= sizeof text) return;
    size_t len = (size_t)n;
    len += add_left(text + len, sizeof text - len, wall * (int64_t)(count - done) / (int64_t)done);
    draw(text, len);
}

void progress_explored(unsigned size, unsigned faults, uint64_t tried, uint64_t left)
{
    char text[200], done[GROUPED_SIZE], about[GROUPED_SIZE];
    if (!due(clock_ms())) return;
    int n = snprintf(text, sizeof text, "%u of %u faults  %s of about %s plans", size, faults,
                     grouped(tried, done), grouped_roughly(tried + left, about));
    if (n > 0 && (size_t)n < sizeof text) draw(text, (size_t)n);
}

void progress_clear(void)
{
    if (!line.drawn) return;
    ssize_t ignored = write(STDERR_FILENO, "\r\x1b[K", 4);
    (void)ignored;
    line.drawn = false;
}
