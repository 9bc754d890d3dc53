/* The names that scripts have for an operating system's numbers. */
#ifndef DW_SYMBOL_H
#define DW_SYMBOL_H

#include "drywire/drywire.h"

/* The value of a constant; false when it is unknown. */
bool dw_drill_symbol(const char *name, int64_t *value);
/* The constant that one may have meant, or NULL. */
const char *dw_drill_symbol_near(const char *name);
/* The name of an error number, "EAGAIN", or its digits in buf. */
const char *dw_drill_errno_name(int64_t number, char buf[24]);
bool dw_drill_errno(const char *name, int64_t *number);

#endif
