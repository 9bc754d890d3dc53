/* The host's connections, worked out from its trace. */
#include "connections.h"

#include <stdlib.h>

static dw_connection *at_number(const dw_connections *c, uint32_t conn)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].conn == conn) return &c->list[i];
    return NULL;
}

/* One that is heard of for the first time is CLOSED until it says otherwise. */
static dw_connection *add(dw_connections *c, uint32_t conn)
{
    dw_connection *more = realloc(c->list, (c->count + 1) * sizeof *more);
    if (!more) return NULL;
    c->list = more;
    more[c->count] = (dw_connection){.conn = conn, .state = "CLOSED"};
    return &more[c->count++];
}

int dw_connections_note(dw_connections *c, const dw_trace_event *e)
{
    if (e->type != DW_TRACE_CONN && e->type != DW_TRACE_STATE) return DW_OK;
    dw_connection *k = at_number(c, e->conn);
    if (!k && !(k = add(c, e->conn))) return DW_E_NOMEM;
    if (e->type == DW_TRACE_CONN)
        k->flow = e->u.conn.flow;
    else
        k->state = e->u.state.to;
    return DW_OK;
}

const dw_connection *dw_connections_find(const dw_connections *c, uint32_t conn)
{
    return at_number(c, conn);
}

void dw_connections_free(dw_connections *c)
{
    free(c->list);
    *c = (dw_connections){0};
}
