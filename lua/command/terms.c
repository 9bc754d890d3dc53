/* What a figure is looked for by (see terms.h). */
#include "terms.h"

#include <string.h>

enum { MAX_TERMS = 200 };

typedef struct terms {
    const char *list[MAX_TERMS]; /* each once, in the order of the trace */
    size_t count;
} terms;

static bool has(const terms *t, const char *word)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->list[i], word) == 0) return true;
    return false;
}

static void add(terms *t, const char *word)
{
    if (word && *word && t->count < MAX_TERMS && !has(t, word)) t->list[t->count++] = word;
}

/* What has all of these goes by these names, too. */
static const struct {
    const char *with[2]; /* the second may be NULL */
    const char *names;
} synonyms[] = {
    {{"SYN-SENT", "SYN-RECEIVED"}, "three-way 3-way handshake opening 三次握手 三报文握手"},
    {{"simultaneous-open", NULL}, "simultaneous open 同时打开"},
    {{"FIN-WAIT-2", "LAST-ACK"}, "four-way 4-way wave close release teardown 四次挥手"},
    {{"LAST-ACK", "FIN-WAIT-1"}, "close release teardown connection termination"},
    {{"CLOSING", NULL}, "simultaneous close 同时关闭"},
    {{"shutdown", NULL}, "half-close half close 半关闭"},
    {{"TIME-WAIT", NULL}, "2MSL 2 MSL"},
    {{"rst-received", NULL}, "reset RST abort"},
    {{"retransmission-timeout", NULL}, "RTO timeout retransmission"},
    {{"fast-retransmit", NULL}, "duplicate ACK fast retransmission"},
    {{"fault-drop", NULL}, "lost loss"},
    {{"random-loss", NULL}, "lost loss"},
    {{"zero-window-probe", NULL}, "zero window persist flow control"},
    {{"keepalive", NULL}, "keep-alive"},
};

static void add_synonyms(terms *t)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++) {
        bool all = has(t, synonyms[i].with[0]);
        if (synonyms[i].with[1]) all &= has(t, synonyms[i].with[1]);
        if (all) add(t, synonyms[i].names);
    }
}

void list_terms(const dw_trace *trace, FILE *f)
{
    terms t = {.count = 0};
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_STATE) add(&t, e->u.state.to);
        if (e->type == DW_TRACE_CALL) add(&t, e->u.call.name);
        if (e->cause) add(&t, e->cause->name);
    }
    add_synonyms(&t);
    for (size_t i = 0; i < t.count; i++)
        fprintf(f, "%s ", t.list[i]);
}
