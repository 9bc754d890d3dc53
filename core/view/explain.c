/* Why things happened: each event in a sentence, or one packet back to what lies at the root. */
#include "relations.h"

#include "base/config.h"
#include "base/escape.h"
#include "base/text.h"
#include "packet/dissect.h"
#include "trace/packets.h"
#include "trace/sentence.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_COLUMNS = 7, STEP = 4, DEEPEST = 3 };

typedef struct explanation {
    dw_trace *trace;
    dw_explain_config config;
    dw_packet_view *views;
    size_t count;
    dw_relation *relations;
    dw_text out;
} explanation;

static const dw_packet_view *packet(const explanation *x, uint64_t number)
{
    return dw_view_numbered(x->views, x->count, number);
}

static const dw_relation *relation_of(const explanation *x, const dw_packet_view *v)
{
    return &x->relations[v - x->views];
}

static bool is_absolute(const explanation *x)
{
    return x->config.numbers == DW_NUMBERS_ABSOLUTE;
}

/* Words. */

/* Up to the blank at which a line may end: "RFC 9293" is one word. */
static size_t word_length(const char *words)
{
    size_t len = strcspn(words, " ");
    while (words[len] && len >= 3 && strncmp(words + len - 3, "RFC", 3) == 0)
        len += 1 + strcspn(words + len + 1, " ");
    return len;
}

/* A paragraph that begins with `begin` and goes on under it, `indent` columns in. */
static void add_paragraph(explanation *x, const char *begin, size_t indent, const char *words)
{
    size_t width = x->config.width ? x->config.width : SIZE_MAX;
    size_t column = dw_text_columns(begin, strlen(begin));
    bool first = true;
    dw_text_add(&x->out, begin);
    while (*words) {
        size_t len = word_length(words), columns = dw_text_columns(words, len);
        if (!first && column + 1 + columns > width) {
            dw_text_add(&x->out, "\n");
            dw_text_char(&x->out, ' ', indent);
            column = indent;
            first = true;
        }
        if (!first) dw_text_add(&x->out, " ");
        dw_text_add_n(&x->out, words, len);
        column += columns + !first;
        first = false;
        words += len + (words[len] == ' ');
    }
    dw_text_add(&x->out, "\n");
}

DW_PRINTF(3, 4) static void say(explanation *x, unsigned depth, const char *format, ...)
{
    va_list args;
    dw_text line = {0};
    char begin[STEP * (DEEPEST + 2) + 1];
    size_t indent = STEP * depth;
    va_start(args, format);
    dw_text_vformat(&line, format, args);
    va_end(args);
    snprintf(begin, sizeof begin, "%*s", (int)indent, "");
    char *words = dw_text_take(&line);
    x->out.failed |= !words;
    if (words) add_paragraph(x, begin, indent + (depth ? 2 : STEP), words);
    free(words);
}

static const char *time_text(dw_time at, char buf[DW_TIME_TEXT])
{
    return dw_time_format(at, 6, buf, DW_TIME_TEXT);
}

/* A fixed buffer for a name: hosts may be called anything. */
typedef struct name_text {
    char text[80];
} name_text;

static const char *host_of(const explanation *x, int32_t node, const dw_addr *addr, name_text *buf)
{
    char address[DW_ADDR_TEXT];
    const char *name = node >= 0 ? dw_trace_node_name(x->trace, (uint32_t)node)
                                 : dw_addr_format(addr, address, sizeof address);
    return dw_escape_into(DW_IN_LINE, name, buf->text, sizeof buf->text);
}

/* What became of a packet. */

static bool arrived_before(const dw_packet_view *v, dw_time at)
{
    return v->arrived_at >= 0 && v->arrived_at <= at;
}

/* How an imported trace knows it: ", which #9 shows". */
static const char *shown_text(const dw_packet_view *v, char *buf, size_t size)
{
    char how[400];
    buf[0] = 0;
    if (!v->fate_cause) return buf;
    dw_view_shown(v, how, sizeof how);
    snprintf(buf, size, " (%s: %s)", dw_certainty_name(v->fate_certainty), how);
    return buf;
}

