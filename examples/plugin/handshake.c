/* A connection-oriented protocol in one file: IP protocol 254 (for experiments, RFC 3692).
 *
 * A server invites; whoever is invited calls back.  Both say HELLO with a number of their choice,
 * from which each counts what it sends: HELLO and BYE count as one octet.  One message is under way
 * at a time, and is repeated until it is HEARD.  The tables at the end tell pictures and queries
 * what its states and flags mean.  Built out of tree: see docs/PLUGINS.md. */
#include <drywire/plugin.h>

#include <string.h>

/* Ports, sequence and acknowledgment number, flags, and an octet that is zero. */
enum { PROTOCOL = 254, HEADER = 14, MESSAGES = 3 };
enum { INVITE = 1, HELLO = 2, HEARD = 4, MORE = 8, BYE = 16, ABORT = 32 };
enum state { GONE, AWAITING, CALLING, ANSWERED, TALKING, PARTING, LINGERING, STATES };

#define REPEAT_NS (200 * DW_MILLISECOND)
#define LINGER_NS (1 * DW_SECOND)

static const char *const state_names[] = {"GONE",    "AWAITING", "CALLING",   "ANSWERED",
                                          "TALKING", "PARTING",  "LINGERING", NULL};
static const char *const flag_names[] = {"INVITE", "HELLO", "HEARD", "MORE", "BYE", "ABORT", NULL};

enum why {
    INVITED,
    CALLED,
    ANSWER,
    MESSAGE,
    TOLD,
    REPEATED,
    PARTS,
    PARTED,
    LINGERED,
    ABORTED,
    NOBODY,
    TOO_SHORT,
    WHYS
};
static const dw_cause causes[WHYS] = {
    [INVITED] = {"invited", NULL, "somebody asked to be called back"},
    [CALLED] = {"called", NULL, "a HELLO reached a host that waits for some"},
    [ANSWER] = {"hello-heard", NULL, "our HELLO was heard"},
    [MESSAGE] = {"message", NULL, "there was something to say"},
    [TOLD] = {"message-heard", NULL, "a message is acknowledged"},
    [REPEATED] = {"not-heard", NULL, "nobody heard it in time, so it is said again"},
    [PARTS] = {"all-said", NULL, "everything has been said"},
    [PARTED] = {"bye-heard", NULL, "our BYE was heard"},
    [LINGERED] = {"linger-over", NULL, "the peer has not repeated itself for a second"},
    [ABORTED] = {"aborted", NULL, "the peer knows of no connection"},
    [NOBODY] = {"no-connection", NULL, "it belongs to no connection"},
    [TOO_SHORT] = {"handshake-too-short", NULL, "the header is not whole"},
};

typedef struct conn {
    struct stack *stack;
    struct conn *next;
    dw_flow flow;
    uint32_t number;  /* in the trace */
    uint32_t una;     /* the first octet that was not heard */
    uint32_t nxt;     /* behind the last that was sent; una: nothing is under way */
    uint32_t rcv_nxt; /* the next that is expected */
    uint32_t said;    /* messages */
    uint8_t flags;    /* of what is under way */
    uint8_t state;    /* enum state */
    dw_timer timer;
} conn;

typedef struct stack {
    dw_node *node;
    const dw_host *host;
    conn *first;
} stack;

static void send(conn *c, uint8_t flags, uint32_t seq, const char *text, const dw_cause *cause)
{
    const dw_host *host = c->stack->host;
    dw_packet *p = host->packet_new(c->stack->node);
    dw_buf *buf = p && *text ? dw_buf_new(text, strlen(text)) : NULL;
    if (!p) return;
    if (buf) dw_packet_append(p, (dw_slice){.buf = buf, .len = (uint32_t)strlen(text)});
    uint8_t *h = dw_packet_push(p, HEADER);
    dw_put16(h, c->flow.local_port);
    dw_put16(h + 2, c->flow.remote_port);
    dw_put32(h + 4, seq);
    dw_put32(h + 8, flags & HEARD ? c->rcv_nxt : 0);
    h[12] = flags;
    h[13] = 0;
    p->conn = c->number;
    p->cause = cause;
    host->send_down(c->stack->node, p, &c->flow);
}

/* What a message says; HELLO and BYE say nothing more. */
static const char *words_of(const conn *c)
{
    return c->flags & (HELLO | BYE) ? "" : "said by whoever called";
}

static void set_timer(conn *c, dw_time after, const char *name)
{
    const dw_host *host = c->stack->host;
    dw_time at = host->now(c->stack->node) + after;
    host->timer_set(&c->timer, at);
    host->trace_timer(c->stack->node, c->number, DW_TRACE_TIMER_SET, name, at, NULL);
}

/* Say something that is to be heard. */
static void say(conn *c, uint8_t flags, const dw_cause *cause)
{
    c->flags = flags;
    const char *words = words_of(c);
    uint32_t octets = flags & (HELLO | BYE) ? 1 : (uint32_t)strlen(words);
    send(c, flags, c->una, words, cause);
    c->nxt = c->una + octets;
    set_timer(c, REPEAT_NS, "repeat");
}

