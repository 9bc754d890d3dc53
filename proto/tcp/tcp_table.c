/* Finding a connection by its four addresses and ports: a hash table that grows. */
#include "tcp_table.h"

#include <stdlib.h>

enum { SMALLEST_TABLE = 8 };

static uint32_t bucket_of(const dw_tcp_table *table, const dw_flow *flow)
{
    uint64_t h = ((uint64_t)flow->remote.word[0] << 32 | flow->local.word[0]) ^
                 ((uint64_t)flow->remote_port << 16 | flow->local_port) * 0x9e3779b97f4a7c15u;
    for (int i = 1; i < 4 && flow->remote.family == 6; i++)
        h = (h ^ flow->remote.word[i]) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    return (uint32_t)(h >> 32) & (table->size - 1);
}

static bool same_flow(const dw_flow *a, const dw_flow *b)
{
    return a->local_port == b->local_port && a->remote_port == b->remote_port &&
           dw_addr_equal(&a->remote, &b->remote) && dw_addr_equal(&a->local, &b->local);
}

dw_tcp_link *dw_tcp_table_find(const dw_tcp_table *table, const dw_flow *flow)
{
    if (table->count == 0) return NULL;
    dw_tcp_link *link = table->buckets[bucket_of(table, flow)];
    while (link && !same_flow(&link->flow, flow))
        link = link->next;
    return link;
}

void dw_tcp_table_free(dw_tcp_table *table)
{
    if (table->buckets != &table->single) free(table->buckets);
}

static bool widen(dw_tcp_table *table)
{
    dw_tcp_table wider = {.size = table->size ? table->size * 2 : SMALLEST_TABLE};
    wider.buckets = calloc(wider.size, sizeof *wider.buckets);
    if (!wider.buckets) return false;
    for (uint32_t b = 0; b < table->size; b++)
        for (dw_tcp_link *link = table->buckets[b], *next; link; link = next) {
            next = link->next;
            dw_tcp_link **at = &wider.buckets[bucket_of(&wider, &link->flow)];
            link->next = *at;
            *at = link;
        }
    wider.count = table->count;
    dw_tcp_table_free(table);
    *table = wider;
    return true;
}

void dw_tcp_table_add(dw_tcp *tcp, dw_tcp_table *table, dw_tcp_link *link)
{
    if (table->count >= table->size && !widen(table)) dw_tcp_no_memory(tcp);
    if (table->size == 0) {
        table->buckets = &table->single;
        table->size = 1;
    }
    dw_tcp_link **at = &table->buckets[bucket_of(table, &link->flow)];
    link->next = *at;
    *at = link;
    table->count++;
}

void dw_tcp_table_remove(dw_tcp_table *table, dw_tcp_link *link)
{
    DW_ASSERT(table->count > 0);
    dw_tcp_link **at = &table->buckets[bucket_of(table, &link->flow)];
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    table->count--;
}

dw_tcb *dw_tcp_find(dw_tcp *tcp, const dw_flow *flow)
{
    dw_tcp_link *link = dw_tcp_table_find(&tcp->table, flow);
    return link ? dw_tcp_of_link(link) : NULL;
}
