/* SPDX-License-Identifier: MIT
 *
 * YAML's merge keys (https://yaml.org/type/merge.html). */
#ifndef CMRELOAD_FORMAT_YAML_MERGE_H
#define CMRELOAD_FORMAT_YAML_MERGE_H

#include "model/builder.h"

/* Has the merge keys of the open map take effect, which is about to end. NULL: done, or the builder has
 * failed. Else the merge key's value that is neither a map nor a list of maps. */
const struct cmr__entry *cmr__yaml_merge(struct cmr__builder *builder);

#endif
