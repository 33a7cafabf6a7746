/* SPDX-License-Identifier: MIT
 *
 * Reading a message. Both ends are one program, but which bytes come is up to whoever has the socket. After
 * the first fault everything reads as 0 and "", so that it is looked for once, at the end; nothing is
 * allocated then any more. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "share/message.h"
#include "share/message_layout.h"

struct reading {
    const char *at, *end;
    const char *wrong; /* NULL: nothing so far */
    bool failed;       /* out of memory */
};

static void refuse(struct reading *reading, const char *why)
{
    if (!reading->wrong)
        reading->wrong = why;
    reading->at = reading->end;
}

static void demand(struct reading *reading, bool condition, const char *why)
{
    if (!condition)
        refuse(reading, why);
}

static size_t left_of(const struct reading *reading)
{
    return (size_t)(reading->end - reading->at);
}

static void get(struct reading *reading, void *number, size_t size)
{
    if (left_of(reading) < size) {
        refuse(reading, "it ends too soon");
        memset(number, 0, size);
        return;
    }
    memcpy(number, reading->at, size);
    reading->at += size;
}

static uint32_t get_u32(struct reading *reading)
{
    uint32_t number;
    get(reading, &number, sizeof number);
    return number;
}

static uint64_t get_u64(struct reading *reading)
{
    uint64_t number;
    get(reading, &number, sizeof number);
    return number;
}

static int64_t get_pid(struct reading *reading)
{
    int64_t pid = (int64_t)get_u64(reading);
    demand(reading, pid > 0, "a process that cannot be");
    return pid;
}

/* In the packet. */
static const char *get_bytes(struct reading *reading)
{
    const char *text = reading->at;
    const char *end = left_of(reading) ? memchr(text, '\0', left_of(reading)) : NULL;
    if (!end) {
        refuse(reading, "a text without an end");
        return "";
    }
    reading->at = end + 1;
    return text;
}

static const char *get_text(struct reading *reading)
{
    const char *text = get_bytes(reading);
    size_t length = strlen(text);
    if (cmr__utf8_valid_prefix(text, length) == length)
        return text;
    refuse(reading, "a text that is not UTF-8");
    return "";
}

static void copy(struct reading *reading, const char *text, char *to, size_t size)
{
    size_t length = strlen(text);
    if (length < size)
        memcpy(to, text, length + 1);
    else
        refuse(reading, "a text that is too long");
}

/* A number of which the public names say whether there is such a one. */
static bool has_name(const char *name)
{
    return strcmp(name, "?") != 0;
}

static void get_diagnostic(struct reading *reading, cmr_report *report)
{
    int32_t status = (int32_t)get_u32(reading);
    unsigned line = get_u32(reading), column = get_u32(reading);
    const char *file = get_text(reading), *key = get_text(reading), *text = get_text(reading);
    demand(reading, status <= CMR_OK && status >= CMR_ERR_AGAIN, "a status that is not known");
    if (!reading->wrong)
        cmr__report_add(report, (cmr_status)status, file, line, column, key, "%s", text);
}

static cmr_report *get_report(struct reading *reading)
{
    uint32_t count = get_u32(reading), dropped = get_u32(reading);
    demand(reading, count <= CMR__REPORT_MAX, "more diagnostics than a report has");
    cmr_report *report = reading->wrong ? NULL : cmr__report_new();
    if (!report) {
        reading->failed |= !reading->wrong;
        return NULL;
    }
    for (uint32_t i = 0; i < count && !reading->wrong; i++)
        get_diagnostic(reading, report);
    report->dropped = dropped;
    cmr__report_finish(report);
    reading->failed |= report->failed;
    return report;
}

