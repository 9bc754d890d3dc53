/* A fuzzer of live connections: bytes become segments, ICMP errors, calls and the passing of time.
 *
 * Whatever comes: no crash, no leak (the sanitizers see to that), no broken invariant (tcp_check.c
 * runs after each step), no endless answering, and in the end no connection that cannot end. */
#include "fake_host.h"
#include "tcp/tcp_icmp.h"
#include "tcp/tcp_user.h"

enum { MAX_SOCKETS = 12, MAX_INPUT_SIZE = 600 }; /* longer ones only take time */

typedef struct input {
    const uint8_t *bytes;
    size_t len, at;
} input;

static uint8_t next8(input *in)
{
    return in->at < in->len ? in->bytes[in->at++] : 0;
}

static uint16_t next16(input *in)
{
    uint8_t high = next8(in);
    return (uint16_t)(high << 8 | next8(in));
}

static dw_socket *sockets[MAX_SOCKETS];
static int socket_count;

static void keep(dw_socket *s)
{
    if (socket_count < MAX_SOCKETS)
        sockets[socket_count++] = s;
    else
        dw_tcp_sockets.abort(s);
}

static void forget(int i)
{
    sockets[i] = sockets[--socket_count];
}

/* A few peers and ports, so that segments meet connections. */
static dw_flow flow_of(uint8_t choice)
{
    return (dw_flow){.local = here,
                     .remote = there,
                     .local_port = (uint16_t)(MY_PORT + (choice & 1)),
                     .remote_port = (uint16_t)(PEER_PORT + (choice >> 1 & 3))};
}

/* Near what the connection expects, or anything. */
static uint32_t number_near(input *in, uint32_t expected, uint32_t wnd)
{
    static const int32_t steps[] = {0, 0, 0, 1, -1, 2, 10, -10, 1000, -1000};
    uint8_t how = next8(in);
    if (how < 200) return expected + (uint32_t)steps[how % 10];
    if (how < 220) return expected + wnd / 2;
    if (how < 230) return expected + wnd - 1;
    if (how < 240) return expected + wnd;
    return (uint32_t)next16(in) << 16 | next16(in);
}

/* SACK-permitted on a SYN; blocks near what is outstanding on others. */
static uint32_t sack_options(input *in, const dw_tcb *t, uint8_t flags, uint8_t *o)
{
    memset(o, DW_TCP_OPT_NOP, 4);
    if (flags & DW_TCP_SYN) {
        o[2] = DW_TCP_OPT_SACK_PERMITTED;
        o[3] = 2;
        return 4;
    }
    if (!t) return 0;
    uint8_t blocks = (uint8_t)(1 + next8(in) % 3);
    o[2] = DW_TCP_OPT_SACK;
    o[3] = (uint8_t)(2 + 8 * blocks);
    for (int i = 0; i < blocks; i++) {
        uint8_t from = next8(in), len = next8(in);
        uint32_t at =
            from < 250 ? t->snd_una + from * t->snd_mss / 4 : number_near(in, t->snd_una, 9);
        dw_put32(o + 4 + 8 * i, at);
        dw_put32(o + 8 + 8 * i, len < 250 ? at + len * t->snd_mss / 4 : number_near(in, at, 9));
    }
    return 4 + 8u * blocks;
}

