/* The letters of textbooks: x and y where the two ends of a connection begin, u the first FIN, v
 * what acknowledges it, w the other FIN. */
#ifndef DW_LETTERED_H
#define DW_LETTERED_H

#include "label.h"

/* Find them, and which ports tell the picture's connections apart.  DW_OK or DW_E_NOMEM. */
int dw_lettered_begin(dw_labels *labels);
/* SEQ, or ACK, as a letter and what lies between; false: there is none for it. */
bool dw_lettered_number(const dw_labels *labels, const dw_packet_view *v, bool ack, char *buf,
                        size_t size);
/* Whether a packet is a FIN that does not acknowledge one: the first of its connection, or both
 * where they cross. */
bool dw_lettered_bare_fin(const dw_labels *labels, const dw_packet_view *v);
/* The port of the end that opened, and of the other; false: it belongs to no connection. */
bool dw_lettered_ports(const dw_labels *labels, const dw_packet_view *v, uint16_t port[2]);
/* The same of a connection; and which one it is among the trace's, from 1 (0: none has packets). */
bool dw_lettered_conn_ports(const dw_labels *labels, uint32_t conn, uint16_t port[2]);
uint32_t dw_lettered_rank(const dw_labels *labels, uint32_t conn);

#endif
