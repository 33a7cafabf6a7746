/* SPDX-License-Identifier: MIT
 *
 * How the scenarios' runner in C prints what it is told: in a form that every language can print alike.
 * Numbers are %.15g, durations seconds; a map is sorted by names. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/scenario_print.h"

const char *scenario_status_name(cmr_status status)
{
    static const char *const names[] = {
        "ok",    "invalid_argument", "no_memory", "system",  "not_found",   "type",   "range",  "syntax",
        "limit", "rejected",         "busy",      "timeout", "interrupted", "closed", "forked", "again"
    };
    return names[-status];
}

static void print_text(const char *text, size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n')
            fputs("\\n", stdout);
        else if (text[i] == '"' || text[i] == '\\')
            printf("\\%c", text[i]);
        else
            putchar(text[i]);
    }
    putchar('"');
}

static void print_ip(const cmr_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    fputs(inet_ntop(ip->version == 4 ? AF_INET : AF_INET6, ip->bytes, text, sizeof text), stdout);
}

void scenario_print_value(const cmr_value *value)
{
    switch (value->type) {
    case CMR_TYPE_NULL:
        fputs("null", stdout);
        break;
    case CMR_TYPE_BOOL:
        fputs(value->as.boolean ? "true" : "false", stdout);
        break;
    case CMR_TYPE_INT64:
        printf("%lld", (long long)value->as.int64);
        break;
    case CMR_TYPE_UINT64:
    case CMR_TYPE_SIZE:
        printf("%llu", (unsigned long long)value->as.uint64);
        break;
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        printf("%.15g", value->as.number);
        break;
    case CMR_TYPE_DURATION:
        printf("%.15g", (double)value->as.duration_ns / 1e9);
        break;
    case CMR_TYPE_ENUM:
        printf("%d", value->as.enumeration);
        break;
    case CMR_TYPE_LOG_LEVEL:
        fputs(cmr_log_level_name(value->as.level), stdout);
        break;
    case CMR_TYPE_MAP:
        printf("{%zu}", value->as.count);
        break;
    case CMR_TYPE_LIST:
        printf("[%zu]", value->as.count);
        break;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        print_ip(&value->as.ip);
        break;
    case CMR_TYPE_CIDR:
        print_ip(&value->as.cidr.ip);
        printf("/%u", value->as.cidr.prefix);
        break;
    default:
        print_text(value->text, value->length);
    }
}

static void print_list(cmr_snapshot *snapshot, const char *key, const struct scenario_type *as)
{
    cmr_list *list;
    cmr_status status = cmr_list_new(snapshot, key, as->item, as->table, &list);
    if (status != CMR_OK) {
        fputs(scenario_status_name(status), stdout);
        return;
    }
    putchar('[');
    for (size_t i = 0; i < cmr_list_count(list); i++) {
        fputs(i ? ", " : "", stdout);
        scenario_print_value(cmr_list_get(list, i));
    }
    putchar(']');
    cmr_list_free(list);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_map(cmr_snapshot *snapshot, const char *key, const struct scenario_type *as)
{
    const char *names[64];
    cmr_map *map;
    cmr_status status = cmr_map_new(snapshot, key, as->item, as->table, &map);
    if (status != CMR_OK) {
        fputs(scenario_status_name(status), stdout);
        return;
    }
    size_t count = cmr_map_count(map);
    for (size_t i = 0; i < count; i++)
        names[i] = cmr_map_name(map, i);
    qsort(names, count, sizeof *names, by_name);
    putchar('{');
    for (size_t i = 0; i < count; i++) {
        printf("%s%s: ", i ? ", " : "", names[i]);
        scenario_print_value(cmr_map_find(map, names[i]));
    }
    putchar('}');
    cmr_map_free(map);
}

void scenario_print_as(cmr_snapshot *snapshot, const char *key, const cmr_value *value,
                       const struct scenario_type *as)
{
    if (as->type == CMR_TYPE_LIST)
        print_list(snapshot, key, as);
    else if (as->type == CMR_TYPE_MAP)
        print_map(snapshot, key, as);
    else
        scenario_print_value(value);
}

void scenario_print_report(const cmr_report *report)
{
    const cmr_diagnostic *diagnostic;
    for (size_t i = 0; (diagnostic = cmr_report_get(report, i)); i++)
        printf("  %s %s:%u:%u [%s] %s\n", scenario_status_name(diagnostic->status), diagnostic->file,
               diagnostic->line, diagnostic->column, diagnostic->key, diagnostic->message);
}
