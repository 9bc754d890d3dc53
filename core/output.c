/* Files that appear whole or not at all: written without a name, or where the file system has no
 * such files beside theirs, then renamed.  So nothing is left of one that was begun, whatever ends
 * the process. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
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

/* A file in the directory of path that has no name yet; NULL where there are none. */
static FILE *open_nameless(const char *path)
{
    FILE *file = NULL;
#ifdef O_TMPFILE
    const char *slash = strrchr(path, '/');
    char *directory = dw_copy_text(slash ? path : ".");
    if (directory && slash) directory[slash == path ? 1 : slash - path] = 0;
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

int dw_output_open(const char *path, dw_output **out, char *why, size_t why_size)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return complain(path, EISDIR, why, why_size);
    /* A device or a pipe cannot be renamed over; write to it directly. */
    bool direct = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    dw_output *o = calloc(1, sizeof *o);
    if (!o) return complain(path, ENOMEM, why, why_size);
    size_t size = strlen(path) + 32;
    o->path = dw_copy_text(path);
    o->temporary = direct ? NULL : malloc(size);
    if (!direct && o->temporary) snprintf(o->temporary, size, "%s.part%ld", path, (long)getpid());
    const char *name = direct ? path : o->temporary;
    errno = 0;
    if (!direct && name && o->path) o->file = open_nameless(path);
    o->nameless = o->file != NULL;
    bool room = name && o->path && (o->nameless || errno != ENOMEM);
    if (!o->nameless) o->file = room ? fopen(name, "wb") : NULL;
    if (!o->file) {
        int error = errno ? errno : ENOMEM;
        output_free(o);
        return complain(path, error, why, why_size);
    }
    *out = o;
    return DW_OK;
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
