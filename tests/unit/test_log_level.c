/* SPDX-License-Identifier: MIT
 *
 * Log levels: every name in any case, syslog's numbers, and nothing else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void names_in_any_case_and_numbers_are_levels(void **state)
{
    static const struct {
        const char *text;
        cmr_log_level level;
    } cases[] = {
        { "trace", CMR_LOG_TRACE },   { "debug", CMR_LOG_DEBUG }, { "info", CMR_LOG_INFO },
        { "notice", CMR_LOG_NOTICE }, { "warn", CMR_LOG_WARN },   { "warning", CMR_LOG_WARN },
        { "error", CMR_LOG_ERROR },   { "err", CMR_LOG_ERROR },   { "crit", CMR_LOG_CRIT },
        { "critical", CMR_LOG_CRIT }, { "fatal", CMR_LOG_CRIT },  { "alert", CMR_LOG_ALERT },
        { "emerg", CMR_LOG_EMERG },   { "panic", CMR_LOG_EMERG }, { "INFO", CMR_LOG_INFO },
        { "Warning", CMR_LOG_WARN },  { "eRRoR", CMR_LOG_ERROR }, { "0", CMR_LOG_EMERG },
        { "1", CMR_LOG_ALERT },       { "2", CMR_LOG_CRIT },      { "3", CMR_LOG_ERROR },
        { "4", CMR_LOG_WARN },        { "5", CMR_LOG_NOTICE },    { "6", CMR_LOG_INFO },
        { "7", CMR_LOG_DEBUG },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cmr_log_level level = (cmr_log_level)4711;

        if (cmr__parse_log_level(cases[i].text, strlen(cases[i].text), &level) != CMR_OK ||
            level != cases[i].level)
            fail_msg("%s gives %d", cases[i].text, (int)level);
    }
}

/* nginx's names (ngx_log.c), and those of Python's logging but NOTSET, which is no level. */
static void servers_and_languages_names_are_levels(void **state)
{
    static const char *const names[] = { "emerg", "alert", "crit",     "error", "warn",  "notice",  "info",
                                         "debug", "FATAL", "CRITICAL", "ERROR", "WARN",  "WARNING", "INFO",
                                         "DEBUG", "Trace", "Panic",    "Err",   "Notice" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        cmr_log_level level;

        assert_int_equal(cmr__parse_log_level(names[i], strlen(names[i]), &level), CMR_OK);
    }
}

static void every_spelling_is_read(void **state)
{
    const char *name;
    size_t count = 0;

    (void)state;
    for (; (name = cmr__log_level_spelling(count)); count++) {
        cmr_log_level level;

        assert_int_equal(cmr__parse_log_level(name, strlen(name), &level), CMR_OK);
    }
    assert_int_equal(count, 14);
}

static void every_level_is_read_from_its_own_name(void **state)
{
    (void)state;
    for (int i = CMR_LOG_EMERG; i <= CMR_LOG_TRACE; i++) {
        const char *name = cmr_log_level_name((cmr_log_level)i);
        cmr_log_level level = (cmr_log_level)4711;

        assert_int_equal(cmr__parse_log_level(name, strlen(name), &level), CMR_OK);
        assert_int_equal(level, i);
    }
}

static void what_is_no_level_is_of_another_type(void **state)
{
    static const char *const texts[] = {
        "",
        "8",
        "9",
        "-1",
        "+1",
        "00",
        "07",
        "10",
        "1.0",
        "inf",
        "infos",
        "information",
        " info",
        "info ",
        "info\n",
        "verbose",
        "off",
        "none",
        "NOTSET",
        "emergency",
        "true",
        "\x49NF\xc4\xb1",
        "i\xcc\x87nfo",
        "\x09nfo",
        "`lert",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        cmr_log_level level = (cmr_log_level)4711;

        if (cmr__parse_log_level(texts[i], strlen(texts[i]), &level) != CMR_ERR_TYPE || (int)level != 4711)
            fail_msg("\"%s\" is a level", texts[i]);
    }
}

static void the_length_ends_a_level_and_a_nul_byte_does_not(void **state)
{
    cmr_log_level level = (cmr_log_level)4711;

    (void)state;
    assert_int_equal(cmr__parse_log_level("warning", 4, &level), CMR_OK);
    assert_int_equal(level, CMR_LOG_WARN);
    assert_int_equal(cmr__parse_log_level("info\0", 5, &level), CMR_ERR_TYPE);
    assert_int_equal(cmr__parse_log_level("6\0", 2, &level), CMR_ERR_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_any_case_and_numbers_are_levels),
        cmocka_unit_test(servers_and_languages_names_are_levels),
        cmocka_unit_test(every_spelling_is_read),
        cmocka_unit_test(every_level_is_read_from_its_own_name),
        cmocka_unit_test(what_is_no_level_is_of_another_type),
        cmocka_unit_test(the_length_ends_a_level_and_a_nul_byte_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