static void say_lost(explanation *x, unsigned depth, const dw_packet_view *v)
{
    char at[DW_TIME_TEXT], why[504] = "", shown[500];
    shown_text(v, shown, sizeof shown);
    if (v->drop_cause && !*shown) {
        dw_cause_text(v->drop_cause, shown, sizeof shown);
        snprintf(why, sizeof why, ": %s", shown);
        shown[0] = 0;
    }
    say(x, depth, "#%" PRIu64 " was lost at %s s%s%s.", v->number, time_text(v->lost_at, at), why,
        shown);
}

static void say_discarded(explanation *x, unsigned depth, const dw_packet_view *v)
{
    char at[DW_TIME_TEXT], why[500];
    name_text to;
    dw_cause_text(v->drop_cause, why, sizeof why);
    say(x, depth, "#%" PRIu64 " arrived at %s s, but %s discarded it: %s.", v->number,
        time_text(v->arrived_at, at), host_of(x, v->to, &v->d.dst, &to), why);
}

/* That the acknowledgment of what was told of last had not come by then. */
static void say_unheard(explanation *x, unsigned depth, const dw_packet_view *ack, dw_time then)
{
    char at[DW_TIME_TEXT];
    if (ack->lost_at >= 0) {
        say(x, depth, "Its acknowledgment, #%" PRIu64 ", did not get through:", ack->number);
        say_lost(x, depth + 1, ack);
    } else if (ack->arrived_at > then) {
        say(x, depth, "Its acknowledgment, #%" PRIu64 ", was still on its way until %s s.",
            ack->number, time_text(ack->arrived_at, at));
    }
}

/* What its sender could know of a packet at a time, when it sent the same again. */
static void say_why_in_vain(explanation *x, unsigned depth, const dw_packet_view *v, dw_time then)
{
    char at[DW_TIME_TEXT], later[DW_TIME_TEXT];
    const dw_packet_view *ack = packet(x, relation_of(x, v)->acknowledged);
    if (v->lost_at >= 0) {
        say_lost(x, depth, v);
    } else if (v->unknown_at >= 0) {
        say(x, depth, "Nothing shows whether #%" PRIu64 " arrived.", v->number);
    } else if (v->arrived_at < 0) {
        say(x, depth, "#%" PRIu64 " was still under way when the trace ended.", v->number);
    } else if (v->arrived_at > then) {
        say(x, depth,
            "#%" PRIu64 " was still on its way, and arrived at %s s: it need not have gone "
            "again.",
            v->number, time_text(v->arrived_at, at));
    } else if (v->drop_cause) {
        say_discarded(x, depth, v);
        if (ack && ack->sent_at <= then) say_unheard(x, depth, ack, then);
    } else if (!ack || ack->sent_at > then) {
        say(x, depth, "#%" PRIu64 " arrived at %s s, but was not acknowledged by then.", v->number,
            time_text(v->arrived_at, at));
    } else if (ack->lost_at >= 0) {
        say(x, depth,
            "#%" PRIu64 " arrived at %s s, but its acknowledgment, #%" PRIu64
            ", did not get through:",
            v->number, time_text(v->arrived_at, at), ack->number);
        say_lost(x, depth + 1, ack);
    } else if (!arrived_before(ack, then)) {
        say(x, depth,
            "#%" PRIu64 " arrived at %s s, and its acknowledgment, #%" PRIu64
            ", was still on its way until %s s: it need not have gone again.",
            v->number, time_text(v->arrived_at, at), ack->number,
            time_text(ack->arrived_at, later));
    } else if (ack->drop_cause) {
        say(x, depth,
            "#%" PRIu64 " arrived at %s s, but its acknowledgment was of no use:", v->number,
            time_text(v->arrived_at, at));
        say_discarded(x, depth + 1, ack);
    } else {
        say(x, depth, "#%" PRIu64 " arrived at %s s, and #%" PRIu64 " had acknowledged it.",
            v->number, time_text(v->arrived_at, at), ack->number);
    }
}

/* Sent before, in the same direction, with the octet that v begins with. */
static bool is_copy(const dw_packet_view *v, const dw_packet_view *before)
{
    const dw_dissection *a = &v->d, *b = &before->d;
    bool closes = dw_flags_that(b, DW_FLAG_CLOSES), opens = dw_flags_that(b, DW_FLAG_OPENS);
    uint32_t units = b->len + (uint32_t)closes + (uint32_t)opens;
    return before->conn && !before->copy_of && b->flag_names && a->seq - b->seq < units &&
           a->sport == b->sport && a->dport == b->dport && dw_addr_equal(&a->src, &b->src) &&
           dw_addr_equal(&a->dst, &b->dst);
}

