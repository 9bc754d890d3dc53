/* Traces from files and programs: an event names only what is there. */
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define HEADER "{\"drywire\":\"0\",\"trace\":1,\"time\":\"ns\"}\n"
#define HOSTS                                                                                      \
    "{\"t\":0,\"ev\":\"node\",\"node\":0,\"name\":\"a\",\"addr\":\"10.0.0.1\"}\n"                  \
    "{\"t\":0,\"ev\":\"node\",\"node\":1,\"name\":\"b\",\"addr\":\"10.0.0.2\"}\n"                  \
    "{\"t\":0,\"ev\":\"link\",\"link\":0,\"ends\":[0,1],\"delay\":[1,1],\"rate\":[0,0]}\n"         \
    "{\"t\":5,\"ev\":\"conn\",\"node\":0,\"conn\":1,\"protocol\":\"tcp\",\"local\":\"10.0.0.1\","  \
    "\"local_port\":1,\"remote\":\"10.0.0.2\",\"remote_port\":2,\"transport\":6}\n"
#define PACKET(type, number) "{\"t\":6,\"ev\":\"" type "\",\"node\":0,\"packet\":" number
#define REST ",\"link\":0,\"direction\":0,\"len\":0,\"head\":\"45\"}\n"
#define END "{\"digest\":\"\",\"events\":0}\n"

/* What reading says of lines after the hosts, a link and a connection; "": they are taken. */
static const char *said(const char *lines)
{
    static char text[4000], why[300];
    dw_trace *trace;
    *why = 0;
    int n = snprintf(text, sizeof text, "%s%s%s", HEADER HOSTS, lines, END);
    FILE *f = fmemopen(text, (size_t)n, "rb");
    assert_non_null(f);
    int status = dw_trace_read(f, "t", false, &trace, why, sizeof why);
    fclose(f);
    if (status == DW_OK)
        dw_trace_free(trace);
    else
        assert_int_equal(status, DW_E_FORMAT);
    return why;
}

#define SAYS(lines, sentence) assert_string_equal(said(lines), sentence)

static void trace_check_whole_lines_are_taken(void **state)
{
    (void)state;
    SAYS("", "");
    SAYS(PACKET("sent", "1") REST PACKET("delivered", "1") REST, "");
    SAYS(PACKET("sent", "2") REST PACKET("sent", "1") REST, ""); /* as in an import */
    SAYS("{\"t\":6,\"ev\":\"state\",\"node\":0,\"conn\":1,\"state\":{\"from\":\"A\",\"to\":\"B\"}}"
         "\n",
         "");
    SAYS("{\"t\":6,\"ev\":\"node\",\"node\":1,\"name\":\"b\",\"addr\":\"::2\"}\n", "");
}

static void trace_check_what_is_not_there_is_refused(void **state)
{
    (void)state;
    SAYS("{\"t\":6,\"ev\":\"state\",\"node\":0,\"conn\":60000000,\"state\":{\"from\":\"A\",\"to\":"
         "\"B\"}}\n",
         "t:6: there is no connection 60000000 yet");
    SAYS("{\"t\":6,\"ev\":\"state\",\"node\":0,\"state\":{\"from\":\"A\",\"to\":\"B\"}}\n",
         "t:6: a state of no connection");
    SAYS("{\"t\":6,\"ev\":\"state\",\"conn\":1,\"state\":{\"from\":\"A\",\"to\":\"B\"}}\n",
         "t:6: a connection at no host");
    SAYS("{\"t\":6,\"ev\":\"note\",\"node\":7,\"text\":\"\"}\n", "t:6: there is no host 7 yet");
    SAYS("{\"t\":6,\"ev\":\"node\",\"node\":7,\"name\":\"c\",\"addr\":\"-\"}\n",
         "t:6: there is no host 7 yet");
    SAYS("{\"t\":6,\"ev\":\"link\",\"link\":9,\"ends\":[0,1],\"delay\":[1,1],\"rate\":[0,0]}\n",
         "t:6: there is no link 9 yet");
    SAYS("{\"t\":6,\"ev\":\"link\",\"link\":1,\"ends\":[0,2],\"delay\":[1,1],\"rate\":[0,0]}\n",
         "t:6: there is no host 2 yet");
    SAYS("{\"t\":6,\"ev\":\"conn\",\"node\":0,\"conn\":3,\"protocol\":\"tcp\",\"local\":\"-\","
         "\"remote\":\"-\"}\n",
         "t:6: the next connection has number 2, not 3");
}

