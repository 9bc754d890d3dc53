/* Files that the build puts into the program. */
#ifndef DWL_EMBEDDED_H
#define DWL_EMBEDDED_H

#include <stddef.h>

typedef struct dwl_source {
    const char *name;
    const char *text;
    size_t len;
} dwl_source;

/* lua/library/, made by the build; ends with a row without a name. */
extern const dwl_source dwl_sources[];

#endif
