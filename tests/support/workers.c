/* SPDX-License-Identifier: MIT
 *
 * A worker is always killed by the test, also where it has ended by itself: what is allocated in it, of the
 * test's too, is no leak to anybody. That frees leave nothing is seen by its descriptors, and by tests of one
 * process. */
#include "support/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define PATIENCE_MS 60000

struct message {
    worker_order *order;
    char argument[WORKER_TEXT];
};

/* ---- in a worker */

static void on_event(void *user, const cmr_event *event)
{
    struct worker *self = user;
    if (event->kind == CMR_EVENT_SHARED)
        self->all->views[self->number].shared = event->generation;
    else
        journal_event(&self->journal, event);
}

static void show(struct worker *self)
{
    struct worker_view *view = &self->all->views[self->number];
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    if (!self->reloader || cmr_reloader_get_status(self->reloader, &status) != CMR_OK)
        return;
    view->generation = status.generation;
    view->role = status.role;
}

static bool open_reloader(struct worker *self)
{
    struct workers *all = self->all;
    all->options.mount = &all->mount;
    WORKER_CHECK(cmr_open(all->path, &all->options, &self->reloader) == CMR_OK);
    WORKER_CHECK(cmr_observe(self->reloader, on_event, self, NULL, NULL) == CMR_OK);
    WORKER_CHECK(cmr_subscribe(self->reloader, "*:**", journal_update, &self->journal, NULL, NULL) == CMR_OK);
    WORKER_CHECK(!all->opening || all->opening(self, ""));
    WORKER_CHECK(cmr_reloader_join(self->reloader, all->share) == CMR_OK);
    return true;
}

/* The test kills it. */
static _Noreturn void end(struct worker *self, char answer)
{
    while (answer && write(self->orders, &answer, 1) < 0 && errno == EINTR)
        continue;
    close(self->orders);
    for (;;)
        pause();
}

static void obey(struct worker *self)
{
    struct message message;
    ssize_t size = recv(self->orders, &message, sizeof message, 0);
    if (size <= 0)
        end(self, '\0');
    bool good = message.order(self, message.argument);
    show(self);
    if (write(self->orders, good ? "y" : "n", 1) != 1)
        end(self, '\0');
}

/* Nothing is dispatched before the first order, so that a test decides who is first. */
static _Noreturn void work(struct worker *self)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    self->all->views[self->number].process = getpid();
    if (!open_reloader(self))
        end(self, '\0');
    for (bool begun = false;; begun = true) {
        struct pollfd descriptors[] = { { .fd = self->orders, .events = POLLIN },
                                        { .fd = cmr_reloader_fd(self->reloader), .events = POLLIN } };
        if (poll(descriptors, begun ? 2 : 1, -1) < 0 && errno != EINTR)
            end(self, '\0');
        if (begun && descriptors[1].revents && cmr_reloader_dispatch(self->reloader) != CMR_OK)
            end(self, '\0');
        show(self);
        if (descriptors[0].revents)
            obey(self);
    }
}

/* ---- in the test */

