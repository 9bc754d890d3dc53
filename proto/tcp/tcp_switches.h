/* Every switch of TCP: each point on which RFCs leave a choice, or practice differs from them, as
 * one row with its value in each profile.
 *
 * The rows make the struct (tcp_profile.h), the profiles and the table of options (tcp_profile.c),
 * and so `drywire profiles` and the tables in docs/.  The columns after the range are
 *
 *     rfc9293   the RFC to the letter; where it leaves a choice, the plainest
 *     linux     Linux 7 as its defaults have it
 *     freebsd   FreeBSD 14 likewise
 *     rfc793    TCP of 1981, before congestion control, delayed ACKs and Nagle
 *     embedded  a small stack: one connection, small buffers, coarse timers
 *
 * Times are in nanoseconds, sizes in octets; 0 often means "off", and the row says so. */
#ifndef DW_TCP_SWITCHES_H
#define DW_TCP_SWITCHES_H

#include "drywire/base.h"

#define MS DW_MILLISECOND
#define SEC DW_SECOND
#define MIN DW_MINUTE
#define HOUR DW_HOUR
#define DAY (24 * DW_HOUR)

/* clang-format off */
#define DW_TCP_SWITCHES(TIME, COUNT, SIZE, FLAG, CHOICE)                                                     \
/*    name                    least    most     rfc9293    linux      freebsd    rfc793     embedded */     \
TIME(msl,                     1,       DAY,     2 * MIN,   30 * SEC,  30 * SEC,  2 * MIN,   2 * MIN,         \
     "Maximum segment lifetime (RFC 9293 3.4.2).")                                                           \
TIME(time_wait,               0,       DAY,     0,         0,         0,         0,         0,               \
     "Length of TIME-WAIT; 0s means 2 MSL (MUST-13).")                                                       \
TIME(time_wait_reuse_delay,   0,       DAY,     SEC,       SEC,       SEC,       SEC,       SEC,             \
     "How long TIME-WAIT lasts before time_wait_reuse ends it (Linux tcp_tw_reuse_delay).")                  \
TIME(rto_initial,             1,       HOUR,    SEC,       SEC,       SEC,       3 * SEC,   3 * SEC,         \
     "Retransmission timeout before the first sample (RFC 6298 2.1).")                                       \
TIME(rto_min,                 1,       HOUR,    SEC,       200 * MS,  30 * MS,   SEC,       SEC,             \
     "Lower bound of the retransmission timeout (RFC 6298 2.4).")                                            \
TIME(rto_max,                 1,       HOUR,    MIN,       2 * MIN,   64 * SEC,  MIN,       MIN,             \
     "Upper bound of the retransmission timeout (RFC 6298 2.5).")                                            \
TIME(rto_var_floor,           0,       HOUR,    0,         200 * MS,  0,         0,         0,               \
     "Least value of 4*RTTVAR in the timeout; 0s leaves only the clock's grain, 1 ms.")                      \
TIME(rto_slop,                0,       HOUR,    0,         0,         200 * MS,  0,         0,               \
     "Added to every retransmission timeout when the timer is set.")                                         \
TIME(rto_after_syn_timeout,   0,       HOUR,    3 * SEC,   3 * SEC,   3 * SEC,   0,         3 * SEC,         \
     "Timeout that data begins with when the SYN had to be sent again (RFC 6298 5.7); 0s: as it is.")        \
TIME(delayed_ack,             0,       499 * MS, 200 * MS, 40 * MS,   40 * MS,   0,         250 * MS,        \
     "How long an acknowledgment may wait; under 0.5 s (MUST-40); 0s turns delaying off.")                   \
TIME(r2,                      1,       DAY,     100 * SEC, DAY,       DAY,       5 * MIN,   100 * SEC,       \
     "Give up on data that stays unacknowledged this long; at least 100 s (SHLD-11).")                       \
TIME(syn_r2,                  1,       DAY,     3 * MIN,   DAY,       75 * SEC,  5 * MIN,   3 * MIN,         \
     "Give up on a SYN after this long; at least 3 min (MUST-23).")                                          \
TIME(user_timeout,            0,       30 * DAY, 0,        0,         0,         0,         0,               \
     "Give up on data after this long instead of R2 (RFC 5482); 0s: R2 alone.")                              \
TIME(persist_min,             1,       HOUR,    SEC,       200 * MS,  5 * SEC,   SEC,       SEC,             \
     "First interval of zero-window probes (SHLD-29).")                                                      \
TIME(persist_max,             1,       HOUR,    MIN,       2 * MIN,   MIN,       MIN,       MIN,             \
     "Longest interval of zero-window probes (SHLD-30).")                                                    \
TIME(sws_override,            100 * MS, SEC,    500 * MS,  200 * MS,  500 * MS,  100 * MS,  500 * MS,        \
     "Send a small segment after waiting this long for a better window (RFC 9293 3.8.6.2.1).")               \
TIME(finwait2_timeout,        0,       DAY,     0,         MIN,       MIN,       0,         20 * SEC,        \
     "End an orphaned FIN-WAIT-2 after this long; 0s: wait for ever, as the RFC has it.")                    \
TIME(keepalive_idle,          1,       30 * DAY, 2 * HOUR, 2 * HOUR,  2 * HOUR,  2 * HOUR,  2 * HOUR,        \
     "First keepalive probe after this long without a packet; at least 2 h by default (MUST-28).")           \
TIME(keepalive_interval,      1,       DAY,     75 * SEC,  75 * SEC,  75 * SEC,  75 * SEC,  75 * SEC,        \
     "Between keepalive probes that are not answered.")                                                      \
TIME(challenge_period,        0,       HOUR,    5 * SEC,   500 * MS,  SEC,       5 * SEC,   5 * SEC,         \
     "The period that challenge_limit counts in (RFC 5961 7); 0s: no limit.")                                              \
