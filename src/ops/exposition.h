/* SPDX-License-Identifier: MIT
 *
 * Writing metrics in Prometheus' text exposition format 0.0.4. */
#ifndef CMRELOAD_OPS_EXPOSITION_H
#define CMRELOAD_OPS_EXPOSITION_H

#include <stdint.h>

#include "base/buffer.h"

struct cmr__label {
    const char *name, *value;
};

struct cmr__exposition {
    struct cmr__buffer text;
    const char *prefix; /* of all names */
    const char *labels; /* put first in each sample's braces; "": none */
    const char *name;   /* of the metric that was begun last */
};

bool cmr__exposition_is_prefix(const char *text);

/* Whether the text is a list of labels, as it stands between braces: worker="1",zone="b", without spaces.
 * Each name may stand once, and none may be one of `taken`, which ends with NULL, or begin with "__". */
bool cmr__exposition_is_labels(const char *text, const char *const *taken);

void cmr__exposition_begin(struct cmr__exposition *exposition, const char *name, const char *type,
                           const char *help);

/* Of the metric that was begun last. */
void cmr__exposition_sample(struct cmr__exposition *exposition, const struct cmr__label *labels, size_t count,
                            uint64_t value);

#endif
