/* SPDX-License-Identifier: MIT
 *
 * The saver: brings what is published of each mount to state_dir. For the thread that dispatches. */
#ifndef CMRELOAD_ENGINE_SAVER_H
#define CMRELOAD_ENGINE_SAVER_H

#include "engine/reloader.h"

/* Saves what is not saved yet: here or, in the background, on the loader's thread. */
void cmr__save_mounts(cmr_reloader *reloader, int64_t now);

/* When to try again what could not be saved; CMR__NEVER: all is, or on its way. */
int64_t cmr__save_next(const cmr_reloader *reloader);

#endif
