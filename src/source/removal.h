/* SPDX-License-Identifier: MIT
 *
 * Removing what a volume's writer made: generations, whole. */
#ifndef CMRELOAD_SOURCE_REMOVAL_H
#define CMRELOAD_SOURCE_REMOVAL_H

#include <stdbool.h>

/* Removes directory/name and all below it, file by file; no link is followed. True if it is gone, or was not
 * there. False: errno. */
bool cmr__remove_tree(int directory, const char *name);

/* Removes from the directory of a volume all that a writer left behind: whatever begins with "..", but for
 * ..data and the generation `kept`, and links that lead nowhere. False: errno. */
bool cmr__remove_strays(int directory, const char *kept);

/* Whether the directory holds nothing but what a writer makes, perhaps one that was killed: all names begin
 * with "..". False: errno, 0 if there is more. */
bool cmr__has_strays_only(int directory);

#endif
