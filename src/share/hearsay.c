/* SPDX-License-Identifier: MIT
 *
 * A consumer does not look at its mounts. They have the states that the publisher has seen, and who observes
 * or asks here is told as if this process had seen them. Several changes may come as one; so what is told is
 * what differs from what was told last. */
#include "share/hearsay.h"

#include <stdlib.h>
#include <string.h>

#include "engine/telling.h"
#include "share/member.h"

cmr_status cmr__hearsay_prepare(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (!consumer->heard)
        consumer->heard = calloc(member->reloader->mount_count, sizeof *consumer->heard);
    return consumer->heard ? CMR_OK : CMR_ERR_NO_MEMORY;
}

static void place_state(struct cmr__member *member, size_t number, const struct cmr__news_mount *news)
{
    struct cmr__mount *mount = member->reloader->mounts[number];
    bool refused_here = member->consumer.refused && member->consumer.refused_mount == number;
    mount->state = news->state;
    mount->reason = news->reason;
    memcpy(mount->message, news->message, sizeof mount->message);
    memcpy(mount->mounted, news->mounted_target, sizeof mount->mounted);
    mount->source.kind = news->kind;
    mount->rejected = news->rejected || refused_here;
}

void cmr__hearsay_place(struct cmr__member *member)
{
    for (size_t i = 0; member->consumer.has_news && i < member->reloader->mount_count; i++)
        place_state(member, i, &member->consumer.news.news.mounts[i]);
}

static void tell_failure(struct cmr__member *member, size_t number)
{
    struct cmr__mount *mount = member->reloader->mounts[number];
    struct cmr__heard *heard = &member->consumer.heard[number];
    cmr_mount_reason before = heard->reason;
    heard->reason = mount->reason;
    if (mount->state != CMR_MOUNT_READY || !mount->reason || mount->reason == before)
        return;
    mount->failures = 1; /* the first of several, as far as is known here */
    cmr__tell_failed(member->reloader, mount, (struct cmr__cause){ mount->reason, mount->message });
    mount->failures = 0;
}

/* Each publisher has counted for itself; so another one's count says nothing of what was told before. */
static bool is_told(const struct cmr__heard *heard, const struct cmr__news *news,
                    const struct cmr__news_mount *mount)
{
    return heard->is_rejected && strcmp(heard->target, mount->mounted_target) == 0 &&
           (heard->publisher != news->publisher || heard->rejections >= mount->rejections);
}

static void tell_rejection(struct cmr__member *member, size_t number, const struct cmr__news *news)
{
    const struct cmr__news_mount *mount = &news->mounts[number];
    struct cmr__heard *heard = &member->consumer.heard[number];
    bool told = is_told(heard, news, mount);
    heard->publisher = news->publisher;
    heard->rejections = mount->rejections;
    heard->is_rejected = mount->rejected;
    memcpy(heard->target, mount->mounted_target, sizeof heard->target);
    if (mount->rejected && !told)
        cmr__tell_rejected(member->reloader, number, mount->report, false);
}

/* Whoever is told the state of one mount finds that of all others, too. */
void cmr__hearsay_tell(struct cmr__member *member)
{
    const struct cmr__news *news = &member->consumer.news.news;
    cmr_reloader *reloader = member->reloader;
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__tell_status(reloader, i);
    for (size_t i = 0; i < reloader->mount_count && !cmr__reloader_is_forked(reloader); i++) {
        cmr__tell_state(reloader, reloader->mounts[i]);
        tell_failure(member, i);
        tell_rejection(member, i, news);
    }
}
