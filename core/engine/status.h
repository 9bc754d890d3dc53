/* How a simulation fails and ends. */
#ifndef DW_STATUS_H
#define DW_STATUS_H

#include "drywire/drywire.h"

/* Keep the sentence for dw_sim_message, and return the error. */
int dw_sim_fail(dw_sim *sim, int error, const char *format, ...) DW_PRINTF(3, 4);
/* The result of a call that began when so many failures had a sentence: one that failed without
 * gets "what: the error's name".  DW_E_AGAIN and DW_E_CLOSED are answers, not failures; what ended
 * a run keeps its sentence until the run is over.  Returns status. */
int64_t dw_sim_failed(dw_sim *sim, uint64_t failures, int64_t status, const char *what);
/* The answer of a call that a simulation which is over cannot do: dw_sim_over, with its message. */
int dw_sim_refuse(dw_sim *sim);
/* The trace has outgrown its limit: it ends here, and the simulation after the present event. */
void dw_sim_trace_full(dw_sim *sim);
/* After an event that began at `before`: DW_OK, or DW_E_LIMIT, which then is for good. */
int dw_sim_check_limits(dw_sim *sim, dw_time before);
/* Fails with DW_E_LIMIT and a sentence that says where. */
int dw_sim_over_limit(dw_sim *sim, const char *what, const char *value);
/* A plugin says what cannot be: what it said is left out, and the run ends with DW_E_ABI and a
 * sentence.  Returns false. */
bool dw_plugin_fault(dw_node *node, const char *what);

#endif
