/* SPDX-License-Identifier: MIT
 *
 * The volume writer, which the tests take for their kubelet, is held to what the real one was seen to
 * do: the events of each kind of update as a watch on the mount directory gets them, the shape of what
 * it leaves, what a stop between two steps looks like and how the next update goes on from there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/util.h"
#include "cli/payload.h"
#include "source/volume_writer.h"

#define MASK (IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_MODIFY | IN_CLOSE_WRITE)

struct fixture {
    char root[64];
    char dir[80]; /* the volume; not there at first */
    struct payload payload;
    cmr_volume_result result; /* of the last write */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture)
        return -1;
    strcpy(fixture->root, "/tmp/volume_writer.XXXXXX");
    if (!mkdtemp(fixture->root))
        return -1;
    snprintf(fixture->dir, sizeof(fixture->dir), "%s/config", fixture->root);
    fixture->result = (cmr_volume_result)CMR_VOLUME_RESULT_INIT;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[128];
    int status;

    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->root);
    status = system(command);
    payload_clear(&fixture->payload);
    free(fixture);
    return status;
}

static void set(struct fixture *fixture, const char *name, const char *text)
{
    assert_int_equal(payload_set(&fixture->payload, name, text, strlen(text)), PAYLOAD_OK);
}

static cmr_status put(struct fixture *fixture, enum cmr__volume_step stop_after)
{
    cli_cleanup(cli_free_ptr) cmr_file *files = payload_files(&fixture->payload);
    struct cmr__volume_order order = { .files = files,
                                       .count = fixture->payload.count,
                                       .stop_after = stop_after };

    assert_non_null(files);
    return cmr__volume_write(fixture->dir, &order, &fixture->result);
}

static void assert_written(struct fixture *fixture)
{
    assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_OK);
    assert_true(fixture->result.written);
}

static void assert_unchanged(struct fixture *fixture)
{
    assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_OK);
    assert_false(fixture->result.written);
    assert_string_equal(fixture->result.message, "");
}

static const char *path(const struct fixture *fixture, const char *name)
{
    static char text[256];

    snprintf(text, sizeof(text), "%s/%s", fixture->dir, name);
    return text;
}

static void assert_link(const struct fixture *fixture, const char *name, const char *target)
{
    char found[256] = "";

    assert_true(readlink(path(fixture, name), found, sizeof(found) - 1) >= 0);
    assert_string_equal(found, target);
}

static void assert_text(const struct fixture *fixture, const char *name, const char *wanted)
{
    char found[256] = "";
    cli_cleanup(cli_close_fd) int file = open(path(fixture, name), O_RDONLY);

    assert_true(file >= 0);
    assert_true(read(file, found, sizeof(found) - 1) >= 0);
    assert_string_equal(found, wanted);
}

static bool exists(const struct fixture *fixture, const char *name)
{
    struct stat status;

    return lstat(path(fixture, name), &status) == 0;
}

/* How many entries of the volume's directory begin with "..2": generations. */
static int count_generations(const struct fixture *fixture)
{
    cli_cleanup(cli_close_dir) DIR *listing = opendir(fixture->dir);
    struct dirent *next;
    int count = 0;

    assert_non_null(listing);
    while ((next = readdir(listing)))
        count += strncmp(next->d_name, "..2", 3) == 0;
    return count;
}

/* ------------------------------------------------------------------------------------------ events */

static int watch(const struct fixture *fixture)
{
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    assert_true(descriptor >= 0);
    assert_true(inotify_add_watch(descriptor, fixture->dir, MASK) >= 0);
    return descriptor;
}

static void put_event(FILE *out, const struct inotify_event *event, const char *old)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = { { IN_CREATE, "CREATE" },          { IN_DELETE, "DELETE" }, { IN_MOVED_FROM, "MOVED_FROM" },
                  { IN_MOVED_TO, "MOVED_TO" },      { IN_ATTRIB, "ATTRIB" }, { IN_MODIFY, "MODIFY" },
                  { IN_CLOSE_WRITE, "CLOSE_WRITE" } };
    const char *name = event->len ? event->name : "<self>";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (event->mask & names[i].bit)
            fputs(names[i].name, out);
    }
    if (event->mask & IN_ISDIR)
        fputs("|ISDIR", out);
    if (strncmp(name, "..2", 3) == 0)
        name = old && strcmp(name, old) == 0 ? "OLD" : "NEW";
    fprintf(out, " %s\n", name);
}

