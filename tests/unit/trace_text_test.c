/* core/trace/trace_text.c: events in sentences. */
#include "net.h"

/* The explanation of the nth event of that type that is at a host. */
static void explains(dw_trace *trace, enum dw_trace_type type, int nth, const char *expected)
{
    char text[1000];
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != type || nth-- > 1) continue;
        assert_string_equal(dw_trace_explain(trace, e, text, sizeof text), expected);
        return;
    }
    fail();
}

static void trace_text_what_happened_and_why(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    dw_trace *trace = dw_sim_trace(n.sim);
    explains(trace, DW_TRACE_STATE, 1,
             "0.000000 s: client goes from CLOSED to SYN-SENT, because the user opened the "
             "connection (active-open; RFC 9293 3.10.1).");
    explains(trace, DW_TRACE_SENT, 1,
             "0.000000 s: client sends tcp #1 (SYN seq=0), because the user opened the "
             "connection (active-open; RFC 9293 3.10.1).");
    explains(
        trace, DW_TRACE_TIMER_SET, 1,
        "0.000000 s: client sets the retransmission timer for 1.000000 s, because the user opened "
        "the connection (active-open; RFC 9293 3.10.1).");
    explains(trace, DW_TRACE_CALL, 1, "");
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trace_text_what_happened_and_why)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
