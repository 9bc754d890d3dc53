/* core/engine/host.c: what plugins may ask of the simulator, and what of it is refused. */
#include "engine/node.h"
#include "engine/packet_pool.h"
#include "engine/sim.h"
#include "net.h"

static int send_of(net *n, uint32_t len)
{
    dw_packet *p = dw_packet_new(n->sim);
    dw_buf *buf = dw_buf_generated(1, len);
    dw_packet_append(p, (dw_slice){.buf = buf, .len = len});
    dw_flow flow = {.transport = 253};
    assert_int_equal(dw_addr_parse("2001:db8::1", &flow.remote), DW_OK);
    return n->sim->host.send_down(n->client, p, &flow);
}

/* RFC 8200 section 3: IPv6's Payload Length has 16 bits, so what is below may have 65535 octets, if
 * there is no header besides. */
static void host_packet_of_65535_octets_is_none_too_many(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(send_of(&n, 65535), DW_E_UNREACH); /* no route leads there */
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    assert_int_equal(send_of(&n, 65536), DW_E_INVAL);
    assert_non_null(strstr(dw_sim_message(n.sim), "a packet of more than 65535 octets"));
    dw_sim_free(n.sim);
}

/* Whether the simulator blames the plugin that traces a call of that name. */
static bool refuses_call(const char *name)
{
    net n;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    n.sim->host.trace_call(n.client, 0, name, 0, NULL, NULL, 0);
    bool refused =
        strstr(dw_sim_message(n.sim), "the name of a call is no text of printable UTF-8") != NULL;
    dw_sim_free(n.sim);
    return refused;
}

/* Names stand in lines of pictures and files, so they have no control characters. */
static void host_name_is_printable_utf8(void **state)
{
    (void)state;
    assert_false(refuses_call("open"));
    assert_false(refuses_call("öffnen"));
    assert_false(refuses_call("a~b c"));
    assert_true(refuses_call("a\tb"));
    assert_true(refuses_call("a\nb"));
    assert_true(refuses_call("a\x7f"));
    assert_true(refuses_call("a\xff"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_name_is_printable_utf8),
        cmocka_unit_test(host_packet_of_65535_octets_is_none_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