TIME(timer_grain,             0,       SEC,     0,         0,         0,         0,         500 * MS,        \
     "Timers fire only at multiples of this; 0s: exactly.")                                                  \
TIME(probe_ack_delay,         0,       SEC,     200 * MS,  200 * MS,  200 * MS,  200 * MS,  200 * MS,        \
     "Added to the wait for a tail loss probe behind a single segment, whose ACK may be delayed (RFC 8985 7.2).") \
TIME(local_drop_probe,        0,       HOUR,    0,         500 * MS,  0,         0,         0,               \
     "What the host's own queue refuses counts as not sent: it is tried again so much later, and the timeout is not doubled for it (Linux: TCP_RESOURCE_PROBE_INTERVAL); 0s: it counts as lost on the way.") \
COUNT(slow_start_limit,       0,       100,     1,         0,         2,         1,         1,               \
     "Segments by which one ACK may open the window in slow start: 1 (RFC 5681), more (RFC 3465), 0 for any.")\
COUNT(r1,                     1,       100,     3,         3,         3,         3,         3,               \
     "Retransmissions after which the path is suspected and the user told (SHLD-9, SHLD-10).")               \
COUNT(syn_retries,            0,       127,     0,         6,         12,        0,         0,               \
     "Retransmissions of a SYN before giving up; 0: by syn_r2 alone.")                                       \
COUNT(synack_retries,         0,       100,     0,         5,         3,         0,         0,               \
     "Likewise for a SYN,ACK.")                                                                              \
COUNT(data_retries,           0,       100,     0,         15,        12,        0,         0,               \
     "Likewise for data and FIN; 0: by r2 alone.")                                                           \
FLAG(retries_by_time,                           false,     true,      false,     false,     false,           \
     "syn_retries and data_retries stand for the time that they would take if the timeout began at its least, from the first retransmission on; the user timeout counts so, too, and holds for connecting, keepalive and a closed window whose probes are answered (Linux).") \
COUNT(orphan_retries,         0,       100,     0,         0,         0,         0,         0,               \
     "With retries_by_time, data_retries of a connection that its user has closed; 0: 8, and none once the timeout is at its bound (Linux).") \
COUNT(syn_linear_timeouts,    0,       100,     0,         4,         0,         0,         0,               \
     "So many first retransmissions of a SYN do not double the timeout, nor count for syn_retries.")                                    \
COUNT(syn_plain_after,        0,       100,     0,         0,         0,         0,         0,               \
     "A SYN that is sent again for so many times goes without options but MSS, in case one was the trouble; 0: never.") \
COUNT(ack_every,              1,       100,     2,         2,         2,         1,         2,               \
     "Full-sized segments that draw an immediate ACK (SHLD-19).")                                            \
TIME(comp_sack_delay,         0,       SEC,     MS,        MS,        MS,        MS,        MS,              \
     "With comp_sack_nr, how long those ACKs may wait, and no longer than a part of the round trip (tcp_comp_sack_delay_ns).") \
COUNT(comp_sack_rtt_percent,  1,       1000,    33,        33,        33,        33,        33,              \
     "That part (tcp_comp_sack_rtt_percent).")                                                               \
COUNT(comp_sack_nr,           0,       255,     0,         44,        0,         0,         0,               \
     "Where delayed_ack_rule adapts: out of order, after three ACKs of the same number, so many at most are made one (tcp_comp_sack_nr); 0: each segment has its own.") \
COUNT(pingpong_thresh,        1,       255,     1,         1,         1,         1,         1,               \
     "Where delayed_ack_rule adapts: so many answers that came soon make a connection interactive, and its ACKs wait for the next (tcp_pingpong_thresh).") \
COUNT(quick_acks,             0,       1000,    0,         0,         0,         0,         0,               \
     "Data segments acknowledged at once when a connection begins.")                                         \
COUNT(initial_window,         1,       1000,    4,         10,        10,        1000,      1,               \
     "Initial congestion window in segments; up to 4 as in RFC 5681 3.1, 10 as in RFC 6928.")                \
COUNT(initial_window_lost,    0,       100,     1,         2,         1,         0,         1,               \
     "The initial window is one segment when the SYN or SYN,ACK had to be sent again so many times (RFC 5681 3.1); 0: whatever happened.") \
COUNT(duplicate_ack_threshold, 1,      1000,    3,         3,         3,         1000,      3,               \
     "Duplicate ACKs that start fast retransmit (RFC 5681).")                                                \
COUNT(keepalive_probes,       1,       1000,    9,         9,         8,         9,         9,               \
     "Probes in a row that must stay unanswered before the connection is given up (MUST-29).")               \
COUNT(challenge_limit,        0,       1000000, 10,        1,         5,         0,         10,              \
     "Challenge ACKs, and ACKs of segments without data that are not acceptable, that one connection sends in a challenge_period (RFC 5961 7); 0: no limit.") \
COUNT(syn_backlog,            0,       65535,   0,         0,         0,         0,         1,               \
     "Half-open connections that a listener keeps; 0: as many as its backlog.")                              \
COUNT(max_connections,        0,       1000000, 0,         0,         0,         0,         1,               \
     "Connections at a time, those in TIME-WAIT included; 0: no limit.")                                     \
COUNT(port_first,             1,       65535,   49152,     32768,     49152,     49152,     49152,       \
     "First of the ports that OPEN chooses from (RFC 6335 6; Linux ip_local_port_range).")                   \
COUNT(port_last,              1,       65535,   65535,     60999,     65535,     65535,     65535,       \
     "Last of the ports that OPEN chooses from.")                                                            \
COUNT(time_wait_limit,        0,       1000000, 0,         0,         0,         0,         4,               \
     "Connections in TIME-WAIT; one more ends the oldest early; 0: no limit.")                               \
