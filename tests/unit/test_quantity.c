/* SPDX-License-Identifier: MIT
 *
 * Sizes by the grammar of Kubernetes' resource.Quantity: every suffix, exact arithmetic up to the last
 * byte of 64 bits, and each way in which one is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ZEROS_40 "0000000000000000000000000000000000000000"

/* 2^-60 */
#define BYTE_OF_EI "0.000000000000000000867361737988403547205962240695953369140625"

static void sizes_of_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        { "0", 0 },
        { "-0", 0 },
        { "+0", 0 },
        { "-0.0Mi", 0 },
        { "0e99999999999999999999999999", 0 },
        { "0e-99999999999999999999999999", 0 },
        { "0Ei", 0 },
        { "4096", 4096 },
        { "+4096", 4096 },
        { "007", 7 },
        { "5.", 5 },
        { "5.0", 5 },
        { "5.Ki", 5120 },
        { ".5Ki", 512 },
        { "+.5k", 500 },
        { "1k", 1000 },
        { "1M", 1000000 },
        { "1G", 1000000000 },
        { "1T", 1000000000000 },
        { "1P", 1000000000000000 },
        { "1E", 1000000000000000000 },
        { "1Ki", UINT64_C(1) << 10 },
        { "1Mi", UINT64_C(1) << 20 },
        { "1Gi", UINT64_C(1) << 30 },
        { "1Ti", UINT64_C(1) << 40 },
        { "1Pi", UINT64_C(1) << 50 },
        { "1Ei", UINT64_C(1) << 60 },
        { "10Mi", 10485760 },
        { "1.5Ki", 1536 },
        { "1.5G", 1500000000 },
        { "2e3", 2000 },
        { "2E3", 2000 },
        { "2e+3", 2000 },
        { "2e0", 2 },
        { "2e-0", 2 },
        { "2e03", 2000 },
        { "2000e-3", 2 },
        { "1.5e3", 1500 },
        { "1.e3", 1000 },
        { ".5E1", 5 },
        { "0.001k", 1 },
        { "0.0009765625Ki", 1 },
        { "0.125Ki", 128 },
        { "0.00000095367431640625Mi", 1 },
        { BYTE_OF_EI "Ei", 1 },
        { BYTE_OF_EI ZEROS_40 "Ei", 1 },
        { "0." ZEROS_40 "1e41", 1 },
        { "1" ZEROS_40 "e-40", 1 },
        { "18446744073709551615", UINT64_MAX },
        { ZEROS_40 "18446744073709551615.000", UINT64_MAX },
        { "18446744073709551.615k", UINT64_MAX },
        { "18.446744073709551615E", UINT64_MAX },
        { "1844674407370955161500e-2", UINT64_MAX },
        { "18014398509481983.9990234375Ki", UINT64_MAX },
        { "15Ei", UINT64_C(15) << 60 },
        { "15.5Ei", UINT64_C(31) << 59 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t bytes = 4711;
        cmr_status status = cmr__parse_quantity(cases[i].text, strlen(cases[i].text), &bytes);

        if (status != CMR_OK || bytes != cases[i].bytes)
            fail_msg("%s gives %llu, status %d", cases[i].text, (unsigned long long)bytes, status);
    }
}

static void assert_faults(const char *const *texts, size_t count, enum cmr__fault expected, cmr_status status)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bytes = 4711;
        enum cmr__fault fault = cmr__read_quantity(texts[i], strlen(texts[i]), &bytes);

        if (fault != expected || bytes != 4711)
            fail_msg("\"%s\" has fault %d", texts[i], fault);
        assert_int_equal(cmr__parse_quantity(texts[i], strlen(texts[i]), &bytes), status);
    }
}

static void negative_sizes_are_out_of_range(void **state)
{
    static const char *const texts[] = { "-1", "-.5Ki", "-1Mi", "-0.1", "-1e-3", "-99999999999999999999E" };

    (void)state;
    assert_faults(texts, COUNT(texts), CMR__FAULT_NEGATIVE, CMR_ERR_RANGE);
}

static void sizes_with_a_part_of_a_byte_are_out_of_range(void **state)
{
    static const char *const texts[] = {
        "0.5",
        ".1",
        "1.5",
        "15e-1",
        "1e-1",
        "1e-99999999999999999999999999",
        "0.0001k",
        "1.0005k",
        "0.1Ki",
        "0.00048828125Ki",
        "1.3333333333333333333333333333333333333333333333333333333333333333333333333333Ei",
        BYTE_OF_EI "1Ei",
        "18446744073709551615.5",
    };

    (void)state;
    assert_faults(texts, COUNT(texts), CMR__FAULT_FRACTION, CMR_ERR_RANGE);
}

static void sizes_over_64_bits_are_out_of_range(void **state)
{
    static const char *const texts[] = {
        "18446744073709551616",
        "18446744073709551616.5",
        "99999999999999999999999999",
        "18014398509481984Ki",
        "16Ei",
        "18.446744073709551616E",
        "19E",
        "1e20",
        "1e99999999999999999999999999",
        "0." ZEROS_40 "1e99",
    };

    (void)state;
    assert_faults(texts, COUNT(texts), CMR__FAULT_TOO_LARGE, CMR_ERR_RANGE);
}

static void parts_of_a_byte_by_suffix_are_refused_by_name(void **state)
{
    static const char *const texts[] = { "10m", "10u", "10n", "0m", "1.5m", "-1m" };

    (void)state;
    assert_faults(texts, COUNT(texts), CMR__FAULT_SMALL_SUFFIX, CMR_ERR_TYPE);
}

static void what_is_no_size_is_of_another_type(void **state)
{
    static const char *const texts[] = {
        "",     "+",     "-",    ".",    "+.",   "Ki",   ".Ki",   "e3",   "--1",   "+-1",  " 1",    "1 ",
        "1 Mi", "1Mi ",  "1K",   "1g",   "1t",   "1B",   "1MB",   "1MiB", "1Mib",  "1mi",  "1ki",   "1KI",
        "1i",   "1kMi",  "1kk",  "1e",   "1e+",  "1e-",  "1E+",   "1e3k", "1Ee3",  "1e.5", "1e3.0", "1ee3",
        "1,5k", "1_000", "0x10", "0o17", ".inf", ".nan", "1.2.3", "1..",  "1Mi\n", "ten",  "1eK",   "1mm",
    };

    (void)state;
    assert_faults(texts, COUNT(texts), CMR__FAULT_GRAMMAR, CMR_ERR_TYPE);
}

static void the_length_ends_a_size_and_a_nul_byte_does_not(void **state)
{
    uint64_t bytes = 4711;

    (void)state;
    assert_int_equal(cmr__parse_quantity("10Mi", 3, &bytes), CMR_OK);
    assert_int_equal(bytes, 10000000);
    assert_int_equal(cmr__parse_quantity("10M\0", 4, &bytes), CMR_ERR_TYPE);
    assert_int_equal(cmr__parse_quantity("10\0", 3, &bytes), CMR_ERR_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_every_form_are_read),
        cmocka_unit_test(negative_sizes_are_out_of_range),
        cmocka_unit_test(sizes_with_a_part_of_a_byte_are_out_of_range),
        cmocka_unit_test(sizes_over_64_bits_are_out_of_range),
        cmocka_unit_test(parts_of_a_byte_by_suffix_are_refused_by_name),
        cmocka_unit_test(what_is_no_size_is_of_another_type),
        cmocka_unit_test(the_length_ends_a_size_and_a_nul_byte_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
