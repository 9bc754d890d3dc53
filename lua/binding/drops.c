/* --drop: packets that are lost by their numbers, and which of these no packet had. */
#include "kinds.h"
#include "object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROPS "--drop "

/* --drop 1,9: the packets with these numbers are lost, wherever they are. */
void dwl_drop_numbered(dwl_sim *s, dw_link *link)
{
    for (uint32_t i = 0; i < s->state->drop_count; i++) {
        char what[32];
        dw_match match = {.size = sizeof match, .packet = s->state->drop[i]};
        dw_rule_config c = {
            .size = sizeof c, .match = &match, .action = DW_ACTION_DROP, .what = what};
        snprintf(what, sizeof what, DROPS "%" PRIu64, s->state->drop[i]);
        s->state->drop_asked |= 1u << i;
        dw_link_rule(link, &c, NULL);
    }
}

bool dwl_note_drop(dwl_state *s, const dw_rule *rule)
{
    const char *what = dw_rule_what(rule);
    if (strncmp(what, DROPS, strlen(DROPS)) != 0) return false;
    uint64_t number = strtoull(what + strlen(DROPS), NULL, 10);
    for (uint32_t i = 0; i < s->drop_count; i++)
        if (s->drop[i] == number && dw_rule_hits(rule) > 0) s->drop_hit |= 1u << i;
    return true;
}
