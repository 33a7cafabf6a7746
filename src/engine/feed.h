/* SPDX-License-Identifier: MIT
 *
 * A feed stands between a reloader and other processes that have the same mounts: it brings the generations
 * that another process has loaded, or takes along those that this one has. A reloader has one, or none. All
 * is called by the dispatcher, without the lock; what others may look at is written under it. */
#ifndef CMRELOAD_ENGINE_FEED_H
#define CMRELOAD_ENGINE_FEED_H

#include "model/part.h"

struct cmr__feed;

struct cmr__feed_class {
    /* Takes in what has come; what it means is for `turn`, which does not come while the reloader is frozen.
     */
    void (*receive)(struct cmr__feed *feed);

    /* Before the mounts are looked at: finds out whether this process is to follow them, and publishes what
     * has come. */
    void (*turn)(struct cmr__feed *feed, int64_t now);

    /* After the deliveries: passes on what is new. */
    void (*send)(struct cmr__feed *feed, int64_t now);

    /* When to have the next turn. */
    int64_t (*next)(const struct cmr__feed *feed);

    /* All mounts are to be looked at, and this process does not. */
    void (*look)(struct cmr__feed *feed);

    /* Before a candidate is made of these parts: replaces them by others of the same contents that can be
     * shared, one counted reference each, and gives the generation its number. `mount` is the one that is
     * new. As cmr__publish. */
    cmr_status (*seal)(struct cmr__feed *feed, cmr__part **parts, size_t mount, uint64_t *ret_generation);

    /* What was sealed last is published. */
    void (*published)(struct cmr__feed *feed);

    /* In a forked child: the connections are the parent's. */
    void (*renew)(struct cmr__feed *feed);
    void (*free)(struct cmr__feed *feed);
};

struct cmr__feed {
    const struct cmr__feed_class *class;
    bool follows; /* the mounts are followed here */

    /* under the reloader's lock */
    cmr_role role;
    int64_t publisher; /* its process's number; 0: not known */
};

#endif
