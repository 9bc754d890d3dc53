/* lua/drill/run/drill_shell.c: lists of commands as POSIX's shell (XCU 2.9.3) runs them. */
#include "drill.h"

#include <unistd.h>

#define FALSE "true | grep x" /* grep finds nothing */

/* Newlines may follow "&&", "||" and "|", and the list goes on. */
static void drill_shell_list_goes_on_behind_an_operator_at_a_line_end(void **state)
{
    (void)state;
    drill_passes("0 `true ||\n " FALSE "`\n");
    drill_passes("0 `true || # a remark\n\n " FALSE "`\n");
    drill_ends(DW_DRILL_FAILED, "the command fails: " FALSE " &&", "0 `" FALSE " &&\n true`\n");
    drill_passes("0 `" FALSE "\n true`\n");
}

/* What is skipped is not done at all: a command that there is not would be reported. */
static void drill_shell_skipped_commands_are_not_done(void **state)
{
    (void)state;
    drill_passes("0 `true || shutdown now`\n");
    drill_ends(DW_DRILL_UNSUPPORTED, "not supported: the command shutdown",
               "0 `true && shutdown now`\n");
}

/* A file of commands has less than 64 KiB; one with more is not run in part. */
static void drill_shell_file_of_64_kib_is_too_large(void **state)
{
    enum { LIMIT = 65536 };
    char path[] = "/tmp/drill-XXXXXX.sh", script[100], why[200];
    (void)state;
    int fd = mkstemps(path, 3);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    fputs("true\n#", f);
    for (int i = 6; i < LIMIT - 1; i++)
        fputc('x', f);
    fflush(f);
    snprintf(script, sizeof script, "0 `%s`\n", path);
    snprintf(why, sizeof why, "not supported: the command %s", path);
    drill_passes(script);
    fputc('x', f);
    fclose(f);
    drill_ends(DW_DRILL_UNSUPPORTED, why, script);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_shell_list_goes_on_behind_an_operator_at_a_line_end),
        cmocka_unit_test(drill_shell_skipped_commands_are_not_done),
        cmocka_unit_test(drill_shell_file_of_64_kib_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
