/* SPDX-License-Identifier: MIT
 *
 * Who takes part, and what they have: a copy, made under the reloader's lock, by which the publisher's peers
 * change. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "share/member.h"

struct cmr_members {
    size_t count;
    cmr_member *items;
    char (*messages)[sizeof((struct cmr__answer *)0)->message];
};

void cmr_members_free(cmr_members *members)
{
    if (!members)
        return;
    free(members->items);
    free(members->messages);
    free(members);
}

static void free_place(cmr_members **place)
{
    cmr_members_free(*place);
}

static cmr_members *new_members(size_t capacity)
{
    cmr_members *members = calloc(1, sizeof *members);
    if (!members)
        return NULL;
    members->items = calloc(capacity, sizeof *members->items);
    members->messages = calloc(capacity, sizeof *members->messages);
    if (members->items && members->messages)
        return members;
    cmr_members_free(members);
    return NULL;
}

static void add(cmr_members *members, int64_t pid, cmr_role role, const struct cmr__answer *answer)
{
    char *message = members->messages[members->count];
    memcpy(message, answer->message, sizeof *members->messages);
    members->items[members->count++] = (cmr_member){ .pid = pid,
                                                     .role = role,
                                                     .generation = answer->generation,
                                                     .refused = answer->refused,
                                                     .message = message };
}

/* Who has become the publisher may have refused what another one had, and be past that. */
static struct cmr__answer own_answer_locked(const cmr_reloader *reloader, const struct cmr__member *member)
{
    struct cmr__answer answer = { .generation = reloader->current->generation };
    if (member && member->consumer.refused > answer.generation) {
        answer.refused = member->consumer.refused;
        memcpy(answer.message, member->consumer.why, sizeof answer.message);
    }
    return answer;
}

/* NULL: out of memory. */
static cmr_members *list_locked(const cmr_reloader *reloader)
{
    const struct cmr__member *member = (const struct cmr__member *)(const void *)reloader->feed;
    size_t peers = member ? member->publisher.count : 0;
    cmr_members *members = new_members(peers + 1);
    if (!members)
        return NULL;
    struct cmr__answer answer = own_answer_locked(reloader, member);
    add(members, getpid(), member ? member->feed.role : CMR_ROLE_ALONE, &answer);
    for (size_t i = 0; i < peers; i++)
        add(members, member->publisher.peers[i].pid, CMR_ROLE_CONSUMER, &member->publisher.peers[i].answer);
    return members;
}

cmr_status cmr_reloader_list_members(cmr_reloader *reloader, cmr_members **ret_members)
{
    if (!reloader || !ret_members)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    pthread_mutex_lock(&reloader->lock);
    cmr_cleanup(free_place) cmr_members *members = list_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    if (!members)
        return CMR_ERR_NO_MEMORY;
    *ret_members = CMR_TAKE(members);
    return CMR_OK;
}

size_t cmr_members_count(const cmr_members *members)
{
    return members ? members->count : 0;
}

const cmr_member *cmr_members_get(const cmr_members *members, size_t index)
{
    return members && index < members->count ? &members->items[index] : NULL;
}
