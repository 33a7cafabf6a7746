/* SPDX-License-Identifier: MIT
 *
 * A document as text, for tests to compare: one line for each entry that users see, in its order.
 *
 *     server.ports[0]=8080 (int) @3:5
 *     server.name=it's (string quoted) @4:3
 *     server.tags=[] @5:3
 *
 * The scalars of properties and text files, which have no type of their own, show none. A backslash
 * and control characters are written as in C, so that an entry is a line whatever it holds. */
#ifndef CMRELOAD_TESTS_SUPPORT_DOCUMENT_TEXT_H
#define CMRELOAD_TESTS_SUPPORT_DOCUMENT_TEXT_H

#include "model/document.h"

/* The caller's to free; NULL when out of memory. */
char *document_text(const cmr__document *document);

#endif
