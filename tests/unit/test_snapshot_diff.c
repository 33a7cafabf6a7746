/* SPDX-License-Identifier: MIT
 *
 * cmr_snapshot_diff: what it tells, how long that lives, and what it refuses. What counts as a change is
 * tested with subscriptions, which share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/journal.h"
#include "support/snapshot_of.h"

static const cmr_enum_item colours[] = { { "red", 1 }, { "green", 2 }, { "grün", 2 }, { NULL, 0 } };

/* Uses both snapshots up. The journal's lines; "" when nothing differs, NULL with *ret_status on failure. */
static const char *changes(cmr_snapshot *before, cmr_snapshot *after, const char *patterns, cmr_type type,
                           cmr_status *ret_status)
{
    static struct journal journal;
    cmr_update *const untouched = (cmr_update *)(void *)&journal;
    cmr_update *update = untouched;
    const char *text = NULL;
    cmr_status status =
        cmr_snapshot_diff(before, after, patterns, type, type == CMR_TYPE_ENUM ? colours : NULL, &update);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
    if (status == CMR_OK) {
        journal_update(&journal, update); /* the update holds what it needs */
        text = journal_take(&journal);
        assert_ptr_equal(before, cmr_update_before(update));
        assert_ptr_equal(after, cmr_update_after(update));
        assert_null(cmr_update_change(update, cmr_update_count(update)));
        cmr_update_free(update);
    } else {
        assert_ptr_equal(untouched, update);
    }
    if (ret_status)
        *ret_status = status;
    return text;
}

static const char *properties(const char *before, const char *after, const char *patterns, cmr_type type)
{
    return changes(snapshot_of("p.properties", before, NULL), snapshot_of("p.properties", after, NULL),
                   patterns, type, NULL);
}

static cmr_status refusal(const char *before, const char *after, const char *patterns, cmr_type type)
{
    cmr_status status;
    assert_null(changes(snapshot_of("p.properties", before, NULL), snapshot_of("p.properties", after, NULL),
                        patterns, type, &status));
    return status;
}

static void tells_kinds_in_order(void **state)
{
    (void)state;
    cmr_snapshot *before =
        snapshot_of("a.yaml", "x: 1\ny: [1, 2]\nz: q\n", "level", "info\n", "old", "1", NULL);
    cmr_snapshot *after =
        snapshot_of("a.yaml", "y: [1, 3]\nx: 1 # one\nw: {}\nz: 'q'\n", "level", "info", "new", "1", NULL);
    assert_string_equal("a.yaml#y[1]=2>3\n+a.yaml#w={}\n+new=1\n-old=1\n",
                        changes(before, after, "**", CMR_TYPE_ANY, NULL));
}

static void may_be_empty(void **state)
{
    (void)state;
    cmr_snapshot *same = snapshot_of("a.yaml", "x: 1", NULL);
    assert_string_equal("", changes(cmr_snapshot_ref(same), same, "**", CMR_TYPE_ANY, NULL));
    assert_string_equal("", properties("a=1\nb=2", "# c\nb : 2\na=1", "**", CMR_TYPE_ANY));
    assert_string_equal("", properties("a=1", "a=2", "p.properties#b", CMR_TYPE_ANY));
}

static void selects(void **state)
{
    (void)state;
    const char *before = "a=1\na.b=1\nc=1\n", *after = "a=2\na.b=2\nc=2\n";
    assert_string_equal("p.properties#a.b=1>2\n",
                        properties(before, after, "p.properties#a.*", CMR_TYPE_ANY));
    assert_string_equal("p.properties#c=1>2\np.properties#a=1>2\n",
                        properties(before, after, "p.properties#c p.properties#a", CMR_TYPE_INT64));
    assert_string_equal("", properties(before, after, "other:**", CMR_TYPE_ANY));
}

static void compares_as_the_type(void **state)
{
    (void)state;
    assert_string_equal("", properties("t=10s", "t=10000ms", "**", CMR_TYPE_DURATION));
    assert_string_equal("p.properties#t=10s>10000ms\n", properties("t=10s", "t=10000ms", "**", CMR_TYPE_ANY));
    assert_string_equal("p.properties#t=10s>10000ms\n",
                        properties("t=10s", "t=10000ms", "**", CMR_TYPE_STRING));
    assert_string_equal("", properties("n=16", "n=0x10", "p.properties#n", CMR_TYPE_INT64));
    assert_string_equal("", properties("c=green", "c=grün", "**", CMR_TYPE_ENUM));
    assert_string_equal("p.properties#c=#1>#2\n", properties("c=red", "c=grün", "**", CMR_TYPE_ENUM));
    assert_string_equal("-p.properties#n=1\n", properties("n=1\nm=1", "m=1", "**", CMR_TYPE_UINT64));
}

