/* RFC 4821 and RFC 2923: the path MTU without the help of ICMP.
 *
 * The search is Linux's (tcp_mtu_probing): between a size that gets through and one that may not, a
 * segment of the size in the middle is sent among new data.  When it is acknowledged segments are
 * so large from now on; when it alone is lost the search goes on below, and the congestion window
 * is left alone (RFC 4821 7.6.2), for it is no sign of congestion.
 *
 * Black holes, where whole segments vanish without a word, are found by the retransmission timer:
 * as Linux does (the search begins at a size that nearly every path takes, then half of that, and
 * so on) or as FreeBSD does (two sizes, each tried twice, and back to the old one). */
#include "tcp_plpmtu.h"
#include "tcp_giveup.h"
#include "tcp_pmtu.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_sack.h"
#include "tcp_scoreboard.h"
#include "tcp_send.h"
#include "tcp_state.h"

/* Probes. */

/* Nothing stands in the way of an experiment: no loss to repair, ACKs whose options do not grow,
 * and a window that hardly notices it. */
static bool quiet(const dw_tcb *t)
{
    enum { MIN_WINDOW = 11 };
    const dw_tcp_mtu *m = &t->mtu;
    if (m->probe_size || t->cc.state != DW_CONGESTION_OPEN || t->duplicate_acks > 0) return false;
    if (t->cc.cwnd / t->snd_mss < MIN_WINDOW) return false;
    return dw_tcp_sack_count(t, 1) == 0;
}

/* The size of the probe; 0: the search is over, or there is not enough to send behind it that its
 * loss would be found by ACKs. */
static uint32_t probe_size(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    const dw_tcp_mtu *m = &t->mtu;
    uint32_t range = m->search_high > m->search_low ? m->search_high - m->search_low : 0;
    uint32_t len = dw_tcp_mtu_to_mss(t, m->search_low + range / 2);
    if (range < p->probe_threshold || len > dw_tcp_mtu_to_mss(t, m->search_high)) {
        /* RFC 4821 7.7: later the path may be another one. */
        if (dw_tcp_now(t) - m->searched_at >= p->probe_interval)
            dw_tcp_mtu_search_above(t, t->snd_mss);
        return 0;
    }
    return len;
}

static uint32_t with_followers(const dw_tcb *t, uint32_t len)
{
    uint32_t behind = (t->rec ? t->rec->reordering : t->tcp->profile.duplicate_ack_threshold) + 1;
    return len + behind * t->snd_mss;
}

static void sent_probe(dw_tcb *t, uint32_t len)
{
    t->mtu.probe_size = dw_tcp_mss_to_mtu(t, len);
    t->mtu.probe_from = t->snd_nxt - len;
    t->mtu.probe_to = t->snd_nxt;
    /* It counts as one segment, and is more. */
    if (t->tcp->profile.cwnd_in_segments) t->cc.cwnd -= t->snd_mss;
    dw_tcp_note(t->tcp, t->socket.conn, CAUSE(MTU_PROBE));
}

bool dw_tcp_mtu_probe(dw_tcb *t)
{
    if (DW_LIKELY(!t->mtu.searching) || !quiet(t)) return false;
    uint32_t len = probe_size(t), needed = len ? with_followers(t, len) : 0;
    if (len == 0 || t->unsent.bytes < needed || t->snd_wnd < needed) return false;
    if (seq_lt(t->snd_una + t->snd_wnd, t->snd_nxt + needed)) return true;
    uint64_t out = t->rec ? dw_tcp_pipe(t->rec) * dw_tcp_unit(t) : dw_tcp_flight(t);
    if (out + 2 * (uint64_t)t->snd_mss > t->cc.cwnd) return out > 0;
    if (dw_tcp_send_long(t, len)) sent_probe(t, len);
    return false;
}

