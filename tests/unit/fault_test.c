/* Planned faults: how they are written, and in which order packets then arrive. */
#include "../support/net.h"

#include <drywire/fault.h>
#include <inttypes.h>

static const char *parsed(const char *text)
{
    static char buf[200];
    dw_fault faults[DW_FAULTS_MOST];
    size_t count;
    if (dw_faults_parse(text, faults, DW_FAULTS_MOST, &count, buf, sizeof buf) != DW_OK)
        return "refused";
    return dw_faults_format(faults, count, buf, sizeof buf);
}

static void fault_text_is_read_and_written(void **state)
{
    static const char *const good[] = {
        "1d",        "3d,4t,7x", "9h2",  "9h2-,1d",  "18446744073709551614t",
        "3o1,4q,5l", "5l2",      "2@5c", "2@5c3,5d", "1@7k,1@8s,1@9a",
        "2@4r1",     "3h"};
    static const char *const bad[] = {
        "1",      "d",     "0d",       "1y",  "1h-",   "1h0",      "1d,",          ",1d",
        "1d,,2d", "1 d",   "1d,2t,1x", "-1d", "+1d",   "1h2+",     "1h4294967296", "1D",
        "2@5d",   "5c",    "5k",       "2@c", "@5c",   "0@5c",     "2@0c",         "1o",
        "1d2",    "2@5k1", "2@5r",     "1q1", "2@5c-", "2@5c,2@5k"};
    (void)state;
    assert_string_equal(parsed(""), "");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(parsed(good[i]), good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(parsed(bad[i]), "refused");
}

/* The packets of a run in which four leave at once, ten milliseconds apart, in the order in which
 * the server meets them. */
static const char *arrivals(const char *text)
{
    static char out[100];
    net n;
    dw_fault faults[4];
    size_t count;
    char why[200];
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    assert_int_equal(dw_faults_parse(text, faults, 4, &count, why, sizeof why), DW_OK);
    assert_int_equal(dw_sim_plan(n.sim, faults, count), DW_OK);
    net_pour(&n, 4);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    const dw_trace *t = dw_sim_trace(n.sim);
    size_t at = 0;
    out[0] = 0;
    for (size_t k = 0; k < dw_trace_count(t); k++) {
        const dw_trace_event *e = dw_trace_at(t, k);
        if (e->type != DW_TRACE_DELIVERED || e->node != dw_node_index(n.server)) continue;
        at += (size_t)snprintf(out + at, sizeof out - at, "%" PRIu64 " ", e->packet);
    }
    dw_sim_free(n.sim);
    return out;
}

static void fault_strikes_where_the_plan_says(void **state)
{
    (void)state;
    assert_string_equal(arrivals(""), "1 2 3 4 ");
    assert_string_equal(arrivals("2d"), "1 3 4 ");
    assert_string_equal(arrivals("1h1-"), "1 2 3 4 ");
    assert_string_equal(arrivals("1h1"), "2 1 3 4 ");
    assert_string_equal(arrivals("1h2-"), "2 1 3 4 ");
    assert_string_equal(arrivals("1h2"), "2 3 1 4 ");
    assert_string_equal(arrivals("1h"), "2 3 4 1 ");
    assert_string_equal(arrivals("1h3"), "2 3 4 1 ");
    assert_string_equal(arrivals("1h99"), "2 3 4 1 ");
    assert_string_equal(arrivals("1d,2h1,4d"), "3 2 ");
    /* An old one again: 3 behind it keeps its number, the copy has 5. */
    assert_string_equal(arrivals("3o1"), "1 2 5 3 4 ");
    assert_string_equal(arrivals("3o2"), "1 2 5 3 4 ");
    assert_string_equal(arrivals("3o3"), "1 2 3 4 ");
    assert_string_equal(arrivals("3q"), "1 2 4 ");
    assert_string_equal(arrivals("2l"), "1 "); /* with what is under way */
    assert_string_equal(arrivals("2@3c"), "1 2 3 4 ");
    assert_string_equal(arrivals("2@2c1"), "1 3 4 ");
    assert_string_equal(arrivals("2@2c2"), "1 4 ");
    /* Two that are held up: the one that waits for the other counts it as an arrival. */
    assert_string_equal(arrivals("1h2,2h1"), "3 2 1 4 ");
    assert_string_equal(arrivals("1h1,2h1"), "3 1 2 4 ");
    assert_string_equal(arrivals("1h3,2h2"), "3 4 2 1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_text_is_read_and_written),
        cmocka_unit_test(fault_strikes_where_the_plan_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
