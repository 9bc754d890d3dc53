/* proto/ip/ip.c: options of IPv4 in a packet for this host (RFC 791 3.1). */
#include "engine/node.h"
#include "engine/packet_pool.h"
#include "engine/receive.h"
#include "net.h"
#include "packet/dissect.h"

/* The causes of what the server does with a packet that has eight octets of options, joined by
 * blanks: dropped ones behind "-", sent ones behind "+". */
static const char *answer(const uint8_t options[8])
{
    static char all[200];
    static const uint8_t header[20] = {
        0x47, [3] = 36, [8] = 64, [9] = 17, [12] = 10, [13] = 0, [15] = 1, [16] = 10, [19] = 2};
    net n;
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    dw_packet *p = dw_packet_new(n.sim);
    uint8_t *h = dw_packet_push(p, 36); /* with a UDP header of zeros */
    memset(h, 0, 36);
    memcpy(h, header, sizeof header);
    dw_put32(h + 12, dw_node_address(n.client).word[0]);
    dw_put32(h + 16, dw_node_address(n.server).word[0]);
    memcpy(h + 20, options, 8);
    uint32_t sum = 0;
    for (int i = 0; i < 28; i += 2)
        sum += dw_get16(h + i);
    dw_put16(h + 10, (uint16_t) ~((sum & 0xffff) + (sum >> 16)));
    p->protocol = DW_ETHERTYPE_IPV4;
    dw_node_receive(n.server, n.server->ifaces[0], p);
    all[0] = 0;
    for (size_t i = 0; i < dw_trace_count(dw_sim_trace(n.sim)); i++) {
        const dw_trace_event *e = dw_trace_at(dw_sim_trace(n.sim), i);
        if (e->type != DW_TRACE_DROPPED && e->type != DW_TRACE_SENT) continue;
        size_t len = strlen(all);
        snprintf(all + len, sizeof all - len, "%s%s ", e->type == DW_TRACE_SENT ? "+" : "-",
                 e->cause ? e->cause->name : "forwarded");
    }
    dw_sim_free(n.sim);
    return all;
}

/* "The pointer is relative to this option, and the smallest legal value for the pointer is 4"; each
 * address has four octets, so where the pointer is not above the length four must be left.  RFC
 * 1122 3.2.2.5: what is wrong in an option is a Parameter Problem. */
static void ip_source_route_with_less_than_an_address_left_is_wrong(void **state)
{
    (void)state;
    const char *wrong = "+icmp-error -ip-bad-option ";
    assert_string_equal(answer((const uint8_t[8]){131, 7, 4, 10, 0, 0, 1}), "+forwarded ");
    assert_string_equal(answer((const uint8_t[8]){131, 7, 5, 10, 0, 0, 1}), wrong);
    assert_string_equal(answer((const uint8_t[8]){131, 7, 7, 10, 0, 0, 1}), wrong);
    assert_string_equal(answer((const uint8_t[8]){131, 7, 3, 10, 0, 0, 1}), wrong);
    assert_string_equal(answer((const uint8_t[8]){131, 6, 4, 10, 0, 0, 1}), wrong);
    /* The route has been gone: the packet is for this host, whose UDP finds its header wrong. */
    assert_string_equal(answer((const uint8_t[8]){131, 7, 8, 10, 0, 0, 1}), "-udp-bad-length ");
    assert_string_equal(answer((const uint8_t[8]){1, 131, 3, 4, 0, 0, 1}), "-udp-bad-length ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip_source_route_with_less_than_an_address_left_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
