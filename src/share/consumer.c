/* SPDX-License-Identifier: MIT
 *
 * News are taken in whenever they come, and worked off when the reloader is not frozen: the block is checked,
 * mapped and published by the way that all candidates go, the mounts are given the states that the publisher
 * has seen, and what is new in them is told as if this process had seen it. Then the publisher is answered.
 * Only what fails for want of memory or descriptors is tried again. */
#include "share/consumer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/look.h"
#include "engine/telling.h"
#include "share/member.h"
#include "share/packet.h"
#include "share/sealed.h"

#define FIRST_RETRY_MS 20
#define LAST_RETRY_MS 1000
#define SAFETY_MS 60000
#define MANY_TRIES 32

static int64_t later(int64_t now, unsigned tries)
{
    int64_t ms = FIRST_RETRY_MS;
    for (unsigned i = 0; i < tries && ms < LAST_RETRY_MS; i++)
        ms *= 2;
    return cmr__clock_after_ms(now, ms < LAST_RETRY_MS ? ms : LAST_RETRY_MS);
}

/* ---- the connection */

static void forget_news(struct cmr__consumer *consumer)
{
    if (consumer->has_news)
        cmr__message_reset(&consumer->news);
    consumer->has_news = false;
    consumer->failures = 0;
    consumer->retry_at = 0;
}

/* The block stays: it is what the publisher has had, whatever became of it. */
static void hang_up(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (consumer->socket >= 0)
        cmr__loop_remove_feed(&member->reloader->loop, consumer->socket);
    cmr__close_fd(&consumer->socket);
    consumer->socket = -1;
    if (consumer->welcomed)
        consumer->tries = 0;
    consumer->at = consumer->welcomed ? 0 : later(cmr__clock_now(), consumer->tries);
    consumer->welcomed = false;
    forget_news(consumer);
}

void cmr__consumer_disconnect(struct cmr__member *member)
{
    hang_up(member);
    cmr__close_fd(&member->consumer.block);
    member->consumer.block = -1;
}

/* Hands one end of a pair to whoever is the publisher, now or soon. */
static cmr_status connect_pair(struct cmr__member *member, int *ret_socket)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = getpid() };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    int pair[2];
    cmr_status status = cmr__message_encode(&hello, &bytes);
    if (status == CMR_OK && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        status = CMR_ERR_SYSTEM;
    if (status == CMR_OK) {
        cmr_cleanup(cmr__close_fd) int ours = pair[0];
        status = cmr__loop_add_feed(&member->reloader->loop, ours);
        if (status == CMR_OK)
            status = cmr__packet_send(member->share->hello[1], bytes.data, bytes.size, &pair[1], 1);
        cmr__close_fd(&pair[1]);
        if (status == CMR_OK)
            *ret_socket = CMR_TAKE_FD(ours);
        else
            cmr__loop_remove_feed(&member->reloader->loop, ours);
    }
    cmr__buffer_reset(&bytes);
    return status;
}

/* At first what is on the shelf is as good as what the publisher would send, and is there at once. */
void cmr__consumer_connect(struct cmr__member *member, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (consumer->welcomed) {
        consumer->at = cmr__clock_after_ms(now, SAFETY_MS);
        return;
    }
    if (member->reloader->generation == 0)
        cmr__consumer_take_from_shelf(member, now);
    if (consumer->socket < 0) {
        cmr_status status = connect_pair(member, &consumer->socket);
        if (status != CMR_OK && consumer->tries == 0)
            cmr__log(&member->reloader->log, CMR_LOG_WARN, "cannot ask for a connection: %s; trying again",
                     status == CMR_ERR_SYSTEM ? strerror(errno) : cmr_strerror(status));
    }
    consumer->at = later(now, consumer->tries++);
}

/* ---- receiving */

static void keep_news(struct cmr__consumer *consumer, const struct cmr__message *news, int block)
{
    forget_news(consumer);
    consumer->news = *news;
    consumer->has_news = true;
    if (block < 0)
        return;
    cmr__close_fd(&consumer->block);
    consumer->block = block;
}

