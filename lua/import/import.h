/* Captures as traces: what a real TCP connection did, for the same pictures, pages and comparisons.
 * The files, in the order in which a capture goes through them:
 *
 *   capture.c      the file's packets; and the names and comments that pcapng adds
 *   connections.c  which of them belong together
 *   import.c       one connection of them as a trace: when packets left and arrived, states, losses
 *   replay.c       a trace as a Lua script that lets two drywire hosts do the same
 */
#ifndef DWL_IMPORT_H
#define DWL_IMPORT_H

#include "drywire/drywire.h"

#include <stdio.h>

/* Bits of the flags field, RFC 9293 3.1. */
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_PSH = 8, FLAG_ACK = 16 };

typedef struct captured {
    dw_time at;
    uint64_t frame;
    uint16_t file, interface;
    bool icmp, has_id, whole_header, offloaded;
    uint16_t id;
    dw_net_error error;
    dw_flow quoted;
    uint32_t quoted_seq;
    uint16_t quoted_id;
    uint8_t *bytes;  /* from the IP header on */
    uint32_t have;   /* octets of it in the file ... */
    uint32_t len;    /* ... and on the wire */
    char *comment;   /* or NULL */
    bool numbered;   /* the comment is drywire's own (core/trace/pcapng.c), not somebody's */
    bool noted_lost; /* it says that the packet was dropped */
    dw_dissection d;
    uint32_t conn; /* from 1; 0: not TCP */
} captured;

typedef struct captured_name {
    dw_addr addr;
    char *name;
    size_t order; /* in the file */
} captured_name;

/* Two ends of a TCP connection. */
typedef struct captured_conn {
    dw_addr addr[2]; /* 0: the client */
    uint16_t port[2];
    uint32_t isn;    /* of the SYN it began with */
    bool syn, ended; /* began with a SYN; a RST or both FINs were seen */
    bool fin[2];
    bool one_address;            /* both ends had the same; the server was given the next */
    uint64_t packets, octets[2]; /* of data, from each end */
    dw_time first, last;
} captured_conn;

typedef struct capture {
    captured *packets;
    size_t count, capacity;
    captured_name *names; /* by address */
    size_t name_count, name_capacity;
    captured_conn *conns;
    size_t conn_count, conn_capacity;
    size_t file_count;
    uint64_t not_ip, fragments, cut, malformed, wrong_checksums;
    char damage[300]; /* why reading ended before the file did; "": it did not */
} capture;

/* Read a file.  DW_E_IO, DW_E_FORMAT or DW_E_NOMEM, with a sentence in why.  The caller frees what
 * is in it, also after a failure. */
int capture_read(const char *path, capture *out, char *why, size_t size);
/* The same of an open one, which may be a pipe; path is for messages. */
int capture_read_stream(FILE *f, const char *path, capture *out, char *why, size_t size);
void capture_free(capture *c);
/* connections.c: find the connections of the packets that were read, and number the packets. */
int capture_find_conns(capture *c);
/* What it has from an address: a name, or NULL. */
const char *capture_name(const capture *c, const dw_addr *addr);

/* One connection (from 1) as a trace; notes are sentences on what could not be told for certain, a
 * line each (dw_free). */
int import_trace(const capture *c, uint32_t conn, dw_trace **out, char **notes);

/* A Lua script with the same hosts, delay, options, calls and losses.  The file's name and the
 * notes go into its first comment. */
int replay_write(const dw_trace *trace, const char *source, FILE *f);

#endif
