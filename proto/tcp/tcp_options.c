/* RFC 9293 section 3.2: the options of a header that is sent.  Each profile has its layout; an
 * option is padded in front with NOPs. */
#include "tcp_options.h"
#include "tcp_accecn.h"
#include "tcp_cookie.h"
#include "tcp_fastopen.h"
#include "tcp_negotiate.h"
#include "tcp_sack.h"
#include "tcp_timestamp.h"
#include "tcp_window.h"
#include "tcp_wire.h"

static uint8_t *put_option(dw_tcp_header *h, uint8_t kind, uint8_t len, uint8_t padding)
{
    if ((size_t)h->options_len + padding + len > sizeof h->options) return NULL;
    memset(h->options + h->options_len, DW_TCP_OPT_NOP, padding);
    uint8_t *o = h->options + h->options_len + padding;
    o[0] = kind;
    o[1] = len;
    h->options_len = (uint8_t)(h->options_len + padding + len);
    return o + 2;
}

/* So that it ends on a word. */
static uint8_t *add_option(dw_tcp_header *h, uint8_t kind, uint8_t len)
{
    return put_option(h, kind, len, (uint8_t)((4 - (h->options_len + len) % 4) % 4));
}

static void fill_timestamp(const dw_tcb *t, const dw_tcp_header *h, uint8_t *o)
{
    if (!o) return;
    dw_put32(o, DW_UNLIKELY(t->cookie) ? dw_tcp_cookie_timestamp(t) : dw_tcp_timestamp_now(t));
    bool echo = h->flags & DW_TCP_ACK || t->tcp->profile.time_wait_reuse_echo;
    dw_put32(o + 4, echo ? t->ts_recent : 0);
}

/* RFC 5482 section 3: minutes when seconds do not fit into 15 bits. */
static void add_user_timeout(dw_tcb *t, dw_tcp_header *h)
{
    dw_time timeout = t->set->user_timeout;
    uint8_t *o = timeout ? add_option(h, DW_TCP_OPT_USER_TIMEOUT, 4) : NULL;
    t->user_timeout_due = false;
    if (!o) return;
    enum { MINUTES = 0x8000, MAX_SIZE = 0x7fff };
    bool minutes = timeout / DW_SECOND > MAX_SIZE;
    if (minutes)
        dw_put16(o, (uint16_t)(timeout / DW_MINUTE | MINUTES));
    else
        dw_put16(o, (uint16_t)(timeout / DW_SECOND));
}

/* RFC 7413 section 4.1.1: a client shows its cookie or asks for one, a server gives one. */
static void add_cookie(const dw_tcb *t, dw_tcp_header *h)
{
    const dw_tcp_cookie_entry *known = NULL;
    uint8_t fresh[DW_TCP_COOKIE], len = 0, extra = t->fast_experiment ? 2 : 0;
    const uint8_t *cookie = fresh;
    if (h->flags & DW_TCP_ACK) {
        dw_tcp_fast_cookie(t->tcp, t->listener, &t->link.flow, fresh);
        len = DW_TCP_COOKIE;
    } else if ((known = dw_tcp_fast_recall(t->tcp, &t->link.flow.remote)) != NULL) {
        cookie = known->cookie;
        len = known->len;
    }
    bool plain = t->tcp->profile.option_layout == DW_TCP_LAYOUT_PLAIN;
    uint8_t kind = extra ? DW_TCP_OPT_EXPERIMENT : DW_TCP_OPT_FAST_OPEN;
    uint8_t size = (uint8_t)(2 + extra + len);
    uint8_t *o = plain ? add_option(h, kind, size) : put_option(h, kind, size, 0);
    if (!o) return;
    if (extra) dw_put16(o, DW_TCP_FAST_MAGIC);
    memcpy(o + extra, cookie, len);
}

