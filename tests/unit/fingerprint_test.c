/* Fingerprints are sound: what has the same one goes on in the same way.
 *
 * Each life of a connection is run with every set of up to so many lost packets.  After each event
 * that sent something there is a state, with a fingerprint and the losses that are yet to come.
 * Where two states with other losses behind them agree in both, the rest of both traces, told from
 * now on and without numbers, is the same. */
#include "net.h"

#include "base/rng.h"

#include <drywire/fingerprint.h>
#include <drywire/plugin.h>
#include <stdio.h>
#include <time.h>
#include <xxhash.h>

enum { LOSSES = 3, EVENTS = 4096, STATES = 1024 };

/* One run. */

typedef struct happening {
    dw_time at, timer; /* timer: a deadline, or 0 */
    uint64_t what;
} happening;

typedef struct moment {
    uint64_t print[2];
    dw_time now;
    uint32_t sent, happened;
} moment;

typedef struct life {
    const char *profile, *options[8]; /* name, value, ... */
    uint32_t octets;
    uint32_t losses;
    bool scripted; /* sequence numbers are given, so that no clock decides */
    dw_time begins;
} life;

typedef struct run {
    net net; /* first: its functions get this */
    const life *life;
    uint32_t lost[LOSSES], lost_count;
    uint32_t sent, told;
    happening happenings[EVENTS];
    uint32_t happened;
    moment moments[STATES];
    uint32_t count;
    uint32_t left;   /* to be sent */
    uint64_t length; /* of all fingerprints, in nanoseconds */
} run;

static uint64_t mix_text(uint64_t h, const char *text)
{
    return text ? dw_hash_text(h, text) : dw_hash_mix(h);
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    return dw_hash_mix(h ^ value) + 0x9e3779b97f4a7c15u;
}

/* TCP over IPv4, without what numbers packets, and with timestamps from now. */
static uint64_t mix_packet(uint64_t h, const dw_trace_event *e)
{
    uint8_t b[DW_PACKET_HEAD];
    uint32_t len = e->u.packet.head_len, now = (uint32_t)(e->at / DW_MILLISECOND);
    if (e->type == DW_TRACE_QUEUED) return h;
    memcpy(b, e->u.packet.head, len);
    dw_put16(b + 4, 0);
    dw_put16(b + 10, 0);
    dw_put16(b + 36, 0);
    for (uint32_t i = 40; i + 10 <= len; i += b[i] == 1 ? 1 : b[i + 1]) {
        if (b[i] != 8) continue;
        dw_put32(b + i + 2, dw_get32(b + i + 2) - now);
        if (dw_get32(b + i + 6)) dw_put32(b + i + 6, dw_get32(b + i + 6) - now);
    }
    return mix(mix(h, XXH64(b, len, 0)), e->u.packet.payload_len);
}

static void note(const dw_trace_event *e, void *arg)
{
    run *r = arg;
    assert_true(r->happened < EVENTS);
    happening *x = &r->happenings[r->happened++];
    uint64_t h = mix(mix(mix(mix(e->type, e->node), e->link), e->conn), e->direction);
    *x = (happening){.at = e->at};
    h = mix_text(h, e->cause ? e->cause->name : NULL);
    if (e->type >= DW_TRACE_SENT && e->type <= DW_TRACE_MARKED) h = mix_packet(h, e);
    if (e->type == DW_TRACE_STATE) h = mix_text(mix_text(h, e->u.state.from), e->u.state.to);
    if (e->type == DW_TRACE_VARIABLE)
        h = mix(mix_text(h, e->u.variable.name), (uint64_t)e->u.variable.value);
    if (e->type >= DW_TRACE_TIMER_SET && e->type <= DW_TRACE_TIMER_CANCELLED) {
        h = mix_text(h, e->u.timer.name);
        x->timer = e->u.timer.at;
    }
    if (e->type == DW_TRACE_CALL)
        h = mix(mix(mix_text(h, e->u.call.name), (uint64_t)e->u.call.value), e->u.call.data_hash);
    if (e->type == DW_TRACE_NOTE) h = mix_text(h, e->u.note.text);
    x->what = h;
}

static enum dw_action lose(const dw_packet_view *view, dw_time *by, void *arg)
{
    run *r = arg;
    (void)view;
    (void)by;
    r->sent++;
    for (uint32_t i = 0; i < r->lost_count; i++)
        if (r->lost[i] == r->sent) return DW_ACTION_DROP;
    return DW_ACTION_PASS;
}

