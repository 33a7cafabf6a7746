/* SPDX-License-Identifier: MIT
 *
 * What is saved of a mount: a ConfigMap volume in a folder of state_dir, which holds its last good
 * generation. */
#ifndef CMRELOAD_ENGINE_SAVED_H
#define CMRELOAD_ENGINE_SAVED_H

#include "base/diagnostic.h"
#include "engine/settings.h"
#include "model/part.h"

/* Saves the part, whole or not at all; the reloader's other threads may read it meanwhile. ret_result is
 * filled whatever comes of it. CMR_ERR_BUSY: another process is saving there. CMR_ERR_REJECTED: something
 * else is in the folder. CMR_ERR_SYSTEM (errno), CMR_ERR_NO_MEMORY. */
cmr_status cmr__saved_write(const char *state_dir, const cmr__part *part, cmr_volume_result *ret_result);

/* Loads what is saved of the mount that has these settings, as if it were mounted. CMR_ERR_NOT_FOUND: nothing
 * is. CMR_ERR_REJECTED: it is damaged, or bad: in the report. CMR_ERR_BUSY, CMR_ERR_SYSTEM (errno),
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__saved_read(const char *state_dir, const struct cmr__settings *settings, cmr_report *report,
                           cmr__part **ret_part);

#endif
