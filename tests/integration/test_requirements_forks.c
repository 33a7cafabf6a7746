/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet in forked children: requirement 19. The table in
 * docs/reliability.md has them all. The parent is not disturbed by whatever a child calls, a child can make
 * the reloader its own, and nothing in it waits for a lock that a thread of the parent held.
 *
 * What a child finds out it tells by one byte, and then kills itself, so that what is still allocated in it
 * is no leak to anybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/reloader.h"
#include "support/follower.h"

/* ThreadSanitizer takes a thread of the child for the parent's that had its place. */
#ifdef __SANITIZE_THREAD__
#define CHILDREN_HAVE_NO_THREADS true
#else
#define CHILDREN_HAVE_NO_THREADS false
#endif

/* ---- what is asked of the kernel by descriptors that parent and child share */

static unsigned shared_calls;
static bool no_wiping; /* a kernel before 4.14 */
static bool no_dup3;

int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
int __real_inotify_rm_watch(int descriptor, int watch);
int __real_timerfd_settime(int descriptor, int flags, const struct itimerspec *setting,
                           struct itimerspec *ret_old);
int __real_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event);
int __real_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout);
int __real_dup3(int descriptor, int number, int flags);
int __real_madvise(void *start, size_t size, int advice);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
int __wrap_inotify_rm_watch(int descriptor, int watch);
int __wrap_timerfd_settime(int descriptor, int flags, const struct itimerspec *setting,
                           struct itimerspec *ret_old);
int __wrap_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout);
int __wrap_dup3(int descriptor, int number, int flags);
int __wrap_madvise(void *start, size_t size, int advice);

int __wrap_dup3(int descriptor, int number, int flags)
{
    if (!no_dup3)
        return __real_dup3(descriptor, number, flags);
    errno = EMFILE;
    return -1;
}

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    shared_calls++;
    return __real_inotify_add_watch(descriptor, path, mask);
}

int __wrap_inotify_rm_watch(int descriptor, int watch)
{
    shared_calls++;
    return __real_inotify_rm_watch(descriptor, watch);
}

int __wrap_timerfd_settime(int descriptor, int flags, const struct itimerspec *setting,
                           struct itimerspec *ret_old)
{
    shared_calls++;
    return __real_timerfd_settime(descriptor, flags, setting, ret_old);
}

int __wrap_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event)
{
    shared_calls++;
    return __real_epoll_ctl(epoll, operation, descriptor, event);
}

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
    shared_calls++;
    return __real_epoll_wait(epoll, events, most, timeout);
}

void *__real_iniparser_load(const char *path);
void *__wrap_iniparser_load(const char *path);

int __wrap_madvise(void *start, size_t size, int advice)
{
    if (no_wiping && advice == MADV_WIPEONFORK) {
        errno = EINVAL;
        return -1;
    }
    return __real_madvise(start, size, advice);
}

/* ---- children */

typedef bool child_fn(struct follower *follower);