COUNT(reassembly_limit,       0,       1000000, 0,         0,         100,       0,         4,               \
     "Segments of early data that are kept, adjacent ones each; 0: as the window allows.")                       \
SIZE(mss,                     0,       65495,   0,         0,         0,         536,       536,             \
     "MSS that we announce; 0: the link's MTU less 40 (MUST-67).")                                           \
SIZE(mss_least,               1,       1460,    28,        48,        216,       28,        28,              \
     "Segments are not made smaller than this because the peer or ICMP asks for it; 28 fits the least MTU of IPv4, 68.") \
COUNT(ecn_retries,            0,       100,     0,         0,         1,         0,         0,               \
     "So many retransmissions of a SYN still ask for ECN (RFC 3168 6.1.1.1), accurate ECN once at least; 100: all, and what the answer says of a mark is believed.")                               \
COUNT(ecn_answer_retries,     0,       100,     100,       1,         1,         100,       100,             \
     "So many timeouts of a SYN,ACK before one that does not say any more that ECN is agreed on; 100: all say it.") \
COUNT(ecn_option,             0,       3,       1,         2,         0,         0,         0,               \
     "The option of accurate ECN: 0 never, 1 when something has changed and as a beacon, 2 with every segment that has room, 3 even when ACKs that have it seem to be lost (RFC 9768 3.2.3.2.2).") \
COUNT(ecn_option_beacon,      0,       100,     3,         3,         3,         3,         3,               \
     "With ecn_option 1: so many times in a round trip at least.")                                           \
COUNT(udp_port,               0,       65535,   0,         0,         0,         0,         0,               \
     "UDP port that we send and take TCP in UDP with (as FreeBSD's tunnelling); 0: none.")                   \
SIZE(send_buffer,             1,       1 << 30, 65535,     16384,     32768,     65535,     1072,            \
     "Octets a user may send before they are acknowledged.")                                                 \
SIZE(send_buffer_cost,        0,       65535,   0,         832,       0,         0,         0,               \
     "With send_whole_buffers: what each buffer costs of the send buffer besides the octets in it (true size of an empty sk_buff of TCP, Linux 6.18 on x86-64).") \
SIZE(receive_buffer,          1,       1 << 30, 65535,     65536,     65536,     65535,     1072,            \
     "Octets kept for the user; over 65535 a window scale is offered (RFC 7323).")                           \
SIZE(receive_buffer_most,     0,       1 << 30, 0,         16777216,  2097152,   0,         0,               \
     "How far the receive buffer may grow, with receive_autotune: the window scale that is offered allows for that (RFC 7323 2).") \
SIZE(scale_buffer,            0,       1 << 30, 0,         33554432,  0,         0,         0,               \
     "The window scale that is offered fits a buffer of this size, where that is more than receive_buffer_most (Linux's tcp_rmem counts what buffers cost).") \
SIZE(receive_buffer_limit,    0,       1 << 30, 0,         4194304,   0,         0,         0,               \
     "A user gets no larger receive buffer than this; the window scale that is offered allows for as much (Linux: net.core.rmem_max); 0: no limit.") \
SIZE(send_buffer_most,        0,       1 << 30, 0,         4194304,   2097152,   0,         0,               \
     "How far the send buffer may grow, with send_autotune.")                                                 \
FLAG(receive_autotune,                          false,     true,      true,      false,     false,           \
     "The receive buffer grows, to twice what is read in a round trip, as far as receive_buffer_most.")      \
FLAG(send_autotune,                             false,     true,      true,      false,     false,           \
     "The send buffer grows to twice the congestion window, as far as send_buffer_most.")                    \
FLAG(window_whole_segments,                     false,     true,      false,     false,     false,           \
     "The window that SYN and SYN,ACK announce is whole segments, and until data comes that is the most (Linux: tcp_select_initial_window).") \
FLAG(window_scale_always,                       false,     true,      true,      false,     false,           \
     "Offer window scaling where our own buffer does not need it, too, so that the peer may use it.")        \
FLAG(scale_fits_fixed_buffer,                   false,     true,      false,     false,     false,           \
     "Where the user has set the receive buffer the window scale that is offered fits that, which will not grow.") \
FLAG(round_buffer,                              false,     false,     true,      false,     false,           \
     "A connection's receive buffer is rounded up to whole segments.")                                       \
FLAG(accept_to_buffer,                          false,     false,     true,      false,     false,           \
     "Segments beyond the window that we announced are accepted as far as the buffer has room.")             \
FLAG(synack_echo_check,                         false,     true,      false,     false,     false,           \
     "A SYN,ACK that echoes a timestamp which was never sent draws a RST (Linux).")                          \
FLAG(simultaneous_offers,                       false,     true,      false,     false,     false,           \
     "In a simultaneous open, our SYN,ACK repeats the options of our SYN, whatever the peer's SYN has (Linux).") \
FLAG(shutdown_waits_for_syn,                    false,     true,      false,     false,     false,           \
     "In SYN-RECEIVED the end of sending, without the end of receiving, waits for ESTABLISHED, though nothing is to be sent before it (Linux).") \
FLAG(simultaneous_ack,                          false,     true,      false,     false,     false,           \
     "In a simultaneous open, the peer's SYN,ACK is acknowledged as a SYN that came twice (Linux).")         \
FLAG(ts_recent_acked,                           false,     true,      false,     false,     false,           \
     "TS.Recent is taken only from a segment whose ACK is neither older than SND.UNA nor of what was not sent (Linux).") \
FLAG(keep_send_window,                          false,     true,      false,     false,     false,           \
     "A segment with nothing new in SEQ and ACK may open the send window or close it, but not make it smaller (Linux).") \
