/* SPDX-License-Identifier: MIT
 *
 * A value's diagnostic is what cmr_explain says, taken apart: it begins with the place and the key, which
 * are known, and what follows is the message. */
#include "cli/problems.h"

#include <string.h>

#include "cli/reading.h"
#include "cli/util.h"

static struct problem *add(struct problems *problems)
{
    size_t count = problems->count;
    struct problem *items;

    /* Room grows by doubling: whenever the count is a power of two. */
    if ((count & (count - 1)) == 0) {
        items = realloc(problems->items, (count ? 2 * count : 1) * sizeof(*items));
        if (!items)
            return NULL;
        problems->items = items;
    }
    problems->items[count] = (struct problem){ .text = NULL };
    problems->count++;
    return &problems->items[count];
}

int problems_add_report(struct problems *problems, const cmr_report *report)
{
    for (size_t i = 0; report && i < cmr_report_count(report); i++) {
        struct problem *problem = add(problems);
        if (!problem)
            return cli_fail(CLI_FAILED, "out of memory");
        problem->diagnostic = *cmr_report_get(report, i);
    }
    return CLI_DONE;
}

/* False: out of memory. */
static bool add_value(struct problems *problems, const cmr_snapshot *snapshot, const cmr_entry *entry,
                      const struct cli_typing *typing, cmr_status status)
{
    const cmr_value *value = &entry->value;
    size_t place = (size_t)snprintf(NULL, 0, "%s:%u:%u: ", value->file, value->line, value->column);
    size_t size = cmr_explain(snapshot, entry->key, typing->type, typing->table, NULL, 0) + 1;
    struct problem *problem = add(problems);
    char *text = problem ? malloc(size) : NULL, *key, *message;

    if (!text)
        return false;
    cmr_explain(snapshot, entry->key, typing->type, typing->table, text, size);
    key = text + place;
    message = key + strlen(entry->key) + strlen(": ");
    message[-2] = '\0';
    problem->text = text;
    problem->diagnostic = (cmr_diagnostic){ .status = status,
                                            .file = value->file,
                                            .line = value->line,
                                            .column = value->column,
                                            .key = key,
                                            .message = message };
    return true;
}

int problems_add_values(struct problems *problems, cmr_snapshot *snapshot, const char *patterns,
                        const struct cli_typing *typing)
{
    cli_cleanup(cli_free_cursor) cmr_cursor *cursor = NULL;
    const cmr_entry *entry;
    cmr_status status = cmr_cursor_new(snapshot, patterns, &cursor);

    if (status != CMR_OK)
        return cli_fail_status(patterns, status);
    while ((entry = cmr_cursor_next(cursor))) {
        cmr_value value;
        status = cmr_get(snapshot, entry->key, typing->type, typing->table, &value);
        if ((status == CMR_ERR_TYPE || status == CMR_ERR_RANGE) &&
            !add_value(problems, snapshot, entry, typing, status))
            return cli_fail(CLI_FAILED, "out of memory");
    }
    return cmr_cursor_failed(cursor) ? cli_fail(CLI_FAILED, "out of memory") : CLI_DONE;
}

int problems_add_unmatched(struct problems *problems, cmr_snapshot *snapshot, const char *patterns)
{
    cli_cleanup(cli_free_cursor) cmr_cursor *cursor = NULL;
    cmr_status status = cmr_cursor_new(snapshot, patterns, &cursor);
    struct problem *problem;

    if (status != CMR_OK)
        return cli_fail_status(patterns, status);
    if (cmr_cursor_next(cursor))
        return CLI_DONE;
    problem = cmr_cursor_failed(cursor) ? NULL : add(problems);
    if (!problem || !(problem->text = strdup(patterns)))
        return cli_fail(CLI_FAILED, "out of memory");
    problem->diagnostic = (cmr_diagnostic){ .status = CMR_OK,
                                            .file = "",
                                            .key = problem->text,
                                            .message = "nothing matches, so nothing is checked by it" };
    return CLI_DONE;
}

void problems_print(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        cli_print_diagnostic(&problems->items[i].diagnostic);
}

void problems_clear(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        free(problems->items[i].text);
    free(problems->items);
    *problems = (struct problems)PROBLEMS_INIT;
}
