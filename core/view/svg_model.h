/* What an SVG ladder shows, before it is laid out: hosts, hops, states, calls and timers in the
 * order of their events, each with its place on the time axis. */
#ifndef DW_SVG_MODEL_H
#define DW_SVG_MODEL_H

#include "base/text.h"
#include "drywire/drywire.h"
#include "drywire/plugin.h"
#include "cut.h"
#include "label.h"

/* No column, no row.  Not in an enum: a constant that does not fit int makes the others unsigned.
 */
#define DW_SVG_NONE UINT32_MAX

typedef struct dw_svg_column {
    uint32_t node;
    uint8_t side; /* 1: the right end of what the host says to itself; see loopback.c */
    double x;
    bool has_states;
} dw_svg_column;

enum dw_svg_row_kind {
    DW_SVG_DEPARTURE,
    DW_SVG_ARRIVAL,
    DW_SVG_STATE,
    DW_SVG_CALL,
    DW_SVG_TIMER,
};

/* One thing that happens at one host. */
typedef struct dw_svg_row {
    dw_time at;
    double y;
    uint32_t column;
    uint8_t kind;      /* enum dw_svg_row_kind */
    uint32_t hop;      /* DEPARTURE, ARRIVAL: which */
    uint32_t conn;     /* STATE */
    uint8_t certainty; /* STATE: enum dw_certainty */
    const char *text;  /* STATE: its name; CALL, TIMER */
    const char *from;  /* STATE: the one before */
} dw_svg_row;

/* A packet on one link. */
typedef struct dw_svg_hop {
    const dw_packet_view *packet;
    uint32_t from, to;         /* columns; the same one where a socket is its own peer */
    uint32_t departs, arrives; /* rows; arrives DW_SVG_NONE: it does not */
    const dw_cause *lost;      /* why it was lost on this hop, NULL: it was not */
    const dw_cause *refused;   /* why the host discarded it */
    bool first;                /* the hop that leaves the sender */
    bool injected;
    uint8_t certainty; /* enum dw_certainty: that it arrived, or was lost */
    bool unknown;      /* nothing shows whether it arrived */
    char label[128];
} dw_svg_hop;

/* Where the axis is not to scale. */
typedef struct dw_svg_break {
    double y0, y1;
    dw_time length;
} dw_svg_break;

typedef struct dw_svg_model {
    const dw_trace *trace;
    dw_svg_column *columns;
    uint32_t column_count;
    dw_svg_row *rows;
    size_t row_count;
    dw_svg_hop *hops;
    uint32_t hop_count;
    dw_svg_break *breaks;
    size_t break_count;
    const dw_picture *picture;
    dw_cut cut; /* with the trace's packets */
    dw_labels labels;
    bool failed;   /* out of memory: something is missing */
    double height; /* of the axis */
    double flight; /* what the usual hop takes, in y ... */
    dw_time usual; /* ... in nanoseconds, */
    double scale;  /* ... and so a nanosecond takes this */
} dw_svg_model;

/* DW_E_NOENT: there are not two hosts that exchange packets, nor one with itself.  Whatever
 * comes back, dw_svg_model_free frees it. */
int dw_svg_model_build(const dw_trace *trace, const dw_picture *picture, dw_svg_model *out);
/* Where a time lies on the axis; after the last row, as if to scale. */
double dw_svg_model_y(const dw_svg_model *model, dw_time at);
void dw_svg_model_free(dw_svg_model *model);

/* svg_style.c: the class of a bar, and the style element. */
const char *dw_svg_state_style(enum dw_state_class state);
void dw_svg_style(dw_text *out);

#endif
