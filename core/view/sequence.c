/* The exchange in the languages of sequence diagrams, for pages that draw them: Mermaid, PlantUML,
 * mscgen.
 *
 * None can slant or cross a message, so each is shown when it arrives.  What its sender was in when
 * it left is said right before it.  Where that end has something to say sooner, it first gets out
 * what it sent before, though that is still under way: so FINs that cross were both sent in
 * FIN-WAIT-1.  The states of each end stand in their order, and beside the message that they belong
 * to. */
#include "sequence.h"

#include "base/escape.h"
#include "base/list.h"
#include "inferred.h"
#include "picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SILENCE_MS = 900 }; /* a longer pause is said */

/* A state that its end came to when a packet left, and that has not been said yet. */
typedef struct waiting {
    const dw_packet_view *packet;
    const char *state;
    uint8_t side, certainty;
} waiting;

typedef struct writer {
    enum dw_ladder_style language;
    const dw_labels *labels;
    const char *name[2];
    int ends; /* 1: a socket that is its own peer */
    dw_text *out;
    const char *said[2];  /* the state of each end that was said last ... */
    const char *known[2]; /* ... and the latest one, which may be waiting */
    waiting *list;        /* in order */
    size_t count;
    const dw_exchange *x;
    size_t at;          /* the step that is written */
    bool *drawn;        /* by step: an arrival that is drawn already */
    uint64_t latest;    /* number of the last packet that has left */
    size_t departed[2]; /* packets of each end that are not drawn: at least as many as arrive */
} writer;

static void text(const writer *w, const char *s)
{
    static const enum dw_syntax syntax[] = {[DW_LADDER_MERMAID] = DW_IN_MERMAID,
                                            [DW_LADDER_PLANTUML] = DW_IN_PLANTUML,
                                            [DW_LADDER_MSCGEN] = DW_IN_MSCGEN};
    dw_text_escape(w->out, syntax[w->language], s);
}

/* After the text of a note or a message. */
static void end_line(const writer *w)
{
    dw_text_add(w->out, w->language == DW_LADDER_MSCGEN ? "\"];\n" : "\n");
}

/* mscgen has none: it gets a rule with the text, behind the entities. */
static void title(const writer *w)
{
    char buf[1000];
    const char *name = dw_picture_title(w->labels->picture, buf, sizeof buf);
    if (!name || w->language == DW_LADDER_MSCGEN) return;
    dw_text_add(w->out, w->language == DW_LADDER_MERMAID ? "    title " : "title ");
    if (w->language == DW_LADDER_PLANTUML && *name && strchr("()+,-:;=?", *name))
        dw_text_format(w->out, "<U+%04X>", (unsigned)*name++); /* no title is of such alone */
    text(w, name);
    dw_text_add(w->out, "\n");
}

/* Title and participants. */
static void begin(const writer *w)
{
    static const char *const head[] = {[DW_LADDER_MERMAID] = "sequenceDiagram\n",
                                       [DW_LADDER_PLANTUML] = "@startuml\nhide footbox\n",
                                       [DW_LADDER_MSCGEN] = "msc {\n  "};
    dw_text_add(w->out, head[w->language]);
    title(w);
    for (int i = 0; i < w->ends; i++) {
        if (w->language == DW_LADDER_MERMAID) {
            dw_text_format(w->out, "    participant %c as ", "AB"[i]);
            text(w, w->name[i]);
            dw_text_add(w->out, "\n");
        } else if (w->language == DW_LADDER_PLANTUML) {
            dw_text_add(w->out, "participant \"");
            text(w, w->name[i]);
            dw_text_format(w->out, "\" as %c\n", "AB"[i]);
        } else {
            dw_text_format(w->out, "%c [label=\"", "AB"[i]);
            text(w, w->name[i]);
            dw_text_add(w->out, i + 1 < w->ends ? "\"], " : "\"];\n");
        }
    }
    char buf[1000];
    const char *name = dw_picture_title(w->labels->picture, buf, sizeof buf);
    if (!name || w->language != DW_LADDER_MSCGEN) return;
    dw_text_add(w->out, "  --- [label=\"");
    text(w, name);
    end_line(w);
}

/* A state in a box, what the program called without one. */
static void note_over(const writer *w, int side, bool is_state, const char *words, const char *mark)
{
    char at = "AB"[side];
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    Note over %c: ", at);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "%snote over %c : ", is_state ? "h" : "", at);
    else
        dw_text_format(w->out, "  %c %s %c [label=\"", at, is_state ? "abox" : "note", at);
    text(w, words);
    text(w, mark);
    end_line(w);
}

/* Another one than was said last. */
static void say_state(writer *w, int side, const char *name, uint8_t certainty)
{
    if (!*name || w->labels->picture->no_states) return;
    if (w->said[side] && strcmp(w->said[side], name) == 0) return;
    w->said[side] = name;
    note_over(w, side, true, dw_label_word(w->labels, name), certainty == DW_LIKELY ? "?" : "");
}

