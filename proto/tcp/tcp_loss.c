/* How a loss is found: by duplicate acknowledgments (RFC 5681, RFC 5827), by what was SACKed above
 * (RFC 6675), by time (RFC 8985 section 6.2), or by the timer. */
#include "tcp_loss.h"
#include "tcp_rack.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"

/* RFC 5827 section 3.1: with fewer segments outstanding than it takes, and nothing to send that
 * would draw more of them, one duplicate ACK less than there are segments has to do. */
uint32_t dw_tcp_duplicate_threshold(const dw_tcb *t)
{
    enum { FEW = 4 };
    uint32_t usual = t->rec ? t->rec->reordering : t->tcp->profile.duplicate_ack_threshold;
    uint32_t out = t->rtx.count;
    if (!t->tcp->profile.early_retransmit || out < 2 || out >= FEW || out > usual) return usual;
    bool more = t->unsent.bytes > 0 && t->snd_wnd > dw_tcp_flight(t);
    return more ? usual : out - 1;
}

/* RFC 6582 section 3.2, step 1: duplicate ACKs may come of what was sent again for nothing, and do
 * not count until more is acknowledged than was outstanding when the last loss was found.  Section
 * 4.1: but when the last ACK moved little, it was the retransmission that was needed. */
bool dw_tcp_duplicates_count(const dw_tcb *t)
{
    enum { LITTLE = 4 }; /* segments */
    if (seq_lt(t->recover, t->snd_una)) return true;
    if (t->tcp->profile.recovery == DW_TCP_RECOVERY_TAHOE) return false; /* all is sent again */
    return t->snd_una == t->recover && t->cc.cwnd > t->snd_mss &&
           t->snd_una - t->last_una <= LITTLE * t->snd_mss;
}

/* RFC 3042: octets beyond the congestion window that duplicate ACKs let go. */
uint32_t dw_tcp_limited_transmit(const dw_tcb *t)
{
    if (!t->tcp->profile.limited_transmit || t->recovering || t->duplicate_acks == 0) return 0;
    if (!dw_tcp_duplicates_count(t)) return 0;
    return (t->duplicate_acks < 2 ? 1 : 2) * t->snd_mss;
}

uint32_t dw_tcp_flight_at_loss(const dw_tcb *t)
{
    uint32_t flight = dw_tcp_flight(t), max = t->rec ? 2 * t->snd_mss : dw_tcp_limited_transmit(t);
    uint64_t over = flight > t->cc.cwnd ? flight - t->cc.cwnd : 0;
    return flight - (over < max ? (uint32_t)over : max);
}

/* Without SACK: duplicate ACKs stand for segments that have left the network. */

/* No more can have left the network than are out there, but for the one that is missing.  What was
 * told of too many was delayed on the way (tcp_check_reno_reordering); advanced is what the ACK has
 * acknowledged. */
static void limit_emulated(dw_tcb *t, uint64_t advanced)
{
    dw_tcp_recovery *r = t->rec;
    bool linux = t->tcp->profile.reorder_by_duplicates;
    uint64_t unit = dw_tcp_segment_units(t), holes = unit + r->lost;
    if (linux) { /* the one that is missing may be among those that are lost */
        holes = r->lost > unit ? r->lost : unit;
        if (holes > r->out) holes = r->out;
    }
    if (r->emulated + holes <= r->out) return;
    r->emulated = r->out > holes ? r->out - holes : 0;
    if (linux)
        dw_tcp_score_set_reordering(t, (r->out + advanced + unit - 1) / unit);
    else if (advanced == 0)
        dw_tcp_score_reordering(t, t->snd_una, t->snd_una + (uint32_t)(r->out * dw_tcp_unit(t)));
}

/* Without SACK, each duplicate ACK stands for a segment that has left the network. */
void dw_tcp_emulate_sack(dw_tcb *t, dw_tcp_news *n, uint64_t duplicates)
{
    dw_tcp_recovery *r = t->rec;
    if (t->sack_ok || duplicates == 0) return;
    uint64_t before = r->emulated;
    r->emulated += duplicates * dw_tcp_segment_units(t);
    limit_emulated(t, 0);
    if (r->emulated <= before) return;
    r->delivered_total += r->emulated - before;
    n->delivered += r->emulated - before;
}

/* An ACK of new data fills one hole; the rest of what it covers, duplicate ACKs have told. */
void dw_tcp_forget_emulated(dw_tcb *t, dw_tcp_news *n, uint64_t acked)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t told = acked > dw_tcp_segment_units(t) ? acked - dw_tcp_segment_units(t) : 0;
    if (t->sack_ok || acked == 0) return;
    if (told > r->emulated) told = r->emulated;
    n->delivered -= told;
    r->delivered_total -= told;
    r->emulated -= told;
    if (t->tcp->profile.reorder_by_duplicates)
        limit_emulated(t, acked);
    else if (r->emulated > r->out)
        r->emulated = r->out;
}

