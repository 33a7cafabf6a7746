/* SPDX-License-Identifier: MIT
 *
 * How long an event loop stands still while a large file is reloaded: stall FILE [RELOADS]
 *
 * The loop serves a timer of one millisecond and a reloader that follows a volume with the file. A child
 * swaps the volume, one key of it changed, each time it hears that the last change has arrived. What counts
 * is the longest time between two turns of the timer, in all and in a typical reload: with no reloader (what
 * the machine does by itself), with one that loads in dispatch, and with one that loads in the background.
 * The three are of one run, since times of two runs cannot be compared. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/input.h"
#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

#define KEY "\nbench-stamp: "
#define STAMP_MAX 64 /* the key that is changed, and its value */
#define PAUSE_MS 20  /* between an arrival and the next swap: most turns are idle ones */

struct run {
    struct fake_kubelet kubelet;
    char *text;          /* the file's, with room for the key */
    size_t length;       /* without the key */
    unsigned long swaps; /* to be made */
    unsigned long arrived;
    int answer;            /* the pipe to the child */
    int64_t last, longest; /* since the last arrival */
    int64_t *gaps;         /* the longest before each arrival */
    unsigned long turns;
};

static void fail(const char *what)
{
    fprintf(stderr, "stall: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void swap(struct run *run, unsigned long number)
{
    int more = sprintf(run->text + run->length, KEY "%lu\n", number);
    fake_kubelet_set_bytes(&run->kubelet, "w4.yaml", run->text, run->length + (size_t)more);
    fake_kubelet_swap(&run->kubelet);
}

/* The child: a byte from the pipe asks for a swap. */
static pid_t start_writer(struct run *run)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("pipe");
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    run->answer = ends[1];
    if (child > 0) {
        close(ends[0]);
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[1]);
    char byte;
    for (unsigned long number = 1; read(ends[0], &byte, 1) == 1; number++) {
        usleep(PAUSE_MS * 1000);
        swap(run, number);
    }
    _exit(0);
}

static void ask_for_swap(struct run *run)
{
    if (run->arrived < run->swaps && write(run->answer, "", 1) != 1)
        fail("pipe");
}

static void arrive(struct run *run)
{
    if (run->arrived < run->swaps)
        run->gaps[run->arrived++] = run->longest;
    run->longest = 0;
    ask_for_swap(run);
}

static void on_update(void *user, const cmr_update *update)
{
    struct run *run = user;
    (void)update;
    arrive(run);
}

static cmr_reloader *open_reloader(struct run *run, bool background)
{
    cmr_reloader *reloader;
    cmr_options options = CMR_OPTIONS_INIT;
    options.background = background;
    if (cmr_open(run->kubelet.dir, &options, &reloader) != CMR_OK ||
        cmr_subscribe(reloader, "**", on_update, run, NULL, NULL) != CMR_OK ||
        cmr_reloader_load(reloader, 0) != CMR_OK)
        fail("the volume");
    return reloader;
}

static int open_timer(int epoll)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const struct itimerspec each = { { 0, 1000000 }, { 0, 1000000 } };
    struct epoll_event event = { .events = EPOLLIN, .data.fd = timer };
    if (timer < 0 || timerfd_settime(timer, 0, &each, NULL) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) != 0)
        fail("timer");
    return timer;
}

static void turn(struct run *run, int timer, bool alone)
{
    uint64_t expirations;
    if (read(timer, &expirations, sizeof expirations) < 0)
        return;
    int64_t now = cmr__clock_now();
    if (now - run->last > run->longest)
        run->longest = now - run->last;
    run->last = now;
    if (++run->turns % 50 == 0 && alone)
        arrive(run); /* as if it had */
}

static void serve(struct run *run, cmr_reloader *reloader)
{
    struct epoll_event events[2], event = { .events = EPOLLIN, .data.fd = -1 };
    int epoll = epoll_create1(EPOLL_CLOEXEC), timer = open_timer(epoll);
    if (reloader && epoll_ctl(epoll, EPOLL_CTL_ADD, cmr_reloader_fd(reloader), &event) != 0)
        fail("epoll");
    run->last = cmr__clock_now();
    ask_for_swap(run);
    while (run->arrived < run->swaps) {
        int count = epoll_wait(epoll, events, 2, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == timer)
                turn(run, timer, !reloader);
            else if (cmr_reloader_dispatch(reloader) != CMR_OK)
                fail("dispatch");
        }
    }
    close(timer);
    close(epoll);
}

static int by_length(const void *one, const void *two)
{
    int64_t left = *(const int64_t *)one, right = *(const int64_t *)two;
    return (left > right) - (left < right);
}

static void measure(const char *name, const char *path, unsigned long swaps, bool with, bool background)
{
    struct run run = { .swaps = swaps };
    run.text = bench_read_with_room(path, STAMP_MAX, &run.length);
    run.gaps = calloc(swaps, sizeof *run.gaps);
    if (!run.gaps)
        fail("memory");
    fake_kubelet_open(&run.kubelet);
    swap(&run, 0);
    pid_t child = start_writer(&run);
    cmr_reloader *reloader = with ? open_reloader(&run, background) : NULL;
    serve(&run, reloader);
    cmr_reloader_free(reloader);
    close(run.answer);
    waitpid(child, NULL, 0);
    fake_kubelet_close(&run.kubelet);
    qsort(run.gaps, swaps, sizeof *run.gaps, by_length);
    printf("| %s | %lu | %lu | %.1f | %.1f |\n", name, with ? swaps : 0, run.turns,
           (double)run.gaps[swaps - 1] / 1e6, (double)run.gaps[swaps / 2] / 1e6);
    free(run.gaps);
    free(run.text);
}

int main(int count, char **arguments)
{
    unsigned long swaps = count > 2 ? strtoul(arguments[2], NULL, 10) : 100;
    if (count < 2 || swaps == 0) {
        fprintf(stderr, "usage: stall FILE [RELOADS]\n");
        return 2;
    }
    printf("| the loop serves a 1 ms timer and | reloads | turns | longest gap, ms | median of the reloads' "
           "longest, ms |\n"
           "|---|---|---|---|---|\n");
    measure("nothing else", arguments[1], swaps, false, false);
    measure("a reloader that loads in dispatch", arguments[1], swaps, true, false);
    measure("a reloader that loads in the background", arguments[1], swaps, true, true);
    return 0;
}
