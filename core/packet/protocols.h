/* The protocols that are always there. */
#ifndef DW_PROTOCOLS_H
#define DW_PROTOCOLS_H

#include "drywire/plugin.h"

/* Lists of plugins end with NULL. */
const dw_plugin *const *dw_protocols_builtin(void);
/* The protocol of a plugin with this name; NULL: there is none. */
const dw_protocol_ops *dw_protocol_named(const dw_plugin *const *plugins, const char *name);
/* The first of them whose connections have states, which also speaks for connections of others that
 * have none; NULL: there is no such protocol. */
const dw_protocol_ops *dw_protocol_with_states(const dw_plugin *const *plugins);

/* The states of a protocol, ending with NULL; an empty list where it has none, or is NULL. */
const char *const *dw_protocol_states(const dw_protocol_ops *ops);
/* The class that a protocol gives a state; DW_STATE_OTHER where it says nothing. */
enum dw_state_class dw_state_class(const dw_protocol_ops *ops, const char *state);
/* Its first state of a class; "" where it has none. */
const char *dw_state_of_class(const dw_protocol_ops *ops, enum dw_state_class wanted);

#endif
