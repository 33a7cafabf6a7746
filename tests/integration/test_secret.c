/* SPDX-License-Identifier: MIT
 *
 * Secret mounts: what is planted in one is found nowhere, neither in logs, diagnostics and explanations, nor
 * in memory as a core dump would show it, while it is held and after it was released.
 *
 * One process writes the secrets, another follows them, and this one looks into its memory while it stands
 * still. The same is done with a mount that is not secret, where everything must be found: so that a look
 * that finds nothing says something. A real core is looked through, too, where the kernel writes one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/fake_kubelet.h"
#include "support/journal.h"
#include "support/memory_scan.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WRITES_CORES false /* sanitizers reserve terabytes, and end a program themselves */
#else
#define WRITES_CORES true
#endif

#define PLANTS 10

static bool no_locking, no_randomness;
static unsigned locks;  /* that were asked for */
static long pages_left; /* so often there is memory yet; negative: always */

int __real_mlock(const void *start, size_t size);
void *__real_mmap(void *start, size_t size, int protection, int flags, int file, off_t offset);
ssize_t __real_getrandom(void *data, size_t size, unsigned flags);
int __wrap_mlock(const void *start, size_t size);
void *__wrap_mmap(void *start, size_t size, int protection, int flags, int file, off_t offset);

ssize_t __wrap_getrandom(void *data, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *data, size_t size, unsigned flags)
{
    if (!no_randomness)
        return __real_getrandom(data, size, flags);
    errno = ENOSYS;
    return -1;
}

int __wrap_mlock(const void *start, size_t size)
{
    locks++;
    if (!no_locking)
        return __real_mlock(start, size);
    errno = ENOMEM;
    return -1;
}

void *__wrap_mmap(void *start, size_t size, int protection, int flags, int file, off_t offset)
{
    if (pages_left < 0 || pages_left-- > 0)
        return __real_mmap(start, size, protection, flags, file, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

/* ---- the writer, a process of its own */

static struct fake_kubelet kubelet;

typedef void write_fn(void);

static void in_writer(write_fn *write)
{
    int status;
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        write();
        raise(SIGKILL); /* what is allocated in it is no leak */
    }
    while (waitpid(writer, &status, 0) < 0)
        assert_int_equal(EINTR, errno);
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

__attribute__((format(printf, 2, 3))) static void set(const char *name, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fake_kubelet_set(&kubelet, name, text);
}

/* Each format, with and without escapes, which take other ways. */
static void set_good(void)
{
    char plant[PLANTS][PLANT_SIZE + 1];
    for (unsigned i = 0; i < PLANTS; i++)
        plant_make(i, plant[i]);
    set("password", "%s\n", plant[0]);
    set("a.properties", "plain=%s\nescaped=%s\\n%s\nlist=%s, %s\npairs=a=%s\n", plant[1], plant[2], plant[2],
        plant[3], plant[3], plant[3]);
    set("a.json", "{\"plain\":\"%s\",\"escaped\":\"%s\\n%s\",\"list\":[\"%s\"]}", plant[4], plant[5],
        plant[5], plant[6]);
    set("a.env", "KEY=%s\n", plant[7]);
}

static void write_good(void)
{
    set_good();
    fake_kubelet_swap(&kubelet);
}

static void write_changed(void)
{
    char plant[PLANT_SIZE + 1];
    set_good();
    plant_make(8, plant);
    set("password", "%s", plant);
    set("a.properties", "plain=%s\nlist=%s\n", plant, plant);
    fake_kubelet_swap(&kubelet);
}

/* Each grammar meets what it would quote. */
static void write_bad(void)
{
    char plant[PLANT_SIZE + 1];
    plant_make(9, plant);
    set("bad.properties", "a=%s\\u%s\n", plant, plant);
    set("bad.json", "{\"a\": %s}", plant);
    set("twins.json", "{\"%s\": 1, \"%s\": 2}", plant, plant);
    set("bad.env", "%s\n", plant);
    set("worse.env", "1%s=%s\n", plant, plant);
    set("half.json", "[\"%s\\ud800\", \"%s\\q\"]", plant, plant);
    fake_kubelet_swap(&kubelet);
}

/* Password wants to be a number, and so do all the others. */
static void write_wrong(void)
{
    char plant[PLANT_SIZE + 1];
    plant_make(9, plant);
    payload_clear(&kubelet.payload);
    set("password", "%s", plant);
    set("a.properties", "n=%s\nlist=%s, %s\nbad=,%s\n", plant, plant, plant, plant);
    fake_kubelet_swap(&kubelet);
}

/* ---- the follower, another one */

static struct fixture {
    bool secret;
    bool core;
    struct locked { /* what a forked child finds out */
        unsigned locks;
        bool swappable;
        cmr_status status;
    } locked;
    char told[1 << 20]; /* all that was logged, reported and explained */
    size_t told_size;
    unsigned updates;
} * fixture; /* shared with the follower */

static void tell(const char *text)
{
    int length =
        snprintf(fixture->told + fixture->told_size, sizeof fixture->told - fixture->told_size, "%s\n", text);
    fixture->told_size += (size_t)length;
    if (fixture->told_size >= sizeof fixture->told)
        abort();
}

static void keep_log(void *user, cmr_log_level level, const char *message)
{
    (void)user, (void)level;
    tell(message);
}

static void keep_report(const cmr_report *report)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        tell(cmr_report_get(report, i)->message);
        tell(cmr_report_get(report, i)->key);
    }
}

