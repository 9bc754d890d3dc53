/* Ladders: the exchange between two hosts as a picture in text.
 *
 * A departure turns down at a column of its own and an arrival comes out of it, so that segments
 * that cross or overtake can be followed by eye. */
#include "base/config.h"
#include "base/escape.h"
#include "exchange.h"
#include "inferred.h"
#include "label.h"
#include "packet/dissect.h"
#include "sequence.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_WIDTH = 100,
    MIN_WIDTH = 60,
    TIME_COLUMNS = 11,
    STATE_COLUMNS = 13,
    MAX_TRACKS = 64,
    MAX_CELLS = 400,
    MAX_NAME = 256,
    SILENCE_MS = 900, /* a longer pause is drawn as a break */
};

typedef struct pen {
    const dw_ladder_config *config;
    const dw_exchange *x;
    const dw_trace *trace;
    dw_labels labels;
    dw_text out;
    uint32_t inner; /* columns between the two lifelines */
    struct {
        const dw_packet_view *packet;
        uint32_t column;
        bool to_right;
    } track[MAX_TRACKS]; /* under way */
    uint32_t tracks;
    char cell[MAX_CELLS][5]; /* one UTF-8 character each */
    dw_inferred marks;       /* drawn so far */
    dw_time last_at;
    uint32_t line;       /* RFC style: lines so far ... */
    int segment_columns; /* ... and the widest segment */
} pen;

static bool ascii(const pen *p)
{
    return p->config->style == DW_LADDER_ASCII;
}

static const char *glyph(const pen *p, const char *unicode, const char *plain)
{
    return ascii(p) ? plain : unicode;
}

static void color(pen *p, const char *code)
{
    if (p->config->color) dw_text_format(&p->out, "\x1b[%sm", code);
}

/* The cells between the lifelines. */

static void set_cell(pen *p, uint32_t i, const char *s)
{
    if (i < p->inner) snprintf(p->cell[i], sizeof p->cell[i], "%s", s);
}

static void put_label(pen *p, uint32_t at, const char *text)
{
    char clean[MAX_CELLS * 2], one[5];
    const char *s = dw_escape_into(DW_IN_LINE, text, clean, sizeof clean);
    for (; *s && at < p->inner; at++) {
        int n = 1;
        while (((unsigned char)s[n] & 0xc0) == 0x80)
            n++;
        snprintf(one, sizeof one, "%.*s", n, s);
        set_cell(p, at, one);
        s += n;
    }
}

static bool is_cell(const pen *p, uint32_t i, const char *s)
{
    return strcmp(p->cell[i], s) == 0;
}

static void blank_cells(pen *p)
{
    for (uint32_t i = 0; i < p->inner; i++)
        set_cell(p, i, " ");
    for (uint32_t i = 0; i < p->tracks; i++)
        set_cell(p, p->track[i].column, glyph(p, "│", "|"));
}

/* A stroke from column a up to, not including, b; tracks that it meets are crossed.  Dotted: what
 * was inferred. */
static void stroke_as(pen *p, uint32_t a, uint32_t b, bool dotted)
{
    const char *line = dotted ? glyph(p, "┄", ".") : glyph(p, "─", "-");
    for (uint32_t i = a; i < b && i < p->inner; i++)
        set_cell(p, i, is_cell(p, i, glyph(p, "│", "|")) ? glyph(p, "┼", "+") : line);
}

static void stroke(pen *p, uint32_t a, uint32_t b)
{
    stroke_as(p, a, b, false);
}

/* Tracks: where a packet under way runs down the page.  The first of a direction takes the column
 * farthest along; later ones stay behind it, as they do on the wire. */
