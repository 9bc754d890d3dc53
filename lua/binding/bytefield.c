/* The header of one segment for LaTeX's bytefield (see bytefield.h), as RFC 9293 figure 1 has it.
 */
#include "bytefield.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 32, TCP = 6, IPV6_HEADER = 40, TCP_HEADER = 20 };

typedef struct writer {
    FILE *out;
    unsigned used; /* bits of the present row */
} writer;

static uint32_t get(const uint8_t *at, unsigned octets)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < octets; i++)
        v = v << 8 | at[i];
    return v;
}

/* A field; where it does not fit into its row, it goes on in the next. */
static void field(writer *w, unsigned bits, const char *text)
{
    while (bits > 0) {
        unsigned room = WORD - w->used, n = bits < room ? bits : room;
        fputs(w->used ? " & " : "  ", w->out);
        if (n == WORD)
            fprintf(w->out, "\\wordbox{1}{%s}", text);
        else
            fprintf(w->out, "\\bitbox{%u}{%s}", n, text);
        w->used = (w->used + n) % WORD;
        if (w->used == 0) fputs(" \\\\\n", w->out);
        bits -= n;
        text = "(continued)";
    }
}

/* A name with a value, in two lines where there is room for no more. */
static void value(writer *w, unsigned bits, const char *name, uint32_t v)
{
    char text[100];
    if (bits >= 16)
        snprintf(text, sizeof text, "%s: %" PRIu32, name, v);
    else
        snprintf(text, sizeof text, "\\scriptsize %s\\\\%" PRIu32, name, v);
    field(w, bits, text);
}

/* Its letters one below the other, as the RFC writes them, and the bit. */
static void flag(writer *w, const char *name, bool set)
{
    char text[80] = "\\tiny ";
    for (const char *c = name; *c; c++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%c\\\\", *c);
    }
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, set ? "\\textbf{1}" : "0");
    field(w, 1, text);
}

static void fixed_part(writer *w, const uint8_t *h)
{
    static const char *const flags[] = {"CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"};
    char checksum[40];
    value(w, 16, "Source Port", get(h, 2));
    value(w, 16, "Destination Port", get(h + 2, 2));
    value(w, 32, "Sequence Number", get(h + 4, 4));
    value(w, 32, "Acknowledgment Number", get(h + 8, 4));
    value(w, 4, "DOffset", h[12] >> 4);
    value(w, 4, "Rsrvd", h[12] & 15);
    for (int i = 0; i < 8; i++)
        flag(w, flags[i], h[13] >> (7 - i) & 1);
    value(w, 16, "Window", get(h + 14, 2));
    snprintf(checksum, sizeof checksum, "Checksum: \\texttt{0x%04" PRIx32 "}", get(h + 16, 2));
    field(w, 16, checksum);
    value(w, 16, "Urgent Pointer", get(h + 18, 2));
}

enum { END = 0, NOP = 1, MSS = 2, SCALE = 3, TIMESTAMPS = 8 };

/* What follows kind and length. */
static void option_data(writer *w, const uint8_t *o, unsigned len)
{
    char text[40];
    if (o[0] == MSS && len == 4) {
        value(w, 16, "Maximum Segment Size", get(o + 2, 2));
    } else if (o[0] == SCALE && len == 3) {
        value(w, 8, "Shift", o[2]);
    } else if (o[0] == TIMESTAMPS && len == 10) {
        value(w, 32, "TSval", get(o + 2, 4));
        value(w, 32, "TSecr", get(o + 6, 4));
    } else {
        for (unsigned at = 2; at < len; at += 2) {
            unsigned n = len - at < 2 ? 1 : 2;
            snprintf(text, sizeof text, "\\texttt{%0*" PRIx32 "}", (int)(2 * n), get(o + at, n));
            field(w, 8 * n, text);
        }
    }
}

