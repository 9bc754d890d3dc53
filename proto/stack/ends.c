/* States from segments: figure 5 of RFC 9293, with each arrow taken when a segment shows it.
 *
 * A peer's FIN or RST counts when the stack's own segments show that it was taken, where they do;
 * a RST is answered by nothing, so one with the expected sequence number is believed. */
#include "ends.h"

#include "drywire/sim.h"

#include <string.h>

static void go(dw_end *e, enum dw_end_state to)
{
    e->state = (uint8_t)to;
    if (e->move_count < DW_END_MOVES) e->moves[e->move_count++] = (uint8_t)to;
}

/* The peer's FIN has been taken. */
static void peer_has_finished(dw_end *e)
{
    e->peer_fin = false;
    if (e->state == DW_END_SYN_RECEIVED || e->state == DW_END_ESTABLISHED)
        go(e, DW_END_CLOSE_WAIT);
    else if (e->state == DW_END_FIN_WAIT_1)
        go(e, DW_END_CLOSING);
    else if (e->state == DW_END_FIN_WAIT_2)
        go(e, DW_END_TIME_WAIT);
}

static void acknowledges(dw_end *e, uint32_t ack)
{
    if (!e->peer_syn || dw_seq_before(ack, e->acked)) return;
    e->acked = ack;
    e->owes = false;
    if (e->state == DW_END_SYN_SENT && e->syn_acked) go(e, DW_END_ESTABLISHED);
    if (e->peer_fin && ack == e->peer_end) peer_has_finished(e);
}

static void has_finished(dw_end *e, uint32_t end)
{
    if (e->own_fin) return;
    e->own_fin = true;
    e->own_end = end;
    if (e->state == DW_END_SYN_RECEIVED || e->state == DW_END_ESTABLISHED)
        go(e, DW_END_FIN_WAIT_1);
    else if (e->state == DW_END_CLOSE_WAIT)
        go(e, DW_END_LAST_ACK);
}

/* Sent again, a SYN begins nothing. */
static void opens(dw_end *e, const dw_end_segment *s)
{
    if (!e->own_syn) {
        e->own_syn = true;
        e->iss = e->snd_una = e->snd_nxt = s->seq;
        if (!s->acks) go(e, DW_END_SYN_SENT);
    }
    bool from = e->state == DW_END_CLOSED || e->state == DW_END_LISTEN ||
                (e->state == DW_END_SYN_SENT && !e->syn_acked);
    if (s->acks && from) go(e, DW_END_SYN_RECEIVED);
}

void dw_end_sent(dw_end *e, const dw_end_segment *s)
{
    uint32_t end = s->seq + s->len + s->syn + s->fin;
    e->move_count = 0;
    if (s->rst) {
        if (e->state != DW_END_CLOSED) go(e, DW_END_CLOSED);
        return;
    }
    if (s->syn) opens(e, s);
    if (dw_seq_before(e->snd_nxt, end)) e->snd_nxt = end;
    if (s->acks) acknowledges(e, s->ack);
    if (s->fin) has_finished(e, end);
}

/* Everything up to the acknowledgment has arrived, our SYN and FIN, too. */
static void is_acknowledged(dw_end *e, const dw_end_segment *s)
{
    if (!e->own_syn || !dw_seq_before(e->snd_una, s->ack)) return;
    if (dw_seq_before(e->snd_nxt, s->ack)) return;
    e->snd_una = s->ack;
    e->syn_acked = true;
    if (e->state == DW_END_SYN_RECEIVED) go(e, DW_END_ESTABLISHED);
    if (!e->own_fin || s->ack != e->own_end) return;
    if (e->state == DW_END_FIN_WAIT_1)
        go(e, DW_END_FIN_WAIT_2);
    else if (e->state == DW_END_CLOSING)
        go(e, DW_END_TIME_WAIT);
    else if (e->state == DW_END_LAST_ACK)
        go(e, DW_END_CLOSED);
}

static bool is_reset(const dw_end *e, const dw_end_segment *s)
{
    if (e->state == DW_END_SYN_SENT) return s->acks && s->ack == e->snd_nxt;
    return e->peer_syn && s->seq == e->acked;
}

void dw_end_received(dw_end *e, const dw_end_segment *s)
{
    e->move_count = 0;
    if (s->rst) {
        if (e->state == DW_END_CLOSED || !is_reset(e, s)) return;
        e->reset_by_peer = true;
        go(e, DW_END_CLOSED);
        return;
    }
    if (s->syn && !e->peer_syn) {
        e->peer_syn = true;
        e->irs = s->seq;
        e->acked = s->seq + 1;
    }
    if (s->len || s->fin || s->syn) e->owes = true;
    if (s->fin) {
        e->peer_fin = true;
        e->peer_end = s->seq + s->len + 1;
    }
    if (s->acks) is_acknowledged(e, s);
}

bool dw_end_outstanding(const dw_end *e)
{
    return e->own_syn && e->state != DW_END_CLOSED && dw_seq_before(e->snd_una, e->snd_nxt);
}

/* "SYN_RCVD" becomes "SYN-RCVD". */
static void as_written(const char *name, char *out, size_t size)
{
    size_t n = 0;
    for (; name[n] && n + 1 < size; n++) {
        char c = name[n] == '_' ? '-' : name[n];
        out[n] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    out[n] = 0;
}

enum dw_end_state dw_end_state_of(const char *name)
{
    const char *const *names = dw_protocol_builtin("tcp")->states;
    char own[24];
    as_written(name, own, sizeof own);
    if (strcmp(own, "SYN-RCVD") == 0) return DW_END_SYN_RECEIVED;
    for (int i = 0; i < DW_END_STATES; i++)
        if (strcmp(names[i], own) == 0) return (enum dw_end_state)i;
    return DW_END_STATES;
}
