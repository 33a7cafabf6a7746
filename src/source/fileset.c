/* SPDX-License-Identifier: MIT
 *
 * The container that readers of mounts fill and the pipeline empties. */
#include "source/fileset.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/utf8.h"

size_t cmr__fileset_count(const struct cmr__fileset *fileset)
{
    return fileset->files.size / sizeof(struct cmr__file);
}

struct cmr__file *cmr__fileset_at(const struct cmr__fileset *fileset, size_t index)
{
    return (struct cmr__file *)(void *)fileset->files.data + index;
}

void cmr__fileset_reset(struct cmr__fileset *fileset)
{
    for (size_t i = 0; i < cmr__fileset_count(fileset); i++) {
        free(cmr__fileset_at(fileset, i)->name);
        cmr__file_clear(cmr__fileset_at(fileset, i));
    }
    cmr__buffer_reset(&fileset->files);
    cmr__buffer_reset(&fileset->directories);
    free(fileset->identity);
    fileset->identity = NULL;
}

struct cmr__file *cmr__fileset_add(struct cmr__fileset *fileset, const char *name)
{
    char *copy = strdup(name);
    struct cmr__file *file = copy ? cmr__buffer_extend(&fileset->files, sizeof *file) : NULL;
    if (!file) {
        free(copy);
        return NULL;
    }
    *file = (struct cmr__file){ .name = copy, .secret = fileset->secret };
    return file;
}

bool cmr__file_allocate(struct cmr__file *file, size_t size)
{
    file->data = cmr__secret_or_malloc(file->secret, size + 1);
    return file->data != NULL;
}

void cmr__file_clear(struct cmr__file *file)
{
    cmr__secret_or_free(file->secret, file->data);
    file->data = NULL;
}

static int by_name(const void *one, const void *two)
{
    return strcmp(((const struct cmr__file *)one)->name, ((const struct cmr__file *)two)->name);
}

void cmr__fileset_sort(struct cmr__fileset *fileset)
{
    if (fileset->files.size)
        qsort(fileset->files.data, cmr__fileset_count(fileset), sizeof(struct cmr__file), by_name);
}

bool cmr__file_name_check(const char *name, cmr_report *report)
{
    size_t length = strlen(name);
    struct cmr__buffer shown = CMR__BUFFER_INIT;
    if (cmr__utf8_valid_prefix(name, length) == length)
        return true;
    cmr__buffer_append_quoted(&shown, name, length, 100);
    cmr__report_add(report, CMR_ERR_LIMIT, "", 0, 0, "", "a name that is not UTF-8: %.*s", (int)shown.size,
                    shown.data ? shown.data : "");
    report->failed |= shown.failed;
    cmr__buffer_reset(&shown);
    return false;
}
