/* How much is sent at once, and how fast: segments that are handed to the network card together
 * (TSO), and pacing, which spreads them over the round trip.  Both as Linux does it; RFCs leave
 * them open, but for RFC 9438 section 5.5 and RFC 6928 appendix A, which advise pacing. */
#include "tcp_pace.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"

/* Octets a second: what the congestion control asks for, or the window over the round trip, twice
 * in slow start so that it can grow. */
uint64_t dw_tcp_pacing_rate(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (t->cc.pacing_rate) return t->cc.pacing_rate;
    if (t->srtt <= 0) return 0;
    uint64_t out = t->rec && t->rec->segments ? t->rec->out * t->snd_mss : dw_tcp_flight(t);
    uint64_t window = t->cc.cwnd > out ? t->cc.cwnd : out;
    uint64_t percent = t->cc.cwnd < t->cc.ssthresh / 2 ? p->pacing_ss_ratio : p->pacing_ca_ratio;
    uint64_t per_second = (uint64_t)DW_SECOND / 100 * percent;
    if (window > UINT64_MAX / per_second) return UINT64_MAX / (uint64_t)t->srtt;
    return window * per_second / (uint64_t)t->srtt;
}

/* More at once where the path is short, so that ACKs come as fast (tcp_tso_autosize). */
static uint64_t burst_of_short_path(const dw_tcb *t, uint64_t largest)
{
    enum { HALVES_AFTER_US = 512, NONE = 32 };
    if (!t->rec || t->rec->min_rtt == 0) return 0;
    dw_time halves = t->rec->min_rtt / 1000 / HALVES_AFTER_US;
    return halves < NONE ? largest >> halves : 0;
}

/* What would be sent in a millisecond (tcp_tso_segs). */
uint32_t dw_tcp_burst_max(const dw_tcb *t)
{
    enum { LARGEST = 65535 - 256 };
    uint32_t min = t->tcp->profile.push_every;
    if (min == 0) return 0;
    uint64_t rate = dw_tcp_pacing_rate(t), n = LARGEST / t->snd_mss;
    if (rate) n = (rate / 1024 + burst_of_short_path(t, LARGEST)) / t->snd_mss;
    if (n > LARGEST / t->snd_mss) n = LARGEST / t->snd_mss;
    return n > min ? (uint32_t)n : min;
}

/* Of new data, at most half the window. */
uint32_t dw_tcp_burst_segments(const dw_tcb *t)
{
    uint64_t cwnd = t->cc.cwnd / t->snd_mss, half = cwnd > 1 ? cwnd / 2 : 1;
    uint32_t max = dw_tcp_burst_max(t);
    return max < half ? max : (uint32_t)half;
}

/* Wait for the ACK that is about to come, so that more can be handed over at once?  Not when the
 * window has a good part free already, nor when the ACK is not that near. */
bool dw_tcp_burst_waits(const dw_tcb *t, uint32_t usable)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (p->push_every == 0 || p->tso_win_divisor == 0 || t->rtx.count == 0) return false;
    if (t->rec && t->cc.state >= DW_CONGESTION_RECOVERY) return false;
    dw_time now = dw_tcp_now(t);
    if (now - t->burst_at >= DW_MILLISECOND) return false;
    if (usable >= dw_tcp_burst_segments(t) * t->snd_mss) return false;
    uint64_t window = t->cc.cwnd < t->snd_wnd ? t->cc.cwnd : t->snd_wnd;
    if (usable >= window / p->tso_win_divisor) return false;
    dw_time near = t->srtt / 2 < DW_MILLISECOND ? t->srtt / 2 : DW_MILLISECOND;
    return dw_segment_at(&t->rtx, 0)->sent_at + t->srtt - now <= near;
}

/* Pacing.  A burst that left later than it might have is made up for, by half at most; the first
 * ten segments are not spread, as the initial window is meant to go at once (RFC 6928). */
void dw_tcp_burst_sent(dw_tcb *t, uint32_t octets, uint32_t segments)
{
    enum { UNPACED = 10 };
    dw_time now = dw_tcp_now(t), before = t->pace_at;
    t->burst_at = now;
    if (t->paced_segments < UNPACED) t->paced_segments += segments;
    if (!t->tcp->profile.pacing && !t->cc.pacing_rate) return;
    if (t->pace_at < now) t->pace_at = now;
    uint64_t rate = dw_tcp_pacing_rate(t);
    if (rate == 0 || t->paced_segments < UNPACED) return;
    dw_time gap = (dw_time)((uint64_t)octets * DW_SECOND / rate), late = t->pace_at - before;
    t->pace_at += gap - (late < gap / 2 ? late : gap / 2);
}

bool dw_tcp_pace_waits(dw_tcb *t)
{
    if (t->pace_at <= dw_tcp_now(t)) return false;
    if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_PACE))
        dw_tcp_timer_set(t, DW_TCP_TIMER_PACE, t->pace_at - dw_tcp_now(t), CAUSE(PACED));
    return true;
}