/* The next time that this octet went, behind `last` and up to v itself. */
static const dw_packet_view *next_copy(const dw_packet_view *last, const dw_packet_view *v)
{
    while (++last < v)
        if (is_copy(v, last)) return last;
    return v;
}

/* That it goes again, and what became of each time before. */
static void say_again(explanation *x, unsigned depth, const dw_packet_view *v)
{
    const dw_relation *r = relation_of(x, v);
    char at[DW_TIME_TEXT];
    const dw_packet_view *first = packet(x, r->first);
    if (r->times == 1)
        say(x, depth, "It is #%" PRIu64 " again, which was sent at %s s.", r->first,
            time_text(first->sent_at, at));
    else
        say(x, depth,
            "It is #%" PRIu64 " again, which was sent at %s s and has gone %" PRIu32
            " times by now, last as #%" PRIu64 ".",
            r->first, time_text(first->sent_at, at), r->times, r->again);
    for (const dw_packet_view *copy = first, *next; copy < v; copy = next) {
        next = next_copy(copy, v);
        say_why_in_vain(x, depth, copy, next->sent_at);
    }
}

/* "#9 and #11 arrived at one instant": what it answers, with what came with it. */
static void arrivals_text(const explanation *x, uint64_t trigger, char *buf, size_t size)
{
    const dw_relation *r = relation_of(x, packet(x, trigger));
    if (r->place > 2)
        snprintf(buf, size,
                 "#%" PRIu64 " to #%" PRIu64 " (%" PRIu32 " packets) arrived at one instant",
                 r->batch, trigger, r->place);
    else if (r->place == 2)
        snprintf(buf, size, "#%" PRIu64 " and #%" PRIu64 " arrived at one instant", r->batch,
                 trigger);
    else
        snprintf(buf, size, "#%" PRIu64 " arrived", trigger);
}

static void say_why_sent(explanation *x, unsigned depth, const dw_packet_view *v)
{
    const dw_relation *r = relation_of(x, v);
    char why[500] = "", what[100];
    if (v->copy_of) {
        say(x, depth, "The network made it, as a copy of #%" PRIu64 ".", v->copy_of);
        return;
    }
    if (v->cause) dw_cause_text(v->cause, why, sizeof why);
    if (r->trigger) {
        arrivals_text(x, r->trigger, what, sizeof what);
        say(x, depth, "It was sent when %s%s%s.", what, *why ? ": " : "", why);
    } else if (*why) {
        say(x, depth, "It was sent because %s.", why);
    }
    if (r->again) say_again(x, depth, v);
}

static void say_acknowledged(explanation *x, unsigned depth, const dw_packet_view *v)
{
    char at[DW_TIME_TEXT];
    const dw_packet_view *ack = packet(x, relation_of(x, v)->acknowledged);
    if (!ack) return;
    if (ack->lost_at >= 0) {
        say(x, depth, "Its acknowledgment, #%" PRIu64 ", did not get through:", ack->number);
        say_lost(x, depth + 1, ack);
    } else if (ack->arrived_at >= 0) {
        say(x, depth, "Its acknowledgment is #%" PRIu64 ", which arrived at %s s.", ack->number,
            time_text(ack->arrived_at, at));
    } else {
        say(x, depth, "Its acknowledgment is #%" PRIu64 ".", ack->number);
    }
}

/* It left when v arrived, or when what came with v did, behind it. */
static bool is_answer(const explanation *x, const dw_relation *answer, const dw_packet_view *v)
{
    const dw_packet_view *trigger = packet(x, answer->trigger);
    if (!trigger) return false;
    const dw_relation *last = relation_of(x, trigger), *own = relation_of(x, v);
    return last->batch == own->batch && last->place >= own->place && own->place > 0;
}

