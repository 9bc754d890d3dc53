/* core/trace/trace.c, digest.c, jsonl.c, pcapng.c, packet/match.c, option.c, expect.c, figure.c,
 * ladder.c.
 */
#include "net.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/drywire-test-%ld", (long)getpid());
    return 0;
}

static int remove_path(void **state)
{
    (void)state;
    remove(path);
    return 0;
}

static void trace_saved_and_loaded_is_the_same(void **state)
{
    net n;
    char why[400] = "", before[DW_DIGEST_TEXT], after[DW_DIGEST_TEXT];
    dw_trace *loaded;
    (void)state;
    net_exchange(&n);
    const dw_trace *trace = dw_sim_trace(n.sim);
    assert_int_equal(dw_trace_save(trace, path, why, sizeof why), DW_OK);
    assert_int_equal(dw_trace_load(path, &loaded, why, sizeof why), DW_OK);
    dw_trace_digest(trace, before);
    dw_trace_digest(loaded, after);
    assert_string_equal(before, after);
    dw_ladder_config c = {0};
    char *a = dw_ladder(trace, &c), *b = dw_ladder(loaded, &c);
    assert_string_equal(a, b);
    dw_free(a);
    dw_free(b);
    assert_int_equal(dw_trace_capture(loaded, path, NULL, why, sizeof why), DW_OK);
    dw_trace_free(loaded);
    dw_sim_free(n.sim);
}

/* Every line cut anywhere, and every field made nonsense: refused, never a crash. */
static void trace_damaged_files_are_refused(void **state)
{
    net n;
    char why[400] = "";
    (void)state;
    net_exchange(&n);
    assert_int_equal(dw_trace_save(dw_sim_trace(n.sim), path, why, sizeof why), DW_OK);
    dw_sim_free(n.sim);
    FILE *f = fopen(path, "rb");
    static char whole[65536];
    size_t len = fread(whole, 1, sizeof whole, f);
    fclose(f);
    assert_true(len > 1000 && len < sizeof whole);
    for (size_t i = 0; i < len - 1; i += 97) {
        dw_trace *loaded;
        f = fopen(path, "wb");
        if (i % 2) { /* cut */
            fwrite(whole, 1, i, f);
        } else { /* or changed */
            fwrite(whole, 1, i, f);
            fputc(whole[i] == '9' ? '8' : '9', f);
            fwrite(whole + i + 1, 1, len - i - 1, f);
        }
        fclose(f);
        int status = dw_trace_load(path, &loaded, why, sizeof why);
        if (status == DW_OK) dw_trace_free(loaded); /* in a field that is there for people only */
        if (i % 2) assert_int_equal(status, DW_E_FORMAT);
    }
}

/* Indices that leave a gap: the line and the fields, and no loop or memory for what is between. */
static void trace_with_indices_out_of_order_is_refused(void **state)
{
    static const char *const lines[][2] = {
        {"\"ev\":\"node\",\"node\":7,\"name\":\"far\",\"addr\":\"10.0.0.2\"", "no host 7 yet"},
        {"\"ev\":\"conn\",\"node\":0,\"conn\":9,\"protocol\":\"tcp\",\"local\":\"10.0.0.1\","
         "\"remote\":\"10.0.0.2\"",
         "the next connection has number 1, not 9"},
        {"\"ev\":\"note\",\"node\":1,\"text\":\"nobody's\"", "no host 1 yet"},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char why[400] = "";
        dw_trace *loaded;
        FILE *f = fopen(path, "wb");
        fprintf(f, "{\"drywire\":\"0\",\"trace\":1}\n");
        fprintf(f,
                "{\"t\":0,\"ev\":\"node\",\"node\":0,\"name\":\"a\",\"addr\":\"10.0.0.1\"}\n"
                "{\"t\":0,%s}\n",
                lines[i][0]);
        fclose(f);
        assert_int_equal(dw_trace_load(path, &loaded, why, sizeof why), DW_E_FORMAT);
        if (!strstr(why, ":3: ") || !strstr(why, lines[i][1])) fail_msg("%zu: %s", i, why);
    }
}