static void enter(conn *c, enum state to, const dw_cause *cause)
{
    const dw_host *host = c->stack->host;
    host->trace_state(c->stack->node, c->number, state_names[c->state], state_names[to], cause);
    c->state = (uint8_t)to;
    host->state_hook(c->stack->node, c->number, state_names[to]);
}

static void forget(conn *c)
{
    stack *s = c->stack;
    for (conn **at = &s->first; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    s->host->timer_cancel(&c->timer);
    s->host->free(s->node, c, sizeof *c);
}

static void end(conn *c, const dw_cause *cause)
{
    enter(c, GONE, cause);
    forget(c);
}

static void expired(void *arg)
{
    conn *c = arg;
    const char *name = c->state == LINGERING ? "linger" : "repeat";
    c->stack->host->trace_timer(c->stack->node, c->number, DW_TRACE_TIMER_FIRED, name,
                                c->stack->host->now(c->stack->node), NULL);
    if (c->state == LINGERING) {
        end(c, &causes[LINGERED]);
        return;
    }
    send(c, c->flags, c->una, words_of(c), &causes[REPEATED]);
    set_timer(c, REPEAT_NS, "repeat");
}

static conn *open(stack *s, const dw_flow *flow, enum state state)
{
    conn *c = s->host->alloc(s->node, sizeof *c);
    if (!c) return NULL;
    *c = (conn){.stack = s, .next = s->first, .flow = *flow, .state = (uint8_t)state};
    c->timer = (dw_timer){.expires = DW_TIME_NEVER, .node = s->node, .fire = expired, .arg = c};
    c->una = c->nxt = (uint32_t)s->host->random(s->host->random_stream(s->node, "handshake"));
    c->number = s->host->conn_new(s->node, "handshake", flow);
    s->first = c;
    return c;
}

static conn *find(stack *s, const dw_flow *flow)
{
    for (conn *c = s->first; c; c = c->next)
        if (c->flow.local_port == flow->local_port && c->flow.remote_port == flow->remote_port &&
            dw_addr_equal(&c->flow.remote, &flow->remote))
            return c;
    return NULL;
}

/* The next message, or BYE once all have been said: by whoever called. */
static void go_on(conn *c)
{
    if (c->said < MESSAGES) {
        c->said++;
        say(c, (uint8_t)(HEARD | (c->said < MESSAGES ? MORE : 0)), &causes[MESSAGE]);
    } else {
        enter(c, PARTING, &causes[PARTS]);
        say(c, HEARD | BYE, &causes[PARTS]);
    }
}

/* What was under way has been heard. */
static void heard(conn *c)
{
    c->una = c->nxt;
    c->stack->host->timer_cancel(&c->timer);
    c->stack->host->trace_timer(c->stack->node, c->number, DW_TRACE_TIMER_CANCELLED, "repeat",
                                DW_TIME_NEVER, NULL);
    if (c->state == ANSWERED) enter(c, TALKING, &causes[ANSWER]);
}

/* In a connection: first what it acknowledges, then what it says. */
static void arrives(conn *c, const dw_dissection *d)
{
    bool calls = c->state == CALLING, acked = (d->flags & HEARD) && d->ack == c->nxt;
    if (d->flags & ABORT) {
        end(c, &causes[ABORTED]);
        return;
    }
    if (acked && c->una != c->nxt) heard(c);
    uint32_t octets = d->flags & (HELLO | BYE) ? 1 : d->len;
    bool fresh = octets && (d->flags & HELLO || d->seq == c->rcv_nxt);
    if (fresh) c->rcv_nxt = d->seq + octets;
    c->stack->host->trace_variable(c->stack->node, c->number, "rcv_nxt", c->rcv_nxt);
    if (calls && d->flags & HELLO) {
        enter(c, TALKING, &causes[ANSWER]);
        go_on(c);
    } else if (d->flags & BYE && c->state == PARTING) {
        send(c, HEARD, c->nxt, "", &causes[TOLD]);
        enter(c, LINGERING, &causes[PARTED]);
        set_timer(c, LINGER_NS, "linger");
    } else if (fresh && d->flags & BYE) {
        enter(c, PARTING, &causes[PARTS]);
        say(c, HEARD | BYE, &causes[TOLD]);
    } else if (octets) {
        send(c, HEARD, c->nxt, "", &causes[TOLD]);
    } else if (acked && c->state == PARTING) {
        end(c, &causes[PARTED]);
    } else if (acked && c->said) {
        go_on(c);
    }
}

static void dissect(const uint8_t *bytes, size_t captured, size_t len, dw_dissection *out)
{
    out->protocol = "handshake";
    out->flag_names = flag_names;
    if (captured < HEADER) {
        out->malformed = "no handshake header";
        return;
    }
    out->sport = dw_get16(bytes);
    out->dport = dw_get16(bytes + 2);
    out->seq = dw_get32(bytes + 4);
    out->ack = dw_get32(bytes + 8);
    out->flags = bytes[12];
    out->len = (uint32_t)len - HEADER;
    out->header_len = (uint8_t)(out->header_len + HEADER);
}

static int build(dw_packet *packet, const dw_dissection *fields)
{
    uint8_t *h = dw_packet_push(packet, HEADER);
    dw_put16(h, fields->sport);
    dw_put16(h + 2, fields->dport);
    dw_put32(h + 4, fields->seq);
    dw_put32(h + 8, fields->ack);
    h[12] = (uint8_t)fields->flags;
    h[13] = 0;
    return DW_OK;
}

/* There is no checksum to keep right. */
static int rewrite(dw_packet *packet, const dw_dissection *read, const char *field, int64_t value)
{
    uint8_t *h = dw_packet_head(packet) + read->transport_at;
    if (read->malformed) return DW_E_NOENT;
    if (strcmp(field, "src_port") == 0)
        dw_put16(h, (uint16_t)value);
    else if (strcmp(field, "dst_port") == 0)
        dw_put16(h + 2, (uint16_t)value);
    else if (strcmp(field, "seq") == 0)
        dw_put32(h + 4, (uint32_t)value);
    else if (strcmp(field, "ack") == 0)
        dw_put32(h + 8, (uint32_t)value);
    else if (strcmp(field, "flags") == 0)
        h[12] = (uint8_t)value;
    else
        return DW_E_NOENT;
    return DW_OK;
}

static const char *const fields[] = {"src_port", "dst_port", "seq", "ack", "flags", NULL};
static const uint8_t field_bits[] = {16, 16, 32, 32, 8};

/* What belongs to no connection opens one, or is answered with ABORT. */
static void input(void *instance, dw_packet *packet, const dw_flow *from, dw_iface *iface)
{
    stack *s = instance;
    dw_dissection d = {0};
    (void)iface;
    dissect(dw_packet_head(packet), dw_packet_head_len(packet), dw_packet_len(packet), &d);
    if (d.malformed) {
        s->host->packet_drop(s->node, packet, &causes[TOO_SHORT]);
        return;
    }
    dw_flow flow = *from;
    flow.local_port = d.dport;
    flow.remote_port = d.sport;
    flow.transport = PROTOCOL;
    conn *c = find(s, &flow);
    if (!c && !(d.flags & (INVITE | HELLO))) {
        s->host->packet_drop(s->node, packet, &causes[NOBODY]);
        if (d.flags & ABORT) return;
        conn nobody = {.stack = s, .flow = flow};
        send(&nobody, ABORT, d.ack, "", &causes[NOBODY]);
        return;
    }
    s->host->packet_free(s->node, packet);
    if (c) {
        arrives(c, &d);
    } else if (d.flags & INVITE && (c = open(s, &flow, GONE)) != NULL) {
        enter(c, CALLING, &causes[INVITED]);
        say(c, HELLO, &causes[INVITED]);
    } else if (d.flags & HELLO && (c = open(s, &flow, AWAITING)) != NULL) {
        c->rcv_nxt = d.seq + 1;
        enter(c, ANSWERED, &causes[CALLED]);
        say(c, HELLO | HEARD, &causes[CALLED]);
    }
}

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    stack *s = host->alloc(node, sizeof *s);
    if (!s) return DW_E_NOMEM;
    *s = (stack){.node = node, .host = host};
    *instance = s;
    return DW_OK;
}

