/* A file's octets, once from the front and again, whatever they are packed in. */
#ifndef DWL_INPUT_H
#define DWL_INPUT_H

#include "drywire/drywire.h"

#include <stdio.h>

typedef struct input input;

/* Opens a file.  What cannot be read twice, such as a pipe, is copied into a temporary file by
 * input_spool.  DW_OK, DW_E_IO or DW_E_NOMEM, with a sentence in why. */
int input_open(const char *path, input **out, char *why, size_t size);
/* The same of an open stream, which stays the caller's. */
int input_of(FILE *f, const char *path, input **out, char *why, size_t size);
/* Back to the front: DW_OK, DW_E_IO, DW_E_NOMEM, or DW_E_FORMAT for a compression that this build
 * does not read. */
int input_rewind(input *in, char *why, size_t size);
/* Makes sure that input_rewind will work again; called when the file is known to be a capture. */
int input_spool(input *in, char *why, size_t size);
void input_close(input *in);

/* The next n octets, which belong to the input until the next call; NULL: there are fewer. */
const uint8_t *input_take(input *in, size_t n);
/* Likewise, and they stay the next ones.  *have: how many there are, up to n; NULL: none. */
const uint8_t *input_peek(input *in, size_t n, size_t *have);

const char *input_path(const input *in);
/* Why there are no further octets, though the file has not ended well: "ends in the middle of its
 * gzip stream"; NULL: it has. */
const char *input_damage(const input *in);
/* DW_OK, or what went wrong in reading: DW_E_IO or DW_E_NOMEM. */
int input_status(const input *in);
/* Octets of the file that have been read, and its size (0: unknown). */
uint64_t input_done(const input *in);
uint64_t input_size(const input *in);

#endif
