/* core/engine/defer.c: every call of drywire.h from every callback in the middle of an event acts
 * when the event is over, or is refused; nothing is lost, and the same comes of it twice. */
#include "drywire/plugin.h"
#include "net.h"

#include <stdio.h>

typedef struct world world;

/* What a callback is to do, and what was seen of it. */
struct world {
    net n;
    dw_socket *client_socket;
    void (*act)(world *w);
    int calls, max;
    int status;        /* what the last call returned */
    dw_time acted_at;  /* of the first call; -1: none */
    uint64_t deferred; /* calls of dw_sim_defer that came */
};

static world *asked; /* congestion controls are handed no user data */

static void call_out(world *w)
{
    if (w->calls >= w->max) return;
    w->calls++;
    if (w->acted_at < 0) w->acted_at = dw_sim_now(w->n.sim);
    assert_true(dw_sim_inside(w->n.sim));
    w->act(w);
}

/* Callbacks. */

static void on_state(dw_node *node, uint32_t conn, const char *state, void *arg)
{
    (void)node;
    (void)conn;
    (void)state;
    call_out(arg);
}

static void hook_states(world *w)
{
    dw_node_on_state(w->n.client, on_state, w);
    dw_node_on_state(w->n.server, on_state, w);
}

static bool when(const dw_packet_view *view, void *arg)
{
    (void)view;
    call_out(arg);
    return false;
}

static void hook_predicate(world *w)
{
    dw_rule_config c = {.action = DW_ACTION_DROP};
    dw_match match = DW_INIT(dw_match);
    c.match = &match;
    match.when = when;
    match.when_arg = w;
    assert_int_equal(dw_link_rule(w->n.link, &c, NULL), DW_OK);
}

static void hook_host_predicate(world *w)
{
    dw_rule_config c = {.action = DW_ACTION_DROP};
    dw_match match = DW_INIT(dw_match);
    c.match = &match;
    match.when = when;
    match.when_arg = w;
    assert_int_equal(dw_node_rule(w->n.server, &c, NULL), DW_OK);
}

static enum dw_action intercept(const dw_packet_view *view, dw_time *by, void *arg)
{
    (void)view;
    (void)by;
    call_out(arg);
    return DW_ACTION_PASS;
}

static void hook_intercept(world *w)
{
    dw_rule_config c = {.action = DW_ACTION_INTERCEPT, .intercept = intercept, .intercept_arg = w};
    dw_match match = DW_INIT(dw_match);
    c.match = &match;
    assert_int_equal(dw_link_rule(w->n.link, &c, NULL), DW_OK);
}

static void subscribed(const dw_trace_event *event, void *arg)
{
    world *w = arg;
    (void)event;
    if (dw_sim_inside(w->n.sim)) call_out(w); /* events that a program's own call makes are none */
}

static void hook_trace(world *w)
{
    assert_int_equal(dw_trace_subscribe(w->n.sim, DW_TRACE_ALL, UINT32_MAX, 0, subscribed, w),
                     DW_OK);
}

static void cc_init(dw_congestion *cc)
{
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT32_MAX;
}

static void cc_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    cc->cwnd += ack->acked;
    if (asked) call_out(asked);
}

static uint64_t cc_ssthresh(dw_congestion *cc, uint64_t flight)
{
    if (asked) call_out(asked);
    return flight / 2 > 2 * (uint64_t)cc->mss ? flight / 2 : 2 * (uint64_t)cc->mss;
}

static void cc_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss;
    if (asked) call_out(asked);
}

static const dw_congestion_ops asking = {.size = sizeof asking,
                                         .name = "asking",
                                         .init = cc_init,
                                         .on_ack = cc_on_ack,
                                         .ssthresh = cc_ssthresh,
                                         .on_timeout = cc_on_timeout};
static const dw_plugin asking_plugin = {.abi = DW_PLUGIN_ABI,
                                        .size = sizeof(dw_plugin),
                                        .name = "asking",
                                        .summary = "asks the test",
                                        .congestion = &asking};

static void hook_congestion(world *w)
{
    assert_int_equal(dw_plugin_add(w->n.sim, &asking_plugin), DW_OK);
    assert_int_equal(dw_node_option(w->n.client, "tcp", "congestion_control", "asking"), DW_OK);
    asked = w;
}

