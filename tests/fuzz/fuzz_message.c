/* SPDX-License-Identifier: MIT
 *
 * Messages as they might come over a socket. What is decoded is encoded and decoded again, and is the same,
 * byte by byte of its second encoding; what is refused has a reason. A first byte of 0xff means that the rest
 * is the packet; else the magic and a kind stand before it, which no fuzzer should have to guess. */
#include <string.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "share/message.h"
#include "share/message_layout.h"

static void check_text(const char *text)
{
    FUZZ_REQUIRE(cmr__utf8_valid_prefix(text, strlen(text)) == strlen(text));
}

static void check_report(const cmr_report *report)
{
    FUZZ_REQUIRE(cmr_report_count(report) <= CMR__REPORT_MAX + 1);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        check_text(diagnostic->file);
        check_text(diagnostic->key);
        check_text(diagnostic->message);
        FUZZ_REQUIRE(diagnostic->status <= CMR_OK && diagnostic->status >= CMR_ERR_AGAIN);
    }
}

static void check_news(const struct cmr__news *news)
{
    FUZZ_REQUIRE(news->publisher > 0);
    for (size_t i = 0; i < news->mount_count; i++) {
        const struct cmr__news_mount *mount = &news->mounts[i];
        check_text(mount->message);
        FUZZ_REQUIRE(strlen(mount->mounted_target) < sizeof mount->mounted_target);
        FUZZ_REQUIRE(strcmp(cmr_mount_state_name(mount->state), "?") != 0);
        FUZZ_REQUIRE(strcmp(cmr_mount_reason_name(mount->reason), "?") != 0);
        FUZZ_REQUIRE(strcmp(cmr_mount_kind_name(mount->kind), "?") != 0);
        FUZZ_REQUIRE(strcmp(cmr_boot_source_name(mount->applied_from), "?") != 0);
        check_report(mount->report);
    }
}

/* Reports are sorted by decoding, so the first encoding may differ from what came; the second may not. */
static void check_again(const struct cmr__message *message)
{
    struct cmr__buffer first = CMR__BUFFER_INIT, second = CMR__BUFFER_INIT;
    struct cmr__message again;
    FUZZ_REQUIRE(cmr__message_encode(message, &first) == CMR_OK);
    FUZZ_REQUIRE(cmr__message_decode(first.data, first.size, &again, NULL) == CMR_OK);
    FUZZ_REQUIRE(cmr__message_encode(&again, &second) == CMR_OK);
    FUZZ_REQUIRE(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    cmr__message_reset(&again);
    cmr__buffer_reset(&first);
    cmr__buffer_reset(&second);
}

static void decode(const void *bytes, size_t size)
{
    struct cmr__message message;
    const char *reason = NULL;
    char *copy = malloc(size ? size : 1); /* of just that size */
    FUZZ_REQUIRE(copy);
    memcpy(copy, bytes, size);
    cmr_status status = cmr__message_decode(copy, size, &message, &reason);
    free(copy);
    if (status != CMR_OK) {
        FUZZ_REQUIRE(status == CMR_ERR_REJECTED && reason);
        return;
    }
    if (message.kind == CMR__MESSAGE_NEWS)
        check_news(&message.news);
    if (message.kind == CMR__MESSAGE_ANSWER)
        check_text(message.answer.message);
    check_again(&message);
    cmr__message_reset(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    if (size == 0)
        return 0;
    if (data[0] != 0xff) {
        const uint32_t head[] = { CMR__MESSAGE_MAGIC, data[0] % 6u };
        cmr__buffer_append(&bytes, head, sizeof head);
    }
    cmr__buffer_append(&bytes, data + 1, size - 1);
    FUZZ_REQUIRE(!bytes.failed);
    decode(bytes.data ? bytes.data : "", bytes.size);
    cmr__buffer_reset(&bytes);
    return 0;
}
