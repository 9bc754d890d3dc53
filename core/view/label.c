/* What a picture writes beside a packet: its number, flags, numbers, length, what happened to it.
 */
#include "label.h"

#include "language.h"
#include "letters.h"
#include "loopback.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"
#include "relations.h"
#include "trace/trace.h"
#include "windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words. */

const char *dw_label_word(const dw_labels *l, const char *english)
{
    return dw_word(dw_trace_plugins(l->cut->trace), l->picture->language, english);
}

const char *dw_label_cause(const dw_labels *l, const dw_cause *cause)
{
    if (!cause) return "";
    return dw_cause_word(dw_trace_plugins(l->cut->trace), l->picture->language, cause->name);
}

const char *dw_label_figure(const dw_labels *l, const dw_cause *cause, uint32_t conn)
{
    const dw_protocol_ops *protocol = dw_trace_protocol(l->cut->trace, conn);
    bool asks = cause && protocol && DW_OFFERS(dw_protocol_ops, protocol, figure_cause);
    const char *figure = asks ? protocol->figure_cause(cause->name) : NULL;
    return figure ? dw_label_word(l, figure) : NULL;
}

char *dw_label_phrase(const dw_labels *l, const char *english, const char *first,
                      const char *second, char *buf, size_t size)
{
    const char *phrase = dw_label_word(l, english), *next[] = {first, second};
    size_t used = 0, n = 0;
    *buf = 0;
    while (*phrase && used + 1 < size) {
        bool hole = phrase[0] == '%' && phrase[1] == 's' && n < 2 && next[n];
        size_t len = hole ? 2 : 1 + strcspn(phrase + 1, "%");
        if (hole)
            used += (size_t)snprintf(buf + used, size - used, "%s", next[n++]);
        else
            used += (size_t)snprintf(buf + used, size - used, "%.*s", (int)len, phrase);
        phrase += len;
    }
    return buf;
}

/* Numbers. */

void dw_label_number(const dw_labels *l, const dw_packet_view *v, bool ack, char *buf, size_t size)
{
    const dw_dissection *d = &v->d;
    uint32_t value = ack ? d->ack : d->seq, isn;
    bool book = l->numbers == DW_NUMBERS_LETTERS;
    if (book && dw_lettered_number(l, v, ack, buf, size)) return;
    bool own = book && dw_cut_incarnation(l->cut, v); /* its letters are given: this has none */
    if (own || l->numbers == DW_NUMBERS_ABSOLUTE ||
        !dw_isn_find(&l->isn, d, ack, v->number, &isn)) {
        snprintf(buf, size, "%" PRIu32, value);
        return;
    }
    int32_t offset = (int32_t)(value - isn);
    if (l->numbers == DW_NUMBERS_RELATIVE) {
        snprintf(buf, size, "%" PRId32, offset);
        return;
    }
    bool from_left = dw_trace_node_of(l->cut->trace, &d->src) == (int32_t)l->left;
    if (l->loop) from_left = dw_loop_packet_side(l->cut->trace, v, false) == 0;
    const char *symbol = l->letters.name[from_left != ack ? DW_LETTER_X : DW_LETTER_Y];
    if (offset == 0)
        snprintf(buf, size, "%s", symbol);
    else
        snprintf(buf, size, "%s%+" PRId32, symbol, offset);
}

/* What happened to it on the way, in a word: a router's mark, a rule of the script, noise. */
static const char *change(const dw_labels *l, const dw_packet_view *v)
{
    if (v->congested) return "CE";
    bool rule = dw_cause_is(v->damage_cause, &dw_cause_rewrite);
    return dw_label_word(l, rule ? "rewritten" : "damaged");
}

/* Those that tell the picture's connections apart. */
static int write_ports(const dw_labels *l, const uint16_t port[2], char *buf, size_t size)
{
    if (l->ports[0] && l->ports[1]) return snprintf(buf, size, "%u-%u", port[0], port[1]);
    return snprintf(buf, size, "%u", port[!l->ports[0]]);
}

char *dw_label_conn(const dw_labels *l, uint32_t conn, char *buf, size_t size)
{
    uint16_t port[2];
    bool ports = l->ports[0] || l->ports[1];
    *buf = 0;
    if (ports && dw_lettered_conn_ports(l, conn, port))
        write_ports(l, port, buf, size);
    else if (!ports && dw_lettered_rank(l, conn))
        snprintf(buf, size, "(%" PRIu32 ")", dw_lettered_rank(l, conn));
    return buf;
}

