/* Whether a plugin's tables are whole: a program finds out when it registers the plugin, not when
 * the first packet comes. */
#include "drywire/plugin.h"
#include "registry.h"
#include "status.h"

#include <stdio.h>
#include <string.h>

/* Longer tables than any of ours will be, and lists that never end, are no tables.  A table may be
 * longer than ours: its plugin knows a newer header of the same ABI. */
enum { LARGEST_TABLE = 4096, LONGEST_LIST = 1024, LONGEST_NAME = 63, LARGEST_STATE = 32768 };

typedef struct member {
    const char *name;
    size_t at;
} member;

#define MEMBER(type, name)                                                                         \
    {                                                                                              \
#name, offsetof(type, name)                                                                \
    }

static const member protocol_needs[] = {MEMBER(dw_protocol_ops, attach),
                                        MEMBER(dw_protocol_ops, detach),
                                        MEMBER(dw_protocol_ops, input)};
static const member socket_needs[] = {
    MEMBER(dw_socket_ops, connect), MEMBER(dw_socket_ops, listen), MEMBER(dw_socket_ops, accept),
    MEMBER(dw_socket_ops, send),    MEMBER(dw_socket_ops, recv),   MEMBER(dw_socket_ops, shutdown),
    MEMBER(dw_socket_ops, close),   MEMBER(dw_socket_ops, abort),  MEMBER(dw_socket_ops, error),
    MEMBER(dw_socket_ops, state),   MEMBER(dw_socket_ops, info)};
static const member congestion_needs[] = {
    MEMBER(dw_congestion_ops, name), MEMBER(dw_congestion_ops, init),
    MEMBER(dw_congestion_ops, on_ack), MEMBER(dw_congestion_ops, ssthresh),
    MEMBER(dw_congestion_ops, on_timeout)};

#define COUNT(list) (sizeof(list) / sizeof *(list))
/* How long a table is that ends with a member. */
#define UP_TO(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))

typedef struct check {
    dw_sim *sim;
    const char *plugin; /* its name */
    const char *table;  /* "protocol's table" */
} check;

/* Returns false, so that a rule is one line. */
static bool wrong(const check *c, const char *format, const char *what)
{
    char text[200];
    snprintf(text, sizeof text, format, what);
    dw_sim_fail(c->sim, DW_E_ABI, "plugin \"%s\": the %s is %s", c->plugin, c->table, text);
    return false;
}

static bool size_is_right(const check *c, uint32_t size, size_t min)
{
    if (size < min) return wrong(c, "incomplete%s", ": it is too short");
    return size <= LARGEST_TABLE || wrong(c, "wrong%s", ": it says that it is larger than any");
}

static bool has_members(const check *c, const void *table, const member *needs, size_t count)
{
    static const char nothing[sizeof(void (*)(void))] = {0};
    for (size_t i = 0; i < count; i++)
        if (memcmp((const char *)table + needs[i].at, nothing, sizeof nothing) == 0)
            return wrong(c, "incomplete: it has no %s", needs[i].name);
    return true;
}

static bool name_is_right(const char *name)
{
    size_t len = name ? strnlen(name, LONGEST_NAME + 1) : 0;
    for (size_t i = 0; i < len; i++) /* ASCII: whatever shows it, and a trace, has it as it is */
        if (name[i] <= ' ' || name[i] >= 0x7f) return false;
    return len > 0 && len <= LONGEST_NAME;
}

static bool option_is_right(const check *c, const dw_option *o)
{
    if (!o->doc) return wrong(c, "incomplete: option \"%s\" has no doc", o->name);
    if (o->kind > DW_OPTION_CHOICE) return wrong(c, "wrong: option \"%s\" is of no kind", o->name);
    if (o->min > o->max) return wrong(c, "wrong: option \"%s\" has min above max", o->name);
    return o->kind != DW_OPTION_CHOICE || (o->choices && o->choices[0]) ||
           wrong(c, "incomplete: option \"%s\" has no choices", o->name);
}

static bool options_are_right(const check *c, const dw_option *options)
{
    for (size_t i = 0; options && options[i].name; i++) {
        if (i == LONGEST_LIST) return wrong(c, "wrong: its options have no end%s", "");
        if (!name_is_right(options[i].name)) return wrong(c, "wrong: an option has no name%s", "");
        if (!option_is_right(c, &options[i])) return false;
    }
    return true;
}

static bool sockets_are_right(const check *c, const dw_socket_ops *ops)
{
    const check own = {c->sim, c->plugin, "protocol's table of sockets"};
    if (!ops) return true;
    return size_is_right(&own, ops->size, UP_TO(dw_socket_ops, info)) &&
           has_members(&own, ops, socket_needs, COUNT(socket_needs)) &&
           (!DW_OFFERS(dw_socket_ops, ops, options) || options_are_right(&own, ops->options));
}

