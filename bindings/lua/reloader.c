/* SPDX-License-Identifier: MIT
 *
 * Reloaders: opening, following, and asking how it goes. A method of a closed one returns nil, a message and
 * "closed", since a script cannot know when its host closes what it has lent. */
#include <errno.h>
#include <string.h>

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

/* ---- opening */

static const char *boot_name(int number)
{
    static const char *const names[] = { "refuse", "last_good", "defaults", "last_good_or_defaults", "?" };
    return names[number];
}

static void add_mount(lua_State *L, struct cmr__lua_session *session, int index)
{
    struct cmr__lua_options options;
    cmr_mount_options mount;
    luaL_checkstack(L, 24, "mounts");
    cmr__lua_options_begin(L, index, &options);
    const char *path = cmr__lua_option_text(&options, "path");
    if (!path)
        luaL_error(L, "option 'mounts': a mount without a path");
    cmr__lua_mount_options(&options, &mount);
    cmr__lua_options_end(&options);
    cmr_status status = cmr_reloader_add_mount(session->reloader, path, &mount);
    if (status == CMR_ERR_INVALID_ARGUMENT)
        luaL_error(L, "option 'mounts': the options of '%s' do not fit, or its name is taken", path);
    if (status != CMR_OK)
        luaL_error(L, "%s: %s", path, cmr_strerror(status));
}

static void add_mounts(struct cmr__lua_options *options, struct cmr__lua_session *session, int list)
{
    lua_State *L = options->L;
    int count = list ? (int)cmr__lua_length(L, list) : 0;
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        int mount = lua_gettop(L);
        luaL_checktype(L, mount, LUA_TTABLE);
        add_mount(L, session, mount);
        lua_settop(L, mount - 1);
    }
}

static cmr_status open_session(struct cmr__lua_session *session, const char *path, const cmr_options *options)
{
    cmr_reloader *reloader;
    cmr_status status = cmr_open(path, options, &reloader);
    if (status != CMR_OK)
        return status;
    status = cmr__lua_session_attach(session, reloader);
    if (status != CMR_OK)
        cmr_reloader_free(reloader);
    return status;
}

/***
Follows what is mounted at path, which need not be there yet. Nothing is loaded before the first load(),
wait() or dispatch().
@function cmreload.open
@tparam string path `"/etc/config"`
@tparam[opt] OpenOptions options
@treturn Reloader or nil
@treturn string why it is nil
@treturn string the status: `"system"`, `"no_memory"`
*/
int cmr__lua_open(lua_State *L)
{
    const char *path = cmr__lua_check_text(L, 1);
    struct cmr__lua_options options;
    cmr_options open = CMR_OPTIONS_INIT;
    cmr_mount_options mount;
    int mounts = 0;
    lua_settop(L, 2);
    cmr__lua_options_begin(L, 2, &options);
    cmr__lua_mount_options(&options, &mount);
    open.mount = &mount;
    open.background = cmr__lua_option_bool(&options, "background");
    open.state_dir = cmr__lua_option_text(&options, "state_dir");
    open.boot = (cmr_boot)cmr__lua_option_word(&options, "boot", boot_name);
    if (cmr__lua_option_push(&options, "mounts", LUA_TTABLE))
        mounts = lua_gettop(L);
    struct cmr__lua_session *session = cmr__lua_session_push(L, true);
    int object = lua_gettop(L);
    if (cmr__lua_option_push(&options, "log", LUA_TFUNCTION)) {
        cmr__lua_push_table(L, object);
        lua_insert(L, -2);
        lua_setfield(L, -2, "log");
        lua_pop(L, 1);
        open.log = cmr__lua_session_log;
        open.log_user = session;
    }
    cmr__lua_options_end(&options);
    cmr_status status = open_session(session, path, &open);
    if (status == CMR_ERR_INVALID_ARGUMENT)
        return luaL_error(L, "cmreload.open: options that do not fit together, or an unknown format");
    if (status != CMR_OK)
        return cmr__lua_fail(L, status, NULL);
    add_mounts(&options, session, mounts);
    lua_settop(L, object);
    return 1;
}

