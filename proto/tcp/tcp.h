/* The transmission control block, the segment, and what nearly all files of this folder share.
 *
 * Names follow RFC 9293: snd_una is SND.UNA, rcv_nxt is RCV.NXT.  Each file has a header of its own
 * with its functions; the files follow the chapters:
 *
 *   3.1, 3.2  headers
 *     tcp_wire.c          reading, writing, dissecting and changing a header
 *     tcp_options.c       the options of a header that is sent
 *     tcp_udp.c           TCP in UDP
 *   3.3  what is kept
 *     tcp_state.c         the state machine: one function changes state, and tells of it
 *     tcp_tcb.c           the life of a TCB
 *     tcp_table.c         finding a connection by its addresses and ports
 *     tcp_queue.c         rings of slices and of segments
 *   3.5, 3.6  opening and closing
 *     tcp_negotiate.c     what the peer's SYN tells, and what follows from it
 *     tcp_cookie.c        RFC 4987 3.6  SYN cookies
 *     tcp_fastopen.c      RFC 7413  data on SYN
 *     tcp_timewait.c      3.6.1  TIME-WAIT as a small record; RFC 6191, RFC 1337
 *   3.7  sending
 *     tcp_output.c        what to send, and when
 *     tcp_send.c          new data becomes a segment
 *     tcp_segment.c       one segment is built and handed to the network layer
 *     tcp_sendbuf.c       room in the send buffer
 *     tcp_chain.h         the send queue as Linux has it: tcp_chain.c, tcp_chain_write.c,
 *                         tcp_chain_output.c
 *     tcp_record.c        where the user's records end
 *     tcp_pace.c          bursts and pacing
 *     tcp_local_drop.c    what the host's own queue refuses
 *     tcp_chrono.c        what the time of a sender goes to
 *     tcp_pmtu.c          RFC 1191, RFC 8201  the MTU of the path
 *     tcp_plpmtu.c        RFC 4821, RFC 2923  the same without the help of ICMP
 *   3.8  data communication
 *     tcp_rtt.c           3.8.1, RFC 6298  the retransmission timeout
 *     tcp_rtx_timer.c     the retransmission timer, and what runs in its place
 *     tcp_retransmit.c    one segment again; without a scoreboard all of them
 *     tcp_repacketize.c   other segments than those that were sent
 *     tcp_congestion.c    3.8.2  which congestion control; the algorithms are in cc/
 *     tcp_recovery.h      loss recovery with a scoreboard lists its files
 *     tcp_giveup.c        3.8.3  how long something is tried or waited for
 *     tcp_keepalive.c     3.8.4
 *     tcp_urgent.c        3.8.5  urgent data
 *     tcp_window.c        3.8.6  the receive window
 *     tcp_rcvbuf.c        what is free of the receive buffer, by what segments cost
 *     tcp_tune.c          buffers that grow with the path
 *     tcp_delack.c        3.8.6.3  when to acknowledge
 *     tcp_ecn.c           RFC 3168  explicit congestion notification
 *     tcp_ecn_echo.c      the echo of what the network has marked
 *     tcp_accecn.c        RFC 9768  accurate feedback of it
 *     tcp_sack.c          RFC 2018, RFC 2883  what a receiver tells of segments out of order
 *     tcp_timestamp.c         RFC 7323  timestamps
 *   3.9, 3.10.1-6  the user's calls and the network's reports
 *     tcp_user.c          the calls; tcp_info.c STATUS, tcp_set.c what a user sets
 *     tcp_settings.c      which connections share what they have set
 *     tcp_icmp.c          3.9.2.2  what the network reports
 *   3.10.7  segments arrive
 *     tcp_arrives.c       3.10.7.1, 3.10.7.4
 *     tcp_listen.c        3.10.7.2  LISTEN
 *     tcp_syn_sent.c      3.10.7.3  SYN-SENT
 *     tcp_sequence.c      "first, check sequence number"
 *     tcp_challenge.c     RFC 5961  the answer to what is not acceptable
 *     tcp_ack.c           "fifth, check the ACK field", RFC 5681, RFC 6582
 *     tcp_reass.c         "seventh, process the segment text"
 *   3.10.8  timeouts
 *     tcp_timer.c         setting and stopping timers
 *     tcp_timeout.c       what happens when one expires
 *   about it
 *     tcp.c               the plugin: attaching to a host, options of a host
 *     tcp_switches.h      every tunable and switch, with its value in each profile
 *     tcp_profile.c       the profiles made from that
 *     tcp_defect.c        mistakes that can be made on purpose
 *     tcp_cause.c         why things happen
 *     tcp_trace.c         the variables that a trace follows
 *     tcp_rules.c         rules that no implementation may break, checked while it runs
 *     tcp_check.c         invariants of a TCB
 *     tcp_fingerprint.c   what a host's future depends on; tcp_fingerprint_tcb.c a connection's
 *
 * Arrows between files point one way but in one place, a connection's life: tcp_tcb.c, tcp_user.c,
 * tcp_listen.c, tcp_arrives.c, tcp_syn_sent.c, tcp_ack.c, tcp_timeout.c and tcp_timewait.c need one
 * another, because a listener makes connections, a segment or a timer may end one, what ends goes
 * back to its listener or into TIME-WAIT, and a SYN that comes there begins the next.  Nothing that
 * sends, and nothing of loss recovery, calls any of these. */
