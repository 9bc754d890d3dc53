/* What two traces differ in: which packets one of them alone has, or has with another fate, and
 * where they part. */
#include "base/config.h"
#include "base/escape.h"
#include "base/text.h"
#include "packet/dissect.h"
#include "trace/packets.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The report, or why there is none.  Takes the text. */
static int mismatch(dw_text *t, char **report)
{
    *report = dw_text_take(t);
    return *report ? DW_E_MISMATCH : DW_E_NOMEM;
}

/* Packets. */

/* A packet by what it says, and which of those that say the same: its partner in the other trace is
 * the one that both are equal of. */
typedef struct entry {
    const dw_trace *trace;
    const dw_packet_view *view;
    size_t nth;
    const dw_packet_view *partner; /* NULL: the other trace has none */
} entry;

typedef struct packet_list {
    dw_packet_view *views;
    entry *entries; /* by what they say */
    size_t count;
} packet_list;

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_name(const entry *a, const entry *b)
{
    const dw_packet_view *v = a->view, *u = b->view;
    if (v->from < 0 || u->from < 0) return v->from - u->from;
    return strcmp(dw_trace_node_name(a->trace, (uint32_t)v->from),
                  dw_trace_node_name(b->trace, (uint32_t)u->from));
}

static int by_saying(const entry *a, const entry *b)
{
    const dw_dissection *d = &a->view->d, *e = &b->view->d;
    const uint64_t fields[][2] = {{d->transport, e->transport},
                                  {d->sport, e->sport},
                                  {d->dport, e->dport},
                                  {d->seq, e->seq},
                                  {d->ack, e->ack},
                                  {d->flags, e->flags},
                                  {d->len, e->len}};
    int order = by_name(a, b);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && order == 0; i++)
        order = by_number(fields[i][0], fields[i][1]);
    return order;
}

static int by_saying_and_number(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int order = by_saying(x, y);
    return order ? order : by_number(x->view->number, y->view->number);
}

static bool list_packets(const dw_trace *trace, packet_list *out)
{
    if (dw_trace_packets(trace, NULL, &out->views, &out->count) != DW_OK) return false;
    out->entries = calloc(out->count + 1, sizeof *out->entries);
    for (size_t i = 0; out->entries && i < out->count; i++)
        out->entries[i] = (entry){.trace = trace, .view = &out->views[i]};
    if (!out->entries) return false;
    qsort(out->entries, out->count, sizeof *out->entries, by_saying_and_number);
    return true;
}

static void find_partners(packet_list *a, packet_list *b)
{
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        int order = by_saying(&a->entries[i], &b->entries[k]);
        if (order == 0) {
            a->entries[i].partner = b->entries[k].view;
            b->entries[k].partner = a->entries[i].view;
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static const char *fate_of(const dw_packet_view *v)
{
    if (v->lost_at >= 0) return "lost";
    if (v->unknown_at >= 0) return "unknown";
    if (v->arrived_at < 0) return "under way";
    return v->drop_cause ? "discarded" : "arrived";
}

static int entry_by_number(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return by_number(x->view->number, y->view->number);
}

enum { SHOWN = 12 }; /* packets of a kind: enough to see which they are */

/* "  only in B (2): #12, #13\n" */
static void write_alone(dw_text *t, const packet_list *list, char name)
{
    size_t found = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].partner) continue;
        if (found++ == 0) dw_text_format(t, "  only in %c:", name);
        if (found <= SHOWN) {
            char flags[64];
            const dw_packet_view *v = list->entries[i].view;
            dw_text_format(t, "%s #%" PRIu64 " %s", found > 1 ? "," : "", v->number,
                           dw_flags_text(&v->d, flags, sizeof flags));
            if (v->d.len) dw_text_format(t, " len=%" PRIu32, v->d.len);
        }
    }
    if (found > SHOWN) dw_text_format(t, " ... and %zu more", found - SHOWN);
    if (found) dw_text_add(t, "\n");
}

static void write_fate(dw_text *t, const dw_packet_view *v)
{
    dw_text_add(t, fate_of(v));
    if (v->drop_cause) dw_text_format(t, " (%s)", v->drop_cause->name);
}

static void write_changed(dw_text *t, const packet_list *a)
{
    size_t found = 0;
    for (size_t i = 0; i < a->count; i++) {
        const dw_packet_view *v = a->entries[i].view, *u = a->entries[i].partner;
        if (!u || strcmp(fate_of(v), fate_of(u)) == 0) continue;
        if (found++ >= SHOWN) continue;
        dw_text_format(t, "  #%" PRIu64 ": ", v->number);
        write_fate(t, v);
        dw_text_add(t, " in A, ");
        write_fate(t, u);
        dw_text_add(t, " in B");
        if (u->number != v->number) dw_text_format(t, ", where it is #%" PRIu64, u->number);
        dw_text_add(t, "\n");
    }
    if (found > SHOWN) dw_text_format(t, "  ... and %zu more with another fate\n", found - SHOWN);
}

