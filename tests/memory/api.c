/* The C API without memory: a program that builds networks, transfers over them and draws every
 * view of what happened.  Each part of it is done once for each allocation it makes, which then
 * fails, and once more so that all later ones fail, too.
 *
 * Every call either does what it is for or returns DW_E_NOMEM (NULL where it returns text), a run
 * in which memory was short never ends well, and nothing is left behind.
 *
 * memory_api_test [--all]: every 7th allocation, or each.  --part NAME: that one alone; with
 * --point N [--later]: one allocation, with the place where memory was refused. */
#include "failing.h"

#include <drywire/drywire.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

/* What a part came to.  From the first error on all may be in vain, so only that one counts. */
typedef struct pass {
    int status;
    const char *where;
    uint64_t result; /* a hash of what was drawn or traced */
} pass;

/* What all parts but the runs look at. */
static struct {
    char dir[40], jsonl[64], out[64];
    dw_sim
        *sim[3]; /* networks, after their run; the last, whose trace is saved, after a short one */
    const dw_trace *trace, *other;
} given;

static bool step(pass *p, int status, const char *where)
{
    if (status == DW_OK) return true;
    if (p->status == DW_OK) p->where = where;
    if (p->status == DW_OK) p->status = status;
    return false;
}

#define STEP(p, call) step(p, call, #call)

/* Networks: the same transfers under other profiles, so that every part of TCP is in one. */
typedef struct world {
    pass *pass;
    dw_sim *sim;
    dw_node *client, *router, *server;
    dw_link *near, *far;
    uint64_t received;
    int round;
    dw_time end; /* 0: when nothing is left to do */
} world;

enum { ROUNDS = 4, OCTETS = 18000 };

static const struct profile {
    const char *name, *congestion;
} profiles[ROUNDS] = {{"rfc9293", NULL}, {"linux", "cubic"}, {"freebsd", NULL}, {"linux", "bbr"}};

static void read_all(dw_socket *socket, uint32_t events, void *user)
{
    world *w = user;
    char bytes[4096];
    int64_t n;
    (void)events;
    while ((n = dw_socket_recv(socket, bytes, sizeof bytes)) > 0)
        w->received += (uint64_t)n;
    if (n == DW_E_CLOSED) dw_socket_close(socket);
}

static void accept_all(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, read_all, user, &socket) == DW_OK)
        continue;
}

static void send_all(dw_socket *socket, uint32_t events, void *user)
{
    world *w = user;
    if (!(events & DW_SOCKET_CONNECTED)) return;
    char *bytes = malloc(OCTETS);
    if (!bytes) {
        step(w->pass, DW_E_NOMEM, "malloc");
        return;
    }
    memset(bytes, 'd', OCTETS);
    int64_t n = dw_socket_send(socket, bytes, OCTETS / 3);
    if (n < 0) step(w->pass, (int)n, "dw_socket_send");
    dw_buf *buf = dw_buf_generated(7, OCTETS);
    if (!buf) step(w->pass, DW_E_NOMEM, "dw_buf_generated");
    if (buf) n = dw_socket_send_buf(socket, buf, 0, OCTETS / 3, 0);
    if (buf) dw_buf_unref(buf);
    for (int i = 0; i < 7; i++)
        n = dw_socket_send_flagged(socket, bytes, 700, i % 2 ? DW_SEND_EOR : DW_SEND_MORE);
    if (n < 0) step(w->pass, (int)n, "dw_socket_send_flagged");
    free(bytes);
    dw_socket_close(socket);
}

static void echo_raw(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    world *w = arg;
    int status = dw_node_send_raw(node, bytes, len);
    if (status != DW_OK && status != DW_E_UNREACH) step(w->pass, status, "dw_node_send_raw");
}

static void later(void *arg)
{
    world *w = arg;
    dw_rng *rng = dw_sim_random(w->sim, "test");
    if (!rng) step(w->pass, DW_E_NOMEM, "dw_sim_random");
}

static void heard(const dw_trace_event *event, void *arg)
{
    (void)event;
    (void)arg;
}

