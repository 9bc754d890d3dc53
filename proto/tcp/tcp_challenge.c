/* RFC 5961: what is not acceptable is answered by an acknowledgment, though not without end. */
#include "tcp_challenge.h"
#include "tcp_rules.h"
#include "tcp_segment.h"

bool dw_tcp_may_challenge(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_time now = dw_tcp_now(t);
    if (p->challenge_limit == 0) return true;
    if (t->challenges == 0 || now - t->challenge_at >= p->challenge_period) {
        t->challenge_at = now;
        t->challenges = 0;
    }
    return t->challenges++ < p->challenge_limit;
}

/* An ACK with the numbers of the segment that it answers (a defect): the peer finds it as wrong as
 * we found its own. */
static void echo(dw_tcb *t, const dw_seg *s)
{
    uint32_t snd_nxt = t->snd_nxt, rcv_nxt = t->rcv_nxt;
    dw_tcp_rule_empty_reply(t);
    t->snd_nxt = s->ack;
    t->rcv_nxt = s->seq;
    dw_tcp_send_ack(t, CAUSE(CHALLENGE_ACK));
    t->snd_nxt = snd_nxt;
    t->rcv_nxt = rcv_nxt;
    t->ack_now = false;
}

int dw_tcp_ack_and_drop(dw_tcb *t, dw_seg *s, const dw_cause *drop, const dw_cause *why)
{
    s->drop = drop;
    t->answers_alone = t->tcp->profile.drop_answers_alone;
    /* RFC 5961 section 7: what takes no sequence numbers, and what an attacker might send, is
     * answered only so often.  Repeated data, SYN,ACK and FIN always are: their sender waits. */
    bool empty = s->text_len == 0 && !(s->flags & (DW_TCP_FIN | DW_TCP_SYN));
    bool challenge = why == CAUSE(CHALLENGE_ACK);
    bool suspect = empty || (challenge && !(s->flags & DW_TCP_ACK));
    if (t->tcp->profile.challenge_all && challenge) suspect = true;
    if (suspect && !dw_tcp_may_challenge(t)) {
        s->drop = CAUSE(DROP_CHALLENGE_LIMITED);
        return DROP;
    }
    t->ack_now = true;
    t->ack_cause = why;
    t->answering_empty = empty && !(s->flags & DW_TCP_RST);
    if (DEFECT(t, ECHO_CHALLENGE) && s->flags & DW_TCP_ACK && empty) echo(t, s);
    return DROP;
}
