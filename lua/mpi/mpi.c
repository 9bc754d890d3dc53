/* Messages between ranks by MPI: drywire-mpi.so, which the command loads where it is a rank. */
#include "deal/ranks.h"

#include <drywire/base.h>
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

DW_API const dw_ranks *dw_mpi_join(void);

extern char **environ;

/* On their way, until MPI has taken them. */
typedef struct sending {
    MPI_Request request;
    char *octets;
} sending;

static struct {
    dw_ranks ranks;
    sending *list;
    size_t count, room;
    char *in;
    size_t in_room;
} job;

static void forget_sent(void)
{
    size_t left = 0;
    for (size_t i = 0; i < job.count; i++) {
        int done = 0;
        MPI_Test(&job.list[i].request, &done, MPI_STATUS_IGNORE);
        if (done)
            free(job.list[i].octets);
        else
            job.list[left++] = job.list[i];
    }
    job.count = left;
}

static bool has_room(void)
{
    if (job.count < job.room) return true;
    size_t room = job.room ? 2 * job.room : 64;
    sending *list = realloc(job.list, room * sizeof *list);
    if (!list) return false;
    job.list = list;
    job.room = room;
    return true;
}

static int send_octets(int to, const void *octets, size_t len)
{
    forget_sent();
    if (len > INT_MAX) return DW_E_IO;
    char *copy = malloc(len + 1);
    if (!copy || !has_room()) {
        free(copy);
        return DW_E_NOMEM;
    }
    memcpy(copy, octets, len);
    sending *s = &job.list[job.count++];
    s->octets = copy;
    MPI_Isend(copy, (int)len, MPI_BYTE, to, 0, MPI_COMM_WORLD, &s->request);
    return DW_OK;
}

/* Longer and longer, so that a rank that waits leaves the processor to others. */
static long nap(long ns)
{
    enum { LEAST = 20000, MOST = 1000000 };
    const struct timespec t = {0, ns < LEAST ? LEAST : ns};
    nanosleep(&t, NULL);
    return t.tv_nsec < MOST / 2 ? 2 * t.tv_nsec : MOST;
}

static bool arrives(unsigned wait_ms, MPI_Status *status)
{
    int there = 0;
    double end = MPI_Wtime() + wait_ms / 1000.0;
    for (long ns = 0;; ns = nap(ns)) {
        MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &there, status);
        if (there || MPI_Wtime() >= end) return there;
        forget_sent();
    }
}

static int receive_octets(unsigned wait_ms, int *from, const char **octets, size_t *len)
{
    int count;
    MPI_Status status;
    if (!arrives(wait_ms, &status)) return DW_E_AGAIN;
    MPI_Get_count(&status, MPI_BYTE, &count);
    if ((size_t)count > job.in_room) {
        char *in = realloc(job.in, (size_t)count);
        if (!in) return DW_E_NOMEM;
        job.in = in;
        job.in_room = (size_t)count;
    }
    MPI_Recv(job.in, count, MPI_BYTE, status.MPI_SOURCE, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    *from = status.MPI_SOURCE;
    *octets = job.in;
    *len = (size_t)count;
    return DW_OK;
}

static void close_job(void)
{
    for (size_t i = 0; i < job.count; i++) {
        MPI_Wait(&job.list[i].request, MPI_STATUS_IGNORE);
        free(job.list[i].octets);
    }
    free(job.list);
    free(job.in);
    MPI_Finalize();
}

static void abort_job(void)
{
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* Programs that this one starts are no ranks. */
static void hide_job(void)
{
    static const char *const of_job[] = {"OMPI_", "PMIX_", "PMI_", "PRTE_"};
    for (char **e = environ; *e;) {
        char name[256];
        size_t len = strcspn(*e, "=");
        bool hidden = false;
        for (size_t i = 0; i < sizeof of_job / sizeof of_job[0]; i++)
            hidden |= strncmp(*e, of_job[i], strlen(of_job[i])) == 0;
        if (!hidden || len >= sizeof name) {
            e++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)len, *e);
        unsetenv(name); /* those behind it move up */
    }
}

const dw_ranks *dw_mpi_join(void)
{
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS) return NULL;
    job.ranks = (dw_ranks){
        .send = send_octets, .receive = receive_octets, .close = close_job, .abort = abort_job};
    MPI_Comm_rank(MPI_COMM_WORLD, &job.ranks.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &job.ranks.size);
    hide_job();
    return &job.ranks;
}
