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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_packet_of_65535_octets_is_none_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
