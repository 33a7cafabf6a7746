/* SPDX-License-Identifier: MIT
 *
 * UTF-8: every code point there and back, the borders of the table of well-formed sequences, and
 * what counts as a character where the text is broken.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* On the heap and with no NUL behind it, so that the sanitizer sees a read past the end. */
static size_t character_size(const char *text, size_t length)
{
    char *copy = malloc(length ? length : 1);
    size_t size;

    assert_non_null(copy);
    memcpy(copy, text, length);
    size = cmr__utf8_character_size(copy, length);
    free(copy);
    return size;
}

static void every_code_point_survives_encoding(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        char bytes[4];
        size_t size = cmr__utf8_encode(code_point, bytes);

        if (code_point >= 0xd800 && code_point <= 0xdfff) {
            assert_int_equal(size, 0);
        } else {
            assert_in_range(size, 1, 4);
            assert_int_equal(cmr__utf8_character_size(bytes, size), size);
            assert_int_equal(cmr__utf8_valid_prefix(bytes, size), size);
        }
    }
}

static void encoding_writes_the_bytes_of_rfc_3629(void **state)
{
    const struct {
        uint32_t code_point;
        const char *bytes;
    } cases[] = {
        { 'A', "A" },
        { 0x7f, "\x7f" },
        { 0x80, "\xc2\x80" },
        { 0x7ff, "\xdf\xbf" },
        { 0x800, "\xe0\xa0\x80" },
        { 0x20ac, "\xe2\x82\xac" },
        { 0xffff, "\xef\xbf\xbf" },
        { 0x10000, "\xf0\x90\x80\x80" },
        { 0x10ffff, "\xf4\x8f\xbf\xbf" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bytes[4];
        size_t size = cmr__utf8_encode(cases[i].code_point, bytes);

        assert_int_equal(size, strlen(cases[i].bytes));
        assert_memory_equal(bytes, cases[i].bytes, size);
    }
}

static void what_is_no_code_point_is_not_encoded(void **state)
{
    const uint32_t none[] = { 0xd800, 0xdbff, 0xdc00, 0xdfff, 0x110000, 0x7fffffff, UINT32_MAX };
    char bytes[4] = "abc";

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(cmr__utf8_encode(none[i], bytes), 0);
    assert_string_equal(bytes, "abc");
}

static void malformed_sequences_are_refused(void **state)
{
    const char *const malformed[] = {
        "\x80", /* a continuation alone */
        "\xbf",
        "\xc0\xaf", /* overlong "/" */
        "\xc1\xbf",
        "\xe0\x9f\xbf",     /* overlong U+07FF */
        "\xf0\x8f\xbf\xbf", /* overlong U+FFFF */
        "\xed\xa0\x80",     /* U+D800 */
        "\xed\xbf\xbf",     /* U+DFFF */
        "\xf4\x90\x80\x80", /* U+110000 */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3(",
        "\xe2(\xa1",
        "\xe2\x82(",
        "\xf0\x90\x80(",
        "\xc3", /* cut */
        "\xe2\x82",
        "\xf0\x90\x80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        assert_int_equal(character_size(malformed[i], strlen(malformed[i])), 0);
        assert_int_equal(cmr__utf8_valid_prefix(malformed[i], strlen(malformed[i])), 0);
    }
}

static void a_character_that_the_length_cuts_is_none(void **state)
{
    (void)state;
    assert_int_equal(character_size("", 0), 0);
    assert_int_equal(character_size("\0", 1), 1);
    assert_int_equal(character_size("é", 1), 0);
    assert_int_equal(character_size("é", 2), 2);
    assert_int_equal(character_size("€", 2), 0);
    assert_int_equal(character_size("😀", 3), 0);
    assert_int_equal(character_size("😀!", 5), 4);
}

static void the_valid_prefix_ends_where_the_trouble_begins(void **state)
{
    (void)state;
    assert_int_equal(cmr__utf8_valid_prefix("", 0), 0);
    assert_int_equal(cmr__utf8_valid_prefix("abc", 3), 3);
    assert_int_equal(cmr__utf8_valid_prefix("a\0b", 3), 3);
    assert_int_equal(cmr__utf8_valid_prefix("é€😀", 9), 9);
    assert_int_equal(cmr__utf8_valid_prefix("é€😀", 8), 5);
    assert_int_equal(cmr__utf8_valid_prefix("ab\xff"
                                            "c",
                                            4),
                     2);
}

static void well_formed_text_is_counted_alike_from_any_place(void **state)
{
    static const char text[] = "abcdefgé€😀hijklmnop\x7f\t€€€€éééééééé😀😀😀😀q";
    size_t end = sizeof(text) - 1;

    (void)state;
    for (size_t from = 0; from <= end; from++) {
        size_t valid = cmr__utf8_valid_prefix(text + from, end - from);

        for (size_t length = 0; length <= valid; length++) {
            if (cmr__utf8_valid_prefix(text + from, length) == length)
                assert_int_equal(cmr__utf8_count_valid(text + from, length),
                                 cmr__utf8_count(text + from, length));
        }
    }
}

static void stray_bytes_count_as_a_character_each(void **state)
{
    (void)state;
    assert_int_equal(cmr__utf8_count("", 0), 0);
    assert_int_equal(cmr__utf8_count("abc", 3), 3);
    assert_int_equal(cmr__utf8_count("é€😀", 9), 3);
    assert_int_equal(cmr__utf8_count("é€😀", 7), 4);
    assert_int_equal(cmr__utf8_count("\xff\xfe", 2), 2);
    assert_int_equal(cmr__utf8_count("\xe2\x82z", 3), 3);
}

static void only_the_whole_byte_order_mark_is_one(void **state)
{
    (void)state;
    assert_int_equal(cmr__utf8_bom("\xef\xbb\xbf", 3), 3);
    assert_int_equal(cmr__utf8_bom("\xef\xbb\xbfkey", 6), 3);
    assert_int_equal(cmr__utf8_bom("\xef\xbb\xbf", 2), 0);
    assert_int_equal(cmr__utf8_bom("key", 3), 0);
    assert_int_equal(cmr__utf8_bom("", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_encoding),
        cmocka_unit_test(encoding_writes_the_bytes_of_rfc_3629),
        cmocka_unit_test(what_is_no_code_point_is_not_encoded),
        cmocka_unit_test(malformed_sequences_are_refused),
        cmocka_unit_test(a_character_that_the_length_cuts_is_none),
        cmocka_unit_test(the_valid_prefix_ends_where_the_trouble_begins),
        cmocka_unit_test(well_formed_text_is_counted_alike_from_any_place),
        cmocka_unit_test(stray_bytes_count_as_a_character_each),
        cmocka_unit_test(only_the_whole_byte_order_mark_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
