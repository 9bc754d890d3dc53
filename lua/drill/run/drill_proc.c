/* Which sockets and connections there are, as Linux and FreeBSD show it. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

/* FreeBSD's names of states, as sockstat prints them. */
static const char *const state_names[][2] = {
    {"SYN_RCVD", "SYN-RECEIVED"}, {"SYN_SENT", "SYN-SENT"},      {"TIME_WAIT", "TIME-WAIT"},
    {"FIN_WAIT_1", "FIN-WAIT-1"}, {"FIN_WAIT_2", "FIN-WAIT-2"},  {"CLOSE_WAIT", "CLOSE-WAIT"},
    {"LAST_ACK", "LAST-ACK"},     {"CLOSED", "CLOSED"},          {"CLOSING", "CLOSING"},
    {"LISTEN", "LISTEN"},         {"ESTABLISHED", "ESTABLISHED"}};

static const char *state_of(const char *name)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
        if (strcmp(state_names[i][0], name) == 0) return state_names[i][1];
    return NULL;
}

bool dw_drill_tcpdrop(dw_command_env *env, dw_words *w)
{
    const char *state =
        w->count == 3 && strcmp(w->word[1], "-s") == 0 ? state_of(w->word[2]) : NULL;
    if (!state) return dw_drill_unsupported(env->outcome, "tcpdrop other than -s STATE");
    dw_sys_drop(env->sys, state);
    return true;
}

static const char *freebsd_name(const char *state)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
        if (strcmp(state_names[i][1], state) == 0) return state_names[i][0];
    return state;
}

/* FreeBSD's sockstat -s: this process's sockets, or with -p all connections of a port. */
bool dw_drill_sockstat(dw_command_env *env, dw_words *w)
{
    const dw_connections *all = dw_sys_connections(env->sys);
    long port = 0;
    for (size_t i = 1; i + 1 < w->count; i++)
        if (strcmp(w->word[i], "-p") == 0) port = strtol(w->word[i + 1], NULL, 10);
    for (size_t i = 0; !port && i < sizeof state_names / sizeof state_names[0]; i++)
        for (int n = dw_sys_count(env->sys, state_names[i][1]); n > 0; n--)
            dw_words_print(w, "root packetdril - tcp %s\n", state_names[i][0]);
    for (size_t i = 0; port && i < all->count; i++) {
        const dw_connection *c = &all->list[i];
        if (c->flow.local_port == port || c->flow.remote_port == port)
            dw_words_print(w, "- - - tcp *:%u *:%u %s\n", c->flow.local_port, c->flow.remote_port,
                           freebsd_name(c->state));
    }
    return true;
}

/* /proc/net/tcp, its first columns: the listener, and the host's connections. */
static void print_connections(dw_command_env *env, dw_words *w)
{
    const dw_connections *all = dw_sys_connections(env->sys);
    static const char *const numbered[] = {"ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED", "FIN-WAIT-1",
                                           "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",       "CLOSE-WAIT",
                                           "LAST-ACK",    "LISTEN",    "CLOSING"}; /* from 1 */
    if (dw_sys_count(env->sys, "LISTEN") > 0)
        dw_words_print(w, "   0: 00000000:%04X 00000000:0000 0A 00000000:00000000\n",
                       env->bind_port);
    for (size_t i = 0; i < all->count; i++) {
        const dw_connection *c = &all->list[i];
        unsigned state = 1;
        while (state <= 11 && strcmp(numbered[state - 1], c->state) != 0)
            state++;
        dw_words_print(w, "%4zu: 00000000:%04X 00000000:%04X %02X 00000000:00000000\n", i + 1,
                       c->flow.local_port, c->flow.remote_port, state);
    }
}

/* What a file would say. */
bool dw_drill_print_file(dw_command_env *env, dw_words *w, const char *path)
{
    if (strcmp(path, "/proc/net/tcp6") == 0) return true; /* all are in the other */
    if (strcmp(path, "/proc/net/tcp") != 0)
        return dw_drill_unsupported(env->outcome, "reading the file %s", path);
    print_connections(env, w);
    return true;
}