FLAG(challenge_all,                             false,     true,      false,     false,     false,           \
     "challenge_limit holds for every challenge ACK and every SYN that is not acceptable, not only where the segment might be part of an ACK loop (tcp_invalid_ratelimit of Linux).") \
FLAG(fin_clears_sack,                           false,     true,      false,     false,     false,           \
     "Once the peer's FIN counts, nothing of what came early or twice is told any more (Linux).")            \
FLAG(old_segment_ack,                           false,     false,     true,      false,     false,           \
     "The ACK of a segment that has come before counts, though RFC 9293 3.10.7.4 drops it whole.")           \
FLAG(reset_acknowledges,                        false,     true,      true,      false,     false,           \
     "A RST that ends a connection of ours carries ACK, and the timestamp.")                                 \
FLAG(reset_has_window,                          false,     true,      false,     false,     false,           \
     "A RST that ends a connection of ours tells the window, too (Linux).")                                  \
COUNT(tso_win_divisor,        0,       1000,    0,         3,         0,         0,         0,               \
     "A burst waits for an ACK that is due, unless this part of the window is free; 0: it does not wait (Linux).") \
COUNT(pacing_ss_ratio,        1,       1000,    200,       200,       200,       200,       200,             \
     "The rate of pacing in slow start, in percent of the window over the round trip.")                      \
COUNT(pacing_ca_ratio,        1,       1000,    120,       120,       120,       120,       120,             \
     "And in congestion avoidance.")                                                                         \
COUNT(push_every,             0,       1000,    0,         2,         0,         0,         0,               \
     "In a burst, at least so many full segments make one buffer, whose last one carries PSH (TSO on Linux); 0: only the end of what the user sent does.") \
FLAG(send_whole_buffers,                        false,     true,      false,     false,     false,           \
     "The send queue is a chain of buffers of many segments, as Linux has it: room is asked for when one is begun, may be exceeded by the last, and is there again when a third is free; what is held back leaves by the probe timer.") \
FLAG(retransmit_collapse,                       false,     true,      false,     false,     false,           \
     "A segment that is sent again takes along the small ones behind it, and the FIN, as far as it has room (tcp_retrans_collapse of Linux; RFC 9293 3.7 allows it).") \
FLAG(ack_counts_small,                          false,     false,     true,      false,     false,           \
     "Any second segment draws an immediate ACK, not only full-sized ones.")                                 \
FLAG(late_rst_error,                            false,     true,      true,      false,     false,           \
     "A RST in CLOSING or LAST-ACK is told to the user.")                                                    \
FLAG(syn_r2_exact,                              false,     false,     true,      false,     false,           \
     "A SYN is given up when syn_r2 is over, not with the retransmission that follows.")                     \
FLAG(fast_open_listeners,                       false,     false,     false,     false,     false,           \
     "Every listener takes fast opens, not only those that were told to.")                                   \
FLAG(fast_open_bare_client,                     false,     false,     false,     false,     false,           \
     "Send data on SYN without a cookie (RFC 7413 2.1 warns).")                                              \
FLAG(fast_open_bare_server,                     false,     false,     false,     false,     false,           \
     "Take data on SYN without a cookie.")                                                                   \
FLAG(fast_open_experiment,                      false,     true,      false,     false,     false,           \
     "A server that gives no cookie is asked the next time by the experimental option (RFC 7413 4.1.1).")    \
FLAG(fast_open_gives_up,                        false,     false,     true,      false,     false,           \
     "A server that answers a fast open without a cookie is not asked again.")                               \
FLAG(sack,                                      false,     true,      true,      false,     false,           \
     "Offer and accept selective acknowledgments (RFC 2018).")                                               \
FLAG(dsack,                                     true,      true,      true,      false,     false,           \
     "With them, report what came twice (RFC 2883).")                                                        \
FLAG(sack_fin,                                  true,      true,      false,     true,      true,            \
     "A FIN that comes early is in the SACK block, and one that comes twice is reported (RFC 2018: it has a number); FreeBSD leaves it out.") \
FLAG(nagle,                                     true,      true,      true,      false,     true,            \
     "Hold small segments while data is outstanding (RFC 9293 3.7.4, SHLD-7).")                              \
FLAG(window_scale,                              true,      true,      true,      false,     false,           \
     "Offer and accept window scaling (RFC 7323 2) where a buffer needs it.")                                \
FLAG(timestamps,                                false,     true,      true,      false,     false,           \
     "Offer and accept timestamps, and with them PAWS (RFC 7323 3, 5).")                                     \
FLAG(keepalive,                                 false,     false,     true,      false,     false,           \
     "Send keepalive probes on every connection (MUST-24, MUST-25; FreeBSD's always_keepalive).")                                        \
FLAG(keepalive_octet,                           false,     false,     false,     false,     false,           \
     "A keepalive probe carries one garbage octet (MAY-6) instead of nothing (SHLD-12).")                    \
FLAG(fast_open,                                 false,     false,     false,     false,     false,           \
     "Send and accept data on SYN with a cookie (RFC 7413).")                                                \
FLAG(user_timeout_option,                       false,     false,     false,     false,     false,           \
     "Tell the peer our user timeout and heed its (RFC 5482 3.1).")                                          \
FLAG(pmtu_discovery,                            true,      true,      true,      false,     false,           \
     "Believe ICMP when it says that segments are too big (RFC 1191).")                                      \
TIME(pmtu_expires,            0,       DAY,     10 * MIN,  10 * MIN,  HOUR,      0,         10 * MIN,        \
     "How long a path MTU learnt from ICMP is believed, for all connections to that destination, before a larger one is tried (RFC 1191 6.3); 0s: for ever.") \
