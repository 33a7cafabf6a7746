/* SPDX-License-Identifier: MIT
 *
 * Messages: what is encoded is decoded as it was, however much there is of it; any other bytes are refused.
 */
#include "share/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/message_layout.h"

/* ---- round trips */

/* The packet must be decodable. */
static struct cmr__message through(const struct cmr__message *message)
{
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    struct cmr__message decoded;
    const char *reason = NULL;
    assert_int_equal(CMR_OK, cmr__message_encode(message, &bytes));
    assert_in_range(bytes.size, CMR__MESSAGE_HEAD, CMR__MESSAGE_MAX);
    if (cmr__message_decode(bytes.data, bytes.size, &decoded, &reason) != CMR_OK)
        fail_msg("refused: %s", reason);
    assert_int_equal(message->kind, decoded.kind);
    cmr__buffer_reset(&bytes);
    return decoded;
}

static void test_small_messages(void **state)
{
    const struct cmr__message look = { .kind = CMR__MESSAGE_LOOK };
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello = { INT64_MAX } };
    const struct cmr__message answer = { .kind = CMR__MESSAGE_ANSWER,
                                         .answer = { 1, 2, UINT64_MAX, "n\xc3\xb6" } };
    struct cmr__message decoded = through(&look);
    (void)state;
    cmr__message_reset(&decoded);
    decoded = through(&hello);
    assert_int_equal(decoded.hello.pid, INT64_MAX);
    decoded = through(&answer);
    assert_int_equal(decoded.answer.sequence, 1);
    assert_int_equal(decoded.answer.generation, 2);
    assert_int_equal(decoded.answer.refused, UINT64_MAX);
    assert_string_equal(decoded.answer.message, "n\xc3\xb6");
}

static void test_texts_may_fill_their_members(void **state)
{
    struct cmr__message answer = { .kind = CMR__MESSAGE_ANSWER };
    (void)state;
    memset(answer.answer.message, 'x', sizeof answer.answer.message - 1);
    struct cmr__message decoded = through(&answer);
    assert_string_equal(decoded.answer.message, answer.answer.message);
}

/* Whatever an application says; a target is told as it is. */
static void test_what_is_not_utf8_becomes_question_marks(void **state)
{
    struct cmr__news_mount mount = { .message = "a\xff\xc3)", .mounted_target = "..\xff" };
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 2, 3, 1, &mount } };
    (void)state;
    mount.report = cmr__report_new();
    cmr__report_add(mount.report, CMR_ERR_SYNTAX, "\x80", 1, 2, "\xc3\xa9\xc3", "\xed\xa0\x80");
    struct cmr__message decoded = through(&news);
    const cmr_diagnostic *diagnostic = cmr_report_get(decoded.news.mounts[0].report, 0);
    assert_string_equal(decoded.news.mounts[0].message, "a\?\?)");
    assert_string_equal(decoded.news.mounts[0].mounted_target, "..\xff");
    assert_string_equal(diagnostic->file, "?");
    assert_string_equal(diagnostic->key, "\xc3\xa9?");
    assert_string_equal(diagnostic->message, "???");
    cmr__message_reset(&decoded);
    cmr_report_free(mount.report);
}

static void assert_same_diagnostic(const cmr_diagnostic *one, const cmr_diagnostic *two)
{
    assert_int_equal(one->status, two->status);
    assert_int_equal(one->line, two->line);
    assert_int_equal(one->column, two->column);
    assert_string_equal(one->file, two->file);
    assert_string_equal(one->key, two->key);
    assert_string_equal(one->message, two->message);
}

static void assert_same_report(const cmr_report *one, const cmr_report *two)
{
    assert_int_equal(one != NULL, two != NULL);
    assert_int_equal(cmr_report_count(one), cmr_report_count(two));
    for (size_t i = 0; i < cmr_report_count(one); i++)
        assert_same_diagnostic(cmr_report_get(one, i), cmr_report_get(two, i));
}

