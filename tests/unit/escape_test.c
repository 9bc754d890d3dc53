/* core/base/escape.c: what each format makes of every byte. */
#include "base/escape.h"

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
    expect(DW_IN_LATEX, "50% of {a}_b & c\\d ~^<>\" -- \n\xff",
           "50\\% of \\{a\\}\\_b \\& c\\textbackslash{}d "
           "\\textasciitilde{}\\textasciicircum{}\\textless{}\\textgreater{}\\char34{} "
           "-{}- ??");
    expect(DW_IN_LUA,
           "a\"\\\n\x01"
           "1\xff]]--",
           "\"a\\\"\\\\\\n\\0011\\255]]--\"");
}

static void escape_unseen_characters_are_like_controls(void **state)
{
    (void)state;
    const char *unseen[] = {"\xe2\x80\x8b", "\xe2\x80\xae",    "\xd8\x9c",     "\xe2\x81\xa6",
                            "\xef\xbb\xbf", "\xc2\xad",        "\xe3\x85\xa4", "\xe2\x80\x8d",
                            "\xef\xb8\x8f", "\xf3\xa0\x81\x81"};
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++) {
        expect(DW_IN_LINE, unseen[i], FFFD);
        expect(DW_IN_XML, unseen[i], FFFD);
        expect(DW_IN_LATEX, unseen[i], "?");
        expect(DW_IN_MERMAID, unseen[i], FFFD);
    }
    expect(DW_IN_JSON, "\xe2\x80\x8b\xf3\xa0\x81\x81", "\\u200b\\udb40\\udc41");
    expect(DW_IN_LUA, "\xe2\x80\x8b", "\"\\226\\128\\139\"");
}

#define WOMAN "\xf0\x9f\x91\xa9"
#define ZWJ "\xe2\x80\x8d"
#define HEART "\xe2\x9d\xa4\xef\xb8\x8f"

/* A joiner has something to join, or is unseen. */
static void escape_joiners_of_emoji_and_scripts_stay(void **state)
{
    (void)state;
    expect(DW_IN_XML, WOMAN ZWJ HEART ZWJ WOMAN, WOMAN ZWJ HEART ZWJ WOMAN);
    expect(DW_IN_LINE, "\xd9\x85\xe2\x80\x8c\xd8\xae", "\xd9\x85\xe2\x80\x8c\xd8\xae");
    expect(DW_IN_LINE, "a" ZWJ "b", "a" FFFD "b");
    expect(DW_IN_LINE, WOMAN ZWJ ZWJ, WOMAN ZWJ FFFD);
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

/* A saved trace may say anything, and have a digest that fits. */
static char *drawn(const char *word, int style)
{
    dw_trace *trace;
    char *text;
    const dw_addr a = {.family = 4, .word = {0x0a000001}}, b = {.family = 4, .word = {0x0a000002}};
    dw_trace_event e = {.link = UINT32_MAX, .type = DW_TRACE_NODE};
    assert_int_equal(dw_trace_begin(&trace), DW_OK);
    for (uint32_t i = 0; i < 2; i++) {
        e.node = i;
        e.u.node.name = word;
        e.u.node.addr = i ? b : a;
        assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    }
    e = (dw_trace_event){.link = UINT32_MAX, .type = DW_TRACE_CONN, .conn = 1};
    e.u.conn.protocol = "tcp";
    e.u.conn.flow = (dw_flow){.local = a, .remote = b, .local_port = 1, .remote_port = 2};
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    const dw_cause cause = {.name = word, .rfc = word, .text = word};
    e = (dw_trace_event){
        .link = UINT32_MAX, .type = DW_TRACE_STATE, .conn = 1, .at = 1, .cause = &cause};
    e.u.state.from = "CLOSED";
    e.u.state.to = word;
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e = (dw_trace_event){.link = UINT32_MAX, .type = DW_TRACE_CALL, .conn = 1, .at = 2};
    e.u.call.name = e.u.call.detail = word;
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    const dw_picture picture = {.calls = DW_YES, .title = word};
    dw_ladder_config c = {.picture = &picture};
    c.style = (enum dw_ladder_style)style;
    if (style == DW_LADDER_MSCGEN + 1)
        text = dw_svg(trace, &(dw_svg_config){.picture = &picture});
    else if (style == DW_LADDER_MSCGEN + 2)
        text = dw_html(trace, NULL);
    else if (style == DW_LADDER_MSCGEN + 3)
        text = dw_trace_text(trace);
    else
        text = dw_ladder(trace, &c);
    dw_trace_free(trace);
    return text;
}

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == c;
    return n;
}

static void escape_words_of_a_trace_stay_inside_every_view(void **state)
{
    (void)state;
    for (int style = 0; style <= DW_LADDER_MSCGEN + 3; style++) {
        char *plain = drawn("word", style), *odd = drawn("\x1b[31m\n</x>\"\xff", style);
        assert_non_null(plain);
        assert_true(dw_is_utf8(odd));
        assert_null(strchr(odd, 0x1b));
        assert_int_equal(count(odd, '\n'), count(plain, '\n'));
        if (style > DW_LADDER_MSCGEN && style < DW_LADDER_MSCGEN + 3)
            assert_int_equal(count(odd, '<'), count(plain, '<'));
        dw_free(plain);
        dw_free(odd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape_bad_utf8_each_byte_is_replaced),
        cmocka_unit_test(escape_formats_known_texts),
        cmocka_unit_test(escape_unseen_characters_are_like_controls),
        cmocka_unit_test(escape_joiners_of_emoji_and_scripts_stay),
        cmocka_unit_test(escape_every_pair_of_bytes_stays_inside),
        cmocka_unit_test(escape_into_small_room_cuts_between_characters),
        cmocka_unit_test(escape_words_of_a_trace_stay_inside_every_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
