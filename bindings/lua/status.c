/* SPDX-License-Identifier: MIT
 *
 * How a reloader goes: as tables for scripts, as JSON and metrics for operators. */
#include <stdlib.h>

#include "binding.h"

static void set_count(lua_State *L, const char *name, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

/***
How it goes: a table of generation, last_success (as os.time() counts; 0: never), reloads_applied,
reloads_rejected, reloads_failed, read_retries, subscriptions, held, booted_from, saves, saves_failed, role
(`"alone"`, or of a reloader that processes share `"publisher"` or `"consumer"`) and publisher (its process;
0: none).
@function Reloader:status
@treturn table
*/
int cmr__lua_status(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr_reloader_status now = CMR_RELOADER_STATUS_INIT;
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    cmr_status result = cmr_reloader_get_status(session->reloader, &now);
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, NULL);
    lua_newtable(L);
    set_count(L, "generation", now.generation);
    set_count(L, "last_success", (uint64_t)now.last_success);
    set_count(L, "reloads_applied", now.reloads_applied);
    set_count(L, "reloads_rejected", now.reloads_rejected);
    set_count(L, "reloads_failed", now.reloads_failed);
    set_count(L, "read_retries", now.read_retries);
    set_count(L, "subscriptions", now.subscriptions);
    set_bool(L, "held", now.held);
    set_text(L, "booted_from", cmr_boot_source_name(now.booted_from));
    set_count(L, "saves", now.saves);
    set_count(L, "saves_failed", now.saves_failed);
    set_text(L, "role", cmr_role_name(now.role));
    set_count(L, "publisher", (uint64_t)now.publisher);
    return 1;
}

/***
The like of a mount: a table of state, reason, message, mounted_target, applied_target, kind, kept_files,
swappable and applied_from.
@function Reloader:mount_status
@tparam[opt] string mount its name; the first one, if it is absent
@treturn table or nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
int cmr__lua_mount_status(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    cmr_mount_status now = CMR_MOUNT_STATUS_INIT;
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    cmr_status result = cmr_reloader_get_mount_status(session->reloader, cmr__lua_opt_text(L, 2), &now);
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, result == CMR_ERR_NOT_FOUND ? "no such mount" : NULL);
    lua_newtable(L);
    set_text(L, "state", cmr_mount_state_name(now.state));
    set_text(L, "reason", cmr_mount_reason_name(now.reason));
    set_text(L, "message", now.message);
    set_text(L, "mounted_target", now.mounted_target);
    set_text(L, "applied_target", now.applied_target);
    set_text(L, "kind", cmr_mount_kind_name(now.kind));
    set_count(L, "kept_files", now.kept_files);
    set_bool(L, "swappable", now.swappable);
    set_text(L, "applied_from", cmr_boot_source_name(now.applied_from));
    return 1;
}

static void free_report(void *report)
{
    cmr_report_free(report);
}

/***
What is wrong with what is mounted now, as on_error told of it.
@function Reloader:report
@tparam[opt] string mount its name; the first one, if it is absent
@treturn {Diagnostic,...} an empty list if nothing is, or it is not known yet; nil: no such mount
@treturn string why it is nil
@treturn string the status
*/
int cmr__lua_report(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    const char *mount = cmr__lua_opt_text(L, 2);
    cmr_report *found = NULL;
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free_report);
    cmr_status result = cmr_reloader_get_report(session->reloader, mount, &found);
    box->held = found;
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, result == CMR_ERR_NOT_FOUND ? "no such mount" : NULL);
    cmr__lua_push_report(L, found);
    cmr__lua_empty_box(box);
    return 1;
}

/* A text that the library has made. */
static int return_text(lua_State *L, struct cmr__lua_boxed *box, cmr_status result)
{
    if (result != CMR_OK)
        return cmr__lua_fail(L, result, NULL);
    lua_pushstring(L, box->held);
    cmr__lua_empty_box(box);
    return 1;
}

/***
Everything that an operator asks, of one moment, as a JSON object on one line; docs/observability.md has its
members.
@function Reloader:status_json
@treturn string
*/
int cmr__lua_status_json(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    char *text = NULL;
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free);
    cmr_status result = cmr_reloader_status_json(session->reloader, &text);
    box->held = text;
    return return_text(L, box, result);
}

/***
The same as metrics, in Prometheus' text format. Raises for a prefix or labels that are malformed.
@function Reloader:status_prometheus
@tparam[opt="cmreload"] string prefix what the metrics' names begin with
@tparam[opt] string labels `'worker="1",zone="b"'`: put first in each sample's braces
@treturn string
*/
int cmr__lua_status_prometheus(lua_State *L)
{
    struct cmr__lua_session *session = cmr__lua_check_session(L, 1);
    const char *prefix = cmr__lua_opt_text(L, 2), *labels = cmr__lua_opt_text(L, 3);
    char *text = NULL;
    if (!session->reloader)
        return cmr__lua_fail(L, CMR_ERR_CLOSED, NULL);
    struct cmr__lua_boxed *box = cmr__lua_push_box(L, free);
    cmr_status result = cmr_reloader_status_prometheus(session->reloader, prefix, labels, &text);
    box->held = text;
    if (result == CMR_ERR_INVALID_ARGUMENT)
        return luaL_error(L, "a malformed prefix, or malformed labels");
    return return_text(L, box, result);
}
