/* lua/drill/system/setsockopt.c: which values options take, and what TCP is told.  Linux's limits
 * are those of do_tcp_setsockopt (net/ipv4/tcp.c), do_ip_setsockopt and sk_setsockopt. */
#include "systems.h"

static int64_t set_of(dw_sys *sys, int fd, int level, int option, int32_t value)
{
    return dw_sys_setsockopt(sys, fd, level, option, &value, sizeof value);
}

static int64_t get(dw_sys *sys, int fd, int level, int option)
{
    int32_t value = -1;
    size_t len = sizeof value;
    assert_int_equal(dw_sys_getsockopt(sys, fd, level, option, &value, &len), 0);
    assert_int_equal(len, sizeof value);
    return value;
}

static void setsockopt_values_beyond_limits_are_refused(void **state)
{
    static const struct {
        int level, option;
        int32_t value;
        int64_t result;
    } cases[] = {
        {DW_SOL_TCP, DW_TCP_MAXSEG, 87, -DW_EINVAL}, /* TCP_MIN_MSS */
        {DW_SOL_TCP, DW_TCP_MAXSEG, 88, 0},
        {DW_SOL_TCP, DW_TCP_MAXSEG, 32767, 0}, /* MAX_TCP_WINDOW */
        {DW_SOL_TCP, DW_TCP_MAXSEG, 32768, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_SYNCNT, 0, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_SYNCNT, 127, 0}, /* MAX_TCP_SYNCNT */
        {DW_SOL_TCP, DW_TCP_SYNCNT, 128, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_KEEPIDLE, 0, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_KEEPINTVL, 0, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_KEEPCNT, 0, -DW_EINVAL},
        {DW_SOL_TCP, DW_TCP_INQ, 2, -DW_EINVAL},
        {DW_SOL_TCP, 4711, 1, -DW_ENOPROTOOPT},
        {DW_SOL_IP, DW_IP_TTL, 0, -DW_EINVAL},
        {DW_SOL_IP, DW_IP_TTL, 255, 0},
        {DW_SOL_IP, DW_IP_TTL, 256, -DW_EINVAL},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 6, -DW_EINVAL}, /* IP_PMTUDISC_OMIT is 5 */
        {DW_SOL_UDP, 1, 1, -DW_ENOPROTOOPT},
    };
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(set_of(s.client, fd, cases[i].level, cases[i].option, cases[i].value),
                         cases[i].result);
    systems_free(&s);
}

/* socket(7): "the kernel doubles this value ... when it is set ... The minimum (doubled) value" is
 * 4608 and 2304 here (SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF of include/net/sock.h). */
static void setsockopt_buffers_linux_are_doubled_and_have_a_least(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, DW_SO_SNDBUF, 10000), 0);
    assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, DW_SO_SNDBUF), 20000);
    assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, DW_SO_RCVBUF, 10000), 0);
    assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, DW_SO_RCVBUF), 20000);
    assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, DW_SO_SNDBUF, 1), 0);
    assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, DW_SO_SNDBUF), 4608);
    assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, DW_SO_RCVBUF, 1), 0);
    assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, DW_SO_RCVBUF), 2304);
    systems_free(&s);
}

/* socket(7): a flag is 0 or 1, whatever number has set it (sock_valbool_flag). */
static void setsockopt_flags_are_read_as_one_or_zero(void **state)
{
    static const int flags[] = {DW_SO_KEEPALIVE, DW_SO_REUSEADDR, DW_SO_REUSEPORT, DW_SO_ZEROCOPY};
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, flags[i], 1), 0);
        assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, flags[i]), 1);
        assert_int_equal(set_of(s.client, fd, DW_SOL_SOCKET, flags[i], 0), 0);
        assert_int_equal(get(s.client, fd, DW_SOL_SOCKET, flags[i]), 0);
    }
    systems_free(&s);
}

/* TCP_FASTOPEN_KEY takes one key of 16 octets, or two (do_tcp_setsockopt: "Allow a backup key as
 * well to facilitate key rotation"). */
static void setsockopt_fast_open_key_has_16_octets_or_32(void **state)
{
    static const uint8_t key[48] = {1};
    static const struct {
        size_t len;
        int64_t result;
    } cases[] = {{0, -DW_EINVAL}, {8, -DW_EINVAL},  {15, -DW_EINVAL},
                 {16, 0},         {17, -DW_EINVAL}, {24, -DW_EINVAL},
                 {32, 0},         {33, -DW_EINVAL}, {48, -DW_EINVAL}};
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.server);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(
            dw_sys_setsockopt(s.server, fd, DW_SOL_TCP, DW_TCP_FASTOPEN_KEY, key, cases[i].len),
            cases[i].result);
    systems_free(&s);
}

