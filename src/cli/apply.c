/* SPDX-License-Identifier: MIT
 *
 * cmreload apply: a ConfigMap volume without a cluster. Everything is read and checked before the
 * volume is touched; then the library writes it as the kubelet would.
 *
 * With --merge what is given is laid over what the volume holds, which is what editing some keys of a
 * ConfigMap comes to. Items are projected first: the volume's files are named by path already. */
#include <string.h>

#include "cli/arguments.h"
#include "cli/manifest.h"
#include "cli/reading.h"
#include "cli/sources.h"
#include "cli/util.h"

enum {
    OPTION_FROM_FILE = 1400,
    OPTION_FROM_LITERAL,
    OPTION_NAME,
    OPTION_ITEM,
    OPTION_MERGE,
    OPTION_STOP_AFTER,
};

struct apply {
    struct cli_list files, literals, items;
    const char *manifest;
    const char *name;
    bool merge;
    const char *stop_after; /* NULL: whole */
};

static int collect(const struct apply *apply, struct payload *payload)
{
    int status;

    if (apply->manifest)
        return manifest_read(&cli_apply, apply->manifest, apply->name, payload);
    status = sources_add_files(&cli_apply, &apply->files, payload);
    return status == CLI_DONE ? sources_add_literals(&cli_apply, &apply->literals, payload) : status;
}

/* Adds what the volume holds, if there is one, where no name is taken. */
static int merge(const char *dir, struct payload *payload)
{
    static const cmr_format_rule as_bytes[] = { { "**", "bytes" }, { NULL, NULL } };
    cli_cleanup(payload_clear) struct payload current = PAYLOAD_INIT;
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_status status;

    mount.kind = CMR_KIND_VOLUME;
    mount.formats = as_bytes;
    status = cmr_snapshot_read(dir, &mount, &report, &snapshot);
    if (status == CMR_ERR_NOT_FOUND) /* whatever else is there is refused when it is to be written */
        return CLI_DONE;
    if (status == CMR_ERR_REJECTED)
        return cli_print_report(report, NULL, 1);
    if (status != CMR_OK)
        return cli_fail_status(dir, status);
    if (payload_add_snapshot(&current, snapshot) != PAYLOAD_OK ||
        payload_merge(payload, &current) != PAYLOAD_OK)
        return cli_fail(CLI_FAILED, "out of memory");
    return CLI_DONE;
}

static int check_size(const struct payload *payload)
{
    size_t total = payload_total(payload);

    if (total <= PAYLOAD_MAX_SIZE)
        return CLI_DONE;
    return cli_fail(CLI_FAILED, "%zu bytes in all: a ConfigMap holds at most %zu", total, PAYLOAD_MAX_SIZE);
}

static int write_volume(const char *dir, const struct payload *payload, const char *stop_after)
{
    cli_cleanup(cli_free_ptr) cmr_file *files = payload_files(payload);
    cmr_volume_options options = CMR_VOLUME_OPTIONS_INIT;
    cmr_volume_result result = CMR_VOLUME_RESULT_INIT;

    options.stop_after = stop_after;
    if (!files)
        return cli_fail(CLI_FAILED, "out of memory");
    if (cmr_volume_write(dir, files, payload->count, &options, &result) != CMR_OK)
        return cli_fail(CLI_FAILED, "%s: %s", dir, result.message);
    if (result.written)
        printf("%s %s\n", stop_after ? "stopped" : "written", result.generation);
    else
        printf("unchanged\n");
    return CLI_DONE;
}

static int apply_to(const struct apply *apply, const char *dir)
{
    cli_cleanup(payload_clear) struct payload payload = PAYLOAD_INIT;
    int status = collect(apply, &payload);

    if (status == CLI_DONE)
        status = check_size(&payload);
    if (status == CLI_DONE)
        status = sources_project(&cli_apply, &apply->items, &payload);
    if (status == CLI_DONE && apply->merge)
        status = merge(dir, &payload);
    if (status == CLI_DONE && apply->merge)
        status = check_size(&payload);
    return status == CLI_DONE ? write_volume(dir, &payload, apply->stop_after) : status;
}

static int check(const struct apply *apply, const struct cli_line *line)
{
    bool given = apply->files.count || apply->literals.count;

    if (line->operand_count != 1)
        return cli_usage(line->command, "wanted DIR, one");
    if (given && apply->manifest)
        return cli_usage(line->command, "-f does not go with --from-file or --from-literal");
    if (!given && !apply->manifest)
        return cli_usage(line->command, "wanted --from-file, --from-literal or -f");
    if (apply->name && !apply->manifest)
        return cli_usage(line->command, "--name goes with -f");
    return CLI_DONE;
}

