/* SPDX-License-Identifier: MIT
 *
 * The two hashes: a fast one for indexes, and the content hash that the command line tool shows. Both are
 * XXH3 (https://github.com/Cyan4973/xxHash); xxhash.h is included by hash.c alone. */
#ifndef CMRELOAD_MODEL_HASH_H
#define CMRELOAD_MODEL_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "cmreload/cmreload.h"

/* XXH3-64 with seed 0. */
uint64_t cmr__hash64(const void *data, size_t size);

/* The content hash: a run of fields, each preceded by its length as 64-bit little-endian. The state is large
 * and aligned, so it lives on the heap. */
struct cmr__content_hash;
struct cmr__content_hash *cmr__content_hash_new(uint64_t seed); /* 0: the contract's. NULL: out of memory */
void cmr__content_hash_free(struct cmr__content_hash *hash);
void cmr__content_hash_field(struct cmr__content_hash *hash, const void *data, size_t size);
void cmr__content_hash_finish(const struct cmr__content_hash *hash, char ret_text[CMR_HASH_SIZE]);

#endif