/* In a child, where cmocka's asserts would go on with the parent's tests. */
#define CHECK(good)                                                                                          \
    do {                                                                                                     \
        if (!(good)) {                                                                                       \
            fprintf(stderr, "child: %s:%d: %s\n", __FILE__, __LINE__, #good);                                \
            return false;                                                                                    \
        }                                                                                                    \
    } while (0)

static _Noreturn void answer(int pipe_end, bool good)
{
    while (write(pipe_end, good ? "y" : "n", 1) < 0 && errno == EINTR)
        continue;
    for (;;)
        raise(SIGKILL);
}

struct child {
    pid_t process;
    int answer;
};

static struct child begin_child(struct follower *follower, child_fn *run)
{
    int ends[2];
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    struct child child = { .answer = ends[0] };
    child.process = fork();
    assert_true(child.process >= 0);
    if (child.process == 0) {
        shared_calls = 0;
        alarm(60); /* one that hangs is no good */
        answer(ends[1], run(follower));
    }
    close(ends[1]);
    return child;
}

static bool end_child(struct child child)
{
    char good = 'n';
    while (read(child.answer, &good, 1) < 0 && errno == EINTR)
        continue;
    close(child.answer);
    while (waitpid(child.process, NULL, 0) < 0 && errno == EINTR)
        continue;
    return good == 'y';
}

static bool in_child(struct follower *follower, child_fn *run)
{
    return end_child(begin_child(follower, run));
}

static void load(struct follower *follower)
{
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
}

/* A swap arrives in the parent, by its events: there is no safety check. */
static void assert_undisturbed(struct follower *follower, unsigned generation)
{
    char text[16], expected[64];
    snprintf(text, sizeof text, "%u", generation);
    snprintf(expected, sizeof expected, "applied %u\nvalue=%u>%u\n", generation, generation - 1, generation);
    fake_kubelet_write(&follower->kubelet, "value", text);
    follower_awaits(follower, expected);
}

/* ---- nothing works */

static void never(void *user, const cmr_update *update)
{
    (void)user, (void)update;
    abort();
}

static cmr_subscription *subscription;
static cmr_observer *observer;

static bool call_everything(struct follower *follower)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    cmr_mount_status mount = CMR_MOUNT_STATUS_INIT;
    cmr_reloader *reloader = follower->reloader;
    CHECK(cmr_reloader_dispatch(reloader) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_wait(reloader, -1) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_load(reloader, -1) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_start(reloader) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_add_mount(reloader, "/nowhere", NULL) == CMR_ERR_FORKED);
    CHECK(cmr_subscribe(reloader, "**", never, NULL, NULL, NULL) == CMR_ERR_FORKED);
    CHECK(cmr_observe(reloader, journal_event, NULL, NULL, NULL) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_get_status(reloader, &status) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_get_mount_status(reloader, NULL, &mount) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_fd(reloader) == -1);
    cmr_reloader_wake(reloader);
    cmr_reloader_check_now(reloader);
    cmr_reloader_hold(reloader);
    cmr_reloader_release(reloader);
    cmr_unsubscribe(subscription);
    cmr_unobserve(observer);
    CHECK(shared_calls == 0);
    return true;
}

static bool has_value(struct follower *follower, const char *value)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    bool same = strcmp(cmr_get_string_or(snapshot, "value", ""), value) == 0;
    cmr_snapshot_unref(snapshot);
    return same;
}

