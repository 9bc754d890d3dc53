/* Which packets are meant, and packets for Lua to look at. */
#ifndef DWL_LUA_MATCH_H
#define DWL_LUA_MATCH_H

#include "base/records.h"

#define DWL_MATCH_OPTIONS                                                                          \
    "from", "to", "flags", "nth", "count", "has_data", "len", "seq", "after", "before", "when",    \
        "packet", "port", "to_port", "conn"
/* The options "from" and "to" of the table at index. */
void dwl_read_hosts(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m);
/* The table (or notation) at index.  names: what it may have, DWL_MATCH_OPTIONS and others; NULL:
 * those alone. */
void dwl_read_match(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m,
                    const char *const *names);
/* A packet as a table with what the view says. */
void dwl_push_view(lua_State *L, dwl_sim *s, const dw_packet_view *v);
/* Call a hook from an event with a packet, as dwl_call does. */
bool dwl_call_with_view(lua_State *L, dwl_hook *h, const dw_packet_view *view, int results,
                        const char *in);
/* lua_notation.c: a match that packets in packetdrill's notation meet, besides what it asks
 * already; and the fields of one to be injected.  Returns how many octets of data it has. */
void dwl_match_notation(lua_State *L, const char *what, const char *text, dwl_sim *s, dw_match *m);
uint32_t dwl_inject_notation(lua_State *L, const char *text, dwl_sim *s, dw_dissection *f,
                             uint8_t options[40]);

#endif
