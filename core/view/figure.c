/* Figures in the notation of RFC 9293 section 3.5, compared with what happened.
 *
 *     2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
 *
 * Each line says what an end sends (an arrow away from it) or receives (an arrow towards it), and
 * the state after that.  "..." at an end: nothing happens there.  XXX: the segment is lost.
 * A figure is read as one list of events for each end, so how events of different ends interleave
 * does not matter, as in the RFC.  Numbers are compared exactly; a letter (SEQ=x, ACK=x+1) stands
 * for whatever value it has first.  Flags that figures leave out (PSH) are ignored unless the
 * figure shows them.  A last line of "..." alone allows more to follow. */
#include "base/text.h"
#include "exchange.h"
#include "packet/dissect.h"
#include "packet/match.h"
#include "packet/protocols.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ELEMENTS = 256, MAX_SYMBOLS = 16, MAX_LINE = 400 };

enum element_kind { SENDS, RECEIVES, IS_IN };

typedef struct value {
    bool given;
    char symbol[8];  /* "" for a plain number */
    uint32_t number; /* or what is added to the symbol */
} value;

typedef struct segment {
    value seq, ack;
    char flags[64];
    bool data_given;
    bool lost;
    uint32_t data; /* 0: any length */
} segment;

typedef struct element {
    enum element_kind kind;
    segment segment;
    const char *state; /* NULL: not said */
    unsigned line;
} element;

typedef struct figure {
    element list[2][MAX_ELEMENTS];
    size_t count[2];
    const char *start[2];
    bool open_end;
    bool began;                               /* a segment line was seen */
    const char *const *states, *const *flags; /* that it may name; flags NULL: none */
    char *problem;
} figure;

/* Reading a figure. */

/* Returns false, so that whoever reads a figure can end with it. */
static bool complain(figure *f, unsigned line, const char *format, ...) DW_PRINTF(3, 4);
static bool complain(figure *f, unsigned line, const char *format, ...)
{
    dw_text t = {0};
    va_list args;
    dw_text_format(&t, "figure, line %u: ", line);
    va_start(args, format);
    dw_text_vformat(&t, format, args);
    va_end(args);
    free(f->problem);
    f->problem = dw_text_take(&t);
    return false;
}

static const char *skip_space(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

static bool add(figure *f, int side, element e, unsigned line)
{
    if (f->count[side] == MAX_ELEMENTS) return complain(f, line, "the figure is too long");
    e.line = line;
    f->list[side][f->count[side]++] = e;
    return true;
}

/* SYN_SENT is SYN-SENT. */
static const char *state_named(const figure *f, const char *word, size_t len)
{
    for (const char *const *s = f->states; *s; s++) {
        size_t k = 0;
        while (k < len && (*s)[k] && ((*s)[k] == word[k] || ((*s)[k] == '-' && word[k] == '_')))
            k++;
        if (k == len && !(*s)[k]) return *s;
    }
    return NULL;
}

/* The last state in a column's text: comments in parentheses are skipped.  NULL when there is none;
 * *bad is set when there is a word that is no state. */
static const char *state_in(const figure *f, const char *text, size_t len, char *bad, size_t size)
{
    const char *found = NULL, *end = text + len;
    bad[0] = 0;
    while (text < end) {
        if (*text == ' ' || *text == '\t') {
            text++;
            continue;
        }
        if (*text == '(') {
            while (text < end && *text != ')')
                text++;
            text++;
            continue;
        }
        const char *word = text;
        while (text < end && *text != ' ' && *text != '\t' && *text != '(')
            text++;
        size_t n = (size_t)(text - word);
        const char *state = state_named(f, word, n);
        if (state)
            found = state;
        else
            snprintf(bad, size, "%.*s", (int)(n < size - 1 ? n : size - 1), word);
    }
    return found;
}

static bool unknown_state(figure *f, unsigned line, const char *word)
{
    const char *near = dw_nearest(word, f->states);
    if (near) return complain(f, line, "there is no state %s; did you mean %s?", word, near);
    return complain(f, line, "there is no state %s", word);
}

static bool parse_value(figure *f, unsigned line, const char *text, size_t len, value *out)
{
    char copy[32];
    snprintf(copy, sizeof copy, "%.*s", (int)(len < 31 ? len : 31), text);
    *out = (value){.given = true};
    char *at = copy;
    if ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')) {
        size_t n = strcspn(at, "+-");
        if (n >= sizeof out->symbol)
            return complain(f, line, "\"%s\" is too long for a symbol", copy);
        memcpy(out->symbol, at, n);
        at += n;
        if (!*at) return true;
    }
    char *end;
    long long number = strtoll(at, &end, 10);
    if (end == at || *end) return complain(f, line, "\"%s\" is no number", copy);
    out->number = (uint32_t)number;
    return true;
}

