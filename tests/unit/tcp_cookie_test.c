/* proto/tcp/tcp_cookie.c: a connection's addresses and ports as one number. */
#include "tcp/tcp_cookie.h"
#include "test.h"

/* Each word is mixed in as SplitMix64 ends (Steele, Lea and Flood 2014;
 * java.util.SplittableRandom): the value was computed with that generator's own description. */
static void cookie_hash_of_a_flow_is_mixed_by_splitmix64(void **state)
{
    const dw_flow flow = {.local = {.family = 4, .word = {0x0a000001}},
                          .remote = {.family = 4, .word = {0x0a000002}},
                          .local_port = 80,
                          .remote_port = 5000};
    (void)state;
    assert_true(dw_tcp_hash_flow(42, &flow) == 0x81d620dfb3158621u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookie_hash_of_a_flow_is_mixed_by_splitmix64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
