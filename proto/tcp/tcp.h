/* The transmission control block and what the files of this folder share.
 *
 * Names follow RFC 9293: snd_una is SND.UNA, rcv_nxt is RCV.NXT.  The files follow its chapters:
 *
 *   tcp.c          the plugin: attaching, options of a host
 *   tcp_table.c    finding connections
 *   tcp_wire.c     3.1  the header: reading, writing, dissecting
 *   tcp_state.c    3.3.2  the state machine: one function changes state, and tells of it
 *   tcp_tcb.c      the life of a TCB
 *   tcp_window.c   3.8.6  the receive window
 *   tcp_user.c     3.10.1-6  the user's calls
 *   tcp_arrives.c  3.10.7  SEGMENT ARRIVES
 *   tcp_ack.c      3.10.7.4 "fifth, check the ACK field", RFC 5681, RFC 6298
 *   tcp_reass.c    3.10.7.4 "seventh, process the segment text"
 *   tcp_output.c   3.7, 3.8  what to send and when
 *   tcp_timer.c    3.10.8  timeouts
 *   tcp_giveup.c   3.8.3  when the peer is given up
 *   tcp_rtt.c      RFC 6298
 *   tcp_listen.c   3.10.7.2  LISTEN
 *   tcp_cookie.c   RFC 4987 3.6  SYN cookies
 *   tcp_fastopen.c RFC 7413  data on SYN
 *   tcp_timewait.c 3.6.1  TIME-WAIT as a small record; RFC 6191, RFC 1337
 *   tcp_sack.c     RFC 2018, RFC 2883  selective acknowledgments
 *   tcp_ecn.c      RFC 3168  explicit congestion notification
 *   tcp_accecn.c   RFC 9768  accurate feedback of it
 *   tcp_udp.c      TCP in UDP
 *   tcp_stamp.c    RFC 7323  timestamps and PAWS
 *   tcp_tune.c     buffers that grow with the path
 *   tcp_rcvbuf.c   what is free of the receive buffer, by what segments cost
 *   tcp_settings.c what a user may set for one connection
 *   tcp_urgent.c   3.8.5  urgent data
 *   tcp_keepalive.c 3.8.4  keepalive
 *   tcp_icmp.c     3.9.2.2  what the network reports
 *   tcp_pmtu.h     path MTU: tcp_pmtu.c, tcp_plpmtu.c
 *   tcp_local_drop.c  what the host's own queue refuses
 *   tcp_switches.h every tunable and switch, with its value in each profile
 *   tcp_profile.c  the profiles made from that
 *   tcp_recovery.h  loss recovery with a scoreboard: tcp_scoreboard.c, tcp_rack.c, tcp_recovery.c,
 *                  tcp_resend.c, tcp_undo.c
 *   tcp_congestion.c  which congestion control, and its life; the algorithms are in cc/
 *   tcp_rate.c     how fast data arrives at the other end
 *   tcp_pace.c     bursts and pacing
 *   tcp_chain.c    the send queue as Linux has it
 *   tcp_chrono.c   what the time of a sender goes to
 *   tcp_record.c   where the user's records end
 *   tcp_defect.c   mistakes that can be made on purpose
 *   tcp_cause.c    why things happen
 *   tcp_rules.c    rules that no implementation may break, checked while it runs
 *   tcp_check.c    invariants of a TCB */
#ifndef DW_TCP_H
#define DW_TCP_H

#include "../builtin.h"
#include "tcp_cause.h"
#include "tcp_pmtu.h"
#include "tcp_profile.h"
#include "tcp_queue.h"
#include "tcp_recovery.h"

/* Of Linux's timers: no time at all lasts until the next one, and what is as good as over is over.
 */
#define DW_TCP_TICK DW_MILLISECOND

enum { DW_TCP_PROTOCOL = 6, DW_TCP_HEADER = 20, DW_TCP_DEFAULT_MSS = 536 /* MUST-15 */ };

/* Kinds of options (RFC 9293 3.2 and the RFCs named). */
enum dw_tcp_option_kind {
    DW_TCP_OPT_END = 0,
    DW_TCP_OPT_NOP = 1,
    DW_TCP_OPT_MSS = 2,
    DW_TCP_OPT_WSCALE = 3,         /* RFC 7323 2 */
    DW_TCP_OPT_SACK_PERMITTED = 4, /* RFC 2018 2 */
    DW_TCP_OPT_SACK = 5,           /* RFC 2018 3 */
    DW_TCP_OPT_TIMESTAMP = 8,      /* RFC 7323 3 */
    DW_TCP_OPT_MD5 = 19,           /* RFC 2385 */
    DW_TCP_OPT_USER_TIMEOUT = 28,  /* RFC 5482 */
    DW_TCP_OPT_FAST_OPEN = 34,     /* RFC 7413 */
    DW_TCP_OPT_ACCECN_0 = 172,     /* RFC 9768 3.2.3 */
    DW_TCP_OPT_ACCECN_1 = 174,
    DW_TCP_OPT_EXPERIMENT = 254, /* RFC 6994: two octets more say which */
};
enum {
    DW_TCP_UDP_SPACE = 8,
    DW_TCP_TIMESTAMP_SPACE = 12,
    DW_TCP_COOKIE_MOST = 16,
    DW_TCP_COOKIE = 8,
    DW_TCP_FAST_KEY = 16,
    DW_TCP_FAST_MAGIC = 0xf989
};

/* Control bits, in the order of the header's last octet. */
enum dw_tcp_flag {
    DW_TCP_FIN = 1,
    DW_TCP_SYN = 2,
    DW_TCP_RST = 4,
    DW_TCP_PSH = 8,
    DW_TCP_ACK = 16,
    DW_TCP_URG = 32,
    DW_TCP_ECE = 64,
    DW_TCP_CWR = 128,
    DW_TCP_AE = 256, /* in the octet before (RFC 9768) */
};

/* ECN codepoints in the IP header (RFC 3168 5, RFC 8311). */
enum dw_tcp_codepoint { DW_TCP_NOT_ECT, DW_TCP_ECT_1, DW_TCP_ECT_0, DW_TCP_CE };

enum dw_tcp_state {
    DW_TCP_CLOSED,
    DW_TCP_LISTEN,
    DW_TCP_SYN_SENT,
    DW_TCP_SYN_RECEIVED,
    DW_TCP_ESTABLISHED,
    DW_TCP_FIN_WAIT_1,
    DW_TCP_FIN_WAIT_2,
    DW_TCP_CLOSE_WAIT,
    DW_TCP_CLOSING,
    DW_TCP_LAST_ACK,
    DW_TCP_TIME_WAIT,
    DW_TCP_STATES
};

/* A connection's timers.  They share one entry in the event queue: the earliest. */
enum dw_tcp_timer {
    DW_TCP_TIMER_RETRANSMIT,
    DW_TCP_TIMER_REORDER, /* RFC 8985 6.2 step 5; one of this, the next and the first runs */
    DW_TCP_TIMER_PROBE,   /* RFC 8985 7: the tail loss probe */
    DW_TCP_TIMER_PERSIST,
    DW_TCP_TIMER_OVERRIDE, /* sender silly window avoidance, RFC 9293 3.8.6.2.1 */
    DW_TCP_TIMER_DELAYED_ACK,
    DW_TCP_TIMER_TIME_WAIT,
    DW_TCP_TIMER_KEEPALIVE,
    DW_TCP_TIMER_PACE, /* the next burst may leave */
    DW_TCP_TIMERS
};

enum { DW_TCP_SACK_BLOCKS = 6 }; /* remembered, latest first; a segment has room for four */

/* How soon ECN wants an ACK: as usual, now, or now and for the segments after it, too. */
enum dw_ecn_urge { DW_ECN_URGE_NONE, DW_ECN_URGE_ACK, DW_ECN_URGE_QUICK };

/* Where a connection stands that its listener's user has not accepted. */
enum dw_tcp_place {
    DW_TCP_PLACE_NONE,
    DW_TCP_PLACE_HALF_OPEN,
    DW_TCP_PLACE_ACCEPT,
    DW_TCP_PLACE_SPARE
};

/* Problems that may pass, told to the user (RFC 9293 3.9.1.8). */
enum dw_tcp_report {
    DW_TCP_REPORT_NONE,
    DW_TCP_REPORT_R1,          /* several retransmissions in a row */
    DW_TCP_REPORT_UNREACHABLE, /* ICMP says so */
    DW_TCP_REPORT_TIME_EXCEEDED,
    DW_TCP_REPORT_PARAMETER,
};

/* Who holds the socket. */
enum dw_tcp_user {
    DW_TCP_USER_NONE, /* not accepted yet */
    DW_TCP_USER_HERE,
    DW_TCP_USER_GONE /* closed or aborted: nobody reads, nobody will be told */
};

typedef struct dw_tcp_listener dw_tcp_listener;

