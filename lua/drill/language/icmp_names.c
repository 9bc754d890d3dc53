/* The names that scripts have for ICMP's types and codes. */
#include "drill_numbers.h"

#include <string.h>

static const dw_icmp_name names[] = {
    {4, 3, 0, "unreachable", NULL},
    {4, 3, 0, "unreachable", "net_unreachable"},
    {4, 3, 1, "unreachable", "host_unreachable"},
    {4, 3, 2, "unreachable", "protocol_unreachable"},
    {4, 3, 3, "unreachable", "port_unreachable"},
    {4, 3, 4, "unreachable", "frag_needed"},
    {4, 3, 5, "unreachable", "source_route_failed"},
    {4, 3, 6, "unreachable", "net_unknown"},
    {4, 3, 7, "unreachable", "host_unknown"},
    {4, 3, 8, "unreachable", "source_host_isolated"},
    {4, 3, 9, "unreachable", "net_prohibited"},
    {4, 3, 10, "unreachable", "host_prohibited"},
    {4, 3, 11, "unreachable", "net_unreachable_for_tos"},
    {4, 3, 12, "unreachable", "host_unreachable_for_tos"},
    {4, 3, 13, "unreachable", "packet_filtered"},
    {4, 3, 13, "unreachable", "admin_prohibited"},
    {4, 3, 14, "unreachable", "precedence_violation"},
    {4, 3, 15, "unreachable", "precedence_cutoff"},
    {4, 4, 0, "source_quench", NULL},
    {4, 5, 0, "redirect", NULL},
    {4, 0, 0, "echo_reply", NULL},
    {4, 8, 0, "echo_request", NULL},
    {4, 11, 0, "time_exceeded", NULL},
    {4, 11, 0, "time_exceeded", "ttl_exceeded_in_transit"},
    {4, 11, 0, "time_exceeded", "exceeded_ttl"},
    {4, 11, 1, "time_exceeded", "frag_reass_exceeded"},
    {4, 11, 1, "time_exceeded", "exceeded_fragtime"},
    {4, 12, 0, "parameter_problem", NULL},
    {4, 12, 0, "parameter_problem", "code_0"},
    {4, 12, 1, "parameter_problem", "code_1"},
    {4, 12, 2, "parameter_problem", "code_2"},
    {6, 1, 0, "unreachable", NULL},
    {6, 1, 0, "unreachable", "no_route"},
    {6, 1, 1, "unreachable", "admin_prohibited"},
    {6, 1, 2, "unreachable", "not_neighbour"},
    {6, 1, 3, "unreachable", "address_unreachable"},
    {6, 1, 3, "unreachable", "addr_unreachable"},
    {6, 1, 3, "unreachable", "host_unreachable"},
    {6, 1, 4, "unreachable", "port_unreachable"},
    {6, 2, 0, "packet_too_big", NULL},
    {6, 3, 0, "time_exceeded", NULL},
    {6, 3, 0, "time_exceeded", "exceeded_hop_limit"},
    {6, 3, 1, "time_exceeded", "exceeded_frag_time"},
    {6, 4, 0, "parameter_problem", NULL},
    {6, 4, 0, "parameter_problem", "header_field"},
    {6, 4, 1, "parameter_problem", "unknown_next_header"},
    {6, 4, 2, "parameter_problem", "unknown_option"},
    {6, 128, 0, "echo_request", NULL},
    {6, 129, 0, "echo_reply", NULL},
    {0},
};

const dw_icmp_name *dw_drill_icmp(uint32_t family, const char *type, const char *code)
{
    for (const dw_icmp_name *n = names; n->family; n++) {
        if (n->family != family || strcmp(n->type_name, type) != 0) continue;
        if (!code && !n->code_name) return n;
        if (code && n->code_name && strcmp(n->code_name, code) == 0) return n;
    }
    return NULL;
}

const dw_icmp_name *dw_drill_icmp_named(uint32_t family, uint8_t type, uint8_t code)
{
    const dw_icmp_name *n = names;
    while (n->family && (n->family != family || n->type != type || n->code != code))
        n++;
    if (!n->family) return NULL;
    /* The first row of a type has no code; the next one may name the same code, too. */
    bool named = !n->code_name && n[1].type == n->type && n[1].code_name;
    return named ? n + 1 : n;
}
