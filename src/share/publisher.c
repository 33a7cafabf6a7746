/* SPDX-License-Identifier: MIT
 *
 * What consumers are to know is one packet, the news: what is published, and how the mounts are. It is made
 * at each turn and compared with the last, so nobody has to say that something changed. A peer gets it when
 * it has answered the one before: so a peer that is slow, or stopped, gets the newest when it comes back, has
 * never more than one packet and one block on its way, and its socket is never full.
 *
 * A peer that has answered for a generation, be it by refusing it, is not sent that one again. */
#include "share/publisher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/telling.h"
#include "share/member.h"
#include "share/packet.h"

#define RETRY_MS 100
#define SPARE_DESCRIPTORS 8 /* that connections leave: for a look at a mount, and for a block */

/* ---- peers */

static void lock(struct cmr__member *member)
{
    pthread_mutex_lock(&member->reloader->lock);
}

static void unlock(struct cmr__member *member)
{
    pthread_mutex_unlock(&member->reloader->lock);
}

/* False: out of memory. */
static bool make_room(struct cmr__publisher *publisher)
{
    if (publisher->count < publisher->capacity)
        return true;
    size_t capacity = publisher->capacity ? publisher->capacity * 2 : 8;
    struct cmr__peer *peers = realloc(publisher->peers, capacity * sizeof *peers);
    if (!peers)
        return false;
    publisher->peers = peers;
    publisher->capacity = capacity;
    return true;
}

/* A new descriptor is the smallest that is free; so there are no more behind it than up to the limit. */
static bool leaves_spare(int descriptor)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
           (rlim_t)descriptor + SPARE_DESCRIPTORS < limit.rlim_cur;
}

/* Who is not served looks at the shelf from time to time. */
static bool has_room_for(struct cmr__member *member, int socket)
{
    struct cmr__publisher *publisher = &member->publisher;
    bool has = leaves_spare(socket);
    if (!has && !publisher->full)
        cmr__log(&member->reloader->log, CMR_LOG_WARN,
                 "too few descriptors are left to serve all other processes: raise RLIMIT_NOFILE");
    publisher->full = !has;
    return has;
}

/* Takes the socket over. */
static void add_peer(struct cmr__member *member, int socket, int64_t pid)
{
    struct cmr__publisher *publisher = &member->publisher;
    lock(member);
    bool room = make_room(publisher);
    if (room && cmr__loop_add_feed(&member->reloader->loop, socket) == CMR_OK)
        publisher->peers[publisher->count++] =
            (struct cmr__peer){ .socket = CMR_TAKE_FD(socket), .pid = pid };
    publisher->settled = 0;
    unlock(member);
    cmr__close_fd(&socket); /* it asks again */
}

static void close_peer(struct cmr__member *member, struct cmr__peer *peer)
{
    cmr__loop_remove_feed(&member->reloader->loop, peer->socket);
    cmr__close_fd(&peer->socket);
}

static void remove_peer(struct cmr__member *member, size_t number)
{
    struct cmr__publisher *publisher = &member->publisher;
    close_peer(member, &publisher->peers[number]);
    lock(member);
    publisher->peers[number] = publisher->peers[--publisher->count];
    unlock(member);
}

/* ---- receiving */

static bool is_connection(int descriptor)
{
    int domain = 0, type = 0;
    socklen_t domain_size = sizeof domain, type_size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 && domain == AF_UNIX &&
           getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_SEQPACKET;
}

/* Who has become the publisher may find its own. */
static void welcome(struct cmr__member *member, const void *bytes, size_t size, int socket)
{
    struct cmr__message message;
    const char *reason = "not a connection";
    cmr_status status = cmr__message_decode(bytes, size, &message, &reason);
    bool valid = status == CMR_OK && message.kind == CMR__MESSAGE_HELLO && is_connection(socket);
    if (valid && message.hello.pid != getpid() && has_room_for(member, socket))
        add_peer(member, CMR_TAKE_FD(socket), message.hello.pid);
    if (!valid)
        cmr__log(&member->reloader->log, CMR_LOG_WARN, "somebody who wants to be connected is refused: %s",
                 reason);
    if (status == CMR_OK)
        cmr__message_reset(&message);
    cmr__close_fd(&socket);
}

static void receive_hellos(struct cmr__member *member)
{
    char bytes[256];
    cmr_status status;
    do {
        cmr_cleanup(cmr__close_fd) int socket = -1;
        size_t count = 0, size = 0;
        status = cmr__packet_receive(member->share->hello[0], bytes, sizeof bytes, &socket, 1, &count, &size,
                                     false);
        if (status == CMR_OK)
            welcome(member, bytes, size, count ? CMR_TAKE_FD(socket) : -1);
    } while (status == CMR_OK || status == CMR_ERR_REJECTED);
}

