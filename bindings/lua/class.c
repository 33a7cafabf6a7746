/* SPDX-License-Identifier: MIT
 *
 * Classes of userdata. Metatables lie in the registry by the address of their class, not by a name: should a
 * program have the binding twice, in itself and in a module, each copy takes only its own objects. */
#include "binding.h"

static void push_metatable(lua_State *L, const struct cmr__lua_class *class)
{
    lua_pushlightuserdata(L, (void *)class);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

static void set_functions(lua_State *L, const luaL_Reg *functions)
{
    for (; functions && functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

static void make_class(lua_State *L, const struct cmr__lua_class *class)
{
    push_metatable(L, class);
    if (!lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_pushlightuserdata(L, (void *)class);
    lua_newtable(L);
    lua_newtable(L);
    set_functions(L, class->methods);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, class->name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable"); /* a script that called __gc itself would end what is in use */
    set_functions(L, class->events);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

void cmr__lua_make_classes(lua_State *L)
{
    make_class(L, &cmr__lua_reloader);
    make_class(L, &cmr__lua_snapshot);
    make_class(L, &cmr__lua_registration);
    make_class(L, &cmr__lua_cursor);
    make_class(L, &cmr__lua_update);
    make_class(L, &cmr__lua_box);
}

void **cmr__lua_new(lua_State *L, const struct cmr__lua_class *class)
{
    void **object = lua_newuserdata(L, sizeof *object);
    *object = NULL;
    cmr__lua_set_class(L, class);
    return object;
}

void cmr__lua_set_class(lua_State *L, const struct cmr__lua_class *class)
{
    push_metatable(L, class);
    lua_setmetatable(L, -2);
}

void **cmr__lua_test(lua_State *L, int index, const struct cmr__lua_class *class)
{
    void **object = lua_touserdata(L, index);
    if (!object || !lua_getmetatable(L, index))
        return NULL;
    push_metatable(L, class);
    bool is = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is ? object : NULL;
}

void **cmr__lua_check(lua_State *L, int index, const struct cmr__lua_class *class)
{
    void **object = cmr__lua_test(L, index, class);
    if (!object)
        luaL_argerror(L, index,
                      lua_pushfstring(L, "%s expected, got %s", class->name, luaL_typename(L, index)));
    return object;
}

/* ---- boxes */

void cmr__lua_empty_box(struct cmr__lua_boxed *box)
{
    void *held = box->held;
    box->held = NULL;
    if (held)
        box->free(held);
}

static int box_collect(lua_State *L)
{
    cmr__lua_empty_box(lua_touserdata(L, 1));
    return 0;
}

struct cmr__lua_boxed *cmr__lua_push_box(lua_State *L, void (*free)(void *held))
{
    struct cmr__lua_boxed *box = lua_newuserdata(L, sizeof *box);
    *box = (struct cmr__lua_boxed){ NULL, free };
    cmr__lua_set_class(L, &cmr__lua_box);
    return box;
}

static const luaL_Reg box_events[] = { { "__gc", box_collect }, { NULL, NULL } };
const struct cmr__lua_class cmr__lua_box = { "cmreload.box", NULL, box_events };