static int check_step(const struct cli_line *line, const char *name)
{
    static const char *const steps[] = { "generation", "files", "tmp-link", "swap", "links", "unlink" };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strcmp(steps[i], name) == 0)
            return CLI_DONE;
    }
    return cli_usage(line->command, "--stop-after %s: no such step", name);
}

static int take(struct apply *apply, const struct cli_line *line, int option)
{
    switch (option) {
    case OPTION_FROM_FILE:
        return cli_list_add(&apply->files, optarg);
    case OPTION_FROM_LITERAL:
        return cli_list_add(&apply->literals, optarg);
    case OPTION_ITEM:
        return cli_list_add(&apply->items, optarg);
    case OPTION_NAME:
        apply->name = optarg;
        return CLI_DONE;
    case OPTION_MERGE:
        apply->merge = true;
        return CLI_DONE;
    case OPTION_STOP_AFTER:
        apply->stop_after = optarg;
        return check_step(line, optarg);
    default:
        if (apply->manifest)
            return cli_usage(line->command, "-f twice");
        apply->manifest = optarg;
        return CLI_DONE;
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "from-file", required_argument, NULL, OPTION_FROM_FILE },
        { "from-literal", required_argument, NULL, OPTION_FROM_LITERAL },
        { "filename", required_argument, NULL, 'f' },
        { "name", required_argument, NULL, OPTION_NAME },
        { "item", required_argument, NULL, OPTION_ITEM },
        { "merge", no_argument, NULL, OPTION_MERGE },
        { "stop-after", required_argument, NULL, OPTION_STOP_AFTER },
        CLI_LAST_OPTIONS,
    };
    struct cli_line line = {
        .command = &cli_apply, .argc = argc, .argv = argv, .shorts = "f:", .options = options
    };
    struct apply apply = { 0 };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&apply, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&apply, &line));
    if (!line.ended)
        line.status = apply_to(&apply, line.operands[0]);
    free(apply.files.items);
    free(apply.literals.items);
    free(apply.items.items);
    return line.status;
}

const struct cli_command cli_apply = {
    .name = "apply",
    .summary = "write a directory as the kubelet writes a ConfigMap volume",
    .usage = "DIR (--from-file=[KEY=]PATH|FOLDER...\n"
             "                       --from-literal=KEY=VALUE...\n"
             "                       | -f FILE|- [--name N]) [--item KEY=PATH...] [--merge]",
    .help = "Makes DIR hold these contents, written as the kubelet does it: a generation\n"
            "directory, the swap of the ..data link, a link for each key, the old generation\n"
            "removed. DIR is created if missing. For instance\n"
            "  cmreload apply /tmp/config --from-file=conf.d --from-literal=log_level=info\n"
            "  cmreload apply /tmp/config -f configmap.yaml\n"
            "\n"
            "  --from-file=PATH       a file, under its own name; all files of a folder\n"
            "  --from-file=KEY=PATH   a file, under this key\n"
            "  --from-literal=KEY=VALUE\n"
            "  -f, --filename FILE    a manifest of kind ConfigMap, in YAML or JSON\n"
            "  --name NAME            which ConfigMap, if the manifest holds several\n"
            "  --item KEY=PATH        only this key, as the file PATH; may be repeated\n"
            "  --merge                keep what DIR holds besides\n"
            "\n"
            "Keys and sizes are kubectl's: letters, digits, '-', '_' and '.', 1 MiB in all.\n"
            "Prints 'written GENERATION', or 'unchanged' if DIR holds the same already.\n"
            "\n"
            "For tests of programs that follow a volume:\n"
            "  --stop-after STEP      end as if killed behind a step of the update, and print\n"
            "                         'stopped GENERATION'. The steps, in their order:\n"
            "      generation   the new generation's directory was made, and is empty\n"
            "      files        all its files are written\n"
            "      tmp-link     ..data_tmp points at it\n"
            "      swap         ..data points at it; keys that are new have no link yet\n"
            "      links        they have; keys that are gone still have theirs, dangling\n"
            "      unlink       they have none; the old generation's directory is still there\n"
            "\n"
            "Exit status: 0 written or unchanged; 2 wrong usage; 3 not readable, refused by\n"
            "a rule above, or DIR is neither empty nor such a volume.\n",
    .run = run,
};
