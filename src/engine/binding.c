/* SPDX-License-Identifier: MIT
 *
 * A binding is a condition on one key, as a typed subscription is, and a place to put the value. What a
 * candidate would put there is remembered when it is checked and stored when it is published, so that storing
 * cannot fail.
 *
 * A variable is written with release semantics and before the pointer to the snapshot: who has seen the new
 * snapshot sees the variable's new value too. The other way round nothing is promised: each variable stands
 * for itself. */
#include "engine/binding.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "base/options.h"
#include "engine/hint.h"
#include "model/nearest.h"

/* ---- variables */

#define STORE(name, c_type, member)                                                                          \
    static void store_##name(void *variable, const cmr_value *value)                                         \
    {                                                                                                        \
        atomic_store_explicit((_Atomic(c_type) *)variable, (c_type)value->as.member, memory_order_release);  \
    }

STORE(bool, bool, boolean)
STORE(int, int, int64)
STORE(int64, int64_t, int64)
STORE(uint64, uint64_t, uint64)
STORE(double, double, number)
STORE(duration, int64_t, duration_ns)
STORE(size, uint64_t, size)
STORE(enum, int, enumeration)
STORE(log_level, int, level)

/* TRACE has no severity of its own, and shows where DEBUG does. */
static void store_syslog_mask(void *variable, const cmr_value *value)
{
    (void)variable;
    setlogmask(LOG_UPTO(value->as.level > LOG_DEBUG ? LOG_DEBUG : (int)value->as.level));
}

/* An int has bounds of its own, within which those that are asked for must be. */
static cmr_status set_range(struct cmr__range *range, bool is_int, const cmr_binding_options *options)
{
    char lowest[16], highest[16];
    cmr_status status = CMR_OK;
    if (is_int) {
        snprintf(lowest, sizeof lowest, "%d", INT_MIN);
        snprintf(highest, sizeof highest, "%d", INT_MAX);
        status = cmr__range_narrow(range, lowest, highest);
    }
    return status == CMR_OK ? cmr__range_narrow(range, options->minimum, options->maximum) : status;
}

/* ---- values */

/* What the key holds in the snapshot. CMR_ERR_NOT_FOUND, CMR_ERR_TYPE, CMR_ERR_RANGE. */
static cmr_status evaluate(const cmr_binding *binding, const cmr_snapshot *snapshot,
                           struct cmr__location *place, cmr_value *ret_value)
{
    cmr_status status = cmr__snapshot_locate_kept(snapshot, &binding->key, place);
    if (status == CMR_OK)
        status = cmr__location_value(place, binding->range.type, binding->table, ret_value);
    if (status == CMR_OK && !cmr__range_has(&binding->range, ret_value))
        status = CMR_ERR_RANGE;
    return status;
}

static void explain(const cmr_binding *binding, const struct cmr__location *place, char *buffer, size_t size)
{
    cmr_value value;
    cmr_status status = cmr__location_value(place, binding->range.type, binding->table, &value);
    if (status == CMR_OK && value.secret) {
        value.text = "a secret, which is not shown,";
        value.length = strlen(value.text);
    }
    if (status == CMR_OK)
        cmr__range_explain(&binding->range, &value, buffer, size);
    else
        cmr__location_explain(place, binding->range.type, binding->table, buffer, size);
}

/* ---- checking a candidate */

static void refuse_absent(const cmr_binding *binding, const struct cmr__candidate *candidate)
{
    struct cmr__buffer near = CMR__BUFFER_INIT;
    cmr_cleanup(cmr__free_ptr) char *file = strndup(binding->key.file.text, binding->key.file.length);
    bool meant = cmr__snapshot_nearest_to_pattern(candidate->snapshot, &binding->key, &near);
    cmr__report_add(candidate->report, CMR_ERR_NOT_FOUND, file, 0, 0, binding->text,
                    "is required, and missing%s%.*s%s", meant ? "; did you mean " : "", (int)near.size,
                    near.size ? near.data : "", meant ? "?" : "");
    candidate->report->failed |= !file || near.failed;
    cmr__buffer_reset(&near);
}

/* A subscription, or another binding, may have said just that. */
static bool is_reported(const cmr_report *report, const char *file, const struct cmr__entry *entry,
                        const char *message)
{
    for (size_t i = 0; i < report->count; i++) {
        const cmr_diagnostic *other = &report->items[i];
        if (other->line == entry->line && other->column == cmr__entry_column(entry) &&
            strcmp(other->file, file) == 0 && strcmp(other->message, message) == 0)
            return true;
    }
    return false;
}

