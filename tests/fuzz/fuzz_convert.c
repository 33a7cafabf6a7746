/* SPDX-License-Identifier: MIT
 *
 * Each typed conversion: the first byte is the type, the second what the format says the scalar is, the third
 * a size for an explanation; the rest is the text. What a text reads as, printed, reads as the same again. An
 * explanation never overruns, and is there exactly when the conversion fails. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "model/convert.h"

/* A seed's first byte is an index into these. */
static const cmr_type types[] = {
    CMR_TYPE_STRING,  CMR_TYPE_NULL,  CMR_TYPE_BOOL,     CMR_TYPE_INT64, CMR_TYPE_UINT64, CMR_TYPE_DOUBLE,
    CMR_TYPE_STRING,  CMR_TYPE_BYTES, CMR_TYPE_DURATION, CMR_TYPE_SIZE,  CMR_TYPE_ENUM,   CMR_TYPE_LOG_LEVEL,
    CMR_TYPE_PERCENT, CMR_TYPE_IP,    CMR_TYPE_IPV4,     CMR_TYPE_IPV6,  CMR_TYPE_CIDR,
};

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

static bool print_ip(char *text, size_t size, const cmr_ip *ip)
{
    FUZZ_REQUIRE(ip->version == 4 || ip->version == 6);
    return inet_ntop(ip->version == 4 ? AF_INET : AF_INET6, ip->bytes, text, (socklen_t)size);
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
    case CMR_TYPE_PERCENT:
        return snprintf(text, size, "%.60f%%", value->as.number) < (int)size && value->as.number > 1e-30;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        return print_ip(text, size, &value->as.ip);
    case CMR_TYPE_CIDR:
        print_ip(text, size, &value->as.cidr.ip);
        return snprintf(text + strlen(text), size - strlen(text), "/%d", value->as.cidr.prefix);
    default:
        return false;
    }
}

static bool same(const cmr_value *one, const cmr_value *two)
{
    if (one->type == CMR_TYPE_IP || one->type == CMR_TYPE_IPV4 || one->type == CMR_TYPE_IPV6)
        return memcmp(&one->as.ip, &two->as.ip, sizeof one->as.ip) == 0;
    if (one->type == CMR_TYPE_CIDR)
        return memcmp(&one->as.cidr, &two->as.cidr, sizeof one->as.cidr) == 0;
    if (one->type == CMR_TYPE_DOUBLE || one->type == CMR_TYPE_PERCENT)
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
    char text[128];
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
    cmr_type type = types[data[0] % (sizeof types / sizeof types[0])];
    struct cmr__scalar scalar = { data[1] % 8 ? (enum cmr__scalar_type)(data[1] % 8)
                                              : cmr__resolve_core_schema(text, size - 3),
                                  text, size - 3 };
    cmr_value value = { 0 };
    check_natural(&scalar);
    cmr_status status = cmr__convert(&scalar, type, table, &value);
    FUZZ_REQUIRE(status == CMR_OK || status == CMR_ERR_TYPE || status == CMR_ERR_RANGE);
    if (status == CMR_OK)
        check_printed(&value);
    check_explained(&scalar, type, data[2], status != CMR_OK);
    free(text);
    return 0;
}
