/* SPDX-License-Identifier: MIT
 *
 * Faults of volumes: of kubelets, disks, modes and mounts. Each leaves the volume in a state from which the
 * next generation can be written. Some end with a last generation of their own that is in place already, so
 * that the follower must arrive at it by itself, without any later event. */
#include "soak/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "soak/writer.h"

static void path_in(char path[static 256], const char *folder, const char *name)
{
    snprintf(path, 256, "%s/%s", folder, name);
}

/* ---- kubelets */

static void killed_at_a_step(struct scene *scene, struct pod *pod)
{
    unsigned times = 1 + chance_below(&scene->chance, 3);
    for (unsigned i = 0; i < times; i++) {
        pod_write_until(pod, CMR__VOLUME_GENERATION + chance_below(&scene->chance, CMR__VOLUME_UNLINK));
        scene_rest(scene, 5);
    }
}

static void killed_at_any_moment(struct scene *scene, struct pod *pod)
{
    struct writer writer;
    writer_start(&writer, pod, 500);
    scene_rest(scene, 30);
    writer_kill(&writer);
}

static void stale_link(struct scene *scene, struct pod *pod)
{
    char path[256];
    path_in(path, pod->kubelet.dir, "..data_tmp");
    unlink(path);
    if (symlink(scene_toss(scene) ? "..2020_01_01_00_00_00.1" : "nowhere", path) == 0)
        scene_rest(scene, 5);
}

static void orphans(struct scene *scene, struct pod *pod)
{
    char path[256], name[64];
    unsigned count = 1 + chance_below(&scene->chance, 5);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, "..2020_01_01_00_00_00.%u", i);
        path_in(path, pod->kubelet.dir, name);
        mkdir(path, 0755);
        strcat(path, "/volume");
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
        scene_rest(scene, 2);
    }
}

static void dangling(struct scene *scene, struct pod *pod)
{
    char path[256];
    path_in(path, pod->kubelet.dir, "..data_tmp");
    unlink(path);
    fake_kubelet_link(&pod->kubelet, "..2020_01_01_00_00_00.9");
    pod->is_whole = false;
    scene_rest(scene, 30);
}

static void burst(struct scene *scene, struct pod *pod)
{
    struct writer writer;
    writer_start(&writer, pod, 0);
    scene_rest(scene, 80);
    writer_stop(&writer, pod);
}

/* Up to 1.22 the links came before the swap. */
static void old_order(struct scene *scene, struct pod *pod)
{
    static const char *const names[] = { "extra", "shape", "of-the-next-one" };
    char path[256], target[64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(path, pod->kubelet.dir, names[i]);
        snprintf(target, sizeof target, "..data/%s", names[i]);
        if (symlink(target, path) == 0)
            scene_rest(scene, 2);
    }
    pod_write(pod);
    unlink(path);
}

static gid_t storm_group;

static int storm(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)walk;
    if (lchown(path, (uid_t)-1, storm_group) != 0 || type == FTW_SL)
        return 0;
    chmod(path, status->st_mode ^ S_IWGRP);
    return 0;
}

/* The kubelet's walk for an fsGroup, again and again; up to 1.26 it came after the swap. */
static void fs_group(struct scene *scene, struct pod *pod)
{
    unsigned times = 1 + chance_below(&scene->chance, 20);
    bool after = scene_toss(scene);
    storm_group = scene->place.has_other_user ? 65534 : getegid();
    if (after)
        pod_write(pod);
    for (unsigned i = 0; i < times; i++)
        nftw(pod->kubelet.dir, storm, 16, FTW_PHYS);
}

static void bad_files(struct scene *scene, struct pod *pod)
{
    unsigned times = 1 + chance_below(&scene->chance, 3);
    for (unsigned i = 0; i < times; i++) {
        pod_write_bad(pod);
        scene_rest(scene, 30);
    }
}

/* ---- disks and modes */