/* "#12 ", "5000: " */
static int prefix(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    int n = 0;
    uint16_t port[2];
    *buf = 0;
    if (l->packets || (l->named && l->named[v - l->cut->packets]))
        n += snprintf(buf, size, "#%" PRIu64 " ", v->number);
    if (!(l->ports[0] || l->ports[1]) || !dw_lettered_ports(l, v, port)) return n;
    n += write_ports(l, port, buf + n, size - (size_t)n);
    return n + snprintf(buf + n, size - (size_t)n, ": ");
}

bool dw_label_has_window(const dw_labels *l, const dw_packet_view *v)
{
    return l->windows[v - l->cut->packets];
}

/* As textbooks write it, a FIN acknowledges nothing unless it answers the other one. */
static void write_segment(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    dw_dissection d = v->d;
    char flags[64], seq[40], ack[40];
    bool book = l->numbers == DW_NUMBERS_LETTERS;
    if (book && dw_lettered_bare_fin(l, v)) d.flags &= ~dw_flags_that(&d, DW_FLAG_ACKS);
    if (book)
        dw_flags_text_main(&d, flags, sizeof flags);
    else
        dw_flags_text(&d, flags, sizeof flags);
    dw_label_number(l, v, false, seq, sizeof seq);
    dw_label_number(l, v, true, ack, sizeof ack);
    int n = snprintf(buf, size, "%s seq=%s", flags[0] ? flags : "-", seq);
    if (dw_flags_that(&d, DW_FLAG_ACKS)) n += snprintf(buf + n, size - (size_t)n, " ack=%s", ack);
    if (d.len) n += snprintf(buf + n, size - (size_t)n, " len=%" PRIu32, d.len);
    if (dw_label_has_window(l, v))
        n += snprintf(buf + n, size - (size_t)n, " win=%" PRIu32, d.window);
    if (v->damaged) snprintf(buf + n, size - (size_t)n, " %s", change(l, v));
}

void dw_label(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    const dw_dissection *d = &v->d;
    int n = prefix(l, v, buf, size);
    buf += n;
    size -= (size_t)n;
    if (d->malformed)
        dw_label_phrase(l, "malformed: %s", d->malformed, NULL, buf, size);
    else if (!d->flag_names)
        snprintf(buf, size, "%s len=%" PRIu32, d->protocol ? d->protocol : "packet", d->len);
    else
        write_segment(l, v, buf, size);
}

/* Behind the number and the port. */
static char *body_of(char *label)
{
    if (*label == '#') label += strcspn(label, " ");
    label += *label == ' ';
    size_t word = strcspn(label, " ");
    if (word > 0 && label[word - 1] == ':' && label[word] && *label >= '0' && *label <= '9')
        label += word + 1;
    return label;
}

static void take_away(char *label, const char *field)
{
    char *at = strstr(label, field);
    if (!at) return;
    const char *end = at + 1 + strcspn(at + 1, " ");
    memmove(at, end, strlen(end) + 1);
}

/* What a connection begins or ends with is said before numbers are. */
void dw_label_shorten(const dw_packet_view *v, char *label, int step)
{
    char *body = body_of(label);
    size_t flags = strcspn(body, " ");
    bool data = strstr(body, " len=") != NULL, only_ack = !data && strncmp(body, "ACK ", 4) == 0;
    bool kept = dw_flags_that(&v->d, DW_FLAG_OPENS | DW_FLAG_CLOSES | DW_FLAG_RESETS);
    if (step > 2)
        memmove(label, body, strlen(body) + 1);
    else if (step == 2)
        body[flags] = 0;
    else if (step == 1 && data && !kept && strstr(body, " seq="))
        memmove(body, body + flags + 1, strlen(body + flags + 1) + 1);
    else if (step == 1 && data)
        take_away(body, " len=");
    else
        take_away(body, (step == 0) == only_ack ? " seq=" : " ack=");
}

/* What is said again. */

/* What its protocol calls a segment that was sent for this reason; NULL: nothing in particular. */
static const char *kind_of(const dw_labels *l, const dw_packet_view *v)
{
    const dw_protocol_ops *protocol = dw_trace_protocol(l->cut->trace, v->conn);
    bool asks = v->cause && protocol && DW_OFFERS(dw_protocol_ops, protocol, segment_kind);
    return asks ? protocol->segment_kind(v->cause->name) : NULL;
}

