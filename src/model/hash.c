/* SPDX-License-Identifier: MIT
 *
 * XXH3, inlined from its header. The content hash is a contract: the tool prints it, and operators put it
 * into pod annotations, so its input and its notation (canonical, most significant byte first) never change.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <string.h>

#include "model/hash.h"

uint64_t cmr__hash64(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

struct cmr__content_hash *cmr__content_hash_new(uint64_t seed)
{
    XXH3_state_t *state = XXH3_createState();
    if (state)
        XXH3_128bits_reset_withSeed(state, seed);
    return (struct cmr__content_hash *)state;
}

/* The state buffers the last bytes that it was given. */
void cmr__content_hash_free(struct cmr__content_hash *hash)
{
    if (hash)
        explicit_bzero(hash, sizeof(XXH3_state_t));
    XXH3_freeState((XXH3_state_t *)hash);
}

void cmr__content_hash_field(struct cmr__content_hash *hash, const void *data, size_t size)
{
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)size >> (8 * i));
    XXH3_128bits_update((XXH3_state_t *)hash, length, sizeof length);
    XXH3_128bits_update((XXH3_state_t *)hash, data, size);
}

void cmr__content_hash_finish(const struct cmr__content_hash *hash, char ret_text[CMR_HASH_SIZE])
{
    XXH128_hash_t digest = XXH3_128bits_digest((const XXH3_state_t *)hash);
    snprintf(ret_text, CMR_HASH_SIZE, "xxh3-128:%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
}
