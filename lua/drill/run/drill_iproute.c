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

static bool ip_route(dw_command_env *env, dw_words *w)
{
    /* What was learnt of the old route goes with it. */
    if (!dw_drill_set_option(env, "ip route", "path_mtus", "forget")) return false;
    static const char *const where[] = {"via",   "dev",   "src",    "proto",
                                        "table", "scope", "metric", "onlink"};
    for (size_t i = 4; i < w->count; i += 2) {
        const char *word = w->word[i], *value = i + 1 < w->count ? w->word[i + 1] : "";
        bool known = false, lock = strcmp(value, "lock") == 0;
        for (size_t k = 0; k < sizeof where / sizeof where[0]; k++)
            known = known || strcmp(where[k], word) == 0;
        if (strcmp(word, "onlink") == 0) i--;
        if (lock) value = i + 2 < w->count ? w->word[i + 2] : "";
        if (known) continue;
        if (strcmp(word, "mtu") == 0) {
            if (!set_mtu(env, value)) return false;
            /* A locked MTU is no matter for ICMP. */
            if (lock && !dw_drill_set_option(env, word, "pmtu_discovery", "false")) return false;
            known = true;
        } else if (strcmp(word, "quickack") == 0) {
            if (strcmp(value, "0") != 0 && !dw_drill_set_option(env, word, "delayed_ack", "0s"))
                return false;
            known = true;
        } else if (strcmp(word, "features") == 0 && strcmp(value, "ecn") == 0) {
            if (!dw_drill_set_option(env, word, "ecn", "ask")) return false;
            known = true;
        } else if (!route_metric(env, word, value, &known)) {
            return false;
        }
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
    const char *object = w->count > 1 ? w->word[1] : "", *verb = w->count > 2 ? w->word[2] : "";
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
           dw_drill_unsupported(env->outcome, "tc qdisc: %s%s",
                                dw_sim_message(dw_node_sim(env->host)), "");
}

static bool without_pacing(dw_command_env *env, const char *what, bool refuses)
{
    return set_refuses(env, refuses) && dw_drill_set_option(env, what, "pacing", "false");
}

/* tc qdisc add|replace|change|del dev DEV root [handle N] KIND ... */
bool dw_drill_tc(dw_command_env *env, dw_words *w)
{
    size_t at = 1;
    bool qdisc = w->count > 2 && strcmp(w->word[1], "qdisc") == 0;
    while (at < w->count && strcmp(w->word[at], "root") != 0)
        at++;
    at += 1 + (at + 1 < w->count && strcmp(w->word[at + 1], "handle") == 0 ? 2 : 0);
    const char *kind = at < w->count ? w->word[at] : "";
    bool plain = at + 1 >= w->count; /* nothing is said of it */
    bool fifo = strcmp(kind, "pfifo") == 0 || strcmp(kind, "bfifo") == 0 ||
                strcmp(kind, "pfifo_fast") == 0 || strcmp(kind, "noqueue") == 0;
    /* A queue with a limit is never that long here, unless there is no room at all. */
    bool limit = at + 2 < w->count && strcmp(w->word[at + 1], "limit") == 0;
    if (qdisc && strncmp(w->word[2], "del", 3) == 0) return without_pacing(env, "tc qdisc", false);
    if (qdisc && fifo && limit)
        return without_pacing(env, kind, strtol(w->word[at + 2], NULL, 10) == 0);
    /* Without a limit one that is there already is left as it is (tc_modify_qdisc). */
    bool same = strcmp(kind, "pfifo") == 0;
    if (qdisc && same && plain) return dw_drill_set_option(env, kind, "pacing", "false");
    if (qdisc && fifo && plain) return without_pacing(env, kind, false);
    if (qdisc && strcmp(kind, "fq") == 0 && plain)
        return set_refuses(env, false) && dw_drill_set_option(env, "tc qdisc fq", "pacing", "true");
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
