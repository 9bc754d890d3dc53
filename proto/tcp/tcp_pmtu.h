/* How large a segment may be on its way.
 *
 *   tcp_pmtu.c    the path MTU of each destination: learnt from ICMP, and forgotten (RFC 1191,
 *                 RFC 8201); the size of segments that follows from it
 *   tcp_plpmtu.c  without the help of ICMP: probes (RFC 4821) and black holes (RFC 2923) */
#ifndef DW_TCP_PMTU_H
#define DW_TCP_PMTU_H

#include "drywire/plugin.h"

typedef struct dw_tcp dw_tcp;
typedef struct dw_tcb dw_tcb;

/* A host remembers so many destinations; one more ends the oldest. */
enum { DW_TCP_PATHS = 64 };

/* The path to a destination is narrower than the first link. */
typedef struct dw_tcp_path {
    struct dw_tcp_path *next; /* learnt before this one */
    dw_addr to;
    uint32_t mtu;
    bool narrower; /* than that, so that packets may have to go in fragments */
    dw_time until;
} dw_tcp_path;

/* What a connection knows.  Sizes are of packets, with all headers. */
typedef struct dw_tcp_mtu {
    uint32_t path;     /* the path MTU that segments go by now */
    uint32_t peer_mss; /* the peer takes no larger segment, options included; 0: not known yet */
    dw_time until;     /* `path` is good until then, ... */
    uint32_t changes;  /* ... and while this is dw_tcp.path_changes */
    bool searching;    /* RFC 4821, with Linux's names: */
    uint32_t search_low, search_high;
    uint32_t probe_size;           /* of the probe that is under way; 0: none is */
    uint32_t probe_from, probe_to; /* its sequence numbers */
    dw_time searched_at;           /* when the search began last */
    uint32_t usual_mss;            /* as it was before a black hole was suspected; 0: none is */
} dw_tcp_mtu;

/* tcp_pmtu.c */
/* The MTU of the path to an address, as far as it is known, and MMS_S - 20 for it (MUST-16). */
uint32_t dw_tcp_path_mtu(const dw_tcp *tcp, const dw_addr *to);
uint32_t dw_tcp_path_mss(const dw_tcp *tcp, const dw_addr *to);
/* Likewise of the first link alone. */
uint32_t dw_tcp_link_mss(const dw_tcp *tcp, const dw_addr *to);
void dw_tcp_paths_forget(dw_tcp *tcp);
/* The MSS for the peer's SYN: what it tells, or what is assumed when it tells none (MUST-15). */
uint32_t dw_tcp_told_mss(const dw_tcb *t, uint32_t told);
/* The peer's SYN has told its MSS; ts_ok is known. */
void dw_tcp_mtu_begin(dw_tcb *t, uint32_t told);
/* Octets of options that every segment of data has (RFC 6691). */
uint32_t dw_tcp_usual_options(const dw_tcb *t);
/* Octets of data in a packet of this size, and the size of the packet for so much. */
uint32_t dw_tcp_mtu_to_mss(const dw_tcb *t, uint32_t mtu);
uint32_t dw_tcp_mss_to_mtu(const dw_tcb *t, uint32_t mss);
/* A path MTU is the one to go by: the size of segments follows (Linux's tcp_sync_mss). */
void dw_tcp_sync_mss(dw_tcb *t, uint32_t mtu);
void dw_tcp_use_mss(dw_tcb *t, uint32_t mss); /* segments are so large from now on */
void dw_tcp_mtu_changed(dw_tcb *t);           /* dw_tcp_mtu_look found that something is */
/* A router says that what we sent does not fit; 0: it does not say what would. */
bool dw_tcp_too_big(dw_tcb *t, uint32_t told);

/* tcp_plpmtu.c */
void dw_tcp_mtu_search_above(dw_tcb *t, uint32_t mss);
/* Before new data leaves: send a probe, if it is time for one.  True: nothing else leaves now. */
bool dw_tcp_mtu_probe(dw_tcb *t);
/* SND.UNA has moved: over the probe? */
void dw_tcp_mtu_probe_acked(dw_tcb *t);
/* The segment at SND.UNA is lost.  True: it was the probe, and what is to follow has been done. */
bool dw_tcp_mtu_probe_lost(dw_tcb *t);
/* The retransmission timer expired: is it the size of the segments?  True: all that is outstanding
 * is to be cut anew. */
bool dw_tcp_suspect_black_hole(dw_tcb *t);

#endif
