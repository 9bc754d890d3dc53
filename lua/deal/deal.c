/* Rounds: who does what, in which order results are told, what a death loses (see deal.h). */
#include "ranks.h"

#include <drywire/base.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AHEAD = 64 }; /* pieces that one worker has at a time */

enum progress { OPEN, DEALT, DONE };

/* Of a piece of the round. */
typedef struct piece {
    uint8_t progress, deaths;
    unsigned worker;         /* of one that is dealt */
    dw_deal_message message; /* of one that is done, with octets of its own */
} piece;

typedef struct worker {
    bool there;
    unsigned count;           /* pieces that it has, and has not answered */
    size_t pieces[MAX_AHEAD]; /* in the order in which it does them */
} worker;

struct dw_deal {
    dw_deal_work work;
    const dw_deal_transport *transport;
    void *t;
    bool here; /* there are no workers */
    unsigned workers;
    worker *worker;
    /* The round. */
    const dw_deal_piece *what;
    piece *pieces;
    size_t count, next, open, told; /* next: none before is open; open: how many are */
    size_t deadly;
    char message[400];
};

static int fail(dw_deal *d, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(d->message, sizeof d->message, format, args);
    va_end(args);
    return status;
}

static int no_memory(dw_deal *d)
{
    return fail(d, DW_E_NOMEM, "out of memory");
}

/* Workers. */

static bool begin(dw_deal *d, unsigned i)
{
    d->worker[i] = (worker){.there = d->transport->begin(d->t, i) == DW_OK};
    return d->worker[i].there;
}

static unsigned workers_there(const dw_deal *d)
{
    unsigned n = 0;
    for (unsigned i = 0; i < d->workers; i++)
        n += d->worker[i].there;
    return n;
}

static int open_workers(dw_deal *d)
{
    d->worker = calloc(d->workers, sizeof *d->worker);
    if (!d->worker) return DW_E_NOMEM;
    int status = d->transport->open(d, &d->work, d->workers, &d->t);
    for (unsigned i = 0; status == DW_OK && i < d->workers; i++)
        begin(d, i);
    if (status == DW_OK && workers_there(d) == 0) status = DW_E_IO;
    return status;
}

unsigned dw_deal_workers(unsigned wanted)
{
    const dw_ranks *ranks = dw_ranks_job();
    return ranks ? (unsigned)ranks->size : wanted;
}

int dw_deal_new(unsigned workers, const dw_deal_work *work, dw_deal **out)
{
    dw_deal *d = calloc(1, sizeof *d);
    if (!d) return DW_E_NOMEM;
    d->work = *work;
    const dw_ranks *ranks = dw_ranks_job();
    d->transport = ranks ? &dw_deal_ranks : &dw_deal_fork;
    d->workers = workers < DW_DEAL_MAX_WORKERS ? workers : DW_DEAL_MAX_WORKERS;
    if (ranks) d->workers = (unsigned)ranks->size - 1;
    d->here = workers <= 1;
    d->deadly = SIZE_MAX;
    int status = d->here || dw_deal_follows() ? DW_OK : open_workers(d);
    if (status == DW_OK)
        *out = d;
    else
        dw_deal_free(d);
    return status;
}

bool dw_deal_here(const dw_deal *d)
{
    return d->here;
}

size_t dw_deal_deadly(const dw_deal *d)
{
    return d->deadly;
}

const char *dw_deal_problem(const dw_deal *d)
{
    return d->message;
}

void dw_deal_free(dw_deal *d)
{
    if (!d) return;
    if (d->t) d->transport->close(d->t);
    free(d->worker);
    free(d);
}

static bool is_stopped(dw_deal *d)
{
    return d->work.stopped && d->work.stopped(d->work.arg);
}

/* Dealing out. */

/* What a worker may have at a time: many while there are many, which saves waiting for the next;
 * one at the end, so that all end at about the same time. */
static unsigned ahead(const dw_deal *d)
{
    size_t share = d->open / (4 * (size_t)workers_there(d));
    if (share > MAX_AHEAD) return MAX_AHEAD;
    return share > 0 ? (unsigned)share : 1;
}