/* False: what it says makes no sense. */
static bool hear(struct cmr__member *member, struct cmr__peer *peer, const void *bytes, size_t size)
{
    struct cmr__message message;
    const char *reason = "not what a consumer says";
    cmr_status status = cmr__message_decode(bytes, size, &message, &reason);
    bool valid = status == CMR_OK;
    if (valid && message.kind == CMR__MESSAGE_ANSWER && message.answer.sequence <= peer->sent) {
        lock(member);
        peer->answer = message.answer;
        unlock(member);
    } else if (valid && message.kind == CMR__MESSAGE_LOOK) {
        cmr_reloader_check_now(member->reloader);
        peer->again = peer->answer.refused != 0;
        member->publisher.settled = peer->again ? 0 : member->publisher.settled;
    } else {
        valid = false;
        cmr__log(&member->reloader->log, CMR_LOG_WARN, "process %lld is no longer served: %s",
                 (long long)peer->pid, reason);
    }
    if (status == CMR_OK)
        cmr__message_reset(&message);
    return valid;
}

/* False: it is gone. */
static bool receive_answers(struct cmr__member *member, struct cmr__peer *peer)
{
    char bytes[1024];
    for (;;) {
        size_t count = 0, size = 0;
        cmr_status status =
            cmr__packet_receive(peer->socket, bytes, sizeof bytes, NULL, 0, &count, &size, false);
        if (status == CMR_ERR_AGAIN)
            return true;
        if (status != CMR_OK || !hear(member, peer, bytes, size))
            return false;
    }
}

void cmr__publisher_receive(struct cmr__member *member)
{
    receive_hellos(member);
    for (size_t i = member->publisher.count; i > 0; i--)
        if (!receive_answers(member, &member->publisher.peers[i - 1]))
            remove_peer(member, i - 1);
}

/* ---- sending */

static void describe(const cmr_reloader *reloader, size_t number, struct cmr__news_mount *ret_mount)
{
    const struct cmr__told *told = &reloader->told[number];
    const cmr_mount_status *status = &told->status;
    *ret_mount = (struct cmr__news_mount){ .state = status->state,
                                           .reason = status->reason,
                                           .kind = status->kind,
                                           .applied_from = status->applied_from,
                                           .kept_files = status->kept_files,
                                           .rejected = reloader->mounts[number]->rejected,
                                           .rejections = told->rejections,
                                           .report = told->rejected };
    memcpy(ret_mount->message, status->message, sizeof ret_mount->message);
    memcpy(ret_mount->mounted_target, status->mounted_target, sizeof ret_mount->mounted_target);
}

static cmr_status encode(struct cmr__member *member, struct cmr__buffer *buffer)
{
    const cmr_reloader *reloader = member->reloader;
    struct cmr__message message = { .kind = CMR__MESSAGE_NEWS };
    cmr_cleanup(cmr__free_ptr) struct cmr__news_mount *mounts = calloc(reloader->mount_count, sizeof *mounts);
    if (!mounts)
        return CMR_ERR_NO_MEMORY;
    message.news = (struct cmr__news){ .sequence = member->publisher.sequence,
                                       .publisher = member->feed.publisher, /* this process */
                                       .generation = member->current.generation,
                                       .mount_count = reloader->mount_count,
                                       .mounts = mounts };
    lock(member);
    for (size_t i = 0; i < reloader->mount_count; i++)
        describe(reloader, i, &mounts[i]);
    cmr_status status = cmr__message_encode(&message, buffer);
    unlock(member);
    return status;
}

static bool is_old(const struct cmr__publisher *publisher, const struct cmr__buffer *news)
{
    return news->size == publisher->news.size && memcmp(news->data, publisher->news.data, news->size) == 0;
}

static cmr_status renew_news(struct cmr__member *member)
{
    struct cmr__publisher *publisher = &member->publisher;
    struct cmr__buffer news = CMR__BUFFER_INIT;
    cmr_status status = encode(member, &news);
    if (status == CMR_OK && !is_old(publisher, &news)) {
        publisher->sequence++;
        cmr__buffer_reset(&news);
        status = encode(member, &news);
        if (status == CMR_OK) {
            cmr__buffer_reset(&publisher->news);
            publisher->news = news;
            return CMR_OK;
        }
        publisher->sequence--;
    }
    cmr__buffer_reset(&news);
    return status;
}

