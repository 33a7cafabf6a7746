/* SPDX-License-Identifier: MIT
 *
 * Open addressing, at most half full; nothing is ever taken out. */
#include "format/anchors.h"

#include <stdlib.h>
#include <string.h>

#include "model/document.h"
#include "model/hash.h"

struct cmr__anchor {
    char *name; /* NULL: a free slot */
    uint32_t entry;
};

/* The name's slot, or the free one where it belongs. */
static struct cmr__anchor *find_slot(const struct cmr__anchors *anchors, const char *name)
{
    size_t slot = cmr__hash64(name, strlen(name)), mask = anchors->slot_count - 1;
    while (anchors->slots[slot & mask].name && strcmp(anchors->slots[slot & mask].name, name) != 0)
        slot++;
    return &anchors->slots[slot & mask];
}

static bool grow(struct cmr__anchors *anchors)
{
    struct cmr__anchors larger = { .count = anchors->count };
    larger.slot_count = anchors->slot_count ? 2 * anchors->slot_count : 16;
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < anchors->slot_count; i++)
        if (anchors->slots[i].name)
            *find_slot(&larger, anchors->slots[i].name) = anchors->slots[i];
    free(anchors->slots);
    *anchors = larger;
    return true;
}

bool cmr__anchors_note(struct cmr__anchors *anchors, const char *name, uint32_t entry)
{
    if (anchors->count * 2 >= anchors->slot_count && !grow(anchors))
        return false;
    struct cmr__anchor *anchor = find_slot(anchors, name);
    if (!anchor->name) {
        anchor->name = strdup(name);
        if (!anchor->name)
            return false;
        anchors->count++;
    }
    anchor->entry = entry;
    return true;
}

uint32_t cmr__anchors_find(const struct cmr__anchors *anchors, const char *name)
{
    const struct cmr__anchor *anchor = anchors->slot_count ? find_slot(anchors, name) : NULL;
    return anchor && anchor->name ? anchor->entry : CMR__NO_ENTRY;
}

void cmr__anchors_reset(struct cmr__anchors *anchors)
{
    for (size_t i = 0; i < anchors->slot_count; i++)
        free(anchors->slots[i].name);
    free(anchors->slots);
    *anchors = (struct cmr__anchors){ 0 };
}