/* RFC 9768 3.2.3: the octets of each codepoint. */
static void add_accurate(dw_tcb *t, dw_tcp_header *h, bool syn, int fields)
{
    bool duplicate = t->duplicate.from != t->duplicate.to;
    uint8_t *out = h->options + h->options_len;
    h->options_len += dw_tcp_accurate_option(t, syn, fields, duplicate, out);
}

/* ... in a SYN,ACK, as many as there is room for; SYNs have none.  The options that follow take so
 * much, some of it padding that may be had. */
static void add_accurate_syn(dw_tcb *t, dw_tcp_header *h, uint32_t following, uint32_t spare)
{
    uint32_t none = 0, used = h->options_len + following;
    if (!t->accurate || !(h->flags & DW_TCP_ACK) || used >= sizeof h->options) return;
    uint32_t room = (uint32_t)sizeof h->options - used;
    add_accurate(t, h, true, dw_tcp_accurate_fit(t, true, room, spare, &none));
}

/* Which options a SYN or SYN,ACK carries. */
typedef struct syn_offer {
    bool wscale, sack, timestamp;
} syn_offer;

static void add_wscale(const dw_tcb *t, dw_tcp_header *h)
{
    bool refused = h->flags & DW_TCP_ACK && !t->wscale_ok; /* and offered all the same */
    *add_option(h, DW_TCP_OPT_WSCALE, 3) = refused ? dw_tcp_offered_scale(t) : t->rcv_wscale;
}

/* RFC 2018 and 7323 in the order in which they came. */
static void plain_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    uint32_t words = offer.wscale + offer.sack + 3u * offer.timestamp;
    add_accurate_syn(t, h, 4 * words, offer.wscale);
    if (offer.wscale) add_wscale(t, h);
    if (offer.sack) add_option(h, DW_TCP_OPT_SACK_PERMITTED, 2);
    if (offer.timestamp) fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
}

/* Linux puts SACK-permitted and the timestamp together into three words. */
static void linux_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    bool together = offer.sack && offer.timestamp;
    if (together) put_option(h, DW_TCP_OPT_SACK_PERMITTED, 2, 0);
    if (offer.timestamp)
        fill_timestamp(t, h, put_option(h, DW_TCP_OPT_TIMESTAMP, 10, together ? 0 : 2));
    bool alone = offer.sack && !together;
    add_accurate_syn(t, h, 4u * (alone + offer.wscale), alone ? 2 : offer.wscale);
    if (alone) add_option(h, DW_TCP_OPT_SACK_PERMITTED, 2);
    if (offer.wscale) add_wscale(t, h);
}

/* FreeBSD aligns only what must be, and fills up with zeros behind. */
static void freebsd_layout(dw_tcb *t, dw_tcp_header *h, syn_offer offer)
{
    if (offer.wscale) add_wscale(t, h);
    if (offer.sack) put_option(h, DW_TCP_OPT_SACK_PERMITTED, 2, 0);
    if (offer.timestamp) fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
}

static void syn_options(dw_tcb *t, dw_tcp_header *h)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool repeats = p->simultaneous_offers && !t->passive;
    bool answer = h->flags & DW_TCP_ACK && t->state != DW_TCP_SYN_SENT && !repeats;
    dw_put16(add_option(h, DW_TCP_OPT_MSS, 4), /* MUST-14, SHLD-5, MAY-3 */
             (uint16_t)(t->rcv_mss < 65535 ? t->rcv_mss : 65535));
    if (dw_tcp_syn_is_plain(t)) return;
    /* A SYN makes an offer, of a window scale where our buffer needs it; a SYN,ACK answers one. */
    bool scale = p->window_scale && (t->rcv_wscale > 0 || p->window_scale_always);
    syn_offer offer = {.wscale = scale, .sack = p->sack, .timestamp = p->timestamps};
    if (answer) offer = (syn_offer){t->wscale_ok, t->sack_ok, t->ts_ok};
    switch ((enum dw_tcp_option_layout)p->option_layout) {
    case DW_TCP_LAYOUT_PLAIN: plain_layout(t, h, offer); break;
    case DW_TCP_LAYOUT_LINUX: linux_layout(t, h, offer); break;
    case DW_TCP_LAYOUT_FREEBSD: freebsd_layout(t, h, offer); break;
    }
    /* RFC 7413 4.1.3: not when it has to be sent again; and an answer is for who has asked. */
    bool cookie = t->fast_asked && t->retransmits == 0 && (t->passive || !(h->flags & DW_TCP_ACK));
    if (cookie) add_cookie(t, h);
    if (p->user_timeout_option) add_user_timeout(t, h);
}