/* Variables that the trace follows, besides those of the round-trip estimate. */
enum dw_tcp_variable {
    DW_TCP_VAR_CWND,
    DW_TCP_VAR_SSTHRESH,
    DW_TCP_VAR_FLIGHT,
    DW_TCP_VAR_SND_WND,
    DW_TCP_VAR_RCV_WND,
    DW_TCP_VAR_PIPE,
    DW_TCP_VAR_PACING_RATE,
    DW_TCP_VAR_DELIVERY_RATE,
    DW_TCP_VAR_RACK_WINDOW,
    DW_TCP_VARIABLES
};
enum { DW_TCP_DETAILS = 18 }; /* ... and those of DW_TRACE_DETAIL */

/* An arriving segment.  The text may be trimmed at both ends: text_at and text_len say what is
 * left, seq and flags always fit it. */
struct dw_seg {
    uint32_t seq, ack;
    uint32_t text_len; /* octets of data */
    uint32_t text_at;  /* where they begin in the packet's payload */
    uint32_t wnd;      /* SEG.WND; scaled once the connection is known */
    uint16_t urgent;
    uint8_t flags;
    uint32_t seq_first; /* seq and text_len as they were before anything was trimmed */
    uint32_t text_first;
    uint16_t gso_size;   /* text_first came in segments of so many octets; 0: in one */
    uint8_t options_len; /* octets of the header's options */
    uint16_t mss;        /* option; 0: absent */
    int8_t wscale;       /* option; -1: absent */
    bool has_timestamp, has_user_timeout, sack_permitted, is_signed;
    bool ae;              /* RFC 9768 */
    uint8_t accurate_len; /* its option, without what all options begin with, and two octets more */
    bool accurate_order;  /* the second of the two orders */
    const uint8_t *accurate;
    uint32_t ts_val, ts_ecr;
    bool ts_advanced;      /* it made TS.Recent greater */
    uint16_t user_timeout; /* as on the wire: a bit for the unit, 15 for the number */
    uint8_t sack_count;    /* RFC 2018 */
    dw_tcp_range sack[4];
    int8_t cookie_len;        /* fast open option; -1: absent, 0: a request */
    bool cookie_experimental; /* it came in the option of the experiment */
    const uint8_t *cookie;    /* in the packet's header */
    dw_packet *packet;
    const dw_flow *flow;  /* as this host sees it */
    const dw_cause *drop; /* set when the segment is discarded */
};

/* SEG.LEN: data, SYN and FIN. */
static inline uint32_t dw_seg_len(const dw_seg *s)
{
    return s->text_len + !!(s->flags & DW_TCP_SYN) + !!(s->flags & DW_TCP_FIN);
}

/* How many segments a device has put together. */
static inline uint32_t dw_seg_count(const dw_seg *s)
{
    return s->gso_size > 0 ? (s->text_first + s->gso_size - 1) / s->gso_size : 1;
}

static inline bool dw_seg_has(const dw_seg *s, uint8_t flags)
{
    return (s->flags & flags) != 0;
}

/* What remains is control and acknowledgment. */
static inline void dw_seg_drop_text(dw_seg *s)
{
    s->text_len = 0;
    s->flags &= (uint8_t)~DW_TCP_FIN;
}

/* Found by the four addresses and ports. */
typedef struct dw_tcp_link {
    struct dw_tcp_link *next;
    dw_flow flow;
} dw_tcp_link;

typedef struct dw_tcp_table {
    dw_tcp_link **buckets;
    dw_tcp_link *single; /* the only bucket, where there was no memory for the first ones */
    uint32_t size;       /* a power of two, or 0 */
    uint32_t count;
} dw_tcp_table;

/* What the growth of buffers goes by (tcp_tune.c). */
typedef struct dw_tcp_tuning {
    dw_time rtt;          /* as the receiver sees it; 0: not known yet */
    dw_time started_at;   /* when counting what is read began; 0: it has not */
    dw_time window_at;    /* when the window that ends at window_end began */
    uint32_t window_end;  /* a sequence number */
    uint32_t read_before; /* octets read when counting began, from the first on */
    uint32_t copied;      /* octets read in the best round trip so far */
    uint32_t echo;        /* the last timestamp that gave a sample */
} dw_tcp_tuning;

/* The buffers in which lies what waits to be read, in order (tcp_rcvbuf.c). */
typedef struct dw_tcp_held {
    uint32_t octets;    /* that are still to be read */
    uint32_t len;       /* all of its segments'; UINT32_MAX: the first ones had come before */
    uint32_t true_size; /* what it takes of the memory */
} dw_tcp_held;
typedef struct dw_tcp_held_ring {
    dw_tcp_held *items;
    uint32_t first, count, capacity; /* items[first .. first + count) */
    uint32_t end;                    /* the number after the last octet in them */
} dw_tcp_held_ring;

/* What a receiver of selective acknowledgments tells (tcp_sack.c). */
typedef struct dw_tcp_sacks {
    dw_tcp_range block[DW_TCP_SACK_BLOCKS]; /* early stretches, the latest first */
    dw_range_list stretches;                /* all of them */
} dw_tcp_sacks;

/* When to acknowledge, as Linux goes about it (tcp_delack.c); its names. */
typedef struct dw_tcp_delack {
    dw_time ato;            /* how long an ACK may wait; 0: no data has come yet */
    dw_time lrcvtime;       /* when data last came in order */
    uint32_t rcv_mss;       /* the size of the peer's segments, estimated */
    uint32_t last_seg_size; /* of a smaller one that may turn out to be the size; 0: none */
    uint32_t compressed_ack_rcv_nxt; /* what the ACKs say ... */
    uint8_t dup_ack_counter;         /* ... of which so many went */
    uint8_t compressed_ack;          /* and so many wait to go as one */
    uint8_t pingpong;          /* answers in a row; from pingpong_thresh on they carry the ACKs */
    bool scheduled;            /* an ACK is owed */
    bool check;                /* ... for the segment being processed: now or later? */
    bool pushed, pushed_twice; /* segments that the peer pushed, or small ones, wait for it */
} dw_tcp_delack;

/* What a connection that has something to send waits for (tcp_chrono.c). */
enum dw_tcp_chrono {
    DW_TCP_CHRONO_IDLE,
    DW_TCP_CHRONO_BUSY,
    DW_TCP_CHRONO_RWND,
    DW_TCP_CHRONO_SNDBUF,
    DW_TCP_CHRONOS
};

struct dw_tcb {
    dw_socket socket; /* first, so that a dw_socket is a TCB */
    dw_tcp *tcp;
    dw_tcp_link link;
    dw_tcb *settle_next;
    dw_tcb *queue_next, **queue_link; /* on one of the listener's lists: what points here */
    dw_tcp_listener *listener;        /* until accepted */

    uint8_t state; /* enum dw_tcp_state; written by dw_tcp_set_state only */
    bool in_table, in_closed;
    bool settling;    /* output is due before the clock moves on */
    bool passive : 1; /* came from LISTEN (MUST-11) */
    bool ack_now : 1; /* an acknowledgment must be sent */
    bool rst_pending : 1;
    bool fin_queued : 1; /* the user closed; FIN follows the last data */
    bool fin_sent : 1;
    bool fin_received : 1;
    bool fin_reached : 1;     /* everything before the peer's FIN has come, and it has */
    bool writable_wanted : 1; /* send() found the buffer full */
    bool recovering : 1;      /* fast recovery, RFC 5681 3.2 */
    bool sws_override : 1;    /* the override timer expired: send what there is */
    bool probing : 1;         /* a zero-window probe is outstanding */
    bool r1_told : 1;
    bool wscale_ok : 1; /* both ends offered window scaling */
    bool ts_ok : 1;     /* both ends offered timestamps */
    bool sack_ok : 1;   /* both ends offered selective acknowledgments */
    bool ecn_ok : 1;    /* both ends speak ECN */
    bool ecn_echo : 1; /* ... and we tell the peer of a mark, until it has heard (RFC 3168 6.1.3) */
    bool was_idle : 1; /* nothing was outstanding when this output began */
    bool push_next : 1;      /* the next segment is the last of a buffer */
    bool ecn_reduced : 1;    /* ... and are to say that we sent less */
    bool ecn_seen : 1;       /* a packet came that was marked as capable */
    uint8_t ecn_urge : 2;    /* enum dw_ecn_urge: of the segment that is being processed */
    bool syn_came_again : 1; /* the SYN,ACK that leaves answers a repeated SYN, not the timer */
    bool fast : 1;       /* opened with data on SYN: it may send before the handshake is complete */
    bool fast_asked : 1; /* our SYN or SYN,ACK carries a fast open option */
    bool fast_bare : 1;  /* our SYN may carry data, but no such option */
    bool squeezed : 1;   /* no memory for what came: the next ACK closes the window */
    bool write_pending : 1;   /* the user waits for the connection, to send */
    bool cc_begun : 1;        /* its algorithm has been initialised */
    bool fast_experiment : 1; /* ... the one of the experiment */
    bool syn_data_acked : 1;  /* data that went with a SYN was taken */
    bool snd_urgent : 1, rcv_urgent : 1;
    bool push_one : 1;         /* tcp_chain.c: one buffer and no more, */
    bool nagle_given : 1;      /* and by nagle_now, not by what the user has set */
    bool rwnd_limited : 1;     /* the last output stopped at the peer's window, */
    bool cwnd_limited : 1;     /* or waited for the congestion window to open further */
    bool sndbuf_limited : 1;   /* all was sent, and the user waits for room */
    bool space_due : 1;        /* after the output that follows, the user may be told of room */
    bool user_timeout_due : 1; /* tell the peer our user timeout */
    bool answering_empty : 1;  /* ack_now was set by a segment without data */
    bool resend_smaller : 1;   /* what is sent again was too big for the path, not late */
    bool answers_alone : 1;    /* all that came was dropped: no new data goes with the answer */
    bool receive_fixed : 1, send_fixed : 1; /* the user has set the size of the buffer */
    bool cookie : 1;                        /* it is not kept: its SYN,ACK carries a SYN cookie */
    bool acked_early : 1;    /* the handshake's last ACK has come, but not the data it waits for */
    uint16_t soft_error;     /* ICMP's type and code, until an ACK comes; 0: none */
    uint8_t user;            /* enum dw_tcp_user */
    uint8_t place;           /* enum dw_tcp_place */
    uint8_t report;          /* enum dw_tcp_report: the last one */
    uint8_t syn_retransmits; /* of our SYN or SYN,ACK; 255 and more are one */
    uint8_t rcv_tos;         /* of the last segment (MAY-9) */
    uint8_t snd_wscale, rcv_wscale;
    int8_t error; /* DW_E_* that ended the connection */

