/* Ranks of a job (see ranks.h): what they say to each other. */
#include "ranks.h"

#include <dlfcn.h>
#include <drywire/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHILE_MS = 250 };

/* Between ranks, besides enum dw_deal_kind. */
enum { TOLD = 16, ROUND_ENDED, COMMON, PROGRAM_ENDED, FAREWELL };

/* In front of the octets.  A piece, or a result, of a round that has ended is not wanted any more.
 */
typedef struct head {
    uint64_t round;
    dw_deal_message message;
} head;

/* A process is one rank of one job. */
static struct {
    const dw_ranks *ranks;
    bool deals;
    uint64_t round;
    dw_deal_words words; /* of one that deals not */
    int said;            /* where its standard error was */
} job;

const dw_ranks *dw_ranks_job(void)
{
    return job.deals ? job.ranks : NULL;
}

/* Messages. */

static int send_to(int rank, const dw_deal_message *m)
{
    dw_octets all = {0};
    const head h = {job.round, *m};
    dw_octets_add(&all, &h, sizeof h);
    dw_octets_add(&all, m->octets, m->printed + m->complained + m->len);
    int status = all.no_memory ? DW_E_NOMEM : job.ranks->send(rank, all.data, all.len);
    dw_octets_free(&all);
    return status;
}

static void send_to_all(const dw_deal_message *m)
{
    for (int rank = 1; rank < job.ranks->size; rank++)
        if (send_to(rank, m) != DW_OK) job.ranks->abort();
}

static int receive(unsigned wait_ms, int *from, head *out)
{
    const char *octets;
    size_t len;
    int status = job.ranks->receive(wait_ms, from, &octets, &len);
    if (status != DW_OK) return status;
    memcpy(out, octets, sizeof *out);
    out->message.octets = octets + sizeof *out;
    return DW_OK;
}

static void wait_for(head *out)
{
    int from;
    while (receive(WHILE_MS, &from, out) != DW_OK)
        ;
}

/* The end of the process. */

static void let_others_end(void)
{
    head h;
    send_to_all(&(dw_deal_message){.kind = PROGRAM_ENDED});
    for (int left = job.ranks->size - 1; left > 0; left -= h.message.kind == FAREWELL)
        wait_for(&h);
    job.ranks->close();
}

static _Noreturn void end_quietly(void)
{
    send_to(0, &(dw_deal_message){.kind = FAREWELL});
    job.ranks->close();
    _exit(0);
}

/* Whoever has come to the end of the program has done what rank 0 does; there can be nothing left
 * but pieces of rounds that have ended. */
static void wait_for_end(void)
{
    head h;
    for (;;) {
        wait_for(&h);
        if (h.message.kind == PROGRAM_ENDED) end_quietly();
        if (h.message.kind == DW_DEAL_PIECE && h.round <= job.round) continue;
        dprintf(job.said,
                "drywire: rank %d is at its end, and rank 0 goes on: the script does not "
                "do the same on each\n",
                job.ranks->rank);
        job.ranks->abort();
    }
}

static void leave(void)
{
    if (job.ranks->rank == 0)
        let_others_end();
    else
        wait_for_end();
}

/* Joining. */

/* How many there are, as what starts ranks says: Open MPI; MPICH and Slurm's PMI; Slurm's PMIx. */
static int ranks_started(void)
{
    const char *size = getenv("OMPI_COMM_WORLD_SIZE");
    if (!size) size = getenv("PMI_SIZE");
    if (!size && getenv("PMIX_RANK")) size = getenv("SLURM_NTASKS");
    return size ? atoi(size) : 1;
}

static int be_quiet(void)
{
    job.said = dup(STDERR_FILENO);
    fflush(NULL);
    if (dw_deal_words_open(&job.words) != DW_OK) return DW_E_IO;
    dw_deal_words_use(&job.words);
    return DW_OK;
}

int dw_ranks_join(bool deals, char *why, size_t size)
{
    if (ranks_started() < 2) return DW_OK;
    void *object = dlopen("drywire-mpi.so", RTLD_NOW | RTLD_GLOBAL);
    const dw_ranks *(*join)(void) = NULL;
    if (object) *(void **)&join = dlsym(object, "dw_mpi_join");
    if (!join) {
        snprintf(why, size,
                 "one of several ranks of a job, and this drywire was built without MPI "
                 "(%s)",
                 dlerror());
        return DW_E_IO;
    }
    const dw_ranks *ranks = join();
    if (!ranks || ranks->size < 2) return DW_OK;
    job.ranks = ranks;
    job.deals = deals;
    if (ranks->rank > 0 && be_quiet() != DW_OK) ranks->abort();
    atexit(leave);
    if (ranks->rank > 0 && !deals) exit(0);
    return DW_OK;
}

/* Rank 0's side of a round. */

static int open_all(dw_deal *d, const dw_deal_work *work, unsigned workers, void **out)
{
    (void)d;
    (void)work;
    (void)workers;
    *out = NULL;
    return DW_OK;
}

