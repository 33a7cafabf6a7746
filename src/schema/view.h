/* SPDX-License-Identifier: MIT
 *
 * A view: a map as a struct sees it, whatever the format. In YAML, JSON and INI it is an entry that is a map;
 * in a flat document, all names that begin with its path. */
#ifndef CMRELOAD_SCHEMA_VIEW_H
#define CMRELOAD_SCHEMA_VIEW_H

#include "model/builder.h"
#include "model/snapshot.h"
#include "schema/flat.h"

enum cmr__mark {
    CMR__MARK_NONE,    /* no field has asked for it */
    CMR__MARK_THROUGH, /* a map on the way to a field */
    CMR__MARK_DONE,    /* a field's, or told: with all that is in it */
};

/* A file, while records are filled from it. */
struct cmr__page {
    const cmr__part *part;
    const struct cmr__part_file *file;
    struct cmr__flat flat;     /* of a flat document */
    unsigned char *marks;      /* by entry */
    struct cmr__buffer joined; /* scratch: a name in a flat document */
};

/* The page must not move while there are views of it. False: out of memory. */
bool cmr__page_init(struct cmr__page *page, const cmr__part *part, const struct cmr__part_file *file);
void cmr__page_reset(struct cmr__page *page);

struct cmr__view {
    struct cmr__page *page; /* NULL: there is no such file */
    bool absent;            /* it holds nothing, for it is not there */
    uint32_t entry;         /* the map; of a flat document the root */
    struct cmr__run run;    /* of a flat document: what is in it */
    const char *prefix;     /* and what all these names begin with: "servers[0]." */
    size_t prefix_length;
    const struct cmr__view *around;  /* absent: where it would be; NULL: in a file */
    const struct cmr__pattern *path; /* and the path from there; NULL: none */
    const struct cmr__name *file;    /* without a page: the file */
};

enum cmr__presence {
    CMR__ABSENT,
    CMR__THERE,
    CMR__OTHER,   /* something else is there: at *ret_place, which is marked as told */
    CMR__NO_MAP,  /* likewise, on the way to it, where a map is wanted, */
    CMR__NO_LIST, /* or a list */
    CMR__TOLD,    /* something else is there, and it was told before */
    CMR__NO_MEMORY,
};

/* All of a file, be it a map or not. */
struct cmr__view cmr__view_of_page(struct cmr__page *page);

/* A value or list. */
enum cmr__presence cmr__view_find(const struct cmr__view *view, const struct cmr__pattern *path,
                                  struct cmr__location *ret_place);

/* A map. `path` may have items. */
enum cmr__presence cmr__view_map(const struct cmr__view *view, const struct cmr__pattern *path,
                                 struct cmr__view *ret_view, struct cmr__location *ret_place);

/* The items of a list. */
struct cmr__view_item {
    uint32_t number; /* from 0, in their order; of a flat document some may be missing */
    uint32_t entry;  /* of a flat document CMR__NO_ENTRY, when the item has no value itself */
    struct cmr__run run;
    size_t name_length; /* of a flat document: of the item's own name */
};

struct cmr__view_list {
    struct cmr__view_item *items;
    size_t count;
};

/* A list whose items have keys of their own: in a flat document, servers[0].name. When it is THERE,
 * *ret_place is its own; a file of NULL: it has none. */
enum cmr__presence cmr__view_list(const struct cmr__view *view, const struct cmr__pattern *path,
                                  struct cmr__view_list *ret_list, struct cmr__location *ret_place);
void cmr__view_list_reset(struct cmr__view_list *list);

/* An item as a map: THERE or OTHER. */
enum cmr__presence cmr__view_item_map(const struct cmr__view *view, const struct cmr__view_item *item,
                                      struct cmr__view *ret_view, struct cmr__location *ret_place);

/* The path of what is at the path in the map (NULL: of the map), there or not. */
void cmr__view_path(const struct cmr__view *view, const struct cmr__pattern *path,
                    struct cmr__path *ret_path);

/* The line and column of the map: where its entry begins, or what is in it; 1, 1 for all of a file, and 0, 0
 * without one. */
struct cmr__place cmr__view_place(const struct cmr__view *view);

#endif
