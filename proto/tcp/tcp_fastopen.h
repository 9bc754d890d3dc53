/* RFC 7413: TCP Fast Open. */
#ifndef DW_TCP_FASTOPEN_H
#define DW_TCP_FASTOPEN_H

#include "tcp.h"

enum { DW_TCP_COOKIE_MAX = 16 }; /* octets of a cookie of any server's */

/* What a client remembers of a server (RFC 7413 4.1.3). */
typedef struct dw_tcp_cookie_entry {
    struct dw_tcp_cookie_entry *next;
    dw_addr server;
    uint16_t mss;      /* as its SYN,ACK told; 0: it did not */
    uint8_t len;       /* of the cookie; 0: none */
    bool refused;      /* it is not to be asked again */
    bool experimental; /* it is asked by the option of the experiment */
    bool tried_both;   /* the experiment's option found no answer either */
    uint8_t cookie[DW_TCP_COOKIE_MAX];
} dw_tcp_cookie_entry;

/* The cookie of a listener (NULL: the host's own key) for a client. */
void dw_tcp_fast_cookie(const dw_tcp *tcp, const dw_tcp_listener *l, const dw_flow *flow,
                        uint8_t cookie[DW_TCP_COOKIE]);

/* 32 hexadecimal digits; dashes may part them.  false: they are not. */
bool dw_tcp_fast_key_parse(const char *text, uint8_t key[DW_TCP_FAST_KEY]);

/* Whether the listener may take a SYN's data at once. */
bool dw_tcp_fast_accepts(const dw_tcp_listener *l, const dw_seg *syn);

/* The client keeps what a SYN,ACK tells, for next time. */
void dw_tcp_fast_remember(dw_tcb *t, const dw_seg *syn_ack);

/* What is remembered of a server, or NULL. */
const dw_tcp_cookie_entry *dw_tcp_fast_recall(const dw_tcp *tcp, const dw_addr *server);

void dw_tcp_fast_forget_all(dw_tcp *tcp);

/* Octets of data that a SYN to the connection's server may carry; 0 without a cookie. */
uint32_t dw_tcp_fast_room(const dw_tcb *t);

/* Data that went with a SYN is taken back: it goes again in ESTABLISHED. */
void dw_tcp_fast_withdraw(dw_tcb *t);

/* An acknowledgment shows that the peer has got it all the same. */
void dw_tcp_fast_reinstate(dw_tcb *t, uint32_t ack);

#endif