static void add_faults(world *w)
{
    static const enum dw_action actions[] = {DW_ACTION_DROP,    DW_ACTION_DELAY,
                                             DW_ACTION_REORDER, DW_ACTION_DUPLICATE,
                                             DW_ACTION_CORRUPT, DW_ACTION_REWRITE};
    for (uint32_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        dw_rule_config rule = {.action = actions[i],
                               .byte = i % 2 ? 3 : -1,
                               .by = 30 * DW_MILLISECOND,
                               .behind = 2,
                               .fields = {{"window", 4000}},
                               .field_count = 1,
                               .where = "api.c",
                               .what = "test"};
        dw_match two = {
            .size = sizeof two, .has_data = 1, .nth = {3 + 2 * i, 4 + 2 * i}, .nth_count = 2};
        rule.match = &two;
        STEP(w->pass,
             i % 2 ? dw_node_rule(w->client, &rule, NULL) : dw_link_rule(w->near, &rule, NULL));
    }
    dw_rule *hold = NULL;
    dw_match fortieth = {.size = sizeof fortieth, .packet = 40};
    dw_rule_config rule = {.action = DW_ACTION_HOLD, .match = &fortieth};
    if (STEP(w->pass, dw_link_rule(w->far, &rule, &hold))) dw_rule_release(hold);
}

static void inject(world *w)
{
    dw_dissection fields = {.src = dw_node_address(w->client),
                            .dst = dw_node_address(w->server),
                            .sport = 7,
                            .dport = 7,
                            .ttl = 64};
    STEP(w->pass, dw_link_inject(w->near, 0, 5 * DW_MILLISECOND, "udp", &fields, "hello", 5));
}

static bool make_hosts(world *w)
{
    const struct profile *profile = &profiles[w->round];
    dw_sim_config config = {.seed = (uint64_t)w->round + 1, .trace = true, .detail = w->round == 1};
    if (!STEP(w->pass, dw_sim_new(&config, &w->sim))) return false;
    STEP(w->pass, dw_sim_option(w->sim, "tcp", "profile", profile->name));
    if (profile->congestion)
        STEP(w->pass, dw_sim_option(w->sim, "tcp", "congestion_control", profile->congestion));
    return STEP(w->pass, dw_node_new(w->sim, "client", &w->client)) &&
           STEP(w->pass, dw_node_new(w->sim, "router", &w->router)) &&
           STEP(w->pass, dw_node_new(w->sim, "server", &w->server));
}

static bool make_links(world *w)
{
    dw_direction_config d = {.delay_ns = 10 * DW_MILLISECOND,
                             .rate_bps = 2000000,
                             .queue_packets = 10,
                             .loss = w->round ? DW_RATIO_ONE / 50 : 0,
                             .duplicate = DW_RATIO_ONE / 60,
                             .corrupt = DW_RATIO_ONE / 70,
                             .reorder = DW_RATIO_ONE / 40,
                             .jitter_ns = DW_MILLISECOND};
    dw_direction_config there = {.size = sizeof there, .mtu = 900};
    dw_direction_config back = {.size = sizeof back, .delay_ns = DW_MILLISECOND};
    return STEP(w->pass, dw_link_new(w->client, w->router, &d, NULL, &w->near)) &&
           STEP(w->pass, dw_link_new(w->router, w->server, &there, &back, &w->far));
}

static void open_sockets(world *w, const char *protocol, uint16_t port)
{
    dw_socket *socket;
    dw_flow here = {.local_port = port};
    dw_flow there = {.remote = dw_node_address(w->server), .remote_port = port};
    bool tcp = strcmp(protocol, "tcp") == 0;
    STEP(w->pass,
         dw_socket_listen(w->server, protocol, &here, 0, tcp ? accept_all : read_all, w, &socket));
    for (int i = 0; i < (tcp ? 3 : 1); i++) {
        int status = dw_socket_connect(w->client, protocol, &there, send_all, w, &socket);
        if (STEP(w->pass, status) && !tcp) {
            int64_t n = dw_socket_send(socket, "datagram", 8);
            if (n < 0) step(w->pass, (int)n, "dw_socket_send");
        }
    }
}

/* A node whose stack is foreign, and a packet for it that gets there in the middle of the run. */
static void add_foreign(world *w)
{
    dw_node *foreign;
    if (!STEP(w->pass, dw_node_new(w->sim, "foreign", &foreign))) return;
    STEP(w->pass, dw_link_new(w->client, foreign, NULL, NULL, NULL));
    dw_node_set_stack(foreign, echo_raw, w);
    static const uint8_t packet[] = {0x45, 0, 0, 48, 0, 1, 0, 0, 9, 17, 0, 0, 10,  0,   0,  4,
                                     10,   0, 0, 1,  0, 7, 0, 7, 0, 28, 0, 0, 'd', 'r', 'y'};
    uint8_t whole[48] = {0};
    memcpy(whole, packet, sizeof packet);
    int status = dw_node_send_raw(foreign, whole, sizeof whole);
    step(w->pass, status, "dw_node_send_raw");
    dw_flow flow = {.remote = dw_node_address(foreign), .remote_port = 9};
    dw_socket *socket;
    if (STEP(w->pass, dw_socket_connect(w->client, "udp", &flow, NULL, NULL, &socket)))
        dw_socket_send(socket, "to the foreign stack", 20);
}

