/* gzip, by zlib.  What is unpacked goes into a temporary file: what reads it need not know. */
#include "gzip.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef DRYWIRE_ZLIB
#include <zlib.h>
#endif

enum { FIRST = 0x1f, CHUNK = 65536 };

bool dw_gzip_named(const char *path)
{
    return dw_text_ends(path, ".gz");
}

#ifdef DRYWIRE_ZLIB

enum { GZIP_HEADER = 16 };

struct dw_gzip {
    z_stream z;
    dw_output *out;
    uint8_t room[CHUNK];
};

int dw_gzip_begin(dw_output *out, dw_gzip **gzip)
{
    dw_gzip *g = calloc(1, sizeof *g);
    if (!g) return DW_E_NOMEM;
    g->out = out;
    if (deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP_HEADER, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(g);
        return DW_E_NOMEM;
    }
    *gzip = g;
    return DW_OK;
}

static void run(dw_gzip *g, int flush)
{
    do {
        g->z.next_out = g->room;
        g->z.avail_out = sizeof g->room;
        deflate(&g->z, flush); /* fails for streams that are none alone */
        dw_output_write(g->out, g->room, sizeof g->room - g->z.avail_out);
    } while (g->z.avail_out == 0);
}

void dw_gzip_write(dw_gzip *g, const void *data, size_t len)
{
    g->z.next_in = (uint8_t *)data; /* read only */
    g->z.avail_in = (unsigned)len;
    run(g, Z_NO_FLUSH);
}

void dw_gzip_end(dw_gzip *g)
{
    if (!g) return;
    run(g, Z_FINISH);
    deflateEnd(&g->z);
    free(g);
}

/* DW_E_FORMAT: it is damaged, or ends too soon. */
static int unpack(FILE *from, FILE *to)
{
    static const z_stream fresh;
    z_stream z = fresh;
    uint8_t in[CHUNK / 4], out[CHUNK / 4];
    int result = inflateInit2(&z, MAX_WBITS + GZIP_HEADER);
    if (result != Z_OK) return DW_E_NOMEM;
    while (result == Z_OK) {
        z.avail_in = (unsigned)fread(in, 1, sizeof in, from);
        z.next_in = in;
        if (z.avail_in == 0) break;
        do {
            z.next_out = out;
            z.avail_out = sizeof out;
            result = inflate(&z, Z_NO_FLUSH);
            if (result == Z_BUF_ERROR) result = Z_OK; /* all that it had is out */
            fwrite(out, 1, sizeof out - z.avail_out, to);
        } while (result == Z_OK && z.avail_out == 0);
    }
    inflateEnd(&z);
    if (ferror(from) || fflush(to) != 0 || ferror(to)) return DW_E_IO;
    if (result == Z_MEM_ERROR) return DW_E_NOMEM;
    return result == Z_STREAM_END ? DW_OK : DW_E_FORMAT;
}

#else

struct dw_gzip {
    int none;
};

int dw_gzip_begin(dw_output *out, dw_gzip **gzip)
{
    (void)out;
    (void)gzip;
    return DW_E_INVAL;
}

void dw_gzip_write(dw_gzip *gzip, const void *data, size_t len)
{
    (void)gzip;
    (void)data;
    (void)len;
}

void dw_gzip_end(dw_gzip *gzip)
{
    (void)gzip;
}

static int unpack(FILE *from, FILE *to)
{
    (void)from;
    (void)to;
    return DW_E_INVAL;
}

#endif

static int complain(int status, const char *path, char *why, size_t size)
{
    const char *what = strerror(errno);
    if (status == DW_E_NOMEM) what = "out of memory";
    if (status == DW_E_FORMAT) what = "its gzip data is damaged or ends too soon";
    if (status == DW_E_INVAL) what = "this drywire was built without zlib; unpack it: gunzip -k";
    snprintf(why, size, "cannot read %s: %s", path, what);
    return status;
}

int dw_gzip_open(FILE **file, const char *path, char *why, size_t why_size)
{
    int first = getc(*file);
    if (first != EOF) ungetc(first, *file);
    if (first != FIRST) return DW_OK; /* no text begins so, nor JSON */
    FILE *plain = tmpfile();
    if (!plain) return complain(errno == ENOMEM ? DW_E_NOMEM : DW_E_IO, path, why, why_size);
    errno = 0;
    int status = unpack(*file, plain);
    fclose(*file);
    *file = plain;
    rewind(plain);
    return status == DW_OK ? DW_OK : complain(status, path, why, why_size);
}
