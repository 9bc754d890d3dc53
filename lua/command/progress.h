/* How far it is, on a terminal. */
#ifndef DWL_PROGRESS_H
#define DWL_PROGRESS_H

#include "options.h"

/* false: nothing will be shown. */
bool progress_begin(const options *o);
/* Of a run, until a time (DW_TIME_NEVER: unknown); of so many things. */
void progress_run(dw_time now, dw_time until, uint64_t events);
void progress_count(size_t done, size_t count, const char *what);
/* Before anything else is written. */
void progress_clear(void);

#endif
