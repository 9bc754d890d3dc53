/* What ladders in text are drawn with. */
#ifndef DW_LADDER_PEN_H
#define DW_LADDER_PEN_H

#include "base/text.h"
#include "exchange.h"
#include "inferred.h"
#include "label.h"

enum {
    DW_LADDER_TRACKS = 64,
    DW_LADDER_CELLS = 400,
    DW_LADDER_CELL = 24, /* octets: a character and what combines with it */
    DW_LADDER_NAME = 256,
    DW_LADDER_LABEL = 160
};

typedef struct dw_ladder_pen {
    const dw_ladder_config *config;
    dw_picture picture;
    const dw_exchange *x;
    const dw_trace *trace;
    dw_labels labels;
    dw_text out;
    uint32_t inner; /* columns between the two lifelines */
    struct {
        const dw_packet_view *packet;
        uint32_t column;
        bool to_right;
    } track[DW_LADDER_TRACKS]; /* under way */
    uint32_t tracks;
    char cell[DW_LADDER_CELLS][DW_LADDER_CELL]; /* one character each */
    dw_inferred marks;                          /* drawn so far */
    bool injected;                              /* one that no host has sent is among them */
    dw_time last_at;
    uint32_t line;       /* RFC style: lines so far ... */
    int segment_columns; /* ... and the widest segment */
} dw_ladder_pen;

/* An ANSI colour, where there are any. */
void dw_ladder_color(dw_ladder_pen *p, const char *code);
/* A name or a state, at least so many columns wide, at their left; where that is negative, at their
 * right. */
void dw_ladder_word(dw_ladder_pen *p, const char *text, int columns);
/* The heading, where there is one, and an empty line. */
void dw_ladder_title(dw_ladder_pen *p);
/* ladder_rfc.c */
void dw_ladder_rfc(dw_ladder_pen *p);

#endif
