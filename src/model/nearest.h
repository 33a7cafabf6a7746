/* SPDX-License-Identifier: MIT
 *
 * What was probably meant by a key that leads nowhere. */
#ifndef CMRELOAD_MODEL_NEAREST_H
#define CMRELOAD_MODEL_NEAREST_H

#include "model/snapshot.h"

/* Appends the key of an entry whose path is close to that of the absent key: in the file that it names, else
 * in one whose name is close. Without a path, that file's name. It has a mount if the absent key has one. The
 * work is bounded: of a large file only the beginning is looked at. False: nothing is close, or out of
 * memory; then nothing was appended. */
bool cmr__snapshot_nearest_key(const cmr_snapshot *snapshot, const struct cmr__key *absent,
                               struct cmr__buffer *ret_key);

/* The same for a pattern that is a plain key. False for another one. */
bool cmr__snapshot_nearest_to_pattern(const cmr_snapshot *snapshot, const struct cmr__pattern *absent,
                                      struct cmr__buffer *ret_key);

/* And for a key as text. False for a malformed one. */
bool cmr__snapshot_nearest_to_text(const cmr_snapshot *snapshot, const char *absent,
                                   struct cmr__buffer *ret_key);

#endif
