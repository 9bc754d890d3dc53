/* pairs, next and table.sort in an order that depends on nothing but the keys.
 *
 * The order is: false, true, numbers by value, strings by bytes, simulations and then drywire's
 * other objects in the order in which they were made.  Other keys (tables, functions) have no order
 * that two runs share. */
#include "binding/base/error.h"
#include "binding/base/records.h"
#include "stdlib.h"

#include <stdlib.h>
#include <string.h>

enum key_rank {
    RANK_FALSE,
    RANK_TRUE,
    RANK_NUMBER,
    RANK_STRING,
    RANK_SIM,
    RANK_OBJECT,
    RANK_OTHER
};

typedef struct key {
    enum key_rank rank;
    bool is_integer;
    lua_Integer integer; /* or the creation number of an object */
    lua_Number number;
    const char *text;
    size_t len;
    int index; /* in the table of keys */
} key;

/* Compare an integer with a float, exactly. */
static int compare_mixed(lua_Integer i, lua_Number f)
{
    if (f != f) return -1;
    if (f >= 9223372036854775808.0) return -1;
    if (f < -9223372036854775808.0) return 1;
    lua_Integer whole = (lua_Integer)f;
    if (i != whole) return i < whole ? -1 : 1;
    lua_Number rest = f - (lua_Number)whole;
    return rest > 0 ? -1 : rest < 0;
}

static int compare_numbers(const key *a, const key *b)
{
    if (a->is_integer && b->is_integer)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    if (a->is_integer) return compare_mixed(a->integer, b->number);
    if (b->is_integer) return -compare_mixed(b->integer, a->number);
    return a->number < b->number ? -1 : a->number > b->number;
}

/* As the head of this file has the order.  Keys of rank RANK_OTHER stay as lua_next gave them:
 * where there are several, refuse_unordered has the last word. */
static int compare_keys(const void *x, const void *y)
{
    const key *a = x, *b = y;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    if (a->rank == RANK_NUMBER) return compare_numbers(a, b);
    if (a->rank == RANK_SIM || a->rank == RANK_OBJECT)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    if (a->rank == RANK_OTHER) return a->index < b->index ? -1 : a->index > b->index;
    if (a->rank != RANK_STRING) return 0;
    size_t shorter = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->text, b->text, shorter);
    if (order) return order;
    return a->len < b->len ? -1 : a->len > b->len;
}

static uint64_t object_number(lua_State *L, int index)
{
    static const char *const types[] = {DWL_HOST,     DWL_LINK,  DWL_RULE,   DWL_CONN,
                                        DWL_LISTENER, DWL_TRACE, DWL_RANDOM, NULL};
    for (int i = 0; types[i]; i++) {
        const void *p = luaL_testudata(L, index, types[i]);
        if (!p) continue;
        if (strcmp(types[i], DWL_CONN) == 0 || strcmp(types[i], DWL_LISTENER) == 0)
            return ((const dwl_conn *)p)->number;
        return ((const dwl_object *)p)->number;
    }
    return 0;
}

/* What there is to compare of the key at stack index `at`.  The text stays Lua's, and the table
 * keeps it alive while it is sorted. */
static key read_key(lua_State *L, int at, int index)
{
    key k = {.index = index};
    switch (lua_type(L, at)) {
    case LUA_TBOOLEAN: k.rank = lua_toboolean(L, at) ? RANK_TRUE : RANK_FALSE; break;
    case LUA_TNUMBER:
        k.rank = RANK_NUMBER;
        k.is_integer = lua_isinteger(L, at);
        if (k.is_integer)
            k.integer = lua_tointeger(L, at);
        else
            k.number = lua_tonumber(L, at);
        break;
    case LUA_TSTRING:
        k.rank = RANK_STRING;
        k.text = lua_tolstring(L, at, &k.len);
        break;
    default: {
        const dwl_sim *s = luaL_testudata(L, at, DWL_SIM);
        k.integer = s ? s->number : (lua_Integer)object_number(L, at);
        k.rank = k.integer ? RANK_OBJECT : RANK_OTHER;
        if (s) k.rank = RANK_SIM;
        break;
    }
    }
    return k;
}

static int count_keys(lua_State *L, int table)
{
    int count = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        count++;
    return count;
}

static void refuse_unordered(lua_State *L, const char *call, int others)
{
    if (others > 1 && dwl_in_zone(dwl_state_of(L)))
        dwl_error(L,
                  "%s: this table has %d keys that are tables, functions or threads; their order "
                  "depends on memory addresses and would change from run to run (use an array of "
                  "records, or name the keys; dw.is_empty says whether there is any)",
                  call, others);
}