static void assert_same_mount(const struct cmr__news_mount *one, const struct cmr__news_mount *two)
{
    assert_int_equal(one->state, two->state);
    assert_int_equal(one->reason, two->reason);
    assert_int_equal(one->kind, two->kind);
    assert_int_equal(one->applied_from, two->applied_from);
    assert_int_equal(one->kept_files, two->kept_files);
    assert_int_equal(one->rejected, two->rejected);
    assert_int_equal(one->rejections, two->rejections);
    assert_string_equal(one->message, two->message);
    assert_string_equal(one->mounted_target, two->mounted_target);
    assert_same_report(one->report, two->report);
}

/* `count` diagnostics whose messages have that length. Finished. */
static cmr_report *report_of(size_t count, int length)
{
    cmr_report *report = cmr__report_new();
    assert_non_null(report);
    for (size_t i = 0; i < count; i++)
        cmr__report_add(report, CMR_ERR_TYPE, "app.yaml", (unsigned)i + 1, 7, "app.yaml#a", "%*d", length,
                        (int)i);
    cmr__report_finish(report);
    return report;
}

static void test_news(void **state)
{
    struct cmr__news_mount mounts[3] = {
        { .state = CMR_MOUNT_STATIC,
          .reason = CMR_REASON_VALIDATOR,
          .kind = CMR_KIND_FILE,
          .applied_from = CMR_BOOTED_DEFAULTS,
          .kept_files = UINT32_MAX,
          .rejected = true,
          .rejections = UINT64_MAX,
          .message = "why",
          .mounted_target = "..2024" },
        { .state = CMR_MOUNT_WAITING },
        { .state = CMR_MOUNT_READY, .rejections = 1 },
    };
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 5, 4321, 0, 3, mounts } };
    (void)state;
    mounts[0].report = report_of(3, 20);
    mounts[2].report = report_of(CMR__REPORT_MAX + 23, 1); /* 23 more not shown */
    struct cmr__message decoded = through(&news);
    assert_int_equal(decoded.news.sequence, 5);
    assert_int_equal(decoded.news.publisher, 4321);
    assert_int_equal(decoded.news.generation, 0);
    assert_int_equal(decoded.news.mount_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_same_mount(&mounts[i], &decoded.news.mounts[i]);
    assert_string_equal(cmr_report_get(decoded.news.mounts[2].report, CMR__REPORT_MAX)->message,
                        "23 more not shown");

    cmr_report *taken = decoded.news.mounts[0].report;
    decoded.news.mounts[0].report = NULL;
    cmr__message_reset(&decoded);
    assert_same_report(taken, mounts[0].report);
    cmr_report_free(taken);
    cmr_report_free(mounts[0].report);
    cmr_report_free(mounts[2].report);
}

static void test_news_of_no_mount(void **state)
{
    const struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 1, 1, 0, NULL } };
    (void)state;
    struct cmr__message decoded = through(&news);
    assert_int_equal(decoded.news.mount_count, 0);
    cmr__message_reset(&decoded);
}

/* ---- more than fits */

/* All that is shown is as it was, and the last one says how many are not. */
static void assert_part_of_report(const cmr_report *shown, const cmr_report *whole, size_t lost_before)
{
    char message[64];
    size_t count = cmr_report_count(shown);
    assert_in_range(count, 2, cmr_report_count(whole));
    for (size_t i = 0; i + 1 < count; i++)
        assert_same_diagnostic(cmr_report_get(shown, i), cmr_report_get(whole, i));
    snprintf(message, sizeof message, "%zu more not shown",
             cmr_report_count(whole) - (lost_before ? 1 : 0) + lost_before - (count - 1));
    assert_string_equal(cmr_report_get(shown, count - 1)->message, message);
    assert_int_equal(cmr_report_get(shown, count - 1)->status, CMR_ERR_LIMIT);
}

