/* core/packet, core/base/rng.c, pool.c, text.c: bytes, checksums, random streams, memory. */
#include "base/pool.h"
#include "base/rng.h"
#include "base/text.h"
#include "drywire/drywire.h"
#include "engine/packet_pool.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void checksum_of_rfc1071_example(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    (void)state;
    assert_int_equal(dw_checksum_fold(dw_checksum_add(0, bytes, sizeof bytes, false)), 0xddf2);
}

/* Only UDP cannot send a zero (RFC 768). */
static void checksum_of_zero(void **state)
{
    (void)state;
    assert_int_equal(dw_checksum_field(0xffff, 16), 0);
    assert_int_equal(dw_checksum_field(0xffff, 6), 0xffff);
    assert_int_equal(dw_checksum_field(0x1234, 6), 0xedcb);
    assert_int_equal(dw_checksum_field(0x1234, 16), 0xedcb);
}

static void checksum_in_parts_equals_the_whole(void **state)
{
    uint8_t bytes[101];
    (void)state;
    for (int i = 0; i < 101; i++)
        bytes[i] = (uint8_t)(i * 37);
    uint16_t whole = dw_checksum_fold(dw_checksum_add(0, bytes, 101, false));
    for (size_t cut = 0; cut <= 101; cut++) {
        uint64_t sum = dw_checksum_add(0, bytes, cut, false);
        sum = dw_checksum_add(sum, bytes + cut, 101 - cut, cut & 1);
        assert_int_equal(dw_checksum_fold(sum), whole);
    }
}

static void packet_of_many_slices_keeps_its_bytes(void **state)
{
    dw_sim *sim;
    char out[64] = "";
    (void)state;
    dw_sim_new(NULL, &sim);
    dw_packet *p = dw_packet_new(sim);
    const char *text = "abcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 26; i++)
        dw_packet_append(p, (dw_slice){.buf = dw_buf_new(text + i, 1), .len = 1});
    assert_int_equal(p->payload_len, 26);
    dw_packet_copy_payload(p, 0, 26, (uint8_t *)out);
    assert_string_equal(out, text);
    memset(out, 0, sizeof out);
    dw_packet_copy_payload(p, 10, 3, (uint8_t *)out);
    assert_string_equal(out, "klm");
    dw_packet_free(sim, p);
    dw_sim_free(sim);
}

static void generated_bytes_do_not_depend_on_how_they_are_cut(void **state)
{
    uint8_t whole[300], part[300];
    (void)state;
    dw_buf *buf = dw_buf_generated(42, UINT64_MAX);
    dw_slice_copy(&(dw_slice){.buf = buf, .offset = 1000, .len = 300}, whole);
    for (uint32_t cut = 0; cut <= 300; cut += 7) {
        dw_slice_copy(&(dw_slice){.buf = buf, .offset = 1000, .len = cut}, part);
        dw_slice_copy(&(dw_slice){.buf = buf, .offset = 1000 + cut, .len = 300 - cut}, part + cut);
        assert_memory_equal(part, whole, 300);
    }
    dw_buf_unref(buf);
}

static void rng_streams_are_named_and_fixed(void **state)
{
    dw_rng a, b, c;
    (void)state;
    dw_rng_seed(&a, 1, "client", "loss");
    dw_rng_seed(&b, 1, "client", "loss");
    dw_rng_seed(&c, 1, "client", "jitter");
    uint64_t first = dw_rng_next(&a);
    assert_true(first == dw_rng_next(&b));
    assert_true(first != dw_rng_next(&c));
    for (int i = 0; i < 1000; i++)
        assert_true(dw_rng_below(&a, 7) < 7);
    assert_false(dw_rng_chance(&a, 0));
    assert_true(dw_rng_chance(&a, DW_RATIO_ONE));
}

static void pool_reuses_blocks(void **state)
{
    dw_pool pool = {.block_size = 40};
    void *blocks[1000];
    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_non_null(blocks[i] = dw_pool_get(&pool));
    assert_int_equal(pool.live, 1000);
    for (int i = 0; i < 1000; i++)
        dw_pool_put(&pool, blocks[i]);
    assert_ptr_equal(dw_pool_get(&pool), blocks[999]);
    dw_pool_drain(&pool);
    assert_int_equal(pool.live, 0);
}

static void text_grows_and_counts_columns(void **state)
{
    dw_text t = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        dw_text_format(&t, "%d,", i);
    assert_int_equal(t.len, 3890);
    char *all = dw_text_take(&t);
    assert_memory_equal(all, "0,1,2,", 6);
    free(all);
    assert_int_equal(dw_text_columns("──▶", strlen("──▶")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_of_rfc1071_example),
        cmocka_unit_test(checksum_of_zero),
        cmocka_unit_test(checksum_in_parts_equals_the_whole),
        cmocka_unit_test(packet_of_many_slices_keeps_its_bytes),
        cmocka_unit_test(generated_bytes_do_not_depend_on_how_they_are_cut),
        cmocka_unit_test(rng_streams_are_named_and_fixed),
        cmocka_unit_test(pool_reuses_blocks),
        cmocka_unit_test(text_grows_and_counts_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