static void program(dw_fingerprint *into, void *arg)
{
    const run *r = arg;
    dw_fp_u64(into, r->net.received);
    dw_fp_u64(into, (uint64_t)r->net.closed << 32 | r->left);
}

static uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int look(void *arg)
{
    run *r = arg;
    if (r->sent == r->told) return DW_OK;
    r->told = r->sent;
    assert_true(r->count < STATES);
    moment *m = &r->moments[r->count++];
    const dw_fingerprint_options o = {
        .size = sizeof o, .opens_no_more = true, .program = program, .arg = r};
    uint64_t began = clock_ns();
    int status = dw_sim_fingerprint(r->net.sim, &o, m->print);
    r->length += clock_ns() - began;
    if (status != DW_OK) fail_msg("%s", dw_sim_message(r->net.sim));
    m->now = dw_sim_now(r->net.sim);
    m->sent = r->sent;
    m->happened = r->happened;
    return DW_OK;
}

static void speak(dw_socket *socket, uint32_t events, void *user)
{
    run *r = user;
    if (events & DW_SOCKET_CONNECTED) r->left = r->life->octets;
    if (r->left == 0) return;
    dw_buf *buf = dw_buf_generated(1, r->life->octets);
    int64_t taken = dw_socket_send_buf(socket, buf, r->life->octets - r->left, r->left, 0);
    if (taken > 0) r->left -= (uint32_t)taken;
    dw_buf_unref(buf);
    if (r->left == 0) dw_socket_close(socket);
}

static void set(run *r, const char *name, const char *value)
{
    assert_int_equal(dw_sim_option(r->net.sim, "tcp", name, value), DW_OK);
}

static void live(run *r, const life *l)
{
    const dw_rule_config rule = {
        .size = sizeof rule, .action = DW_ACTION_INTERCEPT, .intercept = lose, .intercept_arg = r};
    const dw_direction_config path = {.delay_ns = 20 * DW_MILLISECOND, .rate_bps = 10000000};
    r->life = l;
    r->sent = r->told = r->happened = r->count = r->left = 0;
    r->net = (net){0};
    assert_int_equal(dw_sim_new(&(dw_sim_config){.seed = 1}, &r->net.sim), DW_OK);
    set(r, "profile", l->profile);
    if (l->scripted) set(r, "isn", "1000, 2000");
    for (int i = 0; l->options[i]; i += 2)
        set(r, l->options[i], l->options[i + 1]);
    assert_int_equal(dw_node_new(r->net.sim, "client", &r->net.client), DW_OK);
    assert_int_equal(dw_node_new(r->net.sim, "server", &r->net.server), DW_OK);
    assert_int_equal(dw_link_new(r->net.client, r->net.server, &path, NULL, &r->net.link), DW_OK);
    assert_int_equal(dw_link_rule(r->net.link, &rule, NULL), DW_OK);
    dw_flow flow = {.local_port = 80};
    assert_int_equal(
        dw_socket_listen(r->net.server, "tcp", &flow, 0, net_accept, r, &r->net.listener), DW_OK);
    assert_int_equal(dw_sim_run(r->net.sim, l->begins), DW_OK);
    net_connect(&r->net, speak);
    dw_trace_subscribe(r->net.sim, DW_TRACE_ALL & ~DW_TRACE_BIT(DW_TRACE_DETAIL), UINT32_MAX, 0,
                       note, r);
    dw_sim_after_event(r->net.sim, look, r);
    assert_int_equal(dw_sim_run(r->net.sim, DW_TIME_NEVER), DW_OK);
    dw_sim_free(r->net.sim);
}

/* All of them. */

typedef struct known {
    uint64_t print[2], to_come; /* the key */
    uint64_t past, future;
    bool shared;
} known;

typedef struct story {
    known *table;
    size_t size, count, states, runs, merged, asked;
    uint64_t length;
} story;

static known *find(story *s, const known *k)
{
    size_t i = dw_hash_mix(k->print[0] ^ k->to_come) & (s->size - 1);
    while (s->table[i].past && memcmp(&s->table[i], k, 3 * sizeof(uint64_t)) != 0)
        i = (i + 1) & (s->size - 1);
    return &s->table[i];
}

