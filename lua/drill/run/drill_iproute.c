/* What the network's commands would have set: the MTU, routes, queueing disciplines. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

/* The MTU of what leaves the host. */
static bool set_mtu(dw_command_env *env, const char *text)
{
    long mtu = strtol(text, NULL, 10);
    dw_link *link = dw_link_at(dw_node_sim(env->host), 0);
    dw_direction_config d;
    if (!link || mtu < 68 || mtu > 65535)
        return dw_drill_unsupported(env->outcome, "the MTU %s", text);
    dw_link_get(link, 0, &d);
    d.mtu = (uint32_t)mtu;
    return dw_link_set(link, 0, &d) == DW_OK ||
           dw_drill_unsupported(env->outcome, "the MTU %s: %s", text,
                                dw_sim_message(dw_node_sim(env->host)));
}

static bool ip_link(dw_command_env *env, dw_words *w)
{
    for (size_t i = 3; i < w->count; i++) {
        const char *word = w->word[i], *value = i + 1 < w->count ? w->word[i + 1] : "";
        if (strcmp(word, "mtu") == 0 && !set_mtu(env, value)) return false;
        if (strcmp(word, "down") == 0 || strncmp(word, "gso_", 4) == 0)
            return dw_drill_unsupported(env->outcome, "ip link set %s %s", word, value);
        i += strcmp(word, "mtu") == 0;
    }
    return true;
}

/* What a route says of TCP: switches of the whole host, as there is one route. */
static const struct {
    const char *word, *option, *unit;
} metrics[] = {
    {"advmss", "mss", "B"},
    {"initcwnd", "initial_window", ""},
    {"rto_min", "rto_min", ""},
    {"rto_min", "rto_var_floor", ""},
    {"reordering", "duplicate_ack_threshold", ""},
    {"congctl", "congestion_control", ""},
};

static bool route_metric(dw_command_env *env, const char *word, const char *value, bool *known)
{
    char text[DW_WORD_SIZE + 4];
    *known = false;
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        if (strcmp(metrics[i].word, word) != 0) continue;
        *known = true;
        snprintf(text, sizeof text, "%s%s", value, metrics[i].unit);
        if (!dw_drill_set_option(env, word, metrics[i].option, text)) return false;
    }
    return true;
}

/* Where a route leads is no matter: there is one link. */
static bool says_where(const char *word)
{
    static const char *const where[] = {"via",   "dev",   "src",    "proto",
                                        "table", "scope", "metric", "onlink"};
    for (size_t k = 0; k < sizeof where / sizeof where[0]; k++)
        if (strcmp(where[k], word) == 0) return true;
    return false;
}

/* A locked MTU is no matter for ICMP. */
static bool route_mtu(dw_command_env *env, const char *value, bool lock)
{
    return set_mtu(env, value) &&
           (!lock || dw_drill_set_option(env, "mtu", "pmtu_discovery", "false"));
}

/* One thing that a route says, and whether it is one that is known. */
static bool route_word(dw_command_env *env, const char *word, const char *value, bool lock,
                       bool *known)
{
    *known = true;
    if (strcmp(word, "mtu") == 0) return route_mtu(env, value, lock);
    if (strcmp(word, "quickack") == 0)
        return strcmp(value, "0") == 0 || dw_drill_set_option(env, word, "delayed_ack", "0s");
    if (strcmp(word, "features") == 0 && strcmp(value, "ecn") == 0)
        return dw_drill_set_option(env, word, "ecn", "ask");
    return route_metric(env, word, value, known);
}

static bool ip_route(dw_command_env *env, dw_words *w)
{
    /* What was learnt of the old route goes with it. */
    if (!dw_drill_set_option(env, "ip route", "path_mtus", "forget")) return false;
    for (size_t i = 4; i < w->count; i += 2) {
        const char *word = w->word[i], *value = i + 1 < w->count ? w->word[i + 1] : "";
        bool known, lock = strcmp(value, "lock") == 0;
        if (says_where(word)) {
            i -= strcmp(word, "onlink") == 0; /* which has no value */
            continue;
        }
        if (lock) value = i + 2 < w->count ? w->word[i + 2] : "";
        if (!route_word(env, word, value, lock, &known)) return false;
        if (!known) return dw_drill_unsupported(env->outcome, "ip route %s %s", word, value);
        i += lock;
    }
    return true;
}

