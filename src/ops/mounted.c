/* SPDX-License-Identifier: MIT
 *
 * Which volume it is. The kubelet makes a ConfigMap volume in .../volumes/kubernetes.io~configmap/NAME on the
 * node's disk, and a container's bind mount shows that directory as its root. The others are each a tmpfs of
 * their own, whose root says nothing; on the node, the place where it is mounted does. */
#include <stdio.h>
#include <string.h>

#include "ops/patient.h"
#include "source/mountinfo.h"

#define PLUGIN "/kubernetes.io~"

static const struct cmr__topic mounted = { CMR_FINDING_OK, "mount", "" };

/* "configmap/NAME/..." of one of the two paths; NULL: neither is a kubelet's. */
static const char *find_plugin(const struct cmr__mountinfo *mountinfo)
{
    const char *found = strstr(mountinfo->root, PLUGIN);
    if (!found)
        found = strstr(mountinfo->point, PLUGIN);
    return found ? found + strlen(PLUGIN) : NULL;
}

static const char *name_of_plugin(const char *plugin)
{
    static const struct {
        const char *plugin, *name;
    } known[] = {
        { "configmap/", "a ConfigMap volume" },        { "secret/", "a Secret volume" },
        { "projected/", "a projected volume" },        { "downward-api/", "a downward API volume" },
        { "empty-dir/", "an emptyDir, no ConfigMap" }, { "csi/", "a CSI volume" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(plugin, known[i].plugin, strlen(known[i].plugin)) == 0)
            return known[i].name;
    return "a Kubernetes volume";
}

static void tell_kubernetes(const struct cmr__patient *patient, const char *plugin, const char *type,
                            const char *access)
{
    const char *slash = strchr(plugin, '/');
    char name[256] = "";
    if (slash)
        snprintf(name, sizeof name, "%.*s", (int)strcspn(slash + 1, "/"), slash + 1);
    cmr__examination_add(patient->examination, &mounted, name, "%s, on %s, %s", name_of_plugin(plugin), type,
                         access);
}

static void tell(const struct cmr__patient *patient, const struct cmr__mountinfo *mountinfo)
{
    const char *plugin = find_plugin(mountinfo), *access = mountinfo->read_only ? "read-only" : "writable";
    bool volume = patient->mount->source.was_volume;
    if (plugin)
        tell_kubernetes(patient, plugin, mountinfo->type, access);
    else if (volume && strcmp(mountinfo->type, "tmpfs") == 0 && strcmp(mountinfo->root, "/") == 0)
        cmr__examination_add(patient->examination, &mounted, mountinfo->point,
                             "a tmpfs, %s: a Secret, projected or downward API volume, which look alike here",
                             access);
    else
        cmr__examination_add(patient->examination, &mounted, mountinfo->point,
                             "the mount that it lies on, %s, %s", mountinfo->type, access);
}

void cmr__mounted_examine(const struct cmr__patient *patient)
{
    const struct cmr__source *source = &patient->mount->source;
    struct cmr__topic subpath = { CMR_FINDING_PROBLEM, "subpath", cmr__advice(CMR_REASON_SUBPATH) };
    struct cmr__topic eventless = { CMR_FINDING_WARNING, "filesystem", cmr__advice(CMR_REASON_FILESYSTEM) };
    struct cmr__mountinfo mountinfo = CMR__MOUNTINFO_INIT;
    if (patient->place >= 0 && cmr__mountinfo_find(patient->place, &mountinfo) == CMR_OK)
        tell(patient, &mountinfo);
    cmr__mountinfo_reset(&mountinfo);
    if (source->is_subpath)
        cmr__examination_add(patient->examination, &subpath, NULL,
                             "a subPath mount: it shows one generation, and is never updated");
    if (source->eventless.reason)
        cmr__examination_add(patient->examination, &eventless, NULL, "%s", source->eventless.message);
}
