/* A foreign stack as its host's TCP: whoever asks the host for that gets this plugin's instance. */
#include "foreign_stack.h"

#include "engine/node.h"
#include "engine/sim.h"
#include "engine/status.h"

#include <stdlib.h>

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    dw_stack *s = node->foreign_arg;
    s->host = host;
    s->sockets = &dw_stack_sockets;
    s->timer = (dw_timer){.expires = DW_TIME_NEVER, .node = node, .fire = dw_stack_woken, .arg = s};
    *instance = s;
    return DW_OK;
}

static void free_stack(dw_stack *s)
{
    dw_stack_free_settings(s);
    dw_stack_close(s->object);
    free(s->path);
    free(s);
}

static void detach(void *instance)
{
    dw_stack *s = instance;
    dw_stack_stop(s);
    s->broken = true; /* nobody is called any more */
    while (s->first)
        dw_stack_conn_free(s->first);
    while (s->listeners) {
        dw_stack_listener *l = s->listeners;
        s->listeners = l->next;
        s->host->notify(&l->socket, 0);
        s->host->free(s->node, l, sizeof *l);
    }
    s->node->own = NULL;
    dw_node_set_stack(s->node, NULL, NULL);
    free_stack(s);
}

/* Its packets go to dw_stack_arrives, before any protocol is asked. */
static void input(void *instance, dw_packet *packet, const dw_flow *flow, dw_iface *iface)
{
    const dw_stack *s = instance;
    (void)flow;
    (void)iface;
    s->host->packet_free(s->node, packet);
}

static int option(void *instance, const char *name, const char *text, char *why, size_t why_size)
{
    dw_stack *s = instance;
    return s->started ? dw_stack_option(s, -1, name, text, why, why_size)
                      : dw_stack_option_later(s, name, text, why, why_size);
}

/* The variables of a connection that is not over.  One whose end is inferred alone is over in
 * TIME-WAIT, for nothing shows when that ends. */
static int connection(void *instance, uint32_t conn, dw_info_fn each, void *ctx)
{
    const dw_stack *s = instance;
    for (dw_stack_conn *c = s->first; c; c = c->next) {
        if (c->socket.conn != conn || c->state == DW_END_CLOSED) continue;
        if (!dw_stack_tells(c) && (c->state == DW_END_TIME_WAIT || c->state == DW_END_LISTEN))
            continue;
        dw_stack_sockets.info(&c->socket, each, ctx);
        return DW_OK;
    }
    return DW_E_NOENT;
}

static void end_conn(dw_stack_conn *c)
{
    const dw_stack *s = c->stack;
    c->handle = -1; /* of a stack that is gone */
    c->state = DW_END_CLOSED;
    c->over = true;
    c->error = DW_E_CRASHED;
    if (c->listener || !c->user)
        dw_stack_conn_free(c);
    else
        s->host->notify(&c->socket, DW_SOCKET_ERROR);
}

/* The host lost its memory: the stack begins again, from the shared object, as nothing else gives
 * its global variables their first values. */
static void crash(void *instance)
{
    dw_stack *s = instance;
    dw_stack_stop(s);
    dw_stack_rest(s);
    s->unloaded = false;
    for (dw_stack_conn *c = s->first, *next; c; c = next) {
        next = c->next;
        end_conn(c);
    }
    for (dw_stack_listener *l = s->listeners; l; l = l->next) {
        l->crashed = true;
        l->first = l->last = NULL;
        l->waiting = 0;
        s->host->notify(&l->socket, DW_SOCKET_ERROR);
    }
    if (s->path && dw_stack_reload(s) != DW_OK) {
        s->broken = true;
        dw_sim_stop(s->node->sim, DW_E_ABI);
    }
}

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_TRANSPORT,
    .number = DW_STACK_TCP,
    .attach = attach,
    .detach = detach,
    .crash = crash,
    .input = input,
    .sockets = &dw_stack_sockets,
    .option = option,
    .connection = connection,
};

const dw_plugin dw_stack_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof dw_stack_plugin,
    .name = "tcp",
    .summary = "a foreign stack",
    .protocol = &ops,
};
