/* SPDX-License-Identifier: MIT
 *
 * The boot policy: what to start with when what is mounted cannot be loaded. */
#ifndef CMRELOAD_ENGINE_BOOT_H
#define CMRELOAD_ENGINE_BOOT_H

#include "engine/reloader.h"

/* For a first load that came to nothing: publishes the first generation of what the policy has in place of
 * what is mounted. False: there is nothing, or it is no better, as the log tells; all is as it was. By the
 * dispatcher. */
bool cmr__boot(cmr_reloader *reloader);

#endif
