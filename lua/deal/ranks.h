/* Workers that are ranks of a job of MPI.
 *
 * Every rank runs the same program and comes to the same calls.  Rank 0 deals.  The others do
 * pieces while they are in dw_deal_round, until rank 0 tells them all results of the round; so each
 * goes on as rank 0 does.  What they print outside of pieces is lost, and they must not write
 * files.  A process that is in no such job, or alone in it, has none of this. */
#ifndef DW_DEAL_RANKS_H
#define DW_DEAL_RANKS_H

#include "transport.h"

/* What carries messages between them.  It is in a shared object of its own, drywire-mpi.so
 * (lua/mpi), so that only who runs in such a job needs MPI. */
typedef struct dw_ranks {
    int rank, size;
    /* The octets are copied, and may still be under way afterwards.  DW_OK, DW_E_NOMEM, DW_E_IO. */
    int (*send)(int to, const void *octets, size_t len);
    /* The next message from anybody, which stays until the next call; those of one sender come in
     * the order in which they were sent.  DW_OK; DW_E_AGAIN: none has come for so long. */
    int (*receive)(unsigned wait_ms, int *from, const char **octets, size_t *len);
    void (*close)(void); /* all ranks do it */
    void (*abort)(void); /* ends all ranks, whatever they do */
} dw_ranks;

/* Whoever is not in a job of several has only this: join the one that this process was started in
 * as a rank, and leave it at the end of the process.  The others' output goes nowhere from now on.
 * Where the program does not deal, rank 0 does all of it, and for the others this is the end.
 * DW_OK, also where there is no such job; DW_E_IO, with a sentence without an end. */
int dw_ranks_join(bool deals, char *why, size_t size);
/* The job whose ranks are dealt to; NULL: there is none. */
const dw_ranks *dw_ranks_job(void);

extern const dw_deal_transport dw_deal_ranks;

/* A round begins, on every rank. */
void dw_ranks_round(void);
/* Rank 0: it has ended so, after so many results of these; the others are told. */
void dw_ranks_tell(int status, const char *problem, const dw_deal_message *results, size_t count);
/* Others: do pieces until it has ended.  What rank 0's call returned, and its problem. */
int dw_ranks_follow(const dw_deal_work *work,
                    bool (*result)(void *arg, size_t number, const char *data, size_t len),
                    void *arg, char *problem, size_t size);

#endif
