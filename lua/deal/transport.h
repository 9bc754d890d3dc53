/* Between the process that deals and its workers (see deal.h).
 *
 * A transport carries whole messages.  Workers are children of this process (fork.c) or ranks of
 * a job of MPI (ranks.c).  Nothing in deal.c knows how a message travels. */
#ifndef DW_DEAL_TRANSPORT_H
#define DW_DEAL_TRANSPORT_H

#include "deal.h"

enum dw_deal_kind {
    DW_DEAL_SHARED,
    DW_DEAL_PIECE,
    DW_DEAL_RESULT,
    DW_DEAL_LAST_RESULT, /* the worker ends */
};

/* The octets are, one after the other, what was printed, what went to standard error, and the
 * piece, the result, or what is shared. */
typedef struct dw_deal_message {
    uint64_t kind, number;
    uint64_t printed, complained, len;
    const char *octets;
} dw_deal_message;

/* One that has come, or a death, with what it had written to standard error (`complained`). */
typedef struct dw_deal_arrival {
    unsigned worker;
    bool gone;
    dw_deal_message message; /* its octets stay until the next call */
    char why[160];           /* of a death */
} dw_deal_arrival;

/* Calls that can fail return DW_OK, DW_E_NOMEM or DW_E_IO. */
typedef struct dw_deal_transport {
    int (*open)(dw_deal *d, const dw_deal_work *work, unsigned workers, void **out);
    /* Let worker number so-and-so begin, which is not there, with what this process has now. */
    int (*begin)(void *t, unsigned worker);
    /* The octets are copied; the message may still be under way afterwards. */
    int (*send)(void *t, unsigned worker, const dw_deal_message *m);
    /* Wait for something to arrive; DW_E_AGAIN: a while has passed, or a signal has come. */
    int (*wait)(void *t, dw_deal_arrival *out);
    /* End one at once; there may be none. */
    void (*end)(void *t, unsigned worker);
    void (*close)(void *t);
} dw_deal_transport;

extern const dw_deal_transport dw_deal_fork;

/* A worker's side. */

/* Where what a worker prints is kept until its piece is done: files for standard output and error.
 */
typedef struct dw_deal_words {
    int fd[2];
} dw_deal_words;

int dw_deal_words_open(dw_deal_words *w); /* DW_OK or DW_E_IO */
void dw_deal_words_close(dw_deal_words *w);
/* What this process prints goes there from now on. */
void dw_deal_words_use(const dw_deal_words *w);
/* Append all of one of them, 0 or 1, and empty it; the number of octets. */
uint64_t dw_deal_words_take(const dw_deal_words *w, int which, dw_octets *out);

/* Do what a message asks for.  true: *reply is to be sent, its octets are in `room`; false: there
 * is nothing to answer. */
bool dw_deal_answer(const dw_deal_work *work, const dw_deal_words *words, const dw_deal_message *m,
                    dw_octets *room, dw_deal_message *reply);

#endif
