/* lua/drill/run/drill_grep.c: which lines a pattern finds, as grep(1) with basic and, after -E,
 * extended regular expressions. */
#include "drill/run/command.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* What "grep OPTION PATTERN" makes of the lines. */
static void expect_grep(const char *option, const char *pattern, const char *input,
                        const char *output)
{
    dw_drill_outcome outcome = {0};
    dw_command_env env = {.outcome = &outcome};
    dw_words *w = calloc(1, sizeof *w);
    assert_non_null(w);
    const char *const words[] = {"grep", option, pattern};
    for (size_t i = 0; i < 3; i++)
        if (words[i]) snprintf(w->word[w->count++], DW_WORD_SIZE, "%s", words[i]);
    snprintf(w->input, sizeof w->input, "%s", input);
    w->piped = true;
    assert_true(dw_drill_grep(&env, w));
    assert_string_equal(w->output, output);
    bool fails = strcmp(option ? option : "", "-c") == 0 ? w->output[0] == '0' : !*output;
    assert_int_equal(w->failed, fails);
    free(w);
}

static void drill_grep_basic_pattern_finds_lines(void **state)
{
    static const char lines[] = "abc\nab+c\nac\nabbbc\n";
    (void)state;
    expect_grep(NULL, "ab*c", lines, "abc\nac\nabbbc\n");
    expect_grep(NULL, "ab\\+c", lines, "abc\nabbbc\n"); /* with a backslash it repeats */
    expect_grep(NULL, "ab+c", lines, "ab+c\n");         /* without one it is a plus */
    expect_grep(NULL, "^ab\\?c$", lines, "abc\nac\n");
    expect_grep(NULL, "a[b-d]c", lines, "abc\n");
    expect_grep(NULL, "a[^b]", lines, "ac\n");
    expect_grep(NULL, "x", lines, "");
}

static void drill_grep_options_change_what_is_found(void **state)
{
    static const char lines[] = "ab+c\nAB+C\nxab+cx\nabbc\n";
    (void)state;
    expect_grep("-E", "ab+c", lines, "abbc\n");
    expect_grep("-F", "ab+c", lines, "ab+c\nxab+cx\n");
    expect_grep("-i", "ab+c", lines, "ab+c\nAB+C\nxab+cx\n");
    expect_grep("-w", "ab+c", lines, "ab+c\n");
    expect_grep("-v", "ab+c", lines, "AB+C\nabbc\n");
    expect_grep("-c", "ab+c", lines, "2\n");
    expect_grep("-c", "nothing", lines, "0\n");
}

/* One that takes for ever to be sure is refused, not tried for ever. */
static void drill_grep_endless_pattern_is_not_supported(void **state)
{
    dw_drill_outcome outcome = {0};
    dw_command_env env = {.outcome = &outcome};
    dw_words *w = calloc(1, sizeof *w);
    (void)state;
    assert_non_null(w);
    w->count = 2;
    snprintf(w->word[0], DW_WORD_SIZE, "grep");
    snprintf(w->word[1], DW_WORD_SIZE, "a*a*a*a*a*a*a*a*b");
    memset(w->input, 'a', 400);
    w->piped = true;
    assert_false(dw_drill_grep(&env, w));
    assert_int_equal(outcome.verdict, DW_DRILL_UNSUPPORTED);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_grep_basic_pattern_finds_lines),
        cmocka_unit_test(drill_grep_options_change_what_is_found),
        cmocka_unit_test(drill_grep_endless_pattern_is_not_supported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
