/* Why an end sent octets again, as its capture shows it: what came in just before, or for how long
 * nothing did.  What fits no known reason stays a repetition, and no more is said. */
#include "reasons.h"

enum { DUPLICATES = 3 }; /* RFC 5681 3.2 */

static const dw_time AT_ONCE = 2 * DW_MILLISECOND;

static const dw_cause
    fast = {.name = "likely-fast-retransmit",
            .rfc = "RFC 5681 3.2",
            .text = "three duplicate ACKs, or more, had come in just before: likely a fast "
                    "retransmit"},
    timeout = {.name = "likely-timeout",
               .rfc = "RFC 6298 5.4",
               .text = "nothing had come in for a while, though it was outstanding: likely a "
                       "timeout"},
    hole = {.name = "likely-recovery",
            .rfc = "RFC 6582 3.2, RFC 6675 5",
            .text = "it was missing, too, when an ACK came in during recovery: likely what goes "
                    "again next"};

void reasons_receives(reasons *r, const segment *s)
{
    bool bare = s->p->d.len == 0 && !(flags_of(s) & (FLAG_SYN | FLAG_FIN | FLAG_RST));
    r->came_at = s->arrives;
    r->came = true;
    r->asked = (flags_of(s) & FLAG_SYN) != 0;
    if (!s->has_ack) return;
    if (!r->acked_known || s->ack > r->acked) {
        r->acked = s->ack;
        r->acked_known = true;
        r->duplicates = 0;
        if (r->acked >= r->recover) r->recovering = false;
    } else if (s->ack == r->acked && bare && r->top > r->acked &&
               (s->window == r->window || s->sack_count > 0 || s->has_dsack)) {
        r->duplicates++;
    }
    r->window = s->window;
}

static const dw_cause *why_again(const reasons *r, const segment *s)
{
    bool at_once = r->came && s->sent - r->came_at <= AT_ONCE;
    if (r->again && r->again_at == s->sent) return r->again == &fast ? &hole : r->again;
    if (at_once && r->asked) return NULL; /* a SYN came again, and is answered again */
    if (!at_once) return r->top > r->acked || !r->acked_known ? &timeout : NULL;
    if (r->recovering) return &hole;
    return r->duplicates >= DUPLICATES && s->seq <= r->acked ? &fast : NULL;
}

const dw_cause *reasons_sends(reasons *r, const segment *s)
{
    const dw_cause *why = s->kind == SEGMENT_AGAIN ? why_again(r, s) : NULL;
    if (s->kind == SEGMENT_AGAIN) {
        if (!r->recovering) r->recover = r->top;
        r->recovering = true;
        r->again = why;
        r->again_at = s->sent;
    }
    if (s->end > r->top) r->top = s->end;
    return why;
}
