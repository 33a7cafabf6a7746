/* SPDX-License-Identifier: MIT
 *
 * Reports: what is kept, in which order, what is counted only, and that a diagnostic which could not
 * be stored leaves a trace.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"

static cmr_report *new_report(void)
{
    cmr_report *report = cmr__report_new();

    assert_non_null(report);
    return report;
}

static void assert_formatted(const cmr_diagnostic *diagnostic, const char *expected)
{
    char *text = cmr__diagnostic_format(diagnostic);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void nothing_is_asked_of_no_report(void **state)
{
    cmr_report *none = NULL;

    (void)state;
    cmr__report_add(NULL, CMR_ERR_SYNTAX, "f", 1, 1, "k", "ignored");
    assert_int_equal(cmr_report_count(NULL), 0);
    assert_null(cmr_report_get(NULL, 0));
    assert_null(cmr__report_copy(NULL));
    cmr_report_free(NULL);
    cmr__report_free_place(&none);
}

static void a_new_report_is_empty(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();

    (void)state;
    assert_true(cmr__report_is_empty(report));
    cmr__report_finish(report);
    assert_int_equal(cmr_report_count(report), 0);
    assert_null(cmr_report_get(report, 0));
}

static void a_copy_has_all_that_a_finished_report_has(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();
    cmr_cleanup(cmr__report_free_place) cmr_report *copy = NULL;

    (void)state;
    report->secret = true;
    for (unsigned i = 0; i < CMR__REPORT_MAX + 2; i++)
        cmr__report_add(report, CMR_ERR_TYPE, "f", i, 1, "k", "message %u", i);
    cmr__report_finish(report);
    copy = cmr__report_copy(report);
    assert_int_equal(CMR__REPORT_MAX + 1, cmr_report_count(copy));
    assert_true(cmr__report_is_secret(copy));
    cmr__report_clear(report);
    assert_formatted(cmr_report_get(copy, CMR__REPORT_MAX), "2 more not shown");
    assert_formatted(cmr_report_get(copy, 2), "f:2:1: k: message 2");
}

static void there_is_no_copy_of_a_report_that_lacks_something(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();

    (void)state;
    cmr__report_add(report, CMR_ERR_TYPE, "f", 1, 1, "k", "kept");
    report->failed = true;
    assert_null(cmr__report_copy(report));
}

static void texts_are_copied(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();
    char file[] = "app.yaml", key[] = "a.b", found[] = "x";
    const cmr_diagnostic *got;

    (void)state;
    cmr__report_add(report, CMR_ERR_TYPE, file, 3, 7, key, "\"%s\" is no number", found);
    memset(file, '#', sizeof(file) - 1);
    memset(key, '#', sizeof(key) - 1);
    memset(found, '#', sizeof(found) - 1);
    assert_false(cmr__report_is_empty(report));
    assert_int_equal(cmr_report_count(report), 1);
    got = cmr_report_get(report, 0);
    assert_int_equal(got->status, CMR_ERR_TYPE);
    assert_string_equal(got->file, "app.yaml");
    assert_int_equal(got->line, 3);
    assert_int_equal(got->column, 7);
    assert_string_equal(got->key, "a.b");
    assert_string_equal(got->message, "\"x\" is no number");
    assert_null(cmr_report_get(report, 1));
    assert_null(cmr_report_get(report, SIZE_MAX));
}

static void no_file_and_no_key_are_empty_texts(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();

    (void)state;
    cmr__report_add(report, CMR_ERR_LIMIT, NULL, 0, 0, NULL, "%s", "");
    assert_string_equal(cmr_report_get(report, 0)->file, "");
    assert_string_equal(cmr_report_get(report, 0)->key, "");
    assert_string_equal(cmr_report_get(report, 0)->message, "");
}

static void finishing_sorts_by_file_line_and_column(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();
    const char *const expected[] = { "mount", "a:whole", "a:2", "a:2:1", "a:2:9", "a:10:1", "b:1:1" };

    (void)state;
    cmr__report_add(report, CMR_ERR_SYNTAX, "b", 1, 1, NULL, "b:1:1");
    cmr__report_add(report, CMR_ERR_SYNTAX, "a", 10, 1, NULL, "a:10:1");
    cmr__report_add(report, CMR_ERR_SYNTAX, "a", 2, 9, NULL, "a:2:9");
    cmr__report_add(report, CMR_ERR_SYNTAX, "a", 2, 1, NULL, "a:2:1");
    cmr__report_add(report, CMR_ERR_SYNTAX, "a", 2, 0, NULL, "a:2");
    cmr__report_add(report, CMR_ERR_SYNTAX, "a", 0, 0, NULL, "a:whole");
    cmr__report_add(report, CMR_ERR_LIMIT, NULL, 0, 0, NULL, "mount");
    cmr__report_finish(report);
    assert_int_equal(cmr_report_count(report), 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(cmr_report_get(report, i)->message, expected[i]);
}

static void diagnostics_of_one_place_keep_their_order(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();

    (void)state;
    for (unsigned i = 0; i < CMR__REPORT_MAX; i++)
        cmr__report_add(report, CMR_ERR_SYNTAX, "f", 9 - i % 10, 1, NULL, "%02u", i);
    cmr__report_finish(report);
    assert_int_equal(cmr_report_count(report), CMR__REPORT_MAX);
    for (size_t i = 1; i < CMR__REPORT_MAX; i++) {
        const cmr_diagnostic *before = cmr_report_get(report, i - 1), *here = cmr_report_get(report, i);

        assert_true(before->line <= here->line);
        if (before->line == here->line)
            assert_true(strcmp(before->message, here->message) < 0);
    }
}

static void the_last_diagnostic_counts_those_not_kept(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();
    const cmr_diagnostic *last;

    (void)state;
    for (unsigned i = 0; i < CMR__REPORT_MAX + 23; i++)
        cmr__report_add(report, CMR_ERR_SYNTAX, "f", i + 1, 1, NULL, "%u", i);
    cmr__report_finish(report);
    assert_int_equal(cmr_report_count(report), CMR__REPORT_MAX + 1);
    assert_string_equal(cmr_report_get(report, CMR__REPORT_MAX - 1)->message, "99");
    last = cmr_report_get(report, CMR__REPORT_MAX);
    assert_int_equal(last->status, CMR_ERR_LIMIT);
    assert_string_equal(last->file, "");
    assert_string_equal(last->message, "23 more not shown");
    assert_false(report->failed);
}

static void what_could_not_be_stored_is_not_forgotten(void **state)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = new_report();
    const wchar_t beyond_unicode[] = { 0x7fffffff, 0 };

    (void)state;
    cmr__report_add(report, CMR_ERR_SYNTAX, "f", 1, 1, NULL, "%ls", beyond_unicode);
    assert_int_equal(cmr_report_count(report), 0);
    assert_true(report->failed);
    assert_false(cmr__report_is_empty(report));
    cmr__report_add(report, CMR_ERR_SYNTAX, "f", 2, 1, NULL, "kept");
    cmr__report_finish(report);
    assert_int_equal(cmr_report_count(report), 1);
    assert_true(report->failed);
}

static void formatting_leaves_out_what_does_not_apply(void **state)
{
    cmr_diagnostic diagnostic = { .file = "dir/f", .line = 3, .column = 7, .key = "k", .message = "bad" };

    (void)state;
    assert_formatted(&diagnostic, "dir/f:3:7: k: bad");
    diagnostic.column = 0;
    assert_formatted(&diagnostic, "dir/f:3: k: bad");
    diagnostic.line = 0;
    assert_formatted(&diagnostic, "dir/f: k: bad");
    diagnostic.key = "";
    assert_formatted(&diagnostic, "dir/f: bad");
    diagnostic.file = "";
    assert_formatted(&diagnostic, "bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_of_no_report),
        cmocka_unit_test(a_new_report_is_empty),
        cmocka_unit_test(a_copy_has_all_that_a_finished_report_has),
        cmocka_unit_test(there_is_no_copy_of_a_report_that_lacks_something),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(no_file_and_no_key_are_empty_texts),
        cmocka_unit_test(finishing_sorts_by_file_line_and_column),
        cmocka_unit_test(diagnostics_of_one_place_keep_their_order),
        cmocka_unit_test(the_last_diagnostic_counts_those_not_kept),
        cmocka_unit_test(what_could_not_be_stored_is_not_forgotten),
        cmocka_unit_test(formatting_leaves_out_what_does_not_apply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
