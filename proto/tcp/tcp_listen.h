/* RFC 9293 section 3.10.7.2, LISTEN, and the listener's queues. */
#ifndef DW_TCP_LISTEN_H
#define DW_TCP_LISTEN_H

#include "tcp.h"

/* A setting of a listener, for the connections that come of it. */
typedef struct dw_tcp_inherited {
    struct dw_tcp_inherited *next;
    char name[24], text[32];
} dw_tcp_inherited;

/* A connection on one of its lists has its `listener` and `place`. */
struct dw_tcp_listener {
    dw_socket socket; /* first, so that a dw_socket that listens is a listener */
    dw_tcp *tcp;
    dw_tcp_inherited *inherited; /* the latest first */
    bool has_fast_key;           /* else the host's counts */
    uint8_t fast_key[DW_TCP_FAST_KEY];
    dw_tcp_listener *next; /* in dw_tcp.listeners */
    dw_flow flow;          /* zero: any address, any port of the peer */
    uint32_t backlog;
    uint32_t half_open_count; /* connections in half_open */
    uint32_t waiting;         /* in the accept queue */
    dw_tcb *first, *last;     /* the accept queue: complete, the oldest first */
    dw_tcb *half_open;        /* in SYN-RECEIVED, the newest first */
    dw_tcb *spare;            /* went back to LISTEN, for the next SYN */
    bool crashed;             /* the host crashed: the user's socket is all there is */
};

/* Passive OPEN.  DW_E_INVAL without a port, DW_E_ADDRNOTAVAIL, DW_E_ADDRINUSE or DW_E_NOMEM. */
int dw_tcp_listener_new(dw_tcp *tcp, const dw_flow *flow, int backlog, dw_socket **out);

/* The most particular listener for a flow, or NULL. */
dw_tcp_listener *dw_tcp_find_listener(dw_tcp *tcp, const dw_flow *flow);

/* A segment arrives in LISTEN. */
void dw_tcp_listen_arrives(dw_tcp_listener *l, dw_seg *s);

/* A half-open connection goes back to LISTEN; without its listener it ends. */
void dw_tcp_back_to_listen(dw_tcb *t, const dw_cause *cause);

/* Whether the accept queue takes one more. */
bool dw_tcp_listener_has_room(const dw_tcb *t);

/* The handshake is complete, or a fast open taken: to the accept queue. */
void dw_tcp_listener_completed(dw_tcb *t);

/* A connection that nobody has accepted ends: off its listener's lists. */
void dw_tcp_listener_forget(dw_tcb *t);

/* Off the list that t is on; the listener's counts are the caller's affair. */
void dw_tcp_list_remove(dw_tcb *t);

/* The handshake's last ACK brings nothing, and the listener's user wants to hear of data only. */
bool dw_tcp_accept_deferred(dw_tcb *t, const dw_seg *s);

/* Whether the SYN,ACK's retransmission is left out, as only data is missing (defer_accept). */
bool dw_tcp_waits_for_data(const dw_tcb *t);

/* CLOSE: connections that nobody accepted are reset.  l is freed. */
void dw_tcp_listener_close(dw_tcp_listener *l);

/* The memory, with that of connections nobody accepted, without a word to anybody. */
void dw_tcp_listener_free(dw_tcp_listener *l);

#endif
