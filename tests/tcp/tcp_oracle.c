/* The table behind tcp_oracle.h. */
#include "tcp_oracle.h"

#define IN(state) (1u << DW_TCP_##state)
#define SYNCHRONIZED                                                                               \
    (IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2) | IN(CLOSE_WAIT) | IN(CLOSING) |            \
     IN(LAST_ACK) | IN(TIME_WAIT))
#define OTHER_STATES (SYNCHRONIZED | IN(SYN_RECEIVED))
#define RECEIVING (IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2))

enum { BOTH = 3, ONLY_5961 = 1 << RULES_5961, ONLY_793 = 1 << RULES_793, SAME = -1 };

/* Beyond these rows, text and FIN are processed: see text_and_fin. */
enum { GOES_ON = -2 };

typedef struct row {
    const char *because;
    int rules;
    uint32_t states, with, without;
    int reply, next;
} row;

static const row rows[] = {
    /* 3.10.7.1 */
    {"CLOSED: an incoming RST is discarded", BOTH, IN(CLOSED), P_RST, 0, NOTHING, SAME},
    {"CLOSED: with ACK, a RST that fits", BOTH, IN(CLOSED), P_ACK, 0, SENDS_RST, SAME},
    {"CLOSED: without ACK, a RST that acknowledges", BOTH, IN(CLOSED), 0, 0, SENDS_RST_ACK, SAME},

    /* 3.10.7.2 */
    {"LISTEN first: RST is ignored", BOTH, IN(LISTEN), P_RST, 0, NOTHING, SAME},
    {"LISTEN second: any ACK is bad", BOTH, IN(LISTEN), P_ACK, 0, SENDS_RST, SAME},
    {"LISTEN third: SYN", BOTH, IN(LISTEN), P_SYN, 0, SENDS_SYN_ACK, DW_TCP_SYN_RECEIVED},
    {"LISTEN fourth: anything else is dropped", BOTH, IN(LISTEN), 0, 0, NOTHING, SAME},

    /* 3.10.7.3 */
    {"SYN-SENT first: a bad ACK with RST is dropped", BOTH, IN(SYN_SENT), P_ACK | P_RST, P_ACK_NEW,
     NOTHING, SAME},
    {"SYN-SENT first: a bad ACK is reset", BOTH, IN(SYN_SENT), P_ACK, P_ACK_NEW, SENDS_RST, SAME},
    {"SYN-SENT second: connection reset", BOTH, IN(SYN_SENT), P_RST | P_ACK, 0, NOTHING,
     DW_TCP_CLOSED},
    {"SYN-SENT second: RST without ACK is dropped", BOTH, IN(SYN_SENT), P_RST, 0, NOTHING, SAME},
    {"SYN-SENT fourth: our SYN is acknowledged", BOTH, IN(SYN_SENT), P_SYN | P_ACK, 0, SENDS_ACK,
     DW_TCP_ESTABLISHED},
    {"SYN-SENT fourth: simultaneous open", BOTH, IN(SYN_SENT), P_SYN, 0, SENDS_SYN_ACK,
     DW_TCP_SYN_RECEIVED},
    {"SYN-SENT fifth: neither SYN nor RST", BOTH, IN(SYN_SENT), 0, 0, NOTHING, SAME},

    /* 3.10.7.4 first, where the text and its figures leave a gap: the peer's own SYN again. */
    {"figure 7: the SYN is old, its ACK is not", BOTH, IN(SYN_RECEIVED),
     P_SYN | P_ACK | P_IS_IRS | P_ACK_NEW, P_RST, GOES_ON, DW_TCP_ESTABLISHED},
    {"figure 7, with an ACK of something else", BOTH, IN(SYN_RECEIVED), P_SYN | P_ACK | P_IS_IRS,
     P_RST, SENDS_RST, SAME},
    {"our SYN,ACK was lost: the same again (3.8.1)", BOTH, IN(SYN_RECEIVED), P_SYN | P_IS_IRS,
     P_RST | P_ACK, SENDS_SYN_ACK, SAME},

    /* TIME-WAIT and a SYN that is newer than all that came: MAY-2.  RFC 793 knows no such thing. */
    {"MAY-2: the next incarnation", ONLY_5961, IN(TIME_WAIT), P_SYN | P_NEWER | P_PASSIVE,
     P_ACK | P_RST, SENDS_SYN_ACK, DW_TCP_SYN_RECEIVED},

    /* 3.10.7.4 first and second */
    {"RFC 5961 3.2: RST outside the window", ONLY_5961, OTHER_STATES, P_RST, P_SEQ_IN, NOTHING,
     SAME},
    {"first: an unacceptable RST is dropped", BOTH, OTHER_STATES, P_RST, P_ACCEPTABLE, NOTHING,
     SAME},
    {"first: unacceptable, acknowledge", BOTH, OTHER_STATES, 0, P_ACCEPTABLE | P_RST, SENDS_ACK,
     SAME},
    {"RFC 5961 3.2: RST in the window, not exact", ONLY_5961, OTHER_STATES, P_RST, P_EXACT,
     SENDS_ACK, SAME},
    {"second: back to LISTEN", BOTH, IN(SYN_RECEIVED), P_RST | P_PASSIVE, 0, NOTHING,
     DW_TCP_LISTEN},
    {"second: reset", BOTH, OTHER_STATES, P_RST, 0, NOTHING, DW_TCP_CLOSED},

    /* Fourth */
    {"fourth: SYN in SYN-RECEIVED, from LISTEN", BOTH, IN(SYN_RECEIVED), P_SYN | P_PASSIVE, 0,
     NOTHING, DW_TCP_LISTEN},
    {"RFC 5961 4.2: a SYN is challenged", ONLY_5961, OTHER_STATES, P_SYN, 0, SENDS_ACK, SAME},
    {"RFC 793: a SYN in the window resets", ONLY_793, OTHER_STATES, P_SYN | P_ACK, 0, SENDS_RST,
     DW_TCP_CLOSED},
    {"RFC 793: a SYN in the window resets", ONLY_793, OTHER_STATES, P_SYN, 0, SENDS_RST_ACK,
     DW_TCP_CLOSED},

    /* Fifth */
    {"fifth: without ACK it is dropped", BOTH, OTHER_STATES, 0, P_ACK, NOTHING, SAME},
    {"fifth, SYN-RECEIVED: our SYN is acknowledged", BOTH, IN(SYN_RECEIVED), P_ACK_NEW, 0, GOES_ON,
     DW_TCP_ESTABLISHED},
    {"fifth, SYN-RECEIVED: a bad ACK is reset", BOTH, IN(SYN_RECEIVED), 0, 0, SENDS_RST, SAME},
    {"fifth: an ACK of what was never sent", BOTH, SYNCHRONIZED, P_ACK_FUTURE, 0, SENDS_ACK, SAME},
    {"fifth, FIN-WAIT-1: our FIN is acknowledged", BOTH, IN(FIN_WAIT_1), P_ACK_ALL, 0, GOES_ON,
     DW_TCP_FIN_WAIT_2},
    {"fifth, CLOSING: our FIN is acknowledged", BOTH, IN(CLOSING), P_ACK_ALL, 0, GOES_ON,
     DW_TCP_TIME_WAIT},
    {"fifth, LAST-ACK: our FIN is acknowledged", BOTH, IN(LAST_ACK), P_ACK_ALL, 0, NOTHING,
     DW_TCP_CLOSED},
    {"fifth, TIME-WAIT: a FIN again, or what is no plain ACK", BOTH, IN(TIME_WAIT), 0, P_EXACT,
     SENDS_ACK, SAME},
    {"fifth, TIME-WAIT: a FIN again", BOTH, IN(TIME_WAIT), P_FIN, 0, SENDS_ACK, SAME},
    {"fifth, TIME-WAIT: data", BOTH, IN(TIME_WAIT), P_DATA, 0, SENDS_ACK, SAME},
    {"fifth: the ACK is in order", BOTH, SYNCHRONIZED, 0, 0, GOES_ON, SAME},
};

