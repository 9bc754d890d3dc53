/* What public functions refuse, and that whatever fails says why in a sentence of its own. */
#include "../support/net.h"

#include <drywire/plugin.h>

#include <stdio.h>
#include <unistd.h>

static void sim_config_out_of_range_is_refused(void **state)
{
    dw_sim *sim = NULL;
    (void)state;
    assert_int_equal(dw_sim_new(&(dw_sim_config){.limit = -1}, &sim), DW_E_INVAL);
    assert_int_equal(dw_sim_new(&(dw_sim_config){.checks = 77}, &sim), DW_E_INVAL);
    assert_null(sim);
}

static void sim_run_until_the_past_is_refused(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    assert_int_equal(dw_sim_run(n.sim, 0), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "that time has already passed");
    dw_sim_free(n.sim);
}

static void link_direction_that_is_none_is_refused(void **state)
{
    static const int none[] = {2, -1, 7};
    net n;
    (void)state;
    net_exchange(&n);
    for (size_t i = 0; i < 3; i++) {
        dw_direction_config c = {.delay_ns = 5};
        dw_link_stats stats = {.sent_packets = 9};
        assert_int_equal(dw_link_set(n.link, none[i], NULL), DW_E_INVAL);
        assert_non_null(strstr(dw_sim_message(n.sim), "the directions 0 and 1"));
        dw_link_get(n.link, none[i], &c);
        assert_int_equal(c.delay_ns, 0);
        dw_link_stats_get(n.link, none[i], &stats);
        assert_int_equal(stats.sent_packets, 0);
        assert_null(dw_link_node(n.link, none[i]));
    }
    dw_sim_free(n.sim);
}

