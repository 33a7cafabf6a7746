/* SPDX-License-Identifier: MIT
 *
 * The module: require "cmreload". */
#include <dlfcn.h>
#include <string.h>

#include "binding.h"

/***
A program's configuration follows its mounted Kubernetes ConfigMap, while it runs.

    local cmreload = require "cmreload"

What a program does wrong is raised: a misspelt option, a malformed key. What may happen to a program that
does nothing wrong is returned: nil, a message for people, and the status's name for programs.

Values: what is a string in the file is a string; numbers, booleans and null of YAML and JSON are numbers,
booleans and `cmreload.null`; a list or map is a table, and lists count from 1. With a type: a `"duration"` is
a number of seconds, a `"size"` one of bytes, a `"percent"` one of hundredths (12.5 is 12.5%); a `"log_level"`
is its name, such as `"warn"`; addresses are strings. An integer that a Lua number cannot hold exactly comes
as a string of its digits: in 5.1 and LuaJIT over 2^53, in 5.4 over 2^63 - 1. In 5.4 an integer is an integer,
and a float a float.
@module cmreload
*/

/***
null of YAML and JSON: a light userdata, which is the same as ngx.null and cjson.null.
@field null
*/

/***
The version of the library: `"0.1.0"`.
@field version
*/

/***
What values are asked for as.
@table Shape
@tfield[opt="any"] string type `"int64"`, `"duration"`, `"list"`; `"boolean"`, `"integer"` and `"number"`
stand for
`"bool"`, `"int64"` and `"double"`
@tfield[opt="any"] string item of a list or map: its items' type
@tfield[opt] table enum the names, as in SubscriptionOptions
*/

/* What is wrong with what was read, as a fourth result. */
static int fail_with_report(lua_State *L, cmr_status status, struct cmr__lua_boxed *box)
{
    if (!box->held)
        return cmr__lua_fail(L, status, NULL);
    cmr__lua_fail(L, status, cmr__lua_push_first(L, box->held));
    cmr__lua_push_report(L, box->held);
    cmr__lua_empty_box(box);
    return 4;
}

static void free_report(void *report)
{
    cmr_report_free(report);
}

/***
Reads what is at path once, and follows nothing.
@function cmreload.read
@tparam string path
@tparam[opt] MountOptions options all but its path
@treturn Snapshot or nil
@treturn string why it is nil
@treturn string the status: `"not_found"`, `"rejected"`, `"busy"`, `"system"`
@treturn {Diagnostic,...} of contents that were rejected
*/
static int read(lua_State *L)
{
    const char *path = cmr__lua_check_text(L, 1);
    struct cmr__lua_options options;
    cmr_mount_options mount;
    cmr_report *report = NULL;
    cmr_snapshot *snapshot;
    lua_settop(L, 2);
    cmr__lua_options_begin(L, 2, &options);
    cmr__lua_mount_options(&options, &mount);
    cmr__lua_options_end(&options);
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free_report);
    void **object = cmr__lua_new(L, &cmr__lua_snapshot);
    cmr_status status = cmr_snapshot_read(path, &mount, &report, &snapshot);
    box->held = report;
    if (status == CMR_ERR_INVALID_ARGUMENT)
        return luaL_error(L, "cmreload.read: options that do not fit together, or an unknown format");
    if (status != CMR_OK)
        return fail_with_report(L, status, box);
    *object = snapshot;
    return 1;
}

/***
Under nginx with cmreload's module: the worker's reloader. nginx dispatches it; callbacks run without a
request.
@function cmreload.nginx
@treturn Reloader or nil
@treturn string why it is nil: nginx's module is not loaded, or follows nothing
@treturn string the status
*/
static int nginx(lua_State *L)
{
    cmr_reloader *(*find)(void);
    *(void **)&find = dlsym(RTLD_DEFAULT, "cmr_nginx_reloader");
    if (!find)
        return cmr__lua_fail(L, CMR_ERR_NOT_FOUND, "nginx's module of cmreload is not loaded");
    cmr_reloader *reloader = find();
    if (!reloader)
        return cmr__lua_fail(L, CMR_ERR_NOT_FOUND,
                             "nginx's module of cmreload follows nothing in this process");
    cmr_status status = cmr_lua_push(L, reloader);
    return status == CMR_OK ? 1 : cmr__lua_fail(L, status, NULL);
}

int luaopen_cmreload(lua_State *L)
{
    cmr__lua_make_classes(L);
    lua_newtable(L);
    lua_pushcfunction(L, cmr__lua_open);
    lua_setfield(L, -2, "open");
    lua_pushcfunction(L, read);
    lua_setfield(L, -2, "read");
    lua_pushcfunction(L, nginx);
    lua_setfield(L, -2, "nginx");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_pushstring(L, cmr_version());
    lua_setfield(L, -2, "version");
    return 1;
}
