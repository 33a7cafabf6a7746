/* SPDX-License-Identifier: MIT
 *
 * Takes a ConfigMap's data and binaryData, under the rules by which the API server would: every value is
 * a string, every key a valid one, no key stands twice. What YAML 1.1 makes of an unquoted value
 * (yaml11.c) is the trap that most manifests fall into, and it is told with the way out: quote it.
 * Keys fall into it too, more quietly: kubectl makes the key "true" of an unquoted `y`.
 *
 * All that is wrong is told, not only the first thing. */
#include <stdbool.h>
#include <string.h>

#include "cli/base64.h"
#include "cli/key_path.h"
#include "cli/manifest.h"
#include "cli/util.h"
#include "cli/yaml11.h"

struct taker {
    const struct documents *documents;
    const struct document *document;
    struct payload *payload;
    const char *line_start; /* a place in the document's text that was looked up last, */
    unsigned line;          /* and its line, from 1 */
    int status;
};

/* One entry of data or binaryData. */
struct datum {
    const char *section;
    char *key;
    size_t length; /* of the key */
    const cmr_value *value;
};

#define COMPLAIN(taker, datum, format, ...)                                                                  \
    ((taker)->status =                                                                                       \
         cli_fail_at((taker)->documents->file, (datum)->value->line + (taker)->document->first_line - 1,     \
                     (datum)->value->column, "%s.%s: " format, (datum)->section, (datum)->key, __VA_ARGS__))

/* Where the text of a line and column stands; NULL: beyond the end. Lines mostly come in order. */
static const char *find_place(struct taker *taker, unsigned line, unsigned column)
{
    const char *end = taker->document->text + taker->document->length, *at;

    if (!taker->line_start || line < taker->line) {
        taker->line_start = taker->document->text;
        taker->line = 1;
    }
    while (taker->line < line) {
        const char *next = memchr(taker->line_start, '\n', (size_t)(end - taker->line_start));
        if (!next)
            return NULL;
        taker->line_start = next + 1;
        taker->line++;
    }
    at = taker->line_start;
    for (; column > 1 && at < end; column--) {
        at++;
        while (at < end && (*at & 0xc0) == 0x80)
            at++;
    }
    return at < end ? at : NULL;
}

/* Whether the key is written without quotes. */
static bool is_plain_key(struct taker *taker, const struct datum *datum)
{
    const char *end = taker->document->text + taker->document->length;
    const char *place = find_place(taker, datum->value->line, datum->value->column);

    return place && (size_t)(end - place) >= datum->length && memcmp(place, datum->key, datum->length) == 0;
}

static bool check_key(struct taker *taker, const struct datum *datum)
{
    const char *wrong = payload_key_error(datum->key, datum->length);

    if (!yaml11_is_stable_key(datum->key, datum->length) && is_plain_key(taker, datum)) {
        COMPLAIN(taker, datum, "Kubernetes reads this key as %s: quote it",
                 yaml11_kind(datum->key, datum->length));
        return false;
    }
    if (wrong) {
        COMPLAIN(taker, datum, "the key %s", wrong);
        return false;
    }
    return true;
}

static bool check_string(struct taker *taker, const struct datum *datum)
{
    const cmr_value *value = datum->value;
    const char *kind = value->quoted ? NULL : yaml11_kind(value->text, value->length);
    const char *own = cmr_type_name(value->type);

    if (value->type == CMR_TYPE_MAP || value->type == CMR_TYPE_LIST)
        COMPLAIN(taker, datum, "a %s: a value must be one string; quote it, or write it as a block (|)", own);
    else if (kind && strcmp(kind, "null") == 0)
        COMPLAIN(taker, datum, "%s: a value must be a string; for an empty one write \"\", else quote it",
                 "null");
    else if (kind)
        COMPLAIN(taker, datum, "Kubernetes reads %.60s as %s, and a value must be a string: quote it",
                 value->text, kind);
    else if (value->type != CMR_TYPE_STRING && value->quoted)
        COMPLAIN(taker, datum, "tagged as %s, and a value must be a string", own);
    else
        return true;
    return false;
}