static void test_reports_share_a_packet(void **state)
{
    struct cmr__news_mount mounts[3] = { 0 };
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 1, 1, 3, mounts } };
    (void)state;
    mounts[0].report = report_of(100, 1000);
    mounts[1].report = report_of(2, 10);
    mounts[2].report = report_of(120, 1000);
    struct cmr__message decoded = through(&news);
    assert_part_of_report(decoded.news.mounts[0].report, mounts[0].report, 0);
    assert_same_report(decoded.news.mounts[1].report, mounts[1].report);
    assert_part_of_report(decoded.news.mounts[2].report, mounts[2].report, 20);
    assert_in_range(cmr_report_count(decoded.news.mounts[0].report), 20, 23); /* of 64, a third */
    assert_in_range(cmr_report_count(decoded.news.mounts[2].report), 40, 44); /* and the rest */
    cmr__message_reset(&decoded);
    for (size_t i = 0; i < 3; i++)
        cmr_report_free(mounts[i].report);
}

/* One that is longer than a packet is left out, and what comes after it is told. */
static void test_one_diagnostic_that_is_too_long(void **state)
{
    struct cmr__news_mount mount = { 0 };
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 1, 1, 1, &mount } };
    (void)state;
    mount.report = cmr__report_new();
    cmr__report_add(mount.report, CMR_ERR_TYPE, "a", 1, 1, "", "%70000d", 1);
    cmr__report_add(mount.report, CMR_ERR_TYPE, "a", 2, 1, "", "short");
    cmr__report_finish(mount.report);
    struct cmr__message decoded = through(&news);
    assert_int_equal(cmr_report_count(decoded.news.mounts[0].report), 2);
    assert_string_equal(cmr_report_get(decoded.news.mounts[0].report, 1)->message, "1 more not shown");
    assert_string_equal(cmr_report_get(decoded.news.mounts[0].report, 0)->message, "short");
    cmr__message_reset(&decoded);
    cmr_report_free(mount.report);
}

static cmr_status encode_mounts(size_t count, size_t length)
{
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 1, 1, count, NULL } };
    news.news.mounts = calloc(count, sizeof *news.news.mounts);
    assert_non_null(news.news.mounts);
    for (size_t i = 0; i < count; i++) {
        memset(news.news.mounts[i].message, 'x', length < 128 ? length : 127);
        memset(news.news.mounts[i].mounted_target, 'x', length);
    }
    cmr_status status = cmr__message_encode(&news, &bytes);
    if (status == CMR_OK) {
        struct cmr__message decoded = through(&news);
        assert_int_equal(decoded.news.mount_count, count);
        cmr__message_reset(&decoded);
    }
    cmr__buffer_reset(&bytes);
    free(news.news.mounts);
    return status;
}

static void test_mounts_have_an_end(void **state)
{
    (void)state;
    assert_int_equal(CMR_OK, encode_mounts(150, 255));
    assert_int_equal(CMR_ERR_LIMIT, encode_mounts(160, 255));
    assert_int_equal(CMR_OK, encode_mounts(900, 16));
}

/* ---- what is refused */

static void check_refused(const void *bytes, size_t size, const char *wanted)
{
    static const struct cmr__message untouched;
    struct cmr__message decoded = untouched;
    const char *reason = NULL;
    char *copy = malloc(size ? size : 1); /* of just that size */
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    assert_int_equal(CMR_ERR_REJECTED, cmr__message_decode(copy, size, &decoded, &reason));
    assert_memory_equal(&decoded, &untouched, sizeof decoded);
    assert_non_null(reason);
    if (wanted)
        assert_string_equal(reason, wanted);
    assert_int_equal(CMR_ERR_REJECTED, cmr__message_decode(copy, size, &decoded, NULL));
    free(copy);
}

/* News with a report, and where its members are. */
enum {
    AT_PUBLISHER = 16,
    AT_COUNT = 32,
    AT_MOUNT = 36,
    AT_MESSAGE = AT_MOUNT + 32,
    AT_TARGET = AT_MESSAGE + 4,
    AT_REPORT = AT_TARGET + 7,
    AT_DIAGNOSTIC = AT_REPORT + 8,
    AT_FILE = AT_DIAGNOSTIC + 12,
};

