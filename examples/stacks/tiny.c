/* A TCP as small as one can be: one segment under way at a time, no options, a second until it is
 * sent again, and twice as long each time.
 *
 * TINY_FAULT plants one: 1: a FIN that comes again in TIME-WAIT is not answered; 2: a FIN is never
 * sent again; 3: a RST is taken wherever it lies. */
#include "tiny.h"

#include <string.h>

#ifndef TINY_FAULT
#define TINY_FAULT 0
#endif

enum { CONNS = 8, ROOM = 4096, MSS = 536, HEADERS = 40, RETRIES = 8, TIME_WAIT_TICKS = 6000 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum state {
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RCVD,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT
};
static const char *const names[] = {"CLOSED",      "LISTEN",     "SYN_SENT",   "SYN_RCVD",
                                    "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                    "CLOSING",     "LAST_ACK",   "TIME_WAIT"};

struct conn {
    enum state state;
    int used, accepted, wants_fin, tries, wait, left; /* ticks */
    uint32_t peer, una, nxt, rcv;
    uint16_t port, peer_port, window, mss;
    uint8_t out[ROOM], in[ROOM];
    int out_len, in_len, sent, fin_sent, eof, gone;
};
static struct conn conns[CONNS];
static uint16_t listening[4];
static uint32_t own, ticks;
static uint16_t next_port;
static void (*transmit)(const void *packet, size_t len);

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v;
}
static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16), put16(p + 2, v);
}
static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}
static uint32_t get32(const uint8_t *p)
{
    return get16(p) << 16 | get16(p + 2);
}

static uint16_t sum(const uint8_t *p, size_t len, uint32_t s)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        s += get16(p + i);
    if (len & 1) s += (uint32_t)p[len - 1] << 8;
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)s;
}

static void emit(uint32_t to, uint16_t from_port, uint16_t to_port, uint32_t seq, uint32_t ack,
                 int flags, int window, const uint8_t *data, int len)
{
    uint8_t p[HEADERS + MSS] = {0x45};
    size_t all = (size_t)(HEADERS + len);
    put16(p + 2, (uint32_t)all);
    p[8] = 64, p[9] = 6;
    put32(p + 12, own), put32(p + 16, to);
    put16(p + 10, (uint16_t)~sum(p, 20, 0));
    uint8_t *t = p + 20;
    put16(t, from_port), put16(t + 2, to_port), put32(t + 4, seq),
        put32(t + 8, flags & ACK ? ack : 0);
    t[12] = 0x50, t[13] = (uint8_t)flags;
    put16(t + 14, (uint32_t)window);
    if (len) memcpy(t + 20, data, (size_t)len);
    put16(t + 16, (uint16_t)~sum(t, all - 20, sum(p + 12, 8, 6 + (uint32_t)all - 20)));
    transmit(p, all);
}

static void say(struct conn *c, uint32_t seq, int flags, const uint8_t *data, int len)
{
    emit(c->peer, c->port, c->peer_port, seq, c->rcv, flags, ROOM - c->in_len, data, len);
}

static void acknowledge(struct conn *c)
{
    say(c, c->nxt, ACK, NULL, 0);
}

static void begin_timer(struct conn *c, int tries)
{
    c->tries = tries;
    c->wait = c->left = 100 << tries;
}

/* Whatever is under way, again. */
static void send_again(struct conn *c)
{
    if (c->state == SYN_SENT || c->state == SYN_RCVD)
        say(c, c->una, c->state == SYN_SENT ? SYN : SYN | ACK, NULL, 0);
    else if (c->sent)
        say(c, c->una, ACK | PSH, c->out, c->sent);
    else if (c->fin_sent && TINY_FAULT != 2)
        say(c, c->una, FIN | ACK, NULL, 0);
}

/* The next segment, when nothing is under way. */
static void push(struct conn *c)
{
    int open = c->state == ESTABLISHED || c->state == CLOSE_WAIT;
    if (c->una != c->nxt || (!open && c->state != SYN_RCVD)) return;
    int len = c->out_len < c->mss ? c->out_len : c->mss;
    if (len > c->window) len = c->window;
    if (!open) return;
    if (len > 0) {
        c->sent = len;
        c->nxt += (uint32_t)len;
        say(c, c->una, ACK | PSH, c->out, len);
        begin_timer(c, 0);
    } else if (c->wants_fin && c->out_len == 0) {
        c->fin_sent = 1;
        c->state = c->state == ESTABLISHED ? FIN_WAIT_1 : LAST_ACK;
        say(c, c->nxt++, FIN | ACK, NULL, 0);
        begin_timer(c, 0);
    }
}

static void enter_time_wait(struct conn *c)
{
    c->state = TIME_WAIT;
    c->left = TIME_WAIT_TICKS;
}

