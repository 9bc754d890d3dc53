/* Fingerprints: 128 bits of everything that a simulation's future depends on, for explorers of
 * schedules that meet the same state more than once.
 *
 * Sound before strong: two states that could go on differently have different fingerprints, up to a
 * collision of 128 bits (XXH3).  States that differ in absolute time, in the numbers of packets,
 * connections and events, in IP's identification, in statistics and in the trace alone have the
 * same one.  Where nobody can tell whether a difference matters, it counts.
 *
 * What a simulation cannot see is not in it: what the program keeps (its own variables, a
 * coroutine's place, what a predicate of a rule or an intercept goes by).  A program that depends
 * on any of this mixes it in by itself (dw_fingerprint_options.program); one whose decisions follow
 * from the calls it has made and their results may mix in those, as DW_TRACE_CALL tells them. What
 * is left of limits of the run that somebody chose is (dw_sim_config.limit, .max_events); of the
 * default limit only where it is asked for (dw_fingerprint_options.limited). */
#ifndef DRYWIRE_FINGERPRINT_H
#define DRYWIRE_FINGERPRINT_H

#include "packet.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dw_fingerprint dw_fingerprint;

/* What mixing needs of the core.  Plugins use the functions below. */
typedef struct dw_fingerprint_core {
    void (*drain)(dw_fingerprint *fp); /* make room for DW_FP_ROOM octets */
    uint64_t (*rank)(dw_fingerprint *fp, const dw_event *event); /* among all that waits */
    void (*packet)(dw_fingerprint *fp, const dw_packet *packet);
    void (*unknown)(dw_fingerprint *fp, const char *what);
} dw_fingerprint_core;

/* What is being mixed. */
struct dw_fingerprint {
    uint8_t *at, *end; /* where the next octet goes, and where the room ends */
    dw_time now;
    const dw_fingerprint_core *core;
    bool opening;   /* a connection may yet be opened: see dw_fp_may_open */
    bool by_clock;  /* ... which would tell the absolute time: see dw_fp_opens_by_clock */
    bool asks_conn; /* a rule asks for connections by number */
};

typedef struct dw_fingerprint_options {
    size_t size; /* DW_INIT(dw_fingerprint_options) */
    /* The program opens no connection any more.  A connection that is yet to be opened takes its
     * first sequence number from a clock (RFC 6528), so states at different times are different
     * ones as long as there may be one.  With this, that is so only while an active opening is
     * under way, or a packet that could begin one. */
    bool opens_no_more;
    /* Runs may come near the simulation's limit: what is left of it counts, too. */
    bool limited;
    /* Mixes in what the program itself keeps; NULL: nothing. */
    void (*program)(dw_fingerprint *into, void *arg);
    void *arg;
} dw_fingerprint_options;

/* The fingerprint of a simulation.  To be asked for between two events: outside of dw_sim_run, from
 * a function given to dw_sim_after_event, or, of what is then still to be told to sockets, from
 * dw_socket_notify, dw_sim_at and timers.  Lists of what an event has still to do (dw_sim_defer,
 * what sockets are to be told) are normally empty then.  options NULL: the defaults.
 *
 * DW_OK; DW_E_BUSY from the middle of an event, or while calls wait for its end (dw_sim_defer);
 * DW_E_NOENT, with a sentence, where something cannot tell its state: a protocol or a congestion
 * control without the function for it, or a foreign stack; DW_E_INVAL for options of a later
 * version; DW_E_NOMEM, DW_E_LIMIT.  On failure out is left untouched. */
DW_API int dw_sim_fingerprint(dw_sim *sim, const dw_fingerprint_options *options, uint64_t out[2]);

/* Mixing.  Order counts, so a list is its length and then what is in it, and what may be missing is
 * whether it is there, and then what it is. */

#define DW_FP_ROOM ((size_t)256)