#ifndef DW_TCP_H
#define DW_TCP_H

#include "../builtin.h"
#include "tcp_cause.h"
#include "tcp_profile.h"
#include "tcp_queue.h"

/* Of Linux's timers: no time at all lasts until the next one, and what is as good as over is over.
 */
#define DW_TCP_TICK DW_MILLISECOND

enum { DW_TCP_PROTOCOL = 6, DW_TCP_HEADER = 20, DW_TCP_DEFAULT_MSS = 536 /* MUST-15 */ };

/* Octets: of UDP's header, and of the option with timestamps, padded. */
enum { DW_TCP_UDP_SPACE = 8, DW_TCP_TIMESTAMP_SPACE = 12 };

/* Octets of a cookie (RFC 7413) that we make, and of the key behind it. */
enum { DW_TCP_COOKIE = 8, DW_TCP_FAST_KEY = 16 };

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

/* Where a connection stands that its listener's user has not accepted. */
enum dw_tcp_place {
    DW_TCP_PLACE_NONE,
    DW_TCP_PLACE_HALF_OPEN, /* in SYN-RECEIVED */
    DW_TCP_PLACE_ACCEPT,    /* complete, or a fast open that was taken */
    DW_TCP_PLACE_SPARE      /* back in LISTEN, for the next SYN */
};

/* Problems that may pass, told to the user (RFC 9293 3.9.1.8). */
enum dw_tcp_report {
    DW_TCP_REPORT_NONE,
    DW_TCP_REPORT_R1,          /* several retransmissions in a row */
    DW_TCP_REPORT_UNREACHABLE, /* ICMP says so */
    DW_TCP_REPORT_TIME_EXCEEDED,
    DW_TCP_REPORT_PARAMETER,
};

/* Why what is outstanding is sent again, all of it. */
enum dw_tcp_resend {
    DW_TCP_RESEND_LATE,     /* a timeout */
    DW_TCP_RESEND_SMALLER,  /* it was too big for the path */
    DW_TCP_RESEND_OPENED,   /* it was a probe of a window that is open now */
    DW_TCP_RESEND_SYN_DATA, /* the peer did not take it on the SYN */
};

/* Who holds the socket. */
enum dw_tcp_user {
    DW_TCP_USER_NONE, /* not accepted yet */
    DW_TCP_USER_HERE,
    DW_TCP_USER_GONE /* closed or aborted: nobody reads, nobody will be told */
};

/* What a connection that has something to send waits for (tcp_chrono.c). */
enum dw_tcp_chrono {
    DW_TCP_CHRONO_IDLE,
    DW_TCP_CHRONO_BUSY,
    DW_TCP_CHRONO_RWND,
    DW_TCP_CHRONO_SNDBUF,
    DW_TCP_CHRONOS
};

/* What a step of SEGMENT ARRIVES says: go on with the next one, or the RFC said "drop the segment
 * and return". */
