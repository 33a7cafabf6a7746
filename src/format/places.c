/* SPDX-License-Identifier: MIT
 *
 * Places, for who asks in an order that nobody can foresee. Counting from the start, or from where the line
 * begins, would cost the square of a long text or line; so the first question leaves a mark each STRIDE
 * bytes, and each question counts from the mark before it. */
#include "format/places.h"

#include <stdlib.h>

#include "base/utf8.h"

#define STRIDE 256

/* The first character that begins at a multiple of STRIDE or behind it. (Who asks for the middle of the one
 * before gets the place behind that, as anywhere.) */
struct cmr__place_mark {
    uint32_t offset;
    struct cmr__place place;
};

static size_t step(const struct cmr__places *places, size_t offset, struct cmr__place *place)
{
    size_t size = cmr__utf8_character_size(places->text + offset, places->length - offset);
    if (places->text[offset] == '\n')
        *place = (struct cmr__place){ place->line + 1, 1 };
    else
        place->column++;
    return offset + (size ? size : 1);
}

static bool make_marks(struct cmr__places *places)
{
    struct cmr__place place = { 1, 1 };
    size_t count = 0, offset = cmr__utf8_bom(places->text, places->length);
    places->marks = malloc((places->length / STRIDE + 1) * sizeof *places->marks);
    if (!places->marks)
        return false;
    places->marks[count++] = (struct cmr__place_mark){ (uint32_t)offset, place };
    while (offset < places->length) {
        if (offset >= count * STRIDE)
            places->marks[count++] = (struct cmr__place_mark){ (uint32_t)offset, place };
        offset = step(places, offset, &place);
    }
    places->mark_count = count;
    return true;
}

bool cmr__places_find(struct cmr__places *places, const char *at, struct cmr__place *ret_place)
{
    size_t wanted = (size_t)(at - places->text), number = wanted / STRIDE;
    if (!places->marks && !make_marks(places))
        return false;
    if (number >= places->mark_count) /* at the end, or in the last character */
        number = places->mark_count - 1;
    struct cmr__place place = places->marks[number].place;
    for (size_t offset = places->marks[number].offset; offset < wanted;)
        offset = step(places, offset, &place);
    *ret_place = place;
    return true;
}

void cmr__places_reset(struct cmr__places *places)
{
    free(places->marks);
    places->marks = NULL;
}
