/* SPDX-License-Identifier: MIT
 *
 * Reading and following under a writer that never rests. A child process swaps generation after generation;
 * every file of one says its number, and the number says which files there are. So each read can be judged:
 * two numbers in it are a mixed read, a missing or surplus file is a partial one.
 *
 *     test_churn [READS]      or CMRELOAD_READS in the environment: 1000000 for the long form */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "source/volume.h"
#include "support/fake_kubelet.h"

#define FEW 6
#define MANY 300 /* more than are held open at once */

static unsigned long reads = 20000;

/* What parent and child share. */
struct shared {
    atomic_bool stop;
    atomic_ulong written; /* the last generation's number */
};

struct fixture {
    struct fake_kubelet kubelet;
    struct shared *shared;
    pid_t writer;
};

struct tally {
    unsigned long reads, mixed, partial, failed, generations;
    uint64_t retries;
    unsigned long last;
};

/* ---- the writer */

/* Besides the files that are always there, some come and go with the number; one of them in a folder. */
static void set_generation(struct fake_kubelet *kubelet, unsigned count, unsigned long number)
{
    char name[32], text[64];
    payload_clear(&kubelet->payload);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, "file%03u", i);
        snprintf(text, sizeof text, "%lu of file %u", number, i);
        fake_kubelet_set(kubelet, name, text);
    }
    for (unsigned i = 0; i < number % 4; i++) {
        snprintf(name, sizeof name, i ? "extra%lu" : "folder/extra%lu", (number + i) % 5);
        snprintf(text, sizeof text, "%lu", number);
        fake_kubelet_set(kubelet, name, text);
    }
}

static size_t expected_count(unsigned count, unsigned long number)
{
    return count + number % 4;
}

static void write_until_stopped(struct fixture *fixture, unsigned count, unsigned long from,
                                unsigned long most)
{
    for (unsigned long n = from; n < from + most && !fixture->shared->stop; n++) {
        set_generation(&fixture->kubelet, count, n);
        fake_kubelet_swap(&fixture->kubelet);
        fixture->shared->written = n;
    }
}

/* The volume holds generation `from` when this returns. */
static void start_writer(struct fixture *fixture, unsigned count, unsigned long from, unsigned long most)
{
    set_generation(&fixture->kubelet, count, from);
    fake_kubelet_swap(&fixture->kubelet);
    fixture->shared->stop = false;
    fixture->shared->written = from;
    fflush(stdout);
    fixture->writer = fork();
    assert_true(fixture->writer >= 0);
    if (fixture->writer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        write_until_stopped(fixture, count, from + 1, most);
        execlp("true", "true", (char *)NULL); /* an end without a leak check of what the parent owns */
        _exit(1);
    }
}

