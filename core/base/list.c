/* Lists that grow. */
#include "list.h"

#include "drywire/base.h"

#include <stdlib.h>

void *dw_list_room(void *list, size_t count, size_t size)
{
    enum { FIRST = 8 };
    DW_ASSERT(size > 0);
    bool full = count == 0 || (count >= FIRST && (count & (count - 1)) == 0);
    if (!full) return list;
    size_t wanted = count ? 2 * count : FIRST;
    return wanted <= SIZE_MAX / size ? realloc(list, wanted * size) : NULL;
}