/* One <NAME=VALUE> of a segment. */
static bool parse_field(figure *f, unsigned line, const char *text, size_t len, segment *s)
{
    const char *equals = memchr(text, '=', len);
    size_t name = equals ? (size_t)(equals - text) : len;
    const char *v = equals ? equals + 1 : "";
    size_t vlen = equals ? len - name - 1 : 0;
    if (name == 3 && strncmp(text, "SEQ", 3) == 0) return parse_value(f, line, v, vlen, &s->seq);
    if (name == 3 && strncmp(text, "ACK", 3) == 0) return parse_value(f, line, v, vlen, &s->ack);
    if (name == 4 && strncmp(text, "DATA", 4) == 0) {
        s->data_given = true;
        s->data = (uint32_t)strtoul(v, NULL, 10);
        return true;
    }
    if (name == 3 && strncmp(text, "CTL", 3) == 0) {
        dw_match m;
        char why[128];
        snprintf(s->flags, sizeof s->flags, "=%.*s", (int)(vlen < 60 ? vlen : 60), v);
        if (dw_match_flag_names(f->flags, &m, s->flags, why, sizeof why) == DW_OK) return true;
        return complain(f, line, "%s", why);
    }
    char word[24];
    snprintf(word, sizeof word, "%.*s", (int)(name < 23 ? name : 23), text);
    return complain(f, line, "unknown field <%s>; there are SEQ, ACK, DATA and CTL", word);
}

static const char *parse_segment(figure *f, unsigned line, const char *at, segment *s)
{
    while (*at == '<' && at[1] != '-') {
        const char *end = strchr(at, '>');
        if (!end) {
            complain(f, line, "a \"<\" without its \">\"");
            return NULL;
        }
        if (!parse_field(f, line, at + 1, (size_t)(end - at - 1), s)) return NULL;
        at = end + 1;
    }
    return at;
}

enum arrow { NO_ARROW, TO_RIGHT, TO_LEFT, NOTHING, LOST };

static enum arrow arrow_at(const char *s)
{
    if (strncmp(s, "-->", 3) == 0) return TO_RIGHT;
    if (strncmp(s, "<--", 3) == 0) return TO_LEFT;
    if (strncmp(s, "...", 3) == 0) return NOTHING;
    if (strncmp(s, "XXX", 3) == 0) return LOST;
    return NO_ARROW;
}

/* What one end of a segment line says. */
static bool add_end(figure *f, unsigned line, int side, enum arrow arrow, const segment *s,
                    const char *text, size_t len)
{
    char bad[40];
    const char *state = state_in(f, text, len, bad, sizeof bad);
    if (bad[0]) return unknown_state(f, line, bad);
    if (arrow == NOTHING || arrow == LOST) {
        if (!state) return true;
        return add(f, side, (element){.kind = IS_IN, .state = state}, line);
    }
    bool sends = (arrow == TO_RIGHT) == (side == 0);
    return add(f, side, (element){.kind = sends ? SENDS : RECEIVES, .segment = *s, .state = state},
               line);
}

