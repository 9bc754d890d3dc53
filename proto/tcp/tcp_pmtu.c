/* RFC 1191 and RFC 8201: the MTU of the path to each destination.
 *
 * It is the first link's until a router says that a packet was too big.  What it says is kept for
 * all connections to that destination, and only for those; it is forgotten after a while, and
 * larger segments are tried again (RFC 1191 6.3). */
#include "tcp_pmtu.h"
#include "tcp_state.h"

enum { MIN_IPV4 = 68, MIN_IPV6 = 1280 };

static uint32_t link_mtu(const dw_tcp *tcp, const dw_addr *to)
{
    enum { NO_ROUTE = 576 };
    dw_iface *iface = tcp->host->route(tcp->node, to);
    uint32_t mtu = iface ? tcp->host->iface_mtu(iface) : NO_ROUTE;
    return to->family == 4 && mtu > UINT16_MAX ? UINT16_MAX : mtu; /* the longest of IPv4 */
}

/* The host's memory. */

static dw_tcp_path *path_to(const dw_tcp *tcp, const dw_addr *to)
{
    dw_tcp_path *p = tcp->paths;
    while (p && !dw_addr_equal(&p->to, to))
        p = p->next;
    return p && p->until > tcp->host->now(tcp->node) ? p : NULL;
}

static void forget(dw_tcp *tcp, dw_tcp_path **at)
{
    dw_tcp_path *gone = *at;
    *at = gone->next;
    tcp->host->free(tcp->node, gone, sizeof *gone);
    tcp->path_count--;
}

void dw_tcp_paths_forget(dw_tcp *tcp)
{
    while (tcp->paths)
        forget(tcp, &tcp->paths);
    tcp->path_changes++;
}

/* What was known of this destination gives way, or what is older than all else. */
static void make_room(dw_tcp *tcp, const dw_addr *to)
{
    dw_tcp_path **at = &tcp->paths;
    while (*at && !dw_addr_equal(&(*at)->to, to) && ((*at)->next || tcp->path_count < DW_TCP_PATHS))
        at = &(*at)->next;
    if (*at) forget(tcp, at);
}

static void learn(dw_tcp *tcp, const dw_addr *to, uint32_t mtu, bool narrower)
{
    dw_time now = tcp->host->now(tcp->node), lasts = tcp->profile.pmtu_expires;
    make_room(tcp, to);
    dw_tcp_path *p = tcp->host->alloc(tcp->node, sizeof *p);
    if (!p) return;
    *p = (dw_tcp_path){.next = tcp->paths,
                       .to = *to,
                       .mtu = mtu,
                       .narrower = narrower,
                       .until = lasts ? dw_time_add(now, lasts) : DW_TIME_NEVER};
    tcp->paths = p;
    tcp->path_count++;
    tcp->path_changes++;
}

uint32_t dw_tcp_path_mtu(const dw_tcp *tcp, const dw_addr *to)
{
    uint32_t mtu = link_mtu(tcp, to);
    const dw_tcp_path *p = path_to(tcp, to);
    return p && p->mtu < mtu ? p->mtu : mtu;
}

static uint32_t mss_of(uint32_t mtu, const dw_addr *to)
{
    uint32_t headers = dw_tcp_headers(to);
    return mtu > headers ? mtu - headers : 1;
}

uint32_t dw_tcp_path_mss(const dw_tcp *tcp, const dw_addr *to)
{
    return mss_of(dw_tcp_path_mtu(tcp, to), to);
}

uint32_t dw_tcp_link_mss(const dw_tcp *tcp, const dw_addr *to)
{
    return mss_of(link_mtu(tcp, to), to);
}

/* The size of segments. */

/* Of IP, UDP and TCP, without options. */
static uint32_t headers_of(const dw_tcb *t)
{
    return dw_tcp_headers(&t->link.flow.remote) + (t->link.flow.udp_remote ? DW_TCP_UDP_SPACE : 0);
}

