/* The TCP connections of a capture: which segments belong together, who is who, and what went
 * wrong.
 *
 * A connection is known by its ends.  The same ends may have several, one after the other: a SYN
 * with another sequence number begins one when the old one is over, has been silent, or was never
 * answered (RFC 9293 3.6.1, RFC 6191); in the middle of one that lives it belongs to that, whose
 * host has been started anew (RFC 9293 figure 9). */
#include "connections.h"
#include "packet.h"

#include <stdlib.h>
#include <string.h>

#define SILENT_NS (30 * DW_SECOND) /* after which a SYN has nothing to do with what was before */
#define STALL_NS DW_SECOND

/* The two ends of a packet's connection, as its sender has them. */
typedef struct ends {
    const dw_addr *src, *dst;
    uint16_t sport, dport;
} ends;

static ends ends_of(const captured *p)
{
    if (p->icmp)
        return (ends){&p->quoted.local, &p->quoted.remote, p->quoted.local_port,
                      p->quoted.remote_port};
    return (ends){&p->d.src, &p->d.dst, p->d.sport, p->d.dport};
}

/* Which end sent it; -1: neither. */
static int side_of(const captured_conn *k, const ends *e)
{
    for (int i = 0; i < 2; i++)
        if (k->port[i] == e->sport && k->port[!i] == e->dport &&
            dw_addr_equal(&k->addr[i], e->src) && dw_addr_equal(&k->addr[!i], e->dst))
            return i;
    return -1;
}

/* The same for both directions. */
static uint64_t hash_of(const ends *e)
{
    uint64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        const dw_addr *addr = i ? e->dst : e->src;
        uint64_t h = (uint64_t)addr->family << 16 | (i ? e->dport : e->sport);
        for (int k = 0; k < 4; k++)
            h = (h ^ addr->word[k]) * 0x9e3779b97f4a7c15u;
        sum += h ^ h >> 29;
    }
    sum *= 0xbf58476d1ce4e5b9u;
    return sum ^ sum >> 32;
}

/* Where the newest connection between these ends stands, or would. */
static uint32_t *slot_of(const conn_table *t, const ends *e)
{
    size_t at = hash_of(e) & (t->size - 1);
    while (t->slots[at] && side_of(&t->conns[t->slots[at] - 1], e) < 0)
        at = (at + 1) & (t->size - 1);
    return &t->slots[at];
}

/* Room for one pair of ends more. */
static bool grow(conn_table *t)
{
    if (2 * (t->pairs + 1) < t->size) return true;
    conn_table larger = *t;
    larger.size = t->size ? 2 * t->size : 256;
    larger.slots = calloc(larger.size, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < t->size; i++) {
        if (!t->slots[i]) continue;
        const captured_conn *k = &t->conns[t->slots[i] - 1];
        ends e = {&k->addr[0], &k->addr[1], k->port[0], k->port[1]};
        *slot_of(&larger, &e) = t->slots[i];
    }
    free(t->slots);
    *t = larger;
    return true;
}

/* Which end a segment shows to be the server: SYN and SYN,ACK tell; else the end with the smaller
 * port is taken for it, which is the well-known one, if any is. */
static bool sent_by_server(const dw_dissection *d)
{
    if (d->flags & FLAG_SYN) return d->flags & FLAG_ACK;
    return d->sport < d->dport;
}

/* It becomes the newest one between its ends.  NULL: out of memory. */
static captured_conn *new_conn(conn_table *t, uint32_t *slot, const captured *p)
{
    const dw_dissection *d = &p->d;
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 64;
        captured_conn *grown = realloc(t->conns, capacity * sizeof *grown);
        if (!grown) return NULL;
        t->conns = grown;
        t->capacity = capacity;
    }
    uint32_t before = *slot;
    bool server = sent_by_server(d);
    captured_conn *k = &t->conns[t->count++];
    *k = (captured_conn){.told = d->flags & FLAG_SYN,
                         .before = before,
                         .nth = before ? t->conns[before - 1].nth + 1 : 0,
                         .file = p->file,
                         .first_file = p->file,
                         .first = p->at,
                         .last = p->at};
    k->addr[server] = d->src;
    k->addr[!server] = d->dst;
    k->port[server] = d->sport;
    k->port[!server] = d->dport;
    k->one_address = dw_addr_equal(&d->src, &d->dst);
    t->pairs += before == 0;
    *slot = (uint32_t)t->count;
    return k;
}

