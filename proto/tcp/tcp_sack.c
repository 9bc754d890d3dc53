/* Selective acknowledgments: what a receiver tells (RFC 2018 section 4), and what came twice
 * (RFC 2883). */
#include "tcp_sack.h"

static bool touch(dw_tcp_range a, dw_tcp_range b)
{
    return seq_leq(a.from, b.to) && seq_leq(b.from, a.to);
}

void dw_tcp_sack_out_of_order(dw_tcb *t, uint32_t from, uint32_t to)
{
    if (!t->sack_ok || from == to) return;
    dw_tcp *tcp = t->tcp;
    if (!t->sacks) t->sacks = tcp->host->alloc(tcp->node, sizeof *t->sacks);
    if (!t->sacks) return;
    dw_tcp_range keep[DW_TCP_SACK_BLOCKS] = {{0}};
    int n = 1;
    if (!dw_ranges_add(&t->sacks->stretches, from, to, &keep[0])) dw_tcp_no_memory(tcp);
    for (int i = 0; i < DW_TCP_SACK_BLOCKS && n < DW_TCP_SACK_BLOCKS; i++)
        if (t->sacks->block[i].from != t->sacks->block[i].to && !touch(t->sacks->block[i], keep[0]))
            keep[n++] = t->sacks->block[i];
    memcpy(t->sacks->block, keep, sizeof keep);
}

bool dw_tcp_sack_is_far(const dw_tcb *t, uint32_t from, uint32_t to)
{
    enum { NEAR = 2 };
    for (int i = 0; t->sacks && i < NEAR; i++) {
        dw_tcp_range b = t->sacks->block[i];
        if (b.from == b.to || touch(b, (dw_tcp_range){from, to})) return false;
    }
    return t->sacks != NULL;
}

void dw_tcp_sack_duplicate(dw_tcb *t, uint32_t from, uint32_t to)
{
    if (t->sack_ok && t->tcp->profile.dsack && seq_lt(from, to))
        t->duplicate = (dw_tcp_range){from, to};
}

void dw_tcp_sack_delivered(dw_tcb *t)
{
    int n = 0;
    if (t->sacks) dw_ranges_cut(&t->sacks->stretches, t->rcv_nxt);
    for (int i = 0; t->sacks && i < DW_TCP_SACK_BLOCKS; i++)
        if (seq_lt(t->rcv_nxt, t->sacks->block[i].from) &&
            t->sacks->block[i].from != t->sacks->block[i].to)
            t->sacks->block[n++] = t->sacks->block[i];
    for (; t->sacks && n < DW_TCP_SACK_BLOCKS; n++)
        t->sacks->block[n] = (dw_tcp_range){0, 0};
}

uint32_t dw_tcp_sack_count(const dw_tcb *t, uint32_t max)
{
    uint32_t n = t->duplicate.from != t->duplicate.to;
    for (int i = 0; t->sacks && i < DW_TCP_SACK_BLOCKS; i++)
        n += t->sacks->block[i].from != t->sacks->block[i].to;
    return n < max ? n : max;
}

uint32_t dw_tcp_sack_blocks(dw_tcb *t, dw_tcp_range *out, uint32_t max)
{
    uint32_t n = 0;
    if (t->duplicate.from != t->duplicate.to && max > 0) out[n++] = t->duplicate;
    t->duplicate = (dw_tcp_range){0, 0};
    for (int i = 0; t->sacks && i < DW_TCP_SACK_BLOCKS && n < max; i++)
        if (t->sacks->block[i].from != t->sacks->block[i].to) out[n++] = t->sacks->block[i];
    return n;
}

void dw_tcp_sack_forget(dw_tcb *t)
{
    t->duplicate = (dw_tcp_range){0, 0};
    if (!t->sacks) return;
    dw_ranges_clear(&t->sacks->stretches);
    t->tcp->host->free(t->tcp->node, t->sacks, sizeof *t->sacks);
    t->sacks = NULL;
}