/* "5." or "5.1" at the beginning of a line, not "...". */
static const char *skip_number(const char *text)
{
    const char *at = text;
    while (*at >= '0' && *at <= '9')
        at++;
    if (at == text || *at != '.') return text;
    at++;
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

static bool segment_line(figure *f, unsigned line, const char *text, const char *fields)
{
    /* The left arrow stands before the fields, the right one after them. */
    const char *left = fields;
    while (left > text && (left[-1] == ' ' || left[-1] == '\t'))
        left--;
    if (left - text < 3) return complain(f, line, "no arrow in front of the segment");
    left -= 3;
    enum arrow first = arrow_at(left);
    segment s = {0};
    const char *end = parse_segment(f, line, fields, &s);
    if (!end) return false;
    const char *right = skip_space(end);
    enum arrow second = arrow_at(right);
    if (first == NO_ARROW) return complain(f, line, "no arrow in front of the segment");
    if (second == NO_ARROW) return complain(f, line, "no arrow behind the segment");
    s.lost = first == LOST || second == LOST;
    f->began = true;
    const char *column = skip_number(skip_space(text));
    if (column > left) column = left;
    if (!add_end(f, line, 0, first, &s, column, (size_t)(left - column))) return false;
    return add_end(f, line, 1, second, &s, right + 3, strlen(right + 3));
}

/* A line without a segment: states, comments, or the heading. */
static bool state_line(figure *f, unsigned line, const char *text, size_t middle)
{
    const char *at = skip_space(text);
    if (strcmp(at, "...") == 0) {
        f->open_end = true;
        return true;
    }
    at = skip_space(skip_number(at));
    while (*at) {
        size_t len = 0;
        /* Columns are apart by two spaces or more. */
        while (at[len] && !(at[len] == ' ' && (at[len + 1] == ' ' || !at[len + 1])))
            len++;
        int side = (size_t)(at - text) >= middle;
        char bad[40];
        const char *state = state_in(f, at, len, bad, sizeof bad);
        if (bad[0] && (f->began || state)) return unknown_state(f, line, bad);
        if (state && !f->began)
            f->start[side] = state;
        else if (state && !add(f, side, (element){.kind = IS_IN, .state = state}, line))
            return false;
        at = skip_space(at + len);
    }
    return true;
}

static const char *find_fields(const char *line)
{
    for (const char *at = line; (at = strchr(at, '<')); at++)
        if (at[1] >= 'A' && at[1] <= 'Z') return at;
    return NULL;
}

/* Where the right column begins: in the middle of the widest line. */
static size_t middle_of(const char *text)
{
    size_t widest = 0;
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > widest) widest = len;
        text += len + (text[len] == '\n');
    }
    return widest / 2;
}

static bool parse_figure(const char *text, figure *f)
{
    size_t middle = middle_of(text);
    for (unsigned line = 1; *text; line++) {
        char copy[MAX_LINE];
        size_t len = strcspn(text, "\n");
        if (len >= sizeof copy) return complain(f, line, "the line is too long");
        memcpy(copy, text, len);
        copy[len] = 0;
        while (len && (copy[len - 1] == ' ' || copy[len - 1] == '\r'))
            copy[--len] = 0;
        text += strcspn(text, "\n");
        if (*text) text++;
        const char *fields = find_fields(copy);
        if (fields ? !segment_line(f, line, copy, fields)
                   : *skip_space(copy) && !state_line(f, line, copy, middle))
            return false;
    }
    if (!f->began) return complain(f, 1, "the figure has no segments");
    return true;
}

/* Comparing. */

typedef struct symbols {
    struct {
        char name[8];
        uint32_t value;
    } list[MAX_SYMBOLS];
    size_t count;
} symbols;

typedef struct end {
    const dw_exchange *x;
    const dw_step **steps; /* this side's packets and states, in order */
    size_t count;
    int side;
} end;

static bool value_matches(symbols *known, const value *v, uint32_t actual)
{
    if (!v->given) return true;
    if (!v->symbol[0]) return v->number == actual;
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->list[i].name, v->symbol) == 0)
            return known->list[i].value + v->number == actual;
    if (known->count == MAX_SYMBOLS) return false;
    snprintf(known->list[known->count].name, sizeof known->list[0].name, "%s", v->symbol);
    known->list[known->count++].value = actual - v->number;
    return true;
}

/* What differs, or NULL.  A number that the figure leaves out may be any; data may not, since a
 * figure shows whether a segment has some. */
static const char *segment_differs(symbols *known, const segment *s, const dw_packet_view *v)
{
    dw_match m;
    char why[64];
    if (s->flags[0]) {
        dw_match_flag_names(v->d.flag_names, &m, s->flags, why, sizeof why);
        uint32_t ignore = dw_flags_that(&v->d, DW_FLAG_MINOR) & ~m.flags;
        if ((v->d.flags & ~ignore) != m.flags) return "CTL";
    }
    if (!value_matches(known, &s->seq, v->d.seq)) return "SEQ";
    if (!value_matches(known, &s->ack, v->d.ack)) return "ACK";
    if (!s->data_given && v->d.len > 0) return "DATA";
    if (s->data_given && (v->d.len == 0 || (s->data && v->d.len != s->data))) return "DATA";
    if (s->lost && v->lost_at < 0) return "XXX (it was not lost)";
    return NULL;
}

static bool is_event(const dw_step *s)
{
    return s->kind != DW_STEP_STATE;
}

/* The end was in this state at some moment after item `from` - 1 and before the next event. */
static bool was_in(const end *e, size_t from, const char *state)
{
    size_t last = from;
    while (last > 0 && !*e->steps[last - 1]->after)
        last--;
    const char *now = last > 0 ? e->steps[last - 1]->after : e->x->first_state[e->side];
    if (strcmp(now, state) == 0) return true;
    for (size_t i = from; i < e->count && !is_event(e->steps[i]); i++)
        if (strcmp(e->steps[i]->after, state) == 0 || strcmp(e->steps[i]->before, state) == 0)
            return true;
    return false;
}

