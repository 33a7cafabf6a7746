/* SPDX-License-Identifier: MIT
 *
 * Numbers are rewritten as texts: no digit is lost, and no locale is asked. */
#include "schema/json_number.h"

#include "model/convert.h"

static void put_decimal(struct cmr__buffer *text, const struct cmr__decimal *decimal, const char *exponent,
                        size_t exponent_length)
{
    const char *whole = decimal->whole;
    size_t length = decimal->whole_length;
    for (; length > 1 && *whole == '0'; length--)
        whole++;
    cmr__buffer_append_text(text, decimal->negative ? "-" : "");
    cmr__buffer_append(text, length ? whole : "0", length ? length : 1);
    if (decimal->fraction_length)
        cmr__buffer_append_char(text, '.');
    cmr__buffer_append(text, decimal->fraction, decimal->fraction_length);
    cmr__buffer_append(text, exponent, exponent_length);
}

bool cmr__json_number(struct cmr__json *json, const char *name, const char *text, size_t length)
{
    struct cmr__decimal decimal = { 0 };
    int64_t power;
    uint64_t whole;
    size_t used = cmr__scan_decimal(text, length, &decimal);
    if (used && used + cmr__scan_exponent(text + used, length - used, &power) == length) {
        cmr__json_raw(json, name, "");
        put_decimal(&json->text, &decimal, text + used, length - used);
        return true;
    }
    if (cmr__parse_uint(text, length, &whole) != CMR_OK)
        return false;
    cmr__json_unsigned(json, name, whole);
    return true;
}
