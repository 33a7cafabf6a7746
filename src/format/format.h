/* SPDX-License-Identifier: MIT
 *
 * Formats: bytes to document. Each is a pure function that tells a builder what it reads and adds
 * diagnostics for what it cannot. A file's format follows from its name and the mount's rules. */
#ifndef CMRELOAD_FORMAT_FORMAT_H
#define CMRELOAD_FORMAT_FORMAT_H

#include "model/builder.h"

struct cmr__format {
    const char *name;   /* of an array of own formats, NULL is the end */
    bool flat;          /* makes flat documents */
    bool leaves_copies; /* of the bytes, in memory that is freed: not for secrets */
    enum cmr__duplicates duplicates;
    /* Reads builder->raw and tells the builder. What is wrong goes to builder->report (all of it, where
     * reading on makes sense), under builder->file. Running out of memory, or a system call that failed, with
     * errno: cmr__builder_fail. */
    void (*parse)(struct cmr__builder *builder);
    cmr_parse_fn *own; /* in place of `parse`: the application's, with its user */
    void *user;
};

extern const struct cmr__format cmr__format_text;
extern const struct cmr__format cmr__format_bytes;
extern const struct cmr__format cmr__format_properties;
extern const struct cmr__format cmr__format_json;
extern const struct cmr__format cmr__format_env;
extern const struct cmr__format cmr__format_yaml; /* CMRELOAD_WITH_YAML */
extern const struct cmr__format cmr__format_ini;  /* CMRELOAD_WITH_INI */

/* A built-in one. NULL when there is none of that name. */
const struct cmr__format *cmr__format_by_name(const char *name);

/* Whether the name is that of a format that is built in, or may be. */
bool cmr__format_is_reserved(const char *name);

/* Among the application's own (may be NULL), then as above. */
const struct cmr__format *cmr__format_find(const struct cmr__format *own, const char *name);

/* The first rule whose glob matches the file's name, else by its ending, else text. own and rules may be
 * NULL. */
const struct cmr__format *cmr__format_for_file(const struct cmr__format *own, const cmr_format_rule *rules,
                                               const char *file);

/* Parses a file. raw: as cmr__builder_init. The limits are all set. On failure a diagnostic has been
 * added, unless it is CMR_ERR_NO_MEMORY or CMR_ERR_SYSTEM (with errno). */
cmr_status cmr__format_parse(const struct cmr__format *format, const char *file, const char *raw,
                             size_t raw_length, const cmr_limits *limits, cmr_report *report,
                             cmr__document **ret_document);

#endif
