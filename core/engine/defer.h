/* Calls that wait until the event is over. */
#ifndef DW_DEFER_H
#define DW_DEFER_H

#include "drywire/drywire.h"

/* As dw_sim_defer, but always later; forgotten when the socket is freed.  Takes owned, which is
 * freed after the call, unless it fails. */
int dw_socket_defer(dw_socket *socket, void (*fn)(void *arg), void *arg, void *owned);
void dw_deferred_run(dw_sim *sim);
void dw_deferred_forget(dw_sim *sim, const dw_socket *socket);
void dw_deferred_free(dw_sim *sim);

#endif
