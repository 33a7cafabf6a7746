/* SPDX-License-Identifier: MIT
 *
 * The life of a registration. Three may end it: its own callback (it is running: the dispatcher finishes it
 * when the callback has returned), another callback (it is not running: at once), and another thread (it
 * waits for a running callback, then finishes). `destroy` is always called without the lock, as it is the
 * application's code. */
#include "engine/registration.h"

void cmr__registry_add_locked(struct cmr__registry *registry, struct cmr__registration *registration)
{
    registration->registry = registry;
    registration->number = ++registry->newest;
    TAILQ_INSERT_TAIL(&registry->list, registration, link);
    registry->count++;
}

static void detach_locked(struct cmr__registration *registration)
{
    TAILQ_REMOVE(&registration->registry->list, registration, link);
    registration->registry->count--;
}

static void finish(struct cmr__registration *registration)
{
    if (registration->destroy)
        registration->destroy(registration->user);
    registration->dispose(registration);
}

void cmr__registration_begin_locked(struct cmr__registration *registration)
{
    registration->running = true;
}

struct cmr__registration *cmr__registration_end_locked(struct cmr__registration *registration)
{
    struct cmr__registry *registry = registration->registry;
    struct cmr__registration *next = TAILQ_NEXT(registration, link);
    registration->running = false;
    if (registration->awaited) {
        pthread_cond_broadcast(registry->returned);
    } else if (registration->ended) {
        detach_locked(registration);
        TAILQ_INSERT_TAIL(&registry->gone, registration, link);
    }
    return next;
}

static void finish_all(struct cmr__registration_list *list)
{
    struct cmr__registration *registration;
    while ((registration = TAILQ_FIRST(list))) {
        TAILQ_REMOVE(list, registration, link);
        finish(registration);
    }
}

void cmr__registry_bury(struct cmr__registry *registry)
{
    finish_all(&registry->gone);
}

static bool is_dispatcher_locked(const struct cmr__registry *registry)
{
    return *registry->dispatching && pthread_equal(*registry->dispatcher, pthread_self());
}

void cmr__registration_remove(struct cmr__registration *registration)
{
    struct cmr__registry *registry = registration->registry;
    if (cmr__fork_guard_is_child(registry->guard))
        return;
    pthread_mutex_lock(registry->lock);
    bool first = !registration->ended;
    registration->ended = true;
    if (!first || (registration->running && is_dispatcher_locked(registry))) {
        pthread_mutex_unlock(registry->lock);
        return;
    }
    while (registration->running) {
        registration->awaited = true;
        pthread_cond_wait(registry->returned, registry->lock);
    }
    detach_locked(registration);
    pthread_cond_broadcast(registry->returned); /* clear may wait for this */
    pthread_mutex_unlock(registry->lock);
    finish(registration);
}

void cmr__registry_disown(struct cmr__registry *registry)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &registry->list, link)
    registration->awaited = false;
}

/* The next one to end, off the list; NULL: none is left. */
static struct cmr__registration *take_first(struct cmr__registry *registry)
{
    struct cmr__registration *registration;
    pthread_mutex_lock(registry->lock);
    while ((registration = TAILQ_FIRST(&registry->list)) && registration->awaited)
        pthread_cond_wait(registry->returned, registry->lock);
    if (registration) {
        registration->ended = true; /* its destroy may end it once more */
        detach_locked(registration);
    }
    pthread_mutex_unlock(registry->lock);
    return registration;
}

void cmr__registry_clear(struct cmr__registry *registry)
{
    struct cmr__registration *registration;
    finish_all(&registry->gone);
    while ((registration = take_first(registry))) {
        if (registration->destroy)
            registration->destroy(registration->user);
        TAILQ_INSERT_TAIL(&registry->cleared, registration, link);
    }
}

void cmr__registry_dispose(struct cmr__registry *registry)
{
    struct cmr__registration *registration;
    while ((registration = TAILQ_FIRST(&registry->cleared))) {
        TAILQ_REMOVE(&registry->cleared, registration, link);
        registration->dispose(registration);
    }
}
