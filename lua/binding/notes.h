/* What a script's calls have to say beside their results: notes of the command. */
#ifndef DWL_NOTES_H
#define DWL_NOTES_H

#include "base/state.h"

/* A line for the notes that the command prints at the end; without the command, a warning of Lua
 * (lua -W shows them). */
void dwl_note(lua_State *L, const char *line);
/* Whether a picture (SVG) is higher than anybody scrolls, with a sentence on it. */
bool dwl_too_high(const char *name, const char *svg, char *note, size_t size);
/* Whether a saved trace takes more room than is good, with a sentence on it. */
bool dwl_too_large(const char *name, const char *path, char *note, size_t size);

#endif
