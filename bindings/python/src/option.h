/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_OPTION_H
#define CMRELOAD_PYTHON_OPTION_H

#include "state.h"

/* A mount's options, as cmreload/_options.py makes a tuple of them. The texts are the tuple's. */
struct option_mount {
    cmr_mount_options options;
    cmr_format_rule *formats;
    const char **ignore;
};

/* NULL, with an exception, for what is no such tuple. What was zeroed may always be reset. */
const cmr_mount_options *option_mount_read(struct option_mount *mount, PyObject *tuple);
void option_mount_reset(struct option_mount *mount);

#endif
