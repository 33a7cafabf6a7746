/* SPDX-License-Identifier: MIT
 *
 * Reloaders: their life, and following. A method of a closed one returns nil, a message and
 * "closed", since a script cannot know when its host closes what it has lent. */
#include "binding.h"

/***
Follows what is mounted, and tells what has changed. One of a program that embeds Lua has the same methods;
its close() only ends what Lua has registered. When a reloader is closed, methods return nil, a message and
`"closed"`.

What a callback raises comes out of the dispatch(), wait() or load() in which it ran, when that is done, with
a traceback behind it. Of several errors the first comes; up to 7 more wait for the next call. A callback
cannot yield.
@type Reloader
*/

static int closed(lua_State *L)
{
    return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
}

/* ---- its end */

/***
Ends the reloader with all that was registered, also in a callback. Lua's collector does so when nothing
refers to it; in Lua 5.4 a `<close>` variable, too. Snapshots stay valid.
@function close
*/
static int close_reloader(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr__lua_session_close(session);
    cmr__lua_push_table(L, 1);
    cmr__lua_session_forget(L, session, lua_gettop(L));
    return 0;
}

static int collect(lua_State *L)
{
    void **object = cmr__lua_check(L, 1, &cmr__lua_reloader);
    struct cmr__lua_session *session = *object;
    *object = NULL;
    if (!session)
        return 0;
    cmr__lua_session_close(session);
    cmr__lua_session_unref(session);
    return 0;
}

/* ---- following */

/***
The descriptor for an event loop: when it is readable, call dispatch(). It is not yours to read or close.
@function fd
@treturn integer
*/
static int descriptor(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    if (!session->reloader)
        return closed(L);
    lua_pushinteger(L, cmr_reloader_fd(session->reloader));
    return 1;
}

/***
Does all there is to do, and calls back. A generation that is bad is no error here: on_error tells.
@function dispatch
@treturn boolean true, also when there was nothing to do; or nil
@treturn string why it is nil
@treturn string the status: `"busy"` in a callback, `"closed"` when a callback closed it
*/
static int dispatch(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    if (!session->reloader)
        return closed(L);
    lua_State *outer = cmr__lua_session_enter(session, L);
    cmr_status status = cmr_reloader_dispatch(session->reloader);
    cmr__lua_session_leave(session, L, outer);
    return cmr__lua_result(L, status);
}

/***
Waits until there is something to do, and dispatches.
@function wait
@tparam[opt] number timeout seconds; without it there is no limit
@treturn boolean true: something was done, which need not be a change; or nil
@treturn string why it is nil
@treturn string the status: `"timeout"`, `"interrupted"` (a signal), `"busy"`, `"closed"`
*/
static int wait_some(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    int64_t timeout_ms = cmr__lua_opt_ms(L, 2, -1);
    if (!session->reloader)
        return closed(L);
    lua_State *outer = cmr__lua_session_enter(session, L);
    cmr_status status = cmr_reloader_wait(session->reloader, timeout_ms);
    cmr__lua_session_leave(session, L, outer);
    return cmr__lua_result(L, status);
}

/***
Dispatches until the first generation is published. When it returns true, initial callbacks have run.
@function load
@tparam[opt] number timeout seconds; without it there is no limit
@treturn boolean true, or nil
@treturn string why it is nil
@treturn string the status: `"not_found"`, `"rejected"`, `"system"`, `"timeout"`, `"again"`, `"interrupted"`
@treturn {Diagnostic,...} of a generation that was rejected
*/
static int load(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    int64_t timeout_ms = cmr__lua_opt_ms(L, 2, -1);
    if (!session->reloader)
        return closed(L);
    bool outer_loading = session->loading;
    lua_State *outer = cmr__lua_session_enter(session, L);
    session->loading = true;
    cmr_status status = cmr_reloader_load(session->reloader, timeout_ms);
    session->loading = outer_loading;
    cmr__lua_session_leave(session, L, outer);
    if (status != CMR_ERR_REJECTED)
        return cmr__lua_result(L, status);
    cmr__lua_push_table(L, 1);
    lua_getfield(L, -1, "why_rejected"); /* nil: there was no memory for it */
    cmr__lua_fail(L, status, lua_tostring(L, -1));
    lua_getfield(L, -5, "rejected");
    return 4;
}