/* Options as far as they are well-formed; what is left is shown as it is. */
static void options(writer *w, const uint8_t *o, unsigned len)
{
    for (unsigned at = 0; at < len;) {
        unsigned size = o[at] == END || o[at] == NOP ? 1 : 0;
        if (!size && at + 1 < len) size = o[at + 1];
        bool whole = size > 0 && at + size <= len && (size > 1 || o[at] <= NOP);
        if (!whole) size = len - at;
        value(w, 8, "Kind", o[at]);
        if (size > 1) value(w, 8, "Length", o[at + 1]);
        if (size > 2) option_data(w, o + at, size);
        at += size;
    }
}

/* Where the TCP header begins; 0: there is none. */
static unsigned tcp_at(const uint8_t *head, unsigned len)
{
    unsigned version = len ? head[0] >> 4 : 0;
    if (version == 4 && len >= 20 && head[9] == TCP) return 4u * (head[0] & 15);
    return version == 6 && len >= IPV6_HEADER && head[6] == TCP ? IPV6_HEADER : 0;
}

/* With the checksum that it has on the wire; NULL: out of memory. */
static uint8_t *packet_of(const dw_trace_event *e, size_t *len)
{
    *len = e->u.packet.head_len;
    for (int i = 0; i < e->u.packet.slice_count; i++)
        *len += e->u.packet.slices[i].len;
    uint8_t *bytes = malloc(*len ? *len : 1);
    if (!bytes) return NULL;
    memcpy(bytes, e->u.packet.head, e->u.packet.head_len);
    uint8_t *at = bytes + e->u.packet.head_len;
    for (int i = 0; i < e->u.packet.slice_count; i++) {
        dw_slice_copy(&e->u.packet.slices[i], at);
        at += e->u.packet.slices[i].len;
    }
    size_t start = e->u.packet.checksum_start, field = e->u.packet.checksum_at;
    if (e->u.packet.checksum == DW_CHECKSUM_PARTIAL && field + 2 <= *len && start <= field) {
        uint64_t sum = dw_checksum_add(0, bytes + start, *len - start, false);
        uint16_t v = dw_checksum_field(sum, field - start);
        bytes[field] = (uint8_t)(v >> 8);
        bytes[field + 1] = (uint8_t)v;
    }
    return bytes;
}

static const dw_trace_event *sending_of(const dw_trace *trace, uint64_t number)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool sent = e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED;
        if (sent && e->packet == number) return e;
    }
    return NULL;
}

/* NULL: out of memory. */
static char *written(const uint8_t *tcp, unsigned len, uint64_t number)
{
    char *text = NULL;
    size_t size = 0;
    writer w = {.out = open_memstream(&text, &size)};
    if (!w.out) return NULL;
    fprintf(w.out,
            "%% The header of packet #%" PRIu64 ", for \\usepackage{bytefield}.\n"
            "\\begin{bytefield}[bitwidth=1.1em, bitheight=3.2em]{32}\n"
            "  \\bitheader{0-31} \\\\\n",
            number);
    fixed_part(&w, tcp);
    options(&w, tcp + TCP_HEADER, len - TCP_HEADER);
    if (w.used) field(&w, WORD - w.used, "");
    fputs("\\end{bytefield}\n", w.out);
    bool failed = ferror(w.out) != 0;
    if (fclose(w.out) == 0 && !failed) return text;
    free(text);
    return NULL;
}

char *dwl_bytefield(const dw_trace *trace, uint64_t number, int *status, char *why, size_t size)
{
    size_t len;
    const dw_trace_event *e = sending_of(trace, number);
    *status = DW_E_NOENT;
    if (!e) {
        snprintf(why, size, "there is no packet #%" PRIu64, number);
        return NULL;
    }
    unsigned at = tcp_at(e->u.packet.head, e->u.packet.head_len);
    if (!at || at + TCP_HEADER > e->u.packet.head_len) {
        snprintf(why, size, "packet #%" PRIu64 " has no TCP header", number);
        return NULL;
    }
    uint8_t *bytes = packet_of(e, &len);
    unsigned header = bytes ? 4u * (bytes[at + 12] >> 4) : 0;
    if (header < TCP_HEADER || at + header > len) header = TCP_HEADER;
    char *text = bytes ? written(bytes + at, header, number) : NULL;
    free(bytes);
    *status = text ? DW_OK : DW_E_NOMEM;
    if (!text) snprintf(why, size, "out of memory");
    return text;
}
