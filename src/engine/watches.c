/* SPDX-License-Identifier: MIT
 *
 * inotify does not look below a directory, so each one has a watch of its own. Adding a watch to what is
 * watched gives the number it has: so the set is made anew after each read, and what is not in it any more is
 * removed. A directory that was only renamed keeps its watch that way. */
#include "engine/watches.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static size_t count(const struct cmr__buffer *numbers)
{
    return numbers->size / sizeof(int);
}

static int *at(const struct cmr__buffer *numbers, size_t index)
{
    return (int *)(void *)numbers->data + index;
}

static bool holds(const struct cmr__buffer *numbers, int watch)
{
    for (size_t i = 0; i < count(numbers); i++)
        if (*at(numbers, i) == watch)
            return true;
    return false;
}

bool cmr__watches_have(const struct cmr__watches *watches, int watch)
{
    return watches->root == watch || holds(&watches->below, watch);
}

void cmr__watches_forget(struct cmr__watches *watches, int watch)
{
    if (watches->root == watch)
        watches->root = -1;
    for (size_t i = 0; i < count(&watches->below); i++)
        if (*at(&watches->below, i) == watch)
            *at(&watches->below, i) = -1;
}

cmr_status cmr__watches_add_root(struct cmr__watches *watches, struct cmr__inotify *inotify,
                                 const struct cmr__source *source)
{
    if (watches->root >= 0)
        return CMR_OK;
    return cmr__inotify_add(inotify, source->directory, source->path, &watches->root);
}

/* One that is gone by now needs no watch: its removal was an event of the directory above. */
static cmr_status add_below(struct cmr__inotify *inotify, const struct cmr__source *source, const char *name,
                            struct cmr__buffer *numbers)
{
    int watch;
    cmr_cleanup(cmr__close_fd) int directory =
        openat(source->directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return errno == ENOENT || errno == ENOTDIR ? CMR_OK : CMR_ERR_SYSTEM;
    struct cmr__buffer joined = CMR__BUFFER_INIT;
    cmr__buffer_printf(&joined, "%s/%s", source->path, name);
    cmr_cleanup(cmr__free_ptr) char *path = cmr__buffer_take(&joined);
    if (!path)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__inotify_add(inotify, directory, path, &watch);
    if (status == CMR_OK)
        cmr__buffer_append(numbers, &watch, sizeof watch);
    return status;
}

static void remove_others(struct cmr__watches *watches, struct cmr__inotify *inotify,
                          const struct cmr__buffer *kept)
{
    for (size_t i = 0; i < count(&watches->below); i++)
        if (!holds(kept, *at(&watches->below, i)) && *at(&watches->below, i) != watches->root)
            cmr__inotify_remove(inotify, *at(&watches->below, i));
}

cmr_status cmr__watches_set_below(struct cmr__watches *watches, struct cmr__inotify *inotify,
                                  const struct cmr__source *source, const struct cmr__buffer *names,
                                  bool *ret_new)
{
    struct cmr__buffer numbers = CMR__BUFFER_INIT;
    cmr_status status = CMR_OK;
    *ret_new = false;
    if (inotify->descriptor < 0)
        return CMR_OK; /* the mount is polled anyhow */
    for (size_t i = 0; i < names->size && status == CMR_OK; i += strlen(names->data + i) + 1)
        status = add_below(inotify, source, names->data + i, &numbers);
    if (numbers.failed)
        status = CMR_ERR_NO_MEMORY;
    int error = errno;
    if (status == CMR_OK)
        remove_others(watches, inotify, &numbers);
    for (size_t i = 0; i < count(&numbers); i++)
        *ret_new |= !holds(&watches->below, *at(&numbers, i));
    cmr__buffer_reset(&watches->below);
    watches->below = numbers;
    errno = error;
    return status;
}

void cmr__watches_clear(struct cmr__watches *watches, struct cmr__inotify *inotify)
{
    if (inotify) {
        cmr__inotify_remove(inotify, watches->root);
        for (size_t i = 0; i < count(&watches->below); i++)
            cmr__inotify_remove(inotify, *at(&watches->below, i));
    }
    cmr__buffer_reset(&watches->below);
    watches->root = -1;
}
