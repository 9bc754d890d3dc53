/* RFC 9293 section 3.3.2: the state machine of figure 5, and who is told of what happens: the trace
 * and the user. */
#include "tcp_state.h"

const char *const dw_tcp_state_names[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                          "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                          "CLOSING",     "LAST-ACK",   "TIME-WAIT",  NULL};

#define TO(state) (1u << DW_TCP_##state)

/* Figure 5, and the arrows to CLOSED that the text adds for resets, aborts and timeouts. */
const uint16_t dw_tcp_arrows[DW_TCP_STATES] = {
    [DW_TCP_CLOSED] = TO(LISTEN) | TO(SYN_SENT),
    [DW_TCP_LISTEN] = TO(CLOSED) | TO(SYN_SENT) | TO(SYN_RECEIVED),
    [DW_TCP_SYN_SENT] = TO(CLOSED) | TO(SYN_RECEIVED) | TO(ESTABLISHED),
    [DW_TCP_SYN_RECEIVED] = TO(CLOSED) | TO(LISTEN) | TO(ESTABLISHED) | TO(FIN_WAIT_1),
    [DW_TCP_ESTABLISHED] = TO(CLOSED) | TO(FIN_WAIT_1) | TO(CLOSE_WAIT),
    [DW_TCP_FIN_WAIT_1] = TO(CLOSED) | TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT),
    [DW_TCP_FIN_WAIT_2] = TO(CLOSED) | TO(TIME_WAIT),
    [DW_TCP_CLOSE_WAIT] = TO(CLOSED) | TO(LAST_ACK),
    [DW_TCP_CLOSING] = TO(CLOSED) | TO(TIME_WAIT),
    [DW_TCP_LAST_ACK] = TO(CLOSED),
    [DW_TCP_TIME_WAIT] = TO(CLOSED),
};

void dw_tcp_set_state(dw_tcb *t, enum dw_tcp_state to, const dw_cause *cause)
{
    DW_ASSERT(dw_tcp_arrows[t->state] & 1u << to);
    enum dw_tcp_state from = t->state;
    t->state = (uint8_t)to;
    dw_tcp *tcp = t->tcp;
    tcp->host->trace_state(tcp->node, t->socket.conn, dw_tcp_state_names[from],
                           dw_tcp_state_names[to], cause);
    tcp->host->state_hook(tcp->node, t->socket.conn, dw_tcp_state_names[to]);
}

void dw_tcp_tell(dw_tcb *t, uint32_t events)
{
    if (t->user != DW_TCP_USER_GONE && !t->folded) t->tcp->host->notify(&t->socket, events);
}

void dw_tcp_note(const dw_tcp *tcp, uint32_t conn, const dw_cause *cause)
{
    tcp->host->trace_note(tcp->node, conn, cause, cause->text);
}

/* Asynchronous reports (3.9.1.8, MUST-47), which the user may turn off (SHLD-20). */

const char *const dw_tcp_report_names[] = {"none",          "retransmissions",   "unreachable",
                                           "time-exceeded", "parameter-problem", NULL};

void dw_tcp_report(dw_tcb *t, enum dw_tcp_report what)
{
    t->report = (uint8_t)what;
    t->tcp->host->trace_note(t->tcp->node, t->socket.conn,
                             what == DW_TCP_REPORT_R1 ? CAUSE(R1_EXCEEDED) : CAUSE(ICMP_SOFT),
                             dw_tcp_report_names[what]);
    if (t->set->reports) dw_tcp_tell(t, DW_SOCKET_REPORT);
}
