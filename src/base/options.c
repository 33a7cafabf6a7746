/* SPDX-License-Identifier: MIT
 *
 * Structs that begin with their size.
 *
 * Three sizes meet here: what the program was compiled with, what this library was, and what both
 * know. A shorter struct comes from an older header, and zero is the default of all that it lacks. A
 * longer one comes from a newer header, and is taken only if what we do not know is zero, since
 * ignoring an option that somebody set would be worse than refusing it.
 */
#include "base/options.h"

#include <string.h>

/* A size that does not cover the size field itself was never set by an INIT macro. */
static size_t read_size(const void *given)
{
    size_t size;

    memcpy(&size, given, sizeof(size));
    return size < sizeof(size) ? 0 : size;
}

static bool is_zero(const unsigned char *bytes, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

cmr_status cmr__options_read_item(const void *given, size_t given_size, void *ret_ours, size_t size)
{
    if (!is_zero(given, size, given_size))
        return CMR_ERR_INVALID_ARGUMENT;
    memset(ret_ours, 0, size);
    memcpy(ret_ours, given, given_size < size ? given_size : size);
    return CMR_OK;
}

cmr_status cmr__options_read(const void *given, void *ret_ours, size_t size)
{
    size_t given_size = given ? read_size(given) : size;

    if (given_size == 0)
        return CMR_ERR_INVALID_ARGUMENT;
    if (!given)
        memset(ret_ours, 0, size);
    else if (cmr__options_read_item(given, given_size, ret_ours, size) != CMR_OK)
        return CMR_ERR_INVALID_ARGUMENT;
    memcpy(ret_ours, &size, sizeof(size));
    return CMR_OK;
}

cmr_status cmr__options_write(const void *ours, size_t size, void *given)
{
    size_t given_size = given ? read_size(given) : 0;
    size_t shared = given_size < size ? given_size : size;

    if (given_size == 0)
        return CMR_ERR_INVALID_ARGUMENT;
    memset(given, 0, given_size);
    memcpy(given, ours, shared);
    memcpy(given, &given_size, sizeof(given_size));
    return CMR_OK;
}
