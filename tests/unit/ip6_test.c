/* proto/ip/ip6.c: what is no header of IPv6 (RFC 8200 section 3) is dropped. */
#include "engine/node.h"
#include "engine/packet_pool.h"
#include "engine/receive.h"
#include "net.h"
#include "packet/dissect.h"

/* Only a header, with "No Next Header" behind it. */
static const uint8_t header[40] = {
    0x60, [6] = 59, [7] = 64, [8] = 0xfe, [9] = 0x80, [23] = 1, [24] = 0xfe, [25] = 0x80, [39] = 2};

/* The name of the cause why the server drops so many octets of a packet, or "". */
static const char *dropped(const uint8_t *bytes, uint32_t len)
{
    static char cause[64];
    net n;
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    dw_packet *p = dw_packet_new(n.sim);
    memcpy(dw_packet_push(p, len), bytes, len);
    p->protocol = DW_ETHERTYPE_IPV6;
    size_t before = dw_trace_count(dw_sim_trace(n.sim));
    dw_node_receive(n.server, n.server->ifaces[0], p);
    cause[0] = 0;
    for (size_t i = before; i < dw_trace_count(dw_sim_trace(n.sim)); i++) {
        const dw_trace_event *e = dw_trace_at(dw_sim_trace(n.sim), i);
        if (e->type == DW_TRACE_DROPPED) snprintf(cause, sizeof cause, "%s", e->cause->name);
    }
    dw_sim_free(n.sim);
    return cause;
}

static void ip6_what_is_no_header_is_dropped(void **state)
{
    uint8_t bytes[48];
    (void)state;
    memcpy(bytes, header, sizeof header);
    memset(bytes + sizeof header, 0, sizeof bytes - sizeof header);
    assert_string_not_equal(dropped(bytes, 40), "ip6-bad-header");
    bytes[0] = 0x50; /* another version */
    assert_string_equal(dropped(bytes, 40), "ip6-bad-header");
    bytes[0] = 0x60;
    assert_string_equal(dropped(bytes, 48), "ip6-bad-header"); /* the payload's length is 0 there */
    bytes[5] = 8;
    assert_string_not_equal(dropped(bytes, 48), "ip6-bad-header");
    assert_string_equal(dropped(bytes, 40), "ip6-bad-header");
    assert_string_equal(dropped(bytes, 39), "ip6-bad-header"); /* less than a header */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ip6_what_is_no_header_is_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
