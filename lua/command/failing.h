/* A run that fails, which drywire explore or drywire swarm has found: shown as a run of its own. */
#ifndef DWL_FAILING_H
#define DWL_FAILING_H

#include "run.h"

/* Run the script with this plan of faults, with a ladder, and print the line that repeats it; the
 * run's exit code.  The options become those of that run. */
int show_failing(options *o, const char *plan, const char *path);
/* Each --set that the script does not ask for: what was tried is not what was meant. */
void print_unasked(const options *o, const outcome *r);

#endif
