/* SPDX-License-Identifier: MIT
 *
 * What it costs that many processes have the same configuration: share shared|alone PROCESSES SWAPS FILE...
 *
 * The processes serve a reloader in an epoll loop each, joined in a share, or each for itself. This process
 * is the kubelet: it writes a volume with the files, one key of the first changed, waits until all have
 * answered, and writes the next. Printed are, one a line, what the kernel says of the processes at rest
 * (inotify instances; the proportional size of the shared blocks, and how large one is, both in KiB, in whole
 * pages), and a row of a table with times in ms: from the beginning of a write until the last has answered,
 * and how long one dispatch took, of the publisher and of all others. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/input.h"
#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

#define MOST_PROCESSES 64
#define PATIENCE_MS 60000
#define STAMP_MAX 64 /* the key that is changed, and its value */

struct process {
    _Atomic uint64_t answered; /* publications */
    _Atomic int64_t longest;   /* time in dispatch, since the first generation */
    atomic_int role;
};

struct bench {
    bool shared;
    unsigned count;
    unsigned long swaps;
    struct fake_kubelet kubelet;
    char *text; /* of the first file, with room for the key */
    size_t length;
    const char *name, *key;
    cmr_share *share;
    int answers; /* an eventfd: a process has answered */
    pid_t pids[MOST_PROCESSES];
    struct process *processes; /* in memory that all share */
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "share: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- the processes */

struct member {
    struct bench *bench;
    struct process *process;
};

static void on_event(void *user, const cmr_event *event)
{
    struct member *member = user;
    if (event->kind != CMR_EVENT_READY && event->kind != CMR_EVENT_APPLIED)
        return;
    member->process->answered++;
    (void)!write(member->bench->answers, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static cmr_reloader *open_reloader(struct member *member)
{
    cmr_reloader *reloader;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    options.mount = &mount;
    mount.check_interval_ms = -1; /* nothing but the swaps */
    if (cmr_open(member->bench->kubelet.dir, &options, &reloader) != CMR_OK ||
        cmr_observe(reloader, on_event, member, NULL, NULL) != CMR_OK ||
        (member->bench->shared && cmr_reloader_join(reloader, member->bench->share) != CMR_OK) ||
        cmr_reloader_load(reloader, PATIENCE_MS) != CMR_OK)
        fail("the volume");
    return reloader;
}

static _Noreturn void serve(struct bench *bench, unsigned number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct member member = { bench, &bench->processes[number] };
    struct epoll_event event = { .events = EPOLLIN };
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    cmr_reloader *reloader = open_reloader(&member);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, cmr_reloader_fd(reloader), &event) != 0)
        fail("epoll");
    for (;;) {
        if (cmr_reloader_get_status(reloader, &status) != CMR_OK)
            fail("status");
        member.process->role = (int)status.role;
        if (epoll_wait(epoll, &event, 1, -1) != 1)
            continue;
        int64_t began = cmr__clock_now();
        if (cmr_reloader_dispatch(reloader) != CMR_OK)
            fail("dispatch");
        int64_t took = cmr__clock_now() - began;
        if (took > member.process->longest)
            member.process->longest = took;
    }
}

static void start(struct bench *bench)
{
    for (unsigned i = 0; i < bench->count; i++) {
        fflush(NULL);
        bench->pids[i] = fork();
        if (bench->pids[i] < 0)
            fail("fork");
        if (bench->pids[i] == 0)
            serve(bench, i);
    }
}

static void await_answers(struct bench *bench, uint64_t wanted)
{
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), PATIENCE_MS);
    for (unsigned i = 0; i < bench->count;) {
        uint64_t answers;
        if (bench->processes[i].answered >= wanted)
            i++;
        else if (cmr__clock_now() > deadline)
            fail("a process does not answer");
        else if (read(bench->answers, &answers, sizeof answers) < 0 && errno != EINTR)
            fail("eventfd");
    }
}

/* ---- the volume */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void open_volume(struct bench *bench, char **paths)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* as a kubelet's tmpfs */
    fake_kubelet_open(&bench->kubelet);
    bench->name = base_name(paths[0]);
    bench->key = strstr(bench->name, ".yaml") ? "bench-stamp: " : "bench-stamp=";
    bench->text = bench_read_with_room(paths[0], STAMP_MAX, &bench->length);
    for (char **path = paths + 1; *path; path++) {
        size_t length;
        char *text = bench_read_with_room(*path, STAMP_MAX, &length);
        fake_kubelet_set_bytes(&bench->kubelet, base_name(*path), text, length);
        free(text);
    }
}

static void swap(struct bench *bench, unsigned long number)
{
    int more = sprintf(bench->text + bench->length, "\n%s%lu\n", bench->key, number);
    fake_kubelet_set_bytes(&bench->kubelet, bench->name, bench->text, bench->length + (size_t)more);
    fake_kubelet_swap(&bench->kubelet);
}

