/* SPDX-License-Identifier: MIT
 *
 * INI files, through iniparser (https://gitlab.com/iniparser/iniparser): [SECTION] and KEY = VALUE, ; and #
 * comments, values in "" or '', a backslash at its end continues a line. Sections and keys become lower case
 * (ASCII), as iniparser makes them. ini_line.c finds the lines, ini_load.c has iniparser read them; what
 * comes back is collected here and told to the builder at the end, since a section may be begun in several
 * places: it is one map then, where it stands first. Keys before any section stand at the root.
 *
 * Unlike iniparser: equal keys in a section are refused, and so is what ini_line.c lists; a byte order mark
 * is skipped; invalid UTF-8 and NUL bytes are errors; all errors are told, not the first. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "format/format.h"
#include "format/ini_line.h"
#include "format/ini_load.h"

#define NONE UINT32_MAX

/* A name in the raw bytes, or, when lower-casing has changed it, in `texts`. */
struct name {
    const char *raw;
    uint32_t offset;
    uint32_t length;
};

struct key {
    struct name name;
    uint32_t value; /* in `texts` */
    uint32_t value_length;
    struct cmr__place place;
    uint32_t next; /* of the section: a number in `keys` */
};

struct section {
    struct name name;
    struct cmr__place place;
    uint32_t first, last; /* numbers in `keys` */
    bool is_told;         /* with an earlier one of the same name */
};

struct reader {
    struct cmr__builder *builder;
    size_t faults_before; /* in the report, of other files */
    struct cmr__ini_load load;
    struct {
        const char *name; /* in the raw bytes */
        struct cmr__place place;
    } lines[CMR__INI_BATCH];     /* of the load */
    uint32_t taken;              /* sections and keys of the file so far */
    struct cmr__buffer sections; /* struct section; the first is the root */
    struct cmr__buffer keys;     /* struct key */
    struct cmr__buffer texts;
};

static struct section *sections(const struct reader *reader)
{
    return (struct section *)(void *)reader->sections.data;
}

static struct key *keys(const struct reader *reader)
{
    return (struct key *)(void *)reader->keys.data;
}

static uint32_t count_sections(const struct reader *reader)
{
    return (uint32_t)(reader->sections.size / sizeof(struct section));
}

/* ---- collecting */

static uint32_t put_text(struct reader *reader, const char *text, size_t length)
{
    uint32_t offset = (uint32_t)reader->texts.size;
    if (length)
        cmr__buffer_append(&reader->texts, text, length);
    return offset;
}

static struct name put_name(struct reader *reader, unsigned number)
{
    const struct cmr__ini_item *item = &reader->load.items[number];
    const char *raw = reader->lines[number].name;
    const char *end = reader->builder->raw + reader->builder->raw_length;
    struct name name = { .raw = raw, .length = (uint32_t)item->name_length };
    if ((size_t)(end - raw) < item->name_length || memcmp(raw, item->name, item->name_length) != 0) {
        name.raw = NULL;
        name.offset = put_text(reader, item->name, item->name_length);
    }
    return name;
}

static void add_section(struct reader *reader, struct name name, struct cmr__place place)
{
    struct section *section = cmr__buffer_extend(&reader->sections, sizeof *section);
    if (section)
        *section = (struct section){ .name = name, .place = place, .first = NONE, .last = NONE };
}

/* Puts the keys from `first` to `last` at the end of the section's. */
static void link_keys(struct reader *reader, struct section *section, uint32_t first, uint32_t last)
{
    if (first == NONE)
        return;
    if (section->last == NONE)
        section->first = first;
    else
        keys(reader)[section->last].next = first;
    section->last = last;
}

static void add_key(struct reader *reader, unsigned number)
{
    const char *value = reader->load.items[number].value;
    uint32_t added = (uint32_t)(reader->keys.size / sizeof(struct key));
    struct key *key = cmr__buffer_extend(&reader->keys, sizeof *key);
    if (!key)
        return;
    *key =
        (struct key){ .name = put_name(reader, number), .place = reader->lines[number].place, .next = NONE };
    key->value_length = (uint32_t)strlen(value);
    key->value = put_text(reader, value, key->value_length);
    link_keys(reader, sections(reader) + count_sections(reader) - 1, added, added);
}

static void report_refused(struct reader *reader, unsigned number)
{
    struct cmr__place place = reader->lines[number].place;
    cmr__report_add(reader->builder->report, CMR_ERR_SYNTAX, reader->builder->file, place.line, place.column,
                    NULL, "iniparser refuses this line");
    cmr__builder_fail(reader->builder, CMR_ERR_SYNTAX);
}

/* Has the lines that were collected read. */
static void flush(struct reader *reader)
{
    unsigned refused = 0;
    if (reader->load.count == 0)
        return;
    cmr_status status = cmr__ini_load_run(&reader->load, &refused);
    for (unsigned i = 0; status == CMR_OK && i < reader->load.count; i++) {
        if (reader->load.items[i].is_section)
            add_section(reader, put_name(reader, i), reader->lines[i].place);
        else
            add_key(reader, i);
        if (reader->sections.failed || reader->keys.failed || reader->texts.failed)
            status = CMR_ERR_NO_MEMORY;
    }
    if (status == CMR_ERR_SYNTAX)
        report_refused(reader, refused);
    else if (status != CMR_OK)
        cmr__builder_fail(reader->builder, status);
}

