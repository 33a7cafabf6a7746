/* SPDX-License-Identifier: MIT
 *
 * A schema as the library keeps it: checked, and made ready to fill records by. */
#ifndef CMRELOAD_SCHEMA_SCHEMA_H
#define CMRELOAD_SCHEMA_SCHEMA_H

#include "schema/field.h"

#define CMR__SCHEMA_FIELDS 10000 /* of all tables, one as often as it is used */
#define CMR__SCHEMA_DEPTH 64     /* structs inside of structs */

struct cmr__schema {
    cmr_schema is; /* as given */
    struct cmr__patterns key;
    const struct cmr__pattern *path; /* the one in it; NULL: the key is "", and each field has its own */
    struct cmr__table fields;
};

/* Borrows the schema's texts and tables. CMR_ERR_INVALID_ARGUMENT, with what is wrong in the report, which
 * is not finished; CMR_ERR_NO_MEMORY. */
cmr_status cmr__schema_new(const cmr_schema *given, const char *key, cmr_report *report,
                           struct cmr__schema **ret_schema);
void cmr__schema_free(struct cmr__schema *schema);
void cmr__schema_free_place(struct cmr__schema **place); /* for cmr_cleanup */

/* Hands the report over, finished, if it says anything and somebody asks for it. */
void cmr__schema_hand_over(cmr_report **report, cmr_report **ret_report);

#endif
