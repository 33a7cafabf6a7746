/* SPDX-License-Identifier: MIT
 *
 * A generation of three mounts, "app" with a file of each format, "none" without any, and "other", as parts
 * that can be sealed, opened again and compared. */
#ifndef CMRELOAD_TESTS_SUPPORT_SHARING_H
#define CMRELOAD_TESTS_SUPPORT_SHARING_H

#include "share/sealed.h"

#define SHARING_MOUNTS 3

extern const char *const sharing_names[SHARING_MOUNTS];
extern const struct cmr__sealed_info sharing_info;         /* generation 7, of mount 1 */
extern const cmr_boot_source sharing_from[SHARING_MOUNTS]; /* one of each */

void sharing_make(cmr__part *ret_parts[SHARING_MOUNTS]);
void sharing_free(cmr__part *parts[SHARING_MOUNTS]);

#endif
