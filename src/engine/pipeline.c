/* SPDX-License-Identifier: MIT
 *
 * The kubelet rewrites every file of a volume at each change, so only the bytes tell which ones changed: the
 * others keep the document they had, and with it everything that compares documents costs what changed. All
 * files are parsed even when one is bad, so that a report is complete. */
#include "engine/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "format/format.h"

static cmr__document *unchanged_document(const struct cmr__file *file, const cmr__part *previous)
{
    const struct cmr__part_file *before =
        previous ? cmr__part_find(previous, file->name, strlen(file->name)) : NULL;
    if (!before)
        return NULL;
    size_t length;
    const char *raw = cmr__document_raw(before->document, &length);
    if (length != file->size || memcmp(raw, file->data, length) != 0)
        return NULL;
    return cmr__document_ref(before->document);
}

static cmr_status take_file(const struct cmr__settings *settings, struct cmr__file *file,
                            const cmr__part *previous, cmr_report *report, struct cmr__part_file *ret_file)
{
    cmr_status status = CMR_OK;
    ret_file->document = unchanged_document(file, previous);
    if (!ret_file->document)
        status = cmr__format_parse(cmr__format_for_file(settings->rules, file->name), file->name, file->data,
                                   file->size, &settings->limits, report, &ret_file->document);
    free(CMR_TAKE(file->data));
    ret_file->name = CMR_TAKE(file->name);
    return status;
}

cmr_status cmr__pipeline_run(const struct cmr__settings *settings, struct cmr__fileset *files,
                             const cmr__part *previous, cmr_report *report, cmr__part **ret_part)
{
    const char *target = files->target ? files->target : "";
    cmr_cleanup(cmr__part_unref_place) cmr__part *part =
        cmr__part_new(settings->name, target, cmr__fileset_count(files));
    cmr_status status = CMR_OK;
    if (!part)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < part->count; i++) {
        cmr_status one = take_file(settings, cmr__fileset_at(files, i), previous, report, &part->files[i]);
        if (one == CMR_ERR_NO_MEMORY || one == CMR_ERR_SYSTEM)
            return one;
        if (one != CMR_OK)
            status = CMR_ERR_REJECTED;
    }
    if (status != CMR_OK)
        return report->failed ? CMR_ERR_NO_MEMORY : status;
    if (!cmr__part_hash(part))
        return CMR_ERR_NO_MEMORY;
    *ret_part = CMR_TAKE(part);
    return CMR_OK;
}
