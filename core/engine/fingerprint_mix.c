/* What the core does for those who mix into a fingerprint: room, places among events, packets. */
#include "fingerprint.h"

#include "drywire/plugin.h"
#include "link.h"
#include "packet/dissect.h"
#include "rule.h"

#include <stdio.h>

XXH128_hash_t dw_mixing_hash(const dw_mixing *m)
{
    return XXH3_128bits(m->room, (size_t)(m->fp.at - m->room));
}

/* A full room becomes its hash, at the front of the next one. */
static void drain(dw_fingerprint *fp)
{
    dw_mixing *m = dw_mixing_of(fp);
    XXH128_hash_t hash = dw_mixing_hash(m);
    fp->at = m->room;
    dw_fp_u64(fp, hash.low64);
    dw_fp_u64(fp, hash.high64);
}

uint32_t dw_mixing_rank(const dw_mixing *m, dw_time at, uint64_t order)
{
    const dw_fp_place wanted = {at, order, NULL};
    uint32_t low = 0, high = m->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (dw_fp_before(&m->places[middle], &wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t rank(dw_fingerprint *fp, const dw_event *event)
{
    return dw_mixing_rank(dw_mixing_of(fp), event->at, event->order);
}

static void unknown(dw_fingerprint *fp, const char *what)
{
    dw_mixing *m = dw_mixing_of(fp);
    if (m->status != DW_OK) return;
    m->status = DW_E_NOENT;
    snprintf(m->what, sizeof m->what, "%s", what);
}

/* Packets. */

void dw_mix_direction_name(dw_mixing *m, const dw_direction *d)
{
    dw_fp_u64(&m->fp, (uint64_t)d->link->index << 1 | d->index);
}

/* Numbers of matching packets that are yet to come, counted from now. */
uint32_t dw_rule_still_to_come(const dw_rule *r, uint64_t left[DW_MATCH_NTH])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->match.nth_count; i++)
        if (r->match.nth[i] > r->matched) left[count++] = r->match.nth[i] - r->matched;
    return count;
}

bool dw_rule_may_act(const dw_rule *r)
{
    const dw_match *m = &r->match;
    uint64_t left[DW_MATCH_NTH];
    if (r->cancelled || (m->count && r->hits >= m->count)) return false;
    return m->nth_count == 0 || dw_rule_still_to_come(r, left) > 0;
}

static void mix_asked_packet(dw_mixing *m, const dw_packet *packet)
{
    for (uint32_t i = 0; i < m->sim->rules.count; i++) {
        const dw_rule *r = m->sim->rules.items[i];
        if (r->match.packet && dw_rule_may_act(r)) dw_fp_u64(&m->fp, r->match.packet == packet->id);
    }
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

static void packet(dw_fingerprint *fp, const dw_packet *p)
{
    dw_mixing *m = dw_mixing_of(fp);
    dw_fp_u64(fp, (uint64_t)p->protocol << 48 | (uint64_t)p->gso_size << 32 |
                      (uint64_t)p->checksum << 16 | (uint64_t)(p->faulted && m->hops) << 8 |
                      p->may_fragment);
    mix_headers(m, p);
    dw_fp_slices(fp, p->slice, p->slice_count);
    dw_fp_conn(fp, p->conn);
    if (DW_UNLIKELY(m->asks_packet)) mix_asked_packet(m, p);
    if (DW_UNLIKELY(m->asks_program && m->hops)) dw_fp_text(fp, p->cause ? p->cause->name : NULL);
}

const dw_fingerprint_core dw_mixing_core = {
    .drain = drain, .rank = rank, .packet = packet, .unknown = unknown};
