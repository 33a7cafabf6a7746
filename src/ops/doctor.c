/* SPDX-License-Identifier: MIT
 *
 * The path is looked at and read as a reloader does it, by the same mount and the same load: so the verdict
 * is what a reloader would tell, and no second opinion. The findings say why, and what else could be in the
 * way one day.
 *
 * The use of inotify is counted before there is an instance of our own. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "ops/inotify_use.h"
#include "ops/patient.h"

/* ---- looking */

static cmr_status look(struct cmr__patient *patient)
{
    int64_t now = cmr__clock_now();
    (void)cmr__inotify_open(&patient->inotify);
    patient->place = open(patient->mount->path, O_PATH | O_CLOEXEC);
    patient->seen = cmr__mount_check(patient->mount, &patient->inotify, now);
    if (patient->seen == CMR__LOOK_NEW) {
        cmr_status status = cmr__mount_begin(patient->mount, false, &patient->load);
        if (status != CMR_OK)
            return status;
        cmr__load_run(patient->load);
        patient->seen = cmr__mount_finish(patient->mount, patient->load, &patient->inotify, now);
    }
    return patient->mount->failure == CMR_ERR_NO_MEMORY ? CMR_ERR_NO_MEMORY : CMR_OK;
}

static cmr_follow_mode follow_of(const struct cmr__mount *mount)
{
    switch (mount->state) {
    case CMR_MOUNT_READY:
        return CMR_FOLLOW_EVENTS;
    case CMR_MOUNT_POLLING:
        return CMR_FOLLOW_POLLING;
    case CMR_MOUNT_STATIC:
        return CMR_FOLLOW_NEVER;
    default:
        return mount->reason == CMR_REASON_GENERATION || mount->reason == CMR_REASON_WRONG_KIND
                   ? CMR_FOLLOW_NEVER
                   : CMR_FOLLOW_WAITING;
    }
}

static void judge(const struct cmr__patient *patient)
{
    const struct cmr__mount *mount = patient->mount;
    cmr_verdict *verdict = &patient->examination->verdict;
    memcpy(patient->examination->message, mount->message, sizeof mount->message);
    verdict->follow = follow_of(mount);
    verdict->loads = patient->seen == CMR__LOOK_LOADED;
    verdict->kind = mount->source.kind;
    verdict->reason = mount->reason;
}

/* ---- findings */

/* Up to its first part that cannot be reached. */
static void cut_path(char *path)
{
    struct stat status;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (stat(path, &status) != 0)
            return;
        *slash = '/';
    }
}

static void examine_absence(const struct cmr__patient *patient)
{
    const struct cmr__mount *mount = patient->mount;
    struct cmr__topic topic = { CMR_FINDING_PROBLEM, "path", cmr__advice(mount->reason) };
    cmr_cleanup(cmr__free_ptr) char *path = strdup(mount->path);
    if (mount->settings.optional && follow_of(mount) == CMR_FOLLOW_WAITING)
        topic.level = CMR_FINDING_NOTE;
    if (path && patient->place < 0)
        cut_path(path);
    cmr__examination_add(patient->examination, &topic, path, "%s", mount->message);
}

static void examine_path(const struct cmr__patient *patient)
{
    static const struct cmr__topic there = { CMR_FINDING_OK, "path", "" };
    static const char *const what[] = {
        [CMR_KIND_AUTO] = "is there",
        [CMR_KIND_VOLUME] = "a volume, whose ..data is swapped",
        [CMR_KIND_DIRECTORY] = "a plain directory, compared by content when it is quiet",
        [CMR_KIND_FILE] = "a single file, followed through its directory",
    };
    if (patient->mount->state == CMR_MOUNT_WAITING)
        examine_absence(patient);
    else
        cmr__examination_add(patient->examination, &there, patient->mount->path, "%s",
                             what[patient->mount->source.kind]);
}

