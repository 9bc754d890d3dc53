/* Where there is no Linux, there is no --live: this stands for the files live_*.c. */
#include "drill/run/drill_run.h"

const dw_drill_world dw_drill_live_world = {0};

int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    (void)path;
    (void)config;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = "", .unable = true};
    snprintf(out->why, sizeof out->why, "this needs Linux, with /dev/net/tun and root");
    return DW_E_IO;
}
