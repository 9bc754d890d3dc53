/* What plugins may ask of the simulation. */
#ifndef DW_HOST_TABLE_H
#define DW_HOST_TABLE_H

#include "drywire/plugin.h"

/* Fill in the simulation's dw_host. */
void dw_host_fill(dw_sim *sim);

#endif