typedef struct attempt {
    size_t matched;   /* elements that agree */
    size_t item;      /* the step that does not, or count */
    size_t start;     /* where the attempt began */
    const char *what; /* what differs */
    bool complete;
    symbols known;
} attempt;

static size_t next_event(const end *e, size_t i)
{
    while (i < e->count && !is_event(e->steps[i]))
        i++;
    return i;
}

static const char *element_differs(const end *e, const element *el, size_t item, symbols *known)
{
    if (item == e->count) return "it did not happen";
    const dw_step *s = e->steps[item];
    if ((el->kind == SENDS) != (s->kind == DW_STEP_SEND)) return "the direction";
    const char *what = segment_differs(known, &el->segment, s->packet);
    if (what) return what;
    if (el->state && strcmp(el->state, s->after) != 0) return "the state";
    return NULL;
}

static attempt try_from(const end *e, const figure *f, size_t start, const symbols *known)
{
    attempt a = {.start = start, .known = *known};
    const element *list = f->list[e->side];
    size_t count = f->count[e->side], at = start;
    for (; a.matched < count; a.matched++) {
        const element *el = &list[a.matched];
        if (el->kind == IS_IN) {
            if (was_in(e, at, el->state)) continue;
            a.item = at;
            a.what = "the state";
            return a;
        }
        size_t item = next_event(e, at);
        a.what = element_differs(e, el, item, &a.known);
        a.item = item;
        if (a.what) return a;
        at = item + 1;
    }
    a.item = next_event(e, at);
    a.complete = f->open_end || a.item == e->count;
    if (!a.complete) a.what = "more happened than the figure shows";
    return a;
}

static attempt best_attempt(const end *e, const figure *f, const symbols *known)
{
    attempt best = {.what = "nothing happened at this end"};
    bool any = false;
    if (f->count[e->side] == 0) {
        best.complete = true;
        best.known = *known;
        return best;
    }
    for (size_t i = 0; i <= e->count; i++) {
        bool boundary = i == 0 || is_event(e->steps[i - 1]);
        if (!boundary || (f->start[e->side] && !was_in(e, i, f->start[e->side]))) continue;
        attempt a = try_from(e, f, i, known);
        if (a.complete) return a;
        if (!any || a.matched > best.matched) best = a;
        any = true;
    }
    if (!any) best.what = "it was never in the state that the figure begins with";
    return best;
}

/* Reporting: the figure's list and the end's own, side by side. */

static void value_text(const value *v, const char *name, char *buf, size_t size)
{
    if (!v->given)
        buf[0] = 0;
    else if (!v->symbol[0])
        snprintf(buf, size, "<%s=%" PRIu32 ">", name, v->number);
    else if (v->number)
        snprintf(buf, size, "<%s=%s%+" PRId32 ">", name, v->symbol, (int32_t)v->number);
    else
        snprintf(buf, size, "<%s=%s>", name, v->symbol);
}

static void element_text(const element *el, char *buf, size_t size)
{
    const segment *s = &el->segment;
    char seq[32], ack[32], data[24] = "", state[32] = "";
    if (el->kind == IS_IN) {
        snprintf(buf, size, "is in %s", el->state);
        return;
    }
    value_text(&s->seq, "SEQ", seq, sizeof seq);
    value_text(&s->ack, "ACK", ack, sizeof ack);
    if (s->data_given && s->data)
        snprintf(data, sizeof data, "<DATA=%" PRIu32 ">", s->data);
    else if (s->data_given)
        snprintf(data, sizeof data, "<DATA>");
    if (el->state) snprintf(state, sizeof state, " %s", el->state);
    const char *flags = s->flags + (s->flags[0] == '='),
               *what = el->kind == SENDS ? "send" : "recv";
    snprintf(buf, size, "%s %s%s%s<CTL=%s>%s%s", what, seq, ack, data, flags, state,
             s->lost ? " (lost)" : "");
}

static void step_text(const dw_step *s, char *buf, size_t size)
{
    char flags[64], data[24] = "";
    const dw_dissection *d = &s->packet->d;
    dw_flags_text_main(d, flags, sizeof flags);
    if (d->len) snprintf(data, sizeof data, "<DATA=%" PRIu32 ">", d->len);
    char ack[24] = "";
    if (dw_flags_that(d, DW_FLAG_ACKS)) snprintf(ack, sizeof ack, "<ACK=%" PRIu32 ">", d->ack);
    const char *what = s->kind == DW_STEP_SEND ? "send" : "recv";
    snprintf(buf, size, "%s <SEQ=%" PRIu32 ">%s%s<CTL=%s> %s%s", what, d->seq, ack, data, flags,
             s->after, s->packet->lost_at < 0 ? "" : " (lost)");
}

