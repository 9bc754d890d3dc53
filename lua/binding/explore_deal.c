/* The runs of a round are dealt out in pieces of some that follow one another.  A worker performs
 * those of a piece up to the first of which there is something to say: it fails, it needs more
 * memory, it asks for what went before.  That one and the rest of its piece the process that
 * explores performs itself, so what is said is the same at any number of workers.
 *
 * A piece is two numbers, the first run and how many; its result is these again, of those that were
 * performed, what they left (leftovers.h), the outcome of each, and what each reached.  That is
 * also what is recorded.
 */
#include "explore_deal.h"
#include "leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 16, FEW = 4 * PIECE }; /* runs */

typedef struct piece {
    uint32_t first, count;
} piece;

/* Outcomes, each behind its length. */

static void write_outcome(const dw_explore_round *round, size_t number, dw_octets *out)
{
    uint32_t len = (uint32_t)dw_explore_write_outcome(round, number, NULL, 0);
    dw_octets_add(out, &len, sizeof len);
    char *at = len > 0 ? dw_octets_more(out, len) : NULL;
    if (at) dw_explore_write_outcome(round, number, at, len);
}

/* The octets that it took; 0: it was none. */
static size_t read_outcome(dw_explore_round *round, size_t number, const char *data)
{
    uint32_t len;
    memcpy(&len, data, sizeof len);
    if (dw_explore_read_outcome(round, number, data + sizeof len, len) != DW_OK) return 0;
    return sizeof len + len;
}

/* What runs that follow one another reached, from there on.  Where it ends. */
static const char *take_reached(dwl_explore_deal *d, const char *data, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = dwl_coverage_take(d->coverage, data);
        dw_octets_add(&d->round_reached, data, len);
        data += len;
    }
    return data;
}

/* A worker. */

static void begins(void *arg)
{
    dwl_explore_deal *d = arg;
    d->worker = true;
    dwl_worker_begins(d->state);
}

/* What all runs of the rounds before came to: a worker follows. */
static void share(void *arg, const char *data, size_t len)
{
    dwl_explore_deal *d = arg;
    const char *end = data + len;
    while (d->worker && data < end) {
        size_t taken = 1, count = dw_explore_round_size(d->round);
        for (size_t i = 0; i < count && taken > 0; i++)
            data += taken = read_outcome(d->round, i, data);
        data = take_reached(d, data, count);
        d->round_reached.len = 0;
        if (taken == 0 || dw_explore_go_on(d->round) != DW_OK) _exit(3);
    }
}

/* Perform the runs of a piece, up to the first of which there is something to say: that is
 * returned, DW_E_MISMATCH where it fails.  What came of those before it is the result. */
static int perform_piece(dwl_explore_deal *d, piece p, dw_octets *out)
{
    dwl_state *s = d->state;
    piece done = {p.first, 0};
    int status = DW_OK;
    dwl_piece b = dwl_piece_begin(d->L, s);
    dwl_leftovers l = dwl_leftovers_of(s, &b);
    d->reached.len = 0;
    while (done.count < p.count) {
        status = dw_explore_perform(d->round, p.first + done.count);
        if (status == DW_OK) status = d->goes_on(d->arg);
        if (status != DW_OK) break;
        l = dwl_leftovers_of(s, &b);
        dwl_coverage_write(d->coverage, &d->reached);
        done.count++;
    }
    out->len = 0;
    dw_octets_add(out, &done, sizeof done);
    dwl_leftovers_write(s, &b, &l, out);
    for (uint32_t i = 0; i < done.count; i++)
        write_outcome(d->round, p.first + i, out);
    dw_octets_add(out, d->reached.data, d->reached.len);
    out->no_memory |= d->reached.no_memory;
    dwl_piece_end(d->L, s, &b);
    return status;
}

static bool do_piece(void *arg, size_t number, const dw_deal_piece *octets, dw_octets *out)
{
    dwl_explore_deal *d = arg;
    piece p;
    (void)number;
    memcpy(&p, octets->data, sizeof p);
    perform_piece(d, p, out);
    if (d->state->ending == DWL_ENDS_BY_SIGNAL) _exit(128 + d->state->signal);
    return true;
}

/* The process that explores. */

static int fail(dwl_explore_deal *d, const char *problem)
{
    snprintf(d->problem, sizeof d->problem, "%s", problem);
    return DW_E_IO;
}

static int record(dwl_explore_deal *d, const dw_octets *result)
{
    if (!d->record || dw_deal_follows() || dwl_explore_record_add(d->record, result)) return DW_OK;
    return fail(d, d->record->problem);
}

/* Here, up to a run. */
static int perform(dwl_explore_deal *d, size_t end)
{
    int status = DW_OK;
    while (d->known < end && status == DW_OK) {
        size_t left = end - d->known;
        const piece p = {(uint32_t)d->known, left < PIECE ? (uint32_t)left : PIECE};
        status = perform_piece(d, p, &d->result);
        int recorded = record(d, &d->result);
        if (recorded != DW_OK) return recorded;
        if (d->reached.no_memory) return DW_E_NOMEM;
        if (status == DW_OK) take_reached(d, d->reached.data, p.count);
        d->known += p.count;
    }
    return status;
}

