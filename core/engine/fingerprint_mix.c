/* What plugins mix into a fingerprint: timers, packets, slices, flows, sockets. */
#include "fingerprint.h"

#include "base/rng.h"
#include "drywire/plugin.h"
#include "packet/dissect.h"

#include <stdio.h>

void dw_fp_unknown(dw_fingerprint *fp, const char *what)
{
    dw_mixing *m = dw_mixing_of(fp);
    if (m->status != DW_OK) return;
    m->status = DW_E_NOENT;
    snprintf(m->what, sizeof m->what, "%s", what);
}

void dw_fp_timer(dw_fingerprint *fp, const dw_timer *timer)
{
    const dw_event *e = timer->event;
    dw_fp_time(fp, timer->expires);
    dw_fp_u64(fp, e ? dw_mixing_rank(dw_mixing_of(fp), e->at, e->order) : UINT64_MAX);
}

void dw_fp_rng(dw_fingerprint *fp, const dw_rng *rng)
{
    dw_fp_bytes(fp, rng->s, sizeof rng->s);
}

void dw_fp_flow(dw_fingerprint *fp, const dw_flow *f)
{
    DW_FP_MEMBERS(fp, f, local, tos); /* dw_addr has no padding */
    dw_fp_u64(fp, (uint64_t)f->udp_local << 24 | (uint64_t)f->udp_remote << 8 | f->may_fragment);
    dw_fp_u64(fp, f->route ? f->route->count : UINT64_MAX);
    if (f->route) dw_fp_bytes(fp, f->route->hop, f->route->count * sizeof f->route->hop[0]);
}

/* Generated octets are named, not made. */
void dw_fp_slices(dw_fingerprint *fp, const dw_slice *slices, size_t count)
{
    dw_fp_u64(fp, count);
    for (size_t i = 0; i < count; i++) {
        const dw_slice *s = &slices[i];
        dw_fp_u64(fp, (uint64_t)s->len << 1 | s->buf->generated);
        if (s->buf->generated) {
            dw_fp_u64(fp, s->buf->seed);
            dw_fp_u64(fp, s->offset);
        } else {
            dw_fp_bytes(fp, s->buf->bytes + s->offset, s->len);
        }
    }
}

void dw_fp_socket(dw_fingerprint *fp, const dw_socket *s)
{
    dw_fp_u64(fp, (uint64_t)s->events << 8 | (uint64_t)s->ready << 3 | (uint64_t)s->listening << 2 |
                      (uint64_t)s->read_shut << 1 | (s->notify != NULL));
    dw_fp_conn(fp, s->conn);
}

void dw_fp_conn(dw_fingerprint *fp, uint32_t conn)
{
    if (DW_UNLIKELY(dw_mixing_of(fp)->asks_conn)) dw_fp_u64(fp, conn);
}

/* Where a header's protocol has told all of it, the index of the next one; else the same index. */
static uint8_t mix_header(dw_mixing *m, const dw_packet *p, uint8_t layer, uint16_t number,
                          uint8_t at, uint8_t *next)
{
    const dw_protocol_ops *ops = dw_protocol_numbered(m->sim->plugins, layer, number);
    if (!ops || !DW_OFFERS(dw_protocol_ops, ops, fingerprint_header)) return at;
    return ops->fingerprint_header(p, at, next, &m->fp);
}

static void mix_headers(dw_mixing *m, const dw_packet *p)
{
    uint8_t at = p->head_start, transport = 0, none = 0;
    uint8_t after = at;
    if (p->network_at == at)
        after = mix_header(m, p, DW_LAYER_NETWORK, p->protocol, at, &transport);
    if (after != at && transport)
        after = mix_header(m, p, DW_LAYER_TRANSPORT, transport, after, &none);
    dw_fp_u64(&m->fp, (uint64_t)(p->head_end - p->head_start) << 8 | (uint8_t)(after - at));
    dw_fp_bytes(&m->fp, p->head + after, (size_t)(p->head_end - after));
}

void dw_fp_packet(dw_fingerprint *fp, const dw_packet *p)
{
    dw_mixing *m = dw_mixing_of(fp);
    dw_fp_u64(fp, (uint64_t)p->protocol << 48 | (uint64_t)p->gso_size << 32 |
                      (uint64_t)p->checksum << 16 | (uint64_t)(p->faulted && m->hops) << 8 |
                      p->may_fragment);
    mix_headers(m, p);
    dw_fp_slices(fp, p->slice, p->slice_count);
    dw_fp_conn(fp, p->conn);
    if (DW_UNLIKELY(m->asks_packet)) dw_mix_asked_packet(m, p);
    if (DW_UNLIKELY(m->asks_program && m->hops)) dw_fp_text(fp, p->cause ? p->cause->name : NULL);
}
