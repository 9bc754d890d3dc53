/* The exchange in the languages of sequence diagrams, for pages that draw them: Mermaid, PlantUML,
 * mscgen.  None can slant or cross a message, so each is shown when it arrives. */
#include "sequence.h"

#include "base/escape.h"
#include "inferred.h"

#include <stdio.h>
#include <string.h>

enum { SILENCE_MS = 900 }; /* a longer pause is said */

typedef struct writer {
    enum dw_ladder_style language;
    const char *name[2];
    int ends; /* 1: a socket that is its own peer */
    dw_text *out;
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

static void begin(const writer *w)
{
    static const char *const head[] = {[DW_LADDER_MERMAID] = "sequenceDiagram\n",
                                       [DW_LADDER_PLANTUML] = "@startuml\nhide footbox\n",
                                       [DW_LADDER_MSCGEN] = "msc {\n  "};
    dw_text_add(w->out, head[w->language]);
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
}

static void state(const writer *w, int side, const char *name, uint8_t certainty)
{
    char at = "AB"[side];
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    Note over %c: ", at);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "hnote over %c : ", at);
    else
        dw_text_format(w->out, "  %c abox %c [label=\"", at, at);
    text(w, name);
    if (certainty == DW_LIKELY) text(w, "?");
    end_line(w);
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

/* what: became of it, and how that is known, or ""; NULL: it arrived. */
static void message(const writer *w, int from, const char *label, enum arrow arrow,
                    const char *what, const char *how)
{
    char a = "AB"[from], b = w->ends == 1 ? a : "AB"[1 - from];
    const char *line = arrow_of(w, arrow);
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    %c%s%c: ", a, line, b);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "%c %s %c : ", a, line, b);
    else
        dw_text_format(w->out, "  %c %s %c [label=\"", a, line, b);
    text(w, label);
    if (what) dw_text_format(w->out, " (%s%s", what, *how ? ": " : "");
    if (what) text(w, how);
    if (what) dw_text_add(w->out, ")");
    end_line(w);
}

static void pause(const writer *w, dw_time gap)
{
    char length[DW_TIME_TEXT];
    dw_duration_format(gap / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
    if (w->language == DW_LADDER_MERMAID)
        dw_text_format(w->out, "    Note over %s: %s later\n", w->ends == 1 ? "A" : "A,B", length);
    else if (w->language == DW_LADDER_PLANTUML)
        dw_text_format(w->out, "... %s later ...\n", length);
    else
        dw_text_format(w->out, "  ... [label=\"%s later\"];\n", length);
}

static const char *lost_why(const dw_packet_view *v)
{
    return v->drop_cause ? v->drop_cause->name : "lost";
}

static enum arrow arrow_for(const dw_step *s)
{
    const dw_packet_view *v = s->packet;
    bool likely = v->fate_certainty == DW_LIKELY;
    if (v->unknown_at >= 0) return UNKNOWN;
    if (v->lost_at >= 0) return likely ? LIKELY_LOST : LOST;
    return likely ? LIKELY_ARRIVES : ARRIVES;
}

/* A message is drawn where it arrives or, lost or of unknown fate, where it left. */
static void packet(const writer *w, const dw_labels *labels, const dw_step *s)
{
    char label[128], why[160];
    const dw_packet_view *v = s->packet;
    bool lost = v->lost_at >= 0, inferred = dw_inferred_ends(v);
    bool arrives = s->kind == DW_STEP_RECEIVE;
    if (!arrives && !lost && !inferred) return;
    dw_label(labels, v, label, sizeof label);
    int from = arrives && w->ends == 2 ? 1 - s->side : s->side;
    const char *how = dw_view_shown(v, why, sizeof why);
    if (!inferred) how = lost_why(v);
    message(w, from, label, arrow_for(s), lost || inferred ? dw_inferred_fate(v) : NULL, how);
}

/* A state is noted when it is another than the one that was noted last. */
void dw_sequence_draw(const dw_exchange *x, const dw_ladder_config *config, dw_labels *labels,
                      dw_text *out)
{
    enum { MAX_NAME = 256 };
    char buf[2][MAX_NAME];
    writer w = {.language = config->style, .ends = x->one_end ? 1 : 2, .out = out};
    const char *now[2] = {x->first_state[0], x->first_state[1]};
    dw_time last = -1;
    DW_ASSERT(config->style >= DW_LADDER_MERMAID);
    for (int i = 0; i < 2; i++)
        w.name[i] = dw_exchange_name(x, labels->trace, i, buf[i], sizeof buf[i]);
    begin(&w);
    for (int i = 0; i < w.ends; i++)
        state(&w, i, now[i], DW_OBSERVED);
    for (size_t i = 0; i < x->count; i++) {
        const dw_step *s = &x->steps[i];
        if (s->packet) dw_isn_learn(&labels->isn, labels->trace, s->packet);
        if (!dw_step_shown(config, s) || s->kind == DW_STEP_CALL) continue;
        if (last >= 0 && s->at - last > SILENCE_MS * DW_MILLISECOND) pause(&w, s->at - last);
        last = s->at;
        if (s->packet) packet(&w, labels, s);
        if (!*s->after) continue;
        if (strcmp(now[s->side], s->after) != 0) state(&w, s->side, s->after, s->state_certainty);
        now[s->side] = s->after;
    }
    if (w.language == DW_LADDER_PLANTUML) dw_text_add(out, "@enduml\n");
    if (w.language == DW_LADDER_MSCGEN) dw_text_add(out, "}\n");
}