static void crash(void *instance)
{
    stack *s = instance;
    while (s->first)
        forget(s->first);
}

static void detach(void *instance)
{
    stack *s = instance;
    crash(s);
    s->host->free(s->node, s, sizeof *s);
}

/* What pictures, queries and expectations ask. */

static const uint8_t state_classes[STATES] = {
    [GONE] = DW_STATE_CLOSED,       [AWAITING] = DW_STATE_LISTENING, [CALLING] = DW_STATE_OPENING,
    [ANSWERED] = DW_STATE_OPENING,  [TALKING] = DW_STATE_OPEN,       [PARTING] = DW_STATE_CLOSING,
    [LINGERING] = DW_STATE_WAITING,
};
static const uint8_t flag_classes[] = {
    0, DW_FLAG_OPENS, DW_FLAG_ACKS, DW_FLAG_MINOR, DW_FLAG_CLOSES, DW_FLAG_RESETS};

static const char *figure_cause(const char *cause)
{
    return strcmp(cause, "linger-over") == 0 ? "1 s" : NULL;
}

static const dw_protocol_ops ops = {
    .size = sizeof(dw_protocol_ops),
    .layer = DW_LAYER_TRANSPORT,
    .number = PROTOCOL,
    .attach = attach,
    .detach = detach,
    .crash = crash,
    .input = input,
    .dissect = dissect,
    .rewrite = rewrite,
    .build = build,
    .fields = fields,
    .field_bits = field_bits,
    .states = state_names,
    .causes = causes,
    .cause_count = WHYS,
    .state_classes = state_classes,
    .flags = flag_names,
    .flag_classes = flag_classes,
    .figure_cause = figure_cause,
};

static const dw_plugin plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "handshake",
    .summary = "a connection of three messages",
    .protocol = &ops,
};

DW_API const dw_plugin *dw_plugin_entry(void);
const dw_plugin *dw_plugin_entry(void)
{
    return &plugin;
}