enum { PROCEED, DROP };

/* Owned by their files: tcp_listen.h, tcp_timewait.h, tcp_fastopen.h, tcp_pmtu.h, tcp_scoreboard.h,
 * tcp_accecn.h, tcp_tune.h, tcp_sack.h, tcp_rcvbuf.c, tcp_chain.h, tcp_record.c, tcp_settings.c. */
typedef struct dw_tcp dw_tcp;
typedef struct dw_tcb dw_tcb;
typedef struct dw_seg dw_seg;
typedef struct dw_tcp_listener dw_tcp_listener;
typedef struct dw_tcp_time_wait dw_tcp_time_wait;
typedef struct dw_tcp_recovery dw_tcp_recovery;

/* An arriving segment.  The text may be trimmed at both ends: text_at and text_len say what is
 * left, seq and flags always fit it. */
struct dw_seg {
    uint32_t seq, ack;
    uint32_t text_len;  /* octets of data */
    uint32_t text_at;   /* where they begin in the packet's payload */
    uint32_t wnd;       /* SEG.WND; scaled once the connection is known */
    uint16_t urgent;    /* SEG.UP, as in the header */
    uint8_t flags;      /* bits of enum dw_tcp_flag, but for AE */
    uint32_t seq_first; /* seq and text_len as they were before anything was trimmed */
    uint32_t text_first;
    uint16_t gso_size;   /* text_first came in segments of so many octets; 0: in one */
    uint8_t options_len; /* octets of the header's options */
    uint16_t mss;        /* option; 0: absent */
    int8_t wscale;       /* option, 14 at most; -1: absent */
    bool has_timestamp, has_user_timeout, sack_permitted, is_signed;
    bool ae;                 /* RFC 9768 */
    uint8_t accurate_len;    /* octets of its option with kind and length; 0: absent */
    bool accurate_order;     /* the second of the two orders */
    const uint8_t *accurate; /* the option's fields, in the packet's header */
    uint32_t ts_val, ts_ecr;
    bool ts_advanced;      /* it made TS.Recent greater */
    uint16_t user_timeout; /* as on the wire: a bit for the unit, 15 for the number */
    uint8_t sack_count;    /* RFC 2018 */
    dw_tcp_range sack[4];
    int8_t cookie_len;        /* fast open option, octets; -1: absent, 0: a request */
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

/* Any of these flags. */
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

/* What can be found by the four addresses and ports: part of a TCB, first of a TIME-WAIT record. */
typedef struct dw_tcp_link {
    struct dw_tcp_link *next; /* in the same bucket */
    dw_flow flow;
} dw_tcp_link;

typedef struct dw_tcp_table {
    dw_tcp_link **buckets;
    dw_tcp_link *single; /* the only bucket, where there was no memory for the first ones */
    uint32_t size;       /* buckets: a power of two, or 0 */
    uint32_t count;
} dw_tcp_table;

/* When to acknowledge, as Linux goes about it (tcp_delack.c); its names. */
typedef struct dw_tcp_delack {
    dw_time ato;            /* how long an ACK may wait; 0: no data has come yet */
    dw_time lrcvtime;       /* when data last came in order */
    uint32_t rcv_mss;       /* the size of the peer's segments, estimated; octets */
    uint32_t last_seg_size; /* of a smaller one that may turn out to be the size; 0: none */
    uint32_t compressed_ack_rcv_nxt; /* what the latest duplicate ACKs acknowledged */
    uint8_t dup_ack_counter;         /* how many of those went one by one */
    uint8_t compressed_ack;          /* and how many wait to go as one */
    uint8_t pingpong;  /* answers in a row; from pingpong_thresh on they carry the ACKs */
    bool scheduled;    /* an ACK is owed */
    bool check;        /* and whether it goes now is decided when this instant's output has run */
    bool pushed;       /* a segment that the peer pushed, or a small one, waits for its ACK */
    bool pushed_twice; /* two of them do */
} dw_tcp_delack;

/* What a connection knows of its path (tcp_pmtu.c).  Sizes are of packets, with all headers. */
typedef struct dw_tcp_mtu {
    uint32_t path;     /* the path MTU that segments go by now */
    uint32_t peer_mss; /* the peer takes no larger segment, options included; 0: not known yet */
    dw_time until;     /* `path` is good until then, ... */
    uint32_t changes;  /* ... and while this is dw_tcp.path_changes */
    bool searching;    /* RFC 4821: between these two sizes, with Linux's names */
    uint32_t search_low, search_high;
    uint32_t probe_size;           /* of the probe that is under way; 0: none is */
    uint32_t probe_from, probe_to; /* its sequence numbers */
    dw_time searched_at;           /* when the search began last */
    uint32_t usual_mss;            /* as it was before a black hole was suspected; 0: none is */
} dw_tcp_mtu;

/* Sizes are in octets and times in nanoseconds, unless said otherwise; sequence numbers are
 * uint32_t and compared with seq_lt and seq_leq only.  Points in time are 0 before they mean
 * something. */
struct dw_tcb {
    dw_socket socket; /* first, so that a dw_socket is a TCB */
    dw_tcp *tcp;
    dw_tcp_link link;    /* in dw_tcp.table or .closed, as the two flags below say */
    dw_tcb *settle_next; /* on dw_tcp's list of those to be settled, while `settling` */
    dw_tcb *queue_next, **queue_link; /* on one of the listener's lists: what points here */
    dw_tcp_listener *listener;        /* until accepted */

