/* RFC 4987 section 3.6: SYN cookies.
 *
 * When a listener has no room for another half-open connection, the SYN,ACK's sequence number
 * itself says what must be remembered: 24 bits of a keyed hash, 5 of a slow clock and 3 for the
 * MSS.  Linux and FreeBSD remember more than that (syn_cookie_rule). */
#include "tcp_cookie.h"
#include "tcp_timestamp.h"

#define PERIOD (64 * DW_SECOND) /* the clock's tick; a cookie is good for two of them */

/* The sizes that a cookie can tell: those of RFC 793's time and of links that are common; Linux's
 * and FreeBSD's. */
static const uint16_t plain_sizes[] = {28, 256, 512, 536, 1220, 1440, 1460, 8960};
static const uint16_t linux_sizes[] = {536, 1300, 1440, 1460};
static const uint16_t linux_sizes6[] = {1220, 1420, 1440, 8940};
static const uint16_t freebsd_sizes[] = {216, 536, 1200, 1360, 1400, 1440, 1452, 1460};
/* FreeBSD's window scales; the first stands for none. */
static const uint8_t freebsd_scales[] = {0, 0, 1, 2, 4, 6, 7, 8};

typedef struct size_table {
    const uint16_t *size;
    uint32_t count;
} size_table;

static size_table sizes_of(const dw_tcp *tcp, const dw_flow *flow)
{
    switch ((enum dw_tcp_cookie_rule)tcp->profile.syn_cookie_rule) {
    case DW_TCP_COOKIE_PLAIN: break;
    case DW_TCP_COOKIE_LINUX:
        return (size_table){flow->remote.family == 6 ? linux_sizes6 : linux_sizes, 4};
    case DW_TCP_COOKIE_FREEBSD: return (size_table){freebsd_sizes, 8};
    }
    return (size_table){plain_sizes, 8};
}

/* The largest that is not larger than what the peer says. */
static uint32_t size_index(const dw_tcp *tcp, const dw_seg *syn)
{
    size_table sizes = sizes_of(tcp, syn->flow);
    uint32_t mss = syn->mss ? syn->mss : DW_TCP_DEFAULT_MSS, i = sizes.count - 1;
    while (i > 0 && sizes.size[i] > mss)
        i--;
    return i;
}

static uint32_t scale_index(int8_t wscale)
{
    uint32_t i = sizeof freebsd_scales - 1;
    if (wscale < 0) return 0;
    while (i > 1 && freebsd_scales[i] > wscale)
        i--;
    return i;
}

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

/* What stands in the octet below the hash: the clock in the upper five bits and the size, or, as
 * FreeBSD has it, scale, size, SACK and the clock's last bit. */
static uint32_t octet_of(const dw_tcp *tcp, const dw_seg *syn, uint32_t at)
{
    uint32_t size = size_index(tcp, syn);
    if (tcp->profile.syn_cookie_rule != DW_TCP_COOKIE_FREEBSD) return (at & 31) << 3 | size;
    bool sack = tcp->profile.sack && syn->sack_permitted;
    uint32_t scale = tcp->profile.window_scale ? scale_index(syn->wscale) : 0;
    return scale << 5 | size << 2 | (uint32_t)sack << 1 | (at & 1);
}

uint32_t dw_tcp_cookie_make(const dw_tcp *tcp, const dw_seg *syn)
{
    uint32_t at = tick(tcp);
    return hash(tcp, syn->flow, syn->seq, at) << 8 | octet_of(tcp, syn, at);
}

/* What Linux has no room for in the number it puts into the timestamp, which comes back: its six
 * lowest bits are the scale, SACK and ECN (cookie_init_timestamp). */
enum { TIMESTAMP_BITS = 6, TIMESTAMP_NO_SCALE = 15, TIMESTAMP_SACK = 16, TIMESTAMP_ECN = 32 };

uint32_t dw_tcp_cookie_timestamp(const dw_tcb *t)
{
    uint32_t now = dw_tcp_timestamp_now(t),
             bits = t->wscale_ok ? t->snd_wscale : TIMESTAMP_NO_SCALE;
    if (t->tcp->profile.syn_cookie_rule != DW_TCP_COOKIE_LINUX) return now;
    if (t->sack_ok) bits |= TIMESTAMP_SACK;
    if (t->ecn_ok) bits |= TIMESTAMP_ECN;
    uint32_t timestamp = (now & ~((1u << TIMESTAMP_BITS) - 1)) | bits;
    return timestamp > now ? timestamp - (1u << TIMESTAMP_BITS) : timestamp;
}

/* The options that a SYN,ACK with a cookie may agree on: those that will be known again. */
bool dw_tcp_cookie_offers(dw_tcb *t, const dw_seg *syn)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool timestamps = p->timestamps && syn->has_timestamp && t->set->options;
    bool all = (p->syn_cookie_rule == DW_TCP_COOKIE_LINUX && timestamps) ||
               (p->syn_cookie_rule == DW_TCP_COOKIE_FREEBSD && t->set->options);
    t->ts_ok = timestamps && all;
    t->sack_ok = all && p->sack && syn->sack_permitted;
    t->wscale_ok = all && p->window_scale && syn->wscale >= 0;
    if (t->wscale_ok) t->snd_wscale = (uint8_t)syn->wscale;
    return all && p->syn_cookie_rule == DW_TCP_COOKIE_LINUX;
}

static void remember_linux(dw_seg *syn, const dw_seg *ack)
{
    uint32_t bits = ack->ts_ecr & ((1u << TIMESTAMP_BITS) - 1), scale = bits & TIMESTAMP_NO_SCALE;
    if (!ack->has_timestamp) return;
    syn->sack_permitted = bits & TIMESTAMP_SACK;
    if (scale != TIMESTAMP_NO_SCALE) syn->wscale = (int8_t)(scale < 14 ? scale : 14);
    if (bits & TIMESTAMP_ECN) syn->flags |= DW_TCP_ECE | DW_TCP_CWR;
}

static void remember_freebsd(dw_seg *syn, uint32_t cookie)
{
    uint32_t scale = cookie >> 5 & 7;
    syn->sack_permitted = cookie >> 1 & 1;
    if (scale > 0) syn->wscale = (int8_t)freebsd_scales[scale];
}

bool dw_tcp_cookie_check(const dw_tcp *tcp, const dw_seg *ack, dw_seg *syn)
{
    uint32_t cookie = ack->ack - 1, now = tick(tcp);
    bool freebsd = tcp->profile.syn_cookie_rule == DW_TCP_COOKIE_FREEBSD;
    uint32_t age = freebsd ? (now - cookie) & 1 : (now - (cookie >> 3 & 31)) & 31;
    uint32_t size = freebsd ? cookie >> 2 & 7 : cookie & 7;
    size_table sizes = sizes_of(tcp, ack->flow);
    if (age > 1 || age > now || size >= sizes.count) return false;
    if (cookie >> 8 != hash(tcp, ack->flow, ack->seq - 1, now - age)) return false;
    *syn = (dw_seg){.seq = ack->seq - 1,
                    .mss = sizes.size[size],
                    .wscale = -1,
                    .cookie_len = -1,
                    .flow = ack->flow};
    if (tcp->profile.syn_cookie_rule == DW_TCP_COOKIE_PLAIN) return true;
    syn->has_timestamp = ack->has_timestamp;
    syn->ts_val = ack->ts_val;
    if (freebsd)
        remember_freebsd(syn, cookie);
    else
        remember_linux(syn, ack);
    return true;
}