static void say_what_became(explanation *x, unsigned depth, const dw_packet_view *v)
{
    char at[DW_TIME_TEXT], shown[500];
    if (v->lost_at >= 0) {
        say_lost(x, depth, v);
    } else if (v->unknown_at >= 0) {
        say(x, depth, "Nothing shows whether it arrived%s.", shown_text(v, shown, sizeof shown));
    } else if (v->arrived_at < 0) {
        say(x, depth, "It was still under way when the trace ended.");
    } else if (v->drop_cause) {
        say_discarded(x, depth, v);
    } else {
        say(x, depth, "It arrived at %s s%s.", time_text(v->arrived_at, at),
            shown_text(v, shown, sizeof shown));
    }
    say_acknowledged(x, depth, v);
    for (size_t i = 0; i < x->count; i++) {
        uint64_t number = x->views[i].number;
        if (x->views[i].copy_of == v->number)
            say(x, depth, "The network made a copy of it, #%" PRIu64 ".", number);
        if (is_answer(x, &x->relations[i], v) && relation_of(x, v)->acknowledged != number)
            say(x, depth, "#%" PRIu64 " was sent when it arrived.", number);
    }
}

static void say_head(explanation *x, unsigned depth, const dw_packet_view *v)
{
    char at[DW_TIME_TEXT], segment[200];
    name_text from, to;
    dw_segment_text(x->trace, &v->d, v->number, is_absolute(x), segment, sizeof segment);
    say(x, depth, "#%" PRIu64 "  %s s  %s to %s: %s", v->number, time_text(v->sent_at, at),
        host_of(x, v->from, &v->d.src, &from), host_of(x, v->to, &v->d.dst, &to), segment);
}

/* Its sender's last one before it with the same acknowledgment; NULL: another one comes first. */
static const dw_packet_view *acknowledged_alike(const explanation *x, const dw_packet_view *v)
{
    for (const dw_packet_view *u = v; u-- > x->views;) {
        const dw_dissection *a = &u->d, *b = &v->d;
        if (a->sport != b->sport || a->dport != b->dport || !dw_addr_equal(&a->src, &b->src) ||
            !dw_addr_equal(&a->dst, &b->dst))
            continue;
        return dw_flags_that(a, DW_FLAG_ACKS) && a->ack == b->ack ? u : NULL;
    }
    return NULL;
}

/* What looks like a duplicate acknowledgment and is none.  Options may say that it is (RFC 6675).
 */
static void say_window_moved(explanation *x, unsigned depth, const dw_packet_view *v)
{
    const dw_dissection *d = &v->d;
    bool bare = dw_flags_that(d, DW_FLAG_ACKS) && d->len == 0 && d->options_len == 0 &&
                !dw_flags_that(d, DW_FLAG_OPENS | DW_FLAG_CLOSES | DW_FLAG_RESETS);
    const dw_packet_view *before = bare && v->conn ? acknowledged_alike(x, v) : NULL;
    if (!before || before->d.window == d->window) return;
    say(x, depth,
        "It acknowledges what #%" PRIu64 " did, with another window (%" PRIu32 ", before %" PRIu32
        "): a window update, which does not count as a duplicate ACK (RFC 5681 2).",
        before->number, d->window, before->d.window);
}

static void say_header(explanation *x, unsigned depth, const dw_packet_view *v)
{
    const dw_dissection *d = &v->d;
    char flags[64], options[3 * 40 + 1] = "";
    if (d->malformed || !d->flag_names) return;
    for (uint32_t i = 0; d->options && i < d->options_len && i < 40; i++)
        snprintf(options + 3 * i, sizeof options - 3 * i, " %02x", d->options[i]);
    say(x, depth,
        "Header: ports %u to %u, sequence number %" PRIu32 ", acknowledgment number %" PRIu32
        ", flags %s, window %" PRIu32 ", urgent pointer %" PRIu32 ", TTL %u, TOS %u%s%s.",
        d->sport, d->dport, d->seq, d->ack, dw_flags_text(d, flags, sizeof flags), d->window,
        d->urgent, d->ttl, d->tos, *options ? ", options" : "", options);
}

/* A packet, and behind it what it answers where that is a repetition: the chain to the root. */
static void tell_packet(explanation *x, const dw_packet_view *v)
{
    for (unsigned depth = 0; v && depth <= DEEPEST; depth++) {
        say_head(x, depth, v);
        say_why_sent(x, depth + 1, v);
        if (depth == 0) {
            say_window_moved(x, 1, v);
            say_what_became(x, 1, v);
            say_header(x, 1, v);
        }
        const dw_packet_view *trigger = packet(x, relation_of(x, v)->trigger);
        v = trigger && relation_of(x, trigger)->again ? trigger : NULL;
    }
}

