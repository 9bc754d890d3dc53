/* A file's octets: plain, or unpacked by zlib and libzstd where the build has them.
 *
 * One buffer holds what was read and not taken yet.  Readers look at octets in it, so that nothing
 * is copied for a frame that nobody keeps. */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifdef DRYWIRE_ZLIB
#include <zlib.h>
#endif
#ifdef DRYWIRE_ZSTD
#include <zstd.h>
#endif

enum { CHUNK = 256 << 10 };

enum packing { PLAIN, GZIP, ZSTD };

struct input {
    const char *path;
    FILE *file;
    bool own;            /* the stream is closed with the input */
    bool once;           /* it cannot be read again: it is no file */
    uint64_t size, done; /* of the file, packed */
    uint8_t *buffer;     /* octets start .. end are next */
    size_t start, end, capacity;
    uint8_t *raw; /* of the file, not unpacked yet */
    size_t raw_start, raw_end;
    enum packing packing;
    bool over;      /* nothing more comes into the buffer */
    bool in_member; /* the packed stream has begun, and not ended */
    int status;
    const char *damage;
#ifdef DRYWIRE_ZLIB
    z_stream gzip;
    bool gzip_begun;
#endif
#ifdef DRYWIRE_ZSTD
    ZSTD_DCtx *zstd;
#endif
#ifdef DRYWIRE_CHECKS
    uint8_t *alone; /* what was handed out, so that sanitizers see reads beyond it */
#endif
};

/* The file. */

static size_t read_file(input *in, uint8_t *to, size_t room)
{
    size_t n = fread(to, 1, room, in->file);
    if (n == 0 && ferror(in->file)) in->status = DW_E_IO;
    in->done += n;
    return n;
}

/* Octets of the file in raw; false: there are no more. */
static bool more_raw(input *in)
{
    if (in->raw_start < in->raw_end) return true;
    in->raw_start = 0;
    in->raw_end = read_file(in, in->raw, CHUNK);
    return in->raw_end > 0;
}

/* Each unpacks into up to `room` octets and returns how many; 0: there are no more. */

static size_t produce_plain(input *in, uint8_t *to, size_t room)
{
    size_t n = in->raw_end - in->raw_start;
    if (n == 0) return read_file(in, to, room);
    if (n > room) n = room;
    memcpy(to, in->raw + in->raw_start, n);
    in->raw_start += n;
    return n;
}

#ifdef DRYWIRE_ZLIB
/* RFC 1952: a file is one member or several, one after the other.  What follows the last one and is
 * none is padding. */
static size_t produce_gzip(input *in, uint8_t *to, size_t room)
{
    z_stream *z = &in->gzip;
    z->next_out = to;
    z->avail_out = (uInt)room;
    while (z->avail_out == room) {
        if (!more_raw(in)) {
            if (in->in_member) in->damage = "ends in the middle of its gzip stream";
            return 0;
        }
        if (!in->in_member && in->raw[in->raw_start] != 0x1f) return 0;
        in->in_member = true;
        z->next_in = in->raw + in->raw_start;
        z->avail_in = (uInt)(in->raw_end - in->raw_start);
        int result = inflate(z, Z_NO_FLUSH);
        in->raw_start = in->raw_end - z->avail_in;
        if (result == Z_MEM_ERROR) in->status = DW_E_NOMEM;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            if (result != Z_MEM_ERROR) in->damage = "has a damaged gzip stream";
            break;
        }
        if (result != Z_STREAM_END) continue;
        in->in_member = false;
        inflateReset(z);
    }
    return room - z->avail_out;
}

static int begin_gzip(input *in)
{
    if (in->gzip_begun) return inflateReset(&in->gzip) == Z_OK ? DW_OK : DW_E_NOMEM;
    enum { GZIP_HEADER = 16 };
    if (inflateInit2(&in->gzip, MAX_WBITS + GZIP_HEADER) != Z_OK) return DW_E_NOMEM;
    in->gzip_begun = true;
    return DW_OK;
}
#endif