SIZE(min_pmtu,                68,      65535,   68,        552,       68,        68,        68,              \
     "The path MTU of IPv4 becomes no smaller than this because ICMP says so (Linux: route.min_pmtu), and where it does packets may go in fragments; at 68 what tells of less is a forgery.") \
CHOICE(pmtu_untold, untold_rules,               0,         1,         2,         0,         0,               \
     "What fits when ICMP does not say what would: the next lower plateau of RFC 1191 7.1; min_pmtu (linux); or a plateau, of which 1280 is one (freebsd).") \
FLAG(pmtu_grows,                                true,      true,      false,     true,      true,            \
     "Once a path MTU is forgotten the segments of connections grow again that were there before (RFC 1191 6.3); false: only those of later ones do (FreeBSD).") \
FLAG(mss_tells_path,                            false,     false,     true,      false,     false,           \
     "The MSS that we announce allows for a path MTU learnt before, too (FreeBSD; Linux before 7.3), though that is of the other direction (RFC 1191 3.1).") \
FLAG(icmp_at_snd_nxt,                           false,     true,      false,     false,     false,           \
     "An ICMP error that quotes SND.NXT is believed, too, though nothing was sent there (Linux); RFC 5927 4.1 asks for less.") \
CHOICE(mtu_probing, mtu_probings,               0,         0,         0,         0,         0,               \
     "Search for the path MTU with segments of other sizes (RFC 4821): never; once whole segments vanish (black-hole: r1 is over, and segments become base_mss); or always, from base_mss on (Linux: tcp_mtu_probing 0, 1, 2).") \
SIZE(base_mss,                28,      65495,   1024,      1024,      1024,      1024,      1024,            \
     "With mtu_probing: a segment that nearly every path takes (tcp_base_mss).")                             \
SIZE(mtu_probe_floor,         28,      65495,   48,        48,        48,        48,        48,              \
     "With mtu_probing: when still nothing gets through segments are halved, down to this (tcp_mtu_probe_floor).") \
SIZE(probe_threshold,         1,       65535,   8,         8,         8,         8,         8,               \
     "With mtu_probing: the search is over when no more octets than this lie between what gets through and what does not (tcp_probe_threshold).") \
TIME(probe_interval,          1,       DAY,     10 * MIN,  10 * MIN,  10 * MIN,  10 * MIN,  10 * MIN,        \
     "With mtu_probing: so long after it began a search that is over begins again (tcp_probe_interval).")    \
SIZE(blackhole_mss,           28,      65495,   1200,      1200,      1200,      1200,      1200,            \
     "With blackhole_detection: the first smaller size, options included (pmtud_blackhole_mss).")            \
SIZE(blackhole_mss_v6,        28,      65495,   1220,      1220,      1220,      1220,      1220,            \
     "Likewise in IPv6 (v6pmtud_blackhole_mss).")                                                            \
SIZE(mss_default,             28,      65495,   536,       536,       536,       536,       536,             \
     "The peer's MSS when it tells none (MUST-15), and the second size of blackhole_detection.")             \
SIZE(mss_default_v6,          28,      65495,   1220,      536,       1220,      536,       1220,            \
     "Likewise in IPv6, where the RFC has 1220, and Linux what it has in IPv4.")                             \
FLAG(blackhole_detection,                       false,     false,     false,     false,     false,           \
     "When a full segment is lost again and again try smaller ones, as the ICMP errors may be filtered (RFC 2923): blackhole_mss at the second timeout, mss_default at the fourth, and at the sixth what it was before (FreeBSD).") \
FLAG(reuse_address,                             true,      false,     false,     true,      true,            \
     "A listener may take a port that still has connections (SO_REUSEADDR).")                                \
FLAG(retransmit_fin,                            true,      true,      true,      true,      true,            \
     "Retransmit FIN.  false breaks RFC 9293 3.6 on purpose.")                                               \
FLAG(time_wait_reuse_named,                     false,     true,      false,     false,     false,           \
     "OPEN with a local port that the user names takes it from TIME-WAIT with time stamps, at once (Linux "   \
     "tcp_twsk_unique).")                                                                                    \
FLAG(time_wait_reuse_echo,                      false,     true,      false,     false,     false,           \
     "The SYN of a connection that takes another's place in TIME-WAIT echoes its last time stamp (Linux), or 0 " \
     "(RFC 7323 3.2).")                                                                                      \
FLAG(time_wait_echo,                            true,      false,     false,     true,      true,            \
     "ACKs of TIME-WAIT go on telling of a mark until the peer has said CWR (RFC 3168 6.1.3).")              \
FLAG(dsack_waits,                               false,     true,      true,      false,     false,           \
     "A D-SACK for which a segment has no room goes with the next one (Linux); else it is left out, for it tells of the "  \
     "segment that came last only (RFC 2883 4).")                                                            \
FLAG(time_wait_restart,                         true,      true,      true,      true,      true,            \
     "A FIN that comes again restarts the 2 MSL wait.  false breaks RFC 9293 3.10.7.4.")                     \
FLAG(karn,                                      true,      true,      true,      false,     true,            \
     "Take no round-trip sample from retransmitted segments (MUST-18).")                                     \
FLAG(rst_one_below,                             false,     true,      false,     false,     false,           \
     "After the peer's FIN a RST at RCV.NXT - 1 counts as exact: a stack that forgot its FIN sends it there.") \
FLAG(ecn_on_control,                            false,     true,      false,     false,     false,           \
     "With accurate ECN mark ACKs and retransmissions as capable, too (Linux), not only new data (RFC 3168 6.1.4).") \
FLAG(ecn_cwr_on_acks,                           false,     true,      false,     false,     false,           \
     "CWR on a segment without data ends the echo, too (Linux), not only on new data (RFC 3168 6.1.5).") \
