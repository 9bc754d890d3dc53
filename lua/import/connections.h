/* Which segments belong together, and what each connection went through. */
#ifndef DWL_CONNECTIONS_H
#define DWL_CONNECTIONS_H

#include "capture.h"

/* The connections found so far, and a table of the newest ones by their ends. */
typedef struct conn_table {
    captured_conn *conns;
    size_t count, capacity;
    uint32_t *slots; /* connections, from 1; 0: free */
    size_t size;     /* a power of two, more than twice as many as pairs of ends */
    size_t pairs;
} conn_table;

/* The connection (from 1) that a segment belongs to, which may be a new one, and counts it; tells
 * in p->offloaded, too, that it is longer than its receiver's MSS.  Of an ICMP error the one that
 * it quotes; 0: there is none.  false: out of memory. */
bool conn_take(conn_table *t, captured *p);
void conn_table_free(conn_table *t);

/* Whether a packet is between these ends, in any connection. */
bool conn_has_ends(const captured_conn *k, const captured *p);
/* On a loopback interface both ends may have one address.  Gives the server the next one, in the
 * connection and in its packets. */
void conn_tell_ends_apart(captured_conn *k, captured *packets, size_t count);

#endif
