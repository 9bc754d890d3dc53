/* The congestion control of a connection: which one, and its life.  The algorithms are in cc/, in
 * plugins and in scripts; they see no more than dw_congestion. */
#include "tcp_congestion.h"
#include "tcp_cookie.h"
#include "tcp_scoreboard.h"
#include "tcp_state.h"

const dw_congestion_ops *dw_tcp_congestion_named(const dw_tcp *tcp, const char *name)
{
    return tcp->host->congestion(tcp->node, name);
}

int dw_tcp_congestion_host(dw_tcp *tcp, const char *name)
{
    tcp->congestion = NULL;
    for (int i = 0; dw_tcp_congestion_names[i]; i++)
        if (strcmp(dw_tcp_congestion_names[i], name) == 0) return DW_E_NOENT; /* the switch */
    tcp->congestion = dw_tcp_congestion_named(tcp, name);
    return tcp->congestion ? DW_OK : DW_E_NOENT;
}

void dw_tcp_congestion_choose(dw_tcb *t)
{
    const dw_tcp *tcp = t->tcp;
    t->cc.ops = tcp->congestion;
    if (!t->cc.ops)
        t->cc.ops =
            dw_tcp_congestion_named(tcp, dw_tcp_congestion_names[tcp->profile.congestion_control]);
    DW_ASSERT(t->cc.ops);
}

void dw_tcp_congestion_begin(dw_tcb *t)
{
    DW_ASSERT(t->snd_mss > 0);
    const dw_congestion_ops *ops = t->cc.ops;
    uint32_t size = DW_OFFERS(dw_congestion_ops, ops, state_size) ? ops->state_size : 0;
    dw_tcp_congestion_end(t);
    if (size) {
        t->cc.private_state = t->tcp->host->alloc(t->tcp->node, size);
        /* Out of memory: what needs none, until the present event is over. */
        if (!t->cc.private_state) t->cc.ops = ops = dw_tcp_congestion_named(t->tcp, "none");
    }
    t->cc.hystart = t->tcp->profile.hystart;
    t->cc.seed = dw_tcp_hash_flow(t->tcp->isn_secret, &t->link.flow);
    t->cc_begun = true;
    ops->init(&t->cc);
}

void dw_tcp_congestion_end(dw_tcb *t)
{
    if (!t->cc_begun) return;
    t->cc_begun = false;
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, done)) t->cc.ops->done(&t->cc);
    if (t->cc.private_state)
        t->tcp->host->free(t->tcp->node, t->cc.private_state, t->cc.ops->state_size);
    t->cc.private_state = NULL;
}

/* In the middle of a connection the new one goes on with the window that it finds. */
int dw_tcp_congestion_set(dw_tcb *t, const char *name)
{
    const dw_congestion_ops *ops = dw_tcp_congestion_named(t->tcp, name);
    if (!ops) return DW_E_NOENT;
    if (ops == t->cc.ops) return DW_OK;
    if (!t->cc_begun) {
        t->cc.ops = ops;
        return DW_OK;
    }
    uint64_t cwnd = t->cc.cwnd, ssthresh = t->cc.ssthresh;
    dw_tcp_congestion_end(t);
    t->cc.ops = ops;
    t->cc.pacing_rate = 0;
    dw_tcp_congestion_begin(t);
    t->cc.cwnd = cwnd;
    t->cc.ssthresh = ssthresh;
    if (DW_OFFERS(dw_congestion_ops, ops, control)) dw_tcp_recovery_begin(t);
    return DW_OK;
}

void dw_tcp_congestion_state(dw_tcb *t, enum dw_congestion_state state)
{
    enum dw_congestion_state before = t->cc.state;
    if (before == state) return;
    t->cc.state = (uint8_t)state;
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, on_state)) t->cc.ops->on_state(&t->cc, before);
}

void dw_tcp_recovery_state(dw_tcb *t, enum dw_congestion_state to, const dw_cause *cause)
{
    if (t->cc.state == to) return;
    bool episode = t->cc.state >= DW_CONGESTION_RECOVERY || to >= DW_CONGESTION_RECOVERY;
    dw_tcp_congestion_state(t, to);
    dw_tcp_trace(t, "ca_state", to);
    if (episode && cause) dw_tcp_note(t->tcp, t->socket.conn, cause);
}
