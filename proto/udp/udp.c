/* UDP (RFC 768): datagrams between ports.  A socket sends whole datagrams and receives them in
 * order of arrival; those that find no room or no socket are dropped with a reason. */
#include "../builtin.h"
#include "../icmp/icmp.h"

#include <string.h>

enum { PROTOCOL = 17, HEADER = 8, QUEUE_LIMIT = 1024 * 1024, FIRST_PORT = 49152 };

static const dw_cause causes[] = {
    {"udp-bad-checksum", "RFC 768", "the checksum does not match"},
    {"udp-bad-length", "RFC 768", "the length field is wrong"},
    {"port-unreachable", "RFC 1122 4.1.3.1", "no socket is bound to the port"},
    {"udp-buffer-full", NULL, "the socket's receive buffer is full"},
};
enum { BAD_CHECKSUM, BAD_LENGTH, NO_PORT, NO_ROOM };

typedef struct datagram {
    struct datagram *next;
    dw_packet *packet;
} datagram;

typedef struct udp_socket {
    dw_socket socket;
    struct udp *udp;
    struct udp_socket *next;
    dw_flow flow;
    datagram *first, *last;
    uint64_t queued;
    bool closed;
} udp_socket;

typedef struct udp_settings {
    uint32_t tcp_port;
} udp_settings;

typedef struct udp {
    udp_settings settings;
    dw_node *node;
    const dw_host *host;
    udp_socket *sockets;
    uint16_t next_port;
} udp;

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    udp *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    *self = (udp){.node = node, .host = host, .next_port = FIRST_PORT};
    *instance = self;
    return DW_OK;
}

static void drop_queue(udp_socket *s)
{
    while (s->first) {
        datagram *d = s->first;
        s->first = d->next;
        s->udp->host->packet_free(s->udp->node, d->packet);
        s->udp->host->free(s->udp->node, d, sizeof *d);
    }
    s->last = NULL;
    s->queued = 0;
}

static void socket_free(udp_socket *s)
{
    drop_queue(s);
    s->udp->host->notify(&s->socket, 0);
    s->udp->host->free(s->udp->node, s, sizeof *s);
}

static void detach(void *instance)
{
    udp *self = instance;
    while (self->sockets) {
        udp_socket *s = self->sockets;
        self->sockets = s->next;
        socket_free(s);
    }
    self->host->free(self->node, self, sizeof *self);
}

static void crash(void *instance)
{
    for (udp_socket *s = ((udp *)instance)->sockets; s; s = s->next) {
        drop_queue(s);
        s->closed = true;
        s->udp->host->notify(&s->socket, DW_SOCKET_ERROR);
    }
}

static void write_header(dw_packet *p, const dw_addr *src, const dw_addr *dst, uint16_t sport,
                         uint16_t dport)
{
    uint8_t *h = dw_packet_push(p, HEADER);
    uint32_t len = dw_packet_len(p);
    dw_put16(h, sport);
    dw_put16(h + 2, dport);
    dw_put16(h + 4, (uint16_t)len);
    dw_put16(h + 6, dw_checksum_fold(dw_checksum_pseudo(src, dst, PROTOCOL, len)));
    p->checksum = DW_CHECKSUM_PARTIAL;
    p->checksum_start = p->head_start;
    p->checksum_at = (uint8_t)(p->head_start + 6);
}

static bool port_taken(const udp *self, uint16_t port)
{
    for (const udp_socket *s = self->sockets; s; s = s->next)
        if (s->flow.local_port == port) return true;
    return false;
}

static int open_socket(udp *self, const dw_flow *flow, const dw_socket_ops *ops, dw_socket **out)
{
    dw_flow f = *flow;
    if (f.local.family == 0) f.local = self->host->source(self->node, &f.remote);
    if (f.local_port == 0) {
        for (uint32_t tries = 0; port_taken(self, self->next_port); tries++) {
            if (tries == UINT16_MAX - FIRST_PORT) return DW_E_ADDRINUSE;
            self->next_port =
                self->next_port == UINT16_MAX ? FIRST_PORT : (uint16_t)(self->next_port + 1);
        }
        f.local_port = self->next_port;
    } else if (port_taken(self, f.local_port)) {
        return DW_E_ADDRINUSE;
    }
    udp_socket *s = self->host->alloc(self->node, sizeof *s);
    if (!s) return DW_E_NOMEM;
    f.transport = PROTOCOL;
    *s = (udp_socket){
        .socket = {.ops = ops, .node = self->node}, .udp = self, .flow = f, .next = self->sockets};
    s->socket.conn = self->host->conn_new(self->node, "udp", &f);
    self->sockets = s;
    *out = &s->socket;
    return DW_OK;
}

