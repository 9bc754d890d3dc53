/* Everything that can be made of a trace, for the fuzzers of what traces are read from. */
#ifndef DRYWIRE_FUZZ_VIEWS_H
#define DRYWIRE_FUZZ_VIEWS_H

#include "drywire/drywire.h"

/* Draw, write, print, export and compare a trace; and read back what was written, which must give
 * the same digest. */
void view_everything(dw_trace *trace);

#endif
