/* Expectations about a finished trace. */
#include "base/text.h"
#include "packet/dissect.h"
#include "packet/protocols.h"
#include "trace/isn.h"
#include "trace/packets.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STATES = 256 };

/* A report for the caller. */
static int report_as(int error, char **report, const char *format, ...) DW_PRINTF(3, 4);
static int report_as(int error, char **report, const char *format, ...)
{
    dw_text t = {0};
    va_list args;
    va_start(args, format);
    dw_text_vformat(&t, format, args);
    va_end(args);
    *report = dw_text_take(&t);
    return *report ? error : DW_E_NOMEM;
}

/* The report of something that does not hold.  Takes the text. */
static int mismatch(dw_text *t, char **report)
{
    *report = dw_text_take(t);
    return *report ? DW_E_MISMATCH : DW_E_NOMEM;
}

/* State names: TIME_WAIT and time-wait are TIME-WAIT. */
static const char *state_named(const char *word, size_t len, const char *const *names)
{
    for (; *names; names++) {
        if (strlen(*names) != len) continue;
        size_t i = 0;
        while (i < len && ((*names)[i] == word[i] || ((*names)[i] | 0x20) == word[i] ||
                           ((*names)[i] == '-' && (word[i] == '_' || word[i] == '-'))))
            i++;
        if (i == len) return *names;
    }
    return NULL;
}

static int parse_state(const dw_trace *trace, uint32_t conn, const char *word, size_t len,
                       const char **out, char **report)
{
    const char *const *names = dw_protocol_states(dw_trace_protocol(trace, conn));
    *out = state_named(word, len, names);
    if (*out) return DW_OK;
    char copy[40], upper[40];
    snprintf(copy, sizeof copy, "%.*s", (int)(len < 39 ? len : 39), word);
    for (size_t i = 0; i < sizeof copy; i++) {
        char c = copy[i] == '_' ? '-' : copy[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    const char *near = dw_nearest(upper, names);
    if (near)
        return report_as(DW_E_FORMAT, report, "there is no state %s; did you mean %s?", copy, near);
    char list[200] = "";
    for (size_t i = 0, used = 0; names[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return report_as(DW_E_FORMAT, report, "there is no state \"%s\"; expected one of: %s", copy,
                     list);
}

typedef struct state_list {
    const char *name[MAX_STATES];
    dw_time since[MAX_STATES];
    const dw_cause *cause[MAX_STATES];
    size_t count;
    dw_time born;
} state_list;

static int parse_states(const dw_trace *trace, uint32_t conn, const char *text, state_list *out,
                        char **report)
{
    out->count = 0;
    while (*text) {
        size_t skip = strspn(text, " \t\n,>");
        if (text[skip] == '-' && text[skip + 1] == '>') skip += 2;
        text += skip;
        if (skip > 0) continue;
        if (text[0] == '-' && text[1] == '>') {
            text += 2;
            continue;
        }
        size_t len = strcspn(text, " \t\n,>");
        if (len > 2 && text[len - 1] == '-') len--;
        if (out->count == MAX_STATES)
            return report_as(DW_E_FORMAT, report, "too many states in one list");
        int status = parse_state(trace, conn, text, len, &out->name[out->count], report);
        if (status != DW_OK) return status;
        out->count++;
        text += len;
    }
    return DW_OK;
}

static int states_of(const dw_trace *trace, uint32_t conn, state_list *out, char **report)
{
    const dw_trace_event *made = dw_trace_conn(trace, conn);
    if (!made) return report_as(DW_E_NOENT, report, "there is no such connection");
    *out = (state_list){.born = made->at};
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_STATE || e->conn != conn || out->count >= MAX_STATES - 1) continue;
        if (out->count == 0) {
            out->name[0] = e->u.state.from;
            out->since[out->count++] = made->at;
        }
        out->name[out->count] = e->u.state.to;
        out->cause[out->count] = e->cause;
        out->since[out->count++] = e->at;
    }
    return DW_OK;
}

static void who(const dw_trace *trace, uint32_t conn, char *buf, size_t size)
{
    const dw_trace_event *made = dw_trace_conn(trace, conn);
    uint32_t nth = 0, all = 0;
    for (uint32_t i = 1; i <= dw_trace_conns(trace); i++) {
        const dw_trace_event *e = dw_trace_conn(trace, i);
        bool same = e && e->node == made->node;
        nth += same && i <= conn;
        all += same;
    }
    int n = snprintf(buf, size, "%s connection %u", dw_trace_node_name(trace, made->node), nth);
    if (all > 1 && n > 0 && (size_t)n < size) snprintf(buf + n, size - (size_t)n, " of %u", all);
}

static void write_states(dw_text *t, const state_list *list, size_t mark)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) dw_text_add(t, " -> ");
        dw_text_format(t, i == mark ? "[%s]" : "%s", list->name[i]);
    }
    if (mark >= list->count) dw_text_add(t, list->count ? " -> [end]" : "[nothing]");
}

