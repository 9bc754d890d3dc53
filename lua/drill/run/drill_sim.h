/* A simulated host for scripts. */
#ifndef DW_DRILL_SIM_H
#define DW_DRILL_SIM_H

#include "drill_run.h"

extern const dw_drill_world dw_drill_simulated;

#endif
