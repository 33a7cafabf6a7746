/* SPDX-License-Identifier: MIT
 *
 * YAML 1.2 through libyaml's events (https://yaml.org/spec/1.2.2/).
 *
 * libyaml scans and parses; what it leaves to its caller is done here: scalars get their type by the core
 * schema (section 10.3), aliases are expanded by repeating the anchored subtree, `<<` merges as most YAML
 * readers do (the merge key of YAML 1.1, https://yaml.org/type/merge.html), and what a configuration cannot
 * mean is refused: more than one document, keys that are no scalars, duplicate keys, tags beyond the core
 * schema's, an alias inside its own anchor. Positions are libyaml's marks, which count characters. */
#include <yaml.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "format/anchors.h"
#include "format/format.h"
#include "model/convert.h"

#define MOST_TAG_DIRECTIVES 100

struct reader {
    struct cmr__builder *builder;
    yaml_parser_t parser;
    yaml_event_t key; /* the key whose value comes next; no event: YAML_NO_EVENT */
    struct cmr__anchors anchors;
    bool merges; /* a merge key was seen */
    bool began;  /* a document did */
    bool stop;
};

static struct cmr__place place_of(yaml_mark_t mark)
{
    return (struct cmr__place){ (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

__attribute__((format(printf, 3, 4))) static void refuse(struct reader *reader, yaml_mark_t mark,
                                                         const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct cmr__place place = place_of(mark);
    cmr__report_add(reader->builder->report, CMR_ERR_SYNTAX, reader->builder->file, place.line, place.column,
                    "", "%s", message);
    reader->stop = true;
}

/* Foreign text for a message, the caller's to free. NULL: out of memory, and the builder has failed. */
static char *quote(struct reader *reader, const void *text, size_t length)
{
    struct cmr__buffer quoted = CMR__BUFFER_INIT;
    cmr__buffer_append_quoted(&quoted, text, length, 60);
    char *taken = cmr__buffer_take(&quoted);
    if (!taken)
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
    return taken;
}

/* Notes that the entry told next has this anchor. */
static void note_anchor(struct reader *reader, yaml_char_t *name)
{
    if (name && !cmr__anchors_note(&reader->anchors, (const char *)name, cmr__builder_count(reader->builder)))
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
}

/* ---- where the next entry goes, and under which name */

static const struct cmr__entry *entry_at(const struct reader *reader, uint32_t number)
{
    return (const struct cmr__entry *)(const void *)reader->builder->entries.data + number;
}

static bool in_map(const struct reader *reader)
{
    const struct cmr__builder *builder = reader->builder;
    return builder->depth && entry_at(reader, builder->open[builder->depth - 1])->kind == CMR__MAP;
}

static bool wants_key(const struct reader *reader)
{
    return in_map(reader) && reader->key.type == YAML_NO_EVENT;
}

struct name {
    const char *text;
    size_t length;
    struct cmr__place place;
    unsigned flags;
};

/* A plain key stands in the raw bytes as it is, and is kept there. The mark counts characters, so behind
 * others than ASCII's it points somewhere else, which shows. */
static const char *key_text(const struct reader *reader)
{
    const char *text = (const char *)reader->key.data.scalar.value;
    size_t length = reader->key.data.scalar.length, begin = reader->key.start_mark.index;
    if (reader->key.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
        begin + length <= reader->builder->raw_length &&
        memcmp(reader->builder->raw + begin, text, length) == 0)
        return reader->builder->raw + begin;
    return text;
}

static bool is_merge_key(const struct reader *reader)
{
    return reader->key.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !reader->key.data.scalar.tag &&
           reader->key.data.scalar.length == 2 && memcmp(reader->key.data.scalar.value, "<<", 2) == 0;
}

/* An entry in a map stands where its key stands, any other where its value does. */
static struct name next_name(struct reader *reader, const yaml_event_t *value)
{
    if (reader->key.type == YAML_NO_EVENT)
        return (struct name){ NULL, 0, place_of(value->start_mark), 0 };
    struct name name = { key_text(reader), reader->key.data.scalar.length, place_of(reader->key.start_mark),
                         0 };
    if (is_merge_key(reader)) {
        name.flags = CMR__ENTRY_MERGE;
        reader->merges = true;
    }
    return name;
}

static void drop_key(struct reader *reader)
{
    yaml_event_delete(&reader->key);
    reader->key.type = YAML_NO_EVENT;
}

/* ---- types */

static const char *core_tag(const yaml_char_t *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    if (strncmp((const char *)tag, prefix, sizeof prefix - 1) == 0)
        return (const char *)tag + sizeof prefix - 1;
    return strcmp((const char *)tag, "!") == 0 ? "str" : NULL;
}

/* The type that a tag on a scalar names; CMR__SCALAR_UNTYPED for none of the core schema's. */
static enum cmr__scalar_type tagged_type(const yaml_char_t *tag)
{
    static const struct {
        const char *name;
        enum cmr__scalar_type type;
    } tags[] = { { "str", CMR__SCALAR_STRING },
                 { "int", CMR__SCALAR_INT },
                 { "float", CMR__SCALAR_FLOAT },
                 { "bool", CMR__SCALAR_BOOL },
                 { "null", CMR__SCALAR_NULL } };
    const char *name = core_tag(tag);
    for (size_t i = 0; name && i < sizeof tags / sizeof *tags; i++)
        if (strcmp(tags[i].name, name) == 0)
            return tags[i].type;
    return CMR__SCALAR_UNTYPED;
}

/* `what` is none of what its tag says, or the tag says nothing that we know. */
static void refuse_tag(struct reader *reader, yaml_mark_t mark, const yaml_char_t *tag, const char *what)
{
    const char *name = core_tag(tag);
    if (name &&
        (tagged_type(tag) != CMR__SCALAR_UNTYPED || strcmp(name, "map") == 0 || strcmp(name, "seq") == 0)) {
        refuse(reader, mark, "%s is no %s, as its tag says", what, name);
        return;
    }
    cmr_cleanup(cmr__free_ptr) char *shown = quote(reader, tag, strlen((const char *)tag));
    refuse(reader, mark, "unknown tag %s: only the tags of YAML's core schema are read", shown ? shown : "");
}

static bool fits_tag(enum cmr__scalar_type wanted, enum cmr__scalar_type resolved)
{
    return wanted == resolved || wanted == CMR__SCALAR_STRING ||
           (wanted == CMR__SCALAR_FLOAT && resolved == CMR__SCALAR_INT);
}

static enum cmr__scalar_type scalar_type(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!event->data.scalar.tag)
        return plain ? cmr__resolve_core_schema(text, length) : CMR__SCALAR_STRING;
    enum cmr__scalar_type wanted = tagged_type(event->data.scalar.tag);
    if (wanted == CMR__SCALAR_UNTYPED || !fits_tag(wanted, cmr__resolve_core_schema(text, length))) {
        cmr_cleanup(cmr__free_ptr) char *shown = quote(reader, text, length);
        refuse_tag(reader, event->start_mark, event->data.scalar.tag, shown ? shown : "");
    }
    return wanted;
}

static bool check_container_tag(struct reader *reader, const yaml_char_t *tag, yaml_mark_t mark,
                                enum cmr__entry_kind kind)
{
    const char *wanted = kind == CMR__MAP ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
    if (!tag || strcmp((const char *)tag, wanted) == 0 || strcmp((const char *)tag, "!") == 0)
        return true;
    refuse_tag(reader, mark, tag, kind == CMR__MAP ? "a map" : "a list");
    return false;
}

/* ---- events */

static void take_key(struct reader *reader, yaml_event_t *event)
{
    if (event->data.scalar.anchor) {
        refuse(reader, event->start_mark, "an anchor on a key");
        return;
    }
    (void)scalar_type(reader, event); /* every key is a text; but what its tag says must be true */
    reader->key = *event;
    event->type = YAML_NO_EVENT;
}

/* A document in which nothing is written is an empty configuration, as is a file without a document. */
static bool is_nothing(const struct reader *reader, const yaml_event_t *event)
{
    return reader->builder->depth == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           event->data.scalar.length == 0 && !event->data.scalar.tag;
}

static void take_scalar(struct reader *reader, yaml_event_t *event)
{
    if (wants_key(reader)) {
        take_key(reader, event);
        return;
    }
    if (is_nothing(reader, event))
        return;
    struct name name = next_name(reader, event);
    enum cmr__scalar_type type = scalar_type(reader, event);
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
        (event->data.scalar.tag && type == CMR__SCALAR_STRING))
        name.flags |= CMR__ENTRY_QUOTED;
    note_anchor(reader, event->data.scalar.anchor);
    cmr__builder_scalar(reader->builder, type, name.text, name.length, (const char *)event->data.scalar.value,
                        event->data.scalar.length, name.place, name.flags);
    drop_key(reader);
}

static void take_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *alias = (const char *)event->data.alias.anchor;
    uint32_t source = cmr__anchors_find(&reader->anchors, alias);
    if (wants_key(reader)) {
        refuse(reader, event->start_mark, "an alias as a key: a key must be a scalar, written out");
    } else if (source == CMR__NO_ENTRY) {
        refuse(reader, event->start_mark, "unknown alias *%.100s", alias);
    } else if (entry_at(reader, source)->kind != CMR__SCALAR && !entry_at(reader, source)->value_offset) {
        refuse(reader, event->start_mark, "alias *%.100s stands inside its own anchor", alias);
    } else {
        struct name name = next_name(reader, event);
        cmr__builder_copy(reader->builder, source, name.text, name.length, name.place, name.flags);
        drop_key(reader);
    }
}

