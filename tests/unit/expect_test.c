/* core/view/expect.c: what two traces have in common, and where they part. */
#include "net.h"

/* Several small segments, then the end. */
static void greet(dw_socket *socket, uint32_t events, void *user)
{
    (void)user;
    if (!(events & DW_SOCKET_CONNECTED)) return;
    for (int i = 0; i < 8; i++)
        assert_int_equal(dw_socket_send(socket, "hello", 5), 5);
    dw_socket_close(socket);
}

/* The client's nth packet is lost; 0: none is. */
static void exchange(net *n, uint32_t nth)
{
    net_new(n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    dw_node_option(n->client, "tcp", "nagle", "false");
    dw_match match = DW_INIT(dw_match);
    dw_rule_config drop = DW_INIT(dw_rule_config);
    match.from = 0;
    match.nth[0] = nth;
    match.nth_count = 1;
    drop.match = &match;
    drop.action = DW_ACTION_DROP;
    if (nth) assert_int_equal(dw_link_rule(n->link, &drop, NULL), DW_OK);
    net_connect(n, greet);
    assert_int_equal(dw_sim_run(n->sim, DW_TIME_NEVER), DW_OK);
}

static int count_of(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* The sixth packet is the first that differs: the second to the tenth are drawn. */
static void expect_difference_is_shown_with_four_packets_on_each_side(void **state)
{
    net a, b;
    char *report;
    (void)state;
    exchange(&a, 0);
    exchange(&b, 6);
    dw_ladder_config c = DW_INIT(dw_ladder_config);
    c.style = DW_LADDER_ASCII;
    c.width = 90;
    assert_int_equal(dw_trace_diff_as(dw_sim_trace(a.sim), dw_sim_trace(b.sim), &c, &report),
                     DW_E_MISMATCH);
    const char *of_b = strstr(report, "\nB:\n");
    assert_non_null(of_b);
    assert_non_null(strstr(report, "#6 client:49152 > server:80 PSH,ACK"));
    assert_non_null(strstr(report, "  #6: arrived in A, lost (fault-drop) in B\n"));
    assert_non_null(strstr(of_b, "#6 PSH,ACK seq=11 ack=1 len=5 "));
    assert_non_null(strstr(of_b, "X lost "));
    assert_int_equal(count_of(of_b, "<== here\n"), 1);
    assert_int_equal(count_of(of_b, "#1 SYN seq=0"), 0);              /* the first */
    assert_int_equal(count_of(of_b, "#2 SYN,ACK seq=0 ack=1 --"), 1); /* the second */
    assert_int_equal(count_of(of_b, "ESTABLISHED |-- "), 8);          /* the third to the tenth */
    dw_free(report);
    dw_sim_free(a.sim);
    dw_sim_free(b.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expect_difference_is_shown_with_four_packets_on_each_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