/* The ports had been asked who is the client, and a SYN says otherwise. */
static void swap_ends(captured_conn *k)
{
    dw_addr addr = k->addr[0];
    uint16_t port = k->port[0];
    uint64_t octets = k->octets[0];
    captured_end end = k->end[0];
    k->addr[0] = k->addr[1];
    k->addr[1] = addr;
    k->port[0] = k->port[1];
    k->port[1] = port;
    k->octets[0] = k->octets[1];
    k->octets[1] = octets;
    k->end[0] = k->end[1];
    k->end[1] = end;
}

/* Begin and end of connections. */

/* How far a sequence number is beyond the highest one that its sender has used. */
static int32_t beyond(const captured_end *own, uint32_t seq)
{
    return (int32_t)(seq - own->snd_nxt);
}

static bool in_window(const captured_end *own, const captured_end *peer, uint32_t seq)
{
    enum { MIN_WINDOW = 65535 };
    int64_t window = peer->max_window > MIN_WINDOW ? peer->max_window : MIN_WINDOW;
    return beyond(own, seq) <= window && beyond(own, seq) >= -window;
}

/* A SYN in a connection that there is: does it begin another one? */
static bool begins_anew(const captured_conn *k, int side, const captured *p)
{
    const captured_end *own = &k->end[side], *peer = &k->end[!side];
    bool ack = p->d.flags & FLAG_ACK, silent = p->at - k->last > SILENT_NS;
    if (own->has_isn && own->isn == p->d.seq) return false;
    if (ack && peer->has_isn && p->d.ack == peer->isn + 1) return false;
    /* It was captured behind what came after it. */
    if (!own->has_isn && own->has_seq && own->snd_nxt - p->d.seq <= 1) return false;
    if (k->ended) return true;
    if (silent) return !own->has_seq || !in_window(own, peer, p->d.seq);
    /* An answer with another number is a SYN cookie's; a SYN of the other end opens the same
     * connection from both (RFC 9293 figure 7); who gets no answer may try with another number. */
    return !ack && !k->answered && own->has_isn;
}

/* RFC 9293 3.10.7: a RST counts when its number may be in the window, or when it answers a SYN. */
static bool is_valid_reset(const captured_end *own, const captured_end *peer,
                           const dw_dissection *d)
{
    if (!own->has_seq || in_window(own, peer, d->seq)) return true;
    if (peer->has_ack && d->seq == peer->last_ack) return true;
    return d->flags & FLAG_ACK && d->seq == 0 && peer->has_seq && d->ack == peer->snd_nxt;
}

/* Of one direction alone its FIN is the end. */
static bool is_over(const captured_conn *k)
{
    if (k->end[0].fin && k->end[1].fin) return true;
    return !k->answered && (k->end[0].fin || k->end[1].fin);
}

/* Counting.  O(1) for each segment. */

static void read_syn_options(captured_end *e, const dw_dissection *d)
{
    tcp_option o;
    for (uint32_t at = 0; tcp_option_next(d, &at, &o);) {
        if (o.kind == OPTION_MSS && o.len == 2) e->mss = dw_get16(o.value);
        if (o.kind == OPTION_SCALE && o.len == 1)
            e->wscale = *o.value < MAX_SCALE ? *o.value : MAX_SCALE;
    }
}

static bool is_outstanding(const captured_end *own, const captured_end *peer)
{
    return own->has_seq && peer->has_ack && dw_seq_before(peer->last_ack, own->snd_nxt);
}

/* A SYN that nothing has answered is outstanding, too. */
static bool waits(const captured_conn *k)
{
    if (k->ended) return false;
    if (!k->answered) return k->end[0].has_isn || k->end[1].has_isn;
    return is_outstanding(&k->end[0], &k->end[1]) || is_outstanding(&k->end[1], &k->end[0]);
}

/* Octets below the highest number: sent again, or late.  A probe of a closed window, and one that
 * asks whether the peer lives (RFC 9293 3.8.4), are neither. */
