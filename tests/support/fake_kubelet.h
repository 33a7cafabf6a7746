/* SPDX-License-Identifier: MIT
 *
 * A kubelet for tests: one ConfigMap volume in a temporary folder, written in the real order by the
 * library's volume writer. A call that fails ends the test program, so it also works in a forked child. */
#ifndef CMRELOAD_TESTS_SUPPORT_FAKE_KUBELET_H
#define CMRELOAD_TESTS_SUPPORT_FAKE_KUBELET_H

#include "cli/payload.h"
#include "source/volume_writer.h"

struct fake_kubelet {
    char root[96];          /* the temporary folder */
    char dir[128];          /* the volume's path; nothing there before the first swap */
    struct payload payload; /* what the next swap writes */
};

void fake_kubelet_open(struct fake_kubelet *kubelet);
void fake_kubelet_close(struct fake_kubelet *kubelet); /* removes the folder */

/* Change the payload; nothing shows before a swap. */
void fake_kubelet_set(struct fake_kubelet *kubelet, const char *name, const char *text);
void fake_kubelet_set_bytes(struct fake_kubelet *kubelet, const char *name, const void *data, size_t size);
void fake_kubelet_remove(struct fake_kubelet *kubelet, const char *name);

/* One update of the volume. The payload must differ from what is there: else the kubelet writes nothing. */
void fake_kubelet_swap(struct fake_kubelet *kubelet);
void fake_kubelet_swap_until(struct fake_kubelet *kubelet, enum cmr__volume_step stop_after);

/* The same, which may fail: false, with errno. */
bool fake_kubelet_try_swap(struct fake_kubelet *kubelet);

/* set and swap. */
void fake_kubelet_write(struct fake_kubelet *kubelet, const char *name, const char *text);

/* Removes the volume, as a torn-down pod's; the payload stays. */
void fake_kubelet_remove_volume(struct fake_kubelet *kubelet);

/* Removes a file or folder and all below it, as one that a killed kubelet left behind. */
void fake_kubelet_remove_tree(const char *path);

/* Points ..data at something else, which need not exist. */
void fake_kubelet_link(struct fake_kubelet *kubelet, const char *target);

#endif
