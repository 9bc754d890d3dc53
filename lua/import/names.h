/* Names of addresses, and texts of any origin. */
#ifndef DWL_NAMES_H
#define DWL_NAMES_H

#include "capture.h"

/* A copy of the text up to a NUL, of one line or of several, in which whatever is no UTF-8, and
 * what would steer a terminal, is U+FFFD; NULL: out of memory.  free() it. */
char *text_copy(const uint8_t *bytes, size_t len, bool lines);
/* A name resolution record: an address, then a name that ends with NUL.  DW_OK (also when there is
 * no name in it) or DW_E_NOMEM. */
int names_add(capture *c, const uint8_t *record, size_t len, bool six);
/* Makes capture_name work: of several names that an address has, the first one is kept. */
void names_sort(capture *c);

#endif