static void count_again(captured_end *own, const captured_end *peer, const dw_dissection *d)
{
    uint32_t end = d->seq + d->len;
    if (!own->has_seq || d->len == 0 || !dw_seq_before(d->seq, own->snd_nxt)) return;
    bool all_acked = peer->has_ack && peer->last_ack == own->snd_nxt;
    bool closed = peer->has_ack && peer->window == 0;
    if (d->len == 1 && (closed || (all_acked && d->seq + 1 == own->snd_nxt))) return;
    uint32_t behind = own->snd_nxt - d->seq;
    own->retransmits++;
    own->retransmitted += dw_seq_before(own->snd_nxt, end) ? behind : d->len;
}

/* RFC 5681 2: no data, no SYN or FIN, the same number and window, and something is outstanding. */
static bool is_duplicate_ack(const captured_end *own, const captured_end *peer,
                             const dw_dissection *d)
{
    uint32_t others = FLAG_SYN | FLAG_FIN | FLAG_RST;
    return d->len == 0 && !(d->flags & others) && own->has_ack && d->ack == own->last_ack &&
           d->window == own->window && is_outstanding(peer, own);
}

static void count_ack(captured_end *own, const captured_end *peer, const dw_dissection *d)
{
    uint32_t window = d->window;
    if (!(d->flags & FLAG_SYN) && peer->has_isn) window <<= own->wscale;
    if (window > own->max_window) own->max_window = window;
    own->zero_windows += d->window == 0 && !(d->flags & (FLAG_SYN | FLAG_RST));
    if (d->flags & FLAG_ACK) {
        own->dup_acks += is_duplicate_ack(own, peer, d);
        if (!own->has_ack || dw_seq_before(own->last_ack, d->ack)) own->last_ack = d->ack;
        own->has_ack = true;
    }
    own->window = (uint16_t)d->window;
}

static void count_sequence(captured_end *own, const captured_end *peer, const dw_dissection *d)
{
    uint32_t end = d->seq + d->len + !!(d->flags & FLAG_SYN) + !!(d->flags & FLAG_FIN);
    if (d->flags & FLAG_SYN && !(own->has_isn && own->isn == d->seq)) {
        own->isn = d->seq;
        own->has_isn = true;
        own->has_seq = own->has_seq && d->seq + 1 == own->snd_nxt;
        read_syn_options(own, d);
    }
    count_again(own, peer, d);
    if (!own->has_seq || dw_seq_before(own->snd_nxt, end)) own->snd_nxt = end;
    own->has_seq = true;
    own->fin |= (d->flags & FLAG_FIN) != 0;
}

/* Segments longer than any on the wire, or than the receiver takes: a card splits or merges them.
 */
static bool is_offloaded(const captured_end *peer, const captured *p)
{
    enum { JUMBO = 9216 + 40 };
    return peer->mss ? p->d.len > peer->mss : p->len > JUMBO;
}

/* A reset tells nothing of numbers or windows: its own number may be anybody's guess. */
static void count(captured_conn *k, int side, captured *p)
{
    const dw_dissection *d = &p->d;
    captured_end *own = &k->end[side], *peer = &k->end[!side];
    if (waits(k) && p->at - k->last > STALL_NS && p->at - k->last > k->stall)
        k->stall = p->at - k->last;
    p->offloaded |= is_offloaded(peer, p);
    k->packets++;
    k->octets[side] += d->len;
    own->packets++;
    own->octets += d->len;
    k->last = p->at;
    k->answered = k->end[0].packets && k->end[1].packets;
    if (d->flags & FLAG_SYN && !(d->flags & FLAG_ACK)) {
        if (side == 0 && !own->has_isn) k->isn = d->seq;
        k->syn = true;
    }
    if (d->flags & FLAG_RST) {
        own->resets++;
        k->ended |= is_valid_reset(own, peer, d);
        return;
    }
    count_sequence(own, peer, d);
    count_ack(own, peer, d);
    k->ended |= is_over(k);
}

/* Another file may have a connection from its beginning again. */

/* The connection between these ends, of those before this file, that a segment fits: by its initial
 * sequence number, or by being among those that were used; 0: none. */