static void write_because(dw_text *t, const dw_cause *cause)
{
    if (cause) dw_text_format(t, ", because: %s", cause->text ? cause->text : cause->name);
}

/* The first step at which the two lists part is what a reader wants to see. */
int dw_expect_states(const dw_trace *trace, uint32_t conn, const char *states, char **report)
{
    state_list wanted, actual;
    if (!report) return DW_E_INVAL;
    *report = NULL;
    int status = parse_states(trace, conn, states, &wanted, report);
    if (status == DW_OK) status = states_of(trace, conn, &actual, report);
    if (status != DW_OK) return status;
    size_t at = 0;
    while (at < wanted.count && at < actual.count && strcmp(wanted.name[at], actual.name[at]) == 0)
        at++;
    if (at == wanted.count && at == actual.count) return DW_OK;
    char name[128], time[DW_TIME_TEXT];
    who(trace, conn, name, sizeof name);
    dw_text t = {0};
    dw_text_format(&t, "%s: the states differ at step %zu\n  expected: ", name, at + 1);
    write_states(&t, &wanted, at);
    dw_text_add(&t, "\n  actual:   ");
    write_states(&t, &actual, at);
    if (at < actual.count) {
        dw_text_format(&t, "\n  at %s s", dw_time_format(actual.since[at], 6, time, sizeof time));
        write_because(&t, actual.cause[at]);
    }
    return mismatch(&t, report);
}

static int before_the_beginning(char **report)
{
    return report_as(DW_E_INVAL, report, "no time is below 0");
}

/* Only the first time counts: one that was too late is not made good by another. */
int dw_expect_reaches(const dw_trace *trace, uint32_t conn, const char *state, dw_time within,
                      dw_time by, char **report)
{
    const char *wanted;
    state_list actual;
    if (!report) return DW_E_INVAL;
    *report = NULL;
    if (within < 0 || by < 0) return before_the_beginning(report);
    int status = parse_state(trace, conn, state, strlen(state), &wanted, report);
    if (status == DW_OK) status = states_of(trace, conn, &actual, report);
    if (status != DW_OK) return status;
    char name[128], time[DW_TIME_TEXT], bound[DW_TIME_TEXT];
    who(trace, conn, name, sizeof name);
    for (size_t i = 0; i < actual.count; i++) {
        if (strcmp(actual.name[i], wanted) != 0) continue;
        dw_time took = actual.since[i] - actual.born;
        if ((within == DW_TIME_NEVER || took <= within) &&
            (by == DW_TIME_NEVER || actual.since[i] <= by))
            return DW_OK;
        const char *preposition = "at";
        dw_time reached = actual.since[i], latest = by;
        if (within != DW_TIME_NEVER && took > within) {
            preposition = "after";
            reached = took;
            latest = within;
        }
        return report_as(DW_E_MISMATCH, report, "%s reached %s %s %s, later than %s", name, wanted,
                         preposition, dw_duration_format(reached, time, sizeof time),
                         dw_duration_format(latest, bound, sizeof bound));
    }
    dw_text t = {0};
    dw_text_format(&t, "%s never reached %s\n  its states: ", name, wanted);
    write_states(&t, &actual, SIZE_MAX - 1);
    return mismatch(&t, report);
}

/* The longest stay within the time that is asked about counts; one that lasts to the end of the
 * trace ends there. */
int dw_expect_stays(const dw_trace *trace, uint32_t conn, const char *state, dw_time lasting,
                    dw_time from, dw_time to, char **report)
{
    const char *wanted;
    state_list actual;
    if (!report) return DW_E_INVAL;
    *report = NULL;
    if (lasting < 0 || from < 0 || to < 0) return before_the_beginning(report);
    int status = parse_state(trace, conn, state, strlen(state), &wanted, report);
    if (status == DW_OK) status = states_of(trace, conn, &actual, report);
    if (status != DW_OK) return status;
    dw_time longest = -1;
    for (size_t i = 0; i < actual.count; i++) {
        if (strcmp(actual.name[i], wanted) != 0) continue;
        dw_time until = i + 1 < actual.count ? actual.since[i + 1] : dw_trace_end(trace);
        dw_time since = actual.since[i] > from ? actual.since[i] : from;
        if (until > to) until = to;
        if (until - since > longest) longest = until - since;
    }
    if (longest >= lasting) return DW_OK;
    char name[128], was[DW_TIME_TEXT], bound[DW_TIME_TEXT];
    who(trace, conn, name, sizeof name);
    if (longest < 0) return report_as(DW_E_MISMATCH, report, "%s was never in %s", name, wanted);
    return report_as(DW_E_MISMATCH, report, "%s stayed in %s for %s, not for %s", name, wanted,
                     dw_duration_format(longest, was, sizeof was),
                     dw_duration_format(lasting, bound, sizeof bound));
}

