/* SPDX-License-Identifier: MIT
 *
 * A directory is read as the library reads a volume. With items, and from a manifest, its files are first
 * collected as bytes, and then read as if a volume held them. The mount is called the same in all cases, so
 * that what comes of a manifest and of the directory it makes is the same too. */
#include "cli/contents.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/manifest.h"
#include "cli/reading.h"
#include "cli/util.h"

int cli_contents_option(struct cli_contents *contents, int option)
{
    if (option == CLI_OPTION_ITEM)
        return cli_list_add(&contents->items, optarg);
    contents->name = optarg;
    return CLI_DONE;
}

void cli_contents_clear(struct cli_contents *contents)
{
    free(contents->items.items);
    *contents = (struct cli_contents)CLI_CONTENTS_INIT;
}

bool cli_contents_is_dir(const char *from)
{
    struct stat info;

    return strcmp(from, "-") != 0 && stat(from, &info) == 0 && S_ISDIR(info.st_mode);
}

static int collect_dir(const char *dir, struct payload *payload, cmr_report **ret_report)
{
    static const cmr_format_rule as_bytes[] = { { "**", "bytes" }, { NULL, NULL } };
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    int status;

    mount.formats = as_bytes;
    status = cli_load_volume(dir, &mount, ret_report, &snapshot);
    if (status != CLI_DONE)
        return status;
    return payload_add_snapshot(payload, snapshot) == PAYLOAD_OK ? CLI_DONE
                                                                 : cli_fail(CLI_FAILED, "out of memory");
}

static int make_snapshot(const char *from, const struct payload *payload, const cmr_mount_options *mount,
                         cmr_report **ret_report, cmr_snapshot **ret_snapshot)
{
    cli_cleanup(cli_free_ptr) cmr_file *files = payload_files(payload);
    cmr_status status;

    if (!files)
        return cli_fail(CLI_FAILED, "out of memory");
    status = cmr_snapshot_from_files(files, payload->count, mount, ret_report, ret_snapshot);
    if (status == CMR_ERR_REJECTED)
        return CLI_NO;
    return status == CMR_OK ? CLI_DONE : cli_fail_status(from, status);
}

int cli_contents_load(const struct cli_contents *contents, const struct cli_command *command,
                      const char *from, const cmr_mount_options *mount, cmr_report **ret_report,
                      cmr_snapshot **ret_snapshot)
{
    cli_cleanup(payload_clear) struct payload payload = PAYLOAD_INIT;
    cmr_mount_options named = *mount;
    bool is_dir = cli_contents_is_dir(from);
    int status;

    named.name = "config";
    if (is_dir && contents->name)
        return cli_usage(command, "--name goes with a manifest");
    if (is_dir && !contents->items.count)
        return cli_load_volume(from, &named, ret_report, ret_snapshot);
    status = is_dir ? collect_dir(from, &payload, ret_report)
                    : manifest_read(command, from, contents->name, &payload);
    if (status == CLI_DONE)
        status = sources_project(command, &contents->items, &payload);
    if (status == CLI_DONE)
        status = make_snapshot(from, &payload, &named, ret_report, ret_snapshot);
    return status;
}
