/* SPDX-License-Identifier: MIT
 *
 * Members are all alike; which of them is the publisher is found out by trying. One that is not connected to
 * a publisher first tries to become it, and if there is one already asks it for a connection, with one end of
 * a pair of sockets through the queue that all have inherited. Either end notices at once when the other
 * process is gone. A publisher that dies before it has read the queue, or a child that has inherited a
 * connection and so keeps it open, are noticed by trying again: soon, as long as nothing came by the
 * connection, and then at every safety check. */
#include "share/member.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/schedule.h"
#include "share/sealed.h"

#define STAND_BACK_MS 1000

void cmr__block_set(struct cmr__block *block, uint64_t generation, int descriptor)
{
    cmr__close_fd(&block->descriptor);
    *block = (struct cmr__block){ generation, descriptor };
}

const char **cmr__member_names(const struct cmr__member *member)
{
    const cmr_reloader *reloader = member->reloader;
    const char **names = malloc(reloader->mount_count * sizeof *names);
    for (size_t i = 0; names && i < reloader->mount_count; i++)
        names[i] = reloader->mounts[i]->settings.name;
    return names;
}

void cmr__member_set_role(struct cmr__member *member, cmr_role role, int64_t publisher)
{
    pthread_mutex_lock(&member->reloader->lock);
    member->feed.role = role;
    member->feed.publisher = publisher;
    pthread_mutex_unlock(&member->reloader->lock);
}

/* ---- turns */

/* The mounts may have changed in any way since the last publisher looked. */
static void follow_mounts(struct cmr__member *member)
{
    cmr_reloader *reloader = member->reloader;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        struct cmr__mount *mount = reloader->mounts[i];
        mount->failure = CMR_OK;
        mount->failures = 0;
        mount->doubtful = true;
        cmr__schedule_now(mount);
    }
}

/* Where this process lacks memory or descriptors, another one may have them. */
static void stand_back(struct cmr__member *member, int64_t until)
{
    cmr__election_resign(&member->share->election);
    member->consumer.at = until;
}

/* What others have by now is newer than what this one may have, and what is mounted may be bad. */
static void become_publisher(struct cmr__member *member, int64_t now)
{
    cmr__consumer_disconnect(member);
    bool taken = cmr__consumer_take_from_shelf(member, now);
    if (cmr__reloader_is_forked(member->reloader))
        return; /* in a child that a callback forked: loop and queue are the parent's */
    if (!taken) {
        stand_back(member, member->consumer.retry_at);
        return;
    }
    if (cmr__publisher_begin(member) != CMR_OK) {
        stand_back(member, cmr__clock_after_ms(now, STAND_BACK_MS));
        return;
    }
    member->feed.follows = true;
    member->consumer.look = false;
    cmr__member_set_role(member, CMR_ROLE_PUBLISHER, getpid());
    cmr__log(&member->reloader->log, CMR_LOG_DEBUG, "this process follows the mounts for all others");
    follow_mounts(member);
}

static void receive(struct cmr__feed *feed)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    if (cmr__member_is_publisher(member))
        cmr__publisher_receive(member);
    else
        cmr__consumer_receive(member);
}

static void turn(struct cmr__feed *feed, int64_t now)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    if (cmr__member_is_publisher(member))
        return;
    if (member->consumer.at <= now) {
        if (cmr__election_win(&member->share->election)) {
            become_publisher(member, now);
            return;
        }
        cmr__consumer_connect(member, now);
    }
    cmr__consumer_work(member, now);
}

static void send_news(struct cmr__feed *feed, int64_t now)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    if (cmr__member_is_publisher(member))
        cmr__publisher_send(member, now);
}

static int64_t next(const struct cmr__feed *feed)
{
    const struct cmr__member *member = (const struct cmr__member *)(const void *)feed;
    return cmr__member_is_publisher(member) ? member->publisher.retry_at
                                            : cmr__consumer_next(&member->consumer);
}

static void look(struct cmr__feed *feed)
{
    cmr__consumer_look((struct cmr__member *)(void *)feed);
}

/* ---- sealing */

static cmr_status write_block(const struct cmr__member *member, cmr__part *const *parts, size_t mount,
                              uint64_t generation, int *ret_block)
{
    const cmr_reloader *reloader = member->reloader;
    const struct cmr__sealed_info info = { generation, cmr__clock_wall_time(), (uint32_t)mount };
    cmr_cleanup(cmr__free_ptr) cmr_boot_source *from = malloc(reloader->mount_count * sizeof *from);
    if (!from)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < reloader->mount_count; i++)
        from[i] = parts[i] == reloader->mounts[i]->part ? reloader->mounts[i]->from : CMR_BOOTED_MOUNT;
    return cmr__sealed_write(&info, parts, from, reloader->mount_count, ret_block);
}

