/* SPDX-License-Identifier: MIT
 *
 * What a JSON Schema says of a single value, or of a list's items. */
#ifndef CMRELOAD_CLI_SCHEMA_VALUE_H
#define CMRELOAD_CLI_SCHEMA_VALUE_H

#include "cli/schema_in.h"

/* Sets type, width, bounds and table of the field. CLI_DONE or CLI_FAILED, with a message. */
int schema_value_take(struct schema_in *in, const struct schema_node *node, cmr_field *field);

/* Whether "type" is that (NULL: not there): a string, or a list that is joined by blanks. As above. */
int schema_value_check_type(const struct schema_node *node, const char *wanted);

/* The single values of a list, joined; malloc'ed. NULL: out of memory, or something else is in it, which is
 * told. */
char *schema_value_join(const struct schema_node *node, enum schema_keyword keyword, const char *between);

#endif
