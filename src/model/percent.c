/* SPDX-License-Identifier: MIT
 *
 * Percentages: a decimal without minus, plus or exponent, and % right behind it.
 *
 *     percent = ( [0-9]+ (\.[0-9]*)? | \.[0-9]+ ) "%"
 *
 * The sign is wanted even where nothing else makes sense, for whoever writes 0.5 may mean half or a
 * two-hundredth.
 */
#include "model/convert.h"

cmr_status cmr__parse_percent(const char *text, size_t length, double *ret_value)
{
    struct cmr__decimal decimal;

    if (length < 2 || text[length - 1] != '%' || text[0] == '-' || text[0] == '+')
        return CMR_ERR_TYPE;
    if (cmr__scan_decimal(text, length - 1, &decimal) != length - 1)
        return CMR_ERR_TYPE;
    return cmr__parse_double(text, length - 1, ret_value);
}
