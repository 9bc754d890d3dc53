/* The connections of a capture, for drywire import --list. */
#ifndef DWL_IMPORT_LIST_H
#define DWL_IMPORT_LIST_H

#include "import/capture.h"
#include "options.h"

/* A line a connection, or JSON; at most as many as fit a screen unless all are asked for.  Exit
 * code; without memory after a message. */
int list_conns(const options *o, const capture *c);

#endif
