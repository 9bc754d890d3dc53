/* A chain of buffers, the send queue as tcp_chain.h has it: growing it, and what it holds. */
#include "tcp_chain.h"

static size_t size_of(uint32_t capacity)
{
    return sizeof(dw_tcp_chain) + capacity * sizeof(dw_tcp_buffer);
}

void dw_tcp_chain_forget(dw_tcb *t)
{
    if (t->chain) t->tcp->host->free(t->tcp->node, t->chain, size_of(t->chain->capacity));
    t->chain = NULL;
}

static bool grow(dw_tcb *t)
{
    enum { MIN_SIZE = 4 };
    dw_tcp_chain *old = t->chain;
    uint32_t capacity = old ? 2 * old->capacity : MIN_SIZE;
    dw_tcp_chain *c = t->tcp->host->alloc(t->tcp->node, size_of(capacity));
    if (!c) return false;
    *c = (dw_tcp_chain){.capacity = capacity, .count = old ? old->count : 0};
    for (uint32_t i = 0; i < c->count; i++)
        c->buffer[i] = *dw_tcp_chain_at(old, i);
    dw_tcp_chain_forget(t);
    t->chain = c;
    return true;
}

/* One more buffer, empty; NULL: there was no memory for it. */
dw_tcp_buffer *dw_tcp_chain_begin(dw_tcb *t)
{
    if ((!t->chain || t->chain->count == t->chain->capacity) && !grow(t)) return NULL;
    t->chain->count++;
    *dw_tcp_chain_last(t) = (dw_tcp_buffer){.end = dw_tcp_write_seq(t)};
    return dw_tcp_chain_last(t);
}

/* What came to be unsent in another way (data with the OPEN, data that a SYN did not bring over) is
 * in a buffer of its own. */
void dw_tcp_chain_fit(dw_tcb *t)
{
    uint32_t end = dw_tcp_write_seq(t);
    while (dw_tcp_chain_first(t) && seq_leq(dw_tcp_chain_first(t)->end, t->snd_nxt))
        dw_tcp_chain_remove_first(t->chain);
    while (dw_tcp_chain_last(t) && seq_lt(end, dw_tcp_chain_last(t)->end)) {
        if (t->chain->count == 1 ||
            seq_lt(dw_tcp_chain_at(t->chain, t->chain->count - 2)->end, end))
            dw_tcp_chain_last(t)->end = end;
        else
            t->chain->count--;
    }
    if (t->unsent.bytes == 0 || (dw_tcp_chain_last(t) && dw_tcp_chain_last(t)->end == end)) return;
    dw_tcp_buffer *b = dw_tcp_chain_begin(t);
    if (!b) {
        dw_tcp_no_memory(t->tcp);
        return;
    }
    b->push = true;
    t->push_seq = end;
}

/* The send buffer that is in use: octets, and what each buffer costs besides (sk_wmem_queued). */
uint64_t dw_tcp_chain_used(const dw_tcb *t)
{
    uint64_t buffers = (t->chain ? t->chain->count : 0) + t->sent_buffers;
    uint64_t cost = t->tcp->profile.send_buffer_cost;
    return (uint64_t)t->unsent.bytes + dw_tcp_flight(t) + buffers * cost;
}

/* Is there room worth telling of: a third of what is in use, and half of what may wait unsent?
 * (__sk_stream_is_writeable, tcp_stream_memory_free) */
bool dw_tcp_chain_writable(const dw_tcb *t)
{
    uint64_t used = dw_tcp_chain_used(t), buffer = t->set->send_buffer, low = t->set->notsent_lowat;
    if (low > 0 && 2 * (uint64_t)t->unsent.bytes >= low) return false;
    return used < buffer && buffer - used >= used / 2;
}

uint32_t dw_tcp_chain_nagle(const dw_tcb *t)
{
    uint32_t flags = 0;
    if (!t->set->nagle) flags |= DW_TCP_NAGLE_OFF;
    if (t->set->cork) flags |= DW_TCP_NAGLE_CORK;
    if (t->sws_override) flags |= DW_TCP_NAGLE_PUSH;
    return flags;
}

/* Whole buffers that are taken over bring their PSH (tcp_mtu_probe). */
bool dw_tcp_chain_across(dw_tcb *t, uint32_t len, uint8_t *flags, uint8_t *marks)
{
    uint32_t end = t->snd_nxt + len;
    dw_tcp_chain_fit(t);
    *flags = 0;
    for (uint32_t i = 0; i < t->chain->count; i++) {
        const dw_tcp_buffer *b = dw_tcp_chain_at(t->chain, i);
        if (seq_lt(end, b->end)) break;
        if (b->push) *flags = DW_TCP_PSH;
        if (b->record && b->end != end) return false;
        if (b->record) *marks |= DW_MARK_RECORD_END;
        if (b->end == end) break;
    }
    return true;
}
