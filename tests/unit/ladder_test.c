/* core/view/ladder.c, sequence.c and what is under them: one exchange in each style, whole. */
#include "net.h"

/* The client closes after "hello"; RFC 9293's figures 6 and 12 (A closes first) have the states. */
static void ladder_is(bool calls, enum dw_ladder_style style, const char *expected)
{
    const dw_picture picture = {.calls = calls ? DW_YES : DW_NO, .packets = DW_NO};
    const dw_ladder_config config = {.style = style, .width = 78, .picture = &picture};
    net n;
    net_exchange(&n);
    char *text = dw_ladder(dw_sim_trace(n.sim), &config);
    assert_non_null(text);
    assert_string_equal(text, expected);
    dw_free(text);
    dw_sim_free(n.sim);
}

/* clang-format off */
static const char ascii[] =
    "                          client                           server\n"
    "                   CLOSED |                                     | LISTEN\n"
    "   0.000000      SYN-SENT |-- SYN seq=0 ----------------.       |\n"
    "   0.020000               |                             '------>| SYN-RECEIVED\n"
    "   0.020000               |       .------ SYN,ACK seq=0 ack=1 --| SYN-RECEIVED\n"
    "   0.040000   ESTABLISHED |<------'                             |\n"
    "   0.040000   ESTABLISHED |-- ACK seq=1 ack=1 ----------.       |\n"
    "   0.040000   ESTABLISHED |-- PSH,ACK seq=1 len=5 ----. |       |\n"
    "   0.040000    FIN-WAIT-1 |-- FIN,ACK seq=6 ack=1 --. | |       |\n"
    "   0.060000               |                         | | '------>| ESTABLISHED\n"
    "   0.060000               |                         | '-------->| ESTABLISHED\n"
    "   0.060000               |                         '---------->| CLOSE-WAIT\n"
    "   0.060000               |       .---------- ACK seq=1 ack=7 --| CLOSE-WAIT\n"
    "   0.060000               |       | .---- FIN,ACK seq=1 ack=7 --| LAST-ACK\n"
    "   0.080000    FIN-WAIT-2 |<------' |                           |\n"
    "   0.080000     TIME-WAIT |<--------'                           |\n"
    "   0.080000     TIME-WAIT |-- ACK seq=7 ack=2 ----------.       |\n"
    "   0.100000               |                             '------>| CLOSED\n"
    "                          :              : 239.98s              :\n"
    " 240.080000        CLOSED | (time-wait-over)                    |\n";
static const char ascii_with_calls[] =
    "                          client                           server\n"
    "                   CLOSED |                                     | LISTEN\n"
    "   0.000000               |                            (listen) | LISTEN\n"
    "   0.000000        CLOSED | (connect)                           |\n"
    "   0.000000      SYN-SENT |-- SYN seq=0 ----------------.       |\n"
    "   0.020000               |                             '------>| SYN-RECEIVED\n"
    "   0.020000               |       .------ SYN,ACK seq=0 ack=1 --| SYN-RECEIVED\n"
    "   0.040000   ESTABLISHED |<------'                             |\n"
    "   0.040000   ESTABLISHED |-- ACK seq=1 ack=1 ----------.       |\n"
    "   0.040000   ESTABLISHED |-- PSH,ACK seq=1 len=5 ----. |       |\n"
    "   0.040000   ESTABLISHED | (close)                   | |       |\n"
    "   0.040000    FIN-WAIT-1 |-- FIN,ACK seq=6 ack=1 --. | |       |\n"
    "   0.060000               |                         | | '------>| ESTABLISHED\n"
    "   0.060000               |                         | '-------->| ESTABLISHED\n"
    "   0.060000               |                         '---------->| CLOSE-WAIT\n"
    "   0.060000               |       .---------- ACK seq=1 ack=7 --| CLOSE-WAIT\n"
    "   0.060000               |       |                    (accept) | CLOSE-WAIT\n"
    "   0.060000               |       |                     (close) | CLOSE-WAIT\n"
    "   0.060000               |       | .---- FIN,ACK seq=1 ack=7 --| LAST-ACK\n"
    "   0.080000    FIN-WAIT-2 |<------' |                           |\n"
    "   0.080000     TIME-WAIT |<--------'                           |\n"
    "   0.080000     TIME-WAIT |-- ACK seq=7 ack=2 ----------.       |\n"
    "   0.100000               |                             '------>| CLOSED\n"
    "                          :              : 239.98s              :\n"
    " 240.080000        CLOSED | (time-wait-over)                    |\n";
static const char mermaid[] =
    "sequenceDiagram\n"
    "    participant A as client\n"
    "    participant B as server\n"
    "    Note over A: CLOSED\n"
    "    Note over B: LISTEN\n"
    "    Note over A: SYN-SENT\n"
    "    A->>B: SYN seq=0\n"
    "    Note over B: SYN-RECEIVED\n"
    "    B->>A: SYN,ACK seq=0 ack=1\n"
    "    Note over A: ESTABLISHED\n"
    "    A->>B: ACK seq=1 ack=1\n"
    "    Note over B: ESTABLISHED\n"
    "    A->>B: PSH,ACK seq=1 ack=1 len=5\n"
    "    Note over A: FIN-WAIT-1\n"
    "    A->>B: FIN,ACK seq=6 ack=1\n"
    "    Note over B: CLOSE-WAIT\n"
    "    B->>A: ACK seq=1 ack=7\n"
    "    Note over A: FIN-WAIT-2\n"
    "    Note over B: LAST-ACK\n"
    "    B->>A: FIN,ACK seq=1 ack=7\n"
    "    Note over A: TIME-WAIT\n"
    "    A->>B: ACK seq=7 ack=2\n"
    "    Note over B: CLOSED\n"
    "    Note over A,B: 239.98s later\n"
    "    Note over A: CLOSED\n";
