/* Rings of slices and segments (see tcp_queue.h). */
#include "tcp.h"

#include <stdlib.h>

/* Make room for one more in a ring of `size`-byte items, unrolling it to begin at index 0.  Of
 * connections that only ever send a SYN there may be many, so a ring begins with one slot; the next
 * step is four. */
static void *grown(void *items, uint32_t *head, uint32_t count, uint32_t *capacity, size_t size)
{
    uint32_t wider = *capacity * 2;
    if (*capacity == 0) wider = 1;
    if (*capacity == 1) wider = 4;
    char *fresh = malloc(wider * size);
    if (!fresh) return NULL;
    uint32_t first = *capacity - *head < count ? *capacity - *head : count;
    if (count) {
        memcpy(fresh, (char *)items + *head * size, first * size);
        memcpy(fresh + first * size, items, (count - first) * size);
    }
    free(items);
    *head = 0;
    *capacity = wider;
    return fresh;
}

/* Slices. */

static dw_slice *slice_at(const dw_slice_ring *r, uint32_t index)
{
    return &r->items[(r->head + index) & (r->capacity - 1)];
}

static bool make_room_for_slice(dw_slice_ring *r)
{
    if (r->count < r->capacity) return true;
    void *items = grown(r->items, &r->head, r->count, &r->capacity, sizeof(dw_slice));
    if (!items) return false;
    r->items = items;
    return true;
}

bool dw_slice_push(dw_slice_ring *r, dw_slice slice)
{
    if (slice.len == 0) {
        dw_buf_unref(slice.buf);
        return true;
    }
    dw_slice *last = r->count ? slice_at(r, r->count - 1) : NULL;
    if (last && last->buf == slice.buf && last->offset + last->len == slice.offset &&
        last->len <= UINT32_MAX - slice.len) {
        last->len += slice.len;
        r->bytes += slice.len;
        dw_buf_unref(slice.buf);
        return true;
    }
    if (!make_room_for_slice(r)) {
        dw_buf_unref(slice.buf);
        return false;
    }
    r->bytes += slice.len;
    r->count++;
    *slice_at(r, r->count - 1) = slice;
    return true;
}

dw_slice dw_slice_take(dw_slice_ring *r, uint32_t max)
{
    DW_ASSERT(r->count > 0);
    dw_slice *first = slice_at(r, 0);
    dw_slice taken = *first;
    if (taken.len > max) {
        taken.len = max;
        dw_buf_ref(taken.buf);
        first->offset += max;
        first->len -= max;
    } else {
        r->head = (r->head + 1) & (r->capacity - 1);
        r->count--;
    }
    r->bytes -= taken.len;
    return taken;
}

void dw_slice_clear(dw_slice_ring *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        dw_buf_unref(slice_at(r, i)->buf);
    free(r->items);
    *r = (dw_slice_ring){0};
}

/* Segments. */

static dw_segment *place(const dw_segment_ring *r, uint32_t at)
{
    return &r->items[(r->head + at) & (r->capacity - 1)];
}

dw_segment *dw_segment_at(const dw_segment_ring *r, uint32_t index)
{
    DW_ASSERT(index < r->count);
    return place(r, index < r->gap_at ? index : index + r->gap);
}

uint32_t dw_segment_index(const dw_segment_ring *r, const dw_segment *s)
{
    uint32_t at = ((uint32_t)(s - r->items) - r->head) & (r->capacity - 1);
    return at < r->gap_at ? at : at - r->gap;
}

/* Move all into new memory, with a gap. */
static bool lay_out(dw_segment_ring *r, uint32_t capacity, uint32_t gap_at, uint32_t gap)
{
    dw_segment *fresh = malloc(capacity * sizeof *fresh);
    if (!fresh) return false;
    for (uint32_t i = 0; i < r->count; i++)
        fresh[i < gap_at ? i : i + gap] = *dw_segment_at(r, i);
    free(r->items);
    *r = (dw_segment_ring){fresh, 0, r->count, capacity, gap_at, gap};
    return true;
}

static bool make_room_behind(dw_segment_ring *r)
{
    if (r->count + r->gap < r->capacity) return true;
    if (r->gap == 0) {
        void *items = grown(r->items, &r->head, r->count, &r->capacity, sizeof(dw_segment));
        if (items) r->items = items;
        return items != NULL;
    }
    uint32_t capacity = 2 * r->count > r->capacity ? 2 * r->capacity : r->capacity;
    return lay_out(r, capacity, r->gap_at, (capacity - r->count) / 2);
}