static void segment_arrives(input *in)
{
    uint8_t header[60] = {0}, who = next8(in);
    dw_flow flow = flow_of(who);
    dw_tcb *t = dw_tcp_find(fake.tcp, &flow);
    uint8_t flags = next8(in), options = next8(in), shape = next8(in);
    uint8_t prepared[40];
    uint32_t sack_len = shape & 64 ? sack_options(in, t, flags, prepared) : 0;
    uint32_t options_len = sack_len ? sack_len : options & 0x80 ? 0 : options % 11 * 4;
    uint32_t len = 20 + options_len, data = shape & 1 ? next8(in) * (shape & 2 ? 8u : 1u) : 0;
    dw_put16(header, flow.remote_port);
    dw_put16(header + 2, flow.local_port);
    dw_put32(header + 4, number_near(in, t ? t->rcv_nxt : 5000, t ? t->rcv_wnd : 0));
    dw_put32(header + 8, number_near(in, t ? t->snd_nxt : 1000, t ? t->snd_nxt - t->snd_una : 0));
    header[12] = (uint8_t)(shape & 4 && shape & 8 ? next8(in) : len / 4 << 4);
    header[13] = flags;
    dw_put16(header + 14, (uint16_t)(shape & 16 ? 0 : next16(in)));
    dw_put16(header + 18, (uint16_t)(flags & DW_TCP_URG ? next16(in) : 0));
    for (uint32_t i = 0; i < options_len; i++)
        header[20 + i] = sack_len ? prepared[i] : next8(in);
    dw_packet *p = dw_packet_new(fake.sim);
    if (data) {
        dw_buf *buf = dw_buf_new(NULL, data);
        memset(buf->bytes, 'x', data);
        dw_packet_append(p, (dw_slice){.buf = buf, .len = data});
    }
    memcpy(dw_packet_push(p, len), header, len);
    if (!(shape & 32)) { /* a true checksum */
        p->checksum = DW_CHECKSUM_PARTIAL;
        p->checksum_start = p->head_start;
        p->checksum_at = (uint8_t)(p->head_start + 16);
        dw_put16(dw_packet_head(p) + 16,
                 dw_checksum_fold(dw_checksum_pseudo(&here, &there, 6, dw_packet_len(p))));
    }
    dw_flow ip = {.local = here, .remote = there, .transport = 6, .tos = shape};
    fake.settle = NULL;
    dw_tcp_arrives(fake.tcp, p, &ip);
    if (fake.settle) fake.settle(fake.settle_instance);
}

static void icmp_arrives(input *in)
{
    dw_flow flow = flow_of(next8(in));
    dw_tcb *t = dw_tcp_find(fake.tcp, &flow);
    dw_net_error e = {.kind = next8(in) % 10, .mtu = next16(in)};
    dw_put32(e.quoted + 4, number_near(in, t ? t->snd_una : 0, 10));
    fake.settle = NULL;
    dw_tcp_network_error(fake.tcp, &flow, &e);
    if (fake.settle) fake.settle(fake.settle_instance);
}

static void send_something(dw_socket *s, uint32_t len, uint32_t flags)
{
    dw_buf *buf = dw_buf_new(NULL, len);
    memset(buf->bytes, 'y', len);
    dw_slice slice = {.buf = buf, .len = len};
    int64_t taken = dw_tcp_sockets.send_flagged(s, &slice, 1, flags);
    if (taken <= 0) dw_buf_unref(buf);
}

static void receive_something(dw_socket *s, uint32_t max)
{
    dw_slice out;
    if (dw_tcp_sockets.recv(s, max, &out) > 0) dw_buf_unref(out.buf);
}

static void set_something(dw_socket *s, uint8_t which)
{
    static const char *const settings[][2] = {
        {"nagle", "false"},           {"keepalive", "true"}, {"keepalive_idle", "1min"},
        {"keepalive_interval", "1s"}, {"tos", "8"},          {"user_timeout", "30s"},
        {"reports", "false"},         {"nagle", "true"}};
    char why[100];
    dw_tcp_sockets.set(s, settings[which % 8][0], settings[which % 8][1], why, sizeof why);
}

static void user_calls(input *in)
{
    uint8_t what = next8(in), which = next8(in);
    dw_socket *s = socket_count ? sockets[which % socket_count] : NULL;
    dw_socket *fresh;
    dw_open how = {.flow = flow_of(which), .fast = what & 16};
    switch (what % 10) {
    case 0:
        if (dw_tcp_sockets.open(fake.tcp, &how, &fresh) == DW_OK) keep(fresh);
        return;
    case 1:
        how.flow = (dw_flow){.local_port = how.flow.local_port};
        if (dw_tcp_sockets.listen(fake.tcp, &how.flow, which % 4, &fresh) == DW_OK) keep(fresh);
        return;
    default: break;
    }
    if (!s) return;
    if (s->listening) {
        if (what % 10 == 9) {
            dw_tcp_sockets.close(s);
            forget(which % socket_count);
        } else if (dw_tcp_sockets.accept(s, &fresh) == DW_OK) {
            keep(fresh);
        }
        return;
    }
    switch (what % 10) {
    case 2: send_something(s, next16(in) % 5000 + 1u, 0); return;
    case 3: send_something(s, next8(in) + 1u, next8(in) % 4); return;
    case 4: receive_something(s, next16(in) + 1u); return;
    case 5: dw_tcp_sockets.shutdown(s); return;
    case 6: set_something(s, next8(in)); return;
    case 7: (void)dw_tcp_sockets.error(s); return;
    case 8:
        dw_tcp_sockets.abort(s);
        forget(which % socket_count);
        return;
    case 9:
        dw_tcp_sockets.close(s);
        forget(which % socket_count);
        return;
    default: return;
    }
}

