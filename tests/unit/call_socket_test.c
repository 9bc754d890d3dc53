/* lua/drill/run/call_socket.c and its like: each call's result is compared. */
#include "drill.h"

/* Every call on a descriptor that there is not is EBADF (POSIX), so a script that wants 0 is wrong.
 */
static void call_results_are_compared(void **state)
{
    static const char *const calls[][2] = {
        {"bind", "(9, ..., ...)"},
        {"listen", "(9, 1)"},
        {"accept", "(9, ..., ...)"},
        {"connect", "(9, ..., ...)"},
        {"shutdown", "(9, SHUT_WR)"},
        {"close", "(9)"},
        {"fcntl", "(9, F_GETFL)"},
        {"ioctl", "(9, SIOCINQ, [0])"},
        {"read", "(9, ..., 10)"},
        {"recv", "(9, ..., 10, 0)"},
        {"recvfrom", "(9, ..., 10, 0, ..., ...)"},
        {"readv", "(9, [{..., 10}], 1)"},
        {"recvmsg", "(9, {msg_iov(1)=[{...,10}], msg_flags=0}, 0)"},
        {"write", "(9, ..., 10)"},
        {"send", "(9, ..., 10, 0)"},
        {"sendto", "(9, ..., 10, 0, ..., ...)"},
        {"writev", "(9, [{..., 10}], 1)"},
        {"sendmsg", "(9, {msg_iov(1)=[{...,10}], msg_flags=0}, 0)"},
        {"setsockopt", "(9, SOL_SOCKET, SO_KEEPALIVE, [1], 4)"},
        {"getsockopt", "(9, SOL_SOCKET, SO_KEEPALIVE, [1], [4])"},
        {"epoll_ctl", "(9, EPOLL_CTL_ADD, 9, {events=EPOLLIN, fd=9})"},
        {"splice", "(9, NULL, 8, NULL, 10, 0)"},
        {"sendfile", "(9, 8, [0], 10)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char script[200], why[200];
        snprintf(script, sizeof script, "0 %s%s = 0\n", calls[i][0], calls[i][1]);
        snprintf(why, sizeof why, "%s returned -1 EBADF; expected 0", calls[i][0]);
        drill_ends(DW_DRILL_FAILED, why, script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(call_results_are_compared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