static void trace_views_of_nothing_are_refused(void **state)
{
    net n;
    char why[200];
    (void)state;
    net_exchange(&n);
    const dw_trace *t = dw_sim_trace(n.sim);
    static const dw_capture_config wrong[] = {
        {.point = DW_CAPTURE_AT_NODE, .node = 99},
        {.point = DW_CAPTURE_POINTS},
        {.format = DW_CAPTURE_FORMATS},
        {.link_type = DW_LINK_TYPES},
        {.start_given = true, .start = -1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(dw_trace_capture(t, "refused.pcapng", &wrong[i], why, sizeof why),
                         DW_E_INVAL);
        if (i == 0) assert_non_null(strstr(why, "there is no host number 99"));
    }
    /* 2106-02-07: past what 32 bits of seconds can say. */
    const dw_capture_config late = {.start_given = true, .start = 4294967296 * DW_SECOND};
    assert_int_equal(dw_trace_capture(t, "refused.pcap", &late, why, sizeof why), DW_E_INVAL);
    assert_non_null(strstr(why, "write pcapng"));
    assert_int_equal(access("refused.pcapng", F_OK), -1);
    assert_null(dw_ladder(t, &(dw_ladder_config){.style = (enum dw_ladder_style)50}));
    const dw_picture numbers = {.numbers = (enum dw_ladder_numbers)9};
    const dw_picture letters = {.letters = "x=1"}, language = {.language = "xx"};
    assert_null(dw_ladder(t, &(dw_ladder_config){.picture = &numbers}));
    assert_null(dw_ladder(t, &(dw_ladder_config){.picture = &letters}));
    assert_null(dw_ladder(t, &(dw_ladder_config){.picture = &language}));
    assert_null(dw_svg(t, &(dw_svg_config){.picture = &numbers}));
    assert_int_equal(dw_trace_subscribe(n.sim, UINT32_MAX, UINT32_MAX, 0, NULL, NULL), DW_E_INVAL);
    dw_sim_free(n.sim);
}

static void expect_without_a_question_or_a_report_is_refused(void **state)
{
    net n;
    char *report = NULL;
    (void)state;
    net_exchange(&n);
    const dw_trace *t = dw_sim_trace(n.sim);
    const dw_match many = {.size = sizeof many, .nth_count = 99};
    const dw_match neither = {.size = sizeof neither, .has_data = 5};
    assert_int_equal(dw_expect_packets(t, &many, 1, &report), DW_E_INVAL);
    assert_non_null(report);
    dw_free(report);
    assert_int_equal(dw_expect_packets(t, &neither, 1, &report), DW_E_INVAL);
    dw_free(report);
    assert_int_equal(dw_expect_packets(t, NULL, 1, NULL), DW_E_INVAL);
    assert_int_equal(dw_expect_states(t, 1, "CLOSED", NULL), DW_E_INVAL);
    assert_int_equal(dw_expect_reaches(t, 1, "ESTABLISHED", -1, 1, &report), DW_E_INVAL);
    dw_free(report);
    assert_int_equal(dw_expect_stays(t, 1, "ESTABLISHED", -1, 0, DW_TIME_NEVER, &report),
                     DW_E_INVAL);
    dw_free(report);
    assert_int_equal(dw_expect_never_state(t, 1, "LISTEN", NULL), DW_E_INVAL);
    assert_int_equal(dw_expect_figure(t, "", -1, -1, NULL), DW_E_INVAL);
    assert_int_equal(dw_trace_diff(t, t, 80, NULL), DW_E_INVAL);
    dw_sim_free(n.sim);
}

/* Each has its own sentence, not that of the failure before it. */
static void socket_calls_that_fail_say_why(void **state)
{
    net n;
    dw_socket *socket;
    char text[8];
    (void)state;
    net_new(&n, NULL, NULL);
    const dw_flow nowhere = {.local_port = 0};
    assert_int_equal(dw_socket_connect(n.client, "tpc", &nowhere, NULL, NULL, &socket), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim), "there is no transport \"tpc\"");
    assert_int_equal(dw_socket_connect(n.client, "tcp", &nowhere, NULL, NULL, &socket), DW_E_INVAL);
    assert_non_null(strstr(dw_sim_message(n.sim), "connect: it does not take the flow"));
    const dw_setting wrong = {"nagel", "true"};
    const dw_open open = {.size = sizeof open,
                          .flow = {.remote = dw_node_address(n.server), .remote_port = 80},
                          .settings = &wrong,
                          .setting_count = 1};
    assert_int_equal(dw_socket_open(n.client, "tcp", &open, NULL, NULL, &socket), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim),
                        "open: nagel: unknown option; did you mean \"nagle\"?");
    assert_int_equal(dw_socket_open(n.client, "udp", &open, NULL, NULL, &socket), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "open: udp takes no options");
    assert_int_equal(dw_socket_listen(n.client, "tcp", &nowhere, -2, NULL, NULL, &socket),
                     DW_E_INVAL);
    assert_non_null(strstr(dw_sim_message(n.sim), "a backlog is -1 or more"));
    socket = net_connect(&n, NULL);
    assert_int_equal(dw_socket_send_flagged(socket, "x", 1, 0xff), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "send: there are no flags 0xff");
    assert_int_equal(dw_socket_shutdown_how(socket, (enum dw_shut)9), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "shutdown: there is no way 9");
    assert_int_equal(dw_socket_recv(n.listener, text, sizeof text), DW_E_NOTCONN);
    assert_string_equal(dw_sim_message(n.sim), "recv: the socket listens");
    assert_int_equal(dw_socket_peek(n.listener, text, sizeof text), DW_E_NOTCONN);
    assert_int_equal(dw_socket_send(n.listener, "x", 1), DW_E_NOTCONN);
    assert_int_equal(dw_socket_shutdown(n.listener), DW_E_NOTCONN);
    assert_int_equal(dw_socket_accept(socket, NULL, NULL, &socket), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "accept: the socket does not listen");
    dw_sim_free(n.sim);
}

static void plugin_that_is_no_shared_object_is_refused(void **state)
{
    net n;
    char path[] = "/tmp/refusal_XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "text\n", 5), 5);
    close(fd);
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_plugin_load(n.sim, path), DW_E_ABI);
    assert_non_null(strstr(dw_sim_message(n.sim), "is no shared object"));
    unlink(path);
    assert_int_equal(dw_plugin_load(n.sim, path), DW_E_NOENT);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sim_config_out_of_range_is_refused),
        cmocka_unit_test(sim_run_until_the_past_is_refused),
        cmocka_unit_test(link_direction_that_is_none_is_refused),
        cmocka_unit_test(trace_views_of_nothing_are_refused),
        cmocka_unit_test(expect_without_a_question_or_a_report_is_refused),
        cmocka_unit_test(socket_calls_that_fail_say_why),
        cmocka_unit_test(plugin_that_is_no_shared_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