static uint32_t choose_column(const pen *p, bool to_right)
{
    uint32_t behind = 0;
    for (uint32_t i = 0; i < p->tracks; i++)
        behind += p->track[i].to_right == to_right;
    uint32_t from_far_end = 7 + behind * 2;
    uint32_t max = p->inner / 2 > 4 ? p->inner / 2 - 2 : 2;
    if (from_far_end > max) from_far_end = max - behind % 3;
    uint32_t column = to_right ? p->inner - 1 - from_far_end : from_far_end;
    for (uint32_t i = 0; i < p->tracks; i++)
        if (p->track[i].column == column) column += to_right ? (uint32_t)-1 : 1;
    return column < p->inner ? column : p->inner / 2;
}

static int find_track(const pen *p, const dw_packet_view *v)
{
    for (uint32_t i = 0; i < p->tracks; i++)
        if (p->track[i].packet == v) return (int)i;
    return -1;
}

/* Whole lines. */

/* A name or a state: what is in a trace may have come from anybody's file.  At least so many
 * columns wide, at their left; where that is negative, at their right. */
static void word(pen *p, const char *text, int columns)
{
    char clean[256];
    dw_escape_into(DW_IN_LINE, text, clean, sizeof clean);
    int blanks = abs(columns) - (int)dw_text_columns(clean, strlen(clean));
    if (columns < 0 && blanks > 0) dw_text_char(&p->out, ' ', (size_t)blanks);
    dw_text_add(&p->out, clean);
    if (columns > 0 && blanks > 0) dw_text_char(&p->out, ' ', (size_t)blanks);
}

static void lifeline(pen *p, const char *unicode, const char *plain)
{
    dw_text_add(&p->out, glyph(p, unicode, plain));
}

/* A socket that is its own peer has one lifeline, to which all its segments come back. */
static void right_lifeline(pen *p, const char *unicode, const char *plain)
{
    dw_text_add(&p->out, p->x->one_end ? " " : glyph(p, unicode, plain));
}

/* A state beside its lifeline: dim where it was inferred, with a question mark where only likely.
 */
static void state_word(pen *p, const char *state, uint8_t certainty, int columns)
{
    char doubted[256];
    bool inferred = *state && certainty != DW_OBSERVED, likely = *state && certainty == DW_LIKELY;
    snprintf(doubted, sizeof doubted, "%s%s", state, likely ? "?" : "");
    p->marks.state |= likely;
    if (inferred) color(p, "2");
    word(p, doubted, columns);
    if (inferred) color(p, "0");
}

static void begin_line(pen *p, dw_time at, bool timed, const char *left_state, uint8_t certainty)
{
    char time[DW_TIME_TEXT] = "";
    if (timed) dw_time_format(at, 6, time, sizeof time);
    color(p, "2");
    dw_text_format(&p->out, "%*s", TIME_COLUMNS, time);
    color(p, "0");
    /* The longest state and its question mark take one of the blanks. */
    bool longest = certainty == DW_LIKELY && strlen(left_state) + 1 >= STATE_COLUMNS;
    dw_text_add(&p->out, longest ? " " : "  ");
    state_word(p, left_state, certainty, 1 - STATE_COLUMNS);
    dw_text_add(&p->out, " ");
}

static void end_line(pen *p, const char *right_state, uint8_t certainty)
{
    dw_text_add(&p->out, " ");
    state_word(p, right_state, certainty, 0);
    while (p->out.len && p->out.data[p->out.len - 1] == ' ')
        p->out.data[--p->out.len] = 0;
    dw_text_add(&p->out, "\n");
}

static void cells(pen *p)
{
    for (uint32_t i = 0; i < p->inner; i++)
        dw_text_add(&p->out, p->cell[i]);
}

/* The kind of segment has its colour, unless it is not known to arrive, or to be lost: what is
 * likely is yellow, what is unknown magenta, which who cannot see red or green tells apart too. */
