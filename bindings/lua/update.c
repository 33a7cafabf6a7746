/* SPDX-License-Identifier: MIT
 *
 * Subscriptions: a callback gets an update, whose changes are made into tables at once. The snapshots are
 * made on demand, so that an update that lies about in Lua holds no generation in memory. */
#include "registration.h"

/***
What a subscriber is told. `update.changes` is a list of Change; the methods are for the time of the call.
@type Update
@tfield {Change,...} changes
*/

/***
One change.
@table Change
@tfield string kind `"added"`, `"modified"` or `"removed"`
@tfield string mount the mount's name
@tfield string key without the mount
@tfield string type the value's type: `"int64"`
@tfield any old the value before; nil when it is added
@tfield any new the value now; nil when it is removed
*/

static const cmr_update *check_update(lua_State *L)
{
    void **object = cmr__lua_check(L, 1, &cmr__lua_update);
    luaL_argcheck(L, *object, 1, "the update's callback is over");
    return *object;
}

/***
The snapshot of before.
@function before
@treturn Snapshot
*/
static int before(lua_State *L)
{
    cmr__lua_push_snapshot(L, cmr_update_before(check_update(L)));
    return 1;
}

/***
The snapshot of now.
@function after
@treturn Snapshot
*/
static int after(lua_State *L)
{
    cmr__lua_push_snapshot(L, cmr_update_after(check_update(L)));
    return 1;
}

static int index_update(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    cmr__lua_check(L, 1, &cmr__lua_update);
    cmr__lua_push_table(L, 1);
    lua_getfield(L, -1, name ? name : "");
    return 1;
}

static const luaL_Reg methods[] = {
    { "before", before },
    { "after", after },
    { NULL, NULL },
};

static const luaL_Reg events[] = { { "__index", index_update }, { NULL, NULL } };
const struct cmr__lua_class cmr__lua_update = { "cmreload.update", NULL, events };

/* ---- the callback */

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_value(lua_State *L, const char *name, const cmr_change *change, const cmr_value *value,
                      cmr_snapshot *snapshot, const struct cmr__lua_shape *shape)
{
    if (!value)
        return;
    const char *key = lua_pushfstring(L, "%s:%s", change->mount, change->key);
    cmr_status status = cmr__lua_push_whole(L, snapshot, key, value, shape);
    if (status != CMR_OK) /* it has just been read so */
        luaL_error(L, "%s: %s", key, cmr_strerror(status));
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
}

static void push_change(lua_State *L, const cmr_update *update, const cmr_change *change,
                        const struct cmr__lua_shape *shape)
{
    static const char *const kinds[] = { "", "added", "modified", "removed" };
    const cmr_value *value = change->new_value ? change->new_value : change->old_value;
    lua_newtable(L);
    set_text(L, "kind", kinds[change->kind]);
    set_text(L, "mount", change->mount);
    set_text(L, "key", change->key);
    set_text(L, "type", cmr_type_name(value->type));
    set_value(L, "old", change, change->old_value, cmr_update_before(update), shape);
    set_value(L, "new", change, change->new_value, cmr_update_after(update), shape);
}

static void push_update(lua_State *L, const cmr_update *update, const struct cmr__lua_shape *shape)
{
    void **object = cmr__lua_new_userdata(L, sizeof *object);
    *object = (void *)update;
    cmr__lua_set_class(L, &cmr__lua_update);
    cmr__lua_push_table(L, -1);
    for (const luaL_Reg *method = methods; method->name; method++) {
        lua_pushcfunction(L, method->func);
        lua_setfield(L, -2, method->name);
    }
    lua_newtable(L);
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        push_change(L, update, cmr_update_change(update, i), shape);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "changes");
    lua_pop(L, 1);
}

static int call_update(lua_State *L)
{
    struct cmr__lua_callback *callback = lua_touserdata(L, 1);
    if (!cmr__lua_callback_begin(L, callback))
        return 0;
    push_update(L, callback->update, &callback->registration->shape);
    void **object = lua_touserdata(L, -1);
    lua_pushvalue(L, -1);
    lua_insert(L, -3); /* it must be there when the call is over */
    cmr__lua_callback_call(L, 1);
    *object = NULL;
    return 0;
}