static int deal_next(dw_deal *d, unsigned i)
{
    worker *w = &d->worker[i];
    while (d->pieces[d->next].progress != OPEN)
        d->next++;
    size_t number = d->next++;
    const dw_deal_message m = {.kind = DW_DEAL_PIECE,
                               .number = number,
                               .len = d->what[number].len,
                               .octets = d->what[number].data};
    d->pieces[number].progress = DEALT;
    d->pieces[number].worker = i;
    d->open--;
    w->pieces[w->count++] = number;
    return d->transport->send(d->t, i, &m);
}

static int deal_out(dw_deal *d)
{
    int status = DW_OK;
    for (unsigned i = 0; i < d->workers && status == DW_OK; i++) {
        unsigned most = ahead(d);
        if (!d->worker[i].there || d->worker[i].count > most / 2) continue;
        while (status == DW_OK && d->open > 0 && d->worker[i].count < most)
            status = deal_next(d, i);
    }
    return status;
}

/* What comes back. */

static int take_result(dw_deal *d, const dw_deal_arrival *a)
{
    worker *w = &d->worker[a->worker];
    const dw_deal_message *m = &a->message;
    size_t len = m->printed + m->complained + m->len;
    DW_ASSERT(w->count > 0 && w->pieces[0] == m->number);
    memmove(w->pieces, w->pieces + 1, --w->count * sizeof *w->pieces);
    piece *p = &d->pieces[m->number];
    char *copy = malloc(len ? len : 1);
    if (!copy) return DW_E_NOMEM;
    if (len) memcpy(copy, m->octets, len);
    p->message = *m;
    p->message.octets = copy;
    p->progress = DONE;
    return DW_OK;
}

/* Others do what it had. */
static void take_back(dw_deal *d, unsigned i)
{
    worker *w = &d->worker[i];
    for (unsigned k = 0; k < w->count; k++) {
        size_t number = w->pieces[k];
        d->pieces[number].progress = OPEN;
        d->open++;
        if (number < d->next) d->next = number;
    }
    w->there = false;
    w->count = 0;
}

/* It has died on the first piece that it had.  Once may be chance: what killed it had to do with
 * the machine.  Twice is not. */
static int mourn(dw_deal *d, const dw_deal_arrival *a)
{
    worker *w = &d->worker[a->worker];
    size_t number = w->count > 0 ? w->pieces[0] : SIZE_MAX;
    take_back(d, a->worker);
    if (number != SIZE_MAX && ++d->pieces[number].deaths == 2) {
        d->deadly = number;
        if (a->message.complained) fwrite(a->message.octets, 1, a->message.complained, stderr);
        return fail(d, DW_E_IO, "a second worker has ended %s on piece %zu", a->why, number + 1);
    }
    if (!begin(d, a->worker) && workers_there(d) == 0)
        return fail(d, DW_E_IO, "the last worker has ended %s, and no other can be started",
                    a->why);
    return DW_OK;
}

static int take(dw_deal *d, const dw_deal_arrival *a)
{
    if (a->gone) return mourn(d, a);
    int status = take_result(d, a);
    if (status != DW_OK || a->message.kind == DW_DEAL_RESULT) return status;
    take_back(d, a->worker);
    d->transport->end(d->t, a->worker);
    if (!begin(d, a->worker) && workers_there(d) == 0)
        return fail(d, DW_E_IO, "no worker can be started any more");
    return DW_OK;
}

/* Those whose turn it is; false: nobody wants more. */
static bool tell(dw_deal *d, bool (*result)(void *, size_t, const char *, size_t), void *arg)
{
    bool more = true;
    while (more && d->told < d->count && d->pieces[d->told].progress == DONE) {
        size_t number = d->told++;
        dw_deal_message *m = &d->pieces[number].message;
        char *octets = (char *)m->octets;
        fwrite(octets, 1, m->printed, stdout);
        if (m->complained) fflush(stdout);
        fwrite(octets + m->printed, 1, m->complained, stderr);
        more = result(arg, number, octets + m->printed + m->complained, m->len);
        if (dw_ranks_job()) continue; /* which are told at the end */
        m->octets = NULL;
        free(octets);
    }
    return more;
}

