/* SPDX-License-Identifier: MIT
 *
 * Bare libyaml, for comparison: reads the events of FILE and does nothing with them. It ends where libyaml
 * does, and, as the library, at 64 levels of nesting, below which libyaml takes quadratic time. Prints,
 * divided by tabs: "read" or "refused", the number of events, and the heap's figures. */
#include <yaml.h>

#include <stdio.h>
#include <stdlib.h>

#include "bench/input.h"

#define MOST_LEVELS 64

bool read_yaml_events(const char *data, size_t size, size_t *ret_count);

static int step(yaml_event_type_t type)
{
    bool opens = type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
    bool closes = type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
    return opens - closes;
}

/* By name: what callgrind counts within. */
__attribute__((noinline)) bool read_yaml_events(const char *data, size_t size, size_t *ret_count)
{
    yaml_parser_t parser;
    yaml_event_t event;
    size_t count = 0;
    int depth = 0;
    bool good = yaml_parser_initialize(&parser), ended = false;
    yaml_parser_set_input_string(&parser, (const unsigned char *)data, size);
    while (good && !ended) {
        good = yaml_parser_parse(&parser, &event);
        ended = good && event.type == YAML_STREAM_END_EVENT;
        if (!good)
            break;
        depth += step(event.type);
        good = depth <= MOST_LEVELS;
        yaml_event_delete(&event);
        count++;
    }
    yaml_parser_delete(&parser);
    *ret_count = count;
    return good;
}

int main(int argc, char **argv)
{
    char *data;
    size_t size, count;
    if (argc < 2 || !bench_read_file(argv[1], &data, &size))
        return 2;
    bench_begin();
    bool good = read_yaml_events(data, size, &count);
    printf("%s\t%zu", good ? "read" : "refused", count);
    bench_print_heap();
    puts("");
    free(data);
    return 0;
}