/* The events since the last call, a line for each, with generations called OLD and NEW. */
static void assert_events(int descriptor, const char *old, const char *wanted)
{
    char buffer[8192] __attribute__((aligned(8))), *text = NULL;
    size_t size = 0;
    ssize_t got = read(descriptor, buffer, sizeof(buffer));
    FILE *out = open_memstream(&text, &size);

    for (char *at = buffer; got > 0 && at < buffer + got;) {
        const struct inotify_event *event = (const void *)at;
        put_event(out, event, old);
        at += sizeof(*event) + event->len;
    }
    fclose(out);
    assert_string_equal(text, wanted);
    free(text);
}

static void the_first_write(void **state)
{
    struct fixture *fixture = *state;
    cli_cleanup(cli_close_fd) int events = -1;

    assert_int_equal(mkdir(fixture->dir, 0755), 0);
    events = watch(fixture);
    set(fixture, "one", "1");
    assert_written(fixture);
    assert_events(events, NULL,
                  "CREATE|ISDIR NEW\nATTRIB|ISDIR NEW\nCREATE ..data_tmp\nMOVED_FROM ..data_tmp\n"
                  "MOVED_TO ..data\nCREATE one\n");
}

static void an_update_with_a_new_and_a_removed_key(void **state)
{
    struct fixture *fixture = *state;
    cli_cleanup(cli_close_fd) int events = -1;
    char old[512];

    set(fixture, "gone", "1");
    set(fixture, "kept", "1");
    assert_written(fixture);
    strcpy(old, fixture->result.generation);
    events = watch(fixture);
    payload_remove(&fixture->payload, "gone");
    set(fixture, "new", "1");
    assert_written(fixture);
    assert_events(events, old,
                  "CREATE|ISDIR NEW\nATTRIB|ISDIR NEW\nCREATE ..data_tmp\nMOVED_FROM ..data_tmp\n"
                  "MOVED_TO ..data\nCREATE new\nDELETE gone\nDELETE|ISDIR OLD\n");
}

static void a_change_of_a_value_or_of_a_nested_item(void **state)
{
    static const char update[] =
        "CREATE|ISDIR NEW\nATTRIB|ISDIR NEW\nCREATE ..data_tmp\nMOVED_FROM ..data_tmp\n"
        "MOVED_TO ..data\nDELETE|ISDIR OLD\n";
    struct fixture *fixture = *state;
    cli_cleanup(cli_close_fd) int events = -1;
    char old[512];

    set(fixture, "key", "1");
    set(fixture, "dir/nested", "1");
    assert_written(fixture);
    strcpy(old, fixture->result.generation);
    events = watch(fixture);
    set(fixture, "key", "2");
    assert_written(fixture);
    assert_events(events, old, update);
    strcpy(old, fixture->result.generation);
    set(fixture, "dir/nested", "2");
    assert_written(fixture);
    assert_events(events, old, update);
}

static void an_unchanged_payload_touches_nothing(void **state)
{
    struct fixture *fixture = *state;
    cli_cleanup(cli_close_fd) int events = -1;

    set(fixture, "key", "1");
    set(fixture, "dir/a/b", "");
    assert_written(fixture);
    events = watch(fixture);
    assert_unchanged(fixture);
    assert_events(events, NULL, "");
}

static void an_emptied_volume(void **state)
{
    struct fixture *fixture = *state;
    cli_cleanup(cli_close_fd) int events = -1;
    char old[512];

    set(fixture, "a", "1");
    assert_written(fixture);
    strcpy(old, fixture->result.generation);
    events = watch(fixture);
    payload_clear(&fixture->payload);
    assert_written(fixture);
    assert_events(events, old,
                  "CREATE|ISDIR NEW\nATTRIB|ISDIR NEW\nCREATE ..data_tmp\nMOVED_FROM ..data_tmp\n"
                  "MOVED_TO ..data\nDELETE a\nDELETE|ISDIR OLD\n");
    assert_link(fixture, "..data", fixture->result.generation);
    assert_unchanged(fixture);
}

/* ------------------------------------------------------------------------------------------- shape */

