/* SPDX-License-Identifier: MIT
 *
 * Trees that somebody made to fool the reader, or to hang it: links that lead out, pipes, devices, sizes and
 * depths without end, names that are no text, files that change under the read. In each case the last good
 * generation stays, one message names what is wrong, and when that is mended the newest generation comes.
 * (docs/reliability.md has the table; test_many_entries.c has a million entries.)
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/follower.h"

/* ---- what happens between two calls of the library */

static struct {
    const char *name; /* of the file that it happens to */
    void (*change)(void *user);
    void *user;
    unsigned times;
    bool when_open; /* between fstat and read; else between fstatat and openat */
    int descriptor; /* of the file, when it is open */
} between = { .descriptor = -1 };

int __real_openat(int directory, const char *path, int flags, ...);
int __real_fstatat(int directory, const char *path, struct stat *ret_status, int flags);
int __real_fstat(int descriptor, struct stat *ret_status);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags);
int __wrap_fstat(int descriptor, struct stat *ret_status);

static void happen(bool now)
{
    int error = errno;
    if (now && between.times) {
        between.times--;
        between.change(between.user);
    }
    errno = error;
}

static bool is_it(const char *path)
{
    return between.times && strcmp(path, between.name) == 0;
}

int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags)
{
    int result = __real_fstatat(directory, path, ret_status, flags);
    happen(is_it(path) && !between.when_open);
    return result;
}

int __wrap_openat(int directory, const char *path, int flags, ...)
{
    int descriptor = __real_openat(directory, path, flags, 0644);
    if (is_it(path))
        between.descriptor = descriptor;
    return descriptor;
}

int __wrap_fstat(int descriptor, struct stat *ret_status)
{
    int result = __real_fstat(descriptor, ret_status);
    happen(between.times && between.when_open && descriptor == between.descriptor);
    return result;
}

static void happens_between(const char *name, bool when_open, unsigned times, void (*change)(void *user),
                            void *user)
{
    between.name = name;
    between.when_open = when_open;
    between.times = times;
    between.change = change;
    between.user = user;
    between.descriptor = -1;
}

/* ---- the fixture */

static char told[8192]; /* what the last FAILED or REJECTED event said: "file: message\n" each */

static void keep_message(void *user, const cmr_event *event)
{
    (void)user;
    size_t length = 0;
    if (event->kind == CMR_EVENT_FAILED)
        snprintf(told, sizeof told, "%s\n", event->message);
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    for (size_t i = 0; i < cmr_report_count(event->report) && length < sizeof told; i++) {
        const cmr_diagnostic *one = cmr_report_get(event->report, i);
        length += (size_t)snprintf(told + length, sizeof told - length, "%s%s%s\n", one->file,
                                   one->file[0] ? ": " : "", one->message);
    }
}

static int set_up(void **state)
{
    told[0] = '\0';
    between.times = 0;
    return follower_set_up(state);
}

static void load(struct follower *follower)
{
    follower_load(follower);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, keep_message, NULL, NULL, NULL));
}

