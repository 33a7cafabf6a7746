/* SPDX-License-Identifier: MIT
 *
 * What is true of every document: that parents, subtrees' ends, numbers of children and positions agree. */
#ifndef CMRELOAD_TESTS_SUPPORT_DOCUMENT_CHECK_H
#define CMRELOAD_TESTS_SUPPORT_DOCUMENT_CHECK_H

#include "model/document.h"

/* The test fails when they do not. */
void check_document(const cmr__document *document);

#endif
