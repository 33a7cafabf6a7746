/* SPDX-License-Identifier: MIT
 *
 * What the files of the Lua binding share.
 *
 * Three rules keep Lua and the library apart. Lua's errors are longjmps, so all Lua that runs below a
 * function of the library, in a callback, runs in cmr__lua_protect. What such a call needs is found from the
 * C side through a session, which Lua does not move or collect; the functions to call are in the table of the
 * session's userdata, so that Lua collects a reloader together with callbacks that refer to it. And whatever
 * the library calls when an object ends (destroy) does not touch Lua, which may be closed by then. */
#ifndef CMRELOAD_BINDINGS_LUA_BINDING_H
#define CMRELOAD_BINDINGS_LUA_BINDING_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmreload/lua.h>

/* ---- the Luas: 5.4 on one side, 5.1 and LuaJIT on the other */

#if LUA_VERSION_NUM >= 502
#define cmr__lua_length lua_rawlen
#else
#define cmr__lua_length lua_objlen
#endif

/* lua_newuserdata with a table of its own, which cmr__lua_push_table pushes. */
void *cmr__lua_new_userdata(lua_State *L, size_t size);
void cmr__lua_push_table(lua_State *L, int index);

/* Pushes a coroutine that has nothing of who makes it. */
lua_State *cmr__lua_push_thread(lua_State *L);

/* Calls the function, with argument as its first argument, so that no error passes. Returns 0 or Lua's
 * status, with nothing left on the stack either way. */
int cmr__lua_protect(lua_State *L, lua_CFunction function, void *argument);

/* lua_pcall with no results, and with a traceback behind an error that is a string. */
int cmr__lua_call_traced(lua_State *L, int arguments, int results);

/* ---- classes: userdata of a kind. An object is a pointer, NULL when it is closed. */

struct cmr__lua_class {
    const char *name; /* cmreload.snapshot */
    const luaL_Reg *methods;
    const luaL_Reg *events; /* __gc and the like */
};

extern const struct cmr__lua_class cmr__lua_reloader, cmr__lua_snapshot, cmr__lua_registration,
    cmr__lua_cursor, cmr__lua_update, cmr__lua_box;

/* Makes the metatables of them all, once in a Lua state. */
void cmr__lua_make_classes(lua_State *L);

/* Pushes an object that holds NULL. */
void **cmr__lua_new(lua_State *L, const struct cmr__lua_class *class);
void cmr__lua_set_class(lua_State *L, const struct cmr__lua_class *class); /* of the userdata on top */

/* The object at that index; NULL if it is none of the class, or an argument error. */
void **cmr__lua_test(lua_State *L, int index, const struct cmr__lua_class *class);
void **cmr__lua_check(lua_State *L, int index, const struct cmr__lua_class *class);

/* A box frees what it holds with it: for what a Lua error would lose. */
struct cmr__lua_boxed {
    void *held;
    void (*free)(void *held);
};
struct cmr__lua_boxed *cmr__lua_push_box(lua_State *L, void (*free)(void *held));
void cmr__lua_empty_box(struct cmr__lua_boxed *box); /* frees it now */

/* ---- results and arguments */

/* nil, a message and the status's name. detail may be NULL. */
int cmr__lua_fail(lua_State *L, cmr_status status, const char *detail);
int cmr__lua_result(lua_State *L, cmr_status status); /* true, or the above */
const char *cmr__lua_status_name(cmr_status status);

/* A string without a NUL byte; an argument error otherwise. The second: or nil, for which it is NULL. */
const char *cmr__lua_check_text(lua_State *L, int index);
const char *cmr__lua_opt_text(lua_State *L, int index);

/* Seconds to milliseconds, rounded up; absent is `otherwise`. */
int64_t cmr__lua_opt_ms(lua_State *L, int index, int64_t otherwise);

/* A table of options: each is read by its name, then cmr__lua_options_end raises if there is another. */
struct cmr__lua_options {
    lua_State *L;
    int table; /* its index; 0: there is none */
    const char *asked[40];
    size_t asked_count;
};

void cmr__lua_options_begin(lua_State *L, int index, struct cmr__lua_options *ret_options);
void cmr__lua_options_end(struct cmr__lua_options *options);

/* The option's value, pushed, if it is there. Of another type than that: raises. */
bool cmr__lua_option_push(struct cmr__lua_options *options, const char *name, int type);
bool cmr__lua_option_bool(struct cmr__lua_options *options, const char *name);
const char *cmr__lua_option_text(struct cmr__lua_options *options,
                                 const char *name);                             /* lives with the table */
int64_t cmr__lua_option_ms(struct cmr__lua_options *options, const char *name); /* absent: 0 */
uint64_t cmr__lua_option_count(struct cmr__lua_options *options, const char *name, uint64_t most);

/* A word's number; name_of says "?" past the last. Absent: 0. */
int cmr__lua_option_word(struct cmr__lua_options *options, const char *name,
                         const char *(*name_of)(int number));