int dw_expect_never_state(const dw_trace *trace, uint32_t conn, const char *state, char **report)
{
    const char *wanted;
    state_list actual;
    if (!report) return DW_E_INVAL;
    *report = NULL;
    int status = parse_state(trace, conn, state, strlen(state), &wanted, report);
    if (status == DW_OK) status = states_of(trace, conn, &actual, report);
    if (status != DW_OK) return status;
    for (size_t i = 0; i < actual.count; i++) {
        if (strcmp(actual.name[i], wanted) != 0) continue;
        char name[128], time[DW_TIME_TEXT];
        who(trace, conn, name, sizeof name);
        dw_text t = {0};
        dw_text_format(&t, "%s was in %s from %s s on", name, wanted,
                       dw_time_format(actual.since[i], 6, time, sizeof time));
        write_because(&t, actual.cause[i]);
        return mismatch(&t, report);
    }
    return DW_OK;
}

/* Packets. */

/* A number as the ladder has it, where its beginning is known. */
static int64_t relative(const dw_isn_table *begins, const dw_packet_view *v, bool reverse,
                        uint32_t number)
{
    uint32_t isn;
    if (!dw_isn_find(begins, &v->d, reverse, v->number, &isn)) return number;
    return (int32_t)(number - isn);
}

static void write_packet(dw_text *t, const dw_trace *trace, const dw_isn_table *begins,
                         const dw_packet_view *v)
{
    char flags[64], time[DW_TIME_TEXT];
    dw_flags_text(&v->d, flags, sizeof flags);
    const char *from = v->from >= 0 ? dw_trace_node_name(trace, (uint32_t)v->from) : "?";
    dw_text_format(t, "  #%-3llu %12s  %-8s  %-7s seq=%lld", (unsigned long long)v->number,
                   dw_time_format(v->sent_at, 6, time, sizeof time), from, flags,
                   (long long)relative(begins, v, false, v->d.seq));
    if (dw_flags_that(&v->d, DW_FLAG_ACKS))
        dw_text_format(t, " ack=%lld", (long long)relative(begins, v, true, v->d.ack));
    dw_text_format(t, " len=%u", v->d.len);
    if (v->cause) dw_text_format(t, "  %s", v->cause->name);
    dw_text_add(t, "\n");
}

/* Of many packets the first ten are shown: enough to see which they are. */
static void write_packets(dw_text *t, const dw_trace *trace, const dw_packet_view *found, size_t n)
{
    enum { SHOWN = 10 };
    dw_isn_table begins = {0};
    dw_packet_view *all = NULL;
    size_t count = 0;
    t->failed |= dw_trace_packets(trace, NULL, &all, &count) != DW_OK;
    for (size_t i = 0; i < count; i++)
        dw_isn_learn(&begins, trace, &all[i]);
    for (size_t i = 0; i < n && i < SHOWN; i++)
        write_packet(t, trace, &begins, &found[i]);
    if (n > SHOWN) dw_text_format(t, "  ... and %zu more\n", n - SHOWN);
    t->failed |= begins.failed;
    free(begins.rows);
    free(all);
}

/* What there is is told where it is not what was expected. */
int dw_expect_packets(const dw_trace *trace, const dw_match *match, uint64_t count, char **report)
{
    dw_packet_view *views;
    size_t found;
    if (!report) return DW_E_INVAL;
    *report = NULL;
    int status = dw_trace_packets(trace, match, &views, &found);
    if (status == DW_E_INVAL)
        return report_as(status, report,
                         "the match cannot be read: it is of a later version, names "
                         "too many packets, or says neither yes nor no of data");
    if (status != DW_OK) return status;
    if (found == count) {
        free(views);
        return DW_OK;
    }
    dw_text t = {0};
    dw_text_format(&t, "expected %llu packet%s, found %zu", (unsigned long long)count,
                   count == 1 ? "" : "s", found);
    dw_text_add(&t, found ? ":\n" : "\n");
    write_packets(&t, trace, views, found);
    free(views);
    if (t.len && t.data[t.len - 1] == '\n') t.data[--t.len] = 0;
    return mismatch(&t, report);
}
