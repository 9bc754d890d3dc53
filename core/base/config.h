/* Structs that callers fill in (see base.h, "Structs that grow"). */
#ifndef DW_CONFIG_H
#define DW_CONFIG_H

#include <stddef.h>

/* Read one of whatever version into `out`, which has `size` octets and begins with its size, too:
 * what the caller's does not have is zero, and so is everything where it is NULL.
 *
 * DW_OK, or DW_E_INVAL when it asks for something that this version does not have: a field past
 * ours that is not zero.  Fields are appended where the struct ended, never into the padding at its
 * end, whose octets nobody has set.  A field that is appended to a struct must not be looked at
 * where a caller left the size at zero, so from then on `first` stays what the first version had.
 */
int dw_config_read(void *out, size_t size, size_t first, const void *config);

/* The same while nothing has been appended. */
#define DW_CONFIG_READ(out, config) dw_config_read((out), sizeof *(out), sizeof *(out), (config))

#endif