static void keep_event(void *user, const cmr_event *event)
{
    (void)user;
    tell(event->hash);
    tell(event->target);
    keep_report(event->report);
}

static void count_changes(void *user, const cmr_update *update)
{
    (void)user;
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        const cmr_value *value = change->new_value ? change->new_value : change->old_value;
        if (value->secret == fixture->secret)
            fixture->updates++;
    }
}

static void explain_all(cmr_snapshot *snapshot)
{
    static const char *const keys[] = { "password",          "a.properties#plain", "a.json#plain",
                                        "a.properties#list", "a.env#KEY",          "a.json#lain" };
    char text[512];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        for (cmr_type type = CMR_TYPE_NULL; type <= CMR_TYPE_CIDR; type++) {
            if (cmr_explain(snapshot, keys[i], type, NULL, text, sizeof text))
                tell(text);
            if (cmr_explain_items(snapshot, keys[i], CMR_TYPE_LIST, type, NULL, text, sizeof text))
                tell(text);
            if (cmr_explain_items(snapshot, keys[i], CMR_TYPE_MAP, type, NULL, text, sizeof text))
                tell(text);
        }
    }
}

static void read_items(cmr_snapshot *snapshot)
{
    cmr_list *list = NULL;
    cmr_map *map = NULL;
    (void)cmr_list_new(snapshot, "a.properties#list", CMR_TYPE_STRING, NULL, &list);
    (void)cmr_map_new(snapshot, "a.properties#pairs", CMR_TYPE_STRING, NULL, &map);
    if (list && cmr_list_count(list) && map && cmr_map_count(map))
        fixture->updates++;
    cmr_list_free(list);
    cmr_map_free(map);
}

static void stand_still(void)
{
    raise(SIGSTOP);
}

/* One that refuses everything, and a copy of nothing. */
static void refuse(cmr_reloader *reloader)
{
    cmr_subscription_options number = CMR_SUBSCRIPTION_OPTIONS_INIT;
    number.type = CMR_TYPE_INT64;
    number.lenient = true;
    if (cmr_subscribe(reloader, "**", count_changes, NULL, &number, NULL) != CMR_OK)
        abort();
    number.lenient = false;
    if (cmr_subscribe(reloader, "** a.properties#n", count_changes, NULL, &number, NULL) == CMR_OK)
        abort();
}

struct kept {
    const char *plain;
    const char *const *list;
    size_t count;
};
static const cmr_field kept_fields[] = {
    CMR_FIELD_STRING(struct kept, plain, "plain"),
    CMR_FIELD_LIST(struct kept, list, count, "list", STRING),
    CMR_FIELD_END,
};
static const cmr_schema kept_schema = CMR_SCHEMA(struct kept, kept_fields);

struct wrong {
    int plain;
};
static const cmr_field wrong_fields[] = { CMR_FIELD_INT(struct wrong, plain, "plain", .maximum = "9"),
                                          CMR_FIELD_END };
static const cmr_schema wrong_schema = CMR_SCHEMA(struct wrong, wrong_fields);

