/* SPDX-License-Identifier: MIT
 *
 * A filling: one struct being filled from one snapshot, and what is told on the way. */
#ifndef CMRELOAD_SCHEMA_FILLING_H
#define CMRELOAD_SCHEMA_FILLING_H

#include "schema/arena.h"
#include "schema/schema.h"
#include "schema/view.h"

struct cmr__filling {
    const struct cmr__schema *schema;
    const cmr_snapshot *snapshot;
    struct cmr__page *pages; /* of the files so far; there is room for all */
    size_t page_count;
    struct cmr__arena arena;
    cmr_report *report;  /* what does not fit; NULL: all was told before */
    cmr_report *notices; /* what is no error */
    bool failed;         /* out of memory */
};

/* False: out of memory. */
bool cmr__filling_init(struct cmr__filling *filling, const struct cmr__schema *schema,
                       const cmr_snapshot *snapshot);
void cmr__filling_reset(struct cmr__filling *filling);

/* The file of a key, as all of it, which may be absent. */
struct cmr__view cmr__filling_file(struct cmr__filling *filling, const struct cmr__pattern *key);

/* The map that a key names. It is absent also where something else is, which is told. */
struct cmr__view cmr__filling_map(struct cmr__filling *filling, const struct cmr__pattern *key);

/* Says something of an entry, with its place and key. */
void cmr__filling_tell(struct cmr__filling *filling, cmr_report *report, cmr_status status,
                       const struct cmr__location *place, const char *message);

/* Says something of what is not there, with the place of the map where it would be. */
void cmr__filling_tell_absent(struct cmr__filling *filling, cmr_report *report, cmr_status status,
                              const struct cmr__view *view, const struct cmr__field *field,
                              const char *message);

/* Says that a map or list was wanted where something else is, or that there is no memory. */
void cmr__filling_tell_other(struct cmr__filling *filling, enum cmr__presence presence, cmr_type wanted,
                             const struct cmr__location *place);

#endif
