/* RFC 5961: the answer to what is not acceptable. */
#ifndef DW_TCP_CHALLENGE_H
#define DW_TCP_CHALLENGE_H

#include "tcp.h"

/* The segment is not acceptable: acknowledge what we have (<SEQ=SND.NXT><ACK=RCV.NXT>), and DROP.
 * A segment that takes no sequence numbers draws only so many of these (challenge_limit). */
int dw_tcp_ack_and_drop(dw_tcb *t, dw_seg *s, const dw_cause *drop, const dw_cause *why);

/* May a challenge ACK go out now?  Counts it. */
bool dw_tcp_may_challenge(dw_tcb *t);

#endif
