/* SPDX-License-Identifier: MIT
 *
 * A selection: the part of a snapshot that somebody asks for, by patterns, and the type to read it as. */
#ifndef CMRELOAD_ENGINE_SELECTION_H
#define CMRELOAD_ENGINE_SELECTION_H

#include "model/diff.h"

struct cmr__selection {
    struct cmr__patterns patterns;
    bool wild; /* some pattern is no plain key */
    cmr_type type;
    const cmr_enum_item *table;
};

/* CMR_ERR_INVALID_ARGUMENT: malformed patterns, or a type that nothing is read as. CMR_ERR_NO_MEMORY. */
cmr_status cmr__selection_init(struct cmr__selection *selection, const char *patterns, cmr_type type,
                               const cmr_enum_item *table);
void cmr__selection_reset(struct cmr__selection *selection);

/* The differences that concern the selection, appended to an empty diff. `known` is the whole diff of the
 * two snapshots, or NULL. False: out of memory. */
bool cmr__selection_differences(const struct cmr__selection *selection, const cmr_snapshot *before,
                                const cmr_snapshot *after, const struct cmr__diff *known,
                                struct cmr__diff *ret_diff);

/* The value at one side of a difference. */
struct cmr__location cmr__difference_location(const struct cmr__difference *difference, bool of_new);

#endif
