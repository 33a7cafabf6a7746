/* SPDX-License-Identifier: MIT
 *
 * A manifest file is split into its documents, and each is read by the library as one YAML file, since
 * the library's reader takes one document and knows the line and column of everything in it. Lines are
 * counted from the document's first; `first_line` puts them back into the file.
 *
 * The split is at lines that begin with "---" and a blank or nothing behind it, where kubectl splits
 * too. (No YAML scalar and no JSON text can hold such a line.) What has nothing but comments and %YAML
 * directives before it belongs to the document that follows. */
#include "cli/documents.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/json_in.h"
#include "cli/reading.h"
#include "cli/util.h"

#define MAX_SIZE ((size_t)16 * 1024 * 1024)

static const char blanks[] = " \t\r\n";

static bool is_marker(const char *line, size_t length)
{
    return length >= 3 && memcmp(line, "---", 3) == 0 && (length == 3 || strchr(blanks, line[3]));
}

/* Whether the line belongs to a document's content. */
static bool has_content(const char *line, size_t length)
{
    size_t at = is_marker(line, length) ? 3 : 0;

    if (length && line[0] == '%')
        return false;
    while (at < length && strchr(blanks, line[at]))
        at++;
    return at < length && line[at] != '#';
}

static int add(struct documents *documents, const char *from, const char *to, unsigned first_line)
{
    size_t count = documents->count;
    struct document *items;

    /* Room grows by doubling: whenever the count is a power of two. */
    if ((count & (count - 1)) == 0) {
        items = realloc(documents->items, (count ? 2 * count : 1) * sizeof(*items));
        if (!items)
            return cli_fail(CLI_FAILED, "out of memory");
        documents->items = items;
    }
    documents->items[count] = (struct document){ from, (size_t)(to - from), first_line, NULL };
    documents->count++;
    return CLI_DONE;
}

static int split(struct documents *documents, const char *text, size_t length)
{
    const char *end = text + length, *start = text, *line = text;
    unsigned number = 1, first = 1;
    bool content = false;

    for (; line < end; number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((stop ? stop + 1 : end) - line);
        if (content && is_marker(line, size)) {
            if (add(documents, start, line, first) != CLI_DONE)
                return CLI_FAILED;
            content = false;
            start = line;
            first = number;
        }
        content = content || has_content(line, size);
        line += size;
    }
    return content ? add(documents, start, end, first) : CLI_DONE;
}

/* Whether its first character is a brace. */
static bool is_json(const struct document *document)
{
    size_t at = is_marker(document->text, document->length) ? 3 : 0;

    if (document->length >= 3 && memcmp(document->text, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < document->length && strchr(blanks, document->text[at]))
        at++;
    return at < document->length && document->text[at] == '{';
}

static int parse(const struct documents *documents, struct document *document)
{
    static const cmr_format_rule rules[] = { { "**", "yaml" }, { NULL, NULL } };
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cli_cleanup(cli_free_ptr) char *json = NULL;
    cmr_file file = { .name = "m", .data = document->text, .size = document->length };
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_status status;

    mount.formats = rules;
    mount.limits = (cmr_limits){
        .file_size = 8 * MAX_SIZE, .generation_size = 8 * MAX_SIZE, .depth = 250, .entries = 4000000
    };
    if (is_json(document)) {
        json = json_in_convert(document->text, document->length, &file.size);
        if (!json)
            return cli_fail(CLI_FAILED, "out of memory");
        file.data = json;
    }
    status = cmr_snapshot_from_files(&file, 1, &mount, &report, &document->snapshot);
    if (status == CMR_OK)
        return CLI_DONE;
    if (report)
        return cli_print_report(report, documents->file, document->first_line);
    return cli_fail_status(documents->file, status);
}

int documents_read(const char *path, struct documents *ret_documents)
{
    struct documents documents = { .file = strcmp(path, "-") == 0 ? "stdin" : path };
    size_t length;
    int status = cli_read_input(path, true, MAX_SIZE, &documents.text, &length);

    if (status == CLI_DONE)
        status = split(&documents, documents.text, length);
    for (size_t i = 0; i < documents.count && status == CLI_DONE; i++)
        status = parse(&documents, &documents.items[i]);
    if (status != CLI_DONE)
        documents_clear(&documents);
    else
        *ret_documents = documents;
    return status;
}

void documents_clear(struct documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        cmr_snapshot_unref(documents->items[i].snapshot);
    free(documents->items);
    free(documents->text);
    *documents = (struct documents){ 0 };
}