static void lose_first_without_sack(dw_tcb *t, bool advanced)
{
    dw_tcp_recovery *r = t->rec;
    bool enough = t->cc.state < DW_CONGESTION_RECOVERY &&
                  r->emulated >= dw_tcp_duplicate_threshold(t) * dw_tcp_segment_units(t);
    if (t->rtx.count > 0 && (enough || (t->cc.state == DW_CONGESTION_RECOVERY && advanced)))
        dw_tcp_score_mark_lost(t, r->first);
}

/* By what was SACKed above: RFC 6675 section 4, IsLost. */

/* It was sent again before it was known to be lost (NextSeg, rule 3): the first copy leaves the
 * pipe, the second stays. */
static void lose_first_copy(dw_tcb *t, uint32_t number)
{
    dw_segment *s = dw_tcp_numbered(t, number);
    if ((s->marks & (DW_MARK_RETRANSMITTED | DW_MARK_LOST)) != DW_MARK_RETRANSMITTED) return;
    s->marks |= DW_MARK_LOST;
    t->rec->lost += dw_tcp_units(t->rec, s);
}

/* A segment is lost when DupThresh stretches above it were SACKed, or more than
 * (DupThresh - 1) * SMSS octets. */
static void find_lost_by_sacks(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    uint32_t threshold = dw_tcp_duplicate_threshold(t);
    uint64_t max = (uint64_t)(threshold - 1) * t->snd_mss;
    if (!r->any_sacked) return;
    while (!seq_lt(r->sacked_top, r->edge)) {
        const dw_segment *s = dw_tcp_numbered(t, r->edge);
        if (s->marks & DW_MARK_SACKED) {
            r->octets_below += s->len;
            if (!dw_tcp_score_sacked_at(t, r->edge + 1)) r->runs_below++;
        } else if (r->runs - r->runs_below >= threshold ||
                   r->sacked_octets - r->octets_below > max) {
            if (!(s->marks & DW_MARK_EVER_RETRANSMITTED))
                dw_tcp_score_mark_lost(t, r->edge);
            else
                lose_first_copy(t, r->edge);
        } else {
            return;
        }
        r->edge++;
    }
}

/* By time: RFC 8985 section 6.2. */

/* 6.2 step 5.  Returns how long to wait for the rest, 0: there is none. */
dw_time dw_tcp_rack_detect(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    dw_time window = dw_tcp_rack_window(t), wait = 0;
    for (uint32_t i = r->oldest, next; i != DW_SEGMENT_NONE; i = next) {
        const dw_segment *s = dw_tcp_numbered(t, i);
        next = s->newer;
        if (!dw_tcp_rack_sent_after(r->rack_sent_at, r->rack_end, s->sent_at, dw_segment_end(s)))
            break;
        dw_time left = dw_tcp_rack_left(t, s, window);
        if (left <= 0)
            dw_tcp_score_mark_lost(t, i);
        else if (left > wait)
            wait = left;
    }
    return wait;
}

/* True: some may be lost soon, and the timer that waits for the rest has been set. */
static bool find_lost_by_time(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (!r->rack_advanced) return false;
    r->rack_advanced = false;
    dw_time wait = dw_tcp_rack_detect(t);
    if (wait == 0) return false;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_set(t, DW_TCP_TIMER_REORDER, wait + DW_TCP_TIMER_SLACK, CAUSE(REORDER_WAIT));
    return true;
}

void dw_tcp_find_lost(dw_tcb *t, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t retransmitted = r->retransmitted;
    if (t->rtx.count == 0) return;
    if (!t->sack_ok)
        lose_first_without_sack(t, n->what & DW_NEWS_ADVANCED);
    else if (!r->rack)
        find_lost_by_sacks(t);
    else if (find_lost_by_time(t))
        n->what &= ~(uint32_t)DW_NEWS_SET_TIMER;
    if (retransmitted > r->retransmitted) n->what |= DW_NEWS_LOST_AGAIN;
}

/* A retransmission timeout: all that the peer has not SACKed is lost, but for what was sent so
 * recently that its acknowledgment may still come (RFC 8985 6.3). */
void dw_tcp_lose_all(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (t->rtx.count > 0 && dw_segment_at(&t->rtx, 0)->marks & DW_MARK_SACKED) {
        r->reneged = true; /* RFC 2018 section 8: the receiver may have dropped it */
        dw_tcp_score_forget_sacks(t);
    }
    r->emulated = 0;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        bool recent = i > 0 && r->rack && dw_tcp_rack_left(t, s, 0) > 0;
        if (!recent) dw_tcp_score_mark_lost(t, r->first + i);
    }
    r->edge = r->first + (r->rack ? 0 : t->rtx.count);
    if (!r->rack) {
        r->octets_below = r->sacked_octets;
        r->runs_below = r->runs;
    }
}
