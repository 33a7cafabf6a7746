/* SPDX-License-Identifier: MIT
 *
 * Processes that share one reader of two volumes, of which now one and now another is killed, stopped or
 * asked to leave, while the volumes are swapped all the time, now and then to a bad generation.
 *
 *     share_chaos [SECONDS [SEED]]
 *
 * This process kills, starts anew and watches the clock; a child writes; the rest sit in seats (seat.c) and
 * judge. The first thing that does not hold ends it with 1: a process that does not go on for half a minute,
 * a wrong value, a number with two contents, a content that goes back, a process that ends by itself, or one
 * that does not have the last generation when all have come to rest. The seed brings the same kills in the
 * same order; how far each process is then, it does not. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "soak/chance.h"
#include "soak/contents.h"
#include "soak/share/seat.h"
#include "soak/shared.h"

#define MILLISECOND INT64_C(1000000)
#define PATIENCE (30000 * MILLISECOND)
#define MOST_REST_MS 60 /* between two deeds */

struct chaos {
    struct chance chance;
    uint64_t seed;
    struct seating seating;
    struct common *common;
    struct fake_kubelet kubelets[VOLUMES];
    pid_t writer, processes[SEATS]; /* 0: nobody */
    int64_t back_at[SEATS];         /* of an empty seat: when it is taken again */
    bool stopped[SEATS];
    int64_t began, settled;
    unsigned long publishers, consumers, all, stops, leaves;
};

static void print(const struct chaos *chaos)
{
    const struct common *common = chaos->common;
    printf("| | |\n|---|---:|\n| seed | %" PRIu64 " |\n| seconds | %.0f |\n", chaos->seed,
           (double)(cmr__clock_now() - chaos->began) / 1e9);
    printf("| publishers killed | %lu |\n| consumers killed | %lu |\n| all killed at once | %lu |\n",
           chaos->publishers, chaos->consumers, chaos->all);
    printf("| stopped for a while | %lu |\n| asked to leave | %lu |\n", chaos->stops, chaos->leaves);
    printf("| swaps | %lu |\n| of these bad | %lu |\n", common->swaps, common->bad);
    printf("| loads | %lu |\n| of these longer than a second | %lu |\n", common->loads, common->late);
    printf("| publications judged | %lu |\n| rejections told | %lu |\n", common->judged, common->rejected);
    printf("| until all had the last generation, ms | %.0f |\n", (double)chaos->settled / 1e6);
}

