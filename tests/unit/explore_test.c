/* Rounds of an exploration: the same comes out whoever performs their runs. */
#include "net.h"

#include <drywire/explore.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PACKETS = 14 };

/* Packets that follow one another; no more than two may be lost of the last three. */
static int run_once(dw_explore_run *run, void *arg)
{
    net n;
    size_t count, late = 0;
    (void)arg;
    net_new(&n, &(dw_sim_config){0}, NULL);
    assert_int_equal(dw_explore_attach(run, n.sim), DW_OK);
    net_pour(&n, PACKETS);
    int status = dw_sim_run(n.sim, DW_TIME_NEVER);
    dw_sim_free(n.sim);
    const dw_fault *plan = dw_explore_plan(run, &count);
    for (size_t i = 0; i < count; i++)
        late += plan[i].number > PACKETS - 3;
    return status == DW_OK && late == 3 ? DW_E_MISMATCH : status;
}

static dw_explored explored(uint32_t drops, int (*round)(dw_explore_round *round, void *arg),
                            void *arg)
{
    dw_explored out;
    const dw_explore_config config = {.size = sizeof config,
                                      .faults = drops,
                                      .most = {drops},
                                      .merge = true,
                                      .run = run_once,
                                      .round = round,
                                      .arg = arg};
    assert_int_equal(dw_explore(&config, &out), DW_OK);
    return out;
}

static void assert_same(const dw_explored *a, const dw_explored *b)
{
    assert_int_equal(a->runs, b->runs);
    assert_int_equal(a->merged, b->merged);
    assert_int_equal(a->states, b->states);
    assert_int_equal(a->schedules, b->schedules);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->complete, b->complete);
    assert_int_equal(a->failed, b->failed);
    assert_int_equal(a->plan_size, b->plan_size);
    for (size_t i = 0; i < a->plan_size; i++)
        assert_int_equal(a->plan[i].number, b->plan[i].number);
}

/* The last run first, and each outcome by way of octets. */
static int backwards(dw_explore_round *round, void *arg)
{
    static char octets[65536];
    size_t count = dw_explore_round_size(round);
    (void)arg;
    for (size_t i = count; i-- > 0;) {
        assert_int_equal(dw_explore_write_outcome(round, i, octets, sizeof octets), 0);
        int status = dw_explore_perform(round, i);
        assert_true(status == DW_OK || status == DW_E_MISMATCH);
        size_t len = dw_explore_write_outcome(round, i, octets, sizeof octets);
        assert_in_range(len, 1, sizeof octets);
        assert_int_equal(dw_explore_read_outcome(round, i, octets, len - 1), DW_E_FORMAT);
        assert_int_equal(dw_explore_read_outcome(round, i, octets, len), DW_OK);
        assert_int_equal(dw_explore_read_outcome(round, count, octets, len), DW_E_INVAL);
    }
    assert_int_equal(dw_explore_perform(round, count), DW_E_INVAL);
    return DW_OK;
}

static void explore_rounds_in_another_order_come_to_the_same(void **state)
{
    (void)state;
    dw_explored plain = explored(2, NULL, NULL), other = explored(2, backwards, NULL);
    assert_true(plain.complete);
    assert_int_equal(plain.schedules, 1 + PACKETS + PACKETS * (PACKETS - 1) / 2);
    assert_same(&plain, &other);
    plain = explored(4, NULL, NULL);
    other = explored(4, backwards, NULL);
    assert_true(plain.failed);
    assert_int_equal(plain.plan_size, 3);
    assert_same(&plain, &other);
}

/* A copy of the process performs all runs, round after round. */
typedef struct copy {
    pid_t pid;
    int fd[2];
} copy;

static void work(dw_explore_round *round, int fd)
{
    static char octets[65536];
    size_t count = dw_explore_round_size(round);
    while (count > 0) {
        for (size_t i = 0; i < count; i++) {
            dw_explore_perform(round, i);
            size_t len = dw_explore_write_outcome(round, i, octets, sizeof octets);
            if (write(fd, &len, sizeof len) != sizeof len) _exit(0);
            if (write(fd, octets, len) != (ssize_t)len) _exit(0);
        }
        if (dw_explore_go_on(round) != DW_OK) _exit(1);
        count = dw_explore_round_size(round);
    }
    _exit(0);
}

static void read_all(int fd, void *data, size_t len)
{
    char *at = data;
    for (ssize_t n = 1; len > 0; at += n, len -= (size_t)n) {
        n = read(fd, at, len);
        assert_true(n > 0);
    }
}

static int by_copy(dw_explore_round *round, void *arg)
{
    static char octets[65536];
    copy *c = arg;
    size_t len;
    if (c->pid == 0) {
        assert_int_equal(pipe(c->fd), 0);
        c->pid = fork();
        if (c->pid == 0) work(round, c->fd[1]);
        close(c->fd[1]);
    }
    for (size_t i = 0; i < dw_explore_round_size(round); i++) {
        read_all(c->fd[0], &len, sizeof len);
        assert_in_range(len, 1, sizeof octets);
        read_all(c->fd[0], octets, len);
        assert_int_equal(dw_explore_read_outcome(round, i, octets, len), DW_OK);
    }
    return DW_OK;
}

static void explore_copy_of_the_process_follows(void **state)
{
    (void)state;
    for (uint32_t drops = 2; drops <= 3; drops++) {
        copy c = {0};
        dw_explored plain = explored(drops, NULL, NULL), other = explored(drops, by_copy, &c);
        assert_same(&plain, &other);
        close(c.fd[0]);
        assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
    }
}

static int lazy(dw_explore_round *round, void *arg)
{
    (void)round;
    (void)arg;
    return DW_OK;
}

static void explore_round_that_nobody_performs_is_refused(void **state)
{
    (void)state;
    dw_explored out;
    const dw_explore_config config = {
        .size = sizeof config, .faults = 1, .most = {1}, .run = run_once, .round = lazy};
    assert_int_equal(dw_explore(&config, &out), DW_E_INVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explore_rounds_in_another_order_come_to_the_same),
        cmocka_unit_test(explore_copy_of_the_process_follows),
        cmocka_unit_test(explore_round_that_nobody_performs_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