static void add(struct taker *taker, const struct datum *datum, const char *data, size_t size)
{
    switch (payload_add(taker->payload, datum->key, data, size)) {
    case PAYLOAD_OK:
        break;
    case PAYLOAD_NO_MEMORY:
        taker->status = cli_fail(CLI_FAILED, "out of memory");
        break;
    default:
        COMPLAIN(taker, datum, "%s", "the key stands twice, in data and in binaryData");
    }
}

static void add_base64(struct taker *taker, const struct datum *datum)
{
    const cmr_value *value = datum->value;
    cli_cleanup(cli_free_ptr) char *bytes = malloc(value->length + 1);
    size_t size, where;

    if (!bytes)
        taker->status = cli_fail(CLI_FAILED, "out of memory");
    else if (base64_decode(value->text, value->length, bytes, &size, &where))
        add(taker, datum, bytes, size);
    else
        COMPLAIN(taker, datum, "not base64, from its character %zu on", where + 1);
}

static void complain_section(struct taker *taker, const char *section, const cmr_value *value)
{
    taker->status = cli_fail_at(taker->documents->file, value->line + taker->document->first_line - 1,
                                value->column, "%s: wanted a map of strings", section);
}

/* An entry of a section: its key is the next segment, and must be the last. A section that is null or
 * {} is an entry itself. */
static void take_datum(struct taker *taker, const char *section, char *path, const cmr_value *value)
{
    struct datum datum = { .section = section, .value = value };
    cli_cleanup(cli_free_ptr) char *key = NULL;
    struct key_segment segment;
    bool below = key_path_next(&path, &segment);

    if (!below && (value->type == CMR_TYPE_NULL || value->type == CMR_TYPE_MAP))
        return;
    if (!below || segment.is_item) {
        complain_section(taker, section, value);
        return;
    }
    datum.length = segment.length;
    datum.key = key = strndup(segment.name, segment.length);
    if (!key)
        taker->status = cli_fail(CLI_FAILED, "out of memory");
    else if (*path)
        COMPLAIN(taker, &datum, "%s: a value must be one string; quote it, or write it as a block (|)",
                 *path == '[' && path[1] != '"' ? "a list" : "a map");
    else if (!check_key(taker, &datum) || !check_string(taker, &datum))
        return;
    else if (strcmp(section, "binaryData") == 0)
        add_base64(taker, &datum);
    else
        add(taker, &datum, value->text, value->length);
}

/* The path within the object, if the entry is one of its; it points into key. */
static char *path_in_object(char *key, long item)
{
    char *path = strchr(key, '#');
    struct key_segment segment;

    if (!path)
        return NULL;
    path++;
    if (item < 0)
        return path;
    if (!key_path_next(&path, &segment) || !key_segment_is(&segment, "items"))
        return NULL;
    if (!key_path_next(&path, &segment) || !segment.is_item || segment.index != (size_t)item)
        return NULL;
    return path;
}

static void take_entry(struct taker *taker, const cmr_entry *entry, long item)
{
    cli_cleanup(cli_free_ptr) char *key = strdup(entry->key);
    char *path = key ? path_in_object(key, item) : NULL;
    struct key_segment section;

    if (!key)
        taker->status = cli_fail(CLI_FAILED, "out of memory");
    if (!path || !key_path_next(&path, &section))
        return;
    if (key_segment_is(&section, "data"))
        take_datum(taker, "data", path, &entry->value);
    else if (key_segment_is(&section, "binaryData"))
        take_datum(taker, "binaryData", path, &entry->value);
}

int manifest_take_data(const struct documents *documents, const struct document *document, long item,
                       struct payload *payload)
{
    struct taker taker = { .documents = documents, .document = document, .payload = payload };
    cli_cleanup(cli_free_cursor) cmr_cursor *cursor = NULL;
    const cmr_entry *entry;

    if (cmr_cursor_new(document->snapshot, "**", &cursor) != CMR_OK)
        return cli_fail(CLI_FAILED, "out of memory");
    while ((entry = cmr_cursor_next(cursor)))
        take_entry(&taker, entry, item);
    return cmr_cursor_failed(cursor) ? cli_fail(CLI_FAILED, "out of memory") : taker.status;
}
