/* SPDX-License-Identifier: MIT
 *
 * Sessions: what the C side keeps of a reloader and a Lua state.
 *
 *     registry --(weak)--> userdata --> its table: callbacks, the log function, errors, a coroutine
 *                              |
 *                           session <-- each registration, which the library holds
 *
 * The session is memory of its own, counted: the library may let go of a callback when Lua has long collected
 * the userdata, or is closed. A borrowed reloader's userdata is in the registry strongly, too, by the
 * reloader's address: what scripts subscribe lives as long as the reloader.
 *
 * A coroutine is made for the callbacks of a program that dispatches itself. The state that opened a reloader
 * will not do: it may be a coroutine that has ended and been collected. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

enum {
    MOST_ERRORS = 8
};

struct cmr__lua_line {
    struct cmr__lua_line *next;
    cmr_log_level level;
    char text[];
};

static const char weak_key, strong_key; /* their addresses are */

/* Pushes a table of the registry. */
static void push_registry(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    if (key == &weak_key) {
        lua_newtable(L);
        lua_pushliteral(L, "v");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
    }
    lua_pushlightuserdata(L, (void *)key);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* ---- life */

struct cmr__lua_session *cmr__lua_check_session(lua_State *L, int index)
{
    void **object = cmr__lua_check(L, index, &cmr__lua_reloader);
    luaL_argcheck(L, *object, index, "the reloader is collected"); /* a finalizer of a script's sees it so */
    return *object;
}

struct cmr__lua_session *cmr__lua_session_push(lua_State *L, bool owned)
{
    luaL_checkstack(L, 8, "reloader");
    void **object = cmr__lua_new_userdata(L, sizeof *object);
    *object = NULL;
    cmr__lua_set_class(L, &cmr__lua_reloader);
    struct cmr__lua_session *session = calloc(1, sizeof *session);
    if (!session)
        luaL_error(L, "not enough memory");
    *object = session;
    session->references = 1;
    session->owned = owned;
    session->end_of_lines = &session->first_line;
    cmr__lua_push_table(L, -1);
    session->thread = cmr__lua_push_thread(L);
    lua_setfield(L, -2, "thread");
    lua_newtable(L);
    lua_setfield(L, -2, "errors");
    lua_newtable(L);
    lua_setfield(L, -2, "functions");
    lua_pop(L, 1);
    push_registry(L, &weak_key);
    lua_pushlightuserdata(L, session);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return session;
}

void cmr__lua_session_unref(struct cmr__lua_session *session)
{
    if (--session->references > 0)
        return;
    while (session->first_line) {
        struct cmr__lua_line *line = session->first_line;
        session->first_line = line->next;
        free(line);
    }
    free(session);
}

/* Keeps what is wrong with a generation, for load. */
static int keep_report(lua_State *L)
{
    void **arguments = lua_touserdata(L, 1);
    if (!cmr__lua_session_table(L, arguments[0]))
        return 0;
    cmr__lua_push_report(L, arguments[1]);
    lua_setfield(L, -2, "rejected");
    cmr__lua_push_first(L, arguments[1]);
    lua_setfield(L, -2, "why_rejected");
    return 0;
}

static void on_guard_event(void *user, const cmr_event *event)
{
    struct cmr__lua_session *session = user;
    void *arguments[] = { session, (void *)event->report };
    if (event->kind == CMR_EVENT_REJECTED && session->loading)
        cmr__lua_session_call(session, keep_report, arguments);
}

static void on_guard_end(void *user)
{
    struct cmr__lua_session *session = user;
    session->reloader = NULL;
    session->guard = NULL;
    cmr__lua_session_unref(session);
}

cmr_status cmr__lua_session_attach(struct cmr__lua_session *session, cmr_reloader *reloader)
{
    session->references++;
    cmr_status status = cmr_observe(reloader, on_guard_event, session, on_guard_end, &session->guard);
    if (status == CMR_OK)
        session->reloader = reloader;
    else
        session->references--;
    return status;
}

void cmr__lua_session_close(struct cmr__lua_session *session)
{
    cmr_reloader *reloader = session->reloader;
    cmr_observer *guard = session->guard;
    if (!reloader)
        return;
    while (session->registrations && !session->owned)
        cmr__lua_registration_end(session->registrations);
    session->reloader = NULL;
    session->guard = NULL;
    if (session->owned)
        cmr_reloader_free(reloader);
    else
        cmr_unobserve(guard);
}

void cmr__lua_session_forget(lua_State *L, struct cmr__lua_session *session, int table)
{
    if (session->reloader || session->running > 0) /* a validator that has agreed may hear abort yet */
        return;
    lua_pushnil(L);
    lua_setfield(L, table, "functions");
}

bool cmr__lua_session_table(lua_State *L, const struct cmr__lua_session *session)
{
    push_registry(L, &weak_key);
    lua_pushlightuserdata(L, (void *)session);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    cmr__lua_push_table(L, -1);
    lua_remove(L, -2);
    return true;
}

/* ---- calls */

bool cmr__lua_session_call(struct cmr__lua_session *session, lua_CFunction function, void *argument)
{
    session->running++;
    int status = cmr__lua_protect(session->caller ? session->caller : session->thread, function, argument);
    session->running--;
    if (status != 0) /* only for want of memory: what a script does wrong is caught in the function */
        session->out_of_memory = true;
    return status == 0;
}

lua_State *cmr__lua_session_enter(struct cmr__lua_session *session, lua_State *L)
{
    lua_State *outer = session->caller;
    session->caller = L;
    return outer;
}

void cmr__lua_session_leave(struct cmr__lua_session *session, lua_State *L, lua_State *outer)
{
    int error = errno;
    session->caller = outer;
    cmr__lua_push_table(L, 1);
    cmr__lua_session_forget(L, session, lua_gettop(L));
    cmr__lua_session_drain(L, session, lua_gettop(L));
    if (session->running == 0 && cmr__lua_session_take_error(L, session, lua_gettop(L)))
        lua_error(L);
    lua_pop(L, 1);
    errno = error;
}

/* ---- errors */

void cmr__lua_session_keep_error(lua_State *L, int table)
{
    lua_getfield(L, table, "errors");
    int count = (int)cmr__lua_length(L, -1);
    if (count < MOST_ERRORS) {
        if (lua_isnil(L, -2))
            lua_pushliteral(L, "(an error that is nil)"); /* one all the same */
        else
            lua_pushvalue(L, -2);
        lua_rawseti(L, -2, count + 1);
    }
    lua_pop(L, 2);
}

bool cmr__lua_session_take_error(lua_State *L, struct cmr__lua_session *session, int table)
{
    lua_getfield(L, table, "errors");
    int errors = lua_gettop(L), count = (int)cmr__lua_length(L, errors);
    lua_rawgeti(L, errors, 1);
    lua_remove(L, errors);
    if (count > 0) {
        lua_getfield(L, table, "errors");
        for (int i = 1; i <= count; i++) {
            lua_rawgeti(L, -1, i + 1);
            lua_rawseti(L, -2, i);
        }
        lua_pop(L, 1);
        return true;
    }
    lua_pop(L, 1);
    if (!session->out_of_memory)
        return false;
    session->out_of_memory = false;
    lua_pushliteral(L, "not enough memory for a callback");
    return true;
}

/* ---- the log */

void cmr__lua_session_log(void *user, cmr_log_level level, const char *message)
{
    struct cmr__lua_session *session = user;
    size_t size = strlen(message) + 1;
    struct cmr__lua_line *line = malloc(sizeof *line + size);
    if (!line)
        return;
    *line = (struct cmr__lua_line){ .level = level };
    memcpy(line->text, message, size);
    *session->end_of_lines = line;
    session->end_of_lines = &line->next;
}

void cmr__lua_session_drain(lua_State *L, struct cmr__lua_session *session, int table)
{
    while (session->first_line) {
        struct cmr__lua_boxed *box = cmr__lua_push_box(L, free);
        struct cmr__lua_line *line = session->first_line;
        session->first_line = line->next;
        if (!line->next)
            session->end_of_lines = &session->first_line;
        box->held = line;
        lua_getfield(L, table, "log");
        lua_pushstring(L, cmr_log_level_name(line->level));
        lua_pushstring(L, line->text);
        if (cmr__lua_call_traced(L, 2, 0) != 0)
            cmr__lua_session_keep_error(L, table);
        cmr__lua_empty_box(box);
        lua_pop(L, 1);
    }
}

/* ---- for programs that embed Lua */

/* Forgets the reloaders that have ended: their addresses may come again. The table is on top of the stack. */
static void forget_ended(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        struct cmr__lua_session **object = lua_touserdata(L, -1);
        bool ended = !*object || (!(*object)->reloader && (*object)->running == 0);
        lua_pop(L, 1);
        if (ended) {
            lua_pushvalue(L, -1);
            lua_pushnil(L);
            lua_rawset(L, -4);
        }
    }
}

