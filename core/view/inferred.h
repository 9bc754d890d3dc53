/* How pictures tell what was inferred from what was observed: the same words in all of them, and
 * which of their marks a legend has to explain. */
#ifndef DW_INFERRED_H
#define DW_INFERRED_H

#include "drywire/drywire.h"
#include "label.h"

/* The marks that a picture has. */
typedef struct dw_inferred {
    bool certain, likely; /* departures and arrivals */
    bool likely_lost;
    bool unknown;
    bool state; /* one that is only likely */
} dw_inferred;

/* Whether it did not arrive, or cannot be told to, by inference. */
bool dw_inferred_ends(const dw_packet_view *view);
/* Why a packet ends on its way that dw_inferred_ends says so of, the shorter the higher step is:
 * "likely lost (sent again in #9)", "likely lost (#9)", "likely lost"; false: there is none so
 * short, and buf is left alone. */
bool dw_inferred_why(const dw_labels *labels, const dw_packet_view *view, int step, char *buf,
                     size_t size);
/* "likely lost", "unknown", "arrived", in English: what is said of any packet that has arrived, or
 * will not. */
const char *dw_inferred_fate(const dw_packet_view *view);
/* What became of any packet and how that is known, "likely lost: sent again in #9"; "" of one that
 * was observed, or is under way.  Returns buf. */
char *dw_inferred_remark(const dw_labels *labels, const dw_packet_view *view, char *buf,
                         size_t size);
/* How that is known alone: as dw_view_shown, in the picture's language.  Returns buf. */
char *dw_inferred_shown(const dw_labels *labels, const dw_packet_view *view, char *buf,
                        size_t size);
/* What dw_inferred_ends and a certainty add to the marks. */
void dw_inferred_note(dw_inferred *marks, const dw_packet_view *view);
bool dw_inferred_any(const dw_inferred *marks);

#endif
