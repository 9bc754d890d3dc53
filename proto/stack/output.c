/* What a foreign stack sends, and what else it may ask for.
 *
 * A packet waits until the stack has returned and its states have been looked at: so a trace has
 * the state before the segment that it gave rise to, and whatever sees the packet finds the stack
 * at rest. */
#include "foreign_stack.h"

#include "engine/foreign.h"
#include "engine/sim.h"
#include "engine/status.h"
#include "packet/cause.h"
#include "packet/dissect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_AT_ONCE = 100000, /* packets at one moment: a window of 100 MB and more */
    LONGEST = 65535 + 40,  /* an IPv6 packet with the longest payload */
    ETHERNET = 14,
};

/* As the stack's host sees it, which has sent the packet or got it. */
static dw_flow flow_of(const dw_dissection *d, bool sent)
{
    dw_flow flow = {.local = d->dst,
                    .remote = d->src,
                    .local_port = d->dport,
                    .remote_port = d->sport,
                    .transport = d->transport};
    if (!sent) return flow;
    flow.local = d->src;
    flow.remote = d->dst;
    flow.local_port = d->sport;
    flow.remote_port = d->dport;
    return flow;
}

bool dw_stack_read(const dw_stack *s, const uint8_t *bytes, size_t len, bool sent, dw_flow *flow,
                   dw_end_segment *out)
{
    dw_dissection d;
    dw_dissect(s->node->sim->plugins, bytes, len, len, &d);
    if (d.malformed || !d.flag_classes || d.transport != DW_STACK_TCP) return false;
    *flow = flow_of(&d, sent);
    *out = (dw_end_segment){.seq = d.seq,
                            .ack = d.ack,
                            .len = d.len,
                            .syn = dw_flags_that(&d, DW_FLAG_OPENS) != 0,
                            .fin = dw_flags_that(&d, DW_FLAG_CLOSES) != 0,
                            .rst = dw_flags_that(&d, DW_FLAG_RESETS) != 0,
                            .acks = dw_flags_that(&d, DW_FLAG_ACKS) != 0};
    return true;
}

/* What is wrong with bytes that should be an IP packet, or NULL. */
static const char *flaw_of(const uint8_t *b, size_t len)
{
    size_t said = 0;
    bool ethernet = len > ETHERNET && ((b[12] == 0x08 && b[13] == 0x00 && b[14] >> 4 == 4) ||
                                       (b[12] == 0x86 && b[13] == 0xdd && b[14] >> 4 == 6));
    if (ethernet) return "they begin with an Ethernet header; a packet begins with its IP header";
    if (b[0] >> 4 == 4 && len >= 20)
        said = dw_get16(b + 2);
    else if (b[0] >> 4 == 6 && len >= 40)
        said = (size_t)40 + dw_get16(b + 4);
    else
        return "they are no IPv4 or IPv6 packet";
    if (said != len) return "their IP header tells another length";
    return NULL;
}

/* A stack that was given another address is told so, where it first matters. */
static bool source_is_right(dw_stack *s, const uint8_t *bytes, size_t len)
{
    dw_flow flow;
    dw_end_segment segment;
    char text[DW_ADDR_TEXT], own[DW_ADDR_TEXT];
    if (!dw_stack_read(s, bytes, len, true, &flow, &segment)) return true;
    if (s->host->is_local(s->node, &flow.local)) return true;
    dw_addr addr = s->host->address(s->node);
    dw_stack_fault(s, "it sends a segment from %s, but the host has the address %s",
                   dw_addr_format(&flow.local, text, sizeof text),
                   dw_addr_format(&addr, own, sizeof own));
    return false;
}

static bool too_many(dw_stack *s)
{
    dw_time now = s->node->sim->now;
    if (s->same != now) s->sent_now = s->again = 0;
    s->same = now;
    if (++s->sent_now <= MOST_AT_ONCE) return false;
    dw_stack_fault(s, "it sends more than %d packets at one moment", (int)MOST_AT_ONCE);
    return true;
}

static void keep(dw_stack *s, const void *bytes, size_t len)
{
    dw_stack_sent *p = malloc(sizeof *p + len);
    if (!p) {
        s->host->no_memory(s->node);
        return;
    }
    p->next = NULL;
    p->len = len;
    memcpy(p->bytes, bytes, len);
    if (s->sent_last)
        s->sent_last->next = p;
    else
        s->sent_first = p;
    s->sent_last = p;
}

/* dw_stack_host.output.  Only the thread that is in a call may be here: whatever else there is must
 * not be touched by another. */
static void output(void *wire, const void *packet, size_t len)
{
    dw_stack *s = wire;
    if (s->caller && s->caller != dw_stack_thread()) {
        atomic_store(&s->other_thread, true);
        return;
    }
    if (s->depth == 0 || s->ending) {
        dw_stack_fault(s, "it sends a packet %s",
                       s->ending ? "when it has been stopped"
                                 : "when nobody has called it: output is for the functions of its "
                                   "table");
        return;
    }
    if (s->broken || too_many(s)) return;
    const char *flaw = "there are none, or too many";
    if (len > 0 && len <= LONGEST) flaw = flaw_of(packet, len);
    if (flaw) {
        dw_stack_fault(s, "it sends %zu octets: %s", len, flaw);
        return;
    }
    if (source_is_right(s, packet, len)) keep(s, packet, len);
}

static uint64_t draw(void *wire)
{
    dw_stack *s = wire;
    return s->host->random(s->host->random_stream(s->node, "stack"));
}

static void because(void *wire, const char *sentence)
{
    dw_stack *s = wire;
    snprintf(s->reason, sizeof s->reason, "%s", sentence ? sentence : "");
}

static uint32_t least_mtu(const dw_node *node)
{
    uint32_t least = 1500;
    for (uint32_t i = 0; i < node->iface_count; i++)
        if (i == 0 || node->ifaces[i]->out->config.mtu < least)
            least = node->ifaces[i]->out->config.mtu;
    return least;
}

void dw_stack_fill_table(dw_stack *s)
{
    s->table = (dw_stack_host){.size = sizeof s->table,
                               .wire = s,
                               .name = s->node->name,
                               .addr = s->node->addr,
                               .mtu = least_mtu(s->node),
                               .output = output,
                               .random = draw,
                               .because = because};
}

/* Its connection, with what this segment shows of it.  One that the stack opens by itself, without
 * any call, begins here. */
static dw_stack_conn *conn_of(dw_stack *s, const dw_stack_sent *p)
{
    dw_flow flow;
    dw_end_segment segment;
    if (!dw_stack_read(s, p->bytes, p->len, true, &flow, &segment)) return NULL;
    dw_stack_conn *c = dw_stack_find(s, &flow);
    if (!c && segment.syn && !segment.rst)
        c = dw_stack_conn_new(s, &flow, segment.acks ? DW_END_LISTEN : DW_END_CLOSED);
    if (!c) return NULL;
    dw_stack_touch(c);
    dw_end_sent(&c->end, &segment);
    dw_stack_show_moves(c);
    return c;
}

void dw_stack_flush(dw_stack *s)
{
    while (s->sent_first) {
        dw_stack_sent *p = s->sent_first;
        const dw_stack_conn *c = s->broken ? NULL : conn_of(s, p);
        s->sent_first = p->next;
        if (!s->sent_first) s->sent_last = NULL;
        if (!s->broken)
            dw_foreign_send(s->node, &(dw_foreign){.bytes = p->bytes,
                                                   .len = p->len,
                                                   .cause = &dw_cause_stack,
                                                   .conn = c ? c->socket.conn : 0});
        free(p);
    }
}