/***
How to open: the options of the first mount, and these.
@table OpenOptions : MountOptions
@tfield[opt] {MountOptions,...} mounts more mounts, each with its path
@tfield[opt=false] boolean background read and parse on a thread of the library's
@tfield[opt] string state_dir where the last good generation is saved
@tfield[opt="refuse"] string boot what to start with when the first load fails: `"last_good"`, `"defaults"`,
`"last_good_or_defaults"`
@tfield[opt] function log `function(level, message)` gets the library's messages, when the call that they come
from is done; level is `"error"`, `"warn"`, `"info"`, `"debug"` or the like
*/

/***
A mount.
@table MountOptions
@tfield[opt] string path where it is: in the list of mounts, and there only
@tfield[opt] string name for keys; the path's last component
@tfield[opt="auto"] string kind `"volume"`, `"directory"` or `"file"`
@tfield[opt] {table,...} formats which files have which format: `{{"*.conf", "properties"}, ...}`
@tfield[opt] {string,...} ignore globs of files to leave out
@tfield[opt=60] number check_interval seconds after which it is looked at even if no event came; negative:
never
@tfield[opt=0.1] number settle seconds for which a plain directory must have been quiet
@tfield[opt=false] boolean keep_bad_files a bad file keeps its last good contents
@tfield[opt=false] boolean optional while it is not there it counts as an empty one
@tfield[opt=false] boolean secret its contents are not quoted; what Lua is given of them stays in Lua's memory
@tfield[opt=false] boolean leaky_formats if it is secret: read files of all formats
@tfield[opt] table limits file_size and generation_size (bytes), files, depth, entries
*/

/***
Ends the reloader with all that was registered, also in a callback. Lua's collector does so when nothing
refers to it; in Lua 5.4 a `<close>` variable, too. Snapshots stay valid.
@function close
*/
static int close_reloader(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    if (!session)
        return 0;
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

static void set_count(lua_State *L, const char *name, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

/***
How it goes: a table of generation, last_success (as os.time() counts; 0: never), reloads_applied,
reloads_rejected, reloads_failed, read_retries, subscriptions, held, booted_from, saves and saves_failed.
@function status
@treturn table
*/
static int status(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr_reloader_status now = CMR_RELOADER_STATUS_INIT;
    if (!session->reloader)
        return closed(L);
    cmr_status result = cmr_reloader_get_status(session->reloader, &now);
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, NULL);
    lua_newtable(L);
    set_count(L, "generation", now.generation);
    set_count(L, "last_success", (uint64_t)now.last_success);
    set_count(L, "reloads_applied", now.reloads_applied);
    set_count(L, "reloads_rejected", now.reloads_rejected);
    set_count(L, "reloads_failed", now.reloads_failed);
    set_count(L, "read_retries", now.read_retries);
    set_count(L, "subscriptions", now.subscriptions);
    set_bool(L, "held", now.held);
    set_text(L, "booted_from", cmr_boot_source_name(now.booted_from));
    set_count(L, "saves", now.saves);
    set_count(L, "saves_failed", now.saves_failed);
    return 1;
}

/***
The like of a mount: a table of state, reason, message, mounted_target, applied_target, kind, kept_files,
swappable and applied_from.
@function mount_status
@tparam[opt] string mount its name; the first one, if it is absent
@treturn table or nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
static int mount_status(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr_mount_status now = CMR_MOUNT_STATUS_INIT;
    if (!session->reloader)
        return closed(L);
    cmr_status result = cmr_reloader_get_mount_status(session->reloader, cmr__lua_opt_text(L, 2), &now);
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, result == CMR_ERR_NOT_FOUND ? "no such mount" : NULL);
    lua_newtable(L);
    set_text(L, "state", cmr_mount_state_name(now.state));
    set_text(L, "reason", cmr_mount_reason_name(now.reason));
    set_text(L, "message", now.message);
    set_text(L, "mounted_target", now.mounted_target);
    set_text(L, "applied_target", now.applied_target);
    set_text(L, "kind", cmr_mount_kind_name(now.kind));
    set_count(L, "kept_files", now.kept_files);
    set_bool(L, "swappable", now.swappable);
    set_text(L, "applied_from", cmr_boot_source_name(now.applied_from));
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
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
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
    { "status", status },
    { "mount_status", mount_status },
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
