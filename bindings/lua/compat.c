/* SPDX-License-Identifier: MIT
 *
 * One source for three Luas. 5.4 has user values where 5.1 and LuaJIT have environments, and pushes C
 * functions without allocating; 5.1 has lua_cpcall, for the case that it cannot. */
#include <dlfcn.h>

#include "binding.h"

void *cmr__lua_new_userdata(lua_State *L, size_t size)
{
#if LUA_VERSION_NUM >= 504
    void *made = lua_newuserdatauv(L, size, 1);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
#else
    void *made = lua_newuserdata(L, size);
    lua_newtable(L);
    lua_setfenv(L, -2);
#endif
    return made;
}

void cmr__lua_push_table(lua_State *L, int index)
{
#if LUA_VERSION_NUM >= 504
    lua_getiuservalue(L, index, 1);
#else
    lua_getfenv(L, index);
#endif
}

int cmr__lua_protect(lua_State *L, lua_CFunction function, void *argument)
{
#if LUA_VERSION_NUM >= 502
    if (!lua_checkstack(L, 3))
        return LUA_ERRMEM;
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, argument);
    int status = lua_pcall(L, 1, 0, 0);
#else
    int status = lua_cpcall(L, function, argument);
#endif
    if (status != 0)
        lua_pop(L, 1);
    return status;
}

/* In OpenResty's LuaJIT a coroutine inherits a pointer of its maker's, which is nginx's request. It ends long
 * before the coroutine, and ngx.log would take it for one that is there. */
static void forget_request(lua_State *L)
{
    static const char *const setters[] = { "lua_setexdata", "lua_setexdata2" };
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        void (*set)(lua_State * of, void *data);
        *(void **)&set = dlsym(RTLD_DEFAULT, setters[i]);
        if (set)
            set(L, NULL);
    }
}

lua_State *cmr__lua_push_thread(lua_State *L)
{
    lua_State *thread = lua_newthread(L);
    forget_request(thread);
    return thread;
}

static int add_traceback(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TSTRING)
        return 1;
#if LUA_VERSION_NUM >= 502
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
#else /* 5.1 has it in a library only, which may not be there */
    lua_getglobal(L, "debug");
    if (!lua_istable(L, -1)) {
        lua_settop(L, 1);
        return 1;
    }
    lua_getfield(L, -1, "traceback");
    if (!lua_isfunction(L, -1)) {
        lua_settop(L, 1);
        return 1;
    }
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
#endif
    return 1;
}

int cmr__lua_call_traced(lua_State *L, int arguments, int results)
{
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, handler);
    int status = lua_pcall(L, arguments, results, handler);
    lua_remove(L, handler);
    return status;
}
