/* The table behind tcp_cause.h. */
#include "tcp_cause.h"

#define DW_TCP_CAUSE_ROW(id, cause_name, cause_rfc, cause_text)                                    \
    [DW_TCP_CAUSE_##id] = {.name = cause_name, .rfc = cause_rfc, .text = cause_text},
const dw_cause dw_tcp_cause_table[] = {DW_TCP_CAUSES(DW_TCP_CAUSE_ROW)};