FLAG(ecn_kept_unsaid,                           false,     true,      false,     false,     false,           \
     "ECN stays agreed on though the last SYN,ACK did not say so (Linux); else it takes both SYNs of the handshake that succeeds (RFC 3168 6.1.1).") \
FLAG(ecn_refuses_marked_syn,                    false,     true,      false,     false,     false,           \
     "A SYN that asks for classic ECN and arrives marked as capable is not answered with ECN: something plays with these bits (Linux).") \
FLAG(ecn_by_congestion,                         false,     true,      false,     false,     false,           \
     "A congestion control that lives on marks (dctcp) asks for ECN whatever ecn says, and marks every packet as capable, SYNs too (Linux, RFC 8257 3.5).") \
FLAG(ecn_counts_established,                    false,     true,      false,     false,     false,           \
     "Accurate ECN counts the marks of packets in ESTABLISHED only (Linux), not until the end (RFC 9768 3.2.2).") \
FLAG(ecn_after_close,                           true,      false,     true,      true,      true,            \
     "With accurate ECN, ACKs in TIME-WAIT and in FIN-WAIT-2 after close() go on to tell of marks; false: they say nothing, but are marked as before (Linux).") \
FLAG(ecn_acks_of_acks,                          true,      false,     true,      true,      true,            \
     "Six marks on packets without data draw an ACK, too (RFC 9768 3.2.2.5.1); false: they are told with the next (Linux).") \
FLAG(ecn_heeds_unsure,                          false,     true,      false,     false,     false,           \
     "Reports of marks reduce the window although the handshake showed that the bits are changed on the way (Linux; RFC 9768 3.2.2.4 advises against it).") \
FLAG(pacing,                                    false,     false,     false,     false,     false,           \
     "Spread segments over the round trip (Linux does with the queueing discipline fq).")                    \
FLAG(cwnd_in_segments,                          false,     true,      false,     false,     false,           \
     "Recovery and the window count segments, whatever their size (Linux), not octets (RFC 6675).")          \
FLAG(limited_transmit,                          true,      true,      true,      false,     false,           \
     "The first two duplicate ACKs each let a segment of new data go (RFC 3042); with a scoreboard this comes by itself.") \
FLAG(early_retransmit,                          false,     false,     false,     false,     false,           \
     "With fewer than four segments outstanding and nothing new to send, one duplicate ACK less than there are segments is enough (RFC 5827).") \
FLAG(rto_restart,                               false,     false,     false,     false,     false,           \
     "With fewer than four segments outstanding and unsent, the timer counts from when the oldest was sent (RFC 7765).") \
FLAG(sack_rescue,                               true,      false,     false,     false,     false,           \
     "With recovery by the scoreboard, send again what may be lost when nothing else is left to send (NextSeg, rules 3 and 4 of RFC 6675 4).") \
FLAG(tail_loss_probe,                           false,     true,      false,     false,     false,           \
     "Send a probe when the last segments stay unacknowledged for two round trips (RFC 8985 7).")            \
FLAG(prr,                                       false,     true,      true,      false,     false,           \
     "Reduce the window in proportion to what is delivered (RFC 9937), not at once (RFC 6675 5).")           \
FLAG(frto,                                      false,     true,      false,     false,     false,           \
     "After a timeout find out whether it was too early (RFC 5682).")                                        \
FLAG(undo,                                      false,     true,      false,     false,     false,           \
     "Restore the window when a recovery turns out superfluous (RFC 3522, RFC 3708, RFC 4015).")             \
FLAG(undo_forgets,                              false,     true,      false,     false,     false,           \
     "What counted as lost before a recovery was undone is not found lost by time again, only by the timer (Linux: it left tsorted_sent_queue); RFC 8985 looks at it again.") \
FLAG(cwnd_validation,                           false,     true,      false,     false,     false,           \
     "The window grows only while it is what limits the sender, with a factor of two in slow start (Linux; RFC 7661 3 asks for such a test).") \
FLAG(cwnd_counts_sacked,                        false,     true,      false,     false,     false,           \
     "What an ACK SACKs lets the window grow, too, and where the network reorders it does so by itself (Linux: tcp_may_raise_cwnd); else only what is acknowledged does (RFC 5681 3.1).") \
FLAG(tail_probe_counts,                         true,      false,     true,      true,      true,            \
     "The last segment that a tail loss probe sends again counts as sent again in what is in the network; not in Linux's retrans_out (tcp_send_loss_probe).") \
FLAG(reorder_by_duplicates,                     false,     true,      false,     false,     false,           \
     "Without SACK, more duplicate ACKs than segments out there say how far the network reorders, be it less than was thought (Linux: tcp_check_reno_reordering).") \
FLAG(ack_seq_in_window,                         false,     true,      false,     false,     false,           \
     "An ACK without data has no number beyond the peer's window, if that has shrunk (Linux: tcp_acceptable_seq); else it has SND.NXT.") \
FLAG(drop_answers_alone,                        false,     true,      false,     false,     false,           \
     "The answer to a segment that is dropped does not take along what waits to be sent (Linux: no tcp_data_snd_check).") \
FLAG(drop_signed,                               false,     true,      false,     false,     false,           \
     "Discard segments with an MD5 signature (RFC 2385), as no key is known; false ignores the option (MUST-6).") \
FLAG(receive_memory,                            false,     true,      false,     false,     false,           \
     "With window_step free, the receive buffer counts the memory of which segments take up whole pieces, not their octets (Linux).") \
FLAG(shrink_window,                             false,     false,     false,     false,     false,           \
     "Count unread data twice, as stacks do that count their buffers: the window's right edge can then move back (SHLD-14 says it should not).") \
FLAG(time_wait_challenge,                       true,      false,     true,      true,      true,            \
     "A RST in TIME-WAIT that is in the window but not exact draws a challenge ACK (RFC 5961 3.2), too.")    \
