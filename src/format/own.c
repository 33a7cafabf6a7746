/* SPDX-License-Identifier: MIT
 *
 * An application's formats, checked when they are given. They belong to a mount, not to the process: two
 * libraries in one program may each have their own "nginx". The names of all built-in formats are taken, also
 * of those that this build lacks, so that a program works with every build or with none. */
#include "format/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"

#define LONGEST_NAME 64

/* It stands in messages and in other people's JSON. */
static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    return length > 0 && length <= LONGEST_NAME && name[length] == '\0';
}

/* `own` holds those before it. */
static cmr_status copy_format(const cmr_format *given, const struct cmr__format *own,
                              struct cmr__format *ret_format)
{
    cmr_format ours;
    cmr_status status = cmr__options_read(given, &ours, sizeof ours);
    if (status != CMR_OK)
        return status;
    if (!ours.parse || !ours.name || !is_name(ours.name) || cmr__format_is_reserved(ours.name) ||
        cmr__format_find(own, ours.name))
        return CMR_ERR_INVALID_ARGUMENT;
    char *name = strdup(ours.name);
    if (!name)
        return CMR_ERR_NO_MEMORY;
    *ret_format = (struct cmr__format){
        .name = name, .duplicates = CMR__DUPLICATES_REFUSED, .own = ours.parse, .user = ours.user
    };
    return CMR_OK;
}

cmr_status cmr__own_formats_copy(const cmr_format *const *given, struct cmr__format **ret_own)
{
    size_t count = 0;
    cmr_status status = CMR_OK;
    while (given && given[count])
        count++;
    struct cmr__format *own = calloc(count + 1, sizeof *own);
    if (!own)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < count && status == CMR_OK; i++)
        status = copy_format(given[i], own, &own[i]);
    if (status != CMR_OK) {
        cmr__own_formats_free(own);
        return status;
    }
    *ret_own = own;
    return CMR_OK;
}

void cmr__own_formats_free(struct cmr__format *own)
{
    for (struct cmr__format *format = own; format && format->name; format++)
        free((void *)(uintptr_t)format->name);
    free(own);
}