static void get_mount(struct reading *reading, struct cmr__news_mount *mount)
{
    mount->state = (cmr_mount_state)get_u32(reading);
    mount->reason = (cmr_mount_reason)get_u32(reading);
    mount->kind = (cmr_mount_kind)get_u32(reading);
    mount->applied_from = (cmr_boot_source)get_u32(reading);
    mount->kept_files = get_u32(reading);
    uint32_t flags = get_u32(reading);
    mount->rejections = get_u64(reading);
    mount->rejected = flags & CMR__NEWS_REJECTED;
    demand(reading, has_name(cmr_mount_state_name(mount->state)), "a state that is not known");
    demand(reading, has_name(cmr_mount_reason_name(mount->reason)), "a reason that is not known");
    demand(reading, has_name(cmr_mount_kind_name(mount->kind)), "a kind of mount that is not known");
    demand(reading, has_name(cmr_boot_source_name(mount->applied_from)), "a source that is not known");
    demand(reading, (flags & ~(uint32_t)(CMR__NEWS_REJECTED | CMR__NEWS_HAS_REPORT)) == 0,
           "flags that are not known");
    copy(reading, get_text(reading), mount->message, sizeof mount->message);
    copy(reading, get_bytes(reading), mount->mounted_target, sizeof mount->mounted_target);
    if (flags & CMR__NEWS_HAS_REPORT && !reading->wrong)
        mount->report = get_report(reading);
}

static void get_news(struct reading *reading, struct cmr__news *news)
{
    news->sequence = get_u64(reading);
    news->publisher = get_pid(reading);
    news->generation = get_u64(reading);
    uint32_t count = get_u32(reading);
    demand(reading, count <= left_of(reading) / CMR__NEWS_MOUNT_SIZE, "more mounts than it can hold");
    if (reading->wrong || count == 0)
        return;
    news->mounts = calloc(count, sizeof *news->mounts);
    reading->failed |= !news->mounts;
    news->mount_count = news->mounts ? count : 0;
    for (size_t i = 0; i < news->mount_count && !reading->wrong && !reading->failed; i++)
        get_mount(reading, &news->mounts[i]);
}

static void get_answer(struct reading *reading, struct cmr__answer *answer)
{
    answer->sequence = get_u64(reading);
    answer->generation = get_u64(reading);
    answer->refused = get_u64(reading);
    copy(reading, get_text(reading), answer->message, sizeof answer->message);
}

static void get_body(struct reading *reading, struct cmr__message *message)
{
    switch (message->kind) {
    case CMR__MESSAGE_HELLO:
        message->hello.pid = get_pid(reading);
        break;
    case CMR__MESSAGE_NEWS:
        get_news(reading, &message->news);
        break;
    case CMR__MESSAGE_ANSWER:
        get_answer(reading, &message->answer);
        break;
    case CMR__MESSAGE_LOOK:
        break;
    default:
        refuse(reading, "a kind that is not known");
    }
}

cmr_status cmr__message_decode(const void *bytes, size_t size, struct cmr__message *ret_message,
                               const char **ret_reason)
{
    struct cmr__message message = { 0 };
    struct reading reading = { bytes, (const char *)bytes + size, NULL, false };
    demand(&reading, size <= CMR__MESSAGE_MAX, "longer than a message can be");
    demand(&reading, get_u32(&reading) == CMR__MESSAGE_MAGIC, "no message of this machine and version");
    message.kind = (enum cmr__message_kind)get_u32(&reading);
    if (!reading.wrong)
        get_body(&reading, &message);
    if (!reading.failed)
        demand(&reading, left_of(&reading) == 0, "more than it should hold");
    if (!reading.wrong && !reading.failed) {
        *ret_message = message;
        return CMR_OK;
    }
    cmr__message_reset(&message);
    if (!reading.wrong)
        return CMR_ERR_NO_MEMORY;
    if (ret_reason)
        *ret_reason = reading.wrong;
    return CMR_ERR_REJECTED;
}

void cmr__message_reset(struct cmr__message *message)
{
    if (message->kind == CMR__MESSAGE_NEWS) {
        for (size_t i = 0; i < message->news.mount_count; i++)
            cmr_report_free(message->news.mounts[i].report);
        free(message->news.mounts);
    }
    *message = (struct cmr__message){ 0 };
}