/* Every line costs iniparser the same, however short it is, so they are counted as they come: sections that
 * are begun again too, which make no further entry. */
static bool check_count(struct reader *reader, struct cmr__place place)
{
    struct cmr__builder *builder = reader->builder;
    if (reader->taken++ < builder->limits->entries)
        return true;
    cmr__report_add(builder->report, CMR_ERR_LIMIT, builder->file, place.line, place.column, NULL,
                    "more than %u sections and keys in one file", (unsigned)builder->limits->entries);
    cmr__builder_fail(builder, CMR_ERR_LIMIT);
    return false;
}

static void add_line(struct reader *reader, const struct cmr__ini_line *line)
{
    if (!check_count(reader, line->place))
        return;
    if (cmr__ini_load_is_full(&reader->load))
        flush(reader);
    cmr__ini_load_add(&reader->load, line->is_section, line->text, line->length);
    reader->lines[reader->load.count - 1].name = line->name;
    reader->lines[reader->load.count - 1].place = line->place;
}

static bool is_good(const struct reader *reader)
{
    const cmr_report *report = reader->builder->report;
    return reader->builder->status == CMR_OK && report->count + report->dropped == reader->faults_before;
}

/* Reads all lines; those behind one that is wrong are only looked at. */
static void read_lines(struct reader *reader)
{
    struct cmr__ini_lines lines;
    struct cmr__ini_line line;
    cmr__ini_lines_init(&lines, reader->builder);
    while (cmr__ini_lines_next(&lines, &line))
        if (is_good(reader))
            add_line(reader, &line);
    if (is_good(reader))
        flush(reader);
}

/* ---- telling */

static const char *name_text(const struct reader *reader, const struct name *name)
{
    return name->raw ? name->raw : reader->texts.data + name->offset;
}

struct named {
    const char *name;
    uint32_t length;
    uint32_t number;
};

static int compare_named(const void *one, const void *other)
{
    const struct named *a = one, *b = other;
    int order = a->length < b->length ? -1 : a->length > b->length;
    if (order == 0)
        order = memcmp(a->name, b->name, a->length);
    return order != 0 ? order : a->number < b->number ? -1 : 1;
}

static void fill_named(const struct reader *reader, struct named *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct section *section = sections(reader) + i;
        all[i] = (struct named){ name_text(reader, &section->name), section->name.length, i };
    }
    qsort(all, count, sizeof *all, compare_named);
}

/* Sections of one name become one, the first. */
static void merge_sections(struct reader *reader)
{
    uint32_t count = count_sections(reader), first = 0;
    cmr_cleanup(cmr__free_ptr) struct named *all = malloc(count * sizeof *all);
    if (!all) {
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
        return;
    }
    fill_named(reader, all, count);
    for (uint32_t i = 1; i < count; i++) {
        if (all[i].length != all[first].length || memcmp(all[i].name, all[first].name, all[i].length) != 0) {
            first = i;
            continue;
        }
        struct section *more = sections(reader) + all[i].number;
        link_keys(reader, sections(reader) + all[first].number, more->first, more->last);
        more->is_told = true;
    }
}

static void tell_section(struct reader *reader, const struct section *section)
{
    for (uint32_t i = section->first; i != NONE; i = keys(reader)[i].next) {
        const struct key *key = keys(reader) + i;
        const char *value = key->value_length ? reader->texts.data + key->value : "";
        cmr__builder_scalar(reader->builder, CMR__SCALAR_UNTYPED, name_text(reader, &key->name),
                            key->name.length, value, key->value_length, key->place, 0);
    }
}

static void tell(struct reader *reader)
{
    struct cmr__builder *builder = reader->builder;
    merge_sections(reader);
    for (uint32_t i = 0; i < count_sections(reader) && builder->status == CMR_OK; i++) {
        const struct section *section = sections(reader) + i;
        if (section->is_told)
            continue;
        cmr__builder_open(builder, CMR__MAP, name_text(reader, &section->name), section->name.length,
                          section->place, 0);
        tell_section(reader, section);
        if (i > 0)
            cmr__builder_close(builder);
    }
    cmr__builder_close(builder);
}

static void parse(struct cmr__builder *builder)
{
    struct reader reader = { .builder = builder,
                             .faults_before = builder->report->count + builder->report->dropped };
    cmr_status status = cmr__ini_load_init(&reader.load);
    add_section(&reader, (struct name){ .raw = "" }, (struct cmr__place){ 1, 1 });
    if (status != CMR_OK || reader.sections.failed)
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
    if (is_good(&reader))
        read_lines(&reader);
    if (is_good(&reader))
        tell(&reader);
    cmr__buffer_reset(&reader.sections);
    cmr__buffer_reset(&reader.keys);
    cmr__buffer_reset(&reader.texts);
    cmr__ini_load_reset(&reader.load);
}

const struct cmr__format cmr__format_ini = {
    .name = "ini",
    .leaves_copies = true,
    .flat = false,
    .duplicates = CMR__DUPLICATES_REFUSED,
    .parse = parse,
};