static const char *packet_color(const dw_step *s)
{
    const dw_packet_view *v = s->packet;
    if (s->kind == DW_STEP_SEND && v->unknown_at >= 0) return "35";
    if (s->kind == DW_STEP_SEND && v->lost_at >= 0 && v->fate_certainty == DW_LIKELY) return "33";
    if (s->kind == DW_STEP_RECEIVE && s->certainty == DW_LIKELY) return "33";
    if (s->kind == DW_STEP_RECEIVE && s->certainty == DW_CERTAIN) return "2";
    if (v->lost_at >= 0 || dw_flags_that(&v->d, DW_FLAG_RESETS)) return "31";
    if (dw_flags_that(&v->d, DW_FLAG_OPENS)) return "32";
    if (dw_flags_that(&v->d, DW_FLAG_CLOSES)) return "35";
    return v->d.len ? "36" : "0";
}

static void write_line(pen *p, const dw_step *s, bool arrow_at_left, bool arrow_at_right,
                       const char *middle_color)
{
    bool left = s->side == 0;
    begin_line(p, s->at, true, left ? s->after : "", s->state_certainty);
    if (arrow_at_left)
        lifeline(p, "│", "|");
    else
        lifeline(p, left && s->kind == DW_STEP_SEND && !s->injected ? "├" : "│", "|");
    color(p, middle_color);
    cells(p);
    color(p, "0");
    if (arrow_at_right)
        right_lifeline(p, "│", "|");
    else
        right_lifeline(p, !left && s->kind == DW_STEP_SEND && !s->injected ? "┤" : "│", "|");
    end_line(p, left ? "" : s->after, s->state_certainty);
}

static void mark(pen *p, const dw_step *s)
{
    if (!p->config->mark_packet || p->config->mark_packet != s->packet->number) return;
    if (p->out.len && p->out.data[p->out.len - 1] == '\n') p->out.data[--p->out.len] = 0;
    dw_text_add(&p->out, glyph(p, "  ◀ here\n", "  <== here\n"));
}

static void lost_line(pen *p, const dw_step *s, bool to_right, const char *text)
{
    char why[96];
    const char *cause = s->packet->drop_cause ? s->packet->drop_cause->name : "lost";
    snprintf(why, sizeof why, " %s ", cause);
    uint32_t len = (uint32_t)strlen(text), reach = p->inner * 2 / 3;
    if (reach < len + 6) reach = len + 6;
    if (reach > p->inner - 2) reach = p->inner - 2;
    uint32_t room = p->inner - reach - 1;
    if (to_right) {
        stroke(p, 0, reach);
        put_label(p, 2, text);
        set_cell(p, reach, glyph(p, "✗", "X"));
        if (strlen(why) < room) put_label(p, reach + 1, why);
    } else {
        uint32_t at = p->inner - 1 - reach;
        stroke(p, at, p->inner);
        put_label(p, p->inner - 2 - len, text);
        set_cell(p, at, glyph(p, "✗", "X"));
        if (strlen(why) < at) put_label(p, at - (uint32_t)strlen(why), why);
    }
    write_line(p, s, false, false, packet_color(s));
}

/* The cell so far from the sender. */
static uint32_t cell_at(const pen *p, bool to_right, uint32_t distance)
{
    return to_right ? distance : p->inner - 1 - distance;
}

/* A stroke that begins so far from the sender and ends before `to`. */
static void stroke_away(pen *p, bool to_right, uint32_t from, uint32_t to, bool dotted)
{
    for (uint32_t i = from; i < to; i++)
        stroke_as(p, cell_at(p, to_right, i), cell_at(p, to_right, i) + 1, dotted);
}

/* Text of so many columns that begins so far from the sender, read from left to right either way.
 */
static void label_away(pen *p, bool to_right, uint32_t from, uint32_t columns, const char *text)
{
    put_label(p, cell_at(p, to_right, to_right ? from : from + columns - 1), text);
}

/* What was inferred not to arrive, or is not known to: like lost_line, but the stroke ends early
 * enough for how that is known. */
