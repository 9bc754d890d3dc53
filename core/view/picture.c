/* What a picture was asked for (see picture.h). */
#include "picture.h"

#include "base/config.h"
#include "cut.h"
#include "exchange.h"
#include "language.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const usual_letters[DW_LETTERS] = {"x", "y", "u", "v", "w"};

/* A name that cannot be taken for a number, a sum or two names. */
static bool is_letter(const char *s, size_t len)
{
    if (len == 0 || len >= sizeof((dw_letters *)0)->name[0]) return false;
    if (*s >= '0' && *s <= '9') return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= ' ' || strchr("+-<>=,;:()\"'", s[i])) return false;
    return true;
}

static int usual_letter(const char *s, size_t len)
{
    for (int i = 0; i < DW_LETTERS; i++)
        if (len == 1 && *s == *usual_letters[i]) return i;
    return -1;
}

static bool letter_wrong(const char *s, size_t len, char *why, size_t size)
{
    snprintf(why, size,
             "letters: \"%.*s\" is no letter; write for example J,K,M or x=J,u=M instead of "
             "x, y, u, v, w",
             (int)len, s);
    return false;
}

/* One of a list: the nth, or named by what it stands for. */
static bool read_letter(const char *s, size_t len, int nth, dw_letters *out, char *why, size_t size)
{
    const char *equals = memchr(s, '=', len);
    int which = equals ? usual_letter(s, (size_t)(equals - s)) : nth;
    const char *name = equals ? equals + 1 : s;
    size_t n = len - (size_t)(name - s);
    if (!equals && nth >= DW_LETTERS) {
        snprintf(why, size, "letters: \"%.*s\" is one too many; there are five, for x, y, u, v, w",
                 (int)len, s);
        return false;
    }
    if (n == 0 && !equals) return true; /* "J,,M": the second one stays */
    if (which < 0 || which >= DW_LETTERS || !is_letter(name, n))
        return letter_wrong(s, len, why, size);
    snprintf(out->name[which], sizeof out->name[which], "%.*s", (int)n, name);
    return true;
}

bool dw_letters_read(const char *text, dw_letters *out, char *why, size_t size)
{
    int nth = 0;
    for (int i = 0; i < DW_LETTERS; i++)
        snprintf(out->name[i], sizeof out->name[i], "%s", usual_letters[i]);
    while (text && *text) {
        size_t len = strcspn(text, ",");
        if (!read_letter(text, len, nth++, out, why, size)) return false;
        text += len + (text[len] == ',');
    }
    for (int i = 0; i < DW_LETTERS; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(out->name[i], out->name[k]) == 0) {
                snprintf(why, size, "letters: %s stands for both %s and %s", out->name[i],
                         usual_letters[k], usual_letters[i]);
                return false;
            }
    return true;
}

/* What is wrong with it whatever the trace is. */
static bool is_sound(const dw_picture *p, char *why, size_t size)
{
    dw_letters letters;
    char list[100];
    *why = 0;
    if ((unsigned)p->numbers > DW_NUMBERS_LETTERS || (unsigned)p->stage > DW_STAGE_FIN ||
        (unsigned)p->packets > DW_NO || (unsigned)p->calls > DW_NO ||
        (unsigned)p->windows > DW_NO) {
        snprintf(why, size, "picture: there is no such choice");
        return false;
    }
    if (!dw_letters_read(p->letters, &letters, why, size)) return false;
    if (dw_language_known(p->language)) return true;
    snprintf(why, size, "lang: unknown \"%s\"; expected %s", p->language,
             dw_language_list(list, sizeof list));
    return false;
}

int dw_picture_read(const dw_picture *picture, dw_picture *out)
{
    char why[200];
    if (DW_CONFIG_READ(out, picture) != DW_OK) return DW_E_INVAL;
    return is_sound(out, why, sizeof why) ? DW_OK : DW_E_INVAL;
}

const char *dw_picture_title(const dw_picture *p, char *buf, size_t size)
{
    size_t n = 0, end = 0;
    if (!p->title) return NULL;
    for (; p->title[n] && n + 1 < size; n++) {
        bool blank = p->title[n] == '\n' || p->title[n] == '\r' || p->title[n] == '\t';
        if (((unsigned char)p->title[n] & 0xc0) != 0x80) end = n;
        buf[n] = blank ? ' ' : p->title[n];
    }
    buf[p->title[n] ? end : n] = 0; /* between characters */
    return buf;
}

/* The ends of a connection, where both are in the trace. */
static bool is_between(const dw_trace *trace, uint32_t conn, uint32_t node)
{
    return dw_trace_conn(trace, conn)->node == node ||
           dw_trace_conn_peer(trace, conn) == (int32_t)node;
}

static int wrong_ends(const dw_trace *trace, const dw_picture *p, char *why, size_t size)
{
    const struct {
        const char *name;
        bool given;
        uint32_t node;
    } ends[] = {{"left", p->left_given, p->left}, {"right", p->right_given, p->right}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (!ends[i].given) continue;
        if (ends[i].node >= dw_trace_nodes(trace)) {
            snprintf(why, size, "%s: there is no such host", ends[i].name);
            return DW_E_INVAL;
        }
        if (p->conn && !is_between(trace, p->conn, ends[i].node)) {
            snprintf(why, size, "%s: \"%s\" is no end of connection %" PRIu32, ends[i].name,
                     dw_trace_node_name(trace, ends[i].node), p->conn);
            return DW_E_INVAL;
        }
    }
    return DW_OK;
}

/* One of two is a node, and the other another (-1: any). */
static bool are(int32_t x, int32_t y, int32_t a, int32_t b)
{
    if (b < 0) return x == a || y == a;
    return (x == a && y == b) || (x == b && y == a);
}

