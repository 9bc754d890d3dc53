/* What a figure is looked for by, beside its title: what its runs have in them. */
#ifndef DWL_TERMS_H
#define DWL_TERMS_H

#include "drywire/drywire.h"

#include <stdio.h>

/* The states, causes and calls of a trace, and what else people call what it shows; a blank behind
 * each. */
void list_terms(const dw_trace *trace, FILE *f);

#endif
