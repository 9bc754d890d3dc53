#include "drywire/sim.h"
DW_API int dw_sim_fingerprint(dw_sim *sim, uint8_t out[16]);
int dw_sim_fingerprint(dw_sim *sim, uint8_t out[16])
{
    (void)sim;
    (void)out;
    return DW_E_NOENT;
}