cmr_status cmr_lua_push(lua_State *L, cmr_reloader *reloader)
{
    if (!L || !reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    int top = lua_gettop(L);
    luaL_checkstack(L, 16, "reloader");
    cmr__lua_make_classes(L);
    push_registry(L, &strong_key);
    forget_ended(L);
    lua_pushlightuserdata(L, reloader);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1)) {
        struct cmr__lua_session *session = cmr__lua_session_push(L, false);
        lua_pushlightuserdata(L, reloader);
        lua_pushvalue(L, -2);
        lua_rawset(L, top + 1);
        cmr_status status = cmr__lua_session_attach(session, reloader);
        if (status != CMR_OK) {
            lua_settop(L, top);
            return status;
        }
    }
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    return CMR_OK;
}

bool cmr_lua_take_error(lua_State *L, cmr_reloader *reloader)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, "reloader");
    push_registry(L, &strong_key);
    lua_pushlightuserdata(L, reloader);
    lua_rawget(L, -2);
    if (!lua_isnil(L, -1)) {
        struct cmr__lua_session **object = lua_touserdata(L, -1);
        cmr__lua_push_table(L, -1);
        if (cmr__lua_session_take_error(L, *object, lua_gettop(L))) {
            lua_replace(L, top + 1);
            lua_settop(L, top + 1);
            return true;
        }
    }
    lua_settop(L, top);
    return false;
}
