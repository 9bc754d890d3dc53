/* RFC 9293 section 3.8.4: keepalive, off unless the user turns it on (MUST-24, MUST-25). */
#include "tcp_keepalive.h"
#include "tcp_segment.h"
#include "tcp_timer.h"

void dw_tcp_keepalive_heard(dw_tcb *t)
{
    t->heard_at = dw_tcp_now(t);
    if (t->probes_unanswered > 0) dw_tcp_keepalive_start(t);
}

void dw_tcp_keepalive_start(dw_tcb *t)
{
    t->heard_at = dw_tcp_now(t);
    t->probes_unanswered = 0;
    if (t->set->keepalive && dw_tcp_synchronized(t) && t->state != DW_TCP_TIME_WAIT)
        dw_tcp_timer_set(t, DW_TCP_TIMER_KEEPALIVE, t->set->keepalive_idle, CAUSE(KEEPALIVE));
    else
        dw_tcp_timer_stop(t, DW_TCP_TIMER_KEEPALIVE);
}

/* Linux: the user's timeout, where there is one, counts instead of the probes. */
static bool dead(const dw_tcb *t, dw_time silent)
{
    dw_time user = t->set->user_timeout;
    if (user > 0 && t->tcp->profile.retries_by_time)
        return silent >= user && t->probes_unanswered > 0;
    return t->probes_unanswered >= t->set->keepalive_probes;
}

/* Only when nothing is outstanding and nothing has been heard (MUST-26); one probe that stays
 * unanswered means nothing (MUST-29). */
bool dw_tcp_keepalive_timeout(dw_tcb *t)
{
    if (t->state == DW_TCP_TIME_WAIT) return true;
    dw_time silent = dw_tcp_now(t) - t->heard_at;
    bool busy = t->rtx.count > 0 || t->unsent.bytes > 0;
    if (busy || silent < t->set->keepalive_idle) {
        dw_time wait = busy ? t->set->keepalive_idle : t->set->keepalive_idle - silent;
        t->probes_unanswered = 0;
        dw_tcp_timer_set(t, DW_TCP_TIMER_KEEPALIVE, wait, CAUSE(KEEPALIVE));
        return true;
    }
    if (dead(t, silent)) return false;
    t->probes_unanswered++;
    dw_tcp_send_keepalive(t);
    dw_tcp_timer_set(t, DW_TCP_TIMER_KEEPALIVE, t->set->keepalive_interval, CAUSE(KEEPALIVE));
    return true;
}
