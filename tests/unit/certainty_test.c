/* core/trace/fate.c, core/view/inferred.c, and what the other files of traces and views make of
 * what was inferred. */
#include "inferred.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const dw_packet_view *numbered(const dw_packet_view *views, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (views[i].number == number) return &views[i];
    fail_msg("there is no packet %llu", (unsigned long long)number);
    return NULL;
}

static void has_fate(const dw_packet_view *v, const char *what, uint8_t certainty,
                     const char *shown)
{
    char buf[80];
    assert_string_equal(dw_view_fate(v), what);
    assert_int_equal(v->fate_certainty, certainty);
    assert_string_equal(dw_view_shown(v, buf, sizeof buf), shown);
}

/* The numbers of a capture's frames have gaps: as many views as packets, whatever they are. */
static void certainty_packets_tell_their_fate_and_how_it_is_known(void **state)
{
    inferred x = an_inferred_trace();
    dw_packet_view *v;
    size_t n;
    (void)state;
    assert_int_equal(dw_trace_packets(x.trace, NULL, &v, &n), DW_OK);
    assert_int_equal(n, 8);
    has_fate(numbered(v, n, 3), "arrived", DW_CERTAIN, "acknowledged in #5");
    has_fate(numbered(v, n, 5), "arrived", DW_OBSERVED, "");
    has_fate(numbered(v, n, 6), "arrived", DW_LIKELY, "nothing says otherwise");
    has_fate(numbered(v, n, 8), "lost", DW_CERTAIN, "sent again in #14");
    has_fate(numbered(v, n, 9), "lost", DW_LIKELY, "sent again in #17");
    has_fate(numbered(v, n, 400000000), "unknown", DW_OBSERVED, "the capture ends");
    assert_true(numbered(v, n, 400000000)->unknown_at > 0);
    assert_int_equal(numbered(v, n, 9)->unknown_at, -1);
    assert_int_equal(numbered(v, n, 9)->shown_by, 17);
    dw_free(v);
    dw_trace_free(x.trace);
}

/* All of it is in the digest, and in the file. */
static void certainty_saved_and_loaded_is_the_same(void **state)
{
    char path[] = "/tmp/drywire-certainty-XXXXXX", why[300];
    char before[DW_DIGEST_TEXT], after[DW_DIGEST_TEXT];
    inferred x = an_inferred_trace();
    dw_trace *loaded;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(dw_trace_save(x.trace, path, why, sizeof why), DW_OK);
    assert_int_equal(dw_trace_load(path, &loaded, why, sizeof why), DW_OK);
    dw_trace_digest(x.trace, before);
    dw_trace_digest(loaded, after);
    assert_string_equal(before, after);
    for (size_t i = 0; i < dw_trace_count(x.trace); i++)
        assert_int_equal(dw_trace_at(x.trace, i)->certainty, dw_trace_at(loaded, i)->certainty);
    char *(*const views[])(const dw_trace *, const dw_html_config *) = {dw_html};
    char *a = dw_trace_text(x.trace), *b = dw_trace_text(loaded);
    assert_string_equal(a, b);
    dw_free(a);
    dw_free(b);
    a = views[0](x.trace, NULL);
    b = views[0](loaded, NULL);
    assert_string_equal(a, b);
    dw_free(a);
    dw_free(b);
    assert_int_equal(dw_trace_capture(loaded, path, NULL, why, sizeof why), DW_OK);
    unlink(path);
    dw_trace_free(loaded);
    dw_trace_free(x.trace);
}

/* What Wireshark shows beside a packet. */
static void certainty_comments_of_captures_tell_it(void **state)
{
    static const char *const comments[] = {"#3; certainly arrived: acknowledged in #5",
                                           "#9; likely lost: sent again in #17",
                                           "; unknown whether it arrived: the capture ends"};
    char path[] = "/tmp/drywire-certainty-XXXXXX", why[300], text[8192];
    inferred x = an_inferred_trace();
    const dw_capture_config every = {.point = DW_CAPTURE_AT_SENDERS};
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(dw_trace_capture(x.trace, path, &every, why, sizeof why), DW_OK);
    close(fd);
    FILE *f = fopen(path, "rb");
    unlink(path);
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    for (size_t i = 0; i < n; i++)
        if (text[i] == 0) text[i] = ' ';
    text[n] = 0;
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(text, comments[i]));
    dw_trace_free(x.trace);
}

