/* SPDX-License-Identifier: MIT
 *
 * What values are asked for as: a type, the type of its items, and the names of an enum. An enum's values may
 * be any Lua values: the library sees their number in the list, and equal ones as one. Its table is one block
 * of malloc with all its texts, since a subscription's must outlive what Lua holds. */
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static void read_type(lua_State *L, const char *name, cmr_type *ret_type)
{
    static const struct {
        const char *name;
        cmr_type type;
    } others[] = { { "boolean", CMR_TYPE_BOOL },
                   { "integer", CMR_TYPE_INT64 },
                   { "number", CMR_TYPE_DOUBLE } };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(name, others[i].name) == 0) {
            *ret_type = others[i].type;
            return;
        }
    }
    if (cmr_type_from_name(name, ret_type) != CMR_OK)
        luaL_error(L, "unknown type '%s'", name);
}

/* ---- enums: three lists are on top of the stack, what was given, its names and its values */

static void add_name(lua_State *L, int name, int value)
{
    int number = (int)cmr__lua_length(L, -2) + 1;
    if (lua_type(L, name) != LUA_TSTRING || lua_isnil(L, value))
        luaL_error(L, "an enum is {name, ...}, {{name, value}, ...} or {name = value, ...}");
    lua_pushvalue(L, name);
    lua_pushvalue(L, value < 0 ? value - 1 : value);
    lua_rawseti(L, -3, number);
    lua_rawseti(L, -3, number);
}

/* The first that has a greater name gets it before itself, so that what is told does not depend on hashes. */
static void sort_last(lua_State *L, int names, int values)
{
    for (int at = (int)cmr__lua_length(L, names); at > 1; at--) {
        lua_rawgeti(L, names, at - 1);
        lua_rawgeti(L, names, at);
        if (strcmp(lua_tostring(L, -2), lua_tostring(L, -1)) <= 0) {
            lua_pop(L, 2);
            return;
        }
        lua_rawseti(L, names, at - 1);
        lua_rawseti(L, names, at);
        lua_rawgeti(L, values, at - 1);
        lua_rawgeti(L, values, at);
        lua_rawseti(L, values, at - 1);
        lua_rawseti(L, values, at);
    }
}

static void read_list(lua_State *L, int given, int count)
{
    for (int i = 1; i <= count; i++) {
        int names = lua_gettop(L) - 1;
        lua_rawgeti(L, given, i);
        if (lua_istable(L, -1)) {
            lua_rawgeti(L, -1, 1);
            lua_rawgeti(L, -2, 2);
        } else {
            lua_pushvalue(L, -1);
            lua_pushvalue(L, -1);
        }
        lua_pushvalue(L, names);
        lua_pushvalue(L, names + 1);
        add_name(L, lua_gettop(L) - 3, lua_gettop(L) - 2);
        lua_settop(L, names + 1);
    }
}

static void read_map(lua_State *L, int given)
{
    int names = lua_gettop(L) - 1;
    lua_pushnil(L);
    while (lua_next(L, given)) {
        lua_pushvalue(L, names);
        lua_pushvalue(L, names + 1);
        add_name(L, names + 2, names + 3);
        sort_last(L, names, names + 1);
        lua_settop(L, names + 2); /* the key */
    }
}

/* The number of the first value that equals this one. */
static int number_of(lua_State *L, int values, int index)
{
    int number = 1;
    lua_rawgeti(L, values, index);
    for (;; number++) {
        lua_rawgeti(L, values, number);
        bool equal = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
        if (equal)
            break;
    }
    lua_pop(L, 1);
    return number;
}

static void *make_table(lua_State *L, int names, int values)
{
    size_t count = cmr__lua_length(L, names), size = (count + 1) * sizeof(cmr_enum_item);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, names, (int)i);
        size += strlen(lua_tostring(L, -1)) + 1;
        lua_pop(L, 1);
    }
    cmr_enum_item *table = malloc(size);
    if (!table)
        return NULL;
    char *text = (char *)(table + count + 1);
    for (size_t i = 1; i <= count; i++) { /* nothing here raises: these are lists of strings, and there */
        lua_rawgeti(L, names, (int)i);
        strcpy(text, lua_tostring(L, -1));
        lua_pop(L, 1);
        table[i - 1] = (cmr_enum_item){ text, number_of(L, values, (int)i) };
        text += strlen(text) + 1;
    }
    table[count] = (cmr_enum_item){ NULL, 0 };
    return table;
}

/* What was given is on top of the stack; leaves a box and the values in its place. */
static void read_enum(lua_State *L, struct cmr__lua_shape *shape)
{
    int given = lua_gettop(L), count = (int)cmr__lua_length(L, given);
    luaL_checkstack(L, 16, "enum");
    lua_newtable(L);
    lua_newtable(L);
    if (count)
        read_list(L, given, count);
    else
        read_map(L, given);
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free);
    box->held = make_table(L, given + 1, given + 2);
    if (!box->held)
        luaL_error(L, "not enough memory");
    shape->table = box->held;
    lua_replace(L, given);
    lua_remove(L, given + 1);
    shape->values = given + 1;
}

void cmr__lua_shape_options(struct cmr__lua_options *options, struct cmr__lua_shape *ret_shape)
{
    const char *type = cmr__lua_option_text(options, "type"), *item = cmr__lua_option_text(options, "item");
    struct cmr__lua_shape shape = { CMR_TYPE_ANY, CMR_TYPE_ANY, NULL, 0 };
    if (type)
        read_type(options->L, type, &shape.type);
    if (item)
        read_type(options->L, item, &shape.item);
    if (cmr__lua_option_push(options, "enum", LUA_TTABLE)) {
        read_enum(options->L, &shape);
        if (!type)
            shape.type = CMR_TYPE_ENUM;
    }
    *ret_shape = shape;
}

void cmr__lua_shape_check(lua_State *L, int index, struct cmr__lua_shape *ret_shape)
{
    struct cmr__lua_options options;
    *ret_shape = (struct cmr__lua_shape){ CMR_TYPE_ANY, CMR_TYPE_ANY, NULL, 0 };
    if (lua_isnoneornil(L, index))
        return;
    if (lua_type(L, index) == LUA_TSTRING) {
        read_type(L, lua_tostring(L, index), &ret_shape->type);
        return;
    }
    cmr__lua_options_begin(L, index, &options);
    cmr__lua_shape_options(&options, ret_shape);
    cmr__lua_options_end(&options);
}
