/* SPDX-License-Identifier: MIT
 *
 * The figures of a soak, a line each: to be read, or to be pasted into a Markdown table. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "soak/soak.h"

static void print_line(const struct soak *soak, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void print_line(const struct soak *soak, const char *name, const char *format, ...)
{
    va_list arguments;
    printf(soak->table ? "| %s | " : "%-44s ", name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(soak->table ? " |\n" : "\n");
}

static void print_faults(const struct soak *soak)
{
    const struct fault *fault;
    print_line(soak, "faults", "%lu", soak->faults);
    for (size_t kind = 0; (fault = soak_fault(kind)); kind++) {
        if (soak_fault_is_possible(soak, fault))
            print_line(soak, fault->name, "%lu", soak->made[kind]);
        else
            print_line(soak, fault->name, "not possible here");
    }
}

static void print_work(const struct soak *soak)
{
    const struct soak_shared *shared = soak->scene.shared;
    print_line(soak, "swaps", "%lu", shared->swaps);
    print_line(soak, "writes without room", "%lu", shared->no_room);
    print_line(soak, "publications", "%lu", shared->publications);
    print_line(soak, "rejections", "%lu", shared->rejections);
    print_line(soak, "failures", "%lu", shared->failures);
    print_line(soak, "read retries", "%lu", shared->retries);
    print_line(soak, "told to be dead", "%lu", shared->states_told[CMR_MOUNT_DEAD]);
    print_line(soak, "told to be polled", "%lu", shared->states_told[CMR_MOUNT_POLLING]);
    print_line(soak, "updates told", "%lu", shared->updates);
    print_line(soak, "forked children that followed", "%lu", shared->workers);
    print_line(soak, "subscriptions of threads", "%lu", shared->guests);
    print_line(soak, "reads by the reader", "%lu", shared->reads);
    print_line(soak, "snapshots judged", "%lu", shared->checks);
    print_line(soak, "longest way of a last generation, ms", "%" PRId64, soak->longest_ms);
}

static void print_accounts(const struct soak *soak)
{
    struct ledger_growth growth = ledger_growth(&soak->ledger);
    for (int i = 0; i < ASSETS; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s at rest", account_names[i]);
        print_line(soak, name, "%" PRIu64 " to %" PRIu64, growth.least.of[i], growth.most.of[i]);
    }
    if (growth.readings)
        print_line(soak, "least of the last tenth less least of the first",
                   "%" PRId64 " / %" PRId64 " / %" PRId64 " / %" PRId64, growth.of[ASSET_DESCRIPTORS],
                   growth.of[ASSET_THREADS], growth.of[ASSET_BLOCKS], growth.of[ASSET_BYTES]);
    else
        print_line(soak, "least of the last tenth less least of the first", "too few rounds");
}

static void print_verdict(const struct soak *soak)
{
    const struct soak_shared *shared = soak->scene.shared;
    print_line(soak, "mixed or partial", "%lu", shared->violations[VIOLATION_MIXED]);
    print_line(soak, "back in time", "%lu", shared->violations[VIOLATION_BACK]);
    print_line(soak, "told wrongly", "%lu", shared->violations[VIOLATION_TOLD]);
    print_line(soak, "calls that failed", "%lu", shared->violations[VIOLATION_CALL]);
    print_line(soak, "lost last generations", "%u", soak->lost);
    print_line(soak, "leaks", "%u", soak->leaked);
}

void figures_print(const struct soak *soak)
{
    if (soak->table)
        printf("| | |\n|---|---:|\n");
    print_line(soak, "seed", "%" PRIu64, soak->seed);
    print_line(soak, "minutes", "%.1f", (double)(cmr__clock_now() - soak->began) / 60e9);
    print_line(soak, "rounds", "%lu", soak->rounds);
    print_faults(soak);
    print_work(soak);
    print_accounts(soak);
    print_verdict(soak);
}

/* ---- of a failure */

static void print_seen(const struct soak *soak, unsigned volume)
{
    static const char *const names[WITNESSES] = { "read", "observed", "told at once", "told later",
                                                  "number" };
    const struct soak_shared *shared = soak->scene.shared;
    printf("%s: wanted %" PRIu64 ", found", soak_volume_names[volume], soak->scene.pods[volume].number);
    for (unsigned who = 0; who < WITNESSES; who++)
        printf(" %s %" PRIu64 ",", names[who], shared->seen[who][volume]);
    printf(" %s\n", cmr_mount_state_name((cmr_mount_state)shared->states[volume]));
}

static void print_log(const struct soak_shared *shared)
{
    unsigned lines = shared->logged, from = lines > SOAK_LOG_LINES ? lines - SOAK_LOG_LINES : 0;
    for (unsigned i = from; i < lines; i++)
        printf("    %s\n", shared->log[i % SOAK_LOG_LINES]);
}

void figures_print_scene(const struct soak *soak)
{
    printf("a life of kind %u; this round's faults:", soak->scene.kind);
    for (unsigned i = 0; soak->in_round[i]; i++)
        printf("%s %s", i ? "," : "", soak->in_round[i]);
    printf("\n");
    for (unsigned i = 0; i < SOAK_VOLUMES; i++)
        print_seen(soak, i);
    print_log(soak->scene.shared);
}
