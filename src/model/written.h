/* SPDX-License-Identifier: MIT
 *
 * Lists and maps that are written in one text, for formats that have none: "a, b, c" and "x=1, y=2". White
 * space around items, names and values is dropped; nothing is quoted; an empty text holds nothing. */
#ifndef CMRELOAD_MODEL_WRITTEN_H
#define CMRELOAD_MODEL_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>

enum cmr__written_fault {
    CMR__WRITTEN_GOOD,
    CMR__WRITTEN_EMPTY_ITEM,
    CMR__WRITTEN_NO_EQUALS, /* a map's item without = */
    CMR__WRITTEN_NO_NAME,   /* nothing before it */
};

/* The walk over the items. */
struct cmr__written {
    bool map;
    const char *at; /* NULL: no item is left */
    const char *end;
    size_t index; /* of the next item; where a fault is, of that one */
    enum cmr__written_fault fault;
};

/* An item borrows from the text: no NUL follows. */
struct cmr__written_item {
    const char *name; /* a map's, else "" */
    size_t name_length;
    const char *text;
    size_t length;
};

void cmr__written_start(struct cmr__written *walk, const char *text, size_t length, bool map);

/* False at the end, and at the first fault. */
bool cmr__written_next(struct cmr__written *walk, struct cmr__written_item *ret_item);

/* How many items there are. False: a fault. (Whether a name stands twice is not looked at.) */
bool cmr__written_count(const char *text, size_t length, bool map, size_t *ret_count);

/* Writes what the first fault is: "wanted a list, found the string "a,,b", whose item [1] is empty". */
void cmr__written_explain(const char *text, size_t length, bool map, char *buffer, size_t size);

#endif
