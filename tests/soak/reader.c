/* SPDX-License-Identifier: MIT
 *
 * The snapshot is read without the lock: it must stay as it is whatever becomes of the reloader. Some are
 * kept for a while before they are read. */
#include "soak/reader.h"

#include <unistd.h>

#include "soak/thread.h"

#define PAUSE_US 500

static void look_at_states(struct life *life)
{
    for (unsigned i = 0; i < SOAK_VOLUMES; i++) {
        cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
        if (cmr_reloader_get_mount_status(life->reloader, soak_volume_names[i], &status) == CMR_OK)
            life->shared->states[i] = (int)status.state;
    }
}

static cmr_snapshot *ref_current(struct life *life)
{
    cmr_snapshot *snapshot = NULL;
    pthread_rwlock_rdlock(&life->lock);
    if (life->reloader) {
        snapshot = cmr_reloader_ref_snapshot(life->reloader);
        look_at_states(life);
    }
    pthread_rwlock_unlock(&life->lock);
    return snapshot;
}

static void *read_on(void *user)
{
    struct life *life = user;
    for (unsigned turn = 0;; turn++) {
        cmr_snapshot *snapshot = ref_current(life);
        if (snapshot && turn % 8 == 0)
            usleep(PAUSE_US * 4);
        if (snapshot) {
            life_witness(life->shared, WITNESS_READER, snapshot);
            life->shared->reads++;
            cmr_snapshot_unref(snapshot);
        }
        usleep(PAUSE_US);
    }
    return NULL;
}

bool reader_start(struct life *life)
{
    pthread_t thread;
    return thread_start(&thread, read_on, life) && pthread_detach(thread) == 0;
}
