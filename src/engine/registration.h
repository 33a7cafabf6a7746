/* SPDX-License-Identifier: MIT
 *
 * What the application registered to be called: the common part of subscriptions and observers, and the
 * protocol by which a callback may end its own registration, others may end it from another thread, and
 * nobody is called after the end.
 *
 * A registration is on its list until it is ended. While its callback runs it is `running`, and so is not
 * freed: when the callback returns, the thread that waits for it does that; or, with none waiting, it goes to
 * `gone` and is freed after the pass. So a pass over the list has the lock from one registration to the next,
 * and gives it up only while a callback runs. */
#ifndef CMRELOAD_ENGINE_REGISTRATION_H
#define CMRELOAD_ENGINE_REGISTRATION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/fork_guard.h"

struct cmr__registration {
    TAILQ_ENTRY(cmr__registration) link;
    uint64_t number; /* grows along the list */
    void *user;
    void (*destroy)(void *user);                       /* the application's, or NULL */
    void (*dispose)(struct cmr__registration *itself); /* frees the object that this is the head of */
    struct cmr__registry *registry;
    bool running;
    bool ended;   /* not to be called again */
    bool awaited; /* another thread waits for the callback, and will finish */
};

TAILQ_HEAD(cmr__registration_list, cmr__registration);

struct cmr__registry {
    const struct cmr__fork_guard *guard;
    pthread_mutex_t *lock;       /* the reloader's */
    pthread_cond_t *returned;    /* a callback returned */
    const pthread_t *dispatcher; /* valid while *dispatching */
    const bool *dispatching;
    struct cmr__registration_list list;    /* in order of registration */
    struct cmr__registration_list gone;    /* the dispatcher's: ended in their own callback */
    struct cmr__registration_list cleared; /* ended with the reloader */
    size_t count;
    uint64_t newest; /* the last registration's number: a pass ends there, whatever its callbacks add */
};

/* With the lock held. */
void cmr__registry_add_locked(struct cmr__registry *registry, struct cmr__registration *registration);

/* With the lock held, by the dispatcher: around a callback. `end` may take the registration off its list, so
 * it returns the successor. */
void cmr__registration_begin_locked(struct cmr__registration *registration);
struct cmr__registration *cmr__registration_end_locked(struct cmr__registration *registration);

/* Frees what ended in its own callback. By the dispatcher, without the lock, after a pass. */
void cmr__registry_bury(struct cmr__registry *registry);

/* Without the lock. In a forked child it does nothing: what is registered ends with the reloader there. */
void cmr__registration_remove(struct cmr__registration *registration);

/* In a forked child: forgets the threads that wait for a callback. */
void cmr__registry_disown(struct cmr__registry *registry);

/* Ends all, when the reloader ends. Without the lock; nothing runs any more. A thread in `remove` that waited
 * for a callback is let go first. The objects stay until dispose, as one's `destroy` may end any other, of
 * this registry or of another, and cannot know that it has ended. */
void cmr__registry_clear(struct cmr__registry *registry);

/* Frees what was cleared, when no more `destroy` is called. */
void cmr__registry_dispose(struct cmr__registry *registry);

#endif
