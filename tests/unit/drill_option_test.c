/* lua/drill/run/drill_option.c, drill_run.c: packetdrill's own options in a script. */
#include "drill.h"

/* --non_fatal: "Comma-delimited list of types of asserts that are non-fatal: packet or syscall". */
static void drill_option_non_fatal_events_may_differ(void **state)
{
#define WRONG_CALL "0 close(9) = 0\n"
#define WRONG_PACKET DRILL_LISTENER "+0 < S 0:0(0) win 9000\n+0 > S. 0:0(0) ack 1 <mss 77>\n"
    (void)state;
    drill_ends(DW_DRILL_FAILED, "close returned -1 EBADF; expected 0", WRONG_CALL);
    drill_passes("--non_fatal=syscall\n" WRONG_CALL);
    drill_passes("--non_fatal=packet,syscall\n" WRONG_CALL);
    drill_ends(DW_DRILL_FAILED, "close returned -1 EBADF; expected 0",
               "--non_fatal=packet\n" WRONG_CALL);
    drill_ends(DW_DRILL_FAILED, "options: expected <mss 77>, not <mss 1460>", WRONG_PACKET);
    drill_passes("--non_fatal=packet\n" WRONG_PACKET);
    drill_ends(DW_DRILL_FAILED, "options: expected <mss 77>, not <mss 1460>",
               "--non_fatal=syscall\n" WRONG_PACKET);
    drill_ends(DW_DRILL_WRONG, "--non_fatal takes packet and syscall, not packed",
               "--non_fatal=packed\n" WRONG_CALL);
}

/* --dry_run: "parse script but don't execute". */
static void drill_option_dry_run_does_nothing(void **state)
{
    (void)state;
    drill_passes("--dry_run\n" WRONG_CALL);
    drill_ends(DW_DRILL_WRONG, "t.pkt:3:1: expected a value, but the text ends",
               "--dry_run\n0 close(9) = \n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_option_non_fatal_events_may_differ),
        cmocka_unit_test(drill_option_dry_run_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
