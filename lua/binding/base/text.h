/* Values as text that is the same in every run. */
#ifndef DWL_TEXT_H
#define DWL_TEXT_H

#include "state.h"

/* Push any value as text without an address; the text lives as long as it is on the stack. */
const char *dwl_text(lua_State *L, int index);
void dwl_push_text(lua_State *L, int index);
/* The number at index, if it is a NaN, loses its sign. */
void dwl_unsign_nan(lua_State *L, int index);
/* Push a text as dw_escape writes it. */
void dwl_push_escaped(lua_State *L, enum dw_syntax syntax, const char *text, size_t len);
/* The same for what is written in Lua: escape("xml", text). */
int dwl_escape(lua_State *L);
/* FNV-1a. */
uint64_t dwl_hash_text(const char *text, size_t len);
void dwl_open_text(lua_State *L);

#endif
