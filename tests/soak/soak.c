/* SPDX-License-Identifier: MIT
 *
 * A soak: random faults against a daemon that follows two volumes, for as long as one says.
 *
 *     soak [--minutes N | --seconds N] [--seed N] [--table]
 *
 * This process is the kubelet, the kernel's whims and the judge; the daemon is another one, and an ordinary
 * user's. The first thing that does not hold ends the soak, with 1. The same seed brings the same faults in
 * the same order; how far each process is then, it does not. docs/reliability.md says what the figures mean.
 */
#include "soak/soak.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/clock.h"

#define SEEDS 1000000000 /* short enough to be typed */

void soak_end(struct soak *soak, int status)
{
    kill(soak->scene.daemon.process, SIGKILL);
    figures_print(soak);
    for (unsigned i = 0; i < SOAK_VOLUMES; i++)
        pod_close(&soak->scene.pods[i]);
    place_leave(&soak->scene.place);
    ledger_clear(&soak->ledger);
    exit(status);
}

void soak_fail(struct soak *soak, const char *format, ...)
{
    va_list arguments;
    printf("FAILED: seed %" PRIu64 ", fault %lu, round %lu, after %.1f s: ", soak->seed, soak->faults,
           soak->rounds, (double)(cmr__clock_now() - soak->began) / 1e9);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    figures_print_scene(soak);
    soak_end(soak, 1);
}

static void usage(void)
{
    fprintf(stderr, "usage: soak [--minutes N | --seconds N] [--seed N] [--table]\n");
    exit(2);
}

static uint64_t read_number(const char *text)
{
    char *rest = NULL;
    errno = 0;
    uint64_t number = text ? strtoull(text, &rest, 10) : 0;
    if (!text || text[0] < '0' || text[0] > '9' || *rest || errno)
        usage();
    return number;
}

/* The time to take, in seconds. */
static uint64_t read_arguments(struct soak *soak, char **arguments)
{
    uint64_t seconds = 60;
    if (getrandom(&soak->seed, sizeof soak->seed, 0) != sizeof soak->seed)
        soak->seed = (uint64_t)cmr__clock_now();
    soak->seed %= SEEDS;
    for (char **next = arguments + 1; *next; next++) {
        if (strcmp(*next, "--table") == 0)
            soak->table = true;
        else if (strcmp(*next, "--minutes") == 0)
            seconds = read_number(*++next) * 60;
        else if (strcmp(*next, "--seconds") == 0)
            seconds = read_number(*++next);
        else if (strcmp(*next, "--seed") == 0)
            soak->seed = read_number(*++next);
        else
            usage();
    }
    return seconds;
}

static void open_scene(struct soak *soak)
{
    struct scene *scene = &soak->scene;
    scene->chance.state = soak->seed;
    scene->shared =
        mmap(NULL, sizeof *scene->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scene->shared == MAP_FAILED)
        exit(2);
    for (unsigned i = 0; i < SOAK_VOLUMES; i++)
        pod_open(&scene->pods[i], &scene->place, i, scene->shared);
    scene->kind = chance_below(&scene->chance, LIFE_KINDS);
    if (!daemon_start(&scene->daemon, &scene->place, scene->pods, scene->shared, scene->kind))
        exit(2);
}

int main(int count, char **arguments)
{
    static struct soak soak;
    const char *why;
    (void)count;
    account_prepare(arguments);
    uint64_t seconds = read_arguments(&soak, arguments);
    if (!place_enter(&soak.scene.place, &why)) {
        printf("SKIP: %s\n", why);
        return 77;
    }
    printf("seed %" PRIu64 "\n", soak.seed);
    fflush(stdout);
    open_scene(&soak);
    soak.began = cmr__clock_now();
    soak.ends = cmr__clock_after_ms(soak.began, (int64_t)seconds * 1000);
    soak_begin(&soak);
    while (cmr__clock_now() < soak.ends)
        soak_round(&soak);
    soak_finish(&soak);
    soak_end(&soak, 0);
}