/* False: what it says makes no sense. */
static bool hear(struct cmr__member *member, const void *bytes, size_t size, int block)
{
    struct cmr__message message;
    const char *reason = "not what a publisher says, or of other mounts";
    cmr_status status = cmr__message_decode(bytes, size, &message, &reason);
    bool valid = status == CMR_OK && message.kind == CMR__MESSAGE_NEWS &&
                 message.news.mount_count == member->reloader->mount_count;
    if (valid) {
        keep_news(&member->consumer, &message, CMR_TAKE_FD(block));
        member->consumer.welcomed = true;
        member->consumer.tries = 0;
        member->consumer.at = cmr__clock_after_ms(cmr__clock_now(), SAFETY_MS);
        cmr__member_set_role(member, CMR_ROLE_CONSUMER, message.news.publisher);
    } else {
        cmr__log(&member->reloader->log, CMR_LOG_ERROR, "what came from the publisher is refused: %s",
                 status == CMR_ERR_NO_MEMORY ? cmr_strerror(status) : reason);
        if (status == CMR_OK)
            cmr__message_reset(&message);
    }
    cmr__close_fd(&block);
    return valid;
}

/* False: the connection is over. */
static bool receive_one(struct cmr__member *member, void *bytes, bool *ret_more)
{
    cmr_cleanup(cmr__close_fd) int block = -1;
    size_t count = 0, size = 0;
    cmr_status status = cmr__packet_receive(member->consumer.socket, bytes, CMR__MESSAGE_MAX, &block, 1,
                                            &count, &size, false);
    *ret_more = status == CMR_OK;
    if (status == CMR_ERR_AGAIN)
        return true;
    return status == CMR_OK && hear(member, bytes, size, count ? CMR_TAKE_FD(block) : -1);
}

/* What cannot be understood ends the connection: another one begins with everything that there is to know.
 * But not at once. */
void cmr__consumer_receive(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    cmr_cleanup(cmr__free_ptr) void *bytes = malloc(CMR__MESSAGE_MAX);
    bool more = bytes && consumer->socket >= 0;
    while (more) {
        bool understood = receive_one(member, bytes, &more);
        if (understood)
            continue;
        bool nonsense = more;
        hang_up(member);
        if (nonsense)
            consumer->at = later(cmr__clock_now(), MANY_TRIES);
        else
            cmr__member_set_role(member, CMR_ROLE_CONSUMER, 0);
        return;
    }
}

/* ---- working off */

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

static void refuse(struct cmr__member *member, const struct cmr__sealed_info *info, cmr_report *report)
{
    struct cmr__consumer *consumer = &member->consumer;
    cmr_reloader *reloader = member->reloader;
    bool again = consumer->refused == info->generation;
    cmr__report_finish(report);
    const cmr_diagnostic *first = cmr_report_get(report, 0);
    cmr_cleanup(cmr__free_ptr) char *why = first ? cmr__diagnostic_format(first) : NULL;
    consumer->refused = info->generation;
    consumer->refused_mount = info->mount;
    snprintf(consumer->why, sizeof consumer->why, "%s", why ? why : "refused");
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
        member->consumer.refused = 0;
}

static void unref_parts(cmr__part **parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cmr__part_unref(parts[i]);
}

/* CMR_OK: it is published, refused or old, and done with. */
static cmr_status take_block(struct cmr__member *member)
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
    if (status == CMR_OK) {
        status = publish(member, &info, parts, from, report);
        unref_parts(parts, count);
    }
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

/* ---- what the publisher has seen of the mounts */

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

static void tell_failure(struct cmr__member *member, size_t number)
{
    struct cmr__mount *mount = member->reloader->mounts[number];
    cmr_mount_reason before = member->consumer.reasons[number];
    member->consumer.reasons[number] = mount->reason;
    if (mount->state != CMR_MOUNT_READY || !mount->reason || mount->reason == before)
        return;
    mount->failures = 1; /* the first of several, as far as is known here */
    cmr__tell_failed(member->reloader, mount, (struct cmr__cause){ mount->reason, mount->message });
    mount->failures = 0;
}

static void tell_rejection(struct cmr__member *member, size_t number, const struct cmr__news_mount *news)
{
    cmr_reloader *reloader = member->reloader;
    if (!news->rejected || news->rejections <= reloader->told[number].rejections)
        return;
    pthread_mutex_lock(&reloader->lock);
    reloader->told[number].rejections = news->rejections - 1; /* it is counted when it is told */
    pthread_mutex_unlock(&reloader->lock);
    cmr__tell_rejected(reloader, number, news->report, false);
}