static void open_container(struct reader *reader, const yaml_event_t *event, enum cmr__entry_kind kind,
                           yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (wants_key(reader)) {
        refuse(reader, event->start_mark, "a %s as a key: a key must be a scalar",
               kind == CMR__MAP ? "map" : "list");
        return;
    }
    if (!check_container_tag(reader, tag, event->start_mark, kind))
        return;
    struct name name = next_name(reader, event);
    note_anchor(reader, anchor);
    cmr__builder_open(reader->builder, kind, name.text, name.length, name.place, name.flags);
    drop_key(reader);
}

/* Merge keys take effect when their map ends: what stands in the map itself goes before what is merged. */
static void merge_into_map(struct reader *reader)
{
    struct cmr__builder *builder = reader->builder;
    uint32_t map = builder->open[builder->depth - 1], end = cmr__builder_count(builder);
    for (uint32_t i = map + 1; i < end; i = cmr__entry_end(entry_at(reader, i), i)) {
        const struct cmr__entry entry = *entry_at(reader, i);
        if (!(entry.flags & CMR__ENTRY_MERGE) || entry.flags & CMR__ENTRY_DEAD ||
            cmr__builder_merge(builder, i))
            continue;
        if (builder->status == CMR_OK)
            refuse(reader, (yaml_mark_t){ 0, entry.line - 1, cmr__entry_column(&entry) - 1 },
                   "<< merges a map, or a list of maps");
        return;
    }
}

