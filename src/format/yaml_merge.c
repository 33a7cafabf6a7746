/* SPDX-License-Identifier: MIT
 *
 * Merge keys take effect when their map ends: what stands in the map itself goes before what is merged. */
#include "format/yaml_merge.h"

static const struct cmr__entry *entry_at(const struct cmr__builder *builder, uint32_t number)
{
    return (const struct cmr__entry *)(const void *)builder->entries.data + number;
}

const struct cmr__entry *cmr__yaml_merge(struct cmr__builder *builder)
{
    if (builder->status != CMR_OK)
        return NULL;
    uint32_t map = builder->open[builder->depth - 1], end = cmr__builder_count(builder);
    for (uint32_t i = map + 1; i < end; i = cmr__entry_end(entry_at(builder, i), i)) {
        unsigned flags = entry_at(builder, i)->flags;
        if (!(flags & CMR__ENTRY_MERGE) || flags & CMR__ENTRY_DEAD || cmr__builder_merge(builder, i))
            continue;
        return builder->status == CMR_OK ? entry_at(builder, i) : NULL;
    }
    return NULL;
}
