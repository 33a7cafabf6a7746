/* SPDX-License-Identifier: MIT
 *
 * Strict conversions of a scalar's text to a type, by the table "Types and values" of the public
 * header. Pure; nothing is allocated. A text's leading BOM and final newline are gone before. */
#ifndef CMRELOAD_MODEL_CONVERT_H
#define CMRELOAD_MODEL_CONVERT_H

#include "cmreload/cmreload.h"
#include "model/document.h"

/* A scalar as a document holds it. */
struct cmr__scalar {
    enum cmr__scalar_type type;
    const char *text; /* a NUL follows, but for an item of a list that is written in one text */
    size_t length;
};

/* Sets ret_value->type and ->as on success, and nothing else. `type` is not ANY, MAP or LIST.
 * CMR_ERR_TYPE, CMR_ERR_RANGE, CMR_ERR_INVALID_ARGUMENT (ENUM without a table, other types). */
cmr_status cmr__convert(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                        cmr_value *ret_value);

/* The scalar's own type (what CMR_TYPE_ANY means): sets ret_value->type and ->as. */
void cmr__convert_natural(const struct cmr__scalar *scalar, cmr_value *ret_value);

/* Why cmr__convert fails, for a person: "wanted int64, found the string \"80a\"", with a hint where one helps
 * ("yes" in YAML: write true; an enum: the names and the nearest; a duration: the units; "10m" as a size;
 * quotes around a number; an address for a CIDR). At most size bytes with the NUL. */
void cmr__convert_explain(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                          char *buffer, size_t size);

/* The single grammars, shared with others. */
cmr_status cmr__parse_duration(const char *text, size_t length,
                               int64_t *ret_nanoseconds); /* Go's time.ParseDuration */
cmr_status cmr__parse_quantity(const char *text, size_t length,
                               uint64_t *ret_bytes); /* Kubernetes' resource.Quantity */
cmr_status cmr__parse_int(const char *text, size_t length, int64_t *ret_value); /* YAML 1.2 core schema int */
cmr_status cmr__parse_uint(const char *text, size_t length, uint64_t *ret_value);
cmr_status cmr__parse_double(const char *text, size_t length,
                             double *ret_value); /* core schema float or int; no locale */
cmr_status cmr__parse_log_level(const char *text, size_t length, cmr_log_level *ret_level);
cmr_status cmr__parse_percent(const char *text, size_t length, double *ret_value);
cmr_status cmr__parse_ip(const char *text, size_t length, cmr_ip *ret_ip); /* IPv4 or IPv6 */
cmr_status cmr__parse_cidr(const char *text, size_t length, cmr_cidr *ret_cidr);

/* The words for log levels, in lower case; NULL past the last one. */
const char *cmr__log_level_spelling(size_t index);

/* What a plain YAML scalar is by the YAML 1.2 core schema (section 10.3.2). */
enum cmr__scalar_type cmr__resolve_core_schema(const char *text, size_t length);

/* What is wrong with a duration or a quantity, where a status is too coarse for an explanation. */
enum cmr__fault {
    CMR__FAULT_NONE,
    CMR__FAULT_GRAMMAR,      /* CMR_ERR_TYPE, as are the next two */
    CMR__FAULT_NO_UNIT,      /* a duration's number without a unit */
    CMR__FAULT_SMALL_SUFFIX, /* a quantity in m, u or n */
    CMR__FAULT_NEGATIVE,     /* CMR_ERR_RANGE, as are the next two */
    CMR__FAULT_FRACTION,     /* no whole number of bytes */
    CMR__FAULT_TOO_LARGE,
};
cmr_status cmr__fault_status(enum cmr__fault fault);
enum cmr__fault cmr__read_duration(const char *text, size_t length, int64_t *ret_nanoseconds);
enum cmr__fault cmr__read_quantity(const char *text, size_t length, uint64_t *ret_bytes);

/* The parts that the grammars have in common. A decimal is [-+]? ( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ). */
struct cmr__decimal {
    bool negative;
    const char *whole;
    size_t whole_length;
    const char *fraction;
    size_t fraction_length;
};

/* How many bytes at the start are a decimal; 0 when none is there. */
size_t cmr__scan_decimal(const char *text, size_t length, struct cmr__decimal *ret_decimal);

/* The same for [eE][-+]?[0-9]+; an exponent that is beyond all use is cut to some large one. */
size_t cmr__scan_exponent(const char *text, size_t length, int64_t *ret_exponent);

/* Whether the text is that word (in lower case), ASCII letters in any case, in any locale. */
bool cmr__is_word(const char *text, size_t length, const char *word);

#endif
