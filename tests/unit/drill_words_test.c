/* lua/drill/run/drill_words.c: a command's text as POSIX's shell (XCU 2.2, 2.6.4, 2.7) reads it. */
#include "drill/run/command.h"

#include "test.h"

#include <stdlib.h>

/* The words of the first command, parted by '|', then what ends it and what follows. */
static void expect_words(const char *text, const char *words, const char *end, const char *rest)
{
    dw_words *w = calloc(1, sizeof *w);
    char ended[4], all[2000] = "";
    size_t used = 0;
    assert_non_null(w);
    const char *left = dw_words_take(text, w, ended);
    for (size_t i = 0; i < w->count; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? "|" : "", w->word[i]);
    assert_string_equal(all, words);
    assert_string_equal(ended, end);
    assert_string_equal(left, rest);
    free(w);
}

static void drill_words_blanks_part_and_quotes_keep(void **state)
{
    (void)state;
    expect_words("sysctl -q  a=b", "sysctl|-q|a=b", "", "");
    expect_words("a=\"1 2 3\" 'x y'z", "a=1 2 3|x yz", "", "");
    expect_words("'a\"b' \"c'd\"", "a\"b|c'd", "", "");
    expect_words("\"a\\\"b\" \"\\\\\"", "a\"b|\\", "", "");
    expect_words("'a\\b'", "a\\b", "", ""); /* 2.2.2: between single quotes all is literal */
}

static void drill_words_operators_end_a_command(void **state)
{
    (void)state;
    expect_words("a; b", "a", ";", " b");
    expect_words("a && b", "a", "&&", " b");
    expect_words("a||b", "a", "||", "b");
    expect_words("a | b", "a", "|", " b");
    expect_words("a\nb", "a", ";", "b");
    expect_words("a \\\n b", "a|b", "", ""); /* 2.2.1: the line goes on */
    expect_words("# all of it\na", "", ";", "a");
}

static void drill_words_product_is_worked_out(void **state)
{
    (void)state;
    expect_words("a=$((15*1024*1024))", "a=15728640", "", "");
    expect_words("a=\"1 $((2*3))\"", "a=1 6", "", "");
    expect_words("$((9223372036854775807*2))", "$((9223372036854775807*2))", "", "");
}

static void drill_words_redirection_is_the_target(void **state)
{
    static const struct {
        const char *text, *target;
    } cases[] = {
        {"echo 1 > /proc/x", "/proc/x"},      {"echo 1 >> /proc/x", "/proc/x"},
        {"echo 1 1> /proc/x", "/proc/x"},     {"echo 1 2> /dev/null", ""},
        {"echo 1 > /proc/x 2>&1", "/proc/x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dw_words *w = calloc(1, sizeof *w);
        char end[4];
        assert_non_null(w);
        dw_words_take(cases[i].text, w, end);
        assert_int_equal(w->count, 2);
        assert_string_equal(w->target, cases[i].target);
        free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_words_blanks_part_and_quotes_keep),
        cmocka_unit_test(drill_words_operators_end_a_command),
        cmocka_unit_test(drill_words_product_is_worked_out),
        cmocka_unit_test(drill_words_redirection_is_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
