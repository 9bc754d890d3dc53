/* Jobs by the ranks of a job of MPI: each has the same list, so its number says which one to do. */
#include "deal/ranks.h"
#include "process.h"

#include <drywire/base.h>
#include <stdlib.h>
#include <string.h>

typedef struct dealing {
    job *jobs;
    bool (*done)(job *j, size_t index, void *arg);
    void *arg;
    int status;
} dealing;

/* In front of what it wrote. */
typedef struct ended {
    int status, exit_code;
    double seconds;
    bool failed, another; /* it could not be started; what comes after it follows */
    size_t len[JOB_PIPES];
} ended;

static void write_job(const job *j, int status, bool another, dw_octets *out)
{
    ended e = {.status = status,
               .exit_code = j->exit_code,
               .seconds = j->seconds,
               .failed = j->error,
               .another = another};
    memcpy(e.len, j->len, sizeof e.len);
    dw_octets_add(out, &e, sizeof e);
    for (int i = 0; i < JOB_PIPES; i++)
        dw_octets_add(out, j->text[i], j->len[i]);
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (!copy) return NULL;
    memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}

/* What this process may have of it is replaced. */
static const char *read_job(job *j, const char *data, ended *e)
{
    memcpy(e, data, sizeof *e);
    data += sizeof *e;
    j->exit_code = e->exit_code;
    j->seconds = e->seconds;
    j->error = e->failed ? "it could not be started on its rank" : NULL;
    for (int i = 0; i < JOB_PIPES; i++) {
        char *text = e->len[i] ? copy_text(data, e->len[i]) : NULL;
        if (e->len[i] && !text) e->status = JOBS_NO_MEMORY;
        free(j->text[i]);
        j->text[i] = text;
        j->len[i] = e->len[i];
        data += e->len[i];
    }
    return data;
}

/* A job that has ended may be done again: a rank does not know what of a round is wanted. */
static bool do_job(void *arg, size_t number, const dw_deal_piece *piece, dw_octets *out)
{
    dealing *d = arg;
    job *j = &d->jobs[number];
    (void)piece;
    int status = jobs_run(j, 1, 1, NULL, NULL);
    write_job(j, status, j->then, out);
    if (j->then) write_job(j->then, status, false, out);
    return true;
}

static bool take_job(void *arg, size_t number, const char *data, size_t len)
{
    dealing *d = arg;
    ended e, second = {0};
    job *j = &d->jobs[number];
    (void)len;
    data = read_job(j, data, &e);
    if (e.another) read_job(j->then, data, &second);
    d->status = e.status ? e.status : second.status;
    return d->status == 0 && d->done(j, number, d->arg);
}

int jobs_deal(job *jobs, size_t count, unsigned at_once,
              bool (*done)(job *j, size_t index, void *arg), void *arg)
{
    if (!dw_ranks_job()) return jobs_run(jobs, count, at_once, done, arg);
    dealing d = {.jobs = jobs, .done = done, .arg = arg};
    const dw_deal_work work = {.piece = do_job, .arg = &d};
    dw_deal *deal = NULL;
    dw_deal_piece *pieces = calloc(count + 1, sizeof *pieces);
    int status = pieces ? dw_deal_new(dw_deal_workers(1), &work, &deal) : DW_E_NOMEM;
    if (status == DW_OK) status = dw_deal_round(deal, NULL, pieces, count, take_job, &d);
    dw_deal_free(deal);
    free(pieces);
    if (d.status != 0) return d.status;
    return status == DW_OK ? 0 : JOBS_NO_MEMORY;
}
