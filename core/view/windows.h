/* Which segments a picture says the window of. */
#ifndef DW_WINDOWS_H
#define DW_WINDOWS_H

#include "cut.h"

/* By index in the cut's packets; the caller frees *out.  DW_OK or DW_E_NOMEM. */
int dw_windows_find(const dw_cut *cut, enum dw_choice choice, bool **out);

#endif
