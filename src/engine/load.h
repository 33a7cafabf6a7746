/* SPDX-License-Identifier: MIT
 *
 * A load: one try to read and parse what a mount's source holds. It shares nothing that changes, so it may
 * run on another thread than the one that dispatches. */
#ifndef CMRELOAD_ENGINE_LOAD_H
#define CMRELOAD_ENGINE_LOAD_H

#include "engine/job.h"
#include "engine/pipeline.h"
#include "source/source.h"

struct cmr__load {
    struct cmr__job job; /* first: `finish` is for who submits it */

    /* what is to be done */
    const struct cmr__settings *settings;
    struct cmr__source source;         /* borrowed from the mount, or, if apart, its own */
    bool apart;                        /* runs on another thread */
    cmr__part *previous;               /* what was loaded last, counted; or NULL */
    char known[2][CMR__IDENTITY_SIZE]; /* what need not be parsed again: loaded, or rejected, before */

    /* what came of it */
    cmr_status status;                 /* CMR_ERR_REJECTED: the report tells why */
    int error;                         /* errno, with CMR_ERR_SYSTEM */
    bool unchanged;                    /* with CMR_OK: it is known */
    char identity[CMR__IDENTITY_SIZE]; /* of what was read; "": nothing was */
    bool walked;                       /* `directories` are all there are */
    struct cmr__buffer directories;    /* of a plain directory: as in the fileset */
    uint64_t retries;
    struct cmr__reports reports;
    cmr__part *part;

    size_t mount; /* the engine's number for it */
};

/* Nothing is read, and nothing known, yet. CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (errno: no descriptor left for
 * one apart). */
cmr_status cmr__load_new(const struct cmr__settings *settings, const struct cmr__source *source,
                         cmr__part *previous, bool apart, struct cmr__load **ret_load);
void cmr__load_free(struct cmr__load *load);
void cmr__load_free_place(struct cmr__load **place); /* for cmr_cleanup */

void cmr__load_run(struct cmr__load *load);

/* The content hash of a fileset, sorted by name: with the seed 0, of a part made of it. CMR_ERR_NO_MEMORY. */
cmr_status cmr__load_hash(const struct cmr__fileset *files, uint64_t seed, char ret_hash[CMR_HASH_SIZE]);

#endif