static void on_update(void *user, const cmr_update *update)
{
    struct cmr__lua_callback callback = { .registration = user, .function = "update", .update = update };
    cmr__lua_callback_run(&callback, call_update);
}

/* ---- subscribing */

/* Patterns in one text, also of a list of them. */
static const char *check_patterns(lua_State *L, int index)
{
    if (!lua_istable(L, index))
        return cmr__lua_check_text(L, index);
    luaL_Buffer buffer;
    int count = (int)cmr__lua_length(L, index);
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&buffer, ' ');
        lua_rawgeti(L, index, i);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_argerror(L, index, "its patterns must be strings");
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    lua_replace(L, index);
    return cmr__lua_check_text(L, index);
}

static void read_options(lua_State *L, int index, struct cmr__lua_shape *ret_shape,
                         cmr_subscription_options *ret_options)
{
    struct cmr__lua_options options;
    cmr__lua_options_begin(L, index, &options);
    ret_options->debounce_ms = cmr__lua_option_ms(&options, "debounce");
    ret_options->max_wait_ms = cmr__lua_option_ms(&options, "max_wait");
    ret_options->initial = cmr__lua_option_bool(&options, "initial");
    ret_options->lenient = cmr__lua_option_bool(&options, "lenient");
    cmr__lua_shape_options(&options, ret_shape);
    cmr__lua_options_end(&options);
    ret_options->type = ret_shape->type;
    ret_options->item = ret_shape->item;
    ret_options->table = ret_shape->table;
}

/***
Calls back when something that matches the patterns has another value than before. Comments, order, and
another way to write the same value are no change. With a type, a generation with a value that does not
convert is refused.
@function Reloader:subscribe
@tparam string|{string,...} patterns `"app.yaml#server.** log_level"`, or a list of such
@tparam function callback gets an Update
@tparam[opt] SubscriptionOptions options
@treturn Registration it need not be kept; nil: what is loaded already does not fit
@treturn string why it is nil
@treturn string the status: `"type"`, `"range"`, `"closed"`
*/
int cmr__lua_subscribe(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    const char *patterns = check_patterns(L, 2);
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    struct cmr__lua_shape shape;
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 4);
    read_options(L, 4, &shape, &options);
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    lua_newtable(L);
    lua_pushvalue(L, 3);
    lua_setfield(L, -2, "update");
    if (shape.values) {
        lua_pushvalue(L, shape.values);
        lua_setfield(L, -2, "values");
    }
    struct cmr__lua_boxed *box = shape.values ? lua_touserdata(L, shape.values - 1) : NULL;
    struct cmr__lua_registration *registration =
        cmr__lua_registration_push(L, session, CMR__LUA_SUBSCRIPTION);
    if (box) { /* the table must outlive what Lua holds */
        registration->table = box->held;
        box->held = NULL;
    }
    registration->shape = shape;
    options.destroy = cmr__lua_registration_destroy;
    cmr_status status = cmr_subscribe(session->reloader, patterns, on_update, registration, &options,
                                      &registration->as.subscription);
    if (status == CMR_ERR_INVALID_ARGUMENT)
        return luaL_argerror(L, 2, "malformed patterns, or options that do not fit together");
    int results = cmr__lua_registration_result(L, registration, status);
    cmr__lua_session_leave(session, L, session->caller);
    return results;
}

/***
How to subscribe.
@table SubscriptionOptions
@tfield[opt="any"] string type what values are converted to: `"duration"`, `"list"`; a value that does not
convert refuses the generation
@tfield[opt="any"] string item of a list or map: its items' type
@tfield[opt] table enum `{"slow", "fast"}`, `{{"slow", 1}, {"fast", 2}}` or `{slow = 1, fast = 2}`: the names,
and what Lua gets for them
@tfield[opt=0] number debounce seconds for which nothing that matches must have changed
@tfield[opt] number max_wait seconds after the first change at which the callback is called all the same; 10
times debounce
@tfield[opt=false] boolean initial call once at the start, with all that matches, as added
@tfield[opt=false] boolean lenient accept a generation with a value that does not convert
*/
