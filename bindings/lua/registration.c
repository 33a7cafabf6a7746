/* SPDX-License-Identifier: MIT
 *
 * Registrations, and how their functions are called. An object that Lua drops ends nothing; close() does, or
 * the end of the reloader. Both the library and Lua hold the memory, since either may be done with it first.
 */
#include "registration.h"

#include <stdlib.h>

/***
What subscribe, observe, on_error and validate return. It need not be kept: what was registered lives as long
as the reloader.
@type Registration
*/

static void unlink_registration(struct cmr__lua_registration *registration)
{
    if (!registration->link)
        return;
    *registration->link = registration->next;
    if (registration->next)
        registration->next->link = registration->link;
    registration->link = NULL;
}

static void unref(struct cmr__lua_registration *registration)
{
    if (--registration->references > 0)
        return;
    cmr__lua_session_unref(registration->session);
    free(registration->table);
    free(registration);
}

void cmr__lua_registration_destroy(void *user)
{
    struct cmr__lua_registration *registration = user;
    registration->over = true;
    unlink_registration(registration);
    unref(registration);
}

void cmr__lua_registration_end(struct cmr__lua_registration *registration)
{
    unlink_registration(registration);
    if (registration->over || !registration->session->reloader)
        return;
    registration->over = true;
    if (registration->kind == CMR__LUA_SUBSCRIPTION)
        cmr_unsubscribe(registration->as.subscription);
    else if (registration->kind == CMR__LUA_OBSERVER)
        cmr_unobserve(registration->as.observer);
    else
        cmr_unvalidate(registration->as.validator);
}

struct cmr__lua_registration *cmr__lua_registration_push(lua_State *L, struct cmr__lua_session *session,
                                                         enum cmr__lua_registration_kind kind)
{
    cmr__lua_push_table(L, 1);
    lua_getfield(L, -1, "functions");
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, ++session->last_id);
    lua_pop(L, 3);
    void **object = cmr__lua_new(L, &cmr__lua_registration);
    struct cmr__lua_registration *registration = calloc(1, sizeof *registration);
    if (!registration)
        luaL_error(L, "not enough memory");
    *object = registration;
    *registration = (struct cmr__lua_registration){
        .references = 1,
        .session = session,
        .next = session->registrations,
        .link = &session->registrations,
        .kind = kind,
        .id = session->last_id,
        .over = true, /* until the library has it */
    };
    if (registration->next)
        registration->next->link = &registration->next;
    session->registrations = registration;
    session->references++;
    return registration;
}

/* Lets Lua collect the functions. The reloader is at 1. */
static void drop_functions(lua_State *L, struct cmr__lua_registration *registration, int table)
{
    lua_getfield(L, table, "functions");
    if (registration->id != 0 && lua_istable(L, -1)) {
        lua_pushnil(L);
        lua_rawseti(L, -2, registration->id);
    }
    lua_pop(L, 1);
    registration->id = 0;
}

int cmr__lua_registration_result(lua_State *L, struct cmr__lua_registration *registration, cmr_status status)
{
    if (status == CMR_OK) {
        registration->references++;
        registration->over = false;
        return 1;
    }
    unlink_registration(registration);
    cmr__lua_push_table(L, 1);
    drop_functions(L, registration, lua_gettop(L));
    return cmr__lua_fail(L, status, NULL);
}

/***
Ends it: its functions are not called any more, also when one of them calls this. In Lua 5.4 a `<close>`
variable does so.
@function close
*/
static int close_registration(lua_State *L)
{
    struct cmr__lua_registration *registration = *cmr__lua_check(L, 1, &cmr__lua_registration);
    if (!registration)
        return 0;
    cmr__lua_registration_end(registration);
    if (cmr__lua_session_table(L, registration->session))
        drop_functions(L, registration, lua_gettop(L));
    return 0;
}

static int collect(lua_State *L)
{
    void **object = cmr__lua_check(L, 1, &cmr__lua_registration);
    struct cmr__lua_registration *registration = *object;
    *object = NULL;
    if (registration && registration->over)
        unlink_registration(registration);
    if (registration)
        unref(registration);
    return 0;
}

static const luaL_Reg methods[] = { { "close", close_registration }, { NULL, NULL } };
static const luaL_Reg events[] = { { "__gc", collect }, { "__close", close_registration }, { NULL, NULL } };
const struct cmr__lua_class cmr__lua_registration = { "cmreload.registration", methods, events };

/* ---- calls */

void cmr__lua_callback_run(struct cmr__lua_callback *callback, lua_CFunction function)
{
    callback->registration->references++; /* it may end itself, and its reloader */
    cmr__lua_session_call(callback->registration->session, function, callback);
    unref(callback->registration);
}

bool cmr__lua_callback_begin(lua_State *L, struct cmr__lua_callback *callback)
{
    struct cmr__lua_session *session = callback->registration->session;
    luaL_checkstack(L, 24, "callback");
    if (callback->registration->id == 0 || !cmr__lua_session_table(L, session))
        return false;
    cmr__lua_session_drain(L, session, 2);
    lua_getfield(L, 2, "functions");
    if (!lua_istable(L, 3))
        return false;
    lua_rawgeti(L, 3, callback->registration->id);
    lua_replace(L, 3);
    if (!lua_istable(L, 3))
        return false;
    lua_getfield(L, 3, "values");
    callback->registration->shape.values = 4;
    lua_getfield(L, 3, callback->function);
    return !lua_isnil(L, -1);
}

void cmr__lua_callback_call(lua_State *L, int arguments)
{
    if (cmr__lua_call_traced(L, arguments, 0) != 0)
        cmr__lua_session_keep_error(L, 2);
}
