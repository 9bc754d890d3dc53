/* What a picture writes beside a packet: flags, numbers, length, what happened to it. */
#include "label.h"

#include "loopback.h"
#include "packet/cause.h"
#include "packet/dissect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void dw_label_number(const dw_labels *l, const dw_dissection *d, bool ack, char *buf, size_t size)
{
    uint32_t value = ack ? d->ack : d->seq, isn;
    enum dw_ladder_numbers how = l->numbers;
    if (how == DW_NUMBERS_ABSOLUTE || !dw_isn_find(&l->isn, d, ack, UINT64_MAX, &isn)) {
        snprintf(buf, size, "%" PRIu32, value);
        return;
    }
    int32_t offset = (int32_t)(value - isn);
    if (how == DW_NUMBERS_RELATIVE) {
        snprintf(buf, size, "%" PRId32, offset);
        return;
    }
    bool from_left = dw_trace_node_of(l->trace, &d->src) == (int32_t)l->left;
    if (l->loop) {
        const dw_packet_view v = {.d = *d, .sender = (int32_t)l->left};
        from_left = dw_loop_packet_side(l->trace, &v, false) == 0;
    }
    char symbol = from_left != ack ? 'x' : 'y';
    if (offset == 0)
        snprintf(buf, size, "%c", symbol);
    else
        snprintf(buf, size, "%c%+" PRId32, symbol, offset);
}

/* What happened to it on the way, in a word: a router's mark, a rule of the script, noise. */
static const char *change(const dw_packet_view *v)
{
    if (v->congested) return "CE";
    return dw_cause_is(v->damage_cause, &dw_cause_rewrite) ? "rewritten" : "damaged";
}

void dw_label(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    const dw_dissection *d = &v->d;
    char flags[64], seq[24], ack[24];
    if (d->malformed) {
        snprintf(buf, size, "malformed: %s", d->malformed);
        return;
    }
    if (!d->flag_names) {
        snprintf(buf, size, "%s len=%" PRIu32, d->protocol ? d->protocol : "packet", d->len);
        return;
    }
    dw_flags_text(d, flags, sizeof flags);
    dw_label_number(l, d, false, seq, sizeof seq);
    dw_label_number(l, d, true, ack, sizeof ack);
    int n = snprintf(buf, size, "%s seq=%s", flags[0] ? flags : "-", seq);
    if (dw_flags_that(d, DW_FLAG_ACKS)) n += snprintf(buf + n, size - (size_t)n, " ack=%s", ack);
    if (d->len) n += snprintf(buf + n, size - (size_t)n, " len=%" PRIu32, d->len);
    if (v->damaged) snprintf(buf + n, size - (size_t)n, " %s", change(v));
}

void dw_label_shorten(char *label, int step)
{
    if (step >= 2) {
        label[strcspn(label, " ")] = 0;
        return;
    }
    char *at = strstr(label, step == 0 ? " ack=" : " seq=");
    if (!at) return;
    const char *end = at + 1 + strcspn(at + 1, " ");
    memmove(at, end, strlen(end) + 1);
}
