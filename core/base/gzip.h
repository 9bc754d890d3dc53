/* Octets that are packed on their way into a file, and unpacked on their way out: gzip (RFC 1952),
 * where the build has zlib. */
#ifndef DW_GZIP_H
#define DW_GZIP_H

#include "output.h"

#include <stdio.h>

typedef struct dw_gzip dw_gzip;

/* Whether a file of that name is packed: it ends in .gz. */
bool dw_gzip_named(const char *path);
/* DW_OK, DW_E_NOMEM, or DW_E_INVAL where the build has no zlib. */
int dw_gzip_begin(dw_output *out, dw_gzip **gzip);
void dw_gzip_write(dw_gzip *gzip, const void *data, size_t len);
/* What is left; frees it.  A failure is told by dw_output_close. */
void dw_gzip_end(dw_gzip *gzip);

/* If a file that was opened is packed, it is closed and *file becomes a temporary one with what is
 * in it.  DW_OK, or an error with a sentence in why; *file is open then, too. */
int dw_gzip_open(FILE **file, const char *path, char *why, size_t why_size);

#endif
