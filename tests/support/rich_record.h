/* SPDX-License-Identifier: MIT
 *
 * A schema with fields of all kinds, and its struct as text: for tests and the fuzz target. */
#ifndef CMRELOAD_TESTS_SUPPORT_RICH_RECORD_H
#define CMRELOAD_TESTS_SUPPORT_RICH_RECORD_H

#include "cmreload/cmreload.h"

enum rich_mode {
    RICH_SLOW = -1,
    RICH_FAST = 1
};

struct rich_route {
    const char *path;
    int8_t weight;
};

struct rich_server {
    const char *name;
    uint16_t port;
    const int64_t *waits;
    size_t wait_count;
    const struct rich_route *routes;
    size_t route_count;
};

struct rich_limits {
    uint64_t memory;
    double share;
    struct rich_route fallback;
};

struct rich {
    bool on;
    int backlog;
    uint32_t mask;
    double ratio;
    const char *title;
    int64_t timeout;
    uint64_t cache;
    int mode;
    cmr_log_level level;
    cmr_ip bind;
    cmr_cidr allow;
    const uint16_t *ports;
    size_t port_count;
    const char *const *names;
    size_t name_count;
    struct rich_limits limits;
    const struct rich_server *servers;
    size_t server_count;
    long threads;
    const char *user;
};

extern const cmr_enum_item rich_modes[];
extern const cmr_schema rich_schema;        /* unknown keys are told */
extern const cmr_schema rich_schema_strict; /* unknown keys are errors */

/* All members in one line; a static buffer. */
const char *rich_text(const struct rich *rich);

#endif
