/* The state of the host behind packetdrill, and its end. */
#define _GNU_SOURCE
#include "judge.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct dw_judge dw_judge = {.lock = PTHREAD_MUTEX_INITIALIZER,
                            .wake = PTHREAD_COND_INITIALIZER,
                            .rest = PTHREAD_COND_INITIALIZER};

void dw_judge_forget_files(void)
{
    char sockets[sizeof dw_judge.commands + 8];
    if (!dw_judge.commands[0]) return;
    snprintf(sockets, sizeof sockets, "%s.sockets", dw_judge.commands);
    unlink(dw_judge.commands);
    unlink(sockets);
}

_Noreturn void DW_PRINTF(1, 2) dw_judge_give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("drywire: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    dw_judge_forget_files();
    _exit(EXIT_FAILURE);
}

int64_t dw_judge_outer(int64_t fd)
{
    if (fd < 0) return fd;
    int real = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (real < 0 || real >= DW_JUDGE_FDS) return -DW_EMFILE;
    dw_judge.inner[real] = (int)fd + 1;
    return real;
}

int dw_judge_inner(int fd)
{
    return fd >= 0 && fd < DW_JUDGE_FDS ? dw_judge.inner[fd] - 1 : -1;
}
