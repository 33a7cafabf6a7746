/* SPDX-License-Identifier: MIT
 *
 * YAML's tags: those of the core schema (https://yaml.org/spec/1.2.2/#103-core-schema), and the type that a
 * scalar has by its tag, or without one. Tags are as a parser gives them: in full, "!" for the non-specific
 * one, NULL for none. */
#ifndef CMRELOAD_FORMAT_YAML_TAG_H
#define CMRELOAD_FORMAT_YAML_TAG_H

#include "base/buffer.h"
#include "model/document.h"

/* False: it has a tag that the core schema does not have, or is none of what its tag says. *ret_type is set
 * all the same, as a tag of the core schema has it. */
bool cmr__yaml_scalar_type(const char *tag, bool plain, const char *text, size_t length,
                           enum cmr__scalar_type *ret_type);

/* Whether a map or a list may have that tag. */
bool cmr__yaml_container_tag_fits(const char *tag, enum cmr__entry_kind kind);

/* What is wrong with a tag: appended. */
void cmr__yaml_explain_scalar_tag(struct cmr__buffer *message, const char *tag, const char *text,
                                  size_t length);
void cmr__yaml_explain_container_tag(struct cmr__buffer *message, const char *tag, enum cmr__entry_kind kind);

#endif