static udp_socket *of(dw_socket *socket)
{
    return (udp_socket *)socket;
}

static int64_t udp_send(dw_socket *socket, const dw_slice *slices, size_t count)
{
    udp_socket *s = of(socket);
    udp *self = s->udp;
    if (s->closed) return DW_E_CRASHED;
    if (s->flow.remote.family == 0) return DW_E_NOTCONN;
    int64_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += slices[i].len;
    if (len > 65535 - HEADER - 20) return DW_E_INVAL;
    dw_packet *p = self->host->packet_new(self->node);
    if (!p) return DW_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        dw_buf_ref(slices[i].buf); /* the caller's go only with what was sent */
        if (!dw_packet_append(p, slices[i])) self->host->no_memory(self->node);
    }
    p->conn = socket->conn;
    write_header(p, &s->flow.local, &s->flow.remote, s->flow.local_port, s->flow.remote_port);
    int status = self->host->send_down(self->node, p, &s->flow);
    for (size_t i = 0; i < count && status == DW_OK && len > 0; i++)
        dw_buf_unref(slices[i].buf);
    return status == DW_OK ? len : status;
}

static int64_t udp_recv(dw_socket *socket, uint64_t max, dw_slice *out)
{
    udp_socket *s = of(socket);
    if (s->closed) return DW_E_CRASHED;
    datagram *d = s->first;
    if (!d) return DW_E_AGAIN;
    dw_packet *p = d->packet;
    bool whole = p->slice_count <= 1 || dw_packet_own_payload(p);
    dw_slice slice = p->slice_count ? p->slice[0] : (dw_slice){.buf = dw_buf_new(NULL, 0)};
    if (!whole || !slice.buf) {
        s->udp->host->no_memory(s->udp->node);
        return DW_E_NOMEM;
    }
    if (p->slice_count) dw_buf_ref(slice.buf);
    if (slice.len > max) slice.len = (uint32_t)max;
    s->first = d->next;
    if (!s->first) s->last = NULL;
    s->queued -= p->payload_len;
    s->udp->host->packet_free(s->udp->node, p);
    s->udp->host->free(s->udp->node, d, sizeof *d);
    *out = slice;
    return slice.len;
}

static int udp_shutdown(dw_socket *socket)
{
    (void)socket;
    return DW_OK;
}

static void udp_close(dw_socket *socket)
{
    udp_socket *s = of(socket);
    for (udp_socket **at = &s->udp->sockets; *at; at = &(*at)->next) {
        if (*at != s) continue;
        *at = s->next;
        break;
    }
    socket_free(s);
}

static int udp_error(const dw_socket *socket)
{
    return ((const udp_socket *)socket)->closed ? DW_E_CRASHED : DW_OK;
}

static const char *udp_state(const dw_socket *socket)
{
    return ((const udp_socket *)socket)->closed ? "CLOSED" : "OPEN";
}

static void udp_info(const dw_socket *socket, dw_info_fn each, void *ctx)
{
    each(ctx, "queued", (int64_t)((const udp_socket *)socket)->queued);
}

static int udp_connect(void *instance, const dw_flow *flow, dw_socket **out);
static int udp_listen(void *instance, const dw_flow *flow, int backlog, dw_socket **out);

static int udp_accept(dw_socket *listener, dw_socket **out)
{
    (void)listener;
    (void)out;
    return DW_E_INVAL;
}

static const dw_socket_ops sockets = {
    .size = sizeof sockets,
    .connect = udp_connect,
    .listen = udp_listen,
    .accept = udp_accept,
    .send = udp_send,
    .recv = udp_recv,
    .shutdown = udp_shutdown,
    .close = udp_close,
    .abort = udp_close,
    .error = udp_error,
    .state = udp_state,
    .info = udp_info,
};

static int udp_connect(void *instance, const dw_flow *flow, dw_socket **out)
{
    return open_socket(instance, flow, &sockets, out);
}

/* A UDP "listener" is a socket that receives from anybody. */
static int udp_listen(void *instance, const dw_flow *flow, int backlog, dw_socket **out)
{
    (void)backlog;
    if (flow->local_port == 0) return DW_E_INVAL;
    return open_socket(instance, flow, &sockets, out);
}

