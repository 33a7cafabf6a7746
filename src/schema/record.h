/* SPDX-License-Identifier: MIT
 *
 * A record: a struct of the application, filled from a snapshot, with all that it points at, in one block.
 * Immutable and counted; it needs neither snapshot nor schema. */
#ifndef CMRELOAD_SCHEMA_RECORD_H
#define CMRELOAD_SCHEMA_RECORD_H

#include "schema/schema.h"

/* Fills one. Fields that take effect at a restart only keep what they are in the previous record (may be
 * NULL), which the same schema has filled. CMR_OK            the notices say what is no error: unknown keys,
 * and what takes effect at a restart CMR_ERR_REJECTED  the report has all that does not fit CMR_ERR_NO_MEMORY
 * Neither report is finished. */
cmr_status cmr__record_fill(const struct cmr__schema *schema, const cmr_snapshot *snapshot,
                            const cmr_record *previous, cmr_report *report, cmr_report *notices,
                            cmr_record **ret_record);

cmr_record *cmr__record_ref(cmr_record *record);

#endif