static void inferred_end_line(pen *p, const dw_step *s, bool to_right, const char *text)
{
    enum {
        BEFORE = 2,
        FADES = 3
    }; /* columns in front of the label; dotted ones of an unknown end */
    const dw_packet_view *v = s->packet;
    bool unknown = v->unknown_at >= 0;
    const char *sign = glyph(p, "✗", "X");
    if (unknown)
        sign = "?";
    else if (v->fate_certainty == DW_LIKELY)
        sign = glyph(p, "✗?", "X?");
    uint32_t signs = (uint32_t)dw_text_columns(sign, strlen(sign)), len = (uint32_t)strlen(text);
    uint32_t reach = p->inner * 2 / 3, min = BEFORE + len + FADES + 1, columns = 0;
    char why[160], line[164] = "";
    for (int step = 0; dw_inferred_why(v, step, why, sizeof why); step++) {
        snprintf(line, sizeof line, " %s ", why);
        columns = (uint32_t)dw_text_columns(line, strlen(line));
        if (min + signs + columns <= p->inner) break;
    }
    if (reach + signs + columns > p->inner && columns + signs < p->inner)
        reach = p->inner - signs - columns;
    if (reach < min) reach = min;
    if (reach > p->inner - signs) reach = p->inner - signs;
    stroke_away(p, to_right, 0, reach, false);
    if (unknown) stroke_away(p, to_right, reach - FADES, reach, true);
    label_away(p, to_right, BEFORE, len, text);
    label_away(p, to_right, reach, signs, sign);
    if (reach + signs + columns <= p->inner) label_away(p, to_right, reach + signs, columns, line);
    write_line(p, s, false, false, packet_color(s));
}

/* As much as there is room for, with a blank before and after. */
static void padded_label(const pen *p, const dw_packet_view *v, uint32_t room, char *buf,
                         size_t size)
{
    char plain[120];
    dw_label(&p->labels, v, plain, sizeof plain);
    for (int step = 0; strlen(plain) + 2 > room && step < 3; step++)
        dw_label_shorten(plain, step);
    snprintf(buf, size, " %s ", plain);
}

/* A segment that leaves: its stroke goes up to the column where it turns down, and the column is
 * its own until it arrives.  What the script injected begins beside the host. */
static void departure(pen *p, const dw_step *s)
{
    bool to_right = s->side == 0;
    char text[128];
    blank_cells(p);
    dw_inferred_note(&p->marks, s->packet);
    bool inferred_end = dw_inferred_ends(s->packet), dotted = s->certainty != DW_OBSERVED;
    if (inferred_end || s->packet->lost_at >= 0) {
        padded_label(p, s->packet, p->inner - 5, text, sizeof text);
        if (inferred_end)
            inferred_end_line(p, s, to_right, text);
        else
            lost_line(p, s, to_right, text);
        return;
    }
    uint32_t column = choose_column(p, to_right);
    uint32_t start = s->injected ? p->inner / 8 : 0;
    uint32_t room = to_right ? column - start - 2 : p->inner - start - 3 - column;
    padded_label(p, s->packet, room < p->inner ? room : 0, text, sizeof text);
    uint32_t len = (uint32_t)strlen(text);
    if (to_right) {
        stroke_as(p, start, column, dotted);
        if (s->injected) set_cell(p, start, glyph(p, "○", "o"));
        put_label(p, start + 2, text);
        set_cell(p, column, glyph(p, "╮", "."));
    } else {
        stroke_as(p, column + 1, p->inner - start, dotted);
        if (s->injected) set_cell(p, p->inner - 1 - start, glyph(p, "○", "o"));
        put_label(p, p->inner - start - 2 - len, text);
        set_cell(p, column, glyph(p, "╭", "."));
    }
    write_line(p, s, false, false, packet_color(s));
    if (p->tracks == MAX_TRACKS) return;
    p->track[p->tracks].packet = s->packet;
    p->track[p->tracks].column = column;
    p->track[p->tracks++].to_right = to_right;
}

