/* Where there is no Linux, there is no --live: this stands for the files live_*.c. */
#include "drill/drill.h"

int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    (void)path;
    (void)config;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = "", .unable = true};
    snprintf(out->why, sizeof out->why, "this needs Linux, with /dev/net/tun and root");
    return DW_E_IO;
}
