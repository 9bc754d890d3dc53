/* Drawn faults: what is drawn is a plan that does the same again, and as often as the bound says.
 */
#include "../support/net.h"

#include <drywire/swarm.h>
#include <string.h>

/* A run in which so many packets arrive, none of which is answered. */
static void run(dw_swarm *swarm, int packets, char digest[DW_DIGEST_TEXT])
{
    net n;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    assert_int_equal(dw_swarm_attach(swarm, n.sim), DW_OK);
    assert_int_equal(dw_swarm_attach(swarm, n.sim), DW_E_EXIST);
    net_pour(&n, packets);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    dw_trace_digest(dw_sim_trace(n.sim), digest);
    dw_sim_free(n.sim);
}

static dw_swarm *drawn(const dw_swarm_config *config, int packets, char digest[DW_DIGEST_TEXT])
{
    dw_swarm *swarm;
    assert_int_equal(dw_swarm_new(config, &swarm), DW_OK);
    run(swarm, packets, digest);
    return swarm;
}

static void swarm_what_is_drawn_can_be_planned(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        char first[DW_DIGEST_TEXT], again[DW_DIGEST_TEXT];
        size_t count;
        dw_swarm *swarm =
            drawn(&(dw_swarm_config){.seed = seed, .faults = 4, .most = {2, 1, 4, 4}, .points = 9},
                  7, first);
        const dw_fault *faults = dw_swarm_faults(swarm, &count);
        assert_true(count <= 4);
        dw_swarm_free(drawn(
            &(dw_swarm_config){.seed = seed, .planned = faults, .planned_count = count}, 7, again));
        assert_string_equal(first, again);
        uint32_t used[DW_FAULT_KINDS] = {0};
        for (size_t i = 0; i < count; i++) {
            used[faults[i].kind]++;
            assert_true(dw_swarm_has(swarm, faults[i].kind));
        }
        assert_true(used[DW_FAULT_DROP] <= 2 && used[DW_FAULT_DUPLICATE] <= 1);
        dw_swarm_free(swarm);
    }
}

/* Up to an arrival a run is as it was, whatever is drawn behind it. */
static void swarm_behind_keeps_what_was(void **state)
{
    (void)state;
    const dw_fault planned[] = {{.number = 2, .kind = DW_FAULT_DROP}};
    uint64_t others = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        char digest[DW_DIGEST_TEXT];
        size_t count;
        dw_swarm *swarm = drawn(&(dw_swarm_config){.seed = seed,
                                                   .faults = 3,
                                                   .most = {3, 3},
                                                   .points = 6,
                                                   .behind = 3,
                                                   .planned = planned,
                                                   .planned_count = 1},
                                6, digest);
        const dw_fault *faults = dw_swarm_faults(swarm, &count);
        assert_int_equal(faults[0].number, 2);
        for (size_t i = 1; i < count; i++)
            assert_true(faults[i].number > 3);
        others += count > 1;
        assert_int_equal(dw_swarm_arrival(swarm, 1), 2);
        dw_swarm_free(swarm);
    }
    assert_true(others > 40);
}

/* What is drawn from a stream before and after another seed holds. */
static void draw_around(uint64_t seed, uint64_t *before, uint64_t *after, uint64_t *other)
{
    net n;
    net_new(&n, &(dw_sim_config){.seed = 1}, NULL);
    *before = dw_rng_next(dw_sim_random(n.sim, "luck"));
    dw_sim_reseed(n.sim, seed);
    *after = dw_rng_next(dw_sim_random(n.sim, "luck"));
    *other = dw_rng_next(dw_sim_random(n.sim, "made later"));
    dw_sim_free(n.sim);
}

static void swarm_reseed_changes_what_comes(void **state)
{
    uint64_t one[3], same[3], another[3];
    (void)state;
    draw_around(9, &one[0], &one[1], &one[2]);
    draw_around(9, &same[0], &same[1], &same[2]);
    draw_around(10, &another[0], &another[1], &another[2]);
    assert_memory_equal(one, same, sizeof one);
    assert_int_equal(one[0], another[0]);
    assert_int_not_equal(one[1], another[1]);
    assert_int_not_equal(one[2], another[2]);
}

