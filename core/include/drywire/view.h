/* Views of a trace: ladders, pictures, pages, and expectations. */
#ifndef DRYWIRE_VIEW_H
#define DRYWIRE_VIEW_H

#include "trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -------------------------------------------------------------------------- *
 * What a picture shows
 * -------------------------------------------------------------------------- */

enum dw_ladder_numbers {
    DW_NUMBERS_RELATIVE, /* each side counts from its first sequence number; the rfc style
                            prints absolute ones instead */
    DW_NUMBERS_ABSOLUTE,
    DW_NUMBERS_SYMBOLIC, /* seq=x, ack=y+1; x is the left end's */
    DW_NUMBERS_LETTERS,  /* as textbooks: x and y where the two ends begin, u the first FIN, v what
                            acknowledges it, w the other FIN; what lies between counts from the
                            letter before it.  A FIN that does not answer the other is written
                            without the acknowledgment that it carries, but in the rfc style */
};

/* What a connection is about: each packet belongs to one of open, data and close. */
enum dw_stage {
    DW_STAGE_ALL,
    DW_STAGE_OPEN,  /* up to the acknowledgment of the handshake */
    DW_STAGE_DATA,  /* between the two */
    DW_STAGE_CLOSE, /* from the first FIN on, or the RST that ends it */
    DW_STAGE_FIN,   /* of the close the FINs and what acknowledges them, without data between */
};

enum dw_choice {
    DW_AS_USUAL, /* what this kind of picture does */
    DW_YES,
    DW_NO,
};

/* Which part of a trace, and in which words: the same for every kind of picture.  Sequence numbers
 * count from where they begin in the trace, and states begin as they were, whatever part it is. */
typedef struct dw_picture {
    size_t size; /* DW_INIT(dw_picture) */
    enum dw_ladder_numbers numbers;
    enum dw_stage stage;
    const char *letters;  /* instead of x, y, u, v, w: "J,K,M", or some of them, "x=J,u=M"; NULL */
    const char *language; /* of states, causes and phrases, one of dw_language; NULL: "en" */
    const char *title;    /* NULL: none, or the hosts' names where there has to be one */
    bool left_given, right_given; /* else they are the ends of the first connection, or of conn */
    uint32_t left, right;         /* node indices */
    uint32_t conn;                /* only this connection and its peer's; 0: all */
    uint64_t from_packet, to_packet; /* only these numbers; 0: all */
    dw_time from_time, to_time;      /* only what was sent in this time; 0: all */
    enum dw_choice packets;          /* the packets' numbers in their labels */
    enum dw_choice calls;            /* what applications call */
    bool no_times, no_states;
    enum dw_choice windows; /* what segments announce, as in their headers; usually one that is
                               closed, and the first that is open again */
} dw_picture;

/* The languages that there are, by index; NULL past the last. */
DW_API const char *dw_language(size_t index);

/* Whether a trace (NULL: any) has what a picture of it (or NULL) is to show, and there are such
 * letters and such a language: DW_OK, or DW_E_INVAL with a sentence in why that begins with what is
 * wrong: "conn: ...".  Functions that draw return NULL for what this refuses, but for a part of a
 * trace that is not there: there they draw what is. */
DW_API int dw_picture_check(const dw_trace *trace, const dw_picture *picture, char *why,
                            size_t why_size);

/* -------------------------------------------------------------------------- *
 * Ladders and pages
 * -------------------------------------------------------------------------- */

enum dw_ladder_style {
    DW_LADDER_UNICODE,
    DW_LADDER_ASCII,
    DW_LADDER_RFC,     /* the layout of RFC 9293's figures */
    DW_LADDER_MERMAID, /* a sequenceDiagram */
    DW_LADDER_PLANTUML,
    DW_LADDER_MSCGEN,
};

typedef struct dw_ladder_config {
    size_t size; /* DW_INIT(dw_ladder_config) */
    enum dw_ladder_style style;
    uint32_t width;            /* columns; 0: 100, at least 60 */
    uint64_t mark_packet;      /* draw attention to this one, 0: none */
    bool color;                /* ANSI colours */
    const dw_picture *picture; /* NULL: everything; calls are not shown unless asked for */
} dw_ladder_config;

/* Draw the exchange between two hosts.  config may be NULL.  The caller frees it; NULL when out of
 * memory, or where config asks for what this version does not have: a field, a style, a way of
 * numbering. */
DW_API char *dw_ladder(const dw_trace *trace, const dw_ladder_config *config);
/* How many connections a ladder does not have because they are of other hosts than its two, which
 * are shown; 0 where the picture chooses a connection or a host.  Into hosts, of which there is
 * room for max, go those that opened them, each once; into *host_count how many. */
DW_API uint32_t dw_ladder_others(const dw_trace *trace, const dw_picture *picture, int32_t shown[2],
                                 uint32_t *hosts, size_t max, size_t *host_count);

typedef struct dw_svg_config {
    size_t size;               /* DW_INIT(dw_svg_config) */
    const dw_picture *picture; /* NULL: everything */
    uint32_t width;            /* pixels; 0: at least 800, as suits print */
    bool large;                /* type twice as large, and in proportion to width from 1000 on, for
                                  slides */
    bool mono;                 /* one colour, for print in black */
    bool animated;             /* SVG: segments travel, again and again (SMIL, no script) */
} dw_svg_config;

