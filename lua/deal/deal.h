/* Work dealt out to processes: numbered pieces go out, results come back in the order of the
 * pieces, whoever did them.  With one worker nothing is started and the pieces are done here, so a
 * program that keeps to the order of results does the same with any number of workers.
 *
 *   deal.c       rounds: who does what, in which order results are told, what a death loses
 *   answer.c     a worker's side: it does a piece, and what it prints comes back with the result
 *   fork.c       workers as processes of this machine
 *   ranks.c      workers as ranks of a job of MPI
 *   transport.h  what lies between the two sides, and how another kind of worker would fit in
 *   octets.c     octets that grow */
#ifndef DW_DEAL_H
#define DW_DEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dw_octets {
    char *data;
    size_t len, room;
    bool no_memory; /* something is missing from it */
} dw_octets;

void dw_octets_add(dw_octets *o, const void *data, size_t len);
/* So many more, for the caller to fill in; NULL: there is no memory. */
char *dw_octets_more(dw_octets *o, size_t len);
void dw_octets_free(dw_octets *o);

typedef struct dw_deal_piece {
    const char *data;
    size_t len;
} dw_deal_piece;

/* What is to be done.  A piece must depend on nothing but its octets, what was shared, and what
 * this process was when the workers began. */
typedef struct dw_deal_work {
    /* Do one and append what came of it.  false: whoever did it shall do no more, and another
     * worker takes its place; the result counts. */
    bool (*piece)(void *arg, size_t number, const dw_deal_piece *piece, dw_octets *out);
    /* Take what everybody must know before the pieces of a round: called in this process first, and
     * then in each worker; or NULL. */
    void (*share)(void *arg, const char *data, size_t len);
    /* In a worker, once, before anything else; or NULL. */
    void (*begins)(void *arg);
    /* Whether the round is to end early, asked here, several times a second; or NULL. */
    bool (*stopped)(void *arg);
    void *arg;
} dw_deal_work;

typedef struct dw_deal dw_deal;

enum { DW_DEAL_MAX_WORKERS = 256 };

/* In a job of MPI (ranks.h) its other ranks are the workers, where more than one is asked for; each
 * of them makes the same calls, with the same arguments, and gets what rank 0 gets. */

/* How many workers to ask for: so many; in a job of MPI, as many as it has ranks. */
unsigned dw_deal_workers(unsigned wanted);
/* Whether this process is another rank than the one that deals: it writes no files. */
bool dw_deal_follows(void);
/* Every rank has the octets of rank 0 afterwards; where there is one process they stay. */
void dw_deal_common(dw_octets *octets);

/* Begin so many workers (1: none, 0 is 1), which inherit all that this process has now; `work` is
 * copied.  Where the system allows fewer, there are fewer.  Standard output and error are flushed.
 *
 * Returns DW_OK, DW_E_NOMEM, or DW_E_IO when no worker could be started. */
int dw_deal_new(unsigned workers, const dw_deal_work *work, dw_deal **out);

/* Deal pieces out and wait for what comes of them.  For each, from number 0 on and in this order:
 * what it printed is written to standard output and error, then `result` is called; false from it
 * ends the round.  A worker that dies loses what it had not finished, which others do.
 *
 * Returns DW_OK, also where `result` ended it; DW_E_NOMEM; DW_E_INTERRUPT where `stopped` ended it;
 * or DW_E_IO: two workers have died on one piece (dw_deal_deadly), or there are none any more. */
int dw_deal_round(dw_deal *d, const dw_deal_piece *shared, const dw_deal_piece *pieces,
                  size_t count,
                  bool (*result)(void *arg, size_t number, const char *data, size_t len),
                  void *arg);

/* Whether pieces are done in this process. */
bool dw_deal_here(const dw_deal *d);
/* The piece of the last round that two workers died on; SIZE_MAX: none. */
size_t dw_deal_deadly(const dw_deal *d);
/* Why the last call failed: a sentence without an end. */
const char *dw_deal_problem(const dw_deal *d);
/* Ends the workers, whatever they do.  NULL is allowed. */
void dw_deal_free(dw_deal *d);

#endif
