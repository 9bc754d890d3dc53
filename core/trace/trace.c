/* The trace: one stream of typed events, kept in memory and hashed. */
#include "trace.h"

#include "base/escape.h"
#include "base/list.h"
#include "packet/buffer.h"
#include "packet/protocols.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_TAIL = 4 * 1024, HUGE_PAGE = 2 * 1024 * 1024, LARGEST_TAIL = HUGE_PAGE - 4096 };

int dw_trace_new(dw_trace **out, bool keep)
{
    dw_trace *trace = aligned_alloc(_Alignof(dw_trace), sizeof *trace); /* the hash is aligned */
    if (!trace) return DW_E_NOMEM;
    memset(trace, 0, sizeof *trace);
    trace->keep = keep;
    trace->plugins = dw_protocols_builtin();
    XXH3_INITSTATE(&trace->hash);
    XXH3_128bits_reset(&trace->hash);
    *out = trace;
    return DW_OK;
}

static void free_slices(dw_trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (!dw_trace_is_packet(e)) continue;
        for (int k = 0; k < e->u.packet.slice_count; k++)
            dw_buf_unref(e->u.packet.slices[k].buf);
    }
}

void dw_trace_free(dw_trace *trace)
{
    if (!trace) return;
    free_slices(trace);
    free(trace->events);
    for (dw_trace_tail *t = trace->tails; t;) {
        dw_trace_tail *next = t->next;
        free(t);
        t = next;
    }
    free(trace->nodes);
    free(trace->addresses);
    free(trace->links);
    free(trace->conns);
    free(trace->isn.rows);
    if (trace->release) trace->release(trace->release_arg);
    free(trace);
}

/* Large ones on large pages: half the cost of a long trace is the kernel handing out small ones. */
static dw_trace_tail *new_tail(size_t room)
{
    /* Whoever copies a whole event may read past one that is cut short. */
    size_t size = sizeof(dw_trace_tail) + room + sizeof(dw_trace_event);
    if (room < LARGEST_TAIL) return malloc(size);
    size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    dw_trace_tail *t = aligned_alloc(HUGE_PAGE, size);
#ifdef MADV_HUGEPAGE
    if (t) madvise(t, size, MADV_HUGEPAGE);
#endif
    return t;
}

/* Memory that lives as long as the trace. */
static void *tail_take(dw_trace *trace, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    dw_trace_tail *tail = trace->tails;
    if (!tail || tail->used + size > tail->size) {
        size_t room = tail ? tail->size * 2 : FIRST_TAIL;
        if (room > LARGEST_TAIL) room = LARGEST_TAIL;
        if (room < size) room = size;
        dw_trace_tail *t = new_tail(room);
        if (!t) return NULL;
        *t = (dw_trace_tail){.next = tail, .size = room};
        trace->tails = tail = t;
        trace->bytes += room;
    }
    void *block = tail->bytes + tail->used;
    tail->used += size;
    return block;
}

