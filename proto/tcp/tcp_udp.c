/* TCP in UDP, as FreeBSD tunnels it: a UDP header in front of the segment, whose checksum covers
 * both.  UDP's option tcp_port says where such datagrams come in. */
#include "tcp_udp.h"

enum { UDP_HEADER = 8, UDP_PROTOCOL = 17 };

void dw_tcp_encapsulate(dw_packet *p, const dw_flow *flow)
{
    uint8_t *h = dw_packet_push(p, UDP_HEADER);
    uint32_t len = dw_packet_len(p);
    dw_put16(h, flow->udp_local);
    dw_put16(h + 2, flow->udp_remote);
    dw_put16(h + 4, (uint16_t)len);
    dw_put16(h + UDP_HEADER + 16, 0); /* of TCP: UDP's does its work */
    p->checksum = DW_CHECKSUM_PARTIAL;
    p->checksum_start = p->head_start;
    p->checksum_at = (uint8_t)(p->head_start + 6);
    dw_put16(h + 6,
             dw_checksum_fold(dw_checksum_pseudo(&flow->local, &flow->remote, UDP_PROTOCOL, len)));
}