/* A struct that holds parts of it, and one that refuses them. */
static void follow_schemas(cmr_reloader *reloader)
{
    cmr_follower *follower, *none;
    cmr_report *report;
    if (cmr_follow(reloader, "a.properties", &kept_schema, NULL, &follower) != CMR_OK ||
        cmr_follow(reloader, "a.properties", &wrong_schema, &report, &none) != CMR_ERR_REJECTED)
        abort();
    keep_report(report);
    cmr_report_free(report);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    const struct kept *kept = cmr_follower_get(follower, snapshot);
    if (kept->plain && kept->count == 2)
        fixture->updates++;
    cmr_snapshot_unref(snapshot);
}

static void follow(void)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.secret = fixture->secret;
    options.mount = &mount;
    options.log = keep_log;
    if (cmr_open(kubelet.dir, &options, &reloader) != CMR_OK ||
        cmr_observe(reloader, keep_event, NULL, NULL, NULL) != CMR_OK ||
        cmr_subscribe(reloader, "**", count_changes, NULL, NULL, NULL) != CMR_OK ||
        cmr_reloader_load(reloader, 30000) != CMR_OK)
        abort();
    refuse(reloader);
    follow_schemas(reloader);
    cmr_snapshot *first = cmr_reloader_ref_snapshot(reloader);
    explain_all(first);
    read_items(first);
    stand_still(); /* held; then it changes, becomes bad, and wrong */
    for (int i = 0; i < 3; i++) {
        (void)cmr_reloader_wait(reloader, 30000);
        cmr_snapshot *now = cmr_reloader_ref_snapshot(reloader);
        explain_all(now);
        cmr_snapshot_unref(now);
        stand_still();
    }
    cmr_snapshot_unref(first);
    cmr_reloader_free(reloader);
    stand_still(); /* released */
}

static pid_t begin_follower(void)
{
    struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
    pid_t follower = fork();
    assert_true(follower >= 0);
    if (follower)
        return follower;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* or it would stand still for ever */
    if (fixture->core && (setrlimit(RLIMIT_CORE, &all) != 0 || chdir(kubelet.root) != 0))
        fixture->core = false;
    follow();
    raise(fixture->core ? SIGQUIT : SIGKILL); /* of which the first leaves a core */
    abort();
}

static void await_stop(pid_t follower)
{
    int status;
    while (waitpid(follower, &status, WUNTRACED) < 0)
        assert_int_equal(EINTR, errno);
    if (!WIFSTOPPED(status))
        fail_msg("the follower ended with %x", (unsigned)status);
}

/* ---- the tests */

static int set_up(void **state)
{
    (void)state;
    no_locking = no_randomness = false;
    pages_left = -1;
    fixture = mmap(NULL, sizeof *fixture, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fixture == MAP_FAILED)
        return -1;
    fake_kubelet_open(&kubelet);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_kubelet_close(&kubelet);
    return munmap(fixture, sizeof *fixture);
}

static void look(pid_t follower, const char *when, bool wanted)
{
    struct memory_scan scan;
    assert_true(memory_scan_process(follower, PLANTS, &scan));
    if (wanted != (scan.finds > 0))
        fail_msg("%s: %lu finds in %zu bytes, the first in %s", when, scan.finds, scan.looked, scan.where);
}

/* The follower stops after each step; what it does next is what was written meanwhile. */
static pid_t follow_all(void)
{
    static write_fn *const next[] = { write_changed, write_bad, write_wrong, NULL };
    in_writer(write_good);
    pid_t follower = begin_follower();
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        await_stop(follower);
        look(follower, "held", !fixture->secret);
        if (next[i])
            in_writer(next[i]);
        kill(follower, SIGCONT);
    }
    await_stop(follower);
    return follower;
}

static void end_follower(pid_t follower, int *ret_status)
{
    kill(follower, SIGCONT);
    while (waitpid(follower, ret_status, 0) < 0)
        assert_int_equal(EINTR, errno);
}

static void a_secret_is_found_nowhere(void **state)
{
    (void)state;
    int status;
    fixture->secret = true;
    pid_t follower = follow_all();
    look(follower, "released", false);
    end_follower(follower, &status);
    assert_false(memory_scan_text(fixture->told, fixture->told_size, PLANTS));
    assert_null(strstr(fixture->told, "xxh3"));
    assert_non_null(strstr(fixture->told, "a secret's text is not shown"));
    assert_non_null(strstr(fixture->told, "wanted int64, found something else: a secret, and not shown"));
    assert_in_range(fixture->updates, 4, 1000);
}

