/* A packet's text, for whoever reads a script. */
#ifndef DW_DRILL_NOTATION_H
#define DW_DRILL_NOTATION_H

#include "drill_lex.h"

/* From the direction on, which is next: < or >. */
dw_drill_packet *dw_drill_packet_parse(dw_drill_parser *p);

#endif
