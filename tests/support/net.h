/* A client and a server with TCP between them, for tests that need a whole simulation. */
#ifndef DW_TEST_NET_H
#define DW_TEST_NET_H

#include "test.h"

#include <drywire/drywire.h>

#include <stdlib.h>
#include <string.h>

typedef struct net {
    dw_sim *sim;
    dw_node *client, *server;
    dw_link *link;
    dw_socket *listener;
    uint64_t received;
    int closed;
} net;

static void net_reader(dw_socket *socket, uint32_t events, void *user)
{
    net *n = user;
    char text[4096];
    int64_t got;
    (void)events;
    while ((got = dw_socket_recv(socket, text, sizeof text)) > 0)
        n->received += (uint64_t)got;
    if (got != DW_E_CLOSED) return;
    n->closed++;
    dw_socket_close(socket);
}

static void net_accept(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, net_reader, user, &socket) == DW_OK) {
    }
}

static void net_hello(dw_socket *socket, uint32_t events, void *user)
{
    (void)user;
    if (!(events & DW_SOCKET_CONNECTED)) return;
    assert_int_equal(dw_socket_send(socket, "hello", 5), 5);
    dw_socket_close(socket);
}

/* Two hosts, 20 ms apart, the server listening on port 80. */
static inline void net_new(net *n, const dw_sim_config *config, const dw_direction_config *both)
{
    dw_direction_config d = {.delay_ns = 20 * DW_MILLISECOND};
    if (both) d = *both;
    *n = (net){0};
    assert_int_equal(dw_sim_new(config, &n->sim), DW_OK);
    assert_int_equal(dw_node_new(n->sim, "client", &n->client), DW_OK);
    assert_int_equal(dw_node_new(n->sim, "server", &n->server), DW_OK);
    assert_int_equal(dw_link_new(n->client, n->server, &d, NULL, &n->link), DW_OK);
    dw_flow flow = {.local_port = 80};
    assert_int_equal(dw_socket_listen(n->server, "tcp", &flow, 0, net_accept, n, &n->listener),
                     DW_OK);
}

static inline dw_socket *net_connect(net *n, dw_socket_notify notify)
{
    dw_socket *socket;
    dw_flow flow = {.remote = dw_node_address(n->server), .remote_port = 80};
    assert_int_equal(dw_socket_connect(n->client, "tcp", &flow, notify, n, &socket), DW_OK);
    return socket;
}

static inline void net_swallow(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    (void)node;
    (void)bytes;
    (void)len;
    (void)arg;
}

/* So many packets to the server, ten milliseconds apart, none of which is answered. */
static inline void net_pour(net *n, int packets)
{
    const dw_dissection f = {.src = dw_node_address(n->client),
                             .dst = dw_node_address(n->server),
                             .sport = 1,
                             .dport = 80};
    dw_node_set_stack(n->server, net_swallow, NULL);
    for (int i = 0; i < packets; i++)
        assert_int_equal(dw_link_inject(n->link, 0, i * 10 * DW_MILLISECOND, "udp", &f, "data", 4),
                         DW_OK);
}

/* A traced exchange of "hello", finished. */
static inline void net_exchange(net *n)
{
    net_new(n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    net_connect(n, net_hello);
    assert_int_equal(dw_sim_run(n->sim, DW_TIME_NEVER), DW_OK);
}

#endif