uint32_t dw_tcp_usual_options(const dw_tcb *t)
{
    return t->ts_ok && !DEFECT(t, P2525_18) ? DW_TCP_TIMESTAMP_SPACE : 0;
}

uint32_t dw_tcp_mtu_to_mss(const dw_tcb *t, uint32_t mtu)
{
    uint32_t headers = headers_of(t), min = t->tcp->profile.mss_least;
    uint32_t mss = mtu > headers ? mtu - headers : 1;
    if (t->mtu.peer_mss && mss > t->mtu.peer_mss) mss = t->mtu.peer_mss;
    if (mss < min) mss = min;
    uint32_t link = link_mtu(t->tcp, &t->link.flow.remote);
    if (mss + headers > link) mss = link > headers ? link - headers : 1;
    uint32_t options = dw_tcp_usual_options(t);
    return mss > options ? mss - options : mss;
}

uint32_t dw_tcp_mss_to_mtu(const dw_tcb *t, uint32_t mss)
{
    return mss + dw_tcp_usual_options(t) + headers_of(t);
}

uint32_t dw_tcp_told_mss(const dw_tcb *t, uint32_t told)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint32_t mss = told;
    if (mss == 0) mss = t->link.flow.remote.family == 6 ? p->mss_default_v6 : p->mss_default;
    if (mss < p->mss_least) mss = p->mss_least;
    return t->set->mss && t->set->mss < mss ? t->set->mss : mss;
}

/* A window of so many segments stays one of so many. */
static void rescale_window(dw_tcb *t, uint32_t mss)
{
    t->cc.cwnd = t->cc.cwnd / t->snd_mss * mss;
    t->cc.initial = t->cc.initial / t->snd_mss * mss;
    if (t->cc.ssthresh < UINT32_MAX) t->cc.ssthresh = t->cc.ssthresh / t->snd_mss * mss;
}

void dw_tcp_use_mss(dw_tcb *t, uint32_t mss)
{
    DW_ASSERT(mss > 0);
    if (mss == t->snd_mss) return;
    if (t->tcp->profile.cwnd_in_segments) rescale_window(t, mss);
    t->snd_mss = t->cc.mss = mss;
    dw_tcp_trace(t, "snd_mss", mss);
}

/* A search may be at a smaller size than the path is thought to take. */
static uint32_t mss_for(const dw_tcb *t, uint32_t mtu)
{
    uint32_t mss = dw_tcp_mtu_to_mss(t, mtu);
    if (!t->mtu.searching) return mss;
    uint32_t sure = dw_tcp_mtu_to_mss(t, t->mtu.search_low);
    return sure < mss ? sure : mss;
}

static void go_by(dw_tcb *t, uint32_t mtu)
{
    t->mtu.path = mtu;
    if (t->mtu.search_high > mtu) t->mtu.search_high = mtu;
}

void dw_tcp_sync_mss(dw_tcb *t, uint32_t mtu)
{
    go_by(t, mtu);
    dw_tcp_use_mss(t, mss_for(t, mtu));
}

/* Until when what is known now is good. */
static uint32_t look_up(dw_tcb *t)
{
    const dw_addr *to = &t->link.flow.remote;
    const dw_tcp_path *p = path_to(t->tcp, to);
    t->mtu.until = p ? p->until : DW_TIME_NEVER;
    t->link.flow.may_fragment = p && p->narrower;
    t->mtu.changes = t->tcp->path_changes;
    return dw_tcp_path_mtu(t->tcp, to);
}

/* The whole range, where nothing is known of what lies above the present size. */
void dw_tcp_mtu_search_above(dw_tcb *t, uint32_t mss)
{
    dw_tcp_mtu *m = &t->mtu;
    m->probe_size = 0;
    m->search_high = dw_tcp_mss_to_mtu(t, m->peer_mss) - dw_tcp_usual_options(t);
    if (m->search_high > m->path) m->search_high = m->path;
    m->search_low = dw_tcp_mss_to_mtu(t, mss);
    m->searched_at = dw_tcp_now(t);
}

