/* Structs that callers fill in, of whatever version (base.h, "Structs that grow"). */
#include "base/config.h"
#include "net.h"

#include <string.h>

/* A struct as a library has it, as an older program knows it, and as a newer one does. */
typedef struct present {
    size_t size;
    uint64_t first, second;
} present;

typedef struct older {
    size_t size;
    uint64_t first;
} older;

typedef struct newer {
    size_t size;
    uint64_t first, second, third;
} newer;

static void config_null_and_zero_are_the_default(void **state)
{
    present got = {0, 1, 2};
    const present zero = {0};
    (void)state;
    assert_int_equal(DW_CONFIG_READ(&got, NULL), DW_OK);
    assert_true(got.size == sizeof got && got.first == 0 && got.second == 0);
    assert_int_equal(DW_CONFIG_READ(&got, &zero), DW_OK);
    assert_true(got.size == sizeof got && got.first == 0 && got.second == 0);
}

static void config_of_an_older_program_leaves_the_rest_at_its_default(void **state)
{
    present got = {0, 1, 2};
    struct {
        older config;
        uint64_t behind; /* the program's own, not to be read */
    } memory = {{sizeof(older), 7}, 9};
    (void)state;
    assert_int_equal(DW_CONFIG_READ(&got, &memory.config), DW_OK);
    assert_int_equal(got.first, 7);
    assert_int_equal(got.second, 0);
}

static void config_without_a_size_is_of_the_first_version(void **state)
{
    present got = {0, 1, 2};
    const present given = {0, 7, 9};
    (void)state;
    assert_int_equal(DW_CONFIG_READ(&got, &given), DW_OK);
    assert_int_equal(got.second, 9);
    assert_int_equal(dw_config_read(&got, sizeof got, offsetof(present, second), &given), DW_OK);
    assert_int_equal(got.first, 7);
    assert_int_equal(got.second, 0); /* appended later: a program without a size does not know it */
}

static void config_of_a_newer_program_may_ask_for_nothing_new(void **state)
{
    present got;
    newer given = {.size = sizeof given, .first = 1, .second = 2};
    (void)state;
    assert_int_equal(DW_CONFIG_READ(&got, &given), DW_OK);
    assert_true(got.size == sizeof got && got.first == 1 && got.second == 2);
    given.third = 3;
    assert_int_equal(DW_CONFIG_READ(&got, &given), DW_E_INVAL);
    given.size = 1; /* no size at all */
    assert_int_equal(DW_CONFIG_READ(&got, &given), DW_E_INVAL);
}

/* Each call that takes a config refuses one that asks for more than there is. */
static void every_config_of_a_later_version_is_refused(void **state)
{
    net n;
    dw_sim *sim;
    dw_socket *socket;
    union {
        size_t size;
        dw_sim_config sim;
        dw_direction_config direction;
        dw_loss_model model;
        dw_match match;
        dw_rule_config rule;
        dw_open how;
        dw_ladder_config ladder;
        dw_svg_config svg;
        dw_html_config html;
        uint8_t bytes[4096];
    } later = {.bytes = {0}};
    (void)state;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    later.bytes[sizeof later - 1] = 1;
    later.size = sizeof later;
    assert_int_equal(dw_sim_new(&later.sim, &sim), DW_E_INVAL);
    assert_int_equal(dw_link_new(n.client, n.server, &later.direction, NULL, NULL), DW_E_INVAL);
    assert_int_equal(dw_link_new(n.client, n.server, NULL, &later.direction, NULL), DW_E_INVAL);
    assert_int_equal(dw_link_set(n.link, 0, &later.direction), DW_E_INVAL);
    dw_direction_config direction = {.size = sizeof direction, .loss_model = &later.model};
    assert_int_equal(dw_link_set(n.link, 0, &direction), DW_E_INVAL);
    assert_int_equal(dw_link_rule(n.link, &later.rule, NULL), DW_E_INVAL);
    dw_match many = {.size = sizeof many, .nth_count = DW_MATCH_NTH + 1};
    dw_rule_config rule = {.size = sizeof rule, .match = &many};
    assert_int_equal(dw_link_rule(n.link, &rule, NULL), DW_E_INVAL);
    rule.match = &later.match;
    assert_int_equal(dw_node_rule(n.client, &rule, NULL), DW_E_INVAL);
    assert_int_equal(dw_socket_open(n.client, "tcp", &later.how, NULL, NULL, &socket), DW_E_INVAL);
    dw_packet_view *views;
    size_t count;
    char *report;
    const dw_trace *trace = dw_sim_trace(n.sim);
    assert_int_equal(dw_trace_packets(trace, &later.match, &views, &count), DW_E_INVAL);
    assert_int_equal(dw_trace_packets(trace, &many, &views, &count), DW_E_INVAL);
    assert_int_equal(dw_expect_packets(trace, &later.match, 1, &report), DW_E_INVAL);
    dw_free(report);
    assert_null(dw_ladder(trace, &later.ladder));
    assert_null(dw_svg(trace, &later.svg));
    assert_null(dw_tikz(trace, &later.svg));
    assert_null(dw_html(trace, &later.html));
    dw_sim_free(n.sim);
}

/* Numbers in and out of a socket, without text. */
static void socket_values_are_numbers(void **state)
{
    net n;
    char why[200];
    int64_t value = -7;
    (void)state;
    net_new(&n, NULL, NULL);
    dw_socket *s = net_connect(&n, net_hello);
    assert_ptr_equal(dw_socket_node(s), n.client);
    assert_ptr_equal(dw_socket_user(s), &n);
    assert_int_equal(dw_socket_conn(s), 1);
    assert_false(dw_socket_value(s, "no_such_variable", &value));
    assert_int_equal(value, -7);
    assert_int_equal(dw_socket_set_value(s, "keepalive_idle", 5 * DW_SECOND, why, sizeof why),
                     DW_OK);
    assert_true(dw_socket_value(s, "keepalive_idle_s", &value));
    assert_int_equal(value, 5);
    assert_int_equal(dw_socket_set_value(s, "keepalive_idle", -1, why, sizeof why), DW_E_INVAL);
    assert_int_equal(dw_socket_set_value(s, "nagle", 0, why, sizeof why), DW_OK);
    assert_int_equal(dw_socket_set_value(s, "nagle", 2, why, sizeof why), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "set: nagle: 2 is outside 0 to 1");
    assert_int_equal(dw_socket_set_value(s, "congestion_control", 1, why, sizeof why), DW_OK);
    assert_int_equal(dw_socket_set_value(s, "congestion_control", 99, why, sizeof why), DW_E_INVAL);
    assert_int_equal(dw_socket_set_value(n.listener, "mss", 700, why, sizeof why), DW_OK);
    assert_int_equal(dw_socket_set_value(s, "nagel", 1, why, sizeof why), DW_E_NOENT);
    assert_non_null(strstr(why, "nagle"));
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_null_and_zero_are_the_default),
        cmocka_unit_test(config_of_an_older_program_leaves_the_rest_at_its_default),
        cmocka_unit_test(config_without_a_size_is_of_the_first_version),
        cmocka_unit_test(config_of_a_newer_program_may_ask_for_nothing_new),
        cmocka_unit_test(every_config_of_a_later_version_is_refused),
        cmocka_unit_test(socket_values_are_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
