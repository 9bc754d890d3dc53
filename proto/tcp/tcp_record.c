/* Records in the stream: the user said where one ends (MSG_EOR), and no segment of data that is
 * sent for the first time holds octets from both sides of such a place. */
#include "tcp_record.h"

typedef struct dw_tcp_records {
    uint32_t head, count, capacity;
    uint32_t ends[]; /* sequence numbers after a record's last octet, in order */
} dw_tcp_records;

static size_t size_of(uint32_t capacity)
{
    return sizeof(dw_tcp_records) + capacity * sizeof(uint32_t);
}

static dw_tcp_records *grow(dw_tcb *t)
{
    enum { MIN_SIZE = 16 };
    const dw_host *host = t->tcp->host;
    dw_tcp_records *old = t->records;
    uint32_t capacity = old ? 2 * old->capacity : MIN_SIZE;
    dw_tcp_records *r = host->alloc(t->tcp->node, size_of(capacity));
    if (!r) return NULL;
    *r = (dw_tcp_records){.capacity = capacity, .count = old ? old->count : 0};
    for (uint32_t i = 0; i < r->count; i++)
        r->ends[i] = old->ends[(old->head + i) % old->capacity];
    dw_tcp_records_forget(t);
    t->records = r;
    return r;
}

void dw_tcp_record_ends(dw_tcb *t)
{
    dw_tcp_records *r = t->records;
    if (!r || r->count == r->capacity) r = grow(t);
    if (!r) return;
    r->ends[(r->head + r->count++) % r->capacity] = t->snd_nxt + t->unsent.bytes;
}

uint32_t dw_tcp_record_left(dw_tcb *t)
{
    dw_tcp_records *r = t->records;
    while (r && r->count > 0) {
        uint32_t end = r->ends[r->head];
        if (seq_lt(t->snd_nxt, end)) return end - t->snd_nxt;
        r->head = (r->head + 1) % r->capacity;
        r->count--;
    }
    return UINT32_MAX;
}

void dw_tcp_records_forget(dw_tcb *t)
{
    if (t->records) t->tcp->host->free(t->tcp->node, t->records, size_of(t->records->capacity));
    t->records = NULL;
}

void dw_tcp_records_fingerprint(const dw_tcb *t, dw_fingerprint *into)
{
    const dw_tcp_records *r = t->records;
    uint32_t count = r ? r->count : 0;
    dw_fp_u64(into, count);
    for (uint32_t i = 0; i < count; i++)
        dw_fp_u64(into, r->ends[(r->head + i) % r->capacity]);
}
