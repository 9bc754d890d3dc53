/* Captures: the packets of real TCP connections, and who they are of.
 *
 * A capture is read twice, so that memory holds one connection: capture_open finds the connections
 * and counts, capture_load keeps the packets of one.  The files, in the order in which a frame goes
 * through them:
 *
 *   input.c        the file's octets: plain, gzip or zstd
 *   reader.c       its frames, by pcap.c and pcapng.c; damage.c, foreign.c: what is none
 *   link_layer.c   from a frame to the IP packet in it; ether.c, wifi.c: of two families
 *   tunnel.c       from that to the innermost one, by ip_header.c
 *   fragments.c    packets put together again
 *   packet.c       what a TCP segment or an ICMP error says
 *   connections.c  which of them belong together, and what each connection went through
 *   names.c        names and comments, as text that can go anywhere
 *   capture.c      both passes, and sentences on what is not there
 */
#ifndef DWL_CAPTURE_H
#define DWL_CAPTURE_H

#include "drywire/drywire.h"

#include <stdio.h>

/* Bits of the flags field, RFC 9293 3.1. */
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_PSH = 8, FLAG_ACK = 16 };

/* A TCP segment, or an ICMP error about one. */
typedef struct captured {
    dw_time at;         /* as the capture has it, nanoseconds since 1970 */
    uint64_t frame;     /* its number in its file, from 1, as Wireshark counts */
    uint8_t *bytes;     /* from the innermost IP header on */
    uint32_t have;      /* octets of it in the file ... */
    uint32_t len;       /* ... and on the wire */
    uint16_t file;      /* which of the files, from 0 */
    uint16_t interface; /* of the file's, from 0; the system's own number where frames carry it */
    char *comment;      /* or NULL */
    bool numbered;      /* the comment is drywire's own (core/trace/pcapng.c), not somebody's */
    bool noted_lost;    /* it says that the packet was dropped */
    bool whole_header;  /* d's options are all there; false: the snapshot length cut them */
    bool offloaded;     /* longer than any packet on the wire, or its IP length was 0: large send or
                           receive offload */
    bool bad_checksum;  /* of a whole segment; a network card may have filled it in later */
    bool icmp;          /* an ICMP or ICMPv6 error about the connection: the fields after d */
    bool has_id;        /* IPv4: id is there */
    uint8_t ip_flags;   /* IPv4: bit 1 is DF, bit 0 MF (RFC 791 3.1) */
    uint16_t id;        /* IPv4's identification */
    uint32_t conn;      /* from 1; 0: none */
    dw_dissection d; /* of the segment; of an ICMP error: src, dst and ttl of the message itself */
    dw_net_error error;  /* kind, mtu, type, code, and octets of the quoted transport header */
    dw_flow quoted;      /* the quoted packet's flow, as that packet's sender has it */
    uint32_t quoted_seq; /* its sequence number */
    uint16_t quoted_id;  /* its IPv4 identification; 0 in IPv6 */
} captured;

/* Kinds of TCP options: RFC 9293 3.1, RFC 7323 2 and 3, RFC 2018 2 and 3. */
enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
    MAX_SCALE = 14, /* a larger one means this (RFC 7323 2.3) */
};

/* An option of a TCP segment; value: what is behind its kind and length. */
typedef struct tcp_option {
    uint8_t kind;
    uint32_t len; /* octets of value */
    const uint8_t *value;
} tcp_option;

/* The option at *at, from 0 on, which is moved behind it; false: there is none, or none that is
 * whole. */
bool tcp_option_next(const dw_dissection *d, uint32_t *at, tcp_option *out);

typedef struct captured_name {
    dw_addr addr;
    char *name;
    size_t order; /* in the file */
} captured_name;

/* One end of a connection: what it sent. */
typedef struct captured_end {
    uint64_t packets;       /* segments */
    uint64_t octets;        /* of data, those that were sent again among them */
    uint64_t retransmitted; /* octets of data below the highest sequence number before */
    uint32_t retransmits;   /* segments with such octets */
    uint32_t dup_acks;      /* duplicate ACKs, RFC 5681 2 */
    uint32_t zero_windows;  /* segments with a window of 0, other than SYN and RST */
    uint32_t resets;        /* RSTs, whether they were valid or not */
    uint32_t isn;           /* where has_isn */
    uint32_t snd_nxt;       /* after the highest sequence number seen; where has_seq */
    uint32_t last_ack;      /* the highest acknowledgment sent; where has_ack */
    uint32_t max_window;    /* the largest window announced, in octets */
    uint16_t window, mss;   /* of the last segment, not scaled; of its SYN, 0: none seen */
    uint8_t wscale;         /* of its SYN */
    bool has_isn, has_seq, has_ack, fin;
} captured_end;

