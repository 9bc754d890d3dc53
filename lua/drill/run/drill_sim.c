/* A script's surroundings in a simulation: two nodes and a link without delay.  The host, whose TCP
 * is under test, and the wire, where the script is; virtual time. */
#include "drill_run.h"

#include "drywire/plugin.h"

#include <stdlib.h>
#include <string.h>

#define TIME_ENDS (30 * 24 * DW_HOUR)

static bool going(const dw_drill_run *run)
{
    return run->verdict == DW_DRILL_PASSED;
}

static dw_time now(const dw_drill_run *run)
{
    return dw_sim_now(run->sim);
}

/* What happens on the host. */

static void packet_came(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    dw_drill_run *run = arg;
    (void)node;
    uint64_t number = 0;
    if (run->under_way.head != run->under_way.tail)
        number = run->under_way.number[run->under_way.head++ % 256];
    if (!dw_drill_came(run, bytes, len, number)) dw_sim_no_memory(run->sim);
    if (run->waiting) dw_sim_stop(run->sim, DW_OK);
}

static dw_drill_conn *conn_of(dw_drill_run *run, uint32_t number)
{
    for (size_t i = 0; i < run->conn_count; i++)
        if (run->conns[i].conn == number) return &run->conns[i];
    dw_drill_conn *more = realloc(run->conns, (run->conn_count + 1) * sizeof *more);
    if (!more) {
        dw_sim_no_memory(run->sim);
        return NULL;
    }
    run->conns = more;
    more[run->conn_count] = (dw_drill_conn){.conn = number, .state = "CLOSED"};
    return &more[run->conn_count++];
}

static void traced(const dw_trace_event *e, void *arg)
{
    dw_drill_run *run = arg;
    if (e->node == dw_node_index(run->host)) dw_drill_count(run, e);
    if (e->type == DW_TRACE_SENT) {
        run->sent++;
        if (e->node == dw_node_index(run->host))
            run->under_way.number[run->under_way.tail++ % 256] = run->sent;
        return;
    }
    if (e->node != dw_node_index(run->host)) return;
    if (e->type != DW_TRACE_CONN && e->type != DW_TRACE_STATE) return;
    dw_drill_conn *c = conn_of(run, e->conn);
    if (!c) return;
    if (e->type == DW_TRACE_CONN) {
        c->local_port = e->u.conn.flow.local_port;
        c->remote_port = e->u.conn.flow.remote_port;
    } else {
        c->state = e->u.state.to;
    }
}

int dw_drill_count_conns(const dw_drill_run *run, uint16_t port, const char *state)
{
    int count = 0;
    for (size_t i = 0; i < run->conn_count; i++) {
        const dw_drill_conn *c = &run->conns[i];
        count += (c->local_port == port || c->remote_port == port) && strcmp(c->state, state) == 0;
    }
    return count;
}

static int after_event(void *arg)
{
    dw_drill_run *run = arg;
    dw_sys_look(run->sys);
    dw_drill_try_pending(run);
    dw_drill_ends(run);
    if (!going(run)) dw_sim_stop(run->sim, DW_OK);
    return DW_OK;
}

/* Let time go on; a call's own timeout may be on the way. */
static bool run_until(dw_drill_run *run, dw_time until)
{
    while (going(run)) {
        dw_time stop =
            run->pending.event && run->pending.deadline < until ? run->pending.deadline : until;
        if (stop < now(run)) stop = now(run);
        int status = dw_sim_run(run->sim, stop);
        if (status == DW_E_LIMIT)
            return dw_drill_stop(run, DW_DRILL_WRONG, "%s", dw_sim_message(run->sim));
        if (status != DW_OK)
            return dw_drill_stop(run, DW_DRILL_FAILED, "%s", dw_sim_message(run->sim));
        if (run->pending.event && now(run) >= run->pending.deadline) dw_drill_try_pending(run);
        if ((run->waiting && run->first) || now(run) >= until) break;
    }
    return going(run);
}

static enum dw_sys_kind kind_of(const char *profile)
{
    if (strcmp(profile, "linux") == 0) return DW_SYS_LINUX;
    return strcmp(profile, "freebsd") == 0 ? DW_SYS_FREEBSD : DW_SYS_PLAIN;
}