static bool lists_are_right(const check *c, const dw_protocol_ops *ops)
{
    if (ops->cause_count > LONGEST_LIST) return wrong(c, "wrong: it has too many causes%s", "");
    if (ops->cause_count > 0 && !ops->causes) return wrong(c, "incomplete: it has no %s", "causes");
    for (size_t i = 0; i < ops->cause_count; i++)
        if (!name_is_right(ops->causes[i].name) || !ops->causes[i].text)
            return wrong(c, "incomplete: a cause has no name, or no %s", "text");
    for (size_t i = 0; ops->defects && ops->defects[i].name; i++)
        if (i == LONGEST_LIST || !ops->defects[i].text)
            return wrong(c, "incomplete: defect \"%s\" has no text", ops->defects[i].name);
    return options_are_right(c, ops->options);
}

/* Members that are of use only together. */
static bool pairs_are_right(const check *c, const dw_protocol_ops *ops)
{
    if (ops->options && !ops->options_of) return wrong(c, "incomplete: it has no %s", "options_of");
    if (ops->fields && !ops->rewrite) return wrong(c, "incomplete: it has no %s", "rewrite");
    if (ops->arrows && !ops->states) return wrong(c, "incomplete: it has no %s", "states");
    if (DW_OFFERS(dw_protocol_ops, ops, state_classes) && !ops->states)
        return wrong(c, "incomplete: it has no %s", "states");
    if (DW_OFFERS(dw_protocol_ops, ops, flag_classes) && !ops->flags)
        return wrong(c, "incomplete: it has no %s", "flags");
    return !ops->profiles || ops->profile || wrong(c, "incomplete: it has no %s", "profile");
}

static bool protocol_is_right(dw_sim *sim, const dw_plugin *plugin)
{
    const check c = {sim, plugin->name, "protocol's table"};
    const dw_protocol_ops *ops = plugin->protocol;
    if (!ops) return true;
    if (!size_is_right(&c, ops->size, UP_TO(dw_protocol_ops, query))) return false;
    if (!has_members(&c, ops, protocol_needs, COUNT(protocol_needs))) return false;
    if (ops->layer == DW_LAYER_NETWORK && !ops->output)
        return wrong(&c, "incomplete: it has no %s", "output");
    if (ops->layer != DW_LAYER_NETWORK && ops->layer != DW_LAYER_TRANSPORT)
        return wrong(&c, "wrong: there is no such %s", "layer");
    if (ops->layer == DW_LAYER_TRANSPORT && ops->number > UINT8_MAX)
        return wrong(&c, "wrong: a transport has a number of one %s", "octet");
    return pairs_are_right(&c, ops) && lists_are_right(&c, ops) &&
           sockets_are_right(&c, ops->sockets);
}

static bool congestion_is_right(dw_sim *sim, const dw_plugin *plugin)
{
    const check c = {sim, plugin->name, "congestion control's table"};
    const dw_congestion_ops *ops = plugin->congestion;
    if (!ops) return true;
    if (!size_is_right(&c, ops->size, UP_TO(dw_congestion_ops, on_timeout))) return false;
    if (!has_members(&c, ops, congestion_needs, COUNT(congestion_needs))) return false;
    if (strcmp(ops->name, plugin->name) != 0)
        return wrong(&c, "wrong: it has another name, \"%.60s\"", ops->name);
    return !DW_OFFERS(dw_congestion_ops, ops, state_size) || ops->state_size <= LARGEST_STATE ||
           wrong(&c, "wrong: it asks for more than 32768 octets of %s", "state");
}

int dw_plugin_check(dw_sim *sim, const dw_plugin *plugin)
{
    if (plugin->abi != DW_PLUGIN_ABI)
        return dw_sim_fail(sim, DW_E_ABI,
                           "the plugin was built for ABI %u; this drywire has ABI %u", plugin->abi,
                           DW_PLUGIN_ABI);
    if (plugin->size < sizeof(dw_plugin) || plugin->size > LARGEST_TABLE)
        return dw_sim_fail(sim, DW_E_ABI, "the plugin's table is incomplete, or no table");
    if (!name_is_right(plugin->name))
        return dw_sim_fail(sim, DW_E_ABI,
                           "the plugin's table is incomplete: its name must be a word of at most "
                           "%d characters",
                           LONGEST_NAME);
    if (!plugin->protocol && !plugin->congestion)
        return dw_sim_fail(sim, DW_E_ABI,
                           "plugin \"%s\" offers neither a protocol nor a congestion control",
                           plugin->name);
    bool right = protocol_is_right(sim, plugin) && congestion_is_right(sim, plugin);
    return right ? DW_OK : DW_E_ABI;
}