static void build_and_run(world *w)
{
    STEP(w->pass,
         dw_trace_subscribe(w->sim, DW_TRACE_BIT(DW_TRACE_STATE), UINT32_MAX, 0, heard, w));
    if (w->round == 2) add_foreign(w);
    add_faults(w);
    inject(w);
    open_sockets(w, "tcp", 80);
    open_sockets(w, "udp", 53);
    STEP(w->pass, dw_sim_at(w->sim, NULL, 40 * DW_MILLISECOND, later, w));
    bool short_of_memory = failing_happened();
    int status = dw_sim_run(w->sim, w->end ? w->end : DW_SECOND);
    if (status == DW_OK && w->round == 3) dw_node_crash(w->server);
    if (status == DW_OK && !w->end) status = dw_sim_run(w->sim, 10 * DW_MINUTE);
    STEP(w->pass, status);
    if (status == DW_OK && failing_happened() && !short_of_memory)
        step(w->pass, DW_E_MISMATCH, "a run that ended well, though memory was short in it");
}

/* Parts. */

static void mix(pass *p, const char *bytes, size_t len)
{
    p->result = (p->result ^ len) * 0x100000001b3u;
    for (size_t i = 0; i < len; i += 1 + len / 4096) /* enough of it to notice */
        p->result = (p->result ^ (uint8_t)bytes[i]) * 0x100000001b3u;
}

static void run_network(pass *p, int round)
{
    world w = {.pass = p, .round = round};
    char digest[DW_DIGEST_TEXT];
    if (make_hosts(&w) && make_links(&w)) build_and_run(&w);
    if (w.sim) {
        dw_trace_digest(dw_sim_trace(w.sim), digest);
        mix(p, digest, sizeof digest);
    }
    dw_sim_free(w.sim);
}

static void run_rfc9293(pass *p)
{
    run_network(p, 0);
}

static void run_linux(pass *p)
{
    run_network(p, 1);
}

static void run_freebsd(pass *p)
{
    run_network(p, 2);
}

static void run_bbr(pass *p)
{
    run_network(p, 3);
}

/* Takes the text. */
static void drawn(pass *p, char *text, const char *what)
{
    if (text)
        mix(p, text, strlen(text));
    else
        step(p, failing_happened() ? DW_E_NOMEM : DW_E_MISMATCH, what);
    dw_free(text);
}

static void draw_ladders(pass *p)
{
    static const enum dw_ladder_numbers numbers[] = {DW_NUMBERS_RELATIVE, DW_NUMBERS_ABSOLUTE,
                                                     DW_NUMBERS_SYMBOLIC, DW_NUMBERS_LETTERS};
    for (int style = DW_LADDER_UNICODE; style <= DW_LADDER_MSCGEN; style++) {
        const dw_picture picture = {.numbers = numbers[style % 4],
                                    .stage = style & 1 ? DW_STAGE_CLOSE : DW_STAGE_ALL,
                                    .calls = DW_YES};
        dw_ladder_config c = {.style = (enum dw_ladder_style)style, .picture = &picture};
        drawn(p, dw_ladder(given.trace, &c), "dw_ladder");
    }
}

static void draw_svg(pass *p)
{
    const dw_picture picture = {.title = "memory"};
    const dw_svg_config c = {.picture = &picture, .animated = true, .width = 420};
    drawn(p, dw_svg(given.trace, &c), "dw_svg");
    drawn(p, dw_tikz(given.trace, NULL), "dw_tikz");
}

static void draw_html(pass *p)
{
    drawn(p, dw_html(given.trace, &(dw_html_config){.title = "memory"}), "dw_html");
}

static void draw_text(pass *p)
{
    drawn(p, dw_trace_text(given.trace), "dw_trace_text");
}