static bool is_plan(const dw_swarm *swarm, const char *text)
{
    char plan[200];
    size_t count;
    const dw_fault *faults = dw_swarm_faults(swarm, &count);
    return strcmp(dw_faults_format(faults, count, plan, sizeof plan), text) == 0;
}

/* Of many seeds, how many draw just this plan. */
static double how_often(dw_swarm_config c, int packets, const char *text)
{
    enum { SEEDS = 8000 };
    uint32_t hits = 0;
    for (c.seed = 1; c.seed <= SEEDS; c.seed++) {
        char digest[DW_DIGEST_TEXT];
        dw_swarm *swarm = drawn(&c, packets, digest);
        hits += is_plan(swarm, text);
        dw_swarm_free(swarm);
    }
    return (double)hits / SEEDS;
}

/* The chance is exact where each fault could have had every kind that is on, and a lower bound
 * elsewhere. */
static void swarm_chance_is_how_often_a_plan_is_drawn(void **state)
{
    (void)state;
    const dw_fault drops[] = {{.kind = DW_FAULT_DROP}, {.kind = DW_FAULT_DROP}};
    const dw_fault mixed[] = {{.kind = DW_FAULT_DROP}, {.kind = DW_FAULT_CORRUPT}};
    const dw_fault late = {.kind = DW_FAULT_DELAY};
    dw_swarm_config c = {
        .faults = 2, .most = {[DW_FAULT_DROP] = 2, [DW_FAULT_CORRUPT] = 2}, .points = 5};
    /* Three sets of kinds, of which one has both: (1 + 1/2) / 3, two numbers of faults, 5 places.
     */
    assert_true(dw_swarm_chance(&c, drops, 1) == 0.5 / 2 / 5);
    assert_true(dw_swarm_chance(&c, drops, 2) == (1 + 0.25) / 3 / 2 / 10);
    assert_true(dw_swarm_chance(&c, mixed, 2) == 0.25 / 3 / 2 / 10);
    assert_true(dw_swarm_chance(&c, &late, 1) == 0);
    assert_in_range((int)(how_often(c, 5, "3d") * 8000), 340, 460);
    assert_in_range((int)(how_often(c, 5, "2d,5d") * 8000), 125, 209);
    assert_in_range((int)(how_often(c, 5, "2d,5x") * 8000), 16, 52);
    c = (dw_swarm_config){.faults = 1, .most = {[DW_FAULT_DELAY] = 1}, .points = 2};
    assert_true(dw_swarm_chance(&c, &late, 1) == 0.5 / (2 * DW_SWARM_WAITS));
    assert_in_range((int)(how_often(c, 2, "1h3-") * 8000), 90, 160);
    /* At most one loss: a second fault must be the other kind, more often than the bound says. */
    c = (dw_swarm_config){
        .faults = 2, .most = {[DW_FAULT_DROP] = 1, [DW_FAULT_CORRUPT] = 2}, .points = 5};
    assert_true(how_often(c, 5, "2d,5x") > dw_swarm_chance(&c, mixed, 2));
    assert_true(dw_swarm_chance(&c, drops, 2) == 0);
}

static void swarm_streams_have_names(void **state)
{
    (void)state;
    uint64_t first = dw_swarm_draw(7, "writes", 1000000);
    assert_int_equal(dw_swarm_draw(7, "writes", 1000000), first);
    assert_int_not_equal(dw_swarm_draw(7, "pause", 1000000), first);
    assert_int_not_equal(dw_swarm_draw(8, "writes", 1000000), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swarm_what_is_drawn_can_be_planned),
        cmocka_unit_test(swarm_behind_keeps_what_was),
        cmocka_unit_test(swarm_reseed_changes_what_comes),
        cmocka_unit_test(swarm_chance_is_how_often_a_plan_is_drawn),
        cmocka_unit_test(swarm_streams_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