static unsigned descriptors(void)
{
    unsigned count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static bool call_and_free(struct follower *follower)
{
    unsigned before = descriptors();
    CHECK(call_everything(follower));
    CHECK(has_value(follower, "1"));
    cmr_reloader_free(follower->reloader);
    CHECK(shared_calls == 0);
    CHECK(descriptors() <= before - 5); /* epoll, timer, wake-up, inotify, the volume */
    CHECK(strstr(follower->journal.text, "destroyed"));
    return true;
}

static void req19_a_child_takes_nothing_from_its_parent(void **state)
{
    struct follower *follower = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.destroy = journal_destroy;
    load(follower);
    assert_int_equal(CMR_OK, cmr_subscribe(follower->reloader, "other", journal_update, &follower->journal,
                                           &options, &subscription));
    assert_int_equal(CMR_OK,
                     cmr_observe(follower->reloader, journal_event, &follower->journal, NULL, &observer));
    cmr_unobserve(CMR_TAKE(observer));
    assert_true(in_child(follower, call_and_free));
    assert_undisturbed(follower, 2);
    assert_true(in_child(follower, call_everything));
    assert_undisturbed(follower, 3);
}

/* Where pages are not wiped, as before Linux 4.14. */
static void a_child_is_known_without_wiped_pages(void **state)
{
    struct follower *follower = *state;
    no_wiping = true;
    load(follower);
    no_wiping = false;
    assert_null(follower->reloader->guard.page);
    assert_true(in_child(follower, call_everything));
    assert_undisturbed(follower, 2);
}

/* ---- a reloader of the child's own */

static bool follow_on(struct follower *follower)
{
    int descriptor = follower->reloader->loop.epoll;
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(cmr_reloader_fd(follower->reloader) == descriptor);
    CHECK(journal_wait(&follower->journal, follower->reloader, "value=1>2\n"));
    fake_kubelet_write(&follower->kubelet, "value", "3");
    CHECK(journal_wait(&follower->journal, follower->reloader, "applied 3\nvalue=2>3\n"));
    CHECK(strstr(follower->journal.text, "ready") == NULL); /* it goes on, and does not begin */
    cmr_reloader_free(follower->reloader);
    return true;
}

static void req19_a_child_goes_on_with_all_that_was_registered(void **state)
{
    struct follower *follower = *state;
    load(follower);
    struct child child = begin_child(follower, follow_on);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    assert_true(journal_wait(&follower->journal, follower->reloader, ">3\n")); /* the child may be quicker */
    assert_true(end_child(child));
    journal_take(&follower->journal);
    fake_kubelet_set(&follower->kubelet, "value", "3");
    assert_int_equal(CMR_OK, cmr_reloader_after_fork(follower->reloader)); /* in the parent: nothing */
    fake_kubelet_write(&follower->kubelet, "value", "4");
    assert_true(journal_wait(&follower->journal, follower->reloader, "value=3>4\n"));
}

static bool follow_in_grandchild(struct follower *follower)
{
    CHECK(in_child(follower, call_everything));
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(in_child(follower, call_everything));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    CHECK(in_child(follower, follow_on));
    CHECK(journal_wait(&follower->journal, follower->reloader, "value=1>3\n"));
    return true;
}

static void children_of_children_are_children(void **state)
{
    struct follower *follower = *state;
    load(follower);
    assert_true(in_child(follower, follow_in_grandchild));
}

/* What a module of a program has: each of these asks the reloader, and not all can say that it is forked. */
struct value {
    int64_t value;
};

static const cmr_field value_fields[] = { CMR_FIELD_INT(struct value, value, "value"), CMR_FIELD_END };
static const cmr_schema value_schema = CMR_SCHEMA(struct value, value_fields);

static struct module {
    struct follower *follower;
    CMR_ATOMIC(int) bound;
    cmr_binding *binding;
    cmr_follower *structs;
    cmr_validator *validator;
    cmr_reader *reader;
    cmr_reader_key *key;
} module;

static cmr_status agree(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    (void)candidate, (void)veto;
    journal_add(&((struct module *)user)->follower->journal, "prepare");
    return CMR_OK;
}

static void commit(void *user, cmr_snapshot *published)
{
    (void)published;
    journal_add(&((struct module *)user)->follower->journal, "commit");
}

static void make_module(struct follower *follower)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    cmr_reloader *reloader = follower->reloader;
    module = (struct module){ .follower = follower };
    options.name = "module";
    options.prepare = agree;
    options.commit = commit;
    assert_int_equal(CMR_OK, cmr_bind_int(reloader, "value", &module.bound, 0, NULL, &module.binding));
    assert_int_equal(CMR_OK, cmr_follow(reloader, "", &value_schema, NULL, &module.structs));
    assert_int_equal(CMR_OK, cmr_validate(reloader, &options, &module, &module.validator));
    assert_int_equal(CMR_OK, cmr_reader_new(reloader, &module.reader));
    assert_int_equal(CMR_OK, cmr_reader_key_new(module.reader, "value", CMR_TYPE_INT64, NULL, &module.key));
}

static bool module_has(int value)
{
    int64_t number = -1;
    cmr_reader_snapshot(module.reader);
    const struct value *filled = cmr_reader_struct(module.reader, module.structs);
    CHECK(cmr_reader_get_int64(module.key, &number) == CMR_OK);
    return module.bound == value && number == value && filled && filled->value == value;
}

static bool call_for_modules(struct follower *follower)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    cmr_reloader *reloader = follower->reloader;
    struct module none = { .bound = 7 };
    options.name = "none";
    options.prepare = agree;
    CHECK(cmr_bind_int(reloader, "value", &none.bound, 0, NULL, &none.binding) == CMR_ERR_FORKED);
    CHECK(cmr_follow(reloader, "", &value_schema, NULL, &none.structs) == CMR_ERR_FORKED);
    CHECK(cmr_validate(reloader, &options, NULL, &none.validator) == CMR_ERR_FORKED);
    CHECK(cmr_reloader_try(reloader, NULL, cmr_reader_snapshot(module.reader), NULL) == CMR_ERR_FORKED);
    CHECK(none.bound == 7 && !none.binding && !none.structs && !none.validator);
    cmr_unbind(module.binding); /* to no effect */
    cmr_unfollow(module.structs);
    cmr_unvalidate(module.validator);
    cmr_reader_release(module.reader);
    CHECK(module_has(1));
    CHECK(shared_calls == 0);
    return true;
}