/* Fills the file system but for some pages, so that a write fails now here, now there. */
static void disk_full(struct scene *scene, struct pod *pod)
{
    static const char zeros[4096];
    char path[256];
    unsigned left = chance_below(&scene->chance, 20), tries = 1 + chance_below(&scene->chance, 3);
    path_in(path, pod->store, "ballast");
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    off_t size = 0;
    while (write(file, zeros, sizeof zeros) == (ssize_t)sizeof zeros)
        size += (off_t)sizeof zeros;
    if (ftruncate(file, size > (off_t)left * 4096 ? size - (off_t)left * 4096 : 0) != 0)
        snprintf(scene->wrong, sizeof scene->wrong, "ftruncate: %s", strerror(errno));
    close(file);
    for (unsigned i = 0; i < tries; i++)
        pod_try_write(pod);
    scene_rest(scene, 20);
    unlink(path);
}

/* A generation that cannot be read for a while, and then can. */
static void no_access(struct scene *scene, struct pod *pod)
{
    static const char *const names[] = { ".", "app.yaml", "nested", "nested/deep/number" };
    char folder[256], path[300];
    struct stat status;
    pod_prepare_last(pod, folder, sizeof folder);
    snprintf(path, sizeof path, "%s/%s", folder, names[chance_below(&scene->chance, 4)]);
    if (stat(path, &status) != 0 || chmod(path, 0) != 0)
        snprintf(scene->wrong, sizeof scene->wrong, "chmod: %s", strerror(errno));
    pod_swap_prepared(pod);
    scene_rest(scene, 200);
    chmod(path, status.st_mode & 07777);
}

/* ---- mounts */

static void remounted(struct scene *scene, struct pod *pod)
{
    bool write = scene_toss(scene);
    pod_unmount(pod);
    scene_rest(scene, 50);
    if (write)
        pod_write_last(pod);
    pod_mount(pod);
    scene->is_quiet = true;
}

/* Another volume is mounted over this one, and taken away again. */
static void over_mounted(struct scene *scene, struct pod *pod)
{
    char home[sizeof pod->kubelet.dir];
    snprintf(home, sizeof home, "%s", pod->kubelet.dir);
    place_mount_tmpfs(pod->path, "mode=755,size=1m");
    snprintf(pod->kubelet.dir, sizeof pod->kubelet.dir, "%s", pod->path);
    pod_write(pod);
    scene_rest(scene, 300);
    snprintf(pod->kubelet.dir, sizeof pod->kubelet.dir, "%s", home);
    pod_write_last(pod);
    place_unmount(pod->path);
    scene->is_quiet = true;
}

static void torn_down(struct scene *scene, struct pod *pod)
{
    pod_remove(pod);
    scene_rest(scene, 100);
    pod_make_anew(pod);
}

static void replaced(struct scene *scene, struct pod *pod)
{
    pod_replace_store(pod);
    scene->is_quiet = true;
    scene_rest(scene, 5);
}

static void moved_away(struct scene *scene, struct pod *pod)
{
    char away[256];
    snprintf(away, sizeof away, "%s.away", pod->kubelet.dir);
    if (rename(pod->kubelet.dir, away) != 0)
        return;
    scene_rest(scene, 50);
    rename(away, pod->kubelet.dir);
}

const struct fault volume_faults[] = {
    { "kubelet killed after a step of a write", killed_at_a_step, false },
    { "kubelet killed at any moment", killed_at_any_moment, false },
    { "stale ..data_tmp", stale_link, false },
    { "orphan generations", orphans, false },
    { "..data that leads nowhere", dangling, false },
    { "burst of swaps", burst, false },
    { "links before the swap", old_order, false },
    { "fsGroup storm", fs_group, false },
    { "bad files", bad_files, false },
    { "no space on the disk", disk_full, false },
    { "no permission", no_access, false },
    { "unmounted and mounted", remounted, false },
    { "mounted over", over_mounted, false },
    { "removed and made anew", torn_down, false },
    { "another file system", replaced, false },
    { "moved away and back", moved_away, false },
    { NULL, NULL, false },
};
