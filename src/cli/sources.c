/* SPDX-License-Identifier: MIT
 *
 * The rules are kubectl's: a folder gives its regular files (no symbolic links, no subfolders), each
 * under its own name; a name that is no valid key is an error, not left out; so is a key given twice. */
#include "cli/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/input.h"
#include "cli/util.h"

int cli_list_add(struct cli_list *list, char *item)
{
    char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

    if (!items)
        return cli_fail(CLI_FAILED, "out of memory");
    list->items = items;
    items[list->count++] = item;
    return CLI_DONE;
}

static int add(struct payload *payload, const char *key, const void *data, size_t size)
{
    const char *wrong = payload_key_error(key, strlen(key));

    if (wrong)
        return cli_fail(CLI_USAGE, "%s: not a valid key: it %s", key, wrong);
    switch (payload_add(payload, key, data, size)) {
    case PAYLOAD_OK:
        return CLI_DONE;
    case PAYLOAD_NO_MEMORY:
        return cli_fail(CLI_FAILED, "out of memory");
    default:
        return cli_fail(CLI_USAGE, "the key %s is given twice", key);
    }
}

static int add_file(struct payload *payload, const char *key, const char *path)
{
    cli_cleanup(cli_free_ptr) char *data = NULL;
    size_t size;
    int status = cli_read_input(path, false, PAYLOAD_MAX_SIZE, &data, &size);

    return status == CLI_DONE ? add(payload, key, data, size) : status;
}

static int add_folder_entry(struct payload *payload, const char *folder, const char *name)
{
    cli_cleanup(cli_free_ptr) char *path = NULL;
    const char *wrong = payload_key_error(name, strlen(name));
    struct stat status;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
        return cli_fail(CLI_FAILED, "out of memory");
    }
    if (lstat(path, &status) < 0)
        return cli_fail_at(path, 0, 0, "%s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return CLI_DONE;
    if (wrong)
        return cli_fail_at(path, 0, 0, "its name is not a valid key: it %s", wrong);
    return add_file(payload, name, path);
}

static int add_folder(struct payload *payload, const char *folder)
{
    cli_cleanup(cli_close_dir) DIR *listing = opendir(folder);
    struct dirent *next;
    int status = CLI_DONE;

    if (!listing)
        return cli_fail_at(folder, 0, 0, "%s", strerror(errno));
    while (status == CLI_DONE && (next = readdir(listing))) {
        if (strcmp(next->d_name, ".") != 0 && strcmp(next->d_name, "..") != 0)
            status = add_folder_entry(payload, folder, next->d_name);
    }
    return status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* [KEY=]PATH, neither holding another '='. */
static int add_path(const struct cli_command *command, const char *argument, struct payload *payload)
{
    const char *equals = strchr(argument, '='), *path = equals ? equals + 1 : argument;
    cli_cleanup(cli_free_ptr) char *key = equals ? strndup(argument, (size_t)(equals - argument)) : NULL;
    struct stat status;

    if (equals && (strchr(path, '=') || equals == argument || *path == '\0'))
        return cli_usage(command, "--from-file=%s: wanted [KEY=]PATH, with no other '='", argument);
    if (equals && !key)
        return cli_fail(CLI_FAILED, "out of memory");
    if (stat(path, &status) < 0)
        return cli_fail_at(path, 0, 0, "%s", strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return add_file(payload, key ? key : base_name(path), path);
    if (key)
        return cli_usage(command, "--from-file=%s: a folder has no key", argument);
    return add_folder(payload, path);
}

int sources_add_files(const struct cli_command *command, const struct cli_list *arguments,
                      struct payload *payload)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < arguments->count && status == CLI_DONE; i++)
        status = add_path(command, arguments->items[i], payload);
    return status;
}

int sources_add_literals(const struct cli_command *command, const struct cli_list *arguments,
                         struct payload *payload)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < arguments->count && status == CLI_DONE; i++) {
        const char *argument = arguments->items[i], *equals = strchr(argument, '=');
        cli_cleanup(cli_free_ptr) char *key = NULL;

        if (!equals || equals == argument)
            return cli_usage(command, "--from-literal=%s: wanted KEY=VALUE", argument);
        key = strndup(argument, (size_t)(equals - argument));
        if (!key)
            return cli_fail(CLI_FAILED, "out of memory");
        status = add(payload, key, equals + 1, strlen(equals + 1));
    }
    return status;
}

static int project(const struct cli_command *command, const char *argument, const struct payload *from,
                   struct payload *to)
{
    const char *equals = strchr(argument, '='), *path = equals ? equals + 1 : "", *wrong;
    cli_cleanup(cli_free_ptr) char *key = NULL;

    if (!equals || equals == argument)
        return cli_usage(command, "--item %s: wanted KEY=PATH", argument);
    wrong = payload_path_error(path);
    if (wrong)
        return cli_usage(command, "--item %s: the path %s", argument, wrong);
    key = strndup(argument, (size_t)(equals - argument));
    switch (key ? payload_project(to, from, key, path) : PAYLOAD_NO_MEMORY) {
    case PAYLOAD_OK:
        return CLI_DONE;
    case PAYLOAD_ABSENT:
        return cli_fail(CLI_FAILED, "--item %s: no such key", argument);
    case PAYLOAD_TAKEN:
        return cli_usage(command, "--item %s: the path is taken, as a file or a folder", argument);
    default:
        return cli_fail(CLI_FAILED, "out of memory");
    }
}

int sources_project(const struct cli_command *command, const struct cli_list *arguments,
                    struct payload *payload)
{
    cli_cleanup(payload_clear) struct payload all = *payload;
    int status = CLI_DONE;

    if (arguments->count == 0) {
        all = (struct payload)PAYLOAD_INIT;
        return CLI_DONE;
    }
    *payload = (struct payload)PAYLOAD_INIT;
    for (size_t i = 0; i < arguments->count && status == CLI_DONE; i++)
        status = project(command, arguments->items[i], &all, payload);
    return status;
}
