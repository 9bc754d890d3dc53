/* Ladders: the exchange between two hosts as a picture in text.
 *
 * A departure turns down at a column of its own and an arrival comes out of it, so that segments
 * that cross or overtake can be followed by eye. */
#include "base/config.h"
#include "base/escape.h"
#include "inferred.h"
#include "ladder_pen.h"
#include "language.h"
#include "packet/dissect.h"
#include "sequence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_WIDTH = 100,
    MIN_WIDTH = 60,
    TIME_COLUMNS = 11,
    STATE_COLUMNS = 13,
    SILENCE_MS = 900, /* a longer pause is drawn as a break */
};

typedef dw_ladder_pen pen;

static bool ascii(const pen *p)
{
    return p->config->style == DW_LADDER_ASCII;
}

static const char *glyph(const pen *p, const char *unicode, const char *plain)
{
    return ascii(p) ? plain : unicode;
}

/* The cells between the lifelines. */

static void set_cell(pen *p, uint32_t i, const char *s)
{
    if (i < p->inner) snprintf(p->cell[i], sizeof p->cell[i], "%s", s);
}

/* One character: of two columns, the second one is empty; of none, it joins the one before. */
static uint32_t put_character(pen *p, uint32_t at, const char *s, size_t len, uint32_t first)
{
    char one[DW_LADDER_CELL];
    size_t columns = dw_text_columns(s, len), used;
    if (columns == 0 && at > first) {
        char *before = p->cell[at - 1 - (at > first + 1 && !*p->cell[at - 1])];
        used = strlen(before);
        if (used + len < DW_LADDER_CELL) snprintf(before + used, len + 1, "%s", s);
        return at;
    }
    snprintf(one, sizeof one, "%.*s", (int)len, s);
    if (at + columns > p->inner) return p->inner;
    set_cell(p, at, one);
    if (columns == 2) set_cell(p, at + 1, "");
    return at + (uint32_t)columns;
}

