/* SPDX-License-Identifier: MIT
 *
 * Lists and maps that are written in one text: how they are divided, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/written.h"

/* "[a] [b]", "[x=1]" for a map; at a fault "!INDEX FAULT". */
static const char *divide(const char *text, bool map)
{
    static char out[256];
    struct cmr__written walk;
    struct cmr__written_item item;
    size_t count = 4711;
    char *at = out;
    cmr__written_start(&walk, text, strlen(text), map);
    out[0] = '\0';
    while (cmr__written_next(&walk, &item)) {
        at += sprintf(at, "[%.*s", (int)item.name_length, item.name);
        at += sprintf(at, "%s%.*s]", map ? ":" : "", (int)item.length, item.text);
    }
    assert_int_equal(cmr__written_count(text, strlen(text), map, &count), walk.fault == CMR__WRITTEN_GOOD);
    assert_int_equal(count, walk.fault ? 4711 : walk.index);
    if (walk.fault)
        sprintf(at, "!%zu %d", walk.index, (int)walk.fault);
    assert_false(cmr__written_next(&walk, &item)); /* the end stays the end */
    return out;
}

static void commas_divide_a_list(void **state)
{
    (void)state;
    assert_string_equal(divide("", false), "");
    assert_string_equal(divide(" \t\r\n ", false), "");
    assert_string_equal(divide("a", false), "[a]");
    assert_string_equal(divide("a,b,c", false), "[a][b][c]");
    assert_string_equal(divide(" a ,\tb c\n, d\r\n", false), "[a][b c][d]");
    assert_string_equal(divide("\"a,b\"", false), "[\"a][b\"]"); /* no quoting */
    assert_string_equal(divide("a=1", false), "[a=1]");
    assert_string_equal(divide("a\xc2\xa0,b", false), "[a\xc2\xa0][b]"); /* no white space of ASCII's */
}

static void an_empty_item_is_a_fault(void **state)
{
    (void)state;
    assert_string_equal(divide(",", false), "!0 1");
    assert_string_equal(divide("a,", false), "[a]!1 1");
    assert_string_equal(divide(",a", false), "!0 1");
    assert_string_equal(divide("a, ,b", false), "[a]!1 1");
    assert_string_equal(divide("a=1,", true), "[a:1]!1 1");
}

static void the_first_equals_divides_an_item_of_a_map(void **state)
{
    (void)state;
    assert_string_equal(divide("", true), "");
    assert_string_equal(divide("a=1", true), "[a:1]");
    assert_string_equal(divide("a = 1 , b=x=y,c=", true), "[a:1][b:x=y][c:]");
    assert_string_equal(divide("a b=1", true), "[a b:1]");
    assert_string_equal(divide("a=1,a=2", true), "[a:1][a:2]"); /* for others to see */
    assert_string_equal(divide("a=1,b", true), "[a:1]!1 2");
    assert_string_equal(divide("=1", true), "!0 3");
    assert_string_equal(divide("a=1, =2", true), "[a:1]!1 3");
    assert_string_equal(divide("=", true), "!0 3");
}

static void faults_are_explained(void **state)
{
    char why[200];
    (void)state;
    cmr__written_explain("a,,b", 4, false, why, sizeof why);
    assert_string_equal(why,
                        "wanted a list like a, b, c, found the string \"a,,b\", whose item [1] is empty");
    cmr__written_explain("a=1,b", 5, true, why, sizeof why);
    assert_string_equal(why,
                        "wanted a map like a=1, b=2, found the string \"a=1,b\", whose item [1] has no =");
    cmr__written_explain("=\n1", 3, true, why, sizeof why);
    assert_string_equal(why,
                        "wanted a map like a=1, b=2, found the string \"=\\u000a1\", whose item [0] has no "
                        "name before its =");
    cmr__written_explain("a", 1, false, why, sizeof why);
    assert_string_equal(why, "");
    for (size_t size = 0; size < 80; size++) {
        memset(why, 'x', sizeof why);
        cmr__written_explain("a,,b", 4, false, why, size);
        assert_int_equal(why[size], 'x');
        if (size)
            assert_true(strlen(why) < size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_divide_a_list),
        cmocka_unit_test(an_empty_item_is_a_fault),
        cmocka_unit_test(the_first_equals_divides_an_item_of_a_map),
        cmocka_unit_test(faults_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
