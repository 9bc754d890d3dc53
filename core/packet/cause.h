/* The core's own causes that others ask for.
 *
 * A saved trace has causes of its own with the same names, so they are told apart by name.  What
 * protocols give as causes, only they know. */
#ifndef DW_CAUSE_H
#define DW_CAUSE_H

#include "drywire/plugin.h"

extern const dw_cause dw_cause_queue_full;    /* a link's queue had no room */
extern const dw_cause dw_cause_queue_refuses; /* the sender's own took nothing */
extern const dw_cause dw_cause_inject;        /* a script made the packet */
extern const dw_cause dw_cause_rewrite;       /* a rule of a script changed it */
extern const dw_cause dw_cause_crash;         /* a host lost its memory */

/* cause may be NULL: it is none. */
bool dw_cause_is(const dw_cause *cause, const dw_cause *which);

#endif
