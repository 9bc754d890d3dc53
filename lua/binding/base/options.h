/* Reading tables of options.  Every error names the option.
 *
 * `what` is whose options they are, as the error says it: "link". */
#ifndef DWL_OPTIONS_H
#define DWL_OPTIONS_H

#include "records.h"

/* There is a table at index, or an error says what there is. */
void dwl_check_table(lua_State *L, int index, const char *what);
/* The same, and it has no keys but these (NULL-terminated; a name ending in * is a prefix). */
void dwl_check_names(lua_State *L, int index, const char *what, const char *const *names);
/* The same where a string may come first: { "F. 1:1(0)", from = client }. */
void dwl_check_names_after(lua_State *L, int index, const char *what, const char *const *names);
/* "; did you mean "x"?" or "; expected one of: x, y": how an error about a word that none of the
 * names (NULL-terminated) is goes on.  It is pushed. */
const char *dwl_known_words(lua_State *L, const char *word, const char *const *names);
/* What an option of sockets ("TCP_NODELAY", "nodelay") is called here, if it is among the names
 * (NULL-terminated; NULL: all that there are): "nagle = false"; or NULL. */
const char *dwl_socket_option(const char *name, const char *const *names);
/* Push the option of the table at index, or nil, without asking a metatable; its type. */
int dwl_get_option(lua_State *L, int index, const char *name);
/* The text, number or boolean on top of the stack becomes the text that options in C are set from.
 */
const char *dwl_option_text(lua_State *L, const char *what, const char *name);
bool dwl_opt_time(lua_State *L, int index, const char *what, const char *name, dw_time *out);
bool dwl_opt_rate(lua_State *L, int index, const char *what, const char *name, uint64_t *out);
bool dwl_opt_ratio(lua_State *L, int index, const char *what, const char *name, dw_ratio *out);
bool dwl_opt_integer(lua_State *L, int index, const char *what, const char *name, int64_t low,
                     int64_t high, int64_t *out);
bool dwl_opt_bool(lua_State *L, int index, const char *what, const char *name, bool *out);
const char *dwl_opt_string(lua_State *L, int index, const char *what, const char *name);
void dwl_each_option(lua_State *L, int index, const char *what,
                     void (*fn)(lua_State *L, void *ctx, const char *name, const char *text),
                     void *ctx);
/* The value at index as a time: "20ms" or seconds. */
dw_time dwl_check_time(lua_State *L, int index, const char *what);
dw_time dwl_to_time(lua_State *L, int index, const char *what, const char *name);
/* Push the option, a list, or nil; its length. */
lua_Integer dwl_opt_list(lua_State *L, int index, const char *what, const char *name,
                         const char *of);
/* A value that is one number or a list of them: how many, and the i-th from 1 up, which must be
 * whole and from `lowest` to 4294967295.  `expected` says so in the error about option what.name.
 */
lua_Integer dwl_list_length(lua_State *L, int index);
uint32_t dwl_list_number(lua_State *L, int index, lua_Integer i, lua_Integer lowest,
                         const char *what, const char *name, const char *expected);
/* The time that is so much later than now, for something that happens then: an error when time ends
 * before, but for what is to be never. */
dw_time dwl_moment_after(lua_State *L, dwl_sim *s, int index, const char *what);
/* A length of time from now on at index, or for ever. */
dw_time dwl_deadline_after(lua_State *L, dwl_sim *s, int index, const char *what);

#endif
