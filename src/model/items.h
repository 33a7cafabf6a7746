/* SPDX-License-Identifier: MIT
 *
 * The items of a list or a map, converted, however it is written: in YAML and JSON a container's children, in
 * INI a section's too; in formats that have none, and of a text file, what stands between the commas. */
#ifndef CMRELOAD_MODEL_ITEMS_H
#define CMRELOAD_MODEL_ITEMS_H

#include "model/snapshot.h"

/* What is wanted. */
struct cmr__shape {
    cmr_type container; /* LIST or MAP */
    cmr_type item;
    const cmr_enum_item *table;
};

/* Whether there can be such a list or map: its items are of a type that is read from a scalar, or ANY. */
bool cmr__shape_is_valid(const struct cmr__shape *shape);

struct cmr__item {
    const char *name; /* of a map; borrowed, no NUL follows */
    size_t name_length;
    uint32_t entry; /* the item's; of one that is written in a text, the list's or map's own */
    cmr_value value;
};

struct cmr__items {
    bool written; /* in one text: no NUL follows a value's text */
    bool secret;  /* of a secret: what is copied of it goes into a secret's memory */
    size_t count;
    struct cmr__item *all;            /* in the order of the file */
    const struct cmr__item **by_name; /* of a map: sorted by name, bytewise */
};

#define CMR__ITEMS_INIT                                                                                      \
    {                                                                                                        \
        false, false, 0, NULL, NULL                                                                          \
    }

/* What is wrong, when it is the contents. */
struct cmr__items_fault {
    uint32_t entry; /* where: an item that is an entry, else the list or map itself */
    char message[512];
};

/* Reads all items; the first that does not convert fails it. Of a key without a path the root is meant, or
 * the text. ret_fault may be NULL; it is set for CMR_ERR_TYPE and CMR_ERR_RANGE. CMR_ERR_NO_MEMORY. */
cmr_status cmr__items_read(const struct cmr__location *place, const struct cmr__shape *shape,
                           struct cmr__items_fault *ret_fault, struct cmr__items *ret_items);
void cmr__items_reset(struct cmr__items *items);

/* A name is before, at or behind an item's: as memcmp. */
int cmr__item_compare_name(const struct cmr__item *item, const char *name, size_t length);

/* Whether two lists or maps that both read well are equal: lists in their order, maps in any; items as
 * cmr__values_equal has it. Items that are containers themselves, of ANY, with all that is in them; for this
 * both places must be of one key. CMR_ERR_NO_MEMORY, or why one of them does not read well. */
cmr_status cmr__items_equal(const struct cmr__location *one, const struct cmr__location *two,
                            const struct cmr__shape *shape, bool *ret_equal);

#endif
