/* link:inject: a packet that no host sent, from a table of its fields. */
#include "drywire/plugin.h"
#include "base/error.h"
#include "base/options.h"
#include "kinds.h"
#include "lua_match.h"
#include "object.h"

#include <stdio.h>
#include <string.h>

static const char *const inject_options[] = {
    "at",  "from",    "port",       "to",     "to_port",  "flags", "seq",
    "ack", "window",  "data",       "urgent", "ttl",      "tos",   "src",
    "dst", "options", "ip_options", "mtu",    "protocol", "about", NULL};

/* An option of any octets is pushed; NULL: it is not given. */
static const char *read_octets(lua_State *L, const char *name, size_t *len)
{
    *len = 0;
    if (dwl_get_option(L, 2, name) == LUA_TNIL) return NULL;
    if (!lua_isstring(L, -1))
        dwl_error(L, "link:inject.%s: expected a string, got %s", name, luaL_typename(L, -1));
    return lua_tolstring(L, -1, len);
}

/* Header options as they stand on the wire, padded to a multiple of four with zeros. */
static uint32_t read_bytes(lua_State *L, const char *name, uint8_t out[40])
{
    size_t len;
    char what[40];
    const char *bytes = read_octets(L, name, &len);
    snprintf(what, sizeof what, "link:inject: %s", name);
    if (len > 40) dwl_error(L, "%s: at most 40 bytes, got %d", what, (int)len);
    memset(out, 0, 40);
    if (bytes) memcpy(out, bytes, len);
    lua_pop(L, 1);
    return (uint32_t)((len + 3) / 4 * 4);
}

/* An address that is nobody's, or not the host's: src = "192.0.2.9". */
static void read_address(lua_State *L, const char *name, dw_addr *out)
{
    const char *text = dwl_opt_string(L, 2, "inject", name);
    if (text && dw_addr_parse(text, out) != DW_OK)
        dwl_error(L, "link:inject: %s: \"%s\" is no IP address", name, text);
}

/* What is injected, as far as it has been read.  The dissection points into the others. */
typedef struct injection {
    const char *protocol;
    const char *notation; /* "S. 0:0(0) ack 1", or NULL; the table of fields keeps it */
    dw_node *from, *to;
    dw_dissection fields;
    uint8_t options[40], ip_options[40];
    dw_net_error error;
    dw_flow quoted;
    bool ports; /* both are given */
} injection;

static uint32_t read_number(lua_State *L, const char *name, int64_t min, int64_t max,
                            int64_t otherwise)
{
    int64_t value = otherwise;
    dwl_opt_integer(L, 2, "inject", name, min, max, &value);
    return (uint32_t)value;
}

/* The fields that headers of all protocols have, and TCP's. */
static void read_fields(lua_State *L, injection *in)
{
    dw_dissection *f = &in->fields;
    int64_t port = 0, to_port = 0;
    in->ports = dwl_opt_integer(L, 2, "inject", "port", 1, 65535, &port);
    in->ports &= dwl_opt_integer(L, 2, "inject", "to_port", 1, 65535, &to_port);
    if (!in->ports && !in->protocol && !in->notation)
        dwl_error(L, "link:inject: say port and to_port");
    f->src = dw_node_address(in->from);
    f->dst = dw_node_address(in->to);
    f->sport = (uint16_t)port;
    f->dport = (uint16_t)to_port;
    f->seq = read_number(L, "seq", 0, UINT32_MAX, 0);
    f->ack = read_number(L, "ack", 0, UINT32_MAX, 0);
    f->window = read_number(L, "window", 0, 65535, 65535);
    f->urgent = read_number(L, "urgent", 0, 65535, 0);
    f->ttl = (uint8_t)read_number(L, "ttl", 1, 255, 0);
    f->tos = (uint8_t)read_number(L, "tos", 0, 255, 0);
    f->options = in->options;
    f->options_len = read_bytes(L, "options", in->options);
    f->network_options = in->ip_options;
    f->network_options_len = read_bytes(L, "ip_options", in->ip_options);
    read_address(L, "src", &f->src);
    read_address(L, "dst", &f->dst);
}

/* An ICMP error.  It goes to the host whose packet it quotes, which that host sent from its port
 * `port` to port `to_port` of `about`, or else of the host that reports the error. */
static void read_error(lua_State *L, dwl_sim *s, injection *in)
{
    enum { TCP = 6 };
    dw_dissection *f = &in->fields;
    if (!f->flags) dwl_error(L, "link:inject: say which error: flags = \"host-unreachable\"");
    if (f->flags & (f->flags - 1))
        dwl_error(L, "link:inject: an ICMP message tells one error; inject one for each");
    while (!(f->flags & 1u << in->error.kind))
        in->error.kind++; /* the flags of ICMP are the kinds of errors */
    in->error.mtu = read_number(L, "mtu", 0, 65535, 65535);
    in->quoted = (dw_flow){.local = f->dst,
                           .remote = dw_node_address(in->from),
                           .local_port = f->sport,
                           .remote_port = f->dport,
                           .transport = TCP};
    if (dwl_get_option(L, 2, "about") != LUA_TNIL)
        in->quoted.remote = dw_node_address(dwl_check_host(L, -1, s, "inject.about"));
    lua_pop(L, 1);
    f->error = &in->error;
    f->quoted = &in->quoted;
}

static bool is_icmp(const char *protocol)
{
    return strcmp(protocol, "icmp") == 0 || strcmp(protocol, "icmp6") == 0;
}

/* "icmp" is the version of the addresses' family. */
static void choose_icmp(lua_State *L, injection *in)
{
    bool v6 = in->fields.dst.family == 6;
    if (!v6 && strcmp(in->protocol, "icmp6") == 0)
        dwl_error(L, "link:inject: icmp6 is between IPv6 addresses; write protocol = \"icmp\"");
    in->protocol = v6 ? "icmp6" : "icmp";
}

