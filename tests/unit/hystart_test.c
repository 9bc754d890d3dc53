/* proto/tcp/cc/hystart.c: where slow start ends before a loss (Ha and Rhee 2011, as Linux's
 * net/ipv4/tcp_cubic.c has it). */
#include "tcp/cc/hystart.h"
#include "test.h"

enum { MSS = 1000, WINDOW = 20 * MSS };

static dw_congestion cc;
static dw_hystart_state h;

/* The nth sample of a round trip, of so many milliseconds. */
static void sample(uint32_t n, int ms)
{
    const dw_congestion_ack ack = {.now = (1000 + n * 20) * DW_MILLISECOND,
                                   .rtt = ms * DW_MILLISECOND,
                                   .una = n * MSS,
                                   .nxt = n * MSS + WINDOW};
    dw_hystart_sample(&cc, &h, &ack);
}

/* hystart_update: eight samples of a round trip, of which the least is above the shortest round
 * trip by an eighth of it.  bictcp_acked: "if (!ca->found && tcp_in_slow_start(tp) ...)", so a slow
 * start after a pause is not ended by it once more; bictcp_reset begins anew. */
static void hystart_by_delay_is_found_once(void **state)
{
    uint32_t n = 0;
    (void)state;
    cc = (dw_congestion){
        .cwnd = WINDOW, .ssthresh = UINT64_MAX, .mss = MSS, .hystart = DW_HYSTART_DELAY};
    dw_hystart_reset(&h);
    for (int i = 0; i < 20; i++)
        sample(n++, 80);
    assert_true(cc.ssthresh == UINT64_MAX);
    for (int i = 0; i < 60 && cc.ssthresh == UINT64_MAX; i++)
        sample(n++, 100);
    assert_int_equal(cc.ssthresh, WINDOW);
    cc.ssthresh = 2 * WINDOW;
    for (int i = 0; i < 60; i++)
        sample(n++, 100);
    assert_int_equal(cc.ssthresh, 2 * WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hystart_by_delay_is_found_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
