/* SPDX-License-Identifier: MIT
 *
 * A JSON Schema file, object by object: the keywords of one, as far as the library prints them. */
#ifndef CMRELOAD_CLI_SCHEMA_NODE_H
#define CMRELOAD_CLI_SCHEMA_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

/* What an object of the file describes. */
enum schema_kind {
    SCHEMA_ROOT,   /* the file */
    SCHEMA_PATH,   /* a map on the way to fields of the struct around */
    SCHEMA_STRUCT, /* a map with a struct of its own */
    SCHEMA_LIST,
    SCHEMA_SCALAR,
};

enum schema_keyword {
    SCHEMA_URI,
    SCHEMA_TITLE,
    SCHEMA_DESCRIPTION,
    SCHEMA_KEY,
    SCHEMA_UNKNOWN,
    SCHEMA_TYPE,
    SCHEMA_PROPERTIES,
    SCHEMA_REQUIRED,
    SCHEMA_ADDITIONAL,
    SCHEMA_IS_PATH,
    SCHEMA_ITEMS,
    SCHEMA_MIN_ITEMS,
    SCHEMA_MAX_ITEMS,
    SCHEMA_ENUM,
    SCHEMA_DEFAULT,
    SCHEMA_MINIMUM,
    SCHEMA_MAXIMUM,
    SCHEMA_MIN_LENGTH,
    SCHEMA_MAX_LENGTH,
    SCHEMA_OWN_TYPE,
    SCHEMA_OWN_MINIMUM,
    SCHEMA_OWN_MAXIMUM,
    SCHEMA_RESTART,
    SCHEMA_KEYWORDS, /* how many there are */
};

#define SCHEMA_MAX_SIZE ((size_t)16 * 1024 * 1024)

/* The file, which the library has read. */
struct schema_file {
    const char *path; /* for messages */
    cmr_snapshot *snapshot;
};

struct schema_node {
    const struct schema_file *file;
    char *key; /* of the object, for cmr_get and the like */
    enum schema_kind kind;
    unsigned line;
    unsigned column;
    cmr_value values[SCHEMA_KEYWORDS]; /* of no file: the keyword is not there; texts are the snapshot's */
};

/* Reads what the file at that path holds. CLI_DONE, or CLI_FAILED with messages. */
int schema_file_parse(const char *path, const char *data, size_t size, struct schema_file *ret_file);
void schema_file_clear(struct schema_file *file);

/* Takes the object's keywords; those that are unknown, not for its kind, or of the wrong JSON type are
 * refused, each with its place. The key is copied. CLI_DONE or CLI_FAILED. */
int schema_node_read(const struct schema_file *file, const char *key, bool is_root,
                     struct schema_node *ret_node);
void schema_node_clear(struct schema_node *node);

bool schema_node_has(const struct schema_node *node, enum schema_keyword keyword);

/* The text of a keyword, or NULL. */
const char *schema_node_text(const struct schema_node *node, enum schema_keyword keyword);

/* The key of what is in the object: a keyword's value, and a name in that (NULL: none). malloc'ed; NULL: out
 * of memory, which is told. */
char *schema_node_child(const struct schema_node *node, enum schema_keyword keyword, const char *name);

/* "FILE:LINE:COLUMN: ..." at a keyword that is there, else at the object. Returns CLI_FAILED. */
int schema_node_fail(const struct schema_node *node, enum schema_keyword keyword, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the name to a key as a segment of its own: a name that is not only letters, digits, - and _ goes in
 * brackets and quotes. `first`: the key ends with "#", or is empty. Returns the key, reallocated; NULL (the
 * key is freed then): out of memory, which is told. */
char *schema_key_append(char *key, const char *name, bool first);

#endif