/* So that the look above is worth something. */
static void what_is_no_secret_is_found_everywhere(void **state)
{
    (void)state;
    int status;
    pid_t follower = follow_all();
    end_follower(follower, &status);
    assert_true(memory_scan_text(fixture->told, fixture->told_size, PLANTS));
    assert_non_null(strstr(fixture->told, "xxh3"));
}

static bool find_core(char *ret_path, size_t size)
{
    DIR *folder = opendir(kubelet.root);
    const struct dirent *entry;
    bool found = false;
    while (folder && !found && (entry = readdir(folder))) {
        found = strncmp(entry->d_name, "core", 4) == 0;
        snprintf(ret_path, size, "%s/%s", kubelet.root, entry->d_name);
    }
    if (folder)
        closedir(folder);
    return found;
}

static void a_secret_is_not_in_a_core_dump(void **state)
{
    (void)state;
    struct memory_scan scan;
    char path[400];
    int status;
    if (!WRITES_CORES) {
        printf("SKIP: a core dump: not with sanitizers\n");
        return;
    }
    fixture->secret = fixture->core = true;
    pid_t follower = follow_all();
    end_follower(follower, &status);
    if (!WCOREDUMP(status) || !find_core(path, sizeof path)) {
        printf("SKIP: a core dump: this system writes none here (kernel.core_pattern, RLIMIT_CORE)\n");
        return;
    }
    assert_true(memory_scan_file(path, PLANTS, &scan));
    if (scan.finds)
        fail_msg("%lu finds in %zu bytes of core, the first at %s", scan.finds, scan.looked, scan.where);
    assert_true(scan.looked > 100000);
}

/* ---- formats that leave copies behind */

static cmr_status read_as(const char *name, const char *text, bool leaky, cmr_report **ret_report)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    const cmr_file file = { .name = name, .data = text, .size = strlen(text) };
    cmr_snapshot *snapshot = NULL;
    mount.secret = true;
    mount.leaky_formats = leaky;
    cmr_status status = cmr_snapshot_from_files(&file, 1, &mount, ret_report, &snapshot);
    if (status == CMR_OK) {
        assert_true(cmr_snapshot_is_secret(snapshot, NULL));
        assert_string_equal("", cmr_snapshot_hash(snapshot, NULL));
    }
    cmr_snapshot_unref(snapshot);
    return status;
}

static void formats_that_leave_copies_are_refused(void **state)
{
    static const char *const names[] = { "a.yaml", "a.ini" };
    (void)state;
    cmr_report *report;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = i ? "[a]\nb=1\n" : "a: 1\n";
        assert_int_equal(CMR_ERR_REJECTED, read_as(names[i], text, false, &report));
        assert_string_equal(names[i], cmr_report_get(report, 0)->file);
        assert_non_null(strstr(cmr_report_get(report, 0)->message, "leaky_formats"));
        cmr_report_free(report);
        assert_int_equal(CMR_OK, read_as(names[i], text, true, &report));
    }
    assert_int_equal(CMR_OK, read_as("a.json", "{}", false, &report));
    assert_int_equal(CMR_ERR_REJECTED, read_as("a.yaml", "a: [\n", true, &report));
    assert_string_equal("does not follow the format here; a secret's text is not shown",
                        cmr_report_get(report, 0)->message);
    cmr_report_free(report);
}

/* ---- limits */

static cmr_status read_one(cmr_snapshot **ret_snapshot)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    const cmr_file file = { .name = "a.json", .data = "{\"a\\n\":[\"\\t\"]}", .size = 14 };
    mount.secret = true;
    return cmr_snapshot_from_files(&file, 1, &mount, NULL, ret_snapshot);
}

static void a_secret_that_cannot_be_locked_is_told(void **state)
{
    (void)state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    no_locking = true;
    mount.secret = true;
    options.mount = &mount;
    options.log = keep_log;
    fake_kubelet_write(&kubelet, "password", "1");
    assert_int_equal(CMR_OK, cmr_open(kubelet.dir, &options, &reloader));
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 0));
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(reloader, NULL, &status));
    assert_true(status.swappable);
    assert_non_null(strstr(fixture->told, "RLIMIT_MEMLOCK"));
    no_locking = false;
    fake_kubelet_write(&kubelet, "password", "2");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(reloader));
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(reloader, NULL, &status));
    assert_false(status.swappable);
    cmr_reloader_free(reloader);
}

