/* SPDX-License-Identifier: MIT
 *
 * The status as JSON, in the tool's way: one line, numbers that are counted are numbers, names are the
 * library's, "" stands for what there is none of, and "v" grows with any incompatible change. Members may be
 * added without that. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ops/moment.h"

static void put_text(struct cmr__json *json, const char *name, const char *text)
{
    cmr__json_text(json, name, text, strlen(text));
}

static const char *status_name(cmr_status status)
{
    static const char *const names[] = {
        [-CMR_OK] = "ok",
        [-CMR_ERR_INVALID_ARGUMENT] = "invalid_argument",
        [-CMR_ERR_NO_MEMORY] = "no_memory",
        [-CMR_ERR_SYSTEM] = "system",
        [-CMR_ERR_NOT_FOUND] = "not_found",
        [-CMR_ERR_TYPE] = "type",
        [-CMR_ERR_RANGE] = "range",
        [-CMR_ERR_SYNTAX] = "syntax",
        [-CMR_ERR_LIMIT] = "limit",
        [-CMR_ERR_REJECTED] = "rejected",
    };
    int number = -(int)status;
    int count = (int)(sizeof names / sizeof names[0]);
    return number >= 0 && number < count && names[number] ? names[number] : "?";
}

static void put_diagnostic(struct cmr__json *json, const cmr_diagnostic *diagnostic)
{
    cmr__json_open(json, NULL, '{');
    put_text(json, "file", diagnostic->file);
    cmr__json_unsigned(json, "line", diagnostic->line);
    cmr__json_unsigned(json, "column", diagnostic->column);
    put_text(json, "key", diagnostic->key);
    put_text(json, "status", status_name(diagnostic->status));
    put_text(json, "message", diagnostic->message);
    cmr__json_close(json, '{');
}

/* Whoever asks why must not find nothing, nor be refused the rest. */
static void put_diagnostics(struct cmr__json *json, const struct cmr__moment_mount *mount)
{
    static const cmr_diagnostic lost = { .status = CMR_ERR_NO_MEMORY,
                                         .file = "",
                                         .key = "",
                                         .message = "there was no memory to keep what is wrong" };
    cmr__json_open(json, "diagnostics", '[');
    if (mount->is_rejected && !mount->rejected)
        put_diagnostic(json, &lost);
    for (size_t i = 0; i < cmr_report_count(mount->rejected); i++)
        put_diagnostic(json, cmr_report_get(mount->rejected, i));
    cmr__json_close(json, '[');
}

static void put_mount(struct cmr__json *json, const struct cmr__moment_mount *mount)
{
    const cmr_mount_status *status = &mount->status;
    cmr__json_open(json, NULL, '{');
    put_text(json, "name", mount->name);
    put_text(json, "kind", cmr_mount_kind_name(status->kind));
    put_text(json, "state", cmr_mount_state_name(status->state));
    put_text(json, "reason", cmr_mount_reason_name(status->reason));
    put_text(json, "message", status->message);
    put_text(json, "mounted_target", status->mounted_target);
    put_text(json, "applied_target", status->applied_target);
    put_text(json, "applied_from", cmr_boot_source_name(status->applied_from));
    put_text(json, "hash", mount->hash);
    cmr__json_unsigned(json, "kept_files", status->kept_files);
    cmr__json_bool(json, "swappable", status->swappable);
    cmr__json_bool(json, "rejected", mount->is_rejected);
    put_diagnostics(json, mount);
    cmr__json_close(json, '{');
}

static void put_reloader(struct cmr__json *json, const cmr_reloader_status *status)
{
    char last_success[CMR__TIME_SIZE] = "";
    if (status->last_success)
        cmr__clock_format(status->last_success, last_success);
    cmr__json_unsigned(json, "generation", status->generation);
    cmr__json_signed(json, "last_success", status->last_success);
    put_text(json, "last_success_time", last_success);
    cmr__json_unsigned(json, "reloads_applied", status->reloads_applied);
    cmr__json_unsigned(json, "reloads_rejected", status->reloads_rejected);
    cmr__json_unsigned(json, "reloads_failed", status->reloads_failed);
    cmr__json_unsigned(json, "read_retries", status->read_retries);
    cmr__json_unsigned(json, "saves", status->saves);
    cmr__json_unsigned(json, "saves_failed", status->saves_failed);
    cmr__json_unsigned(json, "subscriptions", status->subscriptions);
    cmr__json_bool(json, "held", status->held);
    put_text(json, "booted_from", cmr_boot_source_name(status->booted_from));
    put_text(json, "role", cmr_role_name(status->role));
    cmr__json_signed(json, "publisher", status->publisher);
}

static void put_moment(struct cmr__json *json, const struct cmr__moment *moment)
{
    cmr__json_open(json, NULL, '{');
    cmr__json_unsigned(json, "v", 1);
    put_text(json, "version", cmr_version());
    put_reloader(json, &moment->reloader);
    cmr__json_open(json, "mounts", '[');
    for (size_t i = 0; i < moment->count; i++)
        put_mount(json, &moment->mounts[i]);
    cmr__json_close(json, '[');
    cmr__json_close(json, '{');
    cmr__buffer_append_char(&json->text, '\n');
}

cmr_status cmr_reloader_status_json(cmr_reloader *reloader, char **ret_text)
{
    struct cmr__json json = { .text = CMR__BUFFER_INIT, .one_line = true };
    struct cmr__moment moment;
    if (!ret_text)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__moment_take(reloader, &moment);
    if (status != CMR_OK)
        return status;
    put_moment(&json, &moment);
    cmr__moment_reset(&moment);
    char *text = cmr__buffer_take(&json.text);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_text = text;
    return CMR_OK;
}
