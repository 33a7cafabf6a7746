/* SPDX-License-Identifier: MIT
 *
 * The kubelet's AtomicWriter, step by step and in its order (Kubernetes 1.35):
 *
 *   compare with the generation that ..data names, and stop if it holds the same;
 *   mkdir ..YYYY_MM_DD_HH_MM_SS.RANDOM; write its files, in random order;
 *   symlink ..data_tmp and rename it to ..data: the swap;
 *   link new keys, unlink removed ones, remove the old generation file by file.
 *
 * Like the kubelet it leaves alone what a killed writer left behind (but for ..data_tmp, which is in its
 * way), gives an unchanged volume the links it lacks, and leaves a half-written generation behind when the
 * disk is full. `update` below is the table of steps; a writer that is told to stop after one of them is, to
 * all who follow the volume, a writer killed there.
 *
 * Unlike the kubelet it can make each step last before the next begins: the new generation, with its name,
 * before the swap, and the swap before anything old goes. So power may fail anywhere. */
#include "source/volume_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "source/durable.h"
#include "source/removal.h"
#include "source/volume.h"
#include "source/volume_contents.h"
#include "source/volume_files.h"

struct writer {
    const struct cmr__volume_order *order;
    cmr_volume_result *result;
    const char *path;
    int directory;                     /* the volume */
    int generation;                    /* the new one's directory */
    struct cmr__fileset old;           /* what the volume holds */
    char old_name[CMR__IDENTITY_SIZE]; /* "": nothing */
    bool strange;                      /* what it holds is not to be compared with */
    bool swapped;
};

__attribute__((format(printf, 2, 3))) static void say(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(writer->result->message, sizeof writer->result->message, format, arguments);
    va_end(arguments);
}

/* For a failed system call: what was tried, on what, and errno's text. */
static cmr_status fail(struct writer *writer, const char *what, const char *name)
{
    int error = errno;
    say(writer, "%s %s: %s", what, name, strerror(error));
    errno = error;
    return error == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
}

static cmr_status refuse(struct writer *writer, const char *why)
{
    say(writer, "%s", why);
    return CMR_ERR_REJECTED;
}

/* ---- reading the volume */

static cmr_status read_no_link(struct writer *writer)
{
    if (errno == EINVAL)
        return refuse(writer, "..data is not a symbolic link");
    if (errno != ENOENT)
        return fail(writer, "readlink", "..data");
    if (cmr__has_strays_only(writer->directory))
        return CMR_OK;
    return errno ? fail(writer, "list", writer->path)
                 : refuse(writer, "not empty, and no ConfigMap volume (no ..data in it)");
}

/* What ..data names becomes the argument of a recursive removal: so it must be a child of this directory, and
 * a writer's. */
static cmr_status read_link(struct writer *writer)
{
    char *target = writer->old_name;
    ssize_t length = readlinkat(writer->directory, "..data", target, sizeof writer->old_name);
    if (length < 0) {
        target[0] = '\0';
        return read_no_link(writer);
    }
    if ((size_t)length >= sizeof writer->old_name || length < 3 || strncmp(target, "..", 2) != 0 ||
        memchr(target, '/', (size_t)length)) {
        target[0] = '\0';
        return refuse(writer, "..data does not point at a generation directory beside it");
    }
    target[length] = '\0';
    return CMR_OK;
}

static cmr_status read_files(struct writer *writer)
{
    static const cmr_limits none = { UINT64_MAX, UINT64_MAX, UINT32_MAX, 250, UINT32_MAX };
    const struct cmr__tree_rules rules = { .limits = &none };
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    uint64_t retries = 0;
    if (!report)
        return fail(writer, "read", writer->old_name);
    cmr_status status = cmr__volume_read(writer->directory, &rules, report, &writer->old, &retries);
    if (status == CMR_ERR_NOT_FOUND) /* a dangling ..data */
        writer->old_name[0] = '\0';
    else if (status == CMR_ERR_REJECTED || (status == CMR_ERR_SYSTEM && writer->order->hash))
        writer->strange = true;
    else if (status != CMR_OK)
        return fail(writer, "read", writer->old_name);
    return CMR_OK;
}

static bool is_same(const struct writer *writer)
{
    if (!writer->old_name[0] || writer->strange || cmr__fileset_count(&writer->old) != writer->order->count)
        return false;
    for (size_t i = 0; i < writer->order->count; i++) {
        const struct cmr__file *old = cmr__fileset_at(&writer->old, i);
        const cmr_file *new = &writer->order->files[i];
        if (old->size != new->size || strcmp(old->name, new->name) != 0 ||
            (new->size &&memcmp(old->data, new->data, new->size) != 0))
            return false;
    }
    return true;
}

/* ---- the steps */

