/* SPDX-License-Identifier: MIT
 *
 * Read, see whether that is new, parse. A volume says by its link whether it is new before it is read; a
 * plain directory only afterwards, by its content, whose hash is its identity. When it breaks a limit it is
 * not read whole: then what was wrong with it goes into the hash too, so that it is told once. */
#include "engine/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "model/hash.h"

static void run_job(struct cmr__job *job)
{
    cmr__load_run((struct cmr__load *)(void *)job);
}

static void free_job(struct cmr__job *job)
{
    cmr__load_free((struct cmr__load *)(void *)job);
}

cmr_status cmr__load_new(const struct cmr__settings *settings, const struct cmr__source *source,
                         cmr__part *previous, bool apart, struct cmr__load **ret_load)
{
    struct cmr__load *load = calloc(1, sizeof *load);
    if (!load)
        return CMR_ERR_NO_MEMORY;
    load->job = (struct cmr__job){ .run = run_job, .free = free_job };
    load->settings = settings;
    load->source = *source;
    cmr_status status = apart ? cmr__source_copy(source, &load->source) : CMR_OK;
    if (status == CMR_OK) {
        load->apart = apart;
        load->previous = previous ? cmr__part_ref(previous) : NULL;
        load->reports.refused = cmr__report_new();
        load->reports.kept = cmr__report_new();
        if (!load->reports.refused || !load->reports.kept)
            status = CMR_ERR_NO_MEMORY;
        else
            load->reports.refused->secret = load->reports.kept->secret = settings->secret;
    }
    if (status != CMR_OK) {
        int error = errno;
        cmr__load_free(load);
        errno = error;
        return status;
    }
    *ret_load = load;
    return CMR_OK;
}

void cmr__load_free(struct cmr__load *load)
{
    if (!load)
        return;
    if (load->apart)
        cmr__source_close(&load->source);
    cmr__buffer_reset(&load->directories);
    cmr_report_free(load->reports.refused);
    cmr_report_free(load->reports.kept);
    cmr__part_unref(load->previous);
    cmr__part_unref(load->part);
    free(load);
}

void cmr__load_free_place(struct cmr__load **place)
{
    cmr__load_free(*place);
}

static void hash_file(struct cmr__content_hash *hash, const struct cmr__file *file)
{
    cmr__content_hash_field(hash, file->name, strlen(file->name));
    cmr__content_hash_field(hash, file->data, file->data ? file->size : 0);
}

/* As the content hash of a part is made, so that one that was applied compares equal; and of what is wrong.
 */
static cmr_status hash_files(const struct cmr__fileset *files, const cmr_report *report, uint64_t seed,
                             char ret_hash[CMR_HASH_SIZE])
{
    struct cmr__content_hash *hash = cmr__content_hash_new(seed);
    if (!hash)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < cmr__fileset_count(files); i++)
        hash_file(hash, cmr__fileset_at(files, i));
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        cmr__content_hash_field(hash, diagnostic->message, strlen(diagnostic->message));
    }
    cmr__content_hash_finish(hash, ret_hash);
    cmr__content_hash_free(hash);
    return CMR_OK;
}

cmr_status cmr__load_hash(const struct cmr__fileset *files, uint64_t seed, char ret_hash[CMR_HASH_SIZE])
{
    return hash_files(files, NULL, seed, ret_hash);
}

static cmr_status identify(struct cmr__load *load, cmr_status status, const struct cmr__fileset *files)
{
    if (status != CMR_OK && status != CMR_ERR_REJECTED)
        return status;
    if (files->identity)
        snprintf(load->identity, sizeof load->identity, "%s", files->identity);
    else if (!load->source.was_volume &&
             hash_files(files, load->reports.refused, load->settings->hash_seed, load->identity) != CMR_OK)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < 2; i++)
        load->unchanged |= load->identity[0] && strcmp(load->known[i], load->identity) == 0;
    return load->unchanged ? CMR_OK : status;
}

static cmr_status read_and_parse(struct cmr__load *load, struct cmr__fileset *files)
{
    const struct cmr__source_rules rules = { &load->settings->limits,
                                             (const char *const *)load->settings->ignore };
    cmr_status status = cmr__source_read(&load->source, &rules, load->reports.refused, files, &load->retries);
    load->walked = status == CMR_OK;
    load->directories = files->directories;
    files->directories = (struct cmr__buffer)CMR__BUFFER_INIT;
    status = identify(load, status, files);
    if (status != CMR_OK || load->unchanged)
        return status;
    return cmr__pipeline_run(load->settings, load->identity, files, load->previous, &load->reports,
                             &load->part);
}

void cmr__load_run(struct cmr__load *load)
{
    struct cmr__fileset files = CMR__FILESET_INIT;
    files.secret = load->settings->secret;
    load->status = read_and_parse(load, &files);
    load->error = errno;
    cmr__fileset_reset(&files);
    if (load->settings->secret)
        cmr__secret_clear_stack();
}
