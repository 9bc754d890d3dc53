/* Traces from files and programs: an event names only what is there. */
#include "trace/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    SAYS(PACKET("sent", "50000000") REST, ""); /* a frame's number in a capture */
    SAYS(PACKET("sent", "5000000000") REST, "t:6: no packet can have number 5000000000");
    SAYS(PACKET("sent", "0") REST, "t:6: no packet can have number 0");
    SAYS(PACKET("delivered", "1") REST, "t:6: there is no packet 1 yet");
    SAYS(PACKET("sent", "1") REST PACKET("unknown", "1") ",\"other\":5000000000" REST,
         "t:7: no packet can have number 5000000000");
    SAYS(PACKET("sent", "1") REST PACKET("delivered", "1") ",\"certainty\":\"sure\"" REST,
         "t:7: field \"certainty\" is missing or out of range");
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
    e = (dw_trace_event){.type = DW_TRACE_NODE, .link = UINT32_MAX, .u.node = {NULL, {0}}};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e.u.node.name = "a";
    e.u.node.addr.family = 5; /* of no network layer */
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e.u.node.addr.family = 0;
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e.node = 2;
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_NOTE, .link = UINT32_MAX};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_TYPES, .link = UINT32_MAX};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    e = (dw_trace_event){.type = DW_TRACE_NOTE, .certainty = DW_CERTAINTIES, .u.note = {"x"}};
    assert_int_equal(dw_trace_add(trace, &e), DW_E_INVAL);
    assert_int_equal(dw_trace_count(trace), 1);
    assert_non_null(dw_trace_at(trace, 0));
    assert_null(dw_trace_at(trace, 1));
    assert_null(dw_trace_at(trace, SIZE_MAX));
    dw_trace_free(trace);
}

/* A trace of two hosts, a link and a connection, saved and loaded again. */
static int saved_and_loaded(const dw_trace_event *last, int *added)
{
    char path[] = "/tmp/drywire-trace-XXXXXX", why[300];
    dw_trace *trace, *loaded;
    dw_trace_event e = {.type = DW_TRACE_NODE, .link = UINT32_MAX, .u.node = {"a", {0}}};
    assert_int_equal(dw_trace_begin(&trace), DW_OK);
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e.node = 1;
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e = (dw_trace_event){.type = DW_TRACE_LINK, .node = UINT32_MAX, .u.link = {.b = 1}};
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e = (dw_trace_event){.type = DW_TRACE_CONN, .conn = 1, .u.conn = {.protocol = "tcp"}};
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    e = (dw_trace_event){.type = DW_TRACE_SENT, .packet = 1};
    assert_int_equal(dw_trace_add(trace, &e), DW_OK);
    *added = dw_trace_add(trace, last);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(dw_trace_save(trace, path, why, sizeof why), DW_OK);
    int status = dw_trace_load(path, &loaded, why, sizeof why);
    unlink(path);
    if (status == DW_OK) dw_trace_free(loaded);
    dw_trace_free(trace);
    return status;
}

/* What is taken can be read again; what could not be is refused. */
static void trace_check_what_is_added_can_be_loaded(void **state)
{
    static const dw_cause bad_cause = {"\xff", NULL, NULL};
    const dw_trace_event taken[] = {
        {.type = DW_TRACE_NOTE, .packet = 7, .direction = 1, .u.note = {"\xff\n"}},
        {.type = DW_TRACE_STATE, .conn = 1, .direction = 1, .u.state = {"A\n", "B"}},
        {.type = DW_TRACE_QUEUED, .packet = 1, .u.packet = {.other = INT64_MAX}},
        {.type = DW_TRACE_VARIABLE, .u.variable = {"x", INT64_MIN}},
        {.type = DW_TRACE_TIMER_SET, .u.timer = {"t", INT64_MIN}},
        {.type = DW_TRACE_LINK, .packet = 3, .u.link = {.rate = {INT64_MAX, 1}, .b = 1}},
        {.type = DW_TRACE_NOTE, .cause = &bad_cause, .u.note = {"x"}},
        {.type = DW_TRACE_STATE, .conn = 1, .u.state = {"A", "\xff"}},
        {.type = DW_TRACE_VARIABLE, .u.variable = {"\xff", 1}},
        {.type = DW_TRACE_TIMER_FIRED, .u.timer = {"\xff", 1}},
        {.type = DW_TRACE_CALL, .u.call = {.name = "\xff", .detail = ""}},
        {.type = DW_TRACE_CONN, .conn = 2, .u.conn = {.protocol = "\xff"}},
    };
    const dw_trace_event refused[] = {
        {.type = DW_TRACE_CONN, .conn = 2, .u.conn = {.protocol = "x", .flow.local.family = 9}},
        {.type = DW_TRACE_NODE, .node = 2, .u.node = {"c", {.family = 4, .word = {1, 2}}}},
        {.type = DW_TRACE_QUEUED, .packet = 1, .u.packet = {.other = UINT64_MAX}},
        {.type = DW_TRACE_LINK, .u.link = {.rate = {UINT64_MAX, 1}, .b = 1}},
    };
    int added;
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        assert_int_equal(saved_and_loaded(&taken[i], &added), DW_OK);
        assert_int_equal(added, DW_OK);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(saved_and_loaded(&refused[i], &added), DW_OK);
        assert_int_equal(added, DW_E_INVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_check_whole_lines_are_taken),
        cmocka_unit_test(trace_check_what_is_not_there_is_refused),
        cmocka_unit_test(trace_check_packets_are_bounded_by_the_file),
        cmocka_unit_test(trace_check_fields_are_in_range),
        cmocka_unit_test(trace_check_dw_trace_add_refuses),
        cmocka_unit_test(trace_check_what_is_added_can_be_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
