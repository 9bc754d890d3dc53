/* Which packets say again what was said before: sequence numbers that their direction of the
 * connection has had.  It goes by the numbers alone, so that a capture's are found as well. */
#include "repeats.h"

#include "base/list.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"

#include <stdlib.h>
#include <string.h>

/* What was said for the first time, in order: seq up to, not including, end. */
typedef struct said {
    uint32_t seq, end;
    uint64_t packet;
} said;

/* One direction of an incarnation. */
typedef struct talk {
    said *list;
    size_t count;
} talk;

static uint32_t octets(const dw_dissection *d)
{
    return d->len + (dw_flags_that(d, DW_FLAG_OPENS) != 0) +
           (dw_flags_that(d, DW_FLAG_CLOSES) != 0);
}

/* The first packet that said any of it; 0: none.  Looked for from the end, where it mostly is. */
static uint64_t first_of(const talk *t, uint32_t seq, uint32_t end)
{
    uint64_t found = 0;
    for (size_t i = t->count; i-- > 0;) {
        const said *s = &t->list[i];
        if (!dw_seq_before(seq, s->end)) break; /* all before it ends before it */
        if (dw_seq_before(s->seq, end)) found = s->packet;
    }
    return found;
}

/* Only what lies behind all that was said is new. */
static bool learn(talk *t, uint32_t seq, uint32_t end, uint64_t packet)
{
    const said *last = t->count ? &t->list[t->count - 1] : NULL;
    if (last && !dw_seq_before(last->end, end)) return true;
    if (last && dw_seq_before(seq, last->end)) seq = last->end;
    said *list = dw_list_room(t->list, t->count, sizeof *list);
    if (!list) return false;
    t->list = list;
    t->list[t->count++] = (said){seq, end, packet};
    return true;
}

uint64_t *dw_repeats_find(const dw_cut *cut)
{
    size_t talks = 2 * ((size_t)cut->incarnations.count + 1);
    talk *all = calloc(talks, sizeof *all);
    uint64_t *of = calloc(cut->count + 1, sizeof *of);
    bool fine = all && of;
    for (size_t i = 0; fine && i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t in = dw_cut_incarnation(cut, v), n = octets(&v->d);
        if (!in || n == 0 || !v->d.flag_names || v->copy_of) continue;
        if (dw_cause_is(v->cause, &dw_cause_inject)) continue;
        dw_flow_end e = dw_sender_end(&v->d);
        talk *t = &all[2 * in + !dw_flow_at_end(cut->incarnations.list[in].flow, &e)];
        of[i] = first_of(t, v->d.seq, v->d.seq + n);
        fine = learn(t, v->d.seq, v->d.seq + n, v->number);
    }
    for (size_t i = 0; all && i < talks; i++)
        free(all[i].list);
    free(all);
    if (fine) return of;
    free(of);
    return NULL;
}