/* The parts become those that lie in the block. */
static cmr_status read_block(const struct cmr__member *member, int block, cmr__part **parts)
{
    size_t count = member->reloader->mount_count;
    struct cmr__sealed_info info;
    char reason[CMR__SEALED_REASON];
    cmr_cleanup(cmr__free_ptr) const char **names = cmr__member_names(member);
    cmr_cleanup(cmr__free_ptr) cmr_boot_source *from = malloc(count * sizeof *from);
    if (!names || !from)
        return CMR_ERR_NO_MEMORY;
    return cmr__sealed_open(block, names, NULL, count, true, &info, from, parts, reason);
}

static cmr_status seal(struct cmr__feed *feed, cmr__part **parts, size_t mount, uint64_t *ret_generation)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    cmr_cleanup(cmr__close_fd) int block = -1;
    uint64_t generation = cmr__election_next_number(&member->share->election);
    cmr_status status = write_block(member, parts, mount, generation, &block);
    if (status == CMR_OK)
        status = read_block(member, block, parts);
    if (status != CMR_OK)
        return status;
    cmr__block_set(&member->candidate, generation, CMR_TAKE_FD(block));
    *ret_generation = generation;
    return CMR_OK;
}

/* It goes onto the shelf before anybody else can have it, so that nobody ever has anything newer. */
static void published(struct cmr__feed *feed)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    struct cmr__block *block = &member->candidate;
    cmr_status status = cmr__shelf_put(&member->share->shelf, block->generation, block->descriptor);
    if (status != CMR_OK)
        cmr__log(&member->reloader->log, CMR_LOG_WARN,
                 "generation %llu: is lost if all processes end at once: %s",
                 (unsigned long long)block->generation, cmr_strerror(status));
    cmr__block_set(&member->current, block->generation, CMR_TAKE_FD(block->descriptor));
}

/* ---- joining and leaving */

static void leave_roles(struct cmr__member *member)
{
    cmr__publisher_end(member);
    cmr__consumer_disconnect(member);
    member->feed.follows = false;
}

static void renew(struct cmr__feed *feed)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    leave_roles(member);
    cmr__block_set(&member->candidate, 0, -1);
    cmr__member_set_role(member, CMR_ROLE_CONSUMER, 0);
    member->share->owner = getpid();
}

static void free_member(struct cmr__feed *feed)
{
    struct cmr__member *member = (struct cmr__member *)(void *)feed;
    if (member->share->member == member->reloader) {
        cmr__election_resign(&member->share->election); /* before others notice, and try */
        member->share->member = NULL;
    }
    leave_roles(member);
    cmr__block_set(&member->candidate, 0, -1);
    cmr__block_set(&member->current, 0, -1);
    cmr__buffer_reset(&member->publisher.news);
    free(member->publisher.peers);
    free(member->consumer.heard);
    free(member);
}

static const struct cmr__feed_class member_class = {
    .receive = receive,
    .turn = turn,
    .send = send_news,
    .next = next,
    .look = look,
    .seal = seal,
    .published = published,
    .renew = renew,
    .free = free_member,
};

static struct cmr__member *new_member(cmr_reloader *reloader, cmr_share *share)
{
    struct cmr__member *member = calloc(1, sizeof *member);
    if (!member)
        return NULL;
    member->feed.class = &member_class;
    member->feed.role = CMR_ROLE_CONSUMER;
    member->reloader = reloader;
    member->share = share;
    member->current = member->candidate = (struct cmr__block)CMR__BLOCK_INIT;
    member->consumer = (struct cmr__consumer)CMR__CONSUMER_INIT;
    member->publisher.news = (struct cmr__buffer)CMR__BUFFER_INIT;
    member->publisher.retry_at = CMR__NEVER;
    return member;
}

static bool has_secret_locked(const cmr_reloader *reloader)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (reloader->mounts[i]->settings.secret)
            return true;
    return false;
}

static cmr_status join_locked(cmr_reloader *reloader, cmr_share *share, struct cmr__member *member)
{
    if (reloader->loading_begun || reloader->feed || cmr__share_is_taken(share))
        return CMR_ERR_BUSY;
    if (has_secret_locked(reloader))
        return CMR_ERR_INVALID_ARGUMENT;
    reloader->feed = &member->feed;
    share->member = reloader;
    share->owner = getpid();
    return CMR_OK;
}

cmr_status cmr_reloader_join(cmr_reloader *reloader, cmr_share *share)
{
    if (!reloader || !share)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    struct cmr__member *member = new_member(reloader, share);
    if (!member)
        return CMR_ERR_NO_MEMORY;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = join_locked(reloader, share, member);
    pthread_mutex_unlock(&reloader->lock);
    if (status != CMR_OK)
        free(member);
    return status;
}
