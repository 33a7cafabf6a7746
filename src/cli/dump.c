/* SPDX-License-Identifier: MIT
 *
 * cmreload dump: all that a volume says, a line for each key, for eyes, grep and cut: KEY, TYPE, VALUE
 * and FILE:LINE with tabs between. A value is one line and has no tab: what could be misread (line
 * breaks, quotes at its beginning, blanks at its ends, nothing at all) stands in quotes, as in JSON;
 * bytes that are not UTF-8 stand as base64:... */
#include <string.h>

#include "cli/base64.h"
#include "cli/json_out.h"
#include "cli/reading.h"
#include "cli/utf8.h"
#include "cli/util.h"

enum {
    OPTION_FILES = 1200
};

struct dump {
    struct cli_reading reading;
    bool files;
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool needs_quotes(const char *text, size_t length)
{
    static const char marked[] = "base64:";

    if (length == 0 || text[0] == '"' || is_blank(text[0]) || is_blank(text[length - 1]))
        return true;
    if (length >= sizeof(marked) - 1 && memcmp(text, marked, sizeof(marked) - 1) == 0)
        return true;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return true;
    }
    return false;
}

static void print_value(const cmr_value *value)
{
    bool plain = value->type != CMR_TYPE_STRING && value->type != CMR_TYPE_BYTES;

    if (value->secret) {
        fputs("(secret)", stdout);
    } else if (!utf8_valid(value->text, value->length)) {
        fputs("base64:", stdout);
        for (size_t i = 0; i < value->length; i += 3) {
            char group[BASE64_LENGTH(3) + 1];
            base64_encode(value->text + i, value->length - i < 3 ? value->length - i : 3, group);
            fputs(group, stdout);
        }
    } else if (!plain && needs_quotes(value->text, value->length)) {
        json_put_quoted(value->text, value->length);
    } else {
        fwrite(value->text, 1, value->length, stdout);
    }
}

static void value_members(const cmr_value *value)
{
    bool base64 = !utf8_valid(value->text, value->length);

    if (value->secret) {
        json_bool("secret", true);
        return;
    }
    json_value("value", value->text, value->length, base64);
    json_encoding(base64);
}

static void print_entry(const cmr_entry *entry, bool json)
{
    const cmr_value *value = &entry->value;

    if (!json) {
        printf("%s\t%s\t", entry->key, cmr_type_name(value->type));
        print_value(value);
        printf("\t%s:%u\n", value->file, value->line);
        return;
    }
    json_begin("entry");
    json_text("mount", entry->mount);
    json_text("key", entry->key);
    json_text("type", cmr_type_name(value->type));
    value_members(value);
    json_text("file", value->file);
    json_number("line", value->line);
    json_number("column", value->column);
    json_end();
}

static int print_entries(cmr_snapshot *snapshot, const char *pattern, bool json)
{
    cli_cleanup(cli_free_cursor) cmr_cursor *cursor = NULL;
    cmr_status status = cmr_cursor_new(snapshot, pattern, &cursor);
    const cmr_entry *entry;

    if (status != CMR_OK)
        return cli_fail_status(pattern, status);
    while ((entry = cmr_cursor_next(cursor)))
        print_entry(entry, json);
    return cmr_cursor_failed(cursor) ? cli_fail(CLI_FAILED, "out of memory") : CLI_DONE;
}

static void print_files(const cmr_snapshot *snapshot, bool json)
{
    cmr_file file;

    for (size_t i = 0; cmr_snapshot_file(snapshot, NULL, i, &file) == CMR_OK; i++) {
        if (!json) {
            printf("%s\t%zu\t%s\n", file.name, file.size, file.format);
            continue;
        }
        json_begin("file");
        json_text("name", file.name);
        json_number("size", file.size);
        json_text("format", file.format);
        json_end();
    }
}

static int look(const struct dump *dump, const struct cli_line *line)
{
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cli_cleanup(cli_free_ptr) char *pattern = cli_join_patterns(line, 1);
    cmr_mount_options mount = cli_reading_mount(&dump->reading);
    int status = cli_read_volume(line->operands[0], &mount, &snapshot);

    if (status != CLI_DONE)
        return status;
    if (!pattern)
        return cli_fail(CLI_FAILED, "out of memory");
    if (!dump->files)
        return print_entries(snapshot, pattern, dump->reading.json);
    print_files(snapshot, dump->reading.json);
    return CLI_DONE;
}

static int check(const struct dump *dump, const struct cli_line *line)
{
    int status = CLI_DONE;

    if (line->operand_count < 1)
        return cli_usage(line->command, "wanted DIR");
    if (dump->files && line->operand_count > 1)
        return cli_usage(line->command, "--files lists all files: no PATTERN with it");
    for (int i = 1; i < line->operand_count && status == CLI_DONE; i++)
        status = cli_check_pattern(line->command, line->operands[i]);
    return status;
}

static int take(struct dump *dump, const struct cli_line *line, int option)
{
    if (option == OPTION_FILES) {
        dump->files = true;
        return CLI_DONE;
    }
    return cli_reading_option(&dump->reading, line, option);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "files", no_argument, NULL, OPTION_FILES }, CLI_READING_OPTIONS, CLI_SECRET_OPTION, CLI_LAST_OPTIONS
    };
    struct cli_line line = {
        .command = &cli_dump, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct dump dump = { .reading = CLI_READING_INIT };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&dump, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&dump, &line));
    if (!line.ended)
        line.status = look(&dump, &line);
    cli_reading_clear(&dump.reading);
    return line.status;
}

const struct cli_command cli_dump = {
    .name = "dump",
    .summary = "print every key with its type, value and place; or the files",
    .usage = "DIR [PATTERN...] [--files]",
    .help = "Prints a line for each key of DIR, a volume, a plain directory or a single file,\n"
            "that a PATTERN matches (for all, if there is none): KEY, TYPE, VALUE and\n"
            "FILE:LINE, with tabs between. For instance\n"
            "  cmreload dump /etc/config 'app.yaml#server.**'\n"
            "\n"
            "  --files                the files instead: NAME, SIZE in bytes, FORMAT\n" CLI_READING_HELP
                CLI_SECRET_HELP "\n"
            "A value with line breaks, or blanks at its ends, is printed in quotes, as in\n"
            "JSON; bytes that are not UTF-8 as base64:... (with --json: \"encoding\":\"base64\").\n"
            "\n"
            "Exit status: 0 printed; 2 wrong usage; 3 not readable.\n",
    .run = run,
};
