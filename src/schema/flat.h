/* SPDX-License-Identifier: MIT
 *
 * The names of a flat document, sorted, so that all that begin alike are one run. */
#ifndef CMRELOAD_SCHEMA_FLAT_H
#define CMRELOAD_SCHEMA_FLAT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/document.h"

struct cmr__flat_name {
    const char *text; /* the document's */
    uint32_t length;
    uint32_t entry;
};

struct cmr__flat {
    struct cmr__flat_name *names;
    size_t count;
};

/* Names from the first up to the end. */
struct cmr__run {
    size_t first, end;
};

/* False: out of memory. */
bool cmr__flat_init(struct cmr__flat *flat, const cmr__document *document);
void cmr__flat_reset(struct cmr__flat *flat);

/* Those of the names in a run that begin with the text. */
struct cmr__run cmr__flat_run(const struct cmr__flat *flat, struct cmr__run within, const char *text,
                              size_t length);

#endif
