/* SPDX-License-Identifier: MIT
 *
 * Faults of the process that follows, its limits and its application; each with generations written
 * meanwhile. */
#include "soak/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "soak/children.h"
#include "soak/guests.h"
#include "soak/writer.h"
#include "support/namespaces.h"

/* ---- events */

static void signal_daemon(const struct scene *scene, int number)
{
    kill(scene->daemon.process, number);
}

static unsigned queue_size(void)
{
    char text[16] = "";
    int file = open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(file);
    unsigned long size = strtoul(text, NULL, 10);
    return size > 0 && size < 100000 ? (unsigned)size : 16384;
}

/* Three events a file: CREATE, CLOSE_WRITE, DELETE. */
static void flood(const struct pod *pod, unsigned events)
{
    char path[256];
    for (unsigned i = 0; i < events / 3; i++) {
        snprintf(path, sizeof path, "%s/..flood.%u", pod->kubelet.dir, i);
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
        unlink(path);
    }
}

/* The queue is full of one volume's events when both are swapped. The daemon is held up, or runs a race. */
static void overflow(struct scene *scene, struct pod *pod)
{
    struct pod *other = scene_other(scene, pod);
    bool stop = chance_below(&scene->chance, 4) != 0, own = scene_toss(scene);
    if (stop)
        signal_daemon(scene, SIGSTOP);
    flood(pod, queue_size() + 600);
    if (other)
        pod_write_last(other);
    if (own)
        pod_write_last(pod);
    signal_daemon(scene, SIGCONT);
}

static void stopped(struct scene *scene, struct pod *pod)
{
    struct pod *other = scene_other(scene, pod);
    signal_daemon(scene, SIGSTOP);
    scene_rest(scene, 20);
    pod_write(pod);
    if (other)
        pod_write_last(other);
    pod_write_last(pod);
    scene_rest(scene, 50);
    signal_daemon(scene, SIGCONT);
}

static void signals(struct scene *scene, struct pod *pod)
{
    unsigned count = 1 + chance_below(&scene->chance, 30);
    for (unsigned i = 0; i < count; i++) {
        signal_daemon(scene, SIGUSR1);
        if (i % 8 == 0)
            pod_write(pod);
        scene_rest(scene, 1);
    }
}

/* ---- limits */

static void limit_descriptors(const struct scene *scene, rlim_t most)
{
    struct rlimit limit;
    if (prlimit(scene->daemon.process, RLIMIT_NOFILE, NULL, &limit) != 0)
        return;
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    prlimit(scene->daemon.process, RLIMIT_NOFILE, &limit, NULL);
}

static void no_descriptors(struct scene *scene, struct pod *pod)
{
    struct rlimit before;
    unsigned most = 4 + chance_below(&scene->chance, 24);
    bool begin = chance_below(&scene->chance, 4) == 0;
    if (prlimit(scene->daemon.process, RLIMIT_NOFILE, NULL, &before) != 0)
        return;
    limit_descriptors(scene, most);
    if (begin)
        scene_begin_life(scene);
    pod_write_last(pod);
    scene_rest(scene, 150);
    limit_descriptors(scene, before.rlim_cur);
}

/* With no watch to be had, a life begins, or the volume is made anew. */
static void limit_inotify(struct scene *scene, struct pod *pod, bool (*limit)(const char *most))
{
    bool begin = scene_toss(scene);
    limit("0");
    if (begin) {
        scene_begin_life(scene);
    } else {
        pod_remove(pod);
        pod_make_anew(pod);
    }
    scene_rest(scene, 200);
    pod_write_last(pod);
    namespaces_lift_limits();
}

static void no_instances(struct scene *scene, struct pod *pod)
{
    limit_inotify(scene, pod, namespaces_limit_instances);
}

static void no_watches(struct scene *scene, struct pod *pod)
{
    limit_inotify(scene, pod, namespaces_limit_watches);
}

/* ---- the application */

static void burst(struct scene *scene, struct pod *pod, unsigned most_ms)
{
    struct writer writer;
    writer_start(&writer, pod, 1000);
    scene_rest(scene, most_ms);
    writer_stop(&writer, pod);
}

static void forks(struct scene *scene, struct pod *pod)
{
    unsigned count = 1 + chance_below(&scene->chance, 3);
    for (unsigned i = 0; i < count; i++) {
        scene_order(scene, ORDER_FORK, chance_below(&scene->chance, CHILDREN_WAYS), NULL);
        pod_write(pod);
    }
}

/* They stay until the daemon is to come to rest. */
static void guests(struct scene *scene, struct pod *pod)
{
    scene_order(scene, ORDER_GUESTS, 1 + chance_below(&scene->chance, GUESTS_MOST), NULL);
    burst(scene, pod, 60);
}

static void held(struct scene *scene, struct pod *pod)
{
    struct answer before, after;
    unsigned count = 1 + chance_below(&scene->chance, 4);
    scene_order(scene, ORDER_HOLD, 0, &before);
    for (unsigned i = 0; i < count; i++) {
        pod_write(pod);
        scene_rest(scene, 20);
    }
    pod_write_last(pod);
    scene_order(scene, ORDER_RELEASE, 0, &after);
    if (before.value != after.value && !scene->wrong[0])
        snprintf(scene->wrong, sizeof scene->wrong,
                 "generation %" PRIu64 " was published while held at %" PRIu64, after.value, before.value);
}

static void second_reloader(struct scene *scene, struct pod *pod)
{
    struct writer writer;
    unsigned count = 1 + chance_below(&scene->chance, 4);
    writer_start(&writer, pod, 1000);
    for (unsigned i = 0; i < count; i++)
        scene_order(scene, ORDER_SECOND, chance_below(&scene->chance, 2 * SOAK_VOLUMES), NULL);
    writer_stop(&writer, pod);
}

static void another_life(struct scene *scene, struct pod *pod)
{
    bool write = scene_toss(scene);
    scene_begin_life(scene);
    if (write)
        pod_write(pod);
}

const struct fault process_faults[] = {
    { "queue of events overflows", overflow, false },
    { "process stopped", stopped, false },
    { "signals, each asks for a check", signals, false },
    { "no descriptor left", no_descriptors, false },
    { "no inotify instance left", no_instances, true },
    { "no inotify watch left", no_watches, true },
    { "process forks", forks, false },
    { "threads subscribe and unsubscribe", guests, false },
    { "held and released", held, false },
    { "a second reloader", second_reloader, false },
    { "another reloader, of another kind", another_life, false },
    { NULL, NULL, false },
};