static void stop_writer(struct fixture *fixture, bool at_once)
{
    int status = -1;
    fixture->shared->stop = at_once;
    assert_int_equal(fixture->writer, waitpid(fixture->writer, &status, 0));
    assert_int_equal(0, status);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->shared =
        mmap(NULL, sizeof *fixture->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fake_kubelet_open(&fixture->kubelet);
    *state = fixture;
    return fixture->shared == MAP_FAILED ? -1 : 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_close(&fixture->kubelet);
    munmap(fixture->shared, sizeof *fixture->shared);
    free(fixture);
    return 0;
}

/* ---- judging */

static void judge(struct tally *tally, unsigned count, const unsigned long *numbers, size_t files)
{
    tally->reads++;
    if (files == 0) {
        tally->partial++;
        return;
    }
    for (size_t i = 1; i < files; i++) {
        if (numbers[i] != numbers[0]) {
            tally->mixed++;
            return;
        }
    }
    if (files != expected_count(count, numbers[0]))
        tally->partial++;
    tally->generations += numbers[0] != tally->last;
    assert_true(numbers[0] >= tally->last); /* never back in time */
    tally->last = numbers[0];
}

static void print(const char *how, const struct tally *tally, unsigned long swaps)
{
    printf("%s: reads=%lu retries=%llu mixed=%lu partial=%lu failed=%lu; %lu generations seen of %lu\n", how,
           tally->reads, (unsigned long long)tally->retries, tally->mixed, tally->partial, tally->failed,
           tally->generations, swaps);
    assert_int_equal(0, tally->mixed);
    assert_int_equal(0, tally->partial);
    assert_int_equal(0, tally->failed);
}

static void read_snapshot(const char *dir, unsigned count, struct tally *tally)
{
    unsigned long numbers[MANY + 8];
    cmr_snapshot *snapshot = NULL;
    cmr_file file;
    if (cmr_snapshot_read(dir, NULL, NULL, &snapshot) != CMR_OK) {
        tally->failed++;
        return;
    }
    size_t files = cmr_snapshot_file_count(snapshot, NULL);
    for (size_t i = 0; i < files && i < MANY + 8; i++)
        if (cmr_snapshot_file(snapshot, NULL, i, &file) == CMR_OK)
            numbers[i] = strtoul(file.data, NULL, 10);
    judge(tally, count, numbers, files);
    cmr_snapshot_unref(snapshot);
}

/* The same one layer below, where retries are counted. */
static void read_volume(int directory, unsigned count, struct tally *tally)
{
    static const cmr_limits limits = {
        .file_size = 4096, .generation_size = 1 << 20, .files = 4096, .depth = 8
    };
    const struct cmr__tree_rules rules = { .limits = &limits };
    unsigned long numbers[MANY + 8];
    struct cmr__fileset fileset = CMR__FILESET_INIT;
    cmr_report *report = cmr__report_new();
    if (cmr__volume_read(directory, &rules, report, &fileset, &tally->retries) == CMR_OK) {
        size_t files = cmr__fileset_count(&fileset);
        for (size_t i = 0; i < files && i < MANY + 8; i++)
            numbers[i] = strtoul(cmr__fileset_at(&fileset, i)->data, NULL, 10);
        judge(tally, count, numbers, files);
    } else {
        tally->failed++;
    }
    cmr__fileset_reset(&fileset);
    cmr_report_free(report);
}

/* ---- the tests */

static void read_under_churn(struct fixture *fixture, unsigned count, unsigned long times)
{
    struct tally snapshots = { 0 }, volumes = { 0 };
    start_writer(fixture, count, 1, ULONG_MAX - 2);
    int directory = open(fixture->kubelet.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory >= 0);
    for (unsigned long i = 0; i < times; i++) {
        read_snapshot(fixture->kubelet.dir, count, &snapshots);
        read_volume(directory, count, &volumes);
    }
    close(directory);
    stop_writer(fixture, true);
    print("cmr_snapshot_read", &snapshots, fixture->shared->written);
    print("cmr__volume_read ", &volumes, fixture->shared->written);
}

static void few_files_are_read_whole(void **state)
{
    read_under_churn(*state, FEW, reads);
}

static void many_files_are_read_whole(void **state)
{
    read_under_churn(*state, MANY, reads / 100);
}

static unsigned long applied_number(cmr_reloader *reloader, unsigned count, struct tally *tally)
{
    unsigned long numbers[MANY + 8];
    cmr_file file;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    size_t files = cmr_snapshot_file_count(snapshot, NULL);
    for (size_t i = 0; i < files; i++)
        if (cmr_snapshot_file(snapshot, NULL, i, &file) == CMR_OK)
            numbers[i] = strtoul(file.data, NULL, 10);
    judge(tally, count, numbers, files);
    cmr_snapshot_unref(snapshot);
    return tally->last;
}

/* Bursts of changing length; after each the follower must come to rest at the last generation. */
static void a_follower_arrives_at_the_last_generation(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    struct tally tally = { 0 };
    unsigned long number = 1, rounds = 40;
    mount.check_interval_ms = -1; /* by events alone */
    options.mount = &mount;
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, &options, &reloader));
    for (unsigned long round = 0; round < rounds; round++) {
        unsigned long burst = 1 + round * 7 % 50;
        start_writer(fixture, FEW, number, burst);
        number += burst;
        int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), 60000);
        do {
            cmr_status status = cmr_reloader_wait(reloader, 1000);
            assert_true(status == CMR_OK || status == CMR_ERR_TIMEOUT);
            assert_true(cmr__clock_now() < deadline);
        } while (applied_number(reloader, FEW, &tally) != number);
        stop_writer(fixture, false);
        number++;
    }
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(reloader, &status));
    tally.retries = status.read_retries;
    print("follower", &tally, number - 1);
    printf("follower: %lu bursts, the last generation seen after each; %llu applied, %llu rejected, %llu "
           "failed\n",
           rounds, (unsigned long long)status.reloads_applied, (unsigned long long)status.reloads_rejected,
           (unsigned long long)status.reloads_failed);
    assert_int_equal(0, status.reloads_rejected);
    cmr_reloader_free(reloader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(few_files_are_read_whole),
        TEST(many_files_are_read_whole),
        TEST(a_follower_arrives_at_the_last_generation),
    };
    const char *asked = argc > 1 ? argv[1] : getenv("CMRELOAD_READS");
    if (asked)
        reads = strtoul(asked, NULL, 10);
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* where a swap takes least time */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
