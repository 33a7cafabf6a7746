/* SPDX-License-Identifier: MIT
 *
 * Types on the command line, and values as text.
 *
 * A value that was asked for without a type is shown as it stands in its file: `version: 1.10` is
 * 1.10, although its own type, a double, would say 1.1. With a type it is shown in that type's one
 * form, so that equal values look equal: 10s and 10000ms are both 10s. */
#include "cli/typing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ip_text.h"
#include "cli/util.h"

int cli_parse_type(const struct cli_line *line, const char *name, cmr_type *ret_type)
{
    cmr_type type;

    if (cmr_type_from_name(name, &type) != CMR_OK)
        return cli_usage(line->command, "--type %s: unknown type", optarg);
    if (type == CMR_TYPE_NULL || type == CMR_TYPE_MAP || type == CMR_TYPE_LIST)
        return cli_usage(line->command, "--type %s: not a type to ask for", optarg);
    *ret_type = type;
    return CLI_DONE;
}

static int take_names(struct cli_typing *typing, const struct cli_line *line)
{
    size_t count = 1;
    char *rest;

    for (const char *at = optarg; *at; at++)
        count += *at == ',';
    cli_typing_clear(&(struct cli_typing){ CMR_TYPE_ANY, typing->table, typing->names });
    typing->names = rest = strdup(optarg);
    typing->table = calloc(count + 1, sizeof(*typing->table));
    if (!typing->names || !typing->table)
        return cli_fail(CLI_FAILED, "out of memory");
    for (size_t i = 0; i < count; i++) {
        typing->table[i] = (cmr_enum_item){ strsep(&rest, ","), (int)i };
        if (typing->table[i].name[0] == '\0')
            return cli_usage(line->command, "--enum %s: an empty name", optarg);
    }
    return CLI_DONE;
}

int cli_typing_option(struct cli_typing *typing, const struct cli_line *line, int option)
{
    return option == CLI_OPTION_TYPE ? cli_parse_type(line, optarg, &typing->type) : take_names(typing, line);
}

int cli_typing_check(const struct cli_typing *typing, const struct cli_line *line)
{
    if (typing->type == CMR_TYPE_ENUM && !typing->table)
        return cli_usage(line->command, "--type enum needs --enum NAME,NAME...");
    if (typing->type != CMR_TYPE_ENUM && typing->table)
        return cli_usage(line->command, "--enum goes with --type enum");
    return CLI_DONE;
}

void cli_typing_clear(struct cli_typing *typing)
{
    free(typing->table);
    free(typing->names);
    *typing = (struct cli_typing)CLI_TYPING_INIT;
}

void cli_double_text(double number, char ret_text[static 32])
{
    if (isnan(number)) {
        strcpy(ret_text, ".nan");
        return;
    }
    if (isinf(number)) {
        strcpy(ret_text, number < 0 ? "-.inf" : ".inf");
        return;
    }
    if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number) { /* 100: %g says 1e+02 */
        snprintf(ret_text, 32, "%.0f", number);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(ret_text, 32, "%.*g", digits, number);
        if (strtod(ret_text, NULL) == number)
            return;
    }
}

bool cli_percent_text(double percent, char ret_text[static 64])
{
    for (int digits = 0; digits <= 30; digits++) {
        if (snprintf(ret_text, 64, "%.*f", digits, percent) > 62)
            return false;
        if (strtod(ret_text, NULL) == percent) {
            strcat(ret_text, "%");
            return true;
        }
    }
    return false;
}

/* A number of which the last `digits` digits are a fraction, without its trailing zeros. */
static int put_fraction(char *text, size_t size, uint64_t number, unsigned digits)
{
    uint64_t scale = 1;
    int length;

    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    if (number % scale == 0)
        return snprintf(text, size, "%" PRIu64, number / scale);
    length = snprintf(text, size, "%" PRIu64 ".%0*" PRIu64, number / scale, (int)digits, number % scale);
    while (text[length - 1] == '0')
        length--;
    return length;
}

void cli_duration_text(int64_t nanoseconds, char ret_text[static 64])
{
    uint64_t left = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    char *at = ret_text;

    if (left == 0) {
        strcpy(ret_text, "0s");
        return;
    }
    if (nanoseconds < 0)
        *at++ = '-';
    if (left < 1000000000) {
        unsigned digits = left < 1000 ? 0 : left < 1000000 ? 3 : 6;
        at += put_fraction(at, 32, left, digits);
        strcpy(at, digits == 0 ? "ns" : digits == 3 ? "\xc2\xb5s" : "ms");
        return;
    }
    if (left >= 3600000000000)
        at += sprintf(at, "%" PRIu64 "h", left / 3600000000000);
    if (left >= 60000000000)
        at += sprintf(at, "%" PRIu64 "m", left / 60000000000 % 60);
    at += put_fraction(at, 32, left % 60000000000, 9);
    strcpy(at, "s");
}

static const char *enum_name(const cmr_enum_item *table, int value)
{
    for (; table && table->name; table++) {
        if (table->value == value)
            return table->name;
    }
    return "";
}

/* False for the types that are their text, and for what is too long. */
static bool put_typed(const cmr_value *value, char own[static 64])
{
    switch (value->type) {
    case CMR_TYPE_BOOL:
        strcpy(own, value->as.boolean ? "true" : "false");
        return true;
    case CMR_TYPE_INT64:
        snprintf(own, 64, "%" PRId64, value->as.int64);
        return true;
    case CMR_TYPE_UINT64:
        snprintf(own, 64, "%" PRIu64, value->as.uint64);
        return true;
    case CMR_TYPE_DOUBLE:
        cli_double_text(value->as.number, own);
        return true;
    case CMR_TYPE_DURATION:
        cli_duration_text(value->as.duration_ns, own);
        return true;
    case CMR_TYPE_SIZE:
        snprintf(own, 64, "%" PRIu64, value->as.size);
        return true;
    case CMR_TYPE_LOG_LEVEL:
        strcpy(own, cmr_log_level_name(value->as.level));
        return true;
    case CMR_TYPE_PERCENT:
        return cli_percent_text(value->as.number, own);
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        cli_ip_text(&value->as.ip, own);
        return true;
    case CMR_TYPE_CIDR:
        cli_ip_text(&value->as.cidr.ip, own);
        sprintf(own + strlen(own), "/%u", value->as.cidr.prefix);
        return true;
    default:
        return false;
    }
}

void cli_value_text(const struct cli_typing *typing, const cmr_value *value, struct cli_text *ret_text)
{
    ret_text->data = value->text;
    ret_text->length = value->length;
    if (typing->type == CMR_TYPE_ENUM)
        ret_text->data = enum_name(typing->table, value->as.enumeration);
    else if (typing->type != CMR_TYPE_ANY && put_typed(value, ret_text->own))
        ret_text->data = ret_text->own;
    else
        return;
    ret_text->length = strlen(ret_text->data);
}