static void acked(struct conn *c, uint32_t ack)
{
    if ((int32_t)(ack - c->una) <= 0 || (int32_t)(ack - c->nxt) > 0) return;
    memmove(c->out, c->out + c->sent, (size_t)(c->out_len -= c->sent));
    c->sent = c->left = 0;
    c->una = ack;
    if (c->state == SYN_RCVD) c->state = ESTABLISHED;
    if (!c->fin_sent || ack != c->nxt) return;
    if (c->state == FIN_WAIT_1)
        c->state = FIN_WAIT_2;
    else if (c->state == CLOSING)
        enter_time_wait(c);
    else if (c->state == LAST_ACK)
        c->state = CLOSED;
}

static void take_fin(struct conn *c)
{
    c->rcv++;
    c->eof = 1;
    if (c->state == ESTABLISHED || c->state == SYN_RCVD)
        c->state = CLOSE_WAIT;
    else if (c->state == FIN_WAIT_1)
        c->state = CLOSING;
    else
        enter_time_wait(c);
}

static void take_data(struct conn *c, uint32_t seq, const uint8_t *data, int len, int fin)
{
    int reads = c->state == ESTABLISHED || c->state == FIN_WAIT_1 || c->state == FIN_WAIT_2;
    if (len == 0 && !fin) return;
    if (seq == c->rcv && reads && len <= ROOM - c->in_len) {
        memcpy(c->in + c->in_len, data, (size_t)len);
        c->in_len += len;
        c->rcv += (uint32_t)len;
        if (fin) take_fin(c);
    } else if (c->state == TIME_WAIT) {
        if (TINY_FAULT == 1) return;
        c->left = TIME_WAIT_TICKS;
    }
    acknowledge(c);
}

/* What the peer takes at once, by the options of its SYN. */
static uint16_t mss_of(const uint8_t *t)
{
    for (int i = 20, end = (t[12] >> 4) * 4; i + 3 < end && t[i] != 0;
         i += t[i] == 1 || t[i + 1] < 2 ? 1 : t[i + 1])
        if (t[i] == 2 && get16(t + i + 2) < MSS) return (uint16_t)get16(t + i + 2);
    return MSS;
}

static int new_conn(void)
{
    for (int i = 0; i < CONNS; i++) {
        if (conns[i].used) continue;
        memset(&conns[i], 0, sizeof conns[i]);
        conns[i].used = 1;
        return i;
    }
    return -1;
}

static void passive_open(uint32_t from, const uint8_t *t)
{
    int i = -1;
    for (int l = 0; l < 4; l++)
        if (listening[l] && listening[l] == get16(t + 2)) i = new_conn();
    if (i < 0) {
        emit(from, (uint16_t)get16(t + 2), (uint16_t)get16(t), 0, get32(t + 4) + 1, RST | ACK, 0,
             NULL, 0);
        return;
    }
    struct conn *c = &conns[i];
    c->state = SYN_RCVD;
    c->peer = from, c->peer_port = (uint16_t)get16(t), c->port = (uint16_t)get16(t + 2);
    c->window = (uint16_t)get16(t + 14);
    c->mss = mss_of(t);
    c->rcv = get32(t + 4) + 1;
    c->una = ticks * 2500 + 1000;
    c->nxt = c->una + 1;
    say(c, c->una, SYN | ACK, NULL, 0);
    begin_timer(c, 0);
}

static void in_syn_sent(struct conn *c, const uint8_t *t)
{
    int flags = t[13], good = (flags & ACK) && get32(t + 8) == c->nxt;
    if ((flags & ACK) && !good) return;
    if (flags & RST) {
        if (good) c->state = CLOSED, c->gone = 1;
        return;
    }
    if (!(flags & SYN)) return;
    c->mss = mss_of(t);
    c->rcv = get32(t + 4) + 1;
    c->window = (uint16_t)get16(t + 14);
    if (good) {
        c->una = c->nxt;
        c->state = ESTABLISHED;
        c->left = 0;
        acknowledge(c);
    } else {
        c->state = SYN_RCVD;
        say(c, c->una, SYN | ACK, NULL, 0);
    }
}

static void arrives(struct conn *c, const uint8_t *t, int len)
{
    int flags = t[13];
    uint32_t seq = get32(t + 4), room = (uint32_t)(ROOM - c->in_len);
    if (c->state == SYN_SENT) {
        in_syn_sent(c, t);
        return;
    }
    if (flags & RST) {
        if (seq != c->rcv && TINY_FAULT != 3) {
            if (seq - c->rcv < room) acknowledge(c);
            return;
        }
        if (c->state != TIME_WAIT) c->gone = 1;
        c->state = CLOSED;
        return;
    }
    if (flags & SYN) {
        acknowledge(c);
        return;
    }
    if (!(flags & ACK)) return;
    if ((int32_t)(get32(t + 8) - c->nxt) > 0) { /* of what was never sent */
        acknowledge(c);
        return;
    }
    c->window = (uint16_t)get16(t + 14);
    acked(c, get32(t + 8));
    int skip = (t[12] >> 4) * 4;
    take_data(c, seq, t + skip, len - skip, flags & FIN);
    push(c);
}

