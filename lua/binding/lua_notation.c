/* Packets in packetdrill's notation, "F. 1:1(0) ack 1": matched against packets, and injected.
 * Numbers count from the initial ones, as on a ladder. */
#include "base/error.h"
#include "lua_match.h"
#include "object.h"
#include "drill/drill.h"

#include <string.h>

enum { TCP = 6 };

/* What a filter asks, kept as long as the simulation. */
typedef struct notation {
    dw_trace *trace;
    dw_drill_packet k;
    bool (*also)(const dw_packet_view *view, void *arg); /* a Lua predicate, asked after it */
    void *also_arg;
} notation;

static bool number_is(const notation *n, const dw_packet_view *v, bool reverse, uint32_t expected,
                      uint32_t came)
{
    uint32_t isn;
    if (!dw_trace_isn(n->trace, &v->d, reverse, v->number, &isn)) return false;
    return came - isn == expected;
}

/* What the notation does not write is not looked at. */
static bool matches(const dw_packet_view *v, void *arg)
{
    const notation *n = arg;
    const dw_drill_packet *k = &n->k;
    const dw_dissection *d = &v->d;
    if (d->transport != TCP || d->flags != (k->flags & 0xffu) || d->len != k->payload) return false;
    if (k->has_ports && (d->sport != k->sport || d->dport != k->dport)) return false;
    if (k->seq_absolute ? d->seq != k->seq : !k->seq_any && !number_is(n, v, false, k->seq, d->seq))
        return false;
    bool asks_ack = k->flags & DW_DRILL_ACK && k->ack != 0;
    if (asks_ack && !number_is(n, v, true, k->ack, d->ack)) return false;
    if (k->window >= 0 && d->window != (uint32_t)k->window) return false;
    if (k->flags & DW_DRILL_URG && d->urgent != k->urgent) return false;
    if (k->tos_check == DW_DRILL_TOS_WHOLE && d->tos != k->tos) return false;
    if (k->tos_check == DW_DRILL_TOS_ECN && (d->tos & 3) != k->tos) return false;
    if (k->ttl >= 0 && d->ttl != (uint32_t)k->ttl) return false;
    bool options = !k->options_any && k->options_len > 0;
    if (options &&
        (d->options_len != k->options_len || memcmp(d->options, k->options, k->options_len) != 0))
        return false;
    return !n->also || n->also(v, n->also_arg);
}

static void parse(lua_State *L, const char *what, const char *text, dw_drill_packet *out)
{
    char why[300];
    if (dw_drill_notation(text, out, why, sizeof why) != DW_OK) dwl_error(L, "%s: %s", what, why);
    if (out->protocol != DW_DRILL_TCP || out->udp_encapsulated || out->ace >= 0 || out->md5_valid)
        dwl_error(L, "%s: only plain TCP segments are written this way", what);
}

void dwl_match_notation(lua_State *L, const char *what, const char *text, dwl_sim *s, dw_match *m)
{
    dw_drill_packet k;
    parse(L, what, text, &k);
    if (!dw_sim_trace(s->sim) || !dw_trace_keeps(dw_sim_trace(s->sim)))
        dwl_error(L, "%s: \"%s\" needs a trace; this simulation keeps none", what, text);
    notation *n = dwl_keep(L, s, sizeof *n);
    *n =
        (notation){.trace = dw_sim_trace(s->sim), .k = k, .also = m->when, .also_arg = m->when_arg};
    m->when = matches;
    m->when_arg = n;
}

/* Relative numbers need a connection between the ports; a SYN makes its own. */
static uint32_t absolute(lua_State *L, dwl_sim *s, const dw_dissection *f, bool reverse,
                         uint32_t number)
{
    uint32_t isn = 0;
    dw_trace *trace = dw_sim_trace(s->sim);
    if (!trace || !dw_trace_isn(trace, f, reverse, UINT64_MAX, &isn))
        dwl_error(L, "link:inject: nothing was sent between these ports yet, so relative numbers "
                     "mean nothing; inject it later, or write absolute ones: 4:4(0)!");
    return isn + number;
}

/* A SYN's number is taken as it stands: it begins the numbering.  All others count from the
 * connection's, which the trace knows by the ports. */
uint32_t dwl_inject_notation(lua_State *L, const char *text, dwl_sim *s, dw_dissection *f,
                             uint8_t options[40])
{
    dw_drill_packet k;
    parse(L, "link:inject", text, &k);
    if (k.options_any || k.seq_any)
        dwl_error(L, "link:inject: \"...\" is for matching; write what is to be sent");
    if (k.has_ports) {
        f->sport = k.sport;
        f->dport = k.dport;
    }
    bool own = k.flags & DW_DRILL_SYN || k.seq_absolute;
    f->flags = k.flags & 0xffu;
    f->seq = own ? k.seq : absolute(L, s, f, false, k.seq);
    f->ack = 0;
    if (k.flags & DW_DRILL_ACK) f->ack = k.seq_absolute ? k.ack : absolute(L, s, f, true, k.ack);
    if (k.window >= 0) f->window = (uint32_t)k.window;
    f->urgent = k.urgent;
    if (k.tos_check != DW_DRILL_TOS_ANY) f->tos = k.tos;
    if (k.ttl > 0) f->ttl = (uint8_t)k.ttl;
    if (k.options_len > 0) {
        memcpy(options, k.options, k.options_len);
        f->options_len = k.options_len;
    }
    return k.payload;
}
