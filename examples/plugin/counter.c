/* A protocol in one file: IP protocol 253 (for experiments, RFC 3692).  It counts the packets that
 * come, and answers each with the count.  Built out of tree: see docs/PLUGINS.md. */
#include <drywire/plugin.h>

enum { PROTOCOL = 253, HEADER = 4 };

static const dw_cause too_short = {"counter-too-short", NULL, "the packet has no counter"};
static const dw_cause answered = {"counter-answer", NULL, "a packet was counted"};

typedef struct counter {
    dw_node *node;
    const dw_host *host;
    uint32_t count;
} counter;

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    counter *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    self->node = node;
    self->host = host;
    *instance = self;
    return DW_OK;
}

static void detach(void *instance)
{
    counter *self = instance;
    self->host->free(self->node, self, sizeof *self);
}

/* A packet came: count it.  The highest bit marks an answer, which is not answered. */
static void input(void *instance, dw_packet *packet, const dw_flow *flow, dw_iface *iface)
{
    counter *self = instance;
    (void)iface;
    if (dw_packet_head_len(packet) < HEADER) {
        self->host->packet_drop(self->node, packet, &too_short);
        return;
    }
    uint32_t value = dw_get32(dw_packet_head(packet));
    self->host->packet_free(self->node, packet);
    self->host->trace_variable(self->node, 0, "counted", ++self->count);
    if (value >> 31) return;
    dw_packet *reply = self->host->packet_new(self->node);
    if (!reply) return;
    dw_put32(dw_packet_push(reply, HEADER), self->count | (uint32_t)1 << 31);
    reply->cause = &answered;
    self->host->send_down(self->node, reply, flow);
}

static void dissect(const uint8_t *bytes, size_t captured, size_t len, dw_dissection *out)
{
    (void)bytes;
    (void)len;
    out->protocol = "counter";
    if (captured < HEADER) out->malformed = "no counter";
}

static int build(dw_packet *packet, const dw_dissection *fields)
{
    dw_put32(dw_packet_push(packet, HEADER), fields->seq);
    return DW_OK;
}

static const dw_protocol_ops ops = {
    .size = sizeof(dw_protocol_ops),
    .layer = DW_LAYER_TRANSPORT,
    .number = PROTOCOL,
    .attach = attach,
    .detach = detach,
    .input = input,
    .dissect = dissect,
    .build = build,
};

static const dw_plugin plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "counter",
    .summary = "counts packets",
    .protocol = &ops,
};

DW_API const dw_plugin *dw_plugin_entry(void);
const dw_plugin *dw_plugin_entry(void)
{
    return &plugin;
}
