/* Flows and slices in a fingerprint. */
#include "drywire/fingerprint.h"

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
