/* SPDX-License-Identifier: MIT
 *
 * Two times: due_at, since something has happened, and look_at, whatever happens. A volume is looked at as
 * soon as something happens, as its swap is atomic. A plain directory has to be quiet first: an editor's
 * saving is several events, between which a file is half written or not there; but who writes without a rest
 * does not put it off for ever.
 *
 * The check that comes even if nothing happens counts from the last look at the path, which looks that events
 * cause leave out: a directory that is busy, but no longer the one at the path, must not put that off. */
#include "engine/schedule.h"

#include "base/clock.h"

#define POLL_MS 2000
#define FIRST_RETRY_MS 20
#define LAST_RETRY_MS 10000
#define SETTLE_MS 100
#define LONGEST_SETTLE 20 /* times settle_ms */

int64_t cmr__schedule_due(const struct cmr__mount *mount)
{
    if (mount->loading)
        return CMR__NEVER;
    return mount->due_at != CMR__NEVER ? mount->due_at : mount->look_at;
}

void cmr__schedule_now(struct cmr__mount *mount)
{
    mount->due_at = 0;
}

static int64_t settle_ms(const struct cmr__mount *mount)
{
    if (mount->settings.settle_ms)
        return mount->settings.settle_ms > 0 ? mount->settings.settle_ms : 0;
    return mount->source.was_volume ? 0 : SETTLE_MS;
}

void cmr__schedule_changed(struct cmr__mount *mount, int64_t now)
{
    int64_t ms = settle_ms(mount);
    int64_t longest = ms < INT64_MAX / LONGEST_SETTLE ? ms * LONGEST_SETTLE : INT64_MAX;
    if (mount->changed_at == CMR__NEVER)
        mount->changed_at = now;
    int64_t limit = cmr__clock_after_ms(mount->changed_at, longest);
    mount->quiet_at = cmr__clock_after_ms(now, ms);
    if (mount->quiet_at > limit)
        mount->quiet_at = limit;
    mount->due_at = cmr__mount_is_absent(mount) ? now : mount->quiet_at;
}

void cmr__schedule_rest(struct cmr__mount *mount, int64_t now)
{
    mount->changed_at = CMR__NEVER; /* what came before was of something else */
    cmr__schedule_changed(mount, now);
}

bool cmr__schedule_is_unsettled(struct cmr__mount *mount, int64_t now)
{
    mount->due_at = CMR__NEVER;
    if (mount->quiet_at != CMR__NEVER && mount->quiet_at > now && !mount->forced && settle_ms(mount)) {
        mount->due_at = mount->quiet_at;
        return true;
    }
    mount->changed_at = mount->quiet_at = CMR__NEVER;
    return false;
}

void cmr__schedule_check(struct cmr__mount *mount)
{
    int64_t ms = mount->settings.check_interval_ms;
    bool rests = mount->state == CMR_MOUNT_READY || mount->state == CMR_MOUNT_STATIC;
    if (!rests && (ms < 0 || ms > POLL_MS))
        ms = POLL_MS;
    mount->look_at = cmr__clock_after_ms(mount->confirmed_at, ms);
}

void cmr__schedule_retry(struct cmr__mount *mount, int64_t now)
{
    int64_t ms = FIRST_RETRY_MS, longest = cmr__mount_is_absent(mount) ? POLL_MS : LAST_RETRY_MS;
    for (unsigned i = 0; i < mount->failures && ms < longest; i++)
        ms *= 2;
    mount->failures++;
    mount->look_at = cmr__clock_after_ms(now, ms < longest ? ms : longest);
}
