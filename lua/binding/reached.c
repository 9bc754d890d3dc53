/* Sets of what was reached of TCP, and the names of what is in them. */
#include "reached.h"

#include <ctype.h>
#include <drywire/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dwl_reached_begin(dwl_reached *r)
{
    *r = (dwl_reached){.tcp = dw_protocol_builtin("tcp")};
    DW_ASSERT(r->tcp->cause_count <= DWL_CAUSES);
}

uint32_t dwl_reached_arrow(uint32_t from, uint32_t to)
{
    return from * DWL_STATES + to;
}

uint32_t dwl_reached_pair(uint32_t state, uint32_t cause)
{
    return DWL_STATES * DWL_STATES + state * DWL_CAUSES + cause;
}

static bool cause_given(const dwl_reached *r, uint32_t cause)
{
    for (uint32_t state = 0; state < DWL_STATES; state++)
        if (dwl_reached_has(r, dwl_reached_pair(state, cause))) return true;
    return false;
}

/* Arrows. */

/* Figure 5 of RFC 9293, as drywire states has it. */
static const char *const figure[][2] = {
    {"CLOSED", "LISTEN"},          {"LISTEN", "CLOSED"},           {"CLOSED", "SYN-SENT"},
    {"SYN-SENT", "CLOSED"},        {"LISTEN", "SYN-SENT"},         {"LISTEN", "SYN-RECEIVED"},
    {"SYN-RECEIVED", "LISTEN"},    {"SYN-SENT", "SYN-RECEIVED"},   {"SYN-RECEIVED", "ESTABLISHED"},
    {"SYN-SENT", "ESTABLISHED"},   {"SYN-RECEIVED", "FIN-WAIT-1"}, {"ESTABLISHED", "FIN-WAIT-1"},
    {"ESTABLISHED", "CLOSE-WAIT"}, {"FIN-WAIT-1", "FIN-WAIT-2"},   {"FIN-WAIT-1", "CLOSING"},
    {"FIN-WAIT-2", "TIME-WAIT"},   {"CLOSING", "TIME-WAIT"},       {"CLOSE-WAIT", "LAST-ACK"},
    {"LAST-ACK", "CLOSED"},        {"TIME-WAIT", "CLOSED"},
};
enum { ARROWS = sizeof figure / sizeof figure[0] };

static uint32_t state_index(const dwl_reached *r, const char *name)
{
    uint32_t i = 0;
    while (strcmp(r->tcp->states[i], name) != 0)
        i++;
    return i;
}

static bool walked(const dwl_reached *r, const char *const arrow[2])
{
    uint32_t from = state_index(r, arrow[0]), to = state_index(r, arrow[1]);
    return dwl_reached_has(r, dwl_reached_arrow(from, to));
}

/* A listener is made by a call and ended by one, so its own two arrows leave no state change
 * behind: they count where a SYN has reached one, as in drywire states. */
static bool is_lit(const dwl_reached *r, const char *const arrow[2])
{
    static const char *const listens[2] = {"LISTEN", "SYN-RECEIVED"};
    bool by_call = strcmp(arrow[0], "LISTEN") == 0 && strcmp(arrow[1], "CLOSED") == 0;
    by_call |= strcmp(arrow[0], "CLOSED") == 0 && strcmp(arrow[1], "LISTEN") == 0;
    return walked(r, arrow) || (by_call && walked(r, listens));
}

/* What causes name. */

enum { MOST = 128 };

typedef struct named {
    char text[40];
    bool reached;
} named;

