/* The header of one segment for LaTeX. */
#ifndef DWL_BYTEFIELD_H
#define DWL_BYTEFIELD_H

#include "drywire/drywire.h"

/* The TCP header of a packet, as it was sent, as a bytefield environment (the package of that
 * name), fields with their values.  The caller frees it with dw_free.  NULL, with a sentence in
 * why: there is no such packet, it has no TCP header, or (DW_E_NOMEM in *status) no memory. */
char *dwl_bytefield(const dw_trace *trace, uint64_t number, int *status, char *why, size_t size);

#endif
