/* core/engine/evq.c: the event queue gives its entries back in order, whatever happens in between.
 */
#include "engine/evq.h"
#include "base/rng.h"
#include "test.h"

#include <drywire/drywire.h>

static void nothing(void *arg)
{
    (void)arg;
}

static void evq_same_time_pops_by_order(void **state)
{
    dw_evq q;
    dw_event e;
    (void)state;
    dw_evq_init(&q);
    for (uint64_t order = 100; order > 0; order--)
        dw_evq_push(&q, 7, order, nothing, NULL);
    for (uint64_t order = 1; order <= 100; order++) {
        assert_true(dw_evq_pop(&q, DW_TIME_NEVER, &e));
        assert_int_equal(e.order, order);
    }
    assert_false(dw_evq_pop(&q, DW_TIME_NEVER, &e));
    dw_evq_free(&q);
}

static void evq_peek_past_until_allows_earlier_push(void **state)
{
    dw_evq q;
    dw_event e;
    (void)state;
    dw_evq_init(&q);
    dw_evq_push(&q, 1000, 1, nothing, NULL);
    assert_false(dw_evq_pop(&q, 999, &e));
    dw_evq_push(&q, 500, 2, nothing, NULL); /* would fail if the pop had moved the clock */
    assert_true(dw_evq_pop(&q, DW_TIME_NEVER, &e));
    assert_int_equal(e.at, 500);
    dw_evq_free(&q);
}

static void evq_cancelled_never_pops(void **state)
{
    dw_evq q;
    dw_event e, *kept[1000];
    (void)state;
    dw_evq_init(&q);
    for (int i = 0; i < 1000; i++)
        kept[i] = dw_evq_push(&q, i * 37 % 500, (uint64_t)i, nothing, (void *)(intptr_t)i);
    for (int i = 0; i < 1000; i += 3)
        dw_evq_cancel(&q, kept[i]);
    int popped = 0;
    while (dw_evq_pop(&q, DW_TIME_NEVER, &e)) {
        assert_int_not_equal((intptr_t)e.arg % 3, 0);
        popped++;
    }
    assert_int_equal(popped, 666);
    assert_int_equal(q.live, 0);
    assert_int_equal(q.dead, 0);
    dw_evq_free(&q);
}

/* A model to compare with: an array searched from end to end. */
/* A clock that stands where the last event was, whatever was cancelled behind it. */
static void evq_cancelled_move_no_clock(void **state)
{
    dw_evq q;
    dw_event e;
    (void)state;
    for (dw_time until = 2000; until <= 4000; until += 2000) {
        dw_evq_init(&q);
        dw_evq_push(&q, 10, 1, nothing, NULL);
        dw_event *first = dw_evq_push(&q, 1000, 2, nothing, NULL);
        dw_event *second = dw_evq_push(&q, 3000, 3, nothing, NULL);
        assert_true(dw_evq_pop(&q, until, &e));
        dw_evq_cancel(&q, first);
        dw_evq_cancel(&q, second);
        assert_false(dw_evq_pop(&q, until, &e));
        dw_evq_push(&q, 20, 4, nothing, NULL);
        dw_evq_push(&q, 15, 5, nothing, NULL);
        assert_true(dw_evq_pop(&q, until, &e));
        assert_int_equal(e.at, 15);
        assert_true(dw_evq_pop(&q, until, &e));
        assert_int_equal(e.at, 20);
        dw_evq_free(&q);
    }
}

static void evq_random_schedule_matches_model(void **state)
{
    enum { MAX_SIZE = 300, STEPS = 20000 };
    struct {
        dw_time at;
        uint64_t order;
        dw_event *event;
    } model[MAX_SIZE];
    int count = 0;
    uint64_t order = 0;
    dw_time now = 0;
    dw_evq q;
    dw_event e;
    dw_rng rng;
    (void)state;
    dw_rng_seed(&rng, 1, "evq", "test");
    dw_evq_init(&q);
    for (int step = 0; step < STEPS; step++) {
        uint64_t what = dw_rng_below(&rng, 10);
        if (what < 5 && count < MAX_SIZE) {
            dw_time at = now + (dw_time)dw_rng_below(&rng, (uint64_t)1 << dw_rng_below(&rng, 40));
            model[count].at = at;
            model[count].order = ++order;
            model[count++].event = dw_evq_push(&q, at, order, nothing, NULL);
        } else if (what < 7 && count > 0) {
            int i = (int)dw_rng_below(&rng, (uint64_t)count);
            dw_evq_cancel(&q, model[i].event);
            model[i] = model[--count];
        } else if (count > 0) {
            int first = 0;
            for (int i = 1; i < count; i++)
                if (model[i].at < model[first].at ||
                    (model[i].at == model[first].at && model[i].order < model[first].order))
                    first = i;
            assert_int_equal(dw_evq_next(&q), model[first].at);
            assert_true(dw_evq_pop(&q, DW_TIME_NEVER, &e));
            assert_int_equal(e.order, model[first].order);
            now = e.at;
            model[first] = model[--count];
        }
        assert_int_equal(q.live, count);
        if (count == 0) assert_int_equal(dw_evq_next(&q), DW_TIME_NEVER);
    }
    dw_evq_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evq_same_time_pops_by_order),
        cmocka_unit_test(evq_peek_past_until_allows_earlier_push),
        cmocka_unit_test(evq_cancelled_never_pops),
        cmocka_unit_test(evq_cancelled_move_no_clock),
        cmocka_unit_test(evq_random_schedule_matches_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
