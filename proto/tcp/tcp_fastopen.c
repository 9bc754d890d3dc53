/* RFC 7413: TCP Fast Open.  Data goes with the SYN when the client shows a cookie that the server
 * gave it before. */
#include "tcp.h"

/* 4.1.2: a server's cookie is a keyed function of the client's address. */
void dw_tcp_fast_cookie_for(const dw_tcp *tcp, const dw_addr *client, uint8_t *cookie)
{
    dw_flow flow = {.remote = *client};
    uint64_t h = dw_tcp_hash_flow(tcp->isn_secret ^ 0x7413, &flow);
    for (int i = 0; i < DW_TCP_COOKIE; i++)
        cookie[i] = (uint8_t)(h >> 8 * i);
}

bool dw_tcp_fast_cookie_valid(const dw_tcp *tcp, const dw_seg *syn)
{
    uint8_t right[DW_TCP_COOKIE];
    if (syn->cookie_len != DW_TCP_COOKIE) return false;
    dw_tcp_fast_cookie_for(tcp, &syn->flow->remote, right);
    return memcmp(right, syn->cookie, DW_TCP_COOKIE) == 0;
}

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

/* 4.1.3: the client keeps the cookie and the MSS of a SYN,ACK for next time. */
void dw_tcp_fast_remember(dw_tcb *t, const dw_seg *syn_ack)
{
    dw_tcp *tcp = t->tcp;
    if (!t->fast_asked || syn_ack->cookie_len <= 0) return;
    dw_tcp_cookie_entry *e = entry_of(tcp, &t->link.flow.remote);
    if (!e) {
        e = tcp->host->alloc(tcp->node, sizeof *e);
        if (!e) return;
        e->server = t->link.flow.remote;
        e->next = tcp->cookies;
        tcp->cookies = e;
    }
    e->mss = syn_ack->mss;
    e->len = (uint8_t)syn_ack->cookie_len;
    memcpy(e->cookie, syn_ack->cookie, e->len);
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
    t->unsent = (dw_slice_ring){0};
    for (int i = 0; i < syn->slice_count; i++)
        dw_slice_push(&t->unsent, syn->slice[i]);
    syn->slice_count = 0;
    syn->len = 0;
    while (rest.count > 0)
        dw_slice_push(&t->unsent, dw_slice_take(&rest, UINT32_MAX));
    dw_slice_clear(&rest);
    t->pushed = t->unsent.bytes;
    t->snd_nxt = t->iss + 1;
}
