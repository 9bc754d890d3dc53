/* What a page opens with (see html_picture.h), as JSON:
 *
 *   numbers  the way of numbering
 *   conn     the connection, 0: the first
 *   packets, calls, times, states, large, mono
 *   shown    where not everything is: packets and events by index, [first, how many ...] each
 *   labels   by packet, where numbers are symbols */
#include "html_picture.h"

#include "base/escape.h"
#include "label.h"
#include "language.h"
#include "svg_model.h"
#include "trace/packets.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void quoted(dw_text *out, const char *s)
{
    dw_text_add(out, "\"");
    dw_text_escape(out, DW_IN_HTML_JSON, s);
    dw_text_add(out, "\"");
}

static void flag(dw_text *out, const char *name, bool yes)
{
    dw_text_format(out, ",\"%s\":%s", name, yes ? "true" : "false");
}

/* Runs of what is shown, of `count` things: [first, how many, first, how many ...]. */
static void write_runs(dw_text *out, const bool *shown, size_t count)
{
    const char *before = "[";
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && shown[i])
            i++;
        if (i == first) continue;
        dw_text_format(out, "%s%zu,%zu", before, first, i - first);
        before = ",";
    }
    dw_text_add(out, *before == '[' ? "[]" : "]");
}

static bool shows_event(const dw_cut *cut, size_t index)
{
    const dw_trace_event *e = dw_trace_at(cut->trace, index);
    const dw_packet_view *v = dw_trace_is_packet(e) ? dw_cut_find(cut, e->packet) : NULL;
    return v ? dw_cut_shows(cut, v) : dw_cut_shows_event(cut, index);
}

static int write_shown(dw_text *out, const dw_cut *cut)
{
    size_t count = dw_trace_count(cut->trace);
    bool *events = calloc(count + 1, sizeof *events);
    if (!events) return DW_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        events[i] = shows_event(cut, i);
    dw_text_add(out, ",\n\"shown\":[");
    write_runs(out, cut->shown, cut->count);
    dw_text_add(out, ",");
    write_runs(out, events, count);
    dw_text_add(out, "]");
    free(events);
    return DW_OK;
}

/* The host whose numbers are x: as in a picture, the leftmost that packets touch. */
static uint32_t left_of(const dw_cut *cut, const uint32_t *order, bool *loop)
{
    uint32_t nodes = dw_trace_nodes(cut->trace), first = nodes;
    *loop = true;
    for (size_t i = 0; i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        if (!dw_cut_shows(cut, v)) continue;
        *loop &= v->from == v->to;
        for (uint32_t k = 0; k < first; k++)
            if (v->from == (int32_t)order[k] || v->to == (int32_t)order[k]) first = k;
    }
    return first < nodes ? order[first] : 0;
}

static int write_labels(dw_text *out, const dw_cut *cut)
{
    dw_labels labels;
    bool loop;
    const char *before = "";
    uint32_t *order = dw_svg_order(cut);
    if (!order) return DW_E_NOMEM;
    uint32_t left = left_of(cut, order, &loop);
    free(order);
    int status = dw_labels_begin(&labels, cut, left, loop, false);
    labels.packets = false; /* the page writes them where they are asked for */
    dw_text_add(out, ",\n\"labels\":{");
    for (size_t i = 0; status == DW_OK && i < cut->count; i++) {
        char label[400];
        if (!cut->packets[i].d.flag_names) continue;
        dw_label(&labels, &cut->packets[i], label, sizeof label);
        dw_text_format(out, "%s\"%" PRIu64 "\":", before, cut->packets[i].number);
        quoted(out, label);
        before = ",";
    }
    dw_text_add(out, "}");
    dw_labels_end(&labels);
    return status;
}

int dw_html_picture(const dw_cut *cut, const dw_html_config *config, dw_text *out)
{
    static const char *const numbers[] = {"relative", "absolute", "symbolic", "letters"};
    const dw_picture *p = cut->picture;
    int status = DW_OK;
    dw_text_format(out, ",\n\"picture\":{\"numbers\":\"%s\",\"conn\":%" PRIu32, numbers[p->numbers],
                   p->conn);
    if (p->language && *dw_player_words(p->language)[0])
        dw_text_format(out, ",\"language\":\"%s\"", p->language);
    flag(out, "packets", dw_chosen(p->packets, false));
    flag(out, "calls", dw_chosen(p->calls, true));
    flag(out, "times", !p->no_times);
    flag(out, "states", !p->no_states);
    flag(out, "large", config->large);
    flag(out, "mono", config->mono);
    if (!cut->whole || cut->ends[0] >= 0) status = write_shown(out, cut);
    if (status == DW_OK && p->numbers > DW_NUMBERS_ABSOLUTE) status = write_labels(out, cut);
    dw_text_add(out, "}");
    return status;
}

/* What the page itself says of the trace. */
static const char *const phrases[] = {"lost",
                                      "discarded: %s",
                                      "%s timer",
                                      "unknown",
                                      "likely lost",
                                      "likely arrived",
                                      "arrived",
                                      "certain",
                                      "likely",
                                      "inferred",
                                      "itself",
                                      "dashed: certain",
                                      "%s later",
                                      "faded bar: state",
                                      "dotted, open head: likely arrived",
                                      "fading, ?: unknown whether it arrived"};

static void write_word(dw_text *out, const char *english, const char *word, const char **before)
{
    if (strcmp(word, english) == 0) return;
    dw_text_add(out, *before);
    quoted(out, english);
    dw_text_add(out, ":");
    quoted(out, word);
    *before = ",\n";
}

void dw_html_words(const dw_trace *trace, const dw_picture *p, const char *const *words,
                   size_t word_count, const dw_cause *const *causes, size_t cause_count,
                   dw_text *out)
{
    const dw_plugin *const *plugins = dw_trace_plugins(trace);
    const char *before = "", *language = p->language;
    const char *const(*own)[2] = dw_player_words(language);
    dw_text_add(out, ",\n\"words\":{");
    for (; (*own)[0]; own++)
        write_word(out, (*own)[0], (*own)[1], &before);
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        write_word(out, phrases[i], dw_word(plugins, language, phrases[i]), &before);
    for (size_t i = 0; i < word_count; i++)
        write_word(out, words[i], dw_word(plugins, language, words[i]), &before);
    for (size_t i = 0; i < cause_count; i++) {
        const dw_cause *c = causes[i];
        write_word(out, c->name, dw_cause_word(plugins, language, c->name), &before);
        if (c->text) write_word(out, c->text, dw_word(plugins, language, c->text), &before);
    }
    dw_text_add(out, "}");
}
