/* SPDX-License-Identifier: MIT
 *
 * How a dump program (tests/conformance) talks to its judge. Integers are big-endian and of 32 bits; a text
 * is its length and its bytes. In: texts, to the end of the stream. Out: for each of them a negative
 * cmr_status, or what was in it. */
#ifndef CMRELOAD_TESTS_SUPPORT_JUDGE_STREAM_H
#define CMRELOAD_TESTS_SUPPORT_JUDGE_STREAM_H

#include "format/format.h"

void judge_write_number(uint32_t number);
void judge_write_text(const char *text, uint32_t length);
void judge_write_name(const cmr__document *document, const struct cmr__entry *entry);
void judge_write_value(const cmr__document *document, const struct cmr__entry *entry); /* a scalar's text */

/* What may be in a document, for judge_answer_all. Of a flat one: the number of entries; then each one's name
 * and value, as texts, in the order of the document. */
void judge_write_pairs(const cmr__document *document);

/* Of any: the number of entries; then each in the order of the document, a container before what it holds:
 * its kind, scalar type, whether it counts as quoted, line, column, name (empty for an item), and the value's
 * text or, of a container, the number of its children. */
void judge_write_entries(const cmr__document *document);

/* The whole of main(): has each input answered, which has a NUL behind its length. Its exit status. */
int judge_each_input(bool (*answer)(void *user, const char *raw, size_t length), void *user);

/* The same, by a format of ours: reads each input as `format` has it, and lets `write` tell what is in the
 * document. */
int judge_answer_all(const struct cmr__format *format, const cmr_limits *limits,
                     void (*write)(const cmr__document *document));

/* The same; and behind a negative status stand line, column and message of the first diagnostic. */
int judge_answer_all_with_reasons(const struct cmr__format *format, const cmr_limits *limits,
                                  void (*write)(const cmr__document *document));

/* The same for texts without a NUL byte, as cmr_value_parse has them. Out: CMR_OK and the value's 64 bits,
 * the upper half first, or the status. */
int judge_answer_values(cmr_type type, uint64_t (*bits)(const cmr_value *value));

#endif