    uint8_t state; /* enum dw_tcp_state; written by dw_tcp_set_state only */
    bool in_table, in_closed;
    bool settling;            /* output is due before the clock moves on */
    bool passive : 1;         /* came from LISTEN (MUST-11) */
    bool ack_now : 1;         /* an acknowledgment must be sent */
    bool fin_queued : 1;      /* the user closed; FIN follows the last data */
    bool fin_sent : 1;        /* its number is SND.NXT - 1; implies fin_queued and no unsent data */
    bool fin_received : 1;    /* the peer's FIN counts: its number is RCV.NXT - 1 */
    bool fin_reached : 1;     /* everything before the peer's FIN has come, and it has */
    bool writable_wanted : 1; /* send() found the buffer full */
    bool recovering : 1;      /* fast recovery, RFC 5681 3.2; without a scoreboard only */
    bool sws_override : 1;    /* the override timer expired: send what there is */
    bool probing : 1;         /* a zero-window probe is outstanding */
    bool r1_told : 1;         /* the user has heard of R1, since SND.UNA last moved */
    bool wscale_ok : 1;       /* both ends offered window scaling */
    bool ts_ok : 1;           /* both ends offered timestamps */
    bool sack_ok : 1;         /* both ends offered selective acknowledgments */
    bool ecn_ok : 1;          /* both ends speak ECN */
    bool ecn_echo : 1;        /* we tell the peer of a mark, until it has heard (RFC 3168 6.1.3) */
    bool ecn_reduced : 1;     /* we are to tell the peer that we sent less: CWR */
    bool ecn_seen : 1;        /* a packet came that was marked as capable */
    uint8_t ecn_urge : 2;     /* enum dw_ecn_urge: of the segment that is being processed */
    bool was_idle : 1;        /* nothing was outstanding when this output began */
    bool push_next : 1;       /* the next segment is the last of a buffer, and has PSH for it */
    bool syn_came_again : 1;  /* the SYN,ACK that leaves answers a repeated SYN, not the timer */
    bool fast : 1;       /* opened with data on SYN: it may send before the handshake is complete */
    bool fast_asked : 1; /* our SYN or SYN,ACK carries a fast open option */
    bool fast_bare : 1;  /* our SYN may carry data, but no such option */
    bool fast_experiment : 1; /* that option is the experiment's */
    bool syn_data_acked : 1;  /* data that went with a SYN was taken */
    bool squeezed : 1;        /* no memory for what came: the next ACK closes the window */
    bool write_pending : 1;   /* the user waits for the connection, to send */
    bool cc_begun : 1;        /* the congestion control has been initialised */
    bool snd_urgent : 1, rcv_urgent : 1; /* snd_up, rcv_up mean something */
    bool push_one : 1;                   /* tcp_chain_output.c: one buffer and no more, */
    bool nagle_given : 1;                /* and by nagle_now, not by what the user has set */
    bool rwnd_limited : 1;               /* the last output stopped at the peer's window, */
    bool cwnd_limited : 1;               /* or waited for the congestion window to open further */
    bool sndbuf_limited : 1;             /* all was sent, and the user waits for room */
    bool space_due : 1;        /* after the output that follows, the user may be told of room */
    bool user_timeout_due : 1; /* tell the peer our user timeout */
    bool answering_empty : 1;  /* ack_now was set by a segment without data */
    bool answers_alone : 1;    /* all that came was dropped: no new data goes with the answer */
    bool receive_fixed : 1, send_fixed : 1; /* the user has set the size of the buffer */
    bool cookie : 1;                        /* it is not kept: its SYN,ACK carries a SYN cookie */
    bool acked_early : 1;    /* the handshake's last ACK has come, but not the data it waits for */
    uint16_t soft_error;     /* ICMP's type and code, until an ACK comes; 0: none */
    uint8_t resend_why;      /* enum dw_tcp_resend: why what was outstanding is sent again */
    uint8_t user;            /* enum dw_tcp_user */
    uint8_t place;           /* enum dw_tcp_place */
    uint8_t report;          /* enum dw_tcp_report: the last one */
    uint8_t syn_retransmits; /* of our SYN or SYN,ACK; 255 and more are one */
    uint8_t rcv_tos;         /* of the last segment (MAY-9) */
    uint8_t snd_wscale, rcv_wscale; /* shifts, 14 at most, of the windows that come and go */
    int8_t error;                   /* DW_E_* that ended the connection; DW_OK */