static bool follow_on_with_module(struct follower *follower)
{
    CHECK(call_for_modules(follower));
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(module_has(1));
    fake_kubelet_write(&follower->kubelet, "value", "x");
    CHECK(journal_wait(&follower->journal, follower->reloader, "rejected 1 value:1:1 [value]\n"));
    CHECK(module_has(1));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    CHECK(journal_wait(&follower->journal, follower->reloader, "prepare\ncommit\napplied 2\nvalue=1>2\n"));
    CHECK(module_has(2));
    CHECK(cmr_reloader_try(follower->reloader, NULL, cmr_reader_snapshot(module.reader), NULL) == CMR_OK);
    cmr_unvalidate(module.validator);
    cmr_unfollow(module.structs);
    cmr_reader_free(module.reader);
    cmr_reloader_free(follower->reloader);
    return true;
}

static void a_child_goes_on_with_all_kinds_of_registrations(void **state)
{
    struct follower *follower = *state;
    load(follower);
    make_module(follower);
    assert_true(in_child(follower, follow_on_with_module));
    assert_true(in_child(follower, call_for_modules));
    assert_true(module_has(1));
    follower_awaits(follower, "prepare\ncommit\napplied 2\nvalue=1>2\n");
    assert_true(module_has(2));
    cmr_reader_free(module.reader);
}

/* Forked before the first load, as by a daemon that opens before it leaves its terminal. */
static bool load_first(struct follower *follower)
{
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(cmr_reloader_load(follower->reloader, 30000) == CMR_OK);
    CHECK(strcmp(follower->journal.text, "ready 1\n") == 0);
    return true;
}

static void a_child_may_be_the_first_to_load(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_open(follower, follower->kubelet.dir);
    assert_true(in_child(follower, load_first));
}

static bool lack_descriptors(struct follower *follower)
{
    int first = dup(0), last = first;
    for (int next = first; next >= 0; next = dup(0))
        last = next;
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_ERR_SYSTEM);
    CHECK(cmr_reloader_dispatch(follower->reloader) == CMR_ERR_FORKED);
    no_dup3 = true;
    for (int i = first; i <= last; i++)
        close(i);
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_ERR_SYSTEM);
    CHECK(cmr_reloader_dispatch(follower->reloader) == CMR_ERR_FORKED);
    no_dup3 = false;
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(cmr_reloader_dispatch(follower->reloader) == CMR_OK);
    return true;
}

static void after_fork_may_be_called_again_when_it_failed(void **state)
{
    struct follower *follower = *state;
    load(follower);
    assert_true(in_child(follower, lack_descriptors));
}

/* ---- other threads at the fork */

static atomic_bool half_done; /* by a dispatch that has published the second generation */

static bool do_without_lock(struct follower *follower)
{
    CHECK(call_everything(follower));
    CHECK(has_value(follower, atomic_load(&half_done) ? "2" : "1"));
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_ERR_BUSY);
    CHECK(call_everything(follower));
    cmr_reloader_free(follower->reloader);
    CHECK(shared_calls == 0);
    return true;
}

static sem_t reached, go_on;

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

static void *hold_lock(void *user)
{
    struct follower *follower = user;
    pthread_mutex_lock(&follower->reloader->lock);
    sem_post(&reached);
    await(&go_on);
    pthread_mutex_unlock(&follower->reloader->lock);
    return NULL;
}

static void pause_here(void *user, const cmr_update *update)
{
    (void)user, (void)update;
    half_done = true;
    sem_post(&reached);
    await(&go_on);
}

static void *dispatch_once(void *user)
{
    struct follower *follower = user;
    (void)cmr_reloader_dispatch(follower->reloader);
    return NULL;
}

/* Forks while another thread is where it posts `reached`. */
static void fork_beside(struct follower *follower, void *(*run)(void *), child_fn *in)
{
    pthread_t thread;
    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    assert_int_equal(0, pthread_create(&thread, NULL, run, follower));
    await(&reached);
    bool good = in_child(follower, in);
    sem_post(&go_on);
    assert_int_equal(0, pthread_join(thread, NULL));
    assert_true(good);
}

static void req19_no_child_waits_for_a_lock_of_its_parents_threads(void **state)
{
    struct follower *follower = *state;
    load(follower);
    fork_beside(follower, hold_lock, do_without_lock);
    assert_undisturbed(follower, 2);
}

