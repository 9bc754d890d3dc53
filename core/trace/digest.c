/* The digest of a trace: XXH3, 128 bits, over a canonical binary form of each event.  It is there
 * to tell runs apart, not to withstand forgery, and costs little enough to be computed for every
 * run.
 *
 * The form is: type, direction with the certainty above its bit, time, packet, node, link and
 * connection, the cause's name, then what the type has.  Integers are little-endian, texts have
 * their length in front.  Header bytes enter as they are; payload enters where an application sends
 * it (a hash in the call event), so that bulk data is not hashed again on every hop. */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct form {
    uint8_t bytes[640];
    size_t len;
    XXH3_state_t *hash;
} form;

static void put(form *f, const void *data, size_t len)
{
    if (len == 0) return;
    if (f->len + len > sizeof f->bytes) {
        XXH3_128bits_update(f->hash, f->bytes, f->len);
        f->len = 0;
    }
    if (len > sizeof f->bytes) {
        XXH3_128bits_update(f->hash, data, len);
        return;
    }
    memcpy(f->bytes + f->len, data, len);
    f->len += len;
}

static void put_int(form *f, uint64_t value, int bytes)
{
    uint8_t b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(value >> (8 * i)); /* one store, where that is so */
    put(f, b, (size_t)bytes);
}

static void put_text(form *f, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    put_int(f, len, 2);
    put(f, text, len);
}

static void put_addr(form *f, const dw_addr *a)
{
    put_int(f, a->family, 1);
    for (int i = 0; i < 4; i++)
        put_int(f, a->word[i], 4);
}

static void put_flow(form *f, const dw_flow *flow)
{
    put_addr(f, &flow->local);
    put_addr(f, &flow->remote);
    put_int(f, flow->local_port, 2);
    put_int(f, flow->remote_port, 2);
    put_int(f, flow->transport, 1);
}

/* The order and the widths are part of the digest: a change here changes every golden file. */
static void put_details(form *f, const dw_trace_event *e)
{
    switch (dw_trace_part(e)) {
    case DW_PART_NODE:
        put_text(f, e->u.node.name);
        put_addr(f, &e->u.node.addr);
        return;
    case DW_PART_LINK:
        put_int(f, e->u.link.a, 4);
        put_int(f, e->u.link.b, 4);
        for (int i = 0; i < 2; i++) {
            put_int(f, (uint64_t)e->u.link.delay[i], 8);
            put_int(f, e->u.link.rate[i], 8);
        }
        return;
    case DW_PART_CONN:
        put_text(f, e->u.conn.protocol);
        put_flow(f, &e->u.conn.flow);
        return;
    case DW_PART_PACKET:
        put_int(f, e->u.packet.other, 8);
        put_int(f, e->u.packet.payload_len, 4);
        put_int(f, e->u.packet.head_len, 2);
        put(f, e->u.packet.head, e->u.packet.head_len);
        return;
    case DW_PART_STATE:
        put_text(f, e->u.state.from);
        put_text(f, e->u.state.to);
        return;
    case DW_PART_VARIABLE:
        put_text(f, e->u.variable.name);
        put_int(f, (uint64_t)e->u.variable.value, 8);
        return;
    case DW_PART_TIMER:
        put_text(f, e->u.timer.name);
        put_int(f, (uint64_t)e->u.timer.at, 8);
        return;
    case DW_PART_CALL:
        put_text(f, e->u.call.name);
        put_text(f, e->u.call.detail);
        put_int(f, (uint64_t)e->u.call.value, 8);
        put_int(f, e->u.call.data_hash, 8);
        return;
    case DW_PART_NOTE: put_text(f, e->u.note.text); return;
    case DW_PART_NONE: return;
    }
}

void dw_trace_digest_event(dw_trace *trace, const dw_trace_event *e)
{
    if (e->type == DW_TRACE_DETAIL) return; /* who looks closely sees the same run */
    form f;
    f.len = 0;
    f.hash = &trace->hash;
    put_int(&f, e->type, 1);
    put_int(&f, (uint64_t)e->direction | (uint64_t)e->certainty << 1, 1);
    put_int(&f, (uint64_t)e->at, 8);
    put_int(&f, e->packet, 8);
    put_int(&f, e->node, 4);
    put_int(&f, e->link, 4);
    put_int(&f, e->conn, 4);
    put_text(&f, e->cause ? e->cause->name : NULL);
    put_details(&f, e);
    XXH3_128bits_update(f.hash, f.bytes, f.len);
}

void dw_trace_digest(const dw_trace *trace, char out[DW_DIGEST_TEXT])
{
    XXH128_hash_t h = XXH3_128bits_digest(&trace->hash);
    snprintf(out, DW_DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64,
             (uint64_t)h.low64);
}
