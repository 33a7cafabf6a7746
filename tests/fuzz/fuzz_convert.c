/* SPDX-License-Identifier: MIT
 *
 * Each typed conversion: the first byte is the type, the second what the format says the scalar is, the third
 * a size for an explanation; the rest is the text. What a text reads as, printed, reads as the same again. An
 * explanation never overruns, and is there exactly when the conversion fails. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "model/convert.h"

static const cmr_enum_item table[] = { { "fast", 1 }, { "slow", 2 }, { "on", 3 }, { "1.2", 4 }, { NULL, 0 } };

static const char *print_enum(int value)
{
    const cmr_enum_item *item = table;
    while (item->name && item->value != value)
        item++;
    FUZZ_REQUIRE(item->name);
    return item->name;
}

static void print_double(char *text, size_t size, double number)
{
    if (isnan(number))
        snprintf(text, size, ".nan");
    else if (isinf(number))
        snprintf(text, size, "%s.inf", number < 0 ? "-" : "");
    else
        snprintf(text, size, "%.17g", number);
}

/* False: the type prints nothing that reads as itself. */
static bool print(char *text, size_t size, const cmr_value *value)
{
    switch (value->type) {
    case CMR_TYPE_BOOL:
        return snprintf(text, size, "%s", value->as.boolean ? "true" : "false");
    case CMR_TYPE_INT64:
        return snprintf(text, size, "%" PRId64, value->as.int64);
    case CMR_TYPE_UINT64:
        return snprintf(text, size, "%" PRIu64, value->as.uint64);
    case CMR_TYPE_DOUBLE:
        print_double(text, size, value->as.number);
        return true;
    case CMR_TYPE_DURATION:
        return snprintf(text, size, "%" PRId64 "ns", value->as.duration_ns);
    case CMR_TYPE_SIZE:
        return snprintf(text, size, "%" PRIu64, value->as.size);
    case CMR_TYPE_ENUM:
        return snprintf(text, size, "%s", print_enum(value->as.enumeration));
    case CMR_TYPE_LOG_LEVEL:
        return snprintf(text, size, "%s", cmr_log_level_name(value->as.level));
    default:
        return false;
    }
}

static bool same(const cmr_value *one, const cmr_value *two)
{
    if (one->type == CMR_TYPE_DOUBLE)
        return isnan(one->as.number) ? isnan(two->as.number) != 0
                                     : one->as.number >= two->as.number && one->as.number <= two->as.number;
    if (one->type == CMR_TYPE_BOOL)
        return one->as.boolean == two->as.boolean;
    if (one->type == CMR_TYPE_ENUM || one->type == CMR_TYPE_LOG_LEVEL)
        return one->as.enumeration == two->as.enumeration;
    return one->as.uint64 == two->as.uint64;
}

static void check_printed(const cmr_value *value)
{
    char text[64];
    cmr_value again = { 0 };
    if (!print(text, sizeof text, value))
        return;
    FUZZ_REQUIRE(cmr_value_parse(text, value->type, table, &again) == CMR_OK);
    FUZZ_REQUIRE(again.type == value->type && same(value, &again));
}

static void check_explained(const struct cmr__scalar *scalar, cmr_type type, size_t size, bool failed)
{
    char whole[4096], *cut = malloc(size ? size : 1);
    FUZZ_REQUIRE(cut);
    cmr__convert_explain(scalar, type, table, whole, sizeof whole);
    cmr__convert_explain(scalar, type, table, cut, size);
    FUZZ_REQUIRE(failed == (whole[0] != '\0'));
    FUZZ_REQUIRE(cmr__utf8_valid_prefix(whole, strlen(whole)) == strlen(whole) && !strchr(whole, '\n'));
    if (size)
        FUZZ_REQUIRE(memchr(cut, '\0', size) && strlen(cut) <= strlen(whole));
    free(cut);
}

static void check_natural(const struct cmr__scalar *scalar)
{
    cmr_value value = { 0 };
    cmr__convert_natural(scalar, &value);
    FUZZ_REQUIRE(value.type > CMR_TYPE_ANY && value.type <= CMR_TYPE_BYTES);
    if (value.type != CMR_TYPE_STRING && value.type != CMR_TYPE_BYTES && value.type != CMR_TYPE_NULL)
        check_printed(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    char *text = fuzz_copy(data + 3, size - 3);
    cmr_type type = (cmr_type)(data[0] % (CMR_TYPE_LOG_LEVEL + 1));
    struct cmr__scalar scalar = { data[1] % 8 ? (enum cmr__scalar_type)(data[1] % 8)
                                              : cmr__resolve_core_schema(text, size - 3),
                                  text, size - 3 };
    cmr_value value = { 0 };
    check_natural(&scalar);
    if (type == CMR_TYPE_ANY)
        type = CMR_TYPE_STRING;
    cmr_status status = cmr__convert(&scalar, type, table, &value);
    FUZZ_REQUIRE(status == CMR_OK || status == CMR_ERR_TYPE || status == CMR_ERR_RANGE);
    if (status == CMR_OK)
        check_printed(&value);
    check_explained(&scalar, type, data[2], status != CMR_OK);
    free(text);
    return 0;
}
