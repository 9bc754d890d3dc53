/* The fingerprint of a connection is complete: each octet of what TCP keeps is changed, and makes
 * another one, unless it is named here, with the reason.  So what is added later has to be decided
 * about: it fails this test until it is mixed in, or named. */
#include "net.h"

#include "tcp/tcp_accecn.h"
#include "tcp/tcp_listen.h"
#include "tcp/tcp_scoreboard.h"
#include "tcp/tcp_sack.h"
#include "tcp/tcp_table.h"
#include "tcp/tcp_timewait.h"
#include "tcp/tcp_tune.h"

#include <drywire/fingerprint.h>
#include <stdio.h>

/* What need not count.  A pointer that is followed, and a count of a list, are not changed here:
 * that would lead out of memory. */
enum why { FOLLOWED, ELSEWHERE, TRACE, STATUS, CHECKS, TRANSIENT };

static const char *const whys[] = {
    [FOLLOWED] = "what it leads to counts",
    [ELSEWHERE] = "where something is in memory, or told with something else",
    [TRACE] = "only the trace has it",
    [STATUS] = "only those who ask are told",
    [CHECKS] = "only tcp_rules.c looks at it",
    [TRANSIENT] = "means nothing between two events",
};

typedef struct field {
    const char *name;
    size_t at, size;
    enum why why;
} field;

#define FIELD(type, member, why)                                                                   \
    {                                                                                              \
#member, offsetof(type, member), sizeof(((type *)0)->member), why                          \
    }

/* One kind of struct, and which of its octets have been seen to count. */
typedef struct kind {
    const char *name;
    size_t size;
    const field *fields;       /* ending without a name */
    size_t bits_from, bits_to; /* octets of bit fields */
    uint8_t values[4096];      /* bits that are no padding */
    uint8_t counts[4096];
} kind;

#define T(member, why) FIELD(dw_tcb, member, why)
static const field tcb_fields[] = {
    T(socket.ops, ELSEWHERE),
    T(socket.node, ELSEWHERE),
    T(socket.notify, FOLLOWED),
    T(socket.user, ELSEWHERE),
    T(socket.ready_next, ELSEWHERE),
    T(socket.conn, TRACE),
    T(tcp, FOLLOWED),
    T(link.next, FOLLOWED),
    T(link.flow.route, FOLLOWED),
    T(settle_next, TRANSIENT),
    T(queue_next, FOLLOWED),
    T(queue_link, ELSEWHERE),
    T(listener, FOLLOWED),
    T(sacks, FOLLOWED),
    T(held, FOLLOWED),
    T(data_at, STATUS),
    T(chain, FOLLOWED),
    T(chrono, STATUS),
    T(chrono_at, STATUS),
    T(chrono_spent, STATUS),
    T(records, FOLLOWED),
    T(unsent.items, FOLLOWED),
    T(unsent.head, FOLLOWED),
    T(unsent.count, FOLLOWED),
    T(unsent.capacity, FOLLOWED),
    T(rtx, FOLLOWED),
    T(received.items, FOLLOWED),
    T(received.head, FOLLOWED),
    T(received.count, FOLLOWED),
    T(received.capacity, FOLLOWED),
    T(out_of_order, FOLLOWED),
    T(cc.ops, FOLLOWED),
    T(cc.private_state, FOLLOWED),
    T(accurate, FOLLOWED),
    T(rec, FOLLOWED),
    T(traced, TRACE),
    T(set, FOLLOWED),
    T(tuning, FOLLOWED),
    T(route, FOLLOWED),
    T(peer, CHECKS),
    T(timer.queued_at, ELSEWHERE),
    T(timer.event, FOLLOWED),
    T(timer.node, ELSEWHERE),
    T(timer.fire, ELSEWHERE),
    T(timer.arg, ELSEWHERE),
    T(parked, FOLLOWED),
    T(folded, TRANSIENT),
    T(ack_cause, FOLLOWED),
    {0},
};

