/* What the events of a packet in a saved trace leave out, since earlier ones have said it. */
#include "jsonl.h"

#include "base/list.h"

#include <stdlib.h>

/* That one is as it was sent. */
bool dw_jsonl_has_head(enum dw_trace_type type)
{
    return type != DW_TRACE_QUEUED;
}

bool dw_jsonl_has_data(enum dw_trace_type type)
{
    return type == DW_TRACE_SENT || type == DW_TRACE_DUPLICATED || type == DW_TRACE_DAMAGED;
}

static uint64_t hash_of(uint64_t number)
{
    return number * 0x9e3779b97f4a7c15u;
}

dw_jsonl_packet *dw_jsonl_find(const dw_jsonl_packets *all, uint64_t number)
{
    uint32_t at = 0, i;
    while ((i = dw_map_next(&all->numbers, hash_of(number), &at)) != 0)
        if (all->list[i - 1].number == number) return &all->list[i - 1];
    return NULL;
}

static dw_jsonl_packet *add(dw_jsonl_packets *all, uint64_t number)
{
    dw_jsonl_packet *grown = dw_list_room(all->list, all->count, sizeof *grown);
    if (grown) all->list = grown;
    if (!grown || !dw_map_room(&all->numbers)) return NULL;
    dw_jsonl_packet *p = &all->list[all->count++];
    *p = (dw_jsonl_packet){.number = number};
    dw_map_add(&all->numbers, hash_of(number), all->count);
    return p;
}

const dw_trace_event *dw_jsonl_before(const dw_jsonl_packets *all, const dw_jsonl_packet *p,
                                      const dw_trace_event *e)
{
    if (!dw_jsonl_has_head(e->type)) return NULL;
    if (p) return p->head;
    return e->conn && e->conn < all->conns ? all->by_conn[e->conn] : NULL;
}

/* The first event of a packet.  false: no memory. */
static bool note_conn(dw_jsonl_packets *all, const dw_trace_event *e)
{
    if (!e->conn || !dw_jsonl_has_head(e->type)) return true;
    while (all->conns <= e->conn) {
        const dw_trace_event **grown = dw_list_room(all->by_conn, all->conns, sizeof *grown);
        if (!grown) return false;
        all->by_conn = grown;
        all->by_conn[all->conns++] = NULL;
    }
    all->by_conn[e->conn] = e;
    return true;
}

bool dw_jsonl_note(dw_jsonl_packets *all, const dw_trace_event *e)
{
    dw_jsonl_packet *p = dw_jsonl_find(all, e->packet);
    bool is_new = !p;
    if (is_new) p = add(all, e->packet);
    if (!p || (is_new && !note_conn(all, e))) return false;
    p->last = e;
    if (dw_jsonl_has_head(e->type)) p->head = e;
    if (!dw_jsonl_has_data(e->type)) return true;
    p->body = e;
    if (!p->first) p->first = e;
    return true;
}

void dw_jsonl_forget(dw_jsonl_packets *all)
{
    free(all->list);
    free(all->by_conn);
    dw_map_free(&all->numbers);
}