static int rounds(dw_deal *d, bool (*result)(void *, size_t, const char *, size_t), void *arg)
{
    dw_deal_arrival arrival;
    while (d->told < d->count) {
        if (is_stopped(d)) return fail(d, DW_E_INTERRUPT, "interrupted");
        int status = deal_out(d);
        if (status == DW_OK) status = d->transport->wait(d->t, &arrival);
        if (status == DW_E_AGAIN) continue;
        if (status == DW_OK) status = take(d, &arrival);
        if (status == DW_E_NOMEM) return no_memory(d);
        if (status != DW_OK) return status;
        if (!tell(d, result, arg)) return DW_OK;
    }
    return DW_OK;
}

/* Those that are in the middle of something have to go; others take their places in the next
 * round. */
static void end_round(dw_deal *d)
{
    for (unsigned i = 0; i < d->workers; i++) {
        if (!d->worker[i].there || d->worker[i].count == 0) continue;
        d->transport->end(d->t, i);
        d->worker[i] = (worker){0};
    }
    for (size_t i = 0; i < d->count; i++)
        free((char *)d->pieces[i].message.octets);
    free(d->pieces);
    d->pieces = NULL;
}

static int share(dw_deal *d, const dw_deal_piece *shared)
{
    const dw_deal_message m = {.kind = DW_DEAL_SHARED, .len = shared->len, .octets = shared->data};
    d->work.share(d->work.arg, shared->data, shared->len);
    int status = DW_OK;
    for (unsigned i = 0; !d->here && !dw_ranks_job() && i < d->workers && status == DW_OK; i++)
        if (d->worker[i].there) status = d->transport->send(d->t, i, &m);
    return status;
}

/* The other ranks go on as this one does. */
static int tell_ranks(const dw_deal *d, int status)
{
    dw_deal_message *results = calloc(d->told + 1, sizeof *results);
    if (!results) return DW_E_NOMEM;
    for (size_t i = 0; i < d->told; i++)
        results[i] = d->pieces[i].message;
    dw_ranks_tell(status, d->message, results, d->told);
    free(results);
    return status;
}

static int round_here(dw_deal *d, bool (*result)(void *, size_t, const char *, size_t), void *arg)
{
    dw_octets out = {0};
    int status = DW_OK;
    for (bool more = true; more && d->told < d->count; d->told++) {
        out.len = 0;
        if (is_stopped(d)) status = fail(d, DW_E_INTERRUPT, "interrupted");
        if (status != DW_OK) break;
        d->work.piece(d->work.arg, d->told, &d->what[d->told], &out);
        if (out.no_memory) status = no_memory(d);
        if (status != DW_OK) break;
        more = result(arg, d->told, out.data, out.len);
    }
    dw_octets_free(&out);
    return status;
}

static int round_of_workers(dw_deal *d, bool (*result)(void *, size_t, const char *, size_t),
                            void *arg)
{
    d->pieces = calloc(d->count ? d->count : 1, sizeof *d->pieces);
    if (!d->pieces) return no_memory(d);
    for (unsigned i = 0; i < d->workers; i++)
        if (!d->worker[i].there) begin(d, i);
    int status = workers_there(d) > 0 ? rounds(d, result, arg)
                                      : fail(d, DW_E_IO, "no worker can be started any more");
    if (dw_ranks_job()) status = tell_ranks(d, status);
    end_round(d);
    return status;
}

int dw_deal_round(dw_deal *d, const dw_deal_piece *shared, const dw_deal_piece *pieces,
                  size_t count, bool (*result)(void *, size_t, const char *, size_t), void *arg)
{
    d->what = pieces;
    d->count = d->open = count;
    d->next = d->told = 0;
    d->deadly = SIZE_MAX;
    d->message[0] = 0;
    if (shared && shared->len > 0 && share(d, shared) != DW_OK) return no_memory(d);
    if (d->here) return round_here(d, result, arg);
    if (dw_ranks_job()) dw_ranks_round();
    if (dw_deal_follows())
        return dw_ranks_follow(&d->work, result, arg, d->message, sizeof d->message);
    return round_of_workers(d, result, arg);
}
