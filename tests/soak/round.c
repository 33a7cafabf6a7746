/* SPDX-License-Identifier: MIT
 *
 * A round makes some faults, one after the other, sometimes while a child writes the other volume. Then all
 * is made whole, and the daemon must arrive at the last generations: the thread that reads, the observer, and
 * each subscriber. At rest it must have what it had before. Where a fault left its own last generation in
 * place, it is often the last one: then no later event helps the daemon to find it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "soak/soak.h"
#include "soak/writer.h"

#define PATIENCE_MS 60000
#define LOOKS 50 /* until what is about to be freed is freed */

/* ---- what may be seen at any time */

static void look(struct soak *soak)
{
    struct scene *scene = &soak->scene;
    int status;
    if (scene->shared->violated) {
        usleep(10000); /* until it is written */
        soak_fail(soak, "%s", scene->shared->violation);
    }
    if (daemon_is_gone(&scene->daemon, false, &status))
        soak_fail(soak, "the daemon is gone, by %s %d", WIFSIGNALED(status) ? "signal" : "exit",
                  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    if (scene->wrong[0])
        soak_fail(soak, "%s", scene->wrong);
}

/* ---- faults */

static size_t count(const struct fault *faults)
{
    size_t number = 0;
    while (faults[number].name)
        number++;
    return number;
}

const struct fault *soak_fault(size_t kind)
{
    size_t volumes = count(volume_faults), processes = count(process_faults);
    if (kind < volumes)
        return &volume_faults[kind];
    return kind - volumes < processes ? &process_faults[kind - volumes] : NULL;
}

bool soak_fault_is_possible(const struct soak *soak, const struct fault *fault)
{
    return !fault->needs_limits || soak->scene.place.has_limits;
}

static void make_fault(struct soak *soak, unsigned number)
{
    struct scene *scene = &soak->scene;
    size_t kind = chance_below(&scene->chance, (unsigned)(count(volume_faults) + count(process_faults)));
    const struct fault *fault = soak_fault(kind);
    struct pod *pod = &scene->pods[chance_below(&scene->chance, SOAK_VOLUMES)];
    if (pod == scene->busy)
        pod = &scene->pods[pod == scene->pods];
    soak->in_round[number] = fault->name;
    soak->in_round[number + 1] = NULL;
    if (!soak_fault_is_possible(soak, fault))
        return;
    soak->faults++;
    soak->made[kind]++;
    fault->make(scene, pod);
    look(soak);
}

static void make_faults(struct soak *soak)
{
    struct scene *scene = &soak->scene;
    struct writer writer;
    unsigned number = 1 + chance_below(&scene->chance, SOAK_MOST_FAULTS);
    scene->shared->wanted[0] = 0;
    struct pod *other = &scene->pods[chance_below(&scene->chance, SOAK_VOLUMES)];
    bool busy = chance_below(&scene->chance, 3) == 0, killed = scene_toss(scene);
    if (busy) {
        scene->busy = other;
        writer_start(&writer, other, 4000);
    }
    for (unsigned i = 0; i < number; i++)
        make_fault(soak, i);
    if (busy && killed)
        writer_kill(&writer);
    else if (busy)
        writer_stop(&writer, other);
    scene->busy = NULL;
}

/* ---- the end of a round */

static void make_whole(struct scene *scene)
{
    scene_order(scene, ORDER_GUESTS, 0, NULL);
    for (unsigned i = 0; i < SOAK_VOLUMES; i++) {
        bool write = scene_toss(scene);
        pod_sweep(&scene->pods[i]);
        if (write || !scene->pods[i].is_whole)
            pod_write_last(&scene->pods[i]);
    }
    if (scene->is_quiet && !(scene->kind & LIFE_CHECKED))
        scene_order(scene, ORDER_CHECK, 0, NULL);
    scene->is_quiet = false;
    for (unsigned i = 0; i < SOAK_VOLUMES; i++)
        scene->shared->wanted[i] = scene->pods[i].number;
}

static bool has_arrived(const struct scene *scene)
{
    for (unsigned i = 0; i < SOAK_VOLUMES; i++) {
        if (scene->shared->states[i] != CMR_MOUNT_READY)
            return false;
        for (unsigned who = 0; who < WITNESSES; who++)
            if (scene->shared->seen[who][i] != scene->pods[i].number)
                return false;
    }
    return true;
}

static void await_arrival(struct soak *soak)
{
    int64_t written = cmr__clock_now();
    while (!has_arrived(&soak->scene)) {
        look(soak);
        if (cmr__clock_now() > cmr__clock_after_ms(written, PATIENCE_MS)) {
            soak->lost++;
            soak_fail(soak, "the last generations did not arrive within %d s", PATIENCE_MS / 1000);
        }
        usleep(1000);
    }
    int64_t took_ms = (cmr__clock_now() - written) / 1000000;
    soak->longest_ms = took_ms > soak->longest_ms ? took_ms : soak->longest_ms;
}

/* The daemon's account; if that is more than it was at first, then again, until it is not. */
static struct account ask_account(struct soak *soak, unsigned kind)
{
    struct answer answer;
    for (int i = 0; i < LOOKS; i++) {
        scene_order(&soak->scene, ORDER_ACCOUNT, 0, &answer);
        look(soak);
        if (!ledger_is_more(&soak->ledger, kind, &answer.account))
            break;
        usleep(10000);
    }
    return answer.account;
}

static void judge_account(struct soak *soak)
{
    unsigned kind = soak->scene.kind & (LIFE_BACKGROUND | LIFE_HELPER);
    struct account now = ask_account(soak, kind), first = soak->ledger.first[kind];
    soak->leaked += ledger_is_more(&soak->ledger, kind, &now);
    ledger_add(&soak->ledger, kind, &now);
    for (int i = 0; i < ASSETS && soak->leaked; i++)
        printf("%s at rest: %" PRIu64 ", at first %" PRIu64 "\n", account_names[i], now.of[i], first.of[i]);
    if (soak->leaked)
        soak_fail(soak, "the daemon has more than it had at first");
}

void soak_begin(struct soak *soak)
{
    await_arrival(soak);
    soak->longest_ms = 0;
}

void soak_round(struct soak *soak)
{
    soak->rounds++;
    make_faults(soak);
    make_whole(&soak->scene);
    await_arrival(soak);
    judge_account(soak);
}

void soak_finish(struct soak *soak)
{
    int status = -1;
    struct ledger_growth growth = ledger_growth(&soak->ledger);
    soak->leaked += ledger_has_grown(&growth);
    if (soak->leaked)
        soak_fail(soak, "what the daemon has at rest has grown");
    scene_order(&soak->scene, ORDER_END, 0, NULL);
    if (!daemon_is_gone(&soak->scene.daemon, true, &status) || status != 0 || soak->scene.shared->violated)
        soak_fail(soak, "the daemon ended with status %d: %s", status, soak->scene.shared->violation);
}