static void match_flags_contain_or_equal(void **state)
{
    dw_match m;
    char why[100];
    (void)state;
    dw_match_any(&m);
    assert_int_equal(dw_match_flags(&m, "SYN,ACK", why, sizeof why), DW_OK);
    assert_false(m.flags_exact);
    assert_int_equal(dw_match_flags(&m, "=RST", why, sizeof why), DW_OK);
    assert_true(m.flags_exact);
    assert_int_equal(dw_match_flags(&m, "SIN", why, sizeof why), DW_E_FORMAT);
    assert_string_equal(why, "unknown flag \"SIN\"; did you mean \"SYN\"?");
    assert_int_equal(dw_match_flags(&m, "", why, sizeof why), DW_E_FORMAT);
}

static uint64_t count(const net *n, const dw_match *m)
{
    dw_packet_view *views;
    size_t found;
    assert_int_equal(dw_trace_packets(dw_sim_trace(n->sim), m, &views, &found), DW_OK);
    dw_free(views);
    return found;
}

static uint64_t count_flags(const net *n, const char *flags)
{
    dw_match m = {0};
    char why[100];
    assert_int_equal(dw_match_flags(&m, flags, why, sizeof why), DW_OK);
    return count(n, &m);
}

static char *ladder(const dw_trace *trace)
{
    return dw_ladder(trace, NULL);
}

static char *svg(const dw_trace *trace)
{
    return dw_svg(trace, NULL);
}

static char *html(const dw_trace *trace)
{
    return dw_html(trace, NULL);
}

/* No config, and one that is all zeroes: the same, and everything is shown. */
static void trace_views_null_and_zero_are_the_default(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    const dw_trace *t = dw_sim_trace(n.sim);
    char *drawn[][2] = {{dw_ladder(t, NULL), dw_ladder(t, &(dw_ladder_config){0})},
                        {dw_svg(t, NULL), dw_svg(t, &(dw_svg_config){0})},
                        {dw_tikz(t, NULL), dw_tikz(t, &(dw_svg_config){0})},
                        {dw_html(t, NULL), dw_html(t, &(dw_html_config){0})}};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(drawn[i][0], drawn[i][1]);
        assert_non_null(strstr(drawn[i][0], i < 3 ? "FIN,ACK" : "TIME-WAIT"));
        dw_free(drawn[i][0]);
        dw_free(drawn[i][1]);
    }
    char *mirrored =
        dw_ladder(t, &(dw_ladder_config){.picture = &(dw_picture){
                                             .left_given = true, .left = 1, .right_given = true}});
    assert_true(strstr(mirrored, "server") < strstr(mirrored, "client"));
    dw_free(mirrored);
    char *report = NULL;
    uint64_t all = count(&n, NULL);
    assert_true(all > 6);
    assert_int_equal(count(&n, &(dw_match){0}), all);
    assert_int_equal(dw_expect_packets(t, NULL, all, &report), DW_OK);
    dw_sim_free(n.sim);
}

/* A trace of three nodes, a link and a connection, made by hand. */
static dw_trace *made_by_hand(void)
{
    static const char *const names[] = {"a", "b", "c"};
    dw_trace *t;
    assert_int_equal(dw_trace_begin(&t), DW_OK);
    for (uint32_t i = 0; i < 3; i++) {
        dw_trace_event e = {.type = DW_TRACE_NODE, .node = i, .link = UINT32_MAX};
        e.u.node.name = names[i];
        e.u.node.addr = dw_addr_v4(i + 1);
        assert_int_equal(dw_trace_add(t, &e), DW_OK);
    }
    dw_trace_event link = {.type = DW_TRACE_LINK, .node = UINT32_MAX, .u.link = {.a = 0, .b = 2}};
    assert_int_equal(dw_trace_add(t, &link), DW_OK);
    dw_trace_event conn = {.type = DW_TRACE_CONN, .link = UINT32_MAX, .conn = 1};
    conn.u.conn.protocol = "tcp";
    assert_int_equal(dw_trace_add(t, &conn), DW_OK);
    return t;
}