/* A protocol's names, "a, b, c". */
static void push_names(lua_State *L, const char *const *names)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; names[i]; i++) {
        if (i) luaL_addstring(&b, ", ");
        luaL_addstring(&b, names[i]);
    }
    luaL_pushresult(&b);
}

/* A number that was meant and is nil would be 0 without a word: only a SYN may leave seq out. */
static void check_numbers(lua_State *L, const injection *in)
{
    enum { SYN = 0x02, ACK = 0x10 }; /* RFC 9293 3.1 */
    const dw_dissection *f = &in->fields;
    if (in->notation || (in->protocol && strcmp(in->protocol, "tcp") != 0)) return;
    if (dwl_get_option(L, 2, "seq") == LUA_TNIL && !(f->flags & SYN))
        dwl_error(L, "link:inject: seq is missing, or nil; write seq = 0 if that is meant");
    if (dwl_get_option(L, 2, "ack") == LUA_TNIL && (f->flags & ACK))
        dwl_error(L, "link:inject: ack is missing, or nil; write ack = 0 if that is meant");
    lua_pop(L, 2);
}

/* The flags of the protocol that is injected, by its own names for them. */
static void read_flags(lua_State *L, const dwl_sim *s, injection *in)
{
    dw_match m;
    char why[200];
    const char *flags = dwl_opt_string(L, 2, "inject", "flags");
    const char *protocol = in->protocol ? in->protocol : "tcp";
    const dw_plugin *const *p = dw_sim_plugins(s->sim);
    if (!flags) return;
    while (*p && strcmp((*p)->name, protocol) != 0)
        p++;
    if (!*p || !(*p)->protocol) return; /* refused where the packet is made */
    const char *const *names =
        DW_OFFERS(dw_protocol_ops, (*p)->protocol, flags) ? (*p)->protocol->flags : NULL;
    if (!names) dwl_error(L, "link:inject: flags: packets of protocol \"%s\" have none", protocol);
    dw_match_any(&m);
    if (dw_match_flag_names(names, &m, flags, why, sizeof why) != DW_OK) {
        bool hinted = strstr(why, "did you mean") != NULL;
        if (!hinted)
            why[strcspn(why, ";")] = 0; /* what is said instead tells whose flags they are */
        push_names(L, names);
        dwl_error(L, hinted ? "link:inject: %s" : "link:inject: %s; %s has %s", why, protocol,
                  lua_tostring(L, -1));
    }
    in->fields.flags = m.flags;
    in->fields.flag_names = names;
}

/* The octets it carries, pushed: given as data, or as many as the notation says. */
static const char *read_data(lua_State *L, uint32_t octets, size_t *len)
{
    const char *data = read_octets(L, "data", len);
    if (!data && octets > 0) {
        data = memset(lua_newuserdatauv(L, octets, 0), 'x', octets);
        *len = octets;
    }
    if (octets > 0 && *len != octets)
        dwl_error(L, "link:inject: data has %d octets, the notation says %d", (int)*len,
                  (int)octets);
    return data;
}

/* Which way it goes: from the end of the link that the sender is, towards the receiver where that
 * is an end, or else from end 0. */
static int direction_of(const dw_link *link, const injection *in)
{
    if (dw_link_node(link, 1) == in->from) return 1;
    if (dw_link_node(link, 0) == in->from) return 0;
    return dw_link_node(link, 0) == in->to ? 1 : 0;
}

static void read_ends(lua_State *L, dwl_sim *s, injection *in)
{
    dw_match m;
    dw_match_any(&m);
    dwl_read_hosts(L, 2, "inject", s, &m);
    if (!m.from_given || !m.to_given) dwl_error(L, "link:inject: say from and to which host");
    in->from = dw_node_at(s->sim, m.from);
    in->to = dw_node_at(s->sim, m.to);
}

/* link:inject { ... }: what the notation says holds over fields of the same meaning. */
int dwl_link_inject(lua_State *L)
{
    dw_link *link = dwl_check_object(L, 1, DWL_LINK);
    dwl_sim *s = dwl_sim_of(L, 1);
    injection in = {.protocol = NULL};
    dwl_check_names_after(L, 2, "link:inject", inject_options);
    read_ends(L, s, &in);
    in.protocol = dwl_opt_string(L, 2, "inject", "protocol");
    if (lua_rawgeti(L, 2, 1) == LUA_TSTRING) in.notation = lua_tostring(L, -1);
    lua_pop(L, 1);
    if (in.notation && in.protocol && strcmp(in.protocol, "tcp") != 0)
        return dwl_error(L, "link:inject: the notation is TCP's, not protocol \"%s\"", in.protocol);
    read_fields(L, &in);
    if (in.protocol && is_icmp(in.protocol)) choose_icmp(L, &in);
    read_flags(L, s, &in);
    check_numbers(L, &in);
    dw_time at = dw_sim_now(s->sim);
    dwl_opt_time(L, 2, "inject", "at", &at);
    if (in.protocol && is_icmp(in.protocol)) read_error(L, s, &in);
    uint32_t octets =
        in.notation ? dwl_inject_notation(L, in.notation, s, &in.fields, in.options) : 0;
    if (in.fields.sport == 0 && in.notation)
        return dwl_error(L, "link:inject: say port and to_port");
    size_t len;
    const char *data = read_data(L, octets, &len);
    int status = dw_link_inject(link, direction_of(link, &in), at,
                                in.protocol ? in.protocol : "tcp", &in.fields, data, len);
    if (status != DW_OK) return dwl_refused(L, s, status, "link:inject");
    dwl_wants_run(s);
    lua_settop(L, 1);
    return 1;
}
