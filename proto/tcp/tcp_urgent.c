/* RFC 9293 section 3.8.5: urgent data.
 *
 * "Urgent" is a point in the stream, not a second channel: everything before it is urgent, and is
 * read in its place (RFC 6093).  Variables hold the octet after the last urgent one. */
#include "tcp_urgent.h"
#include "tcp_state.h"

/* The user sent urgent data: it ends where the send buffer ends now (3.10.2). */
void dw_tcp_urgent_send(dw_tcb *t)
{
    t->snd_up = t->snd_nxt + t->unsent.bytes;
    t->snd_urgent = true;
    /* The peer must hear of it even when its window takes no data. */
    t->ack_now = dw_tcp_synchronized(t);
    t->ack_cause = CAUSE(URGENT);
}

bool dw_tcp_urgent_field(const dw_tcb *t, uint32_t seq, uint16_t *pointer)
{
    if (!t->snd_urgent || !seq_lt(seq, t->snd_up)) return false;
    uint32_t distance = t->snd_up - seq;
    if (t->tcp->profile.urgent_pointer == DW_TCP_URGENT_LAST) distance--;
    *pointer = (uint16_t)(distance < 65535 ? distance : 65535);
    return true;
}

/* Sixth, check the URG bit: RCV.UP <- max(RCV.UP, SEG.UP), and tell the user if that is news and
 * lies ahead of what has been read (MUST-32). */
void dw_tcp_urgent_arrives(dw_tcb *t, const dw_seg *s)
{
    uint32_t up = s->seq_first + s->urgent;
    if (t->tcp->profile.urgent_pointer == DW_TCP_URGENT_LAST) up++;
    if (t->rcv_urgent && seq_leq(up, t->rcv_up)) return;
    uint32_t read = t->rcv_nxt - t->received.bytes;
    if (seq_leq(up, read)) return;
    t->rcv_up = up;
    t->rcv_urgent = true;
    dw_tcp_tell(t, DW_SOCKET_URGENT);
}

uint32_t dw_tcp_urgent_left(const dw_tcb *t)
{
    uint32_t read = t->rcv_nxt - t->fin_received - t->received.bytes;
    return t->rcv_urgent && seq_lt(read, t->rcv_up) ? t->rcv_up - read : 0;
}
