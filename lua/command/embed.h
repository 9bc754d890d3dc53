/* A page for one figure, to be shown inside another page. */
#ifndef DWL_EMBED_H
#define DWL_EMBED_H

#include <stddef.h>

/* DIRECTORY/embed/NAME.html, with the figure's moving picture embed/NAME.svg, if there is one, and
 * what it plots; DW_OK, or an error with a sentence. */
int write_embed(const char *directory, const char *name, const char *title, char *why, size_t size);

#endif
