/* SPDX-License-Identifier: MIT
 *
 * A stand-in goes the way of all parts: it completes the first publication, is compared with what comes in
 * its place, and so the keys of a mount that comes late are simply added. The mount stays as it is: not
 * found, waited for, never dead. */
#include "engine/stand_in.h"

#include "base/cleanup.h"

bool cmr__stand_in_is_allowed(const struct cmr__mount *mount)
{
    cmr_mount_reason reason = mount->source.missing.reason;
    return mount->settings.optional && (reason == CMR_REASON_ABSENT || reason == CMR_REASON_UNWRITTEN);
}

bool cmr__stand_in_is_there(const struct cmr__mount *mount)
{
    return mount->part && !mount->part->target[0];
}

void cmr__stand_in_drop(struct cmr__mount *mount)
{
    if (cmr__stand_in_is_there(mount))
        cmr__part_unref(CMR_TAKE(mount->part));
}

cmr_status cmr__stand_in_new(const struct cmr__mount *mount, struct cmr__load **ret_load)
{
    struct cmr__fileset nothing = CMR__FILESET_INIT;
    cmr_cleanup(cmr__load_free_place) struct cmr__load *load = NULL;
    cmr_status status = cmr__load_new(&mount->settings, &mount->source, NULL, false, &load);
    if (status == CMR_OK)
        status = cmr__pipeline_run(&mount->settings, "", &nothing, NULL, &load->reports, &load->part);
    if (status == CMR_OK)
        *ret_load = CMR_TAKE(load);
    return status;
}