#ifdef DRYWIRE_ZSTD
/* RFC 8878: frames, one after the other. */
static size_t produce_zstd(input *in, uint8_t *to, size_t room)
{
    ZSTD_outBuffer out = {to, room, 0};
    while (out.pos == 0) {
        if (!more_raw(in)) {
            if (in->in_member) in->damage = "ends in the middle of its zstd stream";
            return 0;
        }
        ZSTD_inBuffer from = {in->raw, in->raw_end, in->raw_start};
        size_t result = ZSTD_decompressStream(in->zstd, &out, &from);
        in->raw_start = from.pos;
        in->in_member = result != 0;
        if (!ZSTD_isError(result)) continue;
        in->damage = "has a damaged zstd stream";
        break;
    }
    return out.pos;
}

static int begin_zstd(input *in)
{
    if (!in->zstd) in->zstd = ZSTD_createDCtx();
    if (!in->zstd) return DW_E_NOMEM;
    ZSTD_DCtx_reset(in->zstd, ZSTD_reset_session_only);
    return DW_OK;
}
#endif

static size_t produce(input *in, uint8_t *to, size_t room)
{
    switch (in->packing) {
    case PLAIN: return produce_plain(in, to, room);
    case GZIP:
#ifdef DRYWIRE_ZLIB
        return produce_gzip(in, to, room);
#else
        return 0;
#endif
    case ZSTD:
#ifdef DRYWIRE_ZSTD
        return produce_zstd(in, to, room);
#else
        return 0;
#endif
    }
    return 0;
}

/* The buffer. */

/* Room behind its end: what was taken goes first, and it grows only when all of it is wanted, so
 * that a length which a damaged file claims takes no memory. */
static bool make_room(input *in)
{
    if (in->end < in->capacity) return true;
    if (in->start > 0) {
        memmove(in->buffer, in->buffer + in->start, in->end - in->start);
        in->end -= in->start;
        in->start = 0;
        if (in->end <= in->capacity / 2) return true;
    }
    size_t capacity = in->capacity ? 2 * in->capacity : CHUNK;
    uint8_t *grown = realloc(in->buffer, capacity);
    if (!grown) {
        in->status = DW_E_NOMEM;
        return false;
    }
    in->buffer = grown;
    in->capacity = capacity;
    return true;
}

static bool fill(input *in, size_t wanted)
{
    while (in->end - in->start < wanted && !in->over) {
        size_t n = make_room(in) ? produce(in, in->buffer + in->end, in->capacity - in->end) : 0;
        in->end += n;
        in->over = n == 0 || in->status != DW_OK;
    }
    return in->end - in->start >= wanted;
}

static const uint8_t *handed_out(input *in, size_t n)
{
    const uint8_t *at = in->buffer + in->start;
#ifdef DRYWIRE_CHECKS
    free(in->alone);
    in->alone = malloc(n ? n : 1);
    if (!in->alone) {
        in->status = DW_E_NOMEM;
        return NULL;
    }
    memcpy(in->alone, at, n);
    at = in->alone;
#else
    (void)n;
#endif
    return at;
}

const uint8_t *input_take(input *in, size_t n)
{
    if (!fill(in, n)) return NULL;
    const uint8_t *at = handed_out(in, n);
    in->start += n;
    return at;
}

const uint8_t *input_peek(input *in, size_t n, size_t *have)
{
    fill(in, n);
    *have = in->end - in->start < n ? in->end - in->start : n;
    const uint8_t *at = *have > 0 ? handed_out(in, *have) : NULL;
    if (!at) *have = 0;
    return at;
}

/* From the front. */

static enum packing packing_of(const uint8_t *b, size_t n)
{
    if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b) return GZIP;
    if (n >= 4 && dw_get32(b) == 0x28b52ffd) return ZSTD;
    return PLAIN;
}

static int begin_unpacking(input *in, char *why, size_t size)
{
    int status = DW_E_FORMAT;
    const char *library = in->packing == GZIP ? "zlib" : "libzstd";
    switch (in->packing) {
    case PLAIN: return DW_OK;
    case GZIP:
#ifdef DRYWIRE_ZLIB
        status = begin_gzip(in);
#endif
        break;
    case ZSTD:
#ifdef DRYWIRE_ZSTD
        status = begin_zstd(in);
#endif
        break;
    }
    if (status == DW_E_NOMEM) snprintf(why, size, "out of memory while reading %s", in->path);
    if (status == DW_E_FORMAT)
        snprintf(why, size, "%s is compressed, and this build of drywire has no %s to unpack it",
                 in->path, library);
    return status;
}