static int begin(void *t, unsigned worker)
{
    (void)t;
    (void)worker;
    return DW_OK;
}

static int send_piece(void *t, unsigned worker, const dw_deal_message *m)
{
    (void)t;
    return send_to((int)worker + 1, m);
}

static int wait_for_result(void *t, dw_deal_arrival *out)
{
    head h;
    int from;
    (void)t;
    int status = receive(WHILE_MS, &from, &h);
    if (status != DW_OK || h.round != job.round) return status == DW_OK ? DW_E_AGAIN : status;
    *out = (dw_deal_arrival){.worker = (unsigned)from - 1, .message = h.message};
    return DW_OK;
}

/* What it still has is of a round that has ended. */
static void end(void *t, unsigned worker)
{
    (void)t;
    (void)worker;
}

static void close_all(void *t)
{
    (void)t;
}

const dw_deal_transport dw_deal_ranks = {open_all,        begin, send_piece,
                                         wait_for_result, end,   close_all};

void dw_ranks_round(void)
{
    job.round++;
}

void dw_ranks_tell(int status, const char *problem, const dw_deal_message *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const dw_deal_message *r = &results[i];
        send_to_all(&(dw_deal_message){.kind = TOLD,
                                       .number = i,
                                       .len = r->len,
                                       .octets = r->octets + r->printed + r->complained});
    }
    send_to_all(&(dw_deal_message){.kind = ROUND_ENDED,
                                   .number = (uint64_t)-status,
                                   .len = strlen(problem) + 1,
                                   .octets = problem});
}

/* The others' side. */

/* Pieces that have come, each a message behind its length, from `next` on. */
typedef struct pieces {
    dw_octets octets;
    size_t next;
} pieces;

static void add_piece(pieces *p, const dw_deal_message *m)
{
    dw_octets_add(&p->octets, m, sizeof *m);
    dw_octets_add(&p->octets, m->octets, m->len);
    if (p->octets.no_memory) job.ranks->abort();
}

static bool next_piece(pieces *p, dw_deal_message *out)
{
    if (p->next == p->octets.len) {
        p->next = p->octets.len = 0;
        return false;
    }
    memcpy(out, p->octets.data + p->next, sizeof *out);
    out->octets = p->octets.data + p->next + sizeof *out;
    p->next += sizeof *out + out->len;
    return true;
}

/* What it printed before is nobody's. */
static void forget_words(dw_octets *room)
{
    fflush(stdout);
    fflush(stderr);
    dw_deal_words_take(&job.words, 0, room);
    dw_deal_words_take(&job.words, 1, room);
}

/* It is a rank of the job until the job ends, so a piece that ends a worker does not end it. */
static void answer(const dw_deal_work *work, const dw_deal_message *m, dw_octets *room)
{
    dw_deal_message reply;
    if (!dw_deal_answer(work, &job.words, m, room, &reply)) return;
    reply.kind = DW_DEAL_RESULT;
    if (room->no_memory || send_to(0, &reply) != DW_OK) job.ranks->abort();
}

/* Pieces that it has not begun when the round ends are not wanted any more. */
int dw_ranks_follow(const dw_deal_work *work,
                    bool (*result)(void *arg, size_t number, const char *data, size_t len),
                    void *arg, char *problem, size_t size)
{
    head h = {0};
    int from;
    bool ended = false;
    pieces waiting = {0};
    dw_octets room = {0};
    dw_deal_message piece;
    forget_words(&room);
    while (!ended) {
        /* All that has come is looked at before the next piece is begun: the round may be over. */
        while (!ended && receive(waiting.octets.len ? 0 : WHILE_MS, &from, &h) == DW_OK) {
            if (h.message.kind == PROGRAM_ENDED) end_quietly();
            if (h.round != job.round) continue;
            if (h.message.kind == DW_DEAL_PIECE) add_piece(&waiting, &h.message);
            if (h.message.kind == TOLD)
                result(arg, h.message.number, h.message.octets, h.message.len);
            ended = h.message.kind == ROUND_ENDED;
        }
        if (!ended && next_piece(&waiting, &piece)) answer(work, &piece, &room);
    }
    snprintf(problem, size, "%s", h.message.octets);
    dw_octets_free(&waiting.octets);
    dw_octets_free(&room);
    return -(int)h.message.number;
}

/* What one knows, all have to know. */

bool dw_deal_follows(void)
{
    return job.deals && job.ranks->rank > 0;
}

void dw_deal_common(dw_octets *octets)
{
    head h = {0};
    if (!job.deals) return;
    if (job.ranks->rank == 0) {
        send_to_all(&(dw_deal_message){.kind = COMMON, .len = octets->len, .octets = octets->data});
        return;
    }
    while (h.message.kind != COMMON) {
        wait_for(&h);
        if (h.message.kind == PROGRAM_ENDED) end_quietly();
    }
    octets->len = 0;
    dw_octets_add(octets, h.message.octets, h.message.len);
}
