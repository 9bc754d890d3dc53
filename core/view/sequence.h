/* The exchange as the text of a diagram language. */
#ifndef DW_SEQUENCE_H
#define DW_SEQUENCE_H

#include "base/text.h"
#include "exchange.h"
#include "label.h"

void dw_sequence_draw(const dw_exchange *exchange, enum dw_ladder_style language,
                      const dw_labels *labels, dw_text *out);

#endif