static void certainty_digests_tell_it_apart(void **state)
{
    char digest[DW_CERTAINTIES][DW_DIGEST_TEXT];
    (void)state;
    for (uint8_t i = 0; i < DW_CERTAINTIES; i++) {
        inferred x = {.at = 0};
        inferred_hosts(&x);
        sent(&x, 1, CLIENT, SYN, 1000, 0, 0);
        fate(&x, DW_TRACE_DELIVERED, 1, CLIENT, 0, i, NULL, 0);
        dw_trace_digest(x.trace, digest[i]);
        dw_trace_free(x.trace);
        for (uint8_t k = 0; k < i; k++)
            assert_string_not_equal(digest[i], digest[k]);
    }
}

/* One event, as a line and as a sentence. */
static void says(const inferred *x, uint8_t type, uint64_t number, const char *line,
                 const char *sentence)
{
    char text[800];
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        if (e->type != type || e->packet != number) continue;
        assert_non_null(strstr(dw_trace_event_text(x->trace, e, text, sizeof text), line));
        assert_string_equal(dw_trace_explain(x->trace, e, text, sizeof text), sentence);
        return;
    }
    fail_msg("there is no such event");
}

static void certainty_lines_and_sentences_tell_it(void **state)
{
    inferred x = an_inferred_trace();
    (void)state;
    says(&x, DW_TRACE_DELIVERED, 3, "len=0  (certain: acknowledged, #5)",
         "0.010000 s: server certainly receives tcp #3 (SYN seq=0): acknowledged in #5 "
         "(acknowledged).");
    says(&x, DW_TRACE_DELIVERED, 5, "len=0", "");
    says(&x, DW_TRACE_DROPPED, 9, "len=50  (likely: sent-again, #17)",
         "0.032000 s: the link likely loses tcp #9 (ACK seq=1 ack=1, 50 octets): sent again "
         "in #17 (sent-again).");
    says(&x, DW_TRACE_UNKNOWN, 400000000, "unknown          #400000000 client:40000 > server:80",
         "0.053000 s: whether tcp #400000000 (ACK seq=101 ack=51) arrives is unknown: the "
         "capture ends (capture-ends).");
    says(&x, DW_TRACE_STATE, 0, "CLOSED -> SYN-SENT",
         "0.000000 s: client goes from CLOSED to SYN-SENT.");
    dw_trace_free(x.trace);
}

static char *drawn(const inferred *x, enum dw_ladder_style style, bool color)
{
    const dw_picture picture = {.packets = DW_NO};
    const dw_ladder_config c = {.style = style, .color = color, .width = 100, .picture = &picture};
    return dw_ladder(x->trace, &c);
}

/* Each of the lines, which end with NULL, is in the text. */
static void has(char *text, const char *const *lines)
{
    assert_non_null(text);
    for (; *lines; lines++)
        if (!strstr(text, *lines)) fail_msg("not there: %s\nin:\n%s", *lines, text);
    dw_free(text);
}

static void certainty_ladders_tell_it_without_colours(void **state)
{
    const char *const unicode[] = {
        "╰┄┄┄┄┄┄▶│ SYN-RECEIVED\n",
        "╰┄┄┄┄┄┄▷│ ESTABLISHED?\n",
        "├── ACK seq=1 ack=1 len=100 ─────✗ lost (sent again in #14) │\n",
        "│ likely lost (#17) ✗?──────────── ACK seq=1 ack=1 len=50 ──┤ ESTABLISHED?\n",
        "├── ACK seq=101 ack=51 ─────┄┄┄? unknown (the capture ends) │\n",
        "\n                          inferred:  ┄▶ certain  ┄▷ likely  ✗? likely lost  ┄? unknown  "
        "STATE? likely\n",
        NULL};
    const char *const ascii[] = {"'......>| SYN-RECEIVED\n",
                                 "'......)| ESTABLISHED?\n",
                                 "-----X lost (sent again in #14) |\n",
                                 "| likely lost (#17) X?------------ ACK",
                                 "-----...? unknown (the capture ends) |\n",
                                 "inferred:  ..> certain  ..) likely  X? likely lost",
                                 NULL};
    const char *const rfc[] = {"<SEQ=1001><ACK=5001><CTL=ACK>           ..> ESTABLISHED\n",
                               "(lost?)      XXX <SEQ=5001>", "<CTL=ACK>           ??? (unknown)\n",
                               NULL};
    inferred x = an_inferred_trace();
    (void)state;
    has(drawn(&x, DW_LADDER_UNICODE, false), unicode);
    has(drawn(&x, DW_LADDER_ASCII, false), ascii);
    has(drawn(&x, DW_LADDER_RFC, false), rfc);
    dw_trace_free(x.trace);
}