const char *dw_trace_intern(dw_trace *trace, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = tail_take(trace, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

const dw_cause *dw_trace_intern_cause(dw_trace *trace, const char *name, const char *rfc,
                                      const char *text)
{
    dw_cause *cause = tail_take(trace, sizeof *cause);
    if (!cause) return NULL;
    *cause = (dw_cause){.name = dw_trace_intern(trace, name)};
    if (rfc) cause->rfc = dw_trace_intern(trace, rfc);
    if (text) cause->text = dw_trace_intern(trace, text);
    return cause->name ? cause : NULL;
}

/* Things are numbered without gaps, so an event makes the next one or says more of an older. */
static bool index_add(const dw_trace_event ***list, uint32_t *count, uint32_t at,
                      const dw_trace_event *event)
{
    if (at > *count) return false; /* the event that made an earlier one was not kept */
    if (at == *count) {
        const dw_trace_event **grown = dw_list_room(*list, *count, sizeof *grown);
        if (!grown) return false;
        *list = grown;
        (*count)++;
    }
    (*list)[at] = event;
    return true;
}

/* However small the slice, the whole buffer stays. */
static void keep_buffer(dw_trace *trace, dw_buf *buf)
{
    dw_buf_ref(buf);
    if (buf->traced || buf->generated) return;
    dw_buf_discharge(buf);
    buf->traced = true;
    trace->bytes += buf->size;
}

/* Copy what the event points to and does not own. */
static bool copy_tails(dw_trace *trace, dw_trace_event *e)
{
    switch (dw_trace_part(e)) {
    case DW_PART_NODE: return (e->u.node.name = dw_trace_intern(trace, e->u.node.name)) != NULL;
    case DW_PART_CALL:
        if (!e->u.call.detail[0])
            e->u.call.detail = "";
        else
            e->u.call.detail = dw_trace_intern(trace, e->u.call.detail);
        return e->u.call.detail != NULL;
    case DW_PART_NOTE: return (e->u.note.text = dw_trace_intern(trace, e->u.note.text)) != NULL;
    case DW_PART_PACKET: break;
    case DW_PART_LINK:
    case DW_PART_CONN:
    case DW_PART_STATE:
    case DW_PART_VARIABLE:
    case DW_PART_TIMER:
    case DW_PART_NONE: return true;
    }
    size_t slices = e->u.packet.slice_count * sizeof(dw_slice);
    uint8_t *block = tail_take(trace, slices + e->u.packet.head_len);
    if (!block) return false;
    if (slices) memcpy(block, e->u.packet.slices, slices);
    if (e->u.packet.head_len) memcpy(block + slices, e->u.packet.head, e->u.packet.head_len);
    e->u.packet.slices = (const dw_slice *)(void *)block;
    e->u.packet.head = block + slices;
    for (int i = 0; i < e->u.packet.slice_count; i++)
        keep_buffer(trace, e->u.packet.slices[i].buf);
    return true;
}

/* How much of an event its type uses. */
static size_t event_size(enum dw_trace_part part)
{
    const dw_trace_event *e = NULL;
    size_t head = offsetof(dw_trace_event, u);
    switch (part) {
    case DW_PART_NODE: return head + sizeof e->u.node;
    case DW_PART_LINK: return head + sizeof e->u.link;
    case DW_PART_CONN: return head + sizeof e->u.conn;
    case DW_PART_PACKET: return head + sizeof e->u.packet;
    case DW_PART_STATE: return head + sizeof e->u.state;
    case DW_PART_VARIABLE: return head + sizeof e->u.variable;
    case DW_PART_TIMER: return head + sizeof e->u.timer;
    case DW_PART_CALL: return head + sizeof e->u.call;
    case DW_PART_NOTE: return head + sizeof e->u.note;
    case DW_PART_NONE: break;
    }
    return sizeof *e;
}

static dw_trace_event *keep(dw_trace *trace, const dw_trace_event *event)
{
    if (trace->count == trace->capacity) {
        size_t capacity = trace->capacity ? trace->capacity * 2 : 128;
        const dw_trace_event **events = realloc(trace->events, capacity * sizeof *events);
        if (!events) return NULL;
        trace->bytes += (capacity - trace->capacity) * sizeof *events;
        trace->events = events;
        trace->capacity = capacity;
    }
    size_t size = event_size(dw_trace_part(event));
    dw_trace_event *e = tail_take(trace, size);
    if (!e) return NULL;
    memcpy(e, event, size);
    return copy_tails(trace, e) ? e : NULL;
}

/* A host may have several addresses, each told by an event of its own. */
static bool index_address(dw_trace *trace, const dw_trace_event *e)
{
    const dw_trace_event **all = dw_list_room(trace->addresses, trace->address_count, sizeof *all);
    if (!all) return false;
    trace->addresses = all;
    all[trace->address_count++] = e;
    return true;
}

static bool index_event(dw_trace *trace, const dw_trace_event *e)
{
    if (e->type == DW_TRACE_NODE)
        return index_add(&trace->nodes, &trace->node_count, e->node, e) && index_address(trace, e);
    if (e->type == DW_TRACE_LINK) return index_add(&trace->links, &trace->link_count, e->link, e);
    if (e->type == DW_TRACE_CONN)
        return index_add(&trace->conns, &trace->conn_count, e->conn - 1, e);
    return true;
}

/* The text of an event that its maker was free to choose, or NULL. */
static const char **free_text(dw_trace_event *e)
{
    if (e->type == DW_TRACE_NODE) return &e->u.node.name;
    if (e->type == DW_TRACE_CALL) return &e->u.call.detail;
    return e->type == DW_TRACE_NOTE ? &e->u.note.text : NULL;
}

/* A trace holds UTF-8 alone, so that the file it is saved to says all that the digest covers: what
 * is none becomes U+FFFD before it is hashed. */
static int append_as_utf8(dw_trace *trace, const dw_trace_event *event)
{
    dw_trace_event e = *event;
    const char **text = free_text(&e);
    dw_text clean = {0};
    dw_text_escape(&clean, DW_IN_UTF8, *text);
    *text = clean.data;
    int status = clean.failed ? DW_E_NOMEM : dw_trace_append(trace, &e);
    dw_text_free(&clean);
    trace->failed |= status != DW_OK;
    return status;
}

int dw_trace_append(dw_trace *trace, const dw_trace_event *event)
{
    DW_ASSERT(event->type < DW_TRACE_TYPES);
    if (DW_UNLIKELY(trace->failed)) return DW_E_NOMEM; /* what there is has no gap */
    const char **text = free_text((dw_trace_event *)event);
    if (text && *text && !dw_is_utf8(*text)) return append_as_utf8(trace, event);
    if (trace->keep) {
        const dw_trace_event *e = keep(trace, event);
        if (DW_UNLIKELY(!e || !index_event(trace, e))) {
            trace->failed = true;
            return DW_E_NOMEM;
        }
        trace->events[trace->count++] = e;
    }
    dw_trace_digest_event(trace, event);
    return DW_OK;
}

int dw_trace_begin(dw_trace **out)
{
    return dw_trace_new(out, true);
}

/* The same in UTF-8, kept with the trace; false: no memory. */
static bool clean(dw_trace *trace, const char **name)
{
    dw_text text = {0};
    if (!*name || dw_is_utf8(*name)) return true;
    dw_text_escape(&text, DW_IN_UTF8, *name);
    *name = text.failed ? NULL : dw_trace_intern(trace, text.data);
    dw_text_free(&text);
    return *name != NULL;
}

/* Names that a program gives; a simulation's own have been looked at (plugin.c). */
static bool clean_names(dw_trace *trace, dw_trace_event *e)
{
    if (e->cause && !dw_is_utf8(e->cause->name)) {
        const char *name = e->cause->name;
        if (!clean(trace, &name)) return false;
        e->cause = dw_trace_intern_cause(trace, name, e->cause->rfc, e->cause->text);
        if (!e->cause) return false;
    }
    switch (dw_trace_part(e)) {
    case DW_PART_CONN: return clean(trace, &e->u.conn.protocol);
    case DW_PART_STATE: return clean(trace, &e->u.state.from) && clean(trace, &e->u.state.to);
    case DW_PART_VARIABLE: return clean(trace, &e->u.variable.name);
    case DW_PART_TIMER: return clean(trace, &e->u.timer.name);
    case DW_PART_CALL: return clean(trace, &e->u.call.name);
    case DW_PART_NODE: /* texts, which become UTF-8 when they are appended */
    case DW_PART_NOTE:
    case DW_PART_LINK:
    case DW_PART_PACKET:
    case DW_PART_NONE: break;
    }
    return true;
}

int dw_trace_add_or_say(dw_trace *trace, const dw_trace_event *event, char *why, size_t size)
{
    if (!dw_trace_allows(trace, event, why, size)) return DW_E_INVAL;
    bool packet = dw_trace_is_packet(event);
    if (packet && event->packet > trace->packets) trace->packets = event->packet;
    dw_trace_event e = *event;
    if (!packet) { /* a file says no more of other events than they have */
        e.packet = 0;
        e.direction = 0;
        if (e.type != DW_TRACE_LINK) e.link = UINT32_MAX;
    }
    if (clean_names(trace, &e)) return dw_trace_append(trace, &e);
    trace->failed = true;
    return DW_E_NOMEM;
}

int dw_trace_add(dw_trace *trace, const dw_trace_event *event)
{
    char why[100];
    return dw_trace_add_or_say(trace, event, why, sizeof why);
}

uint64_t dw_trace_bytes(const dw_trace *trace)
{
    return trace->bytes;
}

bool dw_trace_failed(const dw_trace *trace)
{
    return trace->failed || trace->isn.failed;
}
