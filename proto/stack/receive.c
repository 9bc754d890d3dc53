/* What arrives at a host with a foreign stack. */
#include "foreign_stack.h"

#include "engine/node.h"
#include "packet/dissect.h"

/* A damaged segment shows nothing. */
static bool is_whole(const uint8_t *bytes, size_t len, const dw_flow *flow)
{
    size_t at = bytes[0] >> 4 == 6 ? 40 : (size_t)(bytes[0] & 15) * 4;
    if (at > len) return false;
    uint64_t sum =
        dw_checksum_pseudo(&flow->local, &flow->remote, flow->transport, (uint32_t)(len - at));
    return dw_checksum_fold(dw_checksum_add(sum, bytes + at, len - at, false)) == 0xffff;
}

/* The connection that a segment is of, with what it shows; a SYN to a listener begins one. */
static dw_stack_conn *conn_of(dw_stack *s, const uint8_t *bytes, size_t len)
{
    dw_flow flow;
    dw_end_segment segment;
    if (!dw_stack_read(s, bytes, len, false, &flow, &segment)) return NULL;
    if (!s->host->is_local(s->node, &flow.local) || !is_whole(bytes, len, &flow)) return NULL;
    dw_stack_conn *c = dw_stack_find(s, &flow);
    bool opens = segment.syn && !segment.acks && !segment.rst;
    if (opens && c && c->state == DW_END_CLOSED) { /* an earlier one of this flow */
        if (!c->user) dw_stack_conn_free(c);
        c = NULL;
    }
    if (!c && opens && dw_stack_listens(s, flow.local_port))
        c = dw_stack_conn_new(s, &flow, DW_END_LISTEN);
    if (!c) return NULL;
    dw_end_received(&c->end, &segment);
    dw_stack_touch(c);
    return c;
}

void dw_stack_arrives(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    dw_stack *s = arg;
    (void)node;
    if (!dw_stack_start(s)) return;
    dw_stack_conn *c = conn_of(s, bytes, len);
    if (!dw_stack_enter(s)) return;
    s->ops->input(s->instance, bytes, len);
    dw_stack_leave(s);
    if (c) {
        dw_stack_show_moves(c);
        if (c->handle < 0) dw_stack_take_accepted(s); /* the next segment may be a reset */
        dw_stack_ask_state(c);
    }
    dw_stack_settle_later(s);
}
