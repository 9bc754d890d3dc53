/* core/base/siphash.c: SipHash-2-4 gives what its authors' implementation gives (vectors.h there:
 * the key is the octets 0 to 15, the input the octets 0, 1, 2, ...). */
#include "drywire/plugin.h"
#include "test.h"

static void siphash_eight_octets_give_the_reference_value(void **state)
{
    static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    static const uint8_t expected[8] = {0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93};
    const dw_addr a = {.family = 4, .word = {0x00010203}}, b = {.family = 4, .word = {0x04050607}};
    uint8_t hash[8];
    (void)state;
    dw_siphash_addresses(key, &a, &b, hash);
    assert_memory_equal(hash, expected, sizeof hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_eight_octets_give_the_reference_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
