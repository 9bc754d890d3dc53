/* Fuzzes figures in the notation of RFC 9293, compared with a connection that a simulation had. */
#include "drywire/drywire.h"

#include <stdlib.h>
#include <string.h>

static void accept_it(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *s;
    (void)events, (void)user;
    if (dw_socket_accept(listener, NULL, NULL, &s) == DW_OK) dw_socket_send(s, "hello", 5);
}

/* As long as the program. */
static const dw_trace *exchange(void)
{
    static dw_sim *sim;
    if (sim) return dw_sim_trace(sim);
    dw_node *a, *b;
    dw_socket *s, *listener;
    dw_flow flow = {.local_port = 80};
    DW_ASSERT(dw_sim_new(&(dw_sim_config){.trace = true}, &sim) == DW_OK);
    DW_ASSERT(dw_node_new(sim, "client", &a) == DW_OK);
    DW_ASSERT(dw_node_new(sim, "server", &b) == DW_OK);
    DW_ASSERT(dw_link_new(a, b, NULL, NULL, NULL) == DW_OK);
    DW_ASSERT(dw_socket_listen(b, "tcp", &flow, 0, accept_it, NULL, &listener) == DW_OK);
    flow = (dw_flow){.remote = dw_node_address(b), .remote_port = 80};
    DW_ASSERT(dw_socket_connect(a, "tcp", &flow, NULL, NULL, &s) == DW_OK);
    dw_sim_run(sim, DW_SECOND);
    dw_socket_close(s);
    dw_sim_run(sim, DW_MINUTE);
    return dw_sim_trace(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *report = NULL, *text = malloc(len + 1);
    DW_ASSERT(text);
    memcpy(text, bytes, len);
    text[len] = 0;
    int status = dw_expect_figure(exchange(), text, -1, -1, &report);
    DW_ASSERT(status == DW_OK || (report && report[0]));
    dw_free(report);
    free(text);
    return 0;
}
