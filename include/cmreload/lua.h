/* SPDX-License-Identifier: MIT
 *
 * cmreload and Lua (5.4, 5.1, LuaJIT): a program that embeds Lua gives its scripts its reloader.
 *
 *     luaL_openlibs(L);
 *     lua_getglobal(L, "package");
 *     lua_getfield(L, -1, "preload");
 *     lua_pushcfunction(L, luaopen_cmreload);
 *     lua_setfield(L, -2, "cmreload");           // so that require "cmreload" finds what is linked here
 *     lua_pop(L, 2);
 *     if (cmr_lua_push(L, reloader) == CMR_OK)
 *         lua_setglobal(L, "config");            // config:subscribe("app.yaml#**", function(update) ... end)
 *     ...
 *     cmr_reloader_dispatch(reloader);           // runs the scripts' callbacks too
 *     while (cmr_lua_take_error(L, reloader)) {  // one of them has failed
 *         log_error(lua_tostring(L, -1));
 *         lua_pop(L, 1);
 *     }
 *
 * These functions are in the Lua module cmreload.so, and in the static library libcmreload_lua.a, which a
 * program links together with libcmreload and its Lua; there is one of each for each Lua. What scripts can do
 * is in bindings/lua/API.md.
 *
 * THREADS. All that happens to the reloader must happen on the thread that runs the Lua state at that time:
 * dispatch, wait and load, and cmr_reloader_free while Lua objects of it are there. So cmr_reloader_start is
 * not for a reloader that was pushed.
 *
 * LIFETIME. The reloader stays the program's. It may be freed before lua_close or after it, and in a
 * callback. What Lua has of it is harmless then: its methods return nil, a message and "closed"; snapshots
 * stay readable. What scripts register lives until they end it, the reloader is freed, or the Lua state is
 * closed: no variable of theirs needs to keep it. */
#ifndef CMRELOAD_LUA_H
#define CMRELOAD_LUA_H

#include <cmreload/cmreload.h>

#ifdef __cplusplus
extern "C" { /* as <lua.hpp> has it */
#endif

#include <lua.h>

/* The module: what require "cmreload" calls. A lua_CFunction. */
CMR_API int luaopen_cmreload(lua_State *L);

/* Pushes the reloader, which stays yours: close() from Lua only ends what Lua has registered. Of one reloader
 * it is always the same object. Callbacks run on the coroutine that has called dispatch, wait or load; when
 * your program dispatches, on a coroutine of their own. Raises a Lua error when Lua is out of memory, as
 * lua_newuserdata does. CMR_ERR_NO_MEMORY, CMR_ERR_INVALID_ARGUMENT, CMR_ERR_FORKED: nothing is pushed. */
CMR_API cmr_status cmr_lua_push(lua_State *L, cmr_reloader *reloader);

/* A callback that fails while your program dispatches has nobody to raise its error to: it is kept. Pushes
 * it, with a traceback if it is a string, and forgets it; false: there is none, and nothing is pushed. Of
 * several, the first 8 are kept, in their order. It may still be called when a callback has freed the
 * reloader, for what that one raised. */
CMR_API bool cmr_lua_take_error(lua_State *L, cmr_reloader *reloader);

#ifdef __cplusplus
}
#endif

#endif /* CMRELOAD_LUA_H */
