/* SPDX-License-Identifier: MIT
 *
 * Opening a reloader. Its object is there first, so that no error of Lua's loses what is opened. */
#include "binding.h"

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
