/* SPDX-License-Identifier: MIT
 *
 * What cmreload watch prints. A generation that changes nothing for the subscriber prints nothing: the
 * line "applied" closes each batch that was delivered, and is not the library's event of that name. The
 * stream is the product here, so rejections and states go to stdout like the changes, in their order. */
#include "cli/watch_out.h"

#include <inttypes.h>

#include "cli/change.h"
#include "cli/json_out.h"

static void change_json(const struct watch_out *out, const cmr_change *change, uint64_t generation)
{
    json_begin(change_name(change));
    json_text("mount", change->mount);
    json_number("generation", generation);
    change_members(change, out->typing);
    json_end();
}

void watch_out_update(const struct watch_out *out, const cmr_update *update)
{
    const cmr_snapshot *after = cmr_update_after(update);
    uint64_t generation = cmr_snapshot_generation(after);
    size_t count = cmr_update_count(update);

    for (size_t i = 0; i < count; i++) {
        if (out->json)
            change_json(out, cmr_update_change(update, i), generation);
        else
            change_line(cmr_update_change(update, i), out->typing);
        fflush(stdout);
    }
    if (out->json) {
        json_begin("applied");
        json_number("generation", generation);
        json_number("changes", count);
        json_text("hash", cmr_snapshot_hash(after, NULL));
        json_end();
    } else {
        printf("applied generation %" PRIu64 ", %zu change%s\n", generation, count, count == 1 ? "" : "s");
    }
    fflush(stdout);
}

static void ready(const struct watch_out *out, const cmr_event *event)
{
    if (!out->json) {
        printf("ready generation %" PRIu64 "\n", event->generation);
        return;
    }
    json_begin("ready");
    json_number("generation", event->generation);
    json_text("hash", event->hash);
    json_end();
}

static void rejected_json(const cmr_event *event)
{
    json_begin("rejected");
    json_number("applied_generation", event->generation);
    json_text("target", event->target);
    json_array_open("diagnostics");
    for (size_t i = 0; i < cmr_report_count(event->report); i++)
        json_diagnostic(i, cmr_report_get(event->report, i));
    json_array_close();
    json_end();
}

static void rejected_lines(const cmr_event *event)
{
    size_t count = cmr_report_count(event->report);

    printf("rejected %s, %zu error%s", event->target, count, count == 1 ? "" : "s");
    if (event->generation)
        printf(", generation %" PRIu64 " stays", event->generation);
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        const cmr_diagnostic *problem = cmr_report_get(event->report, i);
        printf("  %s:", problem->file);
        if (problem->line)
            printf("%u:", problem->line);
        if (problem->line && problem->column)
            printf("%u:", problem->column);
        printf(" %s\n", problem->message);
    }
}

static void state(const struct watch_out *out, const cmr_event *event)
{
    const char *name = cmr_mount_state_name(event->state);

    if (!out->json) {
        printf("state %s%s%s\n", name, event->message[0] ? ": " : "", event->message);
        return;
    }
    json_begin("state");
    json_text("mount", event->mount);
    json_text("state", name);
    json_text("reason", cmr_mount_reason_name(event->reason));
    json_text("message", event->message);
    json_end();
}

void watch_out_event(const struct watch_out *out, const cmr_event *event)
{
    switch (event->kind) {
    case CMR_EVENT_READY:
        ready(out, event);
        break;
    case CMR_EVENT_REJECTED:
        if (out->json)
            rejected_json(event);
        else
            rejected_lines(event);
        break;
    case CMR_EVENT_STATE:
        state(out, event);
        break;
    default:
        break;
    }
    fflush(stdout);
}
