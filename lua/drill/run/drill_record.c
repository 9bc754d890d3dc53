/* A script again, with what the host really sent in place of what it was to send. */
#include "drill_run.h"

#include <inttypes.h>
#include <string.h>

enum { TCP = 6, OPT_SACK = 5, OPT_TIMESTAMP = 8, TIMESTAMP_LEN = 10 };

/* The first packet that the script expects which fits: what the host's numbers are called. */
static const dw_drill_packet *expected(const dw_drill_run *run,
                                       bool (*fits)(const dw_drill_packet *k))
{
    for (const dw_drill_event *e = run->script->events; e; e = e->next) {
        const dw_drill_packet *k = e->kind == DW_DRILL_PACKET ? e->u.packet : NULL;
        if (k && k->outbound && k->protocol == DW_DRILL_TCP && fits(k)) return k;
    }
    return NULL;
}

static bool is_syn(const dw_drill_packet *k)
{
    return k->flags & DW_DRILL_SYN && !k->seq_any;
}

static bool has_timestamp(const dw_drill_packet *k)
{
    uint8_t copy[40];
    memcpy(copy, k->options, sizeof copy);
    return dw_drill_find_option(copy, k->options_len, OPT_TIMESTAMP) != NULL;
}

static void learn_isn(dw_drill_run *run, const dw_drill_seen *s)
{
    dw_drill_flow *f = &run->tested.flow;
    const dw_drill_packet *k = expected(run, is_syn);
    if (f->isn_known || !(s->flags & DW_DRILL_SYN)) return;
    f->isn_known = true;
    f->isn_live = s->seq;
    f->isn_script = k ? k->seq : 0;
}

/* The host's clock is its own: its time stamps count from the first one that the script has. */
static void name_timestamp(dw_drill_run *run, dw_drill_seen *s)
{
    dw_drill_flow *f = &run->tested.flow;
    uint8_t *timestamp = dw_drill_find_option(s->options, s->options_len, OPT_TIMESTAMP);
    if (!timestamp || timestamp[1] != TIMESTAMP_LEN) return;
    uint32_t live = dw_get32(timestamp + 2);
    if (f->timestamp_count == 0) {
        const dw_drill_packet *k = expected(run, has_timestamp);
        uint8_t copy[40];
        if (k) memcpy(copy, k->options, sizeof copy);
        const uint8_t *first = k ? dw_drill_find_option(copy, k->options_len, OPT_TIMESTAMP) : NULL;
        f->timestamps[0].live = live;
        f->timestamps[0].script = first ? dw_get32(first + 2) : live;
        f->timestamp_count = 1;
    }
    dw_put32(timestamp + 2, live - f->timestamps[0].live + f->timestamps[0].script);
}

static void name_blocks(const dw_drill_run *run, dw_drill_seen *s)
{
    uint8_t *sack = dw_drill_find_option(s->options, s->options_len, OPT_SACK);
    for (int i = 2; sack && i + 4 <= sack[1]; i += 4)
        dw_put32(sack + i, dw_get32(sack + i) - run->tested.flow.remote_isn);
}

static void print_time(FILE *f, dw_time at)
{
    fprintf(f, "%" PRId64 ".%06" PRId64, at / DW_SECOND, at % DW_SECOND / DW_MICROSECOND);
}

void dw_drill_record_packet(dw_drill_run *run, dw_drill_seen *s)
{
    char text[1000];
    FILE *f = run->config->record;
    if (s->transport == TCP) {
        learn_isn(run, s);
        name_timestamp(run, s);
        name_blocks(run, s);
    }
    print_time(f, s->at);
    fprintf(f, " > %s%s\n", dw_drill_mark(s->tos),
            dw_drill_seen_text(s, &run->tested.flow, text, sizeof text));
}

void dw_drill_record_event(const dw_drill_run *run, const dw_drill_event *e, dw_time at)
{
    FILE *f = run->config->record;
    const dw_drill_call *call = e->kind == DW_DRILL_CALL && e->u.call->blocking ? e->u.call : NULL;
    if (e == run->script->events) at = 0; /* real time has begun to run by then */
    print_time(f, at);
    if (call) {
        fputs("...", f);
        print_time(f, e->time_kind == DW_DRILL_AFTER ? at - e->at + call->end : call->end);
    }
    const char *what = e->text + strcspn(e->text, " \t");
    fprintf(f, " %s\n", what + strspn(what, " \t"));
}

/* What stands before the first event.  A recorded host answers each packet and call of an instant
 * by itself. */
void dw_drill_record_head(const dw_drill_run *run)
{
    static const char together[] = " same_time=together";
    const char *at = run->script->text, *end = at;
    FILE *f = run->config->record;
    DW_ASSERT(f);
    for (int line = 1; line < run->script->events->line; line++)
        end += strcspn(end, "\n") + 1;
    const char *cut = strstr(at, together);
    if (cut && cut < end) {
        fwrite(at, 1, (size_t)(cut - at), f);
        at = cut + sizeof together - 1;
    }
    fwrite(at, 1, (size_t)(end - at), f);
}