static void refuse(const cmr_binding *binding, const struct cmr__location *place, cmr_status status,
                   cmr_report *report)
{
    char why[512];
    struct cmr__buffer key = CMR__BUFFER_INIT;
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    explain(binding, place, why, sizeof why);
    if (is_reported(report, place->file->name, entry, why))
        return;
    cmr__key_format(&key, place->file->name, place->file->document, place->entry);
    cmr__buffer_append_char(&key, '\0');
    if (key.failed)
        report->failed = true;
    else
        cmr__report_add(report, status, place->file->name, entry->line, cmr__entry_column(entry), key.data,
                        "%s", why);
    cmr__buffer_reset(&key);
}

static void remark(const cmr_binding *binding, const struct cmr__location *place, struct cmr__buffer *remarks)
{
    char why[512];
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    explain(binding, place, why, sizeof why);
    cmr__buffer_printf(remarks, "%s:%u:%u: %s; the variable bound to %s keeps its last value",
                       place->file->name, (unsigned)entry->line, cmr__entry_column(entry), why,
                       binding->text);
    cmr__buffer_append_char(remarks, '\0');
}

static const cmr__document *document_of(const cmr_binding *binding, const cmr_snapshot *snapshot)
{
    const cmr__part *part = cmr__snapshot_part(snapshot, binding->key.mount.text, binding->key.mount.length);
    const struct cmr__part_file *file =
        part ? cmr__part_find(part, binding->key.file.text, binding->key.file.length) : NULL;
    return file ? file->document : NULL;
}

static void check_one(cmr_binding *binding, struct cmr__candidate *candidate)
{
    struct cmr__location place;
    if (candidate->before->generation > 0 &&
        document_of(binding, candidate->before) == document_of(binding, candidate->snapshot))
        return;
    cmr_status status = evaluate(binding, candidate->snapshot, &place, &binding->pending);
    if (status == CMR_ERR_NOT_FOUND && binding->required) {
        refuse_absent(binding, candidate);
    } else if (status == CMR_ERR_NOT_FOUND) {
        binding->pending = binding->otherwise;
        binding->changes = true;
    } else if (status == CMR_OK) {
        binding->changes = true;
    } else if (binding->lenient) {
        remark(binding, &place, &candidate->remarks);
    } else {
        refuse(binding, &place, status, candidate->report);
    }
}

void cmr__bindings_check_locked(cmr_reloader *reloader, struct cmr__candidate *candidate)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->bindings.list, link)
    if (!registration->ended && registration->number > candidate->bindings)
        check_one((cmr_binding *)(void *)registration, candidate);
    candidate->bindings = reloader->bindings.newest;
}

void cmr__bindings_store_locked(cmr_reloader *reloader)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->bindings.list, link)
    {
        cmr_binding *binding = (cmr_binding *)(void *)registration;
        if (binding->changes && !registration->ended)
            binding->store(binding->variable, &binding->pending);
        binding->changes = false;
    }
}

void cmr__bindings_forget_locked(cmr_reloader *reloader)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->bindings.list, link)
    ((cmr_binding *)(void *)registration)->changes = false;
}

/* ---- binding and unbinding */

static void dispose(struct cmr__registration *registration)
{
    cmr_binding *binding = (cmr_binding *)(void *)registration;
    cmr__pattern_reset(&binding->key);
    cmr__range_reset(&binding->range);
    free(binding->text);
    free(binding);
}

/* What is asked for. */
struct request {
    const char *key;
    cmr_type type;
    const cmr_enum_item *table;
    void *variable;
    void (*store)(void *variable, const cmr_value *value);
    cmr_value otherwise;
};

static cmr_status fill(cmr_binding *binding, const struct request *request,
                       const cmr_binding_options *options)
{
    binding->range.type = request->type;
    binding->table = request->table;
    binding->variable = request->variable;
    binding->store = request->store;
    binding->otherwise = request->otherwise;
    binding->lenient = options->lenient;
    binding->required = options->required;
    binding->registration.user = options->user;
    binding->registration.destroy = options->destroy;
    binding->registration.dispose = dispose;
    cmr_status status = cmr__pattern_of_key(request->key, &binding->key);
    if (status == CMR_OK)
        status = set_range(&binding->range, request->store == store_int, options);
    if (status == CMR_OK && !(binding->text = strdup(request->key)))
        status = CMR_ERR_NO_MEMORY;
    return status;
}

static cmr_status make(const struct request *request, const cmr_binding_options *options,
                       cmr_binding **ret_binding)
{
    cmr_binding *binding = calloc(1, sizeof *binding);
    if (!binding)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = fill(binding, request, options);
    if (status == CMR_OK)
        *ret_binding = binding;
    else
        dispose(&binding->registration);
    return status;
}

