/* Reading packets with the protocols that there are. */
#ifndef DW_DISSECT_H
#define DW_DISSECT_H

#include "drywire/plugin.h"

enum { DW_ETHERTYPE_IPV4 = 0x0800, DW_ETHERTYPE_IPV6 = 0x86dd };

/* Of a list that ends with NULL, the last protocol with this number, which took the place of
 * earlier ones; NULL: none. */
const dw_protocol_ops *dw_protocol_numbered(const dw_plugin *const *plugins, uint8_t layer,
                                            uint16_t number);
/* A packet from its network header on, whose first four bits tell its version; `captured` of its
 * `len` octets are there. */
void dw_dissect(const dw_plugin *const *plugins, const uint8_t *head, size_t captured, size_t len,
                dw_dissection *out);
/* "SYN,ACK" into buf. */
char *dw_flags_text(const dw_dissection *d, char *buf, size_t size);
/* The same without those that figures leave out. */
char *dw_flags_text_main(const dw_dissection *d, char *buf, size_t size);

#endif
