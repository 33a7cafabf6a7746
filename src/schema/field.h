/* SPDX-License-Identifier: MIT
 *
 * A field: what its schema says of a member, checked, with its key parsed and its texts converted. */
#ifndef CMRELOAD_SCHEMA_FIELD_H
#define CMRELOAD_SCHEMA_FIELD_H

#include "base/diagnostic.h"
#include "model/key.h"

struct cmr__field;

struct cmr__table {
    struct cmr__field *all;
    size_t count;
};

struct cmr__bound {
    const char *text; /* as the schema has it, or what the member's width says; NULL: none */
    cmr_value value;  /* of the field's type; of a STRING, a SIZE */
    char own[24];
};

struct cmr__field {
    cmr_field is; /* as given, with nothing in what an older program does not know */
    struct cmr__patterns key;
    const struct cmr__pattern
        *path;           /* the one in it; the file's name says nothing but in a schema without key */
    cmr_value otherwise; /* of a SCALAR: its default, or a zero; of a STRING the text may be NULL */
    struct cmr__bound minimum, maximum;
    bool restart; /* its own, or that of a struct around it */
    struct cmr__table fields;
};

/* What is checked: for what is wrong with it. */
struct cmr__field_check {
    cmr_report *report;
    const char *name;   /* of the field, for people */
    size_t struct_size; /* of the struct that its table is for */
    bool whole_key;     /* its key is to name a file */
    bool is_item;       /* it is in a list of structs */
    bool restart;       /* what is around it takes effect at a restart only */
    bool failed;        /* out of memory */
};

/* Adds what is wrong: "field server.port: ...". */
void cmr__field_fault(const struct cmr__field_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* From field->is, all of the above but `fields`. What is wrong is told; then the field is not fit for use. */
void cmr__field_init(struct cmr__field *field, struct cmr__field_check *check);
void cmr__field_reset(struct cmr__field *field);

/* A text of a schema, as a value in a properties file, or of a list of such. CMR_OK, else CMR_ERR_TYPE or
 * CMR_ERR_RANGE. */
cmr_status cmr__field_convert(const struct cmr__field *field, const char *text, size_t length,
                              cmr_value *ret_value);

/* The bytes that the member takes in its struct: of a LIST or STRUCTS, those of the pointer. */
size_t cmr__field_size(const cmr_field *field);

#endif