/* The state of an end before an item of its own list. */
static const char *state_before(const end *e, size_t item)
{
    return item > 0 ? e->steps[item - 1]->after : e->x->first_state[e->side];
}

/* Line by line, from where the best attempt began to a little behind where it failed. */
static void side_by_side(dw_text *t, const end *e, const figure *f, const attempt *a)
{
    enum { BEHIND = 3 };
    const element *list = f->list[e->side];
    size_t item = next_event(e, a->start);
    dw_text_format(t, "\n        %-52s  %s\n", "the figure", "what happened");
    for (size_t i = 0; i < f->count[e->side] || item < e->count; i++) {
        char left[160] = "-", right[160] = "-", time[DW_TIME_TEXT] = "";
        bool shown = i < f->count[e->side];
        if (shown) element_text(&list[i], left, sizeof left);
        if (shown && list[i].kind == IS_IN) {
            snprintf(right, sizeof right, "is in %s", state_before(e, item));
        } else if (item < e->count) {
            step_text(e->steps[item], right, sizeof right);
            dw_time_format(e->steps[item]->at, 6, time, sizeof time);
            item = next_event(e, item + 1);
        }
        dw_text_format(t, "    %s %-52s  %-52s %s\n", i == a->matched ? "=>" : "  ", left, right,
                       time);
        if (i > a->matched + BEHIND) break;
    }
}

static int collect(const dw_exchange *x, int side, end *out)
{
    *out = (end){.x = x, .side = side};
    out->steps = malloc((x->count + 1) * sizeof *out->steps);
    if (!out->steps) return DW_E_NOMEM;
    for (size_t i = 0; i < x->count; i++) {
        const dw_step *s = &x->steps[i];
        if (s->side != side || s->injected || s->kind == DW_STEP_CALL || s->kind == DW_STEP_TIMER)
            continue;
        out->steps[out->count++] = s;
    }
    return DW_OK;
}

/* One end after the other, so that a symbol has the value that the left end's segments gave it; the
 * first end that does not match is reported. */
static int compare(const dw_trace *trace, const dw_exchange *x, const figure *f, char **report)
{
    symbols known = {0};
    for (int side = 0; side < 2; side++) {
        end e;
        if (collect(x, side, &e) != DW_OK) return DW_E_NOMEM;
        attempt a = best_attempt(&e, f, &known);
        known = a.known;
        if (a.complete) {
            free(e.steps);
            continue;
        }
        dw_text t = {0};
        char name[256];
        dw_text_format(&t, "the figure does not match: %s, event %zu: %s",
                       dw_exchange_name(x, trace, side, name, sizeof name), a.matched + 1, a.what);
        if (a.matched < f->count[side])
            dw_text_format(&t, " (line %u of the figure)", f->list[side][a.matched].line);
        side_by_side(&t, &e, f, &a);
        free(e.steps);
        if (t.len && t.data[t.len - 1] == '\n') t.data[--t.len] = 0;
        *report = dw_text_take(&t);
        return DW_E_MISMATCH;
    }
    return DW_OK;
}

/* left, right: -1 where the first connection says. */
int dw_expect_figure(const dw_trace *trace, const char *text, int32_t left, int32_t right,
                     char **report)
{
    if (!report) return DW_E_INVAL;
    figure *f = calloc(1, sizeof *f);
    dw_exchange x;
    *report = NULL;
    if (!f) return DW_E_NOMEM;
    const dw_picture ends = {.left_given = left >= 0,
                             .left = (uint32_t)left,
                             .right_given = right >= 0,
                             .right = (uint32_t)right};
    const dw_protocol_ops *protocol = dw_exchange_protocol(trace, &ends);
    f->states = dw_protocol_states(protocol);
    if (protocol && DW_OFFERS(dw_protocol_ops, protocol, flags)) f->flags = protocol->flags;
    int status = DW_E_FORMAT;
    if (!parse_figure(text, f)) {
        *report = f->problem;
    } else if ((status = dw_exchange_build(trace, &ends, &x)) == DW_OK) {
        status = compare(trace, &x, f, report);
        dw_exchange_free(&x);
    } else if (status != DW_E_NOMEM) {
        *report = dw_copy_text("there are not two hosts to compare the figure with");
    }
    free(f);
    return status == DW_OK || *report ? status : DW_E_NOMEM;
}