static uint64_t future_of(const run *r, const moment *m)
{
    uint64_t h = 1;
    for (uint32_t i = m->happened; i < r->happened; i++) {
        const happening *x = &r->happenings[i];
        h = mix(mix(h, (uint64_t)(x->at - m->now)), x->what);
        if (x->timer) h = mix(h, (uint64_t)(x->timer - m->now));
    }
    return h;
}

static void learn(story *s, const run *r, const moment *m)
{
    known k = {.print = {m->print[0], m->print[1]}, .past = mix(7, m->sent), .to_come = 3};
    for (uint32_t i = 0; i < r->lost_count; i++) {
        if (r->lost[i] <= m->sent)
            k.past = mix(k.past, r->lost[i]);
        else
            k.to_come = mix(k.to_come, r->lost[i] - m->sent);
    }
    k.future = future_of(r, m);
    known *old = find(s, &k);
    if (!old->past) {
        assert_true(++s->count < s->size);
        *old = k;
        s->states++;
        return;
    }
    if (old->past == k.past) return; /* the same state, met again */
    s->states++;
    s->merged++;
    if (old->future != k.future)
        fail_msg("%s: after %u packets, of which %u %u %u were lost, another future",
                 r->life->profile, m->sent, r->lost[0], r->lost[1], r->lost[2]);
}

static void tell(story *s, run *r, const life *l)
{
    live(r, l);
    s->runs++;
    s->length += r->length;
    s->asked += r->count;
    r->length = 0;
    for (uint32_t i = 0; i < r->count; i++)
        learn(s, r, &r->moments[i]);
    if (r->lost_count == l->losses) return;
    uint32_t sent = r->sent, first = r->lost_count ? r->lost[r->lost_count - 1] + 1 : 1;
    r->lost_count++;
    for (uint32_t i = first; i <= sent; i++) {
        r->lost[r->lost_count - 1] = i;
        tell(s, r, l);
    }
    r->lost[--r->lost_count] = 0;
}

/* Returns how many states were the same as another. */
static size_t whole_life(const life *l)
{
    story s = {.size = 1 << 20};
    run *r = calloc(1, sizeof *r);
    s.table = calloc(s.size, sizeof *s.table);
    tell(&s, r, l);
    printf("%-8s %-8s %5u octets, %u losses%s: %6zu runs, %7zu states, %6zu fingerprints, %6zu "
           "merged, %llu ns each\n",
           l->profile, l->options[0] ? l->options[1] : "", l->octets, l->losses,
           l->scripted ? ", scripted" : "", s.runs, s.states, s.count, s.merged,
           (unsigned long long)(s.length / s.asked));
    free(s.table);
    free(r);
    return s.merged;
}

static const char *const profiles[] = {"rfc9293", "linux", "freebsd", "rfc793", "embedded"};

static void fingerprint_of_a_short_life_is_sound(void **state)
{
    (void)state;
    for (int scripted = 0; scripted < 2; scripted++)
        for (int i = 0; i < 5; i++) {
            const life l = {.profile = profiles[i], .octets = 5, .losses = 3, .scripted = scripted};
            assert_true(whole_life(&l) > 0);
        }
}

static void fingerprint_of_loss_recovery_is_sound(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        const life l = {.profile = profiles[i], .octets = 14000, .losses = 2, .scripted = true};
        assert_true(whole_life(&l) > 0);
    }
}

static void fingerprint_of_other_congestion_controls_is_sound(void **state)
{
    static const char *const algorithms[] = {"reno", "dctcp", "vegas", "bbr", "bbr3", "ledbat"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        const life l = {.profile = "linux",
                        .options = {"congestion_control", algorithms[i], "ecn", "accurate"},
                        .octets = 30000,
                        .losses = 1,
                        .scripted = true};
        whole_life(&l);
    }
}

/* Another beginning, and nothing else: the same fingerprints all along; but for the handshake where
 * a SYN may be answered by a cookie, which has the time in it, and where the first sample of the
 * delivery rate counts from the beginning of time (tcp_rate.c). */
