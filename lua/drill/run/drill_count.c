/* nstat: what Linux would have counted, worked out from what the host did. */
#include "command.h"

#include "drywire/plugin.h"

#include <string.h>

/* What makes a counter go up: an event of this type, on the host, with this cause; or a segment
 * with these flags; or a change of state. */
typedef struct counter {
    const char *name;
    uint8_t type; /* enum dw_trace_type */
    const char *cause;
    uint8_t flags;         /* of a segment: one of them; 0: any */
    const char *from, *to; /* STATE; "": any */
} counter;

static const counter counters[] = {
    {"TcpActiveOpens", DW_TRACE_STATE, NULL, 0, "", "SYN-SENT"},
    {"TcpAttemptFails", DW_TRACE_STATE, NULL, 0, "SYN-SENT", "CLOSED"},
    {"TcpEstabResets", DW_TRACE_STATE, NULL, 0, "ESTABLISHED", "CLOSED"},
    {"TcpEstabResets", DW_TRACE_STATE, NULL, 0, "CLOSE-WAIT", "CLOSED"},
    {"TcpInSegs", DW_TRACE_DELIVERED, NULL, 0, NULL, NULL},
    {"TcpOutRsts", DW_TRACE_SENT, NULL, DW_DRILL_RST, NULL, NULL},
    {"TcpExtOutOfWindowIcmps", DW_TRACE_NOTE, "icmp-ignored", 0, NULL, NULL},
    {"TcpExtPAWSEstab", DW_TRACE_DROPPED, "paws", 0, NULL, NULL},
    {"TcpExtTCPChallengeACK", DW_TRACE_SENT, "challenge-ack", 0, NULL, NULL},
    {"TcpExtTCPSYNChallenge", DW_TRACE_DROPPED, "syn-challenged", 0, NULL, NULL},
    {"TcpExtTCPMD5Unexpected", DW_TRACE_DROPPED, "signed", 0, NULL, NULL},
    {"TcpExtListenOverflows", DW_TRACE_DROPPED, "accept-queue-full", 0, NULL, NULL},
    {"TcpExtListenDrops", DW_TRACE_DROPPED, "accept-queue-full", 0, NULL, NULL},
    {"TcpExtListenDrops", DW_TRACE_DROPPED, "backlog-full", 0, NULL, NULL},
    {"TcpExtTCPReqQFullDrop", DW_TRACE_DROPPED, "backlog-full", 0, NULL, NULL},
    {"TcpExtBeyondWindow", DW_TRACE_DROPPED, "segment-beyond-window", 0, NULL, NULL},
    {"TcpExtTCPZeroWindowDrop", DW_TRACE_DROPPED, "zero-window", 0, NULL, NULL},
    {"TcpExtTCPRcvQDrop", DW_TRACE_DROPPED, "receive-buffer-full", 0, NULL, NULL},
    {"TcpExtTCPOFODrop", DW_TRACE_DROPPED, "receive-buffer-full-early", 0, NULL, NULL},
    {"TcpExtTCPLossProbes", DW_TRACE_SENT, "tail-loss-probe", 0, NULL, NULL},
    {"TcpExtTCPKeepAlive", DW_TRACE_SENT, "keepalive", 0, NULL, NULL},
    {"TcpExtTCPWinProbe", DW_TRACE_SENT, "zero-window-probe", 0, NULL, NULL},
    {"TcpExtDelayedACKs", DW_TRACE_SENT, "delayed-ack", 0, NULL, NULL},
    {"TcpExtSyncookiesSent", DW_TRACE_SENT, "syn-cookie", 0, NULL, NULL},
};
enum { COUNTERS = sizeof counters / sizeof counters[0] };
_Static_assert((int)COUNTERS <= (int)DW_DRILL_COUNTERS, "room in dw_drill_counts");