/* Somebody else's stack on a third node, which the client sends to. */
static void received(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    (void)node;
    (void)bytes;
    (void)len;
    call_out(arg);
}

static void hook_foreign_stack(world *w)
{
    dw_node *other;
    dw_socket *socket;
    assert_int_equal(dw_node_new(w->n.sim, "other", &other), DW_OK);
    assert_int_equal(dw_link_new(w->n.client, other, NULL, NULL, NULL), DW_OK);
    dw_node_set_stack(other, received, w);
    dw_flow flow = {.remote = dw_node_address(other), .remote_port = 80};
    assert_int_equal(dw_socket_connect(w->n.client, "tcp", &flow, NULL, NULL, &socket), DW_OK);
}

static const struct {
    const char *name;
    void (*install)(world *w);
} hooks[] = {{"on_state", hook_states},
             {"predicate of a link's rule", hook_predicate},
             {"predicate of a host's rule", hook_host_predicate},
             {"intercept", hook_intercept},
             {"subscriber of the trace", hook_trace},
             {"congestion control", hook_congestion},
             {"foreign stack", hook_foreign_stack}};

/* Actions.  A socket that was closed is not touched again. */

static void act_close(world *w)
{
    if (!w->client_socket) return;
    w->status = dw_socket_close(w->client_socket);
    w->client_socket = NULL;
}

static void act_abort(world *w)
{
    if (!w->client_socket) return;
    w->status = dw_socket_abort(w->client_socket);
    w->client_socket = NULL;
}

static void act_shutdown(world *w)
{
    if (w->client_socket) w->status = dw_socket_shutdown(w->client_socket);
}

/* Shut down first: both are done, in this order. */
static void act_shutdown_and_close(world *w)
{
    act_shutdown(w);
    act_close(w);
}

static void act_set(world *w)
{
    char why[200];
    if (!w->client_socket) return;
    w->status = dw_socket_set(w->client_socket, "nagle", "false", why, sizeof why);
    if (w->status == DW_OK)
        w->status = dw_socket_set(w->client_socket, "congestion_control", "cubic", why, sizeof why);
}

static void act_set_wrong(world *w)
{
    char why[200];
    if (!w->client_socket) return;
    assert_int_equal(dw_socket_set(w->client_socket, "nagel", "false", why, sizeof why),
                     DW_E_NOENT);
    assert_non_null(strstr(why, "did you mean \"nagle\"?"));
}

static void act_crash(world *w)
{
    w->status = dw_node_crash(w->n.client);
    assert_int_equal(dw_node_crash(w->n.server), DW_OK);
}

static void act_everything_at_once(world *w)
{
    act_shutdown(w);
    act_set(w);
    assert_int_equal(dw_node_crash(w->n.client), DW_OK);
    act_abort(w);
}

static void act_refused(world *w)
{
    dw_socket *socket = NULL;
    char byte = 'x';
    dw_slice slice;
    dw_flow flow = {.remote = dw_node_address(w->n.server), .remote_port = 80};
    dw_flow port = {.local_port = 81};
    dw_open how = {.flow = flow};
    dw_node *node = w->n.client;
    assert_int_equal(dw_sim_run(w->n.sim, DW_TIME_NEVER), DW_E_BUSY);
    assert_int_equal(dw_sim_free(w->n.sim), DW_E_BUSY);
    assert_int_equal(dw_socket_connect(node, "tcp", &flow, NULL, NULL, &socket), DW_E_BUSY);
    assert_int_equal(dw_socket_open(node, "tcp", &how, NULL, NULL, &socket), DW_E_BUSY);
    assert_int_equal(dw_socket_listen(node, "tcp", &port, 0, NULL, NULL, &socket), DW_E_BUSY);
    assert_int_equal(dw_socket_accept(w->n.listener, NULL, NULL, &socket), DW_E_BUSY);
    assert_null(socket);
    if (!w->client_socket) return;
    assert_int_equal(dw_socket_send(w->client_socket, "x", 1), DW_E_BUSY);
    assert_int_equal(dw_socket_recv(w->client_socket, &byte, 1), DW_E_BUSY);
    assert_int_equal(dw_socket_recv_slice(w->client_socket, 1, &slice), DW_E_BUSY);
}

