/* SPDX-License-Identifier: MIT
 *
 * A mount's settings: the application's options, checked, copied and filled with the defaults. */
#ifndef CMRELOAD_ENGINE_SETTINGS_H
#define CMRELOAD_ENGINE_SETTINGS_H

#include "cmreload/cmreload.h"

struct cmr__settings {
    char *name;
    struct cmr__format *own_formats; /* the application's: ends with a NULL name */
    cmr_format_rule *rules;          /* ends with a NULL glob */
    cmr_limits limits;
    int64_t check_interval_ms; /* negative: off */
    cmr_mount_kind kind;
    int64_t settle_ms; /* 0: as the kind has it; negative: none */
    char **ignore;     /* ends with NULL; NULL: as the kind has it */
    bool keep_bad_files;
    bool secret;
    bool leaky_formats; /* of a secret: those too that leave copies of it behind */
    uint64_t hash_seed; /* of a plain directory's identity; of a secret's a random one, since that is told */
    bool optional;
};

/* options may be NULL; path names the mount if they do not. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY;
 * CMR_ERR_SYSTEM: no random number for a secret. */
cmr_status cmr__settings_init(struct cmr__settings *settings, const char *path,
                              const cmr_mount_options *options);
void cmr__settings_reset(struct cmr__settings *settings);

#endif
