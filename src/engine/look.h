/* SPDX-License-Identifier: MIT
 *
 * Looking at the mounts: from "it may have changed" to a publication, or to what observers are told instead.
 * For the thread that dispatches. */
#ifndef CMRELOAD_ENGINE_LOOK_H
#define CMRELOAD_ENGINE_LOOK_H

#include "engine/reloader.h"

/* Looks at the mounts whose time has come, and finishes the loads that were done in the background. */
void cmr__look_at_mounts(cmr_reloader *reloader);

/* In a forked child: locks the mount's secrets again, and tells where that cannot be. */
void cmr__look_lock_again(cmr_reloader *reloader, size_t number);

/* When to do so next; CMR__NEVER: not before something happens. */
int64_t cmr__look_next(const cmr_reloader *reloader);

/* For the boot policy: publishes the first generation, of the parts that the mounts have now, and tells of
 * it; `number` is the mount that the policy is about. As cmr__publish. */
cmr_status cmr__look_publish(cmr_reloader *reloader, size_t number, cmr_boot_source from, cmr_report *report);

/* Publishes what another process has loaded, and tells of it: all mounts have those parts then. `number` is
 * the mount that is new, and each part came from where `from` says. As cmr__publish, but validators have been
 * asked there. */
cmr_status cmr__look_adopt(cmr_reloader *reloader, cmr_snapshot *snapshot, size_t number,
                           const cmr_boot_source *from, cmr_report *report);

#endif
