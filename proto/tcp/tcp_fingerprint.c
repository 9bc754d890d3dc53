/* The fingerprint of a host's TCP: its connections in the order in which they were made, listeners,
 * TIME-WAIT, what it remembers of others; and of its headers. */
#include "tcp_fingerprint.h"
#include "tcp_fastopen.h"
#include "tcp_listen.h"
#include "tcp_pmtu.h"
#include "tcp_table.h"
#include "tcp_timewait.h"
#include "tcp_wire.h"

#include <stdlib.h>

/* Connections. */

typedef struct list {
    dw_tcb **items;
    uint32_t count;
} list;

static int by_conn(const void *a, const void *b)
{
    uint32_t x = (*(dw_tcb *const *)a)->socket.conn, y = (*(dw_tcb *const *)b)->socket.conn;
    return x < y ? -1 : x > y;
}

static void gather(list *l, const dw_tcp_table *table)
{
    for (uint32_t b = 0; b < table->size; b++)
        for (dw_tcp_link *link = table->buckets[b]; link; link = link->next)
            l->items[l->count++] = dw_tcp_of_link(link);
}

/* The place in the list; its length for NULL. */
static uint32_t place_of(const list *l, dw_tcb *t)
{
    dw_tcb **found = t ? bsearch(&t, l->items, l->count, sizeof(dw_tcb *), by_conn) : NULL;
    return found ? (uint32_t)(found - l->items) : l->count;
}

static uint32_t place_of_listener(const dw_tcp *tcp, const dw_tcp_listener *wanted)
{
    uint32_t i = 0;
    for (const dw_tcp_listener *l = tcp->listeners; l && l != wanted; l = l->next)
        i++;
    return wanted ? i : UINT32_MAX;
}

static void connections(dw_fingerprint *fp, const dw_tcp *tcp, const list *l)
{
    dw_fp_u64(fp, l->count);
    for (uint32_t i = 0; i < l->count; i++) {
        const dw_tcb *t = l->items[i];
        if (t->state == DW_TCP_SYN_SENT) dw_fp_may_open(fp);
        dw_fp_u64(fp, place_of_listener(tcp, t->listener));
        dw_fp_u64(fp, t->parked != NULL);
        dw_tcp_fingerprint_tcb(t, fp);
    }
}

/* Listeners. */

static void queue(dw_fingerprint *fp, const list *l, dw_tcb *first)
{
    for (dw_tcb *t = first; t; t = t->queue_next)
        dw_fp_u64(fp, place_of(l, t));
    dw_fp_u64(fp, UINT64_MAX);
}

static void listeners(dw_fingerprint *fp, const dw_tcp *tcp, const list *l)
{
    for (const dw_tcp_listener *x = tcp->listeners; x; x = x->next) {
        dw_fp_u64(fp, 1);
        dw_fp_socket(fp, &x->socket);
        dw_fp_flow(fp, &x->flow);
        DW_FP_MEMBERS(fp, x, backlog, waiting);
        queue(fp, l, x->first);
        queue(fp, l, x->half_open);
        queue(fp, l, x->spare);
        dw_fp_u64(fp, (uint64_t)x->crashed << 1 | x->has_fast_key);
        if (x->has_fast_key) dw_fp_bytes(fp, x->fast_key, sizeof x->fast_key);
        for (const dw_tcp_inherited *i = x->inherited; i; i = i->next) {
            dw_fp_text(fp, i->name);
            dw_fp_text(fp, i->text);
        }
        dw_fp_text(fp, NULL);
    }
    dw_fp_u64(fp, 0);
}

/* TIME-WAIT.  What is kept for those who ask only does not count. */

static void time_wait(dw_fingerprint *fp, const dw_tcp_time_wait *w, const list *l)
{
    dw_time over = dw_time_add(w->challenge_at, w->tcp->profile.challenge_period);
    bool challenges = w->challenges > 0 && fp->now < over;
    dw_fp_flow(fp, &w->link.flow);
    dw_fp_timer(fp, &w->timer);
    dw_fp_conn(fp, w->conn);
    DW_FP_MEMBERS(fp, w, snd_nxt, iss);
    dw_tcp_fingerprint_stamp(fp, w->ts_recent);
    dw_fp_time(fp, w->ts_ok ? w->ts_recent_at : DW_TIME_NEVER);
    dw_fp_u64(fp, challenges ? w->challenges : 0);
    dw_fp_time(fp, challenges ? w->challenge_at : DW_TIME_NEVER);
    dw_fp_u64(fp, w->parked_by ? place_of(l, w->parked_by) : UINT64_MAX);
    DW_FP_MEMBERS(fp, w, snd_wnd, ecn_echo);
}

static void time_waits(dw_fingerprint *fp, const dw_tcp *tcp, const list *l)
{
    dw_fp_u64(fp, tcp->time_wait.count);
    for (const dw_tcp_time_wait *w = tcp->oldest_time_wait; w; w = w->newer)
        time_wait(fp, w, l);
}

/* What is remembered of others. */

static void cookies(dw_fingerprint *fp, const dw_tcp *tcp)
{
    for (const dw_tcp_cookie_entry *c = tcp->cookies; c; c = c->next) {
        dw_fp_u64(fp, 1);
        DW_FP_MEMBERS(fp, c, server, cookie);
    }
    dw_fp_u64(fp, 0);
}

static void paths(dw_fingerprint *fp, const dw_tcp *tcp)
{
    dw_fp_u64(fp, tcp->path_count);
    for (const dw_tcp_path *p = tcp->paths; p; p = p->next) {
        DW_FP_MEMBERS(fp, p, to, narrower);
        dw_fp_until(fp, p->until);
    }
}

