/* Whether a rule says what can be done: a caller finds out when the rule is made, not by a packet
 * that is changed otherwise than it asked. */
#include "drywire/plugin.h"
#include "rule.h"
#include "sim.h"
#include "status.h"

#include <inttypes.h>
#include <string.h>

/* The bits of a protocol's field, or 0: it has none of that name. */
static unsigned bits_of(const dw_protocol_ops *ops, const char *name)
{
    for (size_t i = 0; ops && ops->fields && ops->fields[i]; i++) {
        if (strcmp(ops->fields[i], name) != 0) continue;
        return DW_OFFERS(dw_protocol_ops, ops, field_bits) ? ops->field_bits[i] : 32;
    }
    return 0;
}

/* In the protocol where the field is widest. */
static unsigned width(const dw_sim *sim, const char *name)
{
    unsigned widest = 0;
    for (uint32_t i = 0; i < sim->plugin_count; i++) {
        unsigned bits = bits_of(sim->plugins[i]->protocol, name);
        if (bits > widest) widest = bits;
    }
    return widest;
}

static int check_field(dw_sim *sim, const char *name, int64_t value)
{
    unsigned bits = width(sim, name);
    if (bits == 0) return dw_sim_fail(sim, DW_E_NOENT, "no protocol has a field \"%s\"", name);
    int64_t max = bits < 63 ? ((int64_t)1 << bits) - 1 : INT64_MAX;
    if (value >= 0 && value <= max) return DW_OK;
    return dw_sim_fail(sim, DW_E_INVAL, "%s: %" PRId64 " is outside 0 to %" PRId64, name, value,
                       max);
}

/* Only a rewriting rule has fields and addresses; those of others are not looked at. */
int dw_rule_check(dw_sim *sim, const dw_rule_config *config)
{
    int status = DW_OK;
    if ((unsigned)config->action > DW_ACTION_INTERCEPT)
        return dw_sim_fail(sim, DW_E_INVAL, "there is no such action");
    if (config->action == DW_ACTION_INTERCEPT && !config->intercept)
        return dw_sim_fail(sim, DW_E_INVAL, "a rule that intercepts needs a function to ask");
    if (config->by < 0) return dw_sim_fail(sim, DW_E_INVAL, "a rule cannot act in the past");
    if (config->action != DW_ACTION_REWRITE) return DW_OK;
    if (config->field_count > DW_REWRITE_FIELDS)
        return dw_sim_fail(sim, DW_E_INVAL, "a rule changes at most %d fields", DW_REWRITE_FIELDS);
    if (config->src.family && config->dst.family && config->src.family != config->dst.family)
        return dw_sim_fail(sim, DW_E_INVAL, "its addresses are of different families");
    const dw_addr *const addrs[2] = {&config->src, &config->dst};
    for (int i = 0; i < 2; i++)
        if (addrs[i]->family && !dw_addr_is_unicast(addrs[i]))
            return dw_sim_fail(sim, DW_E_INVAL, "no host can have that address");
    for (uint32_t i = 0; status == DW_OK && i < config->field_count; i++)
        status = check_field(sim, config->fields[i].name, config->fields[i].value);
    return status;
}
