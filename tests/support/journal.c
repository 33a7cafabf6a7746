/* SPDX-License-Identifier: MIT
 *
 * Events and changes as lines. */
#include "support/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

__attribute__((format(printf, 2, 3))) static void add(struct journal *journal, const char *format, ...)
{
    size_t length = strlen(journal->text), room = sizeof journal->text - length;
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(journal->text + length, room, format, arguments);
    va_end(arguments);
    if (more < 0 || (size_t)more >= room) {
        fprintf(stderr, "journal: too small\n");
        abort();
    }
}

void journal_add(struct journal *journal, const char *line)
{
    add(journal, "%s\n", line);
}

const char *journal_take(struct journal *journal)
{
    memcpy(journal->taken, journal->text, sizeof journal->taken);
    journal->text[0] = '\0';
    return journal->taken;
}

static void add_report(struct journal *journal, const char *what, const cmr_event *event)
{
    for (size_t i = 0; i < cmr_report_count(event->report); i++) {
        const cmr_diagnostic *one = cmr_report_get(event->report, i);
        add(journal, "%s %" PRIu64 " %s:%u:%u [%s]\n", what, event->generation, one->file, one->line,
            one->column, one->key);
    }
}

void journal_event(void *user, const cmr_event *event)
{
    struct journal *journal = user;
    switch (event->kind) {
    case CMR_EVENT_READY:
    case CMR_EVENT_APPLIED:
        add(journal, "%s %" PRIu64 "\n", event->kind == CMR_EVENT_READY ? "ready" : "applied",
            event->generation);
        add_report(journal, "kept", event);
        break;
    case CMR_EVENT_REJECTED:
        add_report(journal, "rejected", event);
        break;
    case CMR_EVENT_STATE:
        add(journal, "state %s %s\n", event->mount, cmr_mount_state_name(event->state));
        break;
    case CMR_EVENT_FAILED:
        add(journal, "failed %s\n", event->mount);
        break;
    case CMR_EVENT_SHARED:
        add(journal, "shared %" PRIu64 "\n", event->generation);
        add_report(journal, "refused", event);
        break;
    }
}

static void add_value(struct journal *journal, const cmr_value *value)
{
    switch (value->type) {
    case CMR_TYPE_BOOL:
        add(journal, "%s", value->as.boolean ? "true" : "false");
        break;
    case CMR_TYPE_INT64:
        add(journal, "%" PRId64, value->as.int64);
        break;
    case CMR_TYPE_UINT64:
        add(journal, "%" PRIu64, value->as.uint64);
        break;
    case CMR_TYPE_DOUBLE:
        add(journal, "%g", value->as.number);
        break;
    case CMR_TYPE_DURATION:
        add(journal, "%" PRId64 "ns", value->as.duration_ns);
        break;
    case CMR_TYPE_SIZE:
        add(journal, "%" PRIu64 "B", value->as.size);
        break;
    case CMR_TYPE_ENUM:
        add(journal, "#%d", value->as.enumeration);
        break;
    case CMR_TYPE_LOG_LEVEL:
        add(journal, "%s", cmr_log_level_name(value->as.level));
        break;
    case CMR_TYPE_PERCENT:
        add(journal, "%g%%", value->as.number);
        break;
    case CMR_TYPE_LIST:
    case CMR_TYPE_MAP:
        if (value->length)
            add(journal, "%s", value->text);
        else
            add(journal, "%s of %zu", cmr_type_name(value->type), value->as.count);
        break;
    default:
        add(journal, "%s", value->text);
    }
}

void journal_update(void *user, const cmr_update *update)
{
    struct journal *journal = user;
    journal->calls++;
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        add(journal, "%s%s=",
            change->kind == CMR_ADDED     ? "+"
            : change->kind == CMR_REMOVED ? "-"
                                          : "",
            change->key);
        if (change->old_value)
            add_value(journal, change->old_value);
        if (change->old_value && change->new_value)
            add(journal, ">");
        if (change->new_value)
            add_value(journal, change->new_value);
        add(journal, "\n");
    }
}

void journal_destroy(void *user)
{
    journal_add(user, "destroyed");
}

static int64_t patience_ms(void)
{
    const char *asked = getenv("CMRELOAD_PATIENCE_MS");
    return asked ? strtoll(asked, NULL, 10) : 30000;
}

bool journal_wait(struct journal *journal, cmr_reloader *reloader, const char *text)
{
    int64_t deadline = cmr__clock_after_ms(cmr__clock_now(), patience_ms());
    while (!strstr(journal->text, text)) {
        cmr_status status = cmr_reloader_wait(reloader, 1000);
        if ((status != CMR_OK && status != CMR_ERR_TIMEOUT) || cmr__clock_now() > deadline)
            return false;
    }
    return true;
}