/* A TCP connection. */
typedef struct captured_conn {
    dw_addr addr[2]; /* 0: the client.  As in the capture; see one_address */
    uint16_t port[2];
    uint32_t isn;     /* the client's, where its SYN was captured */
    bool syn, ended;  /* a SYN is in the capture; a RST or both FINs are */
    bool answered;    /* both ends sent something */
    bool told;        /* a SYN told which end is the client; false: the ports did */
    bool one_address; /* both ends have the same.  capture_load gives the server the next one, in
                         addr[1] and in the packets */
    uint32_t nth;     /* of the connections between these ends with these ports, from 0 */
    uint32_t before;  /* the one before it, from 1; 0: it is the first */
    uint16_t file;    /* where its latest packet was; counts are of the first file that has it */
    uint16_t first_file;
    uint32_t in_files;           /* bit N: file N has packets of it */
    uint64_t packets, octets[2]; /* segments; octets of data from each end */
    captured_end end[2];
    uint32_t icmp_errors;
    dw_time stall; /* the longest silence while something was not acknowledged, ns */
    dw_time first, last;
} captured_conn;

/* What a frame turned out to be. */
enum captured_kind {
    KIND_TCP4,
    KIND_TCP6,
    KIND_TCP_MALFORMED,
    KIND_UDP4,
    KIND_UDP6,
    KIND_ICMP4,
    KIND_ICMP6,
    KIND_OTHER4, /* another protocol on IP */
    KIND_OTHER6,
    KIND_FRAGMENT, /* of a packet that is not whole yet */
    KIND_ARP,
    KIND_COMPRESSED, /* PPP or VJ compression */
    KIND_ENCRYPTED,  /* IEEE 802.11, PPP or IPsec */
    KIND_CONTROL,    /* of the link: LCP, management frames, spanning tree ... */
    KIND_CUT,        /* before the IP header's end */
    KIND_DAMAGED,    /* no IP header where one ought to be */
    KIND_NO_READER,  /* of a link type that is not read */
    CAPTURED_KINDS
};

typedef struct capture_source capture_source;

/* What is in one or several files. */
typedef struct capture {
    /* The caller's: called now and then with octets read and the size of all (0: unknown), or NULL.
     */
    void (*progress)(uint64_t done, uint64_t whole);
    /* Of the connection that was loaded, in the files' order; and about it: */
    captured *packets;
    size_t count, capacity;
    uint64_t cut;             /* packets that are not whole in the file */
    uint64_t wrong_checksums; /* of those that are */
    uint64_t reassembled;     /* packets that came in fragments */
    uint64_t offloaded;
    /* Of all: */
    captured_name *names; /* by address */
    size_t name_count, name_capacity;
    captured_conn *conns;
    size_t conn_count, conn_capacity;
    uint64_t frames;      /* of all files */
    dw_time first, last;  /* the earliest and the latest time of a frame */
    uint64_t malformed;   /* TCP segments whose header cannot be; left out */
    uint64_t fragments;   /* fragments of which no whole packet came */
    uint64_t overlapping; /* packets whose fragments overlapped (RFC 5722) */
    uint64_t kinds[CAPTURED_KINDS];
    uint32_t link;    /* link type of the first frame; of the first one without a reader */
    char damage[400]; /* why reading ended before a file did; "": it did not */
    capture_source *sources;
    size_t source_count;
} capture;

/* Reads everything once, of 1 to 32 files: the connections with their counts; no packets are kept.
 * Of out only progress is looked at.  With several files a connection that is in both is one: it is
 * known by addresses, ports and initial sequence numbers.  DW_OK, DW_E_IO, DW_E_FORMAT (no capture,
 * or no TCP in it) or DW_E_NOMEM, with a true sentence in why.  The caller ends with capture_free,
 * also after a failure. */
int capture_open(const char *const *paths, size_t count, capture *out, char *why, size_t size);
/* The same of streams that are open, and stay the caller's; paths are for messages. */
int capture_open_streams(FILE *const *files, const char *const *paths, size_t count, capture *out,
                         char *why, size_t size);
/* Reads again and keeps in c->packets the packets of one connection (from 1), ICMP errors about it
 * among them, file 0 first, then file 1.  What was loaded before is freed.  DW_OK, DW_E_IO or
 * DW_E_NOMEM, with a sentence in why. */
int capture_load(capture *c, uint32_t conn, char *why, size_t size);
void capture_free(capture *c);
/* What it has from an address: a name, or NULL. */
const char *capture_name(const capture *c, const dw_addr *addr);
/* How much went wrong in a connection: 0 nothing; larger is worse.  --list sorts by it. */
uint64_t conn_trouble(const captured_conn *k);

#endif