static void names_links_and_modes(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    mode_t mask = umask(077);
    unsigned year, month, day, hour, minute, second, suffix;
    int end = 0;

    set(fixture, "key", "value");
    set(fixture, "dir/sub/one", "1");
    set(fixture, "dir/two", "2");
    assert_written(fixture);
    umask(mask);
    assert_int_equal(sscanf(fixture->result.generation, "..%4u_%2u_%2u_%2u_%2u_%2u.%u%n", &year, &month, &day,
                            &hour, &minute, &second, &suffix, &end),
                     7);
    assert_int_equal(fixture->result.generation[end], '\0');
    assert_link(fixture, "..data", fixture->result.generation);
    assert_link(fixture, "key", "..data/key");
    assert_link(fixture, "dir", "..data/dir");
    assert_text(fixture, "dir/sub/one", "1");
    assert_text(fixture, "dir/two", "2");
    assert_int_equal(stat(path(fixture, "..data"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
    assert_int_equal(stat(path(fixture, "key"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
}

static void bytes_are_kept(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *snapshot;
    cmr_file file;
    char bytes[70000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    assert_int_equal(payload_set(&fixture->payload, "bytes", bytes, sizeof(bytes)), PAYLOAD_OK);
    set(fixture, "empty", "");
    set(fixture, "dir/nested", "\xff");
    assert_written(fixture);
    assert_int_equal(cmr_snapshot_read(fixture->dir, NULL, NULL, &snapshot), CMR_OK);
    assert_int_equal(cmr_snapshot_file_count(snapshot, NULL), 3);
    for (size_t i = 0; cmr_snapshot_file(snapshot, NULL, i, &file) == CMR_OK; i++) {
        const struct payload_file *wanted = payload_find(&fixture->payload, file.name);
        assert_non_null(wanted);
        assert_int_equal(file.size, wanted->size);
        assert_memory_equal(file.data, wanted->data, file.size);
    }
    cmr_snapshot_unref(snapshot);
}

static void a_name_may_turn_from_a_file_into_a_folder_and_back(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "a", "file");
    assert_written(fixture);
    payload_remove(&fixture->payload, "a");
    set(fixture, "a/b", "nested");
    assert_written(fixture);
    assert_text(fixture, "a/b", "nested");
    payload_remove(&fixture->payload, "a/b");
    set(fixture, "a", "file again");
    assert_written(fixture);
    assert_text(fixture, "a", "file again");
    assert_int_equal(count_generations(fixture), 1);
}

/* Of the folder that both generations show, only files go. */
static void removing_one_of_two_nested_items(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "dir/one", "1");
    set(fixture, "dir/two", "2");
    set(fixture, "dir-three", "3");
    assert_written(fixture);
    payload_remove(&fixture->payload, "dir/one");
    assert_written(fixture);
    assert_true(exists(fixture, "dir/two"));
    assert_false(exists(fixture, "dir/one"));
    payload_remove(&fixture->payload, "dir/two");
    assert_written(fixture);
    assert_false(exists(fixture, "dir"));
    assert_true(exists(fixture, "dir-three"));
}

static void many_swaps(void **state)
{
    struct fixture *fixture = *state;
    char text[16];

    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "%d", i);
        set(fixture, "a", text);
        set(fixture, "b", text);
        assert_written(fixture);
    }
    assert_text(fixture, "b", "499");
    assert_int_equal(count_generations(fixture), 1);
}

/* ----------------------------------------------------------------------------------- stops, debris */

/* key: 1 to 2, old removed, new added; stopped after the step. */
static void stop_update(struct fixture *fixture, enum cmr__volume_step step)
{
    set(fixture, "key", "1");
    set(fixture, "old", "");
    assert_written(fixture);
    set(fixture, "key", "2");
    payload_remove(&fixture->payload, "old");
    set(fixture, "new", "");
    assert_int_equal(put(fixture, step), CMR_OK);
    assert_true(exists(fixture, fixture->result.generation));
}

static void stopped_before_the_swap(void **state)
{
    static const enum cmr__volume_step steps[] = { CMR__VOLUME_GENERATION, CMR__VOLUME_FILES,
                                                   CMR__VOLUME_TMP_LINK };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        char orphan[600], generation[512];
        stop_update(fixture, steps[i]);
        strcpy(generation, fixture->result.generation);
        snprintf(orphan, sizeof(orphan), "%s/key", generation);
        assert_int_equal(exists(fixture, orphan), steps[i] >= CMR__VOLUME_FILES);
        assert_int_equal(exists(fixture, "..data_tmp"), steps[i] >= CMR__VOLUME_TMP_LINK);
        assert_text(fixture, "key", "1");
        assert_true(exists(fixture, "old"));
        assert_false(exists(fixture, "new"));

        /* The next writer goes on, and leaves the orphan where it is. */
        assert_written(fixture);
        assert_text(fixture, "key", "2");
        assert_false(exists(fixture, "..data_tmp"));
        assert_false(exists(fixture, "old"));
        assert_true(exists(fixture, generation));
        payload_remove(&fixture->payload, "new");
    }
    assert_int_equal(count_generations(fixture), 4);
}

static void stopped_after_the_swap(void **state)
{
    static const enum cmr__volume_step steps[] = { CMR__VOLUME_SWAP, CMR__VOLUME_LINKS, CMR__VOLUME_UNLINK };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        stop_update(fixture, steps[i]);
        assert_link(fixture, "..data", fixture->result.generation);
        assert_text(fixture, "key", "2");
        assert_false(exists(fixture, "..data_tmp"));
        assert_int_equal(exists(fixture, "new"), steps[i] >= CMR__VOLUME_LINKS);
        assert_int_equal(exists(fixture, "old"), steps[i] < CMR__VOLUME_UNLINK);
        assert_int_equal(count_generations(fixture), 2 + (int)i);

        /* Unchanged contents: the missing link is brought, nothing else is done. */
        assert_unchanged(fixture);
        assert_link(fixture, "new", "..data/new");
        assert_int_equal(exists(fixture, "old"), steps[i] < CMR__VOLUME_UNLINK);
        payload_remove(&fixture->payload, "new");
    }
}

static void stopped_in_the_first_write(void **state)
{
    static const enum cmr__volume_step steps[] = { CMR__VOLUME_GENERATION, CMR__VOLUME_FILES,
                                                   CMR__VOLUME_TMP_LINK, CMR__VOLUME_SWAP };
    struct fixture *fixture = *state;

    set(fixture, "key", "1");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(put(fixture, steps[i]), CMR_OK);
        assert_int_equal(exists(fixture, "..data"), steps[i] == CMR__VOLUME_SWAP);
        assert_false(exists(fixture, "key"));
    }
    set(fixture, "key", "2");
    assert_written(fixture);
    assert_text(fixture, "key", "2");
}

