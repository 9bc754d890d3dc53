/* Saved traces, and how they are drawn. */
#ifndef DWL_DRAW_H
#define DWL_DRAW_H

#include "options.h"

/* A trace that was written as JSON Lines: EXIT_PASS; EXIT_USAGE or EXIT_LIMIT after a message. */
int load_trace(const char *command, const options *o, const char *path, dw_trace **out);
/* Read the trace's packets with the plugins of the command line, too. */
int use_plugins(const char *command, const options *o, dw_trace *trace);
/* cmd_stats.c: a trace in numbers, on standard output. */
void show_stats(const dw_trace *trace, const options *o);
/* Where text goes: standard output, or memory that becomes the file of -o. */
typedef struct text_output {
    FILE *f;
    char *text; /* NULL: f is standard output */
    size_t size;
} text_output;
void text_begin(const options *o, text_output *t);
/* Write it; numberth, from 1, of several.  Returns DW_OK, or an error with a sentence. */
int text_end(const options *o, text_output *t, int number, char *why, size_t size);
void text_drop(text_output *t);
/* Why the packet of --packet was sent, or why everything happened.  EXIT_PASS, or a code after a
 * message. */
int explain(const char *command, const options *o, dw_trace *trace, FILE *f);
/* That an explanation can have these numbers: EXIT_PASS, or after a message EXIT_USAGE. */
int check_explanation(const char *command, const options *o);
/* What the options say of every picture of a trace: EXIT_PASS, or after a message EXIT_USAGE. */
int picture_options(const char *command, const options *o, const dw_trace *trace, dw_picture *out);
/* How to draw in text on this terminal, or into the file of -o, from --ladder, --width and --color;
 * what is drawn is another matter (picture_options). */
void ladder_config(const options *o, dw_ladder_config *c);
/* Whether ladders are to be in ASCII: --style says so, or else the terminal or the locale. */
bool plain_characters(const options *o);
/* NAME.svg, NAME-2.svg ... for the numberth, from 1. */
void numbered_path(const char *path, int number, char *out, size_t size);
/* The ladder of a trace; false: out of memory. */
bool print_ladder(const options *o, const dw_trace *trace, const dw_picture *picture, FILE *f);
/* The picture of a trace into a file; DW_OK, or an error with a sentence. */
int write_svg(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
              char *why, size_t size);
int write_tikz(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
               char *why, size_t size);
/* --bytefield; returns an exit code. */
int print_bytefield(const char *command, const options *o, const dw_trace *trace, FILE *f);
/* As dw_trace_save, with a word on one that is very large. */
int save_trace(const dw_trace *trace, const char *path, char *why, size_t size);
/* Likewise the page that plays it. */
int write_html(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
               char *why, size_t size);
/* A line on standard output, and on a terminal that is too narrow for it on several, the later ones
 * set in. */
void print_wrapped(const char *line, unsigned indent);
/* The capture that --pcap and its companions ask for; DW_OK, or an error with a sentence. */
int write_capture(const dw_trace *trace, const options *o, char *why, size_t size);
bool use_color(const options *o, int fd);
/* A number of columns as --width may have it. */
unsigned legal_width(unsigned columns);

#endif
