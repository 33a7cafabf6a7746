/* SPDX-License-Identifier: MIT
 *
 * Arguments, results, and tables of options. What a program does wrong is raised, a misspelt option too; what
 * may happen to a program that does nothing wrong is returned, as nil, a message and a status's name. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "binding.h"

const char *cmr__lua_status_name(cmr_status status)
{
    static const char *const names[] = {
        "ok",    "invalid_argument", "no_memory", "system",  "not_found",   "type",   "range",  "syntax",
        "limit", "rejected",         "busy",      "timeout", "interrupted", "closed", "forked", "again"
    };
    size_t number = status <= 0 ? (size_t)-status : sizeof names;
    return number < sizeof names / sizeof *names ? names[number] : "unknown";
}

int cmr__lua_fail(lua_State *L, cmr_status status, const char *detail)
{
    int error = errno;
    lua_pushnil(L);
    if (detail)
        lua_pushstring(L, detail);
    else if (status == CMR_ERR_SYSTEM)
        lua_pushfstring(L, "%s: %s", cmr_strerror(status), strerror(error));
    else
        lua_pushstring(L, cmr_strerror(status));
    lua_pushstring(L, cmr__lua_status_name(status));
    return 3;
}

int cmr__lua_result(lua_State *L, cmr_status status)
{
    if (status != CMR_OK)
        return cmr__lua_fail(L, status, NULL);
    lua_pushboolean(L, true);
    return 1;
}

/* ---- arguments */

const char *cmr__lua_check_text(lua_State *L, int index)
{
    size_t length;
    const char *text = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, strlen(text) == length, index, "it holds a NUL byte");
    return text;
}

const char *cmr__lua_opt_text(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? NULL : cmr__lua_check_text(L, index);
}

static int64_t to_ms(double seconds)
{
    double ms = ceil(seconds * 1000);
    return ms >= 9e15 ? INT64_C(9000000000000000) : ms < 0 || isnan(ms) ? -1 : (int64_t)ms;
}

int64_t cmr__lua_opt_ms(lua_State *L, int index, int64_t otherwise)
{
    return lua_isnoneornil(L, index) ? otherwise : to_ms(luaL_checknumber(L, index));
}

/* ---- options */

void cmr__lua_options_begin(lua_State *L, int index, struct cmr__lua_options *ret_options)
{
    bool none = lua_isnoneornil(L, index);
    if (!none)
        luaL_checktype(L, index, LUA_TTABLE);
    *ret_options = (struct cmr__lua_options){ .L = L, .table = none ? 0 : index };
    luaL_checkstack(L, 20, "options");
}

