/* SPDX-License-Identifier: MIT
 *
 * A reloader comes, hears of a swap, and goes, again and again; what the process has after 1,000 cycles it
 * has after the last one: descriptors, threads, and bytes that malloc gave out (uordblks and hblkhd of
 * mallinfo2). In the foreground, with options.background, and with the helper thread, in turn.
 *
 *     test_cycles [CYCLES]      or CMRELOAD_CYCLES in the environment: 10000 for the long form; 1300
 *
 * The kernel takes some 15 ms to end an inotify instance, so several lanes go on at the same time, each with
 * a volume of its own. So that the bytes are exact the program starts itself anew with malloc's and
 * libpthread's caches off, and with one arena: mallinfo2 tells of the first one only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

#define LANES 9 /* a third of them each way */
#define FIRST 1000
#define PATIENCE_MS 60000

static unsigned long cycles = 1300;

/* On threads that cmocka knows nothing of. */
#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

struct lane {
    pthread_t thread;
    struct fake_kubelet kubelet;
    unsigned long number;
    atomic_ulong done; /* swaps so far; a helper reads it, too */
    sem_t heard;
    unsigned calls, events; /* in this cycle */
};

/* ---- a cycle */

static void keep_number(void *user, const cmr_update *update)
{
    struct lane *lane = user;
    const cmr_change *change = cmr_update_change(update, 0);
    lane->calls += change->new_value->as.int64 == (int64_t)lane->done;
    sem_post(&lane->heard);
}

static void keep_any(void *user, const cmr_update *update)
{
    struct lane *lane = user;
    lane->calls += cmr_update_count(update) > 0;
    sem_post(&lane->heard);
}

static void keep_event(void *user, const cmr_event *event)
{
    struct lane *lane = user;
    lane->events += event->kind == CMR_EVENT_READY || event->kind == CMR_EVENT_APPLIED;
}

static void swap(struct lane *lane)
{
    char text[96];
    unsigned long number = ++lane->done;
    snprintf(text, sizeof text, "number: %lu # %09lu\nlist: [%09lu]\n", number, number, number);
    fake_kubelet_set(&lane->kubelet, "app.yaml", text);
    snprintf(text, sizeof text, "[section]\nkey = %09lu\n", number);
    fake_kubelet_set(&lane->kubelet, "sub/app.ini", text);
    fake_kubelet_swap(&lane->kubelet);
}

static void subscribe(struct lane *lane, cmr_reloader *reloader, cmr_subscription **ret_any)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    REQUIRE(cmr_observe(reloader, keep_event, lane, NULL, NULL) == CMR_OK);
    REQUIRE(cmr_subscribe(reloader, "app.yaml#number", keep_number, lane, &options, NULL) == CMR_OK);
    REQUIRE(cmr_subscribe(reloader, "*/*.ini#**", keep_any, lane, NULL, ret_any) == CMR_OK);
}

/* Both subscribers are called, by whom ever. */
static void await_calls(struct lane *lane, cmr_reloader *reloader, bool has_helper)
{
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), PATIENCE_MS);
    for (int heard = 0; heard < 2;) {
        REQUIRE(cmr__clock_now() < deadline);
        if (!has_helper) {
            cmr_status status = cmr_reloader_wait(reloader, 1000);
            REQUIRE(status == CMR_OK || status == CMR_ERR_TIMEOUT);
        }
        while (sem_trywait(&lane->heard) == 0)
            heard++;
        if (has_helper && heard < 2 && sem_wait(&lane->heard) == 0)
            heard++;
    }
}

static void cycle(struct lane *lane)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    cmr_subscription *any;
    bool has_helper = lane->number % 3 == 2;
    options.background = lane->number % 3 == 1;
    lane->calls = lane->events = 0;
    REQUIRE(cmr_open(lane->kubelet.dir, &options, &reloader) == CMR_OK);
    subscribe(lane, reloader, &any);
    REQUIRE(cmr_reloader_load(reloader, PATIENCE_MS) == CMR_OK);
    if (has_helper)
        REQUIRE(cmr_reloader_start(reloader) == CMR_OK);
    swap(lane);
    await_calls(lane, reloader, has_helper);
    if (lane->done % 2)
        cmr_unsubscribe(any);
    cmr_reloader_free(reloader);
    REQUIRE(lane->calls == 2);
    REQUIRE(lane->events == 2);
}