#define H(member, why) FIELD(dw_tcp, member, why)
static const field host_fields[] = {
    H(node, ELSEWHERE),
    H(host, FOLLOWED),
    H(congestion, FOLLOWED),
    H(settings, ELSEWHERE), /* whether they are shared does not matter, but to memory */
    H(table, FOLLOWED),
    H(time_wait, FOLLOWED),
    H(closed, FOLLOWED),
    H(listeners, FOLLOWED),
    H(settle_first, TRANSIENT),
    H(settle_last, TRANSIENT),
    H(oldest_time_wait, FOLLOWED),
    H(newest_time_wait, FOLLOWED),
    H(cookies, FOLLOWED),
    H(paths, FOLLOWED),
    H(out_of_memory, TRANSIENT),
    H(isn_count, FOLLOWED),
    H(isn_used, FOLLOWED),
    {0},
};

#define R(member, why) FIELD(dw_tcp_recovery, member, why)
static const field recovery_fields[] = {
    R(again, FOLLOWED),
    R(again_count, FOLLOWED),
    R(again_capacity, ELSEWHERE),
    {0},
};

#define S(member, why) FIELD(dw_segment, member, why)
static const field segment_fields[] = {
    S(slice, FOLLOWED),
    S(slice_count, FOLLOWED),
    {0},
};

#define W(member, why) FIELD(dw_tcp_time_wait, member, why)
static const field time_wait_fields[] = {
    W(link.next, FOLLOWED),   W(link.flow.route, FOLLOWED),
    W(tcp, FOLLOWED),         W(timer.queued_at, ELSEWHERE),
    W(timer.event, FOLLOWED), W(timer.node, ELSEWHERE),
    W(timer.fire, ELSEWHERE), W(timer.arg, ELSEWHERE),
    W(conn, TRACE),           W(older, FOLLOWED),
    W(newer, FOLLOWED),       W(parked_by, FOLLOWED),
    W(ssthresh, STATUS),      W(srtt, STATUS),
    W(rttvar, STATUS),        W(rto, STATUS),
    W(cwnd, STATUS),          {0},
};

#define L(member, why) FIELD(dw_tcp_listener, member, why)
static const field listener_fields[] = {
    L(socket.ops, ELSEWHERE),
    L(socket.node, ELSEWHERE),
    L(socket.notify, FOLLOWED),
    L(socket.user, ELSEWHERE),
    L(socket.ready_next, ELSEWHERE),
    L(socket.conn, TRACE),
    L(tcp, FOLLOWED),
    L(inherited, FOLLOWED),
    L(next, FOLLOWED),
    L(flow.route, FOLLOWED),
    L(first, FOLLOWED),
    L(last, ELSEWHERE),
    L(half_open, FOLLOWED),
    L(spare, FOLLOWED),
    {0},
};

#define K(member, why) FIELD(dw_tcp_sacks, member, why)
static const field sack_fields[] = {
    K(stretches, FOLLOWED),
    {0},
};

static const field none[] = {{0}};

static kind tcbs = {.name = "dw_tcb",
                    .size = sizeof(dw_tcb),
                    .fields = tcb_fields,
                    .bits_from = offsetof(dw_tcb, settling) + 1,
                    .bits_to = offsetof(dw_tcb, soft_error)};
static kind hosts = {.name = "dw_tcp", .size = sizeof(dw_tcp), .fields = host_fields};
static kind recoveries = {
    .name = "dw_tcp_recovery", .size = sizeof(dw_tcp_recovery), .fields = recovery_fields};
static kind segments = {.name = "dw_segment", .size = sizeof(dw_segment), .fields = segment_fields};
static kind time_waits = {
    .name = "dw_tcp_time_wait", .size = sizeof(dw_tcp_time_wait), .fields = time_wait_fields};
static kind listeners = {
    .name = "dw_tcp_listener", .size = sizeof(dw_tcp_listener), .fields = listener_fields};
static kind sacks = {.name = "dw_tcp_sacks", .size = sizeof(dw_tcp_sacks), .fields = sack_fields};
static kind tunings = {.name = "dw_tcp_tuning", .size = sizeof(dw_tcp_tuning), .fields = none};
static kind accurates = {
    .name = "dw_tcp_accurate", .size = sizeof(dw_tcp_accurate), .fields = none};
static kind settings = {.name = "dw_tcp_settings", .size = sizeof(dw_tcp_settings), .fields = none};

