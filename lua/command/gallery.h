/* Figures, drawn. */
#ifndef DWL_GALLERY_H
#define DWL_GALLERY_H

#include "binding/embedded.h"
#include "options.h"

/* Figures: a longer exchange than this is shown by what the script plots of it. */
enum { LONGEST_LADDER = 150 };
/* A page of all of them. */
int export_gallery(const dwl_source *figures, const char *directory, const options *o);

#endif