FLAG(keep_unaccepted,                           true,      true,      false,     true,      false,           \
     "A connection that is lost before the user accepts it is still handed out, and its error with it.")     \
FLAG(overflow_resets,                           false,     false,     false,     false,     false,           \
     "When the accept queue is full the last ACK of a handshake draws a RST, not silence (Linux: tcp_abort_on_overflow).") \
FLAG(syn_cookies_always,                        false,     false,     false,     false,     false,           \
     "Every SYN is answered with a cookie, not only when half-open connections are full.")                   \
FLAG(finwait2_rto,                              false,     true,      false,     false,     false,           \
     "An orphaned FIN-WAIT-2 lasts at least three and a half timeouts (Linux).")                             \
COUNT(backlog_most,           0,       65535,   0,         4096,      128,       0,         0,               \
     "A listener's backlog is at most this (somaxconn); 0: as the user says.")                               \
COUNT(syn_backlog_unproven,   0,       1000000, 0,         2048,      0,         0,         0,               \
     "With syn_full = drop, a SYN is dropped when no more than a quarter of so many places for half-open connections is left (Linux: tcp_max_syn_backlog); 0: no such test.") \
CHOICE(syn_cookie_rule, cookie_rules,           0,         1,         2,         0,         0,               \
     "What a SYN cookie remembers: one of eight MSS (RFC 4987 3.6), or one of four and with timestamps scale, SACK and ECN (Linux), or one of eight, scale and SACK (FreeBSD).") \
CHOICE(accept_queue, queue_rules,               0,         1,         2,         0,         0,               \
     "How many connections wait to be accepted, and how many half-open ones beside them: as many as the backlog says together (backlog), one more of the first and the backlog of the second (linux), or one more than half as many again (bsd).") \
CHOICE(rst_check, rule_sets,                    0,         0,         0,         1,         1,               \
     "rfc5961: only an exact RST resets, one elsewhere in the window draws a challenge ACK; "                \
     "rfc793: any RST in the window resets.")                                                                \
CHOICE(syn_check, syn_rules,                    0,         0,         0,         1,         0,               \
     "rfc5961: a SYN in a synchronized state draws a challenge ACK; rfc793: it resets; "                     \
     "reset: likewise, by a segment with our own numbers.")                     \
CHOICE(sequence_check, sequence_rules,          0,         1,         0,         0,         0,               \
     "Which segments are acceptable: by RFC 9293 3.10.7.4 and trimmed to the window, or as Linux has it: those that end no earlier than the last ACK we sent and begin no later than the rightmost edge ever offered; what ends beyond it is taken whole, if nothing waits to be read; a closed window lets only a bare FIN in.") \
CHOICE(ack_check, rule_sets,                    0,         0,         0,         1,         1,               \
     "rfc5961: an ACK older than SND.UNA - MAX.SND.WND is refused (RFC 5961 5.2, MAY-12); rfc793: it is a duplicate.") \
CHOICE(syn_data, early_data,                    0,         1,         0,         0,         0,               \
     "Data and FIN on a SYN without a Fast Open cookie wait for ESTABLISHED (RFC 9293 3.4) or are left to be sent again.") \
CHOICE(syn_ack_data, early_data,                0,         1,         0,         0,         0,               \
     "Likewise for what comes with a SYN,ACK (RFC 9293 3.10.7.3).")                                          \
CHOICE(simultaneous_rst, open_errors,           0,         1,         0,         0,         0,               \
     "What the user is told of a RST in SYN-RECEIVED after an active open: refused (MUST-12) or reset.")     \
CHOICE(ack_of_fin, acks_of_fin,                 0,         0,         0,         0,         0,               \
     "Acknowledge a FIN at once (RFC 9293 3.10.7.4) or like data where delayed_ack_rule counts, so that a quick close "                    \
     "carries the ACK along.")                                                                               \
CHOICE(delayed_ack_rule, delayed_ack_rules,     0,         1,         0,         0,         0,               \
     "When data is acknowledged: counts (RFC 5681 4.2: every ack_every full segments, or after delayed_ack) or adapts (Linux: at once while a connection is new or in trouble, after a time that follows the arrivals, and with the answer once the program answers).") \
CHOICE(simultaneous_close, close_replies,       0,         0,         1,         0,         0,               \
     "The answer to a FIN that does not acknowledge ours: a plain ACK, or our FIN again with it.")           \
CHOICE(close_unread, unread_closes,             0,         0,         1,         1,         0,               \
     "Closing with unread data sends RST (SHLD-3), or FIN all the same.")                                    \
CHOICE(rst_unread, unread_data,                 0,         1,         0,         0,         0,               \
     "A RST discards data that was not read yet (RFC 9293 3.10.7.4 second), or leaves it readable.")         \
CHOICE(read_shutdown, early_data,               0,         0,         1,         0,         0,               \
     "After a shutdown of the reading side alone what was received stays readable, and what comes is kept, too (Linux); or "  \
     "both are acknowledged and discarded (FreeBSD, sorflush).")                                              \
CHOICE(zero_window_probe, probe_forms,          0,         1,         0,         0,         0,               \
     "A probe carries one new octet (RFC 9293 3.8.6.1) or is empty with SEQ=SND.UNA-1.")                     \
CHOICE(backoff_until, backoff_ends,             0,         0,         0,         1,         0,               \
     "The backed-off timeout holds until a new sample (RFC 6298 5, Karn) or until any ACK of new data.")     \
CHOICE(option_layout, option_layouts,           0,         1,         2,         0,         0,               \
     "The order of a segment's options, and what fills them up: each padded in front in the order of their "  \
     "RFCs, as Linux has them, or as FreeBSD.")                                                              \
