/* A capture's frames, whatever the format of its file.  For the files that write captures. */
#ifndef DW_CAPTURE_H
#define DW_CAPTURE_H

#include "base/output.h"
#include "trace.h"

/* No frame is longer: libpcap refuses files that say they have such. */
enum { DW_CAPTURE_SNAPLEN = 262144 };

/* Of pcap and pcapng alike (https://www.tcpdump.org/linktypes.html). */
enum { DW_LINKTYPE_ETHERNET = 1, DW_LINKTYPE_RAW = 101 };

enum { DW_MAC = 6 };

typedef struct dw_capture_frame {
    uint64_t at_ns; /* since 1970 */
    const uint8_t *bytes;
    uint32_t captured, len; /* octets that are there, and that were on the wire */
    uint32_t link, end;     /* the interface: an end of a link */
    bool inbound;
    const char *comment;
} dw_capture_frame;

/* Octets that grow, for one block after the other. */
typedef struct dw_capture_block {
    uint8_t *data;
    size_t len, cap;
    bool failed; /* out of memory: the file cannot be made */
} dw_capture_block;

/* capture_block.c */
void dw_capture_put(dw_capture_block *b, const void *data, size_t len);
/* Little-endian on every machine: the file is the same everywhere. */
void dw_capture_put16(dw_capture_block *b, uint16_t v);
void dw_capture_put32(dw_capture_block *b, uint32_t v);

/* The address of a host's end of a link, 02:LL:LL:HH:HH:HH, which is locally
 * administered: the link's number from 0, the host's from 1. */
void dw_capture_mac(uint32_t link, uint32_t node, uint8_t mac[DW_MAC]);

/* pcapng.c */
void dw_pcapng_begin(dw_capture_block *b, dw_output *out, const dw_trace *trace, uint16_t linktype);
void dw_pcapng_frame(dw_capture_block *b, dw_output *out, const dw_capture_frame *f,
                     uint16_t linktype);
/* pcap.c */
void dw_pcap_begin(dw_capture_block *b, dw_output *out, uint16_t linktype);
void dw_pcap_frame(dw_capture_block *b, dw_output *out, const dw_capture_frame *f);

#endif
