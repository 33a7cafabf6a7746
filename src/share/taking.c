/* SPDX-License-Identifier: MIT
 *
 * What came is checked and mapped, and then goes the way of all candidates: this process's own subscriptions,
 * bindings and schemas may refuse it. Nobody goes back: a block that is no newer than what is published here
 * is dropped, whoever sent it. */
#include "share/taking.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "engine/look.h"
#include "engine/telling.h"
#include "share/member.h"
#include "share/sealed.h"

static cmr_status assemble(struct cmr__member *member, cmr_report *report, cmr__part **parts,
                           cmr_boot_source *from, struct cmr__sealed_info *ret_info)
{
    const cmr_reloader *reloader = member->reloader;
    char reason[CMR__SEALED_REASON];
    size_t count = reloader->mount_count;
    cmr_cleanup(cmr__free_ptr) const char **names = cmr__member_names(member);
    cmr_cleanup(cmr__free_ptr) cmr__part **previous = malloc(count * sizeof *previous);
    if (!names || !previous)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        previous[i] = reloader->mounts[i]->part;
    cmr_status status = cmr__sealed_open(member->consumer.block, names, previous, count, false, ret_info,
                                         from, parts, reason);
    if (status == CMR_ERR_REJECTED)
        cmr__report_add(report, CMR_ERR_REJECTED, NULL, 0, 0, NULL,
                        "what another process handed over is not to be believed: %s", reason);
    return status;
}

static cmr_status publish(struct cmr__member *member, const struct cmr__sealed_info *info, cmr__part **parts,
                          const cmr_boot_source *from, cmr_report *report)
{
    cmr_reloader *reloader = member->reloader;
    if (info->generation <= reloader->generation)
        return CMR_OK; /* known: others come and go, but nobody goes back */
    cmr_snapshot *snapshot = cmr__snapshot_new(info->generation, parts, reloader->mount_count);
    if (!snapshot)
        return CMR_ERR_NO_MEMORY;
    snapshot->loaded_at = info->loaded_at;
    cmr_status status = cmr__look_adopt(reloader, snapshot, info->mount, from, report);
    cmr_snapshot_unref(snapshot);
    return status;
}

/* Other threads look at it. */
static void set_refused(struct cmr__member *member, uint64_t generation, const char *why)
{
    pthread_mutex_lock(&member->reloader->lock);
    member->consumer.refused = generation;
    snprintf(member->consumer.why, sizeof member->consumer.why, "%s", why);
    pthread_mutex_unlock(&member->reloader->lock);
}

/* For who takes over: what is mounted is known to be bad. Before the first publication the parts are kept all
 * the same, as of several mounts another one may be at fault. */
static void keep_refused(struct cmr__member *member, const struct cmr__sealed_info *info, cmr__part **parts,
                         const cmr_boot_source *from)
{
    cmr_reloader *reloader = member->reloader;
    struct cmr__mount *mount = reloader->mounts[info->mount];
    const cmr__part *part = parts[info->mount];
    for (size_t i = 0; reloader->generation == 0 && part && i < reloader->mount_count; i++)
        cmr__mount_boot(reloader->mounts[i], parts[i], from[i]);
    if (part && !member->consumer.has_news && from[info->mount] == CMR_BOOTED_MOUNT)
        snprintf(mount->mounted, sizeof mount->mounted, "%s", part->target);
}

static void refuse(struct cmr__member *member, const struct cmr__sealed_info *info, cmr_report *report)
{
    struct cmr__consumer *consumer = &member->consumer;
    cmr_reloader *reloader = member->reloader;
    bool again = consumer->refused == info->generation;
    cmr__report_finish(report);
    const cmr_diagnostic *first = cmr_report_get(report, 0);
    cmr_cleanup(cmr__free_ptr) char *why = first ? cmr__diagnostic_format(first) : NULL;
    set_refused(member, info->generation, why ? why : "refused");
    consumer->refused_mount = info->mount;
    if (again)
        return;
    reloader->mounts[info->mount]->rejected = true;
    cmr__tell_status(reloader, info->mount);
    cmr__tell_rejected(reloader, info->mount, report, false);
}

/* The block becomes that of what is published here. */
static void accept_block(struct cmr__member *member, const struct cmr__sealed_info *info)
{
    if (member->reloader->generation == info->generation)
        cmr__block_set(&member->current, info->generation, CMR_TAKE_FD(member->consumer.block));
    if (member->reloader->generation >= info->generation)
        set_refused(member, 0, "");
}

static void unref_parts(cmr__part **parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cmr__part_unref(parts[i]);
}

cmr_status cmr__take_block(struct cmr__member *member)
{
    size_t count = member->reloader->mount_count;
    struct cmr__sealed_info info = { .generation = member->consumer.has_news
                                                       ? member->consumer.news.news.generation
                                                       : member->reloader->generation + 1 };
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    cmr_cleanup(cmr__free_ptr) cmr__part **parts = calloc(count, sizeof *parts);
    cmr_cleanup(cmr__free_ptr) cmr_boot_source *from = malloc(count * sizeof *from);
    if (!report || !parts || !from)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = assemble(member, report, parts, from, &info);
    if (status == CMR_OK)
        status = publish(member, &info, parts, from, report);
    if (status == CMR_ERR_REJECTED)
        keep_refused(member, &info, parts, from);
    unref_parts(parts, count);
    if (status == CMR_OK)
        accept_block(member, &info);
    else if (status == CMR_ERR_REJECTED)
        refuse(member, &info, report);
    else
        return status;
    cmr__close_fd(&member->consumer.block);
    member->consumer.block = -1;
    return CMR_OK;
}
