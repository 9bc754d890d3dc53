/* What an acknowledgment tells a connection with a scoreboard: the segments that leave the queue,
 * the sample of the round trip, marks, and whether it is a duplicate. */
#include "tcp_news.h"
#include "tcp_accecn.h"
#include "tcp_ecn.h"
#include "tcp_loss.h"
#include "tcp_rtt.h"
#include "tcp_scoreboard.h"
#include "tcp_timestamp.h"

/* The shortest round trip is that of so long. */
#define MIN_RTT_WINDOW (300 * DW_SECOND)

/* The ACK covers a part of the first segment: that part leaves the score. */
static void shorten_first(dw_tcb *t, uint32_t ack, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_segment_at(&t->rtx, 0);
    if (s->flags & DW_TCP_SYN) { /* the SYN is acknowledged, the data with it is not */
        s->flags = DW_TCP_ACK | DW_TCP_PSH;
        s->seq++;
        t->delivered++;
        n->acked_sent_at = s->retransmits ? -1 : s->sent_at;
        dw_tcp_score_sent(t, r->first);
    }
    uint64_t units = dw_tcp_units(r, s);
    uint32_t octets = s->len;
    uint8_t marks = s->marks;
    dw_segment_trim_front(s, ack - s->seq);
    uint64_t less = units - dw_tcp_units(r, s);
    octets -= s->len;
    r->out -= less;
    if (marks & DW_MARK_LOST) r->lost -= less;
    if (marks & DW_MARK_RETRANSMITTED) r->retransmitted -= less;
    if (marks & DW_MARK_SACKED) {
        r->sacked -= less;
        r->sacked_octets -= octets;
        if (r->edge != r->first) r->octets_below -= octets;
    }
    n->delivered += less;
    if (!(marks & DW_MARK_SACKED)) n->octets += octets;
    r->delivered_total += less;
}

/* The front of the queue leaves.  Afterwards it is known whether holes were filled late, which says
 * by how much the network reorders. */
void dw_tcp_news_acked(dw_tcb *t, uint32_t ack, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t before = r->out;
    while (t->rtx.count > 0 && seq_leq(dw_segment_end(dw_segment_at(&t->rtx, 0)), ack)) {
        if (dw_segment_at(&t->rtx, 0)->flags & DW_TCP_SYN) t->delivered++;
        dw_tcp_score_acked(t, n);
        dw_segment s = dw_segment_pop(&t->rtx);
        if (s.marks & DW_MARK_BURST_END) t->sent_buffers--;
        r->first++;
        dw_segment_release(&s);
    }
    if (t->rtx.count > 0 && seq_lt(dw_segment_at(&t->rtx, 0)->seq, ack)) shorten_first(t, ack, n);
    if (!t->sack_ok) {
        dw_tcp_forget_emulated(t, n, before - r->out);
        if (n->what & DW_NEWS_RETRANSMITTED_ACKED) n->what &= ~(uint32_t)DW_NEWS_ORIGINAL;
    } else if (n->has_hole && seq_lt(n->hole_seq, n->fack_before)) {
        dw_tcp_score_reordering(t, n->hole_seq, n->fack_before);
    }
}

/* RFC 6298 section 3 (Karn), with SACKed segments counting as acknowledged. */
void dw_tcp_news_sample(dw_tcb *t, const dw_seg *s, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    dw_time now = dw_tcp_now(t), sample = -1;
    bool sure = !(n->what & DW_NEWS_RETRANSMITTED_ACKED) || !t->tcp->profile.karn;
    if (n->acked_sent_at >= 0 && sure)
        sample = now - n->acked_sent_at;
    else if (n->sacked_sent_at >= 0)
        sample = now - n->sacked_sent_at;
    else if (n->what & DW_NEWS_ADVANCED)
        sample = dw_tcp_timestamp_sample(t, s);
    n->rtt = sample;
    if (sample >= 0) {
        if (r->min_rtt == 0 || sample <= r->min_rtt || now - r->min_rtt_at > MIN_RTT_WINDOW) {
            r->min_rtt = sample ? sample : 1;
            r->min_rtt_at = now;
        }
        dw_tcp_rtt_sample(t, sample);
    } else if (n->what & DW_NEWS_ADVANCED && t->tcp->profile.backoff_until == DW_TCP_BACKOFF_ACK) {
        dw_tcp_rtt_restore(t);
    }
}

/* RFC 5681 section 2, less strictly: with SACK, what an ACK tells decides. */
uint64_t dw_tcp_news_duplicates(const dw_tcb *t, const dw_seg *s, const dw_tcp_news *n)
{
    enum { NOT_DUPLICATE = DW_NEWS_ADVANCED | DW_NEWS_DATA | DW_NEWS_WINDOW };
    if (!s || t->rtx.count == 0 || n->what & NOT_DUPLICATE) return 0;
    return s->ack == t->snd_una ? 1 : 0;
}

bool dw_tcp_says_ece(const dw_tcb *t, const dw_seg *s)
{
    if (!s || !t->ecn_ok || t->accurate) return false;
    return (s->flags & (DW_TCP_ECE | DW_TCP_SYN)) == DW_TCP_ECE;
}

void dw_tcp_news_begin(const dw_tcb *t, const dw_seg *s, uint32_t ack, dw_tcp_news *n)
{
    const dw_tcp_recovery *r = t->rec;
    *n = (dw_tcp_news){.una = t->snd_una,
                       .ack = ack,
                       .flight = dw_tcp_pipe(r),
                       .in_order = t->cc.state <= DW_CONGESTION_DISORDER,
                       .lost_before = r->lost_total,
                       .rtt = -1,
                       .acked_sent_at = -1,
                       .rate_sent_at = -1,
                       .sacked_sent_at = -1};
    if (!s) return;
    if (s->text_len > 0) n->what |= DW_NEWS_DATA;
    bool wider = s->seq == t->snd_wl1 && s->wnd > t->snd_wnd;
    if (wider || seq_lt(t->snd_wl1, s->seq)) n->what |= DW_NEWS_WINDOW;
    if (dw_tcp_says_ece(t, s)) n->what |= DW_NEWS_ECE;
}

void dw_tcp_news_sacked(dw_tcb *t, const dw_seg *s, dw_tcp_news *n)
{
    if (s && t->sack_ok)
        dw_tcp_score_sack(t, s, n);
    else
        n->fack_before = t->snd_una;
}

/* RFC 9768: the bits and the option of an ACK count when it is sure to be the latest, because it
 * acknowledges something new or has a newer timestamp. */
static void take_accurate(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, bool handshake)
{
    uint64_t units = n->delivered, mss = t->snd_mss;
    if (!(n->what & (DW_NEWS_ADVANCED | DW_NEWS_SACKED)) && !s->ts_advanced) return;
    const dw_tcp_delivery d = {.segments = t->rec->segments ? units : (units + mss - 1) / mss,
                               .octets = n->octets,
                               .handshake = handshake};
    n->marked = dw_tcp_accurate_acked(t, s, &d);
    if (n->marked > 0) n->what |= DW_NEWS_ECE;
}

void dw_tcp_news_marks(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, bool handshake, bool old)
{
    if (!t->accurate) {
        n->marked_octets = dw_tcp_ecn_marked(t, s, n->delivered * dw_tcp_unit(t));
        return;
    }
    if (s && !old) take_accurate(t, s, n, handshake);
    n->marked_octets = n->marked * t->snd_mss;
}
