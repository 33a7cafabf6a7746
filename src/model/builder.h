/* SPDX-License-Identifier: MIT
 *
 * The builder: formats tell it what they read, in the order of the file, and it makes the document.
 *
 *     cmr__builder_open(b, MAP, …)   for a container; its children follow; then
 *     cmr__builder_close(b)
 *     cmr__builder_scalar(b, …)      for a scalar
 *
 * The first entry told is the root, with an empty name. A child of a list is told with the name NULL.
 * Names are kept by reference when they point into the raw bytes or the pool, else copied; values are copied.
 * After the first failure (memory, a limit) every call does nothing and returns false; the reason is
 * in `status`, and limits have added their diagnostic. */
#ifndef CMRELOAD_MODEL_BUILDER_H
#define CMRELOAD_MODEL_BUILDER_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "model/document.h"

/* What becomes of two entries of one name in one map. */
enum cmr__duplicates {
    CMR__DUPLICATES_REFUSED,  /* a diagnostic names both lines */
    CMR__DUPLICATES_LAST_WINS /* as java.util.Properties does */
};

struct cmr__place {
    unsigned line;
    unsigned column;
};

struct cmr__builder {
    const char *file; /* for diagnostics */
    const char *raw;  /* does not move while building */
    size_t raw_length;
    const cmr_limits *limits; /* all set */
    cmr_report *report;
    cmr_status status;
    bool flat;
    bool merged;                /* some entry has CMR__ENTRY_MERGED or CMR__ENTRY_DEAD */
    struct cmr__buffer entries; /* struct cmr__entry */
    struct cmr__buffer pool;    /* texts */
    uint32_t *open;             /* the containers begun and not closed, outermost first */
    uint32_t depth;
    uint32_t open_capacity;
};

/* With a secret's report the document is a secret, too. raw must end with a NUL behind raw_length bytes, and
 * stay until finish or reset. */
void cmr__builder_init(struct cmr__builder *builder, const char *file, const char *raw, size_t raw_length,
                       bool flat, const cmr_limits *limits, cmr_report *report);
void cmr__builder_reset(struct cmr__builder *builder);

bool cmr__builder_open(struct cmr__builder *builder, enum cmr__entry_kind kind, const char *name,
                       size_t name_length, struct cmr__place place, unsigned flags);
void cmr__builder_close(struct cmr__builder *builder);
bool cmr__builder_scalar(struct cmr__builder *builder, enum cmr__scalar_type type, const char *name,
                         size_t name_length, const char *value, size_t value_length, struct cmr__place place,
                         unsigned flags);

/* Repeats the finished subtree of entry `source` here, as a YAML alias does. */
bool cmr__builder_copy(struct cmr__builder *builder, uint32_t source, const char *name, size_t name_length,
                       struct cmr__place place, unsigned flags);

/* Takes the entries of the finished map `source`, or of each map in the finished list `source`, into the map
 * that is open, where they give way to its own; `source` itself is left out of the document. It is the last
 * thing that happens to the open map. False with status CMR_OK when `source` is neither: then nothing was
 * done. */
bool cmr__builder_merge(struct cmr__builder *builder, uint32_t source);

/* Tells the builder that the file cannot be read on (memory); later calls do nothing. */
void cmr__builder_fail(struct cmr__builder *builder, cmr_status status);

/* Whether what is told next goes into a map. */
bool cmr__builder_in_map(const struct cmr__builder *builder);

/* How many entries were told so far: the number that the next one gets. */
uint32_t cmr__builder_count(const struct cmr__builder *builder);

/* Makes the block. CMR_ERR_SYNTAX for refused duplicates (diagnostics added); else the builder's status. */
cmr_status cmr__builder_finish(struct cmr__builder *builder, enum cmr__duplicates duplicates,
                               struct cmr__document_head **ret_block);

#endif
