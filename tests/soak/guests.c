/* SPDX-License-Identifier: MIT
 *
 * Each of them subscribes, stays for a moment and leaves, some from inside their first callback. When a guest
 * has left, its callback must not run any more, and its destroy must have been called, once. */
#include "soak/guests.h"

#include <string.h>
#include <unistd.h>

#include "soak/chance.h"
#include "soak/thread.h"

#define LONGEST_STAY_US 3000

static void on_update(void *user, const cmr_update *update)
{
    struct guest *guest = user;
    if (!guest->is_here)
        soak_violation(guest->all->life->shared, VIOLATION_TOLD,
                       "a subscriber was called that had ended its subscription");
    if (cmr_update_count(update) == 0)
        soak_violation(guest->all->life->shared, VIOLATION_TOLD, "a subscriber was told of nothing");
}

static void on_destroy(void *user)
{
    struct guest *guest = user;
    guest->destroyed++;
}

static void stay(struct guest *guest, struct chance *chance)
{
    static const char *const patterns[] = { "*:**", "**", "other:nested/**", "*:app.yaml#number",
                                            "*.json#list[*]" };
    struct life *life = guest->all->life;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    unsigned which = chance_below(chance, sizeof patterns / sizeof patterns[0]);
    options.initial = chance_below(chance, 2);
    options.debounce_ms = chance_below(chance, 3);
    options.lenient = chance_below(chance, 2);
    options.type = which == 3 ? CMR_TYPE_UINT64 : CMR_TYPE_ANY;
    options.destroy = on_destroy;
    guest->destroyed = 0;
    guest->is_here = true;
    cmr_status status =
        cmr_subscribe(life->reloader, patterns[which], on_update, guest, &options, &guest->subscription);
    if (status != CMR_OK) {
        soak_violation(life->shared, VIOLATION_CALL, "subscribe: %s", cmr_strerror(status));
        return;
    }
    usleep(chance_below(chance, LONGEST_STAY_US));
    cmr_unsubscribe(guest->subscription);
    guest->is_here = false;
    if (guest->destroyed != 1)
        soak_violation(life->shared, VIOLATION_TOLD, "destroy was called %u times by the end of unsubscribe",
                       atomic_load(&guest->destroyed));
    life->shared->guests++;
}

static void *come_and_go(void *user)
{
    struct guest *guest = user;
    struct life *life = guest->all->life;
    struct chance chance = { guest->number + life->shared->guests };
    while (!guest->all->leave) {
        pthread_rwlock_rdlock(&life->lock);
        if (life->reloader)
            stay(guest, &chance);
        pthread_rwlock_unlock(&life->lock);
        usleep(chance_below(&chance, LONGEST_STAY_US));
    }
    return NULL;
}

bool guests_start(struct guests *guests, struct life *life, unsigned count)
{
    guests->life = life;
    guests->leave = false;
    for (guests->count = 0; guests->count < count; guests->count++) {
        struct guest *guest = &guests->each[guests->count];
        guest->all = guests;
        guest->number = guests->count;
        if (!thread_start(&guest->thread, come_and_go, guest))
            return false;
    }
    return true;
}

void guests_stop(struct guests *guests)
{
    guests->leave = true;
    for (unsigned i = 0; i < guests->count; i++)
        pthread_join(guests->each[i].thread, NULL);
    guests->count = 0;
}