static struct cmr__buffer make_news(void)
{
    struct cmr__news_mount mount = { .rejected = true, .message = "why", .mounted_target = "..2024" };
    struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 1, 1, 1, &mount } };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    mount.report = report_of(1, 1);
    assert_int_equal(CMR_OK, cmr__message_encode(&news, &bytes));
    assert_string_equal(bytes.data + AT_TARGET, "..2024");
    assert_string_equal(bytes.data + AT_FILE, "app.yaml");
    cmr_report_free(mount.report);
    return bytes;
}

static void test_wrong_numbers_are_refused(void **state)
{
    static const struct {
        const char *reason;
        size_t offset;
        uint64_t value;
        size_t width;
    } cases[] = {
        { "no message of this machine and version", 0, 0x436d4d31, 4 },
        { "a kind that is not known", 4, 0, 4 },
        { "a kind that is not known", 4, 5, 4 },
        { "more than it should hold", 4, CMR__MESSAGE_LOOK, 4 },
        { "a process that cannot be", AT_PUBLISHER, 0, 8 },
        { "a process that cannot be", AT_PUBLISHER, UINT64_MAX, 8 },
        { "more than it should hold", AT_COUNT, 0, 4 },
        { "more mounts than it can hold", AT_COUNT, UINT32_MAX, 4 },
        { "more mounts than it can hold", AT_COUNT, 5, 4 },
        { "it ends too soon", AT_COUNT, 2, 4 },
        { "a state that is not known", AT_MOUNT, 5, 4 },
        { "a state that is not known", AT_MOUNT, UINT32_MAX, 4 },
        { "a reason that is not known", AT_MOUNT + 4, 17, 4 },
        { "a kind of mount that is not known", AT_MOUNT + 8, 4, 4 },
        { "a source that is not known", AT_MOUNT + 12, 3, 4 },
        { "flags that are not known", AT_MOUNT + 20, 4, 4 },
        { "more than it should hold", AT_MOUNT + 20, 1, 4 },
        { "a text that is not UTF-8", AT_MESSAGE, 0xff, 1 },
        { "more diagnostics than a report has", AT_REPORT, CMR__REPORT_MAX + 1, 4 },
        { "it ends too soon", AT_REPORT, 2, 4 },
        { "more than it should hold", AT_REPORT, 0, 4 },
        { "a status that is not known", AT_DIAGNOSTIC, 1, 4 },
        { "a status that is not known", AT_DIAGNOSTIC, (uint32_t)CMR_ERR_AGAIN - 1, 4 },
        { "a text that is not UTF-8", AT_FILE, 0x80, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cmr__buffer bytes = make_news();
        memcpy(bytes.data + cases[i].offset, &cases[i].value, cases[i].width);
        check_refused(bytes.data, bytes.size, cases[i].reason);
        cmr__buffer_reset(&bytes);
    }
}

static void test_every_other_size_is_refused(void **state)
{
    struct cmr__buffer bytes = make_news();
    (void)state;
    for (size_t size = 0; size < bytes.size; size++)
        check_refused(bytes.data, size, NULL);
    cmr__buffer_append_char(&bytes, '\0');
    check_refused(bytes.data, bytes.size, "more than it should hold");
    cmr__buffer_reset(&bytes);
}

static void test_long_texts_are_refused(void **state)
{
    static char bytes[CMR__MESSAGE_MAX + 1];
    const uint32_t head[] = { CMR__MESSAGE_MAGIC, CMR__MESSAGE_ANSWER };
    (void)state;
    memcpy(bytes, head, sizeof head);
    memset(bytes + 32, 'x', 256);
    check_refused(bytes, 32 + 257, "a text that is too long");
    check_refused(bytes, 32 + 200, "a text without an end");
    check_refused(bytes, sizeof bytes, "longer than a message can be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_texts_may_fill_their_members),
        cmocka_unit_test(test_what_is_not_utf8_becomes_question_marks),
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_news_of_no_mount),
        cmocka_unit_test(test_reports_share_a_packet),
        cmocka_unit_test(test_one_diagnostic_that_is_too_long),
        cmocka_unit_test(test_mounts_have_an_end),
        cmocka_unit_test(test_wrong_numbers_are_refused),
        cmocka_unit_test(test_every_other_size_is_refused),
        cmocka_unit_test(test_long_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