/* Which bits are values: what the compiler does not know to be padding. */
#if defined __has_builtin
#if __has_builtin(__builtin_clear_padding)
#define KNOWS_PADDING
#endif
#endif
#ifdef KNOWS_PADDING
#define FIND_VALUES(kind, type)                                                                    \
    do {                                                                                           \
        type value;                                                                                \
        memset(&value, 0xff, sizeof value);                                                        \
        __builtin_clear_padding(&value);                                                           \
        assert_true(sizeof value <= sizeof(kind).values);                                          \
        memcpy((kind).values, &value, sizeof value);                                               \
    } while (0)
#else
#define FIND_VALUES(kind, type) skip()
#endif

static const field *named(const kind *k, size_t at)
{
    for (const field *f = k->fields; f->name; f++)
        if (at >= f->at && at < f->at + f->size) return f;
    return NULL;
}

static void print_of(dw_sim *sim, uint64_t print[2])
{
    const dw_fingerprint_options o = {.size = sizeof o, .opens_no_more = true};
    if (dw_sim_fingerprint(sim, &o, print) != DW_OK) fail_msg("%s", dw_sim_message(sim));
}

/* Change the octets of one such struct, one after the other.  A bit field counts with all its bits;
 * else one bit stands for its octet, as a bool has no more. */
static void change_each(dw_sim *sim, kind *k, void *object)
{
    uint64_t before[2], after[2];
    uint8_t *octets = object;
    print_of(sim, before);
    for (size_t at = 0; at < k->size; at++) {
        bool bits = at >= k->bits_from && at < k->bits_to;
        const field *f = named(k, at);
        uint8_t try = k->values[at] & (bits ? 0xff : 1);
        if (f && f->why == FOLLOWED) continue;
        for (int i = 0; i < 8; i++) {
            if (!(try >> i & 1)) continue;
            octets[at] ^= (uint8_t)(1 << i);
            print_of(sim, after);
            octets[at] ^= (uint8_t)(1 << i);
            bool differs = memcmp(before, after, sizeof before) != 0;
            if (f && differs) fail_msg("%s.%s counts, but %s", k->name, f->name, whys[f->why]);
            if (differs) k->counts[at] |= (uint8_t)(1 << i);
        }
    }
    print_of(sim, after);
    assert_memory_equal(before, after, sizeof before);
}

static void all_counted(const kind *k)
{
    int missing = 0;
    for (size_t at = 0; at < k->size; at++) {
        bool bits = at >= k->bits_from && at < k->bits_to;
        uint8_t wanted = k->values[at] & (bits ? 0xff : 1);
        if (named(k, at) || (k->counts[at] & wanted) == wanted) continue;
        print_error("%s: the octet at %zu does not count, nor is it named\n", k->name, at);
        missing++;
    }
    assert_int_equal(missing, 0);
}

/* Simulations. */

typedef struct lab {
    dw_sim *sim;
    dw_node *client, *server;
    dw_link *link;
    uint32_t sent, lost;
} lab;

static void accept_only(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, NULL, user, &socket) == DW_OK) {
    }
}

static void send_much(dw_socket *socket, uint32_t events, void *user)
{
    static char much[60000];
    (void)user;
    if (events & DW_SOCKET_CONNECTED) dw_socket_send(socket, much, sizeof much);
}

static enum dw_action lose(const dw_packet_view *view, dw_time *by, void *arg)
{
    lab *l = arg;
    (void)view;
    (void)by;
    return ++l->sent == l->lost ? DW_ACTION_DROP : DW_ACTION_PASS;
}

static void lab_new(lab *l, const char *profile, const char *name, const char *value)
{
    const dw_direction_config path = {.delay_ns = 20 * DW_MILLISECOND, .rate_bps = 10000000};
    const dw_rule_config rule = {
        .size = sizeof rule, .action = DW_ACTION_INTERCEPT, .intercept = lose, .intercept_arg = l};
    dw_flow flow = {.local_port = 80};
    dw_socket *socket;
    l->sent = 0;
    assert_int_equal(dw_sim_new(&(dw_sim_config){.seed = 1}, &l->sim), DW_OK);
    assert_int_equal(dw_sim_option(l->sim, "tcp", "profile", profile), DW_OK);
    if (name) assert_int_equal(dw_sim_option(l->sim, "tcp", name, value), DW_OK);
    assert_int_equal(dw_node_new(l->sim, "client", &l->client), DW_OK);
    assert_int_equal(dw_node_new(l->sim, "server", &l->server), DW_OK);
    assert_int_equal(dw_link_new(l->client, l->server, &path, NULL, &l->link), DW_OK);
    assert_int_equal(dw_link_rule(l->link, &rule, NULL), DW_OK);
    assert_int_equal(dw_socket_listen(l->server, "tcp", &flow, 0, accept_only, l, &socket), DW_OK);
    flow = (dw_flow){.remote = dw_node_address(l->server), .remote_port = 80};
    assert_int_equal(dw_socket_connect(l->client, "tcp", &flow, send_much, l, &socket), DW_OK);
}

