/* A worker's side of dealing: it does a piece, and what that prints goes back with the result. */
#include "transport.h"

#include <drywire/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file without a name. */
static int nameless(void)
{
    char path[4096];
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(path, sizeof path, "%s/drywire-deal-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    int fd = n > 0 && (size_t)n < sizeof path ? mkstemp(path) : -1;
    if (fd >= 0) unlink(path);
    return fd;
}

int dw_deal_words_open(dw_deal_words *w)
{
    w->fd[0] = nameless();
    w->fd[1] = w->fd[0] >= 0 ? nameless() : -1;
    if (w->fd[1] >= 0) return DW_OK;
    dw_deal_words_close(w);
    return DW_E_IO;
}

void dw_deal_words_close(dw_deal_words *w)
{
    for (int i = 0; i < 2; i++) {
        if (w->fd[i] >= 0) close(w->fd[i]);
        w->fd[i] = -1;
    }
}

void dw_deal_words_use(const dw_deal_words *w)
{
    dup2(w->fd[0], STDOUT_FILENO);
    dup2(w->fd[1], STDERR_FILENO);
}

/* Where the next octet is written is where the file begins again. */
uint64_t dw_deal_words_take(const dw_deal_words *w, int which, dw_octets *out)
{
    char buffer[16384];
    ssize_t n;
    uint64_t taken = 0;
    off_t end = lseek(w->fd[which], 0, SEEK_CUR);
    if (end <= 0) return 0;
    while ((n = pread(w->fd[which], buffer, sizeof buffer, (off_t)taken)) > 0) {
        dw_octets_add(out, buffer, (size_t)n);
        taken += (uint64_t)n;
    }
    if (ftruncate(w->fd[which], 0) != 0) _exit(1);
    lseek(w->fd[which], 0, SEEK_SET);
    return taken;
}

bool dw_deal_answer(const dw_deal_work *work, const dw_deal_words *words, const dw_deal_message *m,
                    dw_octets *room, dw_deal_message *reply)
{
    room->len = 0;
    if (m->kind == DW_DEAL_SHARED) {
        work->share(work->arg, m->octets, m->len);
        return false;
    }
    /* What it prints is known only afterwards, and comes first. */
    dw_octets result = {0};
    const dw_deal_piece piece = {m->octets, m->len};
    bool goes_on = work->piece(work->arg, m->number, &piece, &result);
    fflush(stdout);
    fflush(stderr);
    *reply = (dw_deal_message){.kind = goes_on ? DW_DEAL_RESULT : DW_DEAL_LAST_RESULT,
                               .number = m->number};
    reply->printed = dw_deal_words_take(words, 0, room);
    reply->complained = dw_deal_words_take(words, 1, room);
    reply->len = result.len;
    dw_octets_add(room, result.data, result.len);
    room->no_memory |= result.no_memory;
    dw_octets_free(&result);
    reply->octets = room->data;
    return true;
}