    /* Send sequence space, RFC 9293 figure 3. */
    uint32_t snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, iss;
    uint32_t max_snd_wnd;
    uint32_t snd_mss; /* Eff.snd.MSS */
    dw_tcp_mtu mtu;
    /* Receive sequence space, figure 4. */
    uint32_t rcv_nxt, rcv_wnd, irs;
    uint32_t rcv_ssthresh;     /* the most that the window may be for now */
    uint32_t rcv_mss;          /* what we told the peer to send at most */
    uint32_t ack_sent;         /* RCV.NXT in the last segment we sent */
    uint32_t offered_wnd;      /* and RCV.WND */
    uint32_t unacked_segments; /* full-sized ones since then */
    uint32_t largest_text;     /* the most octets one segment brought */
    uint32_t quick;            /* segments still to be acknowledged at once */
    dw_tcp_delack delack;
    dw_tcp_sacks *sacks;    /* NULL: nothing has come early */
    dw_tcp_range duplicate; /* to be reported once (RFC 2883); empty: none */
    uint32_t told_edge;     /* the right edge of the window as the peer knows it */
    uint32_t rcv_mwnd_seq;  /* the rightmost that it ever was */
    /* tcp_rcvbuf.c: memory that holds what was received and not read, the part of it that came
     * early, and how much of it the last segment leaves free; the bound of the window at last; data
     * in 256 of memory. */
    uint32_t rmem_alloc, rmem_early, tail_room, window_clamp;
    uint32_t rcvq_space;    /* what the peer may send in the first round trip */
    dw_tcp_held_ring *held; /* NULL: nothing has been received, or memory is not counted */
    uint8_t scaling_ratio;
    bool odd_memory;   /* its bound is an octet more than twice receive_buffer */
    dw_time opened_at; /* when the handshake was over */
    /* Urgent pointers: the octet after the urgent data, where the bits above say that there is
     * some. */
    uint32_t snd_up, rcv_up;
    uint32_t syn_data;  /* octets that went with a SYN that had to be sent again without */
    uint32_t snd_small; /* the end of the last small segment (Minshall's variant of Nagle's rule) */
    dw_time data_at;    /* when data last came */
    uint32_t pushed;    /* octets of `unsent` that the user pushed */
    uint32_t push_seq;  /* where that ended last */
    dw_time burst_at;   /* when data was last sent */
    dw_time pace_at;    /* when the next burst may leave */
    uint32_t paced_segments;    /* sent so far, as far as pacing asks */
    struct dw_tcp_chain *chain; /* the buffers of `unsent`; NULL: none yet */
    uint32_t sent_buffers;      /* in rtx: segments with DW_MARK_BURST_END */
    uint8_t nagle_now;
    uint8_t chrono; /* enum dw_tcp_chrono, since chrono_at; and what was spent before */
    dw_time chrono_at, chrono_spent[DW_TCP_CHRONOS];
    struct dw_tcp_records *records; /* where records end in `unsent`; NULL: nowhere */

    /* RFC 7323. */
    uint32_t ts_recent;
    dw_time ts_recent_at;

    /* Data.  `unsent` follows `rtx` in sequence space; `received` precedes rcv_nxt, `early` lies
     * beyond it with gaps. */
    dw_slice_ring unsent;
    dw_segment_ring rtx;
    dw_slice_ring received;
    dw_segment_ring early;

    /* Loss recovery. */
    uint32_t resend_nxt, resend_end; /* after a timeout: what is still to be sent again */
    uint32_t recover;                /* RFC 6582 */
    uint32_t last_una;               /* SND.UNA before it last moved */
    uint32_t ecn_recover;            /* marks below this have been reacted to */
    uint32_t duplicate_acks;
    uint32_t retransmits;  /* of the segment at snd_una, by the timer */
    uint32_t delivered;    /* segments that the peer has acknowledged */
    uint32_t delivered_ce; /* ... in ACKs with ECE; accurate ECN has a count of its own */
    dw_time progress_at;   /* when snd_una last moved, or the first wait began */
    uint64_t inflation;    /* of cwnd during fast recovery */
    dw_congestion cc;
    struct dw_tcp_accurate *accurate; /* ECN with accurate feedback; NULL: without */
    dw_tcp_recovery *rec; /* with a scoreboard; NULL: as RFC 5681 and RFC 6582 have it */

    /* RFC 6298. */
    dw_time srtt, rttvar, rto;
    dw_time resent_at; /* when the timer first sent again what is outstanding */
    dw_time persist_interval;
    dw_time probing_since;   /* the first probe of the closed window */
    uint32_t window_probes;  /* of it, since an ACK last came */
    uint32_t window_backoff; /* of it, all */
    uint64_t *traced; /* what the trace last said of each variable and detail; NULL: nothing */

    dw_time heard_at; /* when the last segment came; kept with keepalive only */
    uint32_t probes_unanswered;
    uint32_t challenges; /* sent since challenge_at */
    dw_time challenge_at;
    const dw_tcp_settings *set; /* shared with others until one is changed (tcp_settings.c) */
    dw_tcp_tuning *tuning;      /* NULL: no data has come yet */
    dw_route *route;            /* source route, owned; or NULL */

    /* For tcp_rules.c. */
    dw_tcb *peer;           /* the other end, if it is in this simulation, once it has been found */
    uint32_t empty_replies; /* ACKs in answer to empty segments, one after the other */
    dw_time empty_reply_at;

    dw_time deadline[DW_TCP_TIMERS];
    dw_timer timer;
    struct dw_tcp_time_wait *parked; /* the TIME-WAIT that this connection's SYN ended (MAY-2) */
    struct dw_tcp_time_wait *folded; /* processing a TIME-WAIT record: where it came from */
    const dw_cause *ack_cause;       /* why ack_now or the delayed ACK */
};

/* A connection in TIME-WAIT whose user is gone needs no more than this. */
typedef struct dw_tcp_time_wait {
    dw_tcp_link link;
    dw_tcp *tcp;
    dw_timer timer;
    uint32_t conn;
    uint32_t snd_nxt, rcv_nxt, rcv_wnd, irs, iss;
    uint32_t ts_recent, challenges;
    dw_time ts_recent_at, challenge_at;
    struct dw_tcp_time_wait *older, *newer; /* by the time of entry */
    dw_tcb *parked_by;                      /* the new connection that took its place, for now */
    /* For those who ask only (dw_socket_ops.info). */
    uint64_t ssthresh;
    dw_time srtt, rttvar, rto;
    uint32_t cwnd, snd_wnd;
    uint16_t snd_mss, rcv_mss;
    bool sack_ok, wscale_ok;
    uint8_t rcv_wscale, snd_wscale, tos, ttl;
    uint8_t ace; /* the bits of accurate ECN, where ACKs go on to tell them */
    bool ts_ok, options, parked, ecn_ok, ecn_echo;
} dw_tcp_time_wait;
_Static_assert(sizeof(dw_tcp_time_wait) <= 256, "a record of TIME-WAIT is to be small");

/* A setting of a listener, for the connections that come of it. */
typedef struct dw_tcp_inherited {
    struct dw_tcp_inherited *next;
    char name[24], text[32];
} dw_tcp_inherited;