/* The options of a mount. What they need beyond the table is left on the stack. */
void cmr__lua_mount_options(struct cmr__lua_options *options, cmr_mount_options *ret_mount);

/* ---- values */

/* What values are asked for as. */
struct cmr__lua_shape {
    cmr_type type, item;
    const cmr_enum_item *table; /* for ENUM: numbers its values, which are the items of a Lua table */
    int values;                 /* at this index, or 0 */
};

/* From options type, item and enum; or from a type's name or a table of these. An enum leaves on the stack a
 * box with its table, which is one block of malloc, and its values. */
void cmr__lua_shape_options(struct cmr__lua_options *options, struct cmr__lua_shape *ret_shape);
void cmr__lua_shape_check(lua_State *L, int index, struct cmr__lua_shape *ret_shape);

/* A scalar, or of a list or map an empty table. */
void cmr__lua_push_value(lua_State *L, const cmr_value *value, const struct cmr__lua_shape *shape);

/* A value that is there: of a list or map, with all that is in it. On failure pushes nothing. */
cmr_status cmr__lua_push_whole(lua_State *L, cmr_snapshot *snapshot, const char *key, const cmr_value *value,
                               const struct cmr__lua_shape *shape);

void cmr__lua_push_report(lua_State *L, const cmr_report *report);

/* Its first diagnostic as one line: "file:line:column: key: message", without what does not apply. */
const char *cmr__lua_push_first(lua_State *L, const cmr_report *report);

void cmr__lua_push_snapshot(lua_State *L, cmr_snapshot *snapshot); /* takes a reference of its own */
cmr_snapshot *cmr__lua_check_snapshot(lua_State *L, int index);

/* ---- sessions: a reloader and one Lua state */

struct cmr__lua_line;
struct cmr__lua_registration;

struct cmr__lua_session {
    unsigned references;    /* the userdata's, the guard's, and one of each registration */
    cmr_reloader *reloader; /* NULL when it has ended, or Lua has closed it */
    bool owned;
    bool loading;        /* in load(): what is rejected is kept, to be returned */
    bool out_of_memory;  /* a callback could not even be called */
    unsigned running;    /* callbacks */
    lua_State *caller;   /* while dispatch, wait or load is called from Lua: by whom. Callbacks run there */
    lua_State *thread;   /* else here: on a coroutine that the userdata's table keeps */
    cmr_observer *guard; /* hears that the reloader ends */
    struct cmr__lua_registration *registrations;
    struct cmr__lua_line *first_line, **end_of_lines; /* for the log function */
    int last_id;                                      /* of registrations, in the table */
};

struct cmr__lua_session *cmr__lua_check_session(lua_State *L, int index);

/* Pushes a reloader that has none yet. */
struct cmr__lua_session *cmr__lua_session_push(lua_State *L, bool owned);
cmr_status cmr__lua_session_attach(struct cmr__lua_session *session, cmr_reloader *reloader);
void cmr__lua_session_close(struct cmr__lua_session *session);
void cmr__lua_session_unref(struct cmr__lua_session *session);

/* Of a closed one, lets go of the callbacks, as soon as none runs. table is that of the userdata, here and
 * below. */
void cmr__lua_session_forget(lua_State *L, struct cmr__lua_session *session, int table);

/* Pushes the table of the session's userdata, in a callback. False: it is gone, and nothing is pushed. */
bool cmr__lua_session_table(lua_State *L, const struct cmr__lua_session *session);

/* Calls Lua for a callback, where it may run: function gets argument as a light userdata. */
bool cmr__lua_session_call(struct cmr__lua_session *session, lua_CFunction function, void *argument);

/* Around a call of the library that may call back; the reloader is the first argument. leave raises the first
 * error of a callback, if there is one. */
lua_State *cmr__lua_session_enter(struct cmr__lua_session *session, lua_State *L);
void cmr__lua_session_leave(struct cmr__lua_session *session, lua_State *L, lua_State *outer);

/* Keeps the error on top of the stack, and pops it. take pushes the oldest one. */
void cmr__lua_session_keep_error(lua_State *L, int table);
bool cmr__lua_session_take_error(lua_State *L, struct cmr__lua_session *session, int table);

/* The library's messages wait until Lua may run. */
void cmr__lua_session_log(void *session, cmr_log_level level, const char *message);
void cmr__lua_session_drain(lua_State *L, struct cmr__lua_session *session, int table);

int cmr__lua_open(lua_State *L); /* cmreload.open; and methods that have a file of their own */
int cmr__lua_status(lua_State *L);
int cmr__lua_mount_status(lua_State *L);
int cmr__lua_report(lua_State *L);
int cmr__lua_status_json(lua_State *L);
int cmr__lua_status_prometheus(lua_State *L);

/* ---- registrations: subscriptions, observers, validators */

void cmr__lua_registration_end(struct cmr__lua_registration *registration);

int cmr__lua_subscribe(lua_State *L);
int cmr__lua_observe(lua_State *L);
int cmr__lua_on_error(lua_State *L);
int cmr__lua_validate(lua_State *L);

#endif
