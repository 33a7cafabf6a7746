/* SPDX-License-Identifier: MIT
 *
 * Manifests of kind: ConfigMap, in YAML or JSON. */
#ifndef CMRELOAD_CLI_MANIFEST_H
#define CMRELOAD_CLI_MANIFEST_H

#include "cli/cli.h"
#include "cli/documents.h"
#include "cli/payload.h"

/* Reads the manifest at path ("-": standard input) and adds the data and binaryData of its ConfigMap to
 * an empty payload; name says which one if there are several, NULL: there must be only one. What is
 * wrong goes to stderr, all of it. CLI_DONE, CLI_FAILED, or CLI_USAGE: a name is needed. */
int manifest_read(const struct cli_command *command, const char *path, const char *name,
                  struct payload *payload);

/* The second half of it: takes the data of one object, a document (item negative) or an item of a List.
 * CLI_DONE or CLI_FAILED. */
int manifest_take_data(const struct documents *documents, const struct document *document, long item,
                       struct payload *payload);

#endif
