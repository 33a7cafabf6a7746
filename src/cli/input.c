/* SPDX-License-Identifier: MIT
 *
 * Input is read until it ends, not as long as fstat says: pipes and /proc files have no size. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/util.h"

/* False with errno set: EFBIG when there is more than max. */
static bool read_all(int file, size_t max, char **ret_data, size_t *ret_size)
{
    cli_cleanup(cli_free_ptr) char *data = NULL;
    size_t size = 0, capacity = 0;

    for (;;) {
        ssize_t got;
        if (capacity - size < 2) {
            char *larger;
            capacity = capacity ? 2 * capacity : 16384;
            larger = realloc(data, capacity);
            if (!larger)
                return false;
            data = larger;
        }
        got = read(file, data + size, capacity - size - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        size += (size_t)got;
        if (size > max) {
            errno = EFBIG;
            return false;
        }
    }
    data[size] = '\0';
    *ret_data = CLI_TAKE(data);
    *ret_size = size;
    return true;
}

int cli_read_input(const char *path, bool dash, size_t max, char **ret_data, size_t *ret_size)
{
    cli_cleanup(cli_close_fd) int opened = -1;
    int file = STDIN_FILENO;

    if (!dash || strcmp(path, "-") != 0) {
        file = opened = open(path, O_RDONLY | O_CLOEXEC);
        if (opened < 0)
            return cli_fail_at(path, 0, 0, "%s", strerror(errno));
    }
    if (read_all(file, max, ret_data, ret_size))
        return CLI_DONE;
    if (errno == EFBIG)
        return cli_fail_at(path, 0, 0, "more than %zu bytes", max);
    return cli_fail_at(path, 0, 0, "%s", strerror(errno));
}
