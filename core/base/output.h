/* Files that appear whole or not at all. */
#ifndef DW_OUTPUT_H
#define DW_OUTPUT_H

#include "drywire/base.h"

typedef struct dw_output dw_output;

/* Returns DW_OK, DW_E_NOMEM or DW_E_IO with a sentence in why; a file that was opened is closed by
 * dw_output_close, whatever happens. */
int dw_output_open(const char *path, dw_output **out, char *why, size_t why_size);
/* The first failure is kept and told by dw_output_close; what follows it is not written. */
void dw_output_write(dw_output *o, const void *data, size_t len);
void dw_output_text(dw_output *o, const char *text);
/* What should have been written could not be made: closing fails with DW_E_NOMEM. */
void dw_output_no_memory(dw_output *o);
/* Rename into place when all went well, remove otherwise. */
int dw_output_close(dw_output *o, char *why, size_t why_size);

#endif
