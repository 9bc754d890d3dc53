/* drywire's TCP as a system under test of packetdrill:
 *
 *   packetdrill --so_filename=drywire-packetdrill.so --so_flags=profile=linux script.pkt
 *
 * packetdrill hands a table to packetdrill_interface_init, which is filled with functions for every
 * socket call, packets in both directions, sleeping and the clock.  Behind them are the sockets of
 * drill/system/sockets.h on a simulated host, so time is virtual: it goes on only while packetdrill
 * sleeps, waits for a packet or reads the clock, which moves it by a microsecond.
 *
 * Two threads call, never both at once (judge_time.c), so runs are repeatable.  One thing goes by
 * the real clock: a call that still waits when the script has ended, and nobody moves the time.
 *
 * Shell commands of a script go to the stand-ins beside this object (stand-ins/), which are put in
 * front of PATH (judge_commands.c).  With LD_PRELOAD of this object, the TCP_INFO that %{ }% asks
 * the C library for is drywire's too (judge_options.c). */
#define _GNU_SOURCE
#include "packetdrill.h"

#include "judge.h"

#include <stdlib.h>
#include <string.h>

static void free_host(void *u)
{
    (void)u;
    dw_judge_forget_files();
    dw_sim_after_event(dw_judge.sim, NULL, NULL);
    dw_sys_free(dw_judge.sys);
    while (dw_judge.first) {
        dw_outgoing *next = dw_judge.first->next;
        free(dw_judge.first);
        dw_judge.first = next;
    }
    dw_sim_free(dw_judge.sim);
    dw_command_env_free(&dw_judge.env);
    dw_judge =
        (struct dw_judge){.lock = dw_judge.lock, .wake = dw_judge.wake, .rest = dw_judge.rest};
}

static void traced(const dw_trace_event *e, void *arg)
{
    (void)e;
    (void)arg;
    dw_judge.news = true;
}

/* "profile=linux,delayed_ack=40ms,mtu=9000" */
static enum dw_sys_kind read_flags(const char *flags, dw_direction_config *out)
{
    enum dw_sys_kind kind = DW_SYS_LINUX;
    char word[200];
    while (flags && *flags) {
        size_t len = strcspn(flags, ",");
        snprintf(word, sizeof word, "%.*s", (int)len, flags);
        char *value = strchr(word, '=');
        if (!value) dw_judge_give_up("--so_flags: write name=value, not \"%s\"", word);
        *value++ = 0;
        if (strcmp(word, "mtu") == 0)
            out->mtu = (uint32_t)strtoul(value, NULL, 10);
        else if (dw_node_option(dw_judge.host, "tcp", word, value) != DW_OK)
            dw_judge_give_up("--so_flags: %s", dw_sim_message(dw_judge.sim));
        if (strcmp(word, "profile") == 0 && strcmp(value, "linux") != 0)
            kind = strcmp(value, "freebsd") == 0 ? DW_SYS_FREEBSD : DW_SYS_PLAIN;
        flags += len + (flags[len] == ',');
    }
    return kind;
}

static void add_addresses(dw_node *node, const char *v4, const char *v6)
{
    dw_addr addr;
    dw_addr_parse(v4, &addr);
    dw_node_set_address(node, &addr);
    dw_addr_parse(v6, &addr);
    dw_node_add_address(node, &addr);
}

static void make_world(const char *flags)
{
    const dw_sim_config config = {
        .size = sizeof config, .seed = 1, .trace = false, .checks = DW_CHECKS_OFF};
    struct dw_judge *j = &dw_judge;
    if (dw_sim_new(&config, &j->sim) != DW_OK || dw_node_new(j->sim, "host", &j->host) != DW_OK ||
        dw_node_new(j->sim, "wire", &j->wire) != DW_OK)
        dw_judge_give_up("out of memory");
    add_addresses(j->host, "192.168.0.1", "fd3d:fa7b:d17d::1");
    add_addresses(j->wire, "192.0.2.1", "2001:db8::1");
    dw_direction_config out = DW_INIT(dw_direction_config);
    /* The script may send what a receiver has put together. */
    const dw_direction_config in = {.size = sizeof in, .mtu = 65535};
    dw_node_option(j->host, "tcp", "profile", "linux");
    enum dw_sys_kind kind = read_flags(flags, &out);
    if (dw_link_new(j->host, j->wire, &out, &in, NULL) != DW_OK)
        dw_judge_give_up("%s", dw_sim_message(j->sim));
    if (dw_sys_new(j->host, kind, &j->sys) != DW_OK) dw_judge_give_up("out of memory");
    j->env = (dw_command_env){.outcome = &j->outcome,
                              .host = j->host,
                              .sys = j->sys,
                              .counts = &j->counts,
                              .sysctl = dw_drill_set_sysctl};
    dw_node_set_stack(j->wire, dw_judge_packet_leaves, NULL);
    dw_trace_subscribe(j->sim, DW_CONNECTIONS_MASK, dw_node_index(j->host), 0, traced, NULL);
    dw_sim_after_event(j->sim, dw_judge_poke, NULL);
}

/* The thread that asks for the table is the one that reads the script. */
void packetdrill_interface_init(const char *flags, struct packetdrill_interface *table)
{
    dw_judge.reader = pthread_self();
    make_world(flags);
    dw_judge_listen_to_commands();
    *table = (struct packetdrill_interface){.free = free_host,
                                            .socket = dw_judge_socket,
                                            .bind = dw_judge_bind,
                                            .listen = dw_judge_listen,
                                            .accept = dw_judge_accept,
                                            .connect = dw_judge_connect,
                                            .read = dw_judge_read,
                                            .readv = dw_judge_readv,
                                            .recv = dw_judge_recv,
                                            .recvfrom = dw_judge_recvfrom,
                                            .recvmsg = dw_judge_recvmsg,
                                            .write = dw_judge_write,
                                            .writev = dw_judge_writev,
                                            .send = dw_judge_send,
                                            .sendto = dw_judge_sendto,
                                            .sendmsg = dw_judge_sendmsg,
                                            .fcntl = dw_judge_fcntl,
                                            .ioctl = dw_judge_ioctl,
                                            .close = dw_judge_close,
                                            .shutdown = dw_judge_shutdown,
                                            .getsockopt = dw_judge_getsockopt,
                                            .setsockopt = dw_judge_setsockopt,
                                            .poll = dw_judge_poll,
                                            .netdev_send = dw_judge_netdev_send,
                                            .netdev_receive = dw_judge_netdev_receive,
                                            .usleep = dw_judge_usleep,
                                            .gettimeofday = dw_judge_gettimeofday,
                                            .epoll_create = dw_judge_epoll_create,
                                            .epoll_ctl = dw_judge_epoll_ctl,
                                            .epoll_wait = dw_judge_epoll_wait,
                                            .pipe = dw_judge_pipe,
                                            .splice = dw_judge_splice};
}
