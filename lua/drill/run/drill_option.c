/* Options of a script, and of packetdrill's command line: addresses, ports, how exactly to look. */
#include "drill_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MTU_MIN = 68 };

/* What options are read into, and where from. */
typedef struct setter {
    dw_drill_options *options;
    const dw_drill_config *config;
    dw_drill_outcome *outcome;
} setter;

enum option_id {
    BIND_PORT,
    CONNECT_PORT,
    DRY_RUN,
    INIT_SCRIPTS,
    IP_VERSION,
    LOCAL_IP,
    MD5_SECRET,
    MSS,
    MTU,
    NON_FATAL,
    REMOTE_IP,
    STRICT_SEGMENTS,
    TICK,
    TOLERANCE,
    TOLERANCE_PERCENT,
    IGNORED,
    REFUSED, /* other machines, other stacks: "not supported" */
};

static const struct known {
    const char *name;
    uint8_t id; /* enum option_id */
    bool flag;  /* it takes no value */
} table[] = {
    {"bind_port", BIND_PORT, false},
    {"connect_port", CONNECT_PORT, false},
    {"dry_run", DRY_RUN, true},
    {"init_scripts", INIT_SCRIPTS, false},
    {"ip_version", IP_VERSION, false},
    {"local_ip", LOCAL_IP, false},
    {"mss", MSS, false},
    {"mtu", MTU, false},
    {"non_fatal", NON_FATAL, false},
    {"remote_ip", REMOTE_IP, false},
    {"strict_segments", STRICT_SEGMENTS, true},
    {"tcp_md5_secret", MD5_SECRET, false},
    {"tcp_ts_tick_usecs", TICK, false},
    {"tolerance_usecs", TOLERANCE, false},
    {"tolerance_percent", TOLERANCE_PERCENT, false},
    /* What concerns the machine that packetdrill runs on. */
    {"code_command", IGNORED, false},
    {"code_format", IGNORED, false},
    {"code_sockopt", IGNORED, false},
    {"define", IGNORED, false},
    {"D", IGNORED, false},
    {"gateway_ip", IGNORED, false},
    {"gre_local_ip", REFUSED, false},
    {"gre_remote_ip", REFUSED, false},
    {"netmask_ip", IGNORED, false},
    {"no_cleanup", IGNORED, true},
    {"persistent_tun_dev", IGNORED, true},
    {"send_omit_free", IGNORED, true},
    {"so_filename", REFUSED, false},
    {"so_flags", REFUSED, false},
    {"speed", IGNORED, false},
    {"tcp_ts_ecr_scaled", IGNORED, true},
    {"tun_dev", IGNORED, false},
    {"udp_encapsulation", IGNORED, false},
    {"verbose", IGNORED, true},
    {"wire_client", REFUSED, true},
    {"wire_client_dev", REFUSED, false},
    {"wire_server", REFUSED, true},
    {"wire_server_dev", REFUSED, false},
    {"wire_server_ip", REFUSED, false},
    {"wire_server_port", REFUSED, false},
    {"wire_server_at", REFUSED, false},
    {NULL, 0, false},
};

static const struct known *find(const char *name, size_t len)
{
    for (const struct known *k = table; k->name; k++)
        if (strlen(k->name) == len && strncmp(k->name, name, len) == 0) return k;
    return NULL;
}

const char *dw_drill_option_name(const char *name, size_t len, bool *flag)
{
    const struct known *k = find(name, len);
    if (k) *flag = k->flag;
    return k ? k->name : NULL;
}

const char *dw_drill_option_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? table[i].name : NULL;
}

static bool option_number(setter *s, const dw_drill_option *o, int64_t min, int64_t max,
                          int64_t *out)
{
    char *end;
    errno = 0;
    long long v = o->value ? strtoll(o->value, &end, 0) : 0;
    if (o->value && end != o->value && !*end && !errno && v >= min && v <= max) {
        *out = v;
        return true;
    }
    return dw_drill_stop(s->outcome, DW_DRILL_WRONG,
                         "--%s takes a number from %" PRId64 " to %" PRId64, o->name, min, max);
}

static bool option_address(setter *s, const dw_drill_option *o, dw_addr *out)
{
    char text[64];
    dw_addr a;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(o->value, "/"), o->value);
    if (dw_addr_parse(text, &a) != DW_OK)
        return dw_drill_stop(s->outcome, DW_DRILL_WRONG, "--%s: this is no address: %s", o->name,
                             text);
    if (a.family != s->options->family)
        return dw_drill_stop(s->outcome, DW_DRILL_WRONG, "--%s: %s is no address of IPv%u", o->name,
                             text, s->options->family);
    *out = a;
    return true;
}

static bool option_port(setter *s, const dw_drill_option *o, uint16_t *out)
{
    int64_t v;
    if (!option_number(s, o, 1, 65535, &v)) return false;
    *out = (uint16_t)v;
    return true;
}