static void write_packets(dw_text *t, const dw_trace *a, const dw_trace *b)
{
    packet_list p = {0}, q = {0};
    bool fine = list_packets(a, &p) && list_packets(b, &q);
    t->failed |= !fine;
    if (fine) {
        find_partners(&p, &q);
        qsort(p.entries, p.count, sizeof *p.entries, entry_by_number);
        qsort(q.entries, q.count, sizeof *q.entries, entry_by_number);
        dw_text_format(t, "%zu packets in A, %zu in B\n", p.count, q.count);
        write_changed(t, &p);
        write_alone(t, &p, 'A');
        write_alone(t, &q, 'B');
    }
    free(p.entries);
    free(q.entries);
    free(p.views);
    free(q.views);
}

/* Where they part. */

/* Variables and timers follow from the rest; who compares two runs wants to see packets, states
 * and calls. */
static bool tells(const dw_trace_event *e)
{
    return dw_trace_part(e) != DW_PART_VARIABLE && dw_trace_part(e) != DW_PART_TIMER;
}

static bool next_telling(const dw_trace *trace, size_t *i, bool all)
{
    while (*i < dw_trace_count(trace) && !all && !tells(dw_trace_at(trace, *i)))
        (*i)++;
    return *i < dw_trace_count(trace);
}

static bool lines_equal(const dw_trace *a, size_t i, const dw_trace *b, size_t j, char *x, char *y,
                        size_t size)
{
    x[0] = y[0] = 0;
    if (i < dw_trace_count(a)) dw_trace_event_text(a, dw_trace_at(a, i), x, size);
    if (j < dw_trace_count(b)) dw_trace_event_text(b, dw_trace_at(b, j), y, size);
    return strcmp(x, y) == 0;
}

/* Where the two part: true, with the places in *i and *j. */
static bool find_difference(const dw_trace *a, const dw_trace *b, bool all, size_t *i, size_t *j)
{
    char x[512], y[512];
    *i = *j = 0;
    for (;; (*i)++, (*j)++) {
        bool more_a = next_telling(a, i, all), more_b = next_telling(b, j, all);
        if (!more_a && !more_b) return false;
        if (!more_a || !more_b || !lines_equal(a, *i, b, *j, x, y, sizeof x)) return true;
    }
}

static uint64_t packet_near(const dw_trace *trace, size_t i)
{
    for (; i < dw_trace_count(trace); i++)
        if (dw_trace_at(trace, i)->packet) return dw_trace_at(trace, i)->packet;
    return 0;
}

/* Some packets before the one at the difference, and after: numbers may have gaps. */
static void ladder_part(dw_text *t, const char *title, const dw_trace *trace, size_t at,
                        const dw_ladder_config *config)
{
    enum { BEFORE = 4, AFTER = 4 };
    uint64_t packet = packet_near(trace, at);
    dw_picture picture = {.packets = DW_YES};
    dw_ladder_config c = {
        .style = config->style, .width = config->width, .mark_packet = packet, .picture = &picture};
    dw_packet_view *views = NULL;
    size_t count = 0;
    t->failed |= dw_trace_packets(trace, NULL, &views, &count) != DW_OK;
    const dw_packet_view *v = dw_view_numbered(views, count, packet);
    size_t i = v ? (size_t)(v - views) : 0;
    if (count) picture.from_packet = views[i > BEFORE ? i - BEFORE : 0].number;
    if (v) picture.to_packet = views[i + AFTER < count ? i + AFTER : count - 1].number;
    free(views);
    char *ladder = dw_ladder(trace, &c);
    t->failed |= !ladder;
    dw_text_format(t, "%s:\n%s", title, ladder ? ladder : "");
    free(ladder);
}

/* The first difference that a reader cares for; only where there is none, one in variables or
 * timers. */
int dw_trace_diff_as(const dw_trace *a, const dw_trace *b, const dw_ladder_config *config,
                     char **report)
{
    dw_ladder_config c;
    char da[DW_DIGEST_TEXT], db[DW_DIGEST_TEXT], x[512], y[512];
    if (!report) return DW_E_INVAL;
    *report = NULL;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return DW_E_INVAL;
    dw_trace_digest(a, da);
    dw_trace_digest(b, db);
    if (strcmp(da, db) == 0) return DW_OK;
    size_t i, j;
    dw_text t = {0};
    bool telling = find_difference(a, b, false, &i, &j);
    if (!telling && !find_difference(a, b, true, &i, &j)) {
        dw_text_add(&t, "the traces read alike, but their digests differ (in data that an "
                        "application sent)");
        return mismatch(&t, report);
    }
    lines_equal(a, i, b, j, x, y, sizeof x);
    const char *in_a = x[0] ? x : "   (ends here)";
    const char *in_b = y[0] ? y : "   (ends here)";
    dw_text_format(&t, "the first difference:\n  A %s\n  B %s\n", in_a, in_b);
    if (telling) {
        write_packets(&t, a, b);
        dw_text_add(&t, "\n");
        ladder_part(&t, "A", a, i < dw_trace_count(a) ? i : 0, &c);
        dw_text_add(&t, "\n");
        ladder_part(&t, "B", b, j < dw_trace_count(b) ? j : 0, &c);
    }
    return mismatch(&t, report);
}

int dw_trace_diff(const dw_trace *a, const dw_trace *b, uint32_t width, char **report)
{
    return dw_trace_diff_as(a, b, &(dw_ladder_config){.width = width}, report);
}