static void counts_what_did_not_convert_as_absent(void **state)
{
    (void)state;
    assert_string_equal("+p.properties#n=3\n", properties("n=three", "n=3", "**", CMR_TYPE_INT64));
    assert_string_equal("", properties("n=three\nm=1", "m=1", "**", CMR_TYPE_INT64));
    assert_string_equal("", properties("n=three\nm=1", "n=three\nm=1\n", "**", CMR_TYPE_INT64));
}

static void refuses_what_does_not_convert(void **state)
{
    (void)state;
    assert_int_equal(CMR_ERR_TYPE, refusal("n=3", "n=three", "**", CMR_TYPE_INT64));
    assert_int_equal(CMR_ERR_TYPE, refusal("n=3", "n=3\nm=x", "**", CMR_TYPE_INT64));
    assert_int_equal(CMR_ERR_TYPE, refusal("c=red", "c=blue", "p.properties#c", CMR_TYPE_ENUM));
    assert_int_equal(CMR_ERR_RANGE, refusal("n=3", "n=-3", "p.properties#n", CMR_TYPE_UINT64));
}

/* As the snapshot of a reloader is before its first load. */
static void compares_with_nothing(void **state)
{
    (void)state;
    cmr_reloader *reloader;
    assert_int_equal(CMR_OK, cmr_open("/nonexistent", NULL, &reloader));
    cmr_snapshot *nothing = cmr_reloader_ref_snapshot(reloader);
    cmr_reloader_free(reloader);
    assert_string_equal(
        "+level=info\n",
        changes(cmr_snapshot_ref(nothing), snapshot_of("level", "info", NULL), "**", CMR_TYPE_ANY, NULL));
    assert_string_equal("-level=info\n",
                        changes(snapshot_of("level", "info", NULL), nothing, "level", CMR_TYPE_ANY, NULL));
}

static void compares_mounts_by_number(void **state)
{
    (void)state;
    const cmr_file before = { "level", "info", 4, NULL }, after = { "level", "debug", 5, NULL };
    cmr_mount_options one = CMR_MOUNT_OPTIONS_INIT, two = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshots[2];
    one.name = "one";
    two.name = "two";
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(&before, 1, &one, NULL, &snapshots[0]));
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(&after, 1, &two, NULL, &snapshots[1]));
    assert_string_equal("level=info>debug\n", changes(snapshots[0], snapshots[1], "**", CMR_TYPE_ANY, NULL));
}

static void refuses_arguments(void **state)
{
    (void)state;
    static const cmr_type types[] = { CMR_TYPE_NULL, CMR_TYPE_MAP, CMR_TYPE_LIST, (cmr_type)99,
                                      (cmr_type)-1 };
    cmr_snapshot *snapshot = snapshot_of("a", "1", NULL);
    cmr_update *update = NULL;
    const cmr_status invalid = CMR_ERR_INVALID_ARGUMENT;
    assert_int_equal(invalid, cmr_snapshot_diff(NULL, snapshot, "**", CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, NULL, "**", CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, NULL, CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, "**", CMR_TYPE_ANY, NULL, NULL));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, "a#[", CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, "", CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, "**", CMR_TYPE_ENUM, NULL, &update));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        assert_int_equal(invalid, cmr_snapshot_diff(snapshot, snapshot, "**", types[i], NULL, &update));
    assert_null(update);
    cmr_update_free(NULL);
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_kinds_in_order),
        cmocka_unit_test(may_be_empty),
        cmocka_unit_test(selects),
        cmocka_unit_test(compares_as_the_type),
        cmocka_unit_test(counts_what_did_not_convert_as_absent),
        cmocka_unit_test(refuses_what_does_not_convert),
        cmocka_unit_test(compares_with_nothing),
        cmocka_unit_test(compares_mounts_by_number),
        cmocka_unit_test(refuses_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
