/* SPDX-License-Identifier: MIT
 *
 * Base64 as binaryData has it: RFC 4648's vectors, all bytes both ways, and what Go's StdEncoding takes
 * and refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/base64.h"

static const struct {
    const char *plain;
    const char *encoded;
} vectors[] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
};

static void assert_decodes(const char *text, const void *wanted, size_t wanted_size)
{
    char data[64];
    size_t size = 0, where = 0;

    assert_true(base64_decode(text, strlen(text), data, &size, &where));
    assert_int_equal(size, wanted_size);
    assert_memory_equal(data, wanted, size);
}

static void assert_refused(const char *text, size_t wanted_where)
{
    char data[64];
    size_t size = 99, where = 99;

    assert_false(base64_decode(text, strlen(text), data, &size, &where));
    assert_int_equal(where, wanted_where);
    assert_int_equal(size, 99);
}

static void the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char text[16];
        base64_encode(vectors[i].plain, strlen(vectors[i].plain), text);
        assert_string_equal(text, vectors[i].encoded);
        assert_int_equal(strlen(text), BASE64_LENGTH(strlen(vectors[i].plain)));
        assert_decodes(vectors[i].encoded, vectors[i].plain, strlen(vectors[i].plain));
    }
}

static void every_byte_comes_back_at_every_length(void **state)
{
    unsigned char all[256], back[256];
    char text[BASE64_LENGTH(256) + 1];
    size_t size, where;

    (void)state;
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (unsigned char)(255 - i);
    for (size_t length = 0; length <= sizeof(all); length++) {
        base64_encode(all, length, text);
        assert_true(base64_decode(text, strlen(text), back, &size, &where));
        assert_int_equal(size, length);
        assert_memory_equal(back, all, length);
    }
}

static void decoding_in_place(void **state)
{
    char text[] = "Zm9vYmFy";
    size_t size, where;

    (void)state;
    assert_true(base64_decode(text, strlen(text), text, &size, &where));
    assert_int_equal(size, 6);
    assert_memory_equal(text, "foobar", 6);
}

static void line_breaks_are_skipped(void **state)
{
    (void)state;
    assert_decodes("\nZm9v\r\nYg==\n", "foob", 4);
    assert_decodes("Z\nm\n9\nv", "foo", 3);
    assert_decodes("Zg=\n=", "f", 1);
    assert_decodes("\n\n", "", 0);
}

static void unused_bits_need_not_be_zero(void **state)
{
    (void)state;
    assert_decodes("Zh==", "f", 1);
    assert_decodes("Zm9=", "fo", 2);
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_refused("Zg", 0);    /* no padding */
    assert_refused("Zg=", 0);   /* half of it */
    assert_refused("Zm9vZ", 4); /* a group that is cut */
    assert_refused("Z===", 1);  /* too much of it */
    assert_refused("====", 0);
    assert_refused("Zg==Zg==", 4); /* something behind it */
    assert_refused("Zg=v", 3);
    assert_refused("Zm 9v", 2); /* blanks are no line breaks */
    assert_refused("Zm9\tv", 3);
    assert_refused("Zm9-", 3); /* the URL alphabet */
    assert_refused("Zm9\xc3\xa9", 3);
}

static void a_nul_byte_is_no_character(void **state)
{
    char data[8];
    size_t size, where = 99;

    (void)state;
    assert_false(base64_decode("Zm\0v", 4, data, &size, &where));
    assert_int_equal(where, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648),
        cmocka_unit_test(every_byte_comes_back_at_every_length),
        cmocka_unit_test(decoding_in_place),
        cmocka_unit_test(line_breaks_are_skipped),
        cmocka_unit_test(unused_bits_need_not_be_zero),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_nul_byte_is_no_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
