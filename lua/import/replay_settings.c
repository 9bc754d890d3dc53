/* How the hosts were set up, as far as their segments show it. */
#include "replay.h"

#include <string.h>

enum { ECE = 64, CWR = 128, MOST_KINDS = 12 };

/* The order of a SYN's options tells its sender's system. */
static const struct {
    const char *profile, *why;
    uint8_t kinds[MOST_KINDS];
    size_t count;
} layouts[] = {
    {"linux",
     "the options of its SYN are MSS, SACK, timestamps, NOP, scale, in Linux's order",
     {OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_NOP, OPTION_SCALE},
     5},
    {"linux",
     "the options of its SYN are MSS, SACK, timestamps, in Linux's order",
     {OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS},
     3},
    {"linux",
     "the options of its SYN are MSS, NOP, NOP, SACK, NOP, scale, in Linux's order",
     {OPTION_MSS, OPTION_NOP, OPTION_NOP, OPTION_SACK_PERMITTED, OPTION_NOP, OPTION_SCALE},
     6},
    {"freebsd",
     "the options of its SYN are MSS, NOP, scale, SACK, timestamps, in FreeBSD's order",
     {OPTION_MSS, OPTION_NOP, OPTION_SCALE, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS},
     5},
};

static void guess_profile(settings *set, const uint8_t *kinds, size_t count)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].count == count && memcmp(layouts[i].kinds, kinds, count) == 0) {
            set->profile = layouts[i].profile;
            set->why = layouts[i].why;
            return;
        }
    set->profile = "rfc9293";
    set->why = "the options of its SYN are in no known system's order";
}

/* The options of a SYN; what the snapshot length cut off is unknown. */
static void read_syn(settings *set, const dw_dissection *d)
{
    uint8_t kinds[MOST_KINDS];
    size_t count = 0;
    set->syn = true;
    set->scale = -1;
    tcp_option o;
    for (uint32_t at = 0; count < MOST_KINDS && tcp_option_next(d, &at, &o);) {
        kinds[count++] = o.kind;
        if (o.kind == OPTION_MSS && o.len == 2) set->mss = dw_get16(o.value);
        if (o.kind == OPTION_SCALE && o.len == 1)
            set->scale = (int8_t)(*o.value < MAX_SCALE ? *o.value : MAX_SCALE);
        set->sack |= o.kind == OPTION_SACK_PERMITTED;
        set->timestamps |= o.kind == OPTION_TIMESTAMPS;
    }
    guess_profile(set, kinds, count);
}

/* What only one SYN says is taken for both ends; without any, options in use show. */
static void fill_in(replay *r)
{
    for (int e = 0; e < 2; e++) {
        settings *set = &r->ends[e].set, *other = &r->ends[!e].set;
        if (set->syn) continue;
        set->profile = "rfc9293";
        set->why = "its SYN is not in the capture";
        set->scale = other->syn ? other->scale : -1;
        set->timestamps |= other->timestamps;
        set->sack |= other->sack;
        if (other->syn) {
            set->mss = other->mss;
            set->profile = other->profile;
            set->why = "its SYN is not in the capture, the other end's is";
        }
    }
}

static bool has_option(const dw_dissection *d, uint8_t kind)
{
    tcp_option o;
    for (uint32_t at = 0; tcp_option_next(d, &at, &o);)
        if (o.kind == kind) return true;
    return false;
}

static void read_segment(replay *r, passage *p)
{
    const dw_dissection *d = &p->v->d;
    settings *set = &r->ends[p->from].set, *peer = &r->ends[!p->from].set;
    bool syn = d->flags & FLAG_SYN, scales = set->scale >= 0 && peer->scale >= 0;
    p->window = syn || !scales ? d->window : d->window << set->scale;
    if (d->flags & FLAG_RST) return;
    if (p->window > set->max_window) set->max_window = p->window;
    if (!syn && !set->syn) {
        set->timestamps |= has_option(d, OPTION_TIMESTAMPS);
        peer->sack |= set->sack |= has_option(d, OPTION_SACK);
    }
    /* RFC 1700 and those after it: a packet leaves with 32, 64, 128 or 255. */
    if (!set->ttl) {
        set->ttl = 255;
        for (int ttl = 128; ttl >= 32; ttl /= 2)
            if (d->ttl <= ttl) set->ttl = (uint8_t)ttl;
    }
}