static const char *place(const char *folder, const char *name)
{
    static char places[4][512];
    static unsigned next;
    char *text = places[next++ % 4];
    snprintf(text, sizeof places[0], "%s/%s", folder, name);
    return text;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static void load_directory(struct follower *follower)
{
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    put(place(follower->kubelet.dir, "value"), "0");
    follower->mount.settle_ms = -1;
    load(follower);
}

/* A generation that the test fills itself, with one good file. */
static const char *make_generation(const struct follower *follower, const char *name, const char *value)
{
    static char generation[256];
    snprintf(generation, sizeof generation, "%s/%s", follower->kubelet.dir, name);
    assert_int_equal(0, mkdir(generation, 0755));
    put(place(generation, "value"), value);
    return generation;
}

/* Dispatches, and hears that; what it said, or the beginning of it, is this. */
static void hears(struct follower *follower, const char *journal, const char *message)
{
    follower_hears(follower, journal);
    if (strncmp(told, message, strlen(message)) != 0)
        assert_string_equal(message, told);
}

/* The only line is this. */
static void assert_one_line(void)
{
    assert_ptr_equal(told + strlen(told) - 1, strchr(told, '\n'));
}

/* ---- what does not belong into a generation */

static void link_to_file(const char *generation)
{
    assert_int_equal(0, symlink("/etc/passwd", place(generation, "bad")));
}

static void link_to_root(const char *generation)
{
    assert_int_equal(0, symlink("/", place(generation, "bad")));
}

static void link_above(const char *generation)
{
    assert_int_equal(0, symlink("../..", place(generation, "bad")));
}

static void link_beside(const char *generation)
{
    assert_int_equal(0, symlink("value", place(generation, "bad")));
}

static void link_to_itself(const char *generation)
{
    assert_int_equal(0, symlink("bad", place(generation, "bad")));
}

static void make_folders(const char *generation)
{
    assert_int_equal(0, mkdir(place(generation, "a"), 0755));
    assert_int_equal(0, mkdir(place(generation, "a/b"), 0755));
}

static void deep_link_to_file(const char *generation)
{
    make_folders(generation);
    assert_int_equal(0, symlink("../../../../../../etc/passwd", place(generation, "a/b/bad")));
}

static void deep_link_to_folder(const char *generation)
{
    make_folders(generation);
    assert_int_equal(0, symlink("../..", place(generation, "a/b/bad")));
}

/* A component in the middle: what is below it is somebody else's. */
static void link_in_the_middle(const char *generation)
{
    assert_int_equal(0, mkdir(place(generation, "a"), 0755));
    assert_int_equal(0, symlink("/etc", place(generation, "a/bad")));
}

static void fifo(const char *generation)
{
    assert_int_equal(0, mkfifo(place(generation, "bad"), 0644));
}

static void deep_fifo(const char *generation)
{
    make_folders(generation);
    assert_int_equal(0, mkfifo(place(generation, "a/b/bad"), 0644));
}

static void socket_file(const char *generation)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(snprintf(address.sun_path, sizeof address.sun_path, "%s", place(generation, "bad")) <
                (int)sizeof address.sun_path);
    assert_int_equal(0, bind(listener, (struct sockaddr *)&address, sizeof address));
    close(listener);
}

static void terminal(const char *generation)
{
    assert_int_equal(0, mknod(place(generation, "bad"), S_IFCHR | 0666, makedev(5, 0)));
}

static void disk(const char *generation)
{
    assert_int_equal(0, mknod(place(generation, "bad"), S_IFBLK | 0666, makedev(7, 0)));
}

static void huge(const char *generation)
{
    put(place(generation, "bad"), "");
    assert_int_equal(0, truncate(place(generation, "bad"), INT64_C(10) << 30));
}

static void hugest(const char *generation)
{
    put(place(generation, "bad"), "");
    assert_int_equal(0, truncate(place(generation, "bad"), INT64_MAX));
}

static void not_text(const char *generation)
{
    put(place(generation, "caf\xe9"), "");
}

static void not_text_below(const char *generation)
{
    assert_int_equal(0, mkdir(place(generation, "\xff\xfe"), 0755));
    put(place(generation, "\xff\xfe/file"), "");
}

