/* SPDX-License-Identifier: MIT
 *
 * cmreload get: one value, for scripts. The value goes to stdout as it is, with one newline behind it
 * unless it is bytes; what is wrong goes to stderr with its place. A default stands in for a key that is
 * absent and for nothing else: a value that does not convert is an error with or without one. */
#include <string.h>

#include "cli/json_out.h"
#include "cli/reading.h"
#include "cli/typing.h"
#include "cli/utf8.h"
#include "cli/util.h"

struct get {
    struct cli_reading reading;
    struct cli_typing typing;
    const char *dir;
    const char *key;
    const char *otherwise; /* the default, or NULL */
};

static void print_plain(const struct get *get, const cmr_value *value, const struct cli_text *text)
{
    bool ends = text->length && text->data[text->length - 1] == '\n';

    fwrite(text->data, 1, text->length, stdout);
    if (value->type != CMR_TYPE_BYTES && !(ends && get->typing.type == CMR_TYPE_ANY))
        putchar('\n');
}

static void print_json(const struct get *get, const cmr_value *value, const struct cli_text *text,
                       bool absent)
{
    bool base64 = !utf8_valid(text->data, text->length);

    json_begin("value");
    json_text("key", get->key);
    json_text("type", cmr_type_name(value->type));
    json_value("value", text->data, text->length, base64);
    json_encoding(base64);
    if (absent) {
        json_text("from", "default");
    } else {
        json_text("file", value->file);
        json_number("line", value->line);
        json_number("column", value->column);
    }
    json_end();
}

static int print(const struct get *get, const cmr_value *value, bool absent)
{
    struct cli_text text;

    if ((value->type == CMR_TYPE_MAP || value->type == CMR_TYPE_LIST) && value->as.count)
        return cli_fail_at(value->file, value->line, value->column,
                           "%s: is a %s, no single value; see: cmreload dump", get->key,
                           cmr_type_name(value->type));
    cli_value_text(&get->typing, value, &text);
    if (get->reading.json)
        print_json(get, value, &text, absent);
    else
        print_plain(get, value, &text);
    return CLI_DONE;
}

/* Why the read fails; the caller's to free. NULL: out of memory. */
static char *explain(const struct get *get, const cmr_snapshot *snapshot)
{
    size_t length = cmr_explain(snapshot, get->key, get->typing.type, get->typing.table, NULL, 0);
    char *text = malloc(length + 1);

    if (text)
        cmr_explain(snapshot, get->key, get->typing.type, get->typing.table, text, length + 1);
    return text;
}

static int fail(const struct get *get, const cmr_snapshot *snapshot, bool absent)
{
    cli_cleanup(cli_free_ptr) char *text = explain(get, snapshot);

    if (!text)
        return cli_fail(CLI_FAILED, "out of memory");
    if (absent)
        return cli_fail(CLI_NO, "%s", text);
    fprintf(stderr, "%s\n", text);
    return CLI_FAILED;
}

static int look_up(const struct get *get)
{
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cmr_mount_options mount = cli_reading_mount(&get->reading);
    cmr_value value;
    int status = cli_read_volume(get->dir, &mount, &snapshot);

    if (status != CLI_DONE)
        return status;
    switch (cmr_get(snapshot, get->key, get->typing.type, get->typing.table, &value)) {
    case CMR_OK:
        return print(get, &value, false);
    case CMR_ERR_NOT_FOUND:
        break;
    default:
        return fail(get, snapshot, false);
    }
    if (!get->otherwise)
        return fail(get, snapshot, true);
    cmr_value_parse(get->otherwise, get->typing.type, get->typing.table, &value);
    return print(get, &value, true);
}

/* The default must be of the type even when it is not needed: better now than on the day it is. */
static int check(struct get *get, const struct cli_line *line)
{
    cmr_value value;
    int status = cli_typing_check(&get->typing, line);

    if (status != CLI_DONE)
        return status;
    if (line->operand_count != 2)
        return cli_usage(line->command, "wanted DIR and KEY");
    get->dir = line->operands[0];
    get->key = line->operands[1];
    if (get->otherwise &&
        cmr_value_parse(get->otherwise, get->typing.type, get->typing.table, &value) != CMR_OK)
        return cli_usage(line->command, "--default %s: not of type %s", get->otherwise,
                         cmr_type_name(get->typing.type));
    return cli_check_key(line->command, get->key);
}

static int take(struct get *get, const struct cli_line *line, int option)
{
    switch (option) {
    case 'd':
        get->otherwise = optarg;
        return CLI_DONE;
    case CLI_OPTION_TYPE:
    case CLI_OPTION_ENUM:
        return cli_typing_option(&get->typing, line, option);
    default:
        return cli_reading_option(&get->reading, line, option);
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "default", required_argument, NULL, 'd' }, CLI_TYPING_OPTIONS, CLI_READING_OPTIONS, CLI_LAST_OPTIONS
    };
    struct cli_line line = {
        .command = &cli_get, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct get get = { .reading = CLI_READING_INIT, .typing = CLI_TYPING_INIT };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&get, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&get, &line));
    if (!line.ended)
        line.status = look_up(&get);
    cli_typing_clear(&get.typing);
    cli_reading_clear(&get.reading);
    return line.status;
}

const struct cli_command cli_get = {
    .name = "get",
    .summary = "print one value",
    .usage = "DIR KEY [--type TYPE] [--default VALUE]",
    .help = "Prints the value of KEY in DIR, a volume, a plain directory or a single file.\n"
            "For instance\n"
            "  cmreload get /etc/config 'game.properties#lives' --type int64\n"
            "  cmreload get /etc/config log_level --type log_level --default info\n"
            "\n" CLI_TYPING_HELP
            "  --default VALUE        printed if there is no such key; must be of the type\n" CLI_READING_HELP
            "\n"
            "Without --type the value is printed as it stands in its file; with one in the\n"
            "type's own form (true, 12, 1.5, 1h30m0s, bytes as a number, 2001:db8::7). Of type\n"
            "bytes it is printed exactly, any other value with a newline behind it.\n"
            "\n"
            "Exit status: 0 printed; 1 no such key; 2 wrong usage; 3 not readable, or not of\n"
            "the type.\n",
    .run = run,
};