/* The search for a larger MTU (tcp_plpmtu.c), where the profile searches from the beginning. */
static void begin_search(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_tcp_mtu_search_above(t, p->base_mss);
    t->mtu.searching = p->mtu_probing == DW_TCP_MTU_PROBING_ALWAYS;
}

/* Linux begins a search after it has chosen the size of a passive connection's first segments, so
 * that these are as large as the path's MTU. */
void dw_tcp_mtu_begin(dw_tcb *t, uint32_t told)
{
    uint32_t mtu = look_up(t);
    t->mtu.peer_mss = dw_tcp_told_mss(t, told);
    go_by(t, mtu);
    if (!t->passive) begin_search(t);
    t->snd_mss = t->cc.mss = mss_for(t, mtu);
    if (t->passive) begin_search(t);
}

/* Another connection learnt something, or what was known has been forgotten (RFC 1191 6.3). */
void dw_tcp_mtu_changed(dw_tcb *t)
{
    uint32_t mtu = look_up(t);
    if (t->folded || mtu == t->mtu.path || t->mtu.usual_mss) return;
    if (mtu > t->mtu.path && !t->tcp->profile.pmtu_grows) return;
    dw_tcp_sync_mss(t, mtu);
}

/* Too big. */

/* RFC 1191 section 7.1: "routers of the old style" tell no size, and the next lower plateau is
 * tried.  FreeBSD's table has IPv6's least in it; Linux goes down to its own least at once. */
static uint32_t untold(const dw_tcb *t)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002,    1492,
                                        1280,  1006,  508,  296,  MIN_IPV4};
    enum { COUNT = sizeof plateaus / sizeof plateaus[0] };
    const dw_tcp_profile *p = &t->tcp->profile;
    uint32_t size = dw_tcp_mss_to_mtu(t, t->snd_mss);
    if (p->pmtu_untold == DW_TCP_UNTOLD_MIN) return p->min_pmtu;
    for (size_t i = 0; i < COUNT; i++) {
        bool extra = plateaus[i] == MIN_IPV6 && p->pmtu_untold != DW_TCP_UNTOLD_FREEBSD;
        if (plateaus[i] < size && !extra) return plateaus[i];
    }
    return MIN_IPV4;
}

/* What the message means, or 0 where it means nothing.  A size that no link of IPv6 has "must be
 * discarded" (RFC 8201 4); of IPv4 it is a forgery, too (RFC 5927 7.1), unless the host has a least
 * of its own. */
static uint32_t meant(const dw_tcb *t, uint32_t told)
{
    uint32_t min = t->tcp->profile.min_pmtu;
    if (t->link.flow.remote.family == 6) return told < MIN_IPV6 ? 0 : told;
    uint32_t mtu = told ? told : untold(t);
    if (mtu >= min) return mtu;
    return min > MIN_IPV4 ? min : 0;
}

/* "The host MUST NOT ... increase its estimate" for such a message (RFC 1191 3). */
bool dw_tcp_too_big(dw_tcb *t, uint32_t told)
{
    dw_tcp *tcp = t->tcp;
    const dw_addr *to = &t->link.flow.remote;
    uint32_t mtu = meant(t, told), known = dw_tcp_path_mtu(tcp, to);
    if (!tcp->profile.pmtu_discovery || mtu == 0 || mtu > known) return false;
    if (t->link.flow.may_fragment) return false; /* then no router has reason to complain */
    bool narrower = to->family == 4 && told < mtu && tcp->profile.min_pmtu > MIN_IPV4;
    if (mtu < known) learn(tcp, to, mtu, narrower);
    if (!t->set->pmtu_discovery) return false; /* what is sent next will notice */
    look_up(t);
    if (mtu >= t->mtu.path) return false;
    go_by(t, mtu);
    uint32_t mss = mss_for(t, mtu);
    if (mss >= t->snd_mss) return false;
    dw_tcp_note(tcp, t->socket.conn, CAUSE(ICMP_TOO_BIG));
    dw_tcp_use_mss(t, mss);
    return true;
}
