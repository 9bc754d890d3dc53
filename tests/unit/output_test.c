/* core/base/output.c: which names can be written to. */
#include "base/output.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_refusal(const char *path, const char *reason)
{
    dw_output *o = NULL;
    char why[300] = "";
    struct stat before, after;
    assert_int_equal(lstat(path, &before), 0);
    assert_int_equal(dw_output_open(path, &o, why, sizeof why), DW_E_IO);
    assert_non_null(strstr(why, reason));
    assert_int_equal(lstat(path, &after), 0);
    assert_int_equal(after.st_mode, before.st_mode);
}

/* open(2): EISDIR for a directory, ELOOP for a link that leads to itself; both stay what they are.
 */
static void output_directory_or_loop_is_refused(void **state)
{
    char folder[] = "/tmp/output-XXXXXX", link[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof link, "%s/loop", folder);
    assert_int_equal(symlink("loop", link), 0);
    expect_refusal(folder, "Is a directory");
    expect_refusal(link, "Too many levels of symbolic links");
    unlink(link);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(output_directory_or_loop_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