/* So many folders, one in the other, each with a name of so many letters. */
static void nest(const char *generation, int depth, int letters)
{
    char name[NAME_MAX + 1];
    int directory = open(generation, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(name, sizeof name, "%0*d", letters, 0);
    for (int i = 0; i < depth; i++) {
        assert_int_equal(0, mkdirat(directory, name, 0755));
        int below = __real_openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(below >= 0);
        close(directory);
        directory = below;
    }
    close(directory);
}

static void three_hundred_deep(const char *generation)
{
    nest(generation, 300, 1);
}

static void longer_than_a_path(const char *generation)
{
    nest(generation, 17, 250);
}

static bool makes_devices(const char *folder)
{
    const char *path = place(folder, "probe");
    bool made = mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0;
    unlink(path);
    return made;
}

static bool makes_huge_files(const char *folder)
{
    const char *path = place(folder, "probe");
    put(path, "");
    bool made = truncate(path, INT64_MAX) == 0;
    unlink(path);
    return made;
}

#define LINK "a symbolic link, no regular file\n"
#define LEVELS                                                                                               \
    "0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/" \
    "0/0/0/"                                                                                                 \
    "0/0/0/0/0/0/0/0/0/0/0: more than 64 levels of directories\n"

static const struct {
    void (*plant)(const char *generation);
    const char *volume;                   /* what is said of it in a generation */
    const char *directory;                /* and in a plain directory; NULL: links are followed there */
    bool (*possible)(const char *folder); /* NULL: always */
} plants[] = {
    { link_to_file, "bad: " LINK, NULL, NULL },
    { link_to_root, "bad: " LINK, NULL, NULL },
    { link_above, "bad: " LINK, NULL, NULL },
    { link_beside, "bad: " LINK, NULL, NULL },
    { link_to_itself, "bad: " LINK, NULL, NULL },
    { deep_link_to_file, "a/b/bad: " LINK, NULL, NULL },
    { deep_link_to_folder, "a/b/bad: " LINK, NULL, NULL },
    { link_in_the_middle, "a/bad: " LINK, NULL, NULL },
    { fifo, "bad: a FIFO, no regular file\n", "bad: a FIFO, no regular file\n", NULL },
    { deep_fifo, "a/b/bad: a FIFO, no regular file\n", "a/b/bad: a FIFO, no regular file\n", NULL },
    { socket_file, "bad: a socket, no regular file\n", "bad: a socket, no regular file\n", NULL },
    { terminal, "bad: a device, no regular file\n", "bad: a device, no regular file\n", makes_devices },
    { disk, "bad: a device, no regular file\n", "bad: a device, no regular file\n", makes_devices },
    { huge, "bad: a file of 10737418240 bytes: the limit is 1048576\n",
      "bad: a file of 10737418240 bytes: the limit is 1048576\n", NULL },
    { hugest, "bad: a file of 9223372036854775807 bytes: the limit is 1048576\n",
      "bad: a file of 9223372036854775807 bytes: the limit is 1048576\n", makes_huge_files },
    { not_text, "a name that is not UTF-8: \"caf\xef\xbf\xbd\"\n",
      "a name that is not UTF-8: \"caf\xef\xbf\xbd\"\n", NULL },
    { not_text_below, "a name that is not UTF-8: \"\xef\xbf\xbd\xef\xbf\xbd\"\n",
      "a name that is not UTF-8: \"\xef\xbf\xbd\xef\xbf\xbd\"\n", NULL },
    { three_hundred_deep, LEVELS, LEVELS, NULL },
};

#define PLANTS (sizeof plants / sizeof *plants)

static bool is_possible(const struct follower *follower, size_t plant)
{
    if (!plants[plant].possible || plants[plant].possible(follower->other.root))
        return true;
    printf("SKIP: %s: not possible here\n", plants[plant].volume);
    return false;
}

/* ---- volumes */

/* The generation is rejected, by one message; the next one is good. */
static void a_generation_with_what_is_no_file_is_rejected(void **state)
{
    struct follower *follower = *state;
    char name[32], value[16], expected[64];
    int last = 0, applied = 1;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    for (int i = 0; i < (int)PLANTS; i++) {
        if (!is_possible(follower, (size_t)i))
            continue;
        snprintf(name, sizeof name, "..bad%d", i);
        plants[i].plant(make_generation(follower, name, "bad"));
        fake_kubelet_link(&follower->kubelet, name);
        follower_dispatch(follower);
        assert_string_equal(plants[i].volume, told);
        snprintf(expected, sizeof expected, "rejected %d ", applied);
        assert_ptr_equal(follower->journal.text, strstr(follower->journal.text, expected));
        journal_take(&follower->journal);
        snprintf(value, sizeof value, "%d", last);
        follower_has(follower, "value", value);
        assert_int_equal(1, follower_file_count(follower));

        snprintf(name, sizeof name, "..good%d", i);
        snprintf(value, sizeof value, "%d", last + 1);
        make_generation(follower, name, value);
        fake_kubelet_link(&follower->kubelet, name);
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", ++applied, last, last + 1);
        follower_hears(follower, expected);
        last++;
    }
}

/* ..data itself, and what it leads to. Nothing outside is read, and no FIFO blocks. */
static void a_link_out_of_the_volume_fails_until_it_is_back(void **state)
{
    static const struct {
        const char *target, *reason;
    } cases[] = {
        { "..", "..data points out of the volume\n" },   { ".", "..data points out of the volume\n" },
        { "/", "..data points out of the volume\n" },    { "/etc", "..data points out of the volume\n" },
        { "a/b", "..data points out of the volume\n" },  { "../config", "..data points out of the volume\n" },
        { "..fifo", "..fifo: Not a directory\n" },       { "..file", "..file: Not a directory\n" },
        { "..outside", "..outside: Not a directory\n" }, { "..data", "..data: Not a directory\n" },
    };
    struct follower *follower = *state;
    char *good, text[16];
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    assert_int_equal(0, mkfifo(place(follower->kubelet.dir, "..fifo"), 0644));
    put(place(follower->kubelet.dir, "..file"), "value");
    assert_int_equal(0, symlink("/etc", place(follower->kubelet.dir, "..outside")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[64];
        good = strdup(follower_mount_status(follower).applied_target);
        fake_kubelet_link(&follower->kubelet, cases[i].target);
        hears(follower, "failed config\n", cases[i].reason);
        snprintf(text, sizeof text, "%zu", i);
        follower_has(follower, "value", text);
        fake_kubelet_link(&follower->kubelet, good);
        follower_hears(follower, "");
        snprintf(text, sizeof text, "%zu", i + 1);
        fake_kubelet_write(&follower->kubelet, "value", text);
        snprintf(expected, sizeof expected, "applied %zu\nvalue=%zu>%zu\n", i + 2, i, i + 1);
        follower_hears(follower, expected);
        free(good);
    }
}

/* The links that show in a volume are not what is read. */
static void a_visible_link_that_leads_out_is_not_followed(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    assert_int_equal(0, symlink("/etc/passwd", place(follower->kubelet.dir, "passwd")));
    assert_int_equal(0, symlink("/etc", place(follower->kubelet.dir, "etc")));
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
    assert_int_equal(1, follower_file_count(follower));
}

static void a_hard_link_is_a_file(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    put(place(follower->other.root, "elsewhere"), "linked");
    const char *generation = make_generation(follower, "..hard", "1");
    assert_int_equal(0, link(place(follower->other.root, "elsewhere"), place(generation, "hard")));
    fake_kubelet_link(&follower->kubelet, "..hard");
    follower_hears(follower, "applied 2\n+hard=linked\nvalue=0>1\n");
}

static void remove_nested(const char *folder, int letters)
{
    char name[NAME_MAX + 1];
    int above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), stack[32], depth = 0;
    snprintf(name, sizeof name, "%0*d", letters, 0);
    for (stack[0] = above; depth < 31; depth++) {
        stack[depth + 1] = __real_openat(stack[depth], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (stack[depth + 1] < 0)
            break;
    }
    for (; depth >= 0; depth--) {
        unlinkat(stack[depth], name, AT_REMOVEDIR);
        close(stack[depth]);
    }
}

/* The kernel would not open it by its name, either. */
static void a_path_that_is_too_long_is_rejected(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    longer_than_a_path(make_generation(follower, "..long", "1"));
    fake_kubelet_link(&follower->kubelet, "..long");
    follower_dispatch(follower);
    remove_nested(place(follower->kubelet.dir, "..long"), 250);
    journal_take(&follower->journal);
    assert_non_null(strstr(told, ": a path of 4266 bytes: the limit is 4095\n"));
    assert_one_line();
    follower_has(follower, "value", "0");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "applied 2\nvalue=0>2\n");
}

static void a_mount_whose_path_is_too_long_waits(void **state)
{
    struct follower *follower = *state;
    char *path = malloc(2 * PATH_MAX);
    assert_non_null(path);
    memset(path, 'x', 2 * PATH_MAX);
    memcpy(path, "/tmp/", 5);
    path[2 * PATH_MAX - 1] = '\0';
    follower->mount.name = "long";
    follower_open(follower, path);
    assert_int_equal(CMR_ERR_SYSTEM, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("File name too long", follower_mount_status(follower).message);
    free(path);
}

/* ---- plain directories */

static int remove_entry_of(const char *folder, const char *name)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s/%s'", folder, name);
    return system(command);
}

static void a_directory_with_what_is_no_file_is_rejected(void **state)
{
    struct follower *follower = *state;
    int applied = 1, last = 0;
    load_directory(follower);
    for (int i = 0; i < (int)PLANTS; i++) {
        char value[16], expected[64];
        if (!plants[i].directory || !is_possible(follower, (size_t)i))
            continue;
        plants[i].plant(follower->kubelet.dir);
        follower_dispatch(follower);
        assert_string_equal(plants[i].directory, told);
        journal_take(&follower->journal);
        snprintf(value, sizeof value, "%d", last);
        follower_has(follower, "value", value);
        static const char *const planted[] = { "bad", "a", "0", "caf\xe9", "\xff\xfe" };
        for (size_t j = 0; j < sizeof planted / sizeof *planted; j++)
            assert_int_equal(0, remove_entry_of(follower->kubelet.dir, planted[j]));
        snprintf(value, sizeof value, "%d", ++last);
        put(place(follower->kubelet.dir, "value"), value);
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", ++applied, last - 1, last);
        follower_hears(follower, expected);
    }
}

/* Each level has all of it again, and again. */
static void a_directory_that_links_into_itself_is_rejected(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    assert_int_equal(0, symlink(".", place(follower->kubelet.dir, "a")));
    assert_int_equal(0, symlink(".", place(follower->kubelet.dir, "b")));
    assert_int_equal(0, unlink(place(follower->kubelet.dir, "value")));
    follower_dispatch(follower);
    assert_non_null(strstr(told, ": more than 64 levels of directories\n"));
    assert_one_line();
    journal_take(&follower->journal);
    follower_has(follower, "value", "0");
    assert_int_equal(0, unlink(place(follower->kubelet.dir, "a")));
    assert_int_equal(0, unlink(place(follower->kubelet.dir, "b")));
    put(place(follower->kubelet.dir, "value"), "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
}

/* Links without an end are nothing, like those that lead nowhere. */
static void links_in_a_circle_are_nothing(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    assert_int_equal(0, symlink("two", place(follower->kubelet.dir, "one")));
    assert_int_equal(0, symlink("one", place(follower->kubelet.dir, "two")));
    put(place(follower->kubelet.dir, "value"), "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
    assert_int_equal(1, follower_file_count(follower));
}

static void a_link_to_a_device_is_rejected(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    assert_int_equal(0, symlink("/dev/zero", place(follower->kubelet.dir, "bad")));
    hears(follower, "rejected 1 bad:0:0 []\n", "bad: a device, no regular file\n");
    assert_int_equal(0, unlink(place(follower->kubelet.dir, "bad")));
    put(place(follower->kubelet.dir, "value"), "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
}

/* ---- names */

/* Whatever the name: its key leads back, is told of changes, and matches as a pattern. */
static void any_name_that_is_text_has_a_key(void **state)
{
    static const char *const names[] = {
        "new\nline",
        "quote\"s",
        "back\\slash",
        "tab\t",
        "bell\a",
        "del\x7f",
        "a#b",
        "a:b",
        "[x]",
        "*",
        "**",
        "a b",
        " ",
        "\xc3\xa9",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xf0\x9f\x92\xa9",
        "#",
        "a.b.c",
        "[\"a\"]",
        "$(reboot)",
        "%s%n",
        "-rf",
    };
    struct follower *follower = *state;
    struct journal journal = { .calls = 0 };
    cmr_snapshot *snapshot;
    cmr_cursor *cursor;
    const cmr_entry *entry;
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *generation =
            i ? place(follower->kubelet.dir, "..names")
              : (mkdir(follower->kubelet.dir, 0755), make_generation(follower, "..names", "0"));
        put(place(generation, names[i]), names[i]);
    }
    fake_kubelet_link(&follower->kubelet, "..names");
    load(follower);
    snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_int_equal(CMR_OK, cmr_cursor_new(snapshot, "**", &cursor));
    for (; (entry = cmr_cursor_next(cursor)); count++) {
        cmr_value value;
        assert_int_equal(CMR_OK, cmr_key_check(entry->key, NULL));
        assert_int_equal(CMR_OK, cmr_get(snapshot, entry->key, CMR_TYPE_STRING, NULL, &value));
        if (strcmp(value.file, "value") != 0)
            assert_string_equal(value.file, value.text);
        assert_int_equal(CMR_OK,
                         cmr_subscribe(follower->reloader, entry->key, journal_update, &journal, NULL, NULL));
    }
    cmr_cursor_free(cursor);
    cmr_snapshot_unref(snapshot);
    assert_int_equal(1 + sizeof names / sizeof *names, count);

    const char *generation = make_generation(follower, "..more", "1");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(place(generation, names[i]), "changed");
    fake_kubelet_link(&follower->kubelet, "..more");
    follower_dispatch(follower);
    assert_int_equal(count, journal.calls);
    journal_take(&follower->journal);
}

/* As many bytes as a path may have, each of which needs six in the key. */
static void the_longest_path_has_a_key(void **state)
{
    struct follower *follower = *state;
    char name[NAME_MAX + 1];
    cmr_snapshot *snapshot;
    cmr_cursor *cursor;
    memset(name, '\a', 255);
    name[255] = '\0';
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    int directory = open(make_generation(follower, "..long", "0"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int top = directory;
    for (int i = 0; i < 15; i++) {
        assert_int_equal(0, mkdirat(directory, name, 0755));
        int below = __real_openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory != top)
            close(directory);
        directory = below;
    }
    close(__real_openat(directory, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)); /* 16 * 256 - 1 bytes */
    fake_kubelet_link(&follower->kubelet, "..long");
    load(follower);
    unlinkat(directory, name, 0);
    close(directory);
    for (int depth = 15; depth > 0; depth--) {
        directory = top;
        for (int i = 1; i < depth; i++) {
            int below = __real_openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (directory != top)
                close(directory);
            directory = below;
        }
        assert_int_equal(0, unlinkat(directory, name, AT_REMOVEDIR));
        if (directory != top)
            close(directory);
    }
    close(top);
    snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_int_equal(CMR_OK, cmr_cursor_new(snapshot, "**", &cursor));
    const cmr_entry *entry = cmr_cursor_next(cursor);
    const char *text;
    assert_int_equal(4095, strlen(entry->value.file));
    assert_int_equal(CMR_OK, cmr_get_string(snapshot, entry->key, &text));
    cmr_cursor_free(cursor);
    cmr_snapshot_unref(snapshot);
}

/* Its key would lead to another one, or nowhere. */
static void a_name_that_is_no_text_is_rejected(void **state)
{
    const cmr_file file = { "caf\xe9", "", 0, NULL };
    struct follower *follower = *state;
    cmr_report *report = NULL;
    cmr_snapshot *snapshot;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    put(place(make_generation(follower, "..bad", "1"), file.name), "");
    fake_kubelet_link(&follower->kubelet, "..bad");
    hears(follower, "rejected 1 :0:0 []\n", "a name that is not UTF-8: \"caf\xef\xbf\xbd\"\n");
    follower_has(follower, "value", "0");
    assert_int_equal(CMR_ERR_REJECTED, cmr_snapshot_from_files(&file, 1, NULL, &report, &snapshot));
    assert_int_equal(1, cmr_report_count(report));
    cmr_report_free(report);
}

/* ---- who may not read */

static bool become_ordinary(bool ordinary)
{
    if (getuid() == 0 &&
        (ordinary ? setegid(65534) != 0 || seteuid(65534) != 0 : seteuid(0) != 0 || setegid(0) != 0))
        return false;
    return prctl(PR_SET_DUMPABLE, 1) == 0; /* or leaks could not be looked for at the end */
}

static void awaits_as_ordinary(struct follower *follower, const char *expected)
{
    assert_true(become_ordinary(true));
    bool came = journal_wait(&follower->journal, follower->reloader, expected);
    assert_true(become_ordinary(false));
    assert_true(came);
    assert_string_equal(expected, journal_take(&follower->journal));
}

/* It needs no event to be got over. */
static void what_may_not_be_read_is_named_and_tried_again(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        const char *reason;
    } cases[] = {
        { "sub/file", 0, "sub/file: Permission denied\n" },
        { "sub", 0, "sub: Permission denied\n" },
        { "sub", 0444, "sub/file: Permission denied\n" }, /* to be listed, not to be entered */
        { "sub", 0111, "sub: Permission denied\n" },      /* the other way round */
        { "", 0, "..4: Permission denied\n" },
    };
    struct follower *follower = *state;
    if (!become_ordinary(true) || !become_ordinary(false)) {
        printf("SKIP: root may not become an ordinary user\n");
        return;
    }
    fake_kubelet_set(&follower->kubelet, "sub/file", "same");
    fake_kubelet_write(&follower->kubelet, "value", "0");
    assert_int_equal(0, chmod(follower->kubelet.root, 0755));
    load(follower);
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        char name[16], text[16], expected[64], path[512];
        snprintf(name, sizeof name, "..%d", i);
        snprintf(text, sizeof text, "%d", i + 1);
        const char *generation = make_generation(follower, name, text);
        assert_int_equal(0, mkdir(place(generation, "sub"), 0755));
        put(place(generation, "sub/file"), "same");
        snprintf(path, sizeof path, "%s", place(generation, cases[i].name));
        assert_int_equal(0, chmod(path, cases[i].mode));
        fake_kubelet_link(&follower->kubelet, name);
        awaits_as_ordinary(follower, "failed config\n");
        assert_string_equal(cases[i].reason, told);
        snprintf(text, sizeof text, "%d", i);
        follower_has(follower, "value", text);
        assert_int_equal(0, chmod(path, 0755));
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", i + 2, i, i + 1);
        awaits_as_ordinary(follower, expected);
    }
}

/* ---- what changes under the read */

/* What was a file when it was looked at is something else when it is opened. */
static void become(void *user, int (*make)(const char *path))
{
    const struct follower *follower = user;
    const char *path = place(follower->kubelet.dir, "..data/value");
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, make(path));
}

static int make_fifo(const char *path)
{
    return mkfifo(path, 0644);
}

static int make_link(const char *path)
{
    return symlink("/etc/passwd", path);
}

static int make_folder(const char *path)
{
    return mkdir(path, 0755);
}

static void become_fifo(void *user)
{
    become(user, make_fifo);
}

static void become_link(void *user)
{
    become(user, make_link);
}

static void become_folder(void *user)
{
    become(user, make_folder);
}

static void a_file_that_becomes_something_else_is_never_read(void **state)
{
    static const struct {
        void (*change)(void *user);
        const char *journal, *told;
    } cases[] = {
        { become_fifo, "rejected 1 value:0:0 []\n", "value: a FIFO, no regular file\n" },
        { become_link, "failed config\n", "value: it became a symbolic link\n" },
    };
    struct follower *follower = *state;
    for (size_t i = 0; i < 2; i++) {
        fake_kubelet_write(&follower->kubelet, "value", "0");
        load(follower);
        fake_kubelet_write(&follower->kubelet, "value", "bad");
        happens_between("value", false, 1, cases[i].change, follower);
        hears(follower, cases[i].journal, cases[i].told);
        assert_int_equal(0, between.times);
        follower_has(follower, "value", "0");
        fake_kubelet_write(&follower->kubelet, "value", "1");
        follower_hears(follower, "applied 2\nvalue=0>1\n");
        follower_end(follower);
    }
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    happens_between("value", false, 1, become_folder, follower);
    follower_hears(follower, "applied 2\n-value=0\n"); /* which it is now */
}

/* Of a plain directory the same, where links are followed: what a link leads to is looked at, not the link.
 */
static void become_plain_fifo(void *user)
{
    const struct follower *follower = user;
    const char *path = place(follower->kubelet.dir, "value");
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, mkfifo(path, 0644));
}

