/* SPDX-License-Identifier: MIT
 *
 * One mapping serves all documents of a generation, and goes with the last one of them.
 *
 * It is private although nobody writes: kernels before 6.7 refuse a shared mapping of a file that is sealed
 * against writing, even a read-only one. All pages are mapped at once, since whoever maps a block checks it.
 */
#include "model/mapping.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

cmr_status cmr__mapping_new(int descriptor, size_t size, struct cmr__mapping **ret_mapping)
{
    struct cmr__mapping *mapping = malloc(sizeof *mapping);
    if (!mapping)
        return CMR_ERR_NO_MEMORY;
    void *address = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    if (address == MAP_FAILED) {
        free(mapping);
        return CMR_ERR_SYSTEM;
    }
    atomic_init(&mapping->refs, 1);
    mapping->address = address;
    mapping->size = size;
    *ret_mapping = mapping;
    return CMR_OK;
}

struct cmr__mapping *cmr__mapping_ref(struct cmr__mapping *mapping)
{
    atomic_fetch_add_explicit(&mapping->refs, 1, memory_order_relaxed);
    return mapping;
}

void cmr__mapping_unref(struct cmr__mapping *mapping)
{
    if (!mapping || atomic_fetch_sub_explicit(&mapping->refs, 1, memory_order_acq_rel) != 1)
        return;
    munmap((void *)(uintptr_t)mapping->address, mapping->size);
    free(mapping);
}

void cmr__mapping_unref_place(struct cmr__mapping **place)
{
    cmr__mapping_unref(*place);
}
