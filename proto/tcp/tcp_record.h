/* Where the user's records end. */
#ifndef DW_TCP_RECORD_H
#define DW_TCP_RECORD_H

#include "tcp.h"

/* A record ends with the last octet that the user sent. */
void dw_tcp_record_ends(dw_tcb *t);

/* Octets from SND.NXT to the next end of a record; UINT32_MAX: there is none. */
uint32_t dw_tcp_record_left(dw_tcb *t);

void dw_tcp_records_forget(dw_tcb *t);

void dw_tcp_records_fingerprint(const dw_tcb *t, dw_fingerprint *into);

#endif