/* What does not hold comes with a report, unless there was no memory for it.  Takes the report. */
static void answered(pass *p, int status, char **report, const char *what)
{
    if (status == DW_E_NOMEM)
        step(p, status, what);
    else if (status != DW_OK)
        drawn(p, *report, what);
    else
        dw_free(*report);
    *report = NULL;
}

static void ask(pass *p)
{
    static const char figure[] = "      A          B\n\n  1.  CLOSED     LISTEN\n\n"
                                 "  2.  SYN-SENT --> <CTL=SYN> --> CLOSED\n";
    char *report = NULL;
    dw_match match;
    dw_match_any(&match);
    int status = dw_expect_packets(given.trace, &match, 1, &report);
    answered(p, status, &report, "dw_expect_packets");
    status = dw_expect_states(given.trace, 1, "CLOSED -> LISTEN", &report);
    answered(p, status, &report, "dw_expect_states");
    status = dw_expect_reaches(given.trace, 1, "CLOSING", DW_TIME_NEVER, DW_TIME_NEVER, &report);
    answered(p, status, &report, "dw_expect_reaches");
    status = dw_expect_stays(given.trace, 1, "CLOSING", DW_SECOND, 0, DW_TIME_NEVER, &report);
    answered(p, status, &report, "dw_expect_stays");
    status = dw_expect_figure(given.trace, figure, -1, -1, &report);
    answered(p, status, &report, "dw_expect_figure");
    status = dw_trace_diff(given.trace, given.other, 80, &report);
    answered(p, status, &report, "dw_trace_diff");
}

static void look_for_isn(pass *p)
{
    dw_packet_view *views;
    size_t count;
    uint32_t isn = 0;
    dw_trace *trace = NULL;
    if (!STEP(p, dw_trace_begin(&trace))) return;
    for (size_t i = 0; i < dw_trace_count(given.trace) && p->status == DW_OK; i++)
        STEP(p, dw_trace_add(trace, dw_trace_at(given.trace, i)));
    if (p->status == DW_OK && STEP(p, dw_trace_packets(trace, NULL, &views, &count))) {
        dw_dissection d = views[count / 2].d;
        dw_free(views);
        bool found = dw_trace_isn(trace, &d, false, UINT64_MAX, &isn);
        /* It has no other way to say so, but whoever asks for packets then hears of it. */
        if (STEP(p, dw_trace_packets(trace, NULL, &views, &count))) dw_free(views);
        p->result += isn + found;
    }
    dw_trace_free(trace);
}

/* Whole or absent. */
static void written(pass *p, int status, const char *what)
{
    bool there = access(given.out, F_OK) == 0;
    step(p, status, what);
    if (there != (status == DW_OK)) step(p, DW_E_MISMATCH, "a file that should (not) be there");
    if (there) unlink(given.out);
}

static void save_pcapng(pass *p)
{
    char why[400];
    int status = dw_trace_capture(given.trace, given.out, NULL, why, sizeof why);
    written(p, status, "dw_trace_capture");
}

static void save_jsonl(pass *p)
{
    char why[400];
    int status = dw_trace_save(given.trace, given.out, why, sizeof why);
    written(p, status, "dw_trace_save");
}

static void load_jsonl(pass *p)
{
    char why[400] = "", digest[DW_DIGEST_TEXT];
    dw_trace *loaded = NULL;
    if (!STEP(p, dw_trace_load(given.jsonl, &loaded, why, sizeof why))) {
        if (!strstr(why, "out of memory")) step(p, DW_E_MISMATCH, why);
        return;
    }
    dw_trace_digest(loaded, digest);
    mix(p, digest, sizeof digest);
    dw_trace_free(loaded);
}

static const struct part {
    const char *name;
    void (*run)(pass *p);
} parts[] = {
    {"run-rfc9293", run_rfc9293}, {"run-linux", run_linux},     {"run-freebsd", run_freebsd},
    {"run-bbr", run_bbr},         {"ladders", draw_ladders},    {"svg", draw_svg},
    {"html", draw_html},          {"text", draw_text},          {"ask", ask},
    {"isn", look_for_isn},        {"save-pcapng", save_pcapng}, {"save-jsonl", save_jsonl},
    {"load-jsonl", load_jsonl},
};

enum { PARTS = sizeof parts / sizeof *parts };

/* The loop. */

typedef struct totals {
    uint64_t points, wrong, leaks;
} totals;

/* A part, with what fails set. */
static pass done(const struct part *part, uint64_t n, bool later)
{
    pass p = {.result = 0xcbf29ce484222325u};
    failing_set(FAILING_C, n, later);
    part->run(&p);
    return p;
}

