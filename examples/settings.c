/* SPDX-License-Identifier: MIT
 *
 * A server's settings in a struct of its own, by a schema; and the schema as a reference.
 *
 *     settings DIR            prints the settings that app.yaml in DIR holds, or all that is wrong with them
 *     settings --reference    prints the schema as Markdown, for those who write app.yaml
 *     settings --schema       prints it as JSON Schema, for editors and `cmreload check --schema` */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmreload/cmreload.h>

#define KEY "app.yaml#server"

struct upstream {
    const char *host;
    uint16_t port;
};

struct limits {
    uint64_t body;
    int64_t timeout;
};

enum balance {
    BY_TURNS,
    BY_ADDRESS
};

struct server {
    uint16_t port;
    int workers;
    enum balance balance;
    cmr_log_level level;
    const cmr_cidr *trusted;
    size_t trusted_count;
    struct limits limits;
    const struct upstream *upstreams;
    size_t upstream_count;
};

static const cmr_enum_item balances[] = { { "turns", BY_TURNS }, { "address", BY_ADDRESS }, { NULL, 0 } };

static const cmr_field limits_fields[] = {
    CMR_FIELD_SIZE(struct limits, body, "body", .otherwise = "1Mi", .text = "Of a request"),
    CMR_FIELD_DURATION(struct limits, timeout, "timeout", .otherwise = "30s", .minimum = "10ms"),
    CMR_FIELD_END,
};

static const cmr_field upstream_fields[] = {
    CMR_FIELD_STRING(struct upstream, host, "host", .required = true, .minimum = "1"),
    CMR_FIELD_INT(struct upstream, port, "port", .otherwise = "80", .minimum = "1"),
    CMR_FIELD_END,
};

static const cmr_field server_fields[] = {
    CMR_FIELD_INT(struct server, port, "port", .required = true, .minimum = "1", .restart = true),
    CMR_FIELD_INT(struct server, workers, "workers", .otherwise = "4", .minimum = "1", .maximum = "64"),
    CMR_FIELD_ENUM(struct server, balance, "balance", .table = balances, .otherwise = "turns"),
    CMR_FIELD_LOG_LEVEL(struct server, level, "log.level", .otherwise = "info"),
    CMR_FIELD_LIST(struct server, trusted, trusted_count, "trusted", CIDR, .text = "Proxies"),
    CMR_FIELD_STRUCT(struct server, limits, "limits", limits_fields),
    CMR_FIELD_STRUCTS(struct server, upstreams, upstream_count, "upstreams", struct upstream, upstream_fields,
                      .required = true, .least = 1, .most = 8),
    CMR_FIELD_END,
};

static const cmr_schema server_schema = CMR_SCHEMA(struct server, server_fields, .unknown = CMR_UNKNOWN_WARN,
                                                   .name = "Server", .text = "What the server can be told.");

static void print_report(const cmr_report *report)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *item = cmr_report_get(report, i);
        fprintf(stderr, "%s:%u:%u: %s: %s\n", item->file, item->line, item->column, item->key, item->message);
    }
}

static void print_server(const struct server *server)
{
    printf("port %u, %d workers, log level %s, timeout %" PRId64 " ms\n", server->port, server->workers,
           cmr_log_level_name(server->level), server->limits.timeout / 1000000);
    for (size_t i = 0; i < server->upstream_count; i++)
        printf("upstream %s:%u\n", server->upstreams[i].host, server->upstreams[i].port);
}

static int read_settings(const char *dir)
{
    cmr_snapshot *snapshot = NULL;
    cmr_record *record = NULL;
    cmr_report *report = NULL;
    cmr_status status = cmr_snapshot_read(dir, NULL, &report, &snapshot);
    if (status == CMR_OK)
        status = cmr_record_new(snapshot, KEY, &server_schema, &report, &record);
    print_report(report);
    cmr_report_free(report);
    cmr_snapshot_unref(snapshot);
    if (status == CMR_OK)
        print_server(cmr_record_get(record));
    else
        fprintf(stderr, "settings: %s\n", cmr_strerror(status));
    cmr_record_free(record);
    return status == CMR_OK ? 0 : 1;
}

static int print_schema(cmr_status (*print)(const cmr_schema *, const char *, char **))
{
    char *text = NULL;
    if (print(&server_schema, KEY, &text) != CMR_OK)
        return 1;
    fputs(text, stdout);
    free(text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "--reference") == 0)
        return print_schema(cmr_schema_markdown);
    if (strcmp(argv[1], "--schema") == 0)
        return print_schema(cmr_schema_json);
    return read_settings(argv[1]);
}
