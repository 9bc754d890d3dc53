/* A trace as an import makes it, by hand: a connection as the client's capture shows it, whose
 * packets have the numbers of the file's frames. */
#ifndef DW_TEST_INFERRED_H
#define DW_TEST_INFERRED_H

#include "drywire/drywire.h"
#include "drywire/plugin.h"
#include "test.h"

#include <string.h>

enum { CLIENT, SERVER };
enum { FIN = 1, SYN = 2, ACK = 16 };

typedef struct inferred {
    dw_trace *trace;
    dw_time at;           /* of the next event, nanoseconds */
    uint8_t head[10][40]; /* of packets, by number: the last digit is enough */
} inferred;

static const dw_cause sent_again = {"sent-again", NULL, "sent again"};
static const dw_cause acknowledged = {"acknowledged", NULL, "acknowledged"};
static const dw_cause usual = {"usual", NULL, "nothing says otherwise"};
static const dw_cause capture_ends = {"capture-ends", NULL, "the capture ends"};

static inline void add(const inferred *x, dw_trace_event e)
{
    e.at = x->at;
    if (e.type != DW_TRACE_LINK && !e.packet) e.link = UINT32_MAX;
    assert_int_equal(dw_trace_add(x->trace, &e), DW_OK);
}

static inline void write_head(uint8_t *h, int from, uint8_t flags, uint32_t seq, uint32_t ack,
                              uint32_t len)
{
    uint16_t port[2] = {40000, 80};
    memset(h, 0, 40);
    h[0] = 0x45;
    dw_put16(h + 2, (uint16_t)(40 + len));
    h[8] = 64;
    h[9] = 6;
    dw_put32(h + 12, 0x0a000001u + (uint32_t)from);
    dw_put32(h + 16, 0x0a000002u - (uint32_t)from);
    dw_put16(h + 20, port[from]);
    dw_put16(h + 22, port[1 - from]);
    dw_put32(h + 24, seq);
    dw_put32(h + 28, ack);
    h[32] = 0x50;
    h[33] = flags;
    dw_put16(h + 34, 65535);
}

/* An event of a packet, whose header `sent` has made. */
static inline void packet(inferred *x, uint8_t type, uint64_t number, int from, uint32_t len,
                          dw_trace_event how)
{
    how.type = type;
    how.packet = number;
    how.node = (uint32_t)(type == DW_TRACE_DELIVERED ? 1 - from : from);
    how.conn = how.node + 1;
    how.direction = (uint8_t)from;
    how.u.packet.head = x->head[number % 10];
    how.u.packet.head_len = 40;
    how.u.packet.payload_len = len;
    add(x, how);
}

static inline void sent(inferred *x, uint64_t number, int from, uint8_t flags, uint32_t seq,
                        uint32_t ack, uint32_t len)
{
    write_head(x->head[number % 10], from, flags, seq, ack, len);
    packet(x, DW_TRACE_SENT, number, from, len, (dw_trace_event){0});
    x->at += DW_MILLISECOND;
}

/* What became of it, ten milliseconds later; shown_by 0: no packet shows it. */
static inline void fate(inferred *x, uint8_t type, uint64_t number, int from, uint32_t len,
                        uint8_t certainty, const dw_cause *cause, uint64_t shown_by)
{
    dw_trace_event e = {.certainty = certainty, .cause = cause};
    e.u.packet.other = shown_by;
    packet(x, type, number, from, len, e);
}

static inline void state(inferred *x, int end, const char *from, const char *to, uint8_t certainty,
                         const dw_cause *cause)
{
    add(x, (dw_trace_event){.type = DW_TRACE_STATE,
                            .node = (uint32_t)end,
                            .conn = (uint32_t)end + 1,
                            .certainty = certainty,
                            .cause = cause,
                            .u.state = {from, to}});
}

static inline void inferred_hosts(inferred *x)
{
    static const char *const names[] = {"client", "server"};
    assert_int_equal(dw_trace_begin(&x->trace), DW_OK);
    for (uint32_t i = 0; i < 2; i++)
        add(x, (dw_trace_event){.type = DW_TRACE_NODE,
                                .node = i,
                                .u.node = {names[i], dw_addr_v4(0x0a000001u + i)}});
    add(x, (dw_trace_event){.type = DW_TRACE_LINK,
                            .node = UINT32_MAX,
                            .u.link = {.b = 1, .delay = {10000000, 10000000}}});
    for (uint32_t i = 0; i < 2; i++) {
        dw_trace_event e = {.type = DW_TRACE_CONN, .node = i, .conn = i + 1};
        e.u.conn.protocol = "tcp";
        e.u.conn.flow = (dw_flow){.local = dw_addr_v4(0x0a000001u + i),
                                  .remote = dw_addr_v4(0x0a000002u - i),
                                  .local_port = i ? 80 : 40000,
                                  .remote_port = i ? 40000 : 80,
                                  .transport = 6};
        add(x, e);
    }
}

/* Arrivals that are observed, certain and likely; losses that are certain and likely; one packet of
 * which nothing is known. */
static inline inferred an_inferred_trace(void)
{
    inferred x = {.at = 0};
    inferred_hosts(&x);
    state(&x, CLIENT, "CLOSED", "SYN-SENT", DW_OBSERVED, NULL);
    sent(&x, 3, CLIENT, SYN, 1000, 0, 0);
    x.at += 9 * DW_MILLISECOND;
    fate(&x, DW_TRACE_DELIVERED, 3, CLIENT, 0, DW_CERTAIN, &acknowledged, 5);
    state(&x, SERVER, "LISTEN", "SYN-RECEIVED", DW_CERTAIN, &acknowledged);
    sent(&x, 5, SERVER, SYN | ACK, 5000, 1001, 0);
    x.at += 9 * DW_MILLISECOND;
    fate(&x, DW_TRACE_DELIVERED, 5, SERVER, 0, DW_OBSERVED, NULL, 0);
    state(&x, CLIENT, "SYN-SENT", "ESTABLISHED", DW_OBSERVED, NULL);
    sent(&x, 6, CLIENT, ACK, 1001, 5001, 0);
    x.at += 9 * DW_MILLISECOND;
    fate(&x, DW_TRACE_DELIVERED, 6, CLIENT, 0, DW_LIKELY, &usual, 0);
    state(&x, SERVER, "SYN-RECEIVED", "ESTABLISHED", DW_LIKELY, &usual);
    sent(&x, 8, CLIENT, ACK, 1001, 5001, 100);
    fate(&x, DW_TRACE_DROPPED, 8, CLIENT, 100, DW_CERTAIN, &sent_again, 14);
    sent(&x, 9, SERVER, ACK, 5001, 1001, 50);
    fate(&x, DW_TRACE_DROPPED, 9, SERVER, 50, DW_LIKELY, &sent_again, 17);
    sent(&x, 14, CLIENT, ACK, 1001, 5001, 100);
    x.at += 9 * DW_MILLISECOND;
    fate(&x, DW_TRACE_DELIVERED, 14, CLIENT, 100, DW_CERTAIN, &acknowledged, 17);
    sent(&x, 17, SERVER, ACK, 5001, 1101, 50);
    x.at += 9 * DW_MILLISECOND;
    fate(&x, DW_TRACE_DELIVERED, 17, SERVER, 50, DW_OBSERVED, NULL, 0);
    sent(&x, 400000000, CLIENT, ACK, 1101, 5051, 0);
    fate(&x, DW_TRACE_UNKNOWN, 400000000, CLIENT, 0, DW_OBSERVED, &capture_ends, 0);
    return x;
}

#endif
