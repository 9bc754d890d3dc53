/* Rings of slices and of segments: first in, first out, with access from the front by index. */
#ifndef DW_TCP_QUEUE_H
#define DW_TCP_QUEUE_H

#include "drywire/plugin.h"

typedef struct dw_slice_ring {
    dw_slice *items;
    uint32_t head, count, capacity; /* capacity is a power of two, or 0 */
    uint32_t bytes;                 /* of all slices */
} dw_slice_ring;

/* What is known of a segment that is outstanding (tcp_scoreboard.c). */
enum dw_segment_mark {
    DW_MARK_SACKED = 1,             /* the receiver has it */
    DW_MARK_LOST = 2,               /* it is not under way, as far as can be told */
    DW_MARK_RETRANSMITTED = 4,      /* but it was sent again, and that is under way */
    DW_MARK_EVER_RETRANSMITTED = 8, /* it was sent more than once */
    DW_MARK_LISTED = 16,            /* it is in the list by time */
    DW_MARK_BURST_END = 32,         /* the last that was handed to the network card at once */
    DW_MARK_RECORD_END = 64,        /* a record of the user's ends with it (tcp_chain.h) */
    DW_MARK_UNDONE = 128,           /* it counted as lost, which was undone (undo_forgets) */
};

/* Where a number of a segment is expected and there is none.  Not in an enum: a constant that does
 * not fit int makes the others unsigned. */
#define DW_SEGMENT_NONE UINT32_MAX

/* A stretch of sequence space with its data: sent and not acknowledged, or received early. */
typedef struct dw_segment {
    uint32_t seq;
    uint32_t len;  /* octets of data */
    uint8_t flags; /* SYN and FIN take one number each */
    uint8_t slice_count;
    uint16_t retransmits;
    uint8_t marks;         /* bits of enum dw_segment_mark */
    uint32_t older, newer; /* neighbours in the list by time, by number, or DW_SEGMENT_NONE */
    union {
        uint32_t skip;  /* SACKed: a number from which to look for one that is not */
        uint32_t whole; /* came early: octets of the segment that it is the first part of */
    };
    dw_time sent_at; /* the last time */
    /* When it was sent last (tcp_rate.c): units delivered and when, since when the flight that it
     * belongs to was sent, units lost, and outstanding with it. */
    uint64_t delivered;
    dw_time delivered_at, first_sent_at; /* the former is -1 once it has arrived */
    union {
        struct {
            uint32_t lost_before, flight;
        };
        /* Of one that came early: what its buffer costs, and how much more would fit into it. */
        struct {
            uint32_t true_size, tail_room;
        };
    };
    bool limited; /* the user had nothing more to send */
    dw_slice slice[2];
} dw_segment;

/* A gap somewhere in it makes inserting cheap where the last insertion was not far. */
typedef struct dw_segment_ring {
    dw_segment *items;
    uint32_t head, count, capacity;
    uint32_t gap_at, gap; /* so many free places before the one with this index */
} dw_segment_ring;

/* A stretch of sequence space. */
typedef struct dw_tcp_range {
    uint32_t from, to;
} dw_tcp_range;

/* Stretches that neither overlap nor touch, in order. */
typedef struct dw_range_list {
    dw_tcp_range *items;
    uint32_t first, count, capacity;
} dw_range_list;

/* What may need memory returns false when there is none; what was to be kept is then given back,
 * and all else is as it was. */

/* Add a stretch; *out is the whole one that it is now part of. */
bool dw_ranges_add(dw_range_list *l, uint32_t from, uint32_t to, dw_tcp_range *out);
/* Forget those that end at seq or before. */
void dw_ranges_cut(dw_range_list *l, uint32_t seq);
void dw_ranges_clear(dw_range_list *l);

/* Room for one more at the end of a list that is emptied from in front: its items are
 * items[first .. first + count), of `size` octets each.  Returns them, where they are now. */
void *dw_fifo_room(void *items, uint32_t *first, uint32_t count, uint32_t *capacity, size_t size);

/* Append; a slice that continues the last one is merged with it.  Takes the reference. */
bool dw_slice_push(dw_slice_ring *r, dw_slice slice);
/* Take up to max bytes of the first slice, with a reference. */
dw_slice dw_slice_take(dw_slice_ring *r, uint32_t max);
void dw_slice_clear(dw_slice_ring *r);

dw_segment *dw_segment_at(const dw_segment_ring *r, uint32_t index);
/* The index of one that is in the ring. */
uint32_t dw_segment_index(const dw_segment_ring *r, const dw_segment *s);
/* Takes the references of the segment's data, as dw_segment_insert does. */
bool dw_segment_push(dw_segment_ring *r, dw_segment segment);
/* The first that ends after seq; r->count if none does. */
uint32_t dw_segment_find(const dw_segment_ring *r, uint32_t seq);
/* Insert before the one with this index. */
bool dw_segment_insert(dw_segment_ring *r, uint32_t index, dw_segment segment);
dw_segment dw_segment_pop(dw_segment_ring *r);
void dw_segment_clear(dw_segment_ring *r);
/* Cut the one with this index in two: the first keeps `len` octets. */
bool dw_segment_split(dw_segment_ring *r, uint32_t index, uint32_t len);
void dw_segment_release(dw_segment *segment);
/* Add what lies behind a segment to it; takes the references.  false: without all of its data. */
bool dw_segment_join(dw_segment *s, dw_segment *behind);
/* Take one out; its data is the caller's. */
bool dw_segment_remove(dw_segment_ring *r, uint32_t index);

/* The sequence number after a segment. */
uint32_t dw_segment_end(const dw_segment *s);
/* Add data to a segment; more than two pieces are copied into one.  Takes the reference. */
bool dw_segment_append(dw_segment *s, dw_slice slice);
/* Cut n octets of data off the front or the back. */
void dw_segment_trim_front(dw_segment *s, uint32_t n);
void dw_segment_trim_back(dw_segment *s, uint32_t n);

#endif