/* Whoever is told the state of one mount finds that of all others, too. */
static void tell_mounts(struct cmr__member *member, const struct cmr__news *news)
{
    cmr_reloader *reloader = member->reloader;
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__tell_status(reloader, i);
    for (size_t i = 0; i < reloader->mount_count && !cmr__reloader_is_forked(reloader); i++) {
        cmr__tell_state(reloader, reloader->mounts[i]);
        tell_failure(member, i);
        tell_rejection(member, i, &news->mounts[i]);
    }
}

/* ---- answering */

static void answer(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    struct cmr__message message = { .kind = CMR__MESSAGE_ANSWER,
                                    .answer = { .sequence = consumer->news.news.sequence,
                                                .generation = member->reloader->generation,
                                                .refused = consumer->refused } };
    if (consumer->refused)
        snprintf(message.answer.message, sizeof message.answer.message, "%s", consumer->why);
    cmr_status status = cmr__message_encode(&message, &bytes);
    if (status == CMR_OK)
        status = cmr__packet_send(consumer->socket, bytes.data, bytes.size, NULL, 0);
    cmr__buffer_reset(&bytes);
    if (status != CMR_OK)
        hang_up(member); /* and ask again */
}

static void try_again(struct cmr__member *member, cmr_status status, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    cmr__log(&member->reloader->log, consumer->failures ? CMR_LOG_DEBUG : CMR_LOG_WARN,
             "what another process handed over cannot be taken now: %s; trying again",
             status == CMR_ERR_SYSTEM ? strerror(errno) : cmr_strerror(status));
    consumer->retry_at = later(now, consumer->failures++);
}

static void place_states(struct cmr__member *member)
{
    for (size_t i = 0; member->consumer.has_news && i < member->reloader->mount_count; i++)
        place_state(member, i, &member->consumer.news.news.mounts[i]);
}

/* In a child that a callback forked the connection is the parent's. */
static void work_off_news(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    place_states(member); /* once more: whether anything is refused here is known now */
    tell_mounts(member, &consumer->news.news);
    if (cmr__reloader_is_forked(member->reloader))
        return;
    answer(member);
    forget_news(consumer);
}

/* False: out of memory. */
static bool prepare(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (!consumer->reasons)
        consumer->reasons = calloc(member->reloader->mount_count, sizeof *consumer->reasons);
    return consumer->reasons;
}

void cmr__consumer_work(struct cmr__member *member, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (now < consumer->retry_at || (consumer->block < 0 && !consumer->has_news))
        return;
    cmr_status status = prepare(member) ? CMR_OK : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        place_states(member);
    if (status == CMR_OK && consumer->block >= 0)
        status = take_block(member);
    if (status == CMR_ERR_BUSY || cmr__reloader_is_forked(member->reloader))
        return; /* frozen, or freed, meanwhile */
    if (status != CMR_OK)
        try_again(member, status, now);
    else if (consumer->has_news)
        work_off_news(member);
    else
        consumer->failures = 0;
}

void cmr__consumer_take_from_shelf(struct cmr__member *member, int64_t now)
{
    uint64_t generation;
    int block;
    struct cmr__consumer *consumer = &member->consumer;
    if (consumer->block >= 0 || cmr__shelf_look(&member->share->shelf, &generation, &block) != CMR_OK)
        return;
    consumer->block = block;
    if (generation <= member->reloader->generation || generation == consumer->refused) {
        cmr__close_fd(&consumer->block);
        consumer->block = -1;
        return;
    }
    cmr__consumer_work(member, now);
}

/* ---- asking */

void cmr__consumer_look(struct cmr__member *member)
{
    const struct cmr__message message = { .kind = CMR__MESSAGE_LOOK };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    if (member->consumer.socket >= 0 && cmr__message_encode(&message, &bytes) == CMR_OK)
        (void)cmr__packet_send(member->consumer.socket, bytes.data, bytes.size, NULL, 0);
    cmr__buffer_reset(&bytes);
}

int64_t cmr__consumer_next(const struct cmr__consumer *consumer)
{
    bool waits = consumer->block >= 0 || consumer->has_news;
    return waits && consumer->retry_at < consumer->at ? consumer->retry_at : consumer->at;
}