    /* Send sequence space, RFC 9293 figure 3. */
    uint32_t snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, iss;
    uint32_t max_snd_wnd; /* the largest that snd_wnd ever was */
    uint32_t snd_mss;     /* Eff.snd.MSS; at least 1 */
    dw_tcp_mtu mtu;
    /* Receive sequence space, figure 4. */
    uint32_t rcv_nxt, rcv_wnd, irs;
    uint32_t rcv_ssthresh;     /* the most that the window may be for now */
    uint32_t rcv_mss;          /* what we told the peer to send at most */
    uint32_t last_ack_sent;    /* RCV.NXT in the last segment we sent (RFC 7323's Last.ACK.sent) */
    uint32_t offered_wnd;      /* RCV.WND in that segment */
    uint32_t unacked_segments; /* full-sized ones since then */
    uint32_t largest_text;     /* the most octets one segment brought */
    uint32_t quick;            /* segments still to be acknowledged at once */
    dw_tcp_delack delack;
    struct dw_tcp_sacks *sacks; /* NULL: nothing has come early */
    dw_tcp_range duplicate;     /* to be reported once (RFC 2883); empty: none */
    uint32_t rcv_adv;           /* the right edge of the window as the peer knows it */
    uint32_t rcv_mwnd_seq;      /* the rightmost that it ever was */
    uint32_t rmem_alloc; /* tcp_rcvbuf.c: memory that holds what was received and not read, */
    uint32_t rmem_out_of_order;    /* the part of it that came early, */
    uint32_t tail_room;            /* and how much of it the last segment leaves free */
    uint32_t window_clamp;         /* the bound of the window at last */
    uint32_t rcvq_space;           /* what the peer may send in the first round trip */
    struct dw_tcp_held_ring *held; /* NULL: nothing has been received, or memory is not counted */
    uint8_t scaling_ratio;         /* octets of data in 256 of memory; 0: not begun */
    bool odd_memory;               /* memory's bound is an octet more than twice receive_buffer */
    dw_time opened_at;             /* when the handshake was over */
    uint32_t snd_up, rcv_up;       /* urgent pointers: the octet after the urgent data */
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
    uint8_t nagle_now;          /* bits of enum dw_tcp_nagle_flag, with nagle_given */
    uint8_t chrono;             /* enum dw_tcp_chrono, since chrono_at */
    dw_time chrono_at, chrono_spent[DW_TCP_CHRONOS]; /* what was spent in each before */
    struct dw_tcp_records *records; /* where records end in `unsent`; NULL: nowhere */

