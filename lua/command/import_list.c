/* The connections of a capture: a line each, with what went wrong, those in trouble first when
 * there are many. */
#include "import_list.h"
#include "failure.h"
#include "printing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More than these are sorted by trouble, and the rest is counted. */
enum { MAX_LINES = 20 };

static void end_text(const capture *c, const captured_conn *k, int side, char *out, size_t size)
{
    char addr[DW_ADDR_TEXT];
    const char *name = capture_name(c, &k->addr[side]);
    if (!name) name = dw_addr_format(&k->addr[side], addr, sizeof addr);
    snprintf(out, size, "%s:%u", name, k->port[side]);
}

/* Names are the capture's: whatever stands there. */
static void print_end(const char *front, const char *end)
{
    enum { COLUMNS = 24 };
    fputs(front, stdout);
    print_escaped(stdout, DW_IN_LINE, end);
    int blanks = COLUMNS - (int)strlen(end);
    if (blanks > 0) printf("%*s", blanks, "");
}

/* A line of the list. */
typedef struct row {
    const captured_conn *k;
    uint64_t key; /* larger ones first */
    size_t number;
} row;

static int by_key(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (x->key != y->key) return x->key > y->key ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* What a connection is sorted by; those with equal ones stay in the capture's order. */
static uint64_t key_of(const char *sort, const captured_conn *k)
{
    if (strcmp(sort, "trouble") == 0) return conn_trouble(k);
    if (strcmp(sort, "packets") == 0) return k->packets;
    if (strcmp(sort, "octets") == 0) return k->octets[0] + k->octets[1];
    if (strcmp(sort, "time") == 0) return (uint64_t)DW_TIME_NEVER - (uint64_t)k->first;
    return 0;
}

static const char *order_of(const options *o, const capture *c)
{
    if (o->sort) return o->sort;
    return c->conn_count > MAX_LINES ? "trouble" : "conn";
}

/* What went wrong. */

static void say(const char **front, const char *text)
{
    printf("%s%s", *front, text);
    *front = ", ";
}

static void say_count(const char **front, uint64_t n, const char *one, const char *several)
{
    if (n == 0) return;
    printf("%s%" PRIu64 " %s", *front, n, n == 1 ? one : several);
    *front = ", ";
}

/* A SYN alone has no answer in the capture; anything else that one end alone sent shows that the
 * other direction was not captured. */
static const char *one_sided(const captured_conn *k)
{
    uint64_t octets = k->octets[0] + k->octets[1];
    if (k->answered) return NULL;
    return k->syn && octets == 0 && !k->end[0].has_ack ? "no answer" : "one direction only";
}

static void print_trouble(const captured_conn *k)
{
    const captured_end *a = &k->end[0], *b = &k->end[1];
    const char *front = "  ";
    if (one_sided(k)) say(&front, one_sided(k));
    say_count(&front, a->retransmits + b->retransmits, "retransmitted", "retransmitted");
    say_count(&front, a->dup_acks + b->dup_acks, "dup ACK", "dup ACKs");
    say_count(&front, a->zero_windows + b->zero_windows, "zero window", "zero windows");
    say_count(&front, a->resets + b->resets, "reset", "resets");
    say_count(&front, k->icmp_errors, "ICMP error", "ICMP errors");
    if (k->stall) {
        char text[60];
        snprintf(text, sizeof text, "%.1f s stall", (double)k->stall / 1e9);
        say(&front, text);
    }
    if (!k->syn) say(&front, "its beginning is missing");
}

static void print_row(const capture *c, const row *r)
{
    char from[160], to[160];
    const captured_conn *k = r->k;
    end_text(c, k, 0, from, sizeof from);
    end_text(c, k, 1, to, sizeof to);
    printf("%5zu", r->number);
    print_end("  ", from);
    print_end(" ", to);
    printf(" %8" PRIu64 " %12" PRIu64 " %12" PRIu64 "  %.3f .. %.3f", k->packets, k->octets[0],
           k->octets[1], (double)(k->first - c->first) / 1e9, (double)(k->last - c->first) / 1e9);
    print_trouble(k);
    putchar('\n');
}

/* JSON: times in nanoseconds since 1970, which is more than a double holds exactly, as text. */

static void print_json_end(const capture *c, const captured_conn *k, int side)
{
    char addr[DW_ADDR_TEXT];
    const captured_end *e = &k->end[side];
    const char *name = capture_name(c, &k->addr[side]);
    printf("{\"addr\":\"%s\",\"port\":%u", dw_addr_format(&k->addr[side], addr, sizeof addr),
           k->port[side]);
    if (name) {
        fputs(",\"name\":\"", stdout);
        print_escaped(stdout, DW_IN_JSON, name);
        putchar('"');
    }
    printf(",\"packets\":%" PRIu64 ",\"octets\":%" PRIu64 ",\"retransmits\":%" PRIu32
           ",\"retransmitted\":%" PRIu64 ",\"dup_acks\":%" PRIu32 ",\"zero_windows\":%" PRIu32
           ",\"resets\":%" PRIu32 "}",
           e->packets, e->octets, e->retransmits, e->retransmitted, e->dup_acks, e->zero_windows,
           e->resets);
}

static void print_json(const capture *c, const row *r, bool last)
{
    const captured_conn *k = r->k;
    static const char *const truth[] = {"false", "true"};
    const char *end = last ? "}\n" : "},\n";
    printf("{\"conn\":%zu,\"client\":", r->number);
    print_json_end(c, k, 0);
    fputs(",\"server\":", stdout);
    print_json_end(c, k, 1);
    printf(",\"packets\":%" PRIu64 ",\"first\":\"%" PRId64 "\",\"last\":\"%" PRId64
           "\",\"syn\":%s,\"ended\":%s,\"answered\":%s,\"stall_ns\":%" PRId64
           ",\"icmp_errors\":%" PRIu32 ",\"trouble\":%" PRIu64 "%s",
           k->packets, k->first, k->last, truth[k->syn], truth[k->ended], truth[k->answered],
           k->stall, k->icmp_errors, conn_trouble(k), end);
}

static void print_hint(const capture *c, const char *order, size_t lines)
{
    printf("      %zu more; %s--all for every one, --sort for another order\n",
           c->conn_count - lines,
           strcmp(order, "trouble") == 0 ? "those in trouble come first; " : "");
}

/* Programs get everything; so do people who ask. */
int list_conns(const options *o, const capture *c)
{
    row *rows = malloc(c->conn_count * sizeof *rows);
    const char *order = order_of(o, c);
    size_t lines = c->conn_count;
    if (!rows) return no_memory("import");
    for (size_t i = 0; i < c->conn_count; i++)
        rows[i] = (row){&c->conns[i], key_of(order, &c->conns[i]), i + 1};
    qsort(rows, c->conn_count, sizeof *rows, by_key);
    if (!o->all && !o->json && lines > MAX_LINES) lines = MAX_LINES;
    if (o->json)
        fputs("[\n", stdout);
    else
        printf("%5s  %-24s %-24s %8s %12s %12s  %s\n", "conn", "client", "server", "packets",
               "sent", "received", "from .. to, s");
    for (size_t i = 0; i < lines; i++) {
        if (o->json)
            print_json(c, &rows[i], i + 1 == lines);
        else
            print_row(c, &rows[i]);
    }
    if (o->json) fputs("]\n", stdout);
    if (lines < c->conn_count) print_hint(c, order, lines);
    free(rows);
    return EXIT_PASS;
}