static void certainty_ladders_have_colours_for_it(void **state)
{
    const char *const lines[] = {"\x1b[2mSYN-RECEIVED\x1b[0m", "\x1b[33m", "\x1b[35m── ACK seq=101",
                                 "\x1b[2mESTABLISHED?\x1b[0m", NULL};
    inferred x = an_inferred_trace();
    (void)state;
    has(drawn(&x, DW_LADDER_UNICODE, true), lines);
    dw_trace_free(x.trace);
}

static void certainty_sequence_diagrams_tell_it(void **state)
{
    const char *const mermaid[] = {
        "A-->>B: ACK seq=1 ack=1\n",
        "Note over B: ESTABLISHED?\n",
        "A-xB: ACK seq=1 ack=1 len=100 (lost: ",
        "B--xA: ACK seq=1 ack=1 len=50 (likely lost: sent again in #35;17)\n",
        "A--)B: ACK seq=101 ack=51 (unknown: the capture ends)\n",
        NULL};
    const char *const plantuml[] = {"A --> B : ACK seq=1 ack=1\n", "B -->x A : ",
                                    "A -->> B : ACK seq=101 ack=51 (unknown: ", NULL};
    const char *const mscgen[] = {"A >> B [label=\"ACK seq=1 ack=1\"];", "B -x A [label=\"",
                                  "(unknown: the capture ends)", NULL};
    inferred x = an_inferred_trace();
    (void)state;
    has(drawn(&x, DW_LADDER_MERMAID, false), mermaid);
    has(drawn(&x, DW_LADDER_PLANTUML, false), plantuml);
    has(drawn(&x, DW_LADDER_MSCGEN, false), mscgen);
    dw_trace_free(x.trace);
}

static void certainty_pictures_tell_it(void **state)
{
    const char *const lines[] = {
        "<g id=\"p3\" class=\"syn certain\">",
        "arrived 0.010000 s\narrived: acknowledged in #5 (certain)</title>",
        "<g id=\"p6\" class=\"ack likely\">",
        "<path class=\"wire tip\"",
        "<g id=\"p9\" class=\"data lost likely\">",
        "likely lost: sent again in #17</title>",
        "<a href=\"#p14\">",
        "<g id=\"p400000000\" class=\"ack unknown\">",
        "<line class=\"wire faint\"",
        "class=\"bar opening inferred\"",
        "<title>ESTABLISHED (likely)</title>",
        ">ESTABLISHED?</text>",
        "dotted, open head: likely arrived",
        NULL};
    inferred x = an_inferred_trace();
    (void)state;
    has(dw_svg(x.trace, NULL), lines);
    dw_trace_free(x.trace);
}

/* What was observed has no marks, and needs no legend. */
static void certainty_observed_is_drawn_as_ever(void **state)
{
    inferred x = {.at = 0};
    (void)state;
    inferred_hosts(&x);
    sent(&x, 1, CLIENT, SYN, 1000, 0, 0);
    fate(&x, DW_TRACE_DELIVERED, 1, CLIENT, 0, DW_OBSERVED, NULL, 0);
    char *ladder = drawn(&x, DW_LADDER_UNICODE, false), *svg = dw_svg(x.trace, NULL);
    assert_null(strstr(ladder, "inferred"));
    assert_null(strstr(svg, ">inferred"));
    dw_free(ladder);
    dw_free(svg);
    dw_trace_free(x.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certainty_packets_tell_their_fate_and_how_it_is_known),
        cmocka_unit_test(certainty_saved_and_loaded_is_the_same),
        cmocka_unit_test(certainty_comments_of_captures_tell_it),
        cmocka_unit_test(certainty_digests_tell_it_apart),
        cmocka_unit_test(certainty_lines_and_sentences_tell_it),
        cmocka_unit_test(certainty_ladders_tell_it_without_colours),
        cmocka_unit_test(certainty_ladders_have_colours_for_it),
        cmocka_unit_test(certainty_sequence_diagrams_tell_it),
        cmocka_unit_test(certainty_pictures_tell_it),
        cmocka_unit_test(certainty_observed_is_drawn_as_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
