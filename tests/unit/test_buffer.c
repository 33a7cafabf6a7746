/* SPDX-License-Identifier: MIT
 *
 * Buffers: growth, the sticky failure (provoked by sizes that no allocator grants and by text that
 * printf cannot convert, so that no allocator has to be replaced), and JSON quoting.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

static void assert_taken(struct cmr__buffer *buffer, const char *expected)
{
    char *text = cmr__buffer_take(buffer);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void appends_of_every_kind_follow_each_other(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    cmr__buffer_append(&buffer, "ab", 2);
    cmr__buffer_append(&buffer, NULL, 0);
    cmr__buffer_append_text(&buffer, "cd");
    cmr__buffer_append_char(&buffer, 'e');
    cmr__buffer_printf(&buffer, "%d-%s", 12, "f");
    assert_int_equal(buffer.size, 9);
    assert_taken(&buffer, "abcde12-f");
}

static void what_was_taken_is_gone_from_the_buffer(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    assert_taken(&buffer, "");
    cmr__buffer_append_text(&buffer, "first");
    assert_taken(&buffer, "first");
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    cmr__buffer_append_text(&buffer, "second");
    assert_taken(&buffer, "second");
}

static void growth_keeps_the_contents(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    for (int i = 0; i < 10000; i++)
        cmr__buffer_printf(&buffer, "%04d", i);
    assert_int_equal(buffer.size, 40000);
    assert_memory_equal(buffer.data, "00000001", 8);
    assert_memory_equal(buffer.data + 20000, "50005001", 8);
    assert_memory_equal(buffer.data + 39992, "99989999", 8);
    cmr__buffer_reset(&buffer);
    assert_null(buffer.data);
}

static void reserved_room_is_not_reallocated(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;
    const char *place;

    (void)state;
    assert_true(cmr__buffer_reserve(&buffer, 1000));
    assert_int_equal(buffer.size, 0);
    place = buffer.data;
    for (int i = 0; i < 1000; i++)
        cmr__buffer_append_char(&buffer, 'x');
    assert_ptr_equal(buffer.data, place);
    cmr__buffer_reset(&buffer);
}

static void extend_counts_its_bytes_as_used(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;
    char *place;

    (void)state;
    assert_non_null(cmr__buffer_extend(&buffer, 0));
    cmr__buffer_append_text(&buffer, "a");
    place = cmr__buffer_extend(&buffer, 3);
    assert_non_null(place);
    memcpy(place, "bcd", 3);
    assert_taken(&buffer, "abcd");
}

static void failure_is_sticky_and_keeps_the_contents(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    cmr__buffer_append_text(&buffer, "kept");
    assert_false(cmr__buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.failed);
    assert_null(cmr__buffer_extend(&buffer, 1));
    cmr__buffer_append_text(&buffer, "lost");
    cmr__buffer_printf(&buffer, "%s", "lost");
    assert_int_equal(buffer.size, 4);
    assert_memory_equal(buffer.data, "kept", 4);
    cmr__buffer_reset(&buffer);
    assert_false(buffer.failed);
    cmr__buffer_append_text(&buffer, "again");
    assert_taken(&buffer, "again");
}

static void sizes_that_would_wrap_are_refused(void **state)
{
    const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 2 - 8 };

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct cmr__buffer buffer = CMR__BUFFER_INIT;

        cmr__buffer_append_text(&buffer, "some");
        assert_null(cmr__buffer_extend(&buffer, sizes[i]));
        assert_int_equal(buffer.size, 4);
        cmr__buffer_reset(&buffer);
    }
}

static void taking_a_failed_buffer_frees_it_and_it_stays_failed(void **state)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    cmr__buffer_append_text(&buffer, "text");
    assert_false(cmr__buffer_reserve(&buffer, SIZE_MAX));
    assert_null(cmr__buffer_take(&buffer));
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    assert_true(buffer.failed);
    cmr__buffer_append_text(&buffer, "more");
    assert_null(cmr__buffer_take(&buffer));
}

static void text_that_printf_cannot_convert_is_a_failure(void **state)
{
    const wchar_t beyond_unicode[] = { 0x7fffffff, 0 };
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    (void)state;
    cmr__buffer_printf(&buffer, "%ls", beyond_unicode);
    assert_true(buffer.failed);
    assert_null(cmr__buffer_take(&buffer));
}

static void assert_quoted_bytes(const char *text, size_t length, size_t limit, const char *expected)
{
    struct cmr__buffer buffer = CMR__BUFFER_INIT;

    cmr__buffer_append_quoted(&buffer, text, length, limit);
    assert_taken(&buffer, expected);
}

static void assert_quoted(const char *text, size_t limit, const char *expected)
{
    assert_quoted_bytes(text, strlen(text), limit, expected);
}

static void quoting_escapes_as_json_does(void **state)
{
    (void)state;
    assert_quoted("", 0, "\"\"");
    assert_quoted("plain / text", 0, "\"plain / text\"");
    assert_quoted("a\"b\\c", 0, "\"a\\\"b\\\\c\"");
    assert_quoted("\b\f\n\r\t", 0, "\"\\b\\f\\n\\r\\t\"");
    assert_quoted("\x01\x1b\x1f\x7f", 0, "\"\\u0001\\u001b\\u001f\\u007f\"");
    assert_quoted_bytes("a\0b", 3, 0, "\"a\\u0000b\"");
}

static void quoting_keeps_unicode_but_for_its_controls(void **state)
{
    (void)state;
    assert_quoted("é € 😀", 0, "\"é € 😀\"");
    assert_quoted("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", 0, "\"\\u0080\\u009b\\u009f\xc2\xa0\"");
}

static void quoting_replaces_each_byte_that_is_not_utf8(void **state)
{
    (void)state;
    assert_quoted("a\xff"
                  "b",
                  0,
                  "\"a\xef\xbf\xbd"
                  "b\"");
    assert_quoted("\xe2\x82", 0, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_quoted_bytes("€", 2, 0, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void a_quoting_limit_cuts_between_characters(void **state)
{
    (void)state;
    assert_quoted("abc", 3, "\"abc\"");
    assert_quoted("abcd", 3, "\"abc…\"");
    assert_quoted("a€b", 3, "\"a…\"");
    assert_quoted("a€b", 4, "\"a€…\"");
    assert_quoted("a€b", 5, "\"a€b\"");
    assert_quoted("€", 1, "\"…\"");
    assert_quoted("\n\n\n", 2, "\"\\n\\n…\"");
    assert_quoted("abc", SIZE_MAX, "\"abc\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_of_every_kind_follow_each_other),
        cmocka_unit_test(what_was_taken_is_gone_from_the_buffer),
        cmocka_unit_test(growth_keeps_the_contents),
        cmocka_unit_test(reserved_room_is_not_reallocated),
        cmocka_unit_test(extend_counts_its_bytes_as_used),
        cmocka_unit_test(failure_is_sticky_and_keeps_the_contents),
        cmocka_unit_test(sizes_that_would_wrap_are_refused),
        cmocka_unit_test(taking_a_failed_buffer_frees_it_and_it_stays_failed),
        cmocka_unit_test(text_that_printf_cannot_convert_is_a_failure),
        cmocka_unit_test(quoting_escapes_as_json_does),
        cmocka_unit_test(quoting_keeps_unicode_but_for_its_controls),
        cmocka_unit_test(quoting_replaces_each_byte_that_is_not_utf8),
        cmocka_unit_test(a_quoting_limit_cuts_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