/* Sets the variable for the first time, if what is loaded fits. */
static cmr_status start_locked(const cmr_reloader *reloader, cmr_binding *binding,
                               struct cmr__buffer *remarks)
{
    const cmr_snapshot *current = reloader->current;
    struct cmr__location place;
    cmr_value value;
    cmr_status status = CMR_ERR_NOT_FOUND;
    if (current->generation > 0)
        status = evaluate(binding, current, &place, &value);
    if (status == CMR_ERR_NOT_FOUND && binding->required && current->generation > 0)
        return status;
    if (status == CMR_OK) {
        binding->store(binding->variable, &value);
        return status;
    }
    if (status != CMR_ERR_NOT_FOUND && !binding->lenient)
        return status;
    if (status != CMR_ERR_NOT_FOUND)
        remark(binding, &place, remarks);
    binding->store(binding->variable, &binding->otherwise);
    return CMR_OK;
}

static cmr_status add(cmr_reloader *reloader, cmr_binding *binding, cmr_binding **ret_binding)
{
    struct cmr__buffer remarks = CMR__BUFFER_INIT;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = start_locked(reloader, binding, &remarks);
    if (status == CMR_OK)
        cmr__registry_add_locked(&reloader->bindings, &binding->registration);
    if (status == CMR_OK && ret_binding)
        *ret_binding = binding; /* before a callback can want it */
    pthread_mutex_unlock(&reloader->lock);
    cmr__log_lines(&reloader->log, CMR_LOG_WARN, &remarks);
    return status;
}

static void hint(cmr_reloader *reloader, const cmr_binding *binding)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    cmr__hint_binding(reloader, snapshot, binding);
    cmr_snapshot_unref(snapshot);
}

static cmr_status bind(cmr_reloader *reloader, const struct request *request,
                       const cmr_binding_options *options, cmr_binding **ret_binding)
{
    cmr_binding_options ours;
    cmr_binding *binding;
    if (!reloader || !request->key || (!request->variable && request->store != store_syslog_mask) ||
        (request->type == CMR_TYPE_ENUM && !request->table))
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status == CMR_OK)
        status = make(request, &ours, &binding);
    if (status != CMR_OK)
        return status;
    hint(reloader, binding);
    status = add(reloader, binding, ret_binding);
    if (status != CMR_OK)
        dispose(&binding->registration);
    return status;
}

void cmr_unbind(cmr_binding *binding)
{
    if (binding)
        cmr__registration_remove(&binding->registration);
}

/* ---- one call a type */

#define BIND(name, c_type, cmr_type_, member)                                                                \
    cmr_status cmr_bind_##name(cmr_reloader *reloader, const char *key, _Atomic(c_type) *variable,           \
                               c_type otherwise, const cmr_binding_options *options,                         \
                               cmr_binding **ret_binding)                                                    \
    {                                                                                                        \
        const struct request request = { key,      cmr_type_,    NULL,                                       \
                                         variable, store_##name, { .as.member = otherwise } };               \
        return bind(reloader, &request, options, ret_binding);                                               \
    }

BIND(bool, bool, CMR_TYPE_BOOL, boolean)
BIND(int, int, CMR_TYPE_INT64, int64)
BIND(int64, int64_t, CMR_TYPE_INT64, int64)
BIND(uint64, uint64_t, CMR_TYPE_UINT64, uint64)
BIND(double, double, CMR_TYPE_DOUBLE, number)
BIND(duration, int64_t, CMR_TYPE_DURATION, duration_ns)
BIND(size, uint64_t, CMR_TYPE_SIZE, size)

cmr_status cmr_bind_enum(cmr_reloader *reloader, const char *key, const cmr_enum_item *table,
                         _Atomic(int) *variable, int otherwise, const cmr_binding_options *options,
                         cmr_binding **ret_binding)
{
    const struct request request = { key,      CMR_TYPE_ENUM, table,
                                     variable, store_enum,    { .as.enumeration = otherwise } };
    return bind(reloader, &request, options, ret_binding);
}

cmr_status cmr_bind_log_level(cmr_reloader *reloader, const char *key, _Atomic(int) *variable,
                              cmr_log_level otherwise, const cmr_binding_options *options,
                              cmr_binding **ret_binding)
{
    const struct request request = { key,      CMR_TYPE_LOG_LEVEL, NULL,
                                     variable, store_log_level,    { .as.level = otherwise } };
    return bind(reloader, &request, options, ret_binding);
}

cmr_status cmr_follow_syslog_mask(cmr_reloader *reloader, const char *key, cmr_log_level otherwise,
                                  const cmr_binding_options *options, cmr_binding **ret_binding)
{
    const struct request request = { key,  CMR_TYPE_LOG_LEVEL, NULL,
                                     NULL, store_syslog_mask,  { .as.level = otherwise } };
    return bind(reloader, &request, options, ret_binding);
}
