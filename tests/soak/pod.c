/* SPDX-License-Identifier: MIT
 *
 * The kubelet's part is the tests' fake one. What the host writes it writes by a path of its own, so that a
 * container's mounts may come and go meanwhile. Numbers only grow, whatever becomes of the volume: what is
 * covered or unmounted is written anew before it shows again. */
#include "soak/pod.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/util.h"

#define STORE "mode=755,size=4m"

static void check(bool good, const char *what, const struct pod *pod)
{
    if (good)
        return;
    fprintf(stderr, "soak: %s: %s: %s\n", pod->name, what, strerror(errno));
    exit(2);
}

/* ---- writing */

static void set_number(struct pod *pod, uint64_t number, bool bad)
{
    pod->number = number;
    pod->is_whole = false;
    contents_set(&pod->kubelet, pod->name, number, bad);
}

static void swap(struct pod *pod, enum cmr__volume_step step)
{
    fake_kubelet_swap_until(&pod->kubelet, step);
    pod->shared->swaps += step == CMR__VOLUME_WHOLE || step >= CMR__VOLUME_SWAP;
}

void pod_write_until(struct pod *pod, enum cmr__volume_step step)
{
    set_number(pod, pod->number + 1, false);
    swap(pod, step);
}

void pod_write(struct pod *pod)
{
    pod_write_until(pod, CMR__VOLUME_WHOLE);
}

void pod_write_bad(struct pod *pod)
{
    set_number(pod, pod->number + 1, true);
    swap(pod, CMR__VOLUME_WHOLE);
}

bool pod_try_write(struct pod *pod)
{
    set_number(pod, pod->number + 1, false);
    bool written = fake_kubelet_try_swap(&pod->kubelet);
    check(written || errno == ENOSPC, "swap", pod);
    pod->shared->swaps += written;
    pod->shared->no_room += !written;
    return written;
}

static void set_last(struct pod *pod)
{
    uint64_t shape = pod->number % CONTENTS_SHAPES;
    set_number(pod, pod->number - shape + CONTENTS_SHAPES, false);
}

void pod_write_last(struct pod *pod)
{
    set_last(pod);
    swap(pod, CMR__VOLUME_WHOLE);
    pod->is_whole = true;
}

void pod_prepare_last(struct pod *pod, char *ret_folder, size_t size)
{
    char link[160], target[NAME_MAX + 1] = "";
    set_last(pod);
    swap(pod, CMR__VOLUME_TMP_LINK);
    snprintf(link, sizeof link, "%s/..data_tmp", pod->kubelet.dir);
    check(readlink(link, target, sizeof target - 1) > 0, link, pod);
    snprintf(ret_folder, size, "%s/%s", pod->kubelet.dir, target);
}

void pod_swap_prepared(struct pod *pod)
{
    char temporary[160], link[160];
    snprintf(temporary, sizeof temporary, "%s/..data_tmp", pod->kubelet.dir);
    snprintf(link, sizeof link, "%s/..data", pod->kubelet.dir);
    check(rename(temporary, link) == 0, link, pod);
    pod->shared->swaps++;
    pod->is_whole = true;
}

/* ---- what was left behind */

static bool is_left_over(const char *name, const char *target)
{
    return strncmp(name, "..", 2) == 0 && name[2] && strcmp(name, "..data") != 0 && strcmp(name, target) != 0;
}

void pod_sweep(struct pod *pod)
{
    char path[512], target[NAME_MAX + 1] = "";
    struct dirent *next;
    snprintf(path, sizeof path, "%s/..data", pod->kubelet.dir);
    check(readlink(path, target, sizeof target - 1) > 0, path, pod);
    cli_cleanup(cli_close_dir) DIR *listing = opendir(pod->kubelet.dir);
    check(listing != NULL, pod->kubelet.dir, pod);
    while ((next = readdir(listing))) {
        if (!is_left_over(next->d_name, target))
            continue;
        snprintf(path, sizeof path, "%s/%s", pod->kubelet.dir, next->d_name);
        fake_kubelet_remove_tree(path);
    }
}

/* ---- mounting */

void pod_mount(struct pod *pod)
{
    place_bind(pod->is_below ? pod->store : pod->kubelet.dir, pod->point);
}

void pod_unmount(struct pod *pod)
{
    place_unmount(pod->point);
}

static void set_home(struct pod *pod)
{
    if (pod->is_below)
        snprintf(pod->kubelet.dir, sizeof pod->kubelet.dir, "%s/volume", pod->store);
    else
        snprintf(pod->kubelet.dir, sizeof pod->kubelet.dir, "%s/volume.%u", pod->store, pod->incarnation++);
}

void pod_remove(struct pod *pod)
{
    fake_kubelet_remove_volume(&pod->kubelet);
    pod->is_whole = false;
}

void pod_make_anew(struct pod *pod)
{
    set_home(pod);
    pod_write_last(pod);
    if (pod->is_below)
        return;
    pod_unmount(pod);
    pod_mount(pod);
}

void pod_replace_store(struct pod *pod)
{
    pod_unmount(pod);
    place_unmount(pod->store);
    place_mount_tmpfs(pod->store, STORE);
    set_home(pod);
    pod_write_last(pod);
    pod_mount(pod);
}

void pod_open(struct pod *pod, const struct place *place, unsigned which, struct soak_shared *shared)
{
    *pod = (struct pod){ .name = soak_volume_names[which],
                         .shared = shared,
                         .kubelet = { .payload = PAYLOAD_INIT },
                         .is_below = which == 1,
                         .number = CONTENTS_FIRST };
    snprintf(pod->store, sizeof pod->store, "%s/store-%s", place->root, pod->name);
    snprintf(pod->point, sizeof pod->point, "%s/%s", place->root, pod->name);
    snprintf(pod->path, sizeof pod->path, "%s%s", pod->point, pod->is_below ? "/volume" : "");
    place_make_folder(pod->store);
    place_make_folder(pod->point);
    place_mount_tmpfs(pod->store, STORE);
    set_home(pod);
    pod_write_last(pod);
    pod_mount(pod);
}

void pod_close(struct pod *pod)
{
    payload_clear(&pod->kubelet.payload);
}
