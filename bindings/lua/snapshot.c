/* SPDX-License-Identifier: MIT
 *
 * Snapshots: typed reads, iteration, and what is known of their files. An object holds a reference; close()
 * gives it back before Lua's collector comes by, which knows nothing of a generation's size.
 *
 * The comments that begin with three stars are the manual: document.py makes API.md and cmreload.d.lua of
 * them. */
#include "binding.h"

/***
One whole generation of each mount, which never changes. It stays readable when the reloader is closed.
@type Snapshot
*/

void cmr__lua_push_snapshot(lua_State *L, cmr_snapshot *snapshot)
{
    void **object = cmr__lua_new(L, &cmr__lua_snapshot);
    *object = cmr_snapshot_ref(snapshot);
}

cmr_snapshot *cmr__lua_check_snapshot(lua_State *L, int index)
{
    void **object = cmr__lua_check(L, index, &cmr__lua_snapshot);
    luaL_argcheck(L, *object, index, "the snapshot is closed");
    return *object;
}

/* ---- reads */

/* Returns why a read fails. A malformed key is the program's fault. */
static int fail(lua_State *L, cmr_status status, const char *key, const struct cmr__lua_shape *shape)
{
    cmr_snapshot *snapshot = cmr__lua_check_snapshot(L, 1);
    char text[1024] = "";
    cmr_explain(snapshot, key, shape->type, shape->table, text, sizeof text);
    if (!*text && (shape->type == CMR_TYPE_LIST || shape->type == CMR_TYPE_MAP))
        cmr_explain_items(snapshot, key, shape->type, shape->item, shape->table, text, sizeof text);
    if (status == CMR_ERR_INVALID_ARGUMENT)
        return luaL_argerror(L, 2, *text ? text : cmr_strerror(status));
    return cmr__lua_fail(L, status, *text ? text : NULL);
}

/***
The value of a key, converted to a type. Without a type a value has its own: a string, number or boolean,
`cmreload.null`, or a table for a list or map.
@function get
@tparam string key `"app.yaml#server.port"`; `"tls:cert.pem"` in the mount tls
@tparam[opt] string|Shape as a type's name (`"duration"`), or a table of type, item and enum
@tparam[opt] any default what an absent key is. A value that is there, but not of that type, is an error all
the same
@treturn any the value, or nil: it is absent, or not of that type
@treturn string why it is nil: `app.yaml:3:3: app.yaml#server.port: wanted int64, found the string "80a"`
@treturn string the status: `"not_found"`, `"type"`, `"range"`
*/
static int get(lua_State *L)
{
    cmr_snapshot *snapshot = cmr__lua_check_snapshot(L, 1);
    const char *key = cmr__lua_check_text(L, 2);
    struct cmr__lua_shape shape;
    cmr_value value;
    lua_settop(L, 4);
    cmr__lua_shape_check(L, 3, &shape);
    cmr_status status = cmr_get(snapshot, key, shape.type, shape.table, &value);
    if (status == CMR_OK)
        status = cmr__lua_push_whole(L, snapshot, key, &value, &shape);
    if (status == CMR_OK)
        return 1;
    if (status == CMR_ERR_NOT_FOUND && !lua_isnil(L, 4)) {
        lua_pushvalue(L, 4);
        return 1;
    }
    return fail(L, status, key, &shape);
}

/***
A list or map as a table, with all that is in it; lists count from 1. Besides what get() makes a table of,
this takes what is written in one text (`a, b` or `x=1, y=2` in a properties file) and whole files
(`"app.yaml"`).
@function table
@tparam string key
@tparam[opt="any"] string item the type of its items
@treturn table the table, or nil
@treturn string why it is nil
@treturn string the status
*/
static int as_table(lua_State *L)
{
    cmr_snapshot *snapshot = cmr__lua_check_snapshot(L, 1);
    const char *key = cmr__lua_check_text(L, 2), *item = cmr__lua_opt_text(L, 3);
    struct cmr__lua_shape shape = { CMR_TYPE_MAP, CMR_TYPE_ANY, NULL, 0 };
    cmr_value value;
    if (item && cmr_type_from_name(item, &shape.item) != CMR_OK)
        return luaL_argerror(L, 3, "unknown type");
    cmr_status status = cmr_get(snapshot, key, CMR_TYPE_MAP, NULL, &value);
    if (status == CMR_ERR_TYPE) {
        shape.type = CMR_TYPE_LIST;
        status = cmr_get(snapshot, key, CMR_TYPE_LIST, NULL, &value);
    }
    if (status == CMR_OK)
        status = cmr__lua_push_whole(L, snapshot, key, &value, &shape);
    return status == CMR_OK ? 1 : fail(L, status, key, &shape);
}

