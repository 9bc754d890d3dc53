/* What a host's TCP tells of its state for fingerprints. */
#ifndef DW_TCP_FINGERPRINT_H
#define DW_TCP_FINGERPRINT_H

#include "tcp.h"

/* dw_protocol_ops.fingerprint and .fingerprint_header. */
void dw_tcp_fingerprint(void *instance, dw_fingerprint *into);
uint8_t dw_tcp_fingerprint_header(const dw_packet *packet, uint8_t at, uint8_t *next,
                                  dw_fingerprint *into);

/* tcp_fingerprint_tcb.c: one connection, without its place in lists. */
void dw_tcp_fingerprint_tcb(const dw_tcb *t, dw_fingerprint *into);

/* A timestamp, as far as it is from now.  0 is none. */
void dw_tcp_fingerprint_stamp(dw_fingerprint *into, uint32_t stamp);

#endif
