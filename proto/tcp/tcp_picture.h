/* What pictures ask of TCP. */
#ifndef DW_TCP_PICTURE_H
#define DW_TCP_PICTURE_H

#include "drywire/plugin.h"

extern const uint8_t dw_tcp_state_classes[]; /* enum dw_state_class, in the order of the states */
extern const char *const dw_tcp_flags[];     /* ending with NULL */
extern const uint8_t dw_tcp_flag_classes[];  /* enum dw_flag_class, in their order */
const char *dw_tcp_figure_cause(const char *cause);
const char *dw_tcp_segment_kind(const char *cause);
const char *dw_tcp_word(const char *language, const char *english); /* tcp_words.c */

#endif
