/* SPDX-License-Identifier: MIT
 *
 * The parts of cmr__convert_explain: each adds to a message what is wrong with a scalar that does not
 * convert, or how it would be right. */
#ifndef CMRELOAD_MODEL_EXPLAIN_H
#define CMRELOAD_MODEL_EXPLAIN_H

#include "model/convert.h"
#include "model/message.h"

/* What is explained. */
struct cmr__failure {
    struct cmr__message message;
    const struct cmr__scalar *scalar;
    cmr_type type;
    const cmr_enum_item *table;
};

/* Types that are words: BOOL, ENUM, LOG_LEVEL. */
void cmr__explain_bool(struct cmr__failure *failure);
void cmr__explain_enum(struct cmr__failure *failure);
void cmr__explain_log_level(struct cmr__failure *failure);

/* IP, IPV4, IPV6 and CIDR. */
void cmr__explain_ip(struct cmr__failure *failure);

/* Whether it is a string that would be of that type without its quotes. */
bool cmr__is_quoted(const struct cmr__scalar *scalar, enum cmr__scalar_type looks_like);

#endif
