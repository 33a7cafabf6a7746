/* SPDX-License-Identifier: MIT
 *
 * The elements of a list of scalars, wherever they come from: a list of YAML or JSON, "a, b" in one text,
 * keys ports[0] and ports[1] of a flat document, or the default that a schema has. */
#ifndef CMRELOAD_SCHEMA_ELEMENTS_H
#define CMRELOAD_SCHEMA_ELEMENTS_H

#include "schema/field.h"
#include "schema/view.h"

struct cmr__element {
    uint32_t entry;   /* its own, or, when it is written in a text, that of the list */
    const char *text; /* NULL: it is an entry of its own */
    size_t length;
};

struct cmr__elements {
    struct cmr__element *all;
    size_t count;
};

#define CMR__ELEMENTS_INIT                                                                                   \
    {                                                                                                        \
        NULL, 0                                                                                              \
    }

/* Those of a list, which is at the place. CMR_ERR_TYPE: it is none. CMR_ERR_NO_MEMORY. */
cmr_status cmr__elements_of_list(const struct cmr__location *place, struct cmr__elements *ret_elements);

/* Those of keys. False: out of memory. An item that has no value has CMR__NO_ENTRY. */
bool cmr__elements_of_keys(const struct cmr__view_list *list, struct cmr__elements *ret_elements);

/* Those of a text, which is well-formed; NULL: none. False: out of memory. */
bool cmr__elements_of_text(const char *text, struct cmr__elements *ret_elements);

void cmr__elements_reset(struct cmr__elements *elements);

#endif
