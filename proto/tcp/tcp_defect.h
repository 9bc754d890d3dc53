/* Known mistakes, to be switched on by name (`tcp = { defect = "no-time-wait" }`): each shows what
 * a rule is for by breaking it.  Those with a number are of RFC 2525's catalogue. */
#ifndef DW_TCP_DEFECT_H
#define DW_TCP_DEFECT_H

#include "drywire/plugin.h"

/* X(identifier, name, the rule it breaks, what goes wrong) */
#define DW_TCP_DEFECTS(X)                                                                          \
    X(TWO_WAY_HANDSHAKE, "two-way-handshake", "RFC 9293 3.5",                                      \
      "an old SYN opens a connection that nobody wants, and a lost SYN,ACK leaves the peers "      \
      "stuck")                                                                                     \
    X(NO_TIME_WAIT, "no-time-wait", "RFC 9293 3.6.1",                                              \
      "the peer's repeated FIN meets nobody and is answered with RST; old segments reach the "     \
      "next "                                                                                      \
      "connection")                                                                                \
    X(TIME_WAIT_NOT_RESTARTED, "time-wait-not-restarted", "RFC 9293 3.10.7.4",                     \
      "a FIN that comes late in TIME-WAIT is acknowledged, but the next one meets nobody")         \
    X(FIXED_ISN, "fixed-isn", "RFC 9293 3.4.1, RFC 6528",                                          \
      "segments of an earlier connection fit into the next one's window")                          \
    X(FIN_NOT_RETRANSMITTED, "fin-not-retransmitted", "RFC 9293 3.6",                              \
      "one lost FIN, and the close never completes")                                               \
    X(FIN_SEQ_PLUS_ONE, "fin-seq-plus-one", "RFC 9293 3.4",                                        \
      "the FIN that is sent again stands one beyond the first, and the peer waits for an octet "   \
      "that does not exist")                                                                       \
    X(ANY_ACK_CLOSES, "any-ack-closes", "RFC 9293 3.10.7.4 fifth",                                 \
      "an ACK of data is taken for the ACK of the FIN, and the connection is gone too early")      \
    X(NO_WINDOW_PROBE, "no-window-probe", "RFC 9293 3.8.6.1 MUST-36",                              \
      "one lost window update, and both ends wait for ever")                                       \
    X(NO_KARN, "no-karn", "RFC 9293 3.8.1 MUST-18",                                                \
      "samples from retransmitted segments spoil the round-trip estimate")                         \
    X(NO_BACKOFF, "no-backoff", "RFC 6298 5.5, RFC 2525 2.10",                                     \
      "retransmissions keep their pace and fill a network that is already full")                   \
    X(ECHO_CHALLENGE, "echo-challenge", "RFC 9293 3.10.7.4",                                       \
      "an ACK built from the received numbers draws another: the two never stop")                  \
    X(KEEPS_OLD_SYN, "no-rst-for-old-syn", "RFC 9293 3.5.2",                                       \
      "an old SYN leaves the listener half open until it gives up")                                \
    X(P2525_1, "2525.1", "RFC 2525 2.1", "no slow start: the connection begins with a burst")      \
    X(P2525_2, "2525.2", "RFC 2525 2.2",                                                           \
      "no slow start after a timeout: the whole window goes out again at once")                    \
    X(P2525_3, "2525.3", "RFC 2525 2.3",                                                           \
      "cwnd is not initialised when the SYN,ACK brings no MSS: a burst of any size")               \
    X(P2525_4, "2525.4", "RFC 2525 2.4",                                                           \
      "a retransmission carries other octets than the original")                                   \
    X(P2525_5, "2525.5", "RFC 2525 2.5, RFC 9293 SHLD-31",                                         \
      "segments beyond a gap are thrown away and must all come again")                             \
    X(P2525_6, "2525.6", "RFC 2525 2.6",                                                           \
      "congestion avoidance adds a constant besides: it is too aggressive")                        \
    X(P2525_7, "2525.7", "RFC 2525 2.7, RFC 6298 2.1",                                             \
      "the first timeout is too short: a slow path gets everything twice")                         \
    X(P2525_8, "2525.8", "RFC 2525 2.8, RFC 5681 3.2",                                             \
      "the window stays inflated after fast recovery: a burst follows")                            \
    X(P2525_9, "2525.9", "RFC 2525 2.9, RFC 9293 MUST-29",                                         \
      "one keepalive probe without an answer ends the connection")                                 \
    X(P2525_10, "2525.10", "RFC 2525 2.10, RFC 6298 5.5",                                          \
      "the timeout is not backed off: retransmissions keep their pace")                            \
    X(P2525_11, "2525.11", "RFC 2525 2.11, RFC 9293 MUST-28",                                      \
      "keepalive probes come every few seconds")                                                   \
    X(P2525_12, "2525.12", "RFC 2525 2.12, RFC 9293 3.8.6.1",                                      \
      "a probe that the receiver keeps is taken for a sign that the window is open: deadlock")     \
    X(P2525_13, "2525.13", "RFC 2525 2.13, RFC 9293 SHLD-19",                                      \
      "only every eighth segment is acknowledged: the sender's window grows late and in bursts")   \
    X(P2525_14, "2525.14", "RFC 2525 2.14",                                                        \
      "fast retransmit sends several segments for one that was lost")                              \
    X(P2525_15, "2525.15", "RFC 2525 2.15, RFC 9293 3.10.4",                                       \
      "the FIN waits although nothing is in its way")                                              \
    X(P2525_16, "2525.16", "RFC 2525 2.16, RFC 9293 SHLD-3",                                       \
      "data after a full close is swallowed: the sender never learns that nobody reads")           \
    X(P2525_17, "2525.17", "RFC 2525 2.17, RFC 9293 SHLD-3",                                       \
      "closing with unread data says FIN, as if all had been read")                                \
    X(P2525_18, "2525.18", "RFC 2525 2.18, RFC 6691",                                              \
      "the MSS leaves no room for options: full segments do not fit the path")

#define DW_TCP_DEFECT_ENUM(id, name, rfc, text) DW_TCP_DEFECT_##id,
enum dw_tcp_defect { DW_TCP_DEFECTS(DW_TCP_DEFECT_ENUM) DW_TCP_DEFECT_COUNT };
#undef DW_TCP_DEFECT_ENUM

extern const dw_defect dw_tcp_defect_table[]; /* ends with an empty row */

/* Set the bits of "name, name" in *defects, and the switches that some of them stand for.
 * DW_E_INVAL with a sentence in why. */
int dw_tcp_defects_parse(const char *text, uint64_t *defects, char *why, size_t why_size);

#endif