static uint32_t known_from_before(const conn_table *t, uint32_t newest, const captured *p)
{
    ends e = ends_of(p);
    uint32_t oldest = 0;
    for (uint32_t i = newest; i; i = t->conns[i - 1].before) {
        const captured_conn *k = &t->conns[i - 1];
        const captured_end *own = &k->end[side_of(k, &e)];
        if (k->first_file == p->file) continue;
        bool syn = p->d.flags & FLAG_SYN;
        if (syn && own->has_isn && own->isn == p->d.seq) return i;
        if (!syn && own->has_isn && p->d.seq - own->isn <= own->snd_nxt - own->isn) return i;
        if (!own->has_isn) oldest = i;
        if (!syn && !k->before) return oldest ? oldest : i;
    }
    return oldest;
}

/* The counts are of one file: what another one has of the same connection was counted there. */
static void note_file(captured_conn *k, const captured *p)
{
    k->in_files |= p->file < 32 ? 1u << p->file : 0;
    k->file = p->file;
}

static bool take_error(conn_table *t, captured *p)
{
    ends e = ends_of(p);
    if (t->size == 0) return true;
    p->conn = *slot_of(t, &e);
    if (p->conn) t->conns[p->conn - 1].icmp_errors++;
    return true;
}

/* In a file after the first one the newest connection between the ends may be of the one before:
 * then all of those are looked through. */
bool conn_take(conn_table *t, captured *p)
{
    if (p->icmp) return take_error(t, p);
    if (!grow(t)) return false;
    ends e = ends_of(p);
    uint32_t *slot = slot_of(t, &e), known = *slot;
    captured_conn *k = known ? &t->conns[known - 1] : NULL;
    bool syn = p->d.flags & FLAG_SYN;
    if (k && k->first_file != p->file) {
        known = known_from_before(t, *slot, p);
        k = known ? &t->conns[known - 1] : NULL;
    } else if (k && syn && begins_anew(k, side_of(k, &e), p)) {
        known = p->file > 0 ? known_from_before(t, *slot, p) : 0;
        k = known ? &t->conns[known - 1] : NULL;
    }
    if (!k) k = new_conn(t, slot, p);
    if (!k) return false;
    if (syn && !k->told) {
        if (sent_by_server(&p->d) != side_of(k, &e)) swap_ends(k);
        k->told = true;
    }
    p->conn = (uint32_t)(k - t->conns) + 1;
    note_file(k, p);
    if (k->first_file == p->file)
        count(k, side_of(k, &e), p);
    else
        p->offloaded |= is_offloaded(&k->end[!side_of(k, &e)], p);
    return true;
}

void conn_table_free(conn_table *t)
{
    free(t->conns);
    free(t->slots);
    *t = (conn_table){0};
}

bool conn_has_ends(const captured_conn *k, const captured *p)
{
    captured_conn as_captured = *k;
    ends e = ends_of(p);
    if (k->one_address) as_captured.addr[1] = as_captured.addr[0];
    return side_of(&as_captured, &e) >= 0;
}

void conn_tell_ends_apart(captured_conn *k, captured *packets, size_t count_of_packets)
{
    dw_addr before = k->addr[0];
    if (!k->one_address) return;
    k->addr[1] = before;
    k->addr[1].word[before.family == 6 ? 3 : 0]++;
    for (size_t i = 0; i < count_of_packets; i++) {
        captured *p = &packets[i];
        bool server = !p->icmp && p->d.sport == k->port[1];
        if (!p->icmp) packet_rename(p, server);
        if (p->quoted.local_port == k->port[1] && p->icmp) p->quoted.local = k->addr[1];
        if (p->quoted.remote_port == k->port[1] && p->icmp) p->quoted.remote = k->addr[1];
    }
}

uint64_t conn_trouble(const captured_conn *k)
{
    const captured_end *a = &k->end[0], *b = &k->end[1];
    uint64_t again = a->retransmits + b->retransmits, resets = a->resets + b->resets;
    uint64_t closed = a->zero_windows + b->zero_windows;
    uint64_t stalled = (uint64_t)(k->stall / (100 * DW_MILLISECOND));
    uint64_t one_way = k->answered ? 0 : 50;
    return again * 4 + (a->dup_acks + b->dup_acks) + resets * 20 + closed * 5 + stalled +
           k->icmp_errors * 20 + one_way;
}
