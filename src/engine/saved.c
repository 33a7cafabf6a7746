/* SPDX-License-Identifier: MIT
 *
 * A folder a mount, each a volume, so that every tool that reads volumes reads it. What it must hold is told
 * by the content hash, which ends the name of the generation's directory: so one rename makes both the
 * contents and their hash the current ones, and no second file can be older or newer than the first.
 *
 * It was good once, and goes through the pipeline again: it was written by another run of the program, which
 * may have wanted something else of it. */
#include "engine/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "engine/load.h"
#include "source/durable.h"
#include "source/volume_writer.h"

#define HEX_OF_HASH (sizeof "xxh3-128:" - 1) /* where it begins */

/* The mount's name as that of a folder: what might mean something in a path is %XX. */
static char *place_of(const char *state_dir, const char *mount)
{
    static const char plain[] = "-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct cmr__buffer path = CMR__BUFFER_INIT;
    cmr__buffer_printf(&path, "%s/", state_dir);
    for (const char *at = mount; *at; at++) {
        if (strchr(plain, *at) && (at != mount || *at != '.'))
            cmr__buffer_append_char(&path, *at);
        else
            cmr__buffer_printf(&path, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return cmr__buffer_take(&path);
}

static cmr_file *files_of(const cmr__part *part)
{
    cmr_file *files = calloc(part->count + 1, sizeof *files);
    for (size_t i = 0; files && i < part->count; i++) {
        files[i].name = part->files[i].name;
        files[i].data = cmr__document_raw(part->files[i].document, &files[i].size);
    }
    return files;
}

/* Whatever is wrong with it, writing below it tells. */
static void make_state_dir(const char *state_dir)
{
    if (mkdir(state_dir, 0700) == 0)
        (void)cmr__sync_parent(state_dir);
}

cmr_status cmr__saved_write(const char *state_dir, const cmr__part *part, cmr_volume_result *ret_result)
{
    cmr_cleanup(cmr__free_ptr) char *place = place_of(state_dir, part->mount);
    cmr_cleanup(cmr__free_ptr) cmr_file *files = files_of(part);
    *ret_result = (cmr_volume_result)CMR_VOLUME_RESULT_INIT;
    if (!place || !files)
        return CMR_ERR_NO_MEMORY;
    const struct cmr__volume_order order = { .files = files,
                                             .count = part->count,
                                             .restricted = true,
                                             .sync = true,
                                             .hash = part->hash + HEX_OF_HASH };
    make_state_dir(state_dir);
    return cmr__volume_write(place, &order, ret_result);
}

/* ---- reading */

static cmr_status damaged(cmr_report *report, const char *how)
{
    cmr__report_add(report, CMR_ERR_REJECTED, "", 0, 0, "", "%s", how);
    return report->failed ? CMR_ERR_NO_MEMORY : CMR_ERR_REJECTED;
}

static cmr_status check_hash(const struct cmr__fileset *files, cmr_report *report)
{
    char hash[CMR_HASH_SIZE];
    const char *end = strrchr(files->identity, '.');
    cmr_status status = cmr__load_hash(files, 0, hash);
    if (status != CMR_OK)
        return status;
    if (!end || strcmp(end + 1, hash + HEX_OF_HASH) != 0)
        return damaged(report,
                       "it is damaged: its contents have not the hash that ends its directory's name");
    return CMR_OK;
}

static cmr_status read_files(const char *place, const struct cmr__settings *settings, cmr_report *report,
                             struct cmr__fileset *files)
{
    const struct cmr__tree_rules rules = { .limits = &settings->limits };
    char link[CMR__IDENTITY_SIZE];
    uint64_t retries = 0;
    cmr_cleanup(cmr__close_fd) int directory = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return errno == ENOENT ? CMR_ERR_NOT_FOUND : CMR_ERR_SYSTEM;
    cmr_status status = cmr__volume_link(directory, link);
    if (status != CMR_OK) /* not found: nobody came to the first swap */
        return status;
    status = cmr__volume_read(directory, &rules, report, files, &retries);
    if (status == CMR_ERR_NOT_FOUND)
        return damaged(report, "it is damaged: ..data leads nowhere");
    return status == CMR_OK ? check_hash(files, report) : status;
}

cmr_status cmr__saved_read(const char *state_dir, const struct cmr__settings *settings, cmr_report *report,
                           cmr__part **ret_part)
{
    cmr_cleanup(cmr__free_ptr) char *place = place_of(state_dir, settings->name);
    struct cmr__fileset files = CMR__FILESET_INIT;
    const struct cmr__reports reports = { report, NULL };
    if (!place)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = read_files(place, settings, report, &files);
    if (status == CMR_OK)
        status = cmr__pipeline_run(settings, files.identity, &files, NULL, &reports, ret_part);
    int error = errno;
    cmr__fileset_reset(&files);
    errno = error;
    return status;
}
