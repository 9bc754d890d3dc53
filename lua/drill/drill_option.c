/* Options of a script: addresses, ports, how exactly to look. */
#include "drill_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MTU_LEAST = 68 };

static bool option_number(dw_drill_run *run, const dw_drill_option *o, int64_t least, int64_t most,
                          int64_t *out)
{
    char *end;
    errno = 0;
    long long v = o->value ? strtoll(o->value, &end, 0) : 0;
    if (o->value && end != o->value && !*end && !errno && v >= least && v <= most) {
        *out = v;
        return true;
    }
    return dw_drill_stop(run, DW_DRILL_WRONG, "--%s takes a number from %" PRId64 " to %" PRId64,
                         o->name, least, most);
}

static bool option_address(dw_drill_run *run, const dw_drill_option *o, dw_addr *out)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(o->value ? o->value : "", "/"),
             o->value ? o->value : "");
    if (dw_addr_parse(text, out) == DW_OK) return true;
    return dw_drill_stop(run, DW_DRILL_WRONG, "--%s: this is no address: %s", o->name, text);
}

static bool set_ip_version(dw_drill_run *run, const char *v)
{
    bool v6 = strcmp(v, "ipv6") == 0;
    run->mapped = strcmp(v, "ipv4-mapped-ipv6") == 0;
    if (!v6 && !run->mapped && strcmp(v, "ipv4") != 0)
        return dw_drill_stop(run, DW_DRILL_WRONG,
                             "--ip_version is ipv4, ipv6 or ipv4-mapped-ipv6, not %s", v);
    run->family = v6 ? 6 : 4;
    dw_addr_parse(v6 ? "fd3d:fa7b:d17d::1" : "192.168.0.1", &run->local);
    dw_addr_parse(v6 ? "2001:db8::1" : "192.0.2.1", &run->remote);
    return true;
}

static bool set_permille(dw_drill_run *run, const dw_drill_option *o)
{
    char *end;
    double percent = o->value ? strtod(o->value, &end) : -1;
    if (percent < 0 || percent > 100)
        return dw_drill_stop(run, DW_DRILL_WRONG, "--%s takes a number from 0 to 100", o->name);
    run->tolerance_permille = (int64_t)(percent * 10);
    return true;
}

static bool do_option(dw_drill_run *run, const dw_drill_option *o, int64_t *mtu)
{
    static const char *const names[] = {"ip_version",
                                        "local_ip",
                                        "remote_ip",
                                        "mtu",
                                        "bind_port",
                                        "connect_port",
                                        "tolerance_usecs",
                                        "tolerance_percent",
                                        "tcp_ts_tick_usecs",
                                        "tcp_ts_ecr_scaled",
                                        "strict_segments",
                                        "gateway_ip",
                                        "netmask_ip",
                                        "non_fatal",
                                        "send_omit_free",
                                        "mss",
                                        "define",
                                        "D",
                                        "udp_encapsulation",
                                        "init_scripts",
                                        "verbose",
                                        "no_cleanup",
                                        "persistent_tun_dev",
                                        NULL};
    static const char *const ignored[] = {"gateway_ip",
                                          "netmask_ip",
                                          "send_omit_free",
                                          "define",
                                          "D",
                                          "udp_encapsulation",
                                          "verbose",
                                          "no_cleanup",
                                          "persistent_tun_dev",
                                          "tcp_ts_ecr_scaled",
                                          "non_fatal",
                                          NULL};
    int64_t v;
    const char *n = o->name;
    if (strcmp(n, "ip_version") == 0)
        return run->config->ip_version != NULL || set_ip_version(run, o->value ? o->value : "");
    if (strcmp(n, "local_ip") == 0) return option_address(run, o, &run->local);
    if (strcmp(n, "remote_ip") == 0) return option_address(run, o, &run->remote);
    if (strcmp(n, "mtu") == 0) return option_number(run, o, MTU_LEAST, 65535, mtu);
    if (strcmp(n, "bind_port") == 0) {
        if (!option_number(run, o, 1, 65535, &v)) return false;
        run->bind_port = (uint16_t)v;
        return true;
    }
    if (strcmp(n, "connect_port") == 0) {
        if (!option_number(run, o, 1, 65535, &v)) return false;
        run->connect_port = (uint16_t)v;
        return true;
    }
    if (strcmp(n, "tolerance_usecs") == 0) {
        if (!option_number(run, o, 0, 1000000000, &v)) return false;
        run->tolerance = v * DW_MICROSECOND;
        return true;
    }
    if (strcmp(n, "mss") == 0) {
        if (!option_number(run, o, 1, 65535, &v)) return false;
        run->mss = (uint32_t)v;
        return true;
    }
    if (strcmp(n, "tcp_ts_tick_usecs") == 0) {
        if (!option_number(run, o, 0, 1000000, &v)) return false;
        run->strictness.stamp_tick = v * DW_MICROSECOND;
        return true;
    }
    if (strcmp(n, "tolerance_percent") == 0) return set_permille(run, o);
    if (strcmp(n, "strict_segments") == 0) {
        run->strict_segments = true;
        return true;
    }
    for (int i = 0; ignored[i]; i++)
        if (strcmp(n, ignored[i]) == 0) return true;
    const char *near = dw_nearest(n, names);
    return dw_drill_stop(run, DW_DRILL_UNSUPPORTED, "not supported: the option --%s%s%s%s", n,
                         near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

bool dw_drill_do_options(dw_drill_run *run, int64_t *mtu)
{
    *mtu = 0;
    /* The version first: it chooses the addresses that others override. */
    const char *version = run->config->ip_version ? run->config->ip_version : "ipv4";
    if (!set_ip_version(run, version)) return false;
    for (int pass = 0; pass < 2; pass++)
        for (const dw_drill_option *o = run->script->options; o; o = o->next) {
            run->line = o->line;
            if (o->of_host || (strcmp(o->name, "ip_version") == 0) != (pass == 0)) continue;
            if (!do_option(run, o, mtu)) return false;
        }
    if (run->config->tolerance) run->tolerance = run->config->tolerance;
    return true;
}