void workers_open(struct workers *workers, const char *path)
{
    *workers = (struct workers){ .path = path };
    workers->mount = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    workers->mount.check_interval_ms = -1;
    workers->options = (cmr_options)CMR_OPTIONS_INIT;
    if (getenv("CMRELOAD_TEST_LOG"))
        workers->options.log = cmr_log_stderr;
    workers->views = mmap(NULL, WORKERS_MOST * sizeof *workers->views, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(MAP_FAILED, workers->views);
    assert_int_equal(CMR_OK, cmr_share_new(&workers->share));
}

void worker_kill(struct workers *workers, unsigned number)
{
    struct worker *worker = &workers->each[number];
    if (!worker->process)
        return;
    kill(worker->process, SIGKILL);
    while (waitpid(worker->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(worker->orders);
    worker->process = 0;
    workers->views[number].role = CMR_ROLE_ALONE;
}

void workers_close(struct workers *workers)
{
    for (unsigned i = 0; i < WORKERS_MOST; i++)
        worker_kill(workers, i);
    cmr_share_free(workers->share);
    munmap(workers->views, WORKERS_MOST * sizeof *workers->views);
}

void worker_start(struct workers *workers, unsigned number)
{
    struct worker *worker = &workers->each[number];
    int ends[2];
    assert_int_equal(0, worker->process);
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    *worker = (struct worker){ .all = workers, .number = number };
    memset(&workers->views[number], 0, sizeof workers->views[number]);
    worker->process = fork();
    assert_true(worker->process >= 0);
    worker->orders = ends[worker->process ? 0 : 1];
    close(ends[worker->process ? 1 : 0]);
    if (worker->process == 0)
        work(worker);
}

void worker_begin(struct workers *workers, unsigned number)
{
    worker_start(workers, number);
    assert_true(worker_does(workers, number, worker_loads, ""));
}

void worker_send(struct workers *workers, unsigned number, worker_order *order, const char *argument)
{
    struct message message = { .order = order };
    snprintf(message.argument, sizeof message.argument, "%s", argument);
    (void)send(workers->each[number].orders, &message, sizeof message, MSG_NOSIGNAL);
}

bool worker_answers(struct workers *workers, unsigned number)
{
    struct pollfd descriptor = { .fd = workers->each[number].orders, .events = POLLIN };
    char answer = 'n';
    while (poll(&descriptor, 1, PATIENCE_MS) < 0 && errno == EINTR)
        continue;
    if (descriptor.revents && recv(descriptor.fd, &answer, 1, 0) != 1)
        answer = 'n';
    if (!descriptor.revents)
        fprintf(stderr, "worker %u does not answer\n", number);
    return answer == 'y';
}

bool worker_does(struct workers *workers, unsigned number, worker_order *order, const char *argument)
{
    worker_send(workers, number, order, argument);
    return worker_answers(workers, number);
}

bool workers_do(struct workers *workers, worker_order *order, const char *argument)
{
    bool good = true;
    for (unsigned i = 0; i < WORKERS_MOST; i++) {
        if (workers->each[i].process)
            worker_send(workers, i, order, argument);
    }
    for (unsigned i = 0; i < WORKERS_MOST; i++) {
        if (workers->each[i].process)
            good = worker_answers(workers, i) && good;
    }
    return good;
}

unsigned workers_publisher(struct workers *workers)
{
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), PATIENCE_MS);
    for (;;) {
        unsigned count = 0, found = 0;
        for (unsigned i = 0; i < WORKERS_MOST; i++) {
            if (workers->each[i].process && workers->views[i].role == CMR_ROLE_PUBLISHER) {
                found = i;
                count++;
            }
        }
        if (count == 1)
            return found;
        if (count > 1 || cmr__clock_now() > deadline)
            fail_msg("%u publishers", count);
        poll(NULL, 0, 5);
    }
}

/* ---- orders */

bool worker_loads(struct worker *self, const char *argument)
{
    (void)argument;
    cmr_status status = cmr_reloader_load(self->reloader, PATIENCE_MS);
    if (status != CMR_OK)
        fprintf(stderr, "worker %u: %s\n", self->number, cmr_strerror(status));
    return status == CMR_OK;
}

bool worker_awaits(struct worker *self, const char *argument)
{
    if (!journal_wait(&self->journal, self->reloader, argument)) {
        fprintf(stderr, "worker %u: wanted %s, found %s\n", self->number, argument, self->journal.text);
        return false;
    }
    journal_take(&self->journal);
    return true;
}

bool worker_told(struct worker *self, const char *argument)
{
    const char *told = journal_take(&self->journal);
    if (strcmp(told, argument) == 0)
        return true;
    fprintf(stderr, "worker %u: wanted %s, found %s\n", self->number, argument, told);
    return false;
}

bool worker_has(struct worker *self, const char *argument)
{
    char key[WORKER_TEXT];
    snprintf(key, sizeof key, "%s", argument);
    char *wanted = strchr(key, ' ');
    WORKER_CHECK(wanted);
    *wanted++ = '\0';
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(self->reloader);
    const char *found = cmr_get_string_or(snapshot, key, "(none)");
    bool good = strcmp(found, wanted) == 0;
    if (!good)
        fprintf(stderr, "worker %u: wanted %s, found %s\n", self->number, wanted, found);
    cmr_snapshot_unref(snapshot);
    return good;
}

static uint64_t generation(const struct worker *self)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    return cmr_reloader_get_status(self->reloader, &status) == CMR_OK ? status.generation : 0;
}

bool worker_is_at(struct worker *self, const char *argument)
{
    uint64_t wanted = strtoull(argument, NULL, 10);
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), PATIENCE_MS / 2);
    while (generation(self) < wanted) {
        cmr_status status = cmr_reloader_wait(self->reloader, 1000);
        WORKER_CHECK(status == CMR_OK || status == CMR_ERR_TIMEOUT);
        WORKER_CHECK(cmr__clock_now() < deadline);
    }
    return true;
}

bool worker_is_shared(struct worker *self, const char *argument)
{
    uint64_t wanted = strtoull(argument, NULL, 10);
    for (unsigned tries = 0; self->all->views[self->number].shared != wanted; tries++) {
        cmr_status status = cmr_reloader_wait(self->reloader, 1000);
        WORKER_CHECK(status == CMR_OK || status == CMR_ERR_TIMEOUT);
        WORKER_CHECK(tries < 1000);
    }
    return true;
}

bool worker_checks(struct worker *self, const char *argument)
{
    (void)argument;
    cmr_reloader_check_now(self->reloader);
    return true;
}

bool worker_holds(struct worker *self, const char *argument)
{
    (void)argument;
    cmr_reloader_hold(self->reloader);
    return true;
}

bool worker_releases(struct worker *self, const char *argument)
{
    (void)argument;
    cmr_reloader_release(self->reloader);
    return true;
}

/* Those that refer to what the share and the reloader have: memfds, sockets, pipes, epoll and the like. */
static unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    closedir(folder);
    return count;
}

bool worker_leaves(struct worker *self, const char *argument)
{
    unsigned before = count_descriptors();
    (void)argument;
    cmr_reloader_free(self->reloader);
    cmr_share_free(self->all->share);
    /* A reloader has one at least, a share five. */
    if (count_descriptors() + 6 > before)
        fprintf(stderr, "worker %u: %u descriptors of %u are left\n", self->number, count_descriptors(),
                before);
    end(self, count_descriptors() + 6 > before ? 'n' : 'y');
}
