/* SPDX-License-Identifier: MIT
 *
 * A fileset is the bytes of one whole generation, with its identity. */
#ifndef CMRELOAD_SOURCE_FILESET_H
#define CMRELOAD_SOURCE_FILESET_H

#include "base/buffer.h"
#include "base/diagnostic.h"

struct cmr__file {
    char *name; /* relative to the generation: "app.yaml", "dir/file" */
    char *data; /* size bytes, and a NUL */
    size_t size;
    bool secret; /* data is a secret's memory */
};

struct cmr__fileset {
    char *identity;                 /* what ..data pointed at; of a plain directory, the content hash */
    struct cmr__buffer files;       /* struct cmr__file, sorted bytewise by name */
    struct cmr__buffer directories; /* of a plain directory, those below it: texts, each with its NUL */
    bool secret;                    /* what is added from now on is a secret */
};

#define CMR__FILESET_INIT                                                                                    \
    {                                                                                                        \
        NULL, CMR__BUFFER_INIT, CMR__BUFFER_INIT, false                                                      \
    }

void cmr__fileset_reset(struct cmr__fileset *fileset);
size_t cmr__fileset_count(const struct cmr__fileset *fileset);
struct cmr__file *cmr__fileset_at(const struct cmr__fileset *fileset, size_t index);

/* Adds a file without contents yet; the name is copied. NULL: out of memory. Valid until the next one is
 * added. */
struct cmr__file *cmr__fileset_add(struct cmr__fileset *fileset, const char *name);

/* Gives a file's contents memory of that size, and a byte more. False: out of memory. */
bool cmr__file_allocate(struct cmr__file *file, size_t size);

/* Frees a file's contents. */
void cmr__file_clear(struct cmr__file *file);

void cmr__fileset_sort(struct cmr__fileset *fileset);

/* Whether a key can lead to a file of that name, which must be UTF-8. If not, the report says so. */
bool cmr__file_name_check(const char *name, cmr_report *report);

#endif
