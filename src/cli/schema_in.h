/* SPDX-License-Identifier: MIT
 *
 * --schema FILE: a schema of the library's, read back from the JSON Schema that it printed. */
#ifndef CMRELOAD_CLI_SCHEMA_IN_H
#define CMRELOAD_CLI_SCHEMA_IN_H

#include "cli/schema_node.h"

struct schema_in {
    struct schema_file file; /* the schema's texts are in it */
    cmr_schema schema;
    const char *key; /* without a mount: the contents that are checked are the mount */
    void **owned;    /* tables and texts that were made */
    size_t owned_count;
};

#define SCHEMA_IN_INIT                                                                                       \
    {                                                                                                        \
        .key = NULL                                                                                          \
    }

/* Reads the file. CLI_DONE, or CLI_FAILED with messages. */
int schema_in_read(const char *path, struct schema_in *ret_schema);

/* The same of what it holds. The path is for messages. Whatever comes back, it wants a clear. */
int schema_in_parse(const char *path, const char *data, size_t size, struct schema_in *ret_schema);
void schema_in_clear(struct schema_in *schema);

/* What is made on the way is freed with the schema. False, and it is freed: out of memory; also for NULL. */
bool schema_in_own(struct schema_in *in, void *made);

/* CLI_FAILED, with a message. */
int schema_fail_memory(void);

#endif