static const char plantuml[] =
    "@startuml\n"
    "hide footbox\n"
    "participant \"client\" as A\n"
    "participant \"server\" as B\n"
    "hnote over A : CLOSED\n"
    "hnote over B : LISTEN\n"
    "hnote over A : SYN-SENT\n"
    "A -> B : SYN seq=0\n"
    "hnote over B : SYN-RECEIVED\n"
    "B -> A : SYN,ACK seq=0 ack=1\n"
    "hnote over A : ESTABLISHED\n"
    "A -> B : ACK seq=1 ack=1\n"
    "hnote over B : ESTABLISHED\n"
    "A -> B : PSH,ACK seq=1 ack=1 len=5\n"
    "hnote over A : FIN-WAIT-1\n"
    "A -> B : FIN,ACK seq=6 ack=1\n"
    "hnote over B : CLOSE-WAIT\n"
    "B -> A : ACK seq=1 ack=7\n"
    "hnote over A : FIN-WAIT-2\n"
    "hnote over B : LAST-ACK\n"
    "B -> A : FIN,ACK seq=1 ack=7\n"
    "hnote over A : TIME-WAIT\n"
    "A -> B : ACK seq=7 ack=2\n"
    "hnote over B : CLOSED\n"
    "... 239.98s later ...\n"
    "hnote over A : CLOSED\n"
    "@enduml\n";
static const char mscgen[] =
    "msc {\n"
    "  A [label=\"client\"], B [label=\"server\"];\n"
    "  A abox A [label=\"CLOSED\"];\n"
    "  B abox B [label=\"LISTEN\"];\n"
    "  A abox A [label=\"SYN-SENT\"];\n"
    "  A => B [label=\"SYN seq=0\"];\n"
    "  B abox B [label=\"SYN-RECEIVED\"];\n"
    "  B => A [label=\"SYN,ACK seq=0 ack=1\"];\n"
    "  A abox A [label=\"ESTABLISHED\"];\n"
    "  A => B [label=\"ACK seq=1 ack=1\"];\n"
    "  B abox B [label=\"ESTABLISHED\"];\n"
    "  A => B [label=\"PSH,ACK seq=1 ack=1 len=5\"];\n"
    "  A abox A [label=\"FIN-WAIT-1\"];\n"
    "  A => B [label=\"FIN,ACK seq=6 ack=1\"];\n"
    "  B abox B [label=\"CLOSE-WAIT\"];\n"
    "  B => A [label=\"ACK seq=1 ack=7\"];\n"
    "  A abox A [label=\"FIN-WAIT-2\"];\n"
    "  B abox B [label=\"LAST-ACK\"];\n"
    "  B => A [label=\"FIN,ACK seq=1 ack=7\"];\n"
    "  A abox A [label=\"TIME-WAIT\"];\n"
    "  A => B [label=\"ACK seq=7 ack=2\"];\n"
    "  B abox B [label=\"CLOSED\"];\n"
    "  ... [label=\"239.98s later\"];\n"
    "  A abox A [label=\"CLOSED\"];\n"
    "}\n";
/* clang-format on */

static void ladder_of_an_exchange_in_ascii(void **state)
{
    (void)state;
    ladder_is(false, DW_LADDER_ASCII, ascii);
    ladder_is(true, DW_LADDER_ASCII, ascii_with_calls);
}

static void ladder_of_an_exchange_for_other_programs(void **state)
{
    (void)state;
    ladder_is(false, DW_LADDER_MERMAID, mermaid);
    ladder_is(false, DW_LADDER_PLANTUML, plantuml);
    ladder_is(false, DW_LADDER_MSCGEN, mscgen);
}

/* The stroke of a segment that is lost begins at its sender's line, and ends with a cross. */
static void ladder_lost_segment_leaves_its_sender(void **state)
{
    const dw_ladder_config config = {.style = DW_LADDER_UNICODE, .width = 70};
    net n;
    dw_match second = DW_INIT(dw_match);
    dw_rule_config drop = DW_INIT(dw_rule_config);
    (void)state;
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    second.packet = 2;
    drop.match = &second;
    drop.action = DW_ACTION_DROP;
    assert_int_equal(dw_link_rule(n.link, &drop, NULL), DW_OK);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    char *text = dw_ladder(dw_sim_trace(n.sim), &config);
    assert_non_null(text);
    assert_non_null(strstr(text, "   0.020000               │ ✗─ #2 SYN,ACK seq=0 ack=1 "
                                 "──┤ SYN-RECEIVED\n"
                                 "   0.020000               │                      "
                                 "(lost) │\n"));
    dw_free(text);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ladder_of_an_exchange_in_ascii),
        cmocka_unit_test(ladder_lost_segment_leaves_its_sender),
        cmocka_unit_test(ladder_of_an_exchange_for_other_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