/* Everything that was said. */
typedef struct said {
    const dw_trace *trace;
    dw_packet_view *packets;
    size_t count;
} said;

/* Whether two nodes (b -1: one and any other) say anything to each other, or may. */
static bool has_exchange(const said *all, int32_t a, int32_t b)
{
    for (size_t i = 0; i < all->count; i++)
        if (are(all->packets[i].from, all->packets[i].to, a, b)) return true;
    for (uint32_t conn = 1; conn <= dw_trace_conns(all->trace); conn++) {
        const dw_trace_event *c = dw_trace_conn(all->trace, conn);
        if (c && are((int32_t)c->node, dw_trace_conn_peer(all->trace, conn), a, b)) return true;
    }
    return false;
}

static bool speaks(const said *all, const char *option, int32_t node, char *why, size_t size)
{
    if (node < 0 || has_exchange(all, node, -1)) return true;
    snprintf(why, size, "%s: \"%s\" is no end of any connection, and no packet is from it or to it",
             option, dw_trace_node_name(all->trace, (uint32_t)node));
    return false;
}

static bool speak(const said *all, int32_t left, int32_t right, char *why, size_t size)
{
    if (!speaks(all, "left", left, why, size) || !speaks(all, "right", right, why, size))
        return false;
    if (left < 0 || right < 0 || has_exchange(all, left, right)) return true;
    const char *name = dw_trace_node_name(all->trace, (uint32_t)left);
    if (left == right)
        snprintf(why, size, "right: \"%s\" is the host at the left, and does not talk to itself",
                 name);
    else
        snprintf(why, size, "right: \"%s\" and \"%s\" exchange no packets", name,
                 dw_trace_node_name(all->trace, (uint32_t)right));
    return false;
}

/* Hosts that are in the trace, but have nothing to be drawn. */
static int silent_ends(const dw_trace *trace, const dw_picture *p, char *why, size_t size)
{
    said all = {.trace = trace};
    if (!p->left_given && !p->right_given) return DW_OK;
    int status = dw_trace_packets(trace, NULL, &all.packets, &all.count);
    if (status != DW_OK) return status;
    int32_t left = p->left_given ? (int32_t)p->left : -1;
    int32_t right = p->right_given ? (int32_t)p->right : -1;
    if (!speak(&all, left, right, why, size)) status = DW_E_INVAL;
    free(all.packets);
    return status;
}

static const char *const stage_words[] = {"", "opening", "data", "close", "FINs"};

/* What of a picture says which part of it is shown. */
static const char *part_option(const dw_picture *p)
{
    if (p->from_packet || p->from_time) return "from";
    if (p->to_packet || p->to_time) return "to";
    return p->stage ? "part" : "letters";
}

/* That there is something left to be shown. */
static int check_rest(const dw_trace *trace, const dw_picture *p, char *why, size_t size)
{
    dw_cut cut;
    int32_t ends[2] = {-1, -1};
    bool given = p->left_given || p->right_given;
    if (given && dw_exchange_ends(trace, p, ends) != DW_OK) ends[0] = ends[1] = -1;
    int status = dw_cut_build(trace, p, ends[0], ends[1], &cut);
    if (status != DW_OK) return status;
    uint64_t last = cut.count ? cut.packets[cut.count - 1].number : 0;
    bool any = dw_cut_any(&cut), empty = cut.count == 0;
    dw_cut_free(&cut);
    if (any && !empty) return DW_OK;
    char end[DW_TIME_TEXT];
    if (empty) {
        snprintf(why, size, "%s: there is no packet", part_option(p));
    } else if (p->from_packet > last) {
        snprintf(why, size, "from: the last packet is #%" PRIu64, last);
    } else if (p->from_time > dw_trace_end(trace)) {
        snprintf(why, size, "from: the trace ends at %s",
                 dw_duration_format(dw_trace_end(trace), end, sizeof end));
    } else if (p->stage) {
        snprintf(why, size, "part: nothing of the %s is there to be shown", stage_words[p->stage]);
    } else {
        snprintf(why, size, "%s: no packet is there to be shown", part_option(p));
    }
    return DW_E_INVAL;
}

/* From what needs no trace to what needs all of it. */
int dw_picture_check(const dw_trace *trace, const dw_picture *picture, char *why, size_t size)
{
    dw_picture p;
    snprintf(why, size, "picture: it asks for what this version does not have");
    if (DW_CONFIG_READ(&p, picture) != DW_OK || !is_sound(&p, why, size)) return DW_E_INVAL;
    if (!trace) return DW_OK;
    if (p.conn > dw_trace_conns(trace)) {
        uint32_t conns = dw_trace_conns(trace);
        if (conns == 0) snprintf(why, size, "conn: there is no connection");
        if (conns == 0) return DW_E_INVAL;
        snprintf(why, size,
                 "conn: there is no %" PRIu32 "; each end of a connection has a number, up to "
                 "%" PRIu32,
                 p.conn, conns);
        return DW_E_INVAL;
    }
    if ((p.from_packet && p.to_packet && p.from_packet > p.to_packet) ||
        (p.from_time && p.to_time && p.from_time > p.to_time)) {
        snprintf(why, size, "from: it lies behind the end, \"to\"");
        return DW_E_INVAL;
    }
    if (wrong_ends(trace, &p, why, size) != DW_OK) return DW_E_INVAL;
    int status = silent_ends(trace, &p, why, size);
    if (status != DW_OK) return status;
    bool part = p.stage || p.from_packet || p.to_packet || p.from_time || p.to_time;
    part |= p.letters || p.numbers == DW_NUMBERS_LETTERS; /* of packets' numbers */
    return part ? check_rest(trace, &p, why, size) : DW_OK;
}
