/* lua/import/connections.c: which segments belong together, and what they are counted as. */
#include "import/connections.h"
#include "test.h"

#include <string.h>

enum { SYN = FLAG_SYN, ACK = FLAG_ACK, FIN = FLAG_FIN, RST = FLAG_RST };

typedef struct capture_state {
    conn_table t;
    dw_time now;
} capture_state;

typedef struct seg {
    int from; /* 0: 192.0.2.1:40000, 1: 192.0.2.2:80 */
    uint32_t flags, seq, ack, len;
    uint16_t window;
    dw_time after; /* ns since the one before; 0: 1 ms */
    uint16_t file;
} seg;

/* Its connection's number. */
static uint32_t take(capture_state *s, seg g)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", NULL};
    s->now += g.after ? g.after : DW_MILLISECOND;
    dw_addr addr[2] = {dw_addr_v4(0xc0000201), dw_addr_v4(0xc0000202)};
    uint16_t port[2] = {40000, 80};
    captured p = {.at = s->now, .file = g.file, .len = 40 + g.len, .have = 40 + g.len};
    p.d = (dw_dissection){.src = addr[g.from],
                          .dst = addr[!g.from],
                          .sport = port[g.from],
                          .dport = port[!g.from],
                          .transport = 6,
                          .flags = g.flags,
                          .seq = g.seq,
                          .ack = g.ack,
                          .len = g.len,
                          .window = g.window ? g.window : 65535,
                          .flag_names = names};
    assert_true(conn_take(&s->t, &p));
    return p.conn;
}

/* Number 1: client's ISN 100, server's 500. */
static capture_state established(void)
{
    capture_state s = {0};
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100}), 1);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = SYN | ACK, .seq = 500, .ack = 101}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = ACK, .seq = 101, .ack = 501}), 1);
    return s;
}

static capture_state closed(void)
{
    capture_state s = established();
    take(&s, (seg){.from = 0, .flags = FIN | ACK, .seq = 101, .ack = 501});
    take(&s, (seg){.from = 1, .flags = FIN | ACK, .seq = 501, .ack = 102});
    take(&s, (seg){.from = 0, .flags = ACK, .seq = 102, .ack = 502});
    assert_true(s.t.conns[0].ended);
    return s;
}

static void connections_closed_new_syn_begins_another(void **state)
{
    (void)state;
    capture_state s = closed();
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 9000}), 2);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = SYN | ACK, .seq = 700, .ack = 9001}), 2);
    assert_int_equal(s.t.conns[1].nth, 1);
    assert_int_equal(s.t.conns[1].before, 1);
    conn_table_free(&s.t);
}

/* RFC 6191: a number in the old window is as good. */
static void connections_closed_new_syn_in_old_window_begins_another(void **state)
{
    (void)state;
    capture_state s = closed();
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 150}), 2);
    conn_table_free(&s.t);
}

static void connections_syn_repeated_is_the_same(void **state)
{
    (void)state;
    capture_state s = {0};
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100, .after = 40 * DW_SECOND}),
                     1);
    assert_int_equal(s.t.conns[0].stall, 40 * DW_SECOND);
    conn_table_free(&s.t);
}

static void connections_unanswered_syn_with_another_number_begins_another(void **state)
{
    (void)state;
    capture_state s = {0};
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 7000}), 2);
    conn_table_free(&s.t);
}

/* RFC 9293 figure 9: the host has been started anew. */
static void connections_established_syn_is_the_same_until_the_reset(void **state)
{
    (void)state;
    capture_state s = established();
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 400000000}), 1);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = ACK, .seq = 501, .ack = 101}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = RST, .seq = 101}), 1);
    assert_true(s.t.conns[0].ended);
    conn_table_free(&s.t);
}

static void connections_established_silent_then_syn_begins_another(void **state)
{
    (void)state;
    capture_state s = established();
    assert_int_equal(
        take(&s, (seg){.from = 0, .flags = SYN, .seq = 400000000, .after = 31 * DW_SECOND}), 2);
    conn_table_free(&s.t);
}

static void connections_simultaneous_open_is_one(void **state)
{
    (void)state;
    capture_state s = {0};
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100}), 1);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = SYN, .seq = 500}), 1);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = SYN | ACK, .seq = 500, .ack = 101}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN | ACK, .seq = 100, .ack = 501}), 1);
    assert_false(s.t.conns[0].ended);
    conn_table_free(&s.t);
}

