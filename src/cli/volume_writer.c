/* SPDX-License-Identifier: MIT
 *
 * The kubelet's AtomicWriter, step by step and in its order (Kubernetes 1.35):
 *
 *   compare with the generation that ..data names, and stop if it holds the same;
 *   mkdir ..YYYY_MM_DD_HH_MM_SS.RANDOM; write its files, in random order;
 *   symlink ..data_tmp and rename it to ..data: the swap;
 *   link new keys, unlink removed ones, remove the old generation file by file.
 *
 * Like the kubelet it syncs nothing to disk, leaves alone what a killed writer left behind (but for
 * ..data_tmp, which is in its way), gives an unchanged volume the links it lacks, and leaves a
 * half-written generation behind when the disk is full. `update` below is the table of steps; a writer
 * that is told to stop after one of them is, to all who follow the volume, a writer killed there. */
#include "cli/volume_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/util.h"

struct writer {
    int directory; /* the volume */
    const struct payload *payload;
    struct payload old;                /* what the volume holds */
    char old_generation[NAME_MAX + 1]; /* "": none */
    char generation[NAME_MAX + 1];
    int generation_fd;
    char *message;
    size_t message_size;
};

static enum volume_result report(struct writer *writer, enum volume_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum volume_result report(struct writer *writer, enum volume_result result, const char *format, ...)
{
    int error = errno;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(writer->message, writer->message_size, format, arguments);
    va_end(arguments);
    errno = error;
    return result;
}

/* For a failed system call: what was tried, on what, and errno's text. */
static bool fail(struct writer *writer, const char *what, const char *name)
{
    report(writer, VOLUME_FAILED, "%s %s: %s", what, name, strerror(errno));
    return false;
}

/* ------------------------------------------------------------------------------ reading the volume */

/* Whether the directory holds nothing of its owner's. Names that begin with ".." are a writer's,
 * perhaps one that was killed before its first swap. */
static bool holds_nothing(int directory)
{
    int descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cli_cleanup(cli_close_dir) DIR *listing = descriptor < 0 ? NULL : fdopendir(descriptor);
    struct dirent *next;

    if (!listing) {
        cli_close_fd(&descriptor);
        return false;
    }
    while ((next = readdir(listing))) {
        if (strcmp(next->d_name, ".") != 0 && strncmp(next->d_name, "..", 2) != 0)
            return false;
    }
    return true;
}

/* Reads ..data and the generation it names. That name becomes the argument of a recursive removal, so
 * it must be a child of this directory, and a writer's. */
static enum volume_result read_volume(struct writer *writer)
{
    char *target = writer->old_generation;
    ssize_t length = readlinkat(writer->directory, "..data", target, sizeof(writer->old_generation));

    if (length < 0) {
        target[0] = '\0';
        if (errno == EINVAL)
            return report(writer, VOLUME_REFUSED, "..data is not a symbolic link");
        if (errno != ENOENT)
            return report(writer, VOLUME_FAILED, "..data: %s", strerror(errno));
        if (!holds_nothing(writer->directory))
            return report(writer, VOLUME_REFUSED, "not empty, and no ConfigMap volume (no ..data in it)");
        return VOLUME_WRITTEN;
    }
    if ((size_t)length >= sizeof(writer->old_generation) || length < 3 || strncmp(target, "..", 2) != 0 ||
        memchr(target, '/', (size_t)length)) {
        target[0] = '\0';
        return report(writer, VOLUME_REFUSED, "..data does not point at a generation directory beside it");
    }
    target[length] = '\0';
    if (payload_add_tree(&writer->old, writer->directory, target))
        return VOLUME_WRITTEN;
    if (errno != ENOENT)
        return report(writer, VOLUME_FAILED, "%s: %s", target, strerror(errno));
    target[0] = '\0'; /* a dangling ..data: all is to be written */
    return VOLUME_WRITTEN;
}

/* ---------------------------------------------------------------------------------------- the steps */

/* As os.MkdirTemp names it; the time is UTC. */
static bool make_generation(struct writer *writer)
{
    char stamp[32];
    struct tm utc;
    time_t now = time(NULL);

    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "..%Y_%m_%d_%H_%M_%S.", &utc);
    for (int attempt = 0; attempt < 1000; attempt++) {
        uint32_t suffix;
        if (getrandom(&suffix, sizeof(suffix), 0) != sizeof(suffix))
            return fail(writer, "getrandom", "");
        snprintf(writer->generation, sizeof(writer->generation), "%s%u", stamp, (unsigned)suffix);
        if (mkdirat(writer->directory, writer->generation, 0700) == 0)
            break;
        if (errno != EEXIST)
            return fail(writer, "mkdir", writer->generation);
    }
    if (fchmodat(writer->directory, writer->generation, 0755, 0) < 0)
        return fail(writer, "chmod", writer->generation);
    writer->generation_fd =
        openat(writer->directory, writer->generation, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return writer->generation_fd >= 0 || fail(writer, "open", writer->generation);
}

static bool make_parents(struct writer *writer, const char *name)
{
    char path[PATH_MAX];

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - name);
        if (length >= sizeof(path)) {
            errno = ENAMETOOLONG;
            return fail(writer, "mkdir", name);
        }
        memcpy(path, name, length);
        path[length] = '\0';
        if (mkdirat(writer->generation_fd, path, 0755) < 0 && errno != EEXIST)
            return fail(writer, "mkdir", path);
    }
    return true;
}

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