static void fingerprint_does_not_tell_the_time(void **state)
{
    enum { HANDSHAKE = 2 };
    (void)state;
    run *early = calloc(1, sizeof *early), *late = calloc(1, sizeof *late);
    for (int i = 0; i < 5; i++) {
        life l = {.profile = profiles[i], .octets = 14000, .scripted = true, .begins = DW_SECOND};
        early->lost[0] = late->lost[0] = 6;
        early->lost_count = late->lost_count = 1;
        live(early, &l);
        l.begins = 100 * DW_SECOND;
        live(late, &l);
        assert_int_equal(early->count, late->count);
        bool cookies = l.profile == profiles[1] || l.profile == profiles[2];
        for (uint32_t k = cookies ? HANDSHAKE : 0; k < early->count; k++)
            assert_memory_equal(early->moments[k].print, late->moments[k].print, 16);
    }
    free(early);
    free(late);
}

/* Unless a connection may yet be opened, which takes its first number from a clock. */
static void fingerprint_tells_the_time_to_come(void **state)
{
    uint64_t print[4][2];
    (void)state;
    for (int i = 0; i < 4; i++) {
        const dw_fingerprint_options o = {.size = sizeof o, .opens_no_more = i >= 2};
        net n;
        net_new(&n, NULL, NULL);
        assert_int_equal(dw_sim_run(n.sim, (1 + i % 2) * DW_SECOND), DW_OK);
        assert_int_equal(dw_sim_fingerprint(n.sim, &o, print[i]), DW_OK);
        dw_sim_free(n.sim);
    }
    assert_memory_not_equal(print[0], print[1], 16);
    assert_memory_equal(print[2], print[3], 16);
}

static void ask_inside(const dw_trace_event *e, void *arg)
{
    net *n = arg;
    uint64_t print[2];
    if (e->type == DW_TRACE_SENT)
        assert_int_equal(dw_sim_fingerprint(n->sim, NULL, print), DW_E_BUSY);
}

static void fingerprint_is_refused_in_the_middle_of_an_event(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    net_connect(&n, net_hello);
    dw_trace_subscribe(n.sim, DW_TRACE_BIT(DW_TRACE_SENT), UINT32_MAX, 0, ask_inside, &n);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    dw_sim_free(n.sim);
}

static void hears_nothing(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    (void)node;
    (void)bytes;
    (void)len;
    (void)arg;
}

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    (void)host;
    *instance = node;
    return DW_OK;
}

static void detach(void *instance)
{
    (void)instance;
}

static void input(void *instance, dw_packet *packet, const dw_flow *flow, dw_iface *iface)
{
    (void)instance;
    (void)packet;
    (void)flow;
    (void)iface;
}

static void fingerprint_is_refused_where_a_state_is_unknown(void **state)
{
    static const dw_protocol_ops ops = {.size = sizeof ops,
                                        .layer = DW_LAYER_TRANSPORT,
                                        .number = 200,
                                        .attach = attach,
                                        .detach = detach,
                                        .input = input};
    static const dw_plugin plugin = {.abi = DW_PLUGIN_ABI,
                                     .size = sizeof plugin,
                                     .name = "mute",
                                     .summary = "says nothing",
                                     .protocol = &ops};
    uint64_t print[2] = {7, 7};
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_plugin_add(n.sim, &plugin), DW_OK);
    assert_int_equal(dw_sim_fingerprint(n.sim, NULL, print), DW_OK);
    assert_non_null(dw_node_protocol(n.server, "mute"));
    print[0] = 7;
    assert_int_equal(dw_sim_fingerprint(n.sim, NULL, print), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim),
                        "protocol \"mute\" of host \"server\" cannot tell its state");
    assert_int_equal(print[0], 7);
    dw_sim_free(n.sim);
    net_new(&n, NULL, NULL);
    dw_node_set_stack(n.client, hears_nothing, NULL);
    assert_int_equal(dw_sim_fingerprint(n.sim, NULL, print), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim), "a foreign stack cannot tell its state");
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprint_of_a_short_life_is_sound),
        cmocka_unit_test(fingerprint_of_loss_recovery_is_sound),
        cmocka_unit_test(fingerprint_of_other_congestion_controls_is_sound),
        cmocka_unit_test(fingerprint_does_not_tell_the_time),
        cmocka_unit_test(fingerprint_tells_the_time_to_come),
        cmocka_unit_test(fingerprint_is_refused_in_the_middle_of_an_event),
        cmocka_unit_test(fingerprint_is_refused_where_a_state_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