/* Octets.  Not those of a whole struct with padding, whose octets are nobody's. */
static inline void dw_fp_bytes(dw_fingerprint *fp, const void *bytes, size_t len)
{
    const uint8_t *from = (const uint8_t *)bytes;
    while (len > 0) {
        size_t n = len < DW_FP_ROOM ? len : DW_FP_ROOM;
        if ((size_t)(fp->end - fp->at) < n) fp->core->drain(fp);
        memcpy(fp->at, from, n);
        fp->at += n;
        from += n;
        len -= n;
    }
}

static inline void dw_fp_u64(dw_fingerprint *fp, uint64_t value)
{
    dw_fp_bytes(fp, &value, sizeof value);
}

/* The members of a struct from one to another, between which there is no padding. */
#define DW_FP_MEMBERS(fp, s, first, last)                                                          \
    dw_fp_bytes((fp), &(s)->first,                                                                 \
                (size_t)((const char *)&(s)->last - (const char *)&(s)->first) + sizeof(s)->last)

/* A point in time, from now; DW_TIME_NEVER stays that. */
static inline void dw_fp_time(dw_fingerprint *fp, dw_time at)
{
    dw_fp_u64(fp, (uint64_t)(at == DW_TIME_NEVER ? at : at - fp->now));
}

/* The same where 0 stands for none, and whoever reads it looks for that. */
static inline void dw_fp_since(dw_fingerprint *fp, dw_time at)
{
    if (at == 0)
        dw_fp_u64(fp, (uint64_t)1 << 63);
    else
        dw_fp_time(fp, at);
}

/* A point in time of which only matters whether, and when, it is yet to come. */
static inline void dw_fp_until(dw_fingerprint *fp, dw_time at)
{
    dw_fp_time(fp, at < fp->now ? fp->now : at);
}

/* NULL is another one than "". */
static inline void dw_fp_text(dw_fingerprint *fp, const char *text)
{
    size_t len = text ? strlen(text) : SIZE_MAX;
    dw_fp_u64(fp, len);
    if (text) dw_fp_bytes(fp, text, len);
}

/* A timer: when it fires, and its place among all events that wait. */
static inline void dw_fp_timer(dw_fingerprint *fp, const dw_timer *timer)
{
    dw_fp_time(fp, timer->expires);
    dw_fp_u64(fp, timer->event ? fp->core->rank(fp, timer->event) : UINT64_MAX);
}

/* A packet, from its first header that has not been read: by each protocol's fingerprint_header as
 * far as there is one, and the rest as it is. */
static inline void dw_fp_packet(dw_fingerprint *fp, const dw_packet *packet)
{
    fp->core->packet(fp, packet);
}

/* Of connections: the number in the trace, where a rule asks for it; else nothing. */
static inline void dw_fp_conn(dw_fingerprint *fp, uint32_t conn)
{
    if (DW_UNLIKELY(fp->asks_conn)) dw_fp_u64(fp, conn);
}

/* Addresses, ports and what else a flow says. */
DW_API void dw_fp_flow(dw_fingerprint *fp, const dw_flow *flow);
/* What slices hold, and where one ends and the next begins. */
DW_API void dw_fp_slices(dw_fingerprint *fp, const dw_slice *slices, size_t count);

/* This cannot be told.  what: `congestion control "x"`, copied. */
static inline void dw_fp_unknown(dw_fingerprint *fp, const char *what)
{
    fp->core->unknown(fp, what);
}

/* A connection may yet be opened ... */
static inline void dw_fp_may_open(dw_fingerprint *fp)
{
    fp->opening = true;
}

/* ... and if one is, something of it follows from the absolute time.  Both together make that
 * count.
 */
static inline void dw_fp_opens_by_clock(dw_fingerprint *fp)
{
    fp->by_clock = true;
}

/* The absolute time counts. */
static inline void dw_fp_clock(dw_fingerprint *fp)
{
    fp->opening = fp->by_clock = true;
}

#ifdef __cplusplus
}
#endif
#endif
