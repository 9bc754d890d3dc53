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
#define DW_SVG_FLIGHT 58.0 /* what the usual hop takes on the axis */
#define DW_SVG_AFTER 14.0  /* hosts go on so far after the last row */

enum { DW_SVG_LANES = 8 }; /* connections of a host that are drawn side by side */

typedef struct dw_svg_column {
    uint32_t node; /* DW_SVG_NONE: nobody's address, which is the model's peer */
    uint8_t side;  /* 1: the right end of what the host says to itself; see loopback.c */
    double x;
    bool has_states;
    uint32_t lanes; /* that have bars */
} dw_svg_column;

enum dw_svg_row_kind {
    DW_SVG_DEPARTURE,
    DW_SVG_ARRIVAL,
    DW_SVG_STATE,
    DW_SVG_CALL,
    DW_SVG_TIMER,   /* its name; it fires */
    DW_SVG_RESTART, /* what figures say of a timer that is set */
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
    const char *text;  /* STATE: its name; CALL, TIMER, RESTART */
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

/* All rows of one time; they take some room where they are many. */
typedef struct dw_svg_instant {
    dw_time at;
    double y0, y1;
} dw_svg_instant;

/* Where the axis is not to scale. */
typedef struct dw_svg_break {
    double y0, y1;
    dw_time length;
} dw_svg_break;

/* What tells a connection of a host from its others: whom it is with, a port. */
#define DW_SVG_TAG 64

/* A state of a connection, at its host. */
typedef struct dw_svg_bar {
    uint32_t column, lane; /* lane: connections of a host stand side by side */
    double y0, y1;
    const char *state;
    uint32_t conn;        /* 0: of a listener */
    char tag[DW_SVG_TAG]; /* whose state; "": that is clear */
    enum dw_state_class class;
    uint8_t certainty; /* enum dw_certainty */
} dw_svg_bar;

/* A state, a call or a timer in a word, beside the bars. */
typedef struct dw_svg_word {
    uint32_t column, lane; /* the outermost lane */
    double y;
    uint8_t kind; /* enum dw_svg_row_kind */
    bool inferred;
    uint32_t conn; /* 0: of none */
    char text[64 + DW_SVG_TAG];
} dw_svg_word;

typedef struct dw_svg_model {
    const dw_trace *trace;
    dw_svg_column *columns;
    uint32_t column_count;
    char peer[DW_ADDR_TEXT]; /* whom packets were for that no host got */
    dw_svg_row *rows;
    size_t row_count;
    dw_svg_instant *instants; /* of the rows, in order */
    size_t instant_count;
    dw_svg_hop *hops;
    uint32_t hop_count;
    dw_svg_break *breaks;
    size_t break_count;
    dw_svg_bar *bars;
    size_t bar_count;
    dw_svg_word *words;
    size_t word_count;
    const dw_picture *picture;
    dw_cut cut; /* with the trace's packets */
    dw_labels labels;
    bool failed;   /* out of memory: something is missing */
    double height; /* of the axis */
    double flight; /* what the usual hop takes, in y ... */
    dw_time usual; /* ... in nanoseconds, */
    double scale;  /* ... and so a nanosecond takes this */
} dw_svg_model;

/* What a picture shows, of the two hosts that are asked for, or of all: DW_OK, DW_E_NOMEM, or
 * DW_E_NOENT where those two have nothing to say to each other. */
int dw_svg_cut(const dw_trace *trace, const dw_picture *picture, dw_cut *out);
/* All nodes in the order in which they stand there.  The caller frees it; NULL: out of memory. */
uint32_t *dw_svg_order(const dw_cut *cut);

/* DW_E_NOENT: there are not two hosts that exchange packets, nor one with itself.  Whatever
 * comes back, dw_svg_model_free frees it. */
int dw_svg_model_build(const dw_trace *trace, const dw_picture *picture, dw_svg_model *out);
/* svg_place.c: where each row lies, from the rows alone. */
void dw_svg_place_rows(dw_svg_model *model);
/* svg_sides.c: bars and words, when the rows have their places. */
void dw_svg_find_sides(dw_svg_model *model);
/* Where a time lies on the axis; after the last row, as if to scale. */
double dw_svg_model_y(const dw_svg_model *model, dw_time at);
void dw_svg_model_free(dw_svg_model *model);

/* svg_hop.c: what kind of segment it is, as pictures colour them, and its name: "syn", "fin",
 * "rst", "data", "ack". */
enum dw_svg_kind { DW_SVG_SYN, DW_SVG_FIN, DW_SVG_RST, DW_SVG_DATA, DW_SVG_ACK, DW_SVG_KINDS };
enum dw_svg_kind dw_svg_kind_of(const dw_packet_view *view);
const char *dw_svg_kind(const dw_packet_view *view);
/* How many steps of dw_label_shorten the labels of one kind take together, so that none says more
 * than another; what is shorter than that, each is for itself. */
int dw_svg_even_steps(enum dw_svg_kind kind);
/* How much of the way to the other host an arrow goes: one that is lost on the wire far enough for
 * its label, one that is lost in a queue hardly leaves. */
double dw_svg_part(const dw_svg_hop *hop);
/* An answer leaves where what it answers has come in: above its line the other one is. */
bool dw_svg_is_answer(const dw_svg_model *model, const dw_svg_hop *hop);
/* Where it arrives, or would. */
double dw_svg_end(const dw_svg_model *model, const dw_svg_hop *hop);
/* Half of what all bars of a column take in the middle of a picture, where they stand astride the
 * host's line: of bars so wide, and from bar to bar. */
static inline double dw_svg_half(const dw_svg_model *model, uint32_t column, double wide,
                                 double apart)
{
    uint32_t lanes = model->columns[column].lanes;
    return lanes ? ((double)(lanes - 1) * apart + wide) / 2 : 0;
}
/* How far from that line the left edge of a bar is. */
static inline double dw_svg_astride(const dw_svg_model *model, const dw_svg_bar *bar, double wide,
                                    double apart)
{
    return (double)bar->lane * apart - dw_svg_half(model, bar->column, wide, apart);
}
/* On which side of a host in the middle fewer arrows pass at a height of the axis: -1 left, 1
 * right. part: how far out, of the way to the next host. */
int dw_svg_quiet_side(const dw_svg_model *model, uint32_t column, double y, double part);
/* The title that was asked for, or the names of the hosts that packets are exchanged by, into buf.
 */
const char *dw_svg_title(const dw_svg_model *model, char *buf, size_t size);
/* The name of a column's host; where it is drawn twice, with the port. */
const char *dw_svg_name(const dw_svg_model *model, uint32_t column, char *buf, size_t size);
/* What the script made enters the wire beside the host, so far along the way. */
#define DW_SVG_INJECTED 0.12
/* svg_style.c: the class of a bar, and the style element. */
const char *dw_svg_state_style(enum dw_state_class state);
void dw_svg_style(dw_text *out, bool mono);

#endif