static void connections_established_far_reset_ends_nothing(void **state)
{
    (void)state;
    capture_state s = established();
    take(&s, (seg){.from = 1, .flags = RST, .seq = 895000});
    assert_false(s.t.conns[0].ended);
    assert_int_equal(s.t.conns[0].end[1].resets, 1);
    take(&s, (seg){.from = 1, .flags = RST, .seq = 501});
    assert_true(s.t.conns[0].ended);
    conn_table_free(&s.t);
}

/* The smaller port is the server's, until a SYN says otherwise. */
static void connections_without_syn_ports_tell_then_a_syn_does(void **state)
{
    (void)state;
    capture_state s = {0};
    take(&s, (seg){.from = 1, .flags = ACK, .seq = 501, .ack = 101});
    assert_int_equal(s.t.conns[0].port[0], 40000);
    assert_false(s.t.conns[0].syn);
    assert_int_equal(take(&s, (seg){.from = 1, .flags = SYN, .seq = 500}), 1);
    assert_int_equal(s.t.conns[0].port[0], 80);
    assert_int_equal(s.t.conns[0].end[0].packets, 2);
    conn_table_free(&s.t);
}

static void connections_established_data_twice_is_counted(void **state)
{
    (void)state;
    capture_state s = established();
    take(&s, (seg){.from = 0, .flags = ACK, .seq = 101, .ack = 501, .len = 100});
    take(&s, (seg){.from = 1, .flags = ACK, .seq = 501, .ack = 101});
    take(&s, (seg){.from = 1, .flags = ACK, .seq = 501, .ack = 101});
    take(
        &s,
        (seg){.from = 0, .flags = ACK, .seq = 151, .ack = 501, .len = 100, .after = 3 * DW_SECOND});
    const captured_conn *k = &s.t.conns[0];
    assert_int_equal(k->end[0].retransmits, 1);
    assert_int_equal(k->end[0].retransmitted, 50);
    assert_int_equal(k->end[1].dup_acks, 2);
    assert_int_equal(k->stall, 3 * DW_SECOND);
    assert_true(conn_trouble(k) > 0);
    conn_table_free(&s.t);
}

/* RFC 9293 3.8.4: one octet below what was sent asks whether the peer lives. */
static void connections_established_keepalive_is_no_retransmission(void **state)
{
    (void)state;
    capture_state s = established();
    take(&s, (seg){.from = 0, .flags = ACK, .seq = 101, .ack = 501, .len = 100});
    take(&s, (seg){.from = 1, .flags = ACK, .seq = 501, .ack = 201});
    take(&s,
         (seg){.from = 0, .flags = ACK, .seq = 200, .ack = 501, .len = 1, .after = 60 * DW_SECOND});
    assert_int_equal(s.t.conns[0].end[0].retransmits, 0);
    assert_int_equal(s.t.conns[0].stall, 0);
    conn_table_free(&s.t);
}

/* A second file has both connections of the same ports again, by their initial numbers. */
static void connections_second_file_finds_those_of_the_first(void **state)
{
    (void)state;
    capture_state s = closed();
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 9000}), 2);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 100, .file = 1}), 1);
    assert_int_equal(
        take(&s, (seg){.from = 1, .flags = SYN | ACK, .seq = 500, .ack = 101, .file = 1}), 1);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 9000, .file = 1}), 2);
    assert_int_equal(take(&s, (seg){.from = 0, .flags = SYN, .seq = 20000, .file = 1}), 3);
    assert_int_equal(s.t.conns[0].in_files, 3);
    assert_int_equal(s.t.conns[0].packets, 6);
    conn_table_free(&s.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_closed_new_syn_begins_another),
        cmocka_unit_test(connections_closed_new_syn_in_old_window_begins_another),
        cmocka_unit_test(connections_syn_repeated_is_the_same),
        cmocka_unit_test(connections_unanswered_syn_with_another_number_begins_another),
        cmocka_unit_test(connections_established_syn_is_the_same_until_the_reset),
        cmocka_unit_test(connections_established_silent_then_syn_begins_another),
        cmocka_unit_test(connections_simultaneous_open_is_one),
        cmocka_unit_test(connections_established_far_reset_ends_nothing),
        cmocka_unit_test(connections_without_syn_ports_tell_then_a_syn_does),
        cmocka_unit_test(connections_established_data_twice_is_counted),
        cmocka_unit_test(connections_established_keepalive_is_no_retransmission),
        cmocka_unit_test(connections_second_file_finds_those_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
