/* core/escape.c: what each format makes of every byte. */
#include "escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FFFD "\xef\xbf\xbd"

static void expect(enum dw_syntax syntax, const char *text, const char *wanted)
{
    dw_text t = {0};
    dw_text_escape(&t, syntax, text);
    assert_string_equal(t.data ? t.data : "", wanted);
    dw_text_free(&t);
}

static void escape_bad_utf8_each_byte_is_replaced(void **state)
{
    (void)state;
    expect(DW_IN_UTF8,
           "a\xff\xfe"
           "b",
           "a" FFFD FFFD "b");
    expect(DW_IN_UTF8, "\xc0\x80|\xc1\xbf", FFFD FFFD "|" FFFD FFFD); /* overlong */
    expect(DW_IN_UTF8, "\xe0\x80\x80|\xf0\x80\x80\x80", FFFD FFFD FFFD "|" FFFD FFFD FFFD FFFD);
    expect(DW_IN_UTF8, "\xed\xa0\x80", FFFD FFFD FFFD);          /* a surrogate */
    expect(DW_IN_UTF8, "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD); /* past the end */
    expect(DW_IN_UTF8, "\xe2\x82", FFFD FFFD);                   /* cut short */
    expect(DW_IN_UTF8,
           "\xe2\x82"
           "a",
           FFFD FFFD "a");
    expect(DW_IN_UTF8, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
           "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_true(dw_is_utf8("a\xc3\xa9\x1b\n"));
    assert_false(dw_is_utf8("a\xc3"));
}

static void escape_formats_known_texts(void **state)
{
    (void)state;
    expect(DW_IN_LINE, "a\x1b[31m\n\t\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\xa8",
           "a" FFFD "[31m" FFFD FFFD FFFD FFFD FFFD FFFD);
    expect(DW_IN_LINES, "a\r\n\tb", "a" FFFD "\n\tb");
    expect(DW_IN_JSON, "\"\\\n\x01</\x7f", "\\\"\\\\\\u000a\\u0001</\\u007f");
    expect(DW_IN_HTML_JSON, "</a>&\"", "\\u003c/a\\u003e\\u0026\\\"");
    expect(DW_IN_XML, "<a>&\"'\n\t\r\x0c]]>\xef\xbf\xbf",
           "&lt;a&gt;&amp;\"'\n\t&#13;" FFFD "]]&gt;" FFFD);
    expect(DW_IN_XML_ATTRIBUTE, "<\"'\n\t\r", "&lt;&#34;&#39;&#10;&#9;&#13;");
    expect(DW_IN_TAP, "a # TODO \\# b\n", "a \\# TODO \\\\\\# b" FFFD);
    expect(DW_IN_MERMAID, " a;#:<>%{}&$\n", "#32;a#59;#35;#58;#60;#62;#37;#123;#125;#38;#36;" FFFD);
    expect(DW_IN_PLANTUML, "a-b--c\"<~\\*\n",
           "a-b-<U+002D>c<U+0022><U+003C><U+007E><U+005C><U+002A>" FFFD);
    expect(DW_IN_MSCGEN, "a\"b\\n;\n", "a\\\"b" FFFD "n;" FFFD);
    expect(DW_IN_GNUPLOT, "it's `x`\n", "'it''s `x`" FFFD "'");
    expect(DW_IN_CSV, "plain", "plain");
    expect(DW_IN_CSV, "a,\"b\"\n", "\"a,\"\"b\"\"\n\"");
    expect(DW_IN_GITHUB, "100%\r\n:,\x1b", "100%25%0D%0A:," FFFD);
    expect(DW_IN_GITHUB_PROPERTY, "a:b,\n", "a%3Ab%2C%0A");
    expect(DW_IN_SHELL, "a-b=/c.lua", "a-b=/c.lua");
    expect(DW_IN_SHELL, "", "''");
    expect(DW_IN_SHELL, "a b'c$(d)`e`*~\\", "'a b'\\''c$(d)`e`*~\\'");
    expect(DW_IN_SHELL,
           "a'\\\n\xff"
           "1\xe2\x80\xae",
           "$'a\\'\\\\\\012\\3771\\342\\200\\256'");
    expect(DW_IN_LUA,
           "a\"\\\n\x01"
           "1\xff]]--",
           "\"a\\\"\\\\\\n\\0011\\255]]--\"");
}

/* Whatever comes in, what must not come out does not. */
static void escape_every_pair_of_bytes_stays_inside(void **state)
{
    (void)state;
    for (int syntax = DW_IN_UTF8; syntax <= DW_IN_LUA; syntax++) {
        bool lines = syntax == DW_IN_UTF8 || syntax == DW_IN_LINES || syntax == DW_IN_XML ||
                     syntax == DW_IN_CSV;
        for (int a = 1; a < 256; a++) {
            for (int b = 1; b < 256; b++) {
                char text[3] = {(char)a, (char)b, 0};
                dw_text t = {0};
                dw_text_escape(&t, (enum dw_syntax)syntax, text);
                assert_true(dw_is_utf8(t.data));
                assert_true(lines || !strchr(t.data, '\n'));
                assert_true(syntax == DW_IN_UTF8 || syntax == DW_IN_CSV || !strchr(t.data, 0x1b));
                dw_text_free(&t);
            }
        }
    }
}

static void escape_into_small_room_cuts_between_characters(void **state)
{
    (void)state;
    char buf[6];
    assert_string_equal(dw_escape_into(DW_IN_LINE,
                                       "ab\x1b"
                                       "cd",
                                       buf, sizeof buf),
                        "ab" FFFD);
    assert_string_equal(dw_escape_into(DW_IN_LINE,
                                       "abc\x1b"
                                       "d",
                                       buf, sizeof buf),
                        "abc");
    assert_string_equal(dw_escape_into(DW_IN_LINE, "abcdef", buf, sizeof buf), "abcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape_bad_utf8_each_byte_is_replaced),
        cmocka_unit_test(escape_formats_known_texts),
        cmocka_unit_test(escape_every_pair_of_bytes_stays_inside),
        cmocka_unit_test(escape_into_small_room_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
