/* SPDX-License-Identifier: MIT
 *
 * The directory of one generation, as a kubelet names it: ..2026_01_31_12_00_00.123456789. */
#ifndef CMRELOAD_SOURCE_GENERATION_H
#define CMRELOAD_SOURCE_GENERATION_H

#include <stddef.h>
#include <string.h>

/* The "/" before a generation's name within the path; NULL: the path leads through none. */
static inline const char *cmr__generation_in_path(const char *path)
{
    for (const char *at = strstr(path, "/.."); at; at = strstr(at + 1, "/.."))
        if (at[3] != '/' && at[3] != '\0')
            return at;
    return NULL;
}

#endif