static void came(void *arg)
{
    world *w = arg;
    assert_false(dw_sim_inside(w->n.sim));
    w->deferred++;
}

static void act_defer(world *w)
{
    uint64_t before = w->deferred;
    assert_int_equal(dw_sim_defer(w->n.sim, came, w), DW_OK);
    assert_int_equal(w->deferred, before); /* not yet */
}

static void act_rules(world *w)
{
    dw_rule_config c = {.action = DW_ACTION_DROP};
    dw_rule *rule;
    dw_match match = DW_INIT(dw_match);
    c.match = &match;
    match.nth[match.nth_count++] = 1000000;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(dw_link_rule(w->n.link, &c, &rule), DW_OK);
        assert_int_equal(dw_node_rule(w->n.client, &c, &rule), DW_OK);
        assert_int_equal(dw_node_rule(w->n.server, &c, &rule), DW_OK);
        dw_rule_release(rule);
        dw_rule_cancel(rule);
    }
}

static void act_topology(world *w)
{
    char name[40];
    dw_node *node;
    dw_direction_config c;
    snprintf(name, sizeof name, "more %d", w->calls);
    assert_int_equal(dw_node_new(w->n.sim, name, &node), DW_OK);
    assert_int_equal(dw_link_new(node, w->n.server, NULL, NULL, NULL), DW_OK);
    dw_link_get(w->n.link, 0, &c);
    c.delay_ns += DW_MILLISECOND;
    assert_int_equal(dw_link_set(w->n.link, 0, &c), DW_OK);
    assert_int_equal(dw_node_option(w->n.server, "tcp", "profile", "linux"), DW_OK);
}

static void ignore_field(void *ctx, const char *name, int64_t value)
{
    (void)ctx;
    (void)name;
    (void)value;
}

static void act_look(world *w)
{
    dw_trace *trace = dw_sim_trace(w->n.sim);
    dw_packet_view *views;
    size_t count;
    dw_match all;
    dw_match_any(&all);
    assert_int_equal(dw_trace_packets(trace, &all, &views, &count), DW_OK);
    dw_free(views);
    dw_free(dw_ladder(trace, NULL));
    if (!w->client_socket) return;
    assert_non_null(dw_socket_state(w->client_socket));
    dw_socket_info(w->client_socket, ignore_field, NULL);
}

static void act_stop(world *w)
{
    dw_sim_stop(w->n.sim, DW_E_MISMATCH);
}

/* expected: what dw_sim_run returns. */
static const struct {
    const char *name;
    void (*act)(world *w);
    const char *state; /* the client's connection ends in it soon after the call; NULL: not so */
    int expected;
} actions[] = {{"close", act_close, NULL, DW_OK},
               {"abort", act_abort, "CLOSED", DW_OK},
               {"shutdown", act_shutdown, NULL, DW_OK},
               {"shutdown, close", act_shutdown_and_close, NULL, DW_OK},
               {"set", act_set, NULL, DW_OK},
               {"set what there is not", act_set_wrong, NULL, DW_OK},
               {"crash", act_crash, "CLOSED", DW_OK},
               {"shutdown, set, crash, abort", act_everything_at_once, "CLOSED", DW_OK},
               {"what is refused", act_refused, NULL, DW_OK},
               {"defer", act_defer, NULL, DW_OK},
               {"rules", act_rules, NULL, DW_OK},
               {"hosts, links, options", act_topology, NULL, DW_OK},
               {"looking", act_look, NULL, DW_OK},
               {"stop", act_stop, NULL, DW_E_MISMATCH}};

/* A program that sends, and notices when its socket is gone. */
static void sender(dw_socket *socket, uint32_t events, void *user)
{
    world *w = user;
    char bytes[3000] = "";
    if (socket != w->client_socket) return;
    if (events & DW_SOCKET_CONNECTED) dw_socket_send(socket, bytes, sizeof bytes);
    if (events & (DW_SOCKET_ERROR | DW_SOCKET_CLOSED) && w->client_socket) {
        w->client_socket = NULL;
        dw_socket_close(socket);
    }
}

