/* SPDX-License-Identifier: MIT
 *
 * A properties file has no maps: what a struct is filled from is all names that begin with its path. Looking
 * for them one by one would cost each struct of a list the whole file; sorted once, they cost a binary
 * search. Sorting by bytes is enough: what is wanted is that servers[1].x and servers[1].y are neighbours,
 * not that servers[2] comes before servers[10]. */
#include "schema/flat.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *left, const void *right)
{
    const struct cmr__flat_name *one = left, *two = right;
    int order = memcmp(one->text, two->text, one->length < two->length ? one->length : two->length);
    return order ? order : (one->length > two->length) - (one->length < two->length);
}

bool cmr__flat_init(struct cmr__flat *flat, const cmr__document *document)
{
    uint32_t count = document->block->entry_count;
    struct cmr__flat_name *names = malloc(count * sizeof *names);
    if (!names)
        return false;
    for (uint32_t i = 1; i < count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        names[i - 1] =
            (struct cmr__flat_name){ cmr__document_at(document, entry->name_offset), entry->name_length, i };
    }
    qsort(names, count - 1, sizeof *names, by_text);
    *flat = (struct cmr__flat){ names, count - 1 };
    return true;
}

void cmr__flat_reset(struct cmr__flat *flat)
{
    free(flat->names);
    *flat = (struct cmr__flat){ 0 };
}

/* 0: the name begins with the text. */
static int compare(const struct cmr__flat_name *name, const char *text, size_t length)
{
    int order = memcmp(name->text, text, name->length < length ? name->length : length);
    return order ? order : name->length < length ? -1 : 0;
}

static size_t find(const struct cmr__flat *flat, struct cmr__run within, const char *text, size_t length,
                   bool past)
{
    while (within.first < within.end) {
        size_t middle = within.first + (within.end - within.first) / 2;
        int order = compare(&flat->names[middle], text, length);
        if (order < 0 || (past && order == 0))
            within.first = middle + 1;
        else
            within.end = middle;
    }
    return within.first;
}

struct cmr__run cmr__flat_run(const struct cmr__flat *flat, struct cmr__run within, const char *text,
                              size_t length)
{
    struct cmr__run run;
    run.first = find(flat, within, text, length, false);
    run.end = find(flat, (struct cmr__run){ run.first, within.end }, text, length, true);
    return run;
}