    uint32_t ts_recent; /* RFC 7323: what to echo, and when it came */
    dw_time ts_recent_at;

    /* Data.  `unsent` follows `rtx` in sequence space, which begins at SND.UNA and ends at SND.NXT
     * without gaps; `received` ends at RCV.NXT, `early` lies beyond it with gaps.  dw_tcp_check()
     * verifies this. */
    dw_slice_ring unsent;
    dw_segment_ring rtx;
    dw_slice_ring received;
    dw_segment_ring out_of_order;

    /* Loss recovery.  Without a scoreboard (rec is NULL): after a timeout what lies in
     * [retransmit_nxt, retransmit_end) is still to be sent again. */
    uint32_t retransmit_nxt, retransmit_end;
    uint32_t recover;        /* RFC 6582: SND.NXT when the last loss was found */
    uint32_t last_una;       /* SND.UNA before it last moved */
    uint32_t ecn_recover;    /* marks below this have been reacted to */
    uint32_t duplicate_acks; /* in a row */
    uint32_t retransmits;    /* of the segment at snd_una, by the timer */
    uint32_t delivered;      /* segments that the peer has acknowledged */
    uint32_t delivered_ce;   /* of these, in ACKs with ECE; accurate ECN has a count of its own */
    dw_time progress_at;     /* when snd_una last moved, or the first wait began */
    uint64_t inflation;      /* octets added to cwnd during fast recovery */
    dw_congestion cc;
    struct dw_tcp_accurate *accurate; /* ECN with accurate feedback; NULL: without */
    dw_tcp_recovery *rec; /* with a scoreboard; NULL: as RFC 5681 and RFC 6582 have it */

    dw_time srtt;             /* RFC 6298; -1: no sample yet, and then rttvar means nothing */
    dw_time rttvar, rto;      /* rto has its backoff in it */
    dw_time retransmitted_at; /* when the timer first sent again what is outstanding */
    dw_time persist_interval; /* until the next probe of a closed window */
    dw_time probing_since;    /* the first probe of the closed window */
    uint32_t window_probes;   /* of it, since an ACK last came */
    uint32_t window_backoff;  /* of it, all */
    uint64_t *traced; /* what the trace last said of each variable and detail; NULL: nothing */

    dw_time heard_at;           /* when the last segment came; kept with keepalive only */
    uint32_t probes_unanswered; /* of keepalive */
    uint32_t challenges;        /* challenge ACKs sent since challenge_at (RFC 5961 7) */
    dw_time challenge_at;
    const dw_tcp_settings *set;   /* shared with others until one is changed (tcp_settings.c) */
    struct dw_tcp_tuning *tuning; /* NULL: no data has come yet */
    dw_route *route;              /* source route, owned; or NULL */

    /* For tcp_rules.c. */
    dw_tcb *peer;           /* the other end, if it is in this simulation, once it has been found */
    uint32_t empty_replies; /* ACKs in answer to empty segments, one after the other */
    dw_time empty_reply_at;

