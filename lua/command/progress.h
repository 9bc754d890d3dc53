/* How far it is, on a terminal. */
#ifndef DWL_PROGRESS_H
#define DWL_PROGRESS_H

#include "options.h"

/* false: nothing will be shown. */
bool progress_begin(const options *o);
/* Of a run, until a time (DW_TIME_NEVER: unknown); of so many things. */
void progress_run(dw_time now, dw_time until, uint64_t events);
void progress_count(size_t done, size_t count, const char *what);
/* Of an exploration: "2 of 4 faults  12,340 of about 51,000 plans". */
void progress_explored(unsigned size, unsigned faults, uint64_t tried, uint64_t left);
/* Before anything else is written. */
void progress_clear(void);

#endif
