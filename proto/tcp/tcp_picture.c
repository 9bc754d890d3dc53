/* What pictures ask of TCP: what its states and flags are like. */
#include "tcp_picture.h"

#include "tcp.h"

#include <string.h>

const uint8_t dw_tcp_state_classes[DW_TCP_STATES] = {
    [DW_TCP_CLOSED] = DW_STATE_CLOSED,      [DW_TCP_LISTEN] = DW_STATE_LISTENING,
    [DW_TCP_SYN_SENT] = DW_STATE_OPENING,   [DW_TCP_SYN_RECEIVED] = DW_STATE_OPENING,
    [DW_TCP_ESTABLISHED] = DW_STATE_OPEN,   [DW_TCP_FIN_WAIT_1] = DW_STATE_CLOSING,
    [DW_TCP_FIN_WAIT_2] = DW_STATE_CLOSING, [DW_TCP_CLOSE_WAIT] = DW_STATE_CLOSING,
    [DW_TCP_CLOSING] = DW_STATE_CLOSING,    [DW_TCP_LAST_ACK] = DW_STATE_CLOSING,
    [DW_TCP_TIME_WAIT] = DW_STATE_WAITING,
};

/* By bit, from the lowest up (RFC 9293 3.1). */
const char *const dw_tcp_flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", NULL};

/* PSH: the figures of RFC 9293 leave it out. */
const uint8_t dw_tcp_flag_classes[sizeof dw_tcp_flags / sizeof dw_tcp_flags[0]] = {
    DW_FLAG_CLOSES, DW_FLAG_OPENS, DW_FLAG_RESETS, DW_FLAG_MINOR, DW_FLAG_ACKS};

const char *dw_tcp_figure_cause(const char *cause)
{
    if (strcmp(cause, "time-wait-restart") == 0) return "2 MSL restarted";
    return strcmp(cause, "time-wait-over") == 0 ? "2 MSL" : NULL;
}

const char *dw_tcp_segment_kind(const char *cause)
{
    static const struct {
        enum dw_tcp_cause cause;
        const char *kind;
    } kinds[] = {{DW_TCP_CAUSE_KEEPALIVE, "keep-alive"},
                 {DW_TCP_CAUSE_ZERO_WINDOW_PROBE, "window probe"},
                 {DW_TCP_CAUSE_WINDOW_UPDATE, "window update"},
                 {DW_TCP_CAUSE_TAIL_LOSS_PROBE, "tail loss probe"},
                 {DW_TCP_CAUSE_MTU_PROBE, "MTU probe"},
                 {DW_TCP_CAUSE_CHALLENGE_ACK, "challenge ACK"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(dw_tcp_cause_table[kinds[i].cause].name, cause) == 0) return kinds[i].kind;
    return NULL;
}