static void a_plain_file_that_becomes_a_fifo_does_not_block(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    put(place(follower->kubelet.dir, "value"), "1");
    happens_between("value", false, 1, become_plain_fifo, follower);
    hears(follower, "rejected 1 value:0:0 []\n", "value: a FIFO, no regular file\n");
    follower_has(follower, "value", "0");
    assert_int_equal(0, unlink(place(follower->kubelet.dir, "value")));
    put(place(follower->kubelet.dir, "value"), "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
}

struct length {
    const struct follower *follower;
    const char *name;
    off_t now; /* the file has it after the next change */
    off_t step;
};

static void set_length(void *user)
{
    struct length *length = user;
    assert_int_equal(0, truncate(place(length->follower->kubelet.dir, length->name), length->now));
    length->now += length->step;
}

/* Cut once, it is read anew, as it is then. */
static void a_file_that_is_cut_is_read_as_it_is(void **state)
{
    struct follower *follower = *state;
    struct length length = { follower, "..data/value", 4, 0 };
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "12345678");
    happens_between("value", true, 1, set_length, &length);
    follower_hears(follower, "applied 2\nvalue=0>1234\n");
    assert_int_equal(1, follower_status(follower).read_retries);
}

/* Cut at every try, it is not read at all. (On a machine that is busy it may be read again within one
 * dispatch, so it is cut for longer than one read.) */