static udp_socket *find(const udp *self, const dw_flow *flow)
{
    udp_socket *any = NULL;
    for (udp_socket *s = self->sockets; s; s = s->next) {
        if (s->flow.local_port != flow->local_port || s->closed) continue;
        if (s->flow.remote.family == 0) any = s;
        if (s->flow.remote_port == flow->remote_port &&
            dw_addr_equal(&s->flow.remote, &flow->remote))
            return s;
    }
    return any;
}

/* TCP in UDP: without this header the segment is as any other. */
static const dw_cause *to_tcp(udp *self, dw_packet *p, const dw_flow *flow)
{
    enum { TCP_HEADER = 20, OFFSET_AT = 12 };
    uint32_t head = dw_packet_head_len(p);
    if (head < HEADER + TCP_HEADER && !dw_packet_gather(p, HEADER + TCP_HEADER - head))
        return &causes[BAD_LENGTH];
    uint32_t offset = (uint32_t)(dw_packet_head(p)[HEADER + OFFSET_AT] >> 4) * 4;
    head = dw_packet_head_len(p);
    if (HEADER + offset > head && !dw_packet_gather(p, HEADER + offset - head))
        return &causes[BAD_LENGTH];
    dw_flow inner = *flow;
    inner.udp_local = flow->local_port;
    inner.udp_remote = flow->remote_port;
    inner.transport = 6;
    dw_packet_pull(p, HEADER);
    p->checksum = DW_CHECKSUM_COMPLETE;
    self->host->deliver_up(self->node, p, &inner);
    return NULL;
}

/* Why a datagram is dropped, or NULL: it waits for its user, or was TCP's (RFC 768; TCP in UDP).  A
 * checksum of zero says that there is none, unless a device is still to compute it. */
static const dw_cause *receive(udp *self, dw_packet *p, const dw_flow *from)
{
    uint32_t have = dw_packet_head_len(p);
    const uint8_t *h = dw_packet_head(p);
    if (have < HEADER || dw_get16(h + 4) != dw_packet_len(p)) return &causes[BAD_LENGTH];
    bool checked = dw_get16(h + 6) != 0 || p->checksum == DW_CHECKSUM_PARTIAL;
    if (checked &&
        !dw_packet_verify_checksum(
            p, dw_checksum_pseudo(&from->remote, &from->local, PROTOCOL, dw_packet_len(p)),
            p->head_start))
        return &causes[BAD_CHECKSUM];
    dw_flow flow = *from;
    flow.remote_port = dw_get16(h);
    flow.local_port = dw_get16(h + 2);
    if (self->settings.tcp_port && flow.local_port == self->settings.tcp_port)
        return to_tcp(self, p, &flow);
    udp_socket *s = find(self, &flow);
    if (!s) return &causes[NO_PORT];
    datagram *d = NULL;
    if (s->queued + p->payload_len <= QUEUE_LIMIT) d = self->host->alloc(self->node, sizeof *d);
    if (!d) return &causes[NO_ROOM];
    d->packet = p;
    if (s->last)
        s->last->next = d;
    else
        s->first = d;
    s->last = d;
    s->queued += p->payload_len;
    self->host->notify(&s->socket, DW_SOCKET_READABLE);
    return NULL;
}

static void input(void *instance, dw_packet *p, const dw_flow *flow, dw_iface *iface)
{
    (void)iface;
    udp *self = instance;
    const dw_cause *wrong = receive(self, p, flow);
    if (!wrong) return;
    if (wrong == &causes[NO_PORT])
        dw_icmp_error(self->host, self->node, p, DW_NET_UNREACHABLE_PORT, 0);
    self->host->packet_drop(self->node, p, wrong);
}

/* An error about TCP in UDP is TCP's, when it quotes enough to tell whose. */
static void network_error(void *instance, const dw_flow *flow, const dw_net_error *error)
{
    udp *self = instance;
    if (!self->settings.tcp_port || flow->local_port != self->settings.tcp_port) return;
    if (error->quoted_len < 2 * HEADER) return;
    dw_flow inner = *flow;
    dw_net_error about = *error;
    inner.transport = 6;
    inner.udp_local = flow->local_port;
    inner.udp_remote = flow->remote_port;
    inner.local_port = dw_get16(error->quoted + HEADER);
    inner.remote_port = dw_get16(error->quoted + HEADER + 2);
    memmove(about.quoted, error->quoted + HEADER, HEADER);
    about.quoted_len = HEADER;
    self->host->deliver_error(self->node, &inner, &about);
}

