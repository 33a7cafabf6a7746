/* SPDX-License-Identifier: MIT
 *
 * YAML's anchors: which entry a name stands for. A hash table, since a file may be full of them. */
#ifndef CMRELOAD_FORMAT_ANCHORS_H
#define CMRELOAD_FORMAT_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cmr__anchors {
    struct cmr__anchor *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t count;
};

/* A later anchor of one name replaces the earlier (YAML 1.2, section 7.1). False: out of memory. */
bool cmr__anchors_note(struct cmr__anchors *anchors, const char *name, uint32_t entry);

/* CMR__NO_ENTRY when there is none of that name. */
uint32_t cmr__anchors_find(const struct cmr__anchors *anchors, const char *name);

void cmr__anchors_reset(struct cmr__anchors *anchors);

#endif