static void arrival(pen *p, const dw_step *s)
{
    bool to_right = s->side == 1;
    int track = find_track(p, s->packet);
    uint32_t column = p->inner / 2; /* of one whose departure had no track left */
    if (track >= 0) {
        column = p->track[track].column;
        memmove(&p->track[track], &p->track[track + 1],
                (p->tracks - (uint32_t)track - 1) * sizeof p->track[0]);
        p->tracks--;
    }
    blank_cells(p);
    bool dotted = s->certainty != DW_OBSERVED, likely = s->certainty == DW_LIKELY;
    if (to_right) {
        stroke_as(p, column + 1, p->inner - 1, dotted);
        set_cell(p, column, glyph(p, "╰", "'"));
        set_cell(p, p->inner - 1, likely ? glyph(p, "▷", ")") : glyph(p, "▶", ">"));
    } else {
        stroke_as(p, 1, column, dotted);
        set_cell(p, column, glyph(p, "╯", "'"));
        set_cell(p, 0, likely ? glyph(p, "◁", "(") : glyph(p, "◀", "<"));
    }
    write_line(p, s, !to_right, to_right, packet_color(s));
}

static const char *remark(const dw_step *s)
{
    if (s->kind == DW_STEP_CALL) return s->call;
    return s->cause ? s->cause->name : "";
}

static void aside(pen *p, const dw_step *s)
{
    char text[96];
    snprintf(text, sizeof text, "(%s)", remark(s));
    uint32_t len = (uint32_t)strlen(text);
    blank_cells(p);
    if (s->side == 0)
        put_label(p, 1, text);
    else if (len + 1 < p->inner)
        put_label(p, p->inner - 1 - len, text);
    dw_step shown = *s;
    write_line(p, &shown, false, false, "2");
}

static void silence(pen *p, dw_time gap)
{
    char text[64], length[DW_TIME_TEXT];
    snprintf(text, sizeof text, "%s %s", ascii(p) ? ":" : "⋮",
             dw_duration_format(gap / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length));
    begin_line(p, 0, false, "", DW_OBSERVED);
    lifeline(p, "┊", ":");
    blank_cells(p);
    color(p, "2");
    uint32_t columns = (uint32_t)dw_text_columns(text, strlen(text));
    uint32_t before = p->inner > columns ? (p->inner - columns) / 2 : 0;
    for (uint32_t i = 0; i < before; i++)
        dw_text_add(&p->out, p->cell[i]);
    dw_text_add(&p->out, text);
    for (uint32_t i = before + columns; i < p->inner; i++)
        dw_text_add(&p->out, p->cell[i]);
    color(p, "0");
    right_lifeline(p, "┊", ":");
    end_line(p, "", DW_OBSERVED);
}

static void heading(pen *p)
{
    char buf[2][MAX_NAME];
    const char *left = dw_exchange_name(p->x, p->trace, 0, buf[0], sizeof buf[0]);
    const char *right = dw_exchange_name(p->x, p->trace, 1, buf[1], sizeof buf[1]);
    if (p->x->one_end) right = "";
    begin_line(p, 0, false, "", DW_OBSERVED);
    color(p, "1");
    word(p, left, 0);
    int gap = (int)p->inner + 2 - (int)dw_text_columns(left, strlen(left)) -
              (int)dw_text_columns(right, strlen(right));
    if (*right) dw_text_char(&p->out, ' ', gap > 1 ? (size_t)gap : 1);
    word(p, right, 0);
    color(p, "0");
    dw_text_add(&p->out, "\n");
    begin_line(p, 0, false, p->x->first_state[0], DW_OBSERVED);
    blank_cells(p);
    lifeline(p, "│", "|");
    cells(p);
    right_lifeline(p, "│", "|");
    end_line(p, p->x->one_end ? "" : p->x->first_state[1], DW_OBSERVED);
}