static dw_tcp *tcp_of(dw_node *node)
{
    return dw_node_protocol(node, "tcp");
}

static dw_tcb *only_tcb(dw_node *node)
{
    const dw_tcp_table *table = &tcp_of(node)->table;
    for (uint32_t b = 0; b < table->size; b++)
        if (table->buckets[b]) return dw_tcp_of_link(table->buckets[b]);
    return NULL;
}

/* So that what is read under a condition is read. */
static void prime(dw_tcb *t)
{
    dw_time now = dw_tcp_now(t);
    t->retransmits = t->window_backoff = t->empty_replies = t->challenges = 1;
    t->challenge_at = now;
    t->burst_at = t->pace_at = t->retransmitted_at = t->probing_since = now;
    t->delack.ato = DW_MILLISECOND;
    t->mtu.searching = true;
    t->mtu.until = now + DW_HOUR;
    t->ts_ok = true;
    t->ts_recent = 77;
    t->deadline[DW_TCP_TIMER_KEEPALIVE] = now + DW_HOUR;
    if (t->rec) {
        t->rec->rack_sent_at = now;
        t->rec->timestamp_set = true;
        t->rec->retransmitted_timestamp = 77;
        t->rec->out += t->rec->out == 0;
        t->rec->min_rtt += t->rec->min_rtt == 0;
    }
    if (t->tuning) {
        t->tuning->started_at = now;
        t->tuning->echo = 77;
    }
}

static void change_connection(lab *l, dw_tcb *t)
{
    change_each(l->sim, &tcbs, t);
    change_each(l->sim, &settings, (void *)(uintptr_t)t->set);
    if (t->rec) change_each(l->sim, &recoveries, t->rec);
    if (t->sacks) change_each(l->sim, &sacks, t->sacks);
    if (t->tuning) change_each(l->sim, &tunings, t->tuning);
    if (t->accurate) change_each(l->sim, &accurates, t->accurate);
    if (t->rec && t->rtx.count) change_each(l->sim, &segments, dw_segment_at(&t->rtx, 0));
}

/* As it is, and with all that is conditional; the memory is given back as it was. */
static void change_both(lab *l, dw_tcb *t)
{
    dw_tcb kept = *t;
    dw_tcp_recovery rec;
    dw_tcp_tuning tuning;
    if (t->rec) rec = *t->rec;
    if (t->tuning) tuning = *t->tuning;
    change_connection(l, t);
    prime(t);
    change_connection(l, t);
    *t = kept;
    if (t->rec) *t->rec = rec;
    if (t->tuning) *t->tuning = tuning;
}

static void find_all_values(void)
{
    FIND_VALUES(tcbs, dw_tcb);
    FIND_VALUES(hosts, dw_tcp);
    FIND_VALUES(recoveries, dw_tcp_recovery);
    FIND_VALUES(segments, dw_segment);
    FIND_VALUES(time_waits, dw_tcp_time_wait);
    FIND_VALUES(listeners, dw_tcp_listener);
    FIND_VALUES(sacks, dw_tcp_sacks);
    FIND_VALUES(tunings, dw_tcp_tuning);
    FIND_VALUES(accurates, dw_tcp_accurate);
    FIND_VALUES(settings, dw_tcp_settings);
}

static void connection_at(const char *profile, const char *name, const char *value, dw_time until,
                          uint32_t lost)
{
    lab l = {.lost = lost};
    lab_new(&l, profile, name, value);
    assert_int_equal(dw_sim_run(l.sim, until), DW_OK);
    if (only_tcb(l.client)) change_both(&l, only_tcb(l.client));
    if (only_tcb(l.server)) change_both(&l, only_tcb(l.server));
    dw_sim_free(l.sim);
}

