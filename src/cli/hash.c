/* SPDX-License-Identifier: MIT
 *
 * cmreload hash: the content hash, of a volume or of the manifest it is to come from. They are equal for
 * equal contents, so a hash in a pod template's annotation rolls the pods exactly when the contents
 * change; with --only it covers the keys that a program reads once, at its start, and live ones never
 * roll pods.
 *
 * The plain hash is over bytes: files are read by the rule "**" = bytes, and broken YAML does not matter.
 * --only needs the keys, so files are read in their own formats. */
#include "cli/contents.h"
#include "cli/json_out.h"
#include "cli/reading.h"
#include "cli/util.h"

enum {
    OPTION_ONLY = 1500,
    OPTION_PATCH,
};

struct hash {
    struct cli_reading reading;
    struct cli_contents contents;
    struct cli_list only;
    bool patch;
};

static int load(const struct hash *hash, const char *from, cmr_snapshot **ret_snapshot)
{
    static const cmr_format_rule as_bytes[] = { { "**", "bytes" }, { NULL, NULL } };
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cmr_mount_options mount = cli_reading_mount(&hash->reading);
    int status;

    if (!hash->only.count)
        mount.formats = as_bytes;
    status = cli_contents_load(&hash->contents, &cli_hash, from, &mount, &report, ret_snapshot);
    return status == CLI_NO ? cli_print_report(report, NULL, 1) : status;
}

static int make_hash(const struct hash *hash, const cmr_snapshot *snapshot, char ret_hash[CMR_HASH_SIZE])
{
    struct cli_line patterns = { .operands = hash->only.items, .operand_count = (int)hash->only.count };
    cli_cleanup(cli_free_ptr) char *pattern = cli_join_patterns(&patterns, 0);
    cmr_status status;

    if (!hash->only.count) {
        snprintf(ret_hash, CMR_HASH_SIZE, "%s", cmr_snapshot_hash(snapshot, NULL));
        return CLI_DONE;
    }
    status = pattern ? cmr_snapshot_hash_keys(snapshot, pattern, ret_hash) : CMR_ERR_NO_MEMORY;
    return status == CMR_OK ? CLI_DONE : cli_fail_status("--only", status);
}

static void print(const struct hash *hash, const char *text)
{
    if (hash->patch) {
        printf(
            "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"cmreload/config-hash\":\"%s\"}}}}}\n",
            text);
    } else if (hash->reading.json) {
        json_begin("hash");
        json_text("hash", text);
        json_end();
    } else {
        printf("%s\n", text);
    }
}

static int hash_from(const struct hash *hash, const char *from)
{
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    char text[CMR_HASH_SIZE];
    int status = load(hash, from, &snapshot);

    if (status == CLI_DONE)
        status = make_hash(hash, snapshot, text);
    if (status == CLI_DONE)
        print(hash, text);
    return status;
}

static int check(const struct hash *hash, const struct cli_line *line)
{
    if (line->operand_count != 1)
        return cli_usage(line->command, "wanted DIR, MANIFEST or -, one");
    if (hash->patch && hash->reading.json)
        return cli_usage(line->command, "--patch is JSON already: no --json with it");
    return CLI_DONE;
}

static int take_only(struct hash *hash, const struct cli_line *line)
{
    int status = cli_check_pattern(line->command, optarg);

    return status == CLI_DONE ? cli_list_add(&hash->only, optarg) : status;
}

static int take(struct hash *hash, const struct cli_line *line, int option)
{
    switch (option) {
    case CLI_OPTION_ITEM:
    case CLI_OPTION_NAME:
        return cli_contents_option(&hash->contents, option);
    case OPTION_ONLY:
        return take_only(hash, line);
    case OPTION_PATCH:
        hash->patch = true;
        return CLI_DONE;
    default:
        return cli_reading_option(&hash->reading, line, option);
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "only", required_argument, NULL, OPTION_ONLY },
        { "patch", no_argument, NULL, OPTION_PATCH },
        CLI_CONTENTS_OPTIONS,
        CLI_READING_OPTIONS,
        CLI_LAST_OPTIONS,
    };
    struct cli_line line = {
        .command = &cli_hash, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct hash hash = { .reading = CLI_READING_INIT, .contents = CLI_CONTENTS_INIT };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&hash, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&hash, &line));
    if (!line.ended)
        line.status = hash_from(&hash, line.operands[0]);
    cli_reading_clear(&hash.reading);
    cli_contents_clear(&hash.contents);
    free(hash.only.items);
    return line.status;
}

const struct cli_command cli_hash = {
    .name = "hash",
    .summary = "print the content hash of a volume or a manifest",
    .usage = "DIR|MANIFEST|- [--item KEY=PATH...] [--only PATTERN...]\n"
             "                         [--name N] [--patch]",
    .help =
        "Prints the content hash of a volume or directory, or of the volume that a manifest\n"
        "of kind ConfigMap makes (- is standard input): equal for equal contents. For\n"
        "instance\n"
        "  cmreload hash configmap.yaml --only 'app.yaml#server.**' --patch |\n"
        "    kubectl patch deployment app --patch-file /dev/stdin\n"
        "\n" CLI_CONTENTS_HELP
        "  --only PATTERN         only the keys that match; may be repeated. Comments\n"
        "                         and the order of entries do not count then\n"
        "  --patch                a patch that sets the hash as an annotation of the pods\n" CLI_READING_HELP
        "\n"
        "Exit status: 0 printed; 2 wrong usage; 3 not readable.\n",
    .run = run,
};
