/* The comment at the top of a script: where its settings come from, and what it does not reproduce.
 */
#include "replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_notes(replay *r)
{
    const char *line = r->notes;
    while (*line) {
        size_t len = strcspn(line, "\n");
        fputs("-- - ", r->f);
        dw_escape_file(r->f, DW_IN_LINE, line, len);
        fputs(".\n", r->f);
        line += len + (line[len] == '\n');
    }
}

/* The path has one delay here, and no rate. */
static void put_path(replay *r)
{
    dw_time least = DW_TIME_NEVER, most = 0;
    char texts[2][40];
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        bool usual = p->v->arrived_at >= 0 && p->kind != PASSAGE_OVERTAKEN;
        dw_time took = p->v->arrived_at - p->v->sent_at;
        if (!usual || p->kind == PASSAGE_FOREIGN || p->kind == PASSAGE_COPY) continue;
        if (took < least) least = took;
        if (took > most) most = took;
    }
    if (least == DW_TIME_NEVER || most - least <= DW_MILLISECOND + least / 4) return;
    dw_duration_format(least, texts[0], sizeof texts[0]);
    dw_duration_format(most, texts[1], sizeof texts[1]);
    fprintf(
        r->f,
        "-- - The path has one delay here, and no rate: in the capture packets took %s to %s.\n",
        texts[0], texts[1]);
}

static int by_seq(const void *a, const void *b)
{
    const passage *p = *(const passage *const *)a, *q = *(const passage *const *)b;
    if (p->from != q->from) return p->from - q->from;
    if (p->seq != q->seq) return p->seq < q->seq ? -1 : 1;
    return (p > q) - (p < q);
}

/* Retransmissions of what had arrived: drywire's hosts have timers and rules of their own. */
static uint64_t needless(replay *r)
{
    uint64_t count = 0;
    const passage **all = calloc(r->count + 1, sizeof *all);
    size_t n = 0;
    r->no_memory |= !all;
    for (size_t i = 0; all && i < r->count; i++)
        if (passage_has_octets(&r->passages[i]) && r->passages[i].kind != PASSAGE_COPY &&
            r->passages[i].kind != PASSAGE_FOREIGN)
            all[n++] = &r->passages[i];
    if (all) qsort(all, n, sizeof *all, by_seq);
    for (size_t i = 1; i < n; i++)
        count += all[i]->from == all[i - 1]->from && all[i]->seq == all[i - 1]->seq &&
                 all[i]->kind == PASSAGE_AGAIN && all[i - 1]->v->arrived_at >= 0;
    free(all);
    return count;
}

/* What these hosts do otherwise, whatever the profile. */
static void put_differences(replay *r)
{
    uint64_t again = needless(r), giants = 0;
    bool syn_data = false;
    for (size_t i = 0; i < r->count; i++) {
        giants += r->passages[i].offloaded;
        syn_data |= r->passages[i].v->d.flags & FLAG_SYN && r->passages[i].v->d.len > 0;
    }
    if (again)
        fprintf(r->f,
                "-- - %" PRIu64
                " segments were sent again although they had arrived; these hosts do "
                "so when their own timers and rules say it.\n",
                again);
    if (giants)
        fprintf(r->f,
                "-- - %" PRIu64
                " packets are longer than any on the wire (offload); these hosts send "
                "them as segments.\n",
                giants);
    if (syn_data) fputs("-- - Data that came with a SYN is sent after the handshake.\n", r->f);
    if (r->c->conns[r->conn - 1].addr[0].family == 6)
        fputs("-- - The capture has IPv6; these hosts have IPv4.\n", r->f);
    for (int e = 0; e < 2; e++)
        if (r->ends[e].rebooted)
            fprintf(
                r->f,
                "-- - The %s forgot the connection and began anew; what it did after that SYN is "
                "not repeated.\n",
                import_end_name(e));
}

static void put_beginning(replay *r)
{
    char text[40];
    if (r->from_syn || r->count == 0) return;
    if (r->lead > 0) {
        dw_duration_format(r->lead, text, sizeof text);
        fprintf(
            r->f,
            "-- - The capture begins %s after the script: before that, the connection is opened, "
            "with initial sequence numbers that lead to the capture's.\n",
            text);
    }
    if (!r->ends[0].set.syn || !r->ends[1].set.syn)
        fputs("-- - The options of SYNs that are not in the capture are guessed; a window scale "
              "cannot be.\n",
              r->f);
}

void replay_write_notes(replay *r)
{
    fputs("-- What ", r->f);
    replay_put(r, DW_IN_LINE, r->source);
    fputs(" shows, done again by two drywire hosts.\n", r->f);
    for (int e = 0; e < 2; e++) {
        const settings *set = &r->ends[e].set;
        if (set->why)
            fprintf(r->f, "-- - The %s has profile %s: %s.\n", import_end_name(e), set->profile,
                    set->why);
    }
    if (!r->ends[SERVER].takes_part)
        fputs(r->ends[SERVER].numbered || replay_silence(r, CLIENT) == DW_TIME_NEVER
                  ? "-- - The server has no listener: it refused the connection.\n"
                  : "-- - Nothing is known of the server: the path loses everything towards it.\n",
              r->f);
    put_beginning(r);
    put_path(r);
    put_differences(r);
    put_notes(r);
}
