/* What pictures of a trace have in common (see lua_picture.h). */
#include "lua_picture.h"

#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "kinds.h"
#include "object.h"

#include <string.h>

const char *const dwl_numbers[] = {"relative", "absolute", "symbolic", "letters", NULL};

int dwl_choice(lua_State *L, int index, const char *who, const char *name, const char *const *words,
               int missing)
{
    const char *word = dwl_opt_string(L, index, who, name);
    if (!word) return missing;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) return i;
    return dwl_error(L, "%s.%s: unknown \"%s\"%s", who, name, word,
                     dwl_known_words(L, word, words));
}

/* A whole number is a packet's, a text a time. */
static void read_moment(lua_State *L, int index, const char *who, const char *name,
                        uint64_t *packet, dw_time *time)
{
    int64_t n;
    if (dwl_get_option(L, index, name) == LUA_TSTRING) {
        *time = dwl_to_time(L, -1, who, name);
        if (*time == 0) *time = 1; /* 0 is no bound; nobody tells the two apart */
    } else if (dwl_opt_integer(L, index, who, name, 1, INT64_MAX, &n)) {
        *packet = (uint64_t)n;
    }
}

/* Nothing but places from 1 to 5, and the usual letters. */
static void check_letters(lua_State *L, int table, const char *who, const char *name,
                          const char *const *usual)
{
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        bool known = lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= 5;
        for (int i = 0; usual[i] && lua_type(L, -2) == LUA_TSTRING; i++)
            known |= strcmp(usual[i], lua_tostring(L, -2)) == 0;
        if (!known)
            dwl_error(L, "%s.%s: expected up to five letters, or those of x, y, u, v and w", who,
                      name);
    }
}

/* { "J", "K", "M" } or { x = "J", u = "M" } as the text "x=J,y=K,u=M", left on the stack. */
static const char *letters_of_table(lua_State *L, const char *who, const char *name)
{
    static const char *const usual[] = {"x", "y", "u", "v", "w", NULL};
    int table = lua_gettop(L);
    luaL_Buffer text;
    check_letters(L, table, who, name, usual);
    luaL_buffinit(L, &text);
    for (int i = 0; usual[i]; i++) {
        lua_rawgeti(L, table, i + 1);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushstring(L, usual[i]);
            lua_rawget(L, table);
        }
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        if (lua_type(L, -1) != LUA_TSTRING)
            dwl_error(L, "%s.%s: expected texts, got %s", who, name, luaL_typename(L, -1));
        lua_pushfstring(L, "%s=%s,", usual[i], lua_tostring(L, -1));
        lua_remove(L, -2);
        luaL_addvalue(&text);
    }
    luaL_pushresult(&text);
    return lua_tostring(L, -1);
}

static void read_letters(lua_State *L, int index, const char *who, const char *name, dw_picture *p)
{
    int type = dwl_get_option(L, index, name);
    bool given = type != LUA_TNIL && (type != LUA_TBOOLEAN || lua_toboolean(L, -1));
    if (given) p->numbers = DW_NUMBERS_LETTERS;
    if (type == LUA_TSTRING)
        p->letters = lua_tostring(L, -1);
    else if (type == LUA_TTABLE)
        p->letters = letters_of_table(L, who, name);
    else if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        dwl_error(L, "%s.%s: expected a text or a list of them, got %s", who, name,
                  luaL_typename(L, -1));
}

static void read_host(lua_State *L, int index, const char *who, const char *name, dwl_sim *s,
                      bool *given, uint32_t *node)
{
    char what[80];
    *given = dwl_get_option(L, index, name) != LUA_TNIL;
    snprintf(what, sizeof what, "%s.%s", who, name);
    if (*given) *node = dw_node_index(dwl_check_host(L, -1, s, what));
}

static void read_conn(lua_State *L, int index, const char *who, dw_picture *p)
{
    int64_t n;
    int type = dwl_get_option(L, index, "conn");
    dwl_conn *conn = luaL_testudata(L, -1, DWL_CONN);
    if (conn)
        p->conn = conn->conn;
    else if (type == LUA_TNUMBER && dwl_opt_integer(L, index, who, "conn", 1, UINT32_MAX, &n))
        p->conn = (uint32_t)n;
    else if (type != LUA_TNIL)
        dwl_error(L, "%s.conn: expected a connection or its number, got %s", who,
                  luaL_typename(L, -1));
}

static enum dw_choice read_yes(lua_State *L, int index, const char *who, const char *name)
{
    bool yes;
    if (!dwl_opt_bool(L, index, who, name, &yes)) return DW_AS_USUAL;
    return yes ? DW_YES : DW_NO;
}

static void read_all(lua_State *L, int index, const char *who, dwl_sim *s, dw_picture *p)
{
    static const char *const parts[] = {"all", "open", "data", "close", "fin", NULL};
    p->numbers =
        (enum dw_ladder_numbers)dwl_choice(L, index, who, "numbers", dwl_numbers, p->numbers);
    read_letters(L, index, who, "labels", p);
    read_letters(L, index, who, "letters", p);
    p->stage = (enum dw_stage)dwl_choice(L, index, who, "part", parts, p->stage);
    read_moment(L, index, who, "from", &p->from_packet, &p->from_time);
    read_moment(L, index, who, "to", &p->to_packet, &p->to_time);
    read_host(L, index, who, "left", s, &p->left_given, &p->left);
    read_host(L, index, who, "right", s, &p->right_given, &p->right);
    read_conn(L, index, who, p);
    p->packets = read_yes(L, index, who, "packets");
    p->calls = read_yes(L, index, who, "calls");
    p->windows = read_yes(L, index, who, "windows");
    p->no_times = read_yes(L, index, who, "times") == DW_NO;
    p->no_states = read_yes(L, index, who, "states") == DW_NO;
    const char *title = dwl_opt_string(L, index, who, "title");
    const char *lang = dwl_opt_string(L, index, who, "lang");
    if (title) p->title = title;
    if (lang) p->language = lang;
}

void dwl_read_picture(lua_State *L, int index, const char *who, dwl_sim *s, const dw_trace *trace,
                      dw_picture *p)
{
    char why[300];
    luaL_checkstack(L, 40, "too many values");
    *p = (dw_picture){.title = s->name[0] ? s->name : NULL,
                      .numbers = (enum dw_ladder_numbers)s->numbers};
    if (!lua_isnil(L, index)) read_all(L, index, who, s, p);
    dw_picture asked = *p;
    if (p->numbers == (enum dw_ladder_numbers)s->numbers) asked.numbers = DW_NUMBERS_RELATIVE;
    if (dw_picture_check(trace, &asked, why, sizeof why) != DW_OK) dwl_error(L, "%s.%s", who, why);
}
