/* Which packets say again what was said before. */
#ifndef DW_REPEATS_H
#define DW_REPEATS_H

#include "cut.h"

/* Of each of the cut's packets, by its index: the number of the packet that said it first, 0: it is
 * new.  For free; NULL when out of memory. */
uint64_t *dw_repeats_find(const dw_cut *cut);

#endif