static void a_dangling_data_link(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkdir(fixture->dir, 0755), 0);
    assert_int_equal(symlink("..2026_01_01_00_00_00.1", path(fixture, "..data")), 0);
    assert_written(fixture);
    assert_link(fixture, "..data", fixture->result.generation);
    assert_true(exists(fixture, fixture->result.generation));
}

static void step_names(void **state)
{
    enum cmr__volume_step step = CMR__VOLUME_WHOLE;

    (void)state;
    assert_true(cmr__volume_step_from_name("tmp-link", &step));
    assert_int_equal(step, CMR__VOLUME_TMP_LINK);
    assert_false(cmr__volume_step_from_name("", &step));
    assert_false(cmr__volume_step_from_name("Swap", &step));
    assert_int_equal(step, CMR__VOLUME_TMP_LINK);
}

/* ------------------------------------------------------------------------------------------ refused */

static void a_folder_that_is_no_volume(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkdir(fixture->dir, 0755), 0);
    assert_int_equal(mkdir(path(fixture, ".hidden"), 0755), 0);
    assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_ERR_REJECTED);
    assert_non_null(strstr(fixture->result.message, "no ConfigMap volume"));
    assert_int_equal(count_generations(fixture), 0);
}

/* What ..data names is removed with all below it. */
static void a_data_link_that_leads_elsewhere(void **state)
{
    static const char *const targets[] = { "/tmp", "../elsewhere", "..", "key", "../..2026_1/x", "..a/b" };
    struct fixture *fixture = *state;

    assert_int_equal(mkdir(fixture->dir, 0755), 0);
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        assert_int_equal(symlink(targets[i], path(fixture, "..data")), 0);
        assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_ERR_REJECTED);
        assert_int_equal(unlink(path(fixture, "..data")), 0);
    }
    assert_int_equal(mkdir(path(fixture, "..data"), 0755), 0);
    assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_ERR_REJECTED);
}

static void failures_say_what_failed(void **state)
{
    struct fixture *fixture = *state;

    strcat(fixture->dir, "/no/parent");
    assert_int_equal(put(fixture, CMR__VOLUME_WHOLE), CMR_ERR_SYSTEM);
    assert_non_null(strstr(fixture->result.message, strerror(ENOENT)));
}

/* ------------------------------------------------------------------------------------- its public side */

static cmr_status put_names(struct fixture *fixture, const char *const names[], size_t count)
{
    cmr_file files[4];

    for (size_t i = 0; i < count; i++)
        files[i] = (cmr_file){ .name = names[i], .data = "x", .size = 1 };
    return cmr_volume_write(fixture->dir, files, count, NULL, &fixture->result);
}

