/* A socket's error queue. */
#include "error_queue.h"

void dw_error_queue_stamping(dw_error_queue *q, uint32_t bits, uint64_t acked, uint64_t sent)
{
    bool counts = bits & DW_STAMPING_OPT_ID && !(q->stamping & DW_STAMPING_OPT_ID);
    if (counts) q->stamp_base = bits & DW_STAMPING_OPT_ID_TCP ? sent : acked;
    q->stamping = bits;
}

static void add_stamp(dw_error_queue *q, uint64_t end)
{
    uint32_t wants =
        q->stamping & (DW_STAMPING_TX_SOFTWARE | DW_STAMPING_TX_SCHED | DW_STAMPING_TX_ACK);
    if (!wants || q->stamp_count == DW_MOST_STAMPS) return;
    uint32_t at = (q->first_stamp + q->stamp_count++) % DW_MOST_STAMPS;
    q->stamps[at].end = end;
    q->stamps[at].wants = wants;
    q->stamps[at].key = q->stamping & DW_STAMPING_OPT_ID ? (uint32_t)(end - 1 - q->stamp_base) : 0;
}

void dw_error_queue_send(dw_error_queue *q, uint64_t end, bool copied)
{
    DW_ASSERT(!copied || dw_error_queue_room(q));
    if (copied) q->copy_ends[q->copies++ % DW_MOST_COPIES] = end;
    add_stamp(q, end);
}

bool dw_error_queue_room(const dw_error_queue *q)
{
    return q->copies - q->copies_read < DW_MOST_COPIES;
}

static bool tell_stamp(dw_error_queue *q, uint32_t stamp, uint32_t bit, uint32_t kind, dw_time now)
{
    if (!(q->stamps[stamp].wants & bit)) return false;
    q->stamps[stamp].wants &= ~bit;
    if (!(q->stamping & DW_STAMPING_SOFTWARE) || q->notice_count == DW_MOST_STAMPS) return false;
    uint32_t at = (q->first_notice + q->notice_count++) % DW_MOST_STAMPS;
    q->notices[at] = (dw_notice){.origin = DW_NOTICE_TIMESTAMP,
                                 .truncated = !(q->stamping & DW_STAMPING_OPT_TSONLY),
                                 .info = kind,
                                 .data = q->stamps[stamp].key,
                                 .at = now};
    return true;
}

bool dw_error_queue_progress(dw_error_queue *q, uint64_t sent, uint64_t acked, dw_time now)
{
    uint32_t before = q->copies_done;
    while (q->copies_done < q->copies && q->copy_ends[q->copies_done % DW_MOST_COPIES] <= acked)
        q->copies_done++;
    bool news = q->copies_done != before;
    for (uint32_t i = 0; i < q->stamp_count; i++) {
        uint32_t at = (q->first_stamp + i) % DW_MOST_STAMPS;
        if (q->stamps[at].end > sent) break;
        news |= tell_stamp(q, at, DW_STAMPING_TX_SCHED, DW_STAMP_SCHEDULED, now);
        news |= tell_stamp(q, at, DW_STAMPING_TX_SOFTWARE, DW_STAMP_SENT, now);
        if (q->stamps[at].end <= acked)
            news |= tell_stamp(q, at, DW_STAMPING_TX_ACK, DW_STAMP_ACKED, now);
    }
    while (q->stamp_count > 0 && q->stamps[q->first_stamp].wants == 0) {
        q->first_stamp = (q->first_stamp + 1) % DW_MOST_STAMPS;
        q->stamp_count--;
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
        q->first_notice = (q->first_notice + 1) % DW_MOST_STAMPS;
        q->notice_count--;
        return true;
    }
    if (q->copies_read == q->copies_done) return false;
    *out = (dw_notice){
        .origin = DW_NOTICE_ZEROCOPY, .info = q->copies_read, .data = q->copies_done - 1};
    q->copies_read = q->copies_done;
    return true;
}
