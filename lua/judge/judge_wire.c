/* The wire: packets of the script to the host, and back. */
#define _GNU_SOURCE
#include "judge.h"

#include <stdlib.h>
#include <string.h>

void dw_judge_packet_leaves(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    (void)node;
    (void)arg;
    dw_outgoing *o = malloc(sizeof *o + len);
    if (!o) dw_judge_give_up("out of memory");
    *o = (dw_outgoing){.at = dw_judge_now(), .len = len};
    memcpy(o->bytes, bytes, len);
    if (dw_judge.last)
        dw_judge.last->next = o;
    else
        dw_judge.first = o;
    dw_judge.last = o;
    if (dw_judge.stop_at_packet) dw_sim_stop(dw_judge.sim, DW_OK);
}

/* Where a script sends is the host, bound or not. */
static void own_destination(const uint8_t *b, size_t len)
{
    dw_addr addr = {.family = 6};
    if (len >= 20 && b[0] >> 4 == 4) {
        addr = dw_addr_v4(dw_get32(b + 16));
    } else if (len >= 40 && b[0] >> 4 == 6) {
        for (int i = 0; i < 4; i++)
            addr.word[i] = dw_get32(b + 24 + 4 * i);
    } else {
        return;
    }
    dw_judge_own(&addr);
}

int dw_judge_netdev_send(void *u, const void *buf, size_t count)
{
    (void)u;
    dw_judge_enter();
    own_destination(buf, count);
    int status = dw_node_send_raw(dw_judge.wire, buf, count);
    if (status != DW_OK) dw_judge_give_up("%s", dw_sim_message(dw_judge.sim));
    return (int)dw_judge_leave(0);
}

int dw_judge_netdev_receive(void *u, void *buf, size_t *count, long long *time_usecs)
{
    (void)u;
    dw_judge_enter();
    dw_time end = dw_judge_now() + DW_JUDGE_PATIENCE;
    dw_judge.stop_at_packet = true;
    dw_judge_advance(end);
    dw_judge.stop_at_packet = false;
    dw_outgoing *o = dw_judge.first;
    if (!o) dw_judge_give_up("no packet comes");
    dw_judge.first = o->next;
    if (!dw_judge.first) dw_judge.last = NULL;
    if (*count > o->len) *count = o->len;
    memcpy(buf, o->bytes, *count);
    *time_usecs = DW_JUDGE_EPOCH * 1000000LL + o->at / DW_MICROSECOND;
    free(o);
    return (int)dw_judge_leave(0);
}
