/* The older format of captures, which every tool reads: a header, and each frame with its time.  Of
 * nanoseconds, which libpcap reads since 1.5 and Wireshark always has. */
#include "capture.h"

#define NANOSECONDS 0xa1b23c4du

void dw_pcap_begin(dw_capture_block *b, dw_output *out, uint16_t linktype)
{
    b->len = 0;
    dw_capture_put32(b, NANOSECONDS);
    dw_capture_put16(b, 2); /* version 2.4 */
    dw_capture_put16(b, 4);
    dw_capture_put32(b, 0); /* of the time zone, which is UTC */
    dw_capture_put32(b, 0);
    dw_capture_put32(b, DW_CAPTURE_SNAPLEN);
    dw_capture_put32(b, linktype);
    if (!b->failed) dw_output_write(out, b->data, b->len);
}

void dw_pcap_frame(dw_capture_block *b, dw_output *out, const dw_capture_frame *f)
{
    b->len = 0;
    dw_capture_put32(b, (uint32_t)(f->at_ns / DW_SECOND));
    dw_capture_put32(b, (uint32_t)(f->at_ns % DW_SECOND));
    dw_capture_put32(b, f->captured);
    dw_capture_put32(b, f->len);
    dw_capture_put(b, f->bytes, f->captured);
    if (!b->failed) dw_output_write(out, b->data, b->len);
}
