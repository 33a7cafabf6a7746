/* SPDX-License-Identifier: MIT
 *
 * The library's values as Lua's. An integer that the Lua's numbers cannot hold exactly (5.1 and LuaJIT: over
 * 2^53; 5.4: over 2^63 - 1) comes as a string of its digits: wrong digits would be worse. null is a light
 * userdata, as that of cjson and ngx, so that it can stand in a list. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"

static void push_unsigned(lua_State *L, uint64_t number)
{
    char digits[24];
#if LUA_VERSION_NUM >= 503
    if (number <= INT64_MAX) {
        lua_pushinteger(L, (lua_Integer)number);
        return;
    }
#else
    if (number <= UINT64_C(1) << 53) {
        lua_pushnumber(L, (lua_Number)number);
        return;
    }
#endif
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    lua_pushstring(L, digits);
}

static void push_signed(lua_State *L, int64_t number)
{
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, number);
#else
    char digits[24];
    if (number >= -(INT64_C(1) << 53) && number <= INT64_C(1) << 53) {
        lua_pushnumber(L, (lua_Number)number);
        return;
    }
    snprintf(digits, sizeof digits, "%" PRId64, number);
    lua_pushstring(L, digits);
#endif
}

static const char *push_ip(lua_State *L, const cmr_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    lua_pushstring(L, inet_ntop(ip->version == 4 ? AF_INET : AF_INET6, ip->bytes, text, sizeof text));
    return lua_tostring(L, -1);
}

void cmr__lua_push_value(lua_State *L, const cmr_value *value, const struct cmr__lua_shape *shape)
{
    switch (value->type) {
    case CMR_TYPE_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    case CMR_TYPE_BOOL:
        lua_pushboolean(L, value->as.boolean);
        break;
    case CMR_TYPE_INT64:
        push_signed(L, value->as.int64);
        break;
    case CMR_TYPE_UINT64:
    case CMR_TYPE_SIZE:
        push_unsigned(L, value->type == CMR_TYPE_SIZE ? value->as.size : value->as.uint64);
        break;
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        lua_pushnumber(L, value->as.number);
        break;
    case CMR_TYPE_DURATION:
        lua_pushnumber(L, (lua_Number)value->as.duration_ns / 1e9);
        break;
    case CMR_TYPE_ENUM:
        lua_rawgeti(L, shape->values, value->as.enumeration);
        break;
    case CMR_TYPE_LOG_LEVEL:
        lua_pushstring(L, cmr_log_level_name(value->as.level));
        break;
    case CMR_TYPE_MAP:
    case CMR_TYPE_LIST:
        lua_newtable(L);
        break;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        push_ip(L, &value->as.ip);
        break;
    case CMR_TYPE_CIDR:
        lua_pushfstring(L, "%s/%d", push_ip(L, &value->as.cidr.ip), (int)value->as.cidr.prefix);
        lua_remove(L, -2);
        break;
    default:
        lua_pushlstring(L, value->text, value->length);
    }
}

/* ---- lists and maps, with all that is in them */

static bool is_plain(const char *name)
{
    return *name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == strlen(name);
}

/* A name as a JSON string in brackets, which any name may be. */
static void add_quoted(luaL_Buffer *buffer, const char *name)
{
    char escaped[8];
    luaL_addstring(buffer, "[\"");
    for (; *name; name++) {
        if ((unsigned char)*name < 0x20 || *name == '"' || *name == '\\') {
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unsigned char)*name);
            luaL_addstring(buffer, escaped);
        } else {
            luaL_addchar(buffer, *name);
        }
    }
    luaL_addstring(buffer, "\"]");
}

/* Whether a "#" divides the key; one in a name stands in quotes. */
static bool has_path(const char *key)
{
    bool quoted = false;
    for (; *key; key++) {
        if (*key == '"')
            quoted = !quoted;
        else if (*key == '\\' && quoted)
            key++;
        else if (*key == '#' && !quoted)
            return true;
    }
    return false;
}

/* Pushes the key of what is in that key's map or list; name is NULL in a list. */
static const char *push_child_key(lua_State *L, const char *key, const char *name, size_t index)
{
    bool first = !has_path(key);
    char number[24];
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, key);
    luaL_addstring(&buffer, first ? "#" : name && is_plain(name) ? "." : "");
    if (!name) {
        snprintf(number, sizeof number, "[%zu]", index);
        luaL_addstring(&buffer, number);
    } else if (is_plain(name)) {
        luaL_addstring(&buffer, name);
    } else {
        add_quoted(&buffer, name);
    }
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

