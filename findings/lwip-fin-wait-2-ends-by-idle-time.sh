#!/bin/bash
# lwIP 2.1.3 (Debian 12: liblwip-dev 2.1.3+dfsg1-2): after tcp_close() FIN-WAIT-2 lasts 20 seconds from the last segment
# that came before the close, not from the close.  A connection that was idle for that long is gone with the next slow
# tick, and the FIN of a peer that closes a second later is answered by a reset.
#
# TCP_FIN_WAIT_TIMEOUT (20 s) is compared with the time since pcb->tmr (tcp_slowtmr), which tcp_input sets with each
# segment only as long as the receiving side is open (TF_RXCLOSED is not set); tcp_close() shuts it.  So the
# acknowledgment of the FIN does not count, and what does is how long nothing came before.
# RFC 9293 3.6 lets an application that has closed both directions leave FIN-WAIT-2; Linux and BSD wait a minute from there.
#
# Seen: a client that was idle for 15 s closes, its FIN is acknowledged, the peer's FIN comes a second later: an ACK.  The
# same after 25 idle seconds: RST.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=2.1.3+dfsg1-2
apt-get download -q "liblwip-dev=$version" "liblwip0=$version" >log 2>&1 || { echo "cannot install liblwip-dev $version" >&2; exit 2; }
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$(dirname "$(find root -name 'liblwip.so')")
includes=$(find root -type d -name lwip -path '*include*' | sed 's/^/-I/' | tr '\n' ' ')

cat >idle.c <<'C'
#include <lwip/init.h>
#include <lwip/inet_chksum.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/tcp.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u32_t clock_ms = 1000;
u32_t sys_now(void) { return clock_ms; }

static struct netif netif;
static ip4_addr_t us, peer;
static u16_t port;
static u32_t next_seq, next_ack; /* of the peer */
static const char *last = "nothing";

/* What lwIP sends. */
static err_t output(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    u8_t octets[1600];
    (void)n; (void)to;
    u16_t len = pbuf_copy_partial(p, octets, sizeof octets, 0);
    struct tcp_hdr *h = (struct tcp_hdr *)(octets + 20);
    u8_t flags = TCPH_FLAGS(h);
    if (len < 40) return ERR_OK;
    port = lwip_ntohs(h->src);
    next_ack = lwip_ntohl(h->seqno) + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    last = flags & TCP_RST ? "RST" : flags & TCP_SYN ? "SYN" : flags & TCP_FIN ? "FIN" : "ACK";
    return ERR_OK;
}

static err_t begin(struct netif *n) { n->output = output; n->mtu = 1500; return ERR_OK; }

/* A segment of the peer. */
static void segment(u8_t flags)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 40, PBUF_RAM);
    struct ip_hdr *ip = p->payload;
    struct tcp_hdr *h = (struct tcp_hdr *)((u8_t *)p->payload + 20);
    memset(p->payload, 0, 40);
    IPH_VHL_SET(ip, 4, 5); IPH_LEN_SET(ip, lwip_htons(40)); IPH_TTL_SET(ip, 64); IPH_PROTO_SET(ip, 6);
    ip->src.addr = peer.addr; ip->dest.addr = us.addr;
    IPH_CHKSUM_SET(ip, inet_chksum(ip, 20));
    h->src = lwip_htons(80); h->dest = lwip_htons(port);
    h->seqno = lwip_htonl(next_seq); h->ackno = lwip_htonl(next_ack);
    TCPH_HDRLEN_FLAGS_SET(h, 5, flags); h->wnd = lwip_htons(65000);
    pbuf_header(p, -20);
    h->chksum = inet_chksum_pseudo(p, 6, 20, &peer, &us);
    pbuf_header(p, 20);
    next_seq += !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    last = "nothing";
    netif.input(p, &netif);
}

static void pass(u32_t ms)
{
    for (; ms > 0; ms -= 10) { clock_ms += 10; sys_check_timeouts(); }
}

static err_t ignore(void *arg, struct tcp_pcb *pcb, err_t err) { (void)arg; (void)pcb; return err; }

int main(int argc, char **argv)
{
    (void)argc;
    lwip_init();
    IP4_ADDR(&us, 192, 0, 2, 1); IP4_ADDR(&peer, 192, 0, 2, 2);
    ip4_addr_t mask, none = {0};
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &us, &mask, &none, NULL, begin, netif_input);
    netif_set_default(&netif); netif_set_up(&netif); netif_set_link_up(&netif);
    struct tcp_pcb *pcb = tcp_new();
    next_seq = 5000;
    tcp_connect(pcb, &peer, 80, ignore);
    segment(TCP_SYN | TCP_ACK);
    pass(1000 * (u32_t)atoi(argv[1]));
    tcp_close(pcb);
    if (strcmp(last, "FIN") != 0) return 2;
    segment(TCP_ACK);
    pass(1000);
    segment(TCP_FIN | TCP_ACK);
    puts(last);
    return 0;
}
C
# shellcheck disable=SC2086
cc -w $includes $(find root -name 'arch' -type d | sed 's#/arch$##; s/^/-I/') -Wl,--export-dynamic idle.c -L"$libraries" -llwip -o idle
answer() { LD_LIBRARY_PATH=$libraries ./idle "$1"; }
for idle in 15 25; do echo "idle for $idle s, closed, and the peer's FIN a second later: $(answer $idle)"; done
[ "$(answer 15)" = ACK ] || { echo 'a FIN within 20 s of the last segment is not acknowledged' >&2; exit 1; }
[ "$(answer 25)" = RST ] || { echo 'FIN-WAIT-2 is counted from the close now' >&2; exit 1; }
echo 'as stated'