/* What waits of one end, up to what this packet left with; NULL: all of it. */
static void say_waiting(writer *w, int side, const dw_packet_view *until)
{
    size_t kept = 0, last = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].side == side && (!until || w->list[i].packet->number <= until->number))
            last = i + 1;
    for (size_t i = 0; i < w->count; i++) {
        const waiting one = w->list[i];
        if (one.side == side && i < last)
            say_state(w, side, one.state, one.certainty);
        else
            w->list[kept++] = one;
    }
    w->count = kept;
}

enum arrow { ARRIVES, LIKELY_ARRIVES, LOST, LIKELY_LOST, UNKNOWN, ARROWS };

/* Dotted where it is not sure, open where nothing is known; mscgen has no dotted cross. */
static const char *arrow_of(const writer *w, enum arrow arrow)
{
    static const char *const mermaid[ARROWS] = {"->>", "-->>", "-x", "--x", "--)"};
    static const char *const plantuml[ARROWS] = {"->", "-->", "->x", "-->x", "-->>"};
    static const char *const mscgen[ARROWS] = {"=>", ">>", "-x", "-x", ">>"};
    if (w->language == DW_LADDER_MERMAID) return mermaid[arrow];
    return w->language == DW_LADDER_PLANTUML ? plantuml[arrow] : mscgen[arrow];
}

static void message(const writer *w, int from, const char *label, enum arrow arrow)
{
    char a = "AB"[from], b = w->ends == 1 ? a : "AB"[1 - from];
    const char *line = arrow_of(w, arrow), *colon;
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    %c%s%c: ", a, line, b);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "%c %s %c : ", a, line, b);
    else
        dw_text_format(w->out, "  %c %s %c [label=\"", a, line, b);
    while ((colon = strstr(label, ": ")) != NULL && colon > label) {
        dw_text before = {
            0}; /* a colon inside of a message means nothing: it may be read as it is */
        dw_text_add_n(&before, label, (size_t)(colon - label));
        w->out->failed |= before.failed;
        text(w, before.data ? before.data : "");
        dw_text_free(&before);
        dw_text_add(w->out, ": ");
        label = colon + 2;
    }
    text(w, label);
    end_line(w);
}