void tiny_input(const uint8_t *p, size_t all)
{
    int head = (p[0] & 15) * 4, len = (int)all - head;
    const uint8_t *t = p + head;
    if (all < HEADERS || p[0] >> 4 != 4 || p[9] != 6 || get32(p + 16) != own || len < 20) return;
    if (sum(t, (size_t)len, sum(p + 12, 8, 6 + (uint32_t)len)) != 0xffff) return;
    for (int i = 0; i < CONNS; i++) {
        struct conn *c = &conns[i];
        if (!c->used || c->state == CLOSED || c->peer != get32(p + 12) ||
            c->peer_port != get16(t) || c->port != get16(t + 2))
            continue;
        arrives(c, t, len);
        return;
    }
    if ((t[13] & (SYN | ACK | RST)) == SYN)
        passive_open(get32(p + 12), t);
    else if (t[13] & ACK && !(t[13] & RST))
        emit(get32(p + 12), (uint16_t)get16(t + 2), (uint16_t)get16(t), get32(t + 8), 0, RST, 0,
             NULL, 0);
}

static void tick(struct conn *c)
{
    if (c->left == 0 || --c->left > 0) return;
    if (c->state == TIME_WAIT || c->tries == RETRIES) {
        c->gone = c->state != TIME_WAIT;
        c->state = CLOSED;
        return;
    }
    begin_timer(c, c->tries + 1);
    send_again(c);
}

void tiny_tick(void)
{
    ticks++;
    for (int i = 0; i < CONNS; i++)
        if (conns[i].used) tick(&conns[i]);
}

void tiny_init(uint32_t address, void (*send)(const void *packet, size_t len))
{
    memset(conns, 0, sizeof conns);
    memset(listening, 0, sizeof listening);
    own = address, ticks = 0, next_port = 40000, transmit = send;
}

int tiny_listen(uint16_t port)
{
    for (int l = 0; l < 4; l++)
        if (!listening[l]) return listening[l] = port, 0;
    return -1;
}

int tiny_accept(uint16_t port)
{
    for (int i = 0; i < CONNS; i++) {
        struct conn *c = &conns[i];
        if (c->used && !c->accepted && c->port == port && c->state >= ESTABLISHED)
            return c->accepted = 1, i;
    }
    return -1;
}

int tiny_connect(uint32_t address, uint16_t port, uint16_t own_port)
{
    int i = new_conn();
    if (i < 0) return -1;
    struct conn *c = &conns[i];
    c->accepted = 1;
    c->state = SYN_SENT;
    c->peer = address, c->peer_port = port, c->port = own_port ? own_port : next_port++;
    c->una = ticks * 2500 + 1000;
    c->nxt = c->una + 1;
    say(c, c->una, SYN, NULL, 0);
    begin_timer(c, 0);
    return i;
}

void tiny_ends(int i, uint32_t *address, uint16_t *port, uint16_t *own_port)
{
    *address = conns[i].peer, *port = conns[i].peer_port, *own_port = conns[i].port;
}

int tiny_write(int i, const void *bytes, int len)
{
    struct conn *c = &conns[i];
    if (c->gone || c->wants_fin || c->state == CLOSED) return -1;
    if (len > ROOM - c->out_len) len = ROOM - c->out_len;
    memcpy(c->out + c->out_len, bytes, (size_t)len);
    c->out_len += len;
    push(c);
    return len;
}

int tiny_read(int i, void *bytes, int len)
{
    struct conn *c = &conns[i];
    if (len > c->in_len) len = c->in_len;
    if (len == 0) return c->eof || c->gone || c->state == CLOSED ? -1 : 0;
    int was_shut = ROOM - c->in_len < MSS;
    memcpy(bytes, c->in, (size_t)len);
    memmove(c->in, c->in + len, (size_t)(c->in_len -= len));
    if (was_shut && ROOM - c->in_len >= MSS) acknowledge(c);
    return len;
}

void tiny_close(int i)
{
    conns[i].wants_fin = 1;
    if (conns[i].state == SYN_SENT) conns[i].state = CLOSED;
    push(&conns[i]);
}

void tiny_reset(int i)
{
    struct conn *c = &conns[i];
    if (c->state > SYN_SENT && c->state != TIME_WAIT) say(c, c->nxt, RST | ACK, NULL, 0);
    c->state = CLOSED;
    c->gone = 1;
}

int tiny_gone(int i)
{
    return conns[i].gone;
}

const char *tiny_state(int i)
{
    return names[conns[i].state];
}

void tiny_free(int i)
{
    conns[i].used = 0;
}
