/* lua/drill/system/sys_errno.c: what went wrong, in Linux's numbers. */
#include "systems.h"

/* icmp_err_convert of Linux's net/ipv4/icmp.c, with the numbers of its asm-generic/errno.h. */
static void errno_of_icmp_unreachable_is_that_of_its_code(void **state)
{
    static const int codes[16] = {101 /* ENETUNREACH */,  113 /* EHOSTUNREACH */,
                                  92 /* ENOPROTOOPT */,   111 /* ECONNREFUSED */,
                                  90 /* EMSGSIZE */,      95 /* EOPNOTSUPP */,
                                  101 /* ENETUNREACH */,  112 /* EHOSTDOWN */,
                                  64 /* ENONET */,        101 /* ENETUNREACH */,
                                  113 /* EHOSTUNREACH */, 101 /* ENETUNREACH */,
                                  113 /* EHOSTUNREACH */, 113 /* EHOSTUNREACH */,
                                  113 /* EHOSTUNREACH */, 113 /* EHOSTUNREACH */};
    (void)state;
    for (int code = 0; code < 16; code++)
        assert_int_equal(dw_errno_of_icmp(3 << 8 | code), codes[code]);
}

/* tcp_v4_err of net/ipv4/tcp_ipv4.c: ICMP_TIME_EXCEEDED is EHOSTUNREACH. */
static void errno_of_icmp_time_exceeded_is_host_unreachable(void **state)
{
    (void)state;
    assert_int_equal(dw_errno_of_icmp(11 << 8), 113);
}

/* connect(2): ECONNREFUSED, ETIMEDOUT, EADDRNOTAVAIL; RFC 9293 3.9.1 has other words for them. */
static void errno_of_core_errors_is_that_of_the_call(void **state)
{
    (void)state;
    assert_int_equal(dw_errno_of(DW_OK), 0);
    assert_int_equal(dw_errno_of(DW_E_REFUSED), 111);
    assert_int_equal(dw_errno_of(DW_E_RESET), 104);
    assert_int_equal(dw_errno_of(DW_E_TIMEOUT), 110);
    assert_int_equal(dw_errno_of(DW_E_CLOSING), 32);
    assert_int_equal(dw_errno_of(DW_E_ADDRINUSE), 98);
    assert_int_equal(dw_errno_of(DW_E_ISCONN), 99);
}

/* tcp_reset of net/ipv4/tcp_input.c: in SYN-SENT a reset is ECONNREFUSED, in CLOSE-WAIT EPIPE, else
 * ECONNRESET; an error is told once (socket(7), SO_ERROR). */
static int64_t error_after_reset(systems *s, int fd, dw_sys *sys)
{
    int32_t error = 0;
    size_t len = sizeof error;
    pass(s, 10);
    assert_int_equal(dw_sys_getsockopt(sys, fd, DW_SOL_SOCKET, DW_SO_ERROR, &error, &len), 0);
    int32_t again = 0;
    assert_int_equal(dw_sys_getsockopt(sys, fd, DW_SOL_SOCKET, DW_SO_ERROR, &again, &len), 0);
    assert_int_equal(again, 0);
    return error;
}

static void abort_connection(dw_sys *sys, int fd)
{
    const int32_t linger[2] = {1, 0};
    assert_int_equal(dw_sys_setsockopt(sys, fd, DW_SOL_SOCKET, DW_SO_LINGER, linger, sizeof linger),
                     0);
    assert_int_equal(dw_sys_close(sys, fd), 0);
}

static void failure_connect_without_listener_is_refused(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    assert_int_equal(error_after_reset(&s, connecting(&s), s.client), 111);
    systems_free(&s);
}

static void failure_established_reset_is_connection_reset(void **state)
{
    systems s;
    int client, server;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    connected(&s, &client, &server);
    abort_connection(s.server, server);
    assert_int_equal(error_after_reset(&s, client, s.client), 104);
    systems_free(&s);
}

static void failure_close_wait_reset_is_broken_pipe(void **state)
{
    systems s;
    int client, server;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    connected(&s, &client, &server);
    assert_int_equal(dw_sys_shutdown(s.server, server, 1), 0);
    pass(&s, 10);
    abort_connection(s.server, server);
    assert_int_equal(error_after_reset(&s, client, s.client), 32);
    systems_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errno_of_icmp_unreachable_is_that_of_its_code),
        cmocka_unit_test(errno_of_icmp_time_exceeded_is_host_unreachable),
        cmocka_unit_test(errno_of_core_errors_is_that_of_the_call),
        cmocka_unit_test(failure_connect_without_listener_is_refused),
        cmocka_unit_test(failure_established_reset_is_connection_reset),
        cmocka_unit_test(failure_close_wait_reset_is_broken_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