static int tell(lua_State *L, void (*what)(cmr_reloader *reloader))
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    if (!session->reloader)
        return closed(L);
    what(session->reloader);
    return cmr__lua_result(L, CMR_OK);
}

/***
Makes the next dispatch look at every mount, events or not.
@function check_now
@treturn boolean true
*/
static int check_now(lua_State *L)
{
    return tell(L, cmr_reloader_check_now);
}

/***
Makes a wait() return, now or the next one.
@function wake
@treturn boolean true
*/
static int wake(lua_State *L)
{
    return tell(L, cmr_reloader_wake);
}

/***
Freezes the configuration: nothing is loaded or told until release(). Calls nest.
@function hold
@treturn boolean true
*/
static int hold(lua_State *L)
{
    return tell(L, cmr_reloader_hold);
}

/***
Ends a hold(); the newest generation is loaded by the next dispatch.
@function release
@treturn boolean true
*/
static int release(lua_State *L)
{
    return tell(L, cmr_reloader_release);
}

/***
In a forked child: makes the reloader the child's own.
@function after_fork
@treturn boolean true, or nil
@treturn string why it is nil
@treturn string the status: `"busy"`, `"no_memory"`, `"system"`
*/
static int after_fork(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    return session->reloader ? cmr__lua_result(L, cmr_reloader_after_fork(session->reloader)) : closed(L);
}

/***
The oldest of the errors that callbacks have raised and nobody has been told: where the program that embeds
Lua dispatches, nginx for one, there is no caller for them to come out of. At most 8 are kept.
@function take_error
@treturn any the error, a string with a traceback if it is a string; nil: there is none
*/
static int take_error(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr__lua_push_table(L, 1);
    if (!cmr__lua_session_take_error(L, session, lua_gettop(L)))
        lua_pushnil(L);
    return 1;
}

/* ---- reading */

/***
The current snapshot; before the first load an empty one.
@function snapshot
@treturn Snapshot
*/
static int snapshot(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    if (!session->reloader)
        return closed(L);
    void **object = cmr__lua_new(L, &cmr__lua_snapshot);
    *object = cmr_reloader_ref_snapshot(session->reloader);
    return 1;
}

/***
Whether it is closed: by close(), or by the program that has lent it.
@function is_closed
@treturn boolean
*/
static int is_closed(lua_State *L)
{
    lua_pushboolean(L, !cmr__lua_check_session(L, 1)->reloader);
    return 1;
}

static int describe(lua_State *L)
{
    struct cmr__lua_session *session = *cmr__lua_check(L, 1, &cmr__lua_reloader);
    lua_pushfstring(L, "cmreload.reloader%s", session && session->reloader ? "" : " (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    { "subscribe", cmr__lua_subscribe },
    { "observe", cmr__lua_observe },
    { "on_error", cmr__lua_on_error },
    { "validate", cmr__lua_validate },
    { "fd", descriptor },
    { "dispatch", dispatch },
    { "wait", wait_some },
    { "load", load },
    { "check_now", check_now },
    { "wake", wake },
    { "hold", hold },
    { "release", release },
    { "after_fork", after_fork },
    { "take_error", take_error },
    { "snapshot", snapshot },
    { "status", cmr__lua_status },
    { "mount_status", cmr__lua_mount_status },
    { "report", cmr__lua_report },
    { "status_json", cmr__lua_status_json },
    { "status_prometheus", cmr__lua_status_prometheus },
    { "is_closed", is_closed },
    { "close", close_reloader },
    { NULL, NULL },
};

static const luaL_Reg events[] = {
    { "__gc", collect },
    { "__close", close_reloader },
    { "__tostring", describe },
    { NULL, NULL },
};

const struct cmr__lua_class cmr__lua_reloader = { "cmreload.reloader", methods, events };