static void put_label(pen *p, uint32_t at, const char *text)
{
    char clean[DW_LADDER_CELLS * 2];
    uint32_t first = at;
    const char *s = dw_escape_into(DW_IN_LINE, text, clean, sizeof clean);
    while (*s && at < p->inner) {
        size_t n = 1;
        while (((unsigned char)s[n] & 0xc0) == 0x80)
            n++;
        at = put_character(p, at, s, n, first);
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
static void stroke(pen *p, uint32_t a, uint32_t b, bool dotted)
{
    const char *line = dotted ? glyph(p, "┄", ".") : glyph(p, "─", "-");
    for (uint32_t i = a; i < b && i < p->inner; i++)
        set_cell(p, i, is_cell(p, i, glyph(p, "│", "|")) ? glyph(p, "┼", "+") : line);
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
    if (inferred) dw_ladder_color(p, "2");
    dw_ladder_word(p, doubted, columns);
    if (inferred) dw_ladder_color(p, "0");
}

/* In the picture's language; "" where it shows none. */
static const char *shown_state(const pen *p, const char *state)
{
    return p->picture.no_states ? "" : dw_label_word(&p->labels, state);
}

static void begin_line(pen *p, dw_time at, bool timed, const char *left_state, uint8_t certainty)
{
    char time[DW_TIME_TEXT] = "";
    if (timed) dw_time_format(at, 6, time, sizeof time);
    dw_ladder_color(p, "2");
    if (!p->picture.no_times) dw_text_format(&p->out, "%*s", TIME_COLUMNS, time);
    dw_ladder_color(p, "0");
    if (p->picture.no_states) {
        dw_text_add(&p->out, p->picture.no_times ? "" : " ");
        return;
    }
    /* The longest state and its question mark take one of the blanks. */
    const char *state = shown_state(p, left_state);
    bool longest =
        certainty == DW_LIKELY && dw_text_columns(state, strlen(state)) + 1 >= STATE_COLUMNS;
    dw_text_add(&p->out, longest ? " " : "  ");
    state_word(p, state, certainty, 1 - STATE_COLUMNS);
    dw_text_add(&p->out, " ");
}

static void end_line(pen *p, const char *right_state, uint8_t certainty)
{
    dw_text_add(&p->out, " ");
    state_word(p, shown_state(p, right_state), certainty, 0);
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

static void mark(pen *p, const dw_step *s)
{
    if (!p->config->mark_packet || p->config->mark_packet != s->packet->number) return;
    if (p->out.len && p->out.data[p->out.len - 1] == '\n') p->out.data[--p->out.len] = 0;
    dw_text_format(&p->out, "  %s %s\n", glyph(p, "◀", "<=="), dw_label_word(&p->labels, "here"));
}

/* What stands in the cells, between the lifelines, with the state of the end that it is about. */
static void write_line(pen *p, const dw_step *s, bool arrow_at_left, bool arrow_at_right,
                       const char *middle_color)
{
    bool left = s->side == 0;
    begin_line(p, s->at, true, left ? s->after : "", s->state_certainty);
    if (arrow_at_left)
        lifeline(p, "│", "|");
    else
        lifeline(p, left && s->kind == DW_STEP_SEND && !s->injected ? "├" : "│", "|");
    dw_ladder_color(p, middle_color);
    cells(p);
    dw_ladder_color(p, "0");
    if (arrow_at_right)
        right_lifeline(p, "│", "|");
    else
        right_lifeline(p, !left && s->kind == DW_STEP_SEND && !s->injected ? "┤" : "│", "|");
    end_line(p, left ? "" : s->after, s->state_certainty);
    if (s->packet && (s->kind == DW_STEP_SEND || s->kind == DW_STEP_RECEIVE)) mark(p, s);
}

static uint32_t columns_of(const char *text)
{
    return (uint32_t)dw_text_columns(text, strlen(text));
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
        stroke(p, cell_at(p, to_right, i), cell_at(p, to_right, i) + 1, dotted);
}

/* Text of so many columns that begins so far from the sender, read from left to right either way.
 */
static void label_away(pen *p, bool to_right, uint32_t from, uint32_t columns, const char *text)
{
    put_label(p, cell_at(p, to_right, to_right ? from : from + columns - 1), text);
}

/* Words in brackets beside the lifeline of an end, on a line of their own. */
static void bracketed(pen *p, const dw_step *s, const char *words, bool with_state)
{
    char text[160];
    dw_step line = *s;
    snprintf(text, sizeof text, "(%s)", words);
    blank_cells(p);
    uint32_t columns = columns_of(text);
    if (s->side == 0)
        put_label(p, 1, text);
    else
        put_label(p, columns + 1 < p->inner ? p->inner - 1 - columns : 0, text);
    if (!with_state) line.after = "";
    line.kind = DW_STEP_STATE;
    write_line(p, &line, false, false, "2");
}

/* The stroke ends as far from the sender as leaves room for why, between the cross and the other
 * host; where that is too long it stands on the next line. */
static void lost_line(pen *p, const dw_step *s, bool to_right, const char *text)
{
    char why[96];
    const dw_packet_view *v = s->packet;
    const char *cause = v->drop_cause ? dw_label_cause(&p->labels, v->drop_cause)
                                      : dw_label_word(&p->labels, "lost");
    snprintf(why, sizeof why, " %s ", cause);
    uint32_t len = columns_of(text), reach = p->inner * 2 / 3;
    uint32_t least = len + 2, columns = columns_of(why);
    bool fits = least + 1 + columns <= p->inner;
    if (reach < len + 6) reach = len + 6;
    if (fits && reach + 1 + columns > p->inner) reach = p->inner - columns - 1;
    if (reach > p->inner - 2) reach = p->inner - 2;
    stroke_away(p, to_right, 0, reach, false);
    label_away(p, to_right, 2, len, text);
    label_away(p, to_right, reach, 1, glyph(p, "✗", "X"));
    if (fits) label_away(p, to_right, reach + 1, columns, why);
    write_line(p, s, false, false, packet_color(s));
    if (!fits) bracketed(p, s, cause, false);
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
    uint32_t signs = columns_of(sign), len = columns_of(text);
    uint32_t reach = p->inner * 2 / 3, min = BEFORE + len + FADES + 1, columns = 0;
    char why[160], line[164] = "";
    for (int step = 0; dw_inferred_why(&p->labels, v, step, why, sizeof why); step++) {
        snprintf(line, sizeof line, " %s ", why);
        columns = columns_of(line);
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
    char plain[DW_LADDER_LABEL - 2];
    dw_label(&p->labels, v, plain, sizeof plain);
    for (int step = 0; columns_of(plain) + 2 > room && step < 4; step++)
        dw_label_shorten(v, plain, step);
    snprintf(buf, size, " %s ", plain);
}

static void aside(pen *p, const dw_step *s)
{
    const char *words = dw_label_cause(&p->labels, s->cause);
    if (s->kind == DW_STEP_CALL) words = dw_label_word(&p->labels, s->call);
    if (s->kind == DW_STEP_TIMER) words = dw_label_figure(&p->labels, s->cause, s->conn);
    bracketed(p, s, words, true);
}

/* What is special about the segment that leaves next: a repeat, a probe. */
static void say_what(pen *p, const dw_step *s)
{
    char words[140];
    if (p->labels.picture->packets == DW_NO) return;
    if (*dw_label_remark(&p->labels, s->packet, words, sizeof words)) bracketed(p, s, words, false);
}

/* That the host discarded what has just arrived. */
static void say_refused(pen *p, const dw_step *s)
{
    char words[140];
    if (!s->refused) return;
    dw_label_phrase(&p->labels, "discarded: %s", dw_label_cause(&p->labels, s->refused), NULL,
                    words, sizeof words);
    bracketed(p, s, words, false);
}

/* A segment that leaves: its stroke goes up to the column where it turns down, and the column is
 * its own until it arrives.  What the script injected begins beside the host. */
static void departure(pen *p, const dw_step *s)
{
    bool to_right = s->side == 0;
    char text[DW_LADDER_LABEL];
    say_what(p, s);
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
    p->injected |= s->injected;
    uint32_t room = to_right ? column - start - 2 : p->inner - start - 3 - column;
    padded_label(p, s->packet, room < p->inner ? room : 0, text, sizeof text);
    uint32_t len = columns_of(text);
    if (to_right) {
        stroke(p, start, column, dotted);
        if (s->injected) set_cell(p, start, glyph(p, "○", "o"));
        put_label(p, start + 2, text);
        set_cell(p, column, glyph(p, "╮", "."));
    } else {
        stroke(p, column + 1, p->inner - start, dotted);
        if (s->injected) set_cell(p, p->inner - 1 - start, glyph(p, "○", "o"));
        put_label(p, p->inner - start - 2 - len, text);
        set_cell(p, column, glyph(p, "╭", "."));
    }
    write_line(p, s, false, false, packet_color(s));
    if (p->tracks == DW_LADDER_TRACKS) return;
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
        stroke(p, column + 1, p->inner - 1, dotted);
        set_cell(p, column, glyph(p, "╰", "'"));
        set_cell(p, p->inner - 1, likely ? glyph(p, "▷", ")") : glyph(p, "▶", ">"));
    } else {
        stroke(p, 1, column, dotted);
        set_cell(p, column, glyph(p, "╯", "'"));
        set_cell(p, 0, likely ? glyph(p, "◁", "(") : glyph(p, "◀", "<"));
    }
    write_line(p, s, !to_right, to_right, packet_color(s));
    say_refused(p, s);
}

static void silence(pen *p, dw_time gap)
{
    char text[64], length[DW_TIME_TEXT];
    snprintf(text, sizeof text, "%s %s", ascii(p) ? ":" : "⋮",
             dw_duration_format(gap / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length));
    begin_line(p, 0, false, "", DW_OBSERVED);
    lifeline(p, "┊", ":");
    blank_cells(p);
    dw_ladder_color(p, "2");
    uint32_t columns = columns_of(text);
    uint32_t before = p->inner > columns ? (p->inner - columns) / 2 : 0;
    for (uint32_t i = 0; i < before; i++)
        dw_text_add(&p->out, p->cell[i]);
    dw_text_add(&p->out, text);
    for (uint32_t i = before + columns; i < p->inner; i++)
        dw_text_add(&p->out, p->cell[i]);
    dw_ladder_color(p, "0");
    right_lifeline(p, "┊", ":");
    end_line(p, "", DW_OBSERVED);
}

static void heading(pen *p)
{
    char buf[2][DW_LADDER_NAME];
    const char *left = dw_exchange_name(p->x, p->trace, 0, buf[0], sizeof buf[0]);
    const char *right = dw_exchange_name(p->x, p->trace, 1, buf[1], sizeof buf[1]);
    if (p->x->one_end) right = "";
    dw_ladder_title(p);
    begin_line(p, 0, false, "", DW_OBSERVED);
    dw_ladder_color(p, "1");
    dw_ladder_word(p, left, 0);
    int gap = (int)p->inner + 2 - (int)columns_of(left) - (int)columns_of(right);
    if (*right) dw_text_char(&p->out, ' ', gap > 1 ? (size_t)gap : 1);
    dw_ladder_word(p, right, 0);
    dw_ladder_color(p, "0");
    dw_text_add(&p->out, "\n");
    begin_line(p, 0, false, p->x->first_state[0], DW_OBSERVED);
    blank_cells(p);
    lifeline(p, "│", "|");
    cells(p);
    right_lifeline(p, "│", "|");
    end_line(p, p->x->one_end ? "" : p->x->first_state[1], DW_OBSERVED);
}

/* The mark that only what a script or the network has made begins with. */
static void legend_of_injected(pen *p)
{
    if (!p->injected) return;
    begin_line(p, 0, false, "", DW_OBSERVED);
    dw_ladder_color(p, "2");
    dw_text_format(&p->out, "%s %s", glyph(p, "○──", "o--"),
                   dw_label_word(&p->labels, "not sent by the host"));
    dw_ladder_color(p, "0");
    dw_text_add(&p->out, "\n");
}

/* What the marks mean, for a ladder that has some: simulated ones have none. */
static void legend(pen *p)
{
    const dw_inferred *m = &p->marks;
    const char *state = dw_label_word(&p->labels, "STATE?");
    const struct {
        bool shown;
        const char *unicode, *plain, *english;
    } parts[] = {
        {m->certain, "┄▶", "..>", "certain"},        {m->likely, "┄▷", "..)", "likely"},
        {m->likely_lost, "✗?", "X?", "likely lost"}, {m->unknown, "┄?", "..?", "unknown"},
        {m->state, state, state, "likely"},
    };
    legend_of_injected(p);
    if (!dw_inferred_any(m)) return;
    begin_line(p, 0, false, "", DW_OBSERVED);
    dw_ladder_color(p, "2");
    dw_text_add(&p->out, dw_label_word(&p->labels, "inferred:"));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].shown)
            dw_text_format(&p->out, "  %s %s", glyph(p, parts[i].unicode, parts[i].plain),
                           dw_label_word(&p->labels, parts[i].english));
    dw_ladder_color(p, "0");
    dw_text_add(&p->out, "\n");
}

static void draw(pen *p)
{
    heading(p);
    bool first = true;
    for (size_t i = 0; i < p->x->count; i++) {
        const dw_step *s = &p->x->steps[i];
        if (!dw_step_shown(&p->picture, s)) continue;
        if (!first && !p->picture.no_times && s->at - p->last_at > SILENCE_MS * DW_MILLISECOND)
            silence(p, s->at - p->last_at);
        first = false;
        p->last_at = s->at;
        switch ((enum dw_step_kind)s->kind) {
        case DW_STEP_SEND: departure(p, s); break;
        case DW_STEP_RECEIVE: arrival(p, s); break;
        case DW_STEP_STATE:
        case DW_STEP_TIMER:
        case DW_STEP_CALL: aside(p, s); break;
        }
    }
    legend(p);
}

/* As wide as was asked for, less what stands beside the lifelines. */
static uint32_t inner_columns(const dw_ladder_config *c, const dw_picture *picture)
{
    uint32_t width = c->width ? c->width : DEFAULT_WIDTH, beside = 4;
    if (width < MIN_WIDTH) width = MIN_WIDTH;
    if (width > DW_LADDER_CELLS) width = DW_LADDER_CELLS;
    if (!picture->no_times) beside += TIME_COLUMNS;
    if (!picture->no_states) beside += 2 * STATE_COLUMNS;
    return width - beside;
}

static void draw_as(pen *p)
{
    switch (p->config->style) {
    case DW_LADDER_UNICODE:
    case DW_LADDER_ASCII: draw(p); return;
    case DW_LADDER_RFC: dw_ladder_rfc(p); return;
    case DW_LADDER_MERMAID:
    case DW_LADDER_PLANTUML:
    case DW_LADDER_MSCGEN: dw_sequence_draw(p->x, p->config->style, &p->labels, &p->out); return;
    }
}

/* What reads the text as a language is told so in it. */
static char *nothing_to_draw(const dw_trace *trace, enum dw_ladder_style style,
                             const dw_picture *picture)
{
    static const char *const frames[][2] = {
        [DW_LADDER_MERMAID] = {"sequenceDiagram\n    participant A as ", "\n"},
        [DW_LADDER_PLANTUML] = {"@startuml\nhide footbox\nparticipant \"", "\" as A\n@enduml\n"},
        [DW_LADDER_MSCGEN] = {"msc {\n  A [label=\"", "\"];\n}\n"}};
    dw_text out = {0};
    const char *words = dw_word(dw_trace_plugins(trace), picture->language,
                                "(no exchange between two hosts to draw)");
    if (style >= DW_LADDER_MERMAID)
        dw_text_format(&out, "%s%s%s", frames[style][0], words, frames[style][1]);
    else
        dw_text_format(&out, "%s\n", words);
    return dw_text_take(&out);
}

char *dw_ladder(const dw_trace *trace, const dw_ladder_config *config)
{
    dw_exchange x;
    dw_ladder_config c;
    pen p = {.config = &c, .x = &x, .trace = trace};
    if (DW_CONFIG_READ(&c, config) != DW_OK || (unsigned)c.style > DW_LADDER_MSCGEN) return NULL;
    if (dw_picture_read(c.picture, &p.picture) != DW_OK) return NULL;
    /* The RFC's figures know nothing of relative numbers. */
    if (c.style == DW_LADDER_RFC && p.picture.numbers == DW_NUMBERS_RELATIVE)
        p.picture.numbers = DW_NUMBERS_ABSOLUTE;
    int status = dw_exchange_build(trace, &p.picture, &x);
    if (status == DW_E_NOMEM) return NULL;
    if (status != DW_OK) return nothing_to_draw(trace, c.style, &p.picture);
    bool text = c.style <= DW_LADDER_ASCII;
    p.inner = inner_columns(&c, &p.picture);
    if (dw_labels_begin(&p.labels, &x.cut, x.node[0], x.node[0] == x.node[1], text) == DW_OK)
        draw_as(&p);
    else
        p.out.failed = true;
    dw_labels_end(&p.labels);
    dw_exchange_free(&x);
    return dw_text_take(&p.out);
}