void dw_tcp_mtu_probe_acked(dw_tcb *t)
{
    dw_tcp_mtu *m = &t->mtu;
    if (DW_LIKELY(m->probe_size == 0) || seq_lt(t->snd_una, m->probe_to)) return;
    uint64_t segments = t->cc.cwnd / t->snd_mss;
    uint64_t fewer = segments * dw_tcp_mss_to_mtu(t, t->snd_mss) / m->probe_size;
    m->search_low = m->probe_size;
    m->probe_size = 0;
    uint32_t before = t->snd_mss;
    dw_tcp_sync_mss(t, m->path);
    if (t->snd_mss == before || !t->tcp->profile.cwnd_in_segments) return;
    /* As many octets as before, in larger segments. */
    t->cc.cwnd = (fewer ? fewer : 1) * t->snd_mss;
    uint64_t max = t->cc.cwnd / 4 * 3;
    if (t->cc.ssthresh < max) t->cc.ssthresh = max;
}

bool dw_tcp_mtu_probe_lost(dw_tcb *t)
{
    dw_tcp_mtu *m = &t->mtu;
    if (DW_LIKELY(m->probe_size == 0) || t->snd_una != m->probe_from) return false;
    if (t->cc.state >= DW_CONGESTION_CWR) return false;
    m->search_high = m->probe_size - 1;
    m->probe_size = 0;
    if (t->tcp->profile.cwnd_in_segments) t->cc.cwnd += t->snd_mss;
    dw_tcp_note(t->tcp, t->socket.conn, CAUSE(MTU_PROBE_LOST));
    dw_tcp_retransmit_first(t);
    return true;
}

/* Black holes. */

/* tcp_mtu_probing: the first time the search begins; then its lower end moves down. */
static void search_below(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_tcp_mtu *m = &t->mtu;
    uint32_t before = t->snd_mss;
    if (!m->searching) {
        m->searching = true;
        m->searched_at = dw_tcp_now(t);
    } else {
        uint32_t mss = dw_tcp_mtu_to_mss(t, m->search_low) / 2;
        if (mss > p->base_mss) mss = p->base_mss;
        if (mss < p->mtu_probe_floor) mss = p->mtu_probe_floor;
        if (mss < p->mss_least) mss = p->mss_least;
        m->search_low = dw_tcp_mss_to_mtu(t, mss);
    }
    dw_tcp_sync_mss(t, m->path);
    if (t->snd_mss < before) dw_tcp_note(t->tcp, t->socket.conn, CAUSE(BLACKHOLE));
}

/* The next smaller size, options included; in IPv6 there is but one, as every link takes it. */
static uint32_t smaller_mss(const dw_tcb *t, bool v6)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint32_t options = dw_tcp_usual_options(t), smaller = p->blackhole_mss;
    if (v6)
        smaller = p->blackhole_mss_v6;
    else if (t->snd_mss + options <= smaller)
        smaller = p->mss_default;
    return smaller > options ? smaller - options : smaller;
}

/* FreeBSD's tcp_timer_rexmt: each size has two chances; when all are lost alike it was no black
 * hole.  True: segments have another size now. */
static bool try_smaller(dw_tcb *t)
{
    enum { FIRST = 2, CHANCES = 2 };
    bool v6 = t->link.flow.remote.family == 6;
    bool open = t->state == DW_TCP_ESTABLISHED || t->state == DW_TCP_FIN_WAIT_1;
    bool full = dw_segment_at(&t->rtx, 0)->len >= t->snd_mss;
    uint32_t shift = t->retransmits, over = FIRST + CHANCES * (v6 ? 1 : 2);
    uint32_t mss = smaller_mss(t, v6);
    if (!open || shift < FIRST) return false;
    if (shift >= over) {
        if (t->mtu.usual_mss == 0) return false;
        dw_tcp_use_mss(t, t->mtu.usual_mss);
        t->mtu.usual_mss = 0;
        dw_tcp_note(t->tcp, t->socket.conn, CAUSE(NO_BLACKHOLE));
        return true;
    }
    if (shift % CHANCES || !full || mss >= t->snd_mss) return false;
    if (t->mtu.usual_mss == 0) t->mtu.usual_mss = t->snd_mss;
    dw_tcp_use_mss(t, mss);
    dw_tcp_note(t->tcp, t->socket.conn, CAUSE(BLACKHOLE));
    return true;
}

bool dw_tcp_suspect_black_hole(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (!dw_tcp_synchronized(t) || t->snd_wnd == 0) return false;
    if (p->mtu_probing != DW_TCP_MTU_PROBING_OFF && dw_tcp_r1_is_over(t)) search_below(t);
    return p->blackhole_detection && try_smaller(t);
}