static void pass_time(input *in)
{
    static const dw_time steps[] = {
        DW_MILLISECOND, 100 * DW_MILLISECOND, DW_SECOND, 10 * DW_SECOND, DW_MINUTE, DW_HOUR};
    advance_to(fake.now + steps[next8(in) % 6]);
}

/* One step must not send without end. */
static void answered(void)
{
    DW_ASSERT(fake.sent_count < MAX_SENT);
    fake.sent_count = fake.read_count = 0;
}

static void configure(input *in)
{
    static const char *const profiles[] = {"rfc9293", "linux", "freebsd", "rfc793", "embedded"};
    char why[100];
    uint8_t options = next8(in), choice = next8(in), way = choice / 5, controls = 0;
    dw_tcp_plugin.protocol->option(fake.tcp, "profile", profiles[choice % 5], why, sizeof why);
    dw_tcp_profile *p = &fake.tcp->profile;
    while (dw_tcp_congestion_names[controls])
        controls++;
    if (way > 0) p->congestion_control = (uint8_t)(way % controls);
    uint8_t recovery = (options ^ way) % 4;
    if (recovery < 3) p->recovery = recovery;
    p->early_retransmit = way & 1;
    p->rto_restart = way & 2;
    p->pacing = way & 4;
    p->receive_autotune = p->send_autotune = way & 8;
    p->sack_rescue = way & 16;
    /* Without control a whole buffer leaves in one step. */
    if (strcmp(dw_tcp_congestion_names[p->congestion_control], "none") == 0)
        p->send_buffer = p->send_buffer_most = 8192;
    p->timestamps = options & 1;
    p->sack = true;
    p->ecn = options % 6;
    p->fast_open = options & 2;
    p->syn_full = options >> 2 & 1 ? DW_TCP_FULL_COOKIES : p->syn_full;
    p->user_timeout_option = options & 8;
    if (options & 16) p->receive_buffer = 300;
    if (options & 32) p->finwait2_timeout = DW_MINUTE;
    if (options & 64) p->blackhole_detection = true;
    if (options & 128) p->reassembly_limit = 3;
}

/* After all users have left, time ends every connection; FIN-WAIT-2 may wait for ever, and so may
 * what its user has not closed. */
static void everything_ends(void)
{
    while (socket_count > 0) {
        dw_tcp_sockets.close(sockets[socket_count - 1]);
        socket_count--;
        answered();
    }
    for (int day = 0; day < 4; day++)
        for (int hour = 0; hour < 24; hour++) {
            advance_to(fake.now + DW_HOUR);
            answered();
        }
    for (uint32_t b = 0; b < fake.tcp->table.size; b++)
        for (dw_tcp_link *l = fake.tcp->table.buckets[b]; l; l = l->next) {
            const dw_tcb *t = (dw_tcb *)(void *)((char *)l - offsetof(dw_tcb, link));
            DW_ASSERT(t->state == DW_TCP_FIN_WAIT_2);
        }
    DW_ASSERT(fake.tcp->time_wait.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    void *none = NULL;
    input in = {bytes, len < MAX_INPUT_SIZE ? len : MAX_INPUT_SIZE, 0};
    socket_count = 0;
    fake_setup(&none);
    configure(&in);
    while (in.at < in.len) {
        uint8_t what = next8(&in);
        if (what < 160)
            segment_arrives(&in);
        else if (what < 225)
            user_calls(&in);
        else if (what < 240)
            icmp_arrives(&in);
        else
            pass_time(&in);
        answered();
    }
    everything_ends();
    fake_teardown(&none);
    return 0;
}