static void no_child_goes_on_with_what_is_half_done(void **state)
{
    struct follower *follower = *state;
    load(follower);
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "value", pause_here, NULL, NULL, &subscription));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    fork_beside(follower, dispatch_once, do_without_lock);
    half_done = false;
    cmr_unsubscribe(subscription);
    journal_take(&follower->journal);
    assert_undisturbed(follower, 3);
}

static bool start_again(struct follower *follower)
{
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    fake_kubelet_write(&follower->kubelet, "value", "3");
    CHECK(cmr_reloader_start(follower->reloader) == CMR_OK);
    while (!has_value(follower, "3"))
        usleep(1000);
    cmr_reloader_free(follower->reloader);
    return true;
}

static bool can_start_threads(void)
{
    if (CHILDREN_HAVE_NO_THREADS)
        printf("SKIP: ThreadSanitizer knows no threads in children of a process that has some\n");
    return !CHILDREN_HAVE_NO_THREADS;
}

/* The thread of cmr_reloader_start only waits. */
static void a_helper_that_waits_hinders_no_child(void **state)
{
    struct follower *follower = *state;
    if (!can_start_threads())
        return;
    load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    assert_int_equal(CMR_OK, cmr_reloader_start(follower->reloader));
    bool waits = false;
    for (int i = 0; i < 30000 && !waits; i++) {
        usleep(1000);
        pthread_mutex_lock(&follower->reloader->lock);
        waits = follower->reloader->current->generation == 2 && !follower->reloader->turning;
        pthread_mutex_unlock(&follower->reloader->lock);
    }
    assert_true(waits);
    assert_true(in_child(follower, start_again));
}

/* ---- the loader's thread */

static atomic_bool slow;

static cmr_status parse_slowly(void *user, cmr_parser *parser, const char *data, size_t size)
{
    (void)user;
    if (slow) {
        sem_post(&reached);
        await(&go_on);
    }
    return cmr_parser_scalar(parser, "n", 1, CMR_TYPE_ANY, data, size, (cmr_place){ 1, 1 });
}

static bool load_anew(struct follower *follower)
{
    slow = false;
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    CHECK(journal_wait(&follower->journal, follower->reloader, "a.slow#n=1>2\n"));
    cmr_reloader_free(follower->reloader);
    return true;
}

static void a_child_loads_anew_what_was_being_loaded(void **state)
{
    struct follower *follower = *state;
    cmr_format format = CMR_FORMAT_INIT;
    const cmr_format *own[] = { &format, NULL };
    const cmr_format_rule rules[] = { { "*.slow", "slow" }, { NULL, NULL } };
    cmr_options options = CMR_OPTIONS_INIT;
    format.name = "slow";
    format.parse = parse_slowly;
    follower->mount.own_formats = own;
    follower->mount.formats = rules;
    options.mount = &follower->mount;
    options.background = true;
    if (!can_start_threads())
        return;
    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    fake_kubelet_write(&follower->kubelet, "a.slow", "1");
    assert_int_equal(CMR_OK, cmr_open(follower->kubelet.dir, &options, &follower->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "**", journal_update, &follower->journal, NULL, NULL));
    slow = true;
    fake_kubelet_write(&follower->kubelet, "a.slow", "2");
    follower_dispatch(follower);
    await(&reached);
    bool good = in_child(follower, load_anew);
    slow = false;
    sem_post(&go_on);
    assert_true(good);
    follower_awaits(follower, "a.slow#n=1>2\n");
}

/* ---- iniparser, which a process has once */

void *__wrap_iniparser_load(const char *path)
{
    if (slow) {
        sem_post(&reached);
        await(&go_on);
    }
    return __real_iniparser_load(path);
}

static void *read_ini(void *user)
{
    const cmr_file file = { .name = "a.ini", .data = "n = 1", .size = 5 };
    cmr_snapshot *snapshot = NULL;
    (void)user;
    (void)cmr_snapshot_from_files(&file, 1, NULL, NULL, &snapshot);
    cmr_snapshot_unref(snapshot);
    return NULL;
}

static bool read_ini_too(struct follower *follower)
{
    slow = false;
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    fake_kubelet_write(&follower->kubelet, "a.ini", "n = 2");
    CHECK(journal_wait(&follower->journal, follower->reloader, "+a.ini#n=2\n"));
    return true;
}

