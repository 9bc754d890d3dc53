/* RFC 7413: TCP Fast Open.  Data goes with the SYN when the client shows a cookie that the server
 * gave it before. */
#include "tcp_fastopen.h"
#include "tcp_listen.h"
#include "tcp_pmtu.h"

/* Eight octets of memory as a number, the least first. */
static uint64_t little_endian(const uint8_t *b)
{
    uint64_t v = 0;
    for (int i = 8; i-- > 0;)
        v = v << 8 | b[i];
    return v;
}

/* 4.1.2: a server's cookie is a keyed function of the client's address; here, as on Linux, of both
 * addresses. */
void dw_tcp_fast_cookie(const dw_tcp *tcp, const dw_tcp_listener *l, const dw_flow *flow,
                        uint8_t cookie[DW_TCP_COOKIE])
{
    const uint8_t *bytes = l && l->has_fast_key ? l->fast_key : tcp->fast_key;
    const uint64_t key[2] = {little_endian(bytes), little_endian(bytes + 8)};
    dw_siphash_addresses(key, &flow->remote, &flow->local, cookie);
}

/* 32 hexadecimal digits; dashes may part them, as Linux writes its key in four words. */
bool dw_tcp_fast_key_parse(const char *text, uint8_t key[DW_TCP_FAST_KEY])
{
    uint8_t out[DW_TCP_FAST_KEY] = {0};
    int n = 0;
    for (; *text; text++) {
        const char digits[] = "0123456789abcdef";
        const char *d = strchr(digits, *text | 0x20);
        if (*text == '-' && n % 8 == 0) continue;
        if (!d || n == 2 * DW_TCP_FAST_KEY) return false;
        out[n / 2] = (uint8_t)(out[n / 2] << 4 | (d - digits));
        n++;
    }
    if (n != 2 * DW_TCP_FAST_KEY) return false;
    memcpy(key, out, sizeof out);
    return true;
}

/* 4.2.2: whether a SYN's data may be taken at once. */
bool dw_tcp_fast_accepts(const dw_tcp_listener *l, const dw_seg *syn)
{
    uint8_t right[DW_TCP_COOKIE];
    if (l->tcp->profile.fast_open_bare_server) return true;
    if (syn->cookie_len != DW_TCP_COOKIE) return false;
    dw_tcp_fast_cookie(l->tcp, l, syn->flow, right);
    return memcmp(right, syn->cookie, DW_TCP_COOKIE) == 0;
}

/* What a client keeps. */

static dw_tcp_cookie_entry *entry_of(const dw_tcp *tcp, const dw_addr *server)
{
    dw_tcp_cookie_entry *e = tcp->cookies;
    while (e && !dw_addr_equal(&e->server, server))
        e = e->next;
    return e;
}

const dw_tcp_cookie_entry *dw_tcp_fast_recall(const dw_tcp *tcp, const dw_addr *server)
{
    return entry_of(tcp, server);
}

static dw_tcp_cookie_entry *entry_for(dw_tcp *tcp, const dw_addr *server)
{
    dw_tcp_cookie_entry *e = entry_of(tcp, server);
    if (e) return e;
    e = tcp->host->alloc(tcp->node, sizeof *e);
    if (!e) return NULL;
    e->server = *server;
    e->next = tcp->cookies;
    tcp->cookies = e;
    return e;
}

/* Asked without data, and no cookie came: the server may know the option by the number that it had
 * as an experiment (4.1.1), or does not want to be asked. */
static void not_answered(dw_tcb *t, dw_tcp_cookie_entry *e)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (p->fast_open_gives_up) {
        e->len = 0;
        e->refused = true;
    } else if (p->fast_open_experiment && e->len == 0) {
        if (e->experimental) e->tried_both = true;
        e->experimental = !e->tried_both;
    }
}

/* 4.1.3: the client keeps the cookie and the MSS of a SYN,ACK for next time. */
void dw_tcp_fast_remember(dw_tcb *t, const dw_seg *syn_ack)
{
    bool data_taken = syn_ack->ack != t->iss + 1;
    bool answered = syn_ack->cookie_len > 0;
    if (!t->fast_asked) return;
    bool expected = data_taken || t->syn_retransmits > 0; /* that none comes */
    dw_tcp_cookie_entry *e = answered || !expected ? entry_for(t->tcp, &t->link.flow.remote)
                                                   : entry_of(t->tcp, &t->link.flow.remote);
    if (!e) return;
    e->mss = syn_ack->mss;
    if (!answered) {
        if (!expected) not_answered(t, e);
        return;
    }
    e->experimental = syn_ack->cookie_experimental;
    e->len = (uint8_t)syn_ack->cookie_len;
    memcpy(e->cookie, syn_ack->cookie, e->len);
}

uint32_t dw_tcp_fast_room(const dw_tcb *t)
{
    enum { MAX_OPTIONS = 40 };
    const dw_tcp_cookie_entry *known = entry_of(t->tcp, &t->link.flow.remote);
    bool bare = t->tcp->profile.fast_open_bare_client;
    if (!bare && (!known || known->len == 0)) return 0;
    uint32_t mss = known && known->mss ? known->mss : DW_TCP_DEFAULT_MSS;
    uint32_t path = dw_tcp_path_mss(t->tcp, &t->link.flow.remote);
    if (t->set->mss && t->set->mss < mss) mss = t->set->mss;
    if (path < mss) mss = path;
    return mss > MAX_OPTIONS ? mss - MAX_OPTIONS : 0;
}

void dw_tcp_fast_forget_all(dw_tcp *tcp)
{
    while (tcp->cookies) {
        dw_tcp_cookie_entry *next = tcp->cookies->next;
        tcp->host->free(tcp->node, tcp->cookies, sizeof *tcp->cookies);
        tcp->cookies = next;
    }
}

/* 4.2.1: a SYN that must be sent again goes without data, in case that was the trouble. */
void dw_tcp_fast_withdraw(dw_tcb *t)
{
    dw_segment *syn = t->rtx.count > 0 ? dw_segment_at(&t->rtx, 0) : NULL;
    if (!syn || !(syn->flags & DW_TCP_SYN) || syn->len == 0) return;
    dw_slice_ring rest = t->unsent;
    bool kept = true;
    t->syn_data = syn->len;
    t->unsent = (dw_slice_ring){0};
    for (int i = 0; i < syn->slice_count; i++)
        kept &= dw_slice_push(&t->unsent, syn->slice[i]);
    syn->slice_count = 0;
    syn->len = 0;
    while (rest.count > 0)
        kept &= dw_slice_push(&t->unsent, dw_slice_take(&rest, UINT32_MAX));
    dw_slice_clear(&rest);
    if (!kept) dw_tcp_no_memory(t->tcp);
    t->pushed = t->unsent.bytes;
    t->snd_nxt = t->iss + 1;
}

/* The SYN with the data was not lost after all: what it brought is acknowledged. */
void dw_tcp_fast_reinstate(dw_tcb *t, uint32_t ack)
{
    uint32_t octets = ack - (t->iss + 1);
    if (octets == 0 || octets > t->syn_data) return;
    for (uint32_t left = octets; left > 0 && t->unsent.count > 0;) {
        dw_slice slice = dw_slice_take(&t->unsent, left);
        left -= slice.len;
        dw_buf_unref(slice.buf);
    }
    t->pushed = t->unsent.bytes;
    t->snd_nxt = ack;
    dw_segment_at(&t->rtx, 0)->len = 0;
}
