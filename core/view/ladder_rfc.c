/* Ladders in the layout of RFC 9293's figures, as dw_expect_figure reads them. */
#include "inferred.h"
#include "ladder_pen.h"
#include "packet/dissect.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef dw_ladder_pen pen;

/* In the picture's language; "" where it shows none. */
static const char *state(const pen *p, const char *name)
{
    bool is_state = *name != '('; /* "(lost)" */
    return p->picture.no_states && is_state ? "" : dw_label_word(&p->labels, name);
}

static void rfc_segment(pen *p, const dw_packet_view *v, char *buf, size_t size)
{
    const dw_dissection *d = &v->d;
    char flags[64], seq[40], ack[40];
    dw_flags_text_main(d, flags, sizeof flags);
    dw_label_number(&p->labels, v, false, seq, sizeof seq);
    dw_label_number(&p->labels, v, true, ack, sizeof ack);
    int n = snprintf(buf, size, "<SEQ=%s>", seq);
    if (dw_flags_that(d, DW_FLAG_ACKS)) n += snprintf(buf + n, size - (size_t)n, "<ACK=%s>", ack);
    if (d->len) n += snprintf(buf + n, size - (size_t)n, "<DATA=%" PRIu32 ">", d->len);
    if (dw_label_has_window(&p->labels, v))
        n += snprintf(buf + n, size - (size_t)n, "<WND=%" PRIu32 ">", d->window);
    snprintf(buf + n, size - (size_t)n, "<CTL=%s>", flags);
}

static void rfc_line(pen *p, const char *left, const char *arrow, const char *segment,
                     const char *arrow2, const char *right)
{
    p->line++;
    dw_text_format(&p->out, "%3u.  ", p->line);
    dw_ladder_word(p, state(p, left), 12);
    dw_text_format(&p->out, " %s ", arrow);
    dw_ladder_word(p, segment, p->segment_columns);
    dw_text_format(&p->out, " %s ", arrow2);
    dw_ladder_word(p, state(p, right), 0);
    while (p->out.len && p->out.data[p->out.len - 1] == ' ')
        p->out.data[--p->out.len] = 0;
    dw_text_add(&p->out, "\n\n");
}

/* The next step of either end, for the packet that has just left: its arrival, if nothing comes
 * between. */
static const dw_step *immediate_arrival(const pen *p, size_t i)
{
    for (size_t k = i + 1; k < p->x->count; k++) {
        const dw_step *s = &p->x->steps[k];
        if (s->absorbed || s->kind == DW_STEP_CALL || s->kind == DW_STEP_TIMER) continue;
        return s->kind == DW_STEP_RECEIVE && s->packet == p->x->steps[i].packet ? s : NULL;
    }
    return NULL;
}

/* In the words of figures, "2 MSL", and in the picture's language. */
static const char *why(const pen *p, const dw_step *s)
{
    const char *figure = dw_label_figure(&p->labels, s->cause, s->conn);
    return figure ? figure : dw_label_cause(&p->labels, s->cause);
}

static void rfc_state_line(pen *p, const dw_step *s)
{
    p->line++;
    int right = s->side == 0 ? 0 : p->segment_columns + 22;
    dw_text_format(&p->out, "%3u.  %*s(", p->line, right, "");
    dw_ladder_word(p, why(p, s), 0);
    dw_text_format(&p->out, ")\n      %*s", right, "");
    dw_ladder_word(p, state(p, s->after), 0);
    dw_text_add(&p->out, "\n\n");
}

static void measure_segments(pen *p)
{
    p->segment_columns = 30;
    for (size_t i = 0; i < p->x->count; i++) {
        char segment[128];
        if (!p->x->steps[i].packet || !p->x->steps[i].shown) continue;
        rfc_segment(p, p->x->steps[i].packet, segment, sizeof segment);
        int columns = (int)dw_text_columns(segment, strlen(segment));
        if (columns > p->segment_columns) p->segment_columns = columns;
    }
}

/* A segment at the end whose step it is, and what the figure has at the other end. */
static void rfc_row(pen *p, const dw_step *s, const char *arrow, const char *segment,
                    const char *other_arrow, const char *other)
{
    if (s->side == 0)
        rfc_line(p, s->after, arrow, segment, other_arrow, other);
    else
        rfc_line(p, other, other_arrow, segment, arrow, s->after);
}

/* An arrival that is only likely has a dotted one. */
static const char *rfc_arrow(const dw_step *s)
{
    bool to_right = s->side == (s->kind == DW_STEP_RECEIVE);
    if (s->certainty == DW_LIKELY) return to_right ? "..>" : "<..";
    return to_right ? "-->" : "<--";
}

/* Returns the step that is shown on the same line, or NULL. */
static const dw_step *rfc_step(pen *p, size_t i, const char *segment)
{
    const dw_step *s = &p->x->steps[i], *joined = NULL;
    const char *arrow = rfc_arrow(s);
    if (s->kind == DW_STEP_STATE || s->kind == DW_STEP_TIMER) {
        rfc_state_line(p, s);
    } else if (s->kind == DW_STEP_RECEIVE) {
        rfc_row(p, s, arrow, segment, "...", "");
    } else if (dw_inferred_ends(s->packet)) {
        bool unknown = s->packet->unknown_at >= 0, likely = s->packet->fate_certainty == DW_LIKELY;
        const char *lost = likely ? "(lost?)" : "(lost)";
        if (unknown)
            rfc_row(p, s, arrow, segment, "???", "(unknown)");
        else
            rfc_row(p, s, arrow, segment, "XXX", lost);
    } else if (s->packet->lost_at >= 0) {
        rfc_row(p, s, arrow, segment, "XXX", "(lost)");
    } else if (!s->injected) { /* that shows when it arrives */
        joined = p->x->one_end ? NULL : immediate_arrival(p, i);
        if (joined)
            rfc_row(p, s, arrow, segment, rfc_arrow(joined), joined->after);
        else
            rfc_row(p, s, arrow, segment, "...", "");
    }
    return joined;
}

/* A step that stands on the line of an earlier one is not shown again. */
void dw_ladder_rfc(pen *p)
{
    measure_segments(p);
    int right = p->segment_columns + 22;
    bool two = !p->x->one_end;
    dw_ladder_title(p);
    dw_text_add(&p->out, "      ");
    char buf[2][DW_LADDER_NAME];
    dw_ladder_word(p, dw_exchange_name(p->x, p->trace, 0, buf[0], sizeof buf[0]), two ? right : 0);
    if (two) dw_ladder_word(p, dw_exchange_name(p->x, p->trace, 1, buf[1], sizeof buf[1]), 0);
    dw_text_add(&p->out, "\n\n");
    if (!p->picture.no_states) {
        p->line = 1;
        dw_text_add(&p->out, "  1.  ");
        dw_ladder_word(p, state(p, p->x->first_state[0]), two ? right : 0);
        if (two) dw_ladder_word(p, state(p, p->x->first_state[1]), 0);
        dw_text_add(&p->out, "\n\n");
    }
    const dw_step *joined = NULL;
    for (size_t i = 0; i < p->x->count; i++) {
        const dw_step *s = &p->x->steps[i];
        char segment[128] = "";
        if (s->packet) rfc_segment(p, s->packet, segment, sizeof segment);
        if (!dw_step_shown(&p->picture, s) || s->kind == DW_STEP_CALL || s == joined) continue;
        const dw_step *with = rfc_step(p, i, segment);
        bool on_way =
            s->kind == DW_STEP_SEND && s->packet->lost_at < 0 && s->packet->unknown_at < 0;
        if (with || (on_way && !s->injected)) joined = with;
    }
}
