/* core/engine/link.c, direction.c, rule.c: times, queues, losses and faults on a link. */
#include "drywire/plugin.h"
#include "net.h"

/* UDP datagrams of 972 bytes: with headers exactly 1000. */
static void note_arrival(dw_socket *socket, uint32_t events, void *user)
{
    dw_time *times = user;
    dw_slice slice;
    (void)events;
    while (dw_socket_recv_slice(socket, UINT64_MAX, &slice) >= 0) {
        int i = 0;
        while (times[i])
            i++;
        times[i] = dw_sim_now(dw_node_sim(socket->node));
        dw_buf_unref(slice.buf);
    }
}

static void send_burst(const dw_direction_config *d, int count, dw_time *times, dw_link_stats *st)
{
    net n;
    dw_socket *receiver, *sender;
    net_new(&n, &(dw_sim_config){.seed = 4}, d);
    dw_flow bind = {.local_port = 9};
    dw_socket_listen(n.server, "udp", &bind, 0, note_arrival, times, &receiver);
    dw_flow flow = {.remote = dw_node_address(n.server), .remote_port = 9};
    dw_socket_connect(n.client, "udp", &flow, NULL, NULL, &sender);
    dw_buf *buf = dw_buf_generated(1, UINT64_MAX);
    for (int i = 0; i < count; i++)
        assert_int_equal(dw_socket_send_generated(sender, buf, 0, 972), 972);
    dw_buf_unref(buf);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    if (st) dw_link_stats_get(n.link, 0, st);
    dw_sim_free(n.sim);
}

static void link_rate_and_delay_give_exact_times(void **state)
{
    dw_time times[8] = {0};
    (void)state;
    /* 8,000 bits at 3 bit/us take 2,666,666 2/3 ns: the thirds add up. */
    send_burst(&(dw_direction_config){.rate_bps = 3000000, .delay_ns = DW_MILLISECOND}, 3, times,
               NULL);
    assert_int_equal(times[0], DW_MILLISECOND + 2666666);
    assert_int_equal(times[1], DW_MILLISECOND + 5333333);
    assert_int_equal(times[2], DW_MILLISECOND + 8000000);
}

static void link_queue_in_packets_drops_the_tail(void **state)
{
    dw_time times[16] = {0};
    dw_link_stats st;
    (void)state;
    send_burst(&(dw_direction_config){.rate_bps = 8000000, .queue_packets = 3}, 10, times, &st);
    assert_int_equal(st.delivered_packets, 4); /* one in transmission, three waiting */
    assert_int_equal(st.dropped_packets, 6);
}

static void link_queue_in_bytes_drops_the_tail(void **state)
{
    dw_time times[16] = {0};
    dw_link_stats st;
    (void)state;
    send_burst(&(dw_direction_config){.rate_bps = 8000000, .queue_bytes = 2500}, 10, times, &st);
    assert_int_equal(st.delivered_packets, 3);
}

static void link_loss_follows_its_probability(void **state)
{
    static dw_time times[20001];
    dw_link_stats st;
    (void)state;
    memset(times, 0, sizeof times);
    /* Few receivers look at each arrival in order; enough to see 5 % of 2,000 within bounds. */
    send_burst(&(dw_direction_config){.loss = DW_RATIO_ONE / 20}, 2000, times, &st);
    assert_in_range(st.dropped_packets, 60, 145);
    assert_int_equal(st.dropped_packets + st.delivered_packets, 2000);
}

static void link_jitter_keeps_order(void **state)
{
    static dw_time times[201];
    (void)state;
    memset(times, 0, sizeof times);
    send_burst(&(dw_direction_config){.rate_bps = 80000000, .jitter_ns = 10 * DW_MILLISECOND}, 200,
               times, NULL);
    for (int i = 1; i < 200; i++)
        assert_true(times[i] >= times[i - 1]);
}

static void link_mtu_drops_what_is_larger(void **state)
{
    dw_time times[8] = {0};
    dw_link_stats st;
    (void)state;
    send_burst(&(dw_direction_config){.mtu = 999}, 2, times, &st);
    assert_int_equal(st.delivered_packets, 0);
    send_burst(&(dw_direction_config){.mtu = 1000}, 2, times, &st);
    assert_int_equal(st.delivered_packets, 2);
}

