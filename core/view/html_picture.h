/* What a page opens with, beside the trace: a part of it, and in which words. */
#ifndef DW_HTML_PICTURE_H
#define DW_HTML_PICTURE_H

#include "base/text.h"
#include "cut.h"

/* ,"picture":{...} of a page: which packets and events are shown, what is left out, and labels
 * where numbers are letters.  DW_OK or DW_E_NOMEM. */
int dw_html_picture(const dw_cut *cut, const dw_html_config *config, dw_text *out);

/* ,"words":{"English":"word" ...}: what the picture's language says for the page's phrases, and for
 * these words and causes of the trace. */
void dw_html_words(const dw_trace *trace, const dw_picture *picture, const char *const *words,
                   size_t word_count, const dw_cause *const *causes, size_t cause_count,
                   dw_text *out);

#endif
