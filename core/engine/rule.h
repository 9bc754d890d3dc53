/* Rules: what scripts do to packets on purpose. */
#ifndef DW_RULE_H
#define DW_RULE_H

#include "link.h"

typedef struct dw_endpoint {
    dw_addr addr;
    uint16_t port;
} dw_endpoint;

/* A flow as a rule with `back` has seen it, and what it made of that. */
typedef struct dw_translation {
    dw_endpoint src, dst, new_src, new_dst;
} dw_translation;

struct dw_rule {
    dw_rule_config config; /* its match is the next field */
    dw_match match;
    dw_translation *translations; /* in order of appearance */
    uint32_t translation_count;
    dw_sim *sim;
    char *where, *what; /* its own; never NULL */
    uint64_t matched;   /* packets, acted on or not: nth counts these */
    uint64_t hits;      /* how often it acted: count limits these */
    uint32_t told;      /* a bit for each field that some packet lacks: it was said */
    bool cancelled;     /* it stays in its lists */
    struct dw_held {
        dw_packet *packet; /* NULL: it was let go */
        dw_direction *direction;
        uint32_t behind; /* packets that still have to overtake it; 0: it waits to be released */
    } * held;            /* in the order in which they came */
    uint32_t held_count, held_capacity;
};

/* rule.c.  Show a packet to the rules of its link and its sender; true: they took it. */
bool dw_rules_apply(dw_direction *direction, dw_packet *packet);
void dw_rule_free(dw_rule *rule);
/* The event of a rule that reorders (arg): it waits no longer. */
void dw_rule_reorder_due(void *arg);

/* rule_check.c: DW_OK, or what is wrong, with a sentence. */
int dw_rule_check(dw_sim *sim, const dw_rule_config *config);

/* rewrite.c: DW_ACTION_REWRITE.  Whether the rule's addresses and flags are of a kind with the
 * packet's; and, with `back`, the answers: false if it is none. */
bool dw_rewrite_applies(const dw_rule *rule, const dw_dissection *d);
void dw_rewrite(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view);
bool dw_rewrite_back(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view);

#endif
