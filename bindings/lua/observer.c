/* SPDX-License-Identifier: MIT
 *
 * Observers: events of the reloader, as tables. */
#include "registration.h"

/***
What happens to the reloader.
@table Event
@tfield string kind `"ready"`, `"applied"`, `"rejected"`, `"state"` or `"failed"`; of a
reloader that processes share `"shared"`, too
@tfield string mount which one
@tfield integer generation the one that is applied now
@tfield string target what the mount's ..data points at
@tfield string hash ready, applied: the mount's content hash
@tfield string state `"waiting"`, `"ready"`, `"polling"`, `"dead"` or `"static"`
@tfield string reason failed: why; else why it is in that state: `"absent"`, `"subpath"`
@tfield string message the reason for people
@tfield string booted_from ready: `"mount"`, `"last_good"` or `"defaults"`
@tfield {Diagnostic,...} diagnostics what is wrong; an empty list if nothing is
*/

/***
What is wrong with a generation, and where.
@table Diagnostic
@tfield string status `"syntax"`, `"type"`, `"range"`, `"limit"`, `"not_found"`, `"rejected"`
@tfield string file its name within the mount
@tfield integer line 0: it does not apply
@tfield integer column
@tfield string key of a value that is not what is wanted, else `""`
@tfield string message one line
*/

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void push_event(lua_State *L, const cmr_event *event)
{
    static const char *const kinds[] = { "", "ready", "applied", "rejected", "state", "failed", "shared" };
    bool known = event->kind > 0 && event->kind < (int)(sizeof kinds / sizeof *kinds);
    lua_newtable(L);
    set_text(L, "kind", known ? kinds[event->kind] : "?");
    set_text(L, "mount", event->mount);
    lua_pushinteger(L, (lua_Integer)event->generation);
    lua_setfield(L, -2, "generation");
    set_text(L, "target", event->target);
    set_text(L, "hash", event->hash);
    set_text(L, "state", cmr_mount_state_name(event->state));
    set_text(L, "reason", cmr_mount_reason_name(event->reason));
    set_text(L, "message", event->message);
    set_text(L, "booted_from", cmr_boot_source_name(event->booted_from));
    cmr__lua_push_report(L, event->report);
    lua_setfield(L, -2, "diagnostics");
}

static int call_event(lua_State *L)
{
    struct cmr__lua_callback *callback = lua_touserdata(L, 1);
    if (!cmr__lua_callback_begin(L, callback))
        return 0;
    push_event(L, callback->event);
    cmr__lua_callback_call(L, 1);
    return 0;
}

static void on_event(void *user, const cmr_event *event)
{
    struct cmr__lua_callback callback = { .registration = user, .function = "event", .event = event };
    bool is_error = event->kind == CMR_EVENT_REJECTED || event->kind == CMR_EVENT_FAILED;
    if (callback.registration->errors_only && !is_error)
        return;
    cmr__lua_callback_run(&callback, call_event);
}

static int observe(lua_State *L, bool errors_only)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "event");
    struct cmr__lua_registration *registration = cmr__lua_registration_push(L, session, CMR__LUA_OBSERVER);
    registration->errors_only = errors_only;
    cmr_status status = cmr_observe(session->reloader, on_event, registration, cmr__lua_registration_destroy,
                                    &registration->as.observer);
    return cmr__lua_registration_result(L, registration, status);
}

/***
Calls back for every event from the next one on; `"ready"` and `"applied"` before any subscriber.
@function Reloader:observe
@tparam function callback gets an Event
@treturn Registration it need not be kept; nil: the reloader is closed
@treturn string why it is nil
@treturn string the status
*/
int cmr__lua_observe(lua_State *L)
{
    return observe(L, false);
}

/***
Calls back for events of the kinds `"rejected"` and `"failed"` only: a generation is bad, or cannot be read
now.
@function Reloader:on_error
@tparam function callback gets an Event
@treturn Registration it need not be kept; nil: the reloader is closed
@treturn string why it is nil
@treturn string the status
*/
int cmr__lua_on_error(lua_State *L)
{
    return observe(L, true);
}