struct dw_tcp_listener {
    dw_socket socket;
    dw_tcp *tcp;
    dw_tcp_inherited *inherited;
    bool has_fast_key;
    uint8_t fast_key[DW_TCP_FAST_KEY];
    dw_tcp_listener *next;
    dw_flow flow;
    uint32_t backlog;
    uint32_t embryonic;   /* connections in SYN-RECEIVED */
    uint32_t waiting;     /* complete, not yet accepted */
    dw_tcb *first, *last; /* the accept queue */
    dw_tcb *half_open;    /* in SYN-RECEIVED, the newest first */
    dw_tcb *spare;        /* went back to LISTEN, for the next SYN */
    bool crashed;
};

enum { DW_TCP_ISN_SCRIPT = 32 };

/* What a client remembers of a server (RFC 7413 4.1.3). */
typedef struct dw_tcp_cookie_entry {
    struct dw_tcp_cookie_entry *next;
    dw_addr server;
    uint16_t mss;
    uint8_t len;       /* 0: none */
    bool refused;      /* it is not to be asked again */
    bool experimental; /* it is asked by the option of the experiment */
    bool tried_both;   /* the experiment's option found no answer either */
    uint8_t cookie[DW_TCP_COOKIE_MOST];
} dw_tcp_cookie_entry;

struct dw_tcp {
    dw_node *node;
    const dw_host *host;
    dw_tcp_profile profile;
    const dw_congestion_ops *congestion;     /* a plugin's, instead of the profile's; or NULL */
    struct dw_tcp_shared_settings *settings; /* of the latest connection, for the next */
    dw_tcp_table table;                      /* dw_tcb */
    dw_tcp_table time_wait;                  /* dw_tcp_time_wait */
    dw_tcp_table closed;                     /* dw_tcb in CLOSED that a user still holds */
    dw_tcp_listener *listeners;
    dw_tcb *settle_first, *settle_last;
    dw_tcp_time_wait *oldest_time_wait, *newest_time_wait;
    dw_tcp_cookie_entry *cookies; /* fast open cookies of servers, newest first */
    dw_tcp_path *paths;           /* narrow ones, the newest first */
    uint32_t path_count;
    uint32_t path_changes;             /* counts whatever changed in them */
    uint32_t live;                     /* connections outside CLOSED, listeners not counted */
    bool reopening;                    /* a SYN opens a connection from TIME-WAIT ... */
    uint32_t reopen_above;             /* ... which had sent up to here */
    bool out_of_memory;                /* see dw_tcp_no_memory */
    bool checked;                      /* the rules of tcp_rules.c are looked after */
    uint64_t isn_secret;               /* RFC 6528 */
    uint8_t fast_key[DW_TCP_FAST_KEY]; /* of fast open cookies */
    uint32_t isn_script[DW_TCP_ISN_SCRIPT];
    uint32_t isn_count, isn_used;
    uint16_t next_port;
    /* A program has taken this port and does not listen there (yet): what a RST from it looks like,
     * on systems that find the program's socket all the same (FreeBSD's tcp_input).  0: none. */
    uint16_t bound_port;
    uint8_t bound_tos, bound_ttl;
};

/* Whether what is known of the path has changed, and segments with it. */
static inline void dw_tcp_mtu_look(dw_tcb *t)
{
    bool news = t->mtu.changes != t->tcp->path_changes;
    if (DW_LIKELY(!news && t->tcp->host->now(t->tcp->node) < t->mtu.until)) return;
    dw_tcp_mtu_changed(t);
}

/* Sequence numbers are compared only with these (RFC 9293 3.4). */
static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}
static inline bool seq_leq(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

/* Of IP and TCP, without options (RFC 6691). */
static inline uint32_t dw_tcp_headers(const dw_addr *remote)
{
    return remote->family == 6 ? 60 : 40;
}

static inline bool dw_tcp_synchronized(const dw_tcb *t)
{
    return t->state >= DW_TCP_ESTABLISHED;
}

static inline uint32_t dw_tcp_flight(const dw_tcb *t)
{
    return t->snd_nxt - t->snd_una;
}

/* Loss recovery counts in units, octets or segments: how many octets one is, the window in units,
 * and SMSS. */
static inline uint64_t dw_tcp_unit(const dw_tcb *t)
{
    return t->rec->segments ? t->snd_mss : 1;
}
static inline uint64_t dw_tcp_cwnd_units(const dw_tcb *t)
{
    return t->cc.cwnd / dw_tcp_unit(t);
}
static inline uint64_t dw_tcp_segment_units(const dw_tcb *t)
{
    return t->rec->segments ? 1 : t->snd_mss;
}

/* The congestion control sets the window itself, in recovery too. */
static inline bool dw_tcp_rules_window(const dw_tcb *t)
{
    return DW_OFFERS(dw_congestion_ops, t->cc.ops, control);
}

/* Units under way, by what is known (pipe of RFC 6675). */
static inline uint64_t dw_tcp_pipe(const dw_tcp_recovery *r)
{
    uint64_t left = r->sacked + r->emulated + r->lost;
    return (r->out > left ? r->out - left : 0) + r->resent;
}
/* Units of new data that the window allows. */
static inline uint64_t dw_tcp_recovery_room(const dw_tcb *t)
{
    uint64_t most = dw_tcp_cwnd_units(t), pipe = dw_tcp_pipe(t->rec);
    return most > pipe ? most - pipe : 0;
}
static inline uint64_t dw_tcp_units(const dw_tcp_recovery *r, const dw_segment *s)
{
    return r->segments ? 1 : dw_segment_end(s) - s->seq;
}
static inline dw_segment *dw_tcp_numbered(const dw_tcb *t, uint32_t number)
{
    return dw_segment_at(&t->rtx, number - t->rec->first);
}

/* RFC 8985 6.2, RACK_sent_after: by time, and by number where that is the same. */
static inline bool dw_tcp_rack_sent_after(dw_time a, uint32_t end_a, dw_time b, uint32_t end_b)
{
    return a > b || (a == b && seq_lt(end_b, end_a));
}

static inline bool dw_tcp_reducing(const dw_tcb *t)
{
    return t->cc.state == DW_CONGESTION_CWR || t->cc.state == DW_CONGESTION_RECOVERY;
}

/* What is outstanding was lost, all of it: it is sent again as the window allows. */
static inline void dw_tcp_resend_all(dw_tcb *t)
{
    if (t->rec) {
        dw_tcp_recovery_resend_all(t, 0);
        return;
    }
    t->resend_nxt = t->snd_una;
    t->resend_end = t->snd_nxt;
}

static inline bool dw_tcp_has_defect(const dw_tcp_profile *p, enum dw_tcp_defect which)
{
    return DW_UNLIKELY((p->defects >> which & 1) != 0);
}
#define HAS_DEFECT(p, id) dw_tcp_has_defect(p, DW_TCP_DEFECT_##id)
#define DEFECT(t, id) HAS_DEFECT(&(t)->tcp->profile, id)

static inline dw_time dw_tcp_now(const dw_tcb *t)
{
    return t->tcp->host->now(t->tcp->node);
}

static inline bool dw_tcp_traced(const dw_tcp *tcp, enum dw_trace_type type)
{
    return DW_UNLIKELY((*tcp->host->trace_mask & DW_TRACE_BIT(type)) != 0);
}

/* There was no memory for something: it is dropped, and the simulation is over after the present
 * event (dw_host.no_memory).  What TCP counts need not agree any more with what it holds. */
static inline void dw_tcp_no_memory(dw_tcp *tcp)
{
    tcp->out_of_memory = true;
    tcp->host->no_memory(tcp->node);
}

/* The trace's value of a variable that has changed. */
static inline void dw_tcp_trace(const dw_tcb *t, const char *name, int64_t value)
{
    if (dw_tcp_traced(t->tcp, DW_TRACE_VARIABLE))
        t->tcp->host->trace_variable(t->tcp->node, t->socket.conn, name, value);
}

/* tcp_table.c */
static inline dw_tcb *dw_tcp_of_link(dw_tcp_link *link)
{
    return (dw_tcb *)(void *)((char *)link - offsetof(dw_tcb, link));
}
void dw_tcp_table_free(dw_tcp_table *table);
dw_tcb *dw_tcp_find(dw_tcp *tcp, const dw_flow *flow);
void dw_tcp_table_add(dw_tcp *tcp, dw_tcp_table *table, dw_tcp_link *link);
void dw_tcp_table_remove(dw_tcp_table *table, dw_tcp_link *link);
dw_tcp_link *dw_tcp_table_find(const dw_tcp_table *table, const dw_flow *flow);

/* tcp_record.c */
/* A record ends with the last octet that the user sent. */
void dw_tcp_record_ends(dw_tcb *t);
/* Octets from SND.NXT to the next end of a record; UINT32_MAX: there is none. */
uint32_t dw_tcp_record_left(dw_tcb *t);
void dw_tcp_records_forget(dw_tcb *t);

/* tcp_sendbuf.c */
bool dw_tcp_writable(const dw_tcb *t); /* whether the send buffer has room worth telling of */
/* Tell the user who waits for it that the send buffer has room. */
void dw_tcp_tell_space(dw_tcb *t);

/* tcp_resend.c */
/* Make one segment of each buffer in rtx, to be cut anew. */
void dw_tcp_chain_join(dw_tcb *t);
dw_segment *dw_tcp_chain_collapse(dw_tcb *t, dw_segment *s);
bool dw_tcp_resend_after_timeout(dw_tcb *t);
bool dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause); /* has it left? */