static void a_file_that_is_cut_again_and_again_is_named(void **state)
{
    struct follower *follower = *state;
    char text[1001] = "";
    struct length length = { follower, "..data/value", 900, -1 };
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    memset(text, 'x', 1000);
    fake_kubelet_write(&follower->kubelet, "value", text);
    happens_between("value", true, 4 * 64, set_length, &length);
    hears(follower, "failed config\n", "value: it ended before its size\n");
    assert_true(between.times <= 3 * 64);
    follower_has(follower, "value", "0");
    assert_true(journal_wait(&follower->journal, follower->reloader, "applied 2\n"));
    text[length.now + 1] = '\0';
    follower_has(follower, "value", text);
    journal_take(&follower->journal);
}

/* Not a byte is left out of what it is when the read ends. */
static void grow(void *user)
{
    const struct follower *follower = user;
    FILE *file = fopen(place(follower->kubelet.dir, "value"), "ae");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("more", file);
    fclose(file);
}

static void a_file_that_grows_is_read_to_its_end(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    put(place(follower->kubelet.dir, "value"), "1");
    happens_between("value", true, 1, grow, follower);
    follower_dispatch(follower);
    assert_true(strncmp(follower->journal.text, "applied 2\n", 10) == 0);
    journal_take(&follower->journal);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_int_equal(1 + 4 * 1000, strlen(cmr_get_string_or(snapshot, "value", "")));
    cmr_snapshot_unref(snapshot);
}

