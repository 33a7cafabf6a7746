/* SPDX-License-Identifier: MIT
 *
 * Takes a key of the library apart, segment by segment. */
#ifndef CMRELOAD_CLI_KEY_PATH_H
#define CMRELOAD_CLI_KEY_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct key_segment {
    bool is_item;
    size_t index;     /* of an item */
    const char *name; /* of a map's entry; not NUL-terminated, points into the key */
    size_t length;
};

/* The next segment of the path *at (what follows "#"), which moves behind it; false at the end. Names in
 * brackets are decoded in place. The key is one that the library made, so well-formed. */
bool key_path_next(char **at, struct key_segment *ret_segment);

/* Whether the segment is this name. */
bool key_segment_is(const struct key_segment *segment, const char *name);

#endif