bool cmr__lua_option_push(struct cmr__lua_options *options, const char *name, int type)
{
    lua_State *L = options->L;
    if (options->asked_count < sizeof options->asked / sizeof *options->asked)
        options->asked[options->asked_count++] = name;
    if (!options->table)
        return false;
    lua_getfield(L, options->table, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (type != LUA_TNONE && lua_type(L, -1) != type)
        luaL_error(L, "option '%s': %s expected, got %s", name, lua_typename(L, type), luaL_typename(L, -1));
    return true;
}

bool cmr__lua_option_bool(struct cmr__lua_options *options, const char *name)
{
    if (!cmr__lua_option_push(options, name, LUA_TBOOLEAN))
        return false;
    bool value = lua_toboolean(options->L, -1);
    lua_pop(options->L, 1);
    return value;
}

const char *cmr__lua_option_text(struct cmr__lua_options *options, const char *name)
{
    size_t length;
    if (!cmr__lua_option_push(options, name, LUA_TSTRING))
        return NULL;
    const char *text = lua_tolstring(options->L, -1, &length);
    if (strlen(text) != length)
        luaL_error(options->L, "option '%s' holds a NUL byte", name);
    lua_pop(options->L, 1);
    return text;
}

int64_t cmr__lua_option_ms(struct cmr__lua_options *options, const char *name)
{
    if (!cmr__lua_option_push(options, name, LUA_TNUMBER))
        return 0;
    int64_t ms = to_ms(lua_tonumber(options->L, -1));
    lua_pop(options->L, 1);
    return ms;
}

uint64_t cmr__lua_option_count(struct cmr__lua_options *options, const char *name, uint64_t most)
{
    if (!cmr__lua_option_push(options, name, LUA_TNUMBER))
        return 0;
    double value = lua_tonumber(options->L, -1);
    if (!(value >= 0 && value <= (double)most) || value != floor(value))
        luaL_error(options->L, "option '%s' is no count, or too large", name);
    lua_pop(options->L, 1);
    return (uint64_t)value;
}

int cmr__lua_option_word(struct cmr__lua_options *options, const char *name,
                         const char *(*name_of)(int number))
{
    const char *word = cmr__lua_option_text(options, name);
    int number = 0;
    if (!word)
        return 0;
    while (strcmp(name_of(number), word) != 0) {
        if (strcmp(name_of(number), "?") == 0)
            luaL_error(options->L, "option '%s' cannot be '%s'", name, word);
        number++;
    }
    return number;
}

static bool was_asked(const struct cmr__lua_options *options, const char *name)
{
    for (size_t i = 0; i < options->asked_count; i++)
        if (strcmp(options->asked[i], name) == 0)
            return true;
    return false;
}

void cmr__lua_options_end(struct cmr__lua_options *options)
{
    lua_State *L = options->L;
    if (!options->table)
        return;
    for (lua_pushnil(L); lua_next(L, options->table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "an option's name must be a string");
        if (!was_asked(options, lua_tostring(L, -2)))
            luaL_error(L, "unknown option '%s'", lua_tostring(L, -2));
    }
}

/* ---- options of a mount */

static const char *kind_name(int number)
{
    return cmr_mount_kind_name((cmr_mount_kind)number);
}

/* A text in the list on top of the stack, or in the pair there. It lives with that. */
static const char *item_text(lua_State *L, int item, const char *option)
{
    lua_rawgeti(L, -1, item);
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "option '%s': its items must be strings", option);
    const char *text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

static const cmr_format_rule *read_formats(struct cmr__lua_options *options)
{
    lua_State *L = options->L;
    if (!cmr__lua_option_push(options, "formats", LUA_TTABLE))
        return NULL;
    int count = (int)cmr__lua_length(L, -1);
    cmr_format_rule *rules = lua_newuserdata(L, ((size_t)count + 1) * sizeof *rules);
    lua_insert(L, -2);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, -1, i + 1);
        if (!lua_istable(L, -1))
            luaL_error(L, "option 'formats' is a list of pairs: {{glob, format}, ...}");
        rules[i] = (cmr_format_rule){ item_text(L, 1, "formats"), item_text(L, 2, "formats") };
        lua_pop(L, 1);
    }
    rules[count] = (cmr_format_rule){ NULL, NULL };
    lua_pop(L, 1);
    return rules;
}

static const char *const *read_ignore(struct cmr__lua_options *options)
{
    lua_State *L = options->L;
    if (!cmr__lua_option_push(options, "ignore", LUA_TTABLE))
        return NULL;
    int count = (int)cmr__lua_length(L, -1);
    const char **globs = lua_newuserdata(L, ((size_t)count + 1) * sizeof *globs);
    lua_insert(L, -2);
    for (int i = 0; i < count; i++)
        globs[i] = item_text(L, i + 1, "ignore");
    globs[count] = NULL;
    lua_pop(L, 1);
    return globs;
}

static void read_limits(struct cmr__lua_options *options, cmr_limits *ret_limits)
{
    struct cmr__lua_options limits;
    if (!cmr__lua_option_push(options, "limits", LUA_TTABLE))
        return;
    cmr__lua_options_begin(options->L, lua_gettop(options->L), &limits);
    ret_limits->file_size = cmr__lua_option_count(&limits, "file_size", UINT64_C(1) << 53);
    ret_limits->generation_size = cmr__lua_option_count(&limits, "generation_size", UINT64_C(1) << 53);
    ret_limits->files = (uint32_t)cmr__lua_option_count(&limits, "files", UINT32_MAX);
    ret_limits->depth = (uint32_t)cmr__lua_option_count(&limits, "depth", UINT32_MAX);
    ret_limits->entries = (uint32_t)cmr__lua_option_count(&limits, "entries", UINT32_MAX);
    cmr__lua_options_end(&limits);
    lua_pop(options->L, 1);
}

void cmr__lua_mount_options(struct cmr__lua_options *options, cmr_mount_options *ret_mount)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.name = cmr__lua_option_text(options, "name");
    mount.kind = (cmr_mount_kind)cmr__lua_option_word(options, "kind", kind_name);
    mount.check_interval_ms = cmr__lua_option_ms(options, "check_interval");
    mount.settle_ms = cmr__lua_option_ms(options, "settle");
    mount.keep_bad_files = cmr__lua_option_bool(options, "keep_bad_files");
    mount.secret = cmr__lua_option_bool(options, "secret");
    mount.leaky_formats = cmr__lua_option_bool(options, "leaky_formats");
    mount.optional = cmr__lua_option_bool(options, "optional");
    read_limits(options, &mount.limits);
    mount.formats = read_formats(options);
    mount.ignore = read_ignore(options);
    *ret_mount = mount;
}
