/* RFC 4987 section 3.6: SYN cookies.
 *
 * When a listener has no room for another half-open connection, the SYN,ACK's sequence number
 * itself says what must be remembered: 24 bits of a keyed hash, 5 of a slow clock and 3 for the
 * MSS. */
#include "tcp.h"

#define PERIOD (64 * DW_SECOND) /* the clock's tick; a cookie is good for two of them */

static const uint16_t sizes[8] = {28, 256, 512, 536, 1220, 1440, 1460, 8960};

uint64_t dw_tcp_hash_flow(uint64_t secret, const dw_flow *flow)
{
    uint64_t h = secret;
    const uint32_t words[] = {flow->local.word[0], flow->remote.word[0],
                              (uint32_t)flow->local_port << 16 | flow->remote_port};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        h ^= words[i];
        h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
        h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
        h ^= h >> 31;
    }
    return h;
}

static uint32_t tick(const dw_tcp *tcp)
{
    return (uint32_t)(tcp->host->now(tcp->node) / PERIOD);
}

static uint32_t hash(const dw_tcp *tcp, const dw_flow *flow, uint32_t irs, uint32_t at)
{
    uint64_t secret = tcp->isn_secret ^ ((uint64_t)irs << 32 | at);
    return (uint32_t)dw_tcp_hash_flow(secret, flow) & 0xffffff;
}

uint32_t dw_tcp_cookie_make(const dw_tcp *tcp, const dw_seg *syn)
{
    uint32_t at = tick(tcp), size = 0;
    uint32_t mss = syn->mss ? syn->mss : DW_TCP_DEFAULT_MSS;
    while (size < 7 && sizes[size + 1] <= mss)
        size++;
    return (hash(tcp, syn->flow, syn->seq, at) << 8) | (at & 31) << 3 | size;
}

bool dw_tcp_cookie_check(const dw_tcp *tcp, const dw_seg *ack, uint16_t *mss)
{
    uint32_t cookie = ack->ack - 1, now = tick(tcp);
    uint32_t age = (now - (cookie >> 3 & 31)) & 31;
    if (age > 1 || age > now) return false;
    if (cookie >> 8 != hash(tcp, ack->flow, ack->seq - 1, now - age)) return false;
    *mss = sizes[cookie & 7];
    return true;
}
