/* A socket's error queue. */
#include "error_queue.h"

void dw_error_queue_timestamping(dw_error_queue *q, uint32_t bits, uint64_t acked, uint64_t sent)
{
    bool counts = bits & DW_TIMESTAMPING_OPT_ID && !(q->timestamping & DW_TIMESTAMPING_OPT_ID);
    if (counts) q->timestamp_base = bits & DW_TIMESTAMPING_OPT_ID_TCP ? sent : acked;
    q->timestamping = bits;
}

static void add_timestamp(dw_error_queue *q, uint64_t end)
{
    uint32_t wants = q->timestamping & (DW_TIMESTAMPING_TX_SOFTWARE | DW_TIMESTAMPING_TX_SCHED |
                                        DW_TIMESTAMPING_TX_ACK);
    if (!wants || q->timestamp_count == DW_MAX_TIMESTAMPS) return;
    uint32_t at = (q->first_timestamp + q->timestamp_count++) % DW_MAX_TIMESTAMPS;
    q->timestamps[at].end = end;
    q->timestamps[at].wants = wants;
    q->timestamps[at].key =
        q->timestamping & DW_TIMESTAMPING_OPT_ID ? (uint32_t)(end - 1 - q->timestamp_base) : 0;
}

void dw_error_queue_send(dw_error_queue *q, uint64_t end, bool copied)
{
    DW_ASSERT(!copied || dw_error_queue_room(q));
    if (copied) q->copy_ends[q->copies++ % DW_MAX_COPIES] = end;
    add_timestamp(q, end);
}

bool dw_error_queue_room(const dw_error_queue *q)
{
    return q->copies - q->copies_read < DW_MAX_COPIES;
}

static bool tell_timestamp(dw_error_queue *q, uint32_t timestamp, uint32_t bit, uint32_t kind,
                           dw_time now)
{
    if (!(q->timestamps[timestamp].wants & bit)) return false;
    q->timestamps[timestamp].wants &= ~bit;
    if (!(q->timestamping & DW_TIMESTAMPING_SOFTWARE) || q->notice_count == DW_MAX_TIMESTAMPS)
        return false;
    uint32_t at = (q->first_notice + q->notice_count++) % DW_MAX_TIMESTAMPS;
    q->notices[at] = (dw_notice){.origin = DW_NOTICE_TIMESTAMP,
                                 .truncated = !(q->timestamping & DW_TIMESTAMPING_OPT_TSONLY),
                                 .info = kind,
                                 .data = q->timestamps[timestamp].key,
                                 .at = now};
    return true;
}

bool dw_error_queue_progress(dw_error_queue *q, uint64_t sent, uint64_t acked, dw_time now)
{
    uint32_t before = q->copies_done;
    while (q->copies_done < q->copies && q->copy_ends[q->copies_done % DW_MAX_COPIES] <= acked)
        q->copies_done++;
    bool news = q->copies_done != before;
    for (uint32_t i = 0; i < q->timestamp_count; i++) {
        uint32_t at = (q->first_timestamp + i) % DW_MAX_TIMESTAMPS;
        if (q->timestamps[at].end > sent) break;
        news |= tell_timestamp(q, at, DW_TIMESTAMPING_TX_SCHED, DW_TIMESTAMP_SCHEDULED, now);
        news |= tell_timestamp(q, at, DW_TIMESTAMPING_TX_SOFTWARE, DW_TIMESTAMP_SENT, now);
        if (q->timestamps[at].end <= acked)
            news |= tell_timestamp(q, at, DW_TIMESTAMPING_TX_ACK, DW_TIMESTAMP_ACKED, now);
    }
    while (q->timestamp_count > 0 && q->timestamps[q->first_timestamp].wants == 0) {
        q->first_timestamp = (q->first_timestamp + 1) % DW_MAX_TIMESTAMPS;
        q->timestamp_count--;
    }
    return news;
}

bool dw_error_queue_waits(const dw_error_queue *q)
{
    return q->notice_count > 0 || q->copies_done != q->copies_read;
}

bool dw_error_queue_take(dw_error_queue *q, dw_notice *out)
{
    if (q->notice_count > 0) {
        *out = q->notices[q->first_notice];
        q->first_notice = (q->first_notice + 1) % DW_MAX_TIMESTAMPS;
        q->notice_count--;
        return true;
    }
    if (q->copies_read == q->copies_done) return false;
    *out = (dw_notice){
        .origin = DW_NOTICE_ZEROCOPY, .info = q->copies_read, .data = q->copies_done - 1};
    q->copies_read = q->copies_done;
    return true;
}
