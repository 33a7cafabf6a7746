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

static bool has_bytes(const cmr__document *document, const struct cmr__file *file)
{
    size_t length;
    const char *raw = cmr__document_raw(document, &length);
    return length == file->size && memcmp(raw, file->data, length) == 0;
}

/* libyaml and iniparser keep no account of what they copied, and of a program's own format nothing is known.
 */
static bool leaves_copies(const struct cmr__format *format)
{
    return format->own || format->leaves_copies;
}

static cmr_status refuse_copies(const struct cmr__file *file, const struct cmr__format *format,
                                cmr_report *report)
{
    cmr__report_add(
        report, CMR_ERR_LIMIT, file->name, 0, 0, "",
        "a %s file in a secret mount: reading it leaves copies in memory; use JSON, properties or "
        "text, or set leaky_formats",
        format->name);
    return report->failed ? CMR_ERR_NO_MEMORY : CMR_ERR_LIMIT;
}

/* A bad file that was good before is another matter than one that never was. */
static cmr_status parse(const struct cmr__settings *settings, const struct cmr__file *file,
                        const struct cmr__part_file *before, const struct cmr__reports *reports,
                        struct cmr__part_file *ret_file, uint32_t *kept)
{
    const struct cmr__format *format =
        cmr__format_for_file(settings->own_formats, settings->rules, file->name);
    if (settings->secret && !settings->leaky_formats && leaves_copies(format))
        return refuse_copies(file, format, reports->refused);
    bool may_keep = settings->keep_bad_files && before && reports->kept;
    cmr_status status = cmr__format_parse(format, file->name, file->data, file->size, &settings->limits,
                                          may_keep ? reports->kept : reports->refused, &ret_file->document);
    if (status == CMR_OK || status == CMR_ERR_NO_MEMORY || status == CMR_ERR_SYSTEM || !may_keep)
        return status;
    ret_file->document = cmr__document_ref(before->document);
    ++*kept;
    return CMR_OK;
}

static cmr_status take_file(const struct cmr__settings *settings, struct cmr__file *file,
                            const cmr__part *previous, const struct cmr__reports *reports,
                            struct cmr__part_file *ret_file, uint32_t *kept)
{
    const struct cmr__part_file *before =
        previous ? cmr__part_find(previous, file->name, strlen(file->name)) : NULL;
    cmr_status status = CMR_OK;
    if (before && has_bytes(before->document, file))
        ret_file->document = cmr__document_ref(before->document);
    else
        status = parse(settings, file, before, reports, ret_file, kept);
    cmr__file_clear(file);
    ret_file->name = CMR_TAKE(file->name);
    return status;
}

static cmr_status reject(const struct cmr__reports *reports)
{
    if (reports->kept)
        cmr__report_append(reports->refused, reports->kept);
    return reports->refused->failed ? CMR_ERR_NO_MEMORY : CMR_ERR_REJECTED;
}

cmr_status cmr__pipeline_run(const struct cmr__settings *settings, const char *identity,
                             struct cmr__fileset *files, const cmr__part *previous,
                             const struct cmr__reports *reports, cmr__part **ret_part)
{
    cmr_cleanup(cmr__part_unref_place) cmr__part *part =
        cmr__part_new(settings->name, identity, cmr__fileset_count(files));
    bool good = true;
    if (!part)
        return CMR_ERR_NO_MEMORY;
    part->secret = settings->secret;
    for (size_t i = 0; i < part->count; i++) {
        cmr_status one =
            take_file(settings, cmr__fileset_at(files, i), previous, reports, &part->files[i], &part->kept);
        if (one == CMR_ERR_NO_MEMORY || one == CMR_ERR_SYSTEM)
            return one;
        good &= one == CMR_OK;
    }
    if (!good)
        return reject(reports);
    if ((reports->kept && reports->kept->failed) || (!settings->secret && !cmr__part_hash(part)))
        return CMR_ERR_NO_MEMORY;
    *ret_part = CMR_TAKE(part);
    return CMR_OK;
}
