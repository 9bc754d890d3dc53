/* Lists that grow. */
#ifndef DW_LIST_H
#define DW_LIST_H

#include <stddef.h>

/* The list of `count` items of `size` octets, with room for one more; NULL when out of memory, and
 * the list is as it was.  Lists grow by doubling from eight on and never shrink, so that the count
 * alone says when one is full. */
void *dw_list_room(void *list, size_t count, size_t size);

#endif