static bool make_world(dw_drill_run *run, const char *profile, int64_t mtu)
{
    const dw_drill_config *config = run->config;
    const dw_sim_config sim = {.seed = 1,
                               .limit = TIME_ENDS,
                               .max_events = 2000000,
                               .trace = config->keep,
                               .detail = config->detail,
                               .checks = DW_CHECKS_OFF};
    dw_link_config link = {0};
    link.direction[0].mtu = link.direction[1].mtu = (uint32_t)mtu;
    if (mtu == 0 && run->family == 6 && run->kind == DW_SYS_LINUX)
        link.direction[0].mtu = 1520; /* as the suites are run: MSS 1460 */
    link.direction[1].mtu = 65535;    /* the script may send what a receiver has put together */
    if (dw_sim_new(&sim, &run->sim) != DW_OK) return false;
    if (dw_node_new(run->sim, "host", &run->host) != DW_OK ||
        dw_node_new(run->sim, "wire", &run->wire) != DW_OK ||
        dw_node_set_address(run->host, &run->local) != DW_OK ||
        dw_node_set_address(run->wire, &run->remote) != DW_OK ||
        dw_link_new(run->host, run->wire, &link, NULL) != DW_OK ||
        dw_node_option(run->host, "tcp", "profile", profile) != DW_OK ||
        dw_sys_new(run->host, run->kind, &run->sys) != DW_OK)
        return dw_drill_stop(run, DW_DRILL_WRONG, "%s", dw_sim_message(run->sim));
    dw_node_set_stack(run->wire, packet_came, run);
    uint32_t mask = DW_TRACE_BIT(DW_TRACE_SENT) | DW_TRACE_BIT(DW_TRACE_DELIVERED) |
                    DW_TRACE_BIT(DW_TRACE_DROPPED) | DW_TRACE_BIT(DW_TRACE_NOTE) |
                    DW_TRACE_BIT(DW_TRACE_CONN) | DW_TRACE_BIT(DW_TRACE_STATE);
    if (dw_trace_subscribe(run->sim, mask, UINT32_MAX, 0, traced, run) != DW_OK) return false;
    dw_sim_after_event(run->sim, after_event, run);
    return true;
}

/* What the script's first comment says of the host; the profile is set already, unless there is
 * none of that name. */
static bool set_host(dw_drill_run *run, const char *profile)
{
    for (const dw_drill_option *o = run->script->options; o; o = o->next) {
        if (!o->of_host) continue;
        bool set = run->config->profile || strcmp(o->value, profile) == 0;
        if (strcmp(o->name, "profile") == 0 && set) continue;
        run->line = o->line;
        if (strcmp(o->name, "same_time") == 0 && strcmp(o->value, "together") == 0)
            run->together = true;
        else if (dw_node_option(run->host, "tcp", o->name, o->value) != DW_OK)
            return dw_drill_stop(run, DW_DRILL_WRONG, "%s", dw_sim_message(run->sim));
    }
    return true;
}

static bool open_world(dw_drill_run *run, const char *profile, int64_t mtu)
{
    run->kind = kind_of(profile);
    return make_world(run, profile, mtu) && set_host(run, profile);
}

static void close_world(dw_drill_run *run, dw_drill_result *out)
{
    if (run->sim) dw_sim_after_event(run->sim, NULL, NULL);
    dw_sys_free(run->sys);
    free(run->conns);
    if (run->config->keep)
        out->sim = run->sim;
    else
        dw_sim_free(run->sim);
}

static bool send_packet(dw_drill_run *run, const uint8_t *bytes, size_t len, uint16_t gso_size)
{
    if (dw_node_send_merged(run->wire, bytes, len, gso_size) == DW_OK) return true;
    return dw_drill_stop(run, DW_DRILL_WRONG, "%s", dw_sim_message(run->sim));
}

const dw_drill_world dw_drill_simulated = {
    .calls = &dw_sys_simulated,
    .patience = 300 * DW_SECOND,
    .any_time = 300 * DW_SECOND,
    .open = open_world,
    .close = close_world,
    .now = now,
    .run_until = run_until,
    .send = send_packet,
    .sysctl = dw_drill_set_sysctl,
};
