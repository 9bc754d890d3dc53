/* RFC 9293 sections 3.8.6 and 3.8.6.2.2: the receive window, from the SYN on. */
#include "tcp_window.h"
#include "tcp_pmtu.h"
#include "tcp_rcvbuf.h"

static uint8_t scale_for(uint32_t buffer)
{
    uint8_t shift = 0;
    while (shift < 14 && buffer >> shift > 65535)
        shift++;
    return shift;
}

/* The buffer that the window scale is for. */
static uint32_t buffer_to_come(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint32_t buffer = t->set->receive_buffer, clamp = t->set->window_clamp;
    if (!p->scale_fits_fixed_buffer || !t->receive_fixed) {
        if (buffer < p->receive_buffer_most) buffer = p->receive_buffer_most;
        if (buffer < p->scale_buffer) buffer = p->scale_buffer;
        if (buffer < p->receive_buffer_limit) buffer = p->receive_buffer_limit;
    }
    return clamp && clamp < buffer ? clamp : buffer;
}

/* What the first window says: the buffer, or the whole segments in it, as they are with the options
 * that every one of them has. */
void dw_tcp_first_window(dw_tcb *t, uint32_t options)
{
    uint32_t space = t->set->receive_buffer, clamp = t->set->window_clamp;
    uint32_t mss = t->rcv_mss > options ? t->rcv_mss - options : 1;
    bool whole = t->tcp->profile.window_whole_segments;
    if (clamp && clamp < space) space = clamp;
    if (whole && space > mss) space -= space % mss;
    /* Linux counts on all of it, though the field of a SYN cannot say as much. */
    uint32_t max = whole ? (uint32_t)65535 << t->rcv_wscale : 65535;
    t->rcv_wnd = space < max ? space : max;
    t->rcv_ssthresh = whole ? space : UINT32_MAX;
}

uint8_t dw_tcp_offered_scale(const dw_tcb *t)
{
    return scale_for(buffer_to_come(t));
}

void dw_tcp_size_receiver(dw_tcb *t)
{
    const dw_addr *to = &t->link.flow.remote;
    bool told = t->tcp->profile.mss_tells_path;
    uint32_t path = told ? dw_tcp_path_mss(t->tcp, to) : dw_tcp_link_mss(t->tcp, to);
    uint32_t limit = t->set->mss ? t->set->mss : t->tcp->profile.mss;
    t->rcv_mss = limit && limit < path ? limit : path;
    if (t->set->udp_port || t->link.flow.udp_remote) t->rcv_mss -= DW_TCP_UDP_SPACE;
    t->rcv_wscale = dw_tcp_offered_scale(t);
    dw_tcp_first_window(t, 0);
}

/* The receive window (3.8.6.2.2, MUST-39).  Its right edge moves only when it can move by a full
 * segment or half the buffer, and never to the left. */
uint32_t dw_tcp_receive_window(dw_tcb *t)
{
    if (t->tcp->profile.window_step == DW_TCP_STEP_FREE && dw_tcp_synchronized(t)) {
        uint32_t window = dw_tcp_rcvbuf_window(t);
        bool shrinks = t->tcp->profile.shrink_window && t->rcv_wscale > 0;
        return window > t->rcv_wnd || shrinks ? window : t->rcv_wnd;
    }
    uint32_t buffer = t->set->receive_buffer;
    uint32_t room = buffer > t->received.bytes ? buffer - t->received.bytes : 0;
    uint32_t max = (uint32_t)65535 << t->rcv_wscale, clamp = t->set->window_clamp;
    if (max > t->rcv_ssthresh) max = t->rcv_ssthresh;
    if (DW_UNLIKELY(clamp) && max > clamp) max = clamp;
    if (room > max) room = max;
    if (DW_UNLIKELY(t->tcp->profile.shrink_window)) {
        room = room > t->received.bytes ? room - t->received.bytes : 0;
        if (room < t->rcv_wnd) return room;
    }
    if (room <= t->rcv_wnd) return t->rcv_wnd;
    if (t->tcp->profile.window_step == DW_TCP_STEP_ANY) return room;
    uint32_t step = buffer / 2 < t->rcv_mss ? buffer / 2 : t->rcv_mss;
    return room - t->rcv_wnd >= step ? room : t->rcv_wnd;
}

/* What a window that is chosen anew would be, though the one that was offered may be wider. */
uint32_t dw_tcp_select_window(dw_tcb *t)
{
    if (t->tcp->profile.window_step != DW_TCP_STEP_FREE) return dw_tcp_receive_window(t);
    return dw_tcp_rcvbuf_window(t);
}

/* The window field, and rcv_wnd to fit.  Scaling rounds down (RFC 7323 2.3), unless that would take
 * back what was offered (SHLD-14): then the choice is between a window that shrinks and one that
 * promises up to a unit of the scale "beyond the buffer" (2.4), and is for the latter, as Linux's
 * (__tcp_select_window, tcp_select_window).  While nothing is read such units may add up. */
uint16_t dw_tcp_window_field(dw_tcb *t, uint8_t flags)
{
    uint32_t window = DW_UNLIKELY(t->squeezed) ? 0 : dw_tcp_receive_window(t);
    if (DW_UNLIKELY(window < t->rcv_wnd)) t->rcv_wnd = window; /* shrink_window, or no memory */
    if (flags & DW_TCP_SYN) {                                  /* never scaled, RFC 7323 2.2 */
        if (window > 65535) window = 65535;
        if (t->rcv_wnd < window) t->rcv_wnd = window;
        return (uint16_t)window;
    }
    uint32_t field = window >> t->rcv_wscale;
    bool up = t->tcp->profile.window_step != DW_TCP_STEP_SEGMENT;
    if (field << t->rcv_wscale < (up ? window : t->rcv_wnd)) field++;
    if (field > 65535) field = 65535;
    t->rcv_wnd = field << t->rcv_wscale;
    return (uint16_t)field;
}
