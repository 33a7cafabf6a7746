/* SPDX-License-Identifier: MIT
 *
 * A tree is read in two steps, so that the caller can look at ..data between them: first every file is
 * opened, then they are read. Once the set of open files is known to be whole, the kubelet may remove their
 * directory: an open file keeps its contents. Only the first OPEN_MAX_FILES are held open; of more
 * (or when descriptors run out) the files opened so far are read at once, and the caller's look
 * at ..data covers those too, as it comes after.
 *
 * What is not a plain file or directory is never opened for reading, since that could block or have effects;
 * it is a fault of the generation. The kubelet writes no such thing. */
#include "source/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/glob.h"

#define OPEN_MAX_FILES 256

struct open_file {
    int descriptor;
    size_t index; /* in the fileset */
    size_t size;
};

static size_t open_count(const struct cmr__tree *tree)
{
    return tree->open.size / sizeof(struct open_file);
}

static struct open_file *open_at(const struct cmr__tree *tree, size_t index)
{
    return (struct open_file *)(void *)tree->open.data + index;
}

static cmr_status status_of_errno(void)
{
    return errno == ENOENT || errno == ENOTDIR ? CMR_ERR_NOT_FOUND
           : errno == ENOMEM                   ? CMR_ERR_NO_MEMORY
                                               : CMR_ERR_SYSTEM;
}

__attribute__((format(printf, 3, 4))) static void fault(struct cmr__tree *tree, const char *name,
                                                        const char *format, ...)
{
    char message[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cmr__report_add(tree->report, CMR_ERR_LIMIT, name, 0, 0, "", "%s", message);
}

/* Says in the report what could not be read. */
static cmr_status trouble(struct cmr__tree *tree, const char *name, cmr_status status)
{
    int error = errno;
    if (status == CMR_ERR_BUSY)
        cmr__report_add(tree->report, status, name, 0, 0, "", "it ended before its size");
    else if (status == CMR_ERR_SYSTEM)
        cmr__report_add(tree->report, status, name, 0, 0, "", "%s",
                        error == ELOOP && !tree->rules->plain ? "it became a symbolic link"
                                                              : strerror(error));
    errno = error;
    return status;
}

/* Up to its end, however many reads that takes: a read may come up short for other reasons. One byte more
 * than the size is asked for, so that of a file that keeps its size one call is enough. CMR_ERR_LIMIT: it has
 * grown beyond that. */
static cmr_status read_to_end(const struct open_file *open, uint64_t most, struct cmr__buffer *data)
{
    for (;;) {
        if (!cmr__buffer_reserve(data, data->size <= open->size ? open->size + 1 - data->size : data->size))
            return CMR_ERR_NO_MEMORY;
        size_t room = data->capacity - data->size;
        ssize_t size = read(open->descriptor, data->data + data->size, room);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return status_of_errno();
        data->size += (size_t)size;
        if (data->size > most)
            return CMR_ERR_LIMIT;
        if (size == 0 || (data->size == open->size && (size_t)size < room))
            return CMR_OK;
    }
}

/* What ends before its size was cut just now, or by a file system in trouble: the read begins anew. */
static cmr_status read_whole(struct cmr__tree *tree, const struct open_file *open)
{
    struct cmr__file *file = cmr__fileset_at(tree->files, open->index);
    struct cmr__buffer data = { .secret = file->secret };
    uint64_t most = tree->rules->limits->file_size, left = tree->rules->limits->generation_size - tree->total;
    cmr_status status = read_to_end(open, most - open->size < left ? most : open->size + left, &data);
    if (status == CMR_OK && data.size < open->size)
        status = CMR_ERR_BUSY;
    if (status != CMR_OK) {
        int error = errno;
        cmr__buffer_reset(&data);
        errno = error;
    }
    if (status == CMR_ERR_LIMIT) {
        fault(tree, file->name, "it grew over a limit while it was read");
        return CMR_OK;
    }
    if (status != CMR_OK)
        return trouble(tree, file->name, status);
    tree->total += data.size - open->size;
    data.data[data.size] = '\0';
    file->data = data.data;
    file->size = data.size;
    return CMR_OK;
}

cmr_status cmr__tree_read(struct cmr__tree *tree)
{
    cmr_status status = CMR_OK;
    for (size_t i = 0; i < open_count(tree) && status == CMR_OK; i++)
        status = read_whole(tree, open_at(tree, i));
    cmr__tree_close(tree);
    return status;
}

void cmr__tree_close(struct cmr__tree *tree)
{
    for (size_t i = 0; i < open_count(tree); i++)
        cmr__close_fd(&open_at(tree, i)->descriptor);
    cmr__buffer_reset(&tree->open);
}

static void check_limits(struct cmr__tree *tree, const char *name, uint64_t size)
{
    const cmr_limits *limits = tree->rules->limits;
    uint64_t before = tree->total;
    if (size > limits->file_size)
        fault(tree, name, "a file of %llu bytes: the limit is %llu", (unsigned long long)size,
              (unsigned long long)limits->file_size);
    else
        tree->total += size;
    if (tree->total > limits->generation_size && before <= limits->generation_size)
        fault(tree, "", "more than %llu bytes in all files", (unsigned long long)limits->generation_size);
    if (cmr__fileset_count(tree->files) == (size_t)limits->files + 1)
        fault(tree, "", "more than %u files", limits->files);
}

static bool is_over_limits(const struct cmr__tree *tree)
{
    const cmr_limits *limits = tree->rules->limits;
    return tree->total > limits->generation_size || cmr__fileset_count(tree->files) > limits->files ||
           tree->folders > limits->files || tree->too_deep || tree->entries > cmr__tree_most_entries(limits);
}

/* Takes the descriptor over. */
static cmr_status add_file(struct cmr__tree *tree, const char *name, int descriptor, uint64_t size)
{
    cmr_cleanup(cmr__close_fd) int owned = descriptor;
    if (!cmr__fileset_add(tree->files, name))
        return CMR_ERR_NO_MEMORY;
    check_limits(tree, name, size);
    if (size > tree->rules->limits->file_size || is_over_limits(tree))
        return CMR_OK;
    struct open_file *open = cmr__buffer_extend(&tree->open, sizeof *open);
    if (!open)
        return CMR_ERR_NO_MEMORY;
    *open = (struct open_file){ CMR_TAKE_FD(owned), cmr__fileset_count(tree->files) - 1, (size_t)size };
    return open_count(tree) >= OPEN_MAX_FILES ? cmr__tree_read(tree) : CMR_OK;
}

static const char *strange_kind(mode_t mode)
{
    return S_ISLNK(mode)    ? "a symbolic link"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

static int open_entry(struct cmr__tree *tree, int directory, const char *name)
{
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (tree->rules->plain ? 0 : O_NOFOLLOW);
    int descriptor = openat(directory, name, flags);
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE) && open_count(tree) > 0 &&
        cmr__tree_read(tree) == CMR_OK)
        descriptor = openat(directory, name, flags);
    return descriptor;
}

