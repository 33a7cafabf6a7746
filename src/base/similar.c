/* SPDX-License-Identifier: MIT
 *
 * Damerau and Levenshtein's distance in its restricted form, optimal string alignment: swapped neighbours are
 * one edit, and no part is edited twice. Three rows of the table are kept, on the stack; what both names
 * begin and end with is cut off first, which is most of two names that are close, and a row that holds
 * nothing within the limit ends the search. */
#include "base/similar.h"

#include <string.h>

typedef unsigned char row[CMR__SIMILAR_MAX + 1];

size_t cmr__similar_reach(size_t length)
{
    return length <= 4 ? 1 : length <= 8 ? 2 : length / 3;
}

static bool is_same(char one, char two)
{
    if (one >= 'A' && one <= 'Z')
        one |= 0x20;
    if (two >= 'A' && two <= 'Z')
        two |= 0x20;
    return one == two;
}

static unsigned char least(unsigned one, unsigned two, unsigned three)
{
    unsigned least = one < two ? one : two;

    return (unsigned char)(least < three ? least : three);
}

/* One more row, of the table's byte one[0] (one[-1] is the byte before it, if `swappable`). Returns the row's
 * least distance. */
static size_t fill_row(const char *one, bool swappable, const char *two, size_t two_length,
                       const unsigned char *earlier, const unsigned char *above, unsigned char *ret_row)
{
    size_t smallest;

    ret_row[0] = (unsigned char)(above[0] + 1);
    smallest = ret_row[0];
    for (size_t i = 1; i <= two_length; i++) {
        unsigned replaced = above[i - 1] + !is_same(one[0], two[i - 1]);
        unsigned char distance = least(above[i] + 1u, ret_row[i - 1] + 1u, replaced);

        if (swappable && i > 1 && is_same(one[0], two[i - 2]) && is_same(one[-1], two[i - 1]))
            distance = least(distance, earlier[i - 2] + 1u, distance);
        ret_row[i] = distance;
        smallest = distance < smallest ? distance : smallest;
    }
    return smallest;
}

static size_t measure(const char *one, size_t one_length, const char *two, size_t two_length, size_t limit)
{
    row rows[3];

    for (size_t i = 0; i <= two_length; i++)
        rows[0][i] = (unsigned char)i;
    for (size_t i = 0; i < one_length; i++) {
        const unsigned char *above = rows[i % 3], *earlier = rows[(i + 2) % 3];

        if (fill_row(one + i, i > 0, two, two_length, earlier, above, rows[(i + 1) % 3]) > limit)
            return limit + 1;
    }
    return rows[one_length % 3][two_length];
}

size_t cmr__similar_distance(const char *one, size_t one_length, const char *two, size_t two_length,
                             size_t limit)
{
    size_t more = one_length > two_length ? one_length - two_length : two_length - one_length;
    size_t distance;

    if (more > limit)
        return limit + 1;
    while (one_length && two_length && is_same(one[0], two[0])) {
        one++, one_length--;
        two++, two_length--;
    }
    while (one_length && two_length && is_same(one[one_length - 1], two[two_length - 1])) {
        one_length--;
        two_length--;
    }
    if (one_length > CMR__SIMILAR_MAX || two_length > CMR__SIMILAR_MAX)
        return limit + 1;
    distance = measure(one, one_length, two, two_length, limit);
    return distance > limit ? limit + 1 : distance;
}

void cmr__similar_start(struct cmr__similar *search, const char *wrong, size_t length)
{
    *search =
        (struct cmr__similar){ .wrong = wrong, .length = length, .best = cmr__similar_reach(length) + 1 };
}

bool cmr__similar_offer(struct cmr__similar *search, const char *name, size_t length)
{
    size_t shorter = length < search->length ? length : search->length, distance;

    if (search->best == 0 || shorter == 0)
        return false;
    distance = cmr__similar_distance(search->wrong, search->length, name, length, search->best - 1);
    if (distance >= search->best || distance >= shorter)
        return false;
    search->best = distance;
    search->nearest = name;
    search->nearest_length = length;
    return true;
}