/* The absolute time.  The clock of sequence numbers and SYN cookies for connections to come; the
 * cookies that are out; and where clocks that tick coarsely stand between two ticks. */
static void clocks(dw_fingerprint *fp, const dw_tcp *tcp)
{
    const dw_tcp_profile *p = &tcp->profile;
    bool scripted = tcp->isn_used < tcp->isn_count || HAS_DEFECT(p, FIXED_ISN);
    bool cookies = p->syn_full == DW_TCP_FULL_COOKIES || p->syn_cookies_always;
    bool asked_alone = tcp->listeners || fp->opening; /* a SYN comes, or the program opens one */
    if (asked_alone && (!scripted || cookies)) dw_fp_opens_by_clock(fp);
    if (tcp->made_cookies) dw_fp_clock(fp);
    dw_fp_u64(fp, (uint64_t)(p->timer_grain > 0 ? fp->now % p->timer_grain : 0));
    dw_fp_u64(fp, (uint64_t)(p->timestamps ? fp->now % DW_MILLISECOND : 0));
}

static void isn_script(dw_fingerprint *fp, const dw_tcp *tcp)
{
    uint32_t left = tcp->isn_count - tcp->isn_used;
    dw_fp_u64(fp, left);
    dw_fp_bytes(fp, tcp->isn_script + tcp->isn_used, left * sizeof tcp->isn_script[0]);
    dw_fp_bytes(fp, &tcp->isn_secret, sizeof tcp->isn_secret + sizeof tcp->fast_key);
}

static void host(dw_fingerprint *fp, const dw_tcp *tcp)
{
    dw_fp_bytes(fp, &tcp->profile, sizeof tcp->profile); /* a copy of one without any padding set */
    dw_fp_text(fp, tcp->congestion ? tcp->congestion->name : NULL);
    cookies(fp, tcp);
    paths(fp, tcp);
    dw_fp_u64(fp, (uint64_t)tcp->live << 2 | (uint64_t)tcp->reopening << 1 | tcp->checked);
    dw_fp_u64(fp, tcp->reopening ? tcp->reopen_above : 0);
    isn_script(fp, tcp);
    DW_FP_MEMBERS(fp, tcp, next_port, bound_ttl);
    clocks(fp, tcp);
}

void dw_tcp_fingerprint(void *instance, dw_fingerprint *fp)
{
    enum { FEW = 32 };
    dw_tcp *tcp = instance;
    dw_tcb *few[FEW];
    list l = {.items = few};
    uint32_t most = tcp->table.count + tcp->closed.count;
    if (most > FEW) l.items = malloc(most * sizeof(dw_tcb *));
    if (!l.items) {
        dw_tcp_no_memory(tcp);
        return;
    }
    gather(&l, &tcp->table);
    gather(&l, &tcp->closed);
    if (l.count > 1) qsort(l.items, l.count, sizeof(dw_tcb *), by_conn);
    connections(fp, tcp, &l);
    listeners(fp, tcp, &l);
    time_waits(fp, tcp, &l);
    host(fp, tcp);
    if (l.items != few) free(l.items);
}

/* Headers. */

/* Where the option with timestamps is; 0: there is none, or what is in front is not as it should
 * be.
 */
static uint32_t timestamp_at(const uint8_t *h, uint32_t len)
{
    for (uint32_t i = DW_TCP_HEADER; i < len;) {
        if (h[i] == DW_TCP_OPT_NOP) {
            i++;
            continue;
        }
        if (h[i] == DW_TCP_OPT_END || i + 2 > len || h[i + 1] < 2 || i + h[i + 1] > len) return 0;
        if (h[i] == DW_TCP_OPT_TIMESTAMP) return h[i + 1] == 10 ? i : 0;
        i += h[i + 1];
    }
    return 0;
}

/* A checksum that is still to be made holds; one that is there counts. */
uint8_t dw_tcp_fingerprint_header(const dw_packet *p, uint8_t at, uint8_t *next, dw_fingerprint *fp)
{
    enum { FLAGS_AT = 13, CHECKSUM_AT = 16, STAMPS = 8 };
    const uint8_t *h = p->head + at;
    uint32_t have = (uint32_t)p->head_end - at, len = 0;
    if (have >= DW_TCP_HEADER) len = (h[12] >> 4) * 4u;
    bool partial = p->checksum == DW_CHECKSUM_PARTIAL;
    if (len < DW_TCP_HEADER || len > have || (partial && p->checksum_at != at + CHECKSUM_AT))
        return at;
    if ((h[FLAGS_AT] & (DW_TCP_SYN | DW_TCP_ACK)) == DW_TCP_SYN) dw_fp_may_open(fp);
    uint32_t stamps = timestamp_at(h, len), until = len, from = len;
    if (stamps) {
        until = stamps + 2;
        from = until + STAMPS;
    }
    dw_fp_bytes(fp, h, CHECKSUM_AT);
    dw_fp_u64(fp, partial ? UINT64_MAX : dw_get16(h + CHECKSUM_AT));
    dw_fp_bytes(fp, h + CHECKSUM_AT + 2, until - CHECKSUM_AT - 2);
    if (stamps) {
        dw_tcp_fingerprint_stamp(fp, dw_get32(h + until));
        dw_tcp_fingerprint_stamp(fp, dw_get32(h + until + 4));
        dw_fp_u64(fp, (uint64_t)(fp->now % DW_MILLISECOND));
    }
    dw_fp_bytes(fp, h + from, len - from);
    *next = 0;
    return (uint8_t)(at + len);
}
