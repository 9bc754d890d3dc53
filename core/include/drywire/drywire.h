/* The program interface: build a network, run it, look at what happened.
 *
 * A simulation is one value (dw_sim).  It owns everything made from it, and two
 * simulations share nothing: each may run in its own thread.  No function here
 * may be called on one simulation from two threads, except dw_sim_interrupt.
 *
 * The smallest program:
 *
 *     dw_sim *sim;
 *     dw_node *a, *b;
 *     dw_sim_config config = DW_INIT(dw_sim_config);
 *     dw_direction_config path = DW_INIT(dw_direction_config);
 *     config.trace = true;
 *     path.delay_ns = 20 * DW_MILLISECOND;
 *     dw_sim_new(&config, &sim);
 *     dw_node_new(sim, "a", &a);
 *     dw_node_new(sim, "b", &b);
 *     dw_link_new(a, b, &path, NULL, NULL); // there and back alike
 *     ... sockets ...
 *     dw_sim_run(sim, DW_TIME_NEVER);
 *     dw_sim_free(sim);
 */
#ifndef DRYWIRE_DRYWIRE_H
#define DRYWIRE_DRYWIRE_H

#include "explore.h"
#include "fault.h"
#include "fingerprint.h"
#include "sim.h"
#include "socket.h"
#include "stack.h"
#include "swarm.h"
#include "text.h"
#include "trace.h"
#include "view.h"

#endif