/* The packet that its remark names; 0: none. */
static uint64_t named_by(const dw_labels *l, const dw_packet_view *v)
{
    if (kind_of(l, v)) return 0;
    return v->copy_of ? v->copy_of : l->relations[v - l->cut->packets].first;
}

/* Where packets have no numbers, a remark names none. */
static char *nameless(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    if (v->copy_of)
        snprintf(buf, size, "%s", dw_label_word(l, "copy"));
    else if (v->cause)
        dw_label_phrase(l, "again: %s", dw_label_cause(l, v->cause), NULL, buf, size);
    else
        snprintf(buf, size, "%s", dw_label_word(l, "again"));
    return buf;
}

/* A probe is one, whether it repeats something or not. */
char *dw_label_remark(const dw_labels *l, const dw_packet_view *v, char *buf, size_t size)
{
    char number[24];
    const char *kind = kind_of(l, v);
    uint64_t named = named_by(l, v);
    *buf = 0;
    snprintf(number, sizeof number, "%" PRIu64, named);
    if (kind)
        snprintf(buf, size, "%s", dw_label_word(l, kind));
    else if (named && l->numberless)
        nameless(l, v, buf, size);
    else if (v->copy_of)
        dw_label_phrase(l, "copy of #%s", number, NULL, buf, size);
    else if (named && v->cause)
        dw_label_phrase(l, "#%s again: %s", number, dw_label_cause(l, v->cause), buf, size);
    else if (named)
        dw_label_phrase(l, "#%s again", number, NULL, buf, size);
    return buf;
}

/* Beginning. */

static bool any_is_named(const dw_labels *l)
{
    for (size_t i = 0; i < l->cut->count; i++)
        if (dw_cut_shows(l->cut, &l->cut->packets[i]) && named_by(l, &l->cut->packets[i]))
            return true;
    return false;
}

/* Textbooks number no packets, unless one is spoken of. */
static void choose_numbers(dw_labels *l, bool packets)
{
    enum dw_choice choice = l->picture->packets;
    bool book = l->numbers == DW_NUMBERS_SYMBOLIC || l->numbers == DW_NUMBERS_LETTERS;
    l->packets = dw_chosen(choice, packets && (!book || any_is_named(l)));
    l->numberless = !l->packets && (book || packets || choice == DW_NO);
}

static void name(const dw_labels *l, uint64_t number)
{
    const dw_packet_view *v = dw_cut_find(l->cut, number);
    if (v) l->named[v - l->cut->packets] = true;
}

int dw_labels_number_named(dw_labels *l)
{
    if (l->packets || l->numberless) return DW_OK;
    l->named = calloc(l->cut->count + 1, sizeof *l->named);
    if (!l->named) return DW_E_NOMEM;
    for (size_t i = 0; i < l->cut->count; i++) {
        const dw_packet_view *v = &l->cut->packets[i];
        if (!dw_cut_shows(l->cut, v)) continue;
        name(l, named_by(l, v));
        if (v->arrived_at < 0) name(l, v->shown_by); /* its end says what shows that */
    }
    return DW_OK;
}

int dw_labels_begin(dw_labels *l, const dw_cut *cut, uint32_t left, bool loop, bool packets)
{
    char why[200];
    *l = (dw_labels){.cut = cut,
                     .picture = cut->picture,
                     .numbers = cut->picture->numbers,
                     .left = left,
                     .loop = loop};
    dw_letters_read(cut->picture->letters, &l->letters, why, sizeof why);
    for (size_t i = 0; i < cut->count; i++)
        dw_isn_learn(&l->isn, cut->trace, &cut->packets[i]);
    int status = dw_relations_find(cut->trace, cut->packets, cut->count, &l->relations);
    if (l->isn.failed) status = DW_E_NOMEM;
    if (status == DW_OK) status = dw_windows_find(cut, cut->picture->windows, &l->windows);
    if (status == DW_OK) choose_numbers(l, packets);
    return status == DW_OK ? dw_lettered_begin(l) : status;
}

void dw_labels_end(dw_labels *l)
{
    free(l->isn.rows);
    free(l->lettered);
    free(l->relations);
    free(l->windows);
    free(l->named);
    *l = (dw_labels){0};
}
