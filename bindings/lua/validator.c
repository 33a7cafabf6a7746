/* SPDX-License-Identifier: MIT
 *
 * Validators. An error in prepare is a veto: what cannot be checked is not taken over. */
#include "registration.h"

/* ---- veto(message, key), for the time of prepare */

static int veto(lua_State *L)
{
    cmr_veto **held = lua_touserdata(L, lua_upvalueindex(1));
    const char *message = cmr__lua_check_text(L, 1), *key = cmr__lua_opt_text(L, 2);
    if (!*held)
        return luaL_error(L, "veto: prepare is over");
    cmr_veto_reason(*held, key, "%s", message);
    return 0;
}

static void say(lua_State *L, cmr_veto *held, int index)
{
    if (lua_isstring(L, index))
        cmr_veto_reason(held, NULL, "%s", lua_tostring(L, index));
    else if (!lua_isnil(L, index))
        cmr_veto_reason(held, NULL, "(a %s value)", luaL_typename(L, index));
}

/* What prepare has returned, on top of the stack: an answer and a message. */
static cmr_status read_answer(lua_State *L, cmr_veto *held)
{
    if (lua_isnil(L, -2) || (lua_isboolean(L, -2) && lua_toboolean(L, -2)))
        return CMR_OK;
    lua_pushliteral(L, "again");
    bool again = lua_rawequal(L, -1, -3);
    lua_pop(L, 1);
    if (!again && !lua_isboolean(L, -2))
        cmr_veto_reason(held, NULL, "prepare returned neither a boolean nor \"again\"");
    say(L, held, -1);
    return again ? CMR_ERR_AGAIN : CMR_ERR_REJECTED;
}

static int call_prepare(lua_State *L)
{
    struct cmr__lua_callback *callback = lua_touserdata(L, 1);
    if (!cmr__lua_callback_begin(L, callback)) {
        callback->answer = CMR_OK;
        return 0;
    }
    cmr_veto **held = lua_newuserdata(L, sizeof *held);
    *held = callback->veto;
    lua_insert(L, -2); /* it must be there when the call is over */
    cmr__lua_push_snapshot(L, callback->snapshot);
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, veto, 1);
    int status = lua_pcall(L, 2, 2, 0);
    *held = NULL;
    if (status == 0) {
        callback->answer = read_answer(L, callback->veto);
    } else if (status == LUA_ERRMEM) {
        callback->answer = CMR_ERR_NO_MEMORY; /* which says nothing about the candidate */
    } else {
        say(L, callback->veto, -1);
        callback->answer = CMR_ERR_REJECTED;
    }
    return 0;
}

static cmr_status on_prepare(void *user, cmr_snapshot *candidate, cmr_veto *held)
{
    struct cmr__lua_callback callback = { .registration = user,
                                          .function = "prepare",
                                          .snapshot = candidate,
                                          .veto = held,
                                          .answer = CMR_ERR_NO_MEMORY };
    cmr__lua_callback_run(&callback, call_prepare);
    return callback.answer;
}

/* ---- commit and abort */

static int call_snapshot(lua_State *L)
{
    struct cmr__lua_callback *callback = lua_touserdata(L, 1);
    if (!cmr__lua_callback_begin(L, callback))
        return 0;
    cmr__lua_push_snapshot(L, callback->snapshot);
    cmr__lua_callback_call(L, 1);
    return 0;
}

static void tell(void *user, const char *function, cmr_snapshot *snapshot)
{
    struct cmr__lua_callback callback = { .registration = user, .function = function, .snapshot = snapshot };
    cmr__lua_callback_run(&callback, call_snapshot);
}

static void on_commit(void *user, cmr_snapshot *published)
{
    tell(user, "commit", published);
}

static void on_abort(void *user, cmr_snapshot *candidate)
{
    tell(user, "abort", candidate);
}

/* ---- */

static bool take_function(struct cmr__lua_options *options, const char *name, int functions)
{
    if (!cmr__lua_option_push(options, name, LUA_TFUNCTION))
        return false;
    lua_setfield(options->L, functions, name);
    return true;
}

/***
Has each generation judged before it is published. It is asked when all files parse and all typed
subscriptions convert. If all validators agree, each hears commit; else those that have agreed hear abort, and
nothing has changed.
@function Reloader:validate
@tparam ValidatorOptions options
@treturn Registration it need not be kept; nil: the reloader is closed
@treturn string why it is nil
@treturn string the status
*/
int cmr__lua_validate(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr_validator_options validator = CMR_VALIDATOR_OPTIONS_INIT;
    struct cmr__lua_options options;
    luaL_checktype(L, 2, LUA_TTABLE);
    cmr__lua_options_begin(L, 2, &options);
    lua_newtable(L);
    int functions = lua_gettop(L);
    validator.name = cmr__lua_option_text(&options, "name");
    luaL_argcheck(L, validator.name, 2, "option 'name' is missing");
    luaL_argcheck(L, take_function(&options, "prepare", functions), 2, "option 'prepare' is missing");
    if (take_function(&options, "commit", functions))
        validator.commit = on_commit;
    if (take_function(&options, "abort", functions))
        validator.abort = on_abort;
    cmr__lua_options_end(&options);
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    validator.prepare = on_prepare;
    validator.destroy = cmr__lua_registration_destroy;
    struct cmr__lua_registration *registration = cmr__lua_registration_push(L, session, CMR__LUA_VALIDATOR);
    cmr_status status =
        cmr_validate(session->reloader, &validator, registration, &registration->as.validator);
    return cmr__lua_registration_result(L, registration, status);
}

/***
A validator.
@table ValidatorOptions
@tfield string name for messages
@tfield function prepare `function(candidate, veto)`: gets a Snapshot, and a function `veto(message, key)`,
which may be called several times; the key is optional. What it calls veto for is refused, and so is what it
returns false for
(`return false, message`) or raises an error about. `return "again", message` asks for another try, a little
later. Anything else agrees: nothing, nil, true
@tfield[opt] function commit `function(published)`: it is published now
@tfield[opt] function abort `function(candidate)`: what this validator has agreed to is not published after
all
*/