/* RFC 3168 6.1.1: asked for with ECE and CWR, answered with ECE alone. */
static void read_ecn(replay *r)
{
    bool asked = false;
    for (size_t i = 0; i < r->count; i++) {
        uint32_t flags = r->passages[i].v->d.flags;
        if (!(flags & FLAG_SYN) || r->passages[i].kind == PASSAGE_FOREIGN) continue;
        bool answers = flags & FLAG_ACK;
        if (!answers && (flags & (ECE | CWR)) == (ECE | CWR)) asked = true;
        if (answers && asked && (flags & (ECE | CWR)) == ECE)
            r->ends[0].set.ecn = r->ends[1].set.ecn = true;
    }
}

/* Octets of data in a full segment: what the SYNs agree on, or less where the path lets no more
 * through, which shows in several segments of one size. */
static void find_segment_size(replay *r, int e)
{
    enum { TIMESTAMPS_LEN = 12, SEVERAL = 3, ETHERNET_MSS = 1460 };
    const settings *set = &r->ends[e].set, *peer = &r->ends[!e].set;
    int64_t agreed = ETHERNET_MSS, largest = 0;
    size_t alike = 0;
    if (set->syn || peer->syn) {
        agreed = peer->mss ? peer->mss : ETHERNET_MSS; /* hosts here always tell one */
        if (set->mss && set->mss < agreed) agreed = set->mss;
    }
    if (set->timestamps && peer->timestamps) agreed -= TIMESTAMPS_LEN;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        int64_t len = p->end - p->seq;
        if (p->from != e || p->kind == PASSAGE_FOREIGN || p->offloaded || len < largest) continue;
        alike = len == largest ? alike + 1 : 1;
        largest = len;
    }
    bool bounded = largest < agreed && alike >= SEVERAL && largest * 3 > agreed;
    r->eff_mss[e] = bounded ? largest : agreed;
}

/* Octets that left together before anything was acknowledged. */
static void find_initial_window(replay *r, int e)
{
    int64_t sent = 0;
    dw_time until = DW_TIME_NEVER;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        bool data = p->from == e && p->kind == PASSAGE_PLAIN && p->end > p->seq;
        if (!data || p->v->sent_at > until) continue;
        if (until == DW_TIME_NEVER) until = p->v->sent_at + r->delay / 2;
        if (p->end > sent) sent = p->end;
    }
    if (r->eff_mss[e] > 0 && r->from_syn)
        r->ends[e].set.initial_window = (uint32_t)((sent + r->eff_mss[e] - 1) / r->eff_mss[e]);
}

/* Keepalives: the first after a silence, the others after each other (RFC 9293 3.8.4). */
static void find_keepalives(replay *r)
{
    dw_time last = 0;
    bool probing[2] = {false, false};
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        settings *set = &r->ends[p->from].set;
        dw_time gap = p->v->sent_at - last;
        bool keepalive = p->kind == PASSAGE_KEEPALIVE && gap > 0;
        if (keepalive && !probing[p->from] && !set->keepalive_idle) set->keepalive_idle = gap;
        if (keepalive && probing[p->from] && !set->keepalive_interval)
            set->keepalive_interval = gap;
        probing[p->from] = keepalive;
        probing[!p->from] = false;
        last = p->v->sent_at;
        if (p->v->arrived_at > last && !keepalive) last = p->v->arrived_at;
    }
}

static void find_mtu(replay *r)
{
    enum { USUAL = 1500, IPV4_LEAST = 20, TCP_LEAST = 20 };
    r->mtu = USUAL;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        uint32_t len = p->v->d.header_len + p->v->d.len;
        if (!p->offloaded && len > r->mtu) r->mtu = len;
    }
    for (int e = 0; e < 2; e++) {
        uint32_t announced = r->ends[e].set.mss + IPV4_LEAST + TCP_LEAST;
        if (announced > r->mtu) r->mtu = announced;
    }
    if (r->mtu > UINT16_MAX) r->mtu = UINT16_MAX;
}

void replay_find_settings(replay *r)
{
    for (int e = 0; e < 2; e++)
        r->ends[e].set.scale = -1;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        settings *set = &r->ends[p->from].set;
        bool syn = p->v->d.flags & FLAG_SYN && p->kind != PASSAGE_FOREIGN;
        if (syn && !set->syn) read_syn(set, &p->v->d);
    }
    for (size_t i = 0; i < r->count; i++)
        if (r->passages[i].kind != PASSAGE_FOREIGN) read_segment(r, &r->passages[i]);
    fill_in(r);
    read_ecn(r);
    find_keepalives(r);
    find_mtu(r);
    for (int e = 0; e < 2; e++) {
        find_segment_size(r, e);
        find_initial_window(r, e);
    }
}
