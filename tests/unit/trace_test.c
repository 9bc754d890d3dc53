/* core/trace.c, digest.c, jsonl.c, pcapng.c, match.c, option.c, expect.c, figure.c, ladder.c. */
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
    dw_ladder_config c = {.left = -1, .right = -1};
    char *a = dw_ladder(trace, &c), *b = dw_ladder(loaded, &c);
    assert_string_equal(a, b);
    dw_free(a);
    dw_free(b);
    assert_int_equal(dw_trace_pcapng(loaded, path, -1, why, sizeof why), DW_OK);
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

static uint64_t count(const net *n, const char *flags, int8_t has_data, int32_t from)
{
    dw_match m;
    char why[100];
    dw_packet_view *views;
    size_t found;
    dw_match_any(&m);
    if (flags) dw_match_flags(&m, flags, why, sizeof why);
    m.has_data = has_data;
    m.from = from;
    dw_trace_packets(dw_sim_trace(n->sim), &m, &views, &found);
    dw_free(views);
    return found;
}

static void trace_packets_match(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    assert_int_equal(count(&n, "SYN", -1, -1), 2);
    assert_int_equal(count(&n, "=SYN", -1, -1), 1);
    assert_int_equal(count(&n, NULL, 1, -1), 1);
    assert_int_equal(count(&n, "FIN", -1, 1), 1);
    assert_int_equal(count(&n, "RST", -1, -1), 0);
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
    status = dw_expect_stays(t, 1, "TIME-WAIT", 5 * DW_MINUTE, &report);
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
        dw_ladder_config c = {.style = DW_LADDER_ASCII, .left = -1, .right = -1, .width = width};
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
        cmocka_unit_test(match_flags_contain_or_equal),
        cmocka_unit_test(trace_packets_match),
        cmocka_unit_test(expect_reports_show_the_first_difference),
        cmocka_unit_test(figure_mistakes_are_named),
        cmocka_unit_test(figure_symbols_and_open_ends),
        cmocka_unit_test(ladder_lines_fit_the_width),
        cmocka_unit_test(diff_of_two_runs),
        cmocka_unit_test(options_of_a_host_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