/* Of a piece that another process has performed; the next one.  DW_E_FORMAT: it is none. */
static int take_piece(dwl_explore_deal *d, const char *data)
{
    piece done;
    memcpy(&done, data, sizeof done);
    size_t count = dw_explore_round_size(d->round);
    if (done.first != d->known || done.count > count - d->known) return DW_E_FORMAT;
    data += sizeof done;
    data += dwl_leftovers_read(d->state, data, true);
    for (uint32_t i = 0; i < done.count; i++) {
        size_t taken = read_outcome(d->round, d->known++, data);
        if (taken == 0) return DW_E_FORMAT;
        data += taken;
    }
    take_reached(d, data, done.count);
    d->state->events++; /* it gets on, the watchdog sees */
    return DW_OK;
}

/* Those of the round that are on record. */
static int take_record(dwl_explore_deal *d)
{
    int status = DW_OK;
    while (d->record && status == DW_OK && d->known < dw_explore_round_size(d->round)) {
        d->result.len = 0;
        if (!dw_deal_follows()) dwl_explore_record_next(d->record, &d->result);
        dw_deal_common(&d->result);
        if (d->result.len == 0) break;
        status = take_piece(d, d->result.data);
        if (status == DW_OK) status = d->goes_on(d->arg);
    }
    if (status == DW_E_FORMAT) return fail(d, "the record does not fit this script; remove it");
    return status != DW_OK || !d->record || !d->record->problem[0] ? status
                                                                   : fail(d, d->record->problem);
}

static bool take_result(void *arg, size_t number, const char *data, size_t len)
{
    dwl_explore_deal *d = arg;
    size_t end = d->first + (number + 1) * PIECE, count = dw_explore_round_size(d->round);
    d->status = take_piece(d, data);
    if (d->status == DW_OK && d->record) {
        d->result.len = 0;
        dw_octets_add(&d->result, data, len);
        d->status = record(d, &d->result);
    }
    if (d->status == DW_OK) d->status = perform(d, end < count ? end : count);
    if (d->status == DW_OK) d->status = d->goes_on(d->arg);
    return d->status == DW_OK;
}

static bool has_to_end(void *arg)
{
    dwl_explore_deal *d = arg;
    if (d->status == DW_OK) d->status = d->goes_on(d->arg);
    return d->status != DW_OK || d->state->ending != DWL_GOES_ON;
}

/* The workers have what this process has when they begin, and from then on are told. */
static int deal_out(dwl_explore_deal *d)
{
    size_t runs = dw_explore_round_size(d->round) - d->known, count = (runs + PIECE - 1) / PIECE;
    const dw_deal_work work = {do_piece, share, begins, has_to_end, d};
    const dw_deal_piece behind = {d->behind.data, d->behind.len};
    piece *list = calloc(count, sizeof *list);
    dw_deal_piece *pieces = calloc(count, sizeof *pieces);
    int status = list && pieces ? DW_OK : DW_E_NOMEM;
    for (size_t i = 0; status == DW_OK && i < count; i++) {
        size_t left = runs - i * PIECE;
        list[i] = (piece){(uint32_t)(d->known + i * PIECE), left < PIECE ? (uint32_t)left : PIECE};
        pieces[i] = (dw_deal_piece){(const char *)&list[i], sizeof list[i]};
    }
    d->first = d->known;
    if (status == DW_OK && !d->deal) status = dw_deal_new(d->jobs, &work, &d->deal);
    if (status == DW_OK) status = dw_deal_round(d->deal, &behind, pieces, count, take_result, d);
    if (status == DW_E_IO)
        fail(d, d->deal ? dw_deal_problem(d->deal) : "no process could be started");
    d->behind.len = 0;
    free(pieces);
    free(list);
    if (d->status != DW_OK) return d->status;
    return d->state->ending ? DW_E_INTERRUPT : status;
}

static int note_round(dwl_explore_deal *d)
{
    size_t count = dw_explore_round_size(d->round);
    for (size_t i = 0; d->deal && i < count; i++)
        write_outcome(d->round, i, &d->behind);
    if (d->deal) dw_octets_add(&d->behind, d->round_reached.data, d->round_reached.len);
    d->behind.no_memory |= d->round_reached.no_memory;
    return d->behind.no_memory ? DW_E_NOMEM : DW_OK;
}

int dwl_explore_deal_round(dwl_explore_deal *d, dw_explore_round *round)
{
    size_t count = dw_explore_round_size(round);
    d->round = round;
    d->known = 0;
    d->status = DW_OK;
    d->round_reached.len = 0;
    int status = take_record(d);
    if (status == DW_OK)
        status = d->jobs > 1 && count - d->known >= FEW ? deal_out(d) : perform(d, count);
    if (status == DW_E_MISMATCH) return DW_OK;
    return status == DW_OK ? note_round(d) : status;
}

void dwl_explore_deal_end(dwl_explore_deal *d)
{
    dw_deal_free(d->deal);
    dw_octets_free(&d->result);
    dw_octets_free(&d->reached);
    dw_octets_free(&d->round_reached);
    dw_octets_free(&d->behind);
    d->deal = NULL;
}
