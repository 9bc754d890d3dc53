/* Files that appear whole or not at all: written without a name, or where the file system has no
 * such files beside theirs, then renamed.  So nothing is left of one that was begun, whatever ends
 * the process. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "output.h"

#include "drywire/drywire.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct dw_output {
    FILE *file;
    char *path, *temporary;
    bool nameless; /* temporary is its name only while it is renamed */
    int error;     /* errno of the first failure */
};

static int complain(const char *path, int error, char *why, size_t size)
{
    bool memory = error == ENOMEM;
    snprintf(why, size, "cannot write %s: %s", path, memory ? "out of memory" : strerror(error));
    return memory ? DW_E_NOMEM : DW_E_IO;
}

static void output_free(dw_output *o)
{
    free(o->path);
    free(o->temporary);
    free(o);
}

/* NULL: no memory.  The caller frees it. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = dw_copy_text(slash ? path : ".");
    if (directory && slash) directory[slash == path ? 1 : slash - path] = 0;
    return directory;
}

/* A file in the directory of path that has no name yet; NULL where there are none. */
static FILE *open_nameless(const char *path)
{
    FILE *file = NULL;
#ifdef O_TMPFILE
    char *directory = directory_of(path);
    bool can_be_named = access("/proc/self/fd", X_OK) == 0;
    int fd =
        directory && can_be_named ? open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    free(directory);
    if (fd >= 0 && !(file = fdopen(fd, "wb"))) close(fd);
#else
    (void)path;
#endif
    return file;
}

static int give_name(const dw_output *o)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fileno(o->file));
    return linkat(AT_FDCWD, self, AT_FDCWD, o->temporary, AT_SYMLINK_FOLLOW);
}

enum { NO_DESCRIPTOR = -1, NO_MEMORY = -2 };

/* The descriptor that a name stands for, as /dev/fd/3 does; or one of those. */
static int descriptor_named(const char *path)
{
    char *own = realpath("/proc/self/fd", NULL), *parent = directory_of(path), *directory = NULL;
    const char *slash = strrchr(path, '/'), *digits = slash ? slash + 1 : path;
    bool number = *digits && strlen(digits) < 10 && !digits[strspn(digits, "0123456789")];
    if (number && own && parent) directory = realpath(parent, NULL);
    bool named = directory && strcmp(directory, own) == 0, failed = !parent;
    free(own);
    free(parent);
    free(directory);
    if (failed) return NO_MEMORY;
    return named ? atoi(digits) : NO_DESCRIPTOR;
}

/* Where a symbolic link leads, one step; NULL: it is none, or there is no memory. */
static char *follow_link(const char *path)
{
    char to[PATH_MAX], *directory, *out;
    ssize_t n = readlink(path, to, sizeof to - 1);
    if (n <= 0) return NULL;
    to[n] = 0;
    if (to[0] == '/') return dw_copy_text(to);
    directory = directory_of(path);
    out = directory ? malloc(strlen(directory) + strlen(to) + 2) : NULL;
    if (out) sprintf(out, "%s/%s", directory, to);
    free(directory);
    return out;
}

/* A link stays a link: the file it leads to, which need not be there, is what is written.  Returns
 * its name, or NULL when out of memory; *fd is the descriptor that it stands for, or -1. */
static char *resolve(const char *path, int *fd)
{
    enum { MAX_LINKS = 40 }; /* as the kernel's */
    char *at = dw_copy_text(path), *next;
    *fd = NO_DESCRIPTOR;
    for (int i = 0; at && i < MAX_LINKS; i++) {
        *fd = descriptor_named(at);
        if (*fd == NO_MEMORY) {
            free(at);
            return NULL;
        }
        next = *fd < 0 ? follow_link(at) : NULL;
        if (!next) break;
        free(at);
        at = next;
    }
    return at;
}

/* NAME.partPID beside NAME, cut so that it is not too long for a name. */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char suffix[32], *out = malloc(strlen(path) + sizeof suffix);
    int n = snprintf(suffix, sizeof suffix, ".part%ld", (long)getpid());
    int max = NAME_MAX - n < (int)strlen(name) ? NAME_MAX - n : (int)strlen(name);
    if (out) sprintf(out, "%.*s%.*s%s", (int)(name - path), path, max, name, suffix);
    return out;
}

/* What the name stands for is open already: on a file, its place in it is shared. */
static FILE *open_descriptor(int fd)
{
    fflush(stdout); /* what was printed before comes first */
    int own = dup(fd);
    FILE *file = own >= 0 ? fdopen(own, "wb") : NULL;
    if (own >= 0 && !file) close(own);
    return file;
}

static void open_file(dw_output *o, int fd)
{
    struct stat st;
    errno = 0;
    bool there = stat(o->path, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) errno = EISDIR;
    if (errno == EISDIR || errno == ELOOP) return;
    if (fd >= 0) {
        o->file = open_descriptor(fd);
        return;
    }
    if (there && !S_ISREG(st.st_mode)) { /* a device, a pipe: nothing to rename */
        o->file = fopen(o->path, "wb");
        return;
    }
    o->temporary = temporary_name(o->path);
    if (o->temporary) o->file = open_nameless(o->path);
    o->nameless = o->file != NULL;
    if (!o->file && o->temporary && errno != ENOMEM) o->file = fopen(o->temporary, "wb");
}

int dw_output_open(const char *path, dw_output **out, char *why, size_t why_size)
{
    int fd;
    dw_output *o = calloc(1, sizeof *o);
    errno = ENOMEM;
    if (o) o->path = resolve(path, &fd);
    if (o && o->path) open_file(o, fd);
    if (o && o->file) {
        *out = o;
        return DW_OK;
    }
    int error = errno ? errno : ENOMEM;
    if (o) output_free(o);
    return complain(path, error, why, why_size);
}

void dw_output_write(dw_output *o, const void *data, size_t len)
{
    if (!o->error && len && fwrite(data, 1, len, o->file) != len) o->error = errno ? errno : EIO;
}

void dw_output_no_memory(dw_output *o)
{
    if (!o->error) o->error = ENOMEM;
}

void dw_output_text(dw_output *o, const char *text)
{
    dw_output_write(o, text, strlen(text));
}

/* A name is given, and the file renamed, only when all that was written has been: the order of the
 * steps is what makes a file whole or absent. */
int dw_output_close(dw_output *o, char *why, size_t why_size)
{
    if (fflush(o->file) != 0 && !o->error) o->error = errno;
    if (!o->error && o->nameless && give_name(o) != 0) o->error = errno;
    if (fclose(o->file) != 0 && !o->error) o->error = errno;
    if (!o->error && o->temporary && rename(o->temporary, o->path) != 0) o->error = errno;
    int status = DW_OK;
    if (o->error) {
        status = complain(o->path, o->error, why, why_size);
        if (o->temporary) remove(o->temporary);
    }
    output_free(o);
    return status;
}

int dw_file_write(const char *path, const char *text, size_t len, char *why, size_t why_size)
{
    dw_output *out;
    int status = dw_output_open(path, &out, why, why_size);
    if (status != DW_OK) return status;
    dw_output_write(out, text, len);
    return dw_output_close(out, why, why_size);
}