/* What TCP is to have, by an option: its name for it, and the text with its unit. */
static void setsockopt_options_become_settings_of_tcp(void **state)
{
    static const struct {
        int level, option;
        int32_t value;
        const char *name, *text;
    } cases[] = {
        {DW_SOL_TCP, DW_TCP_NODELAY, 1, "nagle", "false"},
        {DW_SOL_TCP, DW_TCP_NODELAY, 0, "nagle", "true"},
        {DW_SOL_TCP, DW_TCP_CORK, 7, "cork", "true"},
        {DW_SOL_TCP, DW_TCP_KEEPIDLE, 30, "keepalive_idle", "30s"},
        {DW_SOL_TCP, DW_TCP_USER_TIMEOUT, 1500, "user_timeout", "1500ms"},
        {DW_SOL_TCP, DW_TCP_LINGER2, 30, "finwait2_timeout", "30s"},
        {DW_SOL_TCP, DW_TCP_LINGER2, 121, "finwait2_timeout", "120s"}, /* TCP_FIN_TIMEOUT_MAX */
        {DW_SOL_TCP, DW_TCP_LINGER2, -1, "finwait2_timeout", "1ns"},
        /* secs_to_retrans: timeouts of 1, 2, 4 ... s until they come to so many. */
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 0, "defer_accept", "0"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 1, "defer_accept", "1"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 2, "defer_accept", "2"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 3, "defer_accept", "2"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 4, "defer_accept", "3"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 8, "defer_accept", "4"},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 128, "defer_accept", "8"}, /* 1 + 2 + ... + 64 + 120 */
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 248, "defer_accept", "9"},
        {DW_SOL_IP, DW_IP_TOS, 0x1b8, "tos", "184"},
        /* ip(7): IP_PMTUDISC_DONT, _WANT, _DO, _PROBE, and _INTERFACE, _OMIT. */
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 0, "pmtu_discovery", "false"},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 1, "pmtu_discovery", "true"},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 3, "pmtu_discovery", "true"},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 4, "pmtu_discovery", "false"},
        {DW_SOL_IPV6, DW_IPV6_USE_MIN_MTU, 1, "mss", "1220B"}, /* RFC 8200 5: 1280, less 60 */
    };
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    const dw_descriptor *d = dw_fd_find(s.client, fd);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(set_of(s.client, fd, cases[i].level, cases[i].option, cases[i].value), 0);
        assert_string_equal(dw_fd_setting(d, cases[i].name, "none"), cases[i].text);
    }
    systems_free(&s);
}

/* A value of less than an int is EINVAL, but for IP's octets; none at all is EFAULT. */
static void setsockopt_short_values_are_refused(void **state)
{
    const uint8_t octet = 16;
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_TCP, DW_TCP_NODELAY, &octet, 1),
                     -DW_EINVAL);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_IP, DW_IP_TOS, &octet, 1), 0);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_IP, DW_IP_TOS, &octet, 0), -DW_EINVAL);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_TCP, DW_TCP_NODELAY, NULL, 4),
                     -DW_EFAULT);
    assert_int_equal(set_of(s.client, 77, DW_SOL_TCP, DW_TCP_NODELAY, 1), -DW_EBADF);
    systems_free(&s);
}

/* Linux: ENOENT for a congestion control that there is not (tcp_set_congestion_control). */
static void setsockopt_unknown_congestion_control_is_no_entry(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = new_socket(s.client);
    const dw_descriptor *d = dw_fd_find(s.client, fd);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_TCP, DW_TCP_CONGESTION, "fishy", 5),
                     -2);
    assert_int_equal(dw_sys_setsockopt(s.client, fd, DW_SOL_TCP, DW_TCP_CONGESTION, "reno", 4), 0);
    assert_string_equal(dw_fd_setting(d, "congestion_control", "none"), "reno");
    systems_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setsockopt_values_beyond_limits_are_refused),
        cmocka_unit_test(setsockopt_buffers_linux_are_doubled_and_have_a_least),
        cmocka_unit_test(setsockopt_flags_are_read_as_one_or_zero),
        cmocka_unit_test(setsockopt_fast_open_key_has_16_octets_or_32),
        cmocka_unit_test(setsockopt_options_become_settings_of_tcp),
        cmocka_unit_test(setsockopt_short_values_are_refused),
        cmocka_unit_test(setsockopt_unknown_congestion_control_is_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
