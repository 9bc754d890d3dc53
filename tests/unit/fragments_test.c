/* lua/import/fragments.c: packets put together, and the limits on those that are not. */
#include "import/fragments.h"
#include "test.h"

#include <string.h>

enum { HEADER = 20, PART = 8 };

/* A fragment of IPv4: eight octets of the packet `id`, at an offset in units of eight. */
static bool add(fragments *f, uint16_t id, uint32_t unit, bool more, uint8_t fill, dw_time at,
                piece *whole)
{
    uint8_t b[HEADER + PART] = {0x45, 0, 0, HEADER + PART};
    dw_put16(b + 4, id);
    dw_put16(b + 6, (uint16_t)(unit | (more ? 0x2000u : 0)));
    b[9] = 6;
    memset(b + HEADER, fill, PART);
    piece p = {b, sizeof b, sizeof b};
    ip_header h;
    assert_int_equal(ip_read_header(&p, &h), IP_READ);
    assert_true(h.is_fragment);
    return fragments_add(f, &p, &h, at, 0, whole);
}

static void fragments_in_any_order_become_a_packet(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    ip_header h;
    assert_false(add(f, 1, 2, false, 'c', 0, &whole));
    assert_false(add(f, 1, 0, true, 'a', 1, &whole));
    assert_true(add(f, 1, 1, true, 'b', 2, &whole));
    assert_int_equal(whole.len, HEADER + 3 * PART);
    assert_memory_equal(whole.bytes + HEADER, "aaaaaaaabbbbbbbbcccccccc", 3 * PART);
    assert_int_equal(ip_read_header(&whole, &h), IP_READ);
    assert_false(h.is_fragment);
    assert_int_equal(dw_checksum_fold(dw_checksum_add(0, whole.bytes, HEADER, false)), 0xffff);
    assert_int_equal(fragments_unused(f), 0);
    fragments_free(f);
}

/* Of IPv4 the octets that came first are kept. */
static void fragments_that_overlap_first_one_wins(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    add(f, 1, 0, true, 'a', 0, &whole);
    add(f, 1, 0, true, 'z', 0, &whole);
    assert_true(add(f, 1, 1, false, 'b', 0, &whole));
    assert_int_equal(whole.bytes[HEADER], 'a');
    assert_int_equal(fragments_overlapping(f), 1);
    fragments_free(f);
}

static void fragments_copied_are_no_overlap(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    add(f, 1, 0, true, 'a', 0, &whole);
    add(f, 1, 0, true, 'a', 0, &whole);
    assert_true(add(f, 1, 1, false, 'b', 0, &whole));
    assert_int_equal(fragments_overlapping(f), 0);
    fragments_free(f);
}

/* RFC 8200 4.5: 60 seconds after the first one. */
static void fragments_too_late_are_of_another_packet(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    add(f, 1, 0, true, 'a', 0, &whole);
    assert_false(add(f, 1, 1, false, 'b', 60 * DW_SECOND + 1, &whole));
    assert_int_equal(fragments_unused(f), 2);
    add(f, 2, 0, true, 'a', 60 * DW_SECOND + 1, &whole);
    assert_true(add(f, 2, 1, false, 'b', 120 * DW_SECOND, &whole));
    fragments_free(f);
}

static void fragments_of_too_many_packets_oldest_goes(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    for (uint16_t id = 0; id < 1025; id++)
        add(f, id, 0, true, 'a', 0, &whole);
    assert_false(add(f, 0, 1, false, 'b', 0, &whole));
    assert_true(add(f, 1024, 1, false, 'b', 0, &whole));
    fragments_free(f);
}

static void fragments_beyond_the_last_one_give_the_packet_up(void **state)
{
    (void)state;
    fragments *f = fragments_new();
    piece whole;
    add(f, 1, 1, false, 'b', 0, &whole);
    add(f, 1, 2, true, 'c', 0, &whole);
    assert_false(add(f, 1, 0, true, 'a', 0, &whole));
    assert_int_equal(fragments_unused(f), 3);
    fragments_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_in_any_order_become_a_packet),
        cmocka_unit_test(fragments_that_overlap_first_one_wins),
        cmocka_unit_test(fragments_copied_are_no_overlap),
        cmocka_unit_test(fragments_too_late_are_of_another_packet),
        cmocka_unit_test(fragments_of_too_many_packets_oldest_goes),
        cmocka_unit_test(fragments_beyond_the_last_one_give_the_packet_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