static void tell_faults(const struct cmr__patient *patient, const cmr_report *report)
{
    static const struct cmr__topic bad = { CMR_FINDING_PROBLEM, "contents",
                                           "a program keeps its last good contents until it is mended: "
                                           "change the ConfigMap, or the program's options" };
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        cmr_cleanup(cmr__free_ptr) char *text = cmr__diagnostic_format(cmr_report_get(report, i));
        if (text)
            cmr__examination_add(patient->examination, &bad, NULL, "%s", text);
        patient->examination->failed |= !text;
    }
}

/* Files that may not be read were told one by one. */
static void tell_failure(const struct cmr__patient *patient)
{
    struct cmr__cause cause = cmr__mount_cause_of_failure(patient->mount);
    struct cmr__topic topic = { CMR_FINDING_PROBLEM, "contents", cmr__advice(cause.reason) };
    cmr__examination_add(patient->examination, &topic, NULL, "cannot be read: %s", cause.message);
}

static void examine_contents(const struct cmr__patient *patient)
{
    static const struct cmr__topic good = { CMR_FINDING_OK, "contents", "" };
    const struct cmr__load *load = patient->load;
    if (patient->seen == CMR__LOOK_FAILED && patient->mount->state != CMR_MOUNT_WAITING)
        tell_failure(patient);
    if (!load)
        return;
    cmr__report_finish(load->reports.refused);
    tell_faults(patient, load->reports.refused);
    if (patient->seen == CMR__LOOK_LOADED)
        cmr__examination_add(patient->examination, &good, NULL, "%zu file%s, read and parsed",
                             load->part->count, load->part->count == 1 ? "" : "s");
}

/* With nothing to follow, it is tried on what is always there. */
static struct cmr__cause try_watch(const struct cmr__patient *patient)
{
    struct cmr__inotify inotify = patient->inotify;
    int watch;
    if (inotify.descriptor < 0)
        return inotify.cause;
    if (patient->mount->source.directory >= 0)
        return patient->mount->unwatched;
    cmr_cleanup(cmr__close_fd) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return cmr__inotify_add(&inotify, root, "/", &watch) == CMR_OK ? CMR__NO_CAUSE
                                                                   : cmr__inotify_cause(errno);
}

static void examine_watch(const struct cmr__patient *patient)
{
    struct cmr__cause cause = try_watch(patient);
    struct cmr__topic topic = { cause.reason ? CMR_FINDING_WARNING : CMR_FINDING_OK, "watch",
                                cmr__advice(cause.reason) };
    cmr__examination_add(patient->examination, &topic, NULL, "%s",
                         cause.reason ? cause.message : "an inotify instance and a watch can be had");
}

/* ---- the whole */

static void end(struct cmr__patient *patient)
{
    cmr__load_free(patient->load);
    cmr__mount_free(patient->mount, &patient->inotify);
    cmr__inotify_close(&patient->inotify);
    cmr__close_fd(&patient->place);
}

static cmr_status examine(struct cmr__patient *patient)
{
    struct cmr__inotify_use use;
    cmr__inotify_use_count(&use);
    cmr_status status = look(patient);
    if (status != CMR_OK)
        return status;
    examine_path(patient);
    cmr__mounted_examine(patient);
    cmr__layout_examine(patient);
    cmr__access_examine(patient);
    examine_contents(patient);
    examine_watch(patient);
    cmr__inotify_use_examine(&use, patient->examination);
    judge(patient);
    return patient->examination->failed ? CMR_ERR_NO_MEMORY : CMR_OK;
}

cmr_status cmr_examine(const char *path, const cmr_mount_options *options, cmr_examination **ret_examination)
{
    struct cmr__patient patient = { .inotify = CMR__INOTIFY_INIT, .place = -1 };
    if (!path || !path[0] || !ret_examination)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cleanup(cmr__examination_free_place) cmr_examination *examination = cmr__examination_new();
    if (!examination)
        return CMR_ERR_NO_MEMORY;
    patient.examination = examination;
    cmr_status status = cmr__mount_new(path, options, &patient.mount);
    if (status == CMR_OK)
        status = examine(&patient);
    end(&patient);
    if (status == CMR_OK)
        *ret_examination = CMR_TAKE(examination);
    return status;
}
