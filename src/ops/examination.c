/* SPDX-License-Identifier: MIT
 *
 * The list that those who examine fill. A volume may hold thousands of files that nobody can read: the first
 * of them tell as much as all. */
#include "ops/examination.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OF_A_TOPIC 20
#define LONGEST_NAME 200

cmr_examination *cmr__examination_new(void)
{
    cmr_examination *examination = calloc(1, sizeof *examination);
    if (examination)
        examination->verdict.message = examination->message;
    return examination;
}

size_t cmr_examination_count(const cmr_examination *examination)
{
    return examination->findings.size / sizeof(cmr_finding);
}

static cmr_finding *at(const cmr_examination *examination, size_t index)
{
    return (cmr_finding *)(void *)examination->findings.data + index;
}

const cmr_finding *cmr_examination_get(const cmr_examination *examination, size_t index)
{
    return index < cmr_examination_count(examination) ? at(examination, index) : NULL;
}

const cmr_verdict *cmr_examination_verdict(const cmr_examination *examination)
{
    return &examination->verdict;
}

void cmr_examination_free(cmr_examination *examination)
{
    if (!examination)
        return;
    for (size_t i = 0; i < cmr_examination_count(examination); i++)
        free((void *)(uintptr_t)at(examination, i)->message);
    cmr__buffer_reset(&examination->findings);
    free(examination);
}

void cmr__examination_free_place(cmr_examination **place)
{
    cmr_examination_free(*place);
}

static size_t count_of(const cmr_examination *examination, const struct cmr__topic *topic)
{
    size_t count = 0;
    for (size_t i = 0; i < cmr_examination_count(examination); i++)
        count += strcmp(at(examination, i)->subject, topic->subject) == 0;
    return count;
}

static void keep(cmr_examination *examination, const struct cmr__topic *topic, struct cmr__buffer *message)
{
    char *text = cmr__buffer_take(message);
    cmr_finding *finding = text ? cmr__buffer_extend(&examination->findings, sizeof *finding) : NULL;
    if (finding)
        *finding = (cmr_finding){ topic->level, topic->subject, text, topic->advice };
    else
        free(text);
    examination->failed |= !finding;
}

void cmr__examination_add(cmr_examination *examination, const struct cmr__topic *topic, const char *name,
                          const char *format, ...)
{
    struct cmr__buffer message = CMR__BUFFER_INIT;
    size_t count = count_of(examination, topic);
    va_list arguments;
    if (count > MOST_OF_A_TOPIC)
        return;
    if (count == MOST_OF_A_TOPIC) {
        cmr__buffer_append_text(&message, "and more like these");
    } else {
        if (name)
            cmr__buffer_append_quoted(&message, name, strlen(name), LONGEST_NAME);
        cmr__buffer_append_text(&message, name ? ": " : "");
        va_start(arguments, format);
        cmr__buffer_vprintf(&message, format, arguments);
        va_end(arguments);
    }
    keep(examination, topic, &message);
}

const char *cmr_finding_level_name(cmr_finding_level level)
{
    switch (level) {
    case CMR_FINDING_OK:
        return "ok";
    case CMR_FINDING_NOTE:
        return "note";
    case CMR_FINDING_WARNING:
        return "warning";
    case CMR_FINDING_PROBLEM:
        return "problem";
    }
    return "?";
}

const char *cmr_follow_mode_name(cmr_follow_mode follow)
{
    switch (follow) {
    case CMR_FOLLOW_WAITING:
        return "waiting";
    case CMR_FOLLOW_EVENTS:
        return "events";
    case CMR_FOLLOW_POLLING:
        return "polling";
    case CMR_FOLLOW_NEVER:
        return "never";
    }
    return "?";
}
