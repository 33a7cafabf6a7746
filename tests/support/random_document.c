/* SPDX-License-Identifier: MIT
 *
 * Random documents by the builder, without a format in between: names may be what no format lets through. */
#include "support/random_document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/builder.h"
#include "support/format_text.h"

#define NAME(text)                                                                                           \
    {                                                                                                        \
        text, sizeof(text) - 1                                                                               \
    }

static const struct {
    const char *text;
    size_t length;
} names[] = {
    NAME("a"),
    NAME("b"),
    NAME("name"),
    NAME("log_level"),
    NAME("a-b/c"),
    NAME(""),
    NAME("."),
    NAME("a.b"),
    NAME(".a"),
    NAME("a."),
    NAME("[0]"),
    NAME("a[0]"),
    NAME("a[00]"),
    NAME("[0]a"),
    NAME("a[0][12]"),
    NAME("a.[0]"),
    NAME("[x]"),
    NAME("]["),
    NAME("\""),
    NAME("\\"),
    NAME("a\\u0041"),
    NAME("x y"),
    NAME(" "),
    NAME("\t\n"),
    NAME("*"),
    NAME("**"),
    NAME("a*b"),
    NAME("#"),
    NAME(":"),
    NAME("a:b"),
    NAME("\x01"),
    NAME("\x7f"),
    NAME("a\0b"),
    NAME("\0"),
    NAME("\u00e9"),
    NAME("\u65e5\u672c"),
    NAME("\U0001f600"),
    NAME("\xc2\x9b\x31m"),
    NAME("0"),
    NAME("[4294967295]"),
    NAME("a[123456789]"),
    NAME("a[1234567890]"),
};

enum {
    NAMES = sizeof names / sizeof *names
};

uint32_t random_below(uint32_t *seed, uint32_t end)
{
    *seed = *seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)*seed * end) >> 32);
}

static void tell_scalar(struct cmr__builder *builder, uint32_t *seed, const char *name, size_t length)
{
    static const char *const values[] = { "", "1", "2", "x" };
    const char *value = values[random_below(seed, 4)];
    enum cmr__scalar_type type = random_below(seed, 4) ? CMR__SCALAR_STRING : CMR__SCALAR_INT;
    cmr__builder_scalar(builder, type, name, length, value, strlen(value), (struct cmr__place){ 1, 1 }, 0);
}

static void tell(struct cmr__builder *builder, uint32_t *seed, const char *name, size_t length, unsigned left)
{
    uint32_t what = random_below(seed, left ? 4 : 2);
    if (what < 2 && builder->depth) {
        tell_scalar(builder, seed, name, length);
        return;
    }
    bool map = what % 2 == 0;
    cmr__builder_open(builder, map ? CMR__MAP : CMR__LIST, name, length, (struct cmr__place){ 1, 1 }, 0);
    uint32_t children = random_below(seed, 6), at = random_below(seed, NAMES);
    for (uint32_t i = 0; i < children; i++) {
        if (map) /* each name at most once: five steps do not go round */
            tell(builder, seed, names[at % NAMES].text, names[at % NAMES].length, left - 1);
        else
            tell(builder, seed, NULL, 0, left - 1);
        at += 1 + random_below(seed, NAMES / 6);
    }
    cmr__builder_close(builder);
}

static cmr__document *finish(struct cmr__builder *builder, enum cmr__duplicates duplicates)
{
    struct cmr__document_head *block = NULL;
    assert_int_equal(CMR_OK, cmr__builder_finish(builder, duplicates, &block));
    cmr__document *document = cmr__document_new(block, false, "random");
    assert_non_null(document);
    cmr__builder_reset(builder);
    return document;
}

cmr__document *random_tree(uint32_t *seed)
{
    struct cmr__builder builder;
    cmr__builder_init(&builder, "random", "", 0, false, &default_limits, NULL);
    tell(&builder, seed, "", 0, 4);
    return finish(&builder, CMR__DUPLICATES_REFUSED);
}

static size_t random_key(uint32_t *seed, char *key)
{
    size_t length = 0;
    for (uint32_t pieces = 1 + random_below(seed, 3); pieces; pieces--) {
        uint32_t piece = random_below(seed, NAMES);
        memcpy(key + length, names[piece].text, names[piece].length);
        length += names[piece].length;
        if (pieces > 1 && random_below(seed, 3))
            key[length++] = '.';
    }
    return length;
}

cmr__document *random_flat(uint32_t *seed)
{
    struct cmr__builder builder;
    cmr__builder_init(&builder, "random", "", 0, true, &default_limits, NULL);
    cmr__builder_open(&builder, CMR__MAP, "", 0, (struct cmr__place){ 1, 1 }, 0);
    for (uint32_t i = random_below(seed, 40); i; i--) {
        char key[128];
        size_t length = random_key(seed, key);
        tell_scalar(&builder, seed, key, length);
    }
    cmr__builder_close(&builder);
    return finish(&builder, CMR__DUPLICATES_LAST_WINS);
}
