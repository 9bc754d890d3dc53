/* Two hosts, the calls of an operating system on each, and a link of 1 ms between them. */
#ifndef DW_SYSTEMS_H
#define DW_SYSTEMS_H

#include "drill/system/descriptor.h"
#include "test.h"

enum { PORT = 80 };

typedef struct systems {
    dw_sim *sim;
    dw_node *nodes[2];
    dw_sys *client, *server;
    int listener; /* the server's */
} systems;

static inline void systems_new(systems *s, enum dw_sys_kind kind)
{
    const dw_direction_config path = {.size = sizeof path, .delay_ns = DW_MILLISECOND};
    dw_sys **sys[] = {&s->client, &s->server};
    static const char *const names[] = {"client", "server"}, *const addresses[] = {"10.0.0.1",
                                                                                   "10.0.0.2"};
    *s = (systems){.listener = -1};
    assert_int_equal(dw_sim_new(&(dw_sim_config){.seed = 1}, &s->sim), DW_OK);
    for (int i = 0; i < 2; i++) {
        dw_addr addr;
        assert_int_equal(dw_addr_parse(addresses[i], &addr), DW_OK);
        assert_int_equal(dw_node_new(s->sim, names[i], &s->nodes[i]), DW_OK);
        assert_int_equal(dw_node_set_address(s->nodes[i], &addr), DW_OK);
        const char *profile = kind == DW_SYS_FREEBSD ? "freebsd" : "linux";
        assert_int_equal(dw_node_option(s->nodes[i], "tcp", "profile", profile), DW_OK);
        assert_int_equal(dw_sys_new(s->nodes[i], kind, sys[i]), DW_OK);
    }
    assert_int_equal(dw_link_new(s->nodes[0], s->nodes[1], &path, NULL, NULL), DW_OK);
}

static inline void systems_free(systems *s)
{
    dw_sys_free(s->client);
    dw_sys_free(s->server);
    dw_sim_free(s->sim);
}

/* Let so many milliseconds pass. */
static inline void pass(systems *s, int ms)
{
    assert_int_equal(dw_sim_run(s->sim, dw_sim_now(s->sim) + ms * DW_MILLISECOND), DW_OK);
}

/* A new socket, whose calls do not wait. */
static inline int new_socket(dw_sys *sys)
{
    int64_t fd = dw_sys_socket(sys, 4, DW_SOCK_STREAM | DW_O_NONBLOCK, 6);
    assert_true(fd >= 0);
    return (int)fd;
}

static inline int listens(systems *s)
{
    const dw_addr any = dw_addr_v4(0);
    s->listener = new_socket(s->server);
    assert_int_equal(dw_sys_bind(s->server, s->listener, &any, PORT), 0);
    assert_int_equal(dw_sys_listen(s->server, s->listener, 8), 0);
    return s->listener;
}

/* The client's end of a connection that has begun. */
static inline int connecting(systems *s)
{
    int fd = new_socket(s->client);
    dw_addr to = dw_node_address(s->nodes[1]);
    assert_int_equal(dw_sys_connect(s->client, fd, &to, PORT), -DW_EINPROGRESS);
    return fd;
}

/* A connection; its two ends. */
static inline void connected(systems *s, int *client, int *server)
{
    if (s->listener < 0) listens(s);
    *client = connecting(s);
    pass(s, 10);
    *server = (int)dw_sys_accept(s->server, s->listener, DW_O_NONBLOCK, NULL, NULL);
    assert_true(*server >= 0);
}

/* Send octets; whether they arrive is not waited for. */
static inline void send_octets(dw_sys *sys, int fd, size_t len)
{
    static const char zeros[4096];
    size_t done = 0;
    assert_int_equal(dw_sys_send(sys, fd, zeros, len, 0, NULL, 0, &done), len);
}

#endif
