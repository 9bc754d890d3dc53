/* What options of sockets are called here: who comes from setsockopt tries their names. */
#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A name without SO_, TCP_ or IP_; the option; and what is to be written where the name alone does
 * not say it. */
static const struct {
    const char *socket, *option, *written;
} known[] = {
    {"nodelay", "nagle", "nagle = false"},
    {"rcvbuf", "receive_buffer", NULL},
    {"sndbuf", "send_buffer", NULL},
    {"rcvlowat", "receive_lowat", NULL},
    {"notsent_lowat", "notsent_lowat", NULL},
    {"keepalive", "keepalive", NULL},
    {"keepidle", "keepalive_idle", NULL},
    {"keepintvl", "keepalive_interval", NULL},
    {"keepcnt", "keepalive_probes", NULL},
    {"maxseg", "mss", NULL},
    {"nopush", "cork", NULL},
    {"cork", "cork", NULL},
    {"congestion", "congestion_control", NULL},
    {"quickack", "quick_ack", NULL},
    {"fastopen", "fast_open", NULL},
    {"defer_accept", "defer_accept", NULL},
    {"syncnt", "syn_retries", NULL},
    {"user_timeout", "user_timeout", NULL},
    {"linger2", "finwait2_timeout", NULL},
    {"window_clamp", "window_clamp", NULL},
    {"noopt", "options", "options = false"},
    {"tos", "tos", NULL},
    {"ttl", "ttl", NULL},
    {"mtu_discover", "pmtu_discovery", NULL},
    {"linger", NULL, "conn:close { linger = \"5s\" }"},
    {"rcvtimeo", NULL, "conn:recv(n, { timeout = \"5s\" })"},
};

/* Without the prefix, in small letters. */
static void shorten(const char *name, char *out, size_t size)
{
    static const char *const prefixes[] = {"so_", "tcp_", "ip_"};
    char lower[64];
    size_t n = 0;
    for (; name[n] && n + 1 < sizeof lower; n++)
        lower[n] = (char)tolower((unsigned char)name[n]);
    lower[n] = 0;
    const char *from = lower;
    for (int i = 0; i < 3; i++)
        if (strncmp(lower, prefixes[i], strlen(prefixes[i])) == 0)
            from = lower + strlen(prefixes[i]);
    snprintf(out, size, "%s", from);
}

static bool has(const char *const *names, const char *option)
{
    for (; names && *names; names++)
        if (strcmp(*names, option) == 0) return true;
    return false;
}

const char *dwl_socket_option(const char *name, const char *const *names)
{
    char socket[64];
    shorten(name, socket, sizeof socket);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].socket, socket) != 0) continue;
        const char *option = known[i].option;
        bool is_here = option ? has(names, option) : has(names, "nagle");
        if (names && !is_here) return NULL;
        return known[i].written ? known[i].written : option;
    }
    return NULL;
}