/* The exchange as a picture for print and pages (SVG 1.1, self-contained, light and dark): a column
 * for each host, arrows whose ends are the true times, state bars, a time axis to scale with marked
 * breaks.  config may be NULL.  The caller frees it; NULL as for dw_ladder. */
DW_API char *dw_svg(const dw_trace *trace, const dw_svg_config *config);

/* The same for LaTeX: a tikzpicture, one line for each arrow, to compile as it is (it has a
 * preamble of its own) or to \input into a document with \usepackage{tikz}; its first lines say
 * what it needs where its text is Chinese.  Of config, width is in pixels of 1/96 inch, and large
 * and animated mean nothing there.  The caller frees it; NULL as for dw_ladder. */
DW_API char *dw_tikz(const dw_trace *trace, const dw_svg_config *config);

typedef struct dw_html_config {
    size_t size;               /* DW_INIT(dw_html_config) */
    const char *title;         /* NULL: the picture's, or the hosts' names */
    const dw_picture *picture; /* NULL: everything */
    bool large;                /* the ladder's type half as large again: a page has panels, too */
    bool mono;                 /* one colour */
} dw_html_config;

/* The player: a page that shows the trace at every moment, on which one steps, plays and searches:
 * both ends' variables (all of them with dw_sim_config.detail), what is on the wire, each segment's
 * bytes, plots.  It is one file and loads nothing, and has the whole trace: the picture is what it
 * opens with, a part or in other words, from which the reader may go on to everything.  config may
 * be NULL.  The caller frees it; NULL as for dw_ladder. */
DW_API char *dw_html(const dw_trace *trace, const dw_html_config *config);

typedef struct dw_explain_config {
    size_t size;     /* DW_INIT(dw_explain_config) */
    uint64_t packet; /* this one, back to the root; 0: events */
    uint64_t event;  /* the Nth event alone, from 1, without DETAIL; 0: all of them */
    bool all;        /* variables, timers that are set and queues, too */
    enum dw_ladder_numbers numbers; /* relative or absolute */
    uint32_t width;                 /* columns to wrap at; 0: lines are not wrapped */
    bool repeats; /* a line for each segment that went again: of what, why, what became of it */
} dw_explain_config;

/* Why things happened, as text: a sentence an event (dw_trace_explain), or of one packet why it was
 * sent, which one it repeats and why that was in vain, what became of it, and the same of what it
 * answers, back to what was lost first.  "" when there is no such packet or event.  config may be
 * NULL.  The caller frees it; NULL when out of memory, or the config asks for what there is not. */
DW_API char *dw_explain(dw_trace *trace, const dw_explain_config *config);

/* -------------------------------------------------------------------------- *
 * Expectations
 * -------------------------------------------------------------------------- */

/* Each looks at the finished trace.  DW_OK when it holds; DW_E_MISMATCH with a report that the
 * caller frees; DW_E_FORMAT, DW_E_NOENT or DW_E_INVAL (a time below 0, a match that cannot be
 * read), also with a report, when the question is wrong.  report must not be NULL: DW_E_INVAL.  It
 * becomes NULL where there is nothing to report. */

/* A connection went through exactly these states: "CLOSED -> SYN-SENT -> ESTABLISHED"
 * (SYN_SENT and plain spaces are accepted). */
DW_API int dw_expect_states(const dw_trace *trace, uint32_t conn, const char *states,
                            char **report);
/* It reached a state, no later than within after it was made and by in the simulation
 * (DW_TIME_NEVER: no bound). */
DW_API int dw_expect_reaches(const dw_trace *trace, uint32_t conn, const char *state,
                             dw_time within, dw_time by, char **report);
/* It was in a state for at least this long without a break, of the time from `from` to `to`
 * (DW_TIME_NEVER: the end of the trace, dw_trace_end).  A state may begin before that, and last
 * longer. */
DW_API int dw_expect_stays(const dw_trace *trace, uint32_t conn, const char *state, dw_time lasting,
                           dw_time from, dw_time to, char **report);
/* It was never in a state. */
DW_API int dw_expect_never_state(const dw_trace *trace, uint32_t conn, const char *state,
                                 char **report);
/* Exactly count packets match (NULL: any packet). */
DW_API int dw_expect_packets(const dw_trace *trace, const dw_match *match, uint64_t count,
                             char **report);
/* The exchange between two nodes is this figure, in the notation of RFC 9293 section 3.5. */
DW_API int dw_expect_figure(const dw_trace *trace, const char *figure, int32_t left, int32_t right,
                            char **report);
/* Two traces say the same; the report has the first difference, which packets one of them alone has
 * or has with another fate, and a part of the ladder of each.  config: the style and the width of
 * those. */
DW_API int dw_trace_diff_as(const dw_trace *a, const dw_trace *b, const dw_ladder_config *config,
                            char **report);
/* Likewise in the usual style. */
DW_API int dw_trace_diff(const dw_trace *a, const dw_trace *b, uint32_t width, char **report);

#ifdef __cplusplus
}
#endif
#endif