static void close_container(struct reader *reader)
{
    if (reader->merges && in_map(reader))
        merge_into_map(reader);
    cmr__builder_close(reader->builder);
}

static void take_document_start(struct reader *reader, const yaml_event_t *event)
{
    if (reader->began)
        refuse(reader, event->start_mark, "a second document: a configuration file holds one");
    reader->began = true;
}

static void take(struct reader *reader, yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        take_scalar(reader, event);
        break;
    case YAML_ALIAS_EVENT:
        take_alias(reader, event);
        break;
    case YAML_MAPPING_START_EVENT:
        open_container(reader, event, CMR__MAP, event->data.mapping_start.anchor,
                       event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_container(reader, event, CMR__LIST, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        close_container(reader);
        break;
    case YAML_DOCUMENT_START_EVENT:
        take_document_start(reader, event);
        break;
    default:
        break;
    }
}

/* The mark of an offset. The line breaks are those of libyaml's scanner that a configuration holds. */
static yaml_mark_t mark_of_offset(const struct cmr__builder *builder, size_t offset)
{
    size_t line = 0, lines = 0;
    for (size_t i = 0; i < offset; i++) {
        if (builder->raw[i] == '\n' || (builder->raw[i] == '\r' && builder->raw[i + 1] != '\n')) {
            line = i + 1;
            lines++;
        }
    }
    if (lines == 0)
        line = cmr__utf8_bom(builder->raw, offset);
    return (yaml_mark_t){ 0, lines, cmr__utf8_count(builder->raw + line, offset - line) };
}

/* libyaml gives the errors of its byte reader as an offset only, which may point into a character. */
static void refuse_bytes(struct reader *reader)
{
    const struct cmr__builder *builder = reader->builder;
    if (reader->parser.encoding != YAML_UTF8_ENCODING) { /* UTF-16: an offset that says nothing to anybody */
        cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, 0, 0, "", "%s",
                        reader->parser.problem);
        return;
    }
    size_t length = cmr__utf8_valid_prefix(builder->raw, builder->raw_length);
    if (length > reader->parser.problem_offset)
        length = reader->parser.problem_offset;
    refuse(reader, mark_of_offset(builder, length), "%s", reader->parser.problem);
}