static bool client_was_in(const world *w, const char *state, dw_time at)
{
    const dw_trace *trace = dw_sim_trace(w->n.sim);
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_STATE && e->node == dw_node_index(w->n.client) && e->at == at &&
            strcmp(e->u.state.to, state) == 0)
            return true;
    }
    return false;
}

static void run_cell(size_t hook, size_t action, char digest[DW_DIGEST_TEXT])
{
    world w = {.act = actions[action].act, .max = 3, .acted_at = -1};
    dw_direction_config lossy = {.delay_ns = 20 * DW_MILLISECOND, .loss = DW_RATIO_ONE / 20};
    net_new(&w.n, &(dw_sim_config){.seed = 3, .trace = true}, &lossy);
    hooks[hook].install(&w);
    w.client_socket = NULL;
    dw_flow flow = {.remote = dw_node_address(w.n.server), .remote_port = 80};
    /* The hooks may be called, and close it, before it is known. */
    dw_socket *socket;
    int max = w.max;
    w.max = 0;
    assert_int_equal(dw_socket_connect(w.n.client, "tcp", &flow, sender, &w, &socket), DW_OK);
    w.client_socket = socket;
    w.max = max;
    assert_int_equal(dw_sim_run(w.n.sim, DW_TIME_NEVER), actions[action].expected);
    if (w.calls == 0) fail_msg("%s was never called", hooks[hook].name);
    assert_int_equal(w.status, DW_OK);
    const char *ends_in = actions[action].state;
    if (ends_in && !client_was_in(&w, ends_in, w.acted_at))
        fail_msg("%s in %s: the connection is not in %s at once", actions[action].name,
                 hooks[hook].name, ends_in);
    if (w.act == act_defer) assert_int_equal(w.deferred, w.calls);
    dw_trace_digest(dw_sim_trace(w.n.sim), digest);
    asked = NULL;
    assert_int_equal(dw_sim_free(w.n.sim), DW_OK);
}

static void defer_every_call_from_every_callback(void **state)
{
    (void)state;
    for (size_t h = 0; h < sizeof hooks / sizeof hooks[0]; h++)
        for (size_t a = 0; a < sizeof actions / sizeof actions[0]; a++) {
            char first[DW_DIGEST_TEXT], second[DW_DIGEST_TEXT];
            run_cell(h, a, first);
            run_cell(h, a, second);
            assert_string_equal(first, second);
        }
}

/* A deferred call on a socket that its program closes meanwhile is forgotten with it. */
static bool shuts_down(const dw_packet_view *view, void *arg)
{
    world *w = arg;
    (void)view;
    if (w->client_socket) dw_socket_shutdown(w->client_socket);
    return false;
}

static void defer_forgets_a_freed_socket(void **state)
{
    world w = {0};
    (void)state;
    net_new(&w.n, &(dw_sim_config){.seed = 1}, NULL);
    dw_rule_config c = {.action = DW_ACTION_DROP};
    dw_match match = DW_INIT(dw_match);
    c.match = &match;
    match.when = shuts_down;
    match.when_arg = &w;
    assert_int_equal(dw_link_rule(w.n.link, &c, NULL), DW_OK);
    dw_socket *socket = net_connect(&w.n, NULL);
    w.client_socket = socket;
    dw_sim_run(w.n.sim, 0);
    w.client_socket = socket;
    assert_int_equal(dw_socket_abort(socket), DW_OK); /* its RST meets the rule, which defers */
    w.client_socket = NULL;
    assert_int_equal(dw_sim_run(w.n.sim, DW_TIME_NEVER), DW_OK);
    assert_int_equal(dw_sim_free(w.n.sim), DW_OK);
}

static void defer_acts_at_once_outside(void **state)
{
    world w = {0};
    (void)state;
    net_new(&w.n, NULL, NULL);
    assert_int_equal(dw_sim_defer(w.n.sim, came, &w), DW_OK);
    assert_int_equal(w.deferred, 1);
    assert_int_equal(dw_sim_free(w.n.sim), DW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defer_every_call_from_every_callback),
        cmocka_unit_test(defer_forgets_a_freed_socket),
        cmocka_unit_test(defer_acts_at_once_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
