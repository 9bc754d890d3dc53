/* proto/tcp/tcp_queue.c: rings of segments with a gap, and lists of ranges, against plain arrays.
 */
#include "tcp/tcp.h"
#include "drywire/drywire.h"
#include "base/rng.h"
#include "test.h"

#include <stdlib.h>

enum { MAX_SIZE = 400, STEPS = 20000 };

static void a_ring_is_what_an_array_would_be(void **state)
{
    dw_segment_ring ring = {0};
    uint32_t model[MAX_SIZE], count = 0, next = 1;
    dw_rng rng;
    (void)state;
    dw_rng_seed(&rng, 7, "queue", "test");
    for (int step = 0; step < STEPS; step++) {
        uint64_t r = dw_rng_next(&rng);
        if (count > 0 && (count == MAX_SIZE || r % 5 == 0)) {
            dw_segment first = dw_segment_pop(&ring);
            assert_int_equal(first.seq, model[0]);
            memmove(model, model + 1, --count * sizeof *model);
        } else if (r % 5 == 1) {
            dw_segment_push(&ring, (dw_segment){.seq = next});
            model[count++] = next++;
        } else {
            uint32_t at = count ? (uint32_t)(r >> 8) % (count + 1) : 0;
            dw_segment_insert(&ring, at, (dw_segment){.seq = next});
            memmove(model + at + 1, model + at, (count - at) * sizeof *model);
            model[at] = next++;
            count++;
        }
        assert_int_equal(ring.count, count);
        for (uint32_t i = 0; i < count; i++) {
            const dw_segment *s = dw_segment_at(&ring, i);
            assert_int_equal(s->seq, model[i]);
            assert_int_equal(dw_segment_index(&ring, s), i);
        }
    }
    dw_segment_clear(&ring);
}

static void finding_a_segment_by_its_end(void **state)
{
    dw_segment_ring ring = {0};
    (void)state;
    for (uint32_t i = 0; i < 50; i++)
        dw_segment_push(&ring, (dw_segment){.seq = UINT32_MAX - 100 + 10 * i, .len = 7});
    for (uint32_t i = 0; i < 50; i++) {
        uint32_t seq = UINT32_MAX - 100 + 10 * i;
        assert_int_equal(dw_segment_find(&ring, seq), i);
        assert_int_equal(dw_segment_find(&ring, seq + 6), i);
        assert_int_equal(dw_segment_find(&ring, seq + 7), i + 1);
    }
    dw_segment_clear(&ring);
}

/* Bits of a bitmap against the list. */
static void ranges_are_what_a_bitmap_would_be(void **state)
{
    enum { SPACE = 300, BASE = (int)0x7fffff00 };
    dw_range_list list = {0};
    bool taken[SPACE + 1] = {0};
    uint32_t cut = 0;
    dw_rng rng;
    (void)state;
    dw_rng_seed(&rng, 9, "ranges", "test");
    for (int step = 0; step < 4000; step++) {
        uint64_t r = dw_rng_next(&rng);
        uint32_t from = (uint32_t)(r >> 8) % SPACE, len = 1 + (uint32_t)(r >> 40) % 9;
        if (from < cut) from = cut;
        uint32_t to = from + len < SPACE ? from + len : SPACE;
        if (from >= to) {
            memset(taken, 0, sizeof taken);
            dw_ranges_clear(&list);
            cut = 0;
            continue;
        }
        for (uint32_t i = from; i < to; i++)
            taken[i] = true;
        dw_tcp_range whole;
        assert_true(dw_ranges_add(&list, BASE + from, BASE + to, &whole));
        uint32_t a = from, b = to;
        while (a > cut && taken[a - 1])
            a--;
        while (b < SPACE && taken[b])
            b++;
        assert_int_equal(whole.from - BASE, a);
        assert_int_equal(whole.to - BASE, b);
        if (r % 16 == 0) {
            cut = b;
            memset(taken, 0, b);
            dw_ranges_cut(&list, BASE + cut);
        }
    }
    dw_ranges_clear(&list);
}

/* What has left the front makes room behind the rest before more memory is taken. */
static void a_fifo_moves_to_its_front(void **state)
{
    uint32_t first = 6, capacity = 8;
    int *items = calloc(capacity, sizeof *items);
    (void)state;
    assert_non_null(items);
    items[6] = 66;
    items[7] = 77;
    int *same = dw_fifo_room(items, &first, 2, &capacity, sizeof *items);
    assert_ptr_equal(same, items);
    assert_int_equal(first, 0);
    assert_int_equal(capacity, 8);
    assert_int_equal(items[0], 66);
    assert_int_equal(items[1], 77);
    /* There is room behind it; then there is none, and little would come of moving. */
    assert_ptr_equal(dw_fifo_room(items, &first, 7, &capacity, sizeof *items), items);
    items = dw_fifo_room(items, &first, 8, &capacity, sizeof *items);
    assert_int_equal(capacity, 16);
    assert_int_equal(items[1], 77);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_is_what_an_array_would_be),
        cmocka_unit_test(finding_a_segment_by_its_end),
        cmocka_unit_test(a_fifo_moves_to_its_front),
        cmocka_unit_test(ranges_are_what_a_bitmap_would_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