bool dw_segment_push(dw_segment_ring *r, dw_segment segment)
{
    if (!make_room_behind(r)) {
        dw_segment_release(&segment);
        return false;
    }
    r->count++;
    *place(r, r->count - 1 + r->gap) = segment;
    return true;
}

static bool move_gap(dw_segment_ring *r, uint32_t index)
{
    if (r->gap == 0) {
        uint32_t capacity = r->capacity ? r->capacity : 1;
        while (capacity < 2 * (r->count + 1))
            capacity *= 2;
        if (!lay_out(r, capacity, index, (capacity - r->count) / 2)) return false;
    }
    for (; r->gap_at > index; r->gap_at--)
        *place(r, r->gap_at - 1 + r->gap) = *place(r, r->gap_at - 1);
    for (; r->gap_at < index; r->gap_at++)
        *place(r, r->gap_at) = *place(r, r->gap_at + r->gap);
    return true;
}

bool dw_segment_insert(dw_segment_ring *r, uint32_t index, dw_segment segment)
{
    if (index == r->count) return dw_segment_push(r, segment);
    if (index == 0 && r->count + r->gap < r->capacity) { /* in front of all is free, too */
        r->head = (r->head - 1) & (r->capacity - 1);
        r->count++;
        r->gap_at++;
        r->items[r->head] = segment;
        return true;
    }
    if (!move_gap(r, index)) {
        dw_segment_release(&segment);
        return false;
    }
    *place(r, index) = segment;
    r->gap_at++;
    r->gap--;
    r->count++;
    return true;
}

