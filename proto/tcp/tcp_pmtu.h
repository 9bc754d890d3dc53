/* RFC 1191 and RFC 8201: the MTU of the path, and the size of segments that follows from it. */
#ifndef DW_TCP_PMTU_H
#define DW_TCP_PMTU_H

#include "tcp.h"

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

/* The MTU of the path to an address, as far as it is known, and MMS_S - 20 for it (MUST-16). */
uint32_t dw_tcp_path_mtu(const dw_tcp *tcp, const dw_addr *to);
uint32_t dw_tcp_path_mss(const dw_tcp *tcp, const dw_addr *to);

/* MMS_S - 20 for the first link alone. */
uint32_t dw_tcp_link_mss(const dw_tcp *tcp, const dw_addr *to);

void dw_tcp_paths_forget(dw_tcp *tcp);

/* The MSS for the peer's SYN: what it tells, or what is assumed when it tells none (MUST-15). */
uint32_t dw_tcp_told_mss(const dw_tcb *t, uint32_t told);

/* The peer's SYN has told its MSS (0: none); ts_ok is known. */
void dw_tcp_mtu_begin(dw_tcb *t, uint32_t told);

/* Octets of options that every segment of data has (RFC 6691). */
uint32_t dw_tcp_usual_options(const dw_tcb *t);

/* Octets of data in a packet of this size, and the size of the packet for so much. */
uint32_t dw_tcp_mtu_to_mss(const dw_tcb *t, uint32_t mtu);
uint32_t dw_tcp_mss_to_mtu(const dw_tcb *t, uint32_t mss);

/* A path MTU is the one to go by: the size of segments follows (Linux's tcp_sync_mss). */
void dw_tcp_sync_mss(dw_tcb *t, uint32_t mtu);

/* Segments are so large from now on; a window that counts them stays one of as many. */
void dw_tcp_use_mss(dw_tcb *t, uint32_t mss);

/* Let a search (tcp_plpmtu.c) go from segments of this size up to the largest that could be. */
void dw_tcp_mtu_search_above(dw_tcb *t, uint32_t mss);

/* What is known of the path has changed, or expired: dw_tcp_mtu_look found that. */
void dw_tcp_mtu_changed(dw_tcb *t);

/* Before something is sent: whether what is known of the path has changed, and segments with it. */
static inline void dw_tcp_mtu_look(dw_tcb *t)
{
    bool news = t->mtu.changes != t->tcp->path_changes;
    if (DW_LIKELY(!news && t->tcp->host->now(t->tcp->node) < t->mtu.until)) return;
    dw_tcp_mtu_changed(t);
}

/* A router says that what we sent does not fit; told 0: it does not say what would.  True: segments
 * are smaller now, and those that are outstanding were lost. */
bool dw_tcp_too_big(dw_tcb *t, uint32_t told);

#endif