CHOICE(window_step, window_steps,               0,         2,         1,         0,         0,               \
     "The window's right edge moves by a segment or half the buffer (MUST-39), or by any octet that is free; free: likewise, up to a bound that grows with full segments, and not at all while less than a segment or a sixteenth of the buffer is free (Linux).") \
CHOICE(icmp_prohibited, prohibited_rules,       0,         0,         1,         0,         0,               \
     "Prohibited and time exceeded, of ICMP, are soft errors, or as hard as an unreachable port.")          \
CHOICE(syn_fin, early_data,                     0,         1,         1,         0,         0,               \
     "A FIN that comes with a SYN in SYN-SENT counts once the handshake is complete, or is left to be sent again.") \
CHOICE(time_wait_rules, time_wait_rule_sets,    0,         0,         1,         0,         0,               \
     "What TIME-WAIT answers: as RFC 9293 3.10.7.4 has it, or as BSD: nothing to what has no ACK, an ACK to "  \
     "whatever is not a plain ACK in sequence.")                                                             \
CHOICE(nagle_rule, nagle_rules,                 0,         1,         2,         0,         0,               \
     "What holds a small segment back: any data outstanding (RFC 9293 3.7.4), a small segment outstanding "  \
     "(Minshall's variant), or data that was outstanding before this call (BSD).")                           \
CHOICE(ecn, ecn_rules,                          0,         2,         2,         0,         0,               \
     "Explicit congestion notification (RFC 3168): off, asked for and answered, or only answered; accurate (RFC 9768) asks for that and answers either, accurate-or-ask asks for the older kind, accurate-answer does not ask.")          \
CHOICE(synsent_synfin, synfin_rules,            0,         0,         0,         0,         0,               \
     "A SYN with FIN in SYN-SENT counts as a SYN, or is dropped.")                                           \
CHOICE(listen_synack, listen_replies,           0,         0,         1,         0,         0,               \
     "A SYN,ACK that reaches a listener is answered with RST (RFC 9293 3.10.7.2) or dropped.")               \
CHOICE(listen_synfin, synfin_rules,             0,         1,         0,         0,         0,               \
     "A SYN with FIN opens a connection like any SYN, or is dropped.")                                       \
CHOICE(syn_full, full_rules,                    0,         2,         1,         0,         0,               \
     "When a listener's half-open connections are full: drop the SYN, forget the oldest of them (a SYN cache, RFC 4987 3.4), or answer with a SYN cookie (3.6).") \
CHOICE(time_wait_rst, time_wait_rsts,           0,         0,         1,         0,         1,               \
     "A RST in TIME-WAIT ends it (RFC 9293 3.10.7.4) or is ignored (RFC 1337 fix F1).")                      \
CHOICE(time_wait_syn, time_wait_syns,           0,         0,         0,         1,         1,               \
     "A newer SYN in TIME-WAIT opens the next connection (MAY-2, RFC 6191) or is treated like any other.")   \
CHOICE(time_wait_reuse, reuses,                 0,         2,         0,         0,         0,               \
     "Whether OPEN, looking for a port, may take one that is in TIME-WAIT with time stamps, after time_wait_reuse_delay: " \
     "off (RFC 9293 3.9.1.1: the connection exists), always, or only to a loopback address (Linux tcp_tw_reuse 0, 1, 2).") \
CHOICE(time_wait_isn, reopen_isns,              0,         1,         0,         0,         0,               \
     "The ISN of a connection reopened from TIME-WAIT: by the clock if that is above the old numbers (MAY-2), or always SND.NXT + 65537.") \
CHOICE(missing_timestamp, missing_rules,        0,         1,         1,         1,         1,               \
     "A segment without the timestamp that was agreed on is dropped (RFC 7323 3.2) or accepted.")            \
CHOICE(icmp_hard, hard_rules,                   0,         1,         1,         2,         2,               \
     "Hard ICMP errors (protocol or port unreachable) abort a connection (SHLD-26), only while it opens (RFC 5461, RFC 5927 5.2), or never.") \
CHOICE(icmp_soft, soft_rules,                   0,         1,         0,         0,         0,               \
     "Soft ICMP errors are reported (MUST-56, SHLD-25), or abort a connection that opens (RFC 5461 4.1).")   \
CHOICE(syn_retry, syn_retries_when,             0,         2,         0,         0,         0,               \
     "After a RST for a half-open peer (figure 9) the SYN goes again by its timer, at once, or two ticks of 4 ms later unless it had to be sent again before (Linux).")             \
CHOICE(urgent_pointer, urgent_pointers,         0,         0,         0,         0,         0,               \
     "The urgent pointer names the octet after the urgent data (MUST-62) or its last one (RFC 1122 4.2.2.4).") \
CHOICE(recovery, recoveries,                    1,         2,         1,         0,         0,               \
     "How losses are found: newreno: by duplicate ACKs (RFC 5681, RFC 6582); sack: by the scoreboard where SACK is agreed on (RFC 6675); rack: by time (RFC 8985); for comparison, reno: as newreno, but the first ACK of new data ends recovery (RFC 2581), and tahoe: duplicate ACKs too lead back to slow start (Jacobson 1988).") \
CHOICE(hystart, hystarts,                       0,         3,         4,         0,         0,               \
     "How CUBIC ends slow start early: not at all, by trains of ACKs, by delay, by both (Linux), or by RFC 9406 (HyStart++).") \
CHOICE(idle_restart, idle_restarts,             1,         2,         1,         0,         1,               \
     "After a pause longer than the timeout the window is as it was, the initial one at most (RFC 5681 4.1), or halved for each timeout that passed (RFC 2861, Linux).") \
CHOICE(congestion_control, dw_tcp_congestion_names, 0,     1,         1,         0,         0,               \
     "The congestion control.")
/* clang-format on */

#endif