/* It has answered for these news already. */
static void await_again(struct cmr__member *member, struct cmr__peer *peer)
{
    lock(member);
    peer->answer.sequence = 0;
    unlock(member);
    peer->again = false;
}

static cmr_status send_to(struct cmr__member *member, struct cmr__peer *peer)
{
    const struct cmr__block *block = &member->current;
    const struct cmr__buffer *news = &member->publisher.news;
    bool lacks = block->descriptor >= 0 && (peer->offered != block->generation || peer->again);
    cmr_status status =
        cmr__packet_send(peer->socket, news->data, news->size, &block->descriptor, lacks ? 1 : 0);
    if (status != CMR_OK)
        return status;
    peer->sent = member->publisher.sequence;
    if (lacks)
        peer->offered = block->generation;
    if (peer->again)
        await_again(member, peer);
    return CMR_OK;
}

static bool awaits_answer(const struct cmr__peer *peer)
{
    return peer->answer.sequence != peer->sent;
}

static bool knows_all(const struct cmr__publisher *publisher, const struct cmr__peer *peer)
{
    return peer->sent == publisher->sequence && !peer->again;
}

static void send_to_all(struct cmr__member *member, int64_t now)
{
    struct cmr__publisher *publisher = &member->publisher;
    for (size_t i = publisher->count; i > 0; i--) {
        struct cmr__peer *peer = &publisher->peers[i - 1];
        if (awaits_answer(peer) || knows_all(publisher, peer))
            continue;
        cmr_status status = send_to(member, peer);
        if (status == CMR_ERR_CLOSED)
            remove_peer(member, i - 1);
        else if (status != CMR_OK)
            publisher->retry_at = cmr__clock_after_ms(now, RETRY_MS);
    }
}

/* ---- when all have answered */

static bool have_all_answered(const struct cmr__publisher *publisher)
{
    for (size_t i = 0; i < publisher->count; i++)
        if (awaits_answer(&publisher->peers[i]) || !knows_all(publisher, &publisher->peers[i]))
            return false;
    return true;
}

static cmr_report *report_refusals(const struct cmr__publisher *publisher, uint64_t generation)
{
    cmr_report *report = cmr__report_new();
    for (size_t i = 0; report && i < publisher->count; i++) {
        const struct cmr__peer *peer = &publisher->peers[i];
        if (peer->answer.refused == generation)
            cmr__report_add(report, CMR_ERR_REJECTED, NULL, 0, 0, NULL, "process %lld: %s",
                            (long long)peer->pid, peer->answer.message);
    }
    if (report)
        cmr__report_finish(report);
    return report;
}

static void tell_settled(struct cmr__member *member)
{
    struct cmr__publisher *publisher = &member->publisher;
    uint64_t generation = member->current.generation;
    if (generation == publisher->settled || !have_all_answered(publisher))
        return;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = report_refusals(publisher, generation);
    if (!report)
        return; /* at the next turn */
    publisher->settled = generation;
    cmr__tell_shared(member->reloader, generation, publisher->count, report);
}

void cmr__publisher_send(struct cmr__member *member, int64_t now)
{
    struct cmr__publisher *publisher = &member->publisher;
    publisher->retry_at = CMR__NEVER;
    cmr_status status = renew_news(member);
    if (status == CMR_ERR_LIMIT)
        cmr__log(&member->reloader->log, CMR_LOG_ERROR, "too many mounts to tell other processes of");
    else if (status != CMR_OK)
        publisher->retry_at = cmr__clock_after_ms(now, RETRY_MS);
    if (status != CMR_OK)
        return;
    send_to_all(member, now);
    tell_settled(member);
}

/* ---- beginning and ending */

cmr_status cmr__publisher_begin(struct cmr__member *member)
{
    cmr_status status = cmr__loop_add_feed(&member->reloader->loop, member->share->hello[0]);
    if (status != CMR_OK) {
        cmr__log(&member->reloader->log, CMR_LOG_WARN, "other processes cannot be served: %s; trying again",
                 strerror(errno));
        return status;
    }
    member->publisher.settled = 0;
    cmr__publisher_receive(member);
    return CMR_OK;
}

void cmr__publisher_end(struct cmr__member *member)
{
    struct cmr__publisher *publisher = &member->publisher;
    cmr__loop_remove_feed(&member->reloader->loop, member->share->hello[0]);
    for (size_t i = 0; i < publisher->count; i++)
        close_peer(member, &publisher->peers[i]);
    lock(member);
    publisher->count = 0;
    unlock(member);
    publisher->retry_at = CMR__NEVER;
}