static void fingerprint_has_each_octet_of_a_connection(void **state)
{
    static const char *const profiles[] = {"rfc9293", "linux", "freebsd", "rfc793", "embedded"};
    (void)state;
    find_all_values();
    for (int i = 0; i < 5; i++) {
        connection_at(profiles[i], NULL, NULL, 10 * DW_MILLISECOND, 0);
        connection_at(profiles[i], NULL, NULL, 30 * DW_MILLISECOND, 0);
        connection_at(profiles[i], NULL, NULL, 75 * DW_MILLISECOND, 5);
    }
    connection_at("linux", "ecn", "accurate", 75 * DW_MILLISECOND, 5);
    all_counted(&tcbs);
    all_counted(&recoveries);
    all_counted(&segments);
    all_counted(&sacks);
    all_counted(&tunings);
    all_counted(&accurates);
    all_counted(&settings);
}

static void fingerprint_has_each_octet_of_a_host(void **state)
{
    lab l = {0};
    (void)state;
    find_all_values();
    lab_new(&l, "linux", NULL, NULL);
    assert_int_equal(dw_sim_run(l.sim, 75 * DW_MILLISECOND), DW_OK);
    dw_tcp *tcp = tcp_of(l.server);
    change_each(l.sim, &hosts, tcp);
    change_each(l.sim, &listeners, tcp->listeners);
    tcp->reopening = tcp->listeners->has_fast_key = true;
    tcp->isn_count = DW_TCP_ISN_SCRIPT;
    change_each(l.sim, &hosts, tcp);
    change_each(l.sim, &listeners, tcp->listeners);
    all_counted(&hosts);
    all_counted(&listeners);
    dw_sim_free(l.sim);
}

static void close_at_once(dw_socket *socket, uint32_t events, void *user)
{
    (void)user;
    if (events & DW_SOCKET_CONNECTED) dw_socket_close(socket);
}

static void fingerprint_has_each_octet_of_a_time_wait(void **state)
{
    net n;
    (void)state;
    find_all_values();
    net_new(&n, NULL, NULL);
    net_connect(&n, close_at_once);
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    dw_tcp_time_wait *w = tcp_of(n.client)->oldest_time_wait;
    assert_non_null(w);
    change_each(n.sim, &time_waits, w);
    w->ts_ok = true;
    w->ts_recent = 77;
    w->challenges = 1;
    w->challenge_at = DW_SECOND;
    change_each(n.sim, &time_waits, w);
    all_counted(&time_waits);
    dw_sim_free(n.sim);
}

/* What an algorithm keeps is its own affair, and so is the padding in it: the octets that do not
 * count are counted, of a connection that has lost something. */
static uint32_t silent_octets(const char *algorithm)
{
    lab l = {.lost = 9};
    uint64_t before[2], after[2];
    uint32_t silent = 0;
    lab_new(&l, "linux", "congestion_control", algorithm);
    assert_int_equal(dw_sim_run(l.sim, 200 * DW_MILLISECOND), DW_OK);
    dw_congestion *cc = &only_tcb(l.client)->cc;
    uint8_t *octets = cc->private_state;
    print_of(l.sim, before);
    for (uint32_t i = 0; i < cc->ops->state_size; i++) {
        octets[i] ^= 1;
        print_of(l.sim, after);
        octets[i] ^= 1;
        silent += memcmp(before, after, sizeof before) == 0;
    }
    dw_sim_free(l.sim);
    return silent;
}

static void fingerprint_has_what_a_congestion_control_keeps(void **state)
{
    (void)state;
    assert_int_equal(silent_octets("reno"), 0);
    assert_int_equal(silent_octets("cubic"), 11);
    assert_int_equal(silent_octets("dctcp"), 4);
    assert_int_equal(silent_octets("vegas"), 11);
    assert_int_equal(silent_octets("ledbat"), 7);    /* of a count, its two lowest bits matter */
    assert_int_equal(silent_octets("bbr"), 37 + 8);  /* and phase_at, before there are phases */
    assert_int_equal(silent_octets("bbr3"), 54 + 8); /* and cycle_at, before there are cycles */
    assert_int_equal(silent_octets("none"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprint_has_each_octet_of_a_connection),
        cmocka_unit_test(fingerprint_has_each_octet_of_a_host),
        cmocka_unit_test(fingerprint_has_each_octet_of_a_time_wait),
        cmocka_unit_test(fingerprint_has_what_a_congestion_control_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
