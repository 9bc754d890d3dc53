/* How long something is tried or waited for: R1 and R2 of RFC 9293 3.8.3, the user timeout, an
 * orphan's data and FIN-WAIT-2, and TIME-WAIT.
 *
 * The RFC counts time since something was last acknowledged.  Linux counts from the first
 * retransmission, and a number of retries stands for the time that they would take if they began
 * with the least timeout (retries_by_time). */
#include "tcp_giveup.h"
#include "tcp_timer.h"

/* So many retries of a timeout that begins with this one (tcp_model_timeout). */
static dw_time time_of_retries(const dw_tcp_profile *p, uint32_t retries, dw_time rto)
{
    dw_time total = 0;
    for (uint32_t i = 0; i <= retries; i++) {
        total = dw_time_add(total, rto);
        rto = rto > p->rto_max / 2 ? p->rto_max : 2 * rto;
    }
    return total;
}

/* How often an orphan tries (tcp_orphan_retries): not at all once the timeout has grown to its
 * bound. */
static uint32_t orphan_retries(const dw_tcb *t, bool alive)
{
    enum { USUAL = 8 };
    uint32_t retries = t->tcp->profile.orphan_retries;
    if (t->soft_error && !alive) return 0;
    return retries == 0 && alive ? USUAL : retries;
}

static bool orphan(const dw_tcb *t)
{
    return t->user == DW_TCP_USER_GONE && t->tcp->profile.retries_by_time;
}

/* By count where the profile has one, and by R2. */
static bool tried_enough(const dw_tcb *t, uint32_t retries, dw_time r2)
{
    if (retries && t->retransmits >= retries) return true;
    return dw_tcp_now(t) - t->progress_at >= r2;
}

static bool over_since(const dw_tcb *t, dw_time since, dw_time limit)
{
    return dw_tcp_now(t) - since + DW_TCP_TICK >= limit;
}

/* Linux does not count those that do not double the timeout. */
static uint32_t syn_retries(const dw_tcb *t)
{
    uint32_t retries = t->set->syn_retries;
    bool linear = t->state == DW_TCP_SYN_SENT && !t->fast_asked;
    if (retries > 0 && linear) retries += t->tcp->profile.syn_linear_timeouts;
    return retries;
}

/* A listener has no connection yet, and its SYN,ACK no user: it is counted alone.  Once the data
 * of a fast open has been taken there is one try more (tcp_fastopen_synack_timer). */
static bool syn_ack_tried_enough(const dw_tcb *t)
{
    uint32_t retries = t->tcp->profile.synack_retries;
    if (retries && t->fast && t->tcp->profile.retries_by_time) retries++;
    return tried_enough(t, retries, t->set->syn_r2);
}

/* Linux: SYN-SENT, and a simultaneous open. */
static bool syn_tried_enough(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_time user = t->set->user_timeout;
    if (tried_enough(t, syn_retries(t), t->set->syn_r2)) return true;
    if (t->retransmits == 0) return false;
    if (user == 0) user = time_of_retries(p, t->set->syn_retries, p->rto_initial);
    return over_since(t, t->progress_at, user);
}

static bool data_tried_long(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_time limit = t->set->user_timeout;
    uint32_t retries = orphan(t) ? orphan_retries(t, t->rto < p->rto_max) : p->data_retries;
    if (t->retransmits == 0) return false;
    if (limit == 0) limit = time_of_retries(p, retries, p->rto_min);
    return over_since(t, t->retransmitted_at, limit);
}

bool dw_tcp_peer_is_gone(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool passive = t->state == DW_TCP_SYN_RECEIVED && t->passive;
    if (p->retries_by_time) {
        if (passive) return syn_ack_tried_enough(t);
        return t->state <= DW_TCP_SYN_RECEIVED ? syn_tried_enough(t) : data_tried_long(t);
    }
    if (t->set->user_timeout > 0) return tried_enough(t, 0, t->set->user_timeout); /* RFC 5482 */
    if (t->state == DW_TCP_SYN_SENT) return tried_enough(t, syn_retries(t), t->set->syn_r2);
    if (t->state == DW_TCP_SYN_RECEIVED) return syn_ack_tried_enough(t);
    return tried_enough(t, p->data_retries, p->r2);
}

bool dw_tcp_r1_is_over(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (!p->retries_by_time) return t->retransmits >= p->r1;
    return over_since(t, t->retransmitted_at, time_of_retries(p, p->r1, p->rto_min));
}

/* The next timeout: not later than the user wants to know (tcp_clamp_rto_to_user_timeout). */
dw_time dw_tcp_next_timeout(const dw_tcb *t)
{
    dw_time user = t->set->user_timeout;
    bool opens = t->state <= DW_TCP_SYN_RECEIVED;
    if (user == 0 || !t->tcp->profile.retries_by_time || (opens && t->passive)) return t->rto;
    dw_time left = (opens ? t->progress_at : t->retransmitted_at) + user - dw_tcp_now(t);
    if (left <= 0) return DW_TCP_TICK;
    return left < t->rto ? left : t->rto;
}

/* Probes of a closed window.  "As long as the receiving TCP peer continues to send acknowledgments
 * in response to the probe segments, the sending TCP peer MUST allow the connection to stay open"
 * (MUST-37): so R2 must be over, and more than one answer must be missing, as one may be lost; R1
 * of them say so.  Linux's limits are the number of probes in a row without an answer, the user's
 * timeout whether they are answered or not, and an orphan's (tcp_probe_timer). */
bool dw_tcp_probed_enough(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_time now = dw_tcp_now(t), user = t->set->user_timeout;
    if (!p->retries_by_time) {
        dw_time limit = user > 0 ? user : p->r2;
        return now - t->progress_at >= limit && t->window_probes >= p->r1;
    }
    if (user > 0 && t->window_backoff > 0 && now - t->probing_since >= user) return true;
    uint32_t max = p->data_retries;
    if (orphan(t)) {
        bool alive = t->persist_interval < p->rto_max;
        max = orphan_retries(t, alive);
        if (!alive && t->window_backoff >= max) return true;
    }
    return t->window_probes >= max;
}

/* How long until the next probe (tcp_clamp_probe0_to_user_timeout). */
dw_time dw_tcp_next_probe(const dw_tcb *t)
{
    dw_time user = t->set->user_timeout;
    bool begun = t->window_backoff > 0;
    if (user == 0 || !begun || !t->tcp->profile.retries_by_time) return t->persist_interval;
    dw_time left = t->probing_since + user - dw_tcp_now(t);
    if (left < 2 * DW_TCP_TICK) left = 2 * DW_TCP_TICK;
    return left < t->persist_interval ? left : t->persist_interval;
}

dw_time dw_tcp_time_wait_length(const dw_tcp *tcp)
{
    const dw_tcp_profile *p = &tcp->profile;
    return p->time_wait ? p->time_wait : dw_time_add(p->msl, p->msl);
}

void dw_tcp_start_time_wait(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_timer_set(t, DW_TCP_TIMER_TIME_WAIT, dw_tcp_time_wait_length(t->tcp), cause);
}

void dw_tcp_start_finwait2_timeout(dw_tcb *t)
{
    dw_time timeout = t->set->finwait2_timeout, min = t->rto * 7 / 2;
    if (!timeout) timeout = t->tcp->profile.finwait2_timeout;
    if (t->tcp->profile.finwait2_rto && timeout > 1 && timeout < min) timeout = min;
    if (timeout && t->user == DW_TCP_USER_GONE)
        dw_tcp_timer_set(t, DW_TCP_TIMER_TIME_WAIT, timeout, CAUSE(FINWAIT2_OVER));
}
