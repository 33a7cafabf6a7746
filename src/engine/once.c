/* SPDX-License-Identifier: MIT
 *
 * Snapshots without a reloader: what is at a path, read once, or bytes that the caller has. The same source
 * and pipeline, and nobody who follows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "base/secret.h"
#include "engine/load.h"
#include "model/snapshot.h"

static cmr_status make_snapshot(cmr__part *part, cmr_snapshot **ret_snapshot)
{
    cmr_snapshot *snapshot = cmr__snapshot_new(0, &part, 1);
    if (!snapshot)
        return CMR_ERR_NO_MEMORY;
    *ret_snapshot = snapshot;
    return CMR_OK;
}

static cmr_status load(const struct cmr__settings *settings, const struct cmr__source *source,
                       cmr_report **ret_report, cmr_snapshot **ret_snapshot)
{
    cmr_cleanup(cmr__load_free_place) struct cmr__load *load = NULL;
    cmr_status status = cmr__load_new(settings, source, NULL, false, &load);
    if (status != CMR_OK)
        return status;
    cmr__load_run(load);
    *ret_report = CMR_TAKE(load->reports.refused);
    errno = load->error;
    return load->status == CMR_OK ? make_snapshot(load->part, ret_snapshot) : load->status;
}

static cmr_status read_path(const char *path, const struct cmr__settings *settings, cmr_report **ret_report,
                            cmr_snapshot **ret_snapshot)
{
    struct cmr__source source = CMR__SOURCE_INIT;
    char identity[CMR__IDENTITY_SIZE];
    source.wanted = settings->kind;
    cmr_status status = cmr__source_open(&source, path);
    if (status == CMR_OK)
        status = cmr__source_identify(&source, identity);
    if (status == CMR_OK)
        status = load(settings, &source, ret_report, ret_snapshot);
    cmr__source_close(&source);
    return status;
}

static void hand_over(cmr_status status, cmr_report **report, cmr_report **ret_report)
{
    if (ret_report && status == CMR_ERR_REJECTED) {
        cmr__report_finish(*report);
        *ret_report = CMR_TAKE(*report);
    }
}

cmr_status cmr_snapshot_read(const char *path, const cmr_mount_options *options, cmr_report **ret_report,
                             cmr_snapshot **ret_snapshot)
{
    struct cmr__settings settings = { 0 };
    if (ret_report)
        *ret_report = NULL;
    if (!path || !path[0] || !ret_snapshot)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = NULL;
    cmr_status status = cmr__settings_init(&settings, path, options);
    if (status == CMR_OK)
        status = read_path(path, &settings, &report, ret_snapshot);
    cmr__settings_reset(&settings);
    hand_over(status, &report, ret_report);
    return status;
}

static cmr_status copy_file(const cmr_file *given, struct cmr__fileset *files)
{
    if (!given->name || !given->name[0] || (!given->data && given->size))
        return CMR_ERR_INVALID_ARGUMENT;
    struct cmr__file *file = cmr__fileset_add(files, given->name);
    if (!file || !cmr__file_allocate(file, given->size))
        return CMR_ERR_NO_MEMORY;
    if (given->size)
        memcpy(file->data, given->data, given->size);
    file->data[given->size] = '\0';
    file->size = given->size;
    return CMR_OK;
}

static bool has_twins(const struct cmr__fileset *files)
{
    for (size_t i = 1; i < cmr__fileset_count(files); i++)
        if (strcmp(cmr__fileset_at(files, i - 1)->name, cmr__fileset_at(files, i)->name) == 0)
            return true;
    return false;
}

/* The limits that reading a volume applies while it reads. */
static void check_limits(const struct cmr__fileset *files, const cmr_limits *limits, cmr_report *report)
{
    uint64_t total = 0;
    for (size_t i = 0; i < cmr__fileset_count(files); i++) {
        const struct cmr__file *file = cmr__fileset_at(files, i);
        total += file->size;
        cmr__file_name_check(file->name, report);
        if (file->size > limits->file_size)
            cmr__report_add(report, CMR_ERR_LIMIT, file->name, 0, 0, "",
                            "a file of %zu bytes: the limit is %llu", file->size,
                            (unsigned long long)limits->file_size);
    }
    if (total > limits->generation_size)
        cmr__report_add(report, CMR_ERR_LIMIT, "", 0, 0, "", "more than %llu bytes in all files",
                        (unsigned long long)limits->generation_size);
    if (cmr__fileset_count(files) > limits->files)
        cmr__report_add(report, CMR_ERR_LIMIT, "", 0, 0, "", "more than %u files", limits->files);
}

static cmr_status copy_files(const cmr_file *given, size_t count, const struct cmr__settings *settings,
                             cmr_report *report, struct cmr__fileset *files)
{
    cmr_status status = CMR_OK;
    report->secret = files->secret = settings->secret;
    for (size_t i = 0; i < count && status == CMR_OK; i++)
        status = copy_file(&given[i], files);
    if (status != CMR_OK)
        return status;
    cmr__fileset_sort(files);
    if (has_twins(files))
        return CMR_ERR_INVALID_ARGUMENT;
    check_limits(files, &settings->limits, report);
    return report->failed ? CMR_ERR_NO_MEMORY : cmr__report_is_empty(report) ? CMR_OK : CMR_ERR_REJECTED;
}

static cmr_status parse_files(const struct cmr__settings *settings, struct cmr__fileset *files,
                              cmr_report *report, cmr_snapshot **ret_snapshot)
{
    cmr_cleanup(cmr__part_unref_place) cmr__part *part = NULL;
    const struct cmr__reports reports = { report, NULL };
    cmr_status status = cmr__pipeline_run(settings, "", files, NULL, &reports, &part);
    return status == CMR_OK ? make_snapshot(part, ret_snapshot) : status;
}

cmr_status cmr_snapshot_from_files(const cmr_file *given, size_t count, const cmr_mount_options *options,
                                   cmr_report **ret_report, cmr_snapshot **ret_snapshot)
{
    struct cmr__settings settings = { 0 };
    struct cmr__fileset files = CMR__FILESET_INIT;
    if (ret_report)
        *ret_report = NULL;
    if ((!given && count) || !ret_snapshot)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    cmr_status status = report ? cmr__settings_init(&settings, "config", options) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        status = copy_files(given, count, &settings, report, &files);
    if (status == CMR_OK)
        status = parse_files(&settings, &files, report, ret_snapshot);
    cmr__fileset_reset(&files);
    if (settings.secret)
        cmr__secret_clear_stack();
    cmr__settings_reset(&settings);
    hand_over(status, &report, ret_report);
    return status;
}
