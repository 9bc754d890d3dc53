/* lua/drill/language/icmp_names.c: types and codes of RFC 792 and RFC 1812 5.2.7.1, and of RFC
 * 4443. */
#include "drill/language/drill_numbers.h"

#include "test.h"

static void icmp_names_words_are_types_and_codes(void **state)
{
    static const struct {
        uint32_t family;
        const char *type, *code;
        int type_number, code_number;
    } cases[] = {
        {4, "unreachable", "net_unreachable", 3, 0},
        {4, "unreachable", "port_unreachable", 3, 3},
        {4, "unreachable", "frag_needed", 3, 4},
        {4, "unreachable", "source_route_failed", 3, 5},
        {4, "unreachable", "packet_filtered", 3, 13},
        {4, "unreachable", "admin_prohibited", 3, 13},
        {4, "source_quench", NULL, 4, 0},
        {4, "echo_request", NULL, 8, 0},
        {4, "time_exceeded", "frag_reass_exceeded", 11, 1},
        {4, "parameter_problem", NULL, 12, 0},
        {6, "unreachable", "no_route", 1, 0},
        {6, "unreachable", "address_unreachable", 1, 3},
        {6, "unreachable", "port_unreachable", 1, 4},
        {6, "packet_too_big", NULL, 2, 0},
        {6, "time_exceeded", "exceeded_hop_limit", 3, 0},
        {6, "echo_request", NULL, 128, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const dw_icmp_name *n = dw_drill_icmp(cases[i].family, cases[i].type, cases[i].code);
        assert_non_null(n);
        assert_int_equal(n->type, cases[i].type_number);
        assert_int_equal(n->code, cases[i].code_number);
    }
    assert_null(dw_drill_icmp(4, "packet_too_big", NULL)); /* of IPv6 alone */
    assert_null(dw_drill_icmp(6, "unreachable", "frag_needed"));
}

/* Back: with the code's name where it has one, the first of several. */
static void icmp_names_numbers_are_words(void **state)
{
    (void)state;
    assert_string_equal(dw_drill_icmp_named(4, 3, 0)->code_name, "net_unreachable");
    assert_string_equal(dw_drill_icmp_named(4, 3, 13)->code_name, "packet_filtered");
    assert_string_equal(dw_drill_icmp_named(4, 11, 0)->code_name, "ttl_exceeded_in_transit");
    assert_string_equal(dw_drill_icmp_named(6, 2, 0)->type_name, "packet_too_big");
    assert_null(dw_drill_icmp_named(6, 2, 0)->code_name);
    assert_null(dw_drill_icmp_named(4, 99, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icmp_names_words_are_types_and_codes),
        cmocka_unit_test(icmp_names_numbers_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
