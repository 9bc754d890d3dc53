/* The frames of a capture file, whichever format it has. */
#ifndef DWL_READER_H
#define DWL_READER_H

#include "capture.h"
#include "input.h"

/* One frame.  What it points at belongs to the input until the next one is read. */
typedef struct frame {
    dw_time at;      /* nanoseconds since 1970 */
    uint64_t number; /* in its file, from 1 */
    uint32_t link;   /* https://www.tcpdump.org/linktypes.html */
    uint16_t interface;
    const uint8_t *bytes;
    uint32_t have, len;     /* octets in the file, and on the wire */
    const uint8_t *comment; /* or NULL */
    uint16_t comment_len;
} frame;

/* An interface that pcapng describes. */
typedef struct reader_interface {
    uint32_t link;
    uint32_t snap;  /* octets of a frame that are kept at most; 0: all */
    uint64_t units; /* of time, a second */
    int64_t offset; /* seconds */
} reader_interface;

typedef struct reader {
    input *in;
    capture *names;      /* takes the names in the file; NULL: they are passed over */
    bool ng;             /* pcapng */
    bool big;            /* numbers are big-endian */
    bool nanoseconds;    /* pcap: of the times */
    uint32_t record;     /* pcap: octets of a packet's own header */
    uint32_t link;       /* pcap: of all frames */
    uint64_t frames;     /* read so far */
    dw_time last;        /* time of the latest one */
    char damage[300];    /* why reading ended before the file did; "": it did not */
    const uint8_t *body; /* pcapng: of the block that was read */
    size_t body_len;
    uint32_t type;
    reader_interface *interfaces; /* of the section */
    uint32_t interface_count, interface_capacity;
} reader;

enum { LARGEST_PACKET = 256 << 10 };

/* Looks at the front of a file.  DW_OK, DW_E_FORMAT when it is no capture that can be read (why
 * says what it is, as far as that shows), DW_E_IO or DW_E_NOMEM.  reader_close also after a
 * failure. */
int reader_open(reader *r, input *in, capture *names, char *why, size_t size);
/* The next frame: DW_OK; DW_E_NOENT, there is none, and r->damage may say why; DW_E_IO or
 * DW_E_NOMEM. */
int reader_next(reader *r, frame *out);
void reader_close(reader *r);

/* The formats' own: pcap.c and pcapng.c. */
int pcap_open(reader *r, uint32_t magic);
bool pcap_knows(uint32_t magic);
int pcap_next(reader *r, frame *out);
int pcapng_next(reader *r, frame *out);

/* foreign.c: what a file of another kind is, from its first n octets.  DW_E_FORMAT. */
int reader_not_ours(const reader *r, const uint8_t *b, size_t n, char *why, size_t size);

/* damage.c: nothing more can be read.  A sentence's end, "has a damaged packet"; DW_E_NOENT. */
int reader_damaged(reader *r, const char *what);
uint32_t reader_get32(const reader *r, const uint8_t *at);
uint16_t reader_get16(const reader *r, const uint8_t *at);

#endif