/* What the marks mean, for a ladder that has some: simulated ones have none. */
static void legend(pen *p)
{
    const dw_inferred *m = &p->marks;
    const struct {
        bool shown;
        const char *unicode, *plain;
    } parts[] = {
        {m->certain, "┄▶ certain", "..> certain"},
        {m->likely, "┄▷ likely", "..) likely"},
        {m->likely_lost, "✗? likely lost", "X? likely lost"},
        {m->unknown, "┄? unknown", "..? unknown"},
        {m->state, "STATE? likely", "STATE? likely"},
    };
    if (!dw_inferred_any(m)) return;
    begin_line(p, 0, false, "", DW_OBSERVED);
    color(p, "2");
    dw_text_add(&p->out, "inferred:");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].shown)
            dw_text_format(&p->out, "  %s", glyph(p, parts[i].unicode, parts[i].plain));
    color(p, "0");
    dw_text_add(&p->out, "\n");
}

static void draw(pen *p)
{
    heading(p);
    bool first = true;
    for (size_t i = 0; i < p->x->count; i++) {
        const dw_step *s = &p->x->steps[i];
        if (s->packet) dw_isn_learn(&p->labels.isn, p->trace, s->packet);
        if (!dw_step_shown(p->config, s)) continue;
        if (!first && s->at - p->last_at > SILENCE_MS * DW_MILLISECOND)
            silence(p, s->at - p->last_at);
        first = false;
        p->last_at = s->at;
        switch ((enum dw_step_kind)s->kind) {
        case DW_STEP_SEND: departure(p, s); break;
        case DW_STEP_RECEIVE: arrival(p, s); break;
        case DW_STEP_STATE:
        case DW_STEP_CALL: aside(p, s); break;
        }
        if (s->packet) mark(p, s);
    }
    legend(p);
}

/* The layout of RFC 9293's figures. */

static void rfc_segment(pen *p, const dw_packet_view *v, char *buf, size_t size)
{
    const dw_dissection *d = &v->d;
    char flags[64], seq[24], ack[24];
    dw_flags_text_main(d, flags, sizeof flags);
    dw_label_number(&p->labels, d, false, seq, sizeof seq);
    dw_label_number(&p->labels, d, true, ack, sizeof ack);
    int n = snprintf(buf, size, "<SEQ=%s>", seq);
    if (dw_flags_that(d, DW_FLAG_ACKS)) n += snprintf(buf + n, size - (size_t)n, "<ACK=%s>", ack);
    if (d->len) n += snprintf(buf + n, size - (size_t)n, "<DATA=%" PRIu32 ">", d->len);
    snprintf(buf + n, size - (size_t)n, "<CTL=%s>", flags);
}

static void rfc_line(pen *p, const char *left, const char *arrow, const char *segment,
                     const char *arrow2, const char *right)
{
    p->line++;
    dw_text_format(&p->out, "%3u.  ", p->line);
    word(p, left, 12);
    dw_text_format(&p->out, " %s %-*s %s ", arrow, p->segment_columns, segment, arrow2);
    word(p, right, 0);
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
        if (s->absorbed || s->kind == DW_STEP_CALL) continue;
        return s->kind == DW_STEP_RECEIVE && s->packet == p->x->steps[i].packet ? s : NULL;
    }
    return NULL;
}

static void rfc_state_line(pen *p, const dw_step *s)
{
    const char *why = s->cause ? s->cause->name : "", *instead = NULL;
    const dw_protocol_ops *protocol = dw_trace_protocol(p->trace, s->conn);
    if (protocol && DW_OFFERS(dw_protocol_ops, protocol, figure_cause))
        instead = protocol->figure_cause(why);
    if (instead) why = instead;
    p->line++;
    int right = s->side == 0 ? 0 : p->segment_columns + 22;
    dw_text_format(&p->out, "%3u.  %*s(", p->line, right, "");
    word(p, why, 0);
    dw_text_format(&p->out, ")\n      %*s", right, "");
    word(p, s->after, 0);
    dw_text_add(&p->out, "\n\n");
}

