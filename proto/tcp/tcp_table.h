/* Finding a connection by its four addresses and ports. */
#ifndef DW_TCP_TABLE_H
#define DW_TCP_TABLE_H

#include "tcp.h"

/* The TCB that a link of dw_tcp.table or .closed is part of. */
static inline dw_tcb *dw_tcp_of_link(dw_tcp_link *link)
{
    return (dw_tcb *)(void *)((char *)link - offsetof(dw_tcb, link));
}

/* The connection in dw_tcp.table with this flow, or NULL. */
dw_tcb *dw_tcp_find(dw_tcp *tcp, const dw_flow *flow);

/* Likewise in any table.  Of several with the same flow, the latest. */
dw_tcp_link *dw_tcp_table_find(const dw_tcp_table *table, const dw_flow *flow);

/* The link's flow must not change while it is in a table, and it is in one at most. */
void dw_tcp_table_add(dw_tcp *tcp, dw_tcp_table *table, dw_tcp_link *link);
void dw_tcp_table_remove(dw_tcp_table *table, dw_tcp_link *link);

/* Free the buckets; what is in them is not the table's. */
void dw_tcp_table_free(dw_tcp_table *table);

#endif