/***
The own type of a value: `"string"`, `"int64"`, `"uint64"`, `"double"`, `"bool"`, `"null"`, `"bytes"`, `"map"`
or
`"list"`.
@function type
@tparam string key
@treturn string the type's name, or nil: the key is absent
@treturn string why it is nil
@treturn string the status
*/
static int type_of(lua_State *L)
{
    static const struct cmr__lua_shape own = { CMR_TYPE_ANY, CMR_TYPE_ANY, NULL, 0 };
    const char *key = cmr__lua_check_text(L, 2);
    cmr_value value;
    cmr_status status = cmr_get(cmr__lua_check_snapshot(L, 1), key, CMR_TYPE_ANY, NULL, &value);
    if (status != CMR_OK)
        return fail(L, status, key, &own);
    lua_pushstring(L, cmr_type_name(value.type));
    return 1;
}

/* ---- iteration */

static int cursor_close(lua_State *L)
{
    void **cursor = cmr__lua_check(L, 1, &cmr__lua_cursor);
    cmr_cursor *held = *cursor;
    *cursor = NULL;
    cmr_cursor_free(held);
    return 0;
}

static int cursor_next(lua_State *L)
{
    static const struct cmr__lua_shape own = { CMR_TYPE_ANY, CMR_TYPE_ANY, NULL, 0 };
    void **cursor = cmr__lua_check(L, 1, &cmr__lua_cursor);
    const cmr_entry *entry = *cursor ? cmr_cursor_next(*cursor) : NULL;
    if (!entry) {
        bool failed = *cursor && cmr_cursor_failed(*cursor);
        cursor_close(L);
        return failed ? luaL_error(L, "not enough memory") : 0;
    }
    lua_pushstring(L, entry->key);
    cmr__lua_push_value(L, &entry->value, &own);
    lua_pushstring(L, entry->mount);
    lua_pushstring(L, cmr_type_name(entry->value.type));
    return 4;
}

/***
Iterates over what patterns match: files by name, entries in the order of the file. Of a list or map its items
come, but of an empty one itself, as an empty table.

    for key, value, mount, type in snapshot:pairs("app.yaml#server.**") do print(key, value) end

@function pairs
@tparam[opt="**"] string patterns
@treturn function for a generic for, which yields a key (without its mount), the value, its mount, its type
*/
static int iterate(lua_State *L)
{
    cmr_snapshot *snapshot = cmr__lua_check_snapshot(L, 1);
    const char *patterns = cmr__lua_opt_text(L, 2);
    lua_pushcfunction(L, cursor_next);
    void **cursor = cmr__lua_new(L, &cmr__lua_cursor);
    cmr_cursor *made;
    cmr_status status = cmr_cursor_new(snapshot, patterns ? patterns : "**", &made);
    if (status == CMR_ERR_INVALID_ARGUMENT)
        return luaL_argerror(L, 2, "malformed pattern");
    if (status != CMR_OK)
        return luaL_error(L, "%s", cmr_strerror(status));
    *cursor = made;
    lua_pushnil(L);
    lua_pushvalue(L, -2); /* 5.4 closes this when the loop is left, however it is */
    return 4;
}

/* ---- what is known of it */

/***
Counts the reloader's publications: 1 for the first. 0: the empty snapshot before that, or one that comes from
no reloader.
@function generation
@treturn integer
*/
static int generation(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)cmr_snapshot_generation(cmr__lua_check_snapshot(L, 1)));
    return 1;
}

/***
When it was loaded, as os.time() counts.
@function loaded_at
@treturn integer
*/
static int loaded_at(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)cmr_snapshot_loaded_at(cmr__lua_check_snapshot(L, 1)));
    return 1;
}

