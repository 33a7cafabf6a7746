/* SPDX-License-Identifier: MIT
 *
 * How a sealed block is laid out:
 *
 *     head | parts | files | texts | documents
 *
 * in this machine's byte order, which the magic tells. Texts, each with its NUL, stand in the order in which
 * they are read: of each part its name, target and hash; of each file its name and format. So do the
 * documents, each at the next multiple of CMR__SEALED_ALIGNMENT, and the last one ends the block. Nothing is
 * found by an offset, so nothing can lie over something else. */
#ifndef CMRELOAD_SHARE_SEALED_LAYOUT_H
#define CMRELOAD_SHARE_SEALED_LAYOUT_H

#include <fcntl.h>
#include <stdint.h>

#define CMR__SEALED_MAGIC 0x31536d43u /* "CmS1", seen with the right byte order */
#define CMR__SEALED_ALIGNMENT 64
#define CMR__SEALED_LARGEST UINT32_MAX /* bytes of a block */
#define CMR__SEALED_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct cmr__sealed_head {
    uint32_t magic;
    uint32_t mount; /* the number of the one that changed */
    uint64_t size;  /* of the whole block */
    uint64_t generation;
    int64_t loaded_at;
    uint32_t part_count;
    uint32_t file_count; /* of all parts */
    uint32_t texts_size;
    uint32_t reserved;
};

struct cmr__sealed_part {
    uint32_t kept;
    uint32_t from; /* cmr_boot_source */
    uint32_t file_count;
};

struct cmr__sealed_file {
    uint32_t size; /* of its document */
};

static inline uint64_t cmr__sealed_align(uint64_t offset)
{
    return (offset + CMR__SEALED_ALIGNMENT - 1) / CMR__SEALED_ALIGNMENT * CMR__SEALED_ALIGNMENT;
}

#endif