static bool write_file(struct writer *writer, const struct payload_file *file)
{
    cli_cleanup(cli_close_fd) int descriptor = -1;

    if (!make_parents(writer, file->name))
        return false;
    descriptor = openat(writer->generation_fd, file->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return fail(writer, "open", file->name);
    if (!write_all(descriptor, file->data, file->size))
        return fail(writer, "write", file->name);
    if (close(descriptor) < 0) {
        descriptor = -1;
        return fail(writer, "close", file->name);
    }
    descriptor = -1;
    /* The umask may have taken bits away. */
    return fchmodat(writer->generation_fd, file->name, 0644, 0) == 0 || fail(writer, "chmod", file->name);
}

/* In random order, as a range over a Go map is. */
static bool write_files(struct writer *writer)
{
    size_t count = writer->payload->count;
    cli_cleanup(cli_free_ptr) size_t *order = calloc(count + 1, sizeof(*order));
    unsigned seed = 0;

    if (!order)
        return fail(writer, "write", writer->generation);
    if (getrandom(&seed, sizeof(seed), 0) < 0)
        return fail(writer, "getrandom", "");
    for (size_t i = 0; i < count; i++) {
        size_t place = (size_t)rand_r(&seed) % (i + 1);
        order[i] = order[place];
        order[place] = i;
    }
    for (size_t i = 0; i < count; i++) {
        if (!write_file(writer, &writer->payload->files[order[i]]))
            return false;
    }
    return true;
}

/* Removes directory/name and all below it, file by file. */
static bool remove_tree(int directory, const char *name)
{
    int descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    cli_cleanup(cli_close_dir) DIR *listing = descriptor < 0 ? NULL : fdopendir(descriptor);
    struct dirent *next;

    if (!listing) {
        cli_close_fd(&descriptor);
        return errno == ENOENT;
    }
    while (errno = 0, (next = readdir(listing))) {
        if (strcmp(next->d_name, ".") == 0 || strcmp(next->d_name, "..") == 0)
            continue;
        if (unlinkat(descriptor, next->d_name, 0) == 0 || errno == ENOENT)
            continue;
        if ((errno != EISDIR && errno != EPERM) || !remove_tree(descriptor, next->d_name))
            return false;
    }
    return errno == 0 && unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

/* From here on a failure takes the new generation away again, as the kubelet does. */
static bool give_up(struct writer *writer, const char *what, const char *name)
{
    fail(writer, what, name);
    unlinkat(writer->directory, "..data_tmp", 0);
    remove_tree(writer->directory, writer->generation);
    return false;
}

static bool link_tmp(struct writer *writer)
{
    if (symlinkat(writer->generation, writer->directory, "..data_tmp") == 0)
        return true;
    /* A writer was killed before its swap. */
    if (errno == EEXIST && unlinkat(writer->directory, "..data_tmp", 0) == 0 &&
        symlinkat(writer->generation, writer->directory, "..data_tmp") == 0)
        return true;
    return give_up(writer, "symlink", "..data_tmp");
}

static bool swap(struct writer *writer)
{
    return renameat(writer->directory, "..data_tmp", writer->directory, "..data") == 0 ||
           give_up(writer, "rename", "..data_tmp");
}

/* The first component of a file's name, which is what shows in the volume. */
static void visible_name(const char *path, char name[static NAME_MAX + 1])
{
    size_t length = strcspn(path, "/");

    if (length > NAME_MAX)
        length = NAME_MAX;
    memcpy(name, path, length);
    name[length] = '\0';
}

static bool create_links(struct writer *writer)
{
    char name[NAME_MAX + 1], target[NAME_MAX + sizeof("..data/")], link[1];

    for (size_t i = 0; i < writer->payload->count; i++) {
        visible_name(writer->payload->files[i].name, name);
        if (readlinkat(writer->directory, name, link, sizeof(link)) >= 0)
            continue;
        snprintf(target, sizeof(target), "..data/%s", name);
        if (symlinkat(target, writer->directory, name) < 0)
            return fail(writer, "symlink", name);
    }
    return true;
}

/* Whether a name that shows in the volume is one of the payload's. */
static bool is_visible(const struct payload *payload, const char *name)
{
    size_t length = strlen(name);

    if (payload_find(payload, name))
        return true;
    for (size_t i = 0; i < payload->count; i++) {
        const char *path = payload->files[i].name;
        if (strncmp(path, name, length) == 0 && path[length] == '/')
            return true;
    }
    return false;
}

static bool unlink_removed(struct writer *writer)
{
    char name[NAME_MAX + 1];

    for (size_t i = 0; i < writer->old.count; i++) {
        visible_name(writer->old.files[i].name, name);
        if (is_visible(writer->payload, name))
            continue;
        if (unlinkat(writer->directory, name, 0) < 0 && errno != ENOENT)
            return fail(writer, "unlink", name);
    }
    return true;
}

static bool remove_old(struct writer *writer)
{
    return writer->old_generation[0] == '\0' || remove_tree(writer->directory, writer->old_generation) ||
           fail(writer, "remove", writer->old_generation);
}

/* -------------------------------------------------------------------------------------- the writer */

static const struct {
    enum volume_step step;
    const char *name;
    bool (*run)(struct writer *writer);
} update[] = {
    { VOLUME_GENERATION, "generation", make_generation },
    { VOLUME_FILES, "files", write_files },
    { VOLUME_TMP_LINK, "tmp-link", link_tmp },
    { VOLUME_SWAP, "swap", swap },
    { VOLUME_LINKS, "links", create_links },
    { VOLUME_UNLINK, "unlink", unlink_removed },
    { VOLUME_WHOLE, "", remove_old },
};

bool volume_step_from_name(const char *name, enum volume_step *ret_step)
{
    for (size_t i = 0; update[i].step != VOLUME_WHOLE; i++) {
        if (strcmp(update[i].name, name) == 0) {
            *ret_step = update[i].step;
            return true;
        }
    }
    return false;
}

static enum volume_result write_generation(struct writer *writer, enum volume_step stop_after)
{
    for (size_t i = 0; i < sizeof(update) / sizeof(update[0]); i++) {
        if (!update[i].run(writer))
            return VOLUME_FAILED;
        if (update[i].step == stop_after && stop_after != VOLUME_WHOLE)
            return report(writer, VOLUME_STOPPED, "%s", writer->generation);
    }
    return report(writer, VOLUME_WRITTEN, "%s", writer->generation);
}

static enum volume_result write_if_changed(struct writer *writer, enum volume_step stop_after)
{
    enum volume_result result = read_volume(writer);

    if (result != VOLUME_WRITTEN)
        return result;
    if (writer->old_generation[0] == '\0' || !payload_equal(&writer->old, writer->payload))
        return write_generation(writer, stop_after);
    /* Since 1.29 the kubelet brings the links that a killed one did not come to make. */
    return create_links(writer) ? VOLUME_UNCHANGED : VOLUME_FAILED;
}

static void end(struct writer *writer)
{
    cli_close_fd(&writer->generation_fd);
    cli_close_fd(&writer->directory);
    payload_clear(&writer->old);
}

static struct writer start(const char *dir, const struct payload *payload, char *message, size_t size)
{
    struct writer writer = {
        .payload = payload, .generation_fd = -1, .message = message, .message_size = size
    };

    if (size)
        message[0] = '\0';
    writer.directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return writer;
}

enum volume_result volume_write(const char *dir, const struct payload *payload, enum volume_step stop_after,
                                char *message, size_t size)
{
    struct writer writer;
    enum volume_result result;

    if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
        snprintf(message, size, "mkdir: %s", strerror(errno));
        return VOLUME_FAILED;
    }
    writer = start(dir, payload, message, size);
    if (writer.directory < 0)
        return report(&writer, VOLUME_FAILED, "open: %s", strerror(errno));
    result = write_if_changed(&writer, stop_after);
    end(&writer);
    return result;
}

enum volume_result volume_read(const char *dir, struct payload *payload, char *message, size_t size)
{
    struct writer writer = start(dir, NULL, message, size);
    enum volume_result result;

    if (writer.directory < 0 && errno == ENOENT)
        return VOLUME_WRITTEN;
    if (writer.directory < 0)
        return report(&writer, VOLUME_FAILED, "open: %s", strerror(errno));
    result = read_volume(&writer);
    if (result == VOLUME_WRITTEN) {
        *payload = writer.old;
        writer.old = (struct payload)PAYLOAD_INIT;
    }
    end(&writer);
    return result;
}
