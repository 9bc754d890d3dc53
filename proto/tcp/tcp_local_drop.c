/* Local drops: the host's own queue takes nothing (dw_host.refuses), and it says so.
 *
 * What it refuses has not been sent, where local_drop_probe says when to try again.  As on Linux it
 * is a sign of congestion all the same, and a retransmission counts. */
#include "tcp_local_drop.h"
#include "tcp_cwnd.h"
#include "tcp_scoreboard.h"
#include "tcp_state.h"
#include "tcp_timer.h"

bool dw_tcp_refused(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    if (tcp->profile.local_drop_probe == 0) return false;
    if (DW_LIKELY(!tcp->host->refuses(tcp->node, &t->link.flow.remote))) return false;
    dw_tcp_note(tcp, t->socket.conn, CAUSE(LOCAL_DROP));
    if (t->rec) dw_tcp_recovery_congested(t, NULL);
    return true;
}

/* What is outstanding has a timer that comes back; so has the send queue of send_whole_buffers. */
bool dw_tcp_new_data_refused(dw_tcb *t)
{
    if (!dw_tcp_refused(t)) return false;
    bool waits = t->rtx.count > 0 || t->tcp->profile.send_whole_buffers;
    if (!waits && !dw_tcp_timer_runs(t, DW_TCP_TIMER_OVERRIDE))
        dw_tcp_timer_set(t, DW_TCP_TIMER_OVERRIDE, t->tcp->profile.local_drop_probe,
                         CAUSE(LOCAL_DROP));
    return true;
}

bool dw_tcp_retransmit_refused(dw_tcb *t)
{
    if (!dw_tcp_refused(t)) return false;
    if (t->rec) t->rec->retransmitted_total += dw_tcp_segment_units(t);
    return true;
}
