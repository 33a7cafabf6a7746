/* SPDX-License-Identifier: MIT
 *
 * How a view looks things up: what its maps and its lists share. */
#ifndef CMRELOAD_SCHEMA_VIEW_FIND_H
#define CMRELOAD_SCHEMA_VIEW_FIND_H

#include "schema/view.h"

static inline const cmr__document *cmr__view_document(const struct cmr__view *view)
{
    return view->page->file->document;
}

static inline bool cmr__view_is_flat(const struct cmr__view *view)
{
    return cmr__view_document(view)->block->flat;
}

static inline struct cmr__location cmr__view_entry_place(const struct cmr__view *view, uint32_t entry)
{
    return (struct cmr__location){ view->page->part, view->page->file, entry, false };
}

/* Something else is there: OTHER, or TOLD. */
enum cmr__presence cmr__view_meet_other(const struct cmr__view *view, uint32_t entry,
                                        struct cmr__location *ret_place);

/* ---- in a nested document */

/* The entry at the path, if it is of that kind. */
enum cmr__presence cmr__view_container(const struct cmr__view *view, const struct cmr__pattern *path,
                                       enum cmr__entry_kind kind, uint32_t *ret_entry,
                                       struct cmr__location *ret_place);

/* ---- in a flat one */

/* All names that begin with the path and a character behind it: that is page->joined then. False: out of
 * memory. */
bool cmr__view_run(const struct cmr__view *view, const struct cmr__pattern *path, char behind,
                   struct cmr__run *ret_run);

/* Nothing is below the path: OTHER, or TOLD, where a value is there itself, else ABSENT. */
enum cmr__presence cmr__view_meet_value(const struct cmr__view *view, const struct cmr__pattern *path,
                                        struct cmr__location *ret_place);

/* The view of a run, which is not empty. */
struct cmr__view cmr__view_of_run(const struct cmr__view *view, struct cmr__run run, size_t prefix_length);

#endif
