/* The script's time: letting it go on, and whether what happens is in time. */
#include "drill_run.h"

/* A simulated host is given no more (drill_sim.c). */
#define TIME_ENDS (30 * 24 * DW_HOUR)

dw_time dw_drill_now(const dw_drill_run *run)
{
    return run->world->now(run);
}

static const char *seconds(dw_time t, char buf[DW_TIME_TEXT])
{
    return dw_time_format(t, 6, buf, DW_TIME_TEXT);
}

dw_time dw_drill_share(const dw_drill_run *run, dw_time t)
{
    return t / 1000 * run->options.tolerance_permille;
}

dw_time dw_drill_tolerance(const dw_drill_run *run, dw_time expected)
{
    dw_time share = dw_drill_share(run, expected - run->clock.last_event);
    return (share > run->options.tolerance ? share : run->options.tolerance) + run->clock.late;
}

bool dw_drill_in_time(dw_drill_run *run, const char *what, dw_time from, dw_time to, dw_time came)
{
    char a[DW_TIME_TEXT], b[DW_TIME_TEXT], c[DW_TIME_TEXT], d[DW_TIME_TEXT];
    DW_ASSERT(from <= to);
    dw_time allowed = dw_drill_tolerance(run, from);
    if (came >= from - allowed && came <= to + allowed) return true;
    if (from == to)
        return dw_drill_stop(
            &run->outcome, DW_DRILL_FAILED,
            "timing: expected %s at %s s, but it happened at %s s (tolerance %s s)", what,
            seconds(from, a), seconds(came, b), seconds(allowed, c));
    return dw_drill_stop(&run->outcome, DW_DRILL_FAILED,
                         "timing: expected %s from %s to %s s, but it happened at %s s (tolerance "
                         "%s s)",
                         what, seconds(from, a), seconds(to, b), seconds(came, c),
                         seconds(allowed, d));
}

bool dw_drill_run_until(dw_drill_run *run, dw_time until)
{
    if (until > TIME_ENDS)
        return dw_drill_stop(&run->outcome, DW_DRILL_WRONG,
                             "this waits for ever: time ends after 30 days");
    return run->world->run_until(run, until);
}

bool dw_drill_settle(dw_drill_run *run)
{
    return dw_drill_run_until(run, dw_drill_now(run));
}