/* ---- what the process has */

struct holdings {
    unsigned descriptors, threads;
    size_t in_use, mapped; /* bytes */
};

static unsigned entries(const char *path)
{
    unsigned count = 0;
    DIR *stream = opendir(path);
    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count;
}

/* One that was joined is seen by the kernel for a moment more; a sanitizer's own stays. */
static unsigned settled_threads(unsigned enough, int64_t patience_ms)
{
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), patience_ms);
    unsigned now;
    while ((now = entries("/proc/self/task") - 2) > enough && cmr__clock_now() < deadline)
        usleep(1000);
    return now;
}

static struct holdings look(unsigned long after, unsigned threads)
{
    struct holdings now = { .threads = threads };
    now.descriptors = entries("/proc/self/fd") - 3; /* . and .. and the one that lists */
    struct mallinfo2 memory = mallinfo2();
    now.in_use = memory.uordblks;
    now.mapped = memory.hblkhd;
    printf("after %5lu cycles: %u descriptors, %u threads, %zu bytes in use, %zu mapped\n", after,
           now.descriptors, now.threads, now.in_use, now.mapped);
    return now;
}

/* Sanitizers and valgrind have a malloc of their own. */
static bool memory_is_told(void)
{
    size_t before = mallinfo2().uordblks;
    void *volatile probe = malloc(4096);
    size_t after = mallinfo2().uordblks;
    free(probe);
    return after >= before + 4096 && mallinfo2().uordblks == before;
}

/* ---- the test */

static struct lane lanes[LANES];
static unsigned long lane_cycles; /* each lane does so many */

static void *run_lane(void *user)
{
    struct lane *lane = user;
    for (unsigned long i = 0; i < lane_cycles; i++)
        cycle(lane);
    payload_clear(&lane->kubelet.payload); /* its bytes are as many as malloc could make of them */
    return NULL;
}

static void run_lanes(unsigned long all)
{
    lane_cycles = (all + LANES - 1) / LANES;
    for (unsigned i = 0; i < LANES; i++)
        assert_int_equal(0, pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]));
    for (unsigned i = 0; i < LANES; i++)
        assert_int_equal(0, pthread_join(lanes[i].thread, NULL));
}

static void cycles_leave_nothing_behind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LANES; i++) {
        lanes[i].number = i;
        assert_int_equal(0, sem_init(&lanes[i].heard, 0, 0));
        fake_kubelet_open(&lanes[i].kubelet);
        swap(&lanes[i]);
    }
    run_lanes(FIRST);
    struct holdings first = look(FIRST, settled_threads(1, 1000));
    run_lanes(cycles > FIRST ? cycles - FIRST : 1);
    struct holdings last = look(cycles, settled_threads(first.threads, PATIENCE_MS));
    assert_int_equal(first.descriptors, last.descriptors);
    assert_int_equal(first.threads, last.threads);
    if (memory_is_told()) {
        assert_int_equal(first.in_use, last.in_use);
        assert_int_equal(first.mapped, last.mapped);
    } else {
        printf("SKIP: bytes in use: malloc is a sanitizer's, or valgrind's\n");
    }
    for (unsigned i = 0; i < LANES; i++) {
        fake_kubelet_close(&lanes[i].kubelet);
        sem_destroy(&lanes[i].heard);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cycles_leave_nothing_behind) };
    const char *asked = argc > 1 ? argv[1] : getenv("CMRELOAD_CYCLES");
    const char *preloaded = getenv("LD_PRELOAD"); /* valgrind's: it would be left by the new start */
    if (!getenv("GLIBC_TUNABLES") && !(preloaded && strstr(preloaded, "vgpreload"))) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.pthread.stack_cache_size=0", 1);
        execv(argv[0], argv); /* if that fails, the caches are on */
    }
    mallopt(M_ARENA_MAX, 1);
    if (asked)
        cycles = strtoul(asked, NULL, 10);
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* where a swap takes least time */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
