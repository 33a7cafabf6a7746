/* SPDX-License-Identifier: MIT
 *
 * News are taken in whenever they come, and worked off when the reloader is not frozen: the mounts are given
 * the states that the publisher has seen, the block is taken (taking.c), what is new in the states is told
 * (hearsay.c), and the publisher is answered. Only what fails for want of memory or descriptors is tried
 * again. */
#include "share/consumer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "share/hearsay.h"
#include "share/member.h"
#include "share/packet.h"
#include "share/taking.h"

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

/* ---- asking the publisher to look */

/* What cannot be asked for now is asked for with the next connection. */
static void ask_to_look(struct cmr__consumer *consumer)
{
    const struct cmr__message message = { .kind = CMR__MESSAGE_LOOK };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    if (consumer->look && consumer->socket >= 0 && cmr__message_encode(&message, &bytes) == CMR_OK)
        consumer->look = cmr__packet_send(consumer->socket, bytes.data, bytes.size, NULL, 0) != CMR_OK;
    cmr__buffer_reset(&bytes);
}

void cmr__consumer_look(struct cmr__member *member)
{
    member->consumer.look = true;
    ask_to_look(&member->consumer);
}

/* ---- the connection */

static void forget_news(struct cmr__consumer *consumer)
{
    if (consumer->has_news)
        cmr__message_reset(&consumer->news);
    consumer->has_news = false;
}

static void begin_anew(struct cmr__consumer *consumer)
{
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

/* What is on the shelf is as good as what the publisher would send, and is there at once: at first, and as
 * long as there is nobody who serves this process. */
void cmr__consumer_connect(struct cmr__member *member, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (consumer->welcomed) {
        consumer->at = cmr__clock_after_ms(now, SAFETY_MS);
        return;
    }
    (void)cmr__consumer_take_from_shelf(member, now);
    if (cmr__reloader_is_forked(member->reloader))
        return; /* in a child that a callback forked: the loop is the parent's */
    if (consumer->socket < 0) {
        cmr_status status = connect_pair(member, &consumer->socket);
        if (status != CMR_OK && consumer->tries == 0)
            cmr__log(&member->reloader->log, CMR_LOG_WARN, "cannot ask for a connection: %s; trying again",
                     status == CMR_ERR_SYSTEM ? strerror(errno) : cmr_strerror(status));
        ask_to_look(consumer);
    }
    consumer->at = later(now, consumer->tries++);
}

/* ---- receiving */

static void keep_news(struct cmr__consumer *consumer, const struct cmr__message *news, int block)
{
    forget_news(consumer);
    begin_anew(consumer);
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
        member->consumer.puzzled = false;
        member->consumer.tries = 0;
        member->consumer.at = cmr__clock_after_ms(cmr__clock_now(), SAFETY_MS);
        cmr__member_set_role(member, CMR_ROLE_CONSUMER, message.news.publisher);
    } else {
        cmr__log(&member->reloader->log, member->consumer.puzzled ? CMR_LOG_DEBUG : CMR_LOG_ERROR,
                 "what came from the publisher is refused: %s",
                 status == CMR_ERR_NO_MEMORY ? cmr_strerror(status) : reason);
        member->consumer.puzzled = true;
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
    bool more = consumer->socket >= 0;
    while (more) {
        bool understood = bytes && receive_one(member, bytes, &more);
        if (understood)
            continue;
        bool remains = more; /* the other end, but it, or memory, is of no use now */
        hang_up(member);
        if (remains)
            consumer->at = later(cmr__clock_now(), MANY_TRIES);
        else
            cmr__member_set_role(member, CMR_ROLE_CONSUMER, 0);
        return;
    }
}

/* ---- working off */

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

/* In a child that a callback forked the connection is the parent's. */
static void work_off_news(struct cmr__member *member)
{
    struct cmr__consumer *consumer = &member->consumer;
    cmr__hearsay_place(member); /* once more: whether anything is refused here is known now */
    cmr__hearsay_tell(member);
    if (cmr__reloader_is_forked(member->reloader))
        return;
    answer(member);
    forget_news(consumer);
}

void cmr__consumer_work(struct cmr__member *member, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (now < consumer->retry_at || (consumer->block < 0 && !consumer->has_news))
        return;
    cmr_status status = cmr__hearsay_prepare(member);
    if (status == CMR_OK)
        cmr__hearsay_place(member);
    if (status == CMR_OK && consumer->block >= 0)
        status = cmr__take_block(member);
    if (status == CMR_ERR_BUSY || cmr__reloader_is_forked(member->reloader))
        return; /* frozen, or freed, meanwhile */
    if (status != CMR_OK) {
        try_again(member, status, now);
        return;
    }
    begin_anew(consumer);
    if (consumer->has_news)
        work_off_news(member);
}

/* A block, if there is one that is wanted. */
static cmr_status look_at_shelf(struct cmr__member *member)
{
    uint64_t generation = 0;
    struct cmr__consumer *consumer = &member->consumer;
    cmr_cleanup(cmr__close_fd) int block = -1;
    cmr_status status = cmr__shelf_look(&member->share->shelf, &generation, &block);
    if (status == CMR_OK && generation > member->reloader->generation && generation != consumer->refused)
        consumer->block = CMR_TAKE_FD(block);
    return status == CMR_ERR_NOT_FOUND ? CMR_OK : status;
}

bool cmr__consumer_take_from_shelf(struct cmr__member *member, int64_t now)
{
    struct cmr__consumer *consumer = &member->consumer;
    if (now < consumer->retry_at)
        return false;
    cmr_status status = consumer->block < 0 ? look_at_shelf(member) : CMR_OK;
    if (status == CMR_OK)
        cmr__consumer_work(member, now);
    else
        try_again(member, status, now);
    return status == CMR_OK && consumer->block < 0;
}

int64_t cmr__consumer_next(const struct cmr__consumer *consumer)
{
    bool waits = consumer->block >= 0 || consumer->has_news;
    return waits && consumer->retry_at < consumer->at ? consumer->retry_at : consumer->at;
}