    dw_time deadline[DW_TCP_TIMERS]; /* DW_TIME_NEVER: it does not run */
    dw_timer timer;                  /* the entry in the event queue, not later than the earliest */
    dw_tcp_time_wait *parked;        /* the TIME-WAIT that this connection's SYN ended (MAY-2) */
    dw_tcp_time_wait *folded;        /* processing a TIME-WAIT record: where it came from */
    const dw_cause *ack_cause;       /* why ack_now or the delayed ACK */
};

enum { DW_TCP_ISN_SCRIPT = 32 };

/* TCP of one host. */
struct dw_tcp {
    dw_node *node;
    const dw_host *host;
    dw_tcp_profile profile;
    const dw_congestion_ops *congestion;     /* a plugin's, instead of the profile's; or NULL */
    struct dw_tcp_shared_settings *settings; /* of the latest connection, for the next */
    dw_tcp_table table;                      /* dw_tcb */
    dw_tcp_table time_wait;                  /* dw_tcp_time_wait */
    dw_tcp_table closed;                     /* dw_tcb in CLOSED that a user still holds */
    dw_tcp_listener *listeners;              /* the newest first */
    dw_tcb *settle_first, *settle_last;      /* in the order in which they asked for it */
    dw_tcp_time_wait *oldest_time_wait, *newest_time_wait;
    struct dw_tcp_cookie_entry *cookies; /* fast open cookies of servers, newest first */
    struct dw_tcp_path *paths;           /* narrow ones, the newest first */
    uint32_t path_count;
    uint32_t path_changes;             /* counts whatever changed in them */
    uint32_t live;                     /* connections outside CLOSED, listeners not counted */
    bool made_cookies;                 /* SYN cookies (RFC 4987) are out, or have been */
    bool reopening;                    /* a SYN opens a connection from TIME-WAIT, */
    uint32_t reopen_above;             /* which had sent up to here */
    bool out_of_memory;                /* see dw_tcp_no_memory */
    bool checked;                      /* the rules of tcp_rules.c are looked after */
    uint64_t isn_secret;               /* RFC 6528 */
    uint8_t fast_key[DW_TCP_FAST_KEY]; /* of fast open cookies */
    uint32_t
        isn_script[DW_TCP_ISN_SCRIPT]; /* the ISS of connections to come, as a test wants them */
    uint32_t isn_count, isn_used;
    uint16_t next_port; /* where the search for a free one begins; 0: at the first */
    /* A program has taken this port and does not listen there (yet): what a RST from it looks like,
     * on systems that find the program's socket all the same (FreeBSD's tcp_input).  0: none. */
    uint16_t bound_port;
    uint8_t bound_tos, bound_ttl;
};

/* Sequence numbers are compared only with these (RFC 9293 3.4). */
static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}
static inline bool seq_leq(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

/* Octets of IP's and TCP's headers, without options (RFC 6691). */
static inline uint32_t dw_tcp_headers(const dw_addr *remote)
{
    return remote->family == 6 ? 60 : 40;
}

static inline bool dw_tcp_synchronized(const dw_tcb *t)
{
    return t->state >= DW_TCP_ESTABLISHED;
}

/* Octets outstanding, SYN and FIN included. */
static inline uint32_t dw_tcp_flight(const dw_tcb *t)
{
    return t->snd_nxt - t->snd_una;
}

static inline dw_time dw_tcp_now(const dw_tcb *t)
{
    return t->tcp->host->now(t->tcp->node);
}

/* Whether nobody will read what comes, so that it is not even kept: see `read_shutdown`. */
static inline bool dw_tcp_discards(const dw_tcb *t)
{
    return t->socket.read_shut && t->tcp->profile.read_shutdown == DW_TCP_READ_DISCARDS;
}

static inline bool dw_tcp_has_defect(const dw_tcp_profile *p, enum dw_tcp_defect which)
{
    return DW_UNLIKELY((p->defects >> which & 1) != 0);
}
#define HAS_DEFECT(p, id) dw_tcp_has_defect(p, DW_TCP_DEFECT_##id)
#define DEFECT(t, id) HAS_DEFECT(&(t)->tcp->profile, id)

/* There was no memory for something: it is dropped, and the simulation is over after the present
 * event (dw_host.no_memory).  What TCP counts need not agree any more with what it holds. */
static inline void dw_tcp_no_memory(dw_tcp *tcp)
{
    tcp->out_of_memory = true;
    tcp->host->no_memory(tcp->node);
}

/* Whether anybody wants to see events of this type. */
static inline bool dw_tcp_traced(const dw_tcp *tcp, enum dw_trace_type type)
{
    return DW_UNLIKELY((*tcp->host->trace_mask & DW_TRACE_BIT(type)) != 0);
}

/* Tell the trace what a variable is now.  name is kept: a literal. */
static inline void dw_tcp_trace(const dw_tcb *t, const char *name, int64_t value)
{
    if (dw_tcp_traced(t->tcp, DW_TRACE_VARIABLE))
        t->tcp->host->trace_variable(t->tcp->node, t->socket.conn, name, value);
}

#endif