/* "3.10.7.4 fifth" of "RFC 9293 3.10.7.4 fifth", "3.6.1" of "RFC 9293 3.6.1 SHLD-3". */
static void read_passage(const char *rfc, char *out, size_t size)
{
    const char *at = rfc ? strstr(rfc, "RFC 9293 ") : NULL;
    out[0] = 0;
    if (!at) return;
    at += strlen("RFC 9293 ");
    size_t n = strspn(at, "0123456789.");
    size_t step = at[n] == ' ' ? strspn(at + n + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
    if (step) n += 1 + step;
    snprintf(out, size, "%.*s", (int)n, at);
}

/* "SHLD-3" */
static void read_requirement(const char *rfc, char *out, size_t size)
{
    static const char *const levels[] = {"MUST-", "SHLD-", "MAY-", "REC-"};
    out[0] = 0;
    for (size_t i = 0; rfc && i < sizeof levels / sizeof levels[0]; i++) {
        const char *at = strstr(rfc, levels[i]);
        if (!at) continue;
        size_t n = strlen(levels[i]);
        n += strspn(at + n, "0123456789");
        snprintf(out, size, "%.*s", (int)n, at);
        return;
    }
}

/* "3.9" before "3.10". */
static int compare(const void *a, const void *b)
{
    const char *x = ((const named *)a)->text, *y = ((const named *)b)->text;
    while (*x && *x == *y && !isdigit((unsigned char)*x)) {
        x++;
        y++;
    }
    while (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
        char *after_x, *after_y;
        unsigned long m = strtoul(x, &after_x, 10), n = strtoul(y, &after_y, 10);
        if (m != n) return m < n ? -1 : 1;
        x = after_x + (*after_x == '.' && *after_y == '.');
        y = after_y + (*after_x == '.' && *after_y == '.');
    }
    return strcmp(x, y);
}

/* Each once, in order; how many. */
static size_t list_named(const dwl_reached *r, enum dwl_reached_kind kind, named list[MOST])
{
    size_t count = 0;
    for (uint32_t i = 0; i < r->tcp->cause_count; i++) {
        named one;
        size_t at = 0;
        const char *rfc = r->tcp->causes[i].rfc;
        (kind == DWL_PASSAGES ? read_passage : read_requirement)(rfc, one.text, sizeof one.text);
        if (!one.text[0]) continue;
        while (at < count && strcmp(list[at].text, one.text) != 0)
            at++;
        if (at == count) {
            DW_ASSERT(count < MOST);
            list[count++] = (named){.reached = false};
            memcpy(list[at].text, one.text, sizeof one.text);
        }
        list[at].reached |= cause_given(r, i);
    }
    qsort(list, count, sizeof *list, compare);
    return count;
}

static void each_named(const dwl_reached *r, enum dwl_reached_kind kind,
                       void (*fn)(const char *name, bool reached, void *arg), void *arg)
{
    named list[MOST];
    size_t count = list_named(r, kind, list);
    for (size_t i = 0; i < count; i++)
        fn(list[i].text, list[i].reached, arg);
}

static void each_arrow(const dwl_reached *r, void (*fn)(const char *name, bool reached, void *arg),
                       void *arg)
{
    for (size_t i = 0; i < ARROWS; i++) {
        char name[60];
        snprintf(name, sizeof name, "%s -> %s", figure[i][0], figure[i][1]);
        fn(name, is_lit(r, figure[i]), arg);
    }
}

static void each_pair(const dwl_reached *r, void (*fn)(const char *name, bool reached, void *arg),
                      void *arg)
{
    const char *const *states = r->tcp->states;
    uint32_t count = 0;
    while (states[count])
        count++;
    for (uint32_t state = 0; state <= count; state++)
        for (uint32_t i = 0; i < r->tcp->cause_count; i++) {
            char name[100];
            if (!dwl_reached_has(r, dwl_reached_pair(state, i))) continue;
            snprintf(name, sizeof name, "%s %s", state < count ? states[state] : "none",
                     r->tcp->causes[i].name);
            fn(name, true, arg);
        }
}

void dwl_reached_each(const dwl_reached *r, enum dwl_reached_kind kind,
                      void (*fn)(const char *name, bool reached, void *arg), void *arg)
{
    switch (kind) {
    case DWL_ARROWS: each_arrow(r, fn, arg); return;
    case DWL_PASSAGES:
    case DWL_REQUIREMENTS: each_named(r, kind, fn, arg); return;
    case DWL_PAIRS: each_pair(r, fn, arg); return;
    case DWL_CAUSES_GIVEN:
        for (uint32_t i = 0; i < r->tcp->cause_count; i++)
            fn(r->tcp->causes[i].name, cause_given(r, i), arg);
    }
}

static void add_one(const char *name, bool reached, void *arg)
{
    dwl_reached_count *n = arg;
    (void)name;
    n->of++;
    n->reached += reached;
}

dwl_reached_count dwl_reached_count_of(const dwl_reached *r, enum dwl_reached_kind kind)
{
    dwl_reached_count n = {0};
    dwl_reached_each(r, kind, add_one, &n);
    if (kind == DWL_PAIRS) n.of = 0;
    return n;
}

/* For scripts. */

static void add_left(const char *name, bool reached, void *arg)
{
    lua_State *L = arg;
    if (reached) return;
    lua_pushstring(L, name);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* The tables: all, of, left. */
static void set_kind(lua_State *L, const dwl_reached *r, enum dwl_reached_kind kind,
                     const char *name)
{
    dwl_reached_count n = dwl_reached_count_of(r, kind);
    lua_pushinteger(L, n.reached);
    lua_setfield(L, -4, name);
    if (kind == DWL_PAIRS) return;
    lua_pushinteger(L, n.of);
    lua_setfield(L, -3, name);
    lua_newtable(L);
    dwl_reached_each(r, kind, add_left, L);
    lua_setfield(L, -2, name);
}

void dwl_push_reached(lua_State *L, const dwl_reached *r)
{
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L);
    lua_newtable(L);
    lua_newtable(L);
    set_kind(L, r, DWL_ARROWS, "arrows");
    set_kind(L, r, DWL_PASSAGES, "passages");
    set_kind(L, r, DWL_REQUIREMENTS, "requirements");
    set_kind(L, r, DWL_CAUSES_GIVEN, "causes");
    set_kind(L, r, DWL_PAIRS, "pairs");
    lua_setfield(L, -3, "left");
    lua_setfield(L, -2, "of");
}