static void trace_add_of_an_index_that_is_not_there_is_refused(void **state)
{
    (void)state;
    dw_trace *t = made_by_hand();
    size_t before = dw_trace_count(t);
    const dw_trace_event refused[] = {
        {.type = DW_TRACE_TYPES},
        {.type = UINT8_MAX},
        {.type = DW_TRACE_NODE, .node = 4, .u.node.name = "gap"},
        {.type = DW_TRACE_NODE, .node = UINT32_MAX, .u.node.name = "none"},
        {.type = DW_TRACE_NODE, .node = 1u << 31, .u.node.name = "far"},
        {.type = DW_TRACE_NODE, .node = 3},
        {.type = DW_TRACE_LINK, .node = UINT32_MAX, .link = 2},
        {.type = DW_TRACE_LINK, .node = UINT32_MAX, .link = UINT32_MAX},
        {.type = DW_TRACE_LINK, .node = UINT32_MAX, .link = 1, .u.link = {.a = 0, .b = 3}},
        {.type = DW_TRACE_CONN, .conn = 0, .u.conn.protocol = "tcp"},
        {.type = DW_TRACE_CONN, .conn = 3, .u.conn.protocol = "tcp"},
        {.type = DW_TRACE_CONN, .conn = UINT32_MAX, .u.conn.protocol = "tcp"},
        {.type = DW_TRACE_CONN, .node = UINT32_MAX, .conn = 2, .u.conn.protocol = "tcp"},
        {.type = DW_TRACE_NOTE, .node = 3, .u.note.text = "nobody"},
        {.type = DW_TRACE_NOTE},
        {.type = DW_TRACE_STATE, .conn = 2, .u.state = {"CLOSED", "LISTEN"}},
        {.type = DW_TRACE_STATE, .conn = 1, .u.state = {"CLOSED", NULL}},
        {.type = DW_TRACE_SENT, .packet = 1, .link = 1},
        {.type = DW_TRACE_SENT, .packet = 1, .direction = 2},
        {.type = DW_TRACE_SENT, .packet = UINT64_MAX},
        {.type = DW_TRACE_SENT, .packet = 1, .u.packet.head_len = 20},
        {.type = DW_TRACE_SENT, .packet = 1, .u.packet.slice_count = 1},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (dw_trace_add(t, &refused[i]) != DW_E_INVAL) fail_msg("event %zu was not refused", i);
    assert_int_equal(dw_trace_count(t), before);
    dw_trace_free(t);
}

static void trace_add_in_order_grows(void **state)
{
    enum { MANY = 1000 };
    (void)state;
    dw_trace *t = made_by_hand();
    for (uint32_t i = 2; i <= MANY; i++) {
        dw_trace_event e = {.type = DW_TRACE_CONN, .node = i % 3, .link = UINT32_MAX, .conn = i};
        e.u.conn.protocol = "tcp";
        assert_int_equal(dw_trace_add(t, &e), DW_OK);
    }
    assert_int_equal(dw_trace_conns(t), MANY);
    for (uint32_t i = 1; i <= MANY; i++)
        assert_int_equal(dw_trace_conn(t, i)->conn, i);
    /* A second event for a node: one more address. */
    dw_trace_event more = {.type = DW_TRACE_NODE, .node = 1, .link = UINT32_MAX};
    more.u.node.name = "b";
    more.u.node.addr = dw_addr_v4(77);
    assert_int_equal(dw_trace_add(t, &more), DW_OK);
    assert_int_equal(dw_trace_nodes(t), 3);
    assert_int_equal(dw_trace_node_of(t, &more.u.node.addr), 1);
    char *(*const views[])(const dw_trace *) = {dw_trace_text, ladder, svg, html};
    for (size_t i = 0; i < 4; i++) {
        char *text = views[i](t);
        assert_non_null(text);
        dw_free(text);
    }
    dw_trace_free(t);
}

static void trace_packets_match(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    assert_int_equal(count_flags(&n, "SYN"), 2);
    assert_int_equal(count_flags(&n, "=SYN"), 1);
    assert_int_equal(count_flags(&n, "RST"), 0);
    uint64_t all = count(&n, NULL), with = count(&n, &(dw_match){.has_data = 1});
    assert_int_equal(with, 1);
    assert_int_equal(count(&n, &(dw_match){.has_data = -1}), all - with);
    /* The client is node 0, the server node 1. */
    uint64_t sent = count(&n, &(dw_match){.from_given = true});
    assert_int_equal(count(&n, &(dw_match){.from_given = true, .from = 1}), all - sent);
    assert_int_equal(count(&n, &(dw_match){.to_given = true}), all - sent);
    assert_int_equal(count(&n, &(dw_match){.to_given = true, .to = 9}), 0);
    assert_true(sent > 0 && sent < all);
    dw_sim_free(n.sim);
}

static char *problem(int expected, int status, char *report)
{
    static char text[2000];
    assert_int_equal(status, expected);
    snprintf(text, sizeof text, "%s", report ? report : "");
    dw_free(report);
    return text;
}

static void expect_reports_show_the_first_difference(void **state)
{
    net n;
    char *report = NULL;
    (void)state;
    net_exchange(&n);
    const dw_trace *t = dw_sim_trace(n.sim);
    int status = dw_expect_states(t, 1, "CLOSED -> SYN_SENT ESTABLISHED CLOSING", &report);
    assert_non_null(strstr(problem(DW_E_MISMATCH, status, report), "-> [CLOSING]"));
    report = NULL;
    status = dw_expect_states(t, 1, "CLOSED -> SYNSENT", &report);
    assert_string_equal(problem(DW_E_FORMAT, status, report),
                        "there is no state SYNSENT; did you mean SYN-SENT?");
    report = NULL;
    status = dw_expect_reaches(t, 1, "ESTABLISHED", DW_MILLISECOND, DW_TIME_NEVER, &report);
    assert_string_equal(problem(DW_E_MISMATCH, status, report),
                        "client connection 1 reached ESTABLISHED after 40ms, later than 1ms");
    report = NULL;
    status = dw_expect_stays(t, 1, "TIME-WAIT", 5 * DW_MINUTE, 0, DW_TIME_NEVER, &report);
    assert_non_null(strstr(problem(DW_E_MISMATCH, status, report), "for 4min, not for 5min"));
    report = NULL;
    status = dw_expect_never_state(t, 1, "TIME-WAIT", &report);
    assert_non_null(strstr(problem(DW_E_MISMATCH, status, report), "was in TIME-WAIT"));
    report = NULL;
    status = dw_expect_states(t, 99, "CLOSED", &report);
    problem(DW_E_NOENT, status, report);
    dw_sim_free(n.sim);
}

static char *figure_problem(const net *n, int expected, const char *figure)
{
    char *report = NULL;
    int status = dw_expect_figure(dw_sim_trace(n->sim), figure, -1, -1, &report);
    return problem(expected, status, report);
}

/* The report has the figure's segments as the figure has them. */
static void figure_report_repeats_the_figure(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    char *report =
        figure_problem(&n, DW_E_MISMATCH,
                       "1. CLOSED LISTEN\n"
                       "2. SYN-SENT --> <SEQ=x><CTL=SYN> --> SYN-RECEIVED\n"
                       "3. ESTABLISHED <-- <SEQ=y><ACK=x+1><CTL=RST> <-- SYN-RECEIVED\n");
    assert_non_null(strstr(report, " send <SEQ=x><CTL=SYN> SYN-SENT  "));
    assert_non_null(strstr(report, " recv <SEQ=y><ACK=x+1><CTL=RST> ESTABLISHED  "));
    dw_sim_free(n.sim);
}

/* A side of a figure has up to 256 segments and states. */
static void figure_of_257_elements_is_too_long(void **state)
{
    enum { MOST = 256 };
    static const char line[] = "--> <SEQ=x><CTL=SYN> -->\n";
    static char figure[sizeof line * (MOST + 1)];
    net n;
    (void)state;
    net_exchange(&n);
    for (int i = 0; i < MOST; i++)
        strcat(figure, line);
    figure_problem(&n, DW_E_MISMATCH, figure);
    strcat(figure, line);
    assert_non_null(strstr(figure_problem(&n, DW_E_FORMAT, figure), "the figure is too long"));
    dw_sim_free(n.sim);
}

static void figure_mistakes_are_named(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    assert_non_null(strstr(figure_problem(&n, DW_E_FORMAT, "1. CLOSED   LISTEN"), "no segments"));
    assert_non_null(strstr(figure_problem(&n, DW_E_FORMAT, "SYN-SEND --> <SEQ=x><CTL=SYN> --> X"),
                           "did you mean SYN-SENT?"));
    assert_non_null(strstr(figure_problem(&n, DW_E_FORMAT, "SYN-SENT --> <SEG=x><CTL=SYN> -->"),
                           "unknown field <SEG>"));
    assert_non_null(
        strstr(figure_problem(&n, DW_E_FORMAT, "SYN-SENT <SEQ=x><CTL=SYN> -->"), "no arrow"));
    assert_non_null(strstr(figure_problem(&n, DW_E_FORMAT, "SYN-SENT --> <SEQ=x><CTL=SIN> -->"),
                           "unknown flag"));
    dw_sim_free(n.sim);
}

static void figure_symbols_and_open_ends(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    const char *start = "SYN-SENT    --> <SEQ=x><CTL=SYN>             --> SYN-RECEIVED\n"
                        "ESTABLISHED <-- <SEQ=y><ACK=x+1><CTL=SYN,ACK> <-- SYN-RECEIVED\n";
    char figure[400];
    snprintf(figure, sizeof figure, "%s   ...\n", start);
    figure_problem(&n, DW_OK, figure);
    assert_non_null(strstr(figure_problem(&n, DW_E_MISMATCH, start), "more happened"));
    snprintf(figure, sizeof figure,
             "SYN-SENT --> <SEQ=x><CTL=SYN> --> SYN-RECEIVED\n"
             "ESTABLISHED <-- <SEQ=y><ACK=x+2><CTL=SYN,ACK> <--\n ...\n");
    assert_non_null(strstr(figure_problem(&n, DW_E_MISMATCH, figure), "event 2: ACK"));
    dw_sim_free(n.sim);
}

static void ladder_lines_fit_the_width(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    for (uint32_t width = 60; width <= 200; width += 20) {
        dw_ladder_config c = {.style = DW_LADDER_ASCII, .width = width};
        char *text = dw_ladder(dw_sim_trace(n.sim), &c);
        for (const char *line = text; *line;) {
            size_t len = strcspn(line, "\n");
            assert_true(len <= width);
            line += len + (line[len] == '\n');
        }
        dw_free(text);
    }
    dw_sim_free(n.sim);
}

static void diff_of_two_runs(void **state)
{
    net a, b;
    char *report = NULL;
    (void)state;
    net_exchange(&a);
    net_exchange(&b);
    assert_int_equal(dw_trace_diff(dw_sim_trace(a.sim), dw_sim_trace(b.sim), 100, &report), DW_OK);
    net_connect(&b, net_hello);
    dw_sim_run(b.sim, DW_TIME_NEVER);
    int status = dw_trace_diff(dw_sim_trace(a.sim), dw_sim_trace(b.sim), 100, &report);
    assert_non_null(strstr(problem(DW_E_MISMATCH, status, report), "(ends here)"));
    dw_sim_free(a.sim);
    dw_sim_free(b.sim);
}

static void options_of_a_host_are_checked(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_node_option(n.client, "tcp", "delayed_ack", "40ms"), DW_OK);
    assert_int_equal(dw_node_option(n.client, "tcp", "delayed_ack", "40"), DW_E_FORMAT);
    assert_int_equal(dw_node_option(n.client, "tcp", "delayed_ack", "1h"), DW_E_INVAL);
    assert_int_equal(dw_node_option(n.client, "tcp", "dealyed_ack", "40ms"), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim),
                        "tcp.dealyed_ack: unknown option; did you mean \"delayed_ack\"?");
    assert_int_equal(dw_node_option(n.client, "tcp", "nagle", "no"), DW_E_FORMAT);
    assert_int_equal(dw_node_option(n.client, "tcp", "rst_check", "rfc739"), DW_E_INVAL);
    assert_int_equal(dw_node_option(n.client, "tcp", "isn", "1,x"), DW_E_FORMAT);
    assert_int_equal(dw_node_option(n.client, "sctp", "isn", "1"), DW_E_NOENT);
    assert_int_equal(dw_sim_option(n.sim, "tcp", "profile", "linux"), DW_OK);
    assert_int_equal(dw_sim_option(n.sim, "tcp", "profile", "plan9"), DW_E_INVAL);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(trace_saved_and_loaded_is_the_same, make_path, remove_path),
        cmocka_unit_test_setup_teardown(trace_damaged_files_are_refused, make_path, remove_path),
        cmocka_unit_test_setup_teardown(trace_with_indices_out_of_order_is_refused, make_path,
                                        remove_path),
        cmocka_unit_test(match_flags_contain_or_equal),
        cmocka_unit_test(trace_packets_match),
        cmocka_unit_test(trace_views_null_and_zero_are_the_default),
        cmocka_unit_test(trace_add_of_an_index_that_is_not_there_is_refused),
        cmocka_unit_test(trace_add_in_order_grows),
        cmocka_unit_test(expect_reports_show_the_first_difference),
        cmocka_unit_test(figure_mistakes_are_named),
        cmocka_unit_test(figure_report_repeats_the_figure),
        cmocka_unit_test(figure_of_257_elements_is_too_long),
        cmocka_unit_test(figure_symbols_and_open_ends),
        cmocka_unit_test(ladder_lines_fit_the_width),
        cmocka_unit_test(diff_of_two_runs),
        cmocka_unit_test(options_of_a_host_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