static bool set_ip_version(setter *s, const char *v)
{
    bool v6 = strcmp(v, "ipv6") == 0;
    s->options->mapped = strcmp(v, "ipv4-mapped-ipv6") == 0;
    if (!v6 && !s->options->mapped && strcmp(v, "ipv4") != 0)
        return dw_drill_stop(s->outcome, DW_DRILL_WRONG,
                             "--ip_version is ipv4, ipv6 or ipv4-mapped-ipv6, not %s", v);
    s->options->family = v6 ? 6 : 4;
    dw_addr_parse(v6 ? "fd3d:fa7b:d17d::1" : "192.168.0.1", &s->options->local);
    dw_addr_parse(v6 ? "2001:db8::1" : "192.0.2.1", &s->options->remote);
    return true;
}

static bool set_permille(setter *s, const dw_drill_option *o)
{
    char *end;
    double percent = o->value ? strtod(o->value, &end) : -1;
    if (percent < 0 || percent > 100)
        return dw_drill_stop(s->outcome, DW_DRILL_WRONG, "--%s takes a number from 0 to 100",
                             o->name);
    s->options->tolerance_permille = (int64_t)(percent * 10);
    return true;
}

/* Which events may differ from the script without failing it. */
static bool set_non_fatal(setter *s, const char *kinds)
{
    for (const char *at = kinds; *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (n == 6 && strncmp(at, "packet", n) == 0)
            s->options->packets_may_differ = true;
        else if (n == 7 && strncmp(at, "syscall", n) == 0)
            s->options->calls_may_differ = true;
        else
            return dw_drill_stop(s->outcome, DW_DRILL_WRONG,
                                 "--non_fatal takes packet and syscall, not %.*s", (int)n, at);
        at += n;
    }
    return true;
}

static bool unknown(setter *s, const dw_drill_option *o)
{
    const char *names[sizeof table / sizeof table[0]];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        names[i] = table[i].name;
    const char *near = dw_nearest(o->name, names);
    if (near)
        return dw_drill_unsupported(s->outcome, "the option --%s; did you mean --%s?", o->name,
                                    near);
    return dw_drill_unsupported(s->outcome, "the option --%s", o->name);
}

/* A number of microseconds. */
static bool option_usecs(setter *s, const dw_drill_option *o, int64_t max, dw_time *out)
{
    int64_t v;
    if (!option_number(s, o, 0, max, &v)) return false;
    *out = v * DW_MICROSECOND;
    return true;
}

static bool set_mss(setter *s, const dw_drill_option *o)
{
    int64_t v;
    if (!option_number(s, o, 1, 65535, &v)) return false;
    s->options->mss = (uint16_t)v;
    return true;
}

/* One option.  Those with a value have one from here on. */
static bool do_option(setter *s, const dw_drill_option *o)
{
    dw_drill_options *out = s->options;
    const struct known *k = find(o->name, strlen(o->name));
    if (!k) return unknown(s, o);
    if (!k->flag && !o->value && k->id != IGNORED && k->id != REFUSED)
        return dw_drill_stop(s->outcome, DW_DRILL_WRONG, "--%s needs a value", o->name);
    switch ((enum option_id)k->id) {
    case IP_VERSION: return s->config->ip_version != NULL || set_ip_version(s, o->value);
    case LOCAL_IP: return option_address(s, o, &out->local);
    case REMOTE_IP: return option_address(s, o, &out->remote);
    case BIND_PORT: return option_port(s, o, &out->bind_port);
    case CONNECT_PORT: return option_port(s, o, &out->connect_port);
    case MTU: return option_number(s, o, MTU_MIN, 65535, &out->mtu);
    case MSS: return set_mss(s, o);
    case TOLERANCE: return option_usecs(s, o, 1000000000, &out->tolerance);
    case TICK: return option_usecs(s, o, 1000000, &out->strictness.timestamp_tick);
    case TOLERANCE_PERCENT: return set_permille(s, o);
    case NON_FATAL: return set_non_fatal(s, o->value);
    case STRICT_SEGMENTS: out->strict_segments = true; return true;
    case DRY_RUN: out->dry = true; return true;
    case INIT_SCRIPTS: out->init_scripts = o->value; return true;
    case MD5_SECRET:
    case REFUSED: return dw_drill_unsupported(s->outcome, "the option --%s", o->name);
    case IGNORED: return true;
    }
    return true;
}

void dw_drill_default_options(dw_drill_options *options, const dw_drill_config *config)
{
    *options = (dw_drill_options){.bind_port = 8080,
                                  .connect_port = 8080,
                                  .tolerance = 4 * DW_MILLISECOND,
                                  .tolerance_permille = 125};
    options->strictness.ignore = config->ignore;
}

bool dw_drill_do_options(dw_drill_options *options, const dw_drill_script *script,
                         const dw_drill_config *config, dw_drill_outcome *outcome)
{
    setter s = {options, config, outcome};
    /* The version first: it chooses the addresses that others override. */
    const char *version = config->ip_version ? config->ip_version : "ipv4";
    if (!set_ip_version(&s, version)) return false;
    /* And what the command line says counts more than what the script says. */
    const dw_drill_option *const lists[] = {script->options, config->options};
    for (int pass = 0; pass < 4; pass++)
        for (const dw_drill_option *o = lists[pass % 2]; o; o = o->next) {
            outcome->line = o->line;
            if (o->of_host || (strcmp(o->name, "ip_version") == 0) != (pass < 2)) continue;
            if (!do_option(&s, o)) return false;
        }
    if (config->tolerance) options->tolerance = config->tolerance;
    return true;
}