static int cannot_read(const input *in, char *why, size_t size)
{
    snprintf(why, size, "cannot read %s: %s", in->path, strerror(errno));
    return DW_E_IO;
}

int input_rewind(input *in, char *why, size_t size)
{
    if (in->done > 0 && (in->once || fseek(in->file, 0, SEEK_SET) != 0))
        return cannot_read(in, why, size);
    in->start = in->end = in->raw_start = in->raw_end = 0;
    in->done = 0;
    in->over = in->in_member = false;
    in->damage = NULL;
    in->packing = PLAIN;
    errno = 0;
    if (more_raw(in)) in->packing = packing_of(in->raw, in->raw_end);
    if (in->status == DW_E_IO) return cannot_read(in, why, size);
    return begin_unpacking(in, why, size);
}

/* Everything from the front on into a temporary file: what has been read is still in raw, since no
 * more than its first filling was needed to look at the front. */
int input_spool(input *in, char *why, size_t size)
{
    if (!in->once) return DW_OK;
    if (in->done > CHUNK) {
        snprintf(why, size, "%s has a front that is too long to be read from a pipe", in->path);
        return DW_E_IO;
    }
    FILE *copy = tmpfile();
    if (!copy) {
        snprintf(why, size, "cannot make a temporary file for %s, which can be read once only: %s",
                 in->path, strerror(errno));
        return DW_E_IO;
    }
    bool whole = true;
    for (size_t n = in->done; n > 0 && whole; n = read_file(in, in->raw, CHUNK))
        whole = fwrite(in->raw, 1, n, copy) == n;
    if (in->status != DW_OK || !whole || fflush(copy) != 0) {
        const char *what = in->status != DW_OK ? "cannot read" : "cannot make a temporary copy of";
        snprintf(why, size, "%s %s: %s", what, in->path, strerror(errno));
        fclose(copy);
        return DW_E_IO;
    }
    if (in->own) fclose(in->file);
    in->file = copy;
    in->own = true;
    in->once = false;
    in->size = in->done;
    return input_rewind(in, why, size);
}

static int begin(FILE *f, const char *path, bool own, input **out, char *why, size_t size)
{
    struct stat about;
    input *in = calloc(1, sizeof *in);
    if (in) in->raw = malloc(CHUNK);
    if (!in || !in->raw) {
        free(in);
        if (own) fclose(f);
        snprintf(why, size, "out of memory while reading %s", path);
        return DW_E_NOMEM;
    }
    in->path = path;
    in->file = f;
    in->own = own;
    int descriptor = fileno(f); /* a stream in memory has none, and can be read again */
    if (descriptor >= 0) {
        in->once = fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode);
        in->size = in->once ? 0 : (uint64_t)about.st_size;
    }
    int status = input_rewind(in, why, size);
    if (status == DW_OK)
        *out = in;
    else
        input_close(in);
    return status;
}

int input_of(FILE *f, const char *path, input **out, char *why, size_t size)
{
    return begin(f, path, false, out, why, size);
}

int input_open(const char *path, input **out, char *why, size_t size)
{
    FILE *f = fopen(path, "rb");
    if (f) return begin(f, path, true, out, why, size);
    int error = errno;
    snprintf(why, size, "cannot read %s: %s", path,
             error == ENOMEM ? dw_strerror(DW_E_NOMEM) : strerror(error));
    return error == ENOMEM ? DW_E_NOMEM : DW_E_IO;
}

void input_close(input *in)
{
    if (!in) return;
#ifdef DRYWIRE_ZLIB
    if (in->gzip_begun) inflateEnd(&in->gzip);
#endif
#ifdef DRYWIRE_ZSTD
    ZSTD_freeDCtx(in->zstd);
#endif
#ifdef DRYWIRE_CHECKS
    free(in->alone);
#endif
    if (in->own) fclose(in->file);
    free(in->buffer);
    free(in->raw);
    free(in);
}

const char *input_path(const input *in)
{
    return in->path;
}

const char *input_damage(const input *in)
{
    return in->damage;
}

int input_status(const input *in)
{
    return in->status;
}

uint64_t input_done(const input *in)
{
    return in->done;
}

uint64_t input_size(const input *in)
{
    return in->size;
}