/* In any order, and with the writer's own words. */
static void files_of_the_application(void **state)
{
    static const char *const names[] = { "b", "a/..c", "a-b", "a/b" };
    static const char *const fewer[] = { "a/b" };
    struct fixture *fixture = *state;

    assert_int_equal(put_names(fixture, names, 4), CMR_OK);
    assert_true(fixture->result.written);
    assert_link(fixture, "..data", fixture->result.generation);
    assert_text(fixture, "a/..c", "x");
    assert_link(fixture, "a", "..data/a");
    assert_int_equal(put_names(fixture, names, 4), CMR_OK);
    assert_false(fixture->result.written);
    assert_link(fixture, "..data", fixture->result.generation);
    assert_int_equal(put_names(fixture, fewer, 1), CMR_OK);
    assert_false(exists(fixture, "b"));
    assert_false(exists(fixture, "a/..c"));
    assert_true(exists(fixture, "a/b"));
    assert_int_equal(cmr_volume_write(fixture->dir, NULL, 0, NULL, NULL), CMR_OK);
    assert_false(exists(fixture, "a"));
}

/* They would be written elsewhere, or not be read back. */
static void names_that_no_volume_holds(void **state)
{
    static const char *const alone[] = { "", "/a", "..", "..a", "a/../b", "a/..", "./a", "a//b", "a/", "." };
    static const char *const pairs[][2] = { { "a", "a" }, { "a/b", "a" }, { "a", "a/b/c" } };
    struct fixture *fixture = *state;
    char long_name[260];

    for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
        assert_int_equal(put_names(fixture, &alone[i], 1), CMR_ERR_INVALID_ARGUMENT);
        assert_non_null(strstr(fixture->result.message, alone[i]));
    }
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_int_equal(put_names(fixture, pairs[i], 2), CMR_ERR_INVALID_ARGUMENT);
    memset(long_name, 'n', sizeof(long_name));
    long_name[256] = '\0';
    assert_int_equal(put_names(fixture, (const char *[]){ long_name }, 1), CMR_ERR_INVALID_ARGUMENT);
    long_name[255] = '\0';
    assert_false(exists(fixture, "."));
    assert_int_equal(put_names(fixture, (const char *[]){ long_name }, 1), CMR_OK);
}

static void options_of_the_application(void **state)
{
    const cmr_file file = { .name = "dir/key", .data = "v", .size = 1 };
    struct fixture *fixture = *state;
    cmr_volume_options options = CMR_VOLUME_OPTIONS_INIT;
    struct stat status;
    mode_t mask = umask(0);

    options.restricted = options.sync = true;
    assert_int_equal(cmr_volume_write(fixture->dir, &file, 1, &options, &fixture->result), CMR_OK);
    umask(mask);
    assert_int_equal(stat(fixture->dir, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(path(fixture, "dir"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(path(fixture, "..data"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(path(fixture, "dir/key"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    options.stop_after = "swop";
    assert_int_equal(cmr_volume_write(fixture->dir, NULL, 0, &options, &fixture->result),
                     CMR_ERR_INVALID_ARGUMENT);
    options.stop_after = "files";
    assert_int_equal(cmr_volume_write(fixture->dir, NULL, 0, &options, &fixture->result), CMR_OK);
    assert_true(exists(fixture, "dir/key"));
    fixture->result.size = 0;
    assert_int_equal(cmr_volume_write(fixture->dir, NULL, 0, NULL, &fixture->result),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_true(exists(fixture, "dir/key"));
}

int main(void)
{
#define VOLUME_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        VOLUME_TEST(the_first_write),
        VOLUME_TEST(an_update_with_a_new_and_a_removed_key),
        VOLUME_TEST(a_change_of_a_value_or_of_a_nested_item),
        VOLUME_TEST(an_unchanged_payload_touches_nothing),
        VOLUME_TEST(an_emptied_volume),
        VOLUME_TEST(names_links_and_modes),
        VOLUME_TEST(bytes_are_kept),
        VOLUME_TEST(a_name_may_turn_from_a_file_into_a_folder_and_back),
        VOLUME_TEST(removing_one_of_two_nested_items),
        VOLUME_TEST(many_swaps),
        VOLUME_TEST(stopped_before_the_swap),
        VOLUME_TEST(stopped_after_the_swap),
        VOLUME_TEST(stopped_in_the_first_write),
        VOLUME_TEST(a_dangling_data_link),
        VOLUME_TEST(a_folder_that_is_no_volume),
        VOLUME_TEST(a_data_link_that_leads_elsewhere),
        VOLUME_TEST(failures_say_what_failed),
        VOLUME_TEST(files_of_the_application),
        VOLUME_TEST(names_that_no_volume_holds),
        VOLUME_TEST(options_of_the_application),
        cmocka_unit_test(step_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
