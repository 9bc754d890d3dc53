/* What pictures of a trace have in common, read from a table. */
#ifndef DWL_PICTURE_H
#define DWL_PICTURE_H

#include "base/records.h"

/* The names that every picture's table may have, for dwl_check_names. */
#define DWL_PICTURE_NAMES                                                                          \
    "numbers", "letters", "labels", "lang", "part", "from", "to", "left", "right", "conn",         \
        "packets", "calls", "windows", "times", "states", "title"

/* Read them from the table at index, whose errors begin with `who`, and see whether the trace has
 * what they ask for.  Texts of the picture stay on the stack.  Without a title of its own it gets
 * the simulation's name. */
void dwl_read_picture(lua_State *L, int index, const char *who, dwl_sim *s, const dw_trace *trace,
                      dw_picture *out);
/* In the order of enum dw_ladder_numbers; ends with NULL. */
extern const char *const dwl_numbers[];
/* One of a list of words that ends with NULL: its index; an error tells which there are. */
int dwl_choice(lua_State *L, int index, const char *who, const char *name, const char *const *words,
               int missing);

#endif
