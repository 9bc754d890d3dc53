/* Shell commands of a script: stand-ins beside this object write them to a file, which is read
 * before the next call; and what sockstat would say is written to another. */
#define _GNU_SOURCE
#include "judge.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A stand-in wrote "sysctl -w net.ipv4.tcp_sack=0". */
void dw_judge_read_commands(void)
{
    char line[4096];
    FILE *f = fopen(dw_judge.commands, "r");
    if (!f) return;
    fseek(f, dw_judge.commands_read, SEEK_SET);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (!dw_drill_do_command(&dw_judge.env, line)) dw_judge_give_up("%s", dw_judge.outcome.why);
    }
    dw_judge.commands_read = ftell(f);
    fclose(f);
}

/* What sockstat would say, for its stand-in: this process's sockets, then all connections. */
void dw_judge_write_sockets(void)
{
    static const char *const freebsd[][2] = {
        {"SYN-RECEIVED", "SYN_RCVD"}, {"SYN-SENT", "SYN_SENT"},     {"TIME-WAIT", "TIME_WAIT"},
        {"FIN-WAIT-1", "FIN_WAIT_1"}, {"FIN-WAIT-2", "FIN_WAIT_2"}, {"CLOSE-WAIT", "CLOSE_WAIT"},
        {"LAST-ACK", "LAST_ACK"}};
    const dw_connections *known = dw_sys_connections(dw_judge.sys);
    char path[sizeof dw_judge.commands + 8];
    snprintf(path, sizeof path, "%s.sockets", dw_judge.commands);
    FILE *f = fopen(path, "w");
    if (!f) return;
    static const char *const all[] = {"LISTEN",     "SYN-SENT",   "SYN-RECEIVED", "ESTABLISHED",
                                      "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",   "CLOSING",
                                      "LAST-ACK",   "TIME-WAIT",  "CLOSED"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *name = all[i];
        for (size_t k = 0; k < sizeof freebsd / sizeof freebsd[0]; k++)
            if (strcmp(freebsd[k][0], name) == 0) name = freebsd[k][1];
        for (int n = dw_sys_count(dw_judge.sys, all[i]); n > 0; n--)
            fprintf(f, "root packetdril %ld tcp %s\n", (long)getpid(), name);
        for (size_t c = 0; c < known->count; c++)
            if (strcmp(known->list[c].state, all[i]) == 0)
                fprintf(f, "- tcp %u %u %s\n", known->list[c].flow.local_port,
                        known->list[c].flow.remote_port, name);
    }
    fclose(f);
}

/* Stand-ins stand beside this object; what they write comes back by a file. */
void dw_judge_listen_to_commands(void)
{
    Dl_info self;
    char path[8192];
    snprintf(dw_judge.commands, sizeof dw_judge.commands, "/tmp/drywire-commands-%ld",
             (long)getpid());
    setenv("DRYWIRE_COMMANDS", dw_judge.commands, 1);
    snprintf(path, sizeof path, "%ld", (long)getpid());
    setenv("DRYWIRE_PACKETDRILL", path, 1);
    if (!dladdr(dw_judge.commands, &self)) return;
    const char *name = self.dli_fname, *slash = strrchr(name, '/'), *old = getenv("PATH");
    if (!slash) name = "."; /* it was found in the working directory */
    int dir = slash ? (int)(slash - name) : 1;
    snprintf(path, sizeof path, "%.*s/stand-ins:%s", dir, name, old ? old : "");
    setenv("PATH", path, 1);
}