/* RFC 2018 section 3: as many blocks as there is room for, and RFC 9768's option before them. */
static void add_sack(dw_tcb *t, dw_tcp_header *h, uint32_t len)
{
    enum { SACK_HEAD = 4, SACK_BLOCK = 8, BLOCKS = 4 };
    dw_tcp_range blocks[BLOCKS];
    uint32_t room = (uint32_t)sizeof h->options - h->options_len;
    if (len > 0 && len + room > t->snd_mss) room = t->snd_mss > len ? t->snd_mss - len : 0;
    uint32_t max = room >= SACK_HEAD + SACK_BLOCK ? (room - SACK_HEAD) / SACK_BLOCK : 0;
    if (!max && !t->tcp->profile.dsack_waits) t->duplicate = (dw_tcp_range){0, 0};
    if (max > BLOCKS) max = BLOCKS;
    uint32_t n = t->sack_ok ? dw_tcp_sack_count(t, max) : 0;
    if (t->accurate) {
        if (n > 0) room -= SACK_HEAD + SACK_BLOCK * n;
        add_accurate(t, h, false, dw_tcp_accurate_fit(t, false, room, n > 0 ? 2 : 0, &n));
    }
    if (n == 0) return;
    n = dw_tcp_sack_blocks(t, blocks, n);
    uint8_t *o = add_option(h, DW_TCP_OPT_SACK, (uint8_t)(2 + SACK_BLOCK * n));
    for (uint32_t i = 0; o && i < n; i++) {
        dw_put32(o + SACK_BLOCK * i, blocks[i].from);
        dw_put32(o + SACK_BLOCK * i + 4, blocks[i].to);
    }
}

/* The header is a whole number of words: by NOPs where all else is aligned, by the end of the list
 * elsewhere. */
static void fill_up(const dw_tcb *t, dw_tcp_header *h)
{
    bool linux = t->tcp->profile.option_layout == DW_TCP_LAYOUT_LINUX;
    while (h->options_len % 4)
        h->options[h->options_len++] = linux ? DW_TCP_OPT_NOP : DW_TCP_OPT_END;
}

/* Those of a SYN say what is offered or agreed on.  All other segments have what was agreed on: the
 * timestamp, which a RST "SHOULD" have (RFC 7323 3.2) and has only where it acknowledges as any
 * segment does, and the rest as far as there is room beside the data. */
void dw_tcp_write_options(dw_tcb *t, dw_tcp_header *h, uint32_t len)
{
    if (DW_UNLIKELY(!t->set->options)) return;
    if (h->flags & DW_TCP_SYN) {
        syn_options(t, h);
    } else {
        if (t->ts_ok && (!(h->flags & DW_TCP_RST) || t->tcp->profile.reset_acknowledges))
            fill_timestamp(t, h, add_option(h, DW_TCP_OPT_TIMESTAMP, 10));
        if (t->user_timeout_due && len + 4 <= t->snd_mss) add_user_timeout(t, h);
        bool spoken =
            !(h->flags & DW_TCP_RST) || (t->accurate && t->tcp->profile.reset_acknowledges);
        if ((t->sack_ok || t->accurate) && spoken) add_sack(t, h, len);
    }
    fill_up(t, h);
}
