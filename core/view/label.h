/* What a picture writes beside a packet: decided once, for every kind of picture. */
#ifndef DW_LABEL_H
#define DW_LABEL_H

#include "cut.h"
#include "drywire/drywire.h"
#include "picture.h"
#include "trace/isn.h"

typedef struct dw_labels {
    const dw_cut *cut;
    const dw_picture *picture;
    enum dw_ladder_numbers numbers;
    uint32_t left;   /* the node whose numbers are x, with symbolic ones; of a host ... */
    bool loop;       /* ... that talks to itself, its left end's */
    bool packets;    /* begin with the packet's number */
    bool numberless; /* nothing tells a reader which number a packet has */
    bool ports[2];   /* then the port of who opened the connection, of the other */
    dw_isn_table isn;
    dw_letters letters;
    struct dw_lettered *lettered;  /* by incarnation */
    struct dw_relation *relations; /* by index in the cut's packets */
    bool *windows, *named;         /* likewise: to be told, to be numbered in any case; or NULL */
} dw_labels;

/* The cut must outlive the labels.  left: its numbers are x, or (loop) those of its left end.
 * packets: whether their numbers are written where the picture does not say.  DW_OK or DW_E_NOMEM;
 * either way dw_labels_end frees it. */
int dw_labels_begin(dw_labels *labels, const dw_cut *cut, uint32_t left, bool loop, bool packets);
/* Numbers for those packets that another one's remark or fate refers to, unless the picture has
 * none.  DW_OK or DW_E_NOMEM. */
int dw_labels_number_named(dw_labels *labels);
void dw_labels_end(dw_labels *labels);

/* "#2 SYN,ACK seq=0 ack=1", into buf. */
void dw_label(const dw_labels *labels, const dw_packet_view *view, char *buf, size_t size);

/* What tells a connection from others of the same two hosts, alike at both ends: its port, as in
 * labels, or "(2)", the second one.  Returns buf. */
char *dw_label_conn(const dw_labels *labels, uint32_t conn, char *buf, size_t size);

/* Whether its window is told. */
bool dw_label_has_window(const dw_labels *labels, const dw_packet_view *view);

/* Shorter and shorter: step 0 takes away what says least (of an acknowledgment its own number, of
 * anything else what it acknowledges), 1 the flags of data (if they are a SYN, a FIN or a RST, its
 * length), or else the sequence number, 2 all but the beginning, 3 the packet's number and the
 * port. */
void dw_label_shorten(const dw_packet_view *view, char *label, int step);

/* SEQ, or ACK. */
void dw_label_number(const dw_labels *labels, const dw_packet_view *view, bool ack, char *buf,
                     size_t size);

/* What is special about a packet that leaves: "#5 again: fast-retransmit", "keep-alive"; "".
 * Returns buf. */
char *dw_label_remark(const dw_labels *labels, const dw_packet_view *view, char *buf, size_t size);

/* In the picture's language: a word or phrase, a cause, a phrase with something in it. */
const char *dw_label_word(const dw_labels *labels, const char *english);
const char *dw_label_cause(const dw_labels *labels, const dw_cause *cause);
/* What figures write instead of a cause, "2 MSL"; NULL: nothing but its name. */
const char *dw_label_figure(const dw_labels *labels, const dw_cause *cause, uint32_t conn);
char *dw_label_phrase(const dw_labels *labels, const char *english, const char *first,
                      const char *second, char *buf, size_t size);

#endif