/* tcp_chrono.c */
void dw_tcp_chrono_look(dw_tcb *t); /* something may have changed */
void dw_tcp_chrono_info(const dw_tcb *t, dw_info_fn each, void *ctx);

/* tcp_wire.c */
/* NULL when the packet holds a whole TCP segment with a true checksum, else what is wrong. */
const dw_cause *dw_tcp_parse(dw_packet *packet, const dw_flow *ip_flow, dw_flow *flow, dw_seg *s);
void dw_tcp_dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out);
int dw_tcp_rewrite(dw_packet *packet, const dw_dissection *read, const char *field, int64_t value);
uint8_t *dw_tcp_address_checksum(dw_packet *p, const dw_dissection *read);
int dw_tcp_build(dw_packet *packet, const dw_dissection *fields);
extern const char *const dw_tcp_fields[];
extern const uint8_t dw_tcp_field_bits[]; /* of each */

typedef struct dw_tcp_header {
    uint32_t seq, ack;
    uint8_t flags;
    bool ae;
    uint16_t window;
    uint16_t urgent;
    uint8_t options_len; /* a multiple of four */
    uint8_t options[40];
} dw_tcp_header;
void dw_tcp_write_header(dw_packet *packet, const dw_flow *flow, const dw_tcp_header *header);

/* tcp_trace.c */
void dw_tcp_trace_variables(dw_tcb *t); /* those that changed */
/* Those of DW_TRACE_DETAIL; also before a segment leaves, so that it and they agree. */
void dw_tcp_trace_details(dw_tcb *t);
void dw_tcp_trace_free(dw_tcb *t);

/* tcp_state.c */
extern const char *const dw_tcp_state_names[];
void dw_tcp_set_state(dw_tcb *t, enum dw_tcp_state to, const dw_cause *cause);
extern const uint16_t dw_tcp_arrows[DW_TCP_STATES]; /* bit j of [i]: i -> j is in figure 5 */
void dw_tcp_tell(dw_tcb *t, uint32_t events);
void dw_tcp_note(const dw_tcp *tcp, uint32_t conn, const dw_cause *cause);

/* tcp_tcb.c */
void dw_tcp_settle_later(dw_tcb *t);
dw_tcb *dw_tcp_new(dw_tcp *tcp, const dw_flow *flow);
/* Choose the initial send sequence number and set the variables that follow from it. */
void dw_tcp_choose_iss(dw_tcb *t);
/* Enter CLOSED, flush the queues and tell the user why.  The memory stays until dw_tcp_reap. */
void dw_tcp_delete(dw_tcb *t, int error, const dw_cause *cause);
/* Every entry into TCP ends with this: a TCB that is closed and that no user holds is freed, one
 * in TIME-WAIT is folded into its small record.  t is not to be used afterwards. */
void dw_tcp_reap(dw_tcb *t);
void dw_tcp_free(dw_tcb *t);
void dw_tcp_flush(dw_tcb *t);
void dw_tcp_enter_time_wait(dw_tcb *t, const dw_cause *cause);
dw_time dw_tcp_time_wait_length(const dw_tcp *tcp);
void dw_tcp_start_time_wait(dw_tcb *t, const dw_cause *cause); /* its timer, from now */
void dw_tcp_start_finwait2_timeout(dw_tcb *t);                 /* where the user is gone */
void dw_tcp_set_route(dw_tcb *t, const dw_route *route);

/* tcp_window.c */
uint16_t dw_tcp_window_field(dw_tcb *t, uint8_t flags);
/* Before the SYN: what follows from the buffer and the MSS that the user may have set. */
void dw_tcp_size_receiver(dw_tcb *t);
/* The window that our SYN or SYN,ACK announces, for segments with so many octets of options. */
void dw_tcp_first_window(dw_tcb *t, uint32_t options);
uint8_t dw_tcp_offered_scale(const dw_tcb *t); /* the window scale of our SYN */

/* tcp_user.c */
int dw_tcp_set_listener(dw_tcp_listener *l, const char *name, const char *text, char *why,
                        size_t why_size);
void dw_tcp_info(const dw_socket *socket, dw_info_fn each, void *ctx);
extern const dw_socket_ops dw_tcp_sockets;
/* Tell the user of a problem that may pass. */
void dw_tcp_report(dw_tcb *t, enum dw_tcp_report what);
extern const char *const dw_tcp_report_names[];
/* Whether nobody will read what comes, so that it is not even kept: see `read_shutdown`. */
static inline bool dw_tcp_discards(const dw_tcb *t)
{
    return t->socket.read_shut && t->tcp->profile.read_shutdown == DW_TCP_READ_DISCARDS;
}
/* Set an option of one connection, as dw_socket_ops.set does. */
int dw_tcp_set(dw_tcb *t, const char *name, const char *text, char *why, size_t why_size);

/* tcp_arrives.c */
void dw_tcp_arrives(dw_tcp *tcp, dw_packet *packet, const dw_flow *flow);
void dw_tcp_other_states(dw_tcb *t, dw_seg *s);
int dw_tcp_syn_sent(dw_tcb *t, dw_seg *s);
uint32_t dw_tcp_window_of(const dw_tcb *t);
void dw_tcp_restart_time_wait(dw_tcb *t);
bool dw_tcp_rst_one_below(const dw_tcb *t, const dw_seg *s);
int dw_tcp_first_check_sequence(dw_tcb *t, dw_seg *s);
bool dw_tcp_tells_the_time(const dw_tcb *t, const dw_seg *s);

/* Cut off what lies outside the window. */
void dw_tcp_trim(dw_tcb *t, dw_seg *s);
/* A segment meets its connection, which may be gone afterwards. */
void dw_tcp_segment_for_tcb(dw_tcb *t, dw_seg *s);

/* tcp_ack.c */
enum { PROCEED, DROP };
/* The segment is not acceptable: acknowledge what we have (<SEQ=SND.NXT><ACK=RCV.NXT>), and DROP.
 * A segment that takes no sequence numbers draws only so many of these (challenge_limit). */
int dw_tcp_ack_and_drop(dw_tcb *t, dw_seg *s, const dw_cause *drop, const dw_cause *why);
/* May a challenge ACK go out now?  Counts it. */
bool dw_tcp_may_challenge(dw_tcb *t);
int dw_tcp_fifth_check_ack(dw_tcb *t, dw_seg *s);
/* s, where there is one, brought the ACK. */
uint32_t dw_tcp_duplicate_threshold(const dw_tcb *t);
uint32_t dw_tcp_limited_transmit(const dw_tcb *t);
/* FlightSize without what limited transmit has sent (RFC 5681 3.2, step 2; RFC 6675 5, step 4.2).
 */
uint32_t dw_tcp_flight_at_loss(const dw_tcb *t);
void dw_tcp_advance_una(dw_tcb *t, const dw_seg *s, uint32_t ack);
void dw_tcp_update_window(dw_tcb *t, const dw_seg *s);

/* tcp_reass.c */
void dw_tcp_process_text(dw_tcb *t, dw_seg *s);
/* Keep a segment for later: it has come before what precedes it. */
void dw_tcp_keep_early(dw_tcb *t, const dw_seg *s);
/* Deliver what was kept and is now in order.  True when that was anything. */
bool dw_tcp_deliver_early(dw_tcb *t);

/* tcp_output.c */
/* To the network layer, in UDP where the connection is.  Takes the packet. */
void dw_tcp_send_down(dw_tcp *tcp, dw_packet *packet, const dw_flow *flow);
void dw_tcp_output(dw_tcb *t);
void dw_tcp_send_new(dw_tcb *t); /* new data, as windows and Nagle allow */
/* len octets of new data, with PSH and FIN of flags; marks as in dw_segment.  false: no memory. */
bool dw_tcp_send_data(dw_tcb *t, uint32_t len, uint8_t flags, uint8_t marks);
/* So many octets of new data as one segment, which may be longer than others are; false: not now,
 * as a record ends within. */
bool dw_tcp_send_long(dw_tcb *t, uint32_t len);
bool dw_tcp_held_by_nagle(const dw_tcb *t); /* a small segment would be */
/* Sent together with the segments before it, and not with those behind. */
static inline void dw_tcp_end_buffer(dw_tcb *t, dw_segment *s)
{
    if (s->marks & DW_MARK_BURST_END) return;
    s->marks |= DW_MARK_BURST_END;
    t->sent_buffers++;
}
void dw_tcp_write_options(dw_tcb *t, dw_tcp_header *h, uint32_t len);
void dw_tcp_transmit(dw_tcb *t, uint32_t seq, uint8_t flags, const dw_segment *data,
                     const dw_cause *cause);
