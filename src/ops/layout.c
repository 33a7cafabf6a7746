/* SPDX-License-Identifier: MIT
 *
 * What a volume holds besides its current generation. A kubelet that is killed, or whose disk is full, leaves
 * things behind; so may one that is at work right now. The library reads the generation and ignores all of
 * it; programs that open DIR/KEY depend on the links. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ops/patient.h"
#include "source/volume.h"

static const struct cmr__topic current = { CMR_FINDING_OK, "generation", "" };
static const struct cmr__topic orphan = {
    CMR_FINDING_NOTE, "orphan_generation",
    "the kubelet was killed, or its disk was full: nothing reads it, it only takes space"
};
static const struct cmr__topic stale = { CMR_FINDING_NOTE, "stale_tmp",
                                         "harmless: the next swap writes it anew" };
static const struct cmr__topic stray = { CMR_FINDING_NOTE, "stray", "nothing reads it through ..data" };
static const struct cmr__topic dangling = {
    CMR_FINDING_NOTE, "dangling_link", "programs that open it by this name fail; this library reads ..data"
};
static const struct cmr__topic missing = { CMR_FINDING_WARNING, "missing_link",
                                           "programs that open it by this name fail; this library reads "
                                           "..data. The kubelet mends it at the next change" };

/* The kubelet names a generation by the time when it wrote it, in UTC. */
static void tell_generation(cmr_examination *examination, const char *target)
{
    unsigned year, month, day, hour, minute, second;
    if (sscanf(target, "..%4u_%2u_%2u_%2u_%2u_%2u.", &year, &month, &day, &hour, &minute, &second) == 6)
        cmr__examination_add(examination, &current, target,
                             "by its name written %04u-%02u-%02u %02u:%02u:%02u UTC", year, month, day, hour,
                             minute, second);
    else
        cmr__examination_add(examination, &current, target, "what ..data points at");
}

static void tell_hidden(cmr_examination *examination, const char *name, const char *target)
{
    if (strcmp(name, "..data_tmp") == 0)
        cmr__examination_add(examination, &stale, name, "a swap that was not finished");
    else if (strcmp(name, "..data") != 0 && strcmp(name, target) != 0)
        cmr__examination_add(examination, &orphan, name, "not the current generation");
}

static void tell_visible(cmr_examination *examination, int directory, const char *name)
{
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (!S_ISLNK(status.st_mode))
        cmr__examination_add(examination, &stray, name,
                             "lies in the volume, and is no link of the kubelet's");
    else if (fstatat(directory, name, &status, 0) != 0 && errno == ENOENT)
        cmr__examination_add(examination, &dangling, name, "leads to a key that is gone");
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *open_stream(int directory, const char *name)
{
    int listing = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = listing >= 0 ? fdopendir(listing) : NULL;
    if (!stream)
        cmr__close_fd(&listing);
    return stream;
}

static void look_around(cmr_examination *examination, int directory, const char *target)
{
    DIR *stream = open_stream(directory, ".");
    for (const struct dirent *entry; stream && (entry = readdir(stream));) {
        const char *name = entry->d_name;
        if (is_dots(name))
            continue;
        if (name[0] == '.' && name[1] == '.')
            tell_hidden(examination, name, target);
        else
            tell_visible(examination, directory, name);
    }
    if (stream)
        closedir(stream);
}

static void look_for_links(cmr_examination *examination, int directory, const char *target)
{
    DIR *stream = open_stream(directory, target);
    for (const struct dirent *entry; stream && (entry = readdir(stream));) {
        struct stat status;
        if (!is_dots(entry->d_name) && fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 &&
            errno == ENOENT)
            cmr__examination_add(examination, &missing, entry->d_name, "a key without a link to it");
    }
    if (stream)
        closedir(stream);
}

void cmr__layout_examine(const struct cmr__patient *patient)
{
    int directory = patient->mount->source.directory;
    char target[CMR__IDENTITY_SIZE];
    if (directory < 0 || cmr__volume_link(directory, target) != CMR_OK)
        return;
    tell_generation(patient->examination, target);
    look_around(patient->examination, directory, target);
    look_for_links(patient->examination, directory, target);
}
