/* SPDX-License-Identifier: MIT
 *
 * The fixture of tests that follow a volume: a kubelet, a second one for whatever needs another volume or a
 * folder, a reloader, and a journal that hears of every event and of every change of a value. */
#ifndef CMRELOAD_TESTS_SUPPORT_FOLLOWER_H
#define CMRELOAD_TESTS_SUPPORT_FOLLOWER_H

#include "support/fake_kubelet.h"
#include "support/journal.h"

struct follower {
    struct fake_kubelet kubelet, other;
    struct journal journal;
    cmr_mount_options mount; /* follower_open uses these */
    cmr_options options;
    cmr_reloader *reloader;
    char state_dir[128]; /* follower_saves */
};

/* For cmocka: *state is the follower. Nothing is written or opened yet; there is no safety check, so that
 * what is seen is seen by events. */
int follower_set_up(void **state);
int follower_tear_down(void **state);

/* The same of a test that has more: *state is a struct of that size, whose first member is the
 * struct follower *; what follows it is zero. */
int follower_fixture_set_up(void **state, size_t size);
int follower_fixture_tear_down(void **state);

/* What is good is saved, beside the kubelet's volume; to be told before follower_open. */
void follower_saves(struct follower *follower);

/* Opens the path; of the mounts too that are added later, the journal hears of all. */
void follower_open(struct follower *follower, const char *path);

/* Opens and loads the kubelet's volume. */
void follower_load(struct follower *follower);

/* Ends the reloader, before another follower_open. */
void follower_end(struct follower *follower);

void follower_dispatch(struct follower *follower);

/* Dispatches once, and this is what was told meanwhile. */
void follower_hears(struct follower *follower, const char *expected);

/* Waits until this is told. Nothing else may have been. */
void follower_awaits(struct follower *follower, const char *expected);

/* Waits until this generation, or a later one, is published. */
void follower_awaits_generation(struct follower *follower, uint64_t generation);

/* From now on a generation is refused where this key is no integer. */
cmr_subscription *follower_wants_integer(struct follower *follower, const char *key);

void follower_has(struct follower *follower, const char *key, const char *text);
size_t follower_file_count(struct follower *follower);
cmr_mount_status follower_mount_status(struct follower *follower);
cmr_reloader_status follower_status(struct follower *follower);

#endif
