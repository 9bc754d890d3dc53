/* Why TCP does what it does: one named cause for each decision, with its RFC section. */
#ifndef DW_TCP_CAUSE_H
#define DW_TCP_CAUSE_H

#include "drywire/plugin.h"

/* X(identifier, name, rfc, sentence) */
#define DW_TCP_CAUSES(X)                                                                           \
    X(ACTIVE_OPEN, "active-open", "RFC 9293 3.10.1", "the user opened the connection")             \
    X(PASSIVE_OPEN, "passive-open", "RFC 9293 3.10.7.2", "a SYN reached a listener")               \
    X(SIMULTANEOUS_OPEN, "simultaneous-open", "RFC 9293 3.10.7.3",                                 \
      "a SYN without ACK came while ours was under way")                                           \
    X(HANDSHAKE_ACK, "handshake-ack", "RFC 9293 3.10.7.3", "the peer's SYN is acknowledged")       \
    X(SYN_ACKED, "syn-acked", "RFC 9293 3.10.7.4", "our SYN was acknowledged")                     \
    X(DATA, "data", "RFC 9293 3.10.2", "the user sent data")                                       \
    X(FIN, "fin", "RFC 9293 3.10.4", "the user closed, and all data has been sent")                \
    X(USER_CLOSE, "close", "RFC 9293 3.10.4", "the user closed")                                   \
    X(USER_ABORT, "abort", "RFC 9293 3.10.5", "the user aborted")                                  \
    X(UNREAD_DATA, "close-with-unread-data", "RFC 9293 3.6.1 SHLD-3",                              \
      "the user closed without reading all data")                                                  \
    X(DATA_AFTER_CLOSE, "data-after-close", "RFC 9293 3.6.1 SHLD-3",                               \
      "data came after the user had closed, and nobody will read it")                              \
    X(PEER_FIN, "peer-fin", "RFC 9293 3.10.7.4 eighth", "the peer has finished sending")           \
    X(FIN_ACKED, "fin-acked", "RFC 9293 3.10.7.4 fifth", "our FIN was acknowledged")               \
    X(ACK_OF_DATA, "ack-data", "RFC 9293 3.8.6.3", "data is acknowledged")                         \
    X(ACK_EVERY_SECOND, "ack-every-second-segment", "RFC 9293 3.8.6.3 SHLD-19",                    \
      "enough full-sized segments have come")                                                      \
    X(DELAYED_ACK, "delayed-ack", "RFC 9293 3.8.6.3 MUST-40", "the delayed ACK timer expired")     \
    X(ACK_OF_FIN, "ack-fin", "RFC 9293 3.10.7.4 eighth", "the peer's FIN is acknowledged")         \
    X(ACK_OUT_OF_ORDER, "ack-out-of-order", "RFC 5681 4.2",                                        \
      "a segment came out of order: tell the sender at once")                                      \
    X(ACK_GAP_FILLED, "ack-gap-filled", "RFC 5681 4.2", "a segment filled a gap")                  \
    X(NOT_ACCEPTABLE, "not-acceptable", "RFC 9293 3.10.7.4 first",                                 \
      "the segment lies outside the receive window")                                               \
    X(DROP_BEYOND_WINDOW, "segment-beyond-window", "RFC 9293 3.10.7.4 first",                      \
      "it ends behind every edge of the window that was ever offered")                             \
    X(DROP_ZERO_WINDOW, "zero-window", "RFC 9293 3.8.6.1",                                         \
      "the window is closed: its data will have to come again")                                    \
    X(CHALLENGE_ACK, "challenge-ack", "RFC 5961 3", "an ACK that makes the sender prove itself")   \
    X(WINDOW_UPDATE, "window-update", "RFC 9293 3.8.6", "the receive window opened")               \
    X(RETRANSMIT_TIMEOUT, "retransmission-timeout", "RFC 6298 5.4",                                \
      "it was not acknowledged in time")                                                           \
    X(RESTARTED, "rto-restart", "RFC 6298 5.3", "some of what is outstanding was acknowledged")    \
    X(TIMER_DONE, "timer-not-needed", "RFC 9293 3.10.8",                                           \
      "what it waited for has happened, or cannot")                                                \
    X(DELACK_TIMER, "delayed-ack-timer", "RFC 9293 3.8.6.3", "an ACK has waited long enough")      \
    X(OVERRIDE_TIMER, "override-timer", "RFC 9293 3.8.6.2.1", "a better window did not come")      \
    X(RESEND_SMALLER, "resend-smaller", "RFC 1191 6.5",                                            \
      "it was too big for the path, and goes in smaller segments")                                 \
    X(RESEND, "resend-after-timeout", "RFC 5681 3.1",                                              \
      "it was outstanding when the retransmission timer expired")                                  \
    X(RESEND_OPENED, "resend-window-opened", "RFC 9293 3.8.6.1",                                   \
      "the window opened: what had probed it goes again, with what now fits")                      \
    X(RESEND_SYN_DATA, "resend-syn-data", "RFC 7413 4.2", "the peer did not take the SYN's data")  \
    X(LIMITED_TRANSMIT, "limited-transmit", "RFC 3042 2",                                          \
      "a duplicate ACK lets new data go beyond the congestion window")                             \
    X(FAST_RETRANSMIT, "fast-retransmit", "RFC 5681 3.2", "enough duplicate ACKs arrived")         \
    X(PARTIAL_ACK, "partial-ack", "RFC 6582 3.2", "an ACK during recovery left a hole")            \
    X(ACK_OF_MARK, "ack-of-mark", "RFC 9768 3.2.2.5.1",                                            \
      "what the network marks has changed: tell the sender at once")                               \
    X(MARKED, "marked", "RFC 3168 6.1.2", "the network is congested: the window is reduced")       \
    X(PACED, "paced", "RFC 9438 5.5", "segments are spread over the round trip")                   \
    X(REORDER_WAIT, "reordering-wait", "RFC 8985 6.2",                                             \
      "it may only be late: wait before it counts as lost")                                        \
    X(PROBE_WAIT, "probe-wait", "RFC 8985 7.2", "nothing may come after the last segment")         \
    X(TAIL_LOSS_PROBE, "tail-loss-probe", "RFC 8985 7.3",                                          \
      "the last segments are not acknowledged: draw an ACK")                                       \
    X(SACK_IGNORED, "sack-ignored", "RFC 2018 3",                                                  \
      "a SACK block ends before it begins, or covers what was never sent")                         \
    X(RECOVERY_BEGINS, "recovery-begins", "RFC 6675 5, RFC 8985 6.2",                              \
      "loss recovery begins: ACKs show that segments were lost")                                   \
    X(LOSS_BEGINS, "loss-begins", "RFC 6298 5.4",                                                  \
      "recovery by the timer begins: what is outstanding counts as lost")                          \
    X(RECOVERED, "recovered", "RFC 6675 5", "loss recovery is over")                               \
    X(UNDO_DSACK, "undo-dsack", "RFC 3708",                                                        \
      "all that was sent again was superfluous: the window is what it was")                        \
    X(UNDO_TIMESTAMP, "undo-timestamp", "RFC 3522, RFC 4015",                                      \
      "the first copies came after all: the window is what it was")                                \
    X(UNDO_FRTO, "undo-frto", "RFC 5682 3.1",                                                      \
      "the timeout was too early: the window is what it was")                                      \
    X(RENEGED, "sack-reneging", "RFC 2018 8",                                                      \
      "the receiver may have dropped what it SACKed: send it again soon")                          \
    X(ZERO_WINDOW_PROBE, "zero-window-probe", "RFC 9293 3.8.6.1 MUST-36",                          \
      "the peer's window is closed: ask whether it still is")                                      \
    X(SWS_OVERRIDE, "sws-override", "RFC 9293 3.8.6.2.1", "a better window did not come in time")  \
    X(TIME_WAIT, "time-wait", "RFC 9293 3.10.7.4 eighth", "both ends have closed: wait 2 MSL")     \
    X(TIME_WAIT_RESTART, "time-wait-restart", "RFC 9293 3.10.7.4 eighth",                          \
      "the peer's FIN came again, so our ACK was lost: acknowledge it and wait 2 MSL anew")        \
    X(TIME_WAIT_OVER, "time-wait-over", "RFC 9293 3.10.8", "2 MSL have passed")                    \
    X(FINWAIT2_OVER, "finwait2-timeout", "Linux tcp_fin_timeout",                                  \
      "the peer never closed, and our user is gone")                                               \
    X(TIMED_OUT, "r2-exceeded", "RFC 9293 3.8.3 MUST-20",                                          \
      "the peer did not answer for longer than R2")                                                \
    X(R1_EXCEEDED, "r1-exceeded", "RFC 9293 3.8.3 SHLD-10",                                        \
      "several retransmissions in a row: the path may be gone")                                    \
    X(RST_RECEIVED, "rst-received", "RFC 9293 3.10.7.4 second", "the peer reset the connection")   \
    X(REFUSED, "refused", "RFC 9293 3.10.7.3 second", "the peer answered our SYN with RST")        \
    X(RST_BACK_TO_LISTEN, "rst-back-to-listen", "RFC 9293 3.10.7.4 second",                        \
      "the half-open connection came from LISTEN and returns there")                               \
    X(SYN_BACK_TO_LISTEN, "syn-back-to-listen", "RFC 9293 3.10.7.4 fourth",                        \
      "a SYN in SYN-RECEIVED: the connection came from LISTEN and returns there")                  \
    X(SYN_IN_WINDOW, "syn-in-window", "RFC 793 3.9", "a SYN in the window is an error")            \
    X(RESET_CLOSED, "reset-no-connection", "RFC 9293 3.10.7.1", "there is no such connection")     \
    X(RESET_LISTEN, "reset-ack-in-listen", "RFC 9293 3.10.7.2 second",                             \
      "an ACK cannot be meant for a listener")                                                     \
    X(RESET_BAD_ACK, "reset-unacceptable-ack", "RFC 9293 3.5.2",                                   \
      "it acknowledges what was never sent")                                                       \
    X(LISTENER_CLOSED, "listener-closed", "RFC 9293 3.10.4", "the listener was closed")            \
    X(CRASH, "crash", NULL, "the host lost its memory")                                            \
    X(DROP_BAD_CHECKSUM, "tcp-bad-checksum", "RFC 9293 3.1 MUST-3", "the checksum does not match") \
    X(DROP_BAD_HEADER, "tcp-bad-header", "RFC 9293 3.1",                                           \
      "the header is cut short or inconsistent")                                                   \
    X(DROP_BAD_OPTION, "tcp-bad-option", "RFC 9293 3.1 MUST-7",                                    \
      "an option's length is impossible")                                                          \
    X(DROP_BAD_ADDRESS, "tcp-bad-address", "RFC 9293 3.9.2.3 MUST-57",                             \
      "a broadcast or multicast address has no TCP")                                               \
    X(DROP_RST_TO_CLOSED, "rst-to-closed", "RFC 9293 3.10.7.1", "a RST for no connection")         \
    X(DROP_RST_TO_LISTEN, "rst-to-listen", "RFC 9293 3.10.7.2 first", "a RST for a listener")      \
    X(DROP_NO_SYN, "no-syn", "RFC 9293 3.10.7.2 fourth", "no SYN, no ACK, no RST: meaningless")    \
    X(DROP_BACKLOG_FULL, "backlog-full", "RFC 9293 3.9.1.1", "the listener's backlog is full")     \
    X(DROP_RST_BAD_ACK, "rst-bad-ack", "RFC 9293 3.10.7.3 first",                                  \
      "a RST that does not acknowledge our SYN")                                                   \
    X(DROP_RST_OUTSIDE, "rst-outside-window", "RFC 5961 3.2", "a RST outside the window")          \
    X(DROP_RST_NOT_EXACT, "rst-not-exact", "RFC 5961 3.2", "a RST in the window but not exact")    \
    X(DROP_SYN_CHALLENGED, "syn-challenged", "RFC 5961 4.2", "a SYN in a synchronized state")      \
    X(DROP_NO_ACK, "no-ack", "RFC 9293 3.10.7.4 fifth", "the ACK bit is off")                      \
    X(DROP_ACK_RANGE, "ack-out-of-range", "RFC 5961 5.2", "the ACK is too old or ahead of us")     \
    X(DROP_RECEIVED, "already-received", "RFC 9293 3.10.7.4 first",                                \
      "all of it has been received before")                                                        \
    X(DROP_NOT_IN_WINDOW, "outside-window", "RFC 9293 3.10.7.4 first",                             \
      "the segment lies outside the receive window")                                               \
    X(SYN_RETRY, "syn-retry", "RFC 9293 3.5.2",                                                    \
      "the peer's old connection has been reset: ask again at once")                               \
    X(KEEPALIVE, "keepalive", "RFC 9293 3.8.4",                                                    \
      "nothing has been heard for long: is the peer there?")                                       \
    X(KEEPALIVE_DEAD, "keepalive-unanswered", "RFC 9293 3.8.4 MUST-29",                            \
      "several keepalive probes in a row were not answered")                                       \
    X(USER_TIMED_OUT, "user-timeout", "RFC 5482, RFC 9293 3.10.8",                                 \
      "data stayed unacknowledged for longer than the user wanted to wait")                        \
    X(URGENT, "urgent", "RFC 9293 3.8.5", "the user sent urgent data: its pointer goes at once")   \
    X(ICMP_HARD, "icmp-hard-error", "RFC 9293 3.9.2.2 SHLD-26",                                    \
      "the peer's host says that nobody speaks to us there")                                       \
    X(ICMP_SOFT, "icmp-soft-error", "RFC 9293 3.9.2.2 MUST-56",                                    \
      "the network has trouble on the way, which may pass")                                        \
    X(ICMP_TOO_BIG, "icmp-too-big", "RFC 1191, RFC 9293 3.7.2",                                    \
      "a segment was too big for a link on the way: smaller ones from now on")                     \
    X(BLACKHOLE, "pmtu-black-hole", "RFC 4821, RFC 2923 2.1",                                      \
      "full segments vanish without a word: try smaller ones")                                     \
    X(NO_BLACKHOLE, "pmtu-no-black-hole", "RFC 2923 2.1",                                          \
      "smaller segments vanish alike: back to the size that they had")                             \
    X(LOCAL_DROP, "local-drop", NULL,                                                              \
      "the host's own queue takes nothing: it counts as not sent, and is tried again soon")        \
    X(MTU_PROBE, "mtu-probe", "RFC 4821 7.5",                                                      \
      "one segment is larger than the others, to find out whether the path takes it")              \
    X(MTU_PROBE_LOST, "mtu-probe-lost", "RFC 4821 7.6.2",                                          \
      "the probe alone was lost: it was too large, and the window stays as it is")                 \
    X(ICMP_IGNORED, "icmp-ignored", "RFC 5927 4",                                                  \
      "an ICMP error that quotes nothing we have outstanding")                                     \
    X(SOURCE_QUENCH, "source-quench-ignored", "RFC 9293 3.9.2.2 MUST-55",                          \
      "Source Quench is discarded in silence")                                                     \
    X(TIME_WAIT_REOPENED, "time-wait-reopened", "RFC 9293 3.6.1 MAY-2, RFC 6191",                  \
      "a newer SYN opens the next connection of these ports")                                      \
    X(TIME_WAIT_REUSED, "time-wait-reused", "RFC 6191 1",                                          \
      "OPEN takes the ports, and time stamps tell the connections apart")                          \
    X(TIME_WAIT_RESUMED, "time-wait-resumed", "RFC 9293 3.6.1 MAY-2",                              \
      "the SYN was an old duplicate: back to TIME-WAIT")                                           \
    X(TIME_WAIT_RECYCLED, "time-wait-recycled", NULL,                                              \
      "too many connections wait: the oldest makes room")                                          \
    X(SYN_CACHE_EVICTED, "syn-cache-evicted", "RFC 4987 3.4",                                      \
      "half-open connections are full: the oldest makes room")                                     \
    X(SYN_COOKIE, "syn-cookie", "RFC 4987 3.6",                                                    \
      "half-open connections are full: the SYN,ACK itself carries what must be remembered")        \
    X(SYN_COOKIE_VALID, "syn-cookie-valid", "RFC 4987 3.6", "the ACK returns a cookie of ours")    \
    X(FAST_OPEN, "fast-open", "RFC 7413 4.2", "a SYN with a valid cookie brings data")             \
    X(DEFECT_TWO_WAY, "two-way-handshake", NULL,                                                   \
      "a defect: open without waiting for the third segment")                                      \
    X(LINGER_ZERO, "linger-zero", "RFC 9293 3.10.5", "the user closed without waiting: abort")     \
    X(DROP_PAWS, "paws", "RFC 7323 5", "its timestamp is older than the last: an old duplicate")   \
    X(DROP_NO_TIMESTAMP, "timestamp-missing", "RFC 7323 3.2",                                      \
      "timestamps were agreed on, and it has none")                                                \
    X(DROP_CHALLENGE_LIMITED, "challenge-limited", "RFC 5961 7",                                   \
      "enough of these were answered in this period")                                              \
    X(DROP_ACCEPT_FULL, "accept-queue-full", "RFC 9293 3.9.1.1",                                   \
      "the handshake is complete, but the queue for accept is full: the peer will ask again")      \
    X(DROP_DEFERRED, "accept-deferred", "Linux",                                                   \
      "the handshake is complete, but the listener's user waits for data")                         \
    X(ACCEPT_OVERFLOW, "accept-overflow", "Linux",                                                 \
      "the queue for accept is full, and the peer is told so")                                     \
    X(DROP_NO_ROOM, "no-room", NULL, "the host has as many connections as it can keep")            \
    X(DROP_SYNFIN, "syn-with-fin", "RFC 1025, Linux", "a SYN with FIN is not meant well")          \
    X(DROP_SYNACK_TO_LISTEN, "syn-ack-to-listen", "FreeBSD", "a SYN,ACK for a listener")           \
    X(DROP_RST_TIME_WAIT, "rst-in-time-wait", "RFC 1337 3 F1",                                     \
      "a RST must not end TIME-WAIT early")                                                        \
    X(DROP_SIGNED, "signed", "RFC 2385",                                                           \
      "it carries a signature, and there is no key to tell whether it is right")                   \
    X(DROP_NO_MEMORY, "receive-buffer-full", "Linux",                                              \
      "what waits to be read takes all the memory of the receive buffer")                          \
    X(DROP_EARLY_NO_MEMORY, "receive-buffer-full-early", "Linux",                                  \
      "it came early, and there is no memory left to keep it")                                     \
    X(DROP_REASSEMBLY_FULL, "reassembly-full", "RFC 9293 3.10.7.4 seventh",                        \
      "there is no room for more separate stretches of early data")                                \
    X(DROP_DEFECT, "defect", NULL, "a defect that was switched on threw it away")                  \
    X(RULE_ACK_STORM, "ack-storm", "RFC 1337 2 H2, RFC 5961 7",                                    \
      "two ends answer each other's acknowledgments and nothing moves")                            \
    X(RULE_STREAM, "stream-integrity", "RFC 9293 3.1",                                             \
      "every octet is delivered once, in order, as it was sent")                                   \
    X(RULE_BEYOND, "beyond-window", "RFC 9293 3.10.7.4 first",                                     \
      "data beyond the offered window was accepted")                                               \
    X(RULE_SHRUNK, "window-shrunk", "RFC 9293 3.8.6 SHLD-14",                                      \
      "the right edge of the window moved to the left")                                            \
    X(RULE_TIMER, "timer-on-closed", "RFC 9293 3.10.7.4", "a closed connection has no timers")     \
    X(DROP_AFTER_FIN, "after-fin", "RFC 9293 3.10.7.4 seventh",                                    \
      "data after the peer's FIN cannot be")                                                       \
    X(DROP_CLOSED_BY_USER, "nobody-reads", "RFC 9293 3.6.1", "nobody will read this data")

#define DW_TCP_CAUSE_ENUM(id, name, rfc, text) DW_TCP_CAUSE_##id,
enum dw_tcp_cause { DW_TCP_CAUSES(DW_TCP_CAUSE_ENUM) DW_TCP_CAUSE_COUNT };
#undef DW_TCP_CAUSE_ENUM

extern const dw_cause dw_tcp_cause_table[];
#define CAUSE(id) (&dw_tcp_cause_table[DW_TCP_CAUSE_##id])

#endif