/* Sets an item of the table on top of the stack. */
static cmr_status set_item(lua_State *L, cmr_snapshot *snapshot, const char *key, const char *name,
                           size_t index, const cmr_value *value, const struct cmr__lua_shape *shape)
{
    static const struct cmr__lua_shape own = { CMR_TYPE_ANY, CMR_TYPE_ANY, NULL, 0 };
    int table = lua_gettop(L);
    if (name)
        lua_pushstring(L, name);
    if (value->type == CMR_TYPE_MAP || value->type == CMR_TYPE_LIST) {
        const char *child = push_child_key(L, key, name, index);
        cmr_status status = cmr__lua_push_whole(L, snapshot, child, value, &own);
        if (status != CMR_OK)
            return status;
        lua_remove(L, -2);
    } else {
        cmr__lua_push_value(L, value, shape);
    }
    if (name)
        lua_rawset(L, table);
    else
        lua_rawseti(L, table, (int)index + 1);
    return CMR_OK;
}

static void free_list(void *list)
{
    cmr_list_free(list);
}

static void free_map(void *map)
{
    cmr_map_free(map);
}

static cmr_status push_list(lua_State *L, cmr_snapshot *snapshot, const char *key,
                            const struct cmr__lua_shape *shape)
{
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free_list);
    cmr_list *list;
    cmr_status status = cmr_list_new(snapshot, key, shape->item, shape->table, &list);
    if (status != CMR_OK)
        return status;
    box->held = list;
    lua_newtable(L);
    for (size_t i = 0; i < cmr_list_count(list) && status == CMR_OK; i++)
        status = set_item(L, snapshot, key, NULL, i, cmr_list_get(list, i), shape);
    cmr__lua_empty_box(box);
    return status;
}

static cmr_status push_map(lua_State *L, cmr_snapshot *snapshot, const char *key,
                           const struct cmr__lua_shape *shape)
{
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free_map);
    cmr_map *map;
    cmr_status status = cmr_map_new(snapshot, key, shape->item, shape->table, &map);
    if (status != CMR_OK)
        return status;
    box->held = map;
    lua_newtable(L);
    for (size_t i = 0; i < cmr_map_count(map) && status == CMR_OK; i++)
        status = set_item(L, snapshot, key, cmr_map_name(map, i), i, cmr_map_get(map, i), shape);
    cmr__lua_empty_box(box);
    return status;
}

cmr_status cmr__lua_push_whole(lua_State *L, cmr_snapshot *snapshot, const char *key, const cmr_value *value,
                               const struct cmr__lua_shape *shape)
{
    if (value->type != CMR_TYPE_MAP && value->type != CMR_TYPE_LIST) {
        cmr__lua_push_value(L, value, shape);
        return CMR_OK;
    }
    int top = lua_gettop(L);
    luaL_checkstack(L, 24, "a value is nested too deeply"); /* a buffer of luaL takes up to 20 */
    cmr_status status =
        value->type == CMR_TYPE_MAP ? push_map(L, snapshot, key, shape) : push_list(L, snapshot, key, shape);
    if (status == CMR_OK)
        lua_replace(L, top + 1); /* the box */
    else
        lua_settop(L, top);
    return status;
}

/* ---- reports */

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, unsigned count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

void cmr__lua_push_report(lua_State *L, const cmr_report *report)
{
    size_t count = cmr_report_count(report);
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        lua_newtable(L);
        set_text(L, "status", cmr__lua_status_name(diagnostic->status));
        set_text(L, "file", diagnostic->file);
        set_count(L, "line", diagnostic->line);
        set_count(L, "column", diagnostic->column);
        set_text(L, "key", diagnostic->key);
        set_text(L, "message", diagnostic->message);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

const char *cmr__lua_push_first(lua_State *L, const cmr_report *report)
{
    const cmr_diagnostic *first = cmr_report_get(report, 0);
    int top = lua_gettop(L);
    if (!first)
        lua_pushstring(L, cmr_strerror(CMR_ERR_REJECTED));
    else if (first->line > 0)
        lua_pushfstring(L, "%s:%d:%d: ", first->file, (int)first->line, (int)first->column);
    else
        lua_pushfstring(L, "%s%s", first->file, *first->file ? ": " : "");
    if (first && *first->key)
        lua_pushfstring(L, "%s: ", first->key);
    if (first)
        lua_pushstring(L, first->message);
    lua_concat(L, lua_gettop(L) - top);
    return lua_tostring(L, -1);
}
