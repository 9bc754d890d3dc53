/* The way onto a link. */
#ifndef DW_TRANSMIT_H
#define DW_TRANSMIT_H

#include "drywire/plugin.h"

void dw_iface_transmit(dw_iface *iface, dw_packet *packet); /* takes the packet */

#endif
