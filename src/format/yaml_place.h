/* SPDX-License-Identifier: MIT
 *
 * Places in a YAML file that libyaml gives no mark of: those of an offset into its bytes. */
#ifndef CMRELOAD_FORMAT_YAML_PLACE_H
#define CMRELOAD_FORMAT_YAML_PLACE_H

#include <stddef.h>

#include "model/builder.h"

/* raw ends with a NUL behind its length, and is UTF-8 up to the offset. */
struct cmr__place cmr__yaml_place_of_offset(const char *raw, size_t offset);

/* The place of bytes that cannot be read: the offset may point into a character, or behind what is no UTF-8.
 */
struct cmr__place cmr__yaml_place_of_bytes(const char *raw, size_t length, size_t offset);

/* Whether a mark of that many characters stands at the end of a file that has no line break there. */
bool cmr__yaml_is_forced_break(const char *raw, size_t length, size_t characters);

/* Where the `limit`th plus one %TAG directive stands; CMR__YAML_NO_OFFSET when there are no more than that.
 */
#define CMR__YAML_NO_OFFSET SIZE_MAX
size_t cmr__yaml_find_tag_directive(const char *raw, size_t length, unsigned limit);

#endif