static void pause(const writer *w, dw_time gap)
{
    char length[DW_TIME_TEXT], later[80];
    dw_duration_format(gap / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
    dw_label_phrase(w->labels, "%s later", length, NULL, later, sizeof later);
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    Note over %s: %s\n", w->ends == 1 ? "A" : "A,B", later);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "... %s ...\n", later);
    else
        dw_text_format(w->out, "  ... [label=\"%s\"];\n", later);
}

static enum arrow arrow_for(const dw_step *s)
{
    const dw_packet_view *v = s->packet;
    bool likely = v->fate_certainty == DW_LIKELY;
    if (v->unknown_at >= 0) return UNKNOWN;
    if (v->lost_at >= 0) return likely ? LIKELY_LOST : LOST;
    return likely ? LIKELY_ARRIVES : ARRIVES;
}

/* " (again)": what is told behind the label, in brackets. */
static void add_remark(char *label, size_t size, const char *remark)
{
    size_t n = strlen(label);
    if (*remark && n < size) snprintf(label + n, size - n, " (%s)", remark);
}

/* What became of it, where that is not that it arrived, or was inferred. */
static void add_fate(const writer *w, const dw_step *s, char *label, size_t size)
{
    char why[160], words[200];
    const dw_packet_view *v = s->packet;
    bool lost = v->lost_at >= 0, inferred = dw_inferred_ends(v);
    if (s->refused) {
        dw_label_phrase(w->labels, "discarded: %s", dw_label_cause(w->labels, s->refused), NULL,
                        words, sizeof words);
        add_remark(label, size, words);
    }
    if (!lost && !inferred) return;
    const char *how = inferred ? dw_inferred_shown(w->labels, v, why, sizeof why) : "";
    if (!inferred && v->drop_cause) how = dw_label_cause(w->labels, v->drop_cause);
    const char *fate = dw_label_word(w->labels, dw_inferred_fate(v));
    if (strcmp(how, fate) == 0) how = "";
    snprintf(words, sizeof words, "%s%s%s", fate, *how ? ": " : "", how);
    add_remark(label, size, words);
}

/* A message, with the state that its sender was in. */
static void draw(writer *w, const dw_step *s, int from)
{
    char label[400], remark[160];
    const dw_packet_view *v = s->packet;
    dw_label(w->labels, v, label, sizeof label);
    add_remark(label, sizeof label, dw_label_remark(w->labels, v, remark, sizeof remark));
    add_fate(w, s, label, sizeof label);
    say_waiting(w, from, v);
    message(w, from, label, arrow_for(s));
    if (w->departed[from] > 0) w->departed[from]--;
}

static int sender_of(const writer *w, const dw_step *arrival)
{
    return w->ends == 2 ? 1 - arrival->side : arrival->side;
}

/* What an end has sent and what is still under way, before it says what comes later. */
static void draw_sent(writer *w, int side)
{
    for (size_t i = w->at + 1; i < w->x->count && w->departed[side] > 0; i++) {
        const dw_step *s = &w->x->steps[i];
        if (s->kind != DW_STEP_RECEIVE || sender_of(w, s) != side || w->drawn[i]) continue;
        if (s->packet->number > w->latest || !dw_step_shown(w->labels->picture, s)) continue;
        draw(w, s, side);
        w->drawn[i] = true;
    }
}

/* Another state than the latest one. */
static bool is_news(const writer *w, const dw_step *s)
{
    const char *known = w->known[s->side];
    return *s->after && !(known && strcmp(known, s->after) == 0);
}

static void wait_for(writer *w, const dw_step *s)
{
    if (!is_news(w, s)) return;
    w->known[s->side] = s->after;
    waiting *list = dw_list_room(w->list, w->count, sizeof *list);
    w->out->failed |= !list;
    if (!list) return;
    w->list = list;
    w->list[w->count++] = (waiting){s->packet, s->after, s->side, s->state_certainty};
}

static void state_now(writer *w, const dw_step *s)
{
    if (!is_news(w, s)) return;
    if (!w->labels->picture->no_states) draw_sent(w, s->side);
    say_waiting(w, s->side, NULL);
    say_state(w, s->side, s->after, s->state_certainty);
    w->known[s->side] = s->after;
}

/* A message is drawn where it arrives, at the latest, or, lost or of unknown fate, where it left.
 */
static void packet(writer *w, const dw_step *s)
{
    const dw_packet_view *v = s->packet;
    if (s->kind == DW_STEP_RECEIVE) {
        if (!w->drawn[w->at]) draw(w, s, sender_of(w, s));
        state_now(w, s);
        return;
    }
    wait_for(w, s);
    w->departed[s->side]++;
    if (v->number > w->latest) w->latest = v->number;
    if (v->lost_at >= 0 || dw_inferred_ends(v)) draw(w, s, s->side);
}

static void step(writer *w, const dw_step *s)
{
    char words[160];
    switch ((enum dw_step_kind)s->kind) {
    case DW_STEP_SEND:
    case DW_STEP_RECEIVE: packet(w, s); return;
    case DW_STEP_STATE: state_now(w, s); return;
    case DW_STEP_TIMER:
    case DW_STEP_CALL:
        draw_sent(w, s->side);
        say_waiting(w, s->side, NULL);
        if (s->kind == DW_STEP_TIMER)
            snprintf(words, sizeof words, "%s", dw_label_figure(w->labels, s->cause, s->conn));
        else
            snprintf(words, sizeof words, "%s", dw_label_word(w->labels, s->call));
        note_over(w, s->side, false, words, s->kind == DW_STEP_CALL ? "()" : "");
        return;
    }
}

/* What waits at the end left with packets that are still under way. */
void dw_sequence_draw(const dw_exchange *x, enum dw_ladder_style language, const dw_labels *labels,
                      dw_text *out)
{
    enum { MAX_NAME = 256 };
    char buf[2][MAX_NAME];
    const dw_picture *p = labels->picture;
    writer w = {
        .language = language, .labels = labels, .ends = x->one_end ? 1 : 2, .out = out, .x = x};
    dw_time last = -1;
    DW_ASSERT(language >= DW_LADDER_MERMAID);
    w.drawn = calloc(x->count + 1, sizeof *w.drawn);
    out->failed |= !w.drawn;
    for (int i = 0; i < 2; i++)
        w.name[i] = dw_exchange_name(x, x->cut.trace, i, buf[i], sizeof buf[i]);
    begin(&w);
    for (int i = 0; i < w.ends; i++) {
        say_state(&w, i, x->first_state[i], DW_OBSERVED);
        w.known[i] = x->first_state[i];
    }
    for (w.at = 0; w.drawn && w.at < x->count; w.at++) {
        const dw_step *s = &x->steps[w.at];
        if (!dw_step_shown(p, s) || (w.drawn[w.at] && !is_news(&w, s))) continue;
        bool silent = last >= 0 && s->at - last > SILENCE_MS * DW_MILLISECOND;
        if (silent && !p->no_times) pause(&w, s->at - last);
        last = s->at;
        step(&w, s);
    }
    for (int i = 0; i < w.ends; i++)
        say_waiting(&w, i, NULL);
    free(w.list);
    free(w.drawn);
    if (language == DW_LADDER_PLANTUML) dw_text_add(out, "@enduml\n");
    if (language == DW_LADDER_MSCGEN) dw_text_add(out, "}\n");
}
