/* lua/drill/run/drill_count.c: the counters of RFC 1213 and of Linux (net/ipv4/proc.c), as nstat
 * shows them. */
#include "drill.h"

/* What follows a command is done, whatever the command was to show. */
static void drill_count_list_goes_on_behind_nstat(void **state)
{
    static const char *const commands[] = {"nstat", "nstat -n", "nstat -asz TcpOutRsts"};
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char script[100];
        snprintf(script, sizeof script, "0 `%s; shutdown`\n", commands[i]);
        drill_ends(DW_DRILL_UNSUPPORTED, "not supported: the command shutdown", script);
    }
}

/* RFC 1213: tcpInSegs, "the total number of segments received"; tcpOutRsts, "the number of TCP
 * segments sent containing the RST flag". */
static void drill_count_segments_and_resets_are_counted(void **state)
{
    (void)state;
    drill_passes(DRILL_CONNECTION "+0 `nstat -asz | grep 'TcpInSegs  *2 '`\n"
                                  "+0 `nstat -asz | grep 'TcpOutRsts  *0 '`\n"
                                  "+0 < P. 1:2(1) ack 1 win 32000\n"
                                  "+0 > . 1:1(0) ack 2\n"
                                  "+.1 close(4) = 0\n"
                                  "+0 > R. 1:1(0) ack 2\n"
                                  "+.1 `nstat -as | grep 'TcpInSegs  *3 '`\n"
                                  "+0 `nstat -as | grep 'TcpOutRsts  *1 '`\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_count_list_goes_on_behind_nstat),
        cmocka_unit_test(drill_count_segments_and_resets_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