static cmr_status walk(struct cmr__tree *tree, int directory, struct cmr__buffer *path, unsigned depth);

/* What the entry is, or, in a plain directory, what its link leads to. */
static cmr_status stat_entry(const struct cmr__tree *tree, int directory, const char *name,
                             struct stat *ret_status, bool *ret_dangles)
{
    *ret_dangles = false;
    if (fstatat(directory, name, ret_status, tree->rules->plain ? 0 : AT_SYMLINK_NOFOLLOW) == 0)
        return CMR_OK;
    int error = errno;
    if (tree->rules->plain && (error == ENOENT || error == ENOTDIR || error == ELOOP) &&
        fstatat(directory, name, ret_status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(ret_status->st_mode)) {
        *ret_dangles = true;
        return CMR_OK;
    }
    errno = error;
    return status_of_errno();
}

static cmr_status add_entry(struct cmr__tree *tree, int directory, const char *name, struct cmr__buffer *path,
                            unsigned depth)
{
    struct stat status;
    bool dangles;
    cmr_status found = stat_entry(tree, directory, name, &status, &dangles);
    if (found != CMR_OK || dangles)
        return trouble(tree, path->data, found);
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        fault(tree, path->data, "%s, no regular file", strange_kind(status.st_mode));
        return CMR_OK;
    }
    int descriptor = open_entry(tree, directory, name);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        cmr__close_fd(&descriptor);
        return trouble(tree, path->data, status_of_errno());
    }
    if (S_ISREG(status.st_mode))
        return add_file(tree, path->data, descriptor, (uint64_t)status.st_size);
    return walk(tree, descriptor, path, depth + 1);
}

