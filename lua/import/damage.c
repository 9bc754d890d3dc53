/* What both formats need: numbers either way round, and an end before the file's. */
#include "reader.h"

uint32_t reader_get32(const reader *r, const uint8_t *at)
{
    if (r->big) return dw_get32(at);
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

uint16_t reader_get16(const reader *r, const uint8_t *at)
{
    return (uint16_t)(r->big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

/* A packed file that ends early ends so for its own reason. */
int reader_damaged(reader *r, const char *what)
{
    const char *packed = input_damage(r->in);
    if (input_status(r->in) != DW_OK) return input_status(r->in);
    snprintf(r->damage, sizeof r->damage, "%s %s (after %llu packets)", input_path(r->in),
             packed ? packed : what, (unsigned long long)r->frames);
    return DW_E_NOENT;
}