bool dw_tcp_send_next(dw_tcb *t, uint32_t len, bool fin);
void dw_tcp_send_probe(dw_tcb *t);
uint32_t dw_tcp_send_window(const dw_tcb *t);
void dw_tcp_rtx_timer_start(dw_tcb *t, const dw_cause *cause);
void dw_tcp_output_probe(dw_tcb *t); /* one segment of new data, whatever the window */
void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause); /* SYN or SYN,ACK */
void dw_tcp_send_cookie(dw_tcb *t); /* the SYN,ACK of a connection that is not kept */
void dw_tcp_send_ack(dw_tcb *t, const dw_cause *cause);
void dw_tcp_ack_later(dw_tcb *t, const dw_cause *cause);
/* The size of the peer's segments, as far as they have told. */
uint32_t dw_tcp_delack_mss(const dw_tcb *t);
#define DW_TCP_ATO_MIN (40 * MS)
static inline bool dw_tcp_timer_runs(const dw_tcb *t, enum dw_tcp_timer which)
{
    return t->deadline[which] != DW_TIME_NEVER;
}
/* Linux's way, or the RFC's. */
static inline bool dw_tcp_delack_adapts(const dw_tcb *t)
{
    return t->tcp->profile.delayed_ack_rule == DW_TCP_DELACK_ADAPTS;
}
static inline bool dw_tcp_owes_ack(const dw_tcb *t) /* what came waits for an ACK, or will */
{
    return t->delack.scheduled || dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK);
}
/* Data that leaves soon after data came is an answer (tcp_event_data_sent). */
static inline void dw_tcp_delack_sent_data(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    bool answer = dw_tcp_delack_adapts(t) && dw_tcp_now(t) - d->lrcvtime < d->ato;
    if (answer && d->pingpong < UINT8_MAX) d->pingpong++;
}
/* The last of the quick ACKs deflates ato (tcp_dec_quickack_mode). */
static inline void dw_tcp_delack_acknowledged(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (!dw_tcp_delack_adapts(t)) return;
    if (d->scheduled && t->quick > 0 && --t->quick == 0) d->ato = DW_TCP_ATO_MIN;
    d->scheduled = d->check = d->pushed = d->pushed_twice = false;
    d->compressed_ack = 0;
}
/* tcp_delack.c: the peer's SYN is known; the SYN,ACK has come; data came in order; it came early; a
 * segment came where it does not belong; it holds nothing new; the peer's FIN
 * counts; all that a segment lets go has been sent; the timer expired; data leaves; a segment with
 * ACK leaves; the user has read; the user wants ACKs at once, or not (TCP_QUICKACK); what came
 * should be acknowledged at once (quick 0), or so many segments from now on. */
void dw_tcp_delack_begin(dw_tcb *t);
void dw_tcp_delack_opened(dw_tcb *t);
void dw_tcp_delack_data(dw_tcb *t, const dw_seg *s);
void dw_tcp_delack_early(dw_tcb *t, const dw_seg *s);
void dw_tcp_delack_trouble(dw_tcb *t);
void dw_tcp_delack_old(dw_tcb *t, const dw_cause *cause);
void dw_tcp_delack_fin(dw_tcb *t);
void dw_tcp_delack_check(dw_tcb *t);
void dw_tcp_delack_timeout(dw_tcb *t);
void dw_tcp_delack_read(dw_tcb *t);
void dw_tcp_delack_set(dw_tcb *t, bool quick);
void dw_tcp_delack_soon(dw_tcb *t, uint32_t quick);
/* SACK blocks are about to change that not every ACK has room for: those that wait go now. */
void dw_tcp_delack_far(dw_tcb *t);
bool dw_tcp_delack_is_quick(const dw_tcb *t); /* what getsockopt(TCP_QUICKACK) says */
void dw_tcp_probe(dw_tcb *t);
void dw_tcp_reset(dw_tcb *t, const dw_cause *cause);         /* <SEQ=SND.NXT><CTL=RST> */
void dw_tcp_reset_and_ack(dw_tcb *t, const dw_cause *cause); /* likewise, with <ACK=RCV.NXT> */
/* t, where there is one, is the connection that it is about. */
void dw_tcp_reset_reply(dw_tcp *tcp, const dw_seg *s, const dw_tcb *t, const dw_cause *cause);
void dw_tcp_send_keepalive(dw_tcb *t);
/* RCV.WND as it should be now; never shrinks (SHLD-14). */
uint32_t dw_tcp_receive_window(dw_tcb *t);

/* tcp_local_drop.c */
/* The host's own queue takes nothing, and this TCP cares: nothing can be sent now; new data cannot,
 * and will be tried again; what should be sent again cannot. */
bool dw_tcp_refused(dw_tcb *t);
bool dw_tcp_new_data_refused(dw_tcb *t);
bool dw_tcp_resend_refused(dw_tcb *t);

/* tcp_congestion.c */
const dw_congestion_ops *dw_tcp_congestion_named(const dw_tcp *tcp, const char *name);
/* A host's, or one connection's, by name: a built-in one or a plugin's.  DW_E_NOENT: there is none.
 */
int dw_tcp_congestion_host(dw_tcp *tcp, const char *name);
int dw_tcp_congestion_set(dw_tcb *t, const char *name);
void dw_tcp_congestion_choose(dw_tcb *t); /* the host's, for a new connection */
void dw_tcp_congestion_begin(dw_tcb *t);  /* the handshake has told the segment size */
void dw_tcp_congestion_end(dw_tcb *t);
void dw_tcp_congestion_state(dw_tcb *t, enum dw_congestion_state state);

/* tcp_pace.c */
/* Segments that are handed to the network card at once (Linux), or 0: each by itself. */
uint32_t dw_tcp_burst_segments(const dw_tcb *t);
uint32_t dw_tcp_burst_most(const dw_tcb *t); /* likewise, whatever the window */
bool dw_tcp_burst_waits(const dw_tcb *t, uint32_t usable);
void dw_tcp_burst_sent(dw_tcb *t, uint32_t octets, uint32_t segments);
uint64_t dw_tcp_pacing_rate(const dw_tcb *t); /* octets a second; 0: not known */
/* True: a timer will send what waits. */
bool dw_tcp_pace_waits(dw_tcb *t);

/* tcp_timer.c */
void dw_tcp_timer_set(dw_tcb *t, enum dw_tcp_timer which, dw_time after, const dw_cause *cause);
void dw_tcp_timer_stop(dw_tcb *t, enum dw_tcp_timer which);
extern const char *const dw_tcp_timer_names[DW_TCP_TIMERS];
void dw_tcp_timers_arm(dw_tcb *t);
void dw_tcp_timers_due(void *tcb);

/* tcp_giveup.c */
bool dw_tcp_peer_is_gone(const dw_tcb *t); /* as the retransmission timer expires */
dw_time dw_tcp_next_timeout(const dw_tcb *t);
bool dw_tcp_r1_is_over(const dw_tcb *t);    /* of data that is sent again and again */
bool dw_tcp_probed_enough(const dw_tcb *t); /* as the timer of a closed window's probes expires */
dw_time dw_tcp_next_probe(const dw_tcb *t);

/* tcp_rtt.c */
void dw_tcp_rtt_init(dw_tcb *t);
void dw_tcp_rtt_sample(dw_tcb *t, dw_time rtt);
void dw_tcp_rtt_backoff(dw_tcb *t);
/* The timeout as the estimate has it, without the backing off. */
void dw_tcp_rtt_restore(dw_tcb *t);
/* How long the timer runs when an ACK of new data starts it anew. */
dw_time dw_tcp_rto_restarted(const dw_tcb *t);
/* RFC 6298 (5.7): the SYN had to be sent again, and data begins. */
void dw_tcp_rtt_after_syn(dw_tcb *t);

/* tcp_listen.c */
int dw_tcp_listener_new(dw_tcp *tcp, const dw_flow *flow, int backlog, dw_socket **out);
void dw_tcp_listen_arrives(dw_tcp_listener *l, dw_seg *s);
void dw_tcp_negotiate(dw_tcb *t, const dw_seg *syn); /* number and options of the peer's SYN */
/* Our SYN or SYN,ACK has to be sent again. */
void dw_tcp_syn_repeated(dw_tcb *t);
/* What that means for the initial window, once the SYN,ACK has been acknowledged. */
void dw_tcp_window_after_syn(dw_tcb *t);
/* What an ACK in SYN-RECEIVED says of the options that were agreed on. */
void dw_tcp_options_settled(dw_tcb *t, const dw_seg *s);
/* Whether a SYN or SYN,ACK that is sent now has no options but MSS. */
static inline bool dw_tcp_syn_is_plain(const dw_tcb *t)
{
    uint32_t after = t->tcp->profile.syn_plain_after;
    return after > 0 && t->retransmits >= after;
}
dw_tcp_listener *dw_tcp_find_listener(dw_tcp *tcp, const dw_flow *flow);
void dw_tcp_back_to_listen(dw_tcb *t, const dw_cause *cause);
/* Whether the SYN,ACK's retransmission is left out, as only data is missing (defer_accept). */
bool dw_tcp_waits_for_data(const dw_tcb *t);
/* The handshake's last ACK brings nothing, and the listener's user wants to hear of data only. */
bool dw_tcp_accept_deferred(dw_tcb *t, const dw_seg *s);
/* The handshake is complete: to the accept queue.  False when that is full. */
bool dw_tcp_listener_has_room(const dw_tcb *t);
void dw_tcp_listener_completed(dw_tcb *t);
void dw_tcp_listener_forget(dw_tcb *t);
void dw_tcp_listener_close(dw_tcp_listener *l);
/* The memory, with that of connections nobody accepted, without a word to anybody. */
void dw_tcp_listener_free(dw_tcp_listener *l);
void dw_tcp_list_remove(dw_tcb *t);