/* ip [-4|-6] tcp_metrics flush, link set, route change. */
bool dw_drill_ip(dw_command_env *env, dw_words *w)
{
    while (w->count > 1 && w->word[1][0] == '-') /* of one family: there is but one */
        memmove(w->word[1], w->word[2], (--w->count - 1) * sizeof w->word[0]);
    const char *object = w->count > 1 ? w->word[1] : "";
    const char *verb = w->count > 2 ? w->word[2] : "";
    bool makes =
        strcmp(verb, "change") == 0 || strcmp(verb, "replace") == 0 || strcmp(verb, "add") == 0;
    if (strcmp(object, "tcp_metrics") == 0 && strcmp(verb, "flush") == 0)
        return dw_drill_set_option(env, "tcp_metrics", "fast_open_cookies", "forget");
    if (strcmp(object, "link") == 0 && strcmp(verb, "set") == 0) return ip_link(env, w);
    if (strcmp(object, "route") == 0 && makes) return ip_route(env, w);
    if (strcmp(object, "route") == 0 && strcmp(verb, "flush") == 0)
        return dw_drill_set_option(env, "ip route flush", "path_mtus", "forget");
    return dw_drill_unsupported(env->outcome, "ip %s %s", object, verb);
}

/* pfifo limit 0: nothing leaves, and the host knows. */
static bool set_refuses(dw_command_env *env, bool refuses)
{
    dw_link *link = dw_link_at(dw_node_sim(env->host), 0);
    dw_direction_config d;
    if (!link) return true;
    dw_link_get(link, 0, &d);
    d.refuses = refuses;
    return dw_link_set(link, 0, &d) == DW_OK ||
           dw_drill_unsupported(env->outcome, "tc qdisc: %s",
                                dw_sim_message(dw_node_sim(env->host)));
}

static bool without_pacing(dw_command_env *env, const char *what, bool refuses)
{
    return set_refuses(env, refuses) && dw_drill_set_option(env, what, "pacing", "false");
}

static bool is_fifo(const char *kind)
{
    static const char *const fifos[] = {"pfifo", "bfifo", "pfifo_fast", "noqueue"};
    for (size_t i = 0; i < sizeof fifos / sizeof fifos[0]; i++)
        if (strcmp(fifos[i], kind) == 0) return true;
    return false;
}

/* Where a command says the kind of a queueing discipline: behind "root" and perhaps "handle N". */
static size_t kind_at(const dw_words *w)
{
    size_t at = 1;
    while (at < w->count && strcmp(w->word[at], "root") != 0)
        at++;
    at++;
    if (at < w->count && strcmp(w->word[at], "handle") == 0) at += 2;
    return at;
}

/* A queue with a limit is never that long here, unless there is no room at all.  Without a limit a
 * pfifo that is there already is left as it is (tc_modify_qdisc). */
static bool set_qdisc(dw_command_env *env, const char *kind, const char *limit, bool plain)
{
    if (is_fifo(kind) && limit) return without_pacing(env, kind, strtol(limit, NULL, 10) == 0);
    if (plain && strcmp(kind, "pfifo") == 0)
        return dw_drill_set_option(env, kind, "pacing", "false");
    if (plain && is_fifo(kind)) return without_pacing(env, kind, false);
    return set_refuses(env, false) && dw_drill_set_option(env, "tc qdisc fq", "pacing", "true");
}

/* tc qdisc add|replace|change|del dev DEV root [handle N] KIND [limit N] */
bool dw_drill_tc(dw_command_env *env, dw_words *w)
{
    bool qdisc = w->count > 2 && strcmp(w->word[1], "qdisc") == 0;
    size_t at = kind_at(w);
    const char *kind = at < w->count ? w->word[at] : "", *limit = NULL;
    bool plain = at + 1 >= w->count; /* nothing is said of it */
    if (at + 2 < w->count && strcmp(w->word[at + 1], "limit") == 0) limit = w->word[at + 2];
    if (qdisc && strncmp(w->word[2], "del", 3) == 0) return without_pacing(env, "tc qdisc", false);
    bool fifo = is_fifo(kind) && (limit || plain), fq = strcmp(kind, "fq") == 0 && plain;
    if (qdisc && (fifo || fq)) return set_qdisc(env, kind, limit, plain);
    return dw_drill_unsupported(env->outcome, "the queueing discipline %s %s", kind,
                                plain ? "" : w->word[at + 1]);
}

/* What a device does for TCP shows in no packet: segments are looked at as they leave it. */
bool dw_drill_ethtool(dw_command_env *env, dw_words *w)
{
    if (w->count >= 3 && (strcmp(w->word[1], "-K") == 0 || strcmp(w->word[1], "--offload") == 0))
        return true;
    return dw_drill_unsupported(env->outcome, "ethtool %s", w->count > 1 ? w->word[1] : "");
}