/* One step: upvalue 1 the sorted keys, 2 how many, 3 how many were visited. */
static int step(lua_State *L)
{
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(2));
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    while (at < count) {
        lua_rawgeti(L, lua_upvalueindex(1), ++at);
        lua_pushvalue(L, -1);
        lua_rawget(L, 1);
        if (!lua_isnil(L, -1)) {
            lua_pushinteger(L, at);
            lua_replace(L, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(L, 2); /* removed meanwhile */
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 0;
}

enum { FEW = 16 };

/* Push the keys of the table at index 1 in order, as an array; returns how many. */
static int push_sorted_keys(lua_State *L)
{
    int count = count_keys(L, 1);
    lua_createtable(L, count, 0);
    int unsorted = lua_gettop(L), n = 0, others = 0;
    key few[FEW], *keys = few;
    if (count > FEW) keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
    bool sorted = true;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        keys[n] = read_key(L, -2, n + 1);
        others += keys[n].rank == RANK_OTHER;
        if (n > 0 && compare_keys(&keys[n - 1], &keys[n]) > 0) sorted = false;
        lua_pushvalue(L, -2);
        lua_rawseti(L, unsorted, ++n);
    }
    refuse_unordered(L, "pairs", others);
    if (sorted) {
        lua_settop(L, unsorted);
        return n;
    }
    qsort(keys, (size_t)n, sizeof *keys, compare_keys);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, unsorted, keys[i].index);
        lua_rawseti(L, -2, i + 1);
    }
    lua_replace(L, unsorted);
    lua_settop(L, unsorted);
    return n;
}

static int ordered_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    int count = push_sorted_keys(L);
    lua_pushinteger(L, count);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* The successor of a key: found by one scan, so next keeps no state. */
static int ordered_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool first = lua_isnil(L, 2), found = false;
    int others = 0;
    key after = read_key(L, 2, 0), best = {0};
    lua_pushnil(L); /* 3: the best key so far */
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        key k = read_key(L, -2, 1);
        if (k.rank == RANK_OTHER) k.index = found ? 2 : 1;
        others += k.rank == RANK_OTHER;
        if (!first && compare_keys(&k, &after) <= 0) continue;
        if (found && compare_keys(&k, &best) >= 0) continue;
        best = k;
        found = true;
        lua_pushvalue(L, -2);
        lua_replace(L, 3);
    }
    refuse_unordered(L, "next", others);
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_settop(L, 3);
    lua_pushvalue(L, 3);
    lua_rawget(L, 1);
    return 2;
}

/* table.sort: a stable merge sort.  The stock one draws its pivot from the clock, so elements that
 * compare equal end in another order on each call. */

static bool less(lua_State *L, bool has_function, int a, int b)
{
    if (!has_function) return lua_compare(L, a, b, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a < 0 ? a - 1 : a);
    lua_pushvalue(L, b < 0 ? b - 2 : b);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

/* Merge from[low, middle) and from[middle, high) into to; stack indices of two scratch tables. */
static void merge(lua_State *L, bool has_function, int from, int to, lua_Integer low,
                  lua_Integer middle, lua_Integer high)
{
    lua_Integer i = low, j = middle;
    for (lua_Integer k = low; k < high; k++) {
        bool right = i >= middle;
        if (!right && j < high) {
            lua_rawgeti(L, from, j);
            lua_rawgeti(L, from, i);
            right = less(L, has_function, -2, -1);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, right ? j++ : i++);
        lua_rawseti(L, to, k);
    }
}

/* table.sort, by merging runs from the bottom up: between two arrays, since a comparison of the
 * script may raise an error, or look at the table, which holds its old values until the end.  Equal
 * values stay in their order, so the result does not depend on the algorithm. */
static int stable_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    bool has_function = !lua_isnoneornil(L, 2);
    if (has_function) luaL_checktype(L, 2, LUA_TFUNCTION);
    if (n < 2) return 0;
    luaL_argcheck(L, n < INT32_MAX, 1, "array too big");
    lua_settop(L, 2);
    lua_createtable(L, (int)n, 0);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, 3, i);
    }
    int from = 3, to = 4;
    for (lua_Integer width = 1; width < n; width *= 2) {
        for (lua_Integer low = 1; low <= n; low += 2 * width) {
            lua_Integer middle = low + width < n + 1 ? low + width : n + 1;
            lua_Integer high = low + 2 * width < n + 1 ? low + 2 * width : n + 1;
            merge(L, has_function, from, to, low, middle, high);
        }
        int swap = from;
        from = to;
        to = swap;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, from, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

void dwl_open_sort(lua_State *L)
{
    lua_pushglobaltable(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.rawpairs");
    if (lua_isnil(L, -1)) {
        lua_getfield(L, -2, "pairs");
        lua_setfield(L, LUA_REGISTRYINDEX, "drywire.rawpairs");
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, ordered_pairs);
    lua_setfield(L, -2, "pairs");
    lua_pushcfunction(L, ordered_next);
    lua_setfield(L, -2, "next");
    lua_pop(L, 1);
    lua_getglobal(L, "table");
    lua_pushcfunction(L, stable_sort);
    lua_setfield(L, -2, "sort");
    lua_pop(L, 1);
}