/* tcp_cookie.c */
/* The ISS of a SYN,ACK that carries the connection's particulars, and reading it back: false when
 * the ACK is of no cookie of ours. */
uint32_t dw_tcp_cookie_make(const dw_tcp *tcp, const dw_seg *syn);
bool dw_tcp_cookie_check(const dw_tcp *tcp, const dw_seg *ack, dw_seg *syn); /* as far as known */
/* t, which will be forgotten, takes what of the SYN's options the cookie can tell again. */
bool dw_tcp_cookie_offers(dw_tcb *t, const dw_seg *syn);
uint32_t dw_tcp_cookie_stamp(const dw_tcb *t); /* the timestamp of its SYN,ACK */
uint64_t dw_tcp_hash_flow(uint64_t secret, const dw_flow *flow);

/* tcp_fastopen.c */
/* The cookie of a listener (NULL: the host's own key) for a client. */
void dw_tcp_fast_cookie(const dw_tcp *tcp, const dw_tcp_listener *l, const dw_flow *flow,
                        uint8_t cookie[DW_TCP_COOKIE]);
bool dw_tcp_fast_key_parse(const char *text, uint8_t key[DW_TCP_FAST_KEY]);
bool dw_tcp_fast_accepts(const dw_tcp_listener *l, const dw_seg *syn);
void dw_tcp_fast_remember(dw_tcb *t, const dw_seg *syn_ack);
const dw_tcp_cookie_entry *dw_tcp_fast_recall(const dw_tcp *tcp, const dw_addr *server);
/* Data that went with a SYN is taken back: it goes again in ESTABLISHED. */
void dw_tcp_fast_withdraw(dw_tcb *t);
/* An acknowledgment shows that the peer has got it all the same. */
void dw_tcp_fast_reinstate(dw_tcb *t, uint32_t ack);
void dw_tcp_fast_forget_all(dw_tcp *tcp);
/* Octets of data that a SYN to the connection's server may carry; 0 without a cookie. */
uint32_t dw_tcp_fast_room(const dw_tcb *t);

/* tcp_settings.c */
/* A new connection's: the profile's, shared by all that have these. */
bool dw_tcp_settings_begin(dw_tcb *t, const dw_flow *flow);
/* The connection's own, to be changed. */
dw_tcp_settings *dw_tcp_settings_own(dw_tcb *t);
void dw_tcp_settings_end(dw_tcb *t);
/* The host goes away. */
void dw_tcp_settings_forget(dw_tcp *tcp);

/* tcp_rcvbuf.c */
/* The window that could be offered now; may be less than what was. */
uint32_t dw_tcp_select_window(dw_tcb *t);
uint32_t dw_tcp_rcvbuf_window(dw_tcb *t);
/* The handshake is complete; a segment was queued for the user; its size is looked at, and whether
 * the window may grow with it; the user has read. */
void dw_tcp_rcvbuf_begin(dw_tcb *t);
void dw_tcp_rcvbuf_resized(dw_tcb *t); /* receive_buffer has changed by itself */
/* Make the memory enough for such a window; false: it is already, or as much as there may be. */
bool dw_tcp_rcvbuf_resize(dw_tcb *t, uint64_t window);
/* What a connection may use in memory for what it receives. */
uint64_t dw_tcp_rcvbuf_memory(const dw_tcb *t);
/* Whether there is memory for a segment in order; else an ACK will close the window for now. */
bool dw_tcp_rcvbuf_takes(dw_tcb *t, const dw_seg *s);
void dw_tcp_rcvbuf_queued(dw_tcb *t, const dw_seg *s);
/* One that comes early: whether there is memory for it; what its buffer costs; a part of it is kept
 * behind another one, or NULL; it is early no longer, or came to nothing. */
bool dw_tcp_rcvbuf_takes_early(dw_tcb *t, const dw_seg *s);
void dw_tcp_rcvbuf_came_early(dw_tcb *t, const dw_seg *s, dw_segment *early);
void dw_tcp_rcvbuf_keep_early(dw_tcb *t, dw_segment *before, dw_segment *part);
/* `fresh` covers one that is kept; next is the one behind that, or NULL. */
void dw_tcp_rcvbuf_replace(dw_tcb *t, dw_segment *kept, dw_segment *next, dw_segment *fresh);
void dw_tcp_rcvbuf_settled(dw_tcb *t, const dw_segment *early, bool dropped);
void dw_tcp_rcvbuf_measure(dw_tcb *t, const dw_seg *s);
void dw_tcp_rcvbuf_grow(dw_tcb *t, const dw_seg *s);
void dw_tcp_rcvbuf_grow_early(dw_tcb *t, const dw_seg *s, uint32_t true_size);
void dw_tcp_rcvbuf_read(dw_tcb *t, uint32_t octets);
void dw_tcp_rcvbuf_free(dw_tcb *t);

/* tcp_tune.c */
/* Data came in order; the user has read some; data was acknowledged. */
void dw_tcp_tune_received(dw_tcb *t, const dw_seg *s);
void dw_tcp_tune_read(dw_tcb *t);
void dw_tcp_tune_early(dw_tcb *t); /* a segment has come early */
void dw_tcp_tune_acked(dw_tcb *t);
/* The connection is open, or the user waits for room (send_whole_buffers). */
void dw_tcp_tune_space(dw_tcb *t);
void dw_tcp_tune_free(dw_tcb *t);

#define DW_TCP_LONGEST_IDLE                                                                        \
    (24 * (dw_time)24 * DW_HOUR) /* ts_recent means nothing after that (5.5) */
/* A congestion control that lives on marks, like DCTCP. */
static inline bool dw_tcp_ecn_echoes_exactly(const dw_tcb *t)
{
    if (t->folded) return false; /* a record of TIME-WAIT has no congestion control any more */
    return t->cc.ops && DW_OFFERS(dw_congestion_ops, t->cc.ops, exact_echo);
}
void dw_tcp_resend_smaller(dw_tcb *t);
/* tcp_stamp.c */
uint32_t dw_tcp_stamp_now(const dw_tcb *t);
int dw_tcp_paws(dw_tcb *t, dw_seg *s);
void dw_tcp_stamp_update(dw_tcb *t, dw_seg *s);
/* A round-trip sample from the echoed timestamp, or -1. */
bool dw_tcp_stamp_foreign(const dw_tcb *t, const dw_seg *s);
dw_time dw_tcp_stamp_sample(const dw_tcb *t, const dw_seg *s);

/* tcp_sack.c */
/* A stretch has come that cannot be delivered yet; what came twice; what is delivered now. */
void dw_tcp_sack_early(dw_tcb *t, uint32_t from, uint32_t to);
void dw_tcp_sack_duplicate(dw_tcb *t, uint32_t from, uint32_t to);
void dw_tcp_sack_delivered(dw_tcb *t);
/* The blocks to send, at most `most`, into out; how many, which may be asked before.  A duplicate
 * is told once. */
uint32_t dw_tcp_sack_count(const dw_tcb *t, uint32_t most);
uint32_t dw_tcp_sack_blocks(dw_tcb *t, dw_tcp_range *out, uint32_t most);
/* Whether a stretch is news of what few ACKs tell: none of the latest two that are told. */
bool dw_tcp_sack_is_far(const dw_tcb *t, uint32_t from, uint32_t to);
void dw_tcp_sack_forget(dw_tcb *t);

/* tcp_ecn.c */
/* ECE, CWR and AE for a segment; again: it is a retransmission. */
/* plain: the segment is sent again, or probes a closed window. */
uint16_t dw_tcp_ecn_flags(dw_tcb *t, uint8_t flags, uint32_t len, bool plain);
bool dw_tcp_ecn_marks(const dw_tcb *t, uint8_t flags, uint32_t len, bool plain); /* ECT(0) for it */
uint8_t dw_tcp_ecn_codepoint(const dw_tcb *t);                                   /* of a pure ACK */
uint8_t dw_tcp_ecn_mode(const dw_tcb *t);   /* none, classic, accurate, or that was asked for */
bool dw_tcp_ecn_marks_syn(const dw_tcb *t); /* ... for a SYN or SYN,ACK */
void dw_tcp_ecn_window_reduced(dw_tcb *t);
void dw_tcp_ecn_negotiate(dw_tcb *t, const dw_seg *syn);
void dw_tcp_ecn_negotiate_plain(dw_tcb *t, const dw_seg *syn); /* RFC 3168 alone */
/* Octets that an ACK of so many reports as marked, where the echo is exact. */
uint64_t dw_tcp_ecn_marked(const dw_tcb *t, const dw_seg *s, uint64_t octets);
/* The segment is acceptable; its text is to be processed, in a state where it may have some; that
 * is done. */
