/* Connections, for whoever opens or looks at them. */
#ifndef DWL_LUA_CONN_H
#define DWL_LUA_CONN_H

#include "base/records.h"

/* Push a new connection or listener of a node; it has no socket yet (dwl_conn_opened). */
dwl_conn *dwl_push_conn(lua_State *L, dwl_sim *s, dw_node *node, bool listener);
void dwl_conn_opened(dwl_conn *c, dw_socket *socket);
void dwl_conn_forget(dwl_conn *c);
/* The connection or listener at index 1, of a simulation that is still there. */
dwl_conn *dwl_check_conn(lua_State *L, const char *type, const char *name);
/* For what is written in Lua: an open connection, and the call that needs one. */
int dwl_check_open(lua_State *L);
/* The one program that waits for something of a connection; a second one is an error. */
void dwl_conn_claim(lua_State *L, dwl_waiter *slot, dwl_program *p, const char *call);
/* Push nil and the error's words, and remember them for a later error. */
int dwl_conn_failure(lua_State *L, dwl_sim *s, const char *call, const char *target, int error);
/* Options of one connection in the table at this index: their names, with `own` besides, and
 * setting them. */
void dwl_check_connection_names(lua_State *L, int table, const char *what, const char *const *own);
void dwl_apply_settings(lua_State *L, int table, dw_socket *socket, const char *what);
size_t dwl_collect_settings(lua_State *L, int table, const dwl_sim *s, dw_setting *out, size_t max,
                            const char *what);
/* A copy of the text at index, pushed as an object that releases it when it goes. */
dw_buf *dwl_push_octets(lua_State *L, int text);
/* What connections and listeners have in common: the end of both (how: dw_socket_close or _abort),
 * and two of their methods. */
int dwl_conn_finish(lua_State *L, int (*how)(dw_socket *socket));
int dwl_conn_info(lua_State *L);
int dwl_conn_tostring(lua_State *L);
/* conn_name.c: "server connection 2", which is server:conn(2), as expectations say it. */
void dwl_conn_name(const dwl_conn *c, char *buf, size_t size);

#endif