static void link_option_out_of_range_is_refused(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    dw_direction_config bad = {.delay_ns = -1};
    assert_int_equal(dw_link_set(n.link, 0, &bad), DW_E_INVAL);
    bad = (dw_direction_config){.loss = DW_RATIO_ONE + 1};
    assert_int_equal(dw_link_set(n.link, 0, &bad), DW_E_INVAL);
    bad = (dw_direction_config){.mtu = 20};
    assert_int_equal(dw_link_set(n.link, 0, &bad), DW_E_INVAL);
    dw_sim_free(n.sim);
}

/* No config and a zeroed one are the same: no delay, no limits, and a rule that lets all pass. */
static void link_null_and_zero_are_the_default(void **state)
{
    static const dw_rule_config zero_rule;
    net n;
    dw_rule *rules[2];
    dw_direction_config got;
    dw_link *link;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_sim_seed(n.sim), 0);
    assert_int_equal(dw_link_rule(n.link, NULL, &rules[0]), DW_OK);
    assert_int_equal(dw_node_rule(n.client, &zero_rule, &rules[1]), DW_OK);
    dw_rule_config ask = {.action = DW_ACTION_INTERCEPT};
    assert_int_equal(dw_link_rule(n.link, &ask, NULL), DW_E_INVAL);
    assert_int_equal(dw_link_set(n.link, 0, NULL), DW_OK);
    dw_link_get(n.link, 0, &got);
    assert_int_equal(got.delay_ns, 0);
    assert_int_equal(got.mtu, 1500);
    dw_socket *socket = net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    assert_int_equal(n.received, 5);
    assert_true(dw_rule_hits(rules[1]) > 3 && dw_rule_hits(rules[0]) > dw_rule_hits(rules[1]));
    assert_int_equal(dw_link_new(n.client, n.server, NULL, NULL, &link), DW_OK);
    dw_link_get(link, 1, &got);
    assert_int_equal(got.mtu, 1500);
    (void)socket;
    dw_sim_free(n.sim);
}

/* Without a number of an octet any bit is damaged, with one that octet: here the first, 'h'. */
static void link_corrupt_zero_is_anywhere(void **state)
{
    (void)state;
    for (uint64_t seed = 1, elsewhere = 0; seed <= 20; seed++) {
        for (int given = 0; given < 2; given++) {
            net n;
            dw_match first_data = {.size = sizeof first_data, .has_data = 1, .count = 1};
            dw_rule_config c = {
                .action = DW_ACTION_CORRUPT, .byte_given = given, .match = &first_data};
            net_new(&n, &(dw_sim_config){.seed = seed, .trace = true}, NULL);
            dw_link_rule(n.link, &c, NULL);
            net_connect(&n, net_hello);
            assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
            const dw_trace *t = dw_sim_trace(n.sim);
            size_t damaged = 0;
            while (dw_trace_at(t, damaged)->type != DW_TRACE_DAMAGED)
                damaged++;
            const dw_trace_event *e = dw_trace_at(t, damaged);
            bool first = e->u.packet.other == e->u.packet.head_len;
            if (given) assert_true(first);
            elsewhere += !given && !first;
            dw_sim_free(n.sim);
        }
        if (seed == 20) assert_true(elsewhere > 10);
    }
}

/* Whatever is still held, delayed or in flight when a simulation ends is freed with it. */
static void sim_free_with_packets_everywhere(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    dw_rule_config hold = {.action = DW_ACTION_HOLD}, delay = {.action = DW_ACTION_DELAY};
    dw_match first = {.size = sizeof first, .nth = {1}, .nth_count = 1};
    hold.match = &first;
    delay.by = DW_HOUR / 2;
    dw_link_rule(n.link, &hold, NULL);
    dw_link_rule(n.link, &delay, NULL);
    for (int i = 0; i < 3; i++)
        net_connect(&n, net_hello);
    dw_dissection f = {.src = dw_node_address(n.client),
                       .dst = dw_node_address(n.server),
                       .sport = 1,
                       .dport = 80,
                       .flags = 2};
    assert_int_equal(dw_link_inject(n.link, 0, DW_SECOND, "tcp", &f, "data", 4), DW_OK);
    assert_int_equal(dw_sim_run(n.sim, DW_MILLISECOND), DW_OK);
    dw_sim_free(n.sim);
}

