/* SPDX-License-Identifier: MIT
 *
 * As the kubelet does it: in random order, each file opened, written and closed, and its mode set whatever
 * the umask says. */
#include "source/volume_contents.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

struct writing {
    int directory;
    bool restricted;
    struct cmr__volume_obstacle *obstacle;
};

static bool fail(const struct writing *writing, const char *what, const char *name)
{
    *writing->obstacle = (struct cmr__volume_obstacle){ what, name };
    return false;
}

static bool make_parents(const struct writing *writing, const char *name)
{
    const mode_t mode = cmr__volume_directory_mode(writing->restricted);
    char path[PATH_MAX];
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - name);
        if (length >= sizeof path) {
            errno = ENAMETOOLONG;
            return fail(writing, "mkdir", name);
        }
        memcpy(path, name, length);
        path[length] = '\0';
        if (mkdirat(writing->directory, path, mode) != 0 && errno != EEXIST)
            return fail(writing, "mkdir for", name);
    }
    return true;
}

static bool write_all(int descriptor, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(descriptor, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

static bool write_file(const struct writing *writing, const cmr_file *file)
{
    const mode_t mode = writing->restricted ? 0600 : 0644;
    if (!make_parents(writing, file->name))
        return false;
    cmr_cleanup(cmr__close_fd) int descriptor =
        openat(writing->directory, file->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0)
        return fail(writing, "open", file->name);
    if (!write_all(descriptor, file->data, file->size))
        return fail(writing, "write", file->name);
    if (close(CMR_TAKE_FD(descriptor)) != 0)
        return fail(writing, "close", file->name);
    return fchmodat(writing->directory, file->name, mode, 0) == 0 || fail(writing, "chmod", file->name);
}

/* In random order, as a range over a Go map is. */
static size_t *shuffle(size_t count)
{
    size_t *order = calloc(count + 1, sizeof *order);
    unsigned seed = 0;
    if (!order || getrandom(&seed, sizeof seed, 0) != sizeof seed) {
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = (size_t)rand_r(&seed) % (i + 1);
        order[i] = order[place];
        order[place] = i;
    }
    return order;
}

bool cmr__volume_write_contents(int directory, const cmr_file *files, size_t count, bool restricted,
                                struct cmr__volume_obstacle *ret_obstacle)
{
    const struct writing writing = { directory, restricted, ret_obstacle };
    cmr_cleanup(cmr__free_ptr) size_t *order = shuffle(count);
    if (!order)
        return fail(&writing, "write", "its files");
    for (size_t i = 0; i < count; i++)
        if (!write_file(&writing, &files[order[i]]))
            return false;
    return true;
}
