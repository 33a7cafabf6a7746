/* SPDX-License-Identifier: MIT
 *
 * A payload: a named set of byte files, as a ConfigMap's keys are, or the files of a volume. */
#ifndef CMRELOAD_CLI_PAYLOAD_H
#define CMRELOAD_CLI_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <cmreload/cmreload.h>

/* What the API server takes as a ConfigMap's data. */
#define PAYLOAD_MAX_SIZE ((size_t)1024 * 1024)

struct payload_file {
    char *name; /* "game.properties", "dir/file" */
    char *data; /* never NULL; a NUL byte follows it */
    size_t size;
};

struct payload {
    struct payload_file *files; /* sorted by name, bytewise */
    size_t count;
    size_t capacity;
};

#define PAYLOAD_INIT                                                                                         \
    {                                                                                                        \
        NULL, 0, 0                                                                                           \
    }

enum payload_status {
    PAYLOAD_OK = 0,
    PAYLOAD_TAKEN,  /* the name is there, or begins like a file's that is ("a" and "a/b") */
    PAYLOAD_ABSENT, /* no such name */
    PAYLOAD_NO_MEMORY,
};

/* Frees the files; the payload is empty then. For cli_cleanup too. */
void payload_clear(struct payload *payload);

/* Adds a file under a new name; both are copied. */
enum payload_status payload_add(struct payload *payload, const char *name, const void *data, size_t size);

/* The same, but a file of that name gets the new contents. */
enum payload_status payload_set(struct payload *payload, const char *name, const void *data, size_t size);

/* Takes a file out; false when there is none. */
bool payload_remove(struct payload *payload, const char *name);

/* NULL when there is none. Valid until the payload changes. */
const struct payload_file *payload_find(const struct payload *payload, const char *name);

/* Adds the files of a snapshot's first mount. */
enum payload_status payload_add_snapshot(struct payload *payload, const cmr_snapshot *snapshot);

/* The files as the library takes them: an array for the caller to free, valid until the payload changes.
 * NULL: out of memory. */
cmr_file *payload_files(const struct payload *payload);

/* The bytes of all files together. */
size_t payload_total(const struct payload *payload);

/* The same names and bytes. */
bool payload_equal(const struct payload *a, const struct payload *b);

/* Adds those files of `older` whose names are not taken. */
enum payload_status payload_merge(struct payload *payload, const struct payload *older);

/* Adds the file `key` of `from` under the name `path`, as an item of volumes.configMap.items does. */
enum payload_status payload_project(struct payload *payload, const struct payload *from, const char *key,
                                    const char *path);

/* What is wrong with a ConfigMap's key, or with an item's path; NULL: nothing. */
const char *payload_key_error(const char *key, size_t length);
const char *payload_path_error(const char *path);

#endif