/* Repeats. */

static const char *fate_text(const dw_packet_view *v, char *buf, size_t size)
{
    const char *fate = v->lost_at >= 0 ? "lost" : "discarded";
    if (v->unknown_at >= 0) return "unknown whether it arrived";
    if (v->lost_at < 0 && v->arrived_at < 0) return "still under way";
    if (v->lost_at < 0 && !v->drop_cause) return "arrived";
    if (!v->drop_cause) return fate;
    snprintf(buf, size, "%s (%s)", fate, v->drop_cause->name);
    return buf;
}

static void tell_repeats(explanation *x)
{
    for (size_t i = 0; i < x->count; i++) {
        const dw_packet_view *v = &x->views[i];
        char at[DW_TIME_TEXT], why[500] = "", begin[48], line[700], fate[120];
        name_text from;
        if (!x->relations[i].again) continue;
        if (v->cause) dw_cause_text(v->cause, why, sizeof why);
        snprintf(line, sizeof line, "%s: #%" PRIu64 " again, %s; %s",
                 host_of(x, v->from, &v->d.src, &from), x->relations[i].first,
                 fate_text(v, fate, sizeof fate), why);
        snprintf(begin, sizeof begin, "#%-5" PRIu64 " %s s  ", v->number,
                 time_text(v->sent_at, at));
        add_paragraph(x, begin, NUMBER_COLUMNS, line);
    }
    if (x->out.len == 0) dw_text_add(&x->out, "No segment went again.\n");
}

/* Events. */

static bool is_shown(const explanation *x, const dw_trace_event *e, size_t number)
{
    if (x->config.event) return number == x->config.event;
    return x->config.all || !dw_trace_is_minor(e);
}

static void tell_event(explanation *x, const dw_trace_event *e, size_t number)
{
    char sentence[800], begin[32];
    const dw_packet_view *v = dw_trace_is_packet(e) ? packet(x, e->packet) : NULL;
    bool leaves = v && e->type == DW_TRACE_SENT && e->at == v->sent_at;
    dw_sentence how = {.absolute = is_absolute(x), .again = leaves ? relation_of(x, v)->first : 0};
    dw_trace_sentence(x->trace, e, &how, sentence, sizeof sentence);
    if (!*sentence && x->config.event) dw_trace_event_text(x->trace, e, sentence, sizeof sentence);
    if (!*sentence) return;
    snprintf(begin, sizeof begin, "%5zu  ", number);
    add_paragraph(x, begin, NUMBER_COLUMNS, sentence);
}

static bool same_note(const dw_trace_event *a, const dw_trace_event *b)
{
    return a && a->type == DW_TRACE_NOTE && b->type == DW_TRACE_NOTE && a->at == b->at &&
           a->node == b->node && strcmp(a->u.note.text, b->u.note.text) == 0;
}

static void tell_events(explanation *x)
{
    size_t number = 0;
    const dw_trace_event *before = NULL;
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        if (e->type == DW_TRACE_DETAIL) continue; /* a trace has them or not: they do not count */
        number++;
        if (!is_shown(x, e, number) || same_note(before, e)) continue;
        tell_event(x, e, number);
        before = e;
    }
}

char *dw_explain(dw_trace *trace, const dw_explain_config *config)
{
    explanation x = {.trace = trace};
    if (DW_CONFIG_READ(&x.config, config) != DW_OK) return NULL;
    if (x.config.numbers > DW_NUMBERS_ABSOLUTE) return NULL;
    x.out.failed = dw_trace_packets(trace, NULL, &x.views, &x.count) != DW_OK ||
                   dw_relations_find(trace, x.views, x.count, &x.relations) != DW_OK;
    if (!x.out.failed && x.config.packet) {
        const dw_packet_view *v = packet(&x, x.config.packet);
        if (v) tell_packet(&x, v);
    } else if (!x.out.failed && x.config.repeats) {
        tell_repeats(&x);
    } else if (!x.out.failed) {
        tell_events(&x);
    }
    free(x.relations);
    free(x.views);
    return dw_text_take(&x.out);
}
