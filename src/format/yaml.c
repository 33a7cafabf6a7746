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
#include "format/anchors.h"
#include "format/format.h"
#include "format/yaml_merge.h"
#include "format/yaml_place.h"
#include "format/yaml_tag.h"

#define MOST_TAG_DIRECTIVES 100

struct reader {
    struct cmr__builder *builder;
    yaml_parser_t parser;
    yaml_event_t key;    /* the key whose value comes next, a scalar or an alias; no event: YAML_NO_EVENT */
    uint32_t key_source; /* the scalar that the alias stands for */
    struct cmr__anchors anchors;
    bool began; /* a document did */
    bool stop;
};

static bool is_plain(const yaml_event_t *scalar)
{
    return scalar->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static struct cmr__place place_of(yaml_mark_t mark)
{
    return (struct cmr__place){ (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

__attribute__((format(printf, 3, 4))) static void refuse(struct reader *reader, struct cmr__place place,
                                                         const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cmr__report_add(reader->builder->report, CMR_ERR_SYNTAX, reader->builder->file, place.line, place.column,
                    "", "%s", message);
    reader->stop = true;
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
    if (is_plain(&reader->key) && begin + length <= reader->builder->raw_length &&
        memcmp(reader->builder->raw + begin, text, length) == 0)
        return reader->builder->raw + begin;
    return text;
}

static bool is_merge_key(const struct reader *reader)
{
    return is_plain(&reader->key) && !reader->key.data.scalar.tag && reader->key.data.scalar.length == 2 &&
           memcmp(reader->key.data.scalar.value, "<<", 2) == 0;
}

/* An alias as a key is the scalar that it stands for, also when that is a merge key. Its text is not copied:
 * a small file could repeat a long one very often. */
static struct name aliased_name(const struct reader *reader, struct cmr__place place)
{
    const struct cmr__entry *source = entry_at(reader, reader->key_source);
    const char *text = reader->builder->pool.data + source->value_offset;
    bool merges = !(source->flags & CMR__ENTRY_QUOTED) && strcmp(text, "<<") == 0;
    return (struct name){ text, source->value_length, place, merges ? CMR__ENTRY_MERGE : 0 };
}

static struct name key_name(const struct reader *reader)
{
    struct cmr__place place = place_of(reader->key.start_mark);
    if (reader->key.type == YAML_ALIAS_EVENT)
        return aliased_name(reader, place);
    return (struct name){ key_text(reader), reader->key.data.scalar.length, place,
                          is_merge_key(reader) ? CMR__ENTRY_MERGE : 0 };
}

/* An entry in a map stands where its key stands, any other where its value does. */
static struct name next_name(struct reader *reader, const yaml_event_t *value)
{
    bool has_key = reader->key.type != YAML_NO_EVENT;
    return has_key ? key_name(reader) : (struct name){ NULL, 0, place_of(value->start_mark), 0 };
}

static void drop_key(struct reader *reader)
{
    yaml_event_delete(&reader->key);
    reader->key.type = YAML_NO_EVENT;
}

/* ---- types */

static void refuse_tag(struct reader *reader, yaml_mark_t mark, struct cmr__buffer *message)
{
    cmr_cleanup(cmr__free_ptr) char *text = cmr__buffer_take(message);
    if (text)
        refuse(reader, place_of(mark), "%s", text);
    else
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
}

static enum cmr__scalar_type scalar_type(struct reader *reader, const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag, *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct cmr__buffer message = CMR__BUFFER_INIT;
    enum cmr__scalar_type type;
    if (!cmr__yaml_scalar_type(tag, is_plain(event), text, length, &type)) {
        cmr__yaml_explain_scalar_tag(&message, tag, text, length);
        refuse_tag(reader, event->start_mark, &message);
    }
    return type;
}

static unsigned quoted_flag(const yaml_event_t *event, enum cmr__scalar_type type)
{
    return !is_plain(event) || (event->data.scalar.tag && type == CMR__SCALAR_STRING) ? CMR__ENTRY_QUOTED : 0;
}

/* ---- events */

/* Keys are no entries. One that has an anchor gets an entry, for aliases to repeat, which is left out of the
 * document: dead, as a merge key's own value is. */
static void keep_anchored_key(struct reader *reader, const yaml_event_t *event, enum cmr__scalar_type type)
{
    unsigned flags = quoted_flag(event, type) | CMR__ENTRY_MERGE | CMR__ENTRY_DEAD;
    note_anchor(reader, event->data.scalar.anchor);
    cmr__builder_scalar(reader->builder, type, "", 0, (const char *)event->data.scalar.value,
                        event->data.scalar.length, place_of(event->start_mark), flags);
    reader->builder->merged = true;
}

static void take_key(struct reader *reader, yaml_event_t *event)
{
    enum cmr__scalar_type type = scalar_type(reader, event); /* every key is a text, but a tag must be true */
    if (event->data.scalar.anchor)
        keep_anchored_key(reader, event, type);
    reader->key = *event;
    event->type = YAML_NO_EVENT;
}

/* A document in which nothing is written is an empty configuration, as is a file without a document. */
static bool is_nothing(const struct reader *reader, const yaml_event_t *event)
{
    return reader->builder->depth == 0 && is_plain(event) && event->data.scalar.length == 0 &&
           !event->data.scalar.tag;
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
    name.flags |= quoted_flag(event, type);
    note_anchor(reader, event->data.scalar.anchor);
    cmr__builder_scalar(reader->builder, type, name.text, name.length, (const char *)event->data.scalar.value,
                        event->data.scalar.length, name.place, name.flags);
    drop_key(reader);
}

static void refuse_container_key(struct reader *reader, yaml_mark_t mark, enum cmr__entry_kind kind)
{
    const char *what = kind == CMR__MAP ? "map" : "list";
    refuse(reader, place_of(mark), "a %s as a key: a key must be a scalar", what);
}

static void take_alias_key(struct reader *reader, yaml_event_t *event, uint32_t source)
{
    if (entry_at(reader, source)->kind != CMR__SCALAR) {
        refuse_container_key(reader, event->start_mark, entry_at(reader, source)->kind);
        return;
    }
    reader->key_source = source;
    reader->key = *event;
    event->type = YAML_NO_EVENT;
}

static void take_alias(struct reader *reader, yaml_event_t *event)
{
    const char *alias = (const char *)event->data.alias.anchor;
    uint32_t source = cmr__anchors_find(&reader->anchors, alias);
    if (source == CMR__NO_ENTRY) {
        refuse(reader, place_of(event->start_mark), "unknown alias *%.100s", alias);
    } else if (entry_at(reader, source)->kind != CMR__SCALAR && !entry_at(reader, source)->value_offset) {
        refuse(reader, place_of(event->start_mark), "alias *%.100s stands inside its own anchor", alias);
    } else if (wants_key(reader)) {
        take_alias_key(reader, event, source);
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
        refuse_container_key(reader, event->start_mark, kind);
        return;
    }
    if (!cmr__yaml_container_tag_fits((const char *)tag, kind)) {
        struct cmr__buffer message = CMR__BUFFER_INIT;
        cmr__yaml_explain_container_tag(&message, (const char *)tag, kind);
        refuse_tag(reader, event->start_mark, &message);
        return;
    }
    struct name name = next_name(reader, event);
    note_anchor(reader, anchor);
    cmr__builder_open(reader->builder, kind, name.text, name.length, name.place, name.flags);
    drop_key(reader);
}

static void close_container(struct reader *reader)
{
    const struct cmr__entry *refused = in_map(reader) ? cmr__yaml_merge(reader->builder) : NULL;
    if (refused)
        refuse(reader, (struct cmr__place){ refused->line, cmr__entry_column(refused) },
               "<< merges a map, or a list of maps");
    else
        cmr__builder_close(reader->builder);
}

static void take_document_start(struct reader *reader, const yaml_event_t *event)
{
    if (reader->began)
        refuse(reader, place_of(event->start_mark), "a second document: a configuration file holds one");
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

/* libyaml gives the errors of its byte reader as an offset only. */
static void refuse_bytes(struct reader *reader)
{
    const struct cmr__builder *builder = reader->builder;
    if (reader->parser.encoding != YAML_UTF8_ENCODING) { /* UTF-16: an offset that says nothing to anybody */
        refuse(reader, (struct cmr__place){ 0, 0 }, "%s", reader->parser.problem);
        return;
    }
    refuse(reader, cmr__yaml_place_of_bytes(builder->raw, builder->raw_length, reader->parser.problem_offset),
           "%s", reader->parser.problem);
}

/* At the end of a file libyaml forces a line break; a file that has none there has no line behind it. */
static struct cmr__place place_in_file(const struct reader *reader, yaml_mark_t mark)
{
    const struct cmr__builder *builder = reader->builder;
    if (mark.column == 0 && mark.line > 0 &&
        cmr__yaml_is_forced_break(builder->raw, builder->raw_length, mark.index))
        return cmr__yaml_place_of_offset(builder->raw, builder->raw_length);
    return place_of(mark);
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
        refuse(reader, place_in_file(reader, parser->problem_mark), "%s (%s that began on line %u)", problem,
               parser->context, place_in_file(reader, parser->context_mark).line);
    else
        refuse(reader, place_in_file(reader, parser->problem_mark), "%s", problem);
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

/* libyaml compares each tag, and each %TAG, with all of these: a mebibyte of them takes seconds. */
static void limit_tag_directives(struct reader *reader)
{
    const struct cmr__builder *builder = reader->builder;
    size_t offset = cmr__yaml_find_tag_directive(builder->raw, builder->raw_length, MOST_TAG_DIRECTIVES);
    if (offset != CMR__YAML_NO_OFFSET)
        refuse(reader, cmr__yaml_place_of_offset(builder->raw, offset), "more than %d %%TAG directives",
               MOST_TAG_DIRECTIVES);
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
    .leaves_copies = true,
    .flat = false,
    .duplicates = CMR__DUPLICATES_REFUSED,
    .parse = parse_yaml,
};