static int text_of_mount(lua_State *L, const char *(*text)(const cmr_snapshot *snapshot, const char *mount))
{
    const char *found = text(cmr__lua_check_snapshot(L, 1), cmr__lua_opt_text(L, 2));
    if (!found)
        return cmr__lua_fail(L, CMR_ERR_NOT_FOUND, "no such mount");
    lua_pushstring(L, found);
    return 1;
}

/***
The content hash of a mount: `xxh3-128:` and 32 digits; of a secret mount `""`.
@function hash
@tparam[opt] string mount its name; the first one, if it is absent
@treturn string the hash, or nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
static int hash(lua_State *L)
{
    return text_of_mount(L, cmr_snapshot_hash);
}

/***
What the volume's ..data pointed at; of a plain directory its content hash.
@function target
@tparam[opt] string mount
@treturn string the target, or nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
static int target(lua_State *L)
{
    return text_of_mount(L, cmr_snapshot_target);
}

/***
A hash over the keys that match, and their values: comments and other keys leave it as it is. Raises when keys
of a secret mount match.
@function hash_keys
@tparam string patterns
@treturn string
*/
static int hash_keys(lua_State *L)
{
    char text[CMR_HASH_SIZE];
    cmr_status status =
        cmr_snapshot_hash_keys(cmr__lua_check_snapshot(L, 1), cmr__lua_check_text(L, 2), text);
    if (status != CMR_OK)
        return luaL_argerror(L, 2, cmr_strerror(status));
    lua_pushstring(L, text);
    return 1;
}

/***
Whether a mount is secret: its values are not to be shown.
@function is_secret
@tparam[opt] string mount
@treturn boolean
*/
static int is_secret(lua_State *L)
{
    lua_pushboolean(L, cmr_snapshot_is_secret(cmr__lua_check_snapshot(L, 1), cmr__lua_opt_text(L, 2)));
    return 1;
}

/***
The names of a mount's files, sorted. Their bytes are what `get(name, "bytes")` returns.
@function files
@tparam[opt] string mount
@treturn {string,...} the names, or nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
static int files(lua_State *L)
{
    cmr_snapshot *snapshot = cmr__lua_check_snapshot(L, 1);
    const char *mount = cmr__lua_opt_text(L, 2);
    cmr_file file;
    if (!cmr_snapshot_target(snapshot, mount))
        return cmr__lua_fail(L, CMR_ERR_NOT_FOUND, "no such mount");
    lua_newtable(L);
    for (size_t i = 0; cmr_snapshot_file(snapshot, mount, i, &file) == CMR_OK; i++) {
        lua_pushstring(L, file.name);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/***
Gives it back at once: an old generation of many megabytes, or a secret, which is wiped then. All that was
read from it stays valid. In Lua 5.4 a `<close>` variable does so.
@function close
*/
static int close_snapshot(lua_State *L)
{
    void **object = cmr__lua_check(L, 1, &cmr__lua_snapshot);
    cmr_snapshot *held = *object;
    *object = NULL;
    cmr_snapshot_unref(held);
    return 0;
}

static int describe(lua_State *L)
{
    void **object = cmr__lua_check(L, 1, &cmr__lua_snapshot);
    if (*object)
        lua_pushfstring(L, "cmreload.snapshot (generation %d)", (int)cmr_snapshot_generation(*object));
    else
        lua_pushliteral(L, "cmreload.snapshot (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    { "get", get },
    { "table", as_table },
    { "type", type_of },
    { "pairs", iterate },
    { "generation", generation },
    { "loaded_at", loaded_at },
    { "hash", hash },
    { "target", target },
    { "hash_keys", hash_keys },
    { "is_secret", is_secret },
    { "files", files },
    { "close", close_snapshot },
    { NULL, NULL },
};

static const luaL_Reg events[] = {
    { "__gc", close_snapshot },
    { "__close", close_snapshot },
    { "__tostring", describe },
    { NULL, NULL },
};

static const luaL_Reg cursor_events[] = { { "__gc", cursor_close },
                                          { "__close", cursor_close },
                                          { NULL, NULL } };

const struct cmr__lua_class cmr__lua_snapshot = { "cmreload.snapshot", methods, events };
const struct cmr__lua_class cmr__lua_cursor = { "cmreload.cursor", NULL, cursor_events };