void dw_tcp_ecn_acceptable(dw_tcb *t, const dw_seg *s);
void dw_tcp_ecn_arrives(dw_tcb *t, const dw_seg *s);
void dw_tcp_ecn_taken(dw_tcb *t, const dw_seg *s);
/* A SYN, or SYN,ACK, of this connection comes once more. */
void dw_tcp_ecn_syn_again(dw_tcb *t, const dw_seg *s);
void dw_tcp_ecn_third_ack(dw_tcb *t, const dw_seg *s);
void dw_tcp_ecn_challenged(dw_tcb *t); /* ... and was answered, unless there were too many */

/* tcp_accecn.c */
/* What of the peer's option was seen first; Linux tells it by these numbers. */
enum dw_accurate_seen {
    DW_ACCURATE_NOT_SEEN,
    DW_ACCURATE_EMPTY_SEEN,
    DW_ACCURATE_COUNTERS_SEEN,
    DW_ACCURATE_ZEROED_SEEN, /* or nothing, for too long */
};
/* What does not get through: the bits or the option, as we send or receive them. */
enum dw_accurate_failed {
    DW_ACCURATE_ACE_SENT = 1,
    DW_ACCURATE_ACE_RECEIVED = 2,
    DW_ACCURATE_OPTION_SENT = 4,
    DW_ACCURATE_OPTION_RECEIVED = 8,
};
/* A connection with accurate feedback.  Octets are counted by codepoint. */
typedef struct dw_tcp_accurate {
    uint8_t syn_codepoint;   /* that the peer's last SYN or SYN,ACK arrived with */
    uint8_t seen;            /* enum dw_accurate_seen */
    uint8_t failed;          /* bits of enum dw_accurate_failed */
    uint8_t last;            /* the codepoint of the last packet */
    uint8_t fields;          /* of the option that have counted something since the last one */
    uint8_t demand;          /* ACKs that should carry the option */
    uint8_t estimate;        /* the codepoint that octets are likely to have; 0: not known */
    bool reflect;            /* the next ACK tells syn_codepoint */
    bool ack_due;            /* what is acknowledged next is acknowledged at once */
    bool silent;             /* ACKs say nothing any more */
    bool told_duplicate;     /* the last segment had the option, and told of a duplicate: */
    uint32_t duplicate_from; /* this one */
    uint32_t received_ce;    /* packets */
    uint32_t untold;         /* of them, since ACE was last sent */
    uint32_t received[4];    /* octets */
    uint32_t delivered_ce;
    uint32_t delivered[4];
    uint32_t average; /* segments per ACK, times 64; 0: not known */
    dw_time told_at;  /* when the option was last sent */
} dw_tcp_accurate;
/* What an ACK says was delivered. */
typedef struct dw_tcp_delivery {
    uint64_t segments, octets;
    bool handshake; /* the ACK covers our SYN, and has no counts yet */
} dw_tcp_delivery;
/* Both ends agreed; syn is the peer's SYN or SYN,ACK. */
void dw_tcp_accurate_begin(dw_tcb *t, const dw_seg *syn, uint8_t sent);
void dw_tcp_accurate_free(dw_tcb *t);
/* The flags of a SYN,ACK, which may leave unsaid that ECN is spoken, and of all that follows. */
uint16_t dw_tcp_accurate_syn_ack_flags(dw_tcb *t, bool unsaid);
uint16_t dw_tcp_accurate_flags(dw_tcb *t, uint32_t len);
/* Those three bits as a number, and the flags that it stands for. */
uint8_t dw_tcp_accurate_ace(const dw_tcb *t);
uint16_t dw_tcp_accurate_ace_flags(uint8_t ace);
/* How many fields of the option fit into room octets, beside *blocks SACK blocks that are not
 * counted in it and some of which may have to give way; -1: it is not sent.  spare: octets of the
 * padding of another option that it may take. */
int dw_tcp_accurate_fit(const dw_tcb *t, bool syn, uint32_t room, uint32_t spare, uint32_t *blocks);
/* That option into out, which has room for 12 octets, and its length; 0 for -1 fields.  duplicate:
 * the segment also tells of what came twice. */
uint8_t dw_tcp_accurate_option(dw_tcb *t, bool syn, int fields, bool duplicate, uint8_t *out);
uint32_t dw_tcp_accurate_space(const dw_tcb *t); /* that it will take in the next segment */
/* Octets of data that the next segment has room for. */
static inline uint32_t dw_tcp_current_mss(const dw_tcb *t)
{
    if (DW_LIKELY(!t->accurate)) return t->snd_mss;
    return t->snd_mss - dw_tcp_accurate_space(t);
}
/* A segment arrives: does the state of the connection let us go on telling of marks? */
void dw_tcp_accurate_state(dw_tcb *t);
void dw_tcp_accurate_arrives(dw_tcb *t, const dw_seg *s);
void dw_tcp_accurate_acks(dw_tcb *t); /* the segment has been taken: does it need an ACK at once? */
void dw_tcp_accurate_third_ack(dw_tcb *t, const dw_seg *s, uint8_t sent);
void dw_tcp_accurate_syn_again(dw_tcb *t, const dw_seg *s);
/* A segment that begins at seq came, all of which was there. */
void dw_tcp_accurate_came_again(dw_tcb *t, uint32_t seq);
/* An ACK that brings news says that so much was delivered: how many of the segments were marked, as
 * far as that is to be heeded. */
uint64_t dw_tcp_accurate_acked(dw_tcb *t, const dw_seg *s, const dw_tcp_delivery *d);
void dw_tcp_accurate_info(const dw_tcb *t, dw_info_fn each, void *ctx);

/* tcp_udp.c */
/* Put a UDP header in front of a segment that is to go in UDP. */
void dw_tcp_encapsulate(dw_packet *packet, const dw_flow *flow);

/* tcp_urgent.c */
void dw_tcp_urgent_send(dw_tcb *t);
void dw_tcp_urgent_arrives(dw_tcb *t, const dw_seg *s);
/* The header's flag and pointer for a segment that begins at seq. */
bool dw_tcp_urgent_field(const dw_tcb *t, uint32_t seq, uint16_t *pointer);
/* Octets of urgent data that the user has not read yet (MUST-33). */
uint32_t dw_tcp_urgent_left(const dw_tcb *t);

/* tcp_keepalive.c */
void dw_tcp_keepalive_start(dw_tcb *t);
void dw_tcp_keepalive_heard(dw_tcb *t);
bool dw_tcp_keepalive_timeout(dw_tcb *t);

/* tcp_icmp.c */
void dw_tcp_network_error(void *instance, const dw_flow *flow, const dw_net_error *error);

/* tcp_rules.c */
void dw_tcp_rule_delivered(dw_tcb *t, const dw_segment *segment);
void dw_tcp_rule_window(dw_tcb *t, uint32_t edge);
void dw_tcp_rule_empty_reply(dw_tcb *t);
void dw_tcp_rule_closed(dw_tcb *t);
void dw_tcp_forget_peer(dw_tcb *t);

/* tcp_timewait.c */
void dw_tcp_fold(dw_tcb *t);
/* Whether a SYN may open the next incarnation of a connection in TIME-WAIT. */
bool dw_tcp_syn_may_reopen(const dw_tcp *tcp, const dw_seg *syn, uint32_t rcv_nxt, bool ts_ok,
                           uint32_t ts_recent);
/* A segment in TIME-WAIT, as BSD treats it; one that opens the next connection did so before. */
void dw_tcp_time_wait_bsd(dw_tcb *t, dw_seg *s);
void dw_tcp_time_wait_park(dw_tcp_time_wait *w);
/* by is NULL when the SYN opened nothing: the record takes its place again. */
void dw_tcp_time_wait_parked_by(dw_tcp_time_wait *w, dw_tcb *by);
/* The new connection came to nothing: the wait goes on (MAY-2, second condition). */
void dw_tcp_time_wait_unpark(dw_tcb *t);
void dw_tcp_time_wait_forget_parked(dw_tcb *t);
bool dw_tcp_time_wait_end_oldest(dw_tcp *tcp);
void dw_tcp_time_wait_arrives(dw_tcp_time_wait *w, dw_seg *s);
/* Into CLOSED, and free it. */
void dw_tcp_time_wait_end(dw_tcp_time_wait *w, const dw_cause *cause);
void dw_tcp_time_wait_free(dw_tcp_time_wait *w);
/* STATUS of a record, by its number in the trace; DW_E_NOENT: there is none. */
int dw_tcp_time_wait_info(dw_tcp *tcp, uint32_t conn, dw_info_fn each, void *ctx);

/* tcp_check.c */
void dw_tcp_check(const dw_tcb *t);

#endif
