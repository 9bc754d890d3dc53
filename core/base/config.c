/* Structs that callers fill in (see config.h). */
#include "config.h"

#include "drywire/base.h"

#include <string.h>

int dw_config_read(void *out, size_t size, size_t first, const void *config)
{
    size_t given = 0;
    const uint8_t *bytes = config;
    DW_ASSERT(first >= sizeof size && first <= size);
    memset(out, 0, size);
    if (config) {
        memcpy(&given, config, sizeof given);
        if (given == 0) given = first;
        if (given < sizeof given) return DW_E_INVAL;
        for (size_t i = size; i < given; i++)
            if (bytes[i]) return DW_E_INVAL;
        memcpy(out, config, given < size ? given : size);
    }
    memcpy(out, &size, sizeof size);
    return DW_OK;
}
