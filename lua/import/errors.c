/* What ICMP errors say: which packet was discarded on its way. */
#include "inference.h"

static const dw_cause returned = {.name = "icmp-error", .rfc = "RFC 792", .text = "ICMP error"};

/* Whether an error may be about it: the same numbers and identification, not returned before, and
 * too long where that is what the error says. */
static bool is_quoted(const segment *s, const captured *e)
{
    const captured *p = s->p;
    bool numbered = p->has_id && p->id != 0;
    if (s->returned || p->at > e->at || p->d.seq != e->quoted_seq) return false;
    if (!dw_addr_equal(&p->d.src, &e->quoted.local) || p->d.sport != e->quoted.local_port)
        return false;
    if (e->error.kind == DW_NET_TOO_BIG && e->error.mtu && p->len <= e->error.mtu) return false;
    return !numbered || p->id == e->quoted_id;
}

/* The packet that an ICMP error quotes was discarded where it came from, unless the host itself had
 * no use for it: a closed port was reached. */
void import_weigh_errors(inference *m)
{
    for (size_t i = 0; i < m->error_count; i++) {
        const captured *e = m->errors[i];
        segment *quoted = NULL;
        for (size_t k = 0; k < m->count && !quoted; k++)
            if (is_quoted(&m->segments[k], e)) quoted = &m->segments[k];
        if (!quoted || e->error.kind == DW_NET_SOURCE_QUENCH) continue;
        quoted->returned = true;
        import_lost(quoted, DW_CERTAIN, &returned, NONE);
    }
}
