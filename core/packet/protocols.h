/* The protocols that are always there. */
#ifndef DW_PROTOCOLS_H
#define DW_PROTOCOLS_H

#include "drywire/plugin.h"

/* Lists of plugins end with NULL. */
const dw_plugin *const *dw_protocols_builtin(void);
/* The first of them whose connections have states, which also speaks for connections of others that
 * have none; NULL: there is no such protocol. */
const dw_protocol_ops *dw_protocol_with_states(const dw_plugin *const *plugins);

#endif
