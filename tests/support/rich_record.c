/* SPDX-License-Identifier: MIT */
#include "support/rich_record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const cmr_enum_item rich_modes[] = { { "slow", RICH_SLOW }, { "fast", RICH_FAST }, { NULL, 0 } };

static const cmr_field route_fields[] = {
    CMR_FIELD_STRING(struct rich_route, path, "path", .required = true, .maximum = "8"),
    CMR_FIELD_INT(struct rich_route, weight, "weight", .otherwise = "1"),
    CMR_FIELD_END,
};

static const cmr_field server_fields[] = {
    CMR_FIELD_STRING(struct rich_server, name, "name", .required = true, .minimum = "1"),
    CMR_FIELD_INT(struct rich_server, port, "port", .otherwise = "80", .minimum = "1"),
    CMR_FIELD_LIST(struct rich_server, waits, wait_count, "waits", DURATION, .most = 3, .minimum = "1ms"),
    CMR_FIELD_STRUCTS(struct rich_server, routes, route_count, "routes", struct rich_route, route_fields,
                      .most = 2),
    CMR_FIELD_END,
};

static const cmr_field limits_fields[] = {
    CMR_FIELD_SIZE(struct rich_limits, memory, "memory", .minimum = "1Ki", .maximum = "1Gi"),
    CMR_FIELD_PERCENT(struct rich_limits, share, "share", .otherwise = "50%", .maximum = "100%"),
    CMR_FIELD_STRUCT(struct rich_limits, fallback, "fallback", route_fields),
    CMR_FIELD_END,
};

static const cmr_field fields[] = {
    CMR_FIELD_BOOL(struct rich, on, "on", .text = "Whether it runs"),
    CMR_FIELD_INT(struct rich, backlog, "backlog", .otherwise = "128", .minimum = "-1", .maximum = "4096"),
    CMR_FIELD_INT(struct rich, mask, "mask"),
    CMR_FIELD_DOUBLE(struct rich, ratio, "ratio", .otherwise = "0.5", .minimum = "0", .maximum = "1"),
    CMR_FIELD_STRING(struct rich, title, "title", .maximum = "12"),
    CMR_FIELD_DURATION(struct rich, timeout, "timeout", .otherwise = "30s", .minimum = "10ms"),
    CMR_FIELD_SIZE(struct rich, cache, "cache", .otherwise = "1Mi"),
    CMR_FIELD_ENUM(struct rich, mode, "mode", .table = rich_modes, .otherwise = "fast"),
    CMR_FIELD_LOG_LEVEL(struct rich, level, "log_level", .otherwise = "info"),
    CMR_FIELD_IP(struct rich, bind, "net.bind", .otherwise = "127.0.0.1"),
    CMR_FIELD_CIDR(struct rich, allow, "net.allow", .otherwise = "10.0.0.0/8"),
    CMR_FIELD_LIST(struct rich, ports, port_count, "ports", INT, .otherwise = "80, 443", .least = 1,
                   .most = 4, .minimum = "1"),
    CMR_FIELD_LIST(struct rich, names, name_count, "names", STRING),
    CMR_FIELD_STRUCT(struct rich, limits, "limits", limits_fields),
    CMR_FIELD_STRUCTS(struct rich, servers, server_count, "servers", struct rich_server, server_fields,
                      .most = 4),
    CMR_FIELD_INT(struct rich, threads, "threads", .otherwise = "4", .restart = true),
    CMR_FIELD_STRING(struct rich, user, "user", .restart = true),
    CMR_FIELD_END,
};

const cmr_schema rich_schema =
    CMR_SCHEMA(struct rich, fields, .unknown = CMR_UNKNOWN_WARN, .name = "Rich", .text = "All kinds.");
const cmr_schema rich_schema_strict = CMR_SCHEMA(struct rich, fields, .unknown = CMR_UNKNOWN_REFUSE);

/* ---- as text */

static struct {
    char text[16384];
    size_t length;
} out;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out.text + out.length, sizeof out.text - out.length, format, arguments);
    va_end(arguments);
    out.length += (size_t)length;
    if (out.length >= sizeof out.text)
        out.length = sizeof out.text - 1;
}

static void put_ip(const cmr_ip *ip)
{
    put("v%d:", ip->version);
    for (size_t i = 0; i < (ip->version == 6 ? 16 : 4); i++)
        put("%02x", ip->bytes[i]);
}

static void put_route(const struct rich_route *route)
{
    put("(%s %d)", route->path ? route->path : "-", route->weight);
}

static void put_server(const struct rich_server *server)
{
    put(" {%s:%u", server->name ? server->name : "-", server->port);
    for (size_t i = 0; i < server->wait_count; i++)
        put(" %" PRId64, server->waits[i]);
    for (size_t i = 0; i < server->route_count; i++)
        put_route(&server->routes[i]);
    put("}");
}

const char *rich_text(const struct rich *rich)
{
    out.length = 0;
    put("on=%d backlog=%d mask=%" PRIu32 " ratio=%g title=%s timeout=%" PRId64 " cache=%" PRIu64, rich->on,
        rich->backlog, rich->mask, rich->ratio, rich->title ? rich->title : "-", rich->timeout, rich->cache);
    put(" mode=%d level=%d bind=", rich->mode, rich->level);
    put_ip(&rich->bind);
    put(" allow=");
    put_ip(&rich->allow.ip);
    put("/%d ports=[", rich->allow.prefix);
    for (size_t i = 0; i < rich->port_count; i++)
        put("%s%u", i ? " " : "", rich->ports[i]);
    put("] names=[");
    for (size_t i = 0; i < rich->name_count; i++)
        put("%s%s", i ? "|" : "", rich->names[i]);
    put("] memory=%" PRIu64 " share=%g fallback=", rich->limits.memory, rich->limits.share);
    put_route(&rich->limits.fallback);
    put(" servers=");
    for (size_t i = 0; i < rich->server_count; i++)
        put_server(&rich->servers[i]);
    put(" threads=%ld user=%s", rich->threads, rich->user ? rich->user : "-");
    return out.text;
}