static bool is_ignored(const struct cmr__tree_rules *rules, const char *path, const char *name)
{
    for (const char *const *glob = rules->ignore; glob && *glob; glob++) {
        const char *text = strchr(*glob, '/') ? path : name;
        if (cmr__glob_match(*glob, strlen(*glob), text, strlen(text)))
            return true;
    }
    return false;
}

/* The file itself, or a directory on the way to it. */
static bool leads_to(const char *path, const char *only)
{
    size_t length = strlen(path);
    return strncmp(path, only, length) == 0 && (only[length] == '\0' || only[length] == '/');
}

bool cmr__tree_wants(const struct cmr__tree_rules *rules, const char *path, const char *name, unsigned depth)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (depth == 0 && name[0] == '.' && name[1] == '.') /* the kubelet's own */
        return false;
    return rules->only ? leads_to(path, rules->only) : !is_ignored(rules, path, name);
}

/* With errno. The directory's own name is what its entries' begin with, without the slash. */
static cmr_status list_failed(struct cmr__tree *tree, struct cmr__buffer *path, size_t length)
{
    if (length == 0)
        return trouble(tree, "", status_of_errno());
    path->data[length - 1] = '\0';
    return trouble(tree, path->data, status_of_errno());
}

/* A name that no key leads to, and a path that nothing could be opened by, are refused. */
static bool is_possible(struct cmr__tree *tree, const struct cmr__buffer *path)
{
    if (path->size >= PATH_MAX) {
        fault(tree, path->data, "a path of %zu bytes: the limit is %d", path->size, PATH_MAX - 1);
        return false;
    }
    return cmr__file_name_check(path->data, tree->report);
}

static cmr_status walk_stream(struct cmr__tree *tree, DIR *stream, struct cmr__buffer *path, unsigned depth)
{
    size_t length = path->size;
    while (!is_over_limits(tree)) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            return errno ? list_failed(tree, path, length) : CMR_OK;
        if (++tree->entries > cmr__tree_most_entries(tree->rules->limits)) {
            fault(tree, "", "more than %llu entries, ignored ones included",
                  (unsigned long long)tree->entries - 1);
            break;
        }
        path->size = length;
        cmr__buffer_append_text(path, entry->d_name);
        cmr__buffer_append_char(path, '\0');
        if (path->failed)
            return CMR_ERR_NO_MEMORY;
        path->size--;
        if (!cmr__tree_wants(tree->rules, path->data, entry->d_name, depth) || !is_possible(tree, path))
            continue;
        cmr_status status = add_entry(tree, dirfd(stream), entry->d_name, path, depth);
        if (status != CMR_OK)
            return status;
    }
    return CMR_OK;
}

/* One that is too deep is the last: links may lead a plain directory into itself, twice at each level. */
static bool may_enter(struct cmr__tree *tree, const char *path, unsigned depth)
{
    const cmr_limits *limits = tree->rules->limits;
    tree->folders += depth > 0;
    tree->too_deep = depth > limits->depth;
    if (tree->too_deep)
        fault(tree, path, "more than %u levels of directories", limits->depth);
    else if (tree->folders > limits->files)
        fault(tree, "", "more than %u folders", limits->files);
    else
        return true;
    return false;
}

/* Takes the directory over. `path` is the prefix of the names in it, without its last slash. */
static cmr_status walk(struct cmr__tree *tree, int directory, struct cmr__buffer *path, unsigned depth)
{
    if (!may_enter(tree, path->data, depth)) {
        close(directory);
        return CMR_OK;
    }
    DIR *stream = fdopendir(directory);
    if (!stream) {
        cmr__close_fd(&directory);
        return trouble(tree, depth ? path->data : "", status_of_errno());
    }
    if (tree->rules->plain && depth) /* each of them is to be watched */
        cmr__buffer_append(&tree->files->directories, path->data, path->size + 1);
    if (depth)
        cmr__buffer_append_char(path, '/');
    cmr_status status = walk_stream(tree, stream, path, depth);
    int error = errno;
    closedir(stream);
    errno = error;
    return status;
}

cmr_status cmr__tree_open(struct cmr__tree *tree, int directory)
{
    struct cmr__buffer path = CMR__BUFFER_INIT;
    cmr_status status = walk(tree, directory, &path, 0);
    int error = errno;
    cmr__buffer_reset(&path);
    errno = error;
    return status;
}