static void a_file_that_grows_over_a_limit_is_rejected(void **state)
{
    struct follower *follower = *state;
    struct length length = { follower, "..data/value", INT64_C(1) << 22, 0 };
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    happens_between("value", true, 1, set_length, &length);
    hears(follower, "rejected 1 value:0:0 []\n", "value: it grew over a limit while it was read\n");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "applied 2\nvalue=0>2\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_generation_with_what_is_no_file_is_rejected),
        TEST(a_link_out_of_the_volume_fails_until_it_is_back),
        TEST(a_visible_link_that_leads_out_is_not_followed),
        TEST(a_hard_link_is_a_file),
        TEST(a_path_that_is_too_long_is_rejected),
        TEST(a_mount_whose_path_is_too_long_waits),
        TEST(a_directory_with_what_is_no_file_is_rejected),
        TEST(a_directory_that_links_into_itself_is_rejected),
        TEST(links_in_a_circle_are_nothing),
        TEST(a_link_to_a_device_is_rejected),
        TEST(any_name_that_is_text_has_a_key),
        TEST(a_name_that_is_no_text_is_rejected),
        TEST(the_longest_path_has_a_key),
        TEST(what_may_not_be_read_is_named_and_tried_again),
        TEST(a_file_that_becomes_something_else_is_never_read),
        TEST(a_plain_file_that_becomes_a_fifo_does_not_block),
        TEST(a_file_that_is_cut_is_read_as_it_is),
        TEST(a_file_that_is_cut_again_and_again_is_named),
        TEST(a_file_that_grows_is_read_to_its_end),
        TEST(a_file_that_grows_over_a_limit_is_rejected),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
