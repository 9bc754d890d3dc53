/* A socket's error queue, as Linux fills it: which sends without a copy are done (MSG_ZEROCOPY),
 * and when sends were scheduled, left and were acknowledged (SO_TIMESTAMPING). */
#ifndef DW_ERROR_QUEUE_H
#define DW_ERROR_QUEUE_H

#include "drywire/base.h"

enum dw_notice_origin { DW_NOTICE_TIMESTAMP = 4, DW_NOTICE_ZEROCOPY = 5 };

/* What ee_info says of a time stamp. */
enum dw_timestamp_kind {
    DW_TIMESTAMP_SENT = 0,
    DW_TIMESTAMP_SCHEDULED = 1,
    DW_TIMESTAMP_ACKED = 2
};

/* Bits of SO_TIMESTAMPING. */
enum dw_timestamping {
    DW_TIMESTAMPING_TX_SOFTWARE = 1 << 1,
    DW_TIMESTAMPING_SOFTWARE = 1 << 4,
    DW_TIMESTAMPING_OPT_ID = 1 << 7,
    DW_TIMESTAMPING_TX_SCHED = 1 << 8,
    DW_TIMESTAMPING_TX_ACK = 1 << 9,
    DW_TIMESTAMPING_OPT_TSONLY = 1 << 11,
    DW_TIMESTAMPING_OPT_ID_TCP = 1 << 16,
};

/* One message. */
typedef struct dw_notice {
    uint8_t origin;      /* enum dw_notice_origin */
    bool truncated;      /* the data that was sent would follow, but there is no room for it */
    uint32_t info, data; /* ee_info, ee_data */
    dw_time at;          /* of a time stamp */
} dw_notice;

enum { DW_MAX_COPIES = 256, DW_MAX_TIMESTAMPS = 256 };

/* Octets are counted from the first one given to TCP. */
typedef struct dw_error_queue {
    /* Copies are numbered; those before copies_done are acknowledged, those before copies_read have
     * been told to the program. */
    uint32_t copies, copies_done, copies_read;
    uint64_t copy_ends[DW_MAX_COPIES]; /* by number */

    uint32_t timestamping;   /* bits of enum dw_timestamping */
    uint64_t timestamp_base; /* what ee_data counts from */
    struct {
        uint64_t end;   /* of the send */
        uint32_t wants; /* bits of enum dw_timestamping that are still to be told */
        uint32_t key;
    } timestamps[DW_MAX_TIMESTAMPS];
    uint32_t first_timestamp, timestamp_count;

    dw_notice notices[DW_MAX_TIMESTAMPS]; /* time stamps that were taken */
    uint32_t first_notice, notice_count;
} dw_error_queue;

/* Turn time stamps on; acked and sent: octets until now. */
void dw_error_queue_timestamping(dw_error_queue *q, uint32_t bits, uint64_t acked, uint64_t sent);
/* A send ended with octet number `end`; copied: by MSG_ZEROCOPY. */
void dw_error_queue_send(dw_error_queue *q, uint64_t end, bool copied);
/* Whether one more send with MSG_ZEROCOPY can be remembered. */
bool dw_error_queue_room(const dw_error_queue *q);
/* So many octets have been sent for the first time, and acknowledged, now.  Returns true when there
 * is news. */
bool dw_error_queue_progress(dw_error_queue *q, uint64_t sent, uint64_t acked, dw_time now);
bool dw_error_queue_waits(const dw_error_queue *q);
/* Take one message; false when there is none. */
bool dw_error_queue_take(dw_error_queue *q, dw_notice *out);

#endif