/* As os.MkdirTemp names it; the time is UTC. With a hash the name has 59 characters: a link that leads to a
 * longer one has a block of its own on ext4, which no fsync can wait for. */
static cmr_status name_generation(struct writer *writer)
{
    const char *hash = writer->order->hash;
    char stamp[32];
    struct tm utc;
    time_t now = (time_t)cmr__clock_wall_time();
    unsigned suffix;
    if (getrandom(&suffix, sizeof suffix, 0) != sizeof suffix)
        return fail(writer, "getrandom", "");
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof stamp, "..%Y_%m_%d_%H_%M_%S", &utc);
    snprintf(writer->result->generation, sizeof writer->result->generation, "%s.%u%s%s", stamp,
             hash ? suffix % 10000 : suffix, hash ? "." : "", hash ? hash : "");
    return CMR_OK;
}

static cmr_status make_generation(struct writer *writer)
{
    const char *name = writer->result->generation;
    int made = -1;
    for (int attempt = 0; attempt < 1000 && made != 0; attempt++) {
        cmr_status status = name_generation(writer);
        if (status != CMR_OK)
            return status;
        made = mkdirat(writer->directory, name, 0700);
        if (made != 0 && errno != EEXIST)
            break;
    }
    if (made != 0)
        return fail(writer, "mkdir", name);
    if (fchmodat(writer->directory, name, cmr__volume_directory_mode(writer->order->restricted), 0) != 0)
        return fail(writer, "chmod", name);
    writer->generation = openat(writer->directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return writer->generation >= 0 ? CMR_OK : fail(writer, "open", name);
}

static cmr_status write_files(struct writer *writer)
{
    const struct cmr__volume_order *order = writer->order;
    struct cmr__volume_obstacle obstacle;
    if (!cmr__volume_write_contents(writer->generation, order->files, order->count, order->restricted,
                                    &obstacle))
        return fail(writer, obstacle.what, obstacle.name);
    if (order->sync && (!cmr__sync_files(writer->generation, order->files, order->count) ||
                        !cmr__sync_directory(writer->directory)))
        return fail(writer, "fsync", writer->result->generation);
    return CMR_OK;
}

static cmr_status link_tmp(struct writer *writer)
{
    const char *target = writer->result->generation;
    if (symlinkat(target, writer->directory, "..data_tmp") == 0)
        return CMR_OK;
    /* A writer was killed before its swap. */
    if (errno == EEXIST && unlinkat(writer->directory, "..data_tmp", 0) == 0 &&
        symlinkat(target, writer->directory, "..data_tmp") == 0)
        return CMR_OK;
    return fail(writer, "symlink", "..data_tmp");
}

/* The first swap makes a volume of the directory, which has to last as well. */
static cmr_status sync_swap(struct writer *writer)
{
    if (!writer->order->sync)
        return CMR_OK;
    if (!cmr__sync_directory(writer->directory))
        return fail(writer, "fsync", writer->path);
    return writer->old_name[0] || cmr__sync_parent(writer->path)
               ? CMR_OK
               : fail(writer, "fsync of what holds", writer->path);
}

static cmr_status swap(struct writer *writer)
{
    if (renameat(writer->directory, "..data_tmp", writer->directory, "..data") != 0)
        return fail(writer, "rename", "..data_tmp");
    writer->swapped = true;
    return sync_swap(writer);
}

static cmr_status create_link(struct writer *writer, const char *name)
{
    char target[NAME_MAX + sizeof "..data/"], link[1];
    if (readlinkat(writer->directory, name, link, sizeof link) >= 0)
        return CMR_OK;
    snprintf(target, sizeof target, "..data/%s", name);
    return symlinkat(target, writer->directory, name) == 0 ? CMR_OK : fail(writer, "symlink", name);
}

static cmr_status create_links(struct writer *writer)
{
    char name[NAME_MAX + 1] = "";
    for (size_t i = 0; i < writer->order->count; i++) {
        const char *path = writer->order->files[i].name;
        size_t length = cmr__volume_visible_length(path);
        if (strncmp(name, path, length) == 0 && name[length] == '\0')
            continue; /* the folder that the one before is in */
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        cmr_status status = create_link(writer, name);
        if (status != CMR_OK)
            return status;
    }
    return CMR_OK;
}

static cmr_status unlink_removed(struct writer *writer)
{
    const struct cmr__volume_order *order = writer->order;
    char name[NAME_MAX + 1];
    for (size_t i = 0; i < cmr__fileset_count(&writer->old); i++) {
        const char *path = cmr__fileset_at(&writer->old, i)->name;
        size_t length = cmr__volume_visible_length(path);
        if (cmr__volume_files_show(order->files, order->count, path, length))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        if (unlinkat(writer->directory, name, 0) != 0 && errno != ENOENT)
            return fail(writer, "unlink", name);
    }
    return CMR_OK;
}

static cmr_status remove_old(struct writer *writer)
{
    const char *now = writer->swapped ? writer->result->generation : writer->old_name;
    if (writer->order->hash)
        return cmr__remove_strays(writer->directory, now) ? CMR_OK : fail(writer, "remove beside", now);
    if (writer->old_name[0] && !cmr__remove_tree(writer->directory, writer->old_name))
        return fail(writer, "remove", writer->old_name);
    return CMR_OK;
}

/* ---- the writer */

static const struct {
    enum cmr__volume_step step;
    const char *name;
    cmr_status (*run)(struct writer *writer);
} update[] = {
    { CMR__VOLUME_GENERATION, "generation", make_generation },
    { CMR__VOLUME_FILES, "files", write_files },
    { CMR__VOLUME_TMP_LINK, "tmp-link", link_tmp },
    { CMR__VOLUME_SWAP, "swap", swap },
    { CMR__VOLUME_LINKS, "links", create_links },
    { CMR__VOLUME_UNLINK, "unlink", unlink_removed },
    { CMR__VOLUME_WHOLE, "", remove_old },
};

bool cmr__volume_step_from_name(const char *name, enum cmr__volume_step *ret_step)
{
    for (size_t i = 0; update[i].step != CMR__VOLUME_WHOLE; i++) {
        if (strcmp(update[i].name, name) == 0) {
            *ret_step = update[i].step;
            return true;
        }
    }
    return false;
}

/* The kubelet takes its new generation away when the swap fails, not when the disk is full. */
static void take_back(struct writer *writer, enum cmr__volume_step failed)
{
    int error = errno;
    if (!writer->swapped && (writer->order->hash || failed >= CMR__VOLUME_TMP_LINK)) {
        unlinkat(writer->directory, "..data_tmp", 0);
        cmr__remove_tree(writer->directory, writer->result->generation);
    }
    errno = error;
}

static cmr_status write_generation(struct writer *writer)
{
    enum cmr__volume_step last = writer->order->stop_after;
    for (size_t i = 0; i < sizeof update / sizeof update[0]; i++) {
        cmr_status status = update[i].run(writer);
        if (status != CMR_OK) {
            take_back(writer, update[i].step);
            return status;
        }
        if (update[i].step == last)
            break;
    }
    writer->result->written = true;
    return CMR_OK;
}

/* Since 1.29 the kubelet brings the links that a killed one did not come to make. */
static cmr_status leave(struct writer *writer)
{
    cmr_status status = CMR_OK;
    snprintf(writer->result->generation, sizeof writer->result->generation, "%s", writer->old_name);
    if (writer->order->sync &&
        !cmr__sync_directory(writer->directory)) /* who wrote it may have failed in that */
        status = fail(writer, "fsync", writer->path);
    if (status == CMR_OK)
        status = create_links(writer);
    return status == CMR_OK && writer->order->hash ? remove_old(writer) : status;
}

static cmr_status write_if_changed(struct writer *writer)
{
    cmr_status status = read_link(writer);
    if (status == CMR_OK && writer->old_name[0])
        status = read_files(writer);
    if (status != CMR_OK)
        return status;
    return is_same(writer) ? leave(writer) : write_generation(writer);
}

/* Where there are no locks it goes without. */
static cmr_status lock(struct writer *writer)
{
    if (!writer->order->hash || flock(writer->directory, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return CMR_OK;
    say(writer, "another process is writing there");
    return CMR_ERR_BUSY;
}

static cmr_status write_volume(struct writer *writer)
{
    if (mkdir(writer->path, cmr__volume_directory_mode(writer->order->restricted)) != 0 && errno != EEXIST)
        return fail(writer, "mkdir", writer->path);
    writer->directory = open(writer->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->directory < 0)
        return fail(writer, "open", writer->path);
    cmr_status status = lock(writer);
    return status == CMR_OK ? write_if_changed(writer) : status;
}

cmr_status cmr__volume_write(const char *path, const struct cmr__volume_order *order,
                             cmr_volume_result *ret_result)
{
    struct writer writer = { .order = order,
                             .result = ret_result,
                             .path = path,
                             .directory = -1,
                             .generation = -1,
                             .old = CMR__FILESET_INIT };
    *ret_result = (cmr_volume_result)CMR_VOLUME_RESULT_INIT;
    cmr_status status = write_volume(&writer);
    if (status != CMR_OK && !writer.swapped)
        ret_result->generation[0] = '\0';
    cmr__close_fd(&writer.generation);
    cmr__close_fd(&writer.directory);
    int error = errno;
    cmr__fileset_reset(&writer.old);
    errno = error;
    return status;
}