/* At the end of a file libyaml forces a line break; a file that has none there has no line behind it. */
static yaml_mark_t within_file(const struct reader *reader, yaml_mark_t mark)
{
    const char *raw = reader->builder->raw;
    size_t length = reader->builder->raw_length;
    if (length == 0 || mark.column > 0 || mark.line == 0 || raw[length - 1] == '\n' ||
        raw[length - 1] == '\r' ||
        mark.index + (cmr__utf8_bom(raw, length) > 0) != cmr__utf8_count(raw, length))
        return mark;
    return (yaml_mark_t){ mark.index, mark.line - 1, mark_of_offset(reader->builder, length).column };
}

static void report_parser(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem;
    if (parser->error == YAML_MEMORY_ERROR ||
        !problem) /* at a tag libyaml forgets to say that it was memory */
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
    else if (parser->error == YAML_READER_ERROR)
        refuse_bytes(reader);
    else if (parser->context)
        refuse(reader, within_file(reader, parser->problem_mark), "%s (%s that began on line %zu)", problem,
               parser->context, within_file(reader, parser->context_mark).line + 1);
    else
        refuse(reader, within_file(reader, parser->problem_mark), "%s", problem);
    reader->stop = true;
}

static void read_events(struct reader *reader)
{
    bool ended = false;
    while (!ended && !reader->stop && reader->builder->status == CMR_OK) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_parser(reader);
            return;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        take(reader, &event);
        yaml_event_delete(&event);
    }
}

/* The last byte of any line break that libyaml knows: \n, \r, U+0085, U+2028 and U+2029. */
static bool ends_line(char byte)
{
    return byte == '\n' || byte == '\r' || byte == '\x85' || byte == '\xa8' || byte == '\xa9';
}

/* libyaml compares each %TAG directive, and each tag, with all directives: a mebibyte of them takes seconds.
 */
static void limit_tag_directives(struct reader *reader)
{
    static const char word[] = "%TAG";
    const char *raw = reader->builder->raw, *end = raw + reader->builder->raw_length, *at = raw;
    unsigned count = 0;
    for (; (at = memmem(at, (size_t)(end - at), word, sizeof word - 1)); at++) {
        if (at > raw && !ends_line(at[-1]))
            continue;
        if (++count > MOST_TAG_DIRECTIVES) {
            refuse(reader, mark_of_offset(reader->builder, (size_t)(at - raw)),
                   "more than %d %%TAG directives", MOST_TAG_DIRECTIVES);
            return;
        }
    }
}

static void fill_empty(struct cmr__builder *builder)
{
    if (cmr__builder_open(builder, CMR__MAP, "", 0, (struct cmr__place){ 1, 1 }, 0))
        cmr__builder_close(builder);
}

static void parse_yaml(struct cmr__builder *builder)
{
    struct reader reader = { .builder = builder };
    if (!yaml_parser_initialize(&reader.parser)) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)builder->raw, builder->raw_length);
    limit_tag_directives(&reader);
    read_events(&reader);
    if (!reader.stop && cmr__builder_count(builder) == 0)
        fill_empty(builder);
    drop_key(&reader);
    cmr__anchors_reset(&reader.anchors);
    yaml_parser_delete(&reader.parser);
}

const struct cmr__format cmr__format_yaml = {
    .name = "yaml",
    .flat = false,
    .duplicates = CMR__DUPLICATES_REFUSED,
    .parse = parse_yaml,
};
