/* Fuzzes the short texts that options and filters are written in: times, rates, sizes,
 * probabilities, addresses, flags, lists of states, TCP's options, packets in packetdrill's
 * notation.  What is read as a time reads as the same time when it was written again. */
#include "drill/drill.h"
#include "drywire/drywire.h"

#include <stdlib.h>
#include <string.h>

static void quantities(const char *text, char *why, size_t size)
{
    dw_time time, again;
    uint64_t n;
    char written[DW_TIME_TEXT];
    if (dw_parse_time(text, &time, why, size) == DW_OK && time < DW_TIME_NEVER) {
        dw_duration_format(time, written, sizeof written);
        bool short_enough = time < 1000000000 * DW_SECOND;
        DW_ASSERT(!short_enough || dw_parse_time(written, &again, why, size) == DW_OK);
        DW_ASSERT(!short_enough || again == time);
        dw_time_format(time, 9, written, sizeof written);
    }
    dw_parse_rate(text, &n, why, size);
    dw_parse_size(text, &n, why, size);
    if (dw_parse_ratio(text, &n, why, size) == DW_OK) DW_ASSERT(n <= DW_RATIO_ONE);
}

static void addresses(const char *text)
{
    dw_addr addr, again;
    char written[DW_ADDR_TEXT];
    if (dw_addr_parse(text, &addr) != DW_OK) return;
    dw_addr_format(&addr, written, sizeof written);
    DW_ASSERT(dw_addr_parse(written, &again) == DW_OK);
    DW_ASSERT(dw_addr_equal(&addr, &again));
}

static void packets(const char *text, char *why, size_t size)
{
    dw_match match;
    dw_drill_packet packet;
    dw_match_any(&match);
    dw_match_flags(&match, text, why, size);
    dw_drill_notation(text, &packet, why, size);
}

/* NAME VALUE: an option of a host and of a connection. */
static void settings(const char *text, char *why, size_t size)
{
    char name[40];
    const char *space = strchr(text, ' ');
    dw_sim *sim;
    dw_node *node;
    if (!space || (size_t)(space - text) >= sizeof name) return;
    memcpy(name, text, (size_t)(space - text));
    name[space - text] = 0;
    if (dw_sim_new(NULL, &sim) != DW_OK) return;
    if (dw_node_new(sim, "a", &node) == DW_OK) {
        dw_node_option(node, "tcp", name, space + 1);
        dw_flow flow = {.local_port = 80};
        dw_socket *s;
        DW_ASSERT(dw_socket_listen(node, "tcp", &flow, 0, NULL, NULL, &s) == DW_OK);
        dw_socket_set(s, name, space + 1, why, size);
    }
    dw_sim_free(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char why[300], *text = malloc(len + 1);
    DW_ASSERT(text);
    memcpy(text, bytes, len);
    text[len] = 0;
    quantities(text, why, sizeof why);
    addresses(text);
    packets(text, why, sizeof why);
    settings(text, why, sizeof why);
    free(text);
    return 0;
}
