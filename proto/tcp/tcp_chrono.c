/* Where the time of a connection that has something to send goes, as Linux counts it (tcp_chrono):
 * it is busy while anything waits or is outstanding, and of that time one of three things at once
 * holds it back: the user's send buffer, the peer's window, or neither. */
#include "tcp_chrono.h"

static bool is_busy(const dw_tcb *t)
{
    if (t->unsent.bytes > 0) return true;
    return t->rtx.count > 0 && !(dw_segment_at(&t->rtx, 0)->flags & DW_TCP_SYN);
}

static enum dw_tcp_chrono now_is(const dw_tcb *t)
{
    if (!is_busy(t)) return DW_TCP_CHRONO_IDLE;
    if (t->sndbuf_limited) return DW_TCP_CHRONO_SNDBUF;
    return t->rwnd_limited ? DW_TCP_CHRONO_RWND : DW_TCP_CHRONO_BUSY;
}

void dw_tcp_chrono_look(dw_tcb *t)
{
    if (!is_busy(t)) t->sndbuf_limited = t->rwnd_limited = false;
    enum dw_tcp_chrono is = now_is(t);
    if (is == t->chrono) return;
    dw_time now = dw_tcp_now(t);
    t->chrono_spent[t->chrono] += now - t->chrono_at;
    t->chrono_at = now;
    t->chrono = (uint8_t)is;
}

void dw_tcp_chrono_info(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    dw_time spent[DW_TCP_CHRONOS];
    memcpy(spent, t->chrono_spent, sizeof spent);
    spent[t->chrono] += dw_tcp_now(t) - t->chrono_at;
    each(ctx, "busy_time_ns",
         spent[DW_TCP_CHRONO_BUSY] + spent[DW_TCP_CHRONO_RWND] + spent[DW_TCP_CHRONO_SNDBUF]);
    each(ctx, "rwnd_limited_ns", spent[DW_TCP_CHRONO_RWND]);
    each(ctx, "sndbuf_limited_ns", spent[DW_TCP_CHRONO_SNDBUF]);
}