static void measure_segments(pen *p)
{
    p->segment_columns = 30;
    for (size_t i = 0; i < p->x->count; i++) {
        char segment[128];
        if (!p->x->steps[i].packet) continue;
        dw_isn_learn(&p->labels.isn, p->trace, p->x->steps[i].packet);
        rfc_segment(p, p->x->steps[i].packet, segment, sizeof segment);
        if ((int)strlen(segment) > p->segment_columns) p->segment_columns = (int)strlen(segment);
    }
    p->labels.isn.count = 0;
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
    if (s->kind == DW_STEP_STATE) {
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
static void draw_rfc(pen *p)
{
    measure_segments(p);
    int right = p->segment_columns + 22;
    bool two = !p->x->one_end;
    dw_text_add(&p->out, "      ");
    char buf[2][MAX_NAME];
    word(p, dw_exchange_name(p->x, p->trace, 0, buf[0], sizeof buf[0]), two ? right : 0);
    if (two) word(p, dw_exchange_name(p->x, p->trace, 1, buf[1], sizeof buf[1]), 0);
    p->line = 1;
    dw_text_add(&p->out, "\n\n  1.  ");
    word(p, p->x->first_state[0], two ? right : 0);
    if (two) word(p, p->x->first_state[1], 0);
    dw_text_add(&p->out, "\n\n");
    const dw_step *joined = NULL;
    for (size_t i = 0; i < p->x->count; i++) {
        const dw_step *s = &p->x->steps[i];
        char segment[128] = "";
        if (s->packet) {
            dw_isn_learn(&p->labels.isn, p->trace, s->packet);
            rfc_segment(p, s->packet, segment, sizeof segment);
        }
        if (!dw_step_shown(p->config, s) || s->kind == DW_STEP_CALL || s == joined) continue;
        const dw_step *with = rfc_step(p, i, segment);
        bool on_way =
            s->kind == DW_STEP_SEND && s->packet->lost_at < 0 && s->packet->unknown_at < 0;
        if (with || (on_way && !s->injected)) joined = with;
    }
}

/* As wide as was asked for, less what stands beside the lifelines. */
static uint32_t inner_columns(const dw_ladder_config *c)
{
    uint32_t width = c->width ? c->width : DEFAULT_WIDTH;
    if (width < MIN_WIDTH) width = MIN_WIDTH;
    if (width > MAX_CELLS) width = MAX_CELLS;
    return width - TIME_COLUMNS - 2 - STATE_COLUMNS - 2 - STATE_COLUMNS;
}

char *dw_ladder(const dw_trace *trace, const dw_ladder_config *config)
{
    dw_exchange x;
    dw_ladder_config c;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return NULL;
    if ((unsigned)c.style > DW_LADDER_MSCGEN || (unsigned)c.numbers > DW_NUMBERS_SYMBOLIC)
        return NULL;
    int32_t left = c.left_given ? (int32_t)c.left : -1;
    int32_t right = c.right_given ? (int32_t)c.right : -1;
    int status = dw_exchange_build(trace, left, right, &x);
    if (status == DW_E_NOMEM) return NULL;
    if (status != DW_OK) return dw_copy_text("(no exchange between two hosts to draw)\n");
    /* The RFC's figures know nothing of relative numbers. */
    if (c.style == DW_LADDER_RFC && c.numbers == DW_NUMBERS_RELATIVE)
        c.numbers = DW_NUMBERS_ABSOLUTE;
    pen p = {.config = &c, .x = &x, .trace = trace};
    p.labels = (dw_labels){
        .trace = trace, .numbers = c.numbers, .left = x.node[0], .loop = x.node[0] == x.node[1]};
    p.inner = inner_columns(&c);
    switch (c.style) {
    case DW_LADDER_UNICODE:
    case DW_LADDER_ASCII: draw(&p); break;
    case DW_LADDER_RFC: draw_rfc(&p); break;
    case DW_LADDER_MERMAID:
    case DW_LADDER_PLANTUML:
    case DW_LADDER_MSCGEN: dw_sequence_draw(&x, &c, &p.labels, &p.out); break;
    }
    p.out.failed |= p.labels.isn.failed;
    free(p.labels.isn.rows);
    dw_exchange_free(&x);
    return dw_text_take(&p.out);
}