/* A packet whose headers say nothing of a checksum to be filled in, as of ICMP. */
static void link_corruption_stays_within_the_packet(void **state)
{
    static const uint8_t echo[28] = {0x45, 0, 0,  28, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0,
                                     0,    1, 10, 0,  0, 2, 8, 0, 0,  0, 0, 1, 0,  1};
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.seed = 2}, &(dw_direction_config){.corrupt = DW_RATIO_ONE});
    for (int i = 0; i < 200; i++)
        assert_int_equal(dw_node_send_raw(n.client, echo, sizeof echo), DW_OK);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    dw_sim_free(n.sim);
}

/* What could not be sent stays its owner's; a datagram may be empty. */
static void udp_send_gives_back_what_it_does_not_take(void **state)
{
    net n;
    dw_node *lonely;
    dw_socket *socket;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_node_new(n.sim, "lonely", &lonely), DW_OK);
    dw_flow flow = {.remote = dw_node_address(lonely), .remote_port = 9};
    assert_int_equal(dw_socket_connect(n.client, "udp", &flow, NULL, NULL, &socket), DW_OK);
    assert_int_equal(dw_socket_send(socket, "nobody", 6), DW_E_UNREACH);
    flow.remote = dw_node_address(n.server);
    assert_int_equal(dw_socket_connect(n.client, "udp", &flow, NULL, NULL, &socket), DW_OK);
    assert_int_equal(dw_socket_send(socket, "", 0), 0);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    dw_sim_free(n.sim);
}

/* Probabilities reach from never to always. */
static void link_loss_model_may_be_certain(void **state)
{
    net n;
    dw_loss_model model = DW_INIT(dw_loss_model);
    dw_direction_config d = DW_INIT(dw_direction_config);
    (void)state;
    model.kind = DW_LOSS_GILBERT;
    model.to_bad = model.to_good = model.good_loss = model.bad_loss = DW_RATIO_ONE;
    d.loss_model = &model;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_link_set(n.link, 0, &d), DW_OK);
    dw_ratio *parts[] = {&model.to_bad, &model.to_good, &model.good_loss, &model.bad_loss};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        (*parts[i])++;
        assert_int_equal(dw_link_set(n.link, 0, &d), DW_E_INVAL);
        (*parts[i])--;
    }
    dw_sim_free(n.sim);
}

/* trace.h: a LINK event has what each direction is like when the link is made. */
static void link_trace_has_both_directions(void **state)
{
    const dw_direction_config there = {.delay_ns = DW_MILLISECOND, .rate_bps = 1000000},
                              back = {.delay_ns = 2 * DW_MILLISECOND, .rate_bps = 8000};
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    size_t before = dw_trace_count(dw_sim_trace(n.sim));
    assert_int_equal(dw_link_new(n.client, n.server, &there, &back, NULL), DW_OK);
    assert_int_equal(dw_trace_count(dw_sim_trace(n.sim)), before + 1);
    const dw_trace_event *e = dw_trace_at(dw_sim_trace(n.sim), before);
    assert_int_equal(e->type, DW_TRACE_LINK);
    assert_int_equal(e->u.link.delay[0], DW_MILLISECOND);
    assert_int_equal(e->u.link.delay[1], 2 * DW_MILLISECOND);
    assert_int_equal(e->u.link.rate[0], 1000000);
    assert_int_equal(e->u.link.rate[1], 8000);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_rate_and_delay_give_exact_times),
        cmocka_unit_test(link_queue_in_packets_drops_the_tail),
        cmocka_unit_test(link_queue_in_bytes_drops_the_tail),
        cmocka_unit_test(link_loss_follows_its_probability),
        cmocka_unit_test(link_jitter_keeps_order),
        cmocka_unit_test(link_mtu_drops_what_is_larger),
        cmocka_unit_test(link_option_out_of_range_is_refused),
        cmocka_unit_test(link_null_and_zero_are_the_default),
        cmocka_unit_test(link_corrupt_zero_is_anywhere),
        cmocka_unit_test(sim_free_with_packets_everywhere),
        cmocka_unit_test(link_corruption_stays_within_the_packet),
        cmocka_unit_test(link_loss_model_may_be_certain),
        cmocka_unit_test(link_trace_has_both_directions),
        cmocka_unit_test(udp_send_gives_back_what_it_does_not_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
