/* SPDX-License-Identifier: MIT
 *
 * Writing a message. What must be told is added up first; the reports share what a packet has room for
 * besides, each at least its part of what is left. */
#include <string.h>

#include "base/utf8.h"
#include "share/message.h"
#include "share/message_layout.h"

static void put_u32(struct cmr__buffer *buffer, uint32_t number)
{
    cmr__buffer_append(buffer, &number, sizeof number);
}

static void put_u64(struct cmr__buffer *buffer, uint64_t number)
{
    cmr__buffer_append(buffer, &number, sizeof number);
}

static void put_bytes(struct cmr__buffer *buffer, const char *text)
{
    cmr__buffer_append(buffer, text, strlen(text) + 1);
}

/* As long as it was. */
static void put_text(struct cmr__buffer *buffer, const char *text)
{
    size_t left = strlen(text);
    for (;;) {
        size_t good = cmr__utf8_valid_prefix(text, left);
        cmr__buffer_append(buffer, text, good);
        if (good == left)
            break;
        cmr__buffer_append_char(buffer, '?');
        text += good + 1;
        left -= good + 1;
    }
    cmr__buffer_append_char(buffer, '\0');
}

/* Without the closing one, which is made anew. */
static size_t diagnostics_of(const cmr_report *report)
{
    return report->count - (report->dropped ? 1 : 0);
}

static void put_diagnostic(struct cmr__buffer *buffer, const cmr_diagnostic *diagnostic)
{
    put_u32(buffer, (uint32_t)diagnostic->status);
    put_u32(buffer, diagnostic->line);
    put_u32(buffer, diagnostic->column);
    put_text(buffer, diagnostic->file);
    put_text(buffer, diagnostic->key);
    put_text(buffer, diagnostic->message);
}

static size_t size_of_diagnostic(const cmr_diagnostic *diagnostic)
{
    return CMR__NEWS_DIAGNOSTIC_SIZE + strlen(diagnostic->file) + strlen(diagnostic->key) +
           strlen(diagnostic->message);
}

/* At most `room` bytes of diagnostics; how many were written. */
static size_t put_report(struct cmr__buffer *buffer, const cmr_report *report, size_t room)
{
    size_t start = buffer->size, count = 0, used = 0;
    put_u32(buffer, 0);
    put_u32(buffer, 0);
    for (size_t i = 0; i < diagnostics_of(report); i++) {
        size_t size = size_of_diagnostic(&report->items[i]);
        if (size > room - used)
            continue;
        put_diagnostic(buffer, &report->items[i]);
        used += size;
        count++;
    }
    size_t dropped = report->dropped + diagnostics_of(report) - count;
    const uint32_t numbers[2] = { (uint32_t)count, dropped < UINT32_MAX ? (uint32_t)dropped : UINT32_MAX };
    if (!buffer->failed)
        memcpy(buffer->data + start, numbers, sizeof numbers);
    return used;
}

static void put_mount(struct cmr__buffer *buffer, const struct cmr__news_mount *mount)
{
    put_u32(buffer, mount->state);
    put_u32(buffer, mount->reason);
    put_u32(buffer, mount->kind);
    put_u32(buffer, mount->applied_from);
    put_u32(buffer, mount->kept_files);
    put_u32(buffer, (mount->rejected ? CMR__NEWS_REJECTED : 0) | (mount->report ? CMR__NEWS_HAS_REPORT : 0));
    put_u64(buffer, mount->rejections);
    put_text(buffer, mount->message);
    put_bytes(buffer, mount->mounted_target);
}

/* What news take at least, and how many reports there are. */
static size_t size_of_news(const struct cmr__news *news, size_t *ret_reports)
{
    size_t size = CMR__MESSAGE_HEAD + CMR__NEWS_SIZE;
    *ret_reports = 0;
    for (size_t i = 0; i < news->mount_count; i++) {
        const struct cmr__news_mount *mount = &news->mounts[i];
        size += CMR__NEWS_MOUNT_SIZE + strlen(mount->message) + strlen(mount->mounted_target) +
                (mount->report ? CMR__NEWS_REPORT_SIZE : 0);
        *ret_reports += mount->report != NULL;
    }
    return size;
}

static cmr_status put_news(struct cmr__buffer *buffer, const struct cmr__news *news)
{
    size_t reports, size = size_of_news(news, &reports);
    if (size > CMR__MESSAGE_MAX)
        return CMR_ERR_LIMIT;
    size_t left = CMR__MESSAGE_MAX - size;
    put_u64(buffer, news->sequence);
    put_u64(buffer, (uint64_t)news->publisher);
    put_u64(buffer, news->generation);
    put_u32(buffer, (uint32_t)news->mount_count);
    for (size_t i = 0; i < news->mount_count; i++) {
        put_mount(buffer, &news->mounts[i]);
        if (news->mounts[i].report)
            left -= put_report(buffer, news->mounts[i].report, left / reports--);
    }
    return CMR_OK;
}

static void put_answer(struct cmr__buffer *buffer, const struct cmr__answer *answer)
{
    put_u64(buffer, answer->sequence);
    put_u64(buffer, answer->generation);
    put_u64(buffer, answer->refused);
    put_text(buffer, answer->message);
}

cmr_status cmr__message_encode(const struct cmr__message *message, struct cmr__buffer *buffer)
{
    cmr_status status = CMR_OK;
    put_u32(buffer, CMR__MESSAGE_MAGIC);
    put_u32(buffer, message->kind);
    switch (message->kind) {
    case CMR__MESSAGE_HELLO:
        put_u64(buffer, (uint64_t)message->hello.pid);
        break;
    case CMR__MESSAGE_NEWS:
        status = put_news(buffer, &message->news);
        break;
    case CMR__MESSAGE_ANSWER:
        put_answer(buffer, &message->answer);
        break;
    case CMR__MESSAGE_LOOK:
        break;
    }
    return buffer->failed ? CMR_ERR_NO_MEMORY : status;
}
