/* SPDX-License-Identifier: MIT
 *
 * A stand-in: the empty part by which an optional mount that is not there counts as an empty one. Its target
 * is "", which nothing that was read has. */
#ifndef CMRELOAD_ENGINE_STAND_IN_H
#define CMRELOAD_ENGINE_STAND_IN_H

#include "engine/mount.h"

/* Of a mount that was last looked at and not found: whether an empty one may stand in for it. Not for what is
 * there, and is of the wrong kind. */
bool cmr__stand_in_is_allowed(const struct cmr__mount *mount);

bool cmr__stand_in_is_there(const struct cmr__mount *mount);
void cmr__stand_in_drop(struct cmr__mount *mount);

/* As if it had been loaded: load->part. CMR_ERR_NO_MEMORY. */
cmr_status cmr__stand_in_new(const struct cmr__mount *mount, struct cmr__load **ret_load);

#endif
