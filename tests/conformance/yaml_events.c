/* SPDX-License-Identifier: MIT
 *
 * What libyaml itself makes of each input, without anything of ours: its events, as the YAML test suite
 * writes them, a line each, and whether it came to the end without an error. Answers are a number, 1 or 0,
 * and a text. */
#include <yaml.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/judge_stream.h"

static void write_escaped(FILE *out, const yaml_char_t *text, size_t length)
{
    static const char plain[] = "\\\0\b\n\r\t", letters[] = "\\0bnrt";
    for (size_t i = 0; i < length; i++) {
        const char *found = memchr(plain, text[i], sizeof plain - 1);
        if (found)
            fprintf(out, "\\%c", letters[found - plain]);
        else
            putc(text[i], out);
    }
}

static void write_properties(FILE *out, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        fprintf(out, " &%s", (const char *)anchor);
    if (tag)
        fprintf(out, " <%s>", (const char *)tag);
}

static void write_scalar(FILE *out, const yaml_event_t *event)
{
    static const char styles[] = { [YAML_PLAIN_SCALAR_STYLE] = ':',
                                   [YAML_SINGLE_QUOTED_SCALAR_STYLE] = '\'',
                                   [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = '"',
                                   [YAML_LITERAL_SCALAR_STYLE] = '|',
                                   [YAML_FOLDED_SCALAR_STYLE] = '>' };
    fputs("=VAL", out);
    write_properties(out, event->data.scalar.anchor, event->data.scalar.tag);
    fprintf(out, " %c", styles[event->data.scalar.style]);
    write_escaped(out, event->data.scalar.value, event->data.scalar.length);
}

static void write_container(FILE *out, const yaml_event_t *event)
{
    if (event->type == YAML_MAPPING_START_EVENT) {
        fputs(event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE ? "+MAP {}" : "+MAP", out);
        write_properties(out, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    } else {
        fputs(event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE ? "+SEQ []" : "+SEQ", out);
        write_properties(out, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    }
}

static void write_event(FILE *out, const yaml_event_t *event)
{
    static const char *const names[] = {
        [YAML_STREAM_START_EVENT] = "+STR",
        [YAML_STREAM_END_EVENT] = "-STR",
        [YAML_SEQUENCE_END_EVENT] = "-SEQ",
        [YAML_MAPPING_END_EVENT] = "-MAP",
    };
    if (event->type == YAML_SCALAR_EVENT)
        write_scalar(out, event);
    else if (event->type == YAML_ALIAS_EVENT)
        fprintf(out, "=ALI *%s", (const char *)event->data.alias.anchor);
    else if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
        write_container(out, event);
    else if (event->type == YAML_DOCUMENT_START_EVENT)
        fputs(event->data.document_start.implicit ? "+DOC" : "+DOC ---", out);
    else if (event->type == YAML_DOCUMENT_END_EVENT)
        fputs(event->data.document_end.implicit ? "-DOC" : "-DOC ...", out);
    else
        fputs(names[event->type], out);
    putc('\n', out);
}

/* Whether there is no error up to the end. */
static bool write_events(FILE *out, yaml_parser_t *parser)
{
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return false;
        write_event(out, &event);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    return true;
}

static bool answer(void *user, const char *raw, size_t length)
{
    char *text = NULL;
    size_t size = 0;
    yaml_parser_t parser;
    FILE *out = open_memstream(&text, &size);
    (void)user;
    if (!out || !yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, (const unsigned char *)raw, length);
    bool accepted = write_events(out, &parser);
    yaml_parser_delete(&parser);
    if (fclose(out) != 0)
        return false;
    judge_write_number(accepted);
    judge_write_text(text, (uint32_t)size);
    free(text);
    return true;
}

int main(void)
{
    return judge_each_input(answer, NULL);
}