/* Whatever the thread is about; it has nothing to do with the reloader. */
static void a_child_reads_ini_while_a_thread_of_its_parent_did(void **state)
{
    struct follower *follower = *state;
    load(follower);
    slow = true;
    fork_beside(follower, read_ini, read_ini_too);
    slow = false;
    follower_awaits(follower, "applied 2\n+a.ini#n=2\n");
}

/* ---- forks in callbacks */

static int answer_end = -1;

static void fork_inside(void *user, const cmr_update *update)
{
    struct child *child = user;
    int ends[2];
    (void)update;
    if (answer_end >= 0 || pipe2(ends, O_CLOEXEC) != 0)
        return; /* once */
    child->answer = ends[0];
    child->process = fork();
    shared_calls = 0;
    answer_end = ends[1];
    if (child->process)
        close(ends[1]);
}

static bool is_left_alone(struct follower *follower, cmr_status status)
{
    CHECK(status == CMR_ERR_FORKED);
    CHECK(shared_calls == 0);
    CHECK(call_everything(follower));
    CHECK(cmr_reloader_after_fork(follower->reloader) == CMR_OK);
    fake_kubelet_write(&follower->kubelet, "value", "3");
    CHECK(journal_wait(&follower->journal, follower->reloader, "value=2>3\n"));
    return true;
}

/* A child should not come back from the callback, but where no other thread was busy it does no harm. */
static void a_child_that_comes_back_from_a_callback_does_no_harm(void **state)
{
    struct follower *follower = *state;
    struct child child = { 0 };
    load(follower);
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "value", fork_inside, &child, NULL, &subscription));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    cmr_status status = cmr_reloader_dispatch(follower->reloader);
    if (child.process == 0)
        answer(answer_end, is_left_alone(follower, status));
    assert_int_equal(CMR_OK, status);
    assert_true(end_child(child));
    follower_awaits(follower, "applied 2\nvalue=1>2\napplied 3\nvalue=2>3\n");
    fake_kubelet_set(&follower->kubelet, "value", "3");
    assert_undisturbed(follower, 4);
}

struct parting {
    struct follower *follower;
    struct child child;
};

static void fork_and_free(void *user, const cmr_update *update)
{
    struct parting *parting = user;
    fork_inside(&parting->child, update);
    if (parting->child.process)
        return;
    if (cmr_reloader_after_fork(parting->follower->reloader) != CMR_ERR_BUSY)
        abort();
    cmr_reloader_free(parting->follower->reloader);
}

static void a_child_may_free_the_reloader_in_a_callback(void **state)
{
    struct follower *follower = *state;
    struct parting parting = { .follower = follower };
    load(follower);
    cmr_subscribe(follower->reloader, "value", fork_and_free, &parting, NULL, NULL);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    cmr_status status = cmr_reloader_dispatch(follower->reloader);
    if (parting.child.process == 0)
        answer(answer_end, status == CMR_ERR_CLOSED && shared_calls == 0);
    assert_int_equal(CMR_OK, status);
    assert_true(end_child(parting.child));
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
    assert_undisturbed(follower, 3);
}

static int set_up(void **state)
{
    subscription = NULL;
    observer = NULL;
    answer_end = -1;
    return follower_set_up(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req19_a_child_takes_nothing_from_its_parent),
        TEST(a_child_is_known_without_wiped_pages),
        TEST(req19_a_child_goes_on_with_all_that_was_registered),
        TEST(a_child_goes_on_with_all_kinds_of_registrations),
        TEST(children_of_children_are_children),
        TEST(a_child_may_be_the_first_to_load),
        TEST(after_fork_may_be_called_again_when_it_failed),
        TEST(req19_no_child_waits_for_a_lock_of_its_parents_threads),
        TEST(no_child_goes_on_with_what_is_half_done),
        TEST(a_helper_that_waits_hinders_no_child),
        TEST(a_child_loads_anew_what_was_being_loaded),
        TEST(a_child_reads_ini_while_a_thread_of_its_parent_did),
        TEST(a_child_that_comes_back_from_a_callback_does_no_harm),
        TEST(a_child_may_free_the_reloader_in_a_callback),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
