/* SPDX-License-Identifier: MIT
 *
 * A registration: what Lua has subscribed, observes or validates. */
#ifndef CMRELOAD_BINDINGS_LUA_REGISTRATION_H
#define CMRELOAD_BINDINGS_LUA_REGISTRATION_H

#include "binding.h"

enum cmr__lua_registration_kind {
    CMR__LUA_SUBSCRIPTION,
    CMR__LUA_OBSERVER,
    CMR__LUA_VALIDATOR,
};

struct cmr__lua_registration {
    unsigned references; /* the library's, until destroy, and the object's */
    struct cmr__lua_session *session;
    struct cmr__lua_registration *next, **link; /* in the session's list; link is NULL if it is in none */
    enum cmr__lua_registration_kind kind;
    int id;           /* its functions' place in the session's table; 0: they are dropped */
    bool over;        /* in the library, or soon */
    bool errors_only; /* of an observer */
    struct cmr__lua_shape shape;
    cmr_enum_item *table; /* the shape's */
    union {
        cmr_subscription *subscription;
        cmr_observer *observer;
        cmr_validator *validator;
    } as;
};

/* Pushes the object of a new registration; the functions are on top of the stack, and popped. */
struct cmr__lua_registration *cmr__lua_registration_push(lua_State *L, struct cmr__lua_session *session,
                                                         enum cmr__lua_registration_kind kind);

/* What the library calls when it lets go of it. */
void cmr__lua_registration_destroy(void *registration);

/* Returns from a function that registers: the object on top of the stack, or why there is none. */
int cmr__lua_registration_result(lua_State *L, struct cmr__lua_registration *registration, cmr_status status);

/* What a callback is about. */
struct cmr__lua_callback {
    struct cmr__lua_registration *registration;
    const char *function; /* its name among the registration's functions */
    const cmr_update *update;
    const cmr_event *event;
    cmr_snapshot *snapshot;
    cmr_veto *veto;
    cmr_status answer;
};

/* Runs function in Lua, with the callback as its argument. */
void cmr__lua_callback_run(struct cmr__lua_callback *callback, lua_CFunction function);

/* In it: pushes the function to call, behind the session's table and the functions at 2 and 3. False: it is
 * there no more. */
bool cmr__lua_callback_begin(lua_State *L, struct cmr__lua_callback *callback);

/* And calls it with that many arguments; what it raises is kept. */
void cmr__lua_callback_call(lua_State *L, int arguments);

#endif
