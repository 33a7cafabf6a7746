/* SPDX-License-Identifier: MIT
 *
 * Options are checked when they are given, so that a misspelt format is an error of cmr_open and not of some
 * later generation. What a settings object holds is its own: the application may forget what it passed. */
#include "engine/settings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "format/own.h"

#define CHECK_INTERVAL_MS 60000
#define LARGEST_FILE (UINT64_C(1) << 30)
#define DEEPEST 250 /* a key has at most 256 segments */

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
    return value ? value : otherwise;
}

static cmr_limits with_defaults(const cmr_limits *given)
{
    return (cmr_limits){ .file_size = or_default(given->file_size, 1 << 20),
                         .generation_size = or_default(given->generation_size, 8 << 20),
                         .files = (uint32_t)or_default(given->files, 4096),
                         .depth = (uint32_t)or_default(given->depth, 64),
                         .entries = (uint32_t)or_default(given->entries, 200000) };
}

static bool limits_are_valid(const cmr_limits *limits)
{
    return limits->file_size <= LARGEST_FILE && limits->depth <= DEEPEST &&
           limits->entries <= UINT32_MAX / 64;
}

/* The last component of the path: "config" of "/etc/config/". */
static char *name_of_path(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    return begin < end ? strndup(path + begin, end - begin) : strdup(path);
}

static cmr_status copy_rules(const cmr_format_rule *given, const struct cmr__format *own,
                             cmr_format_rule **ret_rules)
{
    size_t count = 0;
    for (; given && given[count].glob; count++)
        if (!given[count].glob[0] || !given[count].format || !cmr__format_find(own, given[count].format))
            return CMR_ERR_INVALID_ARGUMENT;
    cmr_format_rule *rules = calloc(count + 1, sizeof *rules);
    if (!rules)
        return CMR_ERR_NO_MEMORY;
    *ret_rules = rules;
    for (size_t i = 0; i < count; i++) {
        rules[i].glob = strdup(given[i].glob);
        rules[i].format = cmr__format_find(own, given[i].format)->name;
        if (!rules[i].glob)
            return CMR_ERR_NO_MEMORY;
    }
    return CMR_OK;
}

static cmr_status copy_ignore(const char *const *given, char ***ret_ignore)
{
    size_t count = 0;
    if (!given)
        return CMR_OK;
    while (given[count])
        if (!given[count++][0])
            return CMR_ERR_INVALID_ARGUMENT;
    char **ignore = calloc(count + 1, sizeof *ignore);
    if (!ignore)
        return CMR_ERR_NO_MEMORY;
    *ret_ignore = ignore;
    for (size_t i = 0; i < count; i++) {
        ignore[i] = strdup(given[i]);
        if (!ignore[i])
            return CMR_ERR_NO_MEMORY;
    }
    return CMR_OK;
}

static bool is_valid(const cmr_mount_options *options)
{
    return (!options->name || options->name[0]) && options->kind >= CMR_KIND_AUTO &&
           options->kind <= CMR_KIND_FILE;
}

cmr_status cmr__settings_init(struct cmr__settings *settings, const char *path,
                              const cmr_mount_options *options)
{
    cmr_mount_options ours;
    struct cmr__settings made = { 0 };
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status != CMR_OK)
        return status;
    if (!is_valid(&ours))
        return CMR_ERR_INVALID_ARGUMENT;
    made.limits = with_defaults(&ours.limits);
    if (!limits_are_valid(&made.limits))
        return CMR_ERR_INVALID_ARGUMENT;
    made.check_interval_ms = ours.check_interval_ms ? ours.check_interval_ms : CHECK_INTERVAL_MS;
    made.kind = ours.kind;
    made.settle_ms = ours.settle_ms;
    made.keep_bad_files = ours.keep_bad_files;
    made.secret = ours.secret;
    made.leaky_formats = ours.leaky_formats;
    if (made.secret && getrandom(&made.hash_seed, sizeof made.hash_seed, 0) != sizeof made.hash_seed)
        return CMR_ERR_SYSTEM;
    made.optional = ours.optional;
    made.name = ours.name ? strdup(ours.name) : name_of_path(path);
    status = cmr__own_formats_copy(ours.own_formats, &made.own_formats);
    if (status == CMR_OK)
        status = copy_rules(ours.formats, made.own_formats, &made.rules);
    if (status == CMR_OK)
        status = copy_ignore(ours.ignore, &made.ignore);
    if (status == CMR_OK && !made.name)
        status = CMR_ERR_NO_MEMORY;
    if (status != CMR_OK) {
        cmr__settings_reset(&made);
        return status;
    }
    *settings = made;
    return CMR_OK;
}

void cmr__settings_reset(struct cmr__settings *settings)
{
    for (cmr_format_rule *rule = settings->rules; rule && rule->glob; rule++)
        free((void *)(uintptr_t)rule->glob);
    free(settings->rules);
    for (char **glob = settings->ignore; glob && *glob; glob++)
        free(*glob);
    free(settings->ignore);
    cmr__own_formats_free(settings->own_formats);
    free(settings->name);
    *settings = (struct cmr__settings){ 0 };
}
