/* A host's connections, worked out from its trace: whom they are with, and their states. */
#ifndef DW_CONNECTIONS_H
#define DW_CONNECTIONS_H

#include "drywire/drywire.h"

typedef struct dw_connection {
    uint32_t conn; /* in the trace */
    dw_flow flow;
    const char *state; /* of RFC 9293, as the trace has it */
} dw_connection;

/* Zeroed: none. */
typedef struct dw_connections {
    dw_connection *list; /* in the order in which they began */
    size_t count;
} dw_connections;

/* What kinds of events dw_connections_note looks at. */
#define DW_CONNECTIONS_MASK (DW_TRACE_BIT(DW_TRACE_CONN) | DW_TRACE_BIT(DW_TRACE_STATE))

/* Learn from an event of the host; others are left alone.  DW_OK or DW_E_NOMEM. */
int dw_connections_note(dw_connections *c, const dw_trace_event *e);
/* The one of that number, or NULL. */
const dw_connection *dw_connections_find(const dw_connections *c, uint32_t conn);
void dw_connections_free(dw_connections *c);

#endif
