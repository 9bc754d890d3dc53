/* Where sequence numbers begin: learnt from the packets of a trace, one after the other. */
#include "isn.h"

#include "base/list.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"
#include "packets.h"
#include "trace.h"

static bool same_direction(const struct dw_isn *row, const dw_dissection *d, bool reverse)
{
    dw_flow_end wanted = dw_packet_end(d, reverse);
    dw_flow_end own = {&row->src, &row->dst, row->sport, row->dport};
    return dw_same_end(&own, &wanted);
}

bool dw_isn_find(const dw_isn_table *table, const dw_dissection *d, bool reverse, uint64_t packet,
                 uint32_t *isn)
{
    for (size_t i = table->count; i-- > 0;) {
        if (table->rows[i].packet > packet) continue;
        if (!same_direction(&table->rows[i], d, reverse)) continue;
        *isn = table->rows[i].isn;
        return true;
    }
    return false;
}

/* What the script injected is measured against the real connection, not the reverse; but a SYN that
 * nobody else sent begins one, which the answers belong to. */
static void learn(dw_isn_table *table, const dw_dissection *d, uint64_t packet, bool injected)
{
    uint32_t known;
    bool found = dw_isn_find(table, d, false, UINT64_MAX, &known);
    bool opens = dw_flags_that(d, DW_FLAG_OPENS);
    if (found && (injected || !opens || known == d->seq)) return;
    if (injected && !opens) return;
    struct dw_isn *rows = dw_list_room(table->rows, table->count, sizeof *rows);
    table->failed |= !rows;
    if (!rows) return;
    table->rows = rows;
    table->rows[table->count++] =
        (struct dw_isn){d->src, d->dst, d->sport, d->dport, opens ? d->seq : d->seq - 1, packet};
}

void dw_isn_learn(dw_isn_table *table, const dw_trace *trace, const dw_packet_view *v)
{
    dw_dissection d;
    bool injected = dw_cause_is(v->cause, &dw_cause_inject);
    if (!v->d.flag_names || v->copy_of) return;
    learn(table, &v->d, v->number, injected);
    /* Behind a NAT the same numbers belong to other addresses. */
    if (dw_view_readdressed(trace, v, &d)) learn(table, &d, v->number, injected);
}

bool dw_trace_isn(dw_trace *trace, const dw_dissection *d, bool reverse, uint64_t packet,
                  uint32_t *isn)
{
    for (; trace->isn_events < trace->count; trace->isn_events++) {
        const dw_trace_event *e = dw_trace_at(trace, trace->isn_events);
        if (e->type != DW_TRACE_SENT && e->type != DW_TRACE_DUPLICATED && !dw_trace_is_rewrite(e))
            continue;
        dw_packet_view v;
        dw_view_first_seen(trace, e, &v);
        uint32_t known;
        if (e->type == DW_TRACE_DUPLICATED) v.copy_of = e->u.packet.other;
        if (dw_trace_is_rewrite(e) && dw_isn_find(&trace->isn, &v.d, false, UINT64_MAX, &known))
            continue;
        dw_isn_learn(&trace->isn, trace, &v);
    }
    return dw_isn_find(&trace->isn, d, reverse, packet, isn);
}
