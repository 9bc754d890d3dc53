/* What RFC 9293 section 3.10.7 says about an arriving segment, as a table: the oracle of the
 * matrix.
 *
 * It was written from the text, not from the code that it judges, and shares nothing with it but
 * the names of states and flags.  A row holds for some states and rule sets and for segments with
 * all properties in `with` and none in `without`; the first row that holds decides. */
#ifndef TCP_ORACLE_H
#define TCP_ORACLE_H

#include "tcp/tcp.h"

enum rule_set { RULES_5961, RULES_793, RULE_SETS };

/* Properties of a segment, and of the connection it meets. */
enum property {
    P_SYN = 1,
    P_ACK = 2,
    P_RST = 4,
    P_FIN = 8,
    P_DATA = 16,
    P_ACCEPTABLE = 32,   /* table 6 */
    P_EXACT = 64,        /* SEG.SEQ = RCV.NXT */
    P_SEQ_IN = 128,      /* SEG.SEQ lies in the window */
    P_IN_ORDER = 256,    /* what is new in it begins at RCV.NXT */
    P_FIN_IN = 512,      /* its FIN lies in the window */
    P_ACK_NEW = 1024,    /* SND.UNA < SEG.ACK =< SND.NXT */
    P_ACK_ALL = 2048,    /* SEG.ACK = SND.NXT */
    P_ACK_FUTURE = 4096, /* SEG.ACK > SND.NXT */
    P_PASSIVE = 8192,    /* the connection came from LISTEN */
    P_IS_IRS = 16384,    /* SEG.SEQ = IRS: the peer's SYN again */
    P_NEWER = 32768,     /* SEG.SEQ > RCV.NXT */
};

enum reply {
    NOTHING,
    SENDS_ACK,     /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
    SENDS_SYN_ACK, /* <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> */
    SENDS_RST,     /* <SEQ=SEG.ACK><CTL=RST> */
    SENDS_RST_ACK, /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
    MAY_WAIT,      /* an ACK, at once or delayed (3.8.6.3) */
};

typedef struct verdict {
    enum reply reply;
    enum dw_tcp_state next;
    uint32_t advance; /* of RCV.NXT, where the connection still is */
    const char *because;
} verdict;

/* In state `s`, a segment with these properties and `fresh` octets of data that are in order. */
verdict oracle(enum rule_set rules, enum dw_tcp_state s, uint32_t properties, uint32_t fresh);

#endif