uint32_t dw_segment_find(const dw_segment_ring *r, uint32_t seq)
{
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((int32_t)(seq - dw_segment_end(dw_segment_at(r, middle))) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Ranges. */

static dw_tcp_range *range_at(const dw_range_list *l, uint32_t index)
{
    return &l->items[l->first + index];
}

/* The first that ends at seq or later. */
static uint32_t find_range(const dw_range_list *l, uint32_t seq)
{
    uint32_t low = 0, high = l->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((int32_t)(range_at(l, middle)->to - seq) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void *dw_fifo_room(void *items, uint32_t *first, uint32_t count, uint32_t *capacity, size_t size)
{
    enum { MIN_SIZE = 8 };
    if (*first + count < *capacity) return items;
    if (*first > *capacity / 2) {
        memmove(items, (char *)items + *first * size, count * size);
        *first = 0;
        return items;
    }
    uint32_t wider = *capacity ? 2 * *capacity : MIN_SIZE;
    void *more = realloc(items, wider * size);
    if (more) *capacity = wider;
    return more;
}

static bool make_room(dw_range_list *l)
{
    void *items = dw_fifo_room(l->items, &l->first, l->count, &l->capacity, sizeof *l->items);
    if (items) l->items = items;
    return items != NULL;
}

bool dw_ranges_add(dw_range_list *l, uint32_t from, uint32_t to, dw_tcp_range *out)
{
    uint32_t at = find_range(l, from), end = at;
    dw_tcp_range r = {from, to};
    for (; end < l->count && (int32_t)(range_at(l, end)->from - r.to) <= 0; end++) {
        dw_tcp_range *o = range_at(l, end);
        if ((int32_t)(o->from - r.from) < 0) r.from = o->from;
        if ((int32_t)(o->to - r.to) > 0) r.to = o->to;
    }
    *out = r;
    if (end == at && !make_room(l)) return false;
    uint32_t tail = l->count - end;
    dw_tcp_range *place = range_at(l, at);
    if (end != at + 1) memmove(place + 1, range_at(l, end), tail * sizeof *place);
    l->count = at + 1 + tail;
    *place = r;
    return true;
}

void dw_ranges_cut(dw_range_list *l, uint32_t seq)
{
    while (l->count > 0 && (int32_t)(range_at(l, 0)->to - seq) <= 0) {
        l->first++;
        l->count--;
    }
    if (l->count == 0) l->first = 0;
}

void dw_ranges_clear(dw_range_list *l)
{
    free(l->items);
    *l = (dw_range_list){0};
}

dw_segment dw_segment_pop(dw_segment_ring *r)
{
    dw_segment first = *dw_segment_at(r, 0);
    if (r->gap_at > 0) r->gap_at--; /* or it stays in front */
    r->head = (r->head + 1) & (r->capacity - 1);
    r->count--;
    return first;
}

void dw_segment_release(dw_segment *segment)
{
    for (int i = 0; i < segment->slice_count; i++)
        dw_buf_unref(segment->slice[i].buf);
    segment->slice_count = 0;
}

void dw_segment_clear(dw_segment_ring *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        dw_segment_release(dw_segment_at(r, i));
    free(r->items);
    *r = (dw_segment_ring){0};
}

uint32_t dw_segment_end(const dw_segment *s)
{
    return s->seq + s->len + !!(s->flags & DW_TCP_SYN) + !!(s->flags & DW_TCP_FIN);
}

static bool make_one_piece(dw_segment *s)
{
    dw_buf *buf = dw_buf_new(NULL, s->len);
    if (!buf) return false;
    uint8_t *at = buf->bytes;
    for (int i = 0; i < s->slice_count; i++) {
        dw_slice_copy(&s->slice[i], at);
        at += s->slice[i].len;
    }
    dw_segment_release(s);
    s->slice[0] = (dw_slice){.buf = buf, .len = s->len};
    s->slice_count = 1;
    return true;
}

bool dw_segment_append(dw_segment *s, dw_slice slice)
{
    if (!slice.buf) return false;
    if (s->slice_count == 2 && !make_one_piece(s)) {
        dw_buf_unref(slice.buf);
        return false;
    }
    s->len += slice.len;
    s->slice[s->slice_count++] = slice;
    return true;
}

void dw_segment_trim_front(dw_segment *s, uint32_t n)
{
    DW_ASSERT(n <= s->len);
    s->seq += n;
    s->len -= n;
    while (n > 0) {
        dw_slice *first = &s->slice[0];
        uint32_t cut = n < first->len ? n : first->len;
        first->offset += cut;
        first->len -= cut;
        n -= cut;
        if (first->len > 0) break;
        dw_buf_unref(first->buf);
        s->slice[0] = s->slice[1];
        s->slice_count--;
    }
}

void dw_segment_trim_back(dw_segment *s, uint32_t n)
{
    DW_ASSERT(n <= s->len);
    s->len -= n;
    s->flags &= (uint8_t)~DW_TCP_FIN;
    while (n > 0) {
        dw_slice *last = &s->slice[s->slice_count - 1];
        uint32_t cut = n < last->len ? n : last->len;
        last->len -= cut;
        n -= cut;
        if (last->len > 0) break;
        dw_buf_unref(last->buf);
        s->slice_count--;
    }
}

bool dw_segment_split(dw_segment_ring *r, uint32_t index, uint32_t len)
{
    dw_segment back = *dw_segment_at(r, index);
    uint32_t whole = back.len;
    for (int i = 0; i < back.slice_count; i++)
        dw_buf_ref(back.slice[i].buf);
    dw_segment_trim_front(&back, len);
    if (!dw_segment_insert(r, index + 1, back)) return false;
    dw_segment_trim_back(dw_segment_at(r, index), whole - len);
    dw_segment *front = dw_segment_at(r, index);
    front->flags &= (uint8_t)~DW_TCP_PSH; /* what is said of the end is said of the back */
    front->marks &= (uint8_t) ~(DW_MARK_BURST_END | DW_MARK_RECORD_END);
    return true;
}

bool dw_segment_join(dw_segment *s, dw_segment *behind)
{
    bool all = true;
    for (int i = 0; i < behind->slice_count; i++) {
        if (all)
            all = dw_segment_append(s, behind->slice[i]);
        else
            dw_buf_unref(behind->slice[i].buf);
    }
    behind->slice_count = 0;
    s->flags |= behind->flags;
    s->marks |=
        behind->marks & (DW_MARK_BURST_END | DW_MARK_RECORD_END | DW_MARK_EVER_RETRANSMITTED);
    if (s->retransmits < behind->retransmits) s->retransmits = behind->retransmits;
    if (s->sent_at < behind->sent_at) s->sent_at = behind->sent_at;
    return all;
}

bool dw_segment_remove(dw_segment_ring *r, uint32_t index)
{
    if (!move_gap(r, index)) return false;
    r->gap++;
    r->count--;
    return true;
}