static bool leaks(void)
{
    return __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0;
}

/* One point: right, or the error that says so. */
static void try_point(const struct part *part, const pass *right, uint64_t n, bool later, totals *t)
{
    pass p = done(part, n, later);
    const char *what = NULL;
    if (p.status == DW_OK && p.result != right->result)
        what = "no error, but another result";
    else if (p.status != DW_OK && p.status != DW_E_NOMEM)
        what = dw_strerror(p.status);
    t->points++;
    if (!what) return;
    t->wrong++;
    fprintf(stderr, "%s --point %llu%s: %s (%s)\n", part->name, (unsigned long long)n,
            later ? " --later" : "", what, p.where ? p.where : "");
}

static void try_part(const struct part *part, uint64_t stride, totals *t)
{
    pass right = done(part, 0, false);
    uint64_t count = failing_count(FAILING_C), before = t->points;
    if (right.status != DW_OK) {
        fprintf(stderr, "%s, with memory: %s (%s)\n", part->name, dw_strerror(right.status),
                right.where);
        t->wrong++;
        return;
    }
    for (int later = 0; later < 2; later++)
        for (uint64_t n = 1; n <= count; n += stride)
            try_point(part, &right, n, later, t);
    bool leaked = leaks();
    t->leaks += leaked;
    if (leaked) fprintf(stderr, "%s leaks at one of its points\n", part->name);
    fflush(stderr);
    printf("%-12s %6llu allocations, %6llu points\n", part->name, (unsigned long long)count,
           (unsigned long long)(t->points - before));
}

static dw_sim *exchange(int round, dw_time end)
{
    pass p = {0};
    world w = {.pass = &p, .round = round, .end = end};
    if (make_hosts(&w) && make_links(&w)) build_and_run(&w);
    if (p.status == DW_OK) return w.sim;
    fprintf(stderr, "with memory: %s (%s)\n", dw_strerror(p.status), p.where);
    exit(2);
}

static void prepare(void)
{
    char why[400];
    snprintf(given.dir, sizeof given.dir, "/tmp/drywire-memory-XXXXXX");
    if (!mkdtemp(given.dir)) exit(2);
    snprintf(given.jsonl, sizeof given.jsonl, "%s/in.jsonl", given.dir);
    snprintf(given.out, sizeof given.out, "%s/out", given.dir);
    for (int i = 0; i < 3; i++)
        given.sim[i] = exchange(i + 1, i == 2 ? 60 * DW_MILLISECOND : 0);
    given.trace = dw_sim_trace(given.sim[0]);
    given.other = dw_sim_trace(given.sim[1]);
    if (dw_trace_save(dw_sim_trace(given.sim[2]), given.jsonl, why, sizeof why) != DW_OK) exit(2);
}

/* What is left in the directory was left by a point. */
static bool clean_up(void)
{
    for (int i = 0; i < 3; i++)
        dw_sim_free(given.sim[i]);
    unlink(given.jsonl);
    if (rmdir(given.dir) == 0) return true;
    fprintf(stderr, "%s is not empty\n", given.dir);
    return false;
}

int main(int argc, char **argv)
{
    enum { STRIDE = 7 };
    uint64_t point = 0, stride = STRIDE;
    const char *only = NULL;
    bool later = false;
    totals t = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) stride = 1;
        if (strcmp(argv[i], "--later") == 0) later = true;
        if (strcmp(argv[i], "--part") == 0 && i + 1 < argc) only = argv[++i];
        if (strcmp(argv[i], "--point") == 0 && i + 1 < argc) point = strtoull(argv[++i], NULL, 10);
    }
    prepare();
    failing_show(point > 0);
    for (int i = 0; i < PARTS; i++) {
        if (only && strcmp(only, parts[i].name) != 0) continue;
        pass right = point ? done(&parts[i], 0, false) : (pass){0};
        if (point)
            try_point(&parts[i], &right, point, later, &t);
        else
            try_part(&parts[i], stride, &t);
    }
    failing_set(FAILING_C, 0, false);
    t.wrong += !clean_up();
    t.leaks += leaks();
    printf("%llu points, %llu wrong, %llu leak reports\n", (unsigned long long)t.points,
           (unsigned long long)t.wrong, (unsigned long long)t.leaks);
    return t.wrong || t.leaks ? 1 : 0;
}