/* The flags of a TCP segment in an event; 0: it has none. */
static uint8_t flags_of(const dw_trace_event *e)
{
    enum { TCP = 6 };
    size_t have = e->u.packet.head_len, len = have + e->u.packet.payload_len;
    dw_dissection d;
    dw_dissect_packet(e->u.packet.head, have, len, &d);
    return d.transport == TCP ? (uint8_t)d.flags : 0;
}

static bool counts(const counter *c, const dw_trace_event *e)
{
    if (c->type != e->type) return false;
    if (c->cause && (!e->cause || strcmp(e->cause->name, c->cause) != 0)) return false;
    if (c->type == DW_TRACE_STATE)
        return (!c->from[0] || strcmp(c->from, e->u.state.from) == 0) &&
               strcmp(c->to, e->u.state.to) == 0;
    if (c->cause) return true;
    uint8_t flags = flags_of(e);
    return c->flags ? (flags & c->flags) != 0 : flags != 0;
}

void dw_drill_count(dw_drill_counts *k, const dw_trace_event *e)
{
    for (size_t i = 0; i < COUNTERS; i++)
        if (counts(&counters[i], e)) k->now[i]++;
}

static bool is_counter(const char *name)
{
    for (size_t i = 0; i < COUNTERS; i++)
        if (strcmp(counters[i].name, name) == 0) return true;
    return false;
}

/* Whether a word may be meant as the name of a counter: Linux has many more than drywire. */
static bool looks_like_counter(const char *word)
{
    return strncmp(word, "Tcp", 3) == 0 || strncmp(word, "Ip", 2) == 0 ||
           strncmp(word, "Icmp", 4) == 0 || strncmp(word, "MPTcp", 5) == 0;
}

/* The counter by its row, as several rows may add to one. */
static uint64_t value_of(const uint64_t *values, const char *name)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNTERS; i++)
        if (strcmp(counters[i].name, name) == 0) sum += values[i];
    return sum;
}

static bool wanted(const dw_words *w, const char *name)
{
    bool any = false;
    for (size_t i = 1; i < w->count; i++) {
        if (w->word[i][0] == '-') continue;
        if (strcmp(w->word[i], name) == 0) return true;
        any = true;
    }
    return !any;
}

/* nstat [-nasz] [NAME ...] */
bool dw_drill_nstat(dw_command_env *env, dw_words *w)
{
    bool silent = false, absolute = false, keeps = false, zeros = false;
    for (size_t i = 1; i < w->count; i++) {
        const char *word = w->word[i];
        if (word[0] != '-' && !is_counter(word))
            return dw_drill_unsupported(env->outcome, "the counter %s", word);
        for (const char *c = word[0] == '-' ? word + 1 : ""; *c; c++) {
            if (!strchr("nasz", *c)) return dw_drill_unsupported(env->outcome, "nstat %s", word);
            silent = silent || *c == 'n';
            absolute = absolute || *c == 'a';
            keeps = keeps || *c == 's';
            zeros = zeros || *c == 'z';
        }
    }
    if (!silent) dw_words_print(w, "#kernel\n");
    for (size_t i = 0; i < COUNTERS && !silent; i++) {
        const char *name = counters[i].name;
        uint64_t n = value_of(env->counts->now, name);
        if (!absolute) n -= value_of(env->counts->before, name);
        bool again = i > 0 && strcmp(counters[i - 1].name, name) == 0;
        if ((n == 0 && !zeros) || !wanted(w, name) || again) continue;
        dw_words_print(w, "%-32s%-16llu0.0\n", name, (unsigned long long)n);
    }
    if (!keeps) memcpy(env->counts->before, env->counts->now, sizeof env->counts->now);
    return true;
}

bool dw_drill_counted(dw_command_env *env, const char *pattern)
{
    char name[80];
    snprintf(name, sizeof name, "%.*s",
             (int)strspn(pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
             pattern);
    bool begins = false;
    for (size_t i = 0; i < COUNTERS; i++)
        begins = begins || strncmp(counters[i].name, name, strlen(name)) == 0;
    if (!looks_like_counter(name) || begins) return true;
    return dw_drill_unsupported(env->outcome, "the counter %s", name);
}