/* ---- what the kernel says */

static unsigned count_inotify(pid_t process)
{
    char path[64], target[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process);
    DIR *folder = opendir(path);
    if (!folder)
        fail(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        ssize_t size = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[size > 0 ? size : 0] = '\0';
        count += strstr(target, "inotify") != NULL;
    }
    closedir(folder);
    return count;
}

/* Adds up Pss of the blocks that the process has mapped; *largest becomes the size of the largest mapping. */
static unsigned long add_up_blocks(pid_t process, unsigned long *largest)
{
    char path[64], line[512];
    unsigned long sum = 0, value;
    bool is_block = false;
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)process);
    FILE *maps = fopen(path, "re");
    if (!maps)
        fail(path);
    while (fgets(line, sizeof line, maps)) {
        if (strchr(line, '-') && sscanf(line, "%*x-%*x %*4s %lx", &value) == 1)
            is_block = strstr(line, "memfd:cmreload") != NULL;
        else if (is_block && sscanf(line, "Size: %lu", &value) == 1 && value > *largest)
            *largest = value;
        else if (is_block && sscanf(line, "Pss: %lu", &value) == 1)
            sum += value;
    }
    fclose(maps);
    return sum;
}

static void print_kernel(const struct bench *bench)
{
    unsigned inotify = 0;
    unsigned long pss = 0, block = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        inotify += count_inotify(bench->pids[i]);
        pss += add_up_blocks(bench->pids[i], &block);
    }
    printf("inotify %u\npss %lu\nblock %lu\n", inotify, pss, block);
}

/* ---- times */

static int by_length(const void *one, const void *two)
{
    int64_t left = *(const int64_t *)one, right = *(const int64_t *)two;
    return (left > right) - (left < right);
}

static void print_times(const struct bench *bench, int64_t *ways)
{
    int64_t publisher = 0, others = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        struct process *process = &bench->processes[i];
        int64_t *longest = process->role == CMR_ROLE_CONSUMER ? &others : &publisher;
        if (process->longest > *longest)
            *longest = process->longest;
    }
    qsort(ways, bench->swaps, sizeof *ways, by_length);
    printf("| %s, %s | %u | %lu | %.2f | %.2f | %.2f | ", bench->name,
           bench->shared ? "shared" : "each alone", bench->count, bench->swaps,
           (double)ways[bench->swaps / 2] / 1e6, (double)ways[bench->swaps - 1] / 1e6,
           (double)publisher / 1e6);
    if (bench->shared)
        printf("%.2f |\n", (double)others / 1e6);
    else
        printf("|\n");
}

static void run(struct bench *bench)
{
    int64_t *ways = calloc(bench->swaps, sizeof *ways);
    if (!ways)
        fail("memory");
    swap(bench, 0);
    start(bench);
    await_answers(bench, 1);
    for (unsigned long i = 0; i < bench->swaps; i++) {
        usleep(20000); /* at rest */
        int64_t began = cmr__clock_now();
        swap(bench, i + 1);
        await_answers(bench, i + 2);
        ways[i] = cmr__clock_now() - began;
    }
    usleep(100000);
    print_kernel(bench);
    print_times(bench, ways);
    free(ways);
}

/* The publisher last, so that nobody takes over. */
static void end(struct bench *bench)
{
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < bench->count; i++) {
            if ((bench->processes[i].role == CMR_ROLE_PUBLISHER) != (turn == 1))
                continue;
            kill(bench->pids[i], SIGKILL);
            waitpid(bench->pids[i], NULL, 0);
        }
    }
}

int main(int count, char **arguments)
{
    static struct bench bench;
    bench.count = count > 4 ? (unsigned)strtoul(arguments[2], NULL, 10) : 0;
    bench.swaps = count > 4 ? strtoul(arguments[3], NULL, 10) : 0;
    if (bench.count < 1 || bench.count > MOST_PROCESSES || bench.swaps < 1) {
        fprintf(stderr, "usage: share shared|alone PROCESSES SWAPS FILE...\n");
        return 2;
    }
    bench.shared = strcmp(arguments[1], "shared") == 0;
    bench.answers = eventfd(0, EFD_CLOEXEC);
    bench.processes = mmap(NULL, MOST_PROCESSES * sizeof *bench.processes, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bench.answers < 0 || bench.processes == MAP_FAILED ||
        (bench.shared && cmr_share_new(&bench.share) != CMR_OK))
        fail("share");
    open_volume(&bench, arguments + 4);
    run(&bench);
    end(&bench);
    cmr_share_free(bench.share);
    fake_kubelet_close(&bench.kubelet);
    free(bench.text);
    return 0;
}