static const dw_option options[] = {
    {.name = "tcp_port",
     .kind = DW_OPTION_COUNT,
     .offset = offsetof(udp_settings, tcp_port),
     .max = 65535,
     .doc = "Datagrams to this port carry TCP segments; 0: none do."},
    {0},
};

static void *options_of(void *instance)
{
    return &((udp *)instance)->settings;
}

static void dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    out->protocol = "udp";
    if (captured < HEADER || len < HEADER) {
        out->malformed = "no UDP header";
        return;
    }
    out->sport = dw_get16(b);
    out->dport = dw_get16(b + 2);
    out->header_len = (uint8_t)(out->header_len + HEADER);
    out->len = (uint32_t)len - HEADER;
}

static int build(dw_packet *p, const dw_dissection *f)
{
    write_header(p, &f->src, &f->dst, f->sport, f->dport);
    return DW_OK;
}

static const char *const fields[] = {"src_port", "dst_port", NULL};
static const uint8_t field_bits[] = {16, 16};

/* RFC 1624, as in tcp_wire.c; 0 means that there is no checksum, and is left so. */
static int rewrite(dw_packet *p, const dw_dissection *read, const char *field, int64_t value)
{
    uint8_t *h = dw_packet_head(p) + read->transport_at;
    bool source = strcmp(field, "src_port") == 0;
    if (!source && strcmp(field, "dst_port") != 0) return DW_E_NOENT;
    uint8_t *port = source ? h : h + 2;
    uint64_t sum = (uint64_t)(uint16_t)~dw_get16(h + 6) + (uint16_t)~dw_get16(port);
    dw_put16(port, (uint16_t)value);
    if (p->checksum != DW_CHECKSUM_COMPLETE || dw_get16(h + 6) == 0) return DW_OK;
    uint16_t checksum = (uint16_t)~dw_checksum_fold(sum + (uint16_t)value);
    dw_put16(h + 6, checksum ? checksum : UINT16_MAX);
    return DW_OK;
}

static uint8_t *address_checksum(dw_packet *p, const dw_dissection *read)
{
    uint8_t *field = dw_packet_head(p) + read->transport_at + 6;
    return p->checksum == DW_CHECKSUM_COMPLETE && dw_get16(field) == 0 ? NULL : field;
}

static void fingerprint(void *instance, dw_fingerprint *into)
{
    const udp *self = instance;
    dw_fp_u64(into, (uint64_t)self->settings.tcp_port << 16 | self->next_port);
    for (const udp_socket *s = self->sockets; s; s = s->next) {
        dw_fp_u64(into, 1);
        dw_fp_socket(into, &s->socket);
        dw_fp_flow(into, &s->flow);
        dw_fp_u64(into, s->queued << 1 | s->closed);
        for (const datagram *d = s->first; d; d = d->next)
            dw_fp_packet(into, d->packet);
    }
    dw_fp_u64(into, 0);
}

/* A checksum that is still to be made holds; one that is there counts. */
static uint8_t fingerprint_header(const dw_packet *p, uint8_t at, uint8_t *next,
                                  dw_fingerprint *into)
{
    enum { CHECKSUM_AT = 6 };
    bool partial = p->checksum == DW_CHECKSUM_PARTIAL;
    if (p->head_end - at < HEADER || (partial && p->checksum_at != at + CHECKSUM_AT)) return at;
    dw_fp_bytes(into, p->head + at, partial ? CHECKSUM_AT : HEADER);
    *next = 0;
    return (uint8_t)(at + HEADER);
}

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_TRANSPORT,
    .number = PROTOCOL,
    .attach = attach,
    .detach = detach,
    .crash = crash,
    .input = input,
    .sockets = &sockets,
    .error = network_error,
    .options = options,
    .options_of = options_of,
    .dissect = dissect,
    .rewrite = rewrite,
    .fields = fields,
    .field_bits = field_bits,
    .address_checksum = address_checksum,
    .build = build,
    .fingerprint = fingerprint,
    .fingerprint_header = fingerprint_header,
    .causes = causes,
    .cause_count = sizeof causes / sizeof causes[0],
};

const dw_plugin dw_udp_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "udp",
    .summary = "UDP datagrams",
    .protocol = &ops,
};