/* Seventh, process the segment text; eighth, check the FIN bit. */
static verdict text_and_fin(enum dw_tcp_state s, enum dw_tcp_state before, uint32_t p,
                            uint32_t fresh, const char *because)
{
    verdict v = {NOTHING, s, 0, because};
    /* CLOSING goes to TIME-WAIT by the ACK alone: what comes with it is not looked at as in
     * FIN-WAIT-2, for the FIN has been received. */
    bool receiving = (1u << s & RECEIVING) && before != DW_TCP_CLOSING;
    bool anything = p & (P_DATA | P_FIN);
    if (!receiving || !anything) return v;
    if (!(p & P_IN_ORDER)) {
        v.reply = SENDS_ACK; /* RFC 5681 4.2 */
        return v;
    }
    v.advance = fresh;
    v.reply = MAY_WAIT;
    if (!(p & P_FIN) || !(p & P_FIN_IN)) return v;
    v.advance++;
    v.reply = SENDS_ACK;
    if (s == DW_TCP_ESTABLISHED) v.next = DW_TCP_CLOSE_WAIT;
    if (s == DW_TCP_FIN_WAIT_1) v.next = DW_TCP_CLOSING;
    if (s == DW_TCP_FIN_WAIT_2) v.next = DW_TCP_TIME_WAIT;
    return v;
}

static bool holds(const row *r, enum rule_set rules, enum dw_tcp_state s, uint32_t p)
{
    return (r->rules & 1 << rules) && (r->states & 1u << s) && (p & r->with) == r->with &&
           !(p & r->without);
}

verdict oracle(enum rule_set rules, enum dw_tcp_state s, uint32_t p, uint32_t fresh)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        if (!holds(r, rules, s, p)) continue;
        enum dw_tcp_state next = r->next == SAME ? s : (enum dw_tcp_state)r->next;
        if (r->reply == GOES_ON) return text_and_fin(next, s, p, fresh, r->because);
        verdict v = {(enum reply)r->reply, next, 0, r->because};
        /* What comes with the SYN,ACK is taken at once. */
        if (s == DW_TCP_SYN_SENT && next == DW_TCP_ESTABLISHED) v.advance = fresh;
        return v;
    }
    return (verdict){NOTHING, DW_TCP_STATES, 0, "no row of the table holds"};
}
