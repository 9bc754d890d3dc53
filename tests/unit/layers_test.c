/* lua/import: link layers and tunnels, octet by octet where they are cut short or lie. */
#include "import/layers.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* What a frame turns out to be, in a block of its own size, so that sanitizers see reads behind it.
 */
static enum captured_kind kind_of(uint32_t link, const uint8_t *bytes, uint32_t have,
                                  innermost *out)
{
    uint16_t interface = 0;
    uint8_t *own = malloc(have ? have : 1);
    fragments *f = fragments_new();
    memcpy(own, bytes, have);
    piece p = {own, have, have};
    enum captured_kind kind = link_content(link, &p, &interface);
    assert_true(find_innermost(kind, &p, f, 0, 0, out));
    fragments_free(f);
    free(own);
    return out->kind;
}

/* An IPv4 header and what it carries; returns the length. */
static uint32_t ip4(uint8_t *b, uint8_t protocol, uint32_t payload)
{
    memset(b, 0, 20);
    b[0] = 0x45;
    dw_put16(b + 2, (uint16_t)(20 + payload));
    b[8] = 64;
    b[9] = protocol;
    return 20;
}

/* Ethernet with a VLAN tag, GRE with a key, MPLS, IP, TCP. */
static uint32_t deep_frame(uint8_t *b)
{
    enum { TCP = 40 };
    memset(b, 0, 200);
    dw_put16(b + 12, 0x8100);
    dw_put16(b + 16, 0x0800);
    uint32_t at = 18 + ip4(b + 18, 47, 8 + 4 + TCP);
    dw_put16(b + at, 0x2000);
    dw_put16(b + at + 2, 0x8847);
    b[at + 10] = 1; /* the label at the bottom */
    at += 12;
    at += ip4(b + at, 6, TCP - 20);
    return at + TCP - 20;
}

static void layers_deep_frame_has_its_innermost_packet(void **state)
{
    (void)state;
    uint8_t b[200];
    innermost in;
    uint32_t len = deep_frame(b);
    assert_int_equal(kind_of(1, b, len, &in), KIND_TCP4);
    assert_int_equal(in.depth, 1);
    assert_int_equal(in.ip.len, 40);
}

/* Whatever the length, nothing behind it is read; and the packet around is what there is. */
static void layers_frame_cut_anywhere_is_cut_or_the_outer_packet(void **state)
{
    (void)state;
    uint8_t b[200];
    innermost in;
    uint32_t len = deep_frame(b);
    for (uint32_t have = 0; have < len; have++) {
        enum captured_kind kind = kind_of(1, b, have, &in);
        assert_true(kind == KIND_CUT || kind == KIND_OTHER4 || kind == KIND_TCP4 ||
                    kind == KIND_DAMAGED);
        if (have < 38) assert_int_not_equal(kind, KIND_TCP4);
    }
}

static void layers_any_link_any_octets_stay_within(void **state)
{
    (void)state;
    uint8_t b[96];
    innermost in;
    uint32_t draw = 1;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof b; i++) {
            draw = draw * 1664525 + 1013904223;
            b[i] = draw >> 24 < 100 ? 0 : (uint8_t)(draw >> 16);
        }
        static const uint32_t links[] = {0,   1,   9,   50,  51,  101, 104, 105, 107, 113, 119,
                                         127, 163, 166, 192, 204, 228, 239, 258, 276, 999};
        kind_of(links[round % 21], b, draw % sizeof b, &in);
    }
}

/* IP in IP in IP ...: as deep as anybody may build it, but not without end. */
static void layers_endless_tunnels_have_an_end(void **state)
{
    (void)state;
    uint8_t b[20 * 100];
    innermost in;
    for (uint32_t i = 0; i < 100; i++)
        ip4(b + 20 * i, 4, 20 * (99 - i));
    assert_int_equal(kind_of(101, b, sizeof b, &in), KIND_OTHER4);
    assert_true(in.depth < 20);
}

/* A port promises VXLAN, the octets are none: the packet is UDP. */
static void layers_port_without_tunnel_is_udp(void **state)
{
    (void)state;
    uint8_t b[60] = {0};
    innermost in;
    ip4(b, 17, 40);
    dw_put16(b + 22, 4789);
    memset(b + 28, 0xff, 32);
    assert_int_equal(kind_of(101, b, sizeof b, &in), KIND_UDP4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_deep_frame_has_its_innermost_packet),
        cmocka_unit_test(layers_frame_cut_anywhere_is_cut_or_the_outer_packet),
        cmocka_unit_test(layers_any_link_any_octets_stay_within),
        cmocka_unit_test(layers_endless_tunnels_have_an_end),
        cmocka_unit_test(layers_port_without_tunnel_is_udp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
