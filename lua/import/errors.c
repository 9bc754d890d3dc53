/* What ICMP errors say: which packet was discarded on its way. */
#include "inference.h"

static const dw_cause returned = {
    .name = "icmp-error", .rfc = "RFC 792", .text = "an ICMP error returned it"};

/* The packet that an ICMP error quotes was discarded where it came from, unless the host itself had
 * no use for it: a closed port was reached. */
void import_weigh_errors(inference *m)
{
    for (size_t i = 0; i < m->error_count; i++) {
        const captured *e = m->errors[i];
        segment *quoted = NULL;
        for (size_t k = 0; k < m->count; k++) {
            segment *s = &m->segments[k];
            bool same = s->p->d.seq == e->quoted_seq &&
                        dw_addr_equal(&s->p->d.src, &e->quoted.local) &&
                        s->p->d.sport == e->quoted.local_port && s->p->at <= e->at;
            if (same && (!s->p->has_id || s->p->id == 0 || s->p->id == e->quoted_id)) quoted = s;
        }
        if (!quoted || e->error.kind == DW_NET_SOURCE_QUENCH) continue;
        quoted->returned = true;
        import_lost(quoted, DW_CERTAIN, &returned, NONE);
    }
}
