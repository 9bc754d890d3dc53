/* Room in the send buffer, and who is told of it. */
#include "tcp_sendbuf.h"
#include "tcp_chain.h"
#include "tcp_state.h"
#include "tcp_tune.h"

/* Linux asks when what an ACK lets out has left (tcp_check_space). */
void dw_tcp_tell_space(dw_tcb *t)
{
    t->space_due = false;
    if (t->tcp->profile.send_whole_buffers) dw_tcp_tune_space(t);
    if (!t->writable_wanted || !dw_tcp_writable(t)) return;
    t->writable_wanted = t->sndbuf_limited = false;
    dw_tcp_tell(t, DW_SOCKET_WRITABLE);
}

bool dw_tcp_writable(const dw_tcb *t)
{
    if (t->tcp->profile.send_whole_buffers) return dw_tcp_chain_writable(t);
    uint32_t low = t->set->notsent_lowat;
    if (low > 0 && t->unsent.bytes >= low) return false;
    return t->unsent.bytes + dw_tcp_flight(t) < t->set->send_buffer;
}