static void trace_check_packets_are_bounded_by_the_file(void **state)
{
    (void)state;
    SAYS(PACKET("sent", "50000000") REST,
         "t:6: there cannot be a packet 50000000: no more than 1 were sent");
    SAYS(PACKET("sent", "5000000000") REST, "t:6: no packet can have number 5000000000");
    SAYS(PACKET("sent", "0") REST, "t:6: no packet can have number 0");
    SAYS(PACKET("delivered", "1") REST, "t:6: there is no packet 1 yet");
    SAYS(PACKET("duplicated", "1") ",\"other\":8" REST,
         "t:6: a copy of packet 8, which is not there");
    SAYS(PACKET("sent", "1") ",\"checksum\":[0,9]" REST, "t:6: a checksum outside of the header");
    SAYS(PACKET("sent", "1") ",\"payload\":[\"0011\"]" REST,
         "t:6: more data than the packet is long");
    SAYS(PACKET("sent", "1") ",\"payload\":[{\"seed\":\"0000000000000001\",\"offset\":0,\"len\":"
                             "70000}]" REST,
         "t:6: field \"len\" is missing or out of range");
}

static void trace_check_fields_are_in_range(void **state)
{
    (void)state;
    SAYS("{\"t\":4,\"ev\":\"note\",\"text\":\"\"}\n",
         "t:6: a time before that of the event in front of it");
    SAYS("{\"ev\":\"note\",\"text\":\"\"}\n", "t:6: a time before the beginning");
    SAYS("{\"t\":-1,\"ev\":\"note\",\"text\":\"\"}\n",
         "t:6: field \"t\" is missing or out of range");
    SAYS("{\"t\":1e9,\"ev\":\"note\",\"text\":\"\"}\n",
         "t:6: field \"t\" is missing or out of range");
    SAYS("{\"t\":6,\"ev\":\"note\"}\n", "t:6: field \"text\" is missing or out of range");
    SAYS("{\"t\":6,\"ev\":\"nothing\"}\n", "t:6: field \"ev\" is missing or out of range");
    SAYS("{\"t\":6,\"ev\":\"conn\",\"node\":0,\"conn\":2,\"protocol\":\"tcp\",\"local\":\"-\","
         "\"remote\":\"-\",\"local_port\":70000}\n",
         "t:6: field \"local_port\" is missing or out of range");
    SAYS("{\"t\":6,\"ev\":\"conn\",\"node\":0,\"conn\":2,\"protocol\":\"tcp\",\"local\":\"1.2\","
         "\"remote\":\"-\"}\n",
         "t:6: field \"local\" is missing or out of range");
    SAYS(PACKET("sent", "1") ",\"direction\":2,\"head\":\"45\"}\n",
         "t:6: field \"direction\" is missing or out of range");
    SAYS("[1]\n", "t:6: not a JSON object (was the file cut short?)");
}

/* The same rules for a program that makes a trace. */
static void trace_check_dw_trace_add_refuses(void **state)
{
    (void)state;
    dw_trace *trace;
    dw_trace_event e = {.type = DW_TRACE_STATE, .link = UINT32_MAX, .u.state = {"A", "B"}};
    assert_int_equal(dw_trace_begin(&trace), DW_OK);
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_NODE, .link = UINT32_MAX, .u.node = {"a", {0}}};
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e.node = 2;
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_NOTE, .link = UINT32_MAX};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_TYPES, .link = UINT32_MAX};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    assert_int_equal(dw_trace_count(trace), 1);
    dw_trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_check_whole_lines_are_taken),
        cmocka_unit_test(trace_check_what_is_not_there_is_refused),
        cmocka_unit_test(trace_check_packets_are_bounded_by_the_file),
        cmocka_unit_test(trace_check_fields_are_in_range),
        cmocka_unit_test(trace_check_dw_trace_add_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
