/* A trace of one connection as a Lua script in which two drywire hosts do the same: they send as
 * much after having received as much, at the same times, close in the same order, and lose what
 * was lost.  Here: who took part, from when to when, and the order of the steps. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

/* Who took part, and where each stream ends. */
static void look_at_ends(replay *r)
{
    for (int e = 0; e < 2; e++)
        r->ends[e].fin = NO_NUMBER;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        uint32_t flags = p->v->d.flags;
        side *s = &r->ends[p->from], *peer = &r->ends[!p->from];
        if (p->kind == PASSAGE_FOREIGN) continue;
        s->packets++;
        if (flags & FLAG_RST) continue;
        if ((flags & FLAG_SYN) && !s->syn_at && !s->began) s->syn_at = p->v->sent_at;
        s->began |= (flags & FLAG_SYN) && !p->has_ack;
        s->takes_part = true;
        peer->takes_part |= p->has_ack;
        if ((flags & FLAG_FIN) && s->fin == NO_NUMBER) s->fin = p->end;
    }
    r->from_syn = r->ends[0].began || r->ends[1].began;
}

/* Of a connection with one direction in the capture: half of the time from the SYN to the first
 * acknowledgment of its answer. */
static void guess_delay(replay *r)
{
    const passage *syn = NULL;
    bool one_way = !r->ends[CLIENT].packets != !r->ends[SERVER].packets;
    if (r->delay > 0 || !one_way) return;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        if (p->v->d.flags & FLAG_SYN) syn = p;
        if (p->v->d.flags & FLAG_SYN || !p->has_ack || !syn) continue;
        r->delay = (p->v->sent_at - syn->v->sent_at) / 2;
        return;
    }
}

/* Without a SYN the script opens the connection first, in good time.  With the answer to it alone,
 * the SYN leaves so early that it is answered when it was. */
static void find_lead(replay *r)
{
    const dw_dissection *d = r->count ? &r->passages[0].v->d : NULL;
    if (r->from_syn || !d) return;
    r->lead = d->flags & FLAG_SYN ? r->delay : (r->delay * 4 / DW_SECOND + 1) * DW_SECOND;
}

/* What a state is called here: a passive open that a RST ends goes back to LISTEN (RFC 9293
 * 3.10.7.4). */
static const char *name_here(const replay *r, const dw_trace_event *e)
{
    bool ends =
        strcmp(e->u.state.from, "SYN-RECEIVED") == 0 && strcmp(e->u.state.to, "CLOSED") == 0;
    return ends && !r->ends[e->node].began ? "LISTEN" : e->u.state.to;
}

/* What the states were, as the trace has them; of those before the capture only the last. */
static void list_states(replay *r)
{
    FILE *lists[2];
    char *texts[2] = {NULL, NULL};
    size_t len[2];
    bool begun[2] = {false, false}, over[2] = {true, true};
    for (int e = 0; e < 2; e++) {
        lists[e] = open_memstream(&texts[e], &len[e]);
        r->no_memory |= !lists[e];
    }
    for (size_t i = 0; i < dw_trace_count(r->trace) && !r->no_memory; i++) {
        const dw_trace_event *e = dw_trace_at(r->trace, i);
        if (e->type != DW_TRACE_STATE || e->node > SERVER) continue;
        if (!begun[e->node] && r->from_syn) fputs(e->u.state.from, lists[e->node]);
        bool blank = begun[e->node] || r->from_syn;
        fprintf(lists[e->node], "%s%s", blank ? " " : "", name_here(r, e));
        begun[e->node] = true;
        over[e->node] =
            strcmp(e->u.state.to, "CLOSED") == 0 || strcmp(e->u.state.to, "TIME-WAIT") == 0;
    }
    r->whole = over[0] && over[1] && (begun[0] || begun[1]);
    for (int e = 0; e < 2; e++) {
        if (lists[e]) r->no_memory |= fclose(lists[e]) != 0;
        r->ends[e].states = texts[e];
    }
}

/* The steps need each other in this order: numbers, then settings, which say how large a full
 * segment is, then what the programs did. */
int replay_write(const dw_trace *trace, const capture *c, uint32_t conn, const char *source,
                 const char *notes, FILE *f)
{
    const char *slash = strrchr(source, '/');
    replay r = {.trace = trace, .c = c, .conn = conn, .notes = notes, .f = f};
    r.source = slash ? slash + 1 : source;
    const dw_trace_event *opened = dw_trace_conn(trace, 1);
    int status = dw_trace_packets(trace, NULL, &r.packets, &r.packet_count);
    if (status != DW_OK) return status;
    r.client_port = opened->u.conn.flow.local_port;
    r.port = opened->u.conn.flow.remote_port;
    static void (*const steps[])(replay *) = {
        replay_take_passages, look_at_ends,  guess_delay,          find_lead,
        list_states,          replay_number, replay_find_settings, replay_find_steps,
        replay_write_script};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !r.no_memory; i++)
        steps[i](&r);
    for (int i = 0; i < 2; i++) {
        free(r.ends[i].steps);
        free(r.ends[i].states);
    }
    free(r.passages);
    dw_free(r.packets);
    if (r.no_memory) return DW_E_NOMEM;
    return ferror(f) ? DW_E_IO : DW_OK;
}