static _Noreturn void end(struct chaos *chaos, const char *wrong)
{
    for (unsigned i = 0; i < SEATS; i++) {
        if (chaos->processes[i])
            kill(chaos->processes[i], SIGKILL);
    }
    if (chaos->writer)
        kill(chaos->writer, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        continue;
    if (wrong)
        printf("FAILED: seed %" PRIu64 ", after %.1f s: %s\n", chaos->seed,
               (double)(cmr__clock_now() - chaos->began) / 1e9, wrong);
    print(chaos);
    cmr_share_free(chaos->seating.share);
    for (unsigned i = 0; i < VOLUMES; i++)
        fake_kubelet_close(&chaos->kubelets[i]);
    exit(wrong ? 1 : 0);
}

/* ---- the writer */

static void write_next(struct chaos *chaos, struct holding *holding, unsigned volume, bool bad)
{
    holding->of[volume]++;
    contents_set(&chaos->kubelets[volume], soak_volume_names[volume], CONTENTS_FIRST + holding->of[volume],
                 bad);
    fake_kubelet_swap(&chaos->kubelets[volume]);
    chaos->common->swaps++;
    chaos->common->bad += bad;
}

static void start_writer(struct chaos *chaos, struct holding holding)
{
    chaos->writer = fork();
    if (chaos->writer != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct chance chance = { chaos->seed + 1 };
    while (!chaos->common->rest) {
        write_next(chaos, &holding, chance_below(&chance, VOLUMES), chance_below(&chance, 8) == 0);
        if (chance_below(&chance, 4))
            usleep(chance_below(&chance, 8000));
    }
    for (unsigned i = 0; i < VOLUMES; i++)
        write_next(chaos, &holding, i, false);
    chaos->common->last = holding_pack(&holding);
    _exit(0);
}

/* ---- seats */

static void take_seats(struct chaos *chaos)
{
    int64_t now = cmr__clock_now();
    for (unsigned i = 0; i < SEATS; i++) {
        if (chaos->processes[i] || now < chaos->back_at[i])
            continue;
        struct seat *seat = &chaos->common->seats[i];
        seat->role = CMR_ROLE_ALONE;
        seat->generation = seat->holding = 0;
        seat->leave = false;
        seat->beat = now;
        fflush(NULL);
        chaos->processes[i] = fork();
        if (chaos->processes[i] == 0)
            seat_take(&chaos->seating, i);
        if (chaos->processes[i] < 0)
            end(chaos, "no process");
    }
}

/* Nobody ends but by order, nobody stands still. */
static void look(struct chaos *chaos)
{
    char message[160];
    int status;
    int64_t now = cmr__clock_now();
    if (chaos->common->violated)
        end(chaos, chaos->common->violation);
    for (unsigned i = 0; i < SEATS; i++) {
        const struct seat *seat = &chaos->common->seats[i];
        if (!chaos->processes[i])
            continue;
        if (waitpid(chaos->processes[i], &status, WNOHANG) == chaos->processes[i]) {
            chaos->processes[i] = 0;
            snprintf(message, sizeof message, "seat %u ended by itself, with status 0x%x", i,
                     (unsigned)status);
            if (status != 0 || !seat->leave)
                end(chaos, message);
        } else if (!chaos->stopped[i] && now - seat->beat > PATIENCE) {
            snprintf(message, sizeof message, "seat %u, process %d, %s, stands still at generation %" PRIu64,
                     i, (int)chaos->processes[i], cmr_role_name((cmr_role)seat->role), seat->generation);
            end(chaos, message);
        }
    }
}

static void kill_seat(struct chaos *chaos, unsigned number)
{
    look(chaos); /* one that has ended by itself is not taken for one that was killed */
    if (!chaos->processes[number])
        return;
    if (chaos->common->seats[number].role == CMR_ROLE_PUBLISHER)
        chaos->publishers++;
    else
        chaos->consumers++;
    kill(chaos->processes[number], SIGKILL);
    waitpid(chaos->processes[number], NULL, 0);
    chaos->processes[number] = 0;
    chaos->stopped[number] = false;
    if (chance_below(&chaos->chance, 2)) /* else at once */
        chaos->back_at[number] = cmr__clock_after_ms(cmr__clock_now(), chance_below(&chaos->chance, 100));
}

static void go_on(struct chaos *chaos, unsigned number)
{
    chaos->common->seats[number].beat = cmr__clock_now();
    kill(chaos->processes[number], SIGCONT);
    chaos->stopped[number] = false;
}

static unsigned publisher(const struct chaos *chaos, unsigned otherwise)
{
    for (unsigned i = 0; i < SEATS; i++) {
        if (chaos->processes[i] && chaos->common->seats[i].role == CMR_ROLE_PUBLISHER)
            return i;
    }
    return otherwise;
}

static void do_something(struct chaos *chaos)
{
    unsigned number = chance_below(&chaos->chance, SEATS), deed = chance_below(&chaos->chance, 32);
    if (deed < 12) {
        kill_seat(chaos, publisher(chaos, number));
    } else if (deed < 20) {
        kill_seat(chaos, number);
    } else if (deed < 21) {
        chaos->all++;
        for (unsigned i = 0; i < SEATS; i++)
            kill_seat(chaos, i);
    } else if (deed < 25) {
        chaos->common->seats[number].leave = true;
        chaos->leaves++;
    } else if (deed < 28 && chaos->processes[number] && !chaos->stopped[number]) {
        kill(chaos->processes[number], SIGSTOP);
        chaos->stopped[number] = true;
        chaos->stops++;
    } else {
        for (unsigned i = 0; i < SEATS; i++) {
            if (chaos->stopped[i])
                go_on(chaos, i);
        }
    }
}

/* ---- the whole */

static bool have_all(const struct chaos *chaos)
{
    uint64_t last = chaos->common->last;
    for (unsigned i = 0; i < SEATS; i++) {
        if (!last || chaos->common->seats[i].holding != last)
            return false;
    }
    return true;
}

/* The writer ends with good ones, all go on, and the last generation is everywhere. */
static void settle(struct chaos *chaos)
{
    int64_t began;
    char message[160];
    chaos->common->rest = true;
    pid_t ended = waitpid(chaos->writer, NULL, 0);
    if (ended != chaos->writer || !chaos->common->last)
        end(chaos, "the writer failed");
    chaos->writer = 0;
    began = cmr__clock_now();
    for (unsigned i = 0; i < SEATS; i++) {
        chaos->back_at[i] = 0;
        if (chaos->stopped[i])
            go_on(chaos, i);
    }
    while (!have_all(chaos)) {
        take_seats(chaos);
        look(chaos);
        poll(NULL, 0, 1);
        for (unsigned i = 0; i < SEATS && cmr__clock_now() - began > PATIENCE; i++) {
            const struct seat *seat = &chaos->common->seats[i];
            if (seat->holding == chaos->common->last)
                continue;
            snprintf(message, sizeof message,
                     "seat %u, %s, generation %" PRIu64 ", holds %" PRIx64 ", not %" PRIx64, i,
                     cmr_role_name((cmr_role)seat->role), seat->generation, seat->holding,
                     chaos->common->last);
            end(chaos, message);
        }
    }
    chaos->settled = cmr__clock_now() - began;
}

/* Generations that were seen by anybody, by their numbers: contents only grow. */
static void compare_generations(struct chaos *chaos)
{
    char message[128];
    uint64_t before = 0;
    for (unsigned i = 0; i < MOST_GENERATIONS; i++) {
        uint64_t seen = chaos->common->seen[i];
        if (!seen)
            continue;
        if (seen >> 32 < before >> 32 || (uint32_t)seen < (uint32_t)before) {
            snprintf(message, sizeof message, "generation %u holds %" PRIx64 ", one before it %" PRIx64, i,
                     seen, before);
            end(chaos, message);
        }
        before = seen;
    }
}

static void begin(struct chaos *chaos)
{
    struct holding holding = { { 0 } };
    chaos->chance.state = chaos->seed;
    chaos->common =
        mmap(NULL, sizeof *chaos->common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (chaos->common == MAP_FAILED || cmr_share_new(&chaos->seating.share) != CMR_OK)
        exit(2);
    chaos->seating.common = chaos->common;
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* where a swap takes least time */
    for (unsigned i = 0; i < VOLUMES; i++) {
        fake_kubelet_open(&chaos->kubelets[i]);
        chaos->seating.paths[i] = chaos->kubelets[i].dir;
        write_next(chaos, &holding, i, false);
    }
    chaos->began = cmr__clock_now();
    chaos->common->last = holding_pack(&holding);
    while (!have_all(chaos)) { /* from then on there is a good generation for ever */
        take_seats(chaos);
        look(chaos);
        poll(NULL, 0, 1);
    }
    chaos->common->last = 0;
    start_writer(chaos, holding);
}

int main(int count, char **arguments)
{
    static struct chaos chaos;
    unsigned long seconds = count > 1 ? strtoul(arguments[1], NULL, 10) : 10;
    if (count > 2)
        chaos.seed = strtoull(arguments[2], NULL, 10);
    else if (getrandom(&chaos.seed, sizeof chaos.seed, 0) != sizeof chaos.seed)
        return 2;
    chaos.seed %= 1000000000; /* short enough to be typed */
    printf("seed %" PRIu64 "\n", chaos.seed);
    begin(&chaos);
    int64_t ends = chaos.began + (int64_t)seconds * 1000 * MILLISECOND;
    while (cmr__clock_now() < ends) {
        do_something(&chaos);
        take_seats(&chaos);
        look(&chaos);
        poll(NULL, 0, (int)chance_below(&chaos.chance, MOST_REST_MS));
    }
    settle(&chaos);
    compare_generations(&chaos);
    end(&chaos, NULL);
}
