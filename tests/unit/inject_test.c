/* Packets that a program makes, and what rewriting does to those of another protocol. */
#include "../support/net.h"

#include <drywire/plugin.h>

enum { RST = 4 };

/* What an ICMP error of the server's about the client's connection says. */
static dw_dissection icmp_fields(const net *n, const dw_net_error *error, dw_flow *quoted)
{
    dw_dissection f = {.src = dw_node_address(n->server), .dst = dw_node_address(n->client)};
    *quoted = (dw_flow){
        .local = f.dst, .remote = f.src, .local_port = 4000, .remote_port = 80, .transport = 6};
    f.error = error;
    f.quoted = quoted;
    return f;
}

static void inject_flags_of_another_protocol_are_refused(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    const char *const *tcp = dw_protocol_builtin("tcp")->flags;
    const char *const *icmp = dw_protocol_builtin("icmp")->flags;
    dw_dissection f = {.src = dw_node_address(n.client),
                       .dst = dw_node_address(n.server),
                       .sport = 1,
                       .dport = 80,
                       .flags = RST};
    assert_int_equal(dw_link_inject(n.link, 0, 0, "udp", &f, NULL, 0), DW_E_INVAL);
    assert_string_equal(dw_sim_message(n.sim), "packets of protocol \"udp\" have no flags");
    f.flag_names = icmp;
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", &f, NULL, 0), DW_E_INVAL);
    assert_non_null(strstr(dw_sim_message(n.sim), "of another protocol than \"tcp\""));
    f.flag_names = tcp;
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", &f, NULL, 0), DW_OK);
    f.flags = 1u << 20;
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", &f, NULL, 0), DW_E_INVAL);
    assert_non_null(strstr(dw_sim_message(n.sim), "has no flags 0x100000"));
    f.flags = RST;
    assert_int_equal(dw_link_inject(n.link, 2, 0, "tcp", &f, NULL, 0), DW_E_INVAL);
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", &f, NULL, 3), DW_E_INVAL);
    dw_sim_free(n.sim);
}

/* RFC 792: the checksum covers all of the message, more of the quoted packet too. */
static void inject_icmp_with_data_has_a_right_checksum(void **state)
{
    static const char *const data[] = {NULL, "12345678 and more", "odd"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        net n;
        dw_flow quoted;
        const dw_net_error error = {.kind = DW_NET_UNREACHABLE_PORT};
        net_new(&n, &(dw_sim_config){.trace = true}, NULL);
        dw_dissection f = icmp_fields(&n, &error, &quoted);
        size_t len = data[i] ? strlen(data[i]) : 0;
        assert_int_equal(dw_link_inject(n.link, 1, 0, "icmp", &f, data[i], len), DW_OK);
        assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
        const dw_trace *t = dw_sim_trace(n.sim);
        for (size_t k = 0; k < dw_trace_count(t); k++)
            assert_int_not_equal(dw_trace_at(t, k)->type, DW_TRACE_DROPPED);
        dw_sim_free(n.sim);
    }
}

/* RFC 4443 has no source quench. */
static void inject_icmp6_source_quench_says_so(void **state)
{
    net n;
    dw_flow quoted;
    const dw_net_error error = {.kind = DW_NET_SOURCE_QUENCH};
    (void)state;
    net_new(&n, NULL, NULL);
    dw_dissection f = icmp_fields(&n, &error, &quoted);
    assert_int_equal(dw_addr_parse("2001:db8::1", &f.src), DW_OK);
    assert_int_equal(dw_addr_parse("2001:db8::2", &f.dst), DW_OK);
    quoted.local = f.dst;
    quoted.remote = f.src;
    f.flags = 1u << error.kind;
    assert_int_equal(dw_link_inject(n.link, 1, 0, "icmp6", &f, NULL, 0), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim), "protocol \"icmp6\" has no \"source-quench\"");
    dw_sim_free(n.sim);
}

static size_t count_of(const dw_trace *t, uint8_t type)
{
    size_t count = 0;
    for (size_t i = 0; i < dw_trace_count(t); i++)
        count += dw_trace_at(t, i)->type == type;
    return count;
}

/* The notes that a field cannot be rewritten: how many, and the first two. */
static size_t impossible(const dw_trace *t, const dw_trace_event *first[2])
{
    size_t count = 0;
    for (size_t i = 0; i < dw_trace_count(t); i++) {
        const dw_trace_event *e = dw_trace_at(t, i);
        if (e->type != DW_TRACE_NOTE || !e->cause) continue;
        if (strcmp(e->cause->name, "rewrite-impossible") != 0) continue;
        if (count < 2) first[count] = e;
        count++;
    }
    return count;
}

/* Three ICMP messages pass a rule that is for TCP. */
static void run_icmp_past(net *n, const dw_rule_config *c, dw_rule **rule)
{
    static const uint8_t raw[28] = {0x45, 0,  0, 28, 0, 1,  0, 0, 64, 1, 0,
                                    0,    10, 0, 0,  1, 10, 0, 0, 2,  3, 3};
    net_new(n, &(dw_sim_config){.trace = true}, NULL);
    assert_int_equal(dw_link_rule(n->link, c, rule), DW_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(dw_node_send_raw(n->client, raw, sizeof raw), DW_OK);
    assert_int_equal(dw_sim_run(n->sim, DW_TIME_NEVER), DW_OK);
}

static void rewrite_what_a_packet_lacks_is_told_once_and_damages_nothing(void **state)
{
    net n;
    dw_rule *rule;
    (void)state;
    run_icmp_past(&n,
                  &(dw_rule_config){.action = DW_ACTION_REWRITE,
                                    .fields = {{"window", 7}, {"mss", 100}},
                                    .field_count = 2,
                                    .what = "link:rewrite"},
                  &rule);
    const dw_trace *t = dw_sim_trace(n.sim);
    assert_int_equal(count_of(t, DW_TRACE_DAMAGED), 0);
    const dw_trace_event *told[2];
    assert_int_equal(impossible(t, told), 2);
    assert_string_equal(told[0]->u.note.text,
                        "link:rewrite: packet 1: icmp has no field \"window\" to rewrite");
    assert_non_null(strstr(told[1]->u.note.text, "\"mss\""));
    dw_sim_free(n.sim);
}

static void rewrite_of_flags_leaves_other_protocols_alone(void **state)
{
    net n;
    dw_rule *rule;
    (void)state;
    run_icmp_past(&n,
                  &(dw_rule_config){.action = DW_ACTION_REWRITE,
                                    .fields = {{"flags", RST}},
                                    .field_count = 1,
                                    .flag_names = dw_protocol_builtin("tcp")->flags},
                  &rule);
    assert_int_equal(count_of(dw_sim_trace(n.sim), DW_TRACE_DAMAGED), 0);
    const dw_trace_event *told[2];
    assert_int_equal(impossible(dw_sim_trace(n.sim), told), 0);
    assert_int_equal(dw_rule_hits(rule), 0);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inject_flags_of_another_protocol_are_refused),
        cmocka_unit_test(inject_icmp_with_data_has_a_right_checksum),
        cmocka_unit_test(inject_icmp6_source_quench_says_so),
        cmocka_unit_test(rewrite_what_a_packet_lacks_is_told_once_and_damages_nothing),
        cmocka_unit_test(rewrite_of_flags_leaves_other_protocols_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
