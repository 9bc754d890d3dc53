/* The TCP connections of a capture: which packets belong together, and who is who. */
#include "import.h"

#include <stdlib.h>
#include <string.h>

/* The newest connection between two ends, found by both of them, whichever sent. */
typedef struct table {
    uint32_t *slots; /* connections, from 1; 0: free */
    size_t size;     /* a power of two, more than twice as many as connections */
} table;

static int side_of(const captured_conn *k, const dw_dissection *d)
{
    for (int i = 0; i < 2; i++)
        if (k->port[i] == d->sport && k->port[!i] == d->dport &&
            dw_addr_equal(&k->addr[i], &d->src) && dw_addr_equal(&k->addr[!i], &d->dst))
            return i;
    return -1;
}

/* The same for both directions. */
static uint64_t hash_of(const dw_addr *a, uint16_t a_port, const dw_addr *b, uint16_t b_port)
{
    uint64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        const dw_addr *addr = i ? b : a;
        uint64_t h = (uint64_t)addr->family << 16 | (i ? b_port : a_port);
        for (int k = 0; k < 4; k++)
            h = (h ^ addr->word[k]) * 0x9e3779b97f4a7c15u;
        sum += h ^ h >> 29;
    }
    sum *= 0xbf58476d1ce4e5b9u;
    return sum ^ sum >> 32;
}

/* Where the connection between these ends stands, or would. */
static uint32_t *slot_of(const table *t, const capture *c, const dw_dissection *d)
{
    size_t at = hash_of(&d->src, d->sport, &d->dst, d->dport) & (t->size - 1);
    while (t->slots[at] && side_of(&c->conns[t->slots[at] - 1], d) < 0)
        at = (at + 1) & (t->size - 1);
    return &t->slots[at];
}

/* Room for one more; connections that were replaced by a newer one are no longer found. */
static bool grow(table *t, const capture *c)
{
    if (2 * (c->conn_count + 1) < t->size) return true;
    table larger = {.size = t->size ? 2 * t->size : 256};
    larger.slots = calloc(larger.size, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (uint32_t i = 0; i < c->conn_count; i++) {
        const captured_conn *k = &c->conns[i];
        dw_dissection d = {
            .src = k->addr[0], .dst = k->addr[1], .sport = k->port[0], .dport = k->port[1]};
        *slot_of(&larger, c, &d) = i + 1;
    }
    free(t->slots);
    *t = larger;
    return true;
}

static captured_conn *new_conn(capture *c, const captured *p, bool opens)
{
    const dw_dissection *d = &p->d;
    if (c->conn_count == c->conn_capacity) {
        size_t capacity = c->conn_capacity ? 2 * c->conn_capacity : 64;
        captured_conn *grown = realloc(c->conns, capacity * sizeof *grown);
        if (!grown) return NULL;
        c->conns = grown;
        c->conn_capacity = capacity;
    }
    /* Without its SYN, the end with the smaller port is taken for the server. */
    bool answer = (d->flags & FLAG_SYN) && !opens;
    bool server = answer || (!opens && d->sport < d->dport);
    captured_conn *k = &c->conns[c->conn_count++];
    *k = (captured_conn){.syn = opens, .isn = d->seq, .first = p->at};
    k->addr[server] = d->src;
    k->addr[!server] = d->dst;
    k->port[server] = d->sport;
    k->port[!server] = d->dport;
    return k;
}

static captured_conn *conn_of(capture *c, table *t, const captured *p)
{
    bool opens = (p->d.flags & FLAG_SYN) && !(p->d.flags & FLAG_ACK);
    if (!grow(t, c)) return NULL;
    uint32_t *slot = slot_of(t, c, &p->d);
    captured_conn *k = *slot ? &c->conns[*slot - 1] : NULL;
    bool again = k && opens && k->ended && (!k->syn || k->isn != p->d.seq); /* the same ports */
    if (k && !again) return k;
    k = new_conn(c, p, opens);
    if (k) *slot = (uint32_t)c->conn_count;
    return k;
}

static int find_conns(capture *c)
{
    table t = {0};
    int status = DW_OK;
    for (size_t i = 0; i < c->count && status == DW_OK; i++) {
        captured *p = &c->packets[i];
        if (!p->d.flag_names) continue;
        captured_conn *k = conn_of(c, &t, p);
        status = k ? DW_OK : DW_E_NOMEM;
        if (!k) continue;
        int side = side_of(k, &p->d);
        p->conn = (uint32_t)(k - c->conns) + 1;
        k->packets++;
        k->octets[side] += p->d.len;
        k->last = p->at;
        k->fin[side] |= (p->d.flags & FLAG_FIN) != 0;
        k->ended |= (p->d.flags & FLAG_RST) || (k->fin[0] && k->fin[1]);
    }
    free(t.slots);
    return status;
}

/* On a loopback interface both ends may have one address.  The server's becomes the next one, in
 * the packets too; checksums change by as much, so that a wrong one stays wrong (RFC 1624). */

static void adjust_checksum(uint8_t *field, uint16_t before, uint16_t after)
{
    uint32_t sum = (uint16_t)~dw_get16(field) + (uint32_t)(uint16_t)~before + after;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    dw_put16(field, (uint16_t)~sum);
}

static void rename_server(captured *p, bool sends)
{
    bool four = p->bytes[0] >> 4 == 4;
    /* The last two octets of its address, the source's or the destination's. */
    static const uint8_t last[2][2] = {{24 + 14, 8 + 14}, {16 + 2, 12 + 2}};
    uint8_t *addr = p->bytes + last[four][sends];
    uint16_t before = dw_get16(addr), after = (uint16_t)(before + 1);
    dw_put16(addr, after);
    if (four) adjust_checksum(p->bytes + 10, before, after);
    if (p->d.transport_at + 18 <= p->have)
        adjust_checksum(p->bytes + p->d.transport_at + 16, before, after);
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
}

static void tell_ends_apart(capture *c)
{
    for (size_t i = 0; i < c->count; i++) {
        captured *p = &c->packets[i];
        captured_conn *k = p->conn ? &c->conns[p->conn - 1] : NULL;
        if (k && dw_addr_equal(&k->addr[0], &k->addr[1]))
            rename_server(p, p->d.sport == k->port[1]);
    }
    for (size_t i = 0; i < c->conn_count; i++) {
        captured_conn *k = &c->conns[i];
        k->one_address = dw_addr_equal(&k->addr[0], &k->addr[1]);
        if (k->one_address) k->addr[1].word[k->addr[1].family == 6 ? 3 : 0]++;
    }
}

int capture_find_conns(capture *c)
{
    int status = find_conns(c);
    if (status == DW_OK) tell_ends_apart(c);
    return status;
}
