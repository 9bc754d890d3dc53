/* core/view/html.c: the data of the player's page. */
#include "net.h"

enum { PACKET_INTEGERS = 11 };

/* The nth SENT event as the page has it: a line of integers. */
static void sent_event(const char *html, int nth, long long out[PACKET_INTEGERS])
{
    const char *line = strstr(html, "\"events\":[\n");
    assert_non_null(line);
    for (line = strchr(line, '\n'); line; line = strchr(line, '\n')) {
        char *end;
        line++;
        if (strtoll(line, &end, 10) != DW_TRACE_SENT || --nth > 0) continue;
        for (int i = 0; i < PACKET_INTEGERS; i++) {
            out[i] = strtoll(line, &end, 10);
            assert_true(*end == (i + 1 < PACKET_INTEGERS ? ',' : *end));
            line = end + 1;
        }
        assert_true(end[0] == '\n' || (end[0] == ',' && end[1] == '\n') || end[0] == ']');
        return;
    }
    fail();
}

/* Type, time since the last event, host + 1, connection, cause, packet, link + 1, direction,
 * header, octets, other packet (html.c's first comment). */
static void html_packet_has_its_eleven_integers(void **state)
{
    long long e[PACKET_INTEGERS];
    net n;
    (void)state;
    net_exchange(&n);
    char *html = dw_html(dw_sim_trace(n.sim), NULL);
    assert_non_null(html);
    sent_event(html, 1, e); /* the client's SYN: 20 octets of IPv4, 24 of TCP */
    assert_int_equal(e[2], 1);
    assert_int_equal(e[5], 1);
    assert_int_equal(e[6], 1);
    assert_int_equal(e[7], 0);
    assert_int_equal(e[9], 44);
    sent_event(html, 2, e); /* the server's SYN,ACK */
    assert_int_equal(e[2], 2);
    assert_int_equal(e[5], 2);
    assert_int_equal(e[6], 1);
    assert_int_equal(e[7], 1);
    dw_free(html);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(html_packet_has_its_eleven_integers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
