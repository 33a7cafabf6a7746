/* SPDX-License-Identifier: MIT
 *
 * The names of the types. The table's order is the enum's, whose numbers never change.
 */
#include "cmreload/cmreload.h"

#include <string.h>

static const char *const names[] = {
    "any",  "null",      "bool", "int64", "uint64",  "double", "string", "bytes", "duration", "size",
    "enum", "log_level", "map",  "list",  "percent", "ip",     "ipv4",   "ipv6",  "cidr",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == CMR_TYPE_CIDR + 1, "every type has a name");

const char *cmr_type_name(cmr_type type)
{
    return (unsigned)type <= CMR_TYPE_CIDR ? names[type] : "?";
}

cmr_status cmr_type_from_name(const char *name, cmr_type *ret_type)
{
    if (!name || !ret_type)
        return CMR_ERR_INVALID_ARGUMENT;
    for (unsigned i = 0; i <= CMR_TYPE_CIDR; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_type = (cmr_type)i;
            return CMR_OK;
        }
    }
    return CMR_ERR_NOT_FOUND;
}