static void look_in_child(cmr_reloader *reloader, bool cannot, struct locked *ret_locked)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    no_locking = cannot;
    locks = 0;
    ret_locked->status = cmr_reloader_after_fork(reloader);
    ret_locked->locks = locks;
    if (cmr_reloader_get_mount_status(reloader, NULL, &status) == CMR_OK)
        ret_locked->swappable = status.swappable;
}

static struct locked in_child(cmr_reloader *reloader, bool cannot)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        look_in_child(reloader, cannot, &fixture->locked);
        raise(SIGKILL);
    }
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(EINTR, errno);
    return fixture->locked;
}

/* The kernel gives a child no locks, whatever its parent had. */
static void a_forked_child_locks_for_itself(void **state)
{
    (void)state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.secret = true;
    options.mount = &mount;
    fake_kubelet_set(&kubelet, "user", "1");
    fake_kubelet_write(&kubelet, "password", "1");
    assert_int_equal(CMR_OK, cmr_open(kubelet.dir, &options, &reloader));
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 0));
    for (int cannot = 0; cannot < 2; cannot++) {
        struct locked found = in_child(reloader, cannot);
        assert_int_equal(CMR_OK, found.status);
        assert_int_equal(2, found.locks);
        assert_int_equal(cannot, found.swappable);
    }
    cmr_reloader_free(reloader);
}

/* Each time there are more pages to be had before there are none. */
static void want_of_memory_is_want_of_memory(void **state)
{
    (void)state;
    cmr_snapshot *snapshot = NULL;
    cmr_status status = CMR_ERR_NO_MEMORY;
    long pages = 0;
    for (; status != CMR_OK; pages++) {
        pages_left = pages;
        assert_int_equal(CMR_ERR_NO_MEMORY, status);
        status = read_one(&snapshot);
        pages_left = -1;
    }
    assert_true(pages > 4); /* the file, a key, a value, the texts, the document */
    cmr_snapshot_unref(snapshot);
}

/* ---- hashes */

static void keys_of_a_secret_have_no_hash(void **state)
{
    (void)state;
    char hash[CMR_HASH_SIZE];
    cmr_snapshot *snapshot = NULL;
    assert_int_equal(CMR_OK, read_one(&snapshot));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_snapshot_hash_keys(snapshot, "**", hash));
    assert_int_equal(CMR_OK, cmr_snapshot_hash_keys(snapshot, "nothing", hash));
    cmr_snapshot_unref(snapshot);
}

static void read_target(const char *path, bool secret, char ret_target[80])
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot;
    mount.secret = secret;
    assert_int_equal(CMR_OK, cmr_snapshot_read(path, &mount, NULL, &snapshot));
    snprintf(ret_target, 80, "%s", cmr_snapshot_target(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
}

/* Whoever knows a hash can try passwords at leisure. */
static void the_target_of_a_secret_directory_is_salted(void **state)
{
    (void)state;
    char path[160], target[4][80];
    snprintf(path, sizeof path, "%s/password", kubelet.root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("1234", file) > 0);
    assert_int_equal(0, fclose(file));
    for (int i = 0; i < 4; i++)
        read_target(kubelet.root, i >= 2, target[i]);
    assert_string_equal(target[0], target[1]);
    assert_string_not_equal(target[0], target[2]);
    assert_string_not_equal(target[2], target[3]);
    no_randomness = true;
    assert_int_equal(CMR_ERR_SYSTEM, read_one(&(cmr_snapshot *){ NULL }));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_secret_is_found_nowhere),
        TEST(what_is_no_secret_is_found_everywhere),
        TEST(a_secret_is_not_in_a_core_dump),
        TEST(formats_that_leave_copies_are_refused),
        TEST(a_secret_that_cannot_be_locked_is_told),
        TEST(a_forked_child_locks_for_itself),
        TEST(want_of_memory_is_want_of_memory),
        TEST(keys_of_a_secret_have_no_hash),
        TEST(the_target_of_a_secret_directory_is_salted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
