/* lua/drill/run/drill_timing.c: when an event is in time.  packetdrill (verify_time) takes what is
 * off by as much as the tolerance, and nothing that is off by more. */
#include "drill.h"

/* A SYN goes again after one second (RFC 6298 section 2.1). */
static void drill_timing_tolerance_is_the_most(void **state)
{
#define SYN                                                                                        \
    "--tolerance_usecs=4000\n--tolerance_percent=0\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n" \
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"                                                \
    "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"                       \
    "+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>\n"
#define AGAIN " > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>\n"
    (void)state;
    drill_passes(SYN "+1.004" AGAIN);
    drill_passes(SYN "+.996" AGAIN);
    drill_ends(
        DW_DRILL_FAILED,
        "timing: expected this packet at 1.004001 s, but it happened at 1.000000 s (tolerance "
        "0.004000 s)",
        SYN "+1.004001" AGAIN);
    drill_ends(DW_DRILL_FAILED,
               "no packet came in time; the next one, at 1.000000 s, is S 0:0(0) win 64240 <mss "
               "1460,sackOK,TS val 1001 ecr 0,nop,wscale 10>",
               SYN "+.995999" AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drill_timing_tolerance_is_the_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
